"""What pam_group gives to whom, as its own code reads /etc/security/group.conf (group.conf(5); modules/pam_group/pam_group.c of Linux-PAM 1.7).

It is followed to the letter where the manual is silent: a last line without a newline gives nothing, a time that is misspelt is always, and a list of
users with commas is nobody; the tests compare with the module itself.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from hostcheck.api import Nonsense, pattern

CONF: Final = "/etc/security/group.conf"
WINDOW: Final = 1000
"""Bytes of one field, with its spaces and comment (PAM_GROUP_BUFLEN); of a longer one nothing counts, and nothing behind it on that line."""
LOGIC: Final = pattern(r"[A-Za-z0-9*_./:-]+|[&|!]", re.ASCII)
NAMED: Final = pattern(r"[A-Za-z0-9*_-]", re.ASCII)
TIMES: Final = pattern(r"([0-9]{0,4})-([0-9]{4})", re.ASCII)
DAYS: Final = {"su": 1, "mo": 2, "tu": 4, "we": 8, "th": 16, "fr": 32, "sa": 64, "wk": 62, "wd": 65, "al": 127}
OPERATORS: Final = frozenset("&|!")
DAY: Final = 2400
"""Where a day ends, as hours and minutes are written."""


class Rule(NamedTuple):
    """One line that gives groups: its number, its fields without needless spaces, and the groups."""

    line: int
    services: str
    ttys: str
    users: str
    times: str
    groups: tuple[str, ...]


def rules(text: str) -> list[Rule]:
    """Return the lines that can give anybody a group; raises Nonsense where there is a NUL, at which the module loses its place."""
    if "\0" in text:
        raise Nonsense(f"{CONF}: a NUL")
    # One character for each byte: that is how the length of a field is measured.
    raw = text.encode("utf-8", "surrogateescape").decode("latin-1")
    fields, found = _fields(raw), list[Rule]()
    for line, first, ending in fields:
        rest: list[str] = []
        while first and ending == ";" and len(rest) < 4:
            _, field, ending = next(fields, (0, "", ""))
            rest.append(field)
        if len(rest) == 4 and ending != ";" and (groups := tuple(_groups(rest[3]))):
            services, ttys, users, times = map(_plain, (first, *rest[:3]))
            found.append(Rule(line, services, ttys, users, times, tuple(map(_plain, groups))))
    return found


def _plain(field: str) -> str:
    return field.encode("latin-1").decode("utf-8", "surrogateescape")


def _fields(raw: str) -> Iterator[tuple[int, str, str]]:
    """Yield the number of the line, the text, and what ended each field: ``;``, a newline, or "" where it was not taken."""
    at, line = 0, 1
    while at < len(raw):
        text, ending, end = _field(raw, at)
        yield line, text, ending
        line += raw.count("\n", at, end)
        at = end


def _field(raw: str, at: int) -> tuple[str, str, int]:
    out, spaced, here, end = "", True, at, min(len(raw), at + WINDOW)
    while here < end:
        char = raw[here]
        if char in ";\n":
            return out.rstrip(" "), char, here + 1
        if char == "#":
            return out.rstrip(" "), "\n", _next_line(raw, here)
        if char == "\\" and raw[here + 1 : here + 2] == "\n":
            here += 1
        elif char not in " \t" or not spaced:
            spaced = char in " \t!"
            out += " " if char == "\t" else char
        here += 1
    return "", "", _next_line(raw, end)


def _next_line(raw: str, at: int) -> int:
    return raw.find("\n", at) + 1 or len(raw)


def _groups(field: str) -> Iterator[str]:
    """Yield the names in the last field; the character behind each is lost, an operator is taken for a name (mkgrplist())."""
    at = 0
    while at < len(field):
        start = at
        while at < len(field) and NAMED.match(field, at):
            at += 1
        if at > start:
            yield field[start:at]
        elif field[at] in OPERATORS:
            at += 1  # no group has such a name
        else:
            at += 1
            continue
        at += 1


def holds(field: str, agrees: Callable[[str], bool | None]) -> bool | None:
    """Return what a logic list says, None where that depends on what `agrees` does not know; from left to right, and false where it is garbled."""
    left: bool | None = False
    inverts, joins, wants = False, "|", True
    for token in LOGIC.findall(field):
        if wants and token == "!":
            inverts = not inverts
        elif wants is (token in OPERATORS) or token == "!":
            return False
        elif wants:
            right = agrees(token)
            right = right if right is None else right is not inverts
            left, wants = (_both(left, right) if joins == "&" else _either(left, right)), False
        else:
            inverts, joins, wants = False, token, True
    return left


def _both(one: bool | None, other: bool | None) -> bool | None:
    return False if one is False or other is False else None if one is None or other is None else True


def _either(one: bool | None, other: bool | None) -> bool | None:
    return True if one is True or other is True else None if one is None or other is None else False


def matches(pattern: str, name: str) -> bool:
    """Say whether a name is meant: the first star stands for anything, and what is behind it ends the name, even where both parts overlap (is_same())."""
    head, star, tail = pattern.partition("*")
    return name.startswith(head) and name.endswith(tail) if star else name == pattern


def at_some_terminal(pattern: str) -> bool | None:
    """Say whether a terminal is meant, of which it is not known which it will be: certain only of a star."""
    return True if pattern == "*" else None


def at_some_time(token: str) -> bool | None:
    """Say whether a time is meant: true for always, false for never, None for sometimes (check_time())."""
    at, days = 0, 0
    while at < len(token) and token[at].isalpha():
        day = DAYS.get(token[at : at + 2].lower(), 0)
        if not day:
            return False
        days, at = days ^ day, at + 2
    if not days:
        return False
    match = TIMES.match(token, at)
    if match is None:
        return True
    start, end = int(match[1] or "0"), int(match[2])
    after = end + 41 if end % 100 == 59 else end + 1
    return True if days == DAYS["al"] and (start == 0 and end >= DAY or end <= start <= after) else None
