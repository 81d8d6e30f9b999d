"""Patterns of sudo for the paths of programs, as sudo matches them: wildcards as glob(3) does, and extended regular expressions (sudoers(5)).

A pattern is root's own text; one that would take long to match is not evaluated.
"""

import re
from functools import lru_cache
from typing import Final

from hostcheck.api import pattern
from hostcheck_builtin.system.bounds import SUDO_PATTERN as LONG
from hostcheck_builtin.system.bounds import SUDO_REPEATS as MANY

WILD: Final = frozenset("*?[\\")
SPECIAL: Final = frozenset(".[(*+?{|\\$)")
REPEATS: Final = frozenset("*?{+")
CLASSES: Final = {
    **{"[:alpha:]": "a-zA-Z", "[:alnum:]": "a-zA-Z0-9", "[:digit:]": "0-9", "[:lower:]": "a-z", "[:upper:]": "A-Z", "[:xdigit:]": "0-9A-Fa-f"},
    **{"[:punct:]": r"!-/:-@\[-`{-~", "[:space:]": r" \t\n\r\f\v", "[:blank:]": r" \t"},
}
"""Classes of characters, as Python writes them."""
HEAVY: Final = pattern(r"\)[*+{]|\\[0-9]|\(\?(?!i\))|[*+?}][*+{]")
"""A group that is repeated, a reference back, and what is no extended regular expression."""


def compiled(name: str, path: str) -> re.Pattern[str] | None:
    """Return the pattern of a command's path by its kind; None where it is none, or not evaluated."""
    return _glob(name) if path == "wildcard" else _regex(name) if path == "regex" else _glob(f"{_plain(name)}*") if path == "directory" else None


def _plain(text: str) -> str:
    return re.sub(r"([*?\[\\])", r"\\\1", text)


@lru_cache(maxsize=1024)
def _glob(text: str) -> re.Pattern[str] | None:
    if len(text) > LONG * 4:
        return None
    try:
        return re.compile(rf"\A{'/'.join(map(_component, text.split('/')))}\Z", re.DOTALL)
    except re.error:
        return None


def _component(text: str) -> str:
    """Return one name of a path as Python matches it: no wildcard matches a slash, and none a dot at its beginning."""
    chunks = [""]
    at = 0
    while at < len(text):
        char, at = text[at], at + 1
        if char == "*":
            chunks.append("")
        elif char == "?":
            chunks[-1] += "[^/]"
        elif char == "[" and (end := _end_of_set(text, at)):
            chunks[-1] += _set(text[at:end])
            at = end + 1
        else:
            char, at = (text[at], at + 1) if char == "\\" and at < len(text) else (char, at)
            chunks[-1] += re.escape(char)
    first, *rest = chunks
    told = first + "".join(f"(?>[^/]*?{one})" for one in rest[:-1]) + (f"[^/]*{rest[-1]}" if rest else "")
    return rf"(?!\.){told}" if text[:1] in ("*", "?", "[") else told


def _end_of_set(text: str, at: int) -> int:
    """Return where a set in brackets ends, 0 where it does not."""
    start = at + (text[at : at + 1] in ("!", "^"))
    start += text[start : start + 1] == "]"
    while start < len(text) and text[start] != "]":
        start = text.find(":]", start) + 2 if text.startswith("[:", start) and ":]" in text[start:] else start + 1
    return start if start < len(text) else 0


def _set(text: str) -> str:
    negated, inside = text[:1] in ("!", "^"), text
    inside = inside[1:] if negated else inside
    for name, told in CLASSES.items():
        inside = inside.replace(name, f"\0{told}\0")
    parts = inside.split("\0")
    escaped = [one if number % 2 else one.replace("\\", "\\\\").replace("[", r"\[").replace("]", r"\]") for number, one in enumerate(parts)]
    return f"(?!/)[{'^' if negated else ''}{''.join(escaped)}]"


@lru_cache(maxsize=1024)
def _regex(text: str) -> re.Pattern[str] | None:
    if len(text) > LONG or HEAVY.search(text) or sum(text.count(one) for one in REPEATS) > MANY:
        return None
    bare = text.replace("^(?i)", "(?i)^", 1)
    for name, told in CLASSES.items():
        bare = bare.replace(name, told)
    try:
        return re.compile(bare)
    except re.error:
        return None


def folder(name: str, path: str) -> str:
    """Return the directory in which all is that a pattern matches, as far as no wildcard stands in it; "" where there is no such one."""
    if path == "directory":
        return name.rstrip("/") or "/"
    literal = _literal(name, WILD) if path == "wildcard" else _literal_of_regex(name)
    return literal and (literal.rpartition("/")[0] or "/")


def _literal(text: str, special: frozenset[str]) -> str:
    return text[: next((at for at, char in enumerate(text) if char in special), len(text))]


def _literal_of_regex(text: str) -> str:
    bare = text.removeprefix("^").removeprefix("(?i)").removesuffix("$")
    if "|" in re.sub(r"\([^()]*\)", "", bare):
        return ""
    literal = _literal(bare, SPECIAL)
    if bare[len(literal) : len(literal) + 1] in REPEATS:
        literal = literal[:-1]
    return literal if literal.startswith("/") else ""
