"""Programs that give rights to whoever runs them, and programs that root runs by itself, or has run as a user with a way to root, of which nothing is known.

A program that others than root may have put there, and one that does for its caller whatever its owner may, is a step of a path. So is each setgid program: it
gives its group to whoever can execute it, but for that of /etc/shadow, of which the programs of distributions show nothing.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Final

from hostcheck.api import Hole, HoleError, View, attempt, known, opening
from hostcheck_builtin.paths import unjudged
from hostcheck_builtin.paths.edges_of_groups import SAFE_PROGRAMS
from hostcheck_builtin.paths.edges_of_programs import GIVE_ALL, UNKNOWN
from hostcheck_builtin.paths.unjudged import EVERYBODY, Found, Unjudged
from hostcheck_builtin.privileged_programs import setuid_kinds
from hostcheck_builtin.privileged_programs.command_table import of_program
from hostcheck_builtin.root_programs.uses import BY_HAND

HARMLESS: Final = frozenset("BLOCK_SUSPEND IPC_LOCK LEASE NET_BIND_SERVICE NET_BROADCAST NET_RAW SYS_NICE WAKE_ALARM".split())
"""Capabilities that change nothing of what anybody else runs or may read (capabilities(7))."""
GROUPS: Final = ("cron", "kernel", "logins", "units")
OF_PACKAGES: Final = ("/etc/", "/usr/", "/bin/", "/sbin/", "/lib", "/var/lib/", "/var/cache/", "/run/", "/boot/", "/nix/", "/gnu/", "/snap/")
"""Where packages of distributions put what root runs, or where it is made of that (hier(7)); below /etc it is asked which brought a file."""
CALLED: Final = "command"
"""Kind of what root runs only if somebody types its name."""
SCRIPT: Final = "script"
"""Kind of what a script of root's names."""
NEVER: Final = "unit"
"""When a unit is started that nothing starts."""


def found(facts: Mapping[str, Any]) -> Found:
    """Yield them."""
    yield from unjudged.each(unjudged.part(facts, "setuid-access", "programs"), partial(_setuid, facts))
    yield from unjudged.each(unjudged.part(facts, "group-grants", "setgid_files"), partial(_setgid, facts))
    told = unjudged.part(facts, "root-program-access", "files")
    for group in GROUPS:
        yield from unjudged.each(unjudged.part(facts, "root-programs", group, "places"), partial(_job, facts))
        yield from unjudged.each(unjudged.part(facts, "root-programs", group, "files"), partial(_changeable, facts, told))


def _setuid(facts: Mapping[str, Any], programs: View, path: str) -> Iterable[Unjudged]:
    one: View = programs[path]
    uid = one["as_uid"] if "as_uid" in one else None
    why = _why_root(one) if uid == 0 else _why(one, uid)
    if not why or (uid and not unjudged.has_way(facts, one["owner"])):
        return
    names, hole = _who(one["executed_by"])
    if names:
        kind, as_whom = one["by"], {} if uid is None else {"as_whom": one["owner"] if uid else "root"}
        told = {"kind": kind, "what": path, "rights": one["rights"], **as_whom, "place": path, "why": why, "owner_uid": one["owner_uid"]}
        yield Unjudged(f"{kind} {path}", one["owner_uid"], told, names).stated(hole)


def _why_root(one: View) -> str:
    """Return why nothing is known of a program that makes its caller root, "" where it is, or where a path tells of it."""
    content: str = one["content"]
    if content not in (*UNKNOWN, "not-compared") or (kind := one["kind"]) in GIVE_ALL:
        return ""
    if content in UNKNOWN:
        return "" if one["user_may_have_put_it"] else content
    return content if kind == "other" else ""


def _why(one: View, uid: int | None) -> str:
    """Return the same of another, whose content nobody compares: a shell makes its caller its owner, which is a step of a path."""
    if uid is None and HARMLESS.issuperset(one["capabilities"]):
        return ""
    return "not-compared" if one["kind"] == "other" or (uid is None and one["kind"] in GIVE_ALL) else ""


def _who(executed: View) -> tuple[tuple[str, ...], Hole | None]:
    """Return who can execute a program, with the hole where there may be others; raises HoleError where nobody is known to."""
    if executed["everyone"]:
        return (EVERYBODY,), None
    names, hole = tuple(known(executed["users"])), opening(executed["users"])
    if hole and not names:
        raise HoleError(hole)
    return names, hole


def _setgid(facts: Mapping[str, Any], files: View, path: str) -> Iterable[Unjudged]:
    one: View = files[path]
    real = one["realpath"]
    of_system = setuid_kinds.is_of_system(real)
    if (of_system and real.rpartition("/")[2] in setuid_kinds.EXPECTED) or not all(map(_is_open, (one, *one["parents"].values()))):
        return
    groups: View = facts["socket-access"]["groups"]
    for group in sorted(SAFE_PROGRAMS):
        if group in groups and groups[group]["gid"] == one["owner_gid"]:
            why = "not-compared" if of_system else "unusual-place"
            told = {"kind": "setgid", "what": path, "as_whom": f"group {group}", "place": path, "why": why, "owner_uid": one["owner_uid"]}
            yield Unjudged(f"setgid {path}", one["owner_uid"], told, (EVERYBODY,)).stated()


def _is_open(place: View) -> bool:
    """Say whether everybody may execute a file or search a directory: of whoever else is let in, a path tells."""
    return int(place["mode"], 8) & 0o111 == 0o111 and not list(place["acl"])


def _changeable(facts: Mapping[str, Any], told: View | Hole, files: View, path: str) -> Iterable[Unjudged | Hole]:
    """Yield the jobs of a file that others than root may be able to change, unless somebody can: of that a path tells."""
    file: View = files[path]
    if file["type"] != "file" or not _own(file, file["realpath"]):
        return
    if isinstance(told, Hole):
        yield told
    elif path not in told:
        yield from _job(facts, files, path)


def _job(facts: Mapping[str, Any], files: View, path: str) -> Iterable[Unjudged | Hole]:
    file: View = files[path]
    real = file["realpath"] if "realpath" in file else path
    if why := _own(file, real):
        told = {"kind": "job", "what": real, "why": why, "owner_uid": file["owner_uid"] if "owner_uid" in file else 0}
        yield from unjudged.each(attempt(file.__getitem__, "uses"), partial(_use, facts, told))


def _use(facts: Mapping[str, Any], told: dict[str, Any], uses: View, key: str) -> Iterable[Unjudged]:
    one: View = uses[key]
    user = "root" if one["user"] == "0" else one["user"]
    if one["how"] != "runs" or one["kind"] == CALLED or not unjudged.has_way(facts, user) or one["when"] == NEVER:
        return
    place = one["place"]
    if one["kind"] == SCRIPT and _is_unusual(place.rpartition(":")[0]):
        return  # the script is a job itself
    yield Unjudged(f"job {told['what']}: {key}", told["owner_uid"], {**told, "as_whom": user, "place": place}, (one["by"],)).stated()


def _own(file: View, real: str) -> str:
    """Return why nothing is known of what a file does that is run: no package brought it, or none would put it there; "" where one may have."""
    if "packaged" in file:
        return "" if file["packaged"] else "of-no-package"
    return "unusual-place" if _is_unusual(real) else ""


def _is_unusual(path: str) -> bool:
    """Say whether no package of a distribution puts a program there, nor the catalogue knows one of its name."""
    name = path.rpartition("/")[2]
    known_name = name in setuid_kinds.ENGINES or of_program(path)
    return not known_name and (path.startswith(BY_HAND) or not path.startswith(OF_PACKAGES))
