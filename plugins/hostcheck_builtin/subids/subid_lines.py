"""One line of /etc/subuid or /etc/subgid as each of its readers takes it.

There are three, and they differ: shadow (newuidmap, libsubid) reads numbers in any base of C, passes over what it cannot read and does not look
behind the third field; moby/sys/user ("go") takes for 0 whatever is no number; its elder pkg/idtools, kept by rootlesskit, gives up.
What older and newer versions of shadow take differently counts as taken: 4.17.4 lets ``NAME:0:0`` map every id there is, and ranges end
beyond 32 bits; both were mended later (find_range() and subordinate_parse() in lib/subordinateio.c).
"""

import re
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from hostcheck.api import pattern
from hostcheck_builtin.system.bounds import LINE_SHOWN as SHOWN

SHADOW: Final = "shadow"
GO: Final = "go"
IDTOOLS: Final = "idtools"
READERS: Final = (SHADOW, GO, IDTOOLS)

BUFFER: Final = 1024
"""Bytes that shadow has for a line, its NUL included (subordinate_parse())."""
TOKEN: Final = 64 << 10
"""Bytes at which a bufio.Scanner of Go gives up on the whole file (bufio.MaxScanTokenSize)."""
LAST: Final = (1 << 32) - 2
"""The highest id that can be mapped: 4294967295 means no id (setuid(2), user_namespaces(7))."""
ULONG: Final = (1 << 64) - 1
INT64: Final = (1 << 63) - 1
GO_SPACE: Final = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
"""What strings.TrimSpace of Go trims; str.strip() of Python trims more."""
PLAIN: Final = pattern(rb"([^:\0]+):(0|[1-9][0-9]{0,9}):([1-9][0-9]{0,9})")
C_NUMBER: Final = pattern(rb"[ \t\n\v\f\r]*([+-]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)")
"""What strtoul(3) takes whole in base 0; 0b since glibc 2.38."""
GO_NUMBER: Final = pattern(r"[+-]?[0-9]+", re.ASCII)
NUMBERED: Final = pattern(r"[ \t\n\v\f\r]*[+-]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|[0-9]*)[ \t\n\v\f\r\0]*", re.ASCII)
"""A number in some base, or nothing; what else stands there may be anything, as a password that was pasted into the wrong window."""
NAME: Final = pattern(r"[^=,;'\"(){}\[\]<>]*")
"""What may be a name, those with blanks of a directory service among it."""
HIDDEN: Final = "…"
DIGITS: Final = 4000
"""A number with more digits fits nowhere, and Python refuses to read it (sys.set_int_max_str_digits)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one reader takes from a line."""

    owner: str
    start: int
    count: int


class Plain(Reading):
    """A line that every reader takes alike."""

    __slots__ = ()


class Irregular(NamedTuple):
    """A line that somebody refuses or takes otherwise: what it looks like, what is the matter, and who takes what."""

    excerpt: str
    problems: tuple[str, ...]
    readings: dict[str, Reading]


def parse(line: bytes) -> Plain | Irregular | None:
    """Return what stands on a line (without its newline), None where nobody takes anything from it: it is blank, or a comment."""
    match = PLAIN.fullmatch(line)
    if match is not None and (plain := _plain(line, match)) is not None:
        return plain
    text = line.decode("utf-8", "surrogateescape")
    trimmed = text.strip(GO_SPACE)
    if len(line) < TOKEN and (not trimmed or trimmed.startswith("#")):
        return None
    readings = {SHADOW: by_shadow(line), GO: by_go(line, trimmed), IDTOOLS: by_idtools(line, trimmed)}
    taken = {name: reading for name, reading in readings.items() if reading is not None}
    if GO in taken and not NAME.fullmatch(taken[GO].owner):  # it takes a name for granted, whatever stands there; no account has such a one
        taken[GO] = replace(taken[GO], owner=HIDDEN)
    return Irregular(excerpt=excerpt(names_and_numbers(text)), problems=tuple(_problems(line, trimmed)), readings=taken)


def _plain(line: bytes, match: re.Match[bytes]) -> Plain | None:
    name, start, count = match.group(1), int(match.group(2)), int(match.group(3))
    owner = name.decode("utf-8", "surrogateescape")
    if len(line) >= BUFFER or owner[0] in "+-#" or owner.strip(GO_SPACE) != owner or start + count - 1 > LAST:
        return None
    return Plain(owner=owner, start=start, count=count)


def by_shadow(line: bytes) -> Reading | None:
    """Read as subordinate_parse() of shadow 4.17.4, after commonio_open() has dropped lines for NIS."""
    fields = line.split(b":", 3)
    if len(line) >= BUFFER or b"\0" in line or line[:1] in (b"+", b"-") or len(fields) < 3 or not fields[0]:
        return None
    start, count = c_number(fields[1]), c_number(fields[2])
    if start is None or count is None:
        return None
    return Reading(owner=fields[0].decode("utf-8", "surrogateescape"), start=start, count=count)


def c_number(text: bytes) -> int | None:
    """Return the number that shadow reads with strtoul(3) in base 0, None where it reads none, a negative one, or one too large for 64 bits."""
    match = C_NUMBER.fullmatch(text)
    if match is None:
        return None
    sign, digits = match.groups()
    octal = digits[:1] == b"0" and digits[1:].isdigit()
    value = int(digits, 8 if octal else 0)
    return value if value <= ULONG and (sign != b"-" or value == 0) else None


def by_go(line: bytes, trimmed: str) -> Reading | None:
    """Read as ParseSubIDFilter() of moby/sys/user: fields that are missing, or are no numbers, are 0."""
    if len(line) >= TOKEN:
        return None
    owner, start, count = ([*trimmed.split(":"), "", ""])[:3]
    return Reading(owner=owner, start=_go_number(start) or 0, count=_go_number(count) or 0)


def _go_number(text: str, saturate: bool = True) -> int | None:
    """Return what strconv.ParseInt makes of a decimal number, None where it is none; one that does not fit 64 bits becomes the nearest that does."""
    if GO_NUMBER.fullmatch(text) is None:
        return None
    value = int(text) if len(text) < DIGITS else (-ULONG if text[0] == "-" else ULONG) * (set(text.strip("+-")) != {"0"})
    inside = min(max(value, -INT64 - 1), INT64)
    return inside if saturate or inside == value else None


def by_idtools(line: bytes, trimmed: str) -> Reading | None:
    """Read as parseSubidFile() of moby's pkg/idtools and of rootlesskit, which give up on what they cannot read."""
    fields = trimmed.split(":")
    if len(line) >= TOKEN or len(fields) != 3:
        return None
    start, count = _go_number(fields[1], saturate=False), _go_number(fields[2], saturate=False)
    return None if start is None or count is None else Reading(owner=fields[0], start=start, count=count)


def _problems(line: bytes, trimmed: str) -> list[str]:
    """Say what keeps a line from being NAME:DECIMAL:DECIMAL; there is always something."""
    fields = trimmed.split(":")
    numbers = [field for field in fields[1:3] if field]
    tests = {
        "longer than 1023 bytes": len(line) >= BUFFER,
        "longer than 65535 bytes, at which readers in Go give up on the file": len(line) >= TOKEN,
        "holds a NUL": b"\0" in line,
        "ends in a carriage return": line.endswith(b"\r"),
        "begins with + or -": line[:1] in (b"+", b"-"),
        "not three fields": len(fields) != 3,
        "a field is empty": "" in fields[:3],
        "blanks around it": line.decode("utf-8", "surrogateescape").rstrip("\r") != trimmed,
        "not a decimal number": any(not field.isdecimal() or not field.isascii() for field in numbers),
        "a leading zero": any(len(field) > 1 and field.isdecimal() and field[0] == "0" for field in numbers),
        "no ids": len(fields) > 2 and set(fields[2]) == {"0"},
        "ends beyond the highest id": _ends_beyond(numbers),
    }
    return [problem for problem, found in tests.items() if found] or ["blanks around a field"]


def _ends_beyond(numbers: list[str]) -> bool:
    values = [_go_number(number) for number in numbers]
    return any(value is not None and value > LAST + 1 for value in values) or (len(values) == 2 and sum(value or 0 for value in values) - 1 > LAST)


def names_and_numbers(text: str) -> str:
    """Return a line with an ellipsis for each field that should be a number and is none, for what is behind them, and for what is no name."""
    owner, *rest = text.split(":")
    owner = owner if NAME.fullmatch(owner) else HIDDEN
    return ":".join([owner, *(field if NUMBERED.fullmatch(field) else HIDDEN for field in rest[:2]), *([HIDDEN if any(rest[2:]) else ""] if rest[2:] else [])])


def excerpt(text: str) -> str:
    """Return the beginning of a line, with every character that does not print as an escape; bytes that are none become one where facts are written."""
    shown = "".join(char if char.isprintable() or "\udc80" <= char <= "\udcff" else char.encode("unicode_escape").decode() for char in text[:SHOWN])
    return shown if len(text) <= SHOWN else f"{shown}…"
