"""This machine, read through the kernel and the name service.

No name is trusted twice: a file is looked at before it is opened, a process is held by its directory, and what an argv claims is never asked.
"""

import errno
import grp
import os
import pwd
import stat
import struct
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Final

from hostcheck.host import MIB, LimitExceeded, Nonsense, Unsupported, lenient
from hostcheck.host.answers import AclEntry, Answer, Group, Peer, Process, Stat, User
from hostcheck.host.files import FileReader
from hostcheck.host.processes import GONE, everyone, examine, reference

if TYPE_CHECKING:
    from collections.abc import Collection

    from hostcheck.host.answers import FileCapabilities, TcpListener, UnixSocket, VsockListener
    from hostcheck.host.http import Asker

SETGID: Final = stat.S_ISGID | stat.S_IXGRP
"""Without the right to execute for the group the first means something else (inode(7))."""
TYPES: Final = {0o01: "fifo", 0o02: "char", 0o04: "dir", 0o06: "block", 0o10: "file", 0o12: "link", 0o14: "socket"}  # bits 12 to 15 of a mode, inode(7)
USER_OBJ, USER, GROUP_OBJ, GROUP, MASK, OTHER = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
ACL_TAGS: Final = {USER_OBJ: "user_obj", USER: "user", GROUP_OBJ: "group_obj", GROUP: "group", MASK: "mask", OTHER: "other"}
ACL_VERSION: Final = (2).to_bytes(4, "little")
LOOK: Final = os.O_PATH | os.O_CLOEXEC
READ: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
CHUNK: Final = 1 << 16
PID_MAX: Final = 1 << 22  # pid_max of proc_sys_kernel(5) cannot be set higher


class _about:  # noqa: N801 - used as a function; written as a generator it takes twice as long, as long as a stat(2)
    """Give `path` as the kernel wants it, whatever the locale, and let an OSError name it instead of what was really opened."""

    __slots__ = ("_path",)

    def __init__(self, path: str) -> None:
        self._path = path

    def __enter__(self) -> bytes:
        path = self._path
        try:
            name = path.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError as error:
            raise Nonsense(f"{path!r}: not a path") from error
        if not path.startswith("/") or "\0" in path:
            raise Nonsense(f"{path!r}: not an absolute path")
        return name

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, BlockingIOError):
            # Someone holds a lease on the file, or the kernel has nothing to say yet: open(2), syslog(2).
            raise TimeoutError(errno.ETIMEDOUT, "an answer would have to be waited for", self._path) from error
        if isinstance(error, OSError):
            error.filename = self._path


def _demand_regular(path: str, handle: int) -> None:
    kind = TYPES.get(os.fstat(handle).st_mode >> 12, "anonymous")
    if kind == "link":
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
    if kind != "file":
        raise Nonsense(f"{path}: not a regular file ({kind})")


def _open_regular(path: str, name: bytes, nofollow: int) -> int:
    """Open a regular file and nothing else: O_PATH wakes no device and no FIFO, and the link in /proc leads to the very file that was looked at."""
    look = os.open(name, LOOK | nofollow)
    try:
        _demand_regular(path, look)
        return os.open(b"/proc/self/fd/%d" % look, READ)
    except FileNotFoundError:  # /proc is not mounted, or it was a file of a process that has ended
        return os.open(name, READ | nofollow)
    finally:
        os.close(look)


def _drain(handle: int, path: str, limit: int) -> bytes:
    """Read an open file to its end and close it; the size is not believed: it is 0 in /proc, 4096 in /sys, and a file may grow."""
    chunks, room = [], limit + 1
    try:
        _demand_regular(path, handle)
        while room and (chunk := os.read(handle, min(room, CHUNK))):
            chunks.append(chunk)
            room -= len(chunk)
    finally:
        os.close(handle)
    if not room:
        raise LimitExceeded(f"{path}: more than {limit} bytes")
    return b"".join(chunks)


def parse_acl(path: str, raw: bytes) -> tuple[AclEntry, ...]:
    """Return the entries of ``system.posix_acl_access`` (linux/posix_acl_xattr.h; little endian on every machine), none where they say what the mode says."""
    entries = list(struct.iter_unpack("<HHI", raw[4:])) if len(raw) % 8 == 4 and raw[:4] == ACL_VERSION else []
    tags = [tag for tag, _, _ in entries]
    # The order, and what must be there once, are what posix_acl_valid() of the kernel demands.
    once = all(tags.count(tag) == 1 for tag in (USER_OBJ, GROUP_OBJ, OTHER)) and (USER in tags or GROUP in tags) <= tags.count(MASK) <= 1
    if not once or tags != sorted(tags) or not ACL_TAGS.keys() >= set(tags) or any(perms > 7 for _, perms, _ in entries):
        raise Nonsense(f"{path}: its ACL is malformed")
    if tags == [USER_OBJ, GROUP_OBJ, OTHER]:
        return ()
    return tuple(AclEntry(tag=ACL_TAGS[tag], id=who if tag in (USER, GROUP) else -1, perms=perms) for tag, perms, who in entries)


def _acl(path: str, name: bytes, follow: bool) -> tuple[AclEntry, ...]:
    try:
        return parse_acl(path, os.getxattr(name, "system.posix_acl_access", follow_symlinks=follow))
    except OSError as error:
        if error.errno not in (errno.ENODATA, errno.EOPNOTSUPP):
            raise
        return ()


def _lost(pid: int) -> OSError:
    """Tell a process that has ended from one that hidepid hides: kill(2) with signal 0 does nothing to it, and finds the hidden one."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError as error:
        return ProcessLookupError(error.errno, error.strerror, f"/proc/{pid}")
    except PermissionError:
        pass
    return PermissionError(errno.EACCES, "hidden, as by hidepid", f"/proc/{pid}")


def _told(text: str) -> str:
    """Undo the locale's decoding of what the name service said."""
    return lenient(os.fsencode(text))


class LocalHost(FileReader):
    """The host that this process runs on, as far as its user and its namespaces let it be seen."""

    kind = "local"

    def _content(self, path: str, limit: int, follow: bool) -> bytes:
        with _about(path) as name:  # without waking or waiting for anything that is no regular file
            return _drain(_open_regular(path, name, 0 if follow else os.O_NOFOLLOW), path, limit)

    def stat(self, path: str, *, follow: bool = True) -> Stat:
        """Return type, owner, mode and ACL of `path`; raises Nonsense for what has no type (an anonymous inode) or a malformed ACL."""
        with _about(path) as name:
            seen = os.stat(name, follow_symlinks=follow)
            kind = TYPES.get(seen.st_mode >> 12)
            if kind is None:
                raise Nonsense(f"{path}: neither a file nor anything else with a name")
            acl = () if kind == "link" else _acl(path, name, follow)
        mode = stat.S_IMODE(seen.st_mode)
        return Stat(type=kind, uid=seen.st_uid, gid=seen.st_gid, mode=mode, size=seen.st_size, dev=seen.st_dev, ino=seen.st_ino, acl=acl)

    def list_dir(self, path: str, *, limit: int = 100_000) -> list[str]:
        """Return the sorted names in a directory of at most `limit` names, keeping no more of a larger one."""
        names: list[str] = []
        with _about(path) as name, os.scandir(name) as entries:
            for entry in entries:
                if len(names) == limit:
                    raise LimitExceeded(f"{path}: more than {limit} names")
                names.append(lenient(entry.name))
        return sorted(names)

    def setgid_programs(self, path: str, *, limit: int = 100_000) -> list[str]:
        """Return the sorted names of the files that give their group, in a directory of at most `limit` names."""
        names: list[str] = []
        with _about(path) as name, os.scandir(name) as entries:
            for count, entry in enumerate(entries):
                if count == limit:
                    raise LimitExceeded(f"{path}: more than {limit} names")
                with suppress(FileNotFoundError):
                    if entry.is_file(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_mode & SETGID == SETGID:
                        names.append(lenient(entry.name))
        return sorted(names)

    def read_link(self, path: str) -> str:
        """Return where a symbolic link points."""
        with _about(path) as name:
            return lenient(os.readlink(name))

    def file_capabilities(self, path: str) -> "FileCapabilities":
        """Return the capabilities of a file, which anybody may read who can search its directory."""
        from hostcheck.host import capabilities

        with _about(path) as name:
            return capabilities.read(path, name)

    def peer(self, path: str, *, timeout: float = 1.0) -> Peer:
        """Connect to a unix stream (or seqpacket) socket, send nothing, and return who listens; raises TimeoutError where its backlog stays full."""
        from hostcheck.host import unix  # 4 ms, for the few probes that connect

        with _about(path) as name:
            return unix.peer(path, name, timeout)

    @cached_property
    def _asker(self) -> "Asker":
        from hostcheck.host.http import Asker

        return Asker()

    def get(self, socket: str, path: str, *, timeout: float = 5.0, limit: int = MIB) -> Answer:
        """Ask for `path` over HTTP on a unix socket, and take no longer than `timeout` seconds from when the request was sent, by `ahead` or now."""
        with _about(socket) as name:
            return self._asker.get(socket, name, path, timeout=timeout, limit=limit)

    def ahead(self, socket: str, path: str) -> None:
        """Send a request that `get` will be asked for, where that can be done at once."""
        with suppress(OSError, Nonsense, Unsupported), _about(socket) as name:
            self._asker.send(socket, name, path)

    def unix_sockets(self) -> "list[UnixSocket]":
        """Return the named unix sockets of this network namespace that listen or are connected, as the kernel tells them to anybody."""
        from hostcheck.host import sockets  # 4 ms, as for `peer`

        return sockets.unix_sockets()

    def tcp_listeners(self, ports: "Collection[int]", pid: int = 0) -> "list[TcpListener]":
        """Return who listens on one of these TCP ports, and take two seconds at most; another network namespace than one's own takes CAP_SYS_ADMIN."""
        from hostcheck.host import tcp  # psutil, for the hosts on which such a port is open

        return tcp.listeners(ports, pid)

    def vsock_listeners(self) -> "list[VsockListener]":
        """Return who listens on vsock in this network namespace, nobody where the kernel has none."""
        from hostcheck.host import sockets

        return sockets.vsock_listeners()

    def holders(self, inodes: "Collection[int]", pids: "Collection[int]") -> list[int]:
        """Return which of these processes hold one of these sockets, and look at their descriptors for a second at most."""
        from hostcheck.host import sockets

        return sockets.holders(inodes, pids)

    def processes(self) -> list[Process]:
        """Return the processes that can be seen, by pid, without `exe`, and threads with credentials of their own.

        Raises PermissionError where one is seen but its status is denied (hidepid).
        """
        return everyone()

    def process(self, pid: int) -> Process:
        """Return one process with its `exe`; raises ProcessLookupError where it is gone, PermissionError where it is hidden or its exe cannot be read."""
        if not 0 < pid <= PID_MAX:
            raise Unsupported(f"process {pid}: not in this pid namespace")
        try:
            return examine(pid, reference(), with_exe=True)
        except GONE as error:
            raise _lost(pid) from error

    def users(self) -> list[User]:
        """Return every user that the name service enumerates, in its order, without passwords."""
        return [User(name=_told(one.pw_name), uid=one.pw_uid, gid=one.pw_gid, home=_told(one.pw_dir), shell=_told(one.pw_shell)) for one in pwd.getpwall()]

    def groups(self) -> list[Group]:
        """Return every group that the name service enumerates, in its order, without passwords."""
        return [Group(name=_told(one.gr_name), gid=one.gr_gid, members=tuple(map(_told, one.gr_mem))) for one in grp.getgrall()]

    def group_ids(self, name: str, gid: int) -> list[int]:
        """Return the ids of every group that the name service gives user `name` with primary group `gid` (getgrouplist(3)), sorted."""
        try:
            return sorted({found % (1 << 32) for found in os.getgrouplist(name, gid)})
        except (ValueError, OverflowError) as error:
            raise Nonsense(f"user {name!r} with group {gid}: {error}") from error
