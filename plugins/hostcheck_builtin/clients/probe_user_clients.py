"""Clients of users: which engine each user's docker command is told to talk to, and which engines systemd starts for them.

Files are read and no shell is run, and the environment of living processes is left alone: it is full of passwords. What is in a home speaks of its
user only; a file system that a user's process answers for is not looked at, so that it keeps nobody waiting.
"""

from collections.abc import Callable, Container, Iterator, Mapping
from functools import partial
from posixpath import basename
from typing import Final, NamedTuple

from hostcheck.api import Hole, Host, Json, LimitExceeded, Why, attempt, incomplete, worst_hole
from hostcheck_builtin.clients import client_endpoints, shell_settings, user_units
from hostcheck_builtin.clients.client_endpoints import PROFILES
from hostcheck_builtin.clients.shell_settings import Settings
from hostcheck_builtin.system import account_files
from hostcheck_builtin.system.bounds import CLIENT_FILES_OF_A_USER as FILES
from hostcheck_builtin.system.bounds import PROFILE_BYTES as SIZE
from hostcheck_builtin.system.bounds import PROFILES_OF_A_HOME as CODE
from hostcheck_builtin.system.home_dir import Folder, Place, look_into_homes
from hostcheck_builtin.system.presence import absent_as

VARIABLES: Final = ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_TLS_VERIFY")
SYSTEM: Final = (
    "/etc/profile",
    "/etc/bash.bashrc",
    "/etc/bashrc",
    "/etc/zshenv",
    "/etc/zprofile",
    "/etc/zshrc",
    *(f"/etc/zsh/z{name}" for name in ("shenv", "profile", "shrc")),
)
PAM: Final = "/etc/environment"
FOLDERS: Final = {"/etc/profile.d": ".sh", "/etc/environment.d": ".conf", "/usr/local/lib/environment.d": ".conf", "/usr/lib/environment.d": ".conf"}
USUAL: Final = {"XDG_RUNTIME_DIR": {"$XDG_RUNTIME_DIR", "/run/user/$UID"}, "HOME": {"$HOME"}}
Read = Callable[[str, tuple[str, ...]], Settings]
Variables = dict[str, Json]
Named = tuple[set[str], Hole | None]
"""The names of contexts, and why there may be others."""


class Everyone(NamedTuple):
    """What is known of all users before their homes are looked into: the contexts that are named for them, and their login shells by uid."""

    named: Named
    shells: dict[int, set[str]]


def collect(host: Host) -> Json:
    """State ``{users, everybody, enabled, lingering}``: by uid and home what its user's commands are told, and what holds for all of them."""
    everybody, unlisted = _of_system(host)
    return {
        "users": _users(host, Everyone(_contexts(everybody, unlisted), _shells(host))),
        "everybody": incomplete(everybody, unlisted),
        "enabled": attempt(user_units.of_all, host),
        "lingering": attempt(user_units.lingering, host),
    }


def _shells(host: Host) -> dict[int, set[str]]:
    """Return the login shells, none where they are not known: neither are the homes then, or it is a Mac."""
    found: dict[int, set[str]] = {}
    people = attempt(lambda: account_files.users(account_files.text_of(host, "/etc/passwd"))[0].values())
    for user in () if isinstance(people, Hole) else people:
        found.setdefault(user["uid"], set()).add(basename(user["shell"]))
    return found


def _users(host: Host, everyone: Everyone) -> Json:
    found, unread = look_into_homes(host, partial(_told, everyone=everyone))
    users: dict[str, dict[str, Json]] = {}
    for home, told in found:
        for uid in home.uids:
            users.setdefault(str(uid), {})[home.name] = told
    return incomplete({uid: _known(theirs) for uid, theirs in sorted(users.items())}, unread)


def _known(theirs: dict[str, Json]) -> Json:
    """Return the homes of a user, or one hole where nothing is known of any of them."""
    holes = [home for home in theirs.values() if isinstance(home, Hole)]
    return theirs if len(holes) < len(theirs) else worst_hole(*holes)


def _told(place: Place, everyone: Everyone) -> Json:
    """State what a home tells."""
    uid = place.owner()
    texts: dict[str, str] = {}
    variables = dict(_of_home(place, Folder(place=place, path=place.path, uid=uid), texts))
    unlisted = variables.pop("", None)
    usual = {"XDG_RUNTIME_DIR": {*USUAL["XDG_RUNTIME_DIR"], f"/run/user/{uid}"}, "HOME": {*USUAL["HOME"], *place.called}}
    variables, other = _moved(variables, texts, usual)
    more = worst_hole(unlisted, other, *client_endpoints.elsewhere(place, everyone.shells, texts))
    current = attempt(client_endpoints.current, place)
    return {
        "variables": incomplete(variables, more),
        "context": current,
        "contexts": _lead(place, everyone.named, _contexts(variables, more), ({current}, None) if isinstance(current, str) else (set(), current)),
        "enabled": attempt(user_units.own, place),
    }


def _lead(place: Place, *named: Named) -> Json:
    """State where contexts lead; what may name others leaves them open."""
    wanted = sorted(set[str]().union(*(names for names, _ in named)) - {"", "default"})
    unsure = worst_hole(*(hole for _, hole in named), Hole(why=Why.LIMIT, message=f"more than {FILES} contexts") if len(wanted) > FILES else None)
    found = {name: attempt(client_endpoints.context, place, name) for name in wanted[:FILES]}
    return incomplete(found, unsure)


def _contexts(variables: Variables, unsure: Hole | None) -> Named:
    """Return the names of contexts that variables give, and the hole where they may give others."""
    stated = [one.get("docker_context", "") if isinstance(one, dict) else one for one in variables.values()]
    return {name for name in stated if isinstance(name, str)}, worst_hole(unsure, *stated)


def _moved(variables: Variables, texts: dict[str, str], usual: Mapping[str, Container[str]]) -> tuple[Variables, Hole | None]:
    """Return the variables, those not known that use one which a file may move, and the hole where there is one: other files may use it."""
    names = sorted(set[str]().union(*(shell_settings.moved(text, usual) for text in texts.values())))
    if not names:
        return variables, None
    hole = Hole(why=Why.UNSUPPORTED, message=f"{' and '.join(names)}: a file that sets up a session gives it a value of its own")
    return {path: _without(one, names, hole) if isinstance(one, dict) else one for path, one in variables.items()}, hole


def _without(settings: dict[str, Json], names: list[str], hole: Hole) -> Json:
    stated = {key: value.get("path", "") if isinstance(value, dict) else value for key, value in settings.items()}
    return {key: hole if any(f"${name}" in str(stated[key]) for name in names) else value for key, value in settings.items()}


def _of_home(place: Place, home: Folder, texts: dict[str, str]) -> Iterator[tuple[str, Json]]:
    """Yield what each file of a home sets, by its path; under "" the hole where there may be other files."""
    for name in PROFILES:
        if name in place.names:
            yield from _stated(f"{place.path}/{name}", attempt(_read, home, name, shell_settings.shell, texts))
    folder = attempt(place.folder, ".config", "environment.d")
    if isinstance(folder, Hole):
        yield "", folder
    elif folder is not None:
        names = attempt(folder.names)
        listed = [] if isinstance(names, Hole) else [name for name in names if name.endswith(".conf")]
        for name in listed[:FILES]:
            yield from _stated(f"{folder.path}/{name}", attempt(_read, folder, name, shell_settings.environment_d, texts))
        if isinstance(names, Hole) or len(listed) > FILES:
            yield "", names if isinstance(names, Hole) else Hole(why=Why.LIMIT, message=f"{folder.path}: more than {FILES} files")


def _read(folder: Folder, name: str, read: Read, texts: dict[str, str]) -> Settings:
    """Return what a file sets, and keep its text; raises LimitExceeded once those that name a variable are too long together to be read for one user."""
    text = (folder.read(name) or b"").decode("utf-8", "replace")
    texts[f"{folder.path}/{name}"] = text
    if not _names_one(text):
        return {}
    if sum(len(one) for one in texts.values() if _names_one(one)) > CODE:
        raise LimitExceeded(f"{folder.path}/{name}: more than {CODE} characters in the profiles of one user")
    return read(text, VARIABLES)


def _names_one(text: str) -> bool:
    return any(variable in text for variable in VARIABLES)


def _stated(path: str, settings: Settings | Hole) -> Iterator[tuple[str, Json]]:
    """Yield what a file sets, nothing where it sets none of the variables."""
    if isinstance(settings, Hole):
        yield path, settings
    elif settings:
        yield path, {name.lower(): client_endpoints.stated(name.lower(), value) for name, value in settings.items()}


def _of_system(host: Host) -> tuple[Variables, Hole | None]:
    """Return what the files of the system set for everybody, by path, and the hole where there may be others."""
    found: Variables = {}
    unread: Hole | None = None
    paths = [PAM, *SYSTEM]
    for folder, ending in FOLDERS.items():
        names = absent_as([], attempt, host.list_dir, folder)
        unread = worst_hole(unread, names)
        paths += [] if isinstance(names, Hole) else [f"{folder}/{name}" for name in names if name.endswith(ending)]
    texts: dict[str, str] = {}
    for path in paths:
        found.update(_stated(path, attempt(_system, host, path, texts)))
    found, other = _moved(found, texts, USUAL)
    return found, worst_hole(unread, other)


def _system(host: Host, path: str, texts: dict[str, str]) -> Settings:
    """Return what a file of the system sets; by its name it is one of a shell, of pam_env or of environment.d."""
    text = host.read_text(path, missing="", limit=SIZE)
    texts[path] = text
    if path == PAM or basename(path.rpartition("/")[0]) == "environment.d":
        return shell_settings.pam_environment(text, VARIABLES) if path == PAM else shell_settings.environment_d(text, VARIABLES)
    return shell_settings.shell(text, VARIABLES)
