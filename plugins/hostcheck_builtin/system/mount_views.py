"""What a process sees of the file system, by its mount table: the host's / and /run, or others, and which of the host's directories are mounted there.

A table tells of a process's own root, not of its namespace: after chroot(2) there may be no / in it, and two processes of one namespace differ.
"""

import errno
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from hostcheck.api import ABSENT, Hole, Host, LimitExceeded, Process, Why, attempt, worst_hole
from hostcheck_builtin.system import bounds
from hostcheck_builtin.system.mountinfo import OWN, Mount, parse, parsed
from hostcheck_builtin.system.presence import absent_as
from hostcheck_builtin.system.procfs import whole

WITHOUT_SOCKETS: Final = ("/proc/", "/sys/")
STORAGE: Final = tuple(
    f"{place}/"
    for place in ("/var/lib/docker", "/var/lib/containers/storage", "/run/containers/storage", "/var/lib/containerd", "/var/lib/kubelet/pods")
    + ("/run/containerd/io.containerd.runtime.v2.task", "/run/containerd/io.containerd.grpc.v1.cri")
)
"""Where engines keep what they mount into each container; nothing listens there but what the containers themselves make."""


class MountView(NamedTuple):
    """What stands at / and at /run, as device and root of the mount, None where it is no mount; and the paths of the host that are mounted anywhere."""

    root: str | None
    run: str | None
    shown: frozenset[str] = frozenset()

    def like(self, other: "MountView") -> bool:
        """Say whether / and /run are the same."""
        return (self.root, self.run) == (other.root, other.run)


class Places:
    """The mounts of one device as the scanner has them: their points by what of the device they show, which is found without looking at all of them.

    A cluster node mounts thousands of directories of one device, and a user a hundred thousand.
    """

    def __init__(self, mounts: Iterable[tuple[str, str]]) -> None:
        """Take the mounts as (root, point)."""
        self.points: dict[str, list[str]] = defaultdict(list)
        for root, point in mounts:
            self.points[root.rstrip("/")].append(point)
        self._ordered = sorted(f"{root}/" for root in self.points)
        self._lengths = sorted({len(root) for root in self.points})

    def show(self, root: str) -> Iterator[str]:
        """Yield where the host has what is mounted: the same or a part of one of its mounts, or more than that."""
        root = root.rstrip("/")
        for length in self._lengths:
            if root[length : length + 1] in ("", "/") and length <= len(root):
                yield from (point.rstrip("/") + root[length:] for point in self.points.get(root[:length], ()))
        first = bisect_left(self._ordered, f"{root}/")
        for above in (self._ordered[index] for index in range(first, len(self._ordered))):
            if not above.startswith(f"{root}/"):
                return
            if above != f"{root}/":
                yield from self.points[above[:-1]]


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class MountViews:
    """What was seen so far, and how many bytes of tables may still be read; `places` are the mounts of the scanner, by device."""

    host: Host
    own: MountView | Hole = Hole(why=Why.UNSUPPORTED, message=f"{OWN} was not read")
    places: dict[str, Places] = field(default_factory=dict)
    members: dict[str, list[Process]] = field(default_factory=dict)
    seen: dict[tuple[str, str], MountView | Hole] = field(default_factory=dict)
    left: int = bounds.ALL_MOUNTS_SEEN_BYTES


def collect_views(host: Host, everyone: Iterable[Process]) -> MountViews:
    """Return what the scanner itself sees, ready to compare others with it."""
    views, members = MountViews(host=host), defaultdict(list)
    for process in everyone:
        if process.mounts and process.user_view is False:
            members[process.mounts].append(process)
    views.members = members
    views.own = attempt(_own, views)
    return views


def view_of(views: MountViews, process: Process) -> MountView | Hole:
    """Return what a process sees; where it has ended or was put into a chroot, and only root can have done that, what its namespace shows."""
    seen = _view(views, process)
    if isinstance(seen, Hole):
        return seen
    if process.user_view is False and (seen is None or seen.root is None):
        return _of_namespace(views, process)
    if seen is None or (process.user_view is None and seen.root is None):
        return Hole(why=Why.LIMIT, message=f"/proc/{process.pid}/mountinfo: it ended or changed its root before it could be told what it sees")
    return seen


def _view(views: MountViews, process: Process) -> MountView | Hole | None:
    key = _key(views, process)
    if key is None:
        return attempt(_look, views, process)
    if key not in views.seen:
        seen = attempt(_look, views, process)
        if seen is None:
            return None
        views.seen[key] = seen
    return views.seen[key]


def _key(views: MountViews, process: Process) -> tuple[str, str] | None:
    """Name what a process sees, None where it cannot be told; a root that a user made is not looked at, which may hang, and one namespace is his own."""
    if not process.mounts or process.user_view is None:
        return None
    if process.user_view:
        return process.mounts, "user"
    root = absent_as(None, attempt, views.host.stat, f"/proc/{process.pid}/root")
    return None if root is None or isinstance(root, Hole) else (process.mounts, f"{root.dev}:{root.ino}")


def _of_namespace(views: MountViews, process: Process) -> MountView | Hole:
    key = (process.mounts, "namespace")
    if key not in views.seen:
        others = [_view(views, other) for other in views.members.get(process.mounts, ())]
        found = [other for other in others if isinstance(other, MountView) and other.root is not None]
        ended = Hole(why=Why.LIMIT, message=f"{process.mounts}: everybody in it ended, or changed its root, before it could be told what they see")
        views.seen[key] = _joined(views, found) or ended
    return views.seen[key]


def _joined(views: MountViews, found: list[MountView]) -> MountView | None:
    """Return one of them, the scanner's own where it is among them, with what all of them show."""
    same = [one for one in found if isinstance(views.own, MountView) and one.like(views.own)]
    if not found:
        return None
    first = (same or found)[0]
    return MountView(root=first.root, run=first.run, shown=frozenset[str]().union(*(one.shown for one in found)))


def _own(views: MountViews) -> MountView:
    text = _text(views, OWN, 0)
    if text is None:
        raise PermissionError(errno.EACCES, "hidden, or /proc is not mounted", OWN)
    devices: dict[str, list[tuple[str, str]]] = defaultdict(list)
    table = parsed(OWN, text)
    for mount in table:
        devices[mount.device].append((mount.root, mount.point))
    views.places = {device: Places(mounts) for device, mounts in devices.items()}
    return _parsed(views, OWN, table)


def _look(views: MountViews, process: Process) -> MountView | None:
    path = f"/proc/{process.pid}/mountinfo"
    text = _text(views, path, 0 if process.user_view is False else bounds.ALL_MOUNTS_SEEN_BYTES // 2)
    # After chroot(2) to a plain directory a process sees no mount.
    return None if text is None else _parsed(views, path, parse(path, whole(path, text)) if text else ())


def _text(views: MountViews, path: str, kept: int) -> str | None:
    """Return a mount table, None where its process has ended."""
    if views.left <= kept:
        raise LimitExceeded(f"{path}: more than {bounds.ALL_MOUNTS_SEEN_BYTES - kept} bytes of mount tables before it")
    try:
        text = views.host.read_text(path, limit=bounds.MOUNTS_SEEN_BYTES)
    except ABSENT:
        return None
    except OSError as error:
        if error.errno == errno.EINVAL:  # a zombie has no namespaces (mounts_open_common() of the kernel)
            return None
        raise
    views.left -= len(text)
    return text


def _parsed(views: MountViews, path: str, table: Iterable[Mount]) -> MountView:
    mounted: dict[str, str] = {}
    roots: dict[tuple[str, str], None] = {}
    for mount in table:
        if mount.point in ("/", "/run"):
            mounted[mount.point] = f"{mount.device} {mount.root}"
        roots[mount.device, mount.root] = None
    shown: set[str] = set()
    for device, root in roots:
        shown.update(_shown(views.places[device], root) if device in views.places else ())
        if len(shown) > bounds.MOUNTS_SHOWN:
            raise LimitExceeded(f"{path}: more than {bounds.MOUNTS_SHOWN} mounts of what the host has")
    return MountView(root=mounted.get("/"), run=mounted.get("/run"), shown=frozenset(shown))


def _shown(places: Places, root: str) -> Iterator[str]:
    """Yield where the host has what is mounted, but for where nobody listens."""
    for point in places.show(root):
        path = point.rstrip("/") or "/"
        if not f"{path}/".startswith((*WITHOUT_SOCKETS, *STORAGE)):
            yield path


def above(path: str) -> Iterator[str]:
    """Yield the directories above a path, from the root."""
    parts = path.split("/")[1:-1]
    yield "/"
    for count in range(1, len(parts) + 1):
        yield "/" + "/".join(parts[:count])


def covers(above: str, path: str) -> bool:
    """Say whether `path` is `above` or below it."""
    return f"{path}/".startswith(f"{above.rstrip('/')}/")


def together(several: Iterable[MountView | Hole]) -> list[str] | Hole:
    """Return the paths of the host that are mounted where any of them is seen."""
    found: set[str] = set()
    unknown: Hole | None = None
    for one in several:
        if isinstance(one, Hole):
            unknown = worst_hole(unknown, one)
        else:
            found |= one.shown
    return unknown or sorted(found)
