"""What a service is started with: the words of ExecStart=, with the variables that the unit sets; systemd.service(5), command lines.

Only where an engine listens is taken from them. A word whose variable is not known is not known either.
"""

import shlex
from collections.abc import Iterator
from typing import Final

from hostcheck.api import ABSENT, Hole, HoleError, Host, Why, attempt, pattern
from hostcheck_builtin.system import units
from hostcheck_builtin.system.bounds import EXEC_START_BYTES as SIZE

VARIABLE: Final = pattern(r"\$\{(\w+)\}|\$(\w+)")


def words(host: Host, unit: str, texts: list[str]) -> list[str]:
    """Return the command of a service, its program first, without the prefixes of systemd; of several the last. Raises HoleError where it cannot be told."""
    lines = units.assigned(texts, "Service", "ExecStart")
    if not lines:
        return []
    told = units.commands(lines[-1])
    if not told:
        raise HoleError(Hole(why=Why.NONSENSE, message=f"{unit}: quotes that do not end"))
    split = [units.expanded(word, unit) for word in told[-1].words]
    if not any("$" in word for word in split):
        return split
    values = _environment(host, unit, texts)
    return [one for word in split for one in _expand(unit, word, values)]


def program(texts: list[str]) -> str:
    """Return the name of the program that a service runs, "" where it names none."""
    lines = units.assigned(texts, "Service", "ExecStart")
    told = units.commands(lines[-1]) if lines else []
    return told[-1].words[0].rpartition("/")[2] if told else ""


def _split(unit: str, text: str) -> list[str]:
    try:
        return shlex.split(text, comments=False)
    except ValueError as error:
        raise HoleError(Hole(why=Why.NONSENSE, message=f"{unit}: quotes that do not end")) from error


def _environment(host: Host, unit: str, texts: list[str]) -> dict[str, str]:
    """Return the variables that a unit sets; those of its files come last and count."""
    values: dict[str, str] = {}
    for line in units.assigned(texts, "Service", "Environment"):
        values.update(dict(_pairs(_split(unit, units.expanded(line, unit)))))
    for name in units.assigned(texts, "Service", "EnvironmentFile"):
        path = units.expanded(name.removeprefix("-"), unit)
        if not path.startswith("/") or any(sign in path for sign in "*?[%"):
            raise HoleError(Hole(why=Why.UNSUPPORTED, message=f"{unit}: names a file of variables by a pattern or by no whole path, and which is not known"))
        text = attempt(_text, host, path)
        if isinstance(text, Hole):
            raise HoleError(text)
        lines = (line.strip() for line in text.replace("\\\n", "").split("\n"))
        values.update(dict(_pairs([_unquoted(line) for line in lines if line and line[0] not in "#;"])))
    return values


def _text(host: Host, path: str) -> str:
    try:
        return host.read_text(path, limit=SIZE)
    except ABSENT:
        return ""


def _unquoted(line: str) -> str:
    name, equals, value = line.partition("=")
    value = value.strip()
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return f"{name.strip()}{equals}{value[1:-1] if quoted else value}"


def _pairs(words: list[str]) -> Iterator[tuple[str, str]]:
    for word in words:
        name, equals, value = word.partition("=")
        if equals:
            yield name, value


def _expand(unit: str, word: str, values: dict[str, str]) -> list[str]:
    """Return a word with its variables; one that is a variable alone becomes as many words as its value has."""
    alone = word.startswith("$") and word[1:].isidentifier()
    if alone:
        return _split(unit, values.get(word[1:], ""))
    return [VARIABLE.sub(lambda found: values.get(found[1] or found[2], ""), word)]
