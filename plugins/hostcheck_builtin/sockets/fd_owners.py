"""Which names root's engines listen on, whatever those are: by the descriptors of their processes, which no other user can forge.

A name is kept by the kernel as it was bound, so it still tells where root's clients go when somebody has moved the socket away.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from hostcheck.api import ABSENT, Hole, HoleError, Host, Process, Why, attempt, worst_hole
from hostcheck_builtin.system.bounds import ROOTS_PROCESSES_WITH_SOCKETS as PROCESSES
from hostcheck_builtin.system.candidates import PROGRAMS
from hostcheck_builtin.system.credentials import hides
from hostcheck_builtin.system.listeners import ListenerCache, descriptors, listed
from hostcheck_builtin.system.mountinfo import Mount, mounts
from hostcheck_builtin.system.ownership import ownership
from hostcheck_builtin.system.path_walk import LstatCache
from hostcheck_builtin.system.proc_net_unix import Table, name_of, visible

DELETED: Final = " (deleted)"
"""What the kernel puts after the path of a program that a newer one has replaced (proc_pid_exe(5))."""
HELPERS: Final = ("metrics.sock", "libnetwork")
"""dockerd's sockets for its own helpers and plugins: the name of one, the directory of the other; neither is its API."""
SWARM: Final = "/swarm/control.sock"
"""Where a manager of a swarm takes orders by gRPC, below dockerd's exec-root: it is not its API, and whoever connects starts services all the same."""
Names = dict[int, dict[int, str]]
"""The names of each listening socket by the network namespaces that show it, 0 for the scanner's own."""
KTHREADD: Final = 2


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Held:
    """The engine of each name that is held, those held in the host's own mounts, and the hole where there may be more.

    `abstract` has the engine of each abstract name by the network namespaces in which it is held, 0 for the scanner's own: one name may be in many.
    """

    engines: dict[str, str] = field(default_factory=dict)
    here: set[str] = field(default_factory=set)
    abstract: dict[str, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    hole: Hole | None = None


def engines(host: Host, cache: ListenerCache) -> Held:
    """Return the names that the engines of root listen on; what a container calls dockerd is no program of the host's, and its names are none."""
    lstats: LstatCache = {}

    def engine(process: Process) -> str:
        program = process.exe.removesuffix(DELETED)
        found = PROGRAMS.get(program.rpartition("/")[2], "")
        return found if found and at_home(host, process, program) and ownership(host, program, lstats, follow=True).root_owned else ""

    return _held(host, cache, lambda process: process.name in PROGRAMS, engine)


def anybody(host: Host, cache: ListenerCache) -> Held:
    """Return the names that any process of root's listens on."""
    return _held(host, cache, lambda process: KTHREADD not in (process.pid, process.ppid), lambda _: "unknown")


def at_home(host: Host, process: Process, path: str) -> bool:
    """Say whether a path is the same place to a process as to the scanner, as mostly to a unit with PrivateTmp= (systemd.exec(5)), and not in a container."""
    if process.host_mounts or (process.host_mounts is None and not process.mounts) or process.mounts == visible(host.read_link, "/proc/self/ns/mnt"):
        return True
    own, theirs = (place_in(mounts(host, f"/proc/{who}/mountinfo"), path) for who in ("self", process.pid))
    return own == theirs


def place_in(table: list[Mount], path: str) -> tuple[str, str]:
    """Return device and path there of what is at `path`, by the last of the longest mounts on the way to it."""
    found = ("", "")
    length = 0
    for mount in table:
        point = mount.point.rstrip("/")
        if len(point) >= length and (path == point or path.startswith(f"{point}/")):
            length, found = len(point), (mount.device, mount.root.rstrip("/") + path[len(point) :])
    return found


def _held(host: Host, cache: ListenerCache, wanted: Callable[[Process], bool], engine: Callable[[Process], str]) -> Held:
    held = Held()
    processes = attempt(host.processes)
    if isinstance(cache.table, Hole) or isinstance(processes, Hole):
        held.hole = worst_hole(cache.table, processes)
        return held
    held.hole = worst_hole(cache.table.unread, attempt(hides, host))
    roots = [process for process in processes if set(process.uids) == {0} and wanted(process)]
    names = _names(cache, cache.table, held) if roots else {}
    for process in roots[:PROCESSES]:
        _of_one(cache, process, names, engine, held)
    if len(roots) > PROCESSES:
        held.hole = worst_hole(held.hole, Hole(why=Why.LIMIT, message=f"more than {PROCESSES} processes of root may hold a socket"))
    return held


def _names(cache: ListenerCache, table: Table, held: Held) -> Names:
    """Return the names by inode: by the kernel's own list where it has one, else by its table, where a name that is not certain is empty.

    A name with a newline makes rows of its own, which claim whatever they like: in each namespace one inode has one row.
    """
    stated: Names = {}
    for inode, networks in table.rows.items():
        if named := {network: rows[0] if len(rows) == 1 else "" for network, rows in networks.items() if any(rows)}:
            stated[inode] = named
    own = attempt(listed, cache)
    if isinstance(own, Hole):
        held.hole = worst_hole(held.hole, None if own.why is Why.UNSUPPORTED else own)
        return stated
    away = {inode: {network: name for network, name in named.items() if network} for inode, named in stated.items()}
    return {**away, **{one.inode: {0: name_of(one) if one.name.startswith(("/", "\0")) else f"./{one.name}"} for one in own if one.listening}}


def _name(named: dict[int, str], network: int | None) -> tuple[str, int]:
    """Return the name of a socket and where it is: mostly where the process is that holds it, "" where that is not certain."""
    if len(named) == 1:
        return next((name, where) for where, name in named.items())
    return (named[network], network) if network and network in named and 0 not in named else ("", 0)


def _of_one(cache: ListenerCache, process: Process, names: Names, engine: Callable[[Process], str], held: Held) -> None:
    """Take what one process holds."""
    stated = attempt(_engine_and_sockets, cache, process.pid, engine)
    if isinstance(stated, Hole):
        held.hole = worst_hole(held.hole, stated)
        return
    kind, inodes = stated
    found = sorted(_name(names[inode], process.network) for inode in inodes if names.get(inode))
    if any(not name.startswith(("/", "@")) for name, _ in found):
        unsure = "a socket whose place is not known: it was bound without a slash, or somebody wrote its number into another name"
        held.hole = worst_hole(held.hole, Hole(why=Why.NONSENSE, message=f"/proc/{process.pid}/fd: {unsure}"))
    for name, network in found:
        if name.startswith("@"):
            held.abstract[name].setdefault(network, kind)
    _take(cache.host, process, kind, _apis([name for name, _ in found if name.startswith("/")]), held)


def _take(host: Host, process: Process, kind: str, paths: Iterable[str], held: Held) -> None:
    """Take the paths that are the same places to the process as to the scanner."""
    for path in paths:
        home = attempt(at_home, host, process, path)
        held.hole = worst_hole(held.hole, home)
        if home is True:
            held.engines.setdefault(path, "unknown" if path.endswith(SWARM) else kind)
            if process.host_mounts is not False:
                held.here.add(path)


def _engine_and_sockets(cache: ListenerCache, pid: int, engine: Callable[[Process], str]) -> tuple[str, frozenset[int]]:
    """Return which engine a process is and the sockets that it holds; none of one that has ended, nor of another that has been given its pid meanwhile."""
    try:
        before = cache.host.process(pid)
        kind = engine(before)
        if not kind:
            return "", frozenset()
        inodes = attempt(descriptors, cache, pid)
        after = cache.host.process(pid)
    except ABSENT:
        return "", frozenset()
    if isinstance(inodes, Hole):
        raise HoleError(inodes)
    same = (before.started, before.exe) == (after.started, after.exe) and set(after.uids) == {0}
    return (kind, inodes) if same else ("", frozenset())


def _apis(paths: list[str]) -> Iterator[str]:
    for path in paths:
        folder, _, name = path.rpartition("/")
        if name not in HELPERS and folder.rpartition("/")[2] not in HELPERS:
            yield path
