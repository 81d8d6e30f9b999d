"""Which processes are engines of root's, by the file that they run, whoever can replace it; and on which TCP sockets each listens.

An engine may listen on any port, so that no port is asked for: the sockets that a process holds are looked up in the tables of network namespaces. One
that runs in a container is none of this host's.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from hostcheck.api import ABSENT, Hole, HoleError, Host, Process, TcpSocket, Why, attempt, worst_hole
from hostcheck_builtin.sockets.fd_owners import DELETED, at_home
from hostcheck_builtin.system import tcp_listeners
from hostcheck_builtin.system.bounds import NETWORK_NAMESPACES_OF_ENGINES as NAMESPACES
from hostcheck_builtin.system.bounds import ROOTS_PROCESSES_CALLED_LIKE_ENGINES as PROCESSES
from hostcheck_builtin.system.candidates import PROGRAMS
from hostcheck_builtin.system.credentials import hides
from hostcheck_builtin.system.fact_members import sure
from hostcheck_builtin.system.listeners import opened
from hostcheck_builtin.system.presence import absent_as
from hostcheck_builtin.system.procfs import away_from_init

KUBERNETES: Final = {"k0s": "k0s", "k3s": "k3s", "kubelet": "kubelet", "kubelite": "microk8s", "rke2": "rke2"}
ENGINES: Final = {**PROGRAMS, **KUBERNETES, "incusd": "incus", "lxd": "lxd"}
"""Which engine a file is, by its name."""
NAMES: Final = frozenset({*ENGINES, "k3s-agent", "k3s-server"})
"""What their processes are called."""
ROOT: Final = {0}


class HeldSocket(NamedTuple):
    """A socket that a process listens on; `network` is 0 in the scanner's own network namespace."""

    socket: TcpSocket
    network: int


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Sockets:
    """The sockets of root's that listen on TCP, by inode, and the hole where there may be more."""

    held: dict[int, HeldSocket] = field(default_factory=dict)
    unread: Hole | None = None

    def add(self, found: Iterable[TcpSocket], network: int) -> None:
        """Take those of one namespace."""
        for one in found:
            self.held.setdefault(one.inode, HeldSocket(one, network))


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class RootsProcesses:
    """Root's processes, which of them are called like engines, the sockets, and the hole where there may be more engines."""

    roots: list[Process] = field(default_factory=list)
    named: list[Process] = field(default_factory=list)
    sockets: Sockets = field(default_factory=Sockets)
    unread: Hole | None = None


def find(host: Host) -> RootsProcesses:
    """Return root's processes and what they listen on: in the scanner's network namespace, and in those of root's engines."""
    found = RootsProcesses()
    processes = attempt(host.processes)
    if isinstance(processes, Hole):
        found.unread = processes
        return found
    lost = next((Hole(why=Why.LIMIT, message=f"/proc/{one.pid}: ended before it could be read, and so again") for one in processes if one.lost), None)
    found.unread = worst_hole(attempt(hides, host), lost, attempt(away_from_init, host))
    found.roots = [one for one in processes if not one.lost and set(one.uids) == ROOT and 2 not in (one.pid, one.ppid)]
    found.named = [one for one in found.roots if one.name in NAMES]
    own = tcp_listeners.of_user(host, 0)
    found.sockets.unread = own if isinstance(own, Hole) else None
    found.sockets.add([] if isinstance(own, Hole) else own, 0)
    abroad(host, found.sockets, found.named)
    if len(found.named) > PROCESSES:
        found.unread = worst_hole(found.unread, Hole(why=Why.LIMIT, message=f"more than {PROCESSES} processes of root's are called like engines"))
    return found


def abroad(host: Host, sockets: Sockets, processes: Iterable[Process]) -> None:
    """Add who listens in the network namespaces of processes, but for the scanner's own."""
    networks: dict[int, list[int]] = {}
    for one in processes:
        if one.network is None:
            hidden = Hole(why=Why.DENIED, message=f"/proc/{one.pid}/net: which network namespace that is is not known")
            sockets.unread = worst_hole(sockets.unread, hidden)
        elif one.network:
            networks.setdefault(one.network, []).append(one.pid)
    if len(networks) > NAMESPACES:
        sockets.unread = worst_hole(sockets.unread, Hole(why=Why.LIMIT, message=f"engines of root's are in more than {NAMESPACES} network namespaces"))
    for network, pids in sorted(networks.items())[:NAMESPACES]:
        there = attempt(_inside, host, network, pids)
        if isinstance(there, Hole):
            sockets.unread = worst_hole(sockets.unread, there)
        else:
            sockets.add(there, network)


def _inside(host: Host, network: int, pids: list[int]) -> list[TcpSocket]:
    """Return who listens in a namespace, nobody where every process that was seen in it has ended; a pid may be another's by now."""
    for pid in pids:
        found = attempt(tcp_listeners.inside, host, f"/proc/{pid}/net")
        if absent_as(None, lambda at: host.stat(f"/proc/{at}/net/unix").ino, pid) == network:
            return sure(found)
    return []


def engine_of(host: Host, process: Process) -> str:
    """Return which engine a process is, "" for what is none, or runs in a container."""
    program = process.exe.removesuffix(DELETED)
    engine = ENGINES.get(program.rpartition("/")[2], "") if program.startswith("/") else ""
    return engine if engine and at_home(host, process, program) else ""


def held_by(host: Host, pid: int, sockets: Sockets) -> tuple[Process, list[HeldSocket]] | None:
    """Return a process and what it listens on; None where it has ended, or another has its pid by now. Raises HoleError."""
    try:
        before = host.process(pid)
        inodes = attempt(opened, host, pid)
        after = host.process(pid)
    except ABSENT:
        return None
    if isinstance(inodes, Hole):
        raise HoleError(inodes)
    same = (before.started, before.exe) == (after.started, after.exe) and set(after.uids) == ROOT
    return (before, [sockets.held[inode] for inode in sorted(inodes & sockets.held.keys())]) if same else None


def who_listens(host: Host, sockets: Sockets, processes: Iterable[Process]) -> list[int] | Hole:
    """Return which of the processes hold one of the sockets."""
    return attempt(host.holders, sorted(sockets.held), [one.pid for one in processes]) if sockets.held else []
