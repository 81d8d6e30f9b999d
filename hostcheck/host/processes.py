"""The processes of this machine, with the threads that act with other credentials than their process.

A process is held by its directory in /proc, which never stands for a later one; and whoever ends while he is looked at may have left a child that
no listing has shown, so that it is listed again until nobody does.
"""

import errno
import os
import time
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from hostcheck.host import Unsupported, lenient
from hostcheck.host.answers import Process
from hostcheck.host.namespaces import Reference, has_host_mounts, is_users_view, network_of, reference
from hostcheck.host.proc_dir import GONE, LOOK, READ, field, four_ids, held, link_of, name_of, read_file, started

PATIENCE: Final = 0.5
PAUSE: Final = 0.0005
"""Seconds for which all is listed again, and between two lists: a host that builds or serves has moments without an end, a loop of forks has none.

The threads of all processes share the first: a user has thousands of processes whose threads come and go.
"""
SERVES: Final = 5.0
"""Seconds for which what was read of a process serves others who ask: on a loaded machine it takes seconds to read 5,000."""
CREDENTIALS: Final = (b"\nUid:\t", b"\nGid:\t", b"\nGroups:\t", b"\nCapPrm:\t", b"\nCapEff:\t")


class Patience:
    """The seconds that are left for listing again what ended while it was read."""

    def __init__(self) -> None:
        """Begin with all of them."""
        self.left = PATIENCE


class Known(NamedTuple):
    """What was read of a process that has one set of credentials, when, and what stat(2) says of its directory in /proc: the inode and the effective ids.

    The inode is made when the directory is first looked at, and never stands for a later process of the same number (proc_pid_make_inode() of the kernel).
    """

    process: Process
    at: float
    folder: tuple[int, int, int]

    def lives(self) -> bool:
        """Say whether it is the same process still, acts as the same user, and sees the same mounts.

        Of one that lives in the host's mounts these are not asked for: what it sees there is looked at by nobody.
        """
        place = f"/proc/{self.process.pid}"
        try:
            if self.folder != _mark(os.stat(place)):
                return False
            return self.process.host_mounts is True or not self.process.mounts or self.process.mounts == os.readlink(f"{place}/ns/mnt")
        except OSError:
            return False


def everyone(known: dict[int, Known]) -> list[Process]:
    """Return the processes that can be seen, by pid; a `lost` one where some ended in each round.

    What is `known` of those that live is not read again; afterwards it is what was found.
    """
    if not os.path.isdir("/proc") or not any(_numbers(os.listdir("/proc"))):
        raise Unsupported("/proc is not mounted")
    seen, patience, found, kept = reference(), Patience(), list[Process](), dict[int, Known]()
    since = time.monotonic() - SERVES

    def read(pid: int) -> bool:
        if (one := known.get(pid)) and one.at >= since and one.lives():
            kept[pid] = one
            found.append(one.process)
            return True
        at = time.monotonic()
        folder, group = _group(pid, seen, patience)
        if [one.pid for one in group] == [pid]:
            kept[pid] = Known(group[0], at, folder)
        found.extend(group)
        return bool(group)

    lost = _all(lambda: _numbers(os.listdir("/proc")), read, Patience())
    known.clear()
    known.update(kept)
    return [*sorted(found, key=lambda one: one.pid), *([_lost(lost)] if lost else [])]


def examine(pid: int, seen: Reference, *, with_exe: bool = False) -> Process:
    """Read one process."""
    with held(pid) as folder:
        return _stated(folder, pid, read_file(folder, b"status"), seen, with_exe=with_exe)


def _numbers(names: list[str]) -> list[int]:
    return sorted(int(name) for name in names if name.isdigit())


def _all(names: Callable[[], Iterable[int]], read: Callable[[int], bool], patience: Patience) -> int:
    """Read whatever is listed, until nothing ended meanwhile or is found dead for the first time; return one that did in the last round, else 0."""
    done: set[int] = set()
    while True:
        lost, begun = 0, time.monotonic()
        for one in names():
            if one in done:
                continue
            try:
                lost = lost if read(one) else one
            except GONE:
                lost = one
                continue
            done.add(one)
        if not lost or patience.left <= 0:
            return lost
        time.sleep(PAUSE)
        patience.left -= time.monotonic() - begun


def _unread(pid: int, owner: int) -> Process:
    return Process(pid=pid, ppid=0, name="", uids=(owner,) * 4, gids=(owner,) * 4, groups=(), cap_effective=0, host_mounts=False, user_view=True, unread=True)


def _lost(pid: int) -> Process:
    none = (-1, -1, -1, -1)
    return Process(pid=pid, ppid=0, name="", uids=none, gids=none, groups=(), cap_effective=0, lost=True)


def _mark(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_ino, found.st_uid, found.st_gid


def _group(pid: int, seen: Reference, patience: Patience) -> tuple[tuple[int, int, int], list[Process]]:
    """Read a process and those of its threads that have other credentials, and what tells its directory; nothing where all of them have ended.

    Credentials are of a thread (credentials(7), "user and group IDs" at the level of the kernel), and its first one may have ended before the others.
    """
    with held(pid) as folder:
        return _mark(os.fstat(folder)), _members(folder, pid, seen, patience)


def _members(folder: int, pid: int, seen: Reference, patience: Patience) -> list[Process]:
    data = seen.read(folder, folder)
    if isinstance(data, int):
        return [_unread(pid, data)]
    ended, count = _ended(data), int(field(data, b"\nThreads:\t"))
    if ended and count <= 1:
        return []
    if ended:
        return _threads(folder, pid, [], seen, patience)
    first = _stated(folder, pid, data, seen)
    return [first] if count <= 1 or first.uids[0] == 0 else [first, *_threads(folder, pid, [_credentials(data)], seen, patience)]


def _threads(folder: int, pid: int, known: list[tuple[bytes, ...]], seen: Reference, patience: Patience) -> list[Process]:
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
        lost = _all(lambda: _numbers(os.listdir(tasks)), read, patience)
    finally:
        os.close(tasks)
    if not known and not found:
        raise ProcessLookupError(errno.ESRCH, os.strerror(errno.ESRCH))
    return [*found, *([_lost(lost)] if lost else [])]


def _ended(data: bytes) -> bool:
    return field(data, b"\nState:\t")[:1] in (b"Z", b"X")


def _credentials(data: bytes) -> tuple[bytes, ...]:
    return tuple(field(data, key) for key in CREDENTIALS)


def _mounts(folder: int) -> str:
    """Return the mount namespace of a process, "" where it is denied; raises ProcessLookupError for one that is ending, which has given up its namespaces."""
    try:
        return lenient(os.readlink(b"ns/mnt", dir_fd=folder))
    except PermissionError:
        return ""
    except FileNotFoundError as error:
        raise ProcessLookupError(errno.ESRCH, os.strerror(errno.ESRCH)) from error


def _stated(folder: int, pid: int, data: bytes, seen: Reference, *, with_exe: bool = False) -> Process:
    mounts = link_of(folder, b"ns/mnt", denied="") if with_exe else _mounts(folder)  # of a zombie that is asked for by its pid nothing is known
    host_mounts, uids = has_host_mounts(mounts, seen), four_ids(data, b"\nUid:\t")
    return Process(
        pid=pid,
        ppid=int(field(data, b"\nPPid:\t")),
        name=name_of(data),
        uids=uids,
        gids=four_ids(data, b"\nGid:\t"),
        groups=tuple(map(int, field(data, b"\nGroups:\t").split())),
        cap_effective=int(field(data, b"\nCapEff:\t"), 16),
        cap_permitted=int(field(data, b"\nCapPrm:\t"), 16),
        exe=link_of(folder, b"exe") if with_exe else "",
        host_mounts=host_mounts,
        mounts=mounts,
        user_view=False if host_mounts else is_users_view(folder, uids, seen),
        network=network_of(folder, seen) if set(uids) == {0} and b"\nVmSize:" in data else 0,  # a kernel thread has no memory
        started=started(folder) if with_exe else 0,
    )
