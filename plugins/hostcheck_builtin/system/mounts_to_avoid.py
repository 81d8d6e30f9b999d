"""Mounts that a walk does not look at: who looks at a file system may have to wait for a server, or for a process of a user's (FUSE)."""

from collections.abc import Callable
from typing import Final

from hostcheck.api import Hole, HoleError, Host, LimitExceeded
from hostcheck_builtin.system.mountinfo import mounts

SLOW: Final = frozenset("autofs nfs nfs4 cifs smb3 smbfs 9p afs ceph coda lustre ncpfs fuse fuseblk".split())
"""File systems that ask a server, or a process of a user, and mount themselves when looked at; so does every fuse.NAME."""
Avoid = Callable[[str, bool], bool]
"""Asked of each name before it is looked at, with whether the way so far is root's alone: whether to go no further; may raise."""


def slow_mounts(host: Host) -> frozenset[str]:
    """Return where such file systems are mounted, but for the root directory's, which is looked at in any case."""
    return frozenset(point for point, fstype in _mounted(host).items() if point != "/" and (fstype in SLOW or fstype.startswith("fuse.")))


def automounts(host: Host) -> frozenset[str]:
    """Return where something is mounted once it is looked at, and is not as yet (autofs(5))."""
    return frozenset(point for point, fstype in _mounted(host).items() if fstype == "autofs")


def users_mounts(host: Host) -> frozenset[str]:
    """Return where file systems are mounted that a user's process may be answering for, and may keep whoever looks waiting (mount.fuse3(8), allow_other)."""
    return frozenset(point for point, fstype in _mounted(host).items() if point != "/" and fstype.partition(".")[0] in ("fuse", "fuseblk"))


def _mounted(host: Host) -> dict[str, str]:
    return {mount.point: mount.fstype for mount in mounts(host)}


def below(path: str, points: frozenset[str]) -> bool:
    """Say whether a path, as it is written, leads to one of these places."""
    end = len(path) if points else 0
    while end > 0:
        if path[:end] in points:
            return True
        end = path.rfind("/", 0, end)
    return False


def nowhere(_: str, __: bool) -> bool:
    """Avoid no place."""
    return False


def refusing(points: frozenset[str] | Hole, *, roots_too: bool) -> Avoid:
    """Return a refusal to look at these places, by ways that somebody but root can lay; with `roots_too` by any."""

    def refuse(path: str, alone: bool) -> bool:
        if alone and not roots_too:
            return False
        if isinstance(points, Hole):
            raise HoleError(points)
        if path in points:
            raise LimitExceeded(f"{path}: a file system that asks a server or a user's process is not looked at")
        return False

    return refuse
