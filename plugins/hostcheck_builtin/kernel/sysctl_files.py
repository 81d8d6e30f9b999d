"""What configuration sets of the kernel's settings at boot: /etc/sysctl.conf and the sysctl.d directories, as sysctl.d(5) and sysctl(8) read them.

The two readers part over /etc/sysctl.conf, which procps reads last, and systemd-sysctl only where a link in a directory leads to it; and over a line
``-name`` after one that sets the name, which takes that back for systemd-sysctl alone (seen on systemd 257 and procps 4.0.4 themselves).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import reduce
from typing import Final, NamedTuple

from hostcheck.api import Hole, Host, Json, LimitExceeded, Nonsense, Stat, Why, attempt, both, worst_hole
from hostcheck_builtin.system.bounds import SYSCTL_FILE_BYTES as SIZE
from hostcheck_builtin.system.bounds import SYSCTL_FILES as NAMES
from hostcheck_builtin.system.ownership import Ownership, foreign_ids, ownership
from hostcheck_builtin.system.path_walk import LstatCache
from hostcheck_builtin.system.presence import absent_as

FOLDERS: Final = ("/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", "/lib/sysctl.d")
"""Of two files with one name that in the earlier directory counts (sysctl.d(5); sysctl(8) of procps 4)."""
MAIN: Final = "/etc/sysctl.conf"
MASK: Final = "/dev/null"
LONGEST: Final = 4095
"""Longer values the kernel refuses (PAGE_SIZE in proc_sys_call_handler())."""
BLANKS: Final = " \t\r"
GLOB: Final = frozenset("*?[")
SWAP: Final = str.maketrans("./", "/.")


class Assignment(NamedTuple):
    """One line that sets a setting, or a pattern of them, by path below /proc/sys; a value of None keeps patterns from it."""

    key: str
    value: str | None
    line: int


class Source(NamedTuple):
    """A file, what it assigns, whether it is root's alone, what others can change, and where it stands without links."""

    path: str
    settings: list[Assignment] | Hole
    root_owned: bool | Hole
    others: Mapping[str, Stat]
    place: str


class Configuration(NamedTuple):
    """The files of the directories in the order in which they count, /etc/sysctl.conf, and the directories, in which others could be added."""

    files: list[Source]
    main: Source
    folders: list[Source]


@dataclass(frozen=True, slots=True)
class Setting:
    """What sets a setting: the file, the line, and whether only root can change that it does.

    `place` is where the file stands without links, `others` what others can change, and `unread` is there if that may be more.
    """

    path: str
    value: str
    line: int
    root_owned: bool | Hole
    place: str = field(compare=False)
    others: Mapping[str, Stat] = field(compare=False)
    unread: Hole | None = field(compare=False)


Lines = dict[str, tuple[int, Assignment]]
"""By name or pattern, in the order in which they are applied, each with the number of its file."""
Reading = dict[str, Setting | Hole]
"""What is set, by name; a hole where it cannot be told whether and to what."""


def configuration(host: Host, names: Iterable[str]) -> Configuration:
    """Read every file that counts, for the settings `names`; raises what stops a directory from being listed."""
    wanted, lstats = frozenset(path_of(name) for name in names), LstatCache()
    named: dict[str, str] = {}
    foreign = foreign_ids(host)
    folders = [_owned(folder, [], attempt(lambda at: ownership(host, at, lstats, follow=True), folder), foreign) for folder in FOLDERS]
    for folder in FOLDERS:
        for name in _listed(host, folder):
            named.setdefault(name, f"{folder}/{name}")
    # strcmp(3), so by bytes
    paths = [named[name] for name in sorted(named, key=lambda name: name.encode("utf-8", "surrogateescape"))]
    return Configuration([_source(host, path, wanted, lstats, foreign) for path in paths], _source(host, MAIN, wanted, lstats, foreign), folders)


def read_by_systemd(found: Configuration, names: Iterable[str]) -> Reading:
    """Return what systemd-sysctl would set."""
    return _reading(found.files, found.folders, names, systemd=True)


def read_by_procps(found: Configuration, names: Iterable[str]) -> Reading:
    """Return what `sysctl --system` would set."""
    return _reading([*found.files, found.main], found.folders, names, systemd=False)


def _listed(host: Host, folder: str) -> list[str]:
    return [name for name in absent_as([], host.list_dir, folder, limit=NAMES) if name.endswith(".conf") and not name.startswith(".")]


def _source(host: Host, path: str, wanted: frozenset[str], lstats: LstatCache, foreign: Hole | None) -> Source:
    """Read one file; one that is not there, a link that leads nowhere, and one to /dev/null set nothing, and stand before files of that name."""
    end = attempt(ownership, host, path, lstats, follow=True)
    if isinstance(end, Hole):
        return _owned(path, end, end, foreign)
    if end.place == MASK:  # everybody may write to the device, and change nothing by it
        return _owned(path, [], attempt(lambda: ownership(host, path, lstats)), foreign)
    settings = attempt(lambda: assignments(path, host.read_text(path, missing="", limit=SIZE), wanted)) if end.type else []
    return _owned(path, settings, end, foreign)


def _owned(path: str, settings: list[Assignment] | Hole, end: Ownership | Hole, foreign: Hole | None) -> Source:
    if isinstance(end, Hole):
        return Source(path, settings, end, {}, path)
    if foreign:
        return Source(path, settings, foreign, {}, end.place)
    return Source(path, settings, end.root_owned, end.others, end.place)


def assignments(path: str, text: str, wanted: frozenset[str]) -> list[Assignment]:
    """Return what a file says of the settings `wanted` and of patterns; raise Nonsense where the readers would not take it alike."""
    found: list[Assignment] = []
    for number, line in enumerate(text.split("\n"), 1):
        whole = line.strip(BLANKS)
        if "\0" in whole or "\r" in whole:
            raise Nonsense(f"{path}:{number}: NUL or a carriage return within, at which one reader ends a line and another does not")
        name, equals, value = whole.partition("=")
        if not name or name[0] in "#;" or not (equals or name[0] == "-"):
            continue
        key = path_of(name.removeprefix("-").strip(BLANKS))
        _check(f"{path}:{number}", key, wanted)
        if key in wanted or GLOB & set(key):
            found.append(Assignment(key, value.strip(BLANKS) if equals else None, number))
    return found


def _check(at: str, key: str, wanted: frozenset[str]) -> None:
    """Refuse a name that the readers do not take alike, where it may mean one of the settings `wanted`."""
    parts = key.split("/")
    plain = "/".join(part for part in parts if part not in ("", "."))
    if ".." in parts or (plain != key and (plain in wanted or GLOB & set(plain))):
        raise Nonsense(f"{at}: a name with an empty part, . or .. in it")
    if GLOB & set(key) and "{" in key:
        raise Nonsense(f"{at}: a pattern with {{ in it")
    if GLOB & set(key) and len(key) > LONGEST:
        raise LimitExceeded(f"{at}: a pattern of more than {LONGEST} characters")


def path_of(name: str) -> str:
    """Return the path below /proc/sys that a name means: where its first separator is a dot, dots and slashes are exchanged (sysctl.d(5))."""
    first = next((char for char in name if char in "./"), "")
    return name.translate(SWAP) if first == "." else name


def _reading(files: list[Source], folders: list[Source], names: Iterable[str], *, systemd: bool) -> Reading:
    lines, kept = (_by_systemd if systemd else _by_procps)(files)
    found = {name: _winner(path_of(name), files, folders, lines, kept) for name in names}
    return {name: one for name, one in found.items() if one is not None}


def _by_systemd(files: list[Source]) -> tuple[Lines, set[str]]:
    """Return the line that counts for each name and pattern, in their order: a pattern that is given the same value again keeps its place."""
    lines: Lines = {}
    for number, stated in _assigned(files):
        if not (GLOB & set(stated.key) and stated.key in lines and lines[stated.key][1].value == stated.value):
            lines.pop(stated.key, None)
            lines[stated.key] = (number, stated)
    return lines, set()


def _by_procps(files: list[Source]) -> tuple[Lines, set[str]]:
    """Return the same, and the names from which patterns are kept: a line without a value takes nothing back."""
    lines: Lines = {}
    for number, stated in _assigned(files):
        if stated.value is not None:
            lines.pop(stated.key, None)
            lines[stated.key] = (number, stated)
    return lines, {stated.key for _, stated in _assigned(files) if stated.value is None}


def _assigned(files: list[Source]) -> Iterator[tuple[int, Assignment]]:
    for number, source in enumerate(files):
        yield from ((number, stated) for stated in ([] if isinstance(source.settings, Hole) else source.settings))


def _winner(key: str, files: list[Source], folders: list[Source], lines: Lines, kept: set[str]) -> Setting | Hole | None:
    """Return what sets `key`: the last line that names it, else the last pattern that it matches; whoever can write to a later file can set it too."""
    named = lines.get(key)
    first = 0 if named is None else named[0]
    for source in files[first:]:
        if isinstance(source.settings, Hole):
            return source.settings
    if named is None and key not in kept:
        matching = [line for pattern, line in lines.items() if line[1].value is not None and _matches(key, pattern)]
        named = matching[-1] if matching else None
    return None if named is None else _set(files[named[0]], named[1], [*folders, *files[first:]])


def _set(source: Source, stated: Assignment, ways: list[Source]) -> Setting | Hole | None:
    if stated.value is None:
        return None
    if len(stated.value) > LONGEST:
        return Hole(why=Why.NONSENSE, message=f"{source.path}:{stated.line}: a value of more than {LONGEST} characters, which the kernel refuses")
    owned = reduce(both, (way.root_owned for way in ways))
    others = {path: found for way in ways for path, found in way.others.items()}
    return Setting(source.path, stated.value, stated.line, owned, source.place, others, worst_hole(*(way.root_owned for way in ways)))


def _matches(key: str, pattern: str) -> bool:
    """Say whether glob(3) finds the setting: a star does not match a slash."""
    names, parts = key.split("/"), pattern.split("/")
    return len(names) == len(parts) and all(fnmatchcase(name, part) for name, part in zip(names, parts, strict=True))


def as_written(raw: str) -> list[Json]:
    """Return the words of a value as the kernel takes them: numbers by strtoul(3) with base 0, so that 0x1, 01 and 1 are one."""
    return [_number(word) for word in raw.split()]


def _number(word: str) -> Json:
    digits = word.removeprefix("-").lower()
    base = 16 if digits.startswith("0x") else 8 if digits.startswith("0") else 10
    if len(word) > 24 or not digits.isascii() or not digits.isalnum():
        return word
    try:
        return int(word, base)
    except ValueError:
        return word
