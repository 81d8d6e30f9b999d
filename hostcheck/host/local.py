"""This machine, read through the kernel and the name service.

No name is trusted twice: a file is looked at before it is opened, a process is held by its directory, and what an argv claims is never asked.
"""

import errno
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from hostcheck.host import ABSENT, MIB, AclEntry, Group, LimitExceeded, Missing, Nonsense, Peer, Process, Stat, Unsupported, User, lenient

TYPES: Final = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "dir",
    stat.S_IFLNK: "link",
    stat.S_IFSOCK: "socket",
    stat.S_IFIFO: "fifo",
    stat.S_IFCHR: "char",
    stat.S_IFBLK: "block",
}
USER_OBJ, USER, GROUP_OBJ, GROUP, MASK, OTHER = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
ACL_TAGS: Final = {USER_OBJ: "user_obj", USER: "user", GROUP_OBJ: "group_obj", GROUP: "group", MASK: "mask", OTHER: "other"}
ACL_VERSION: Final = (2).to_bytes(4, "little")
CHUNK: Final = 1 << 16
LOOK: Final = os.O_PATH | os.O_CLOEXEC
READ: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
SUN_PATH: Final = 107
"""How many bytes of a path sockaddr_un holds, without the NUL (unix(7))."""
PID_MAX: Final = 1 << 22
"""PID_MAX_LIMIT of proc_sys_kernel(5)."""
GONE: Final = (FileNotFoundError, ProcessLookupError)


@contextmanager
def _about(path: str) -> Iterator[bytes]:
    """Give `path` as the kernel wants it, whatever the locale, and let an OSError name it instead of what was really opened."""
    try:
        name = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise Nonsense(f"{path!r}: not a path") from error
    if not path.startswith("/") or "\0" in path:
        raise Nonsense(f"{path!r}: not an absolute path")
    try:
        yield name
    except BlockingIOError as error:
        # Someone holds a lease on the file, or the kernel has nothing to say yet: open(2), syslog(2).
        raise TimeoutError(errno.ETIMEDOUT, "an answer would have to be waited for", path) from error
    except OSError as error:
        error.filename, error.filename2 = path, None
        raise


def _demand_regular(path: str, mode: int) -> None:
    if stat.S_ISLNK(mode):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
    if not stat.S_ISREG(mode):
        raise Nonsense(f"{path}: not a regular file ({TYPES[stat.S_IFMT(mode)]})")


def _open_regular(path: str, name: bytes, nofollow: int) -> int:
    """Open a regular file and nothing else: O_PATH wakes no device and no FIFO, and the link in /proc leads to the very file that was looked at."""
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
    """Read to the end; the size is not believed: it is 0 in /proc, 4096 in /sys, and a file may grow."""
    chunks, room = [], limit + 1
    while room and (chunk := os.read(handle, min(room, CHUNK))):
        chunks.append(chunk)
        room -= len(chunk)
    if not room:
        raise LimitExceeded(f"{path}: more than {limit} bytes")
    return b"".join(chunks)


def parse_acl(path: str, raw: bytes) -> tuple[AclEntry, ...]:
    """Return the entries of ``system.posix_acl_access`` (linux/posix_acl_xattr.h; little endian on every machine), none where they say what the mode says."""
    import struct

    if raw[:4] != ACL_VERSION or len(raw) % 8 != 4:
        raise Nonsense(f"{path}: its ACL is malformed")
    entries = list(struct.iter_unpack("<HHI", raw[4:]))
    tags = [tag for tag, _, _ in entries]
    named = USER in tags or GROUP in tags
    once = all(tags.count(tag) == 1 for tag in (USER_OBJ, GROUP_OBJ, OTHER)) and named <= tags.count(MASK) <= 1
    # The order, and what must be there once, are what posix_acl_valid() of the kernel demands.
    if not once or tags != sorted(tags) or not ACL_TAGS.keys() >= set(tags) or any(perms > 7 for _, perms, _ in entries):
        raise Nonsense(f"{path}: its ACL is malformed")
    if tags == [USER_OBJ, GROUP_OBJ, OTHER]:
        return ()
    return tuple(AclEntry(tag=ACL_TAGS[tag], id=who if tag in (USER, GROUP) else -1, perms=perms) for tag, perms, who in entries)


def _acl(path: str, name: bytes, follow: bool) -> tuple[AclEntry, ...]:
    try:
        return parse_acl(path, os.getxattr(name, "system.posix_acl_access", follow_symlinks=follow))
    except OSError as error:
        if error.errno in (errno.ENODATA, errno.EOPNOTSUPP):
            return ()
        raise


@contextmanager
def _address(name: bytes) -> Iterator[bytes]:
    """Give an address for the socket `name` that fits sockaddr_un; a link in /proc stands for a longer one, and keeps all its permissions."""
    if len(name) <= SUN_PATH:
        yield name
        return
    handle = os.open(name, LOOK)
    try:
        yield b"/proc/self/fd/%d" % handle
    except FileNotFoundError as error:
        raise Unsupported(f"{os.fsdecode(name)}: too long for a socket address where /proc is not mounted") from error
    finally:
        os.close(handle)


def _connect(address: bytes, kind: int, deadline: float) -> Peer:
    """Connect without blocking: a full backlog says EAGAIN at once, and would hang a blocking connect(2) for good."""
    import socket
    import struct

    with socket.socket(socket.AF_UNIX, kind | socket.SOCK_NONBLOCK) as line:
        pause = 0.002
        while True:
            try:
                line.connect(address)
                break
            except BlockingIOError as error:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError(errno.ETIMEDOUT, "its backlog is full") from error
                time.sleep(min(pause, left))
                pause = min(2 * pause, 0.05)
        pid, uid, gid = struct.unpack("iII", line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return Peer(pid=pid, uid=uid, gid=gid)


def _status(folder: int) -> bytes:
    handle = os.open("status", os.O_RDONLY | os.O_CLOEXEC, dir_fd=folder)
    try:
        data = os.read(handle, CHUNK)
        if len(data) == CHUNK:  # 65,536 groups make 700 kB
            data += _drain(handle, "status", MIB)
        return data
    finally:
        os.close(handle)


def _field(data: bytes, key: bytes) -> bytes:
    start = data.find(key) + len(key)
    if start < len(key):
        raise Nonsense(f"/proc/PID/status: without {lenient(key.strip())}")
    return data[start : data.index(b"\n", start)]


def _name(data: bytes) -> str:
    r"""Return the name; only ``\n`` and ``\\`` are escaped in it, so that no name can pass for another line (proc_pid_status(5))."""
    name = data[len(b"Name:\t") : data.index(b"\n")]
    if b"\\" in name:
        name = name.replace(b"\\\\", b"\0").replace(b"\\n", b"\n").replace(b"\0", b"\\")
    return lenient(name)


def _mounts(folder: int) -> str | None:
    """Return the name of a process's mount namespace, None where it may not be read or the process is a zombie; raises where it has gone."""
    try:
        return os.readlink("ns/mnt", dir_fd=folder)
    except PermissionError:
        return None
    except GONE:
        os.stat("status", dir_fd=folder)
        return None


def _exe(pid: int, folder: int) -> str:
    """Return what a process runs. Not by psutil: where the kernel does not tell, it takes argv[0] for it, which anyone can write."""
    try:
        return lenient(os.readlink(b"exe", dir_fd=folder))
    except PermissionError as error:
        error.filename = f"/proc/{pid}/exe"
        raise
    except GONE:
        os.stat("status", dir_fd=folder)
        return ""


def _examine(pid: int, init: str | None, *, with_exe: bool = False) -> Process:
    """Read one process through its directory, which never stands for a later process of the same pid."""
    folder = os.open(b"/proc/%d" % pid, LOOK | os.O_DIRECTORY)
    try:
        data = _status(folder)
        mounts = _mounts(folder)
        uids, gids = _field(data, b"\nUid:\t").split(), _field(data, b"\nGid:\t").split()
        return Process(
            pid=pid,
            ppid=int(_field(data, b"\nPPid:\t")),
            name=_name(data),
            uids=(int(uids[0]), int(uids[1]), int(uids[2]), int(uids[3])),
            gids=(int(gids[0]), int(gids[1]), int(gids[2]), int(gids[3])),
            groups=tuple(map(int, _field(data, b"\nGroups:\t").split())),
            cap_effective=int(_field(data, b"\nCapEff:\t"), 16),
            exe=_exe(pid, folder) if with_exe else "",
            host_mounts=None if mounts is None or init is None else mounts == init,
        )
    except PermissionError as error:
        if error.filename == "status":
            error.filename = f"/proc/{pid}/status"
        raise
    finally:
        os.close(folder)


def _init_mounts() -> str | None:
    try:
        return os.readlink("/proc/1/ns/mnt")
    except OSError:
        return None


def _lost(pid: int) -> OSError:
    """Tell a process that has ended from one that hidepid hides: kill(2) with signal 0 sends nothing, and finds the hidden one."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError as error:
        return ProcessLookupError(error.errno, error.strerror, f"/proc/{pid}")
    except PermissionError:
        pass
    return PermissionError(errno.EACCES, "hidden by hidepid", f"/proc/{pid}")


def _told(text: str) -> str:
    """Undo the locale's decoding of what the name service told."""
    return lenient(os.fsencode(text))


class LocalHost:
    """The host that this process runs on, as its user and its namespaces let it be seen."""

    kind = "local"

    def read_bytes(self, path: str, *, missing: bytes | Missing = Missing.RAISES, limit: int = MIB, follow: bool = True) -> bytes:
        """Return the content of a regular file of at most `limit` bytes, without waking or waiting for anything that is not one."""
        try:
            with _about(path) as name:
                handle = _open_regular(path, name, 0 if follow else os.O_NOFOLLOW)
                try:
                    return _drain(handle, path, limit)
                finally:
                    os.close(handle)
        except ABSENT:
            if isinstance(missing, Missing):
                raise
            return missing

    def read_text(self, path: str, *, missing: str | Missing = Missing.RAISES, limit: int = MIB, follow: bool = True) -> str:
        """Return the content of a regular file as text."""
        try:
            return lenient(self.read_bytes(path, limit=limit, follow=follow))
        except ABSENT:
            if isinstance(missing, Missing):
                raise
            return missing

    def stat(self, path: str, *, follow: bool = True) -> Stat:
        """Return type, owner, mode and ACL of `path`."""
        with _about(path) as name:
            seen = os.stat(name, follow_symlinks=follow)
            kind = TYPES[stat.S_IFMT(seen.st_mode)]
            return Stat(
                type=kind,
                uid=seen.st_uid,
                gid=seen.st_gid,
                mode=stat.S_IMODE(seen.st_mode),
                size=seen.st_size,
                dev=seen.st_dev,
                ino=seen.st_ino,
                acl=() if kind == "link" else _acl(path, name, follow),
            )

    def list_dir(self, path: str, *, limit: int = 100_000) -> list[str]:
        """Return the sorted names in a directory of at most `limit` names, keeping no more of a larger one."""
        names: list[str] = []
        with _about(path) as name, os.scandir(name) as entries:
            for entry in entries:
                if len(names) == limit:
                    raise LimitExceeded(f"{path}: more than {limit} names")
                names.append(lenient(entry.name))
        return sorted(names)

    def read_link(self, path: str) -> str:
        """Return where a symbolic link points."""
        with _about(path) as name:
            return lenient(os.readlink(name))

    def peer(self, path: str, *, timeout: float = 1.0) -> Peer:
        """Connect to a unix stream (or seqpacket) socket, send nothing, and return who listens; raises TimeoutError where nobody accepts in time."""
        import socket

        deadline = time.monotonic() + timeout
        with _about(path) as name, _address(name) as address:
            try:
                return _connect(address, socket.SOCK_STREAM, deadline)
            except OSError as error:
                if error.errno != errno.EPROTOTYPE:
                    raise
            return _connect(address, socket.SOCK_SEQPACKET, deadline)

    def processes(self) -> list[Process]:
        """Return the processes that can be seen, by pid, without `exe`; raises PermissionError where hidepid shows a process but not its status."""
        try:
            pids = sorted(int(name) for name in os.listdir("/proc") if name.isdigit())
        except FileNotFoundError:
            pids = []
        if not pids:
            raise Unsupported("/proc is not mounted")
        init, found = _init_mounts(), []
        for pid in pids:
            try:
                found.append(_examine(pid, init))
            except GONE:
                continue
        return found

    def process(self, pid: int) -> Process:
        """Return one process with its `exe`; raises ProcessLookupError where it is gone, PermissionError where it is hidden or its exe cannot be read."""
        import psutil

        if pid < 1:
            raise Unsupported(f"process {pid}: outside this pid namespace")
        if pid > PID_MAX:
            raise ProcessLookupError(errno.ESRCH, os.strerror(errno.ESRCH), f"/proc/{pid}")
        try:
            same = psutil.Process(pid)
            found = _examine(pid, _init_mounts(), with_exe=True)
            if same.is_running():
                return found
        except psutil.AccessDenied as error:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), f"/proc/{pid}") from error
        except (psutil.NoSuchProcess, *GONE):
            pass
        raise _lost(pid)

    def users(self) -> list[User]:
        """Return every user that the name service enumerates, in its order, without passwords."""
        import pwd

        return [
            User(name=_told(user.pw_name), uid=user.pw_uid, gid=user.pw_gid, home=_told(user.pw_dir), shell=_told(user.pw_shell)) for user in pwd.getpwall()
        ]

    def groups(self) -> list[Group]:
        """Return every group that the name service enumerates, in its order, without passwords."""
        import grp

        return [Group(name=_told(group.gr_name), gid=group.gr_gid, members=tuple(map(_told, group.gr_mem))) for group in grp.getgrall()]

    def group_ids(self, name: str, gid: int) -> list[int]:
        """Return the ids of every group that the name service gives user `name` with primary group `gid` (getgrouplist(3)), sorted."""
        try:
            return sorted({found % (1 << 32) for found in os.getgrouplist(name, gid)})
        except (ValueError, OverflowError) as error:
            raise Nonsense(f"user {name!r} with group {gid}: {error}") from error
