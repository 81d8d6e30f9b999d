"""The unix and vsock sockets of this network namespace, as the kernel tells them over netlink (sock_diag(7)), and which processes hold them.

Netlink tells what /proc/net/unix does not: which socket is connected with which, and names by their length, so that none can pass for another's row.
"""

import errno
import os
import socket
import struct
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import Final

from hostcheck.host import LimitExceeded, Nonsense, lenient
from hostcheck.host.answers import UnixSocket, VsockListener

SOCK_DIAG: Final = 4
BY_FAMILY: Final = 20
ERROR, DONE = 2, 3
DUMP: Final = 0x301
"""NLM_F_REQUEST and NLM_F_DUMP (linux/netlink.h)."""
ESTABLISHED, LISTEN = 1, 10
SHOW: Final = 0x1 | 0x2 | 0x4 | 0x40
"""UDIAG_SHOW_NAME, VFS, PEER and UID; the last since Linux 5.3 (linux/unix_diag.h)."""
NAME, VFS, PEER, UID = 0, 1, 2, 7
MINOR: Final = 20
"""Bits of a device number that are its minor one, as the kernel keeps it (linux/kdev_t.h)."""
HEADER, MESSAGE, ATTRIBUTE = struct.Struct("=IHHII"), struct.Struct("=BBBBI8x"), struct.Struct("=HH")
VSOCK: Final = struct.Struct("=4xII8xI8x")
"""Context id, port and inode in what vsock_diag answers (linux/vm_sockets_diag.h)."""
AF_VSOCK: Final = 40
"""As in linux/socket.h; Python has a name for it only where it was built with it."""
PROTOCOLS: Final = "/proc/net/protocols"
BUFFER: Final = 1 << 18
"""Bytes; the kernel fills 32 KiB at most (netlink_dump())."""
WITHHELD: Final = (errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT, errno.ESOCKTNOSUPPORT, errno.EOPNOTSUPP)
ROUNDS: Final = 3
"""How often the list is asked for: between two messages of one answer the kernel counts how far it was in a bucket of its table, and passes over sockets
where others in it, of any user, were closed meanwhile (unix_diag_dump())."""
SOCKETS: Final = 100_000
PATIENCE: Final = 1.0
"""Seconds for the kernel's lists, and as many to look through descriptors, of which a user may have a million."""
OPEN: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


def unix_sockets() -> list[UnixSocket]:
    """Return the sockets that have a name and listen or are connected, by inode.

    Raises PermissionError where a kernel or a sandbox (RestrictAddressFamilies= of systemd.exec(5)) keeps them from us, TimeoutError after a second.
    """
    found: dict[int, UnixSocket] = {}
    for body in dump("unix", _asked(socket.AF_UNIX, 1 << ESTABLISHED | 1 << LISTEN, SHOW)):
        if (stated := _told(body)) is not None:
            found[stated.inode] = stated
            if len(found) > SOCKETS:
                raise LimitExceeded(f"netlink: more than {SOCKETS} unix sockets with a name")
    return sorted(found.values(), key=lambda one: one.inode)


def vsock_listeners() -> list[VsockListener]:
    """Return the sockets that listen on vsock, by port, none where the kernel has no vsock: asking would load its module.

    Raises as `unix_sockets` does, PermissionError also of the many kernels that are built without vsock_diag.
    """
    found: set[VsockListener] = set()
    for body in dump("vsock", _asked(AF_VSOCK, 1 << LISTEN, 0)) if _has_vsock() else ():
        if len(body) < VSOCK.size:
            raise Nonsense("netlink: a socket that is cut short")
        cid, port, inode = VSOCK.unpack_from(body)
        found.add(VsockListener(cid=cid, port=port, inode=inode))
        if len(found) > SOCKETS:
            raise LimitExceeded(f"netlink: more than {SOCKETS} vsock sockets that listen")
    return sorted(found, key=lambda one: (one.port, one.cid, one.inode))


def _has_vsock() -> bool:
    try:
        with open(PROTOCOLS, "rb") as file:
            return any(line.startswith(b"AF_VSOCK ") for line in file)
    except FileNotFoundError as error:
        raise PermissionError(errno.EACCES, "hidden, as where /proc is not mounted", PROTOCOLS) from error


def _asked(family: int, states: int, show: int) -> bytes:
    """Ask for the sockets of a family in one of these states."""
    return struct.pack("=BBHIII8x", family, 0, 0, states, 0, show)


def dump(name: str, asked: bytes) -> Iterator[memoryview]:
    """Yield what the kernel answers of each socket that is asked for, mostly as often as there are rounds; raises as `unix_sockets` does."""
    request = HEADER.pack(HEADER.size + len(asked), BY_FAMILY, DUMP, 1, 0) + asked
    until = time.monotonic() + PATIENCE
    for _ in range(ROUNDS):
        for kind, body in _messages(request, until):
            if kind == ERROR:
                _refuse(name, body)
            elif kind == BY_FAMILY:
                yield body


def _line() -> socket.socket:
    """Return a netlink socket; that there are none for us is no absence of what it would tell."""
    try:
        return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, SOCK_DIAG)
    except OSError as error:
        if error.errno in WITHHELD:
            raise PermissionError(errno.EACCES, f"no socket of this kind: {error.strerror}", "netlink") from error
        raise


def _messages(request: bytes, until: float) -> Iterator[tuple[int, memoryview]]:
    """Yield type and body of each message of one answer."""
    with _line() as line:
        line.sendto(request, (0, 0))
        while (left := until - time.monotonic()) > 0:
            line.settimeout(left)
            data, _, flags, (sender, _) = line.recvmsg(BUFFER)
            if flags & socket.MSG_TRUNC:
                raise Nonsense("netlink: a message longer than the kernel makes them")
            if sender == 0:  # other senders are processes, not the kernel (netlink(7))
                for kind, body in split(data):
                    if kind == DONE:
                        return
                    yield kind, body
    raise TimeoutError(errno.ETIMEDOUT, "the kernel does not come to an end with its sockets", "netlink")


def split(data: bytes) -> Iterator[tuple[int, memoryview]]:
    """Yield type and body of each message that was received as one."""
    whole, at = memoryview(data), 0
    while at + HEADER.size <= len(whole):
        length, kind, _, _, _ = HEADER.unpack_from(whole, at)
        if not HEADER.size <= length <= len(whole) - at:
            raise Nonsense("netlink: a message that is cut short")
        yield kind, whole[at + HEADER.size : at + length]
        at += (length + 3) & ~3


def _refuse(name: str, body: memoryview) -> None:
    """Raise what the kernel answers instead: no such family, or nobody to ask about it, who may be a module that is not loaded."""
    number = -struct.unpack_from("=i", body)[0] if len(body) >= 4 else errno.EBADMSG
    if number in (errno.ENOENT, errno.EINVAL, *WITHHELD):
        raise PermissionError(errno.EACCES, f"this kernel does not tell its {name} sockets ({name}_diag)", "netlink")
    if number:
        raise OSError(number, os.strerror(number), "netlink")


def _told(body: memoryview) -> UnixSocket | None:
    """Return a socket, None for one without a name or one that no process holds, as before it is accepted."""
    if len(body) < MESSAGE.size:
        raise Nonsense("netlink: a socket that is cut short")
    _, _, state, _, inode = MESSAGE.unpack_from(body)
    stated = dict(_attributes(body[MESSAGE.size :]))
    name = bytes(stated.get(NAME, b""))
    if not name or not inode:
        return None
    numbers = {kind: struct.unpack_from("=I", stated[kind])[0] for kind in (PEER, UID) if len(stated.get(kind, b"")) >= 4}
    file, device = struct.unpack_from("=II", stated[VFS]) if len(stated.get(VFS, b"")) >= 8 else (0, 0)
    return UnixSocket(
        inode=inode,
        name=lenient(_plain(name)),
        listening=state == LISTEN,
        peer=numbers.get(PEER, 0),
        uid=numbers.get(UID, -1),
        dev=os.makedev(device >> MINOR, device & (1 << MINOR) - 1),
        file=file,
    )


def _plain(name: bytes) -> bytes:
    """Return a name without the NUL that ends a path; an abstract one begins with NUL, and may have more."""
    return name if name.startswith(b"\0") else name.partition(b"\0")[0]


def _attributes(rest: memoryview) -> Iterator[tuple[int, memoryview]]:
    at = 0
    while at + ATTRIBUTE.size <= len(rest):
        length, kind = ATTRIBUTE.unpack_from(rest, at)
        if not ATTRIBUTE.size <= length <= len(rest) - at:
            raise Nonsense("netlink: an attribute that is cut short")
        yield kind, rest[at + ATTRIBUTE.size : at + length]
        at += (length + 3) & ~3


def holders(inodes: Collection[int], pids: Collection[int]) -> list[int]:
    """Return which of the processes hold one of the sockets; raises PermissionError where one may not be asked, TimeoutError after a second."""
    wanted, until = frozenset(f"socket:[{inode}]" for inode in inodes), time.monotonic() + PATIENCE
    return [pid for pid in sorted(pids) if wanted and _holds(pid, wanted, until)]


def _holds(pid: int, wanted: frozenset[str], until: float) -> bool:
    """Look through the descriptors of a process; one that has ended holds none."""
    try:
        folder = os.open(f"/proc/{pid}/fd", OPEN)
    except (FileNotFoundError, ProcessLookupError):
        return False
    try:
        return any(_leads(folder, name, until) in wanted for name in os.listdir(folder))
    finally:
        os.close(folder)


def _leads(folder: int, name: str, until: float) -> str:
    if time.monotonic() > until:
        raise TimeoutError(errno.ETIMEDOUT, f"not done with all descriptors after {PATIENCE:g} s", "/proc")
    try:
        return os.readlink(name, dir_fd=folder)
    except FileNotFoundError:
        return ""
    except PermissionError:  # what has just ended is refused as well (proc_fd_access_allowed() of the kernel), and has no descriptors to list
        with suppress(FileNotFoundError, ProcessLookupError):
            if os.listdir(folder):
                raise
        return ""
