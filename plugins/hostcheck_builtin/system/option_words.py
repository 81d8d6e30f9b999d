"""How the words behind a program read: which are options, which of these take a value, and what stands behind them (getopt_long(3)).

An option has a role for what is done with it, by the table of the program; one that is in no table has none and takes no value. An option that carries code
ends the reading, because code is never taken for a path.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

FLAGS: Final = frozenset(("code", "stop", "text-behind", "stdin", "shell", "away", "exec", "starts", "tells", "apart"))
"""Roles of options without a value.

Code for the interpreter itself, nothing is run, the first operand is a text for a shell, the input is one, a shell is started, it is elsewhere that the
command is run, the operands are a command and no text, a program is started and not stopped, an interpreter only tells what it is, or loads
nothing that lies beside its script.
"""
ENDS: Final = frozenset(("code", "stop", "module", "split"))
"""Roles behind which nothing is an option any more."""
NEXT: Final = "next"
"""The role of an option whose value is always the next word, so that other letters may stand behind it."""
ATTACHED: Final = "attached"
"""The role of an option whose value, if it has one, is the rest of its word."""


class Option(NamedTuple):
    """An option as it is written, with its role and its value, "" for none; an operand with a role has no name."""

    name: str
    role: str
    value: str


class WordsRead(NamedTuple):
    """The words of a command: its options, and what is behind them."""

    told: list[Option]
    operands: list[str]

    def values(self, role: str) -> list[str]:
        """Return the values of one role."""
        return values(self.told, role)


def values(told: list[Option], role: str) -> list[str]:
    """Return the values of one role."""
    return [one.value for one in told if one.role == role]


def read(options: Mapping[str, str], words: list[str], *, whole: bool = False, anywhere: bool = False) -> WordsRead:
    """Return what options say until the first word that is none, or `anywhere`; each word is looked at once.

    With `whole`, options of one dash are words and not letters.
    """
    told, operands, at = list[Option](), list[str](), 0
    while at < len(words):
        word = words[at]
        if word == "--":
            return WordsRead(told, operands + words[at + 1 :])
        if len(word) < 2 or word[0] not in "-+" or (word[0] == "+" and "+o" not in options):
            if not anywhere:
                break
            operands.append(word)
            at += 1
            continue
        at += 1
        is_word = whole or word.startswith("--") or (len(word) > 2 and word in options)
        found = _long(options, word) if is_word else _letters(options, word)
        for name, role, value in found:
            told.append(Option(name, role, (words[at] if at < len(words) else "") if value is None else value))
            at += value is None
        if any(role in ENDS for _, role, _ in found):
            break
    return WordsRead(told, operands + words[at:])


def _long(options: Mapping[str, str], word: str) -> list[tuple[str, str, str | None]]:
    """Return an option that is a word, its role, and its value, None where that is the next word."""
    name, equals, value = word.partition("=")
    role = options.get(name, "")
    return [(name, role, value if equals or not role or role in FLAGS or role == ATTACHED else None)]


def _letters(options: Mapping[str, str], word: str) -> list[tuple[str, str, str | None]]:
    """Return options that are letters of one word; where none of them takes the rest of it, the word may be an option too."""
    found = list[tuple[str, str, str | None]]()
    for place, letter in enumerate(word[1:], 2):
        name = word[0] + letter
        role = options.get(name, "")
        if role and role not in FLAGS and role != NEXT:
            return [*found, (name, role, "" if role == ATTACHED else word[place:] or None)]
        found.append((name, role, None if role == NEXT else ""))
    return found if len(word) == 2 else [*found, (word, "", "")]
