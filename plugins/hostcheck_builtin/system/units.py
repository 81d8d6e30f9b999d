"""Which paths systemd's socket units listen on, and what a service was told, from the unit files alone: systemd.socket(5), systemd.unit(5).

Nothing is asked of systemd, so it works where systemd is not running; a template unit names no path until somebody starts an instance.
"""

import errno
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from hostcheck.api import ABSENT, Host, Nonsense, attempt, pattern
from hostcheck_builtin.system.bounds import UNIT_KEPT_BYTES as USUAL

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
SPECIFIER: Final = pattern("%(.)", re.DOTALL)
PREFIXES: Final = "@-:+!|"
"""What may stand before a command (systemd.service(5))."""
FIT: Final = pattern(r"""(?:[/%][^"'\\\0-\x1f]*|(?!\.{0,2}\Z)[^/"'\\\0-\x1f]+)\Z""")
"""A program is named by its whole path, or by its name alone."""
SPACES: Final = " \t\n\r"
PLAIN: Final = pattern(r"""[^ \t\n\r"'\\]+""")
QUOTED: Final = {quote: pattern(rf"[^{quote}\\]+") for quote in "\"'"}
ESCAPE: Final = pattern(r"""x([0-9A-Fa-f]{2})|([0-7]{3})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([abfnrstv"'\\])""")
ENDS: Final = pattern(r"(?<!\\)(?:\\\\)*\\\Z")
"""A backslash at the end that is none of a pair: the line goes on in the next."""
NAMED: Final = pattern(r"\\x([0-9A-Fa-f]{2})")
ESCAPED: Final = dict(zip("abfnrstv\"'\\", "\a\b\f\n\r \t\v\"'\\", strict=True))

Folders = dict[str, frozenset[str]]


class Unit(NamedTuple):
    """A socket unit, and the service that it starts."""

    name: str
    service: str


class Command(NamedTuple):
    """A command of a unit: its prefixes, and its words as systemd takes them, the program first; specifiers and variables stand in them yet."""

    prefixes: str
    words: list[str]


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


def expanded(text: str, unit: str) -> str:
    """Return a value of a unit with its specifiers written out (systemd.unit(5)); one that is left stands for what is known to systemd alone."""
    told = _specifiers(unit) if "%" in text else {}
    return SPECIFIER.sub(lambda found: told.get(found[1], found[0]), text)


def specified(text: str, unit: str) -> str | None:
    """Return the same, None where a specifier is left."""
    told = _specifiers(unit) if "%" in text else {}
    known = all(found in told for found in SPECIFIER.findall(text))
    return SPECIFIER.sub(lambda found: told[found[1]], text) if known else None


def _specifiers(unit: str) -> dict[str, str]:
    """Return what stands for a specifier; in a template those of its instance are not known."""
    name = unit.rpartition(".")[0]
    prefix, at, instance = name.partition("@")
    told = {"t": "/run", "S": "/var/lib", "C": "/var/cache", "L": "/var/log", "E": "/etc", "T": "/tmp", "V": "/var/tmp", "h": "/root", "u": "root", "U": "0"}
    told |= {"g": "root", "G": "0", "p": prefix, "P": _unescaped(prefix), "j": (last := prefix.rpartition("-")[2]), "J": _unescaped(last), "%": "%"}
    if at and not instance:
        return told
    return told | {"n": unit, "N": name, "i": instance, "I": _unescaped(instance), "f": f"/{_unescaped(instance if at else prefix).lstrip('/')}"}


def _unescaped(name: str) -> str:
    """Return what part of a name stands for, in which a - is a / and others are escaped (systemd.unit(5), string escaping)."""
    text = name.replace("-", "/")
    return text if "\\" not in text else NAMED.sub(lambda found: chr(int(found[1], 16)), text)


def assigned(texts: Iterable[str], section: str, key: str) -> list[str]:
    """Return what a key that takes several values is given: all since the last empty assignment."""
    given: list[str] = []
    for value in (value for text in texts for value in settings(text, section, key)):
        given = [*given, value] if value else []
    return given


def commands(line: str) -> list[Command]:
    """Return the commands of a line such as ExecStart=, of which a ; between spaces begins another; none where systemd refuses a unit for it.

    A quote may begin in the middle of a word, and a backslash counts within both kinds (config_parse_exec() and extract_first_word() of systemd).
    """
    found: list[list[str]] = [[]]
    at = _begin(line, 0)
    if not any(sign in line for sign in "\"'\\;"):
        found, at = [line.split()], len(line)
    while at < len(line):
        bare = line[at : at + 3].rstrip(SPACES) if line[at] == "\\" else line[at : at + 2].rstrip(SPACES)
        if bare == ";" or (bare == "\\;" and found[-1]):
            at += len(bare)
            found = [*found, []] if bare == ";" else [*found[:-1], [*found[-1], ";"]]
        else:
            word, at = _word(line, at)
            if word is None and found[-1]:
                return []
            if word is None:
                break
            found[-1].append(word)
        at = _begin(line, at)
    told = [_command(words) for words in found if words]
    fit = [one for one in told if one.words and ((one.words[0] and "|" in one.prefixes) or FIT.match(one.words[0]))]
    return fit if all(one in fit or (one.words and "-" in one.prefixes) for one in told) else []


def words(line: str, *, escapes: bool = True) -> list[str]:
    """Return the words of a value that is a list of them, until where quotes are senseless; without `escapes` a backslash is left out, and so are quotes."""
    if not any(sign in line for sign in "\"'\\"):
        return line.split()
    found, at = list[str](), _begin(line, 0)
    while at < len(line):
        word, at = _word(line, at, escapes=escapes, strict=True)
        if word is None:
            break
        found.append(word)
        at = _begin(line, at)
    return found


def _begin(line: str, at: int) -> int:
    while at < len(line) and line[at] in SPACES:
        at += 1
    return at


def _word(line: str, at: int, *, escapes: bool = True, strict: bool = False) -> tuple[str | None, int]:
    """Return the word that begins at an index, None where it is senseless, and where it ends; an escape that there is none of stays, unless `strict`."""
    found, quote = list[str](), ""
    while at < len(line) and (quote or line[at] not in SPACES):
        sign = line[at]
        if sign == "\\":
            escape = ESCAPE.match(line, at + 1) if escapes else None
            if escape is None and escapes and strict:
                return None, at
            found.append(_escaped(escape) if escape else line[at : at + 2] if escapes else line[at + 1 : at + 2])
            at = escape.end() if escape else at + 2
        elif sign == quote or (not quote and sign in QUOTED):
            quote, at = "" if quote else sign, at + 1
        else:
            plain = (QUOTED[quote] if quote else PLAIN).match(line, at)
            found.append(plain[0] if plain else "")
            at = plain.end() if plain else at + 1
    if quote and escapes:
        return None, at
    text = "".join(found)
    return text if text.isascii() else text.encode(errors="surrogateescape").decode(errors="surrogateescape"), at


def _escaped(found: re.Match[str]) -> str:
    """Return what an escape stands for: a byte, or a character."""
    if found[5]:
        return ESCAPED[found[5]]
    if found[3] or found[4]:
        return chr(int(found[3] or found[4], 16))
    byte = int(found[1], 16) if found[1] else int(found[2], 8)
    return bytes([byte & 255]).decode(errors="surrogateescape")


def _command(words: list[str]) -> Command:
    """Return a command without its prefixes, of which @ takes the second word for the name that the program is told of itself."""
    program = words[0].lstrip(PREFIXES)
    prefixes = words[0][: len(words[0]) - len(program)]
    named = "@" in prefixes
    return Command(prefixes, [program, *words[1 + named :]] if len(words) > named else [])


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
    try:
        kinds = [attempt(lambda follow: host.stat(path, follow=follow).type, follow) for follow in (False, True)]
    except ABSENT:
        return False
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
