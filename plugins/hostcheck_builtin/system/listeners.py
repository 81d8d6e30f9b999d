"""Who listens on a unix socket: by connecting, or, where systemd holds it, without, because connecting would start the daemon.

The tables of names show what processes bound, and any user may bind any name in mounts of its own. So where nobody can be asked only the kernel's own
list, which has the device and the inode of each, says that someone listens; nothing but a connection says that nobody does, and who.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from hostcheck.api import ABSENT, Hole, Host, Json, LimitExceeded, Peer, UnixSocket, Why, attempt, worst_hole
from hostcheck_builtin.system import proc_net_unix
from hostcheck_builtin.system.bounds import SILENT_LISTENERS as SILENT
from hostcheck_builtin.system.fact_members import sure
from hostcheck_builtin.system.presence import absent_as
from hostcheck_builtin.system.proc_net_unix import Table, visible
from hostcheck_builtin.system.socket_places import Bound, SocketPlace, bound_at

PATIENCE: Final = 0.8


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class ListenerCache:
    """What is asked once for all sockets: the table of names, the kernel's own list, and how often nobody answered, by budget.

    Of a process that are the descriptors that it has open, and what is stated of it as the server of a socket.
    """

    host: Host
    table: Table | Hole
    held: dict[int, frozenset[int] | Hole] = field(default_factory=dict)
    servers: dict[tuple[int, int | None], Json] = field(default_factory=dict)
    silent: Counter[str] = field(default_factory=Counter)
    listed: list[UnixSocket] | Hole | None = None


def listen(host: Host) -> ListenerCache:
    """Return the cache for one host, which has the names in its own network namespace."""
    return ListenerCache(host=host, table=attempt(proc_net_unix.own, host))


def listen_everywhere(host: Host) -> ListenerCache:
    """Return the cache for one host, which has the names in every network namespace of root's as well."""
    return ListenerCache(host=host, table=attempt(proc_net_unix.everywhere, host))


def listed(cache: ListenerCache) -> list[UnixSocket]:
    """Return the kernel's own list of the sockets in the scanner's network namespace, where no name can pass for another's row."""
    if cache.listed is None:
        cache.listed = attempt(cache.host.unix_sockets)
    return sure(cache.listed)


def bound(cache: ListenerCache) -> list[str] | Hole:
    """Return the absolute paths that somebody listens on, as they were bound, but for a slash or a dot too many."""
    return cache.table if isinstance(cache.table, Hole) else sorted(path for path in cache.table.inodes if path.startswith("/"))


def unlisted(cache: ListenerCache) -> Hole | None:
    """Return the hole where there may be names that are not known."""
    return cache.table if isinstance(cache.table, Hole) else cache.table.unread


def holds(cache: ListenerCache, pid: int, place: SocketPlace) -> bool | Hole:
    """Say whether a process holds the socket at a place: the kernel's list of its descriptors cannot be forged by another user."""
    there = _bound(cache, place)
    if isinstance(there, Hole) or not there.sure | there.unsure:
        return there if isinstance(there, Hole) else False
    held = attempt(descriptors, cache, pid)
    if isinstance(held, Hole) or not held.isdisjoint(there.sure):
        return held if isinstance(held, Hole) else True
    return False if held.isdisjoint(there.unsure) else Hole(why=Why.NONSENSE, message=f"{place.path}: somebody wrote the number of a socket into another name")


def inodes(cache: ListenerCache, place: SocketPlace) -> set[int]:
    """Return the sockets that are bound to a place, or may be where that is not known of any."""
    there = sure(_bound(cache, place))
    return there.sure or there.unsure


def _bound(cache: ListenerCache, place: SocketPlace) -> Bound | Hole:
    return cache.table if isinstance(cache.table, Hole) else bound_at(cache.table, attempt(listed, cache), place)


def descriptors(cache: ListenerCache, pid: int) -> frozenset[int]:
    """Return the sockets that a process holds, by inode; raises PermissionError where the kernel does not say, or the process has ended."""
    if pid not in cache.held:
        cache.held[pid] = attempt(opened, cache.host, pid)
    return sure(cache.held[pid])


def opened(host: Host, pid: int) -> frozenset[int]:
    """Return the sockets that a process holds now, by inode; raises as `descriptors` does."""
    found = set()
    for name in visible(host.list_dir, f"/proc/{pid}/fd"):
        target = absent_as("", host.read_link, f"/proc/{pid}/fd/{name}")
        if target.startswith("socket:[") and target[8:-1].isdigit():
            found.add(int(target[8:-1]))
    return frozenset(found)


def listener_of(cache: ListenerCache, place: SocketPlace, managers: Iterable[int] | Hole, *, ours: bool | Hole, budget: str) -> dict[str, Json]:
    """State who listens at `place`, a socket: `managers` are processes of systemd that may hold it, `ours` says whether a unit of theirs claims it.

    What a unit claims is connected to only where it is certain that no manager holds it. Of all sockets with one `budget` only so many may keep the
    scanner waiting.
    """
    held, holder = _held(cache, place, managers, ours=ours)
    if holder:
        return {"activated": True, "listening": True, "peer": attempt(_holder, cache.host, holder)}
    if isinstance(held, Hole) and ours is not False:
        return {"activated": held, "listening": _shown(cache, place, held), "peer": held}
    peer = attempt(_ask, cache, place.path, budget)
    if isinstance(peer, Hole):
        return {"activated": held, "listening": _shown(cache, place, peer), "peer": peer}
    if peer is None:
        return {"activated": held, "listening": False}
    return {"activated": held, "listening": True, "peer": _credentials(cache.host, peer)}


def _held(cache: ListenerCache, place: SocketPlace, managers: Iterable[int] | Hole, *, ours: bool | Hole) -> tuple[bool | Hole, int]:
    """Say whether one of the managers holds a socket, and which."""
    if isinstance(managers, Hole):
        return managers, 0
    unknown: Hole | None = None
    asked = False
    for pid in managers:
        held, asked = holds(cache, pid, place), True
        if held is True:
            return True, pid
        unknown = worst_hole(unknown, held)
    if asked and unknown is None and ours is not False:
        unknown = _unclaimed(cache, place)
    return unknown or False, 0


def _unclaimed(cache: ListenerCache, place: SocketPlace) -> Hole | None:
    """Return the hole where those who listen at a place, all but managers, may be none but users who bound its name in mounts of their own."""
    there = _bound(cache, place)
    if isinstance(there, Hole) or there.roots or not there.sure | there.unsure:
        return None
    return Hole(why=Why.NONSENSE, message=f"{place.path}: a unit of systemd's claims it, and it is not certain who listens there")


def _shown(cache: ListenerCache, place: SocketPlace, otherwise: Hole) -> bool | Hole:
    """Return true where the kernel's own list has a listener at this very file, else the hole: a name that somebody bound in other mounts proves nothing."""
    own = attempt(listed, cache)
    return True if not isinstance(own, Hole) and any(one.listening and place.is_exactly(one) for one in own) else otherwise


def _ask(cache: ListenerCache, path: str, budget: str) -> Peer | None:
    """Return who listens, None where nobody does or the socket has gone."""
    if cache.silent[budget] >= SILENT:
        raise LimitExceeded(f"{path}: not asked, after {SILENT} others that did not answer")
    try:
        return cache.host.peer(path, timeout=PATIENCE)
    except (ConnectionRefusedError, *ABSENT):
        return None
    except TimeoutError:
        cache.silent[budget] += 1
        raise


def _holder(host: Host, pid: int) -> Json:
    """State a manager as SO_PEERCRED would: it called listen(2) itself."""
    process = host.process(pid)
    return {"pid": pid, "uid": process.uids[1], "gid": process.gids[1], "exe": process.exe}


def _credentials(host: Host, peer: Peer) -> Json:
    stated: dict[str, Json] = {"pid": peer.pid, "uid": peer.uid, "gid": peer.gid}
    exe = absent_as(None, attempt, lambda: host.process(peer.pid).exe)
    return stated if exe is None else {**stated, "exe": exe}  # None: who called listen(2) has ended, and left the socket to another
