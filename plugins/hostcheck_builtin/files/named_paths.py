"""Paths that engines are told: by their units, by the arguments of those that run, and by what they read of /etc; of each what it is to the engine.

Of all that only paths are taken: arguments, environment and configuration may hold passwords. Where it is not known which words an engine is given, a path
counts as named wherever it stands behind a flag, and so it does in an environment file, of which a script may make arguments.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from itertools import zip_longest
from types import MappingProxyType
from typing import Any, Final

from hostcheck.api import Hole, HoleError, Host, Nonsense, Process, Why, attempt, pattern, worst_hole
from hostcheck_builtin.dockerd import daemon_json, flags, settings
from hostcheck_builtin.dockerd.told import ToldDaemon, of_file
from hostcheck_builtin.engines.engine_programs import program_of
from hostcheck_builtin.engines.rootlesskit import manager_of
from hostcheck_builtin.files import places, toml_paths
from hostcheck_builtin.system import bounds, candidates, exec_commands, procfs, units
from hostcheck_builtin.system.credentials import hides
from hostcheck_builtin.system.exec_commands import Started
from hostcheck_builtin.system.presence import absent_as, is_there

WORDS: Final = pattern(r"""[\s"'\\]+|=(?=-)""")
"""What parts the words of a text that is not read as its reader does."""
FLAGS: Final = {"root": "data", "config": "runtime_configuration", "config-dir": "runtime_configuration", "hooks-dir": "plugins"}
"""Flags of containerd, crio and buildkitd that are given a path."""
LETTERS: Final = {"c": "config"}
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
"""What dockerd is told by its flags and in daemon.json."""
BY_FLAG: Final = ("started", "daemon_json", *dict.fromkeys((*FLAGS.values(), *KEYS.values())))
DOCKERD: Final = "dockerd"
NOT_KEYS: Final = {settings.CONFIG_FILE: "daemon_json", "add-runtime": "programs"}
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
        if len(path) > bounds.PATH_MAX:
            self.lack(Hole(why=Why.LIMIT, message=f"{source}: a path that is longer than the kernel lets one be"), kind)
            return
        known, path = self.paths.setdefault(kind, {}), candidates.canonical(path)
        if len(known) >= bounds.ENGINE_PATHS and path not in known:
            self.lack(Hole(why=Why.LIMIT, message=f"{source}: more than {bounds.ENGINE_PATHS} paths"), kind)
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
    found.lack(_hole(_units, host, found), "units", "environments", *BY_FLAG)
    found.lack(_hole(_environments, host, found), *BY_FLAG)
    found.lack(_hole(_processes, host, found), *BY_FLAG)
    for path in (*daemon_json.PLACES, *found.paths.get("daemon_json", {})):
        found.lack(_hole(_daemon_json, host, found, path), *KEYS.values())
    toml_paths.take(host, found.add, found.lack, tuple(found.paths.get("runtime_configuration", {})))
    return found


def _hole(take: Callable[..., None], *args: Any) -> Hole | None:
    taken = absent_as(None, attempt, take, *args)
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
    for key in ("ExecStart", *BESIDE):
        commands = attempt(exec_commands.started, host, unit, texts, "Service", key)
        if isinstance(commands, Hole):
            found.lack(commands, *BY_FLAG)
            _guess(found, WORDS.split("\n".join(texts)), unit)
            commands = [Started(one.prefixes, [*one.words]) for one in exec_commands.written(texts, key=key)]
        for command in commands:
            for program in _programs(command.told):
                (found.start if key == "ExecStart" else partial(found.add, "programs"))(program, unit)
            if key == "ExecStart":
                _command(found, command.words, unit)
            else:
                _guess(found, WORDS.split(" ".join(command.told)), unit)
    for value in (value for text in texts for value in units.settings(text, "Service", "EnvironmentFile")):
        for path in _globbed(host, value.removeprefix("-")):
            found.add("environments", path, unit)


def _programs(words: list[str]) -> list[str]:
    """Return the program of a command, and the one that it runs in its turn where it is a shell or the like."""
    paths = [word for word in words if word.startswith("/")]
    runs = paths[1:2] if paths and RUNNERS.fullmatch(paths[0].rpartition("/")[2]) else []
    return [*paths[:1], *(text.split()[0] for text in runs)]


def _command(found: Named, words: Sequence[str | Hole], source: str) -> None:
    """Take what a command tells its engine."""
    known = [word for word in words if isinstance(word, str)]
    unknown = next((word for word in words if isinstance(word, Hole)), None)
    name = "" if isinstance(words[0], Hole) else words[0].rpartition("/")[2]
    if name == DOCKERD and unknown is None:
        parsed = attempt(flags.parse, known[1:])
        unknown = parsed if isinstance(parsed, Hole) else getattr(parsed.settings, "hole", None)
        if not isinstance(parsed, Hole):
            _settings(found, ToldDaemon(flags=parsed.document, file={}), source)
            if parsed.config_file.startswith("/"):
                found.add("daemon_json", parsed.config_file, source)
            elif parsed.config_file:
                unknown = Hole(why=Why.UNSUPPORTED, message=f"{source}: {daemon_json.ELSEWHERE}")
    if name != DOCKERD or unknown is not None:
        of_engine = name in places.DAEMONS
        _guess(found, known if of_engine else WORDS.split(" ".join(known)), source, settings.LETTERS if name == DOCKERD else LETTERS if of_engine else {})
    found.lack(unknown, *BY_FLAG)


def _globbed(host: Host, path: str) -> Iterable[str]:
    """Return the files that EnvironmentFile= means, a name or a pattern for the last part of one."""
    folder, _, last = path.rpartition("/")
    if not path.startswith("/") or "%" in path:
        return ()
    if candidates.WILD.isdisjoint(last):
        return (path,)
    return absent_as((), lambda: [f"{folder}/{name}" for name in host.list_dir(folder or "/") if fnmatchcase(name, last)])


def _environments(host: Host, found: Named) -> None:
    """Take what environment files name, those that units name and those that are usual."""
    for path in places.ENVIRONMENTS:
        if is_there(host, path):
            found.add("environments", path, "well-known")
    for path in list(found.paths.get("environments", {})):
        _guess(found, WORDS.split(host.read_text(path, missing="")), path)


def _kind(flag: str) -> str | None:
    """Return what kind of path a flag is given, None for none."""
    return FLAGS.get(flag) or KEYS.get(settings.KEYS.get(flag, flag)) or NOT_KEYS.get(flag)


def _guess(found: Named, words: Sequence[str], source: str, letters: Mapping[str, str] = MappingProxyType({})) -> None:
    """Take the paths behind flags, each in the word of its flag or the next one; `letters` are those of the program, as others have their own: sh -c."""
    for word, after in zip_longest(words, words[1:], fillvalue=""):
        name, equals, value = word.lstrip("-").partition("=")
        name, value = letters.get(name, name), value if equals else after
        kind = _kind(name)
        value = value.partition("=")[2] if name == "add-runtime" else value
        if kind and word.startswith("-") and value.startswith("/"):
            found.add(kind, value, source)


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
    program = program_of(host, one.pid, places.DAEMONS).removesuffix(" (deleted)")
    if not program:
        return  # an engine in a container is none of this host's
    found.start(program, "process")
    found.lack(_hole(_unit_of, host, found, one.pid), "units", "environments")
    words = procfs.command(host, one.pid, bounds.ARGUMENTS_OF_A_PROCESS)[1:]
    name, equals, value = words[-1].lstrip("-").partition("=") if words else ("", "", "")
    if words and words[-1].startswith("-") and not value and _kind(LETTERS.get(name, name) if not equals else name):
        raise Nonsense(f"/proc/{one.pid}/cmdline: an option of a path without a path")
    _command(found, [program, *words], "process")


def _unit_of(host: Host, found: Named, pid: int) -> None:
    """Take the unit in whose control group an engine runs: it may be called otherwise than a package calls it."""
    manager, unit = manager_of(host.read_text(f"/proc/{pid}/cgroup"))
    if manager == "system" and unit not in places.UNITS:
        _unit(host, found, unit, units.listed(host))


def _daemon_json(host: Host, found: Named, path: str) -> None:
    """Take what a daemon.json names."""
    _settings(found, of_file(path, host.read_bytes(path)), path)


def _settings(found: Named, told: ToldDaemon, source: str) -> None:
    """Take what dockerd is told."""
    said = {key: attempt(told.said, key) for key in (*KEYS, "runtimes")} | {"nri-opts": attempt(told.members, "nri-opts")}
    for key, value in said.items():
        found.lack(value if isinstance(value, Hole) else None, KEYS.get(key, "programs" if key == "runtimes" else "plugins"))
    for key, kind in KEYS.items():
        for one in _texts(said[key]):
            found.add(kind, one, source)
    runtimes, nri = (value if isinstance(value := said[key], dict) else {} for key in ("runtimes", "nri-opts"))
    for runtime in runtimes.values():
        kinds = [value for key, value in runtime.items() if key.lower() == "runtimetype" and isinstance(value, str)]
        for one in (*_texts(settings.runtime_program(runtime)), *(shim for kind in kinds for shim in places.shims(kind))):
            found.add("programs", one, source)
    for key, usual in zip(("plugin-path", "plugin-config-path"), places.NRI if nri.get("enable") is True else (), strict=False):
        for one in _texts(nri.get(key) or usual):
            found.add("plugins", one, source)


def _texts(value: Any) -> list[str]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str) and one.startswith("/")]
