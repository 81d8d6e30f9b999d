"""The sockets that listen on TCP in this network namespace, as the kernel tells them over netlink (sock_diag(7)).

For /proc/net/tcp the kernel looks through the table of all connections, which takes milliseconds however few there are; who listens stands in a small one.
"""

import os
import socket
import struct
from collections.abc import Collection
from contextlib import suppress
from typing import Final

from hostcheck.host import LimitExceeded, Nonsense, Unsupported
from hostcheck.host.answers import TcpSocket
from hostcheck.host.sockets import LISTEN, SOCKETS, dump

REQUEST: Final = struct.Struct("=BBBBI48x")
MESSAGE: Final = struct.Struct("=4xH2x16s40xII")
"""Port, address, uid and inode in what inet_diag answers (linux/inet_diag.h)."""
LENGTHS: Final = {socket.AF_INET: 4, socket.AF_INET6: 16}
MODULES: Final = "/proc/modules"
LOADED: Final = "/sys/module/tcp_diag"
BUILT_IN: Final = "/lib/modules/{}/modules.builtin"
PROTOCOLS: Final = "/proc/net/protocols"


def listening(ports: Collection[int], uid: int | None = None) -> list[TcpSocket]:
    """Return the sockets that listen on one of these ports, or with `uid` those of this user, by port and address.

    Raises Unsupported where asking would load a module, else as `unix_sockets` does.
    """
    if not _is_there():
        raise Unsupported("netlink: the module tcp_diag is not loaded, and a scan loads none")
    found: set[TcpSocket] = set()
    for family, length in LENGTHS.items():
        for body in dump("tcp", REQUEST.pack(family, socket.IPPROTO_TCP, 0, 0, 1 << LISTEN)):
            if len(body) < MESSAGE.size:
                raise Nonsense("netlink: a socket that is cut short")
            port, address, owner, inode = MESSAGE.unpack_from(body)
            if socket.ntohs(port) in ports if uid is None else owner == uid:
                found.add(TcpSocket(address=socket.inet_ntop(family, address[:length]), port=socket.ntohs(port), uid=owner, inode=inode))
            if len(found) > SOCKETS:
                raise LimitExceeded(f"netlink: more than {SOCKETS} sockets that listen on TCP")
    return sorted(found, key=lambda one: (one.port, one.address, one.uid, one.inode))


def _is_there() -> bool:
    """Say whether the kernel has tcp_diag, by its modules, or because it knows no modules; a /proc that is hidden tells neither."""
    if os.path.isdir(LOADED):
        return True
    if not os.path.exists(MODULES):
        return os.path.exists(PROTOCOLS)
    with suppress(OSError), open(BUILT_IN.format(os.uname().release), "rb") as file:
        return b"/tcp_diag.ko" in file.read()
    return False
