"""The commands that a unit of systemd starts: the words of ExecStart= and its like, with specifiers and variables; systemd.service(5), command lines.

Nothing is asked of systemd. Compared with a real one in tests/hosts/test_exec_commands.py.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from hostcheck.api import Hole, HoleError, Host, Nonsense, Why, pattern
from hostcheck_builtin.system import unit_words, units
from hostcheck_builtin.system.exec_environment import Environment, environment

VARIABLE: Final = pattern(r"\$\$|\$\{([^}:]*)\}|\$\{[^}:]*(?::|\Z)")
"""A variable within a word needs braces, in which all is its name; what has a colon there, or no end, stays as it is."""


@dataclass(frozen=True, slots=True)
class Started:
    """A command: its prefixes, and its words, the program first. A word whose variables are not known is a hole, and may then be several or none."""

    prefixes: str
    words: list[str | Hole]

    def known(self) -> list[str]:
        """Return the words; raises HoleError where one is not known."""
        for word in self.words:
            if isinstance(word, Hole):
                raise HoleError(word)
        return self.told

    @property
    def told(self) -> list[str]:
        """Return the words that are known."""
        return [word for word in self.words if isinstance(word, str)]

    @property
    def program(self) -> str:
        """Return the program, "" where it is not known."""
        return self.words[0] if isinstance(self.words[0], str) else ""


def written(texts: list[str], section: str = "Service", key: str = "ExecStart") -> list[unit_words.Command]:
    """Return the commands of a key of a unit as they stand there, with specifiers and variables in them."""
    return [one for line in units.assigned(texts, section, key) for one in unit_words.commands(line)]


def started(host: Host, unit: str, texts: list[str], section: str = "Service", key: str = "ExecStart") -> list[Started]:
    """Return the commands of a key of a unit, in their order; raises HoleError where systemd does not start it, for want of a file of variables."""
    told = written(texts, section, key)
    needs = any("$" in word and ":" not in one.prefixes for one in told for word in one.words[1:])
    known = environment(host, unit, texts, section) if needs else Environment()
    if known.refused:
        raise HoleError(known.refused)
    found = [Started(one.prefixes, [*expanded(one, unit, known)]) for one in told]
    fit = [one for one in found if isinstance(one.words[0], Hole) or unit_words.FIT.match(one.program)]
    return fit if all(one in fit or "-" in one.prefixes for one in found) else []


def words(host: Host, unit: str, texts: list[str]) -> list[str]:
    """Return the words of the command that a service runs, [] where it has none; raises HoleError or Nonsense where they are not known, or systemd refuses it.

    Only a service of Type=oneshot may have several, of which the last is returned.
    """
    lines = units.assigned(texts, "Service", "ExecStart")
    found = started(host, unit, texts) if lines else []
    if lines and not found:
        raise Nonsense(f"{unit}: systemd refuses its command")
    kinds = [value for text in texts for value in units.settings(text, "Service", "Type")]
    if len(found) > 1 and kinds[-1:] != ["oneshot"]:
        raise Nonsense(f"{unit}: has several commands, which systemd refuses")
    return found[-1].known() if found else []


def program(texts: list[str]) -> str:
    """Return the name of the program that a service runs, "" where it names none."""
    told = written(texts)
    return told[-1].words[0].rpartition("/")[2] if told else ""


def expanded(command: unit_words.Command, unit: str, known: Environment) -> Iterator[str | Hole]:
    """Yield the words of a command; a word that is a variable alone becomes as many as its value has."""
    for index, word in enumerate(command.words):
        text = unit_words.specified(word, unit)
        if text is None:
            yield Hole(why=Why.UNSUPPORTED, message=f"{unit}: a command has a specifier that only systemd knows")
        elif index == 0 or "$" not in text or ":" in command.prefixes:
            yield text
        elif text.startswith("$") and text[1:2] not in ("{", "$"):  # whatever follows is taken for the name
            value = known.value(text[1:])
            yield from [value] if isinstance(value, Hole) else unit_words.words(value or "", escapes=False)
        else:
            yield _within(text, known)


def _within(text: str, known: Environment) -> str | Hole:
    unknown: list[Hole] = []

    def value(found: re.Match[str]) -> str:
        if found[1] is None:
            return "$" if found[0] == "$$" else found[0]
        told = known.value(found[1])
        if isinstance(told, Hole):
            unknown.append(told)
            return ""
        return told or ""

    expanded = VARIABLE.sub(value, text)
    return unknown[0] if unknown else expanded
