"""Who listens for docker's clients over TCP in this network namespace, by the kernel's table of sockets.

The uid in the table is that of who made the socket, and no process can change or hide it; which process it is, only its descriptors tell.
"""

import re
import sys
from typing import Any, Final

from hostcheck.api import Hole, Host, Json, attempt, incomplete, worst_hole
from hostcheck_builtin.system.account_files import keep
from hostcheck_builtin.system.procfs import demand, whole

TABLES: Final = ("/proc/net/tcp", "/proc/net/tcp6")
SIZE: Final = 16 << 20
PORTS: Final = {2375: "docker", 2376: "docker-s"}
"""The ports that are registered for docker, plain and with TLS (IANA)."""
LISTENS: Final = re.compile(
    rf"^ *[0-9]+: ([0-9A-F]{{8}}|[0-9A-F]{{32}}):({'|'.join(f'{port:04X}' for port in PORTS)}) [0-9A-F]+:0000 0A"
    r" (?:\S+ +){3}([0-9]{1,10}) +[0-9]+ +([0-9]{1,20}) ",
    re.MULTILINE | re.ASCII,
)
"""A row in the state TCP_LISTEN (proc_pid_net(5), include/net/tcp_states.h)."""

Listener = dict[str, Any]


def listeners(host: Host) -> Json:
    """Return who listens, by address and port, root's first where several users hold one; incomplete where a table could not be read."""
    found: dict[str, Json] = {}
    unread: Hole | None = None
    for path in TABLES:
        text = attempt(_table, host, path)
        if isinstance(text, Hole):
            unread = worst_hole(unread, text)
        else:
            for named, entry in sorted(_rows(text).values(), key=lambda row: row[1]["uid"]):
                keep(found, named, entry)
    return found if unread is None else incomplete(found, unread)


def _table(host: Host, path: str) -> str:
    """Return a table; a kernel without IPv6 has none for it, and every kernel has one for IPv4."""
    if path == TABLES[0]:
        return whole(path, demand(lambda name: host.read_text(name, limit=SIZE), path))
    return whole(path, host.read_text(path, missing="\n", limit=SIZE))


def _rows(text: str) -> dict[tuple[str, int], tuple[str, Listener]]:
    """Return each name once for each user who listens by it: on another device anybody may (SO_BINDTODEVICE, socket(7)), and one user as often as they like."""
    found: dict[tuple[str, int], tuple[str, Listener]] = {}
    for row in LISTENS.finditer(text):
        address, port = _address(row[1]), int(row[2], 16)
        named = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        uid = int(row[3])
        found[named, uid] = named, {"address": address, "port": port, "uid": uid, "inode": int(row[4])}
    return found


def _address(digits: str) -> str:
    """Return an address as people write it; the kernel prints it by words of the machine's own byte order."""
    raw = b"".join(int(digits[place : place + 8], 16).to_bytes(4, sys.byteorder) for place in range(0, len(digits), 8))
    if len(raw) == 4:
        return ".".join(map(str, raw))
    from socket import AF_INET6, inet_ntop  # for those who listen over IPv6

    return inet_ntop(AF_INET6, raw)
