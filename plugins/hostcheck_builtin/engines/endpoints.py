"""Who serves a socket that the socket probes found, and what the kernel says of that process; then what the engine says of itself.

A socket that systemd holds is spoken to only where an engine holds it as well: its unit has started it already, and nothing new will be.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from hostcheck.api import ABSENT, Hole, Host, Json, Nonsense, attempt
from hostcheck_builtin.engines import api_client
from hostcheck_builtin.system.bounds import ANCESTORS_OF_AN_ENGINE as ANCESTORS
from hostcheck_builtin.system.listeners import ListenerCache, holds, listen
from hostcheck_builtin.system.presence import absent_as
from hostcheck_builtin.system.procfs import demand
from hostcheck_builtin.system.socket_places import SocketPlace, place_of

MAPPED: Final = 340
"""Lines of a uid_map (UID_GID_MAP_MAX_EXTENTS of the kernel)."""
Pids = Callable[[], Iterable[int] | Hole]
Also = Callable[[Host, int], dict[str, Json]]


class Endpoint(NamedTuple):
    """One socket: what is known of it unasked, whether its engine can be asked, and who is expected to answer."""

    path: str
    facts: dict[str, Json]
    ask: bool | Hole = False
    named: str = ""
    uid: int = -1


def asked(host: Host, found: dict[str, Any], pids: Pids, send: Callable[[Host, Iterable[Endpoint]], None]) -> dict[str, Endpoint | Hole]:
    """Return root's sockets as they are known unasked; each engine that can be asked is sent its requests by `send` as soon as it is known."""
    cache = listen(host)
    asked: dict[str, Endpoint | Hole] = {}
    for path, one in found.items():
        asked[path] = end = one if isinstance(one, Hole) else endpoint(cache, path, one, pids)
        if isinstance(end, Endpoint):
            send(host, [end])
    return asked


def endpoint(cache: ListenerCache, path: str, found: dict[str, Json], pids: Pids, also: Also = lambda host, pid: {}) -> Endpoint:
    """State a socket by what a socket probe `found`; `pids` returns the engines that may serve what systemd holds, and is asked only then.

    `also` states more of the process that serves it.
    """
    named, peer = found["engine"], found.get("peer")
    facts = {"named": named, "owner_uid": found["owner_uid"], "listening": found["listening"], "activated": found["activated"]}
    if peer is None:
        return Endpoint(path=path, facts=facts)
    pid = peer if isinstance(peer, Hole) else _holder(cache, place_of(path, found), pids()) if found["activated"] is True else peer["pid"]
    facts["served"] = pid if isinstance(pid, Hole) else pid is not None
    facts["uid"] = peer if isinstance(peer, Hole) else peer["uid"]
    if pid is None:
        return Endpoint(path=path, facts=facts)
    serves = None if isinstance(peer, Hole) or found["activated"] is True else peer["uid"]
    process = pid if isinstance(pid, Hole) else _server(cache, pid, serves, also)
    if process is not None:
        facts["process"] = process
    if isinstance(pid, Hole) or isinstance(named, Hole):
        return Endpoint(path=path, facts=facts, ask=pid if isinstance(pid, Hole) else named)
    return Endpoint(path=path, facts=facts, ask=named in api_client.HTTP, named=named, uid=facts["uid"])


def _holder(cache: ListenerCache, place: SocketPlace, candidates: Iterable[int] | Hole) -> int | Hole | None:
    """Return the first engine that holds the listening socket beside systemd, None where there is none."""
    if isinstance(candidates, Hole):
        return candidates
    for pid in candidates:
        held = holds(cache, pid, place)
        if held is not False:
            return held if isinstance(held, Hole) else pid
    return None


def _server(cache: ListenerCache, pid: int, uid: int | None, also: Also) -> Json:
    """State a process once, however many sockets it serves."""
    if (pid, uid) not in cache.servers:
        cache.servers[pid, uid] = attempt(_process, cache.host, pid, uid, also)
    return cache.servers[pid, uid]


def _process(host: Host, pid: int, uid: int | None, also: Also) -> Json:
    """State a process by what the kernel says of it; None where it has ended, and left the socket to another.

    A process that does not act as `uid`, by whom listen() was called, is another that was given the pid of one that has ended (unix(7), SO_PEERCRED).
    """
    seen = absent_as(None, host.process, pid)
    if seen is None or (uid is not None and seen.uids[1] != uid):
        return None
    return {"exe": seen.exe, "uid_map": attempt(uid_map, host, pid), "host_network": attempt(_shares_network, host, pid), **also(host, pid)}


def uid_map(host: Host, pid: int) -> list[Json]:
    """Return the uid_map of a process as ``[inside, outside, count]``, as seen from the scanner's user namespace (user_namespaces(7))."""
    path = f"/proc/{pid}/uid_map"
    lines = [line.split() for line in demand(host.read_text, path).split("\n") if line]
    if len(lines) > MAPPED or not all(len(line) == 3 and all(word.isascii() and word.isdigit() for word in line) for line in lines):
        raise Nonsense(f"{path}: malformed")
    return [[int(word) for word in line] for line in lines]


def _shares_network(host: Host, pid: int) -> bool:
    """Say whether a process shares a network namespace with what started it from outside its user namespace, else with the scanner or process 1.

    The scanner may stand in a network of its own, as under PrivateNetwork= (systemd.exec(5)), so that it is asked last.
    """
    theirs = demand(host.read_link, f"/proc/{pid}/ns/net")
    above = starter(host, pid)
    if above:
        return theirs == demand(host.read_link, f"/proc/{above}/ns/net")
    return theirs == demand(host.read_link, "/proc/self/ns/net") or theirs == demand(host.read_link, "/proc/1/ns/net")


def starter(host: Host, pid: int) -> int:
    """Return the nearest ancestor with another uid_map, which rootlesskit's parent has; 0 where there is none."""
    mine = uid_map(host, pid)
    for _ in range(ANCESTORS):
        try:
            pid = host.process(pid).ppid
        except ABSENT:
            return 0
        if pid <= 1:
            return 0
        if uid_map(host, pid) != mine:
            return pid
    return 0


def send(host: Host, endpoints: Iterable[Endpoint]) -> None:
    """Send each engine that can be asked what it will be asked."""
    for one in endpoints:
        if one.ask is True:
            api_client.send(host, one.path, one.named)


def receive(host: Host, one: Endpoint) -> dict[str, Json]:
    """Return all facts of a socket, with what its engine says."""
    if isinstance(one.ask, Hole):
        return unasked(one, one.ask)
    return {**one.facts, **api_client.receive(host, one.path, one.named, one.uid)} if one.ask else one.facts


def unasked(one: Endpoint, hole: Hole) -> dict[str, Json]:
    """Return the facts of a socket whose engine was not asked, because of `hole`."""
    return {**one.facts, **api_client.nothing(hole)}
