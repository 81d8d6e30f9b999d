"""Programs of root's that may hand on what they receive to an engine: who connects to such a one is as good as connected to the engine's own socket.

A relay is one that listens, on TCP or on a path, and holds a connection to an engine's socket, was told its path in its argv, or runs in a container
that was given the socket. That it hands everything on is certain only of programs that do nothing else.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import dataclass, field
from posixpath import basename
from typing import Final

from hostcheck.api import ABSENT, Hole, Host, Json, Nonsense, Process, TcpSocket, UnixSocket, Why, attempt, incomplete, pattern, worst_hole
from hostcheck_builtin.listeners import relay_units, socket_units
from hostcheck_builtin.listeners.relay_units import RelayUnit
from hostcheck_builtin.listeners.root_engines import HeldSocket, RootsProcesses, Sockets, abroad, held_by
from hostcheck_builtin.sockets import fd_owners
from hostcheck_builtin.sockets.fd_owners import DELETED, place_in
from hostcheck_builtin.system import bounds, candidates, mounts_to_avoid, path_walk, procfs
from hostcheck_builtin.system.account_files import keep
from hostcheck_builtin.system.listeners import ListenerCache, listed, listen_everywhere, opened
from hostcheck_builtin.system.mountinfo import mounts, parsed
from hostcheck_builtin.system.path_walk import LstatCache
from hostcheck_builtin.system.presence import absent_as, each_told
from hostcheck_builtin.system.proc_net_unix import name_of, visible
from hostcheck_builtin.system.tcp_listeners import named

PIPES: Final = frozenset({"socat", "socat1", "systemd-socket-proxyd"})
"""Programs that pass on every byte, and do nothing else."""
OWN: Final = ("conmon", "containerd-shim", "docker-proxy", "rootlesskit")
"""How programs of engines themselves begin, which are told the path of their engine and hand nothing on."""
PLAIN: Final = pattern(r"(?:TCP|TCP4|TCP6)-L(?:ISTEN)?:", re.ASCII | re.IGNORECASE)
TLS: Final = pattern(r"(?:OPENSSL|SSL)-L(?:ISTEN)?:", re.ASCII | re.IGNORECASE)
"""How socat(1) is told to listen."""
PART: Final = pattern(r"[\w./-]")
SLASHES: Final = pattern("//+")


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Engines:
    """The engines' sockets on which somebody listens: their paths, the ends of connections to them by inode, and where each is by device and path there.

    `unread` says why there may be more.
    """

    paths: Set[str]
    ends: Mapping[int, str] = field(default_factory=dict)
    places: Mapping[tuple[str, str], str] = field(default_factory=dict)
    unread: Hole | None = None


def relays(host: Host, found: RootsProcesses, lstats: LstatCache) -> dict[str, Json]:
    """State ``{tcp, paths}``: what such programs listen on."""
    others = [one for one in found.roots if one.pid != 1 and one not in found.named and not one.name.startswith(OWN)]
    cache = listen_everywhere(host)
    engines = _engines(host, cache)
    if not engines.paths:
        unknown = worst_hole(engines.unread, cache.table)
        return {"tcp": incomplete({}, unknown), "paths": incomplete({}, unknown)}
    given, more = _containers(host, others, engines.places)
    sockets = Sockets(held=dict(found.sockets.held), unread=found.sockets.unread)
    abroad(host, sockets, [one for one in others if one.mounts in given and one.network])
    own = attempt(listed, cache)
    bound = {} if isinstance(own, Hole) else {one.inode: one for one in own if _is_bound(one, engines)}
    pids = attempt(host.holders, sorted({*sockets.held, *bound}), [one.pid for one in others]) if sockets.held or bound else []
    connected = attempt(host.holders, sorted(engines.ends), pids) if engines.ends and not isinstance(pids, Hole) else []
    unknown = worst_hole(found.unread, sockets.unread, engines.unread, more, own, pids, connected)
    tcp: dict[str, Json] = {}
    paths: dict[str, Json] = {}
    for pid in [] if isinstance(pids, Hole) else pids[: bounds.RELAYS_OF_ROOT]:
        one = attempt(_relay, host, pid, sockets, engines, () if isinstance(connected, Hole) else connected, given)
        if isinstance(one, Hole):
            unknown = worst_hole(unknown, one)
        elif one is not None:
            _state(host, one, bound, lstats, tcp, paths)
    idle = relay_units.held(host, [one.socket for one in found.sockets.held.values() if not one.network], lambda argv: _told(argv, engines.paths))
    for socket, unit in () if isinstance(idle, Hole) else idle:
        if named(socket) not in tcp:
            tcp[named(socket)] = _idle(socket, unit)
    unknown = worst_hole(unknown, idle)
    if not isinstance(pids, Hole) and len(pids) > bounds.RELAYS_OF_ROOT:
        unknown = worst_hole(unknown, Hole(why=Why.LIMIT, message=f"more than {bounds.RELAYS_OF_ROOT} programs of root's listen"))
    return {"tcp": incomplete(tcp, unknown), "paths": incomplete(paths, unknown)}


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Relay:
    """One program, what it listens on, and which engines' sockets it was given, and how."""

    process: Process
    argv: list[str]
    held: list[HeldSocket]
    inodes: Set[int]
    given: dict[str, set[str]]

    @property
    def program(self) -> str:
        """Return the name of the file that it runs."""
        return basename(self.process.exe.removesuffix(DELETED))


def _engines(host: Host, cache: ListenerCache) -> Engines:
    held = fd_owners.engines(host, cache)
    heard = set() if isinstance(cache.table, Hole) else {candidates.canonical(path) for path in cache.table.inodes}
    paths = {candidates.canonical(path) for path in held.engines} | (heard & candidates.WELL_KNOWN.keys())
    own = attempt(listed, cache)
    ends = (
        {} if isinstance(own, Hole) else {one.peer: path for one in own if one.peer and one.uid == 0 and (path := candidates.canonical(name_of(one))) in paths}
    )
    table = attempt(mounts, host)
    places = {} if isinstance(table, Hole) else {place_in(table, path): path for path in sorted(paths)}
    return Engines(paths=paths, ends=ends, places=places, unread=worst_hole(held.hole, own, table))


def _is_bound(one: UnixSocket, engines: Engines) -> bool:
    """Say whether a socket listens at a path, is root's, and is none of an engine's own."""
    return one.listening and one.uid == 0 and one.name.startswith("/") and candidates.canonical(name_of(one)) not in engines.paths


def _containers(host: Host, processes: list[Process], places: Mapping[tuple[str, str], str]) -> tuple[dict[str, set[str]], Hole | None]:
    """Return the engines' sockets that a mount has put into other mount namespaces, and the hole where there may be more."""
    first: dict[str, int] = {}
    own = attempt(visible, host.read_link, "/proc/self/ns/mnt")
    for one in processes:
        if one.host_mounts is not True and one.mounts and one.mounts != own:
            first.setdefault(one.mounts, one.pid)
    hidden = next((one.pid for one in processes if one.host_mounts is None and not one.mounts), 0)
    unknown = worst_hole(own, Hole(why=Why.DENIED, message=f"/proc/{hidden}/ns/mnt: which mounts it sees is not known") if hidden else None)
    found, unread = each_told(lambda space: _mounted(host, first[space], places) or None, list(first)[: bounds.MOUNT_NAMESPACES_OF_ROOT])
    unknown = worst_hole(unknown, unread)
    if len(first) > bounds.MOUNT_NAMESPACES_OF_ROOT:
        unknown = worst_hole(unknown, Hole(why=Why.LIMIT, message=f"programs of root's are in more than {bounds.MOUNT_NAMESPACES_OF_ROOT} mount namespaces"))
    return found, unknown


def _mounted(host: Host, pid: int, places: Mapping[tuple[str, str], str]) -> set[str]:
    """Return the engines' sockets that are mounted by themselves, as into a container, nothing where the process has ended."""
    path = f"/proc/{pid}/mountinfo"
    text = absent_as("", host.read_text, path, limit=bounds.MOUNTS_SEEN_BYTES)
    if not any(basename(place) in text for _, place in places):
        return set()
    return {places[one.device, one.root] for one in parsed(path, text) if (one.device, one.root) in places}


def _relay(host: Host, pid: int, sockets: Sockets, engines: Engines, connected: Collection[int], containers: Mapping[str, set[str]]) -> Relay | None:
    """Return a program that listens and was given an engine's socket, None for any other, or one that has ended."""
    try:
        argv, mounted = procfs.command(host, pid, bounds.ARGUMENTS_OF_A_LISTENER), containers.get(host.process(pid).mounts, set())
    except ABSENT:
        return None
    named_in_argv = list(_told(argv, engines.paths))
    found = held_by(host, pid, sockets) if named_in_argv or mounted or pid in connected else None
    if found is None:
        return None
    inodes = opened(host, pid)
    given: dict[str, set[str]] = defaultdict(set)
    for how, paths in (("argv", named_in_argv), ("mount", mounted), ("connection", [engines.ends[one] for one in inodes & engines.ends.keys()])):
        for path in paths:
            given[path].add(how)
    return Relay(process=found[0], argv=argv, held=found[1], inodes=inodes, given=given) if given else None


def _told(argv: list[str], paths: Set[str]) -> Iterator[str]:
    """Yield the paths that stand in a word, alone or behind what is no part of a path."""
    words = [SLASHES.sub("/", word) for word in argv[1:]]
    for path in sorted(paths):
        if any(path in word and _stands(word, path) for word in words):
            yield path


def _stands(word: str, path: str) -> bool:
    before, _, after = word.partition(path)
    before = before.removesuffix("/var") if path.startswith("/run/") else before
    return not PART.match(after[:1]) and (not before or not PART.match(before[-1]))


def _state(host: Host, one: Relay, bound: Mapping[int, UnixSocket], lstats: LstatCache, tcp: dict[str, Json], paths: dict[str, Json]) -> None:
    """Add what a program listens on."""
    stated = {
        "process": {"pid": one.process.pid, "exe": one.process.exe},
        "given": {path: sorted(how) for path, how in sorted(one.given.items())},
        "hands_on": True if one.program in PIPES else Hole(why=Why.NONSENSE, message=f"{one.process.exe}: what it hands on to the engine is not known"),
    }
    for held in one.held:
        where = f" in network {held.network}" if held.network else ""
        entry = {**stated, "address": held.socket.address, "port": held.socket.port, "network": held.network, "tls": _tls(one)}
        keep(tcp, f"{named(held.socket)}{where}", entry)
    for inode in sorted(one.inodes & bound.keys()):
        path = name_of(bound[inode])
        way = attempt(_walked, host, path, lstats)
        keep(paths, path, way if isinstance(way, Hole) else {**way, **stated})


def _idle(socket: TcpSocket, unit: RelayUnit) -> dict[str, Json]:
    """State a socket on which systemd listens for a relay that does not run."""
    exe = unit.argv[0]
    known = basename(exe) in PIPES
    unsure = Hole(why=Why.NONSENSE, message=f"{exe}: what it hands on to the engine, and to whom, is not known")
    return {
        "process": {"pid": socket_units.SYSTEMD, "exe": exe},
        "given": {path: ["unit"] for path in unit.paths},
        "hands_on": True if known else unsure,
        **{"address": socket.address, "port": socket.port, "network": 0, "tls": "none" if known else unsure},
    }


def _walked(host: Host, path: str, lstats: LstatCache) -> dict[str, Json]:
    found = path_walk.walk(host, path, lstats, path_walk.roots_link, avoid=mounts_to_avoid.refusing(attempt(mounts_to_avoid.slow_mounts, host), roots_too=True))
    if found.type != "socket":
        raise Nonsense(f"{path}: listened on by a program of root's, and not there")
    stated: dict[str, Json] = path_walk.stated(found)
    return stated


def _tls(one: Relay) -> Json:
    """Return none where it is certain that TLS is not spoken, else the hole: nobody is connected to, as socat(1) may serve one connection and end."""
    if one.program == "systemd-socket-proxyd":
        return "none"
    if one.program in PIPES and any(PLAIN.search(word) for word in one.argv) and not any(TLS.search(word) for word in one.argv):
        return "none"
    return Hole(why=Why.NONSENSE, message=f"{one.process.exe}: whether it asks for a certificate is not known, as nobody connects to a relay")
