"""The rules of doas, as its own parser takes them (doas.conf(5); parse.y of OpenDoas 6.8).

One line that is wrong, a last line without its newline among them, and doas runs nothing at all.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

CONF: Final = "/etc/doas.conf"
KEYWORDS: Final = frozenset({"deny", "permit", "as", "cmd", "args", "nopass", "nolog", "persist", "keepenv", "setenv"})
OPTIONS: Final = frozenset({"nopass", "nolog", "persist", "keepenv"})


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
    """Yield the words of a file, as yylex() does; a quote that no line ends is wrong."""
    at, line, size, folded = 0, 1, len(text), False
    while at < size:
        char = text[at]
        if char in " \t":
            at += 1
        elif char in "{}\n":
            yield Word(char, char, line)
            at, line = at + 1, line + (char == "\n")
        elif char == "#":
            end = text.find("\n", at)
            if end < 0:
                return
            at = end
        else:
            at, line, word = _word(text, at, line, folded=folded)
            folded = word is None
            if word is not None:
                yield word


def _word(text: str, at: int, line: int, *, folded: bool) -> tuple[int, int, Word | None]:
    """Return where a word ends, the line there, and the word, None where a line was folded alone: what follows then is no keyword."""
    told: list[str] = []
    quoted = escaped = empty = False
    plain = folded
    while at < len(text):
        char = text[at]
        if escaped:
            escaped = False
            if char == "\n":
                line += 1
            else:
                told.append(char)
        elif char == "\0":
            raise _WrongLine(line)
        elif char == "\\":
            escaped = plain = True
        elif char == "\n" and quoted:
            raise _WrongLine(line)
        elif char == '"':
            quoted, plain, empty = not quoted, True, True
        elif not quoted and char in " \t\n{}#":
            break
        else:
            told.append(char)
        at += 1
    if quoted or escaped:
        raise _WrongLine(line)
    word = "".join(told)
    if not word and not empty:
        return at, line, None
    return at, line, Word(word if word in KEYWORDS and not plain else "word", word, line)


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
