"""The programs that rules of sudo and doas name: whoever may write to one decides what is run, whatever the rule allows.

A directory and a pattern stand for every file that somebody can make there, and for those that are there. Of a command with a digest the program is left out,
as sudo runs nothing whose digest is another than the rule's; the scripts that its arguments name are not.
"""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any, Final

from hostcheck.api import ABSENT, Hole, HoleError, Host, Json, Why, attempt, incomplete, pattern, worst_hole
from hostcheck_builtin.privileged_programs import command_patterns, command_scripts
from hostcheck_builtin.privileged_programs.command_effects import ANY, of_command
from hostcheck_builtin.privileged_programs.command_table import known_name
from hostcheck_builtin.privileged_programs.command_words import HARMLESS, SYSTEMD_PAGER
from hostcheck_builtin.privileged_programs.sudoers_facts import StatedSudoers, of_root
from hostcheck_builtin.system import interpreters
from hostcheck_builtin.system.bounds import COMMANDS_OF_SUDO as COMMANDS
from hostcheck_builtin.system.bounds import FILES_OF_A_PATTERN as MEMBERS
from hostcheck_builtin.system.bounds import PATH_MAX as LONG
from hostcheck_builtin.system.bounds import SCRIPT_BYTES as SCRIPT
from hostcheck_builtin.system.mounts_to_avoid import refusing, slow_mounts
from hostcheck_builtin.system.path_walk import LstatCache, WalkedPath, roots_alone, roots_way, stated, way_to
from hostcheck_builtin.system.presence import absent_as

SAFE_PATH: Final = ("/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin")
"""Where doas looks for a program that a rule names without a directory (safepath in doas.c of OpenDoas)."""
SECURE_PAGER: Final = 247
"""The version of systemd whose programs ask who called them before they start a pager (NEWS of systemd 247)."""
LIBRARIES: Final = (
    *("/usr/lib/systemd", "/usr/lib64/systemd", "/lib/systemd"),
    *(
        f"/usr/lib/{machine}/systemd"
        for machine in ("x86_64-linux-gnu", "aarch64-linux-gnu", "arm-linux-gnueabihf", "powerpc64le-linux-gnu", "s390x-linux-gnu")
    ),
)
SHARED: Final = pattern(r"libsystemd-shared-([0-9]{1,4})[^/]*\.so")
Named = tuple[str, str]
"""The name of a command, and the kind of its path."""


def commands(host: Host, lstats: LstatCache, named: Iterable[Named], unread: Hole | None = None) -> Json:
    """State the way to each program that is named and that the modes do not leave to root alone; `unread` is what of the rules is not known."""
    names = sorted({one for one in named if len(one[0]) < LONG and "\0" not in one[0]})
    ways = ProgramWays(host, lstats)
    found = {name: ways.of(name, path) for name, path in names[:COMMANDS]}
    limit = Hole(why=Why.LIMIT, message=f"the rules of sudo name more than {COMMANDS} programs") if len(names) > COMMANDS else None
    return incomplete({name: way for name, way in found.items() if way is not None}, worst_hole(limit, unread))


def of_sudo(told: StatedSudoers) -> Iterator[Named]:
    """Yield the commands of sudo's rules, and the files with absolute paths that decide what these do.

    So do the file from which sudo takes variables for every command, LD_PRELOAD as well (env_file in sudoers(5)), and a root directory that it changes to.
    """
    for name, value in [(one["name"], value) for entry in told.defaults.values() for one in entry["settings"] for value in one.get("values", ())]:
        yield from ((path, "plain") for path in ([value] if name == "env_file" else of_root(value) if name == "runchroot" else ()))
    for spec in (spec for rule in told.rules.values() for spec in rule["commands"]):
        yield from ((path, "plain") for path in of_root(spec.get("root", "")))
    for one in _members(told):
        if one["kind"] == "command":
            yield from ((path, "plain") for path in one.get("runs", ()))
            if not one["digest"] and one["path"] != "word":
                yield one["name"], one["path"]


def read_by(ways: "ProgramWays", name: str) -> tuple[str, ...]:
    """Return the variables of the environment by which a program surely runs other code, since it is a script of an interpreter that reads them."""
    read = attempt(ways.content, name, SCRIPT) if name.startswith("/") else None
    return interpreters.variables(read) if isinstance(read, bytes) else ()


def take_script(ways: "ProgramWays", name: str, one: dict[str, Any]) -> None:
    """Note of a command what it does with its caller's words, where it is a script that only root can change."""
    usual = name.rpartition("/")[0] in SAFE_PATH[:4] and known_name(name)
    if one["args"] == "any" and name.startswith("/") and not usual and ways.of(name, "plain") is None:
        content = attempt(ways.content, name, SCRIPT)
        found = command_scripts.done(content) if isinstance(content, bytes) else None
        one |= {"script": dict(zip(("program", "does"), found, strict=True))} if found else {}


def take_pager(ways: "ProgramWays", one: dict[str, Any]) -> None:
    """Note of a program of systemd's that its pager starts nothing, where systemd is new enough."""
    if one.get("does") == SYSTEMD_PAGER.kind and attempt(ways.systemd) in range(SECURE_PAGER, 10_000):
        one["does"] = HARMLESS.kind


def take_scripts(ways: "ProgramWays", told: StatedSudoers) -> None:
    """Note the same of all commands of sudo's rules."""
    named = [one for one in _members(told) if one["kind"] == "command" and one["path"] == "plain" and not one["digest"]]
    for one in named[:COMMANDS]:
        take_script(ways, one["name"], one)
        take_pager(ways, one)


def take_variables(ways: "ProgramWays", told: StatedSudoers) -> None:
    """Note of each command by which variables it surely runs other code, where sudo keeps any such variable for anybody."""
    kept = [value for entry in told.defaults.values() for one in entry["settings"] if one["name"] == "env_keep" for value in one.get("values", ())]
    if not any(fnmatchcase(name, one) for names in interpreters.READ.values() for name in names for one in kept):
        return
    found: dict[str, tuple[str, ...]] = {}
    for one in _members(told):
        if one["kind"] == "command" and one["path"] == "plain" and (one["name"] in found or len(found) < COMMANDS):
            found[one["name"]] = found[one["name"]] if one["name"] in found else read_by(ways, one["name"])
            one |= {"reads": list(found[one["name"]])} if found[one["name"]] else {}


def _members(told: StatedSudoers) -> Iterator[Any]:
    """Yield the members of all lists of commands."""
    for alias in told.aliases.values():
        yield from alias["members"]
    for rule in told.rules.values():
        yield from (spec["command"] for spec in rule["commands"])


def search_path(host: Host, lstats: LstatCache, told: StatedSudoers, unread: Hole | None) -> Json:
    """State the way to each directory of secure_path that the modes do not leave to root alone: of the last setting for all, and of those for some."""
    general: list[str] = []
    bound: list[str] = []
    for entry in told.defaults.values():
        for one in entry["settings"]:
            if one["name"] == "secure_path":
                values = list(one.get("values", ()))
                general, bound = (general, [*bound, *values]) if entry["scope"] else (values, bound)
    folders = [folder for value in (*general, *bound) for folder in value.split(":") if folder.startswith("/")]
    return commands(host, lstats, ((folder, "plain") for folder in folders), unread)


class ProgramWays:
    """Walks to programs, and to what directories and patterns stand for."""

    def __init__(self, host: Host, lstats: LstatCache) -> None:
        """Look at nothing but the mounts yet."""
        self.host, self.lstats = host, lstats
        self.slow = attempt(slow_mounts, host)
        self.version: int | None = None

    def systemd(self) -> int:
        """Return the oldest version of systemd that is installed, by the name of the library of its programs, 0 where none is found."""
        if self.version is None:
            names = [name for folder in LIBRARIES for name in absent_as([], self.host.list_dir, folder)]
            self.version = min((int(match[1]) for name in names if (match := SHARED.fullmatch(name))), default=0)
        return self.version

    def content(self, path: str, limit: int) -> bytes | None:
        """Return what is in a program, None where no file is there; raises what reading a host raises.

        By a way that somebody but root can lay no file system is entered that asks a process of theirs, which may never answer.
        """
        way = self._walked(path)
        if isinstance(way, Hole):
            raise HoleError(way)
        if way.stopped:
            raise HoleError(way.stopped)
        return self.host.read_bytes(way.realpath, limit=limit, follow=False, parsed=False) if way.type == "file" else None

    def of(self, name: str, path: str) -> Json:
        """State the way to a command, None where only root decides what it is."""
        if path != "plain":
            return self._pattern(name, path)
        if "/" in name:
            return self._stated(self._walked(name)) if name.startswith("/") else None
        return self._searched(name)

    def _walked(self, path: str) -> WalkedPath | Hole:
        return way_to(self.host, path, self.lstats, avoid=refusing(self.slow, roots_too=False))

    def _stated(self, way: WalkedPath | Hole) -> Json:
        return way if isinstance(way, Hole) else None if _is_roots(way) else stated(way)

    def _searched(self, name: str) -> Json:
        """State the first way of those that doas tries which is there, or in whose directory somebody can make it."""
        for folder in SAFE_PATH:
            way = self._walked(f"{folder}/{name}")
            told = self._stated(way)
            if told is not None or (not isinstance(way, Hole) and way.type == "file"):
                return told
        return None

    def _pattern(self, name: str, path: str) -> Json:
        """State the way to the directory of a pattern, and to what is in it where that is root's alone."""
        folder = command_patterns.folder(name, path)
        way = self._walked(folder) if folder else None
        if way is None or isinstance(way, Hole):
            return way
        if not _is_roots(way):
            return {**stated(way), "members": {}}
        members = {} if of_command(name, path, "any").gives == ANY else self._members(name, path, folder)
        told = {place: one for place, one in members.items() if one is not None}
        limit = Hole(why=Why.LIMIT, message=f"{name} stands for more than {MEMBERS} files") if len(members) > MEMBERS else None
        return {**stated(way), "members": incomplete(told, limit)} if told or limit else None

    def _members(self, name: str, path: str, folder: str) -> dict[str, Json]:
        """Return what a pattern matches, each with its way where somebody but root may change it; directories of others are not entered."""
        regex = command_patterns.compiled(name, path) if path == "regex" else None  # None where it is not evaluated
        parts = name[len(folder) :].strip("/").split("/") if path == "wildcard" else ["*"]
        found: dict[str, Json] = {}
        folders = [folder]
        for number, part in enumerate(parts, 1):
            inside: list[str] = []
            for place in (f"{one.rstrip('/')}/{each}" for one in folders for each in self._list(one, part, found)):
                if regex and not regex.search(place):
                    continue
                if len(found) > MEMBERS:
                    return found
                found[place] = self._stated(self._walked(place))
                if found[place] is None:
                    inside.append(place)
            folders = inside if number < len(parts) else []
        return found

    def _list(self, folder: str, part: str, found: dict[str, Json]) -> list[str]:
        """Return the names in a directory that one part of a pattern matches."""
        if not command_patterns.WILD & set(part):
            return [part]
        try:
            names = attempt(self.host.list_dir, folder)
        except ABSENT:
            return []
        if isinstance(names, Hole):
            found[folder] = names
            return []
        matches = command_patterns.compiled(part, "wildcard")
        return [name for name in sorted(names) if matches is None or matches.search(name)]


def _is_roots(way: WalkedPath) -> bool:
    return roots_way(way) and roots_alone(way.end)
