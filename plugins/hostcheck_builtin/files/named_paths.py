"""Paths that engines are told: by their units, by the arguments of those that run, and by what they read of /etc; of each what it is to the engine.

Of all that only paths are taken: arguments, environment and configuration may hold passwords. A path counts as named wherever it stands in a unit's text
or in an environment file, because a unit gives its engine the variables of that file.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Final

from hostcheck.api import ABSENT, Hole, HoleError, Host, Nonsense, Process, Why, attempt, pattern, worst_hole
from hostcheck_builtin.engines.rootlesskit import manager_of
from hostcheck_builtin.files import places, toml_paths
from hostcheck_builtin.system import candidates, procfs, units
from hostcheck_builtin.system.bounds import ARGUMENTS_OF_A_PROCESS as ARGUMENTS
from hostcheck_builtin.system.bounds import ENGINE_PATHS as LIMIT
from hostcheck_builtin.system.bounds import PATH_MAX as LONG
from hostcheck_builtin.system.credentials import hides
from hostcheck_builtin.system.daemon_json import daemon_json, runtime_program
from hostcheck_builtin.system.mountinfo import mounts, root_of

FLAG: Final = pattern(r"--?([a-z][a-z-]+)[\"']?[=\s]+[\"']?(?:[^\s\"'\\/=]+=)?(/[^\s\"'\\]+)", re.ASCII)
"""A flag with a path, or as --add-runtime with a name and a path."""
FLAGS: Final = {
    "config-file": "daemon_json",
    "data-root": "data",
    "g": "data",
    "graph": "data",
    "root": "data",
    "add-runtime": "programs",
    "init-path": "programs",
    "userland-proxy-path": "programs",
    "config": "runtime_configuration",
    "c": "runtime_configuration",
    "config-dir": "runtime_configuration",
    "cdi-spec-dir": "plugins",
    "hooks-dir": "plugins",
    "seccomp-profile": "directories",
    "tlscacert": "certificates",
    "tlscert": "certificates",
    "tlskey": "keys",
}
"""Flags of dockerd, containerd, crio and buildkitd that are given a path."""
KEYS: Final = {
    "data-root": "data",
    "graph": "data",
    "init-path": "programs",
    "userland-proxy-path": "programs",
    "cdi-spec-dirs": "plugins",
    "seccomp-profile": "directories",
    "tlscacert": "certificates",
    "tlscert": "certificates",
    "tlskey": "keys",
}
"""The same in daemon.json."""
BESIDE: Final = ("ExecCondition", "ExecStartPre", "ExecStartPost", "ExecReload", "ExecStop", "ExecStopPost")
"""What a service runs as root beside its program."""
RUNNERS: Final = pattern(r"(ba|da|a|k|z)?sh|env|nice|ionice|chrt|taskset|numactl|perl|python[0-9.]*", re.ASCII)
"""Programs that run the one that they are told of by a path."""
ROOT: Final = (0, 0, 0, 0)


@dataclass(slots=True, kw_only=True)
class Named:
    """By what it is to the engine, the paths that it is told, and the hole where there may be others."""

    paths: dict[str, dict[str, None]] = field(default_factory=dict)
    holes: dict[str, Hole] = field(default_factory=dict)

    def add(self, kind: str, path: str, source: str) -> None:
        """Take a path that some source names; more than some hundred are none that an engine needs."""
        if len(path) > LONG:
            self.lack(Hole(why=Why.LIMIT, message=f"{source}: a path that is longer than the kernel lets one be"), kind)
            return
        known, path = self.paths.setdefault(kind, {}), candidates.canonical(path)
        if len(known) >= LIMIT and path not in known:
            self.lack(Hole(why=Why.LIMIT, message=f"{source}: more than {LIMIT} paths"), kind)
            return
        known[path] = None

    def start(self, path: str, source: str) -> None:
        """Take a program that a unit starts or that runs: it may be an engine."""
        self.add("programs", path, source)
        self.add("started", path, source)

    def lack(self, hole: Hole | None, *kinds: str) -> None:
        """Note that there may be other paths of these kinds."""
        for kind in kinds if hole is not None else ():
            self.holes[kind] = worst_hole(self.holes.get(kind), hole) or self.holes[kind]


def named(host: Host) -> Named:
    """Return the paths that engines are told."""
    found = Named()
    by_flag = ("started", *dict.fromkeys(FLAGS.values()))
    found.lack(_hole(_units, host, found), "units", "environments", *by_flag)
    found.lack(_hole(_environments, host, found), *by_flag)
    found.lack(_hole(_processes, host, found), *by_flag)
    for path in (*places.DAEMON_JSON, *found.paths.get("daemon_json", {})):
        found.lack(_hole(_daemon_json, host, found, path), *KEYS.values())
    toml_paths.take(host, found.add, found.lack, tuple(found.paths.get("runtime_configuration", {})))
    return found


def _hole(take: Callable[..., None], *args: Any) -> Hole | None:
    try:
        taken = attempt(take, *args)
    except ABSENT:
        return None
    return taken if isinstance(taken, Hole) else None


def _units(host: Host, found: Named) -> None:
    folders = units.listed(host)
    unread: Hole | None = None
    for unit in places.UNITS:
        found.lack(unread := worst_hole(unread, _hole(_unit, host, found, unit, folders)), "units")
    if unread is not None:
        raise HoleError(unread)


def _unit(host: Host, found: Named, unit: str, folders: units.Folders) -> None:
    """Take the files of a unit, and what its text names."""
    file, drop_ins = units.files(host, unit, folders)
    texts = list(units.texts(host, unit, folders))
    if not texts:  # not there, or masked
        return
    found.add("units", file, unit)
    for folder in drop_ins:
        found.add("units", folder, unit)
    for text in texts:
        _flags(found, text.replace("\\\n", " "), unit)
        for line in units.settings(text, "Service", "ExecStart"):
            for program in _programs(line):
                found.start(program, unit)
            _letters(found, line, unit)
        for line in (line for key in BESIDE for line in units.settings(text, "Service", key)):
            for program in _programs(line):
                found.add("programs", program, unit)
        for value in units.settings(text, "Service", "EnvironmentFile"):
            for path in _globbed(host, value.removeprefix("-")):
                found.add("environments", path, unit)


def _programs(line: str) -> list[str]:
    """Return the program of each command, and the one that it runs in its turn where it is a shell or the like."""
    found: list[str] = []
    for command in units.commands(line):
        paths = [word for word in command.words if word.startswith("/")]
        runs = paths[1:2] if paths and RUNNERS.fullmatch(paths[0].rpartition("/")[2]) else []
        found += [*paths[:1], *(text.split()[0] for text in runs)]
    return found


def _globbed(host: Host, path: str) -> Iterable[str]:
    """Return the files that EnvironmentFile= means, a name or a pattern for the last part of one."""
    folder, _, last = path.rpartition("/")
    if not path.startswith("/") or "%" in path:
        return ()
    if candidates.WILD.isdisjoint(last):
        return (path,)
    try:
        return [f"{folder}/{name}" for name in host.list_dir(folder or "/") if fnmatchcase(name, last)]
    except ABSENT:
        return ()


def _environments(host: Host, found: Named) -> None:
    """Take what environment files name, those that units name and those that are usual."""
    for path in places.ENVIRONMENTS:
        try:
            host.stat(path)
        except ABSENT:
            continue
        found.add("environments", path, "well-known")
    for path in list(found.paths.get("environments", {})):
        _flags(found, host.read_text(path, missing=""), path)


def _flags(found: Named, text: str, source: str) -> None:
    for name, path in FLAG.findall(text):
        if name in FLAGS:
            found.add(FLAGS[name], path, source)


def _letters(found: Named, line: str, source: str) -> None:
    """Take the flags of one letter, which other programs than engines have too: sh -c."""
    words = line.split()
    if words and words[0].rpartition("/")[2] in places.DAEMONS:
        for name, value in _arguments([word.strip("\"'") for word in words]):
            if len(name) == 1 and name in FLAGS and value.startswith("/"):
                found.add(FLAGS[name], value, source)


def _processes(host: Host, found: Named) -> None:
    """Take the programs and the arguments of root's engines that run: which program a process runs says the kernel, not its name."""
    unread = attempt(hides, host)
    for one in host.processes():
        if one.lost:
            unread = worst_hole(unread, Hole(why=Why.LIMIT, message=f"/proc/{one.pid}: ended before it could be read, and may have been an engine"))
        elif one.uids == ROOT and one.name in places.DAEMONS:
            unread = worst_hole(unread, _hole(_process, host, found, one))
    if isinstance(unread, Hole):
        raise HoleError(unread)


def _process(host: Host, found: Named, one: Process) -> None:
    seen = host.process(one.pid)
    program = seen.exe.removesuffix(" (deleted)")
    if program.rpartition("/")[2] not in places.DAEMONS or not program.startswith("/"):
        return
    if not seen.host_mounts and root_of(mounts(host, f"/proc/{one.pid}/mountinfo")) != root_of(mounts(host)):
        return  # an engine in a container is none of this host's
    found.start(program, "process")
    found.lack(_hole(_unit_of, host, found, one.pid), "units", "environments")
    for name, value in _arguments(procfs.command(host, one.pid, ARGUMENTS)):
        if name in FLAGS and not value:
            raise Nonsense(f"/proc/{one.pid}/cmdline: an option of a path without a path")
        value = value.partition("=")[2] if name == "add-runtime" else value
        if name in FLAGS and value.startswith("/"):
            found.add(FLAGS[name], value, "process")


def _unit_of(host: Host, found: Named, pid: int) -> None:
    """Take the unit in whose control group an engine runs: it may be called otherwise than a package calls it."""
    manager, unit = manager_of(host.read_text(f"/proc/{pid}/cgroup"))
    if manager == "system" and unit not in places.UNITS:
        _unit(host, found, unit, units.listed(host))


def _arguments(words: list[str]) -> Iterator[tuple[str, str]]:
    """Yield each flag with its value, of the same word or the next."""
    for word, after in zip(words, [*words[1:], ""], strict=True):
        if word.startswith("-"):
            name, equals, value = word.lstrip("-").partition("=")
            yield name, value if equals else after


def _daemon_json(host: Host, found: Named, path: str) -> None:
    """Take what a daemon.json names."""
    document: Mapping[str, Any] = daemon_json(path, host.read_bytes(path))
    for key, kind in KEYS.items():
        for one in _texts(document.get(key)):
            found.add(kind, one, path)
    runtimes = document.get("runtimes")
    for runtime in runtimes.values() if isinstance(runtimes, dict) else ():
        told = runtime if isinstance(runtime, dict) else {}
        kinds = [value for key, value in told.items() if key.lower() == "runtimetype" and isinstance(value, str)]
        for one in (*_texts(runtime_program(told)), *(shim for kind in kinds for shim in places.shims(kind))):
            found.add("programs", one, path)
    nri = document.get("nri-opts")
    if isinstance(nri, dict) and nri.get("enable") is True:
        for key, usual in zip(("plugin-path", "plugin-config-path"), places.NRI, strict=True):
            for one in _texts(nri.get(key) or usual):
                found.add("plugins", one, path)


def _texts(value: Any) -> list[str]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str) and one.startswith("/")]
