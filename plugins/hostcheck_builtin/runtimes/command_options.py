"""What the processes of root's runtimes and their units say on the command line: which file to read, and what counts more than it.

Of a command line only the values of named options are used, since others may be passwords.
"""

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from hostcheck.api import ABSENT, Hole, Host, Nonsense, attempt, worst_hole
from hostcheck_builtin.engines import engine_programs
from hostcheck_builtin.engines.engine_programs import FOLDERS
from hostcheck_builtin.system import exec_commands, procfs, units
from hostcheck_builtin.system.bounds import ARGUMENTS_OF_A_PROCESS as ARGUMENTS
from hostcheck_builtin.system.path_walk import LstatCache
from hostcheck_builtin.system.presence import is_there

OPTIONS: Final = {
    "containerd": {"config": "config", "c": "config", "address": "address", "a": "address"},
    "crio": {
        **{"config": "config", "c": "config", "config-dir": "config-dir", "d": "config-dir", "selinux": "selinux"},
        **{"apparmor-profile": "apparmor-profile", "insecure-registry": "insecure-registry", "enable-nri": "enable-nri"},
        **{"nri-plugin-dir": "nri-plugin-dir", "nri-plugin-config-dir": "nri-plugin-config-dir"},
    },
    "buildkitd": {"config": "config", "allow-insecure-entitlement": "allow-insecure-entitlement", "addr": "addr", "group": "group"},
}
"""By the program, the options that count, each with the name that it has here."""
SWITCHES: Final = frozenset({"selinux", "enable-nri"})
"""Options that take a value only with an equals sign."""
SUBCOMMANDS: Final = frozenset(
    {"config", "publish", "oci-hook", "help", "version", "status", "complete", "completion", "man", "markdown", "md", "wipe", "check"}
)
"""What makes of a program something else than a daemon."""
UNITS: Final = {
    "containerd": ("containerd.service",),
    "crio": ("crio.service", "cri-o.service"),
    "buildkitd": ("buildkit.service", "buildkitd.service"),
}

Options = dict[str, list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """A runtime that runs, or that a unit starts: its options, and where it was found, `by` a unit or "" for a process."""

    options: Options
    by: str = ""
    config: str = ""


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Tellers:
    """Of one program, what runs and what units start; `hidden` says why more may run, `unread` why more may run or be started."""

    processes: list[Teller] = field(default_factory=list)
    units: list[Teller] = field(default_factory=list)
    hidden: Hole | None = None
    units_unread: Hole | None = None

    @property
    def all(self) -> list[Teller]:
        """Return those that run, then those that units start."""
        return [*self.processes, *self.units]

    @property
    def unread(self) -> Hole | None:
        """Return why there may be more."""
        return worst_hole(self.hidden, self.units_unread)


def starting(readers: list[Teller]) -> list[Teller]:
    """Return whose options count after the next restart: those of units, and of what runs now only where no unit starts it."""
    return [one for one in readers if one.by] or readers


def installed(host: Host, names: Iterable[str]) -> bool | Hole:
    """Say whether one of these programs stands where programs stand; a name with a slash is the whole path."""
    paths = [path for name in names for path in ([name] if "/" in name else [f"{folder}/{name}" for folder in FOLDERS])]
    there = [present(host, path) for path in paths]
    return True in there or worst_hole(*(one for one in there if isinstance(one, Hole))) or False


def present(host: Host, path: str) -> bool | Hole:
    """Say whether something stands at a path."""
    return attempt(is_there, host, path)


def tellers(host: Host, lstats: LstatCache) -> dict[str, Tellers]:
    """Return by program who tells it what."""
    found = {program: Tellers() for program in OPTIONS}
    running = engine_programs.of_root(host, lstats)
    for pid in running.pids:
        stated = attempt(_process, host, pid)
        if isinstance(stated, tuple):
            found[stated[0]].processes.append(stated[1])
        elif stated is not None:
            running.unread = worst_hole(running.unread, stated)
    folders = attempt(units.listed, host)
    for program, told in found.items():
        told.hidden = running.unread
        for unit in UNITS[program]:
            started = folders if isinstance(folders, Hole) else attempt(_unit, host, unit, folders, program)
            if isinstance(started, Hole):
                told.units_unread = worst_hole(told.units_unread, started)
            elif started is not None:
                told.units.append(started)
    return found


def _process(host: Host, pid: int) -> tuple[str, Teller] | None:
    """Return which program a process is, and its options; None where it is none of these, or has ended."""
    try:
        words = procfs.words(host, f"/proc/{pid}/cmdline", ARGUMENTS)
        exe = host.process(pid).exe.removesuffix(" (deleted)").rpartition("/")[2]
        program = posixpath.basename(words[0]) if words and exe not in OPTIONS else exe  # k3s is containerd too
        if program not in OPTIONS or not words:
            return None
        given = options(words[1:], program)
        if given is None:
            return None
        config = given.get("config", [""])[-1]
        if config and not config.startswith("/"):
            config = f"{host.read_link(f'/proc/{pid}/cwd')}/{config}"
    except ABSENT:
        return None
    return program, Teller(options=given, config=posixpath.normpath(config) if config else "")


def options(words: list[str], program: str) -> Options | None:
    """Return the options that count, each with its values in their order; None where these words start no daemon; raises Nonsense where a value is missing."""
    known, given, index = OPTIONS[program], Options(), 0
    while index < len(words):
        word = words[index]
        index += 1
        if not word.startswith("-") or word == "-":
            if word in SUBCOMMANDS:
                return None
            continue
        name, equals, value = word.removeprefix("-").removeprefix("-").partition("=")
        if name not in known:
            continue
        if not equals and known[name] not in SWITCHES:
            if index == len(words):
                raise Nonsense(f"{program} is given no value for {word}, and would not start")
            value = words[index]
            index += 1
        given.setdefault(known[name], []).append(value if equals or known[name] not in SWITCHES else "true")
    return given


def _unit(host: Host, unit: str, folders: units.Folders, program: str) -> Teller | None:
    """Return what a unit of the system starts; None where there is none, it is masked, or it starts something else."""
    texts = list(units.texts(host, unit, folders))
    if exec_commands.program(texts) != program:
        return None
    words = exec_commands.words(host, unit, texts)
    if not is_there(host, words[0]):
        return None
    given = options(words[1:], program)
    if given is None:
        return None
    config = given.get("config", [""])[-1]
    return Teller(options=given, by=unit, config=posixpath.normpath(posixpath.join("/", config)) if config else "")
