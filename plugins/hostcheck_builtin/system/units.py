"""The files of systemd's units, which of them counts, and the settings in them: systemd.unit(5), and systemd.socket(5) for where sockets listen.

Nothing is asked of systemd, so it works where systemd is not running; a template unit names no path until somebody starts an instance.
"""

import errno
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from hostcheck.api import ABSENT, Host, Nonsense, attempt, pattern
from hostcheck_builtin.system.bounds import UNIT_KEPT_BYTES as USUAL
from hostcheck_builtin.system.presence import absent_as

FOLDERS: Final = (
    "/etc/systemd/system.control",
    "/run/systemd/system.control",
    "/run/systemd/transient",
    "/run/systemd/generator.early",
    "/etc/systemd/system",
    "/run/systemd/system",
    "/run/systemd/generator",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
    "/run/systemd/generator.late",
)
"""The first that has a unit counts (systemd.unit(5), unit file load path)."""
KEPT: Final = tuple(folder for folder in FOLDERS if not folder.startswith("/run/"))
"""Those that are the same after a boot: /run is empty then, and generators write theirs anew."""
MARK: Final = pattern("^\ufeff", re.MULTILINE)
"""The byte order mark, which systemd takes away from the first line that begins with one (config_parse() of src/shared/conf-parser.c)."""
TRUE: Final = frozenset({"1", "yes", "y", "true", "t", "on"})
ENDS: Final = pattern(r"(?<!\\)(?:\\\\)*\\\Z")
"""A backslash at the end that is none of a pair: the line goes on in the next."""

Folders = dict[str, frozenset[str]]


class Unit(NamedTuple):
    """A socket unit, and the service that it starts."""

    name: str
    service: str


def socket_units(host: Host) -> dict[str, Unit]:
    """Return the unit that listens on each path, for the units that are not masked."""
    folders = listed(host)
    found: dict[str, Unit] = {}
    for unit in sorted({name for names in folders.values() for name in names if name.endswith(".socket") and "@" not in name}):
        stated = list(texts(host, unit, folders))
        for path in _paths(stated):
            found.setdefault(path, Unit(name=unit, service=service_of(unit, stated)))
    return found


def last_setting(host: Host, unit: str, section: str, key: str) -> str:
    """Return the last value that a unit of the system is given, "" for none; an instance is looked up by its template where it has no file."""
    folders = listed(host)
    given = [value for text in texts(host, unit, folders) for value in settings(text, section, key)]
    return given[-1] if given else ""


def listed(host: Host, folders: Iterable[str] = FOLDERS) -> Folders:
    """Return the names in each directory of the load path, or of these of its directories."""
    return {folder: names_in(host, folder) for folder in folders}


def services(folders: Folders) -> list[str]:
    """Return the names of the services that have a file, and of instances that have drop-ins of their own."""
    names = frozenset[str]().union(*folders.values())
    own = {name[:-2] for name in names if name.endswith(".service.d") and "@" in name}
    return sorted({name for name in names if name.endswith(".service")} | {name for name in own if template(name) in names})


def template(unit: str) -> str:
    """Return the template of an instance; a unit that is none is its own."""
    stem, at, _ = unit.partition("@")
    return f"{stem}@.{unit.rpartition('.')[2]}" if at else unit


def names_in(host: Host, folder: str) -> frozenset[str]:
    """Return the names in a directory, none where there is none."""
    try:
        return frozenset(host.list_dir(folder))
    except ABSENT:
        return frozenset()
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        return frozenset()


def service_of(unit: str, texts: Iterable[str]) -> str:
    """Return the service that a socket unit starts, the template where it starts one for each connection."""
    given = list(texts)
    named = [value for text in given for value in settings(text, "Socket", "Service") if value]
    accepts = [value for text in given for value in settings(text, "Socket", "Accept")]
    each = bool(accepts) and accepts[-1].lower() in TRUE
    return named[-1] if named else f"{unit.removesuffix('.socket')}{'@' if each else ''}.service"


def _paths(texts: list[str]) -> list[str]:
    streams = (stream.replace("%%", "\0").replace("%t", "/run") for stream in assigned(texts, "Socket", "ListenStream"))
    return [path.replace("\0", "%") for path in streams if path.startswith("/") and "%" not in path]


def assigned(texts: Iterable[str], section: str, key: str) -> list[str]:
    """Return what a key that takes several values is given: all since the last empty assignment."""
    given: list[str] = []
    for value in (value for text in texts for value in settings(text, section, key)):
        given = [*given, value] if value else []
    return given


def texts(host: Host, unit: str, folders: Folders) -> Iterator[str]:
    """Yield the unit file, or that of its template, and the drop-ins in the order in which they count; nothing where it is masked or not there."""
    return (text for _, text in sources(host, unit, folders))


def sources(host: Host, unit: str, folders: Folders) -> Iterator[tuple[str, str]]:
    """Yield the same, each with its path."""
    places = (f"{folder}/{name}" for name in (unit, template(unit)) for folder, names in folders.items() if name in names)
    path, text = next(((place, text) for place in places if (text := _text(host, place)) is not None), ("", ""))
    if not text.strip():
        return
    yield path, text
    for _, path in sorted(_drop_ins(host, unit, folders).items()):
        yield path, _text(host, path) or ""


def files(host: Host, unit: str, folders: Folders) -> tuple[str, list[str]]:
    """Return the path of the unit file that counts, "" where there is none, and the directories that are there for drop-ins."""
    places = (f"{folder}/{name}" for name in (unit, template(unit)) for folder, names in folders.items() if name in names)
    kinds = [f"{kind}.d" for kind in _kinds(unit)]
    found = [f"{folder}/{kind}" for kind in kinds for folder, names in folders.items() if kind in names]
    return next((place for place in places if _text(host, place) is not None), ""), found


def _text(host: Host, path: str) -> str | None:
    """Return a unit file, "" where it is a link to nothing or to /dev/null, which masks it, None where systemd passes over a directory or a loop of links."""
    try:
        kind = host.stat(path, follow=False).type
        if kind == "link" and host.read_link(path) == "/dev/null":
            return ""
        return host.read_text(path) if kind in ("file", "link") else None
    except ABSENT:
        return ""
    except Nonsense:
        if _leads_to_no_file(host, path):
            return None
        raise
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        return None


def _leads_to_no_file(host: Host, path: str) -> bool:
    """Say whether a link certainly leads to a directory, or something else that is no file."""
    kinds = absent_as([""], lambda: [attempt(lambda follow: host.stat(path, follow=follow).type, follow) for follow in (False, True)])
    return kinds[0] == "link" and isinstance(kinds[1], str) and kinds[1] != "file"


def _drop_ins(host: Host, unit: str, folders: Folders) -> dict[str, str]:
    """Return the drop-in files by name: of two with one name the first on the load path counts."""
    found: dict[str, str] = {}
    for kind in _kinds(unit):
        for folder, names in folders.items():
            if f"{kind}.d" in names:
                for name in sorted(names_in(host, f"{folder}/{kind}.d")):
                    if name.endswith(".conf"):
                        found.setdefault(name, f"{folder}/{kind}.d/{name}")
    return found


def _kinds(unit: str) -> list[str]:
    """Return the names after which directories of drop-ins for a unit are called, the one that counts most first."""
    stem, _, ending = unit.rpartition(".")
    words = stem.split("-")
    return [*dict.fromkeys((unit, template(unit))), *(f"{'-'.join(words[:count])}-.{ending}" for count in range(len(words) - 1, 0, -1)), ending]


def settings(text: str, section: str, key: str) -> Iterator[str]:
    """Yield each value that a unit file gives `key` in `section`, "" for an assignment that takes back those before it."""
    if key not in text:  # most units have no socket with a path; a backslash joins lines with a space, so it cannot make a key
        return
    for here, name, value in (_assignments if len(text) <= USUAL else _assignments.__wrapped__)(text):
        if name == key and here == section:
            yield value


@lru_cache(maxsize=8)
def _assignments(text: str) -> tuple[tuple[str, str, str], ...]:
    """Return section, key and value of each assignment; a unit is asked for many keys, one after the other."""
    found, here = [], ""
    for line in _joined(text):
        if line.startswith("["):
            here = line[1:].partition("]")[0]
        elif "=" in line:
            name, _, value = line.partition("=")
            found.append((here, name.strip(), value.strip()))
    return tuple(found)


def _joined(text: str) -> Iterator[str]:
    """Yield lines without comments; one that ends with a backslash goes on in the next that is no comment."""
    whole = ""
    text = MARK.sub("", text, count=1) if "\ufeff" in text else text
    for line in text.split("\n"):
        if line.lstrip().startswith(("#", ";")):
            continue
        whole += line.removesuffix("\r").lstrip()
        if whole.endswith("\\") and ENDS.search(whole):
            whole = whole[:-1] + " "
            continue
        yield whole
        whole = ""
    yield whole
