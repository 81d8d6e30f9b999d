"""Which names root's engines listen on, whatever those are: by the descriptors of their processes, which no other user can forge.

A name is kept by the kernel as it was bound, so it still tells where root's clients go when somebody has moved the socket away.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from hostcheck.api import ABSENT, Hole, Host, LimitExceeded, Process, attempt
from hostcheck_builtin.readers.footing import Looks, footing
from hostcheck_builtin.readers.holes import graver
from hostcheck_builtin.readers.listeners import Ears, descriptors

ENGINES: Final = {
    "dockerd": "docker",
    "containerd": "containerd",
    "crio": "crio",
    "buildkitd": "buildkit",
    "podman": "podman",
    "cri-dockerd": "cri-dockerd",
}
"""By the name of the program; a process has it as its name too, unless it was started by another."""
DELETED: Final = " (deleted)"
"""What the kernel puts after the path of a program that a newer one has replaced (proc_pid_exe(5))."""
HELPERS: Final = ("metrics.sock", "libnetwork")
"""dockerd's sockets for its own helpers and plugins: the name of one, the directory of the other; neither is its API."""
PROCESSES: Final = 2000
KTHREADD: Final = 2


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Held:
    """The engine of each name that is held, those held in the host's own mounts, and the hole where there may be more."""

    engines: dict[str, str] = field(default_factory=dict)
    here: set[str] = field(default_factory=set)
    hole: Hole | None = None


def engines(host: Host, ears: Ears) -> Held:
    """Return the names that the engines of root listen on."""
    looks: Looks = {}

    def engine(process: Process) -> str:
        program = host.process(process.pid).exe.removesuffix(DELETED)
        found = ENGINES.get(program.rpartition("/")[2], "")
        return found if found and footing(host, program, looks, follow=True).root_owned else ""

    return _held(host, ears, lambda process: process.name in ENGINES, engine)


def anybody(host: Host, ears: Ears) -> Held:
    """Return the names that any process of root's listens on."""

    def engine(process: Process) -> str:
        host.process(process.pid)
        return "unknown"

    return _held(host, ears, lambda process: KTHREADD not in (process.pid, process.ppid), engine)


def _held(host: Host, ears: Ears, wanted: Callable[[Process], bool], engine: Callable[[Process], str]) -> Held:
    held = Held()
    if isinstance(ears.table, Hole):
        held.hole = ears.table
        return held
    processes = attempt(host.processes)
    if isinstance(processes, Hole):
        held.hole = processes
        return held
    roots = [process for process in processes if set(process.uids) == {0} and wanted(process)]
    names = {inode: path for path, inodes in ears.table.inodes.items() for inode in inodes & ears.table.trusted if path.startswith("/")}
    for process in roots[:PROCESSES]:
        _of_one(ears, process, names, engine, held)
    if len(roots) > PROCESSES:
        held.hole = graver(held.hole, attempt(_too_many))
    return held


def _too_many() -> Hole:
    raise LimitExceeded(f"more than {PROCESSES} processes of root may hold a socket")


def _of_one(ears: Ears, process: Process, names: dict[int, str], engine: Callable[[Process], str], held: Held) -> None:
    """Take what one process holds, nothing of one that has ended."""
    inodes = attempt(descriptors, ears, process.pid)
    try:
        kind = attempt(engine, process)
    except ABSENT:
        return
    if kind == "":
        return
    if isinstance(kind, Hole) or isinstance(inodes, Hole):
        held.hole = graver(held.hole, *(one for one in (inodes, kind) if isinstance(one, Hole)))
        return
    for path in _apis(sorted(names[inode] for inode in inodes if inode in names)):
        held.engines.setdefault(path, kind)
        if process.host_mounts is not False:
            held.here.add(path)


def _apis(paths: list[str]) -> Iterator[str]:
    for path in paths:
        folder, _, name = path.rpartition("/")
        if name not in HELPERS and folder.rpartition("/")[2] not in HELPERS:
            yield path
