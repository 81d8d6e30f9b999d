"""Units of systemd: their files, drop-ins and files of variables, and the programs that they start, with the user as whom: systemd.service(5), systemd.exec(5).

What is told is what would hold the next time, of units that nothing starts as well, whose `when` says so. Prefixes of a command count: + and ! run it as
root whatever User= says.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from hostcheck.api import Hole, attempt, map_known, pattern
from hostcheck_builtin.root_programs import kernel_line
from hostcheck_builtin.root_programs.root_files import RootFiles
from hostcheck_builtin.root_programs.unit_commands import UnitCommands
from hostcheck_builtin.root_programs.uses import RootUse
from hostcheck_builtin.system import exec_commands, permission_changes, unit_words, units
from hostcheck_builtin.system.boot_units import BootUnits
from hostcheck_builtin.system.bounds import UNITS_TRIED as TRIED
from hostcheck_builtin.system.unit_words import Command
from hostcheck_builtin.system.units import Folders

COMMANDS: Final = ("ExecCondition", "ExecStartPre", "ExecStart", "ExecStartPost", "ExecReload", "ExecStop", "ExecStopPost")
OF_SOCKETS: Final = ("ExecStartPre", "ExecStartPost", "ExecStopPre", "ExecStopPost")
SECTIONS: Final = {"service": ("Service", COMMANDS), "socket": ("Socket", OF_SOCKETS), "mount": ("Mount", ()), "swap": ("Swap", ())}
BESIDE: Final = ("ExecStartPre", "ExecStartPost")
"""Commands that do not do what a unit is for: what one is told of a socket is to change it, or to wait for it."""
NOT_AT_BOOT: Final = {"Service": frozenset(("ExecReload",)), "Socket": frozenset(("ExecStartPre",)), "Mount": frozenset[str](), "Swap": frozenset[str]()}
"""What is run when there is no socket yet, or only when somebody asks for it."""
GENERATORS: Final = tuple(
    f"{place}/systemd/{kind}"
    for kind in ("system-generators", "system-environment-generators", "system-shutdown", "system-sleep")
    for place in ("/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib")
)
OUTPUTS: Final = ("StandardOutput", "StandardError")
LINKS: Final = (".wants", ".requires", ".upholds", ".d")
OF_MANY: Final = pattern(r"^[a-z]+$|-\.[a-z]+$")
"""How directories of drop-ins are called that are for all units of a kind, or of a prefix: service.d, foo-.service.d (systemd.unit(5))."""
UNIT: Final = (".service", ".socket", ".timer", ".path", ".mount", ".automount", ".swap", ".target", ".slice", ".device", ".scope")


@dataclass(slots=True, kw_only=True)
class _Starts:
    """Which units start by themselves, and which of them by a timer, each with its template; `unknown` is the hole where there may be others."""

    boot: frozenset[str]
    timed: frozenset[str]
    unknown: Hole | None

    def when(self, unit: str) -> str | Hole:
        """Say when a unit starts, or an instance of it."""
        if unit in self.timed:
            return "timer"
        return self.unknown or ("boot" if unit in self.boot else "unit")


def take(files: RootFiles) -> None:
    """Take the units of the system."""
    folders, starts = units.listed(files.host), attempt(_starts, files)
    if isinstance(starts, Hole):
        starts = _Starts(boot=frozenset(), timed=frozenset(), unknown=starts)
    files.group.lack(starts.unknown)
    for folder in files.distinct(folders):
        files.take(folder, RootUse("unit", "systemd", "all", folder, "boot"))
        for name in sorted(folders[folder]):
            if name.endswith((*UNIT, *LINKS)):
                _file(files, f"{folder}/{name}", folders, starts)
    instances = {name for name in starts.boot | starts.timed if "@" in name and name.endswith(".service")}
    sockets = {name for names in folders.values() for name in names if name.endswith(".socket")}
    for name in sorted({*units.services(folders), *instances, *sockets}):
        files.group.lack(attempt(_unit, files, name, folders, starts))


def generators(files: RootFiles) -> None:
    """Take the programs that systemd itself runs: generators, and those of shutdown and sleep."""
    for folder in files.distinct(GENERATORS):
        use = RootUse("generator", "systemd", "all", folder, "boot")
        files.folder(folder, use, use._replace(how="runs"), reads=True)


def _starts(files: RootFiles) -> _Starts:
    found = BootUnits(files.host)
    timed = set[str]()
    for unit in found.started:
        texts = attempt(found.texts, unit) if unit.endswith(".timer") else []
        if not isinstance(texts, Hole) and unit.endswith(".timer"):
            named = [value for text in texts for value in units.settings(text, "Timer", "Unit") if value]
            timed.update(named[-1:] or [f"{unit.removesuffix('.timer')}.service"])
    started = found.started | kernel_line.units(files)
    boot, by_timer = (frozenset((*names, *map(units.template, names))) for names in (started, timed))
    theirs = found.unread is not None and bool(found.unread.owners)  # what the units of some users start besides is started by these users
    files.group.lack(found.unread if theirs else None)
    return _Starts(boot=boot, timed=by_timer, unknown=None if theirs else found.unread)


def _file(files: RootFiles, path: str, folders: Folders, starts: _Starts) -> None:
    """Take a unit file, or a directory of drop-ins or links; certain is what systemd reads for a unit that starts by itself."""
    folder, _, name = path.rpartition("/")
    called = next((name.removesuffix(end) for end in LINKS if name.endswith(end)), name)
    unit, by = called, f"the unit {called}"
    if name.endswith(".d") and OF_MANY.search(called):
        unit, by = _one_of(files, called, folders, starts), f"each unit that {name} is for"
    when = starts.when(unit)
    use = RootUse("unit", by, "reads", path, when, certain=when if isinstance(when, Hole) else when != "unit")
    if called != name:
        use = use._replace(how="all")
    first = next(one for one, names in folders.items() if name in names)
    if name.endswith(".d"):
        _drop_ins(files, path, use, set() if use.certain is False else attempt(_read, files, unit, folders))
    elif called == name and first != folder and use.certain is not False:
        files.take(path, use.only_if(map_known(attempt(_read, files, unit, folders), lambda read: path in read)))
    else:
        files.take(path, use)


def _one_of(files: RootFiles, called: str, folders: Folders, starts: _Starts) -> str:
    """Return a unit that starts by itself, has a file, and takes drop-ins that are for many: all of a kind, or all of a prefix; else what they are for."""
    prefix, _, kind = called.rpartition(".")
    fitting = sorted(unit for unit in starts.boot | starts.timed if unit.startswith(prefix) and unit.endswith(f".{kind}"))
    return next((unit for unit in fitting[:TRIED] if attempt(_read, files, unit, folders)), called)


def _drop_ins(files: RootFiles, path: str, use: RootUse, read: set[str] | Hole) -> None:
    """Take a directory of drop-ins, with `read` what systemd reads for the unit."""
    files.take(path, use.only_if(map_known(read, bool)))
    for one in [f"{path}/{name}" for name in sorted(units.names_in(files.host, path)) if name.endswith(".conf")]:
        files.take(one, use._replace(how="reads", place=one).only_if(read if isinstance(read, Hole) else one in read))


def _read(files: RootFiles, unit: str, folders: Folders) -> set[str]:
    """Return the files that systemd reads for a unit, now or after a boot, when /run is empty; none where it is masked."""
    kept = {folder: folders[folder] for folder in units.KEPT}
    return {path for some in (folders, kept) for path, _ in units.sources(files.host, unit, some)}


def _unit(files: RootFiles, unit: str, folders: Folders, starts: _Starts) -> None:
    """Take what a unit starts and reads."""
    sources = list(units.sources(files.host, unit, folders))
    texts = [text for _, text in sources]
    section, keys = SECTIONS[unit.rpartition(".")[2]]
    if not any(f"[{section}]" in text for text in texts):
        return
    when = starts.when(unit)
    user = "root" if section == "Socket" else _user(texts, unit, section)
    use = RootUse("unit", f"the unit {unit}", "runs", unit, when, user)
    use = use._replace(certain=when if isinstance(when, Hole) else when != "unit")
    before_only = _last(texts, section, "PermissionsStartOnly").lower() in units.TRUE
    commands = [(key, one) for key in keys for one in exec_commands.written(texts, section, key)]
    as_root = [_as_root(key, one, before_only=before_only) for key, one in commands]
    users = dict.fromkeys([user, *(["root"] if any(as_root) else [])])  # a variable such as LD_PRELOAD is given to every command
    for path in _environments(texts, unit, section):
        for whom in users:
            files.take(path, use._replace(how="reads", kind="environment-file", user=whom))
    _outputs(files, unit, sources, use)
    run = UnitCommands(files=files, unit=unit, texts=texts, section=section)
    run.begin("/root" if user == "root" else files.home(user))
    run.settings(use, [one.words for _, one in commands])
    for (key, one), root in zip(commands, as_root, strict=True):
        if any(program in word for word in one.words for program in permission_changes.PROGRAMS):
            files.written = next((path for path, text in reversed(sources) if one in exec_commands.written([text], section, key)), "")
        given = use._replace(user="root" if root else user, idle=key in NOT_AT_BOOT[section])
        run.take(one, given)
        if key in BESIDE:
            files.unread(one.words[0], given)
        files.written = ""
    run.end(use)


def _as_root(key: str, command: Command, *, before_only: bool) -> bool:
    """Say whether a command runs as root whatever User= says."""
    return "+" in command.prefixes or command.prefixes.count("!") == 1 or (before_only and key != "ExecStart")


def _user(texts: list[str], unit: str, section: str) -> str:
    user = unit_words.expanded(_last(texts, section, "User"), unit)
    dynamic = _last(texts, section, "DynamicUser").lower() in units.TRUE
    return user or ("a dynamic user" if dynamic else "root")


def _last(texts: list[str], section: str, key: str) -> str:
    given = [value for text in texts for value in units.settings(text, section, key)]
    return given[-1] if given else ""


def _outputs(files: RootFiles, unit: str, sources: list[tuple[str, str]], use: RootUse) -> None:
    """Take the files that systemd opens for what a unit of another user says, before it changes to that user: systemd.exec(5), StandardOutput=."""
    section = SECTIONS[unit.rpartition(".")[2]][0]
    for key in OUTPUTS if use.user != "root" and not _last([text for _, text in sources], section, "RootDirectory") else ():
        place, value = next(((path, told[-1]) for path, text in reversed(sources) if (told := list(units.settings(text, section, key)))), ("", ""))
        kind, _, path = unit_words.expanded(value, unit).partition(":")
        if kind in ("file", "append", "truncate") and path.startswith("/") and "%" not in path:
            files.opens(path, use.user, use._replace(place=place, by=use.by, user="root"))


def _environments(texts: list[str], unit: str, section: str) -> Iterator[str]:
    for value in units.assigned(texts, section, "EnvironmentFile"):
        path = unit_words.expanded(value.removeprefix("-"), unit)
        folder, _, last = path.rpartition("/")
        if path.startswith("/") and "%" not in path:
            yield folder if any(sign in last for sign in "*?[") else path
