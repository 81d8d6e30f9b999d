"""The mounts in a lima.yaml, which Lima, Colima and Rancher Desktop write for each of their machines.

It is no reader of YAML: it knows the few forms in which these files are written, and whatever else it meets (an anchor, a tag, a list on one line,
a text over several lines) makes the answer unsupported. A guess would say of a home that it is not shared.
"""

import re
from typing import Final, NamedTuple

from hostcheck.api import Unsupported

TOP: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*):(?: +(.*))?")
PAIR: Final = re.compile(r"(['\"]?)([A-Za-z0-9_]+)\1:(?: +(.*))?")
COMMENT: Final = r"(?: +#.*)?"
DOUBLE: Final = re.compile(r'"((?:[^"\\]|\\.)*)"' + COMMENT)
SINGLE: Final = re.compile(r"'([^']*)'" + COMMENT)
BLOCK: Final = re.compile(r"[|>][0-9+-]{0,2}" + COMMENT)
FLOW: Final = re.compile(r"(?:\[[^\[\]{}]*\]|\{[^\[\]{}]*\})" + COMMENT)
EMPTY: Final = re.compile(r"\[ *\]" + COMMENT)
NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
FLAGS: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
KEYS: Final = frozenset({"location", "mountPoint", "writable", "sshfs", "9p", "virtiofs"})
"""Everything that a mount may have (templates/default.yaml of Lima 1.0)."""
SPECIAL: Final = frozenset("[]{}&*!|>%@`\"'#,?")
"""With what no plain text begins (YAML 1.2, 5.3)."""

Section = tuple[str, list[str]]


class Mount(NamedTuple):
    """One directory of the host that a machine is given; `writable` is None where the file does not say."""

    location: str
    writable: bool | None


def mounts(text: str) -> list[Mount]:
    """Return the mounts that a file lists; raises Unsupported where it is written in a way that is not known here."""
    sections = _sections(text)
    template, below = sections.get("base", ("", []))
    if below or _scalar(template) is not None:
        raise Unsupported("it is based on a template, which may have mounts as well")
    value, body = sections.get("mounts", ("", []))
    if EMPTY.fullmatch(value) and not body:
        return []
    if _scalar(value) is not None:
        raise Unsupported("its mounts are not a list of lines")
    return [_mount(item) for item in _items(body)]


def _sections(text: str) -> dict[str, Section]:
    """Return the keys of the document, each with what stands behind it and the lines below it, without blank ones and comments."""
    found: dict[str, Section] = {}
    last: Section | None = None
    for line in map(str.rstrip, text.split("\n")):
        if not line or line.lstrip(" ").startswith("#") or (line == "---" and last is None):
            continue
        if line[0] == " " or line.startswith("- "):
            _continue(last, line)
            continue
        match = TOP.fullmatch(line)
        if match is None or match[1] in found:
            raise Unsupported(f"a line that is not understood, or a key that stands twice: {line[:80]!r}")
        _whole(match[2] or "")
        last = found[match[1]] = (match[2] or "", [])
    return found


def _continue(last: Section | None, line: str) -> None:
    if last is None or (line[0] == "-" and _scalar(last[0]) is not None):
        raise Unsupported(f"a line that belongs to nothing: {line[:80]!r}")
    if line[0] == "-":
        pair = PAIR.fullmatch(line[2:].strip())
        _whole((pair[3] or "") if pair else line[2:].strip())
    last[1].append(line)


def _whole(value: str) -> None:
    """Raise Unsupported where a value goes on in the next line, which may then look like a key."""
    if not (BLOCK.fullmatch(value) or FLOW.fullmatch(value) or DOUBLE.fullmatch(value) or SINGLE.fullmatch(value)):
        if value[:1] in SPECIAL - frozenset("#&*!"):
            raise Unsupported(f"a value that is not understood: {value[:80]!r}")


def _items(body: list[str]) -> list[dict[str, str]]:
    """Return each item of a list as its keys and the texts behind them; what is nested deeper is passed over."""
    items: list[dict[str, str]] = []
    first = _indent(body[0]) if body else 0
    column, last = 0, ""
    for line in body:
        here = _indent(line)
        if here == first and line.startswith("- ", here):
            content = line[here + 1 :].lstrip(" ")
            column = len(line) - len(content)
            items.append({})
        elif items and here == column:
            content = line[column:]
        elif items and here > column and last == "":
            continue
        else:
            raise Unsupported(f"a mount that is not understood: {line[:80]!r}")
        last = _take(items[-1], content)
    return items


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _take(item: dict[str, str], content: str) -> str:
    match = PAIR.fullmatch(content)
    if match is None or match[2] not in KEYS or match[2] in item:
        raise Unsupported(f"a mount that is not understood: {content[:80]!r}")
    item[match[2]] = match[3] or ""
    _whole(item[match[2]])
    return item[match[2]].partition("#")[0].strip()


def _mount(item: dict[str, str]) -> Mount:
    location, writable = _scalar(item.get("location", "")), _scalar(item.get("writable", ""))
    if not location or (writable is not None and writable not in FLAGS):
        raise Unsupported("a mount without a location, or whose writable is neither true nor false")
    return Mount(location=location, writable=None if writable is None else FLAGS[writable])


def _scalar(value: str) -> str | None:
    """Return the text that a value on one line means, None where it means nothing."""
    if match := SINGLE.fullmatch(value):
        return match[1]
    if match := DOUBLE.fullmatch(value):
        if "\\" in match[1]:
            raise Unsupported(f"a text with escapes: {value[:80]!r}")
        return match[1]
    plain = "" if value.startswith("#") else value.partition(" #")[0].strip()
    if plain in NULLS:
        return None
    if plain[0] in SPECIAL or plain.startswith("- ") or ": " in plain or plain.endswith(":"):
        raise Unsupported(f"a value that is not understood: {value[:80]!r}")
    return plain
