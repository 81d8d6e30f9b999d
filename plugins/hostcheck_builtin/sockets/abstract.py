"""The abstract sockets of root's engines, which have no permissions: whoever is in the same network namespace connects.

Engines refuse to bind such a name themselves; they are given one by socket activation. Any user may bind the same name as long as nobody has it, so
a name counts only where root's engine holds the socket, or where the kernel says that it is root's.
"""

import errno
from collections.abc import Collection

from hostcheck.api import Hole, Host, Json, LimitExceeded, attempt, incomplete, worst_hole
from hostcheck_builtin.sockets.fd_owners import Held
from hostcheck_builtin.system import candidates
from hostcheck_builtin.system.account_files import keep
from hostcheck_builtin.system.bounds import PROCESSES_FOR_ABSTRACT_SOCKETS as PROCESSES
from hostcheck_builtin.system.listeners import ListenerCache, listed
from hostcheck_builtin.system.presence import absent_as
from hostcheck_builtin.system.proc_net_unix import missed, name_of


def abstract(host: Host, cache: ListenerCache, held: Held) -> Json:
    """State the abstract sockets of root's engines by name, and who is in their network; incomplete where there may be others."""
    names = attempt(_named, cache, {name for name, networks in held.abstract.items() if 0 in networks})
    hole = worst_hole(held.hole, names, cache.table if isinstance(cache.table, Hole) else missed(host, cache.table))
    bound = {name: dict(networks) for name, networks in held.abstract.items()}
    for name in [] if isinstance(names, Hole) else names:
        bound.setdefault(name, {}).setdefault(0, candidates.abstract(name))
    found: dict[str, Json] = {}
    for name, networks in sorted(bound.items()):
        keep(found, name, _stated(host, name, networks, hole))
    return incomplete(found, hole)


def _stated(host: Host, name: str, networks: dict[int, str], hole: Hole | None) -> Json:
    """State one name; where it is in the scanner's own network that counts, and may be hidden where only others are known."""
    stated = candidates.abstract(name)
    engine = stated if stated != "unknown" else networks[min(networks)]
    if 0 in networks:
        return {"engine": engine, "network": "own"}
    return hole or {"engine": engine, "network": "other", "uids": attempt(_inhabitants, host, networks)}


def _named(cache: ListenerCache, known: Collection[str]) -> list[str]:
    """Return the abstract names that tell an engine and that root listens on, apart from those `known`.

    The kernel is asked for its list only where somebody listens on one.
    """
    own = set[str]() if isinstance(cache.table, Hole) else cache.table.own
    if isinstance(cache.listed, list):
        own = own | {name_of(one) for one in cache.listed}
    if not any(name.startswith("@") and candidates.abstract(name) != "unknown" for name in own):
        return []
    sockets = [one for one in listed(cache) if one.listening and one.name.startswith("\0") and candidates.abstract(name_of(one)) != "unknown"]
    others = [one for one in sockets if name_of(one) not in known]
    if any(one.uid < 0 for one in others):
        raise PermissionError(errno.EACCES, "this kernel does not tell whose a unix socket is (it is older than 5.3)", "netlink")
    return sorted({name_of(one) for one in others if one.uid == 0})


def _inhabitants(host: Host, networks: Collection[int]) -> list[Json]:
    """Return the users, root aside, who have a process in one of these network namespaces."""
    others = [one for one in host.processes() if one.uids[0] != 0]
    if len(others) > PROCESSES or any(one.lost for one in others):
        raise LimitExceeded(f"more than {PROCESSES} processes that are not root's, or some that ended before they could be read")
    uids = set()
    for process in others:
        if absent_as(None, lambda pid: host.stat(f"/proc/{pid}/net/unix").ino, process.pid) in networks:
            uids |= {process.uids[0], process.uids[1]} - {0}
    return sorted(uids)
