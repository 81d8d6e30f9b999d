"""Programs that give rights to whoever runs them, looked for where software lies and where users keep programs.

Looked at are directories of the system, and a little below those that are users': a file can hide among a million. File systems that ask a server or a
user are left alone. What one user can add takes nothing from what is looked at of others, nor of root's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from hostcheck.api import Hole, Host, LimitExceeded, Stat, Why, attempt, worst_hole
from hostcheck_builtin.system import account_files, mountinfo, mounts_to_avoid, path_walk, quota
from hostcheck_builtin.system.bounds import PROGRAM_NAMES_OF_A_DIRECTORY as DIRECTORY
from hostcheck_builtin.system.bounds import PROGRAM_NAMES_OF_A_USER as NAMES
from hostcheck_builtin.system.bounds import PROGRAMS_BELOW as DEPTH
from hostcheck_builtin.system.bounds import PROGRAMS_OF_A_USER as PROGRAMS
from hostcheck_builtin.system.homes import absent, home_of
from hostcheck_builtin.system.path_walk import LstatCache, WalkedPath
from hostcheck_builtin.system.presence import absent_as

FLAT: Final = ("/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/usr/games", "/usr/local/games")
DEEP: Final = ("/opt", "/srv", "/tmp", "/var/tmp", "/dev/shm", "/run/user", "/run/lock", "/var/crash", "/var/local", "/var/opt", "/var/www", "/var/spool/samba")
"""Where software and users' data lie (hier(7)), and what a system has beside these that all may write to."""
IN_HOME: Final = ("bin", ".local/bin")
POWERLESS: Final = frozenset({"nosuid", "noexec"})
"""Options of a mount on which no program gives anything, or none is run (mount(8))."""
WHAT: Final = "names where users keep programs"
Rights = Literal["group", "owner"]
"""Whose rights a program gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much is looked at, by count: names of one directory, and of root's below one place; of one user names, and programs that are stated.

    `passed` is how many names are passed over in all that are too many of somebody's: to see whose one is takes as long as to look at it.
    """

    directory: int
    roots: int
    names: int
    programs: int
    passed: int


BOUNDS: Final = Bounds(directory=DIRECTORY, roots=DIRECTORY, names=NAMES, programs=PROGRAMS, passed=DIRECTORY)


@dataclass(slots=True, kw_only=True)
class ProgramSearch:
    """What was found, by path, and the holes where something could not be looked at, by place.

    `looked` are the places that were looked through or are not to be, `homes_of_root` the homes that are root's alone: as sshd's ChrootDirectory they may
    hold directories of their users' (sshd_config(5)). `homes` are those that are looked through as such, or were to be, with whose each is. `walked` says
    how deep each place was looked through, and `cut` where not all was, with whose. A hole stands under its place, or as ``uid N`` where that user made it
    and the place is not theirs.
    """

    host: Host
    gives: Rights
    slow: frozenset[str]
    table: list[mountinfo.Mount]
    bounds: Bounds
    names: quota.Quota
    programs: quota.Quota
    looked: set[str]
    homes: dict[str, int] = field(default_factory=dict)
    homes_of_root: list[str] = field(default_factory=list)
    passed: int = 0
    lstats: LstatCache = field(default_factory=dict)
    found: dict[str, WalkedPath | Hole] = field(default_factory=dict)
    walked: dict[str, int] = field(default_factory=dict)
    holes: dict[str, Hole] = field(default_factory=dict)
    cut: dict[str, tuple[str, int]] = field(default_factory=dict)
    here: str = ""
    of_root: int = 0

    def lack(self, place: str, hole: Hole | None) -> None:
        """Note what could not be looked at."""
        if hole is not None:
            self.holes[place] = worst_hole(self.holes.get(place), hole) or hole

    def place(self, path: str, depth: int) -> None:
        """Look through a directory that is no home."""
        way = self._walked(path)
        if way is not None and way.type == "dir":
            self.take(way.realpath, depth)

    def home(self, path: str, uid: int) -> None:
        """Look through a home, and where links lead that stand for its directories for programs; leave a home that is root's for later."""
        way = self._walked(path)
        if way is None:
            self.homes[path] = uid
        if way is None or way.type != "dir" or way.realpath == "/":
            return
        if way.realpath not in self.looked:
            self.homes.setdefault(way.realpath, uid)
        if path_walk.roots_alone(way.end):
            self.homes_of_root.append(way.realpath)
        else:
            self.take(way.realpath, DEPTH)
        for name in IN_HOME:
            inner = self._walked(f"{way.realpath}/{name}")
            if inner is not None and inner.type == "link":
                inner = self._followed(f"{way.realpath}/{name}", inner)
            if inner is not None and inner.type == "dir" and inner.links:
                self.take(inner.realpath, DEPTH)

    def _walked(self, path: str) -> WalkedPath | None:
        """Walk to a directory past root's links; None where it cannot be."""
        way = attempt(path_walk.walk, self.host, path, self.lstats, path_walk.roots_link, avoid=lambda here, _: here in self.slow)
        if isinstance(way, Hole):
            self.lack(path, way)
            return None
        return way

    def _followed(self, path: str, link: WalkedPath) -> WalkedPath | None:
        """Walk past a link that its user made, where all is that user's, or root's and open to anybody; None where it leads to anything else.

        That is no hole: a home or another place is looked through as such, and elsewhere nobody's programs are. One user's link is to take nothing from others.
        """
        way = attempt(path_walk.follow, self.host, path, self.lstats, link, self.slow)
        return None if isinstance(way, Hole) else way

    def take(self, place: str, depth: int, *, theirs: bool = False, reachable: bool = False, part: int = 0) -> None:
        """Note the programs in a directory and below it, once, so that no name counts twice."""
        if place in self.looked or self.is_powerless(place):
            return
        self.here, self.of_root = place, 0
        paths = attempt(self._in, place, {"depth": depth, "theirs": theirs, "reachable": reachable, "part": part})
        self.looked.add(place)
        self.walked[place] = depth
        hole = paths if isinstance(paths, Hole) else getattr(paths, "hole", None)
        for uid in (hole.owners or (0,)) if hole else ():  # what some users hide is not said of the whole place
            key = self._under(place, uid)
            self.lack(key, hole if hole is None or key == place else replace(hole, owners=(uid,)))
        for path in [] if isinstance(paths, Hole) else paths:
            name = f"{place.rstrip('/')}/{path}"
            way = attempt(self._program, name)
            if isinstance(way, Hole) and (maker := self._maker(name)):
                way = way.of(maker)
                if (key := self._under(name, maker)) != name:
                    self.lack(key, way)
                    continue
            if way is None:
                continue
            self.found.setdefault(name, way)

    def _under(self, place: str, uid: int) -> str:
        """Return the key of a hole in a place that a user made."""
        return f"uid {uid}" if uid and self.here not in self.homes else place

    def _maker(self, path: str) -> int:
        """Return whose the first name on the way to a path is that is not root's, 0 where that cannot be told."""
        names = path.split("/")
        for end in range(2, len(names) + 1):
            found = absent_as(None, attempt, self.host.stat, "/".join(names[:end]), follow=False)
            if not isinstance(found, Stat) or found.uid:
                return found.uid if isinstance(found, Stat) else 0
        return 0

    def _in(self, place: str, how: dict[str, Any]) -> list[str]:
        limit, takes, tells = self.bounds.directory, self._takes, self.programs.takes
        return absent_as([], self.host.privileged_programs, place, self.gives, limit=limit, takes=takes, tells=tells, spared=self.looked, **how)

    def _takes(self, uid: int) -> bool:
        """Count a name, and say whether it is looked at; raise LimitExceeded where very many were passed over."""
        self.of_root += uid == 0
        taken = self.names.takes(uid) and (uid != 0 or self.of_root <= self.bounds.roots)
        self.passed += not taken
        if not taken:
            self.cut.setdefault(self._under(self.here, uid), (self.here, uid))
        if self.passed > self.bounds.passed:
            raise LimitExceeded(f"more than {self.bounds.passed} {WHAT} are those of users who have too many")
        return taken

    def cuts(self) -> dict[str, Hole]:
        """Return by place, or user, the hole that somebody's names leave that are too many; it names both."""
        told = ((key, uid, f"{place}: {_many(self.bounds, uid)}, and not all are looked at") for key, (place, uid) in self.cut.items())
        return {key: Hole(why=Why.LIMIT, message=message, owners=(uid,) if uid else ()) for key, uid, message in told}

    def _program(self, path: str) -> WalkedPath | None:
        """Return the way to a program; None where its mount keeps it from giving anything, or it is gone.

        Raises LimitExceeded where a user may have taken it away since it was listed, as by exchanging directories, and may put it back.
        """
        if _options(mountinfo.mount_of(path, self.table)) & POWERLESS:
            return None
        way = path_walk.walk(self.host, path, {}, path_walk.roots_link)
        if not way.found and not path_walk.roots_way(way):
            raise LimitExceeded(f"{path}: was a program at the first look, and is gone or was exchanged meanwhile")
        return way if way.type == "file" else None

    def is_powerless(self, place: str) -> bool:
        """Say whether no program there gives anything, and no other mount lies below."""
        if not _options(mountinfo.mount_of(place, self.table)) & POWERLESS:
            return False
        return not any(mount.point.startswith(f"{place}/") for mount in self.table)


def _many(bounds: Bounds, uid: int) -> str:
    return f"uid {uid} has more than {bounds.names} {WHAT}" if uid else f"root has more than {bounds.roots} names there"


def _options(mount: mountinfo.Mount) -> set[str]:
    return set(mount.options.split(","))


def begin(host: Host, gives: Rights, bounds: Bounds) -> ProgramSearch | Hole:
    """Return a search that has looked at nothing yet."""
    slow, table = attempt(mounts_to_avoid.slow_mounts, host), attempt(mountinfo.mounts, host)
    if isinstance(slow, Hole):
        return slow
    if isinstance(table, Hole):
        return table
    names, programs = quota.Quota(host, bounds.names, 2 * bounds.names), quota.Quota(host, bounds.programs, 2 * bounds.programs)
    return ProgramSearch(host=host, gives=gives, slow=slow, table=table, bounds=bounds, names=names, programs=programs, looked=set(slow))


def search(host: Host, gives: Rights, bounds: Bounds, system: Mapping[str, int]) -> ProgramSearch | Hole:
    """Look first through what is the `system`'s, each place to a depth, then through homes, then where all may write."""
    found = begin(host, gives, bounds)
    if isinstance(found, Hole):
        return found
    homes = attempt(homes_of, host)
    found.lack("", homes if isinstance(homes, Hole) else None)
    _look(found, system, {} if isinstance(homes, Hole) else homes)
    return found


def _look(found: ProgramSearch, system: Mapping[str, int], homes: Mapping[str, int]) -> None:
    for place, depth in system.items():
        found.place(place, depth)
    gone = absent(found.host, homes, found.lstats, found.slow)
    for home, uid in homes.items():
        if home not in gone:
            found.home(home, uid)
    for place in DEEP:
        found.place(place, DEPTH)
    for home in found.homes_of_root:
        found.take(home, DEPTH, theirs=True)


def homes_of(host: Host) -> dict[str, int]:
    """Return where /etc/passwd says that the homes of users are, each before one that it lies in, with the first user whose it is."""
    users = account_files.users(account_files.text_of(host, "/etc/passwd"))[0].values()
    homes: dict[str, int] = {}
    for user in users:
        if user["uid"] != 0 and (home := home_of(user)):
            homes.setdefault(home, user["uid"])
    return {home: homes[home] for home in sorted(homes, key=lambda home: (-home.count("/"), home))}
