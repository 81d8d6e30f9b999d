"""Where this process sees another file system than process 1 does: what is read there says nothing of the host.

A unit with ProtectHome=, PrivateTmp= or TemporaryFileSystem= (systemd.exec(5)) has such places, and so has whoever ran unshare(1). Two tables of mounts are
compared by what stands at each mount point, device and path on it: a directory that is mounted over itself, as ProtectSystem= does, is the same.
"""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from typing import Final, NamedTuple

from hostcheck.deferred import pattern

OWN: Final = b"/proc/self/mountinfo"
INIT: Final = b"/proc/1/mountinfo"
ROUNDS: Final = 3
"""How often both are read: what is mounted between the two makes them differ once."""
KERNELS: Final = ("/proc/", "/sys/")
"""What the kernel tells there is told of who asks; whether it tells all is asked by the probes (hidepid, a narrower pid namespace)."""
CONTAINERS: Final = ("/.dockerenv", "/run/.containerenv", "/run/systemd/container")
"""What stands in a container: with the processes of the host it has a root directory of its own, and that is what the scan is about."""
EMPTIED: Final = frozenset({"/etc", "/home", "/root", "/run/user"})
"""Where systemd mounts an empty file system to hide what is there, and no host has one by itself but a live system."""
PRIVATE: Final = ("/systemd-private-", "/systemd/inaccessible/")
"""What systemd mounts for PrivateTmp=, InaccessiblePaths= and ProtectHome=yes has this in its path."""
GIVING_NOTHING: Final = frozenset((b"nosuid", b"noexec"))
"""Options of a mount on which no program gives anything, or none is run (mount(8)); fusermount3(1) sets the first whenever a user mounts."""
ESCAPE: Final = pattern(r"\\([0-7]{3})", re.ASCII)


class Mount(NamedTuple):
    """One line of a mountinfo (proc_pid_mountinfo(5)): `root` of the file system on `device` is seen at `point`."""

    id: str
    parent: str
    device: str
    root: str
    point: str
    fstype: str


class Table:
    """The mounts that a process sees, in the order of its mountinfo."""

    def __init__(self, text: str) -> None:
        """Take the text of a mountinfo; raises ValueError at a line that is no mount."""
        self.mounts = [_mount(line) for line in text.split("\n") if line]
        self._standing: dict[str, dict[str, Mount]] = {}
        ids = {mount.id for mount in self.mounts}
        self._first: Mount | None = None
        for mount in self.mounts:
            if mount.point == "/" and (mount.parent not in ids or mount.parent == mount.id):
                self._first = self._first or mount
            elif mount.parent != mount.id:
                self._standing.setdefault(mount.parent, {})[mount.point] = mount

    def at(self, path: str) -> tuple[str, str] | None:
        """Return device and path on it of what is seen at `path`, which has no links; None where nothing is at /, as after chroot(2) to a directory."""
        here = self._first
        while here is not None and (above := self._above(here, path)) is not None:
            here = above
        return None if here is None else (here.device, here.root.rstrip("/") + path[len(here.point.rstrip("/")) :])

    def _above(self, here: Mount, path: str) -> Mount | None:
        """Return the first mount on the way from the point of another to `path`, one at the same point before others."""
        standing = self._standing.get(here.id)
        return next((standing[point] for point in _between(here.point, path) if point in standing), None) if standing else None


def _between(point: str, path: str) -> Iterator[str]:
    yield point
    end = len(point.rstrip("/"))
    while end < len(path.rstrip("/")):
        end = path.find("/", end + 1)
        end = len(path) if end < 0 else end
        yield path[:end]


def _mount(line: str) -> Mount:
    before, dash, after = line.partition(" - ")
    fields = before.split(" ", 5)
    if len(fields) < 6 or not dash:
        raise ValueError("a line that is no mount")
    return Mount(fields[0], fields[1], fields[2], _plain(fields[3]), _plain(fields[4]), after.partition(" ")[0])


def _plain(name: str) -> str:
    return ESCAPE.sub(lambda code: chr(int(code[1], 8)), name) if "\\" in name else name


@cache
def elsewhere() -> frozenset[str]:
    """Return the places where this process sees something else than process 1, the uppermost of each; once a process, which keeps the mounts it began with."""
    found = frozenset[str]()
    if _is_together():
        return found
    for _ in range(ROUNDS):
        own, init = _read(OWN), _read(INIT)
        if not own or own == init:
            return frozenset()
        found = differing(Table(own), Table(init)) if init else suspect(Table(own))
        if not found:
            break
    if "/" in found and any(os.path.lexists(mark) for mark in CONTAINERS):
        return frozenset()
    return found


def _is_together() -> bool:
    """Say whether this process has the mounts and the root directory of process 1, as far as it may look at that."""
    with suppress(OSError):
        same = os.readlink("/proc/self/ns/mnt") == os.readlink("/proc/1/ns/mnt")
        return same and os.path.samestat(os.stat("/proc/self/root"), os.stat("/proc/1/root"))
    return False


def _read(path: bytes) -> str:
    """Return a table, "" where it is hidden."""
    with suppress(OSError), open(path, "rb") as file:
        return file.read().decode("utf-8", "surrogateescape")
    return ""


def differing(own: Table, init: Table) -> frozenset[str]:
    """Return the uppermost mount points of either at which they show different things."""
    points = {mount.point for table in (own, init) for mount in table.mounts}
    found = set[str]()
    for point in sorted({"/", *points}, key=len):
        if not f"{point}/".startswith(KERNELS) and not covered(point, found) and own.at(point) != init.at(point):
            found.add(point)
    return frozenset(found)


def suspect(own: Table) -> frozenset[str]:
    """Return what systemd mounts to hide what is there, where the table of process 1 is hidden as well."""
    emptied = {mount.point for mount in own.mounts if mount.fstype == "tmpfs" and mount.point in EMPTIED}
    return frozenset(emptied | {mount.point for mount in own.mounts if any(sign in mount.root for sign in PRIVATE)})


def covered(path: str, places: "set[str] | frozenset[str]") -> str:
    """Return which of these places a path without links is at or below, "" for none."""
    if not places:
        return ""
    return next((place for place in ("/", *_between("/", path)) if place in places), "")


def shows_users_own(descriptor: int) -> bool | None:
    """Say whether what is open is on a FUSE file system on which no program gives rights: what it says of owners and modes is its user's word.

    None where that is unmounted by now. No file system is asked.
    """
    try:
        with open(f"/proc/self/fdinfo/{descriptor}", "rb") as file:
            number = file.read().partition(b"mnt_id:")[2].split()[0]
        with open(OWN, "rb") as file:
            fields = next((fields for line in file if (fields := line.split(b" ")) and fields[0] == number), None)
    except (OSError, IndexError):  # /proc is not mounted, or kernels before 3.15
        return False
    if fields is None:
        return None
    fstype = fields[fields.index(b"-", 6) + 1].partition(b".")[0]
    return fstype in (b"fuse", b"fuseblk") and not GIVING_NOTHING.isdisjoint(fields[5].split(b","))


USER_ID: Final = pattern(rb"(?:^|,)user_id=(\d+)")


class UsersMounts:
    """The file systems that a user's process answers for: whose each is, by its device; what owners it shows is that process's word (mount.fuse3(8))."""

    def __init__(self) -> None:
        """Know none yet; the mounts are read when there is a device that has no number of its own and was not met before."""
        self._owners: dict[int, int] = {}

    def above(self, path: str) -> int:
        """Return whose process answers for a path that cannot be looked at, as it is written; 0 where none of a user's does."""
        points = {point: whose for _, point, whose in _fuse_mounts() if whose}
        return points.get(covered(path, set(points)), 0)

    def owner(self, device: int) -> int:
        """Return whose process answers for a device, 0 for the kernel, a server or root's."""
        if os.major(device):
            return 0
        if device not in self._owners:
            self._owners.update((device, whose) for device, _, whose in _fuse_mounts())
            self._owners.setdefault(device, 0)
        return self._owners[device]


def _fuse_mounts() -> list[tuple[int, str, int]]:
    """Return device, mount point and `user_id` of each FUSE mount (proc_pid_mountinfo(5))."""
    found: list[tuple[int, str, int]] = []
    with suppress(OSError), open(OWN, "rb") as file:
        for line in file:
            before, _, after = line.partition(b" - ")
            fstype, _, options = after.partition(b" ")
            if fstype.partition(b".")[0] in (b"fuse", b"fuseblk") and (whose := USER_ID.search(options.strip().rpartition(b" ")[2])):
                fields = before.split(b" ", 5)
                major, _, minor = fields[2].partition(b":")
                point = _plain(fields[4].decode("utf-8", "surrogateescape"))
                found.append((os.makedev(int(major), int(minor)), point, int(whose[1])))
    return found


@cache
def _protects_links() -> bool:
    with suppress(OSError), open("/proc/sys/fs/protected_hardlinks", "rb") as file:
        return file.read().strip() == b"1"
    return False


def links_are_owners(found: os.stat_result) -> bool:
    """Say whether a user who owns a file has given it its names: with fs.protected_hardlinks (proc_sys_fs(5)) who may write it can, and nobody else.

    Names of root's files may be older than that setting, and anybody's.
    """
    return found.st_uid != 0 and not found.st_mode & 0o022 and _protects_links()
