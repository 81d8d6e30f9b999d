"""Who holds a connection to an engine of root's: it still gives orders when the socket has been closed to whoever made it, or who was handed it.

An end that nobody is found to hold is on its way to somebody. A name proves nothing, since a user may bind the same one in mounts
of his own. The kernel says who accepted a connection, and where its other end is.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Set

from hostcheck.api import Hole, Host, Json, LimitExceeded, Process, UnixSocket, Why, attempt, incomplete, worst_hole
from hostcheck_builtin.system import candidates
from hostcheck_builtin.system.bounds import CONNECTED_PROCESSES as HOLDERS
from hostcheck_builtin.system.credentials import hides
from hostcheck_builtin.system.fact_members import sure
from hostcheck_builtin.system.listeners import ListenerCache, descriptors, listed, opened
from hostcheck_builtin.system.presence import absent_as
from hostcheck_builtin.system.proc_net_unix import away, name_of

Ends = Mapping[int, set[str]]
"""What the other end of each connection, by inode, is connected to."""


def connections(host: Host, cache: ListenerCache, names: Mapping[str, set[str]]) -> dict[str, Json]:
    """Return who holds a connection to each subject that has any, by uid; `names` are the subjects by the name that a socket was bound to.

    No more is asked than the table of names tells, where nobody is connected.
    """
    if isinstance(cache.table, Hole):
        return dict.fromkeys(sorted(set[str]().union(*names.values())), cache.table)
    if unseen := away(host):
        return dict.fromkeys(sorted(set[str]().union(*names.values())), unseen)
    known = [] if cache.listed is None or isinstance(cache.listed, Hole) else [name_of(one) for one in cache.listed if one.peer]
    subjects = {subject for name in (*cache.table.connected, *known) for subject in names.get(candidates.canonical(name), ())}
    if not subjects:
        return {}
    ends = attempt(_ends, host, cache, names, listed)
    found = ends if isinstance(ends, Hole) else attempt(_held, host, cache, names, ends)
    return dict.fromkeys(sorted(subjects), found) if isinstance(found, Hole) else found


def _ends(host: Host, cache: ListenerCache, names: Mapping[str, set[str]], sockets: Callable[[ListenerCache], list[UnixSocket]]) -> Ends:
    """Return the other ends of the connections that root accepted; one that nobody has accepted yet counts as soon as somebody does."""
    ends: dict[int, set[str]] = defaultdict(set)
    named = [one for one in sockets(cache) if one.peer and not one.listening and names.get(candidates.canonical(name_of(one)))]
    roots = _roots(host, cache, {one.inode for one in named if one.uid < 0})
    for one in named:
        if one.uid == 0 or one.inode in roots:
            ends[one.peer] |= names[candidates.canonical(name_of(one))]
    return ends


def _roots(host: Host, cache: ListenerCache, inodes: set[int]) -> set[int]:
    """Return which sockets a process of root's holds, where the kernel does not tell who accepted them (before Linux 5.3)."""
    found = _asked(host, cache) & inodes if inodes else set[int]()
    if left := inodes - found:
        pids = host.holders(left, [one.pid for one in host.processes() if set(one.uids) == {0}])
        found |= left & {inode for pid in pids for inode in descriptors(cache, pid)}
    return found


def _asked(host: Host, cache: ListenerCache) -> set[int]:
    """Return the sockets of those processes of root's, mostly engines, that were asked already."""
    held = [cache.held.get(one.pid, frozenset()) for one in host.processes() if set(one.uids) == {0}]
    return {inode for one in held if not isinstance(one, Hole) for inode in one}


def _held(host: Host, cache: ListenerCache, names: Mapping[str, set[str]], ends: Ends) -> dict[str, Json]:
    if not ends:
        return {}
    others, hole = _others(host)
    pids = host.holders(list(ends), list(others))
    if len(pids) > HOLDERS:
        raise LimitExceeded(f"more than {HOLDERS} processes hold a connection to an engine of root's")
    seen = _asked(host, cache)
    found: dict[str, dict[str, Json]] = defaultdict(dict)
    for process in (others[pid] for pid in pids):
        inodes = attempt(_inodes, host, cache, process, ends)
        if isinstance(inodes, Hole):
            hole = worst_hole(hole, inodes)
            continue
        seen.update(inodes)
        for subject in set[str]().union(*(ends[inode] for inode in inodes)):
            found[subject].setdefault(str(process.uids[0]), {"uid": process.uids[0], "pid": process.pid})
    if astray := ends.keys() - seen:
        hole = worst_hole(hole, attempt(_astray, host, cache, names, astray))
    return dict(found) if hole is None else {subject: incomplete(found[subject], hole) for subject in sorted(set[str]().union(*ends.values()))}


def _astray(host: Host, cache: ListenerCache, names: Mapping[str, set[str]], inodes: Set[int]) -> Hole | None:
    """Return the hole that ends leave which no process of root's is found to hold, and which are still there when all has been looked through.

    Such a one is on its way in a message (SCM_RIGHTS of unix(7)), or in a thread with descriptors of its own (CLONE_FILES of clone(2)).
    """
    left = set(inodes)
    for pid in holders(host, left):
        left -= _roots_own(host, pid)
    if not left or not left & _ends(host, cache, names, lambda cache: cache.host.unix_sockets()).keys():
        return None
    return Hole(why=Why.DENIED, message=f"/proc: {len(left)} connections to engines of root's are held by nobody who was found")


def holders(host: Host, inodes: Set[int]) -> list[int]:
    """Return which processes hold one of these sockets by now; where some may not be asked, which of those of root's that may be."""
    pids = [int(name) for name in host.list_dir("/proc") if name.isdigit()]
    found = attempt(host.holders, sorted(inodes), pids)
    if not isinstance(found, Hole):
        return found
    each = [attempt(host.holders, sorted(inodes), [one.pid]) for one in host.processes()[:HOLDERS] if one.uids[0] == 0]
    return [pid for stated in each if not isinstance(stated, Hole) for pid in stated]


def _roots_own(host: Host, pid: int) -> frozenset[int]:
    """Return the sockets of a process whose real user is root, whatever it does for whom."""
    inodes = attempt(opened, host, pid)
    process = absent_as(None, host.process, pid)
    if process is None:
        return frozenset()
    held = sure(inodes)
    return held if process.uids[0] == 0 else frozenset()


def _others(host: Host) -> tuple[dict[int, Process], Hole | None]:
    """Return the processes whose real user is not root, by pid, and the hole where there may be more.

    What runs setuid root, as su(1) that waits for a password, has what it was given by whoever started it.
    """
    processes = host.processes()
    lost = [Hole(why=Why.LIMIT, message=f"/proc/{one.pid}: ended before it could be read, and so again") for one in processes if one.lost]
    return {one.pid: one for one in processes if one.uids[0] != 0 and not one.lost}, worst_hole(attempt(hides, host), *lost)


def _inodes(host: Host, cache: ListenerCache, process: Process, ends: Ends) -> list[int]:
    """Return which ends a process holds, nothing where it has ended, or another has its pid by now."""
    inodes = attempt(descriptors, cache, process.pid)
    after = absent_as(None, host.process, process.pid)
    if after is None:
        return []
    held = sure(inodes)
    return sorted(held & ends.keys()) if after.uids == process.uids else []
