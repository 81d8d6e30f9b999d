"""Which programs of engines root runs that are no longer those on disk: after an update the old program, with its faults, goes on until it is restarted.

A process counts by the file that it runs, as the kernel names it, and only on this host: an engine inside a container is none of it.
"""

import re
from functools import partial
from typing import Final

from hostcheck.api import Hole, Host, Json, Why, attempt, incomplete, pattern, worst_hole
from hostcheck_builtin.engines.engine_programs import program_of
from hostcheck_builtin.system.bounds import KERNEL_MODULE_DIRECTORIES
from hostcheck_builtin.system.bounds import ROOTS_PROGRAMS_COMPARED as MOST
from hostcheck_builtin.system.credentials import hides
from hostcheck_builtin.system.presence import absent_as, each_told, is_file
from hostcheck_builtin.system.procfs import demand

ENGINES: Final = {"buildkitd": "engine", "containerd": "engine", "crio": "engine", "dockerd": "engine", "k3s": "engine", "podman": "engine"}
KINDS: Final = {
    **ENGINES,
    **dict.fromkeys(("containerd-shim", "containerd-shim-runc-v1", "containerd-shim-runc-v2", "conmon"), "runtime"),
}
"""What runs as long as a container does is of the runtime."""
NAMES: Final = frozenset({name[:15] for name in KINDS} | {"k3s-server", "k3s-agent"})
"""A process is called after the first 15 bytes of its program's name (TASK_COMM_LEN)."""
ROOT: Final = (0, 0, 0, 0)
GONE: Final = " (deleted)"
RELEASE: Final = "/proc/sys/kernel/osrelease"
MODULES: Final = "/lib/modules"
LINUX: Final = "Linux"
NUMBERS: Final = pattern(r"[0-9]+(?:\.[0-9]+)*", re.ASCII)
"""A number with its parts, of which an update may have more: 4.18.0-553.el8_10 comes before 4.18.0-553.16.1.el8_10."""


def running(host: Host) -> Json:
    """State each program, and the kernel, with whether another one is on disk by now."""
    found: dict[str, Json] = {}
    unread = attempt(hides, host)
    named = attempt(lambda: [one.pid for one in host.processes() if one.name in NAMES and one.uids == ROOT])
    if isinstance(named, Hole):
        unread, named = worst_hole(unread, named), []
    if len(named) > MOST:
        unread = worst_hole(unread, Hole(why=Why.LIMIT, message=f"/proc: more than {MOST} processes of root's are called like an engine"))
    seen, more = each_told(partial(_program, host), named[:MOST])
    for path, replaced in seen.values():
        known = found.setdefault(path, {"kind": KINDS[path.rpartition("/")[2]], "replaced": replaced})
        known["replaced"] = _either(known["replaced"], replaced)
    kernel = attempt(_kernel, host)
    return incomplete({**found, LINUX: kernel}, worst_hole(unread, more))


def _either(one: bool | Hole, other: bool | Hole) -> bool | Hole:
    """Return whether one of them is true."""
    if one is True or other is True:
        return True
    return one if isinstance(one, Hole) else other


def _program(host: Host, pid: int) -> tuple[str, bool | Hole] | None:
    """Return the program that a process runs, and whether it is another one than that on disk; None where it is none of this host's."""
    program = program_of(host, pid, KINDS)
    path = program.removesuffix(GONE)
    return absent_as(None, lambda: (path, program.endswith(GONE) or _differs(host, pid, path))) if path else None


def _differs(host: Host, pid: int, path: str) -> bool:
    """Say whether the file that a process runs is not the one at its path, as where that was moved away or mounted over."""
    mine = host.stat(f"/proc/{pid}/exe")
    other = absent_as(None, host.stat, path)
    return other is None or (mine.dev, mine.ino) != (other.dev, other.ino)


def _kernel(host: Host) -> Json:
    """State the kernel that runs, and the newest of its kind that is installed, by /boot or /lib/modules."""
    release = demand(host.read_text, RELEASE).strip()
    names = absent_as([], host.list_dir, MODULES, limit=KERNEL_MODULE_DIRECTORIES)
    installed = [name for name in names if _kind(name) == _kind(release) and _is_installed(host, name)]
    newest = max([release, *installed], key=_age)
    return {"kind": "kernel", "replaced": newest != release, "release": release, "newest": newest}


def _is_installed(host: Host, name: str) -> bool:
    return any(is_file(host, path) for path in (f"/boot/vmlinuz-{name}", f"{MODULES}/{name}/vmlinuz"))


def _age(release: str) -> list[list[tuple[int, str]]]:
    """Return the numbers of a release, by which those of one kind are compared: however many digits they have."""
    parts = [[part.lstrip("0") for part in number.split(".")] for number in NUMBERS.findall(release)]
    return [[(len(part), part) for part in number] for number in parts]


def _kind(release: str) -> str:
    """Return a release without its numbers: those of one kind of kernel differ by numbers alone."""
    return NUMBERS.sub("0", release)
