"""Which container a process belongs to, by the names of its control groups (cgroups(7)), and whose word that is.

Only an engine of root's makes a group directly below directories of root's. What lies below a user's slice, or below a directory of somebody else, is that
user's to name. Of groups in groups the outermost counts: an engine in a container names its own containers as it likes.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from hostcheck.api import ABSENT, Hole, HoleError, Host, Why, attempt, pattern
from hostcheck_builtin.system.bounds import CGROUP_BYTES as LIMIT
from hostcheck_builtin.system.bounds import PATH_SHOWN as SHOWN
from hostcheck_builtin.system.fact_members import sure
from hostcheck_builtin.system.mountinfo import Mount
from hostcheck_builtin.system.presence import absent_as
from hostcheck_builtin.system.procfs import whole

SHORT: Final = 12
"""Characters of an id, as engines print it."""
NAMED: Final = pattern(r"(?:([a-z][a-z-]{0,30})-)?([0-9a-f]{64})(?:\.scope)?")
"""A directory that is named after a container: docker-ID.scope, libpod-ID, or the id alone."""
PREFIXES: Final = {
    **{"docker": "docker", "libpod": "podman", "libpod-payload": "podman", "cri-containerd": "containerd/k8s.io", "crio": "cri-o", "nerdctl": "containerd"},
    **dict.fromkeys(("libpod-conmon", "crio-conmon"), ""),
}
"""Who names groups so; "" for what watches a container from outside."""
PARENTS: Final = {"docker": "docker"}
NAMESPACES: Final = frozenset({"default", "k8s.io"})
"""Namespaces of containerd, which are the first directory of a path where nothing else is asked for (`ctr run`)."""
WORD: Final = pattern(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,75}")
"""Names of containers in containerd (identifiers of containerd)."""
USERS: Final = pattern(r"user-[1-9][0-9]{0,9}\.slice")
POD: Final = pattern(r"kubepods.{0,100}|pod[0-9a-f-]{36}")
KERNELS: Final = frozenset({"cgroup", "cgroup2"})


class Group(NamedTuple):
    """A group that is named after a container: by which key the container is told of, its id, and where the group is, with the hierarchy."""

    key: str
    id: str
    controllers: str
    path: str


def text_of(host: Host, pid: int | str) -> str | None:
    """Return the groups of a process, None where it has ended, or the kernel has no groups."""
    path = f"/proc/{pid}/cgroup"
    return absent_as(None, lambda: whole(path, host.read_text(path, limit=LIMIT)))


def container_of(text: str) -> Group | None:
    """Return the container that the groups of a process name, by the lines of its /proc/PID/cgroup; None for none, and for what is a user's."""
    for line in text.split("\n"):
        fields = line.split(":", 2)
        if len(fields) == 3 and fields[2].startswith("/") and (found := _named(fields[1], fields[2])):
            return found
    return None


def _named(controllers: str, path: str) -> Group | None:
    names = path.split("/")[1:]
    for index, name in enumerate(names):
        if USERS.fullmatch(name):
            return None
        at = "/".join(("", *names[: index + 1]))
        if match := NAMED.fullmatch(name):
            engine = PREFIXES.get(match[1], "container") if match[1] else _by_parents(names[:index])
            return Group(f"{engine}:{match[2][:SHORT]}", match[2], controllers, at) if engine else None
        if index == 1 and names[0] in NAMESPACES and WORD.fullmatch(name):
            return Group(f"containerd/{names[0]}:{name}", name, controllers, at)
    return None


def _by_parents(above: list[str]) -> str:
    """Return who has a container whose group has its id alone for a name; a kubelet may have any engine below it."""
    if above and above[-1] in PARENTS and len(above) == 1:
        return PARENTS[above[-1]]
    if len(above) == 1 and above[0] in NAMESPACES:
        return f"containerd/{above[0]}"
    return "kubernetes" if any(POD.fullmatch(name) for name in above) else "container"


class Owners:
    """Whose word the name of a group is, by who owns the directories above it; each is asked for once."""

    def __init__(self, host: Host, table: Iterable[Mount]) -> None:
        """Take the mounts of the scanner, in which the groups are looked at."""
        self._host = host
        self._mounts = [mount for mount in table if mount.fstype in KERNELS]
        self._known: dict[str, bool | Hole] = {}

    def is_roots(self, group: Group) -> bool:
        """Say whether root alone can have made the directory of a group; raises HoleError where that cannot be told."""
        place = self._place(group)
        return all(self._owned(above) for above in _above(place[0], place[1]))

    def _place(self, group: Group) -> tuple[str, str]:
        """Return where the hierarchy is mounted, and the path of the group there."""
        for mount in self._mounts:
            wanted = mount.fstype == "cgroup2" if not group.controllers else mount.fstype == "cgroup" and _has(mount, group.controllers)
            if wanted and mount.root == "/":
                return mount.point, group.path
        raise HoleError(Hole(why=Why.UNSUPPORTED, message="a hierarchy of control groups is not mounted, and whose its groups are is not known"))

    def _owned(self, path: str) -> bool:
        if path not in self._known:
            self._known[path] = attempt(self._look, path)
        return sure(self._known[path])

    def _look(self, path: str) -> bool:
        try:
            found = self._host.stat(path, follow=False)
        except ABSENT:
            raise HoleError(Hole(why=Why.NONSENSE, message=f"{path[:SHOWN]}: processes are in it, and it is not there")) from None
        return found.type == "dir" and found.uid == 0 and not found.mode & 0o022


def _has(mount: Mount, controllers: str) -> bool:
    options = mount.super_options.split(",")
    return all(name in options for name in controllers.split(","))


def _above(point: str, path: str) -> Iterator[str]:
    """Yield the directories above a group, from where the hierarchy is mounted."""
    names = path.split("/")[1:-1]
    for count in range(len(names) + 1):
        yield point + "".join(f"/{name}" for name in names[:count])
