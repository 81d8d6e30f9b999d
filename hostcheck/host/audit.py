"""What the kernel records by its audit rules, as it tells over netlink; nothing is set, and no rule is changed.

Only the first user and pid namespace may ask (audit_netlink_ok() of the kernel).
"""

import errno
import os
import socket
import struct
import time
from collections.abc import Iterator
from typing import Final

from hostcheck.host import LimitExceeded, Nonsense
from hostcheck.host.answers import AuditRules
from hostcheck.host.sockets import BUFFER, DONE, ERROR, HEADER, split

NETLINK_AUDIT: Final = 9
GET, LIST_RULES = 1000, 1013
"""Of linux/audit.h."""
REQUEST: Final = 1
STATUS: Final = struct.Struct("=4xI4xI")
"""Enabled and pid in struct audit_status."""
WITHHELD: Final = (errno.EAFNOSUPPORT, errno.ESOCKTNOSUPPORT)
RULES: Final = 4096
PATIENCE: Final = 2.0


def audit_rules() -> AuditRules:
    """Return what is recorded, and for whom.

    Raises FileNotFoundError where this kernel has no audit, or it is off since boot (audit=0); PermissionError without CAP_AUDIT_CONTROL, in a namespace
    or under a sandbox; TimeoutError after two seconds; LimitExceeded where there are more than 4096 rules.
    """
    until = time.monotonic() + PATIENCE
    with _line() as line:
        for kind, body in _answers(line, GET, until):
            if kind == GET:
                if len(body) < STATUS.size:
                    raise Nonsense("netlink: the status of audit is cut short")
                enabled, pid = STATUS.unpack_from(body)
                return AuditRules(enabled=enabled, pid=pid, rules=tuple(_rules(line, until)))
    raise Nonsense("netlink: no status of audit")


def _rules(line: socket.socket, until: float) -> Iterator[bytes]:
    for count, (_, body) in enumerate(_answers(line, LIST_RULES, until)):
        if count >= RULES:
            raise LimitExceeded(f"netlink: more than {RULES} audit rules")
        yield bytes(body)


def _line() -> socket.socket:
    try:
        return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, NETLINK_AUDIT)
    except OSError as error:
        if error.errno == errno.EPROTONOSUPPORT:
            raise FileNotFoundError(errno.ENOENT, "this kernel has no audit, or it is off since boot", "netlink") from error
        if error.errno in WITHHELD:
            raise PermissionError(errno.EACCES, f"no socket of this kind: {error.strerror}", "netlink") from error
        raise


def _answers(line: socket.socket, asked: int, until: float) -> Iterator[tuple[int, memoryview]]:
    """Yield what the kernel answers to one question; only what was asked with this number counts, and only from the kernel (netlink(7))."""
    try:
        line.sendto(HEADER.pack(HEADER.size, asked, REQUEST, asked, 0), (0, 0))
    except ConnectionRefusedError as error:
        raise PermissionError(errno.EACCES, "audit answers in the first user namespace only", "netlink") from error
    while (left := until - time.monotonic()) > 0:
        line.settimeout(left)
        data, _, flags, (sender, _) = line.recvmsg(BUFFER)
        if flags & socket.MSG_TRUNC:
            raise Nonsense("netlink: a message longer than the kernel makes them")
        for kind, body in split(data) if sender == 0 else ():
            if kind == DONE:
                return
            if kind == ERROR:
                _refuse(body)
            if kind == asked:
                yield kind, body
    raise TimeoutError(errno.ETIMEDOUT, "the kernel does not come to an end with its audit rules", "netlink")


def _refuse(body: memoryview) -> None:
    number = -struct.unpack_from("=i", body)[0] if len(body) >= 4 else errno.EBADMSG
    if number == errno.ECONNREFUSED:
        raise PermissionError(errno.EACCES, "audit answers in the first user namespace only", "netlink")
    if number:
        raise OSError(number, os.strerror(number), "netlink")
