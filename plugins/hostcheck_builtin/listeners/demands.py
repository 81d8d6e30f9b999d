"""What an engine of root's asks of its clients over TCP: proved by a connection to a loopback address, or not known.

Nobody is connected to who could be a user: not where somebody else than root listens on the same port, nor believed where the engine has let go of it
meanwhile.
"""

import errno
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from hostcheck.api import Demand, Hole, HoleError, Host, Json, TcpSocket, Why, attempt
from hostcheck_builtin.listeners.root_engines import HeldSocket
from hostcheck_builtin.system import bounds, tcp_listeners
from hostcheck_builtin.system.tcp_listeners import named

ASKED: Final = frozenset({"buildkit", "containerd", "docker", "podman"})
"""The engines that are connected to: of the others, TLS without a client certificate says little of who may do what, and CRI-O holds ports of containers."""
PATIENCE: Final = 1.0
LOOPBACKS: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}
NO_IPV6: Final = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.ENETUNREACH})
"""Why nobody reaches ::1 where IPv6 was turned off; programs in Go listen on [::] for IPv4 all the same."""
MAPPED: Final = "::ffff:"


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Prover:
    """Who else than root has listened on the same ports, which of them several listen on, and how many were connected to, or silent."""

    host: Host
    ports: Collection[int]
    others: dict[int, int] | Hole | None = None
    shared: frozenset[int] = frozenset()
    silent: int = 0
    asked: int = 0
    known: dict[tuple[str, int], Json] = field(default_factory=dict)


def demand(prover: Prover, pid: int, held: HeldSocket) -> Json:
    """State what a listener of an engine's asks of clients; the hole where that cannot be proved."""
    return attempt(_proved, prover, pid, held)


def loopback(address: str) -> str:
    """Return the loopback address by which a listener is reached, "" where it is by none."""
    plain = address.removeprefix(MAPPED) if address.startswith(MAPPED) and "." in address else address
    return LOOPBACKS.get(plain, plain if plain.startswith("127.") or plain == "::1" else "")


def _proved(prover: Prover, pid: int, held: HeldSocket) -> Json:
    name, target = named(held.socket), loopback(held.socket.address)
    if held.network:
        raise HoleError(Hole(why=Why.LIMIT, message=f"{name}: in another network namespace, where a scan connects to nobody"))
    if not target:
        raise HoleError(Hole(why=Why.LIMIT, message=f"{name}: no loopback address, and a scan connects to no other"))
    _demand_roots_alone(prover, held.socket)
    if (target, held.socket.port) not in prover.known:
        prover.known[target, held.socket.port] = attempt(_asked, prover, target, held.socket)
    found = prover.known[target, held.socket.port]
    if isinstance(found, Hole):
        return found
    if prover.host.holders([held.socket.inode], [pid]) != [pid]:
        raise HoleError(Hole(why=Why.LIMIT, message=f"{name}: /proc/{pid} let go of it while it was looked at"))
    return found


def _demand_roots_alone(prover: Prover, socket: TcpSocket) -> None:
    """Raise HoleError where somebody else listens on the same port, or that is not known."""
    if prover.others is None:
        stated = tcp_listeners.on_ports(prover.host, prover.ports)
        prover.others = stated if isinstance(stated, Hole) else {one.port: one.uid for one in stated if one.uid != 0}
        ports = [] if isinstance(stated, Hole) else [one.port for one in stated]
        prover.shared = frozenset(port for port in ports if ports.count(port) > 1)
    if isinstance(prover.others, Hole):
        raise HoleError(prover.others)
    if socket.port in prover.others:
        uid = prover.others[socket.port]
        raise HoleError(Hole(why=Why.LIMIT, message=f"{named(socket)}: uid {uid} listens on the same port, so nobody is connected to there"))


def _asked(prover: Prover, target: str, socket: TcpSocket) -> Json:
    if prover.silent >= bounds.SILENT_LISTENERS or prover.asked >= bounds.LISTENERS_CONNECTED_TO:
        why = f"{bounds.SILENT_LISTENERS} others that did not answer" if prover.silent >= bounds.SILENT_LISTENERS else f"{bounds.LISTENERS_CONNECTED_TO} others"
        raise HoleError(Hole(why=Why.LIMIT, message=f"{named(socket)}: not connected to, after {why}"))
    prover.asked += 1
    try:
        found = _answered(prover, target, socket)
    except TimeoutError:
        prover.silent += 1
        raise
    return {"tls": found.tls, "speaks": found.speaks, "status": found.status, "answers_as": _engine(found.server, found.libpod)}


def _answered(prover: Prover, target: str, socket: TcpSocket) -> Demand:
    """Ask at the loopback address, by IPv4 where that of IPv6 is not there and nobody else is on the same port."""
    try:
        return prover.host.tcp_demand(target, socket.port, timeout=PATIENCE)
    except OSError as error:
        if error.errno not in NO_IPV6 or socket.address != "::" or socket.port in prover.shared:
            raise
        return prover.host.tcp_demand(LOOPBACKS["0.0.0.0"], socket.port, timeout=PATIENCE)


def _engine(server: str, libpod: str) -> str:
    """Return which engine's API answers, "" for anything else."""
    if libpod or server.startswith("Libpod/"):
        return "podman"
    return "docker" if server.startswith("Docker/") else ""
