"""Who listens on TCP and on vsock for engines, what root's ask of clients, which programs of root's hand an engine on, and what NFS gives."""

from hostcheck.api import Hole, Host, Json, TcpSocket, Why, attempt, incomplete, worst_hole
from hostcheck_builtin.listeners import nfs_exports, socket_units, told_addresses
from hostcheck_builtin.listeners.demands import ASKED, Prover, demand
from hostcheck_builtin.listeners.relays import relays
from hostcheck_builtin.listeners.root_engines import HeldSocket, RootsProcesses, engine_of, find, held_by, who_listens
from hostcheck_builtin.listeners.user_engines import of_users
from hostcheck_builtin.system import bounds, procfs, tcp_listeners
from hostcheck_builtin.system.account_files import keep
from hostcheck_builtin.system.path_walk import LstatCache
from hostcheck_builtin.system.presence import absent_as

Listeners = dict[int, tuple[HeldSocket, str, int, str]]
"""By inode: the socket, the engine that holds it, its pid and its program."""


def collect(host: Host) -> Json:
    """State ``{engines, users, vsock, relays}``, and what an NFS server lets root of other hosts write where there is one."""
    found = find(host)
    return {
        "engines": _engines(host, found),
        "users": of_users(host),
        "vsock": _vsock(host),
        "relays": relays(host, found, LstatCache()),
        **nfs_exports.stated(host),
    }


def _engines(host: Host, found: RootsProcesses) -> Json:
    """State every socket on which an engine of root's listens, by address and port."""
    holders = who_listens(host, found.sockets, found.named[: bounds.ROOTS_PROCESSES_CALLED_LIKE_ENGINES])
    unknown = worst_hole(found.unread, found.sockets.unread if found.named else None, holders)
    listeners: Listeners = {}
    for pid in [] if isinstance(holders, Hole) else holders:
        unread = attempt(_take, host, pid, found, listeners)
        unknown = worst_hole(unknown, unread)
    prover = Prover(host=host, ports=sorted({held.socket.port for held, *_ in listeners.values() if not held.network}))
    stated = {name: _stated(host, prover, *one) for name, one in _named(listeners)}
    passed = socket_units.held(host, [one.socket for inode, one in sorted(found.sockets.held.items()) if inode not in listeners and not one.network])
    for inode, engine in {} if isinstance(passed, Hole) else passed.items():
        keep(stated, tcp_listeners.named(found.sockets.held[inode].socket), _idle(host, found.sockets.held[inode].socket, engine))
    return incomplete(stated, worst_hole(unknown, passed))


def _idle(host: Host, socket: TcpSocket, engine: str) -> Json:
    """State a socket on which systemd listens for an engine that does not run."""
    systemd = attempt(lambda: host.process(socket_units.SYSTEMD).exe)
    starts = Hole(why=Why.LIMIT, message=f"{tcp_listeners.named(socket)}: systemd listens there, and would start {engine} for who connects")
    told = {"addresses": {f":{socket.port}": "ListenStream"}, "tls_options": [], "activated": True}
    place = {"address": socket.address, "port": socket.port, "network": 0, "process": {"pid": socket_units.SYSTEMD, "exe": systemd}}
    return {"engine": engine, **place, "told": told, **({"demand": starts} if engine in ASKED else {})}


def _take(host: Host, pid: int, found: RootsProcesses, listeners: Listeners) -> None:
    held = held_by(host, pid, found.sockets)
    if held is None:
        return
    engine = engine_of(host, held[0])
    for one in held[1] if engine else ():
        listeners.setdefault(one.socket.inode, (one, engine, pid, held[0].exe))


def _named(listeners: Listeners) -> list[tuple[str, tuple[HeldSocket, str, int, str]]]:
    """Return each listener with a name: address and port, with the namespace where that is not the scanner's own."""
    found: dict[str, tuple[HeldSocket, str, int, str]] = {}
    for one in sorted(listeners.values(), key=lambda one: (one[0].network, one[0].socket.port, one[0].socket.address, one[0].socket.inode)):
        where = f" in network {one[0].network}" if one[0].network else ""
        keep(found, f"{tcp_listeners.named(one[0].socket)}{where}", one)
    return list(found.items())


def _stated(host: Host, prover: Prover, held: HeldSocket, engine: str, pid: int, exe: str) -> Json:
    argv = _argv(host, pid)
    stated = {"engine": engine, "address": held.socket.address, "port": held.socket.port, "network": held.network, "process": {"pid": pid, "exe": exe}}
    says = argv if isinstance(argv, Hole) else told_addresses.told(host, engine, argv)
    asked = engine in ASKED and (engine != "docker" or _is_told(host, says, held))
    return {**stated, "told": says, **({} if asked is False else {"demand": asked if isinstance(asked, Hole) else demand(prover, pid, held)})}


def _is_told(host: Host, says: Json, held: HeldSocket) -> bool | Hole:
    """Say whether dockerd was told to listen there: else it may hold the port of a container, and who connects comes to that."""
    if isinstance(says, Hole):
        return says
    if any(at.rpartition(":")[2] == str(held.socket.port) for at in says["addresses"]):
        return True
    passed = says["activated"] if says["activated"] is not True else attempt(host.holders, [held.socket.inode], [1])
    unknown = worst_hole(passed, getattr(says["addresses"], "hole", None))
    return bool(passed) if unknown is None or passed is True else unknown


def _argv(host: Host, pid: int) -> list[str] | Hole:
    ended = Hole(why=Why.LIMIT, message=f"/proc/{pid}: it ended before it was looked at")
    return absent_as(ended, attempt, procfs.command, host, pid, bounds.ARGUMENTS_OF_A_LISTENER)


def _vsock(host: Host) -> Json:
    """State the sockets on vsock that an engine holds, and those of which it is not known who does."""
    found = tcp_listeners.vsock(host)
    if isinstance(found, Hole):
        return found
    return {name: one for name, one in found.items() if isinstance(one["process"], Hole) or tcp_listeners.engine_of(one["process"]["exe"])}
