"""Who listens on a unix socket: by connecting, or, where systemd holds it, without, because connecting would start the daemon.

The tables of names show what processes bound, and any user may bind any name in mounts of its own. So they may say that someone listens where nothing
better is known; never that nobody does, and never who.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from hostcheck.api import ABSENT, Hole, HoleError, Host, Json, LimitExceeded, Peer, UnixSocket, attempt, worst_hole
from hostcheck_builtin.system import proc_net_unix
from hostcheck_builtin.system.proc_net_unix import Table, visible

PATIENCE: Final = 0.8
SILENT: Final = 3
"""How many sockets may keep the scanner waiting; the others behind the same budget are not asked any more."""


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class ListenerCache:
    """What is asked once for all sockets: the table of names, the kernel's own list, the descriptors of a process, and how often nobody answered, by budget."""

    host: Host
    table: Table | Hole
    held: dict[int, frozenset[int] | Hole] = field(default_factory=dict)
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
    if isinstance(cache.listed, Hole):
        raise HoleError(cache.listed)
    return cache.listed


def bound(cache: ListenerCache) -> list[str] | Hole:
    """Return the absolute paths that somebody listens on, as they were bound, but for a slash or a dot too many."""
    return cache.table if isinstance(cache.table, Hole) else sorted(path for path in cache.table.inodes if path.startswith("/"))


def unlisted(cache: ListenerCache) -> Hole | None:
    """Return the hole where there may be names that are not known."""
    return cache.table if isinstance(cache.table, Hole) else cache.table.unread


def holds(cache: ListenerCache, pid: int, path: str) -> bool | Hole:
    """Say whether a process holds the socket that is bound to `path`: the kernel's list of its descriptors cannot be forged by another user."""
    if isinstance(cache.table, Hole):
        return cache.table
    inodes = {inode for inode in cache.table.inodes.get(path, ()) if cache.table.trusts(inode)}
    if not inodes:
        return False
    held = attempt(descriptors, cache, pid)
    return held if isinstance(held, Hole) else not inodes.isdisjoint(held)


def descriptors(cache: ListenerCache, pid: int) -> frozenset[int]:
    """Return the sockets that a process holds, by inode; raises PermissionError where the kernel does not say, or the process has ended."""
    if pid not in cache.held:
        cache.held[pid] = attempt(opened, cache.host, pid)
    held = cache.held[pid]
    if isinstance(held, Hole):
        raise HoleError(held)
    return held


def opened(host: Host, pid: int) -> frozenset[int]:
    """Return the sockets that a process holds now, by inode; raises as `descriptors` does."""
    found = set()
    for name in visible(host.list_dir, f"/proc/{pid}/fd"):
        try:
            target = host.read_link(f"/proc/{pid}/fd/{name}")
        except ABSENT:
            continue
        if target.startswith("socket:[") and target[8:-1].isdigit():
            found.add(int(target[8:-1]))
    return frozenset(found)


def listener_of(cache: ListenerCache, path: str, managers: Iterable[int] | Hole, *, ours: bool | Hole, budget: str) -> dict[str, Json]:
    """State who listens at `path`, a socket: `managers` are processes of systemd that may hold it, `ours` says whether a unit of theirs claims it.

    Of all sockets with one `budget` only so many may keep the scanner waiting.
    """
    held, holder = _held(cache, path, managers)
    if holder:
        return {"activated": True, "listening": True, "peer": attempt(_holder, cache.host, holder)}
    if isinstance(held, Hole) and ours is not False:
        return {"activated": held, "listening": _shown(cache, path, held), "peer": held}
    peer = attempt(_ask, cache, path, budget)
    if isinstance(peer, Hole):
        return {"activated": held, "listening": _shown(cache, path, peer), "peer": peer}
    if peer is None:
        return {"activated": held, "listening": False}
    return {"activated": held, "listening": True, "peer": _credentials(cache.host, peer)}


def _held(cache: ListenerCache, path: str, managers: Iterable[int] | Hole) -> tuple[bool | Hole, int]:
    if isinstance(managers, Hole):
        return managers, 0
    unknown: Hole | None = None
    for pid in managers:
        held = holds(cache, pid, path)
        if held is True:
            return True, pid
        unknown = worst_hole(unknown, held)
    return unknown or False, 0


def _shown(cache: ListenerCache, path: str, otherwise: Hole) -> bool | Hole:
    return True if not isinstance(cache.table, Hole) and path in cache.table.inodes else otherwise


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
    try:
        exe = attempt(lambda: host.process(peer.pid).exe)
    except ABSENT:  # who called listen(2) has ended, and left the socket to another
        return stated
    return {**stated, "exe": exe}
