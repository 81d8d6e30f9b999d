"""Connections to root's engines that were made in a network namespace of a user's, where the kernel keeps both of their ends.

Whoever may make user namespaces may make a network too (unshare(2)), connect from there, and hand the connection on. Then it is in no table of the host's,
but the engine holds what it accepted. Nobody but root brings a program of the first user namespace into another network (setns(2)), so that a network with
such a program in it is root's, as that of a container is.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from hostcheck.api import ABSENT, Hole, Host, Json, LimitExceeded, Why, attempt, worst_hole
from hostcheck_builtin.sockets.connections import holders
from hostcheck_builtin.system import proc_net_unix
from hostcheck_builtin.system.bounds import NETWORK_NAMESPACES as NAMESPACES
from hostcheck_builtin.system.bounds import PROCESSES_FOR_CONNECTIONS as PROCESSES
from hostcheck_builtin.system.bounds import UNIX_SOCKETS_BYTES as SIZE
from hostcheck_builtin.system.listeners import ListenerCache, descriptors, holds, inodes
from hostcheck_builtin.system.presence import absent_as
from hostcheck_builtin.system.proc_net_unix import Table
from hostcheck_builtin.system.socket_places import place_of

OF_UNIX: Final = "\nscm_fds:"
"""What /proc/PID/fdinfo has of a unix socket and of nothing else (since Linux 5.6)."""
EVERY_UID: Final = ["0", "0", "4294967295"]


def by_socket(host: Host, cache: ListenerCache, sockets: Mapping[str, Json], unseen: Hole | None) -> dict[str, Hole]:
    """Return for each socket of root's engines the hole that connections from such networks leave, or that it is not known who holds its connections.

    `unseen` is the hole where there may be engines that are not known.
    """
    left: dict[int, Hole | None] = {}
    found = {}
    for path, one in sockets.items():
        servers = [] if isinstance(one, Hole) else _servers(cache, path, one, unseen)
        for pid in servers if isinstance(servers, list) else ():
            if pid not in left:
                left[pid] = _left(host, cache, pid)
        if hole := servers if isinstance(servers, Hole) else worst_hole(*(left[pid] for pid in servers)):
            found[path] = hole
    return found


def _servers(cache: ListenerCache, path: str, socket: dict[str, Json], unseen: Hole | None) -> list[int] | Hole:
    """Return root's processes that serve a socket: who called listen(2); where that is systemd, the engines that hold it as well."""
    listening, peer = socket["listening"], socket.get("peer", {"uid": -1})
    if listening is False or isinstance(listening, Hole) or isinstance(peer, Hole):
        return [] if listening is False else worst_hole(listening, peer) or []
    if socket["activated"] is not True:
        return _of_one(cache, path, socket, peer["pid"]) if peer["uid"] == 0 else []
    held = {pid: holds(cache, pid, place_of(path, socket)) for pid in cache.held if pid != peer["pid"]}
    return worst_hole(unseen, *held.values()) or [pid for pid, holding in held.items() if holding is True]


def _of_one(cache: ListenerCache, path: str, socket: dict[str, Json], pid: int) -> list[int] | Hole:
    """Return who called listen(2); where that one has ended, as the parent of a daemon does, who holds the socket.

    The kernel tells of one that has ended the pid 0, or a pid that another may have by now.
    """
    place = place_of(path, socket)
    if pid and absent_as(None, attempt, cache.host.process, pid) is not None:
        held = attempt(descriptors, cache, pid)
        named = {} if isinstance(cache.table, Hole) else cache.table.inodes
        if isinstance(held, Hole) or any(not held.isdisjoint(named.get(name, ())) for name in place.spellings):
            return [pid]
    found = attempt(lambda: holders(cache.host, inodes(cache, place)))
    return found or Hole(why=Why.DENIED, message=f"{path}: who listened there has ended, and nobody is found who holds the socket now")


def _left(host: Host, cache: ListenerCache, pid: int) -> Hole | None:
    """Return the hole where an engine holds a connection that was made in a network without a program of root's; None where it does not."""
    found = attempt(_astray, host, cache, pid)
    if isinstance(found, Hole) or not found:
        return found if isinstance(found, Hole) else None
    where = "in network namespaces without a program of root's; who holds them is not seen, and a restart of the engine ends them"
    return Hole(why=Why.DENIED, message=f"/proc/{pid}/fd: {len(found)} connections to an engine of root's were made {where}")


def _astray(host: Host, cache: ListenerCache, pid: int) -> frozenset[int]:
    """Return the unix sockets of a process that are in no table; a second look passes over those that have come or gone meanwhile."""
    if isinstance(cache.table, Hole):
        return frozenset()
    left = descriptors(cache, pid) - cache.table.rows.keys()
    left = left and _unix(host, pid, left)
    left = left and left - proc_net_unix.own(host).rows.keys()
    for table in _of_roots(host) if left else ():
        left -= table.rows.keys()
    return left and _unix(host, pid, left)


def _unix(host: Host, pid: int, inodes: frozenset[int]) -> frozenset[int]:
    """Return which of these sockets a process still holds, and are unix sockets."""
    found = set()
    wanted = {f"socket:[{inode}]": inode for inode in inodes}
    try:
        for name in host.list_dir(f"/proc/{pid}/fd"):
            inode = wanted.get(_text(host.read_link, f"/proc/{pid}/fd/{name}"))
            if inode is not None and OF_UNIX in _text(host.read_text, f"/proc/{pid}/fdinfo/{name}"):
                found.add(inode)
    except ABSENT:
        return frozenset()
    return frozenset(found)


def _text(verb: Callable[[str], str], path: str) -> str:
    """Return what is told of a descriptor, "" where it has been closed."""
    return absent_as("", verb, path)


def _of_roots(host: Host) -> Iterator[Table]:
    """Yield what other networks have in which a program lives that only root can have brought there."""
    processes = [one for one in host.processes() if not one.lost]
    if len(processes) > PROCESSES:
        raise LimitExceeded(f"more than {PROCESSES} processes, of which one may be in the network in which a connection to an engine of root's was made")
    seen = {_network(host, "self")}
    for process in processes:
        try:
            network = _network(host, process.pid)
            if network not in seen and _is_roots(host, process.pid):
                seen.add(network)
                table = Table()
                table.add(host.read_text(f"/proc/{process.pid}/net/unix", limit=SIZE), network)
                yield table
        except ABSENT:
            continue
        if len(seen) > NAMESPACES:
            raise LimitExceeded(f"more than {NAMESPACES} network namespaces, of which one may be that in which a connection to an engine of root's was made")


def _network(host: Host, pid: int | str) -> int:
    return host.stat(f"/proc/{pid}/net/unix").ino


def _is_roots(host: Host, pid: int) -> bool:
    """Say whether a process lives in the first user namespace, where every uid is mapped."""
    return host.read_text(f"/proc/{pid}/uid_map").split() == EVERY_UID
