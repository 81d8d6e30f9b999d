"""Where a path of the host that a container has leads to now, by the name by which it is judged.

A link that somebody but root can lay decides nothing: it may have led elsewhere when the container was started, and may again at its next start. The same
directory has other names where it is mounted twice; by its inode it is called by the name that everybody knows.
"""

from collections.abc import Mapping
from functools import partial
from typing import Final

from hostcheck.api import Hole, HoleError, Host, Json, Why, attempt, map_known
from hostcheck_builtin.system import mounts_to_avoid, path_walk
from hostcheck_builtin.system.bounds import PATH_SHOWN as SHOWN
from hostcheck_builtin.system.path_walk import LstatCache, WalkedPath
from hostcheck_builtin.system.presence import absent_as

KNOWN: Final = (
    "/",
    *("/boot", "/dev", "/etc", "/home", "/proc", "/root", "/run", "/sys", "/usr", "/usr/bin", "/usr/lib", "/usr/local", "/usr/sbin", "/var", "/var/lib"),
    *("/etc/cron.d", "/etc/docker", "/etc/ssh", "/etc/systemd", "/proc/sys", "/root/.ssh", "/run/containerd", "/run/docker", "/run/podman", "/run/systemd"),
    *("/sys/fs/cgroup", "/var/lib/containerd", "/var/lib/containers", "/var/lib/docker", "/var/lib/kubelet", "/var/spool/cron"),
)


class HostPaths:
    """Walks to paths, each once."""

    def __init__(self, host: Host) -> None:
        """Look at nothing yet."""
        self._host = host
        self._lstats: LstatCache = {}
        self._slow: frozenset[str] | Hole | None = None
        self._known: Mapping[tuple[int, int], str] | None = None
        self._seen: dict[str, tuple[str, str] | Hole] = {}

    def real(self, path: str) -> Json:
        """Return where a path leads; of one to nothing, where something would be."""
        return map_known(self._look(path), lambda seen: seen[0])

    def kind(self, path: str) -> Json:
        """Return what stands there: dir, block, char and so on; absent or dangling where nothing does."""
        return map_known(self._look(path), lambda seen: seen[1])

    def _look(self, path: str) -> tuple[str, str] | Hole:
        if path not in self._seen:
            self._seen[path] = attempt(self._walked, path)
        return self._seen[path]

    def _walked(self, path: str) -> tuple[str, str]:
        if not path.startswith("/") or "\0" in path:
            raise HoleError(Hole(why=Why.NONSENSE, message="a mount or a device of what is no path of the host"))
        if self._slow is None:
            self._slow = attempt(mounts_to_avoid.slow_mounts, self._host)
        avoid = mounts_to_avoid.refusing(self._slow, roots_too=True)
        walked = self.trusted(path, path_walk.walk(self._host, path, self._lstats, path_walk.roots_link, avoid=avoid))
        return self._named(walked), walked.type

    def trusted(self, path: str, walked: WalkedPath) -> WalkedPath:
        """Return a way that is known; raises HoleError where somebody else may have laid another."""
        laid = [link for link in walked.links if not path_walk.roots_alone(walked.parents[link.rpartition("/")[0] or "/"])]
        if laid or walked.type in ("link", "loop"):
            raise HoleError(Hole(why=Why.UNSUPPORTED, message=f"{path[:SHOWN]}: a link on the way is none of root's, and where it led is not known"))
        return walked

    def follow(self, path: str, link: WalkedPath) -> WalkedPath:
        """Return the way past a link that its user made, as far as it leads to what is that user's."""
        return path_walk.follow(self._host, path, self._lstats, link, self._slow or frozenset())

    def _named(self, walked: WalkedPath) -> str:
        known, name = self._names(), walked.realpath
        ways = {**walked.parents, **({walked.realpath: walked.end} if walked.above is None else {})}
        for here, found in ways.items():
            place = known.get((found.dev, found.ino))
            if place is not None and place != here and f"{walked.realpath}/".startswith(f"{here.rstrip('/')}/"):
                name = f"{place.rstrip('/')}{walked.realpath[len(here.rstrip('/')) :]}" or "/"
        return name

    def _names(self) -> Mapping[tuple[int, int], str]:
        """Return the directories that everybody knows, by device and inode: of two names of one, that which stands first."""
        if self._known is None:
            found = [(place, attempt(partial(self._identity, place))) for place in KNOWN]
            self._known = {identity: place for place, identity in reversed(found) if identity is not None and not isinstance(identity, Hole)}
        return self._known

    def _identity(self, place: str) -> tuple[int, int] | None:
        avoid = mounts_to_avoid.refusing(self._slow or frozenset(), roots_too=True)
        found = absent_as(None, path_walk.walk, self._host, place, self._lstats, path_walk.roots_alone, avoid=avoid)
        return (found.end.dev, found.end.ino) if found and found.type == "dir" and found.realpath == place else None
