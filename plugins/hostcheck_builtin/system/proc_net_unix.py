"""What the kernel lists of unix sockets: their names, in the scanner's network namespace and in every other one that a program of root's lives in.

A name in the file system can be connected to from any namespace. Of the namespaces that users make none is read: a user may make thousands, and what an
engine of root's binds is in that of its process. Any user may bind any name in mounts of his own, or write a row of his own into a name with a newline.
"""

import errno
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeVar

from hostcheck.api import ABSENT, Hole, Host, Process, UnixSocket, Why, attempt, pattern, worst_hole
from hostcheck_builtin.system import bounds, candidates
from hostcheck_builtin.system.procfs import whole

T = TypeVar("T")
UNIX: Final = "/proc/net/unix"
AWAY: Final = Hole(why=Why.DENIED, message="/proc/self/net/unix: engines are in the network namespace of process 1, and the scanner is not")
ACCEPTS: Final = 1 << 16
"""__SO_ACCEPTCON: listen(2) was called (include/linux/net.h)."""
CONNECTED: Final = "03"
"""SS_CONNECTED of a socket that a process holds."""
ROW: Final = pattern(r"[0-9A-Fa-f]+: [0-9A-F]{8} [0-9A-F]{8} ([0-9A-F]{8}) [0-9A-F]{4} ([0-9A-F]{2}) +([0-9]{1,20})(?: (.*))?", re.ASCII)


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Table:
    """The listening sockets: inodes by bound name, how many rows claim each inode, and the hole where a namespace could not be read.

    `own` are the names in the scanner's own namespace, `connected` those there at which a connection was accepted; `rows` are the
    names that rows of a namespace, 0 for the scanner's own, give an inode. Abstract names begin with an at sign (unix(7)), and so may the names of files, which
    are passed over unless root's engine bound them.
    """

    inodes: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    claims: Counter[int] = field(default_factory=Counter)
    own: frozenset[str] = frozenset()
    connected: set[str] = field(default_factory=set)
    rows: dict[int, dict[int, list[str]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    unread: Hole | None = None

    def trusts(self, inode: int) -> bool:
        """Say whether the name of a socket is what the kernel has for it: a row in a name claims an inode whose own row is there as well."""
        return self.claims[inode] == 1

    def add(self, text: str, network: int = 0) -> None:
        """Take the rows of one namespace."""
        for line in text.split("\n"):
            if row := ROW.fullmatch(line):
                flags, state, inode, name = row.groups()
                self.claims[int(inode)] += 1
                self.rows[int(inode)][network].append(candidates.plain(name or "") if int(flags, 16) & ACCEPTS else "")
                if name and state == CONNECTED and not network:
                    self.connected.add(candidates.plain(name))
                if name and int(flags, 16) & ACCEPTS:
                    self.inodes[candidates.plain(name)].add(int(inode))


def own(host: Host) -> Table:
    """Return the sockets of the scanner's own network namespace."""
    table = Table()
    table.add(whole(UNIX, visible(lambda path: host.read_text(path, limit=bounds.UNIX_SOCKETS_BYTES), UNIX)))
    table.own = frozenset(table.inodes)
    return table


def everywhere(host: Host) -> Table:
    """Return the sockets of every network namespace in which a program of root's may bind a name of the host, those of engines before others."""
    table = own(host)
    processes = attempt(host.processes)
    if isinstance(processes, Hole):
        table.unread = processes
        return table
    others, table.unread = _others(host, processes)
    room = bounds.OTHER_UNIX_SOCKETS_BYTES
    for network in list(others)[: bounds.NETWORK_NAMESPACES]:
        stated = attempt(_read, host, network, others[network], min(bounds.UNIX_SOCKETS_BYTES, room))
        if isinstance(stated, Hole):
            table.unread = worst_hole(table.unread, stated)
            continue
        table.add(stated, network)
        room -= len(stated)
    if len(others) > bounds.NETWORK_NAMESPACES:
        table.unread = worst_hole(
            table.unread, Hole(why=Why.LIMIT, message=f"programs of root live in more than {bounds.NETWORK_NAMESPACES} network namespaces")
        )
    return table


def _others(host: Host, processes: Iterable[Process]) -> tuple[dict[int, list[int]], Hole | None]:
    """Return the processes to ask, by namespace, and the hole where it is not known in which one is.

    Who is no engine by name and sees other mounts, as what runs in a container, is passed over: what it binds means other places.
    """
    found: dict[int, list[int]] = defaultdict(list)
    unknown: Hole | None = None
    abroad = [one for one in processes if one.network != 0 and set(one.uids) == {0}]
    mounts = attempt(visible, host.read_link, "/proc/self/ns/mnt") if abroad else ""
    for process in sorted(abroad, key=lambda one: one.name not in candidates.PROGRAMS):
        if process.network is None:
            unknown = unknown or Hole(why=Why.DENIED, message=f"/proc/{process.pid}/net/unix: hidden")
        elif process.name in candidates.PROGRAMS or process.host_mounts is not False or isinstance(mounts, Hole) or process.mounts == mounts:
            found[process.network].append(process.pid)
    return found, unknown


def _read(host: Host, network: int, pids: Iterable[int], limit: int) -> str:
    """Return the sockets of a namespace as one of the processes in it sees them, "" where all have ended; its pid may be another's by now."""
    for pid in pids:
        path = f"/proc/{pid}/net/unix"
        try:
            text = host.read_text(path, limit=limit)
            if host.stat(path).ino == network:
                return whole(path, text)
        except ABSENT:
            continue
    return ""


def away(host: Host) -> Hole | None:
    """Return the hole where engines are in the network namespace of process 1 and the scanner is not, as under PrivateNetwork= (systemd.exec(5)).

    Connections and abstract names are seen from inside only.
    """
    processes = attempt(host.processes)
    if isinstance(processes, Hole):
        return processes
    init = _inits(processes)
    return AWAY if any(one.network in init and one.name in candidates.PROGRAMS and set(one.uids) == {0} for one in processes) else None


def missed(host: Host, table: Table) -> Hole | None:
    """Return the hole where the scanner is `away`, or an abstract name in the network namespace of process 1 tells an engine: whose it is is not told."""
    processes = attempt(host.processes)
    if isinstance(processes, Hole):
        return processes
    return AWAY if any(map(_tells, _names_in(table, _inits(processes)))) else away(host)


def _inits(processes: Iterable[Process]) -> set[int | None]:
    """Return the network namespace of process 1 where it is another one than the scanner's, or not known."""
    return {one.network for one in processes if one.pid == 1 and one.network != 0}


def _names_in(table: Table, networks: Collection[int | None]) -> Iterator[str]:
    """Yield the names that are listened on in some network namespaces."""
    for rows in table.rows.values():
        for network in rows.keys() & networks:
            yield from rows[network]


def _tells(name: str) -> bool:
    return name.startswith("@") and candidates.abstract(name) != "unknown"


def name_of(socket: UnixSocket) -> str:
    """Return a name as this table shows it, and `ss`: with an at sign for each NUL of an abstract one."""
    return candidates.plain(socket.name.replace("\0", "@"))


def visible(verb: Callable[[str], T], path: str) -> T:
    """Return what `verb` answers of a path that the kernel has: where it is not there somebody hides it (hidepid, subset=pid), which is a refusal."""
    try:
        return verb(path)
    except ABSENT as error:
        raise PermissionError(errno.EACCES, "hidden, or /proc is not mounted", path) from error
