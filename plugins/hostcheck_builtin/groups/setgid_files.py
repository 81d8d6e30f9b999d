"""Programs that give whoever runs them a group: files with the set-group-ID bit, where users put programs.

A member of a group can make one of any program (chgrp(1), chmod(1)), and it gives the group when the membership is gone. Looked at are the directories
in which users keep programs, not what lies deeper: a file can hide among a million. File systems that ask a server or a user are left alone.
"""

from collections.abc import Iterable, Iterator
from posixpath import normpath
from typing import Final

from hostcheck.api import ABSENT, Hole, Host, Json, LimitExceeded, attempt, incomplete, worst_hole
from hostcheck_builtin.system import account_files, mountinfo, path_walk
from hostcheck_builtin.system.path_walk import LstatCache, WalkedPath

PLACES: Final = ("/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/opt", "/srv", "/tmp", "/var/tmp", "/dev/shm")
IN_HOME: Final = ("bin", ".local/bin")
HOMES: Final = 2000
ENTRIES: Final = 10_000
"""How many names of one directory are looked at; each costs some 2 microseconds."""


def setgid_files(host: Host) -> Json:
    """State each setgid program that was found, by path; incomplete where a directory could not be looked through."""
    lstats: LstatCache = {}
    slow = attempt(path_walk.slow_mounts, host)
    named = attempt(_homes, host)
    homes = [] if isinstance(named, Hole) else named
    unread = worst_hole(slow, named)
    found: dict[str, Json] = {}
    for place, users in (*((place, False) for place in PLACES), *((home, True) for home in homes)):
        paths = [] if isinstance(slow, Hole) else attempt(lambda at, own: list(_programs(host, at, lstats, slow, own)), place, users)
        if isinstance(paths, Hole):
            unread = worst_hole(unread, paths)
            continue
        for path in paths:
            stated = attempt(_stated, host, path)
            if stated is not None:
                account_files.keep(found, path, stated)
    return incomplete(found, unread)


def _homes(host: Host) -> list[str]:
    """Return where /etc/passwd says that the homes of users are."""
    users = account_files.users(account_files.text_of(host, "/etc/passwd"))[0].values()
    homes = dict.fromkeys(normpath(user["home"]) for user in users if user["uid"] != 0 and user["home"].startswith("/"))
    if len(homes) > HOMES:
        raise LimitExceeded(f"more than {HOMES} homes are not looked through for programs that give a group")
    return sorted(homes)


def _programs(host: Host, place: str, lstats: LstatCache, slow: Iterable[str], users: bool) -> Iterator[str]:
    """Yield the setgid programs in a directory, in the home of one of the `users` in the directories for programs as well."""
    way = _directory(host, place, lstats, slow)
    if way is None or (users and path_walk.roots_alone(way.end)):
        return
    yield from _in(host, way.realpath)
    for name in IN_HOME if users else ():
        if inner := _directory(host, f"{way.realpath}/{name}", lstats, slow):
            yield from _in(host, inner.realpath)


def _directory(host: Host, place: str, lstats: LstatCache, slow: Iterable[str]) -> WalkedPath | None:
    way = path_walk.walk(host, place, lstats, path_walk.roots_link, avoid=lambda here, _: here in slow)
    return way if way.type == "dir" else None


def _in(host: Host, place: str) -> list[str]:
    try:
        return [f"{place}/{name}" for name in host.setgid_programs(place, limit=ENTRIES)]
    except ABSENT:
        return []


def _stated(host: Host, path: str) -> Json:
    """State the way to a program and the program; None where its mount keeps it from giving its group (nosuid of mount(8)), or it is gone."""
    if "nosuid" in mountinfo.mount_of(path, mountinfo.mounts(host)).options.split(","):
        return None
    way = path_walk.walk(host, path, {}, path_walk.roots_link)
    return path_walk.stated(way) if way.type == "file" else None
