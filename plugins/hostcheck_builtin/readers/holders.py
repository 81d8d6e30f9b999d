"""Which names root's engines listen on, whatever those are: by the descriptors of their processes, which no other user can forge.

A name is kept by the kernel as it was bound, so it still tells where root's clients go when somebody has moved the socket away.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from hostcheck.api import ABSENT, Hole, HoleError, Host, LimitExceeded, Nonsense, Process, Why, attempt
from hostcheck_builtin.readers.candidates import PROGRAMS
from hostcheck_builtin.readers.footing import Looks, footing
from hostcheck_builtin.readers.holes import graver
from hostcheck_builtin.readers.listeners import Ears, descriptors, listed
from hostcheck_builtin.readers.living import hides
from hostcheck_builtin.readers.tables import Table, name_of, visible
from hostcheck_builtin.readers.views import Sight, look_around, sight

DELETED: Final = " (deleted)"
"""What the kernel puts after the path of a program that a newer one has replaced (proc_pid_exe(5))."""
HELPERS: Final = ("metrics.sock", "libnetwork")
"""dockerd's sockets for its own helpers and plugins: the name of one, the directory of the other; neither is its API."""
PROCESSES: Final = 2000
Names = dict[int, tuple[str, int]]
"""The name of a listening socket, and its network namespace where that is another than the scanner's."""
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


def engines(host: Host, ears: Ears) -> Held:
    """Return the names that the engines of root listen on; what a container calls dockerd is no program of the host's, and its names are none."""
    looks: Looks = {}

    def engine(process: Process) -> str:
        program = process.exe.removesuffix(DELETED)
        found = PROGRAMS.get(program.rpartition("/")[2], "")
        return found if found and _at_home(host, process) and footing(host, program, looks, follow=True).root_owned else ""

    return _held(host, ears, lambda process: process.name in PROGRAMS, engine)


def anybody(host: Host, ears: Ears) -> Held:
    """Return the names that any process of root's listens on."""
    return _held(host, ears, lambda process: KTHREADD not in (process.pid, process.ppid), lambda _: "unknown")


def _at_home(host: Host, process: Process) -> bool:
    """Say whether a process sees the / and /run of the scanner, if in a mount namespace of its own, as a unit with PrivateTmp= does (systemd.exec(5))."""
    if process.host_mounts is not False or process.mounts == visible(host.read_link, "/proc/self/ns/mnt"):
        return True
    views = look_around(host, [process])
    own, seen = views.own, sight(views, process)
    for one in (own, seen):
        if isinstance(one, Hole):
            raise HoleError(one)
    return isinstance(own, Sight) and isinstance(seen, Sight) and seen.like(own)


def _held(host: Host, ears: Ears, wanted: Callable[[Process], bool], engine: Callable[[Process], str]) -> Held:
    held = Held()
    processes = attempt(host.processes)
    if isinstance(ears.table, Hole) or isinstance(processes, Hole):
        held.hole = graver(*(one for one in (ears.table, processes) if isinstance(one, Hole)))
        return held
    held.hole = graver(ears.table.unread, attempt(hides, host))
    roots = [process for process in processes if set(process.uids) == {0} and wanted(process)]
    names = _names(ears, ears.table, held) if roots else {}
    for process in roots[:PROCESSES]:
        _of_one(ears, process, names, engine, held)
    if len(roots) > PROCESSES:
        held.hole = graver(held.hole, attempt(_too_many))
    return held


def _names(ears: Ears, table: Table, held: Held) -> Names:
    """Return the names by inode: by the kernel's own list where it has one, else by its table, where a name that is not certain is empty."""
    told = {
        inode: (name if table.trusts(inode) else "", table.abroad.get(inode, 0))
        for name, inodes in table.inodes.items()
        for inode in inodes
        if name.startswith(("/", "@"))
    }
    own = attempt(listed, ears)
    if isinstance(own, Hole):
        held.hole = graver(held.hole, None if own.why is Why.UNSUPPORTED else own)
        return told
    known = {one.inode: (name_of(one), 0) for one in own if one.listening and one.name.startswith(("/", "\0"))}
    return {**{inode: one for inode, one in told.items() if one[1]}, **known}


def _too_many() -> Hole:
    raise LimitExceeded(f"more than {PROCESSES} processes of root may hold a socket")


def _of_one(ears: Ears, process: Process, names: Names, engine: Callable[[Process], str], held: Held) -> None:
    """Take what one process holds."""
    told = attempt(_engine_and_sockets, ears, process.pid, engine)
    if isinstance(told, Hole):
        held.hole = graver(held.hole, told)
        return
    kind, inodes = told
    found = sorted(names[inode] for inode in inodes if inode in names)
    if any(not name for name, _ in found):
        held.hole = graver(held.hole, attempt(_contested, process.pid))
    for name, network in found:
        if name.startswith("@"):
            held.abstract[name].setdefault(network, kind)
    for path in _apis([name for name, _ in found if name.startswith("/")]):
        held.engines.setdefault(path, kind)
        if process.host_mounts is not False:
            held.here.add(path)


def _engine_and_sockets(ears: Ears, pid: int, engine: Callable[[Process], str]) -> tuple[str, frozenset[int]]:
    """Return which engine a process is and the sockets that it holds; none of one that has ended, nor of another that has been given its pid meanwhile."""
    try:
        before = ears.host.process(pid)
        kind = engine(before)
        if not kind:
            return "", frozenset()
        inodes = attempt(descriptors, ears, pid)
        after = ears.host.process(pid)
    except ABSENT:
        return "", frozenset()
    if isinstance(inodes, Hole):
        raise HoleError(inodes)
    same = (before.started, before.exe) == (after.started, after.exe) and set(after.uids) == {0}
    return (kind, inodes) if same else ("", frozenset())


def _contested(pid: int) -> Hole:
    raise Nonsense(f"/proc/{pid}/fd: a socket whose name is not known, because somebody wrote its number into another name")


def _apis(paths: list[str]) -> Iterator[str]:
    for path in paths:
        folder, _, name = path.rpartition("/")
        if name not in HELPERS and folder.rpartition("/")[2] not in HELPERS:
            yield path
