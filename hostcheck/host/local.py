"""This machine, read through the kernel and the name service.

Nothing here trusts a name twice: a file is looked at before it is opened, a process is held by its directory, and who wrote an argv is never asked.
"""

import errno
import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Final, TypeVar

from hostcheck.host import (
    ABSENT,
    MIB,
    AclEntry,
    Group,
    LimitExceeded,
    Missing,
    Nonsense,
    Peer,
    Process,
    Stat,
    Unsupported,
    User,
    lenient,
)

T = TypeVar("T")

TYPES: Final = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "dir",
    stat.S_IFLNK: "link",
    stat.S_IFSOCK: "socket",
    stat.S_IFIFO: "fifo",
    stat.S_IFCHR: "char",
    stat.S_IFBLK: "block",
}
ACL_TAGS: Final = {0x01: "user_obj", 0x02: "user", 0x04: "group_obj", 0x08: "group", 0x10: "mask", 0x20: "other"}
ACL_VERSION: Final = 2
CHUNK: Final = 1 << 16
LOOK: Final = os.O_PATH | os.O_CLOEXEC
READ: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
SUN_PATH: Final = 107
"""What sockaddr_un holds of a path, without its NUL (unix(7))."""


@contextmanager
def _about(path: str) -> Iterator[bytes]:
    """Give `path` as the kernel wants it, whatever the locale is, and let an OSError name it instead of what was really opened."""
    if not path.startswith("/") or "\0" in path:
        raise Nonsense(f"{path!r}: not an absolute path")
    try:
        name = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise Nonsense(f"{path!r}: not a path") from error
    try:
        yield name
    except BlockingIOError as error:
        # A lease taken by whoever owns the file, or a kernel file with nothing to say yet: open(2), proc_kmsg(5).
        raise TimeoutError(errno.ETIMEDOUT, "it would have to be waited for", path) from error
    except OSError as error:
        error.filename, error.filename2 = path, None
        raise


def _type(mode: int) -> str:
    return TYPES.get(stat.S_IFMT(mode), "unknown")


def _demand_regular(path: str, mode: int) -> None:
    if stat.S_ISLNK(mode):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
    if not stat.S_ISREG(mode):
        raise Nonsense(f"{path}: not a regular file ({_type(mode)})")


def _open_regular(path: str, name: bytes, follow: bool) -> int:
    """Open a regular file and nothing else: O_PATH wakes no device and no FIFO, and the link of /proc leads to just what was looked at."""
    nofollow = 0 if follow else os.O_NOFOLLOW
    handle = os.open(name, LOOK | nofollow)
    try:
        _demand_regular(path, os.fstat(handle).st_mode)
        return os.open(b"/proc/self/fd/%d" % handle, READ)
    except FileNotFoundError:
        return _open_by_name(path, name, nofollow)
    finally:
        os.close(handle)


def _open_by_name(path: str, name: bytes, nofollow: int) -> int:
    """Open a file where /proc is not mounted, or say that it has gone meanwhile."""
    handle = os.open(name, READ | nofollow)
    try:
        _demand_regular(path, os.fstat(handle).st_mode)
    except BaseException:
        os.close(handle)
        raise
    return handle


def _drain(handle: int, path: str, limit: int) -> bytes:
    """Read to the end: the size is not believed, it is 0 in /proc, 4096 in /sys, and grows elsewhere."""
    chunks, room = [], limit + 1
    while room and (chunk := os.read(handle, min(room, CHUNK))):
        chunks.append(chunk)
        room -= len(chunk)
    if not room:
        raise LimitExceeded(f"{path}: more than {limit} bytes")
    return b"".join(chunks)


def parse_acl(path: str, raw: bytes) -> tuple[AclEntry, ...]:
    """Return the entries of the attribute ``system.posix_acl_access`` (linux/posix_acl_xattr.h), little endian everywhere; raises Nonsense."""
    words = [(int.from_bytes(raw[at : at + 2], "little"), int.from_bytes(raw[at + 2 : at + 4], "little"), raw[at + 4 : at + 8]) for at in range(4, len(raw), 8)]
    tags = [tag for tag, _, _ in words]
    named = 0x02 in tags or 0x08 in tags
    if (
        int.from_bytes(raw[:4], "little") != ACL_VERSION
        or len(raw) % 8 != 4
        or tags != sorted(tags)
        or not ACL_TAGS.keys() >= set(tags)
        or any(tags.count(tag) != 1 for tag in (0x01, 0x04, 0x20))
        or not named <= tags.count(0x10) <= 1
        or any(perms > 7 for _, perms, _ in words)
    ):
        raise Nonsense(f"{path}: its ACL is malformed")
    if tags == [0x01, 0x04, 0x20]:
        return ()
    return tuple(AclEntry(tag=ACL_TAGS[tag], id=int.from_bytes(who, "little") if tag in (0x02, 0x08) else -1, perms=perms) for tag, perms, who in words)


def _acl(path: str, name: bytes, follow: bool) -> tuple[AclEntry, ...]:
    try:
        raw = os.getxattr(name, "system.posix_acl_access", follow_symlinks=follow)
    except OSError as error:
        if error.errno in (errno.ENODATA, errno.EOPNOTSUPP):
            return ()
        raise
    return parse_acl(path, raw)


def _connect(name: bytes, kind: int, deadline: float) -> Peer:
    """Connect without blocking: a full backlog answers EAGAIN at once, where a blocking connect(2) would hang for good."""
    import socket  # 4 ms, and few probes connect

    with socket.socket(socket.AF_UNIX, kind | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC) as line:
        pause = 0.002
        while True:
            try:
                line.connect(name)
                break
            except BlockingIOError:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise
                time.sleep(min(pause, left))
                pause = min(pause * 2, 0.05)
        raw = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    pid, uid, gid = (int.from_bytes(raw[at : at + 4], _order()) for at in (0, 4, 8))
    return Peer(pid=pid, uid=uid, gid=gid)
