"""Values of a script that is worked through: some are not worked out, and of those it is known at most when something is true."""

import re
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from hostcheck.api import pattern
from hostcheck_builtin.polkit.conditions import ALWAYS, MAYBE, NEVER, Condition, all_of, any_of, opposite
from hostcheck_builtin.polkit.javascript import Node
from hostcheck_builtin.system.bounds import POLKIT_STARS as STARS

PLAIN_REGEX: Final = pattern(r"\^?(?:[\w\-/:@,; ]|\\[.\-/]|\.[*+]?|\((?:[\w\-]|\\\.)+(?:\|(?:[\w\-]|\\\.)+)*\)|\[[\w\-]+\][*+]?)*\$?", re.ASCII)
"""Regular expressions that mean the same here, and that cannot take long but by the number of their stars."""


class ScriptSymbol(NamedTuple):
    """A value that is not worked out: what is known of it is its kind, and of the place of something in a list when it is in it."""

    kind: str
    name: str = ""
    within: Condition = NEVER


UNKNOWN: Final = ScriptSymbol("unknown")


@dataclass(slots=True, eq=False)
class ScriptFunction:
    """A function with the variables that it sees."""

    line: int
    names: list[str]
    body: Node
    assigned: frozenset[str]
    seen: dict[str, Any]


class ScriptRegex(NamedTuple):
    """A regular expression."""

    text: str

    def finds(self, text: Any) -> Any:
        """Say where it is found in a text, -1 for nowhere; UNKNOWN where that is not worked out."""
        plain = isinstance(text, str) and PLAIN_REGEX.fullmatch(self.text) and sum(map(self.text.count, "*+")) <= STARS
        match = re.search(self.text, text, re.ASCII) if plain else None
        return UNKNOWN if not plain else match.start() if match else -1


def constant(holds: bool) -> Condition:
    """Return the condition that always holds, or never."""
    return ALWAYS if holds else NEVER


def truth_of(value: Any) -> Condition:
    """Return when a value counts as true."""
    if isinstance(value, frozenset):
        return value
    if isinstance(value, ScriptSymbol):
        return ALWAYS if value.kind in ("action", "subject", "polkit", "user", "groups") else MAYBE
    return constant(isinstance(value, list | dict | ScriptFunction | ScriptRegex) or bool(value))


def either(condition: Condition, one: Any, other: Any) -> Any:
    """Return what is `one` under a condition, and else `other`: of texts and the like it is not worked out which."""
    if isinstance(one, frozenset | bool | None) and isinstance(other, frozenset | bool | None) and not one is other is None:
        return any_of(all_of(condition, truth_of(one)), all_of(opposite(condition), truth_of(other)))
    return one if type(one) is type(other) and isinstance(one, str | int | None) and one == other else UNKNOWN
