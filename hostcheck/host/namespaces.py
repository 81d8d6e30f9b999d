"""Which namespaces a process lives in, as far as they are the host's, the scanner's, or could be a user's own.

A user can make a user namespace, and in it all others; what a process sees there is what that user chose.
"""

import fcntl
import os
import sys
from collections import Counter
from contextlib import suppress
from functools import cached_property
from typing import Final

from hostcheck.host import lenient
from hostcheck.host.proc_dir import GONE, LOOK, READ, read_file

ALL: Final = (1 << 32) - 1
"""How many ids there are: the last number is none (user_namespaces(7))."""


LARGE: Final = 1 << 11


ROOM: Final = 1 << 20
"""Bytes from which on a status counts, and of all those that count in the user namespaces that one user has made: in these a process takes as many groups
as there are ids in a range, and the kernel takes a tenth of a second to write them down."""


NS_GET_OWNER_UID: Final = 0xB704
"""ioctl_nsfs(2)."""


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
        data = read_file(folder, b"status")
        if len(data) > LARGE and (owner := _namespace_of(process)) > 0:
            self.spent[owner] += len(data)
        return data

    @cached_property
    def ids(self) -> bytes:
        """Return the uid_map of this process, with which few are compared; none on a kernel without user namespaces."""
        folder = os.open("/proc/self", LOOK)
        try:
            return read_file(folder, b"uid_map")
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


def network_of(folder: int, seen: Reference) -> int | None:
    """Return the inode of the sockets of a network namespace, 0 for the scanner's own and for a process that has ended, None where it is denied."""
    try:
        inode = os.stat(b"net/unix", dir_fd=folder).st_ino
    except PermissionError:
        return None
    except (*GONE, NotADirectoryError):
        return 0
    return 0 if inode == seen.network else inode


def has_host_mounts(mounts: str, seen: Reference) -> bool | None:
    """Say whether a mount namespace is that of process 1, else of the scanner; None where that cannot be told."""
    if mounts and seen.init:
        return mounts == seen.init
    return True if mounts and mounts == seen.own else None


def is_users_view(folder: int, uids: tuple[int, int, int, int], seen: Reference) -> bool | None:
    """Say whether a user can have made what a process sees.

    To mount or to chroot(2) takes a capability, which a user has only in a user namespace of his own, where not all ids can be mapped, and which is
    not left again. A program that is setuid root may do it for him: so where he who logged in (pam_loginuid(8)) is the one who acts, he can as well;
    where another one acts it may be his other self (su(1)), or a container that he started (sudo(8)).
    """
    try:
        ids = read_file(folder, b"uid_map")
        login = read_file(folder, b"loginuid")
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
