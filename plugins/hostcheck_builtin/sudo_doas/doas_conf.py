"""The rules of doas, as its own parser takes them (doas.conf(5); parse.y of OpenDoas 6.8).

One line that is wrong, a last line without its newline among them, and doas runs nothing at all.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from hostcheck.api import pattern

CONF: Final = "/etc/doas.conf"
KEYWORDS: Final = frozenset({"deny", "permit", "as", "cmd", "args", "nopass", "nolog", "persist", "keepenv", "setenv"})
OPTIONS: Final = frozenset({"nopass", "nolog", "persist", "keepenv"})
PIECE: Final = pattern(r'[^ \t\n{}#\\"\0]+|(?:\\.)+|"(?:[^"\\\n\0]|\\.)*(?P<ends>"?)', re.DOTALL)
"""A part of a word: as it stands, characters behind a backslash each, or what stands in quotes."""
ESCAPE: Final = pattern(r"\\(?:\n|(.))", re.DOTALL)


class Word(NamedTuple):
    """A word, a brace or a newline; a keyword is none where it is quoted."""

    kind: str
    text: str
    line: int


@dataclass(slots=True)
class DoasRule:
    """One rule; None stands for any target, any command, any arguments."""

    line: int
    permit: bool
    options: list[str] = field(default_factory=list)
    variables: list[str] = field(default_factory=list)
    identity: str = ""
    target: str | None = None
    command: str | None = None
    args: list[str] | None = None


class _WrongLine(Exception):
    """What stands at a line cannot stand there."""


def words(text: str) -> Iterator[Word]:
    """Yield the words of a file, as yylex() does; a quote that no line ends is wrong, and what follows a folded line is no keyword."""
    at, line, folded = 0, 1, False
    while at < len(text):
        char, start = text[at], at
        if char in " \t":
            at += 1
        elif char in "{}\n":
            yield Word(char, char, line)
            at, line = at + 1, line + (char == "\n")
        elif char == "#":
            at = text.find("\n", at)
            if at < 0:
                return
        else:
            told, quoted = list[str](), False
            while piece := PIECE.match(text, at):
                at, line = piece.end(), line + piece[0].count("\\\n")
                if piece["ends"] == "":
                    raise _WrongLine(line)
                quoted |= piece["ends"] is not None
                told.append(ESCAPE.sub(r"\1", piece[0] if piece["ends"] is None else piece[0][1:-1]))
            if text[at : at + 1] in ("\0", "\\"):
                raise _WrongLine(line)
            plain = folded or not {"\\", '"'}.isdisjoint(text[start:at])
            word = "".join(told)
            folded = not word and not quoted
            if not folded:
                yield Word(word if word in KEYWORDS and not plain else "word", word, line)


def parse(text: str) -> tuple[list[DoasRule], int]:
    """Return the rules, and the number of a line that is wrong, 0 where none is."""
    rules: list[DoasRule] = []
    line: list[Word] = []
    number = 1
    try:
        for word in words(text):
            number = word.line
            if word.kind != "\n":
                line.append(word)
            elif line:
                rules.append(_rule(line))
                line = []
    except _WrongLine as error:
        return [], int(error.args[0])
    return ([], number) if line else (rules, 0)


def _rule(line: list[Word]) -> DoasRule:
    """Return the rule of a line."""
    words = iter([*line, Word("\n", "\n", line[-1].line)])
    word = next(words)
    if word.kind not in ("permit", "deny"):
        raise _WrongLine(word.line)
    rule = DoasRule(word.line, word.kind == "permit")
    word = next(words)
    while rule.permit and word.kind in (*OPTIONS, "setenv"):
        rule.options.append(word.kind)
        if word.kind == "setenv":
            rule.variables += _variables(words, word.line)
        word = next(words)
    if {"nopass", "persist"} <= {*rule.options}:
        raise _WrongLine(word.line)
    rule.identity = _text(word)
    word = next(words)
    if word.kind == "as":
        rule.target = _text(next(words))
        word = next(words)
    if word.kind == "cmd":
        rule.command = _text(next(words))
        word = next(words)
        if word.kind == "args":
            rule.args = []
            while (word := next(words)).kind != "\n":
                rule.args.append(_text(word))
    if word.kind != "\n":
        raise _WrongLine(word.line)
    return rule


def _text(word: Word) -> str:
    if word.kind != "word":
        raise _WrongLine(word.line)
    return word.text


def _variables(words: Iterator[Word], line: int) -> list[str]:
    """Return the names that stand in braces and are taken from the user's environment, not set or taken away."""
    if next(words).kind != "{":
        raise _WrongLine(line)
    found: list[str] = []
    while (word := next(words)).kind != "}":
        name, sign, value = _text(word).partition("=")
        if not sign or value.startswith("$"):
            found += [name] if not name.startswith("-") else []
    return found
