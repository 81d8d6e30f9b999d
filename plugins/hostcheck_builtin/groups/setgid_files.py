"""Programs that give whoever runs them a group: files with the set-group-ID bit, where users put programs.

A member of a group can make one of any program (chgrp(1), chmod(1)), and it gives the group when the membership is gone. Looked at are the directories
in which users keep programs, and a little below those that are theirs: a file can hide among a million. File systems that ask a server or a user are
left alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from posixpath import normpath
from typing import Final

from hostcheck.api import ABSENT, Hole, Host, Json, LimitExceeded, Stat, Why, attempt, incomplete, worst_hole
from hostcheck_builtin.system import account_files, mountinfo, path_walk, quota
from hostcheck_builtin.system.path_walk import LstatCache, WalkedPath

FLAT: Final = ("/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin")
DEEP: Final = ("/opt", "/srv", "/tmp", "/var/tmp", "/dev/shm", "/run/user")
IN_HOME: Final = ("bin", ".local/bin")
HOMES: Final = 2000
DEPTH: Final = 2
"""How many directories below such a place are looked at: a third level is ten times as many in the home of who builds software."""
ENTRIES: Final = 200_000
"""How many names are looked at of one user, in directories of that user's and where all may write; each costs some 2 microseconds."""
SHARED: Final = 2 * ENTRIES
NAMES: Final = 5 * ENTRIES
"""How many names of one directory are looked at."""
WHAT: Final = "names where users keep programs"


@dataclass(slots=True)
class _Search:
    """What was found, by path, and the worst of what could not be looked at."""

    host: Host
    slow: frozenset[str]
    counted: quota.Quota
    lstats: LstatCache = field(default_factory=dict)
    found: dict[str, Json] = field(default_factory=dict)
    unread: Hole | None = None

    def place(self, path: str, depth: int) -> None:
        """Look through a directory that is no home."""
        way = self.walked(path)
        if way is not None and way.type == "dir":
            self.take(way.realpath, depth)

    def home(self, path: str) -> None:
        """Look through a home, and its directories for programs: what is root's alone is no place of a user's, but a directory in it may be."""
        way = self.walked(path)
        if way is None or way.type != "dir" or way.realpath == "/":
            return
        if listed := not path_walk.roots_alone(way.end):
            self.take(way.realpath, DEPTH)
        for name in IN_HOME:
            inner = self.walked(f"{way.realpath}/{name}")
            if inner is not None and inner.type == "link":
                inner = self.followed(f"{way.realpath}/{name}", inner)
            if inner is not None and inner.type == "dir" and (inner.links or not listed):
                self.take(inner.realpath, DEPTH)

    def walked(self, path: str) -> WalkedPath | None:
        """Walk to a directory past root's links; None where it cannot be."""
        way = attempt(path_walk.walk, self.host, path, self.lstats, path_walk.roots_link, avoid=lambda here, _: here in self.slow)
        return self.known(way)

    def followed(self, path: str, link: WalkedPath) -> WalkedPath | None:
        """Walk past a link that its user made, as far as all is that user's, or root's and open to anybody; else it is not known what is there.

        What is root's alone at its end is passed over: only root puts programs there.
        """
        uid = link.end.uid

        def enter(found: Stat) -> bool:
            return found.uid == uid or (found.uid == 0 and (found.type != "dir" or bool(found.mode & path_walk.OTHERS_SEARCH)))

        way = self.known(attempt(path_walk.walk, self.host, path, self.lstats, enter, avoid=lambda here, _: here in self.slow))
        if way is not None and (way.type in ("link", "closed") or (way.type == "dir" and way.end.uid != uid and not path_walk.roots_alone(way.end))):
            self.known(Hole(why=Why.UNSUPPORTED, message=f"{path}: a link that uid {uid} made is not followed; make it a directory, or remove it"))
            return None
        return way if way is None or way.end.uid == uid else None

    def known(self, way: WalkedPath | Hole) -> WalkedPath | None:
        """Return what is no hole, and keep the worst of the holes."""
        self.unread = worst_hole(self.unread, way)
        return None if isinstance(way, Hole) else way

    def take(self, place: str, depth: int) -> None:
        """State the programs in a directory; those below it are lost where one there cannot be looked through, and those in it are not."""
        paths = attempt(lambda: list(self._in(place, depth)))
        if isinstance(paths, Hole):
            self.unread = worst_hole(self.unread, paths)
            paths = attempt(lambda: list(self._in(place, 0))) if depth else []
        for path in [] if isinstance(paths, Hole) else paths:
            stated = attempt(_stated, self.host, path)
            if stated is not None:
                self.found.setdefault(path, stated)

    def _in(self, place: str, depth: int) -> Iterator[str]:
        try:
            names = self.host.setgid_programs(place, limit=NAMES, depth=depth, takes=self.counted.takes, spared=self.slow)
        except ABSENT:
            return
        yield from (f"{place}/{name}" for name in names)


def setgid_files(host: Host) -> Json:
    """State each setgid program that was found, by path; incomplete where a directory could not be looked through."""
    slow, homes = attempt(path_walk.slow_mounts, host), attempt(_homes, host)
    if isinstance(slow, Hole):
        return incomplete({}, worst_hole(slow, homes))
    search = _Search(host, slow, quota.Quota(quota.accounts(host), ENTRIES, SHARED))
    for place in FLAT:
        search.place(place, 0)
    for place in DEEP:
        search.place(place, DEPTH)
    for home in [] if isinstance(homes, Hole) else homes:
        search.home(home)
    return incomplete(search.found, worst_hole(search.unread, homes, *search.counted.left(WHAT).values()))


def _homes(host: Host) -> list[str]:
    """Return where /etc/passwd says that the homes of users are."""
    users = account_files.users(account_files.text_of(host, "/etc/passwd"))[0].values()
    homes = dict.fromkeys(normpath(user["home"]) for user in users if user["uid"] != 0 and user["home"].startswith("/"))
    if len(homes) > HOMES:
        raise LimitExceeded(f"more than {HOMES} homes are not looked through for programs that give a group")
    return sorted(homes)


def _stated(host: Host, path: str) -> Json:
    """State the way to a program and the program; None where its mount keeps it from giving its group (nosuid of mount(8)), or it is gone."""
    if "nosuid" in mountinfo.mount_of(path, mountinfo.mounts(host)).options.split(","):
        return None
    way = path_walk.walk(host, path, {}, path_walk.roots_link)
    return path_walk.stated(way) if way.type == "file" else None
