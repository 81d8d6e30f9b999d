"""The tokens of JavaScript, of any text in linear time; a text that is no JavaScript is refused, and told by its line alone."""

import re
from typing import Final, NamedTuple

from hostcheck.api import pattern

TOKEN: Final = pattern(
    r"(?P<skip>\s+|//[^\n]*|/\*(?:.*?\*/)?)"
    r"|(?P<string>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\$]|\\.)*`)"
    r"|(?P<number>[0-9][\w.]*)|(?P<name>[A-Za-z_$][\w$]*)"
    r"|(?P<mark>=>|[=!]==?|[<>]=?|&&|\|\||\+\+|--|[-+*/%]=?|[{}()\[\];,.?:!~&|^=])",
    re.DOTALL | re.ASCII,
)
REGEX: Final = pattern(r"/((?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)/([a-z]*)")
ESCAPE: Final = pattern(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": ""}
BEFORE_REGEX: Final = frozenset({"return", "in", "else"})


class NotPlainError(Exception):
    """What stands at a line is outside of the part of the language that is read."""


class ScriptToken(NamedTuple):
    """A token; of a string the `text` is what it means, of a regular expression what stands between its slashes."""

    kind: str
    text: str
    line: int


def tokens(text: str) -> list[ScriptToken]:
    """Return the tokens of a text, and one that ends them."""
    found: list[ScriptToken] = []
    at, line = 0, 1
    while at < len(text):
        last = found[-1] if found else ScriptToken("mark", "", 0)
        operand = last.kind in ("string", "number", "regex") or last.text in (")", "]", "}") or (last.kind == "name" and last.text not in BEFORE_REGEX)
        match = TOKEN.match(text, at)
        if match is None or match[0] == "/*":
            raise NotPlainError(line)
        kind, told = match.lastgroup or "", match[0]
        if kind == "mark" and told in ("/", "/=") and not operand:
            match = REGEX.match(text, at)
            if match is None:
                raise NotPlainError(line)
            kind, told = "regex", match[1] if match[2] in ("", "g") else "["
        elif kind == "string":
            told = ESCAPE.sub(_unescaped, told[1:-1])
        if kind != "skip":
            found.append(ScriptToken(kind, told, line))
        line += match[0].count("\n")
        at = match.end()
    return [*found, ScriptToken("end", "", line)]


def _unescaped(match: re.Match[str]) -> str:
    told = match[1]
    return chr(int(told[1:], 16)) if len(told) > 1 else ESCAPED.get(told, told)
