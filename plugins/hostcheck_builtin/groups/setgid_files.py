"""Programs that give whoever runs them a group: files with the set-group-ID bit, where users put programs.

A member of a group can make one of any program (chgrp(1), chmod(1)), and it gives the group when the membership is gone. Looked at are the directories
in which users keep programs, and a little below those that are theirs: a file can hide among a million. File systems that ask a server or a user are
left alone.
"""

from dataclasses import dataclass, field
from posixpath import normpath
from typing import Final

from hostcheck.api import ABSENT, Hole, Host, Json, LimitExceeded, attempt, incomplete, worst_hole
from hostcheck_builtin.system import account_files, mountinfo, path_walk, quota
from hostcheck_builtin.system.path_walk import LstatCache, WalkedPath

FLAT: Final = ("/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/usr/games", "/usr/local/games")
DEEP: Final = ("/opt", "/srv", "/tmp", "/var/tmp", "/dev/shm", "/run/user", "/run/lock", "/var/crash", "/var/local", "/var/opt", "/var/www", "/var/spool/samba")
"""Where software and users' data lie (hier(7)), and what a system has beside these that all may write to."""
IN_HOME: Final = ("bin", ".local/bin")
HOMES: Final = 2000
DEPTH: Final = 2
"""How many directories below such a place are looked at: a third level is ten times as many in the home of who builds software."""
ENTRIES: Final = 200_000
"""How many names are looked at of one user, in directories of that user's and where others may write; each costs some 2 microseconds."""
SHARED: Final = 2 * ENTRIES
NAMES: Final = 5 * ENTRIES
"""How many names of one directory are looked at."""
PASSED: Final = 2 * ENTRIES
"""How many names are passed over in all that are too many of somebody's: to see whose one is takes as long as to look at it."""
PROGRAMS: Final = 100
"""How many programs of one user are stated: each may give its group to everybody there is, by a way of its own."""
WHAT: Final = "names where users keep programs"
WHICH: Final = "programs that give a group"


@dataclass(slots=True)
class _Search:
    """What was found, by path, and the worst of what could not be looked at.

    `looked` are the places that were looked through or are not to be, `roots` the homes that are root's alone: as sshd's ChrootDirectory they may hold
    directories of their users' (sshd_config(5)).
    """

    host: Host
    slow: frozenset[str]
    table: list[mountinfo.Mount]
    names: quota.Quota
    programs: quota.Quota
    looked: set[str]
    roots: list[str] = field(default_factory=list)
    passed: int = 0
    lstats: LstatCache = field(default_factory=dict)
    found: dict[str, Json] = field(default_factory=dict)
    unread: Hole | None = None

    def place(self, path: str, depth: int) -> None:
        """Look through a directory that is no home."""
        way = self.walked(path)
        if way is not None and way.type == "dir":
            self.take(way.realpath, depth)

    def home(self, path: str) -> None:
        """Look through a home, and where links lead that stand for its directories for programs; leave a home that is root's for later."""
        way = self.walked(path)
        if way is None or way.type != "dir" or way.realpath == "/":
            return
        if path_walk.roots_alone(way.end):
            self.roots.append(way.realpath)
        else:
            self.take(way.realpath, DEPTH)
        for name in IN_HOME:
            inner = self.walked(f"{way.realpath}/{name}")
            if inner is not None and inner.type == "link":
                inner = self.followed(f"{way.realpath}/{name}", inner)
            if inner is not None and inner.type == "dir" and inner.links:
                self.take(inner.realpath, DEPTH)

    def walked(self, path: str) -> WalkedPath | None:
        """Walk to a directory past root's links; None where it cannot be."""
        way = attempt(path_walk.walk, self.host, path, self.lstats, path_walk.roots_link, avoid=lambda here, _: here in self.slow)
        self.unread = worst_hole(self.unread, way)
        return None if isinstance(way, Hole) else way

    def followed(self, path: str, link: WalkedPath) -> WalkedPath | None:
        """Walk past a link that its user made, where all is that user's, or root's and open to anybody; None where it leads to anything else.

        That is no hole: a home or another place is looked through as such, and elsewhere nobody's programs are. One user's link is to take nothing from others.
        """
        way = attempt(path_walk.follow, self.host, path, self.lstats, link, self.slow)
        return None if isinstance(way, Hole) else way

    def take(self, place: str, depth: int, *, theirs: bool = False) -> None:
        """State the programs in a directory and below it, once, so that no name counts twice."""
        if place in self.looked:
            return
        paths = attempt(self._in, place, depth, theirs)
        self.looked.add(place)
        self.unread = worst_hole(self.unread, paths, getattr(paths, "hole", None))
        for path in [] if isinstance(paths, Hole) else paths:
            stated = attempt(self._stated, f"{place}/{path}")
            if stated is not None:
                self.found.setdefault(f"{place}/{path}", stated)

    def _in(self, place: str, depth: int, theirs: bool) -> list[str]:
        try:
            return self.host.setgid_programs(place, limit=NAMES, depth=depth, takes=self._takes, tells=self.programs.takes, spared=self.looked, theirs=theirs)
        except ABSENT:
            return []

    def _takes(self, uid: int) -> bool:
        """Count a name, and say whether it is looked at; raise LimitExceeded where very many were passed over."""
        taken = self.names.takes(uid)
        self.passed += not taken
        if self.passed > PASSED:
            raise LimitExceeded(f"more than {PASSED} {WHAT} are those of users who have too many")
        return taken

    def _stated(self, path: str) -> Json:
        """State the way to a program and the program; None where its mount keeps it from giving its group (nosuid of mount(8)), or it is gone."""
        if "nosuid" in mountinfo.mount_of(path, self.table).options.split(","):
            return None
        way = path_walk.walk(self.host, path, {}, path_walk.roots_link)
        return path_walk.stated(way) if way.type == "file" else None


def setgid_files(host: Host) -> Json:
    """State each setgid program that was found, by path; incomplete where a directory could not be looked through."""
    slow, table, homes = attempt(path_walk.slow_mounts, host), attempt(mountinfo.mounts, host), attempt(_homes, host)
    if isinstance(slow, Hole) or isinstance(table, Hole):
        return incomplete({}, worst_hole(slow, table, homes))
    accounts = quota.accounts(host)
    names, programs = quota.Quota(accounts, ENTRIES, SHARED), quota.Quota(accounts, PROGRAMS, 2 * PROGRAMS)
    search = _Search(host, slow, table, names, programs, set(slow))
    for place in FLAT:
        search.place(place, 0)
    for home in [] if isinstance(homes, Hole) else homes:
        search.home(home)
    for place in DEEP:
        search.place(place, DEPTH)
    for home in search.roots:
        search.take(home, DEPTH, theirs=True)
    return incomplete(search.found, worst_hole(search.unread, homes, *names.left(WHAT).values(), *programs.left(WHICH).values()))


def _homes(host: Host) -> list[str]:
    """Return where /etc/passwd says that the homes of users are, each before one that it lies in."""
    users = account_files.users(account_files.text_of(host, "/etc/passwd"))[0].values()
    homes = dict.fromkeys(normpath(user["home"]) for user in users if user["uid"] != 0 and user["home"].startswith("/"))
    if len(homes) > HOMES:
        raise LimitExceeded(f"more than {HOMES} homes are not looked through for programs that give a group")
    return sorted(homes, key=lambda home: (-home.count("/"), home))
