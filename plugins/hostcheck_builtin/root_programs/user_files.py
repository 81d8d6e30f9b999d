"""What users run and believe by themselves: files that their shells read when they log in, the keys by which somebody logs in as one, and their cron's jobs.

Whoever changes one becomes that user, and gets as far as they do. Only what others than the user and root may be able to change is stated. What one user
has is looked at, bounded and left open apart from all others, so that nobody makes anything unknown but what is theirs.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from hostcheck.api import Hole, Json, Why, attempt, incomplete, map_known
from hostcheck_builtin.root_programs import cron_jobs, sshd_keys
from hostcheck_builtin.root_programs.root_files import RootFiles, is_alone
from hostcheck_builtin.root_programs.sshd_keys import SshdKeys
from hostcheck_builtin.root_programs.uses import FileGroup, RootUse
from hostcheck_builtin.system import bounds, mounts_to_avoid, path_walk
from hostcheck_builtin.system.account_files import BARRED
from hostcheck_builtin.system.homes import LOST, absent, alive, home_of

OF_SHELLS: Final = {
    "bash": (".bash_profile", ".bash_login", ".profile", ".bashrc"),
    "zsh": (".zshenv", ".zprofile", ".zshrc", ".zlogin"),
    "fish": (".config/fish/config.fish", ".config/fish/conf.d"),
    **dict.fromkeys(("csh", "tcsh"), (".tcshrc", ".cshrc", ".login")),
    **dict.fromkeys(("sh", "dash", "ash", "ksh", "mksh"), (".profile",)),
}
"""What a shell reads at a login; another one may be started by hand, and then reads its own."""
PERHAPS: Final = (".profile", ".bash_aliases", ".xprofile", ".xsessionrc", ".pam_environment")
UNITS: Final = (".config/systemd/user", ".config/autostart", ".config/environment.d")
SEARCH: Final = 0o011
"""What lets others than the owner into a directory."""
SSHD: Final = "/etc/ssh/sshd_config"


def stated(files: RootFiles) -> Json:
    """State by name the files of each user that others may be able to change; incomplete where not all users, or not their tables, are known."""
    files.group = whole = FileGroup()
    tables = _tables(files)
    unlisted, keys, there = whole.hole, sshd_keys.begin(files), cron_jobs.is_there(files)
    users = [user for user in _users(files) if _lets_in(user) or user["name"] in tables]
    gone = _absent(files, users)
    stated = 0
    for user in users:
        if stated > bounds.LOGIN_FILES:
            whole.lack(Hole(why=Why.LIMIT, message=f"more than {bounds.LOGIN_FILES} files of users that others may be able to change"))
            break
        files.group = files.users[user["name"]] = FileGroup(own=user["uid"], most=bounds.WAYS_OF_A_USER)
        if _lets_in(user):
            home = home_of(user)
            files.group.lack(attempt(_keys, files, user, _Home(home, frozenset()), keys) if home in gone else attempt(_home, files, user, keys))
        files.group.lack(unlisted)
        if user["name"] in tables:
            files.group.lack(attempt(cron_jobs.of_user, files, user["name"], user["uid"], there))
        stated += min(len(files.group.entries), bounds.LOGIN_FILES_OF_A_USER)
    return incomplete({name: {"uid": group.own, "files": group.facts()["files"]} for name, group in files.users.items()}, whole.hole)


def _users(files: RootFiles) -> Iterator[dict[str, Any]]:
    """Yield the accounts by the first line of each name, but for those with uid 0: theirs are root's."""
    seen = set[str]()
    for user in files.accounts():
        if user["uid"] and user["name"] not in seen and "/" not in user["name"]:
            yield user
        seen.add(user["name"])


def _tables(files: RootFiles) -> set[str]:
    """Return the names of tables of cron that are users' own."""
    return {name for spool in cron_jobs.SPOOLS for name in files.names(spool)}


def _lets_in(user: dict[str, Any]) -> bool:
    return user["shell"].rpartition("/")[2] not in BARRED and home_of(user) != ""


def _absent(files: RootFiles, users: list[dict[str, Any]]) -> set[str]:
    """Return the homes that are not there, so that nothing in them counts, nor is anybody there for whom they would be mounted."""
    slow, homes = files.search.slow, {home_of(user) for user in users}
    return set() if isinstance(slow, Hole) else absent(files.host, homes, files.search.lstats, slow) | _unmounted(files, users)


def _unmounted(files: RootFiles, users: list[dict[str, Any]]) -> set[str]:
    points = attempt(mounts_to_avoid.automounts, files.host)
    homes = set() if isinstance(points, Hole) else {home for home in map(home_of, users) if mounts_to_avoid.below(home, points)}
    living = attempt(alive, files.host) if homes else set[int]()
    if isinstance(living, Hole) or LOST in living:
        return set()
    return homes - {home_of(user) for user in users if user["uid"] in living}


def _home(files: RootFiles, user: dict[str, Any], keys: SshdKeys) -> None:
    """Take what is in a home; nothing where only its user, and root, can look into it, and nobody else can put something in its place."""
    home, slow = home_of(user), files.search.slow
    way = attempt(path_walk.walk, files.host, home, files.search.lstats, avoid=mounts_to_avoid.refusing(slow, roots_too=True))
    if isinstance(way, Hole):
        files.group.lack(way)
    elif not (way.type == "dir" and is_alone(way, user["uid"]) and not way.end.mode & SEARCH):
        names = attempt(files.host.list_dir, way.realpath) if way.type == "dir" and way.end.uid == user["uid"] and is_alone(way, user["uid"]) else None
        files.group.lack(names)
        there = _Home(home, frozenset(names) if isinstance(names, list) else None)
        _profiles(files, user, there)
        _keys(files, user, there, keys)


class _Home(NamedTuple):
    """A home, with the names in it where nobody but its user can make another, None where somebody can, or they are not known: any may count then."""

    path: str
    names: frozenset[str] | None

    def may_have(self, path: str) -> bool:
        """Say whether a path may lead to something, or to where somebody can put it."""
        inside = path.removeprefix(f"{self.path}/")
        return self.names is None or inside == path or inside.partition("/")[0] in self.names


def _profiles(files: RootFiles, user: dict[str, Any], home: _Home) -> None:
    """Take what a user's shell reads at a login, and what it, or a desktop, may read."""
    name, own = user["name"], OF_SHELLS.get(user["shell"].rpartition("/")[2], ())
    use = RootUse("profile", f"{name}'s shell", "reads", "", "login", name)
    units = use._replace(kind="unit", by=f"{name}'s session", how="all", certain=False)
    wanted = {**dict.fromkeys(UNITS, units), **dict.fromkeys(PERHAPS, use._replace(certain=False)), **dict.fromkeys(own, use)}
    for path, one in ((f"{home.path}/{inside}", one) for inside, one in wanted.items()):
        if home.may_have(path):
            files.take(path, one._replace(place=path))


def _keys(files: RootFiles, user: dict[str, Any], home: _Home, keys: SshdKeys) -> None:
    """Take the files with a user's keys, and what sshd runs for them."""
    files.group.lack(keys.told)
    there = map_known(files.way(SSHD), lambda way: way.found)
    user = {**user, "home": home.path}
    use = RootUse("authorized-keys", "sshd", "reads", "", "key", user["name"], certain=there)
    for path, place, sure in keys.of(user, home.may_have):
        files.take(path, use._replace(place=place, refused=sure is False).only_if(sure))
    path = f"{home.path}/.ssh/rc"
    if home.may_have(path):
        files.take(path, use._replace(kind="profile", place=path, how="runs", when="login"))
