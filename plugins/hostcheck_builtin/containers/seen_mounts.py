"""What the mounts of a container show of its host, by its own mount table: the device and the directory on it, and where the host has these.

What an engine mounts into every container is not told: its root, what the kernel makes anew, and files in a directory that is named after a container.
A directory that is mounted with all that is mounted below it is told once.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from hostcheck.api import Host, Json, LimitExceeded, pattern
from hostcheck_builtin.system import bounds, mountinfo
from hostcheck_builtin.system.mount_views import Places
from hostcheck_builtin.system.mountinfo import Mount
from hostcheck_builtin.system.procfs import whole

KERNELS: Final = frozenset({"proc", "sysfs", "cgroup", "cgroup2", "mqueue", "devpts"})
USUAL: Final = ("/proc", "/sys", "/dev/mqueue", "/dev/pts", "/dev/console")
ENGINES: Final = pattern(r"/[0-9a-f]{64}(/|$)")
PLAIN: Final = pattern(r"[\w./@:+,=-]{1,200}")
"""Names that are shown as they are: who is in a container may mount at any."""
HIDDEN: Final = ("/proc/kcore", "/proc/sys")
NAMELESS: Final = "a name that is not shown:"


class HostTable:
    """The mounts of the scanner, by which those of others are told, and what may still be read."""

    def __init__(self, host: Host) -> None:
        """Read them; raises what mountinfo.mounts() raises."""
        self._host = host
        self.mounts = mountinfo.mounts(host)
        devices: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for mount in self.mounts:
            devices[mount.device].append((mount.root, mount.point))
        self._places = {device: Places(found) for device, found in devices.items()}
        self._last = {mount.point: mount for mount in self.mounts}
        self._left = bounds.MOUNTS_OF_CONTAINERS_BYTES

    def of(self, pid: int) -> list[Mount]:
        """Return the mounts of a process; raises LimitExceeded where there was too much to read."""
        path = f"/proc/{pid}/mountinfo"
        if self._left <= 0:
            raise LimitExceeded(f"{path}: more than {bounds.MOUNTS_OF_CONTAINERS_BYTES} bytes of mount tables before it")
        text = self._host.read_text(path, limit=bounds.MOUNTS_OF_A_CONTAINER_BYTES)
        self._left -= len(text)
        return list(mountinfo.parse(path, whole(path, text)))

    def is_root_of(self, table: Iterable[Mount]) -> bool:
        """Say whether what stands at / there is the host's own."""
        own = mountinfo.root_of(self.mounts)
        return own is not None and mountinfo.root_of(list(table)) == own

    def real(self, mount: Mount) -> str | None:
        """Return where the host has what a mount shows: of several names the shortest; None where it has it nowhere."""
        places = self._places.get(mount.device)
        names = set() if places is None else {path.rstrip("/") or "/" for path in places.show(mount.root)}
        return min((path for path in names if self.shows(path, mount)), key=lambda path: (len(path), path), default=None)

    def shows(self, path: str, mount: Mount) -> bool:
        """Say whether what a mount shows is seen at a path of the host, and nothing that is mounted over it."""
        there = next((self._last[above] for above in _upwards(path) if above in self._last), None)
        if there is None or there.device != mount.device:
            return False
        return (there.root.rstrip("/") + path[len(there.point.rstrip("/")) :]).rstrip("/") == mount.root.rstrip("/")


def _upwards(path: str) -> Iterator[str]:
    while path != "/":
        yield path
        path = path.rpartition("/")[0] or "/"
    yield "/"


def shown(table: Iterable[Mount], hosts: HostTable) -> dict[str, Json]:
    """Return what of the host a container sees, by its place in the container; what it could have mounted itself of that is left out."""
    found = {mount.point: (mount, real) for mount in table if not _is_usual(mount) and (real := hosts.real(mount)) and not ENGINES.search(real)}
    rights: dict[str, tuple[bool, str]] = {}
    for point, (mount, real) in found.items():  # in the order of the table, in which those of the engine come first
        if not _came_with_another(mount, found, hosts) and (real not in rights or writable(mount) > rights[real][0]):
            rights[real] = writable(mount), point
    told: dict[str, Json] = {}
    for real, (writes, point) in sorted(rights.items()):
        if not any(above in rights and rights[above][0] >= writes for above in _upwards(real) if above != real):
            told[point if PLAIN.fullmatch(point) else f"{NAMELESS} {len(told)}"] = {"real": real, "writable": writes}
        if len(told) > bounds.MOUNTS_OF_A_CONTAINER_SHOWN:
            raise LimitExceeded(f"more than {bounds.MOUNTS_OF_A_CONTAINER_SHOWN} mounts of what the host has")
    return told


def _is_usual(mount: Mount) -> bool:
    """Say whether every container has this mount, or one of the kernel's at the place where it belongs."""
    return mount.point == "/" or (mount.fstype in KERNELS and f"{mount.point}/".startswith(tuple(f"{place}/" for place in USUAL)))


def _came_with_another(mount: Mount, found: dict[str, tuple[Mount, str]], hosts: HostTable) -> bool:
    """Say whether a mount came with one above it: there it is where the host has it."""
    ways = (above for above in _upwards(mount.point) if above not in (mount.point, "/") and above in found)
    return any(hosts.shows(found[above][1].rstrip("/") + mount.point[len(above) :], mount) for above in ways)


def writable(mount: Mount) -> bool:
    """Say whether both the mount and its file system may be written to."""
    return "ro" not in (*mount.options.split(","), *mount.super_options.split(","))


def hides(table: Iterable[Mount]) -> list[str]:
    """Return which files of the kernel are hidden or read-only by a mount of their own."""
    points = {mount.point for mount in table}
    return [path for path in HIDDEN if path in points]


def sysfs_writable(table: Iterable[Mount]) -> bool:
    """Say whether /sys can be written to, as in a privileged container alone."""
    return any(mount.point == "/sys" and mount.fstype == "sysfs" and writable(mount) for mount in table)
