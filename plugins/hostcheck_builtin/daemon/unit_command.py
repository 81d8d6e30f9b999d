"""The command line that systemd would start a service with: ExecStart= with the variables of Environment= and EnvironmentFile= in it.

What cannot be worked out from files alone is a hole and never a guess: another program in front of dockerd, a variable that only the manager has. Of the
variables nothing is stated but what dockerd is given of them as a flag.
"""

import re
import shlex
from collections.abc import Iterable, Iterator
from posixpath import basename
from typing import Final

from hostcheck.api import ABSENT, Host, Nonsense, Unsupported, pattern
from hostcheck_builtin.system import units
from hostcheck_builtin.system.bounds import DOCKER_SERVICE_BYTES as SIZE
from hostcheck_builtin.system.bounds import ENVIRONMENT_FILES as FILES

SPECIFIERS: Final = {"%%": "%", "%t": "/run"}
SPECIFIER: Final = pattern(r"(%.)")
VARIABLE: Final = pattern(r"\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$([A-Za-z_][A-Za-z0-9_]*)", re.ASCII)
WHOLE: Final = pattern(r"\$([A-Za-z_][A-Za-z0-9_]*)", re.ASCII)
ASSIGNS: Final = pattern(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.ASCII)
PROGRAM: Final = "dockerd"
BACKSLASH: Final = "the unit has a backslash in its command, and what that makes of it is not known"
QUOTES: Final = "the unit has a quotation mark too many or too few in its command"


def command(host: Host, texts: list[str]) -> list[str]:
    """Return the words that dockerd would be started with, its own name first; raises Unsupported, Nonsense, or what reading a file raises."""
    lines = [line for line in _settings(texts, "ExecStart") if line]
    if not lines:
        raise Nonsense("the unit starts no program")
    if "\\" in lines[0]:
        raise Unsupported(BACKSLASH)
    told = units.commands(lines[0])
    if not told:
        raise Nonsense(QUOTES)
    words = [_specified(word) for word in told[0].words]
    if basename(words[0]) != PROGRAM:
        raise Unsupported("the unit starts another program than dockerd, and what that tells dockerd is not known")
    return words if ":" in told[0].prefixes else list(_expanded(words, host, texts))


def _settings(texts: Iterable[str], key: str) -> list[str]:
    """Return the values of a setting that is a list: an empty one takes back those before it."""
    found: list[str] = []
    for value in (value for text in texts for value in units.settings(text, "Service", key)):
        found = [*found, value] if value else []
    return found


def _words(line: str, *, specified: bool = True) -> list[str]:
    if "\\" in line:
        raise Unsupported(BACKSLASH)
    try:
        words = shlex.split(line, comments=False)
    except ValueError as error:
        raise Nonsense(QUOTES) from error
    return [_specified(word) for word in words] if specified else words


def _specified(word: str) -> str:
    if "%" not in word:
        return word
    parts = SPECIFIER.split(word)
    if any(part.startswith("%") and part not in SPECIFIERS for part in parts):
        raise Unsupported("the unit has a specifier in its command, and what that stands for is not known")
    return "".join(SPECIFIERS.get(part, part) for part in parts)


def _expanded(words: list[str], host: Host, texts: list[str]) -> Iterator[str]:
    """Yield the words with the variables in them: one that stands alone becomes as many words as it has (systemd.service(5), Command lines)."""
    known = _variables(host, texts) if any("$" in word for word in words) else {}

    def value(name: str) -> str:
        if name not in known and _settings(texts, "PassEnvironment"):
            raise Unsupported("the unit passes on variables of systemd's own, and what they say is not known")
        return plain(known.get(name, ""))

    for word in words:
        alone = WHOLE.fullmatch(word)
        if alone:
            yield from _words(value(alone[1]).replace("%", "%%"))
        else:
            yield VARIABLE.sub(lambda found: value(found[1] or found[2]) if found[1] or found[2] else "$", word)


def plain(value: str | None) -> str:
    """Return the value of a variable; raises Unsupported where what it is is not known."""
    if value is None:
        raise Unsupported("a variable has a value with a backslash, a specifier, several quotes or over several lines, and what that is is not known")
    return value


def _variables(host: Host, texts: list[str]) -> dict[str, str | None]:
    """Return the variables of a unit: those of files count before those of lines."""
    found: dict[str, str | None] = {}
    for line in _settings(texts, "Environment"):
        found.update(_of_line(line))
    for path in _settings(texts, "EnvironmentFile")[:FILES]:
        found.update(_of_file(host, path))
    for name in (word.partition("=")[0] for line in _settings(texts, "UnsetEnvironment") for word in _words(line)):
        found.pop(name, None)
    return found


def _of_line(line: str) -> Iterator[tuple[str, str | None]]:
    """Yield the variables of a line of a unit, None for a value that is not plain, as that of a proxy with a backslash: few are asked for."""
    plainly = "\\" not in line
    for name, equals, value in (word.partition("=") for word in (_words(line, specified=False) if plainly else line.split())):
        if equals and "\\" in name:
            raise Unsupported("the unit has a backslash in the name of a variable, and what that makes of it is not known")
        if equals:
            yield name.lstrip("\"'"), _specified(value) if plainly and SPECIFIERS.keys() >= {*SPECIFIER.findall(value)} else None


def _of_file(host: Host, path: str) -> dict[str, str | None]:
    optional, path = path.startswith("-"), path.removeprefix("-")
    if not path.startswith("/") or any(sign in path for sign in "*?[%"):
        raise Unsupported("the unit names a file of variables by a pattern or by no whole path, and which that is is not known")
    try:
        return assignments(host.read_text(path, limit=SIZE))
    except ABSENT as error:
        if optional:
            return {}
        raise Nonsense(f"{path}: not there, and without it systemd does not start the unit") from error


def assignments(text: str) -> dict[str, str | None]:
    """Return the variables that a file sets as systemd reads one (systemd.exec(5), EnvironmentFile=), None for a value that is not plain.

    The last one counts, and a line that ends with a backslash goes on in the next.
    """
    found: dict[str, str | None] = {}
    for line in text.replace("\\\n", "").split("\n"):
        assigned = None if line.lstrip().startswith(("#", ";")) else ASSIGNS.fullmatch(line.rstrip("\r"))
        if assigned:
            found[assigned[1]] = _unquoted(assigned[2].strip())
    return found


def _unquoted(value: str) -> str | None:
    if "\\" in value:
        return None
    if value[:1] not in ('"', "'"):
        return value
    return value[1:-1] if len(value) > 1 and value[-1] == value[0] and value[0] not in value[1:-1] else None
