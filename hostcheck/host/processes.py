"""The processes of this machine, with the threads that act with other credentials than their process.

A process is held by its directory in /proc, which never stands for a later one; and whoever ends while he is looked at may have left a child that
no listing has shown, so that it is listed again until nobody does.
"""

import errno
import fcntl
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import Final

from hostcheck.host import MIB, LimitExceeded, Nonsense, Unsupported, lenient
from hostcheck.host.answers import Process

LOOK: Final = os.O_PATH | os.O_CLOEXEC | os.O_DIRECTORY
READ: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
GONE: Final = (FileNotFoundError, ProcessLookupError)
PATIENCE: Final = 0.5
PAUSE: Final = 0.0005
"""Seconds for which all is listed again, and between two lists: a host that builds or serves has moments without an end, a loop of forks has none."""
ALL: Final = (1 << 32) - 1
"""How many ids there are: the last number is none (user_namespaces(7))."""
LARGE: Final = 1 << 14
ROOM: Final = 1 << 20
"""Bytes from which on a status counts, and of all those that count in the user namespaces that one user has made: in these a process takes as many groups
as there are ids in a range, and the kernel takes a tenth of a second to write them down."""
NS_GET_OWNER_UID: Final = 0xB704
"""ioctl_nsfs(2)."""
CREDENTIALS: Final = (b"\nUid:\t", b"\nGid:\t", b"\nGroups:\t", b"\nCapPrm:\t", b"\nCapEff:\t")


class Reference:
    """What others are compared with: the mount namespaces of process 1 ("" where it is out of reach, in a container even of root) and of this one.

    Network namespaces are told apart by a file that each has an inode of its own for, and that anybody may look at (get_proc_task_net() of the kernel).
    """

    def __init__(self, init: str, own: str) -> None:
        """Take what every process is compared with."""
        self.init, self.own = init, own
        self.spent: Counter[int] = Counter()

    def read(self, folder: int, process: int) -> bytes | int:
        """Return the status of a process or of a thread at `folder`, or the user in whose user namespaces there was too much to read before it."""
        if any(size > ROOM for size in self.spent.values()) and self.spent[owner := _namespace_of(process)] > ROOM:
            return owner
        data = _read(folder, b"status")
        if len(data) > LARGE and (owner := _namespace_of(process)) > 0:
            self.spent[owner] += len(data)
        return data

    @cached_property
    def ids(self) -> bytes:
        """Return the uid_map of this process, with which few are compared; none on a kernel without user namespaces."""
        folder = os.open("/proc/self", LOOK)
        try:
            return _read(folder, b"uid_map")
        except FileNotFoundError:
            return b""
        finally:
            os.close(folder)

    @cached_property
    def network(self) -> int:
        """Return the inode of the sockets of this network namespace, 0 where there are none to see."""
        with suppress(OSError):
            return os.stat(b"/proc/self/net/unix").st_ino
        return 0


def reference() -> Reference:
    """Return what the processes of this machine are compared with."""
    init = ""
    with suppress(OSError):
        init = lenient(os.readlink(b"/proc/1/ns/mnt"))
    return Reference(init, lenient(os.readlink(b"/proc/self/ns/mnt")))


def everyone() -> list[Process]:
    """Return the processes that can be seen, by pid; a `lost` one where some ended in each round."""
    if not os.path.isdir("/proc") or not any(_numbers(os.listdir("/proc"))):
        raise Unsupported("/proc is not mounted")
    seen, found = reference(), list[Process]()

    def read(pid: int) -> bool:
        group = _group(pid, seen)
        found.extend(group)
        return bool(group)

    lost = _all(lambda: _numbers(os.listdir("/proc")), read)
    return [*sorted(found, key=lambda one: one.pid), *([_lost(lost)] if lost else [])]


def examine(pid: int, seen: Reference, *, with_exe: bool = False) -> Process:
    """Read one process."""
    with held(pid) as folder:
        return _stated(folder, pid, _read(folder, b"status"), seen, with_exe=with_exe)


def _numbers(names: list[str]) -> list[int]:
    return sorted(int(name) for name in names if name.isdigit())


def _all(names: Callable[[], Iterable[int]], read: Callable[[int], bool]) -> int:
    """Read whatever is listed, until nothing ended meanwhile or is found dead for the first time; return one that did in the last round, else 0."""
    done: set[int] = set()
    until = time.monotonic() + PATIENCE
    while True:
        lost = 0
        for one in names():
            if one in done:
                continue
            try:
                lost = lost if read(one) else one
            except GONE:
                lost = one
                continue
            done.add(one)
        if not lost or time.monotonic() > until:
            return lost
        time.sleep(PAUSE)


def _namespace_of(folder: int) -> int:
    """Return who made the user namespace of a process, 0 for root and where that cannot be told."""
    try:
        handle = os.open(b"ns/user", READ, dir_fd=folder)
    except OSError:
        return 0
    try:
        return int.from_bytes(fcntl.ioctl(handle, NS_GET_OWNER_UID, b"\0\0\0\0"), sys.byteorder)
    except OSError:  # before Linux 4.11
        return 0
    finally:
        os.close(handle)


def _unread(pid: int, owner: int) -> Process:
    return Process(pid=pid, ppid=0, name="", uids=(owner,) * 4, gids=(owner,) * 4, groups=(), cap_effective=0, host_mounts=False, user_view=True, unread=True)


def _lost(pid: int) -> Process:
    none = (-1, -1, -1, -1)
    return Process(pid=pid, ppid=0, name="", uids=none, gids=none, groups=(), cap_effective=0, lost=True)


@contextmanager
def held(pid: int) -> Iterator[int]:
    """Hold a process by its directory, which never stands for a later one."""
    folder = os.open(f"/proc/{pid}", LOOK)
    try:
        yield folder
    except OSError as error:
        error.filename = f"/proc/{pid}/{lenient(error.filename or b'status')}"
        raise
    finally:
        os.close(folder)


def _group(pid: int, seen: Reference) -> list[Process]:
    """Read a process and those of its threads that have other credentials; nothing where all of them have ended.

    Credentials are of a thread (credentials(7), "user and group IDs" at the level of the kernel), and its first one may have ended before the others.
    """
    with held(pid) as folder:
        data = seen.read(folder, folder)
        if isinstance(data, int):
            return [_unread(pid, data)]
        ended, count = _ended(data), int(_field(data, b"\nThreads:\t"))
        if ended and count <= 1:
            return []
        if ended:
            return _threads(folder, pid, [], seen)
        first = _stated(folder, pid, data, seen)
        return [first] if count <= 1 or first.uids[0] == 0 else [first, *_threads(folder, pid, [_credentials(data)], seen)]


def _threads(folder: int, pid: int, known: list[tuple[bytes, ...]], seen: Reference) -> list[Process]:
    found: list[Process] = []

    def read(number: int) -> bool:
        thread = os.open(b"task/%d" % number, LOOK, dir_fd=folder)
        try:
            data = seen.read(thread, folder)
            if isinstance(data, int):
                found.append(_unread(number, data))
                return True
            if _ended(data):
                return number == pid  # a dead first thread stays until the last one has ended
            if (stated := _credentials(data)) not in known:
                found.append(_stated(thread, number, data, seen))
                known.append(stated)
            return True
        finally:
            os.close(thread)

    tasks = os.open(b"task", READ | os.O_DIRECTORY, dir_fd=folder)
    try:
        lost = _all(lambda: _numbers(os.listdir(tasks)), read)
    finally:
        os.close(tasks)
    if not known and not found:
        raise ProcessLookupError(errno.ESRCH, os.strerror(errno.ESRCH))
    return [*found, *([_lost(lost)] if lost else [])]


def _ended(data: bytes) -> bool:
    return _field(data, b"\nState:\t")[:1] in (b"Z", b"X")


def _credentials(data: bytes) -> tuple[bytes, ...]:
    return tuple(_field(data, key) for key in CREDENTIALS)


def _stated(folder: int, pid: int, data: bytes, seen: Reference, *, with_exe: bool = False) -> Process:
    mounts = _link(folder, b"ns/mnt", denied="")
    host_mounts, uids = _host_mounts(mounts, seen), _four(data, b"\nUid:\t")
    return Process(
        pid=pid,
        ppid=int(_field(data, b"\nPPid:\t")),
        name=_name(data),
        uids=uids,
        gids=_four(data, b"\nGid:\t"),
        groups=tuple(map(int, _field(data, b"\nGroups:\t").split())),
        cap_effective=int(_field(data, b"\nCapEff:\t"), 16),
        cap_permitted=int(_field(data, b"\nCapPrm:\t"), 16),
        exe=_link(folder, b"exe") if with_exe else "",
        host_mounts=host_mounts,
        mounts=mounts,
        user_view=False if host_mounts else _user_view(folder, uids, seen),
        network=_network(folder, seen) if set(uids) == {0} and b"\nVmSize:" in data else 0,  # a kernel thread has no memory
        started=started(folder) if with_exe else 0,
    )


def _network(folder: int, seen: Reference) -> int | None:
    """Return the inode of the sockets of a network namespace, 0 for the scanner's own and for a process that has ended, None where it is denied."""
    try:
        inode = os.stat(b"net/unix", dir_fd=folder).st_ino
    except PermissionError:
        return None
    except (*GONE, NotADirectoryError):
        return 0
    return 0 if inode == seen.network else inode


def started(folder: int) -> int:
    """Return when a process began; its name, in brackets, may hold brackets and spaces too."""
    try:
        return int(_read(folder, b"stat").rpartition(b")")[2].split()[19])
    except FileNotFoundError:
        os.stat(b"status", dir_fd=folder)
        return 0


def _host_mounts(mounts: str, seen: Reference) -> bool | None:
    if mounts and seen.init:
        return mounts == seen.init
    return True if mounts and mounts == seen.own else None


def _user_view(folder: int, uids: tuple[int, int, int, int], seen: Reference) -> bool | None:
    """Say whether a user can have made what a process sees.

    To mount or to chroot(2) takes a capability, which a user has only in a user namespace of his own, where not all ids can be mapped, and which is
    not left again. A program that is setuid root may do it for him: so where he who logged in (pam_loginuid(8)) is the one who acts, he can as well;
    where another one acts it may be his other self (su(1)), or a container that he started (sudo(8)).
    """
    try:
        ids = _read(folder, b"uid_map")
        login = _read(folder, b"loginuid")
    except PermissionError:
        return None
    except GONE as error:
        os.stat(b"status", dir_fd=folder)
        if error.filename == b"uid_map":  # a kernel without user namespaces
            return False
        login = b""
    if not _whole(ids):
        return None if ids == seen.ids else True
    session = int(login or ALL)
    return False if session in (0, ALL) else session == uids[0] or None


def _whole(ids: bytes) -> bool:
    """Say whether every id is mapped to itself, as in the first user namespace."""
    end = 0
    for inside, outside, count in sorted((int(fields[0]), int(fields[1]), int(fields[2])) for line in ids.splitlines() if len(fields := line.split()) == 3):
        if inside != end or outside != end:
            return False
        end += count
    return end == ALL


def _read(folder: int, name: bytes) -> bytes:
    handle = os.open(name, READ, dir_fd=folder)
    chunks, room = list[bytes](), MIB
    try:
        while room > 0 and (chunk := os.read(handle, 1 << 16)):
            chunks.append(chunk)
            room -= len(chunk)
    finally:
        os.close(handle)
    if room <= 0:
        raise LimitExceeded(f"/proc/PID/{lenient(name)}: more than {MIB} bytes")
    return b"".join(chunks)


def _field(data: bytes, key: bytes) -> bytes:
    start = data.find(key) + len(key)
    if start < len(key):
        raise Nonsense(f"/proc/PID/status: without {lenient(key.strip())}")
    return data[start : data.index(b"\n", start)]


def _four(data: bytes, key: bytes) -> tuple[int, int, int, int]:
    real, effective, saved, of_files = map(int, _field(data, key).split())
    return real, effective, saved, of_files


def _name(data: bytes) -> str:
    r"""Return the name; ``\n`` and ``\\`` are escaped in it, so that none can pass for a line of its own (proc_pid_status(5))."""
    escaped = _field(data, b"Name:\t")
    return lenient(escaped.replace(b"\\\\", b"\0").replace(b"\\n", b"\n").replace(b"\0", b"\\"))


def _link(folder: int, name: bytes, denied: str | None = None) -> str:
    """Return where a link of a process points, "" for a zombie or a kernel thread; psutil would believe argv[0] instead, which anyone can write."""
    try:
        return lenient(os.readlink(name, dir_fd=folder))
    except PermissionError:
        if denied is None:
            raise
        return denied
    except GONE:
        os.stat(b"status", dir_fd=folder)
        return ""
