"""Who listens on the TCP ports of container engines, and on vsock: address, port and owner by the kernel's tables, the process by its descriptors.

The uid in a table is that of who made the socket, and no process can change or hide it. Which process holds it is asked only where such a port is open, and
named by what the kernel says of it: what runs on a port is told by no number, no argv and no name that a process gave itself.
"""

import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, Final

from hostcheck.api import Hole, HoleError, Host, Json, Process, TcpSocket, Why, attempt, incomplete, pattern, worst_hole
from hostcheck_builtin.system import bounds
from hostcheck_builtin.system.account_files import keep
from hostcheck_builtin.system.candidates import PROGRAMS
from hostcheck_builtin.system.presence import absent_as, each_told
from hostcheck_builtin.system.procfs import away_from_init, demand, whole

REGISTERED: Final = {2375: "docker", 2376: "docker-s", 2377: "swarm"}
"""The ports that are registered for docker (IANA): plain, with TLS, and of a swarm's managers."""
USUAL: Final = {
    1234: "buildkit",  # `buildkitd --addr tcp://0.0.0.0:1234`, docs of moby/buildkit; Docker's of the remote driver
    4243: "docker",  # what 2375 was before it was registered (DEFAULTHTTPPORT of docker 0.6)
    8080: "podman",  # `tcp:localhost:8080`, podman-system-service(1)
    8443: "lxd",  # `core.https_address=:8443`, How to expose LXD to the network; as well for Incus
    10010: "cri",  # stream_server_port of containerd up to 1.2, and what k3s sets it to; stream_port of CRI-O up to 1.17
}
"""Where the documentation of an engine puts it, and anything else may be: who listens there is an engine only where its program is one's."""
PORTS: Final = REGISTERED | USUAL
ENGINES: Final = {**PROGRAMS, "k3s": "k3s", "lxd": "lxd", "incusd": "incus"}
"""By the name of the program; of those that forward the ports of containers, as rootlesskit does, none is one."""
TABLES: Final = ("tcp", "tcp6")
ROW: Final = (
    r"^ *[0-9]+: ([0-9A-F]{{8}}|[0-9A-F]{{32}}):({port}) [0-9A-F]+:0000 0A"
    r" (?:\S+ +){{3}}({uid}) +[0-9]+ +([0-9]{{1,20}}) "
)
LISTENS: Final = pattern(ROW.format(port="|".join(f"{port:04X}" for port in PORTS), uid="[0-9]{1,10}"), re.MULTILINE | re.ASCII)
"""A row in the state TCP_LISTEN (proc_pid_net(5), include/net/tcp_states.h)."""
ANY_PORT: Final = pattern(ROW.format(port="[0-9A-F]{4}", uid="[0-9]{1,10}"), re.MULTILINE | re.ASCII)
"""The same of every port."""
ANY_CID: Final = (1 << 32) - 1
DELETED: Final = " (deleted)"

Listener = dict[str, Any]
Held = tuple[int, int]
"""A process that holds a socket, and when it began."""


def engine_of(exe: str) -> str:
    """Return which engine a program is by the name of its file, "" for any other."""
    return ENGINES.get(exe.removesuffix(DELETED).rpartition("/")[2], "") if exe.startswith("/") else ""


def listeners(host: Host) -> Json:
    """Return who listens in the scanner's network namespace, by address and port, root's first where several users hold one.

    Each is ``{address, port, uid, inode, process: {pid, uid, exe}}``; incomplete where a table could not be read.
    """
    found: dict[str, Listener] = {}
    sockets, unread = _sockets(host)
    for named, entry in _entries(sockets):
        keep(found, named, entry)
    _name(host, found.values())
    return incomplete(found, worst_hole(unread, away_from_init(host)))


def of_user(host: Host, uid: int) -> list[TcpSocket] | Hole:
    """Return the sockets in the scanner's network namespace that a user made and listens on, on any port; a hole where a table could not be read."""
    return _told(host, attempt(host.tcp_sockets, (), uid=uid), lambda one: one.uid == uid)


def on_ports(host: Host, ports: Collection[int]) -> list[TcpSocket] | Hole:
    """Return the same of whoever made them, on some ports."""
    return _told(host, attempt(host.tcp_sockets, sorted(ports)), lambda one: one.port in ports)


def _told(host: Host, listed: list[TcpSocket] | Hole, wanted: Callable[[TcpSocket], bool]) -> list[TcpSocket] | Hole:
    """Return the kernel's list, or the same by its tables; where neither can be read, the worse of the two holes."""
    if not isinstance(listed, Hole):
        return listed
    found = attempt(inside, host, "/proc/net")
    return (worst_hole(listed, found) or found) if isinstance(found, Hole) else [one for one in found if wanted(one)]


def inside(host: Host, folder: str) -> list[TcpSocket]:
    """Return who listens on any port by the tables in a directory, which are those of a network namespace; raises HoleError where one cannot be read."""
    texts = [attempt(_table, host, f"{folder}/{name}", name) for name in TABLES]
    if unread := worst_hole(*texts):
        raise HoleError(unread)
    return [one for text in texts for one in _rows(str(text), ANY_PORT)]


def vsock(host: Host) -> Json:
    """Return who listens on vsock in the scanner's network namespace, as ``{cid, port, inode, process}`` by context id and port."""
    sockets = attempt(host.vsock_listeners)
    if isinstance(sockets, Hole):
        return sockets
    found: dict[str, Json] = {}
    for number, one in enumerate(sockets):
        far = Hole(why=Why.LIMIT, message=f"of more than {bounds.VSOCK_LISTENERS_ASKED} listeners on vsock, who holds the others was not asked")
        process = attempt(_search, host, one.inode) if number < bounds.VSOCK_LISTENERS_ASKED else far
        cid = "any" if one.cid == ANY_CID else one.cid
        keep(found, f"{cid}:{one.port}", {"cid": one.cid, "port": one.port, "inode": one.inode, "process": process})
    return found


def _sockets(host: Host) -> tuple[list[TcpSocket], Hole | None]:
    """Return who listens by the kernel's list, by its tables where it gives none, and the hole where a table could not be read."""
    told = attempt(host.tcp_sockets, sorted(PORTS))
    if not isinstance(told, Hole):
        return told, None
    texts, unread = each_told(lambda name: _table(host, f"/proc/net/{name}", name), TABLES)
    return [row for text in texts.values() for row in _rows(text, LISTENS)], unread


def _table(host: Host, path: str, name: str) -> str:
    """Return a table; a kernel without IPv6 has none for it, and every kernel has one for IPv4."""
    if name == TABLES[0]:
        return whole(path, demand(lambda name: host.read_text(name, limit=bounds.TCP_SOCKETS_BYTES), path))
    return whole(path, host.read_text(path, missing="\n", limit=bounds.TCP_SOCKETS_BYTES))


def _rows(text: str, listens: re.Pattern[str]) -> Iterator[TcpSocket]:
    for row in listens.finditer(text):
        yield TcpSocket(address=_address(row[1]), port=int(row[2], 16), uid=int(row[3]), inode=int(row[4]))


def named(one: TcpSocket) -> str:
    """Return address and port of a socket as people write them."""
    return f"[{one.address}]:{one.port}" if ":" in one.address else f"{one.address}:{one.port}"


def _entries(sockets: Iterable[TcpSocket]) -> list[tuple[str, Listener]]:
    """Return each name once for each user who listens by it: on another device anybody may (SO_BINDTODEVICE, socket(7)), and one user as often as they like."""
    found: dict[tuple[str, int], tuple[str, Listener]] = {}
    for one in sorted(sockets, key=lambda one: (":" in one.address, one.uid)):
        found[named(one), one.uid] = named(one), {"address": one.address, "port": one.port, "uid": one.uid, "inode": one.inode}
    return list(found.values())


def _address(digits: str) -> str:
    """Return an address as people write it; the kernel prints it by words of the machine's own byte order."""
    raw = b"".join(int(digits[place : place + 8], 16).to_bytes(4, sys.byteorder) for place in range(0, len(digits), 8))
    if len(raw) == 4:
        return ".".join(map(str, raw))
    from socket import AF_INET6, inet_ntop  # for those who listen over IPv6

    return inet_ntop(AF_INET6, raw)


def _name(host: Host, entries: Collection[Listener]) -> None:
    """Name the process of each listener, those of root's sockets before others; nobody is asked where there is none."""
    ports = sorted({entry["port"] for entry in entries})
    stated = attempt(host.tcp_listeners, ports) if ports else []
    held = {} if isinstance(stated, Hole) else {one.inode: (one.pid, one.started) for one in stated if one.pid is not None}
    known: dict[Held, Json] = {}
    for entry in sorted(entries, key=lambda entry: int(entry["uid"])):
        entry["process"] = stated if isinstance(stated, Hole) else _known(host, known, held, entry["inode"])


def _known(host: Host, known: dict[Held, Json], held: dict[int, Held], inode: int) -> Json:
    if inode not in held:
        return _nobody(inode)
    if held[inode] not in known:
        if len(known) >= bounds.LISTENERS_TOLD_APART:
            return Hole(why=Why.LIMIT, message=f"more than {bounds.LISTENERS_TOLD_APART} processes listen on ports of engines")
        known[held[inode]] = attempt(_process, host, *held[inode])
    return known[held[inode]]


def _nobody(inode: int) -> Hole:
    return Hole(why=Why.DENIED, message=f"/proc: socket {inode} is held by no process that may be looked at")


def _process(host: Host, pid: int, started: int) -> Json:
    process = absent_as(None, host.process, pid)
    if process is None or process.started != started:
        return Hole(why=Why.LIMIT, message=f"/proc/{pid}: it ended before it was looked at")
    return _stated(process)


def _stated(process: Process) -> Json:
    return {"pid": process.pid, "uid": process.uids[1], "exe": process.exe}


def _search(host: Host, inode: int) -> Json:
    """Return a process that holds a socket, the first by pid; psutil does not know those of vsock."""
    for pid in host.holders([inode], [one.pid for one in host.processes() if not one.lost]):
        if process := absent_as(None, host.process, pid):
            return _stated(process)
    return _nobody(inode)
