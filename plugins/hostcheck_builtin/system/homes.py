"""Which homes to look into for what a user runs or has set up there, and whose they are.

A home on a server, or one that is mounted when looked at, is left alone unless its user has a process: what is not mounted runs nothing. One that
belongs to root, and to which nobody else may write, is no place of a user's.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from posixpath import normpath
from typing import Final, NamedTuple

from hostcheck.api import Hole, Host, Json, Why, attempt, incomplete, worst_hole
from hostcheck_builtin.system import account_files, bounds, mounts_to_avoid, path_walk
from hostcheck_builtin.system.path_walk import LstatCache
from hostcheck_builtin.system.presence import absent_as

MACS: Final = "/Users"
"""Where a Mac has its homes; its /etc/passwd names nobody who logs in."""
LOST: Final = -1
"""The uid of a process that is there and could not be looked at."""


class Home(NamedTuple):
    """A directory that is a home, with the users whose it is, and its name: its real path, or the hole where it could not be looked at."""

    uids: frozenset[int]
    name: str
    place: str | Hole


def home_of(user: Json) -> str:
    """Return the home of a user of /etc/passwd as a path is written that has one form; "" where it is / or no path."""
    home = normpath(user["home"]).replace("//", "/")
    return home if home.startswith("/") and home != "/" else ""


def homes(host: Host, lstats: LstatCache, spared: frozenset[str] = frozenset()) -> tuple[list[Home], Hole | None]:
    """Return the homes of all users but root, and the hole where there may be more; one below a mount that is `spared` is a hole of its own."""
    slow = attempt(mounts_to_avoid.slow_mounts, host)
    if isinstance(slow, Hole) and slow.why is Why.UNSUPPORTED:
        return _macs(host, lstats)
    people = attempt(lambda: account_files.users(account_files.text_of(host, "/etc/passwd"))[0].values())
    if isinstance(people, Hole):
        return [], people
    named: dict[str, set[int]] = {}
    for user in people:
        if user["uid"] != 0 and (home := home_of(user)):
            named.setdefault(home, set()).add(user["uid"])
    if not isinstance(slow, Hole):
        gone = absent(host, named, lstats, slow | spared)
        named = {home: uids for home, uids in named.items() if home not in gone}
    found, unread = _named(host, named, lstats, slow, spared)
    return found, worst_hole(unread, _nameless(host, {user["uid"] for user in people}))


def absent(host: Host, homes: Collection[str], lstats: LstatCache, avoided: frozenset[str]) -> set[str]:
    """Return the homes that are surely not there: of thousands who never came, or whose homes are elsewhere, each would cost as much as one that is.

    That is told where many are named in a directory that nobody but root can change, and that is at no `avoided` mount.
    """
    folders: dict[str, list[str]] = {}
    for home in homes:
        folders.setdefault(home.rpartition("/")[0] or "/", []).append(home)
    gone: set[str] = set()
    for folder, named in folders.items():
        names = attempt(_names, host, folder, lstats, avoided) if len(named) > bounds.HOMES_LOOKED_AT else None
        if isinstance(names, frozenset):
            gone.update(home for home in named if home.isascii() and home.rpartition("/")[2].casefold() not in names)
    return gone


def _names(host: Host, folder: str, lstats: LstatCache, avoided: frozenset[str]) -> frozenset[str] | None:
    """Return the names in a directory of root's, as one has them that does not tell letters apart by case; None where others may have a part in it."""
    way = path_walk.walk(host, folder, lstats, path_walk.roots_link, avoid=lambda here, _: here in avoided)
    if not path_walk.roots_way(way) or way.type not in ("dir", "absent"):
        return None
    names = absent_as(None, host.list_dir, way.realpath, limit=bounds.NAMES_OF_HOMES) if way.type == "dir" and path_walk.roots_alone(way.end) else None
    return frozenset() if way.type == "absent" else None if names is None else frozenset(name.casefold() for name in names)


def _macs(host: Host, lstats: LstatCache) -> tuple[list[Home], Hole | None]:
    names = attempt(host.list_dir, MACS)
    if isinstance(names, Hole):
        return [], names
    found: list[Home] = []
    for name in names:
        way = attempt(path_walk.walk, host, f"{MACS}/{name}", lstats, path_walk.roots_link)
        if isinstance(way, Hole):
            return found, way
        if way.type == "dir" and way.end.uid != 0:
            found.append(Home(frozenset({way.end.uid}), f"{MACS}/{name}", way.realpath))
    return found, None


def _named(host: Host, named: dict[str, set[int]], lstats: LstatCache, slow: frozenset[str] | Hole, spared: frozenset[str]) -> tuple[list[Home], Hole | None]:
    """Return the homes that are named, those on a server only where their users have a process."""
    found: list[Home] = []
    refuse = mounts_to_avoid.refusing(spared, roots_too=True)
    if isinstance(slow, Hole):
        unread, left = slow, list(named)
    else:
        unread, left = None, [path for path, uids in named.items() if not _look(host, path, uids, lstats, slow, refuse, found)]
    living = attempt(alive, host) if left else set[int]()
    if isinstance(living, Hole):
        return found, worst_hole(unread, living)
    for path in left:
        if named[path] & living:
            _look(host, path, named[path], lstats, frozenset(), refuse, found)
        elif LOST in living:
            unread = worst_hole(unread, Hole(why=Why.DENIED, message="a process that cannot be looked at may be of a user whose home is on a server"))
    return found, unread


def _look(host: Host, path: str, uids: Iterable[int], lstats: LstatCache, slow: frozenset[str], refuse: mounts_to_avoid.Avoid, found: list[Home]) -> bool:
    """Add a home if one is there; return false, without having looked, where the way leads to one of the `slow` mounts."""
    shunned: list[str] = []

    def avoid(here: str, alone: bool) -> bool:
        if here in slow:
            shunned.append(here)
        return here in slow or refuse(here, alone)

    way = attempt(path_walk.walk, host, path, lstats, path_walk.roots_link, avoid=avoid)
    if isinstance(way, Hole):
        found.append(Home(frozenset(uids), path, way))
    elif way.type == "link":
        found.append(Home(frozenset(uids), path, Hole(why=Why.UNSUPPORTED, message=f"{path}: a link that somebody other than root made is not followed")))
    elif way.type == "dir" and (way.end.uid != 0 or way.end.mode & path_walk.OTHERS_WRITE):
        found.append(Home(frozenset(uids), path, way.realpath))
    return not shunned


def alive(host: Host) -> set[int]:
    """Return the users who have a process."""
    return {uid for process in host.processes() for uid in process.uids[:2]}


def _nameless(host: Host, known: set[int]) -> Hole | None:
    """Return the hole that living users leave of whom /etc/passwd tells no home, where others than the files may name users."""
    databases = attempt(account_files.databases_of, host)
    if not isinstance(databases, Hole) and account_files.ENUMERATES.issuperset(account_files.asked(databases, "passwd")):
        return None
    unread = databases if isinstance(databases, Hole) else None
    everyone = attempt(host.processes)
    if isinstance(everyone, Hole):
        return worst_hole(unread, everyone)
    if all(process.uids[1] in known for process in everyone if process.host_mounts is not False and not process.lost):
        return None
    return worst_hole(unread, Hole(why=Why.LIMIT, message="users with processes who are not in /etc/passwd have homes that are not known"))


def theirs(told: Json, home: Home) -> Json:
    """Return what is told of a home, where what is not known is about the things of its users alone."""
    if isinstance(told, Hole):
        return told if told.owners else replace(told, owners=tuple(sorted(home.uids)))
    if isinstance(told, dict):
        inner: Json = {key: theirs(value, home) for key, value in told.items()}
    elif isinstance(told, list):
        inner = [theirs(value, home) for value in told]
    else:
        return told
    hole = getattr(told, "hole", None)
    return inner if hole is None else incomplete(inner, theirs(hole, home))
