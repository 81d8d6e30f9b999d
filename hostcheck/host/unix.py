"""Connecting to a unix socket without ever waiting for it longer than was allowed.

A full backlog says EAGAIN at once to who asks without blocking, where a blocking connect(2) hangs for good (unix(7)).
"""

import errno
import os
import socket
import struct
import time
from collections.abc import Callable
from typing import Final

from hostcheck.host.answers import Peer

RETRY: Final = 0.01


def connect(where: bytes, deadline: float, own: Callable[[int], object], kind: int = socket.SOCK_STREAM) -> socket.socket:
    """Return a connection that never blocks; raises TimeoutError where the backlog stays full until `deadline` (of the monotonic clock).

    `own` is told the inode of the socket before it is connected.
    """
    line = socket.socket(socket.AF_UNIX, kind | socket.SOCK_NONBLOCK)
    try:
        own(os.fstat(line.fileno()).st_ino)
        while True:
            try:
                line.connect(where)
                return line
            except BlockingIOError as error:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError(errno.ETIMEDOUT, "its backlog is full") from error
                time.sleep(min(RETRY, left))
    except OSError:
        line.close()
        raise


def credentials(line: socket.socket) -> Peer:
    """Return who listens at the other end: SO_PEERCRED of unix(7)."""
    pid, uid, gid = struct.unpack("iII", line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return Peer(pid=pid, uid=uid, gid=gid)


def peer(address: bytes, timeout: float, own: Callable[[int], object]) -> Peer:
    """Connect to a stream or seqpacket socket, send nothing, and return who listens."""
    deadline = time.monotonic() + timeout
    try:
        line = connect(address, deadline, own)
    except OSError as error:
        if error.errno != errno.EPROTOTYPE:
            raise
        line = connect(address, deadline, own, socket.SOCK_SEQPACKET)
    with line:
        return credentials(line)
