"""The plain part of YAML, in which distributions write configuration: nested keys and lists, texts, and lists of texts on one line.

It is no reader of YAML: an anchor, a tag, a second document, a text over several lines or a key that stands twice makes the answer unsupported, and
what is written in braces, or in lists within lists on one line, is kept as opaque: a guess would say of a group that nobody is given it.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

from hostcheck.api import Unsupported

DEEPEST: Final = 40
LINES: Final = 20_000
TAIL: Final = r"(?: +#.*)?"
KEY: Final = re.compile(r"""(?:"([^"\\]*)"|'([^']*)') *:(?: +(.*)|$)""", re.ASCII)
QUOTED: Final = re.compile(rf"""(?:"([^"\\]*)"|'([^']*)'){TAIL}""", re.ASCII)
BLOCK: Final = re.compile(rf"[|>][0-9+-]{{0,2}}{TAIL}", re.ASCII)
WORD: Final = re.compile(r"""\s*(?:"([^"\\]*)"|'([^']*)'|([^\s,\[\]{}"'&*!|>%@`#?][^,\[\]{}#]*?))\s*(?=,|\Z)""", re.ASCII)
SPECIAL: Final = frozenset("[]{}&*!|>%@`\"'#,?")
"""With what no plain text begins (YAML 1.2, 5.3)."""


class Opaque:
    """A value that is there, and that was not understood."""


OPAQUE: Final = Opaque()
EMPTY: Final = object()
"""The value of a key or of an item below which something may still come."""


@dataclass(slots=True)
class Frame:
    """A mapping or list that is being read: the column of its entries, and the key or place of the last of them."""

    column: int
    content: dict[str, Any] | list[Any]
    last: Any = None

    def begin(self) -> None:
        """Begin another item of a list."""
        if isinstance(self.content, list):
            self.last = len(self.content)
            self.content.append(EMPTY)

    def take(self, value: Any) -> None:
        """Give the last entry its value."""
        self.content[self.last] = value


def read(text: str) -> Any:
    """Return the document as dicts, lists, texts and opaque values, None for an empty one; raises Unsupported where it is not plain."""
    stated = text.split("\n")
    if len(stated) > LINES:
        raise Unsupported(f"more than {LINES} lines")
    root: dict[str, Any] = {"": EMPTY}
    frames = [Frame(-1, root, "")]
    at = 0
    while at < len(stated):
        line = stated[at].rstrip()
        at += 1
        if not line or line.lstrip().startswith("#") or (line == "---" and root[""] is EMPTY):
            continue
        at = _line(frames, line, stated, at)
    return _settled(root)[""]


def _settled(root: dict[str, Any]) -> dict[str, Any]:
    """Replace what stayed empty by None, everywhere."""
    waiting: list[Any] = [root]
    while waiting:
        content = waiting.pop()
        for key, value in list(content.items() if isinstance(content, dict) else enumerate(content)):
            if value is EMPTY:
                content[key] = None
            elif isinstance(value, dict | list):
                waiting.append(value)
    return root


def _line(frames: list[Frame], line: str, stated: list[str], at: int) -> int:
    """Take one line and return the number of the next: a block of text and a list over several lines take more."""
    if line.lstrip(" ").startswith(("\t", "---", "...")):
        raise _odd(line)
    column, content = _items(frames, line)
    if not content or content.startswith("#"):
        return at
    pair = _pair(content)
    if pair is not None:
        frame = _frame(frames, column, {}, line)
        if pair[0] in frame.content:
            raise _odd(line)
        frame.last, content = pair
    elif not (isinstance(frames[-1].content, list) and frames[-1].content[-1] is EMPTY and frames[-1].column < column):
        raise _odd(line)
    value, at = _value(content, column, stated, at)
    frames[-1].take(value)
    return at


def _items(frames: list[Frame], line: str) -> tuple[int, str]:
    """Take the dashes before an entry, each of which begins an item, and return what is left and where."""
    content = line.lstrip(" ")
    column = len(line) - len(content)
    while content == "-" or content.startswith("- "):
        _frame(frames, column, [], line).begin()
        rest = content[1:].lstrip(" ")
        column, content = column + len(content) - len(rest), rest
    return column, content


def _pair(content: str) -> tuple[str, str] | None:
    """Return the key that stands on a line, and what stands behind it; None where there is none."""
    if content[0] in "\"'":
        match = KEY.fullmatch(content)
        return None if match is None else (match[1] if match[1] is not None else match[2], (match[3] or "").lstrip(" "))
    key, colon, rest = f"{content} ".partition(": ")
    if not colon or not key or key[0] in SPECIAL or " #" in key:
        return None
    return key.rstrip(" "), rest.strip(" ")


def _frame(frames: list[Frame], column: int, kind: dict[str, Any] | list[Any], line: str) -> Frame:
    """Return the mapping or list to which an entry at `column` belongs, a new one where it is the first below its key or item."""
    while frames[-1].column > column or (frames[-1].column == column and isinstance(frames[-1].content, list) and isinstance(kind, dict)):
        frames.pop()
    top = frames[-1]
    if top.column == column and type(top.content) is type(kind):
        return top
    below = top.column < column or (top.column == column and isinstance(kind, list))
    if not below or top.content[top.last] is not EMPTY or len(frames) > DEEPEST:
        raise _odd(line)
    top.take(kind)
    frames.append(Frame(column, kind))
    return frames[-1]


def _value(content: str, column: int, stated: list[str], at: int) -> tuple[Any, int]:
    """Return what a text stands for, and the number of the line after it."""
    if not content or content.startswith("#"):
        return EMPTY, at
    if BLOCK.fullmatch(content):
        while at < len(stated) and (not stated[at].strip() or len(stated[at]) - len(stated[at].lstrip(" ")) > column):
            at += 1
        return OPAQUE, at
    if content[0] in "[{":
        return _flow(content, stated, at)
    return scalar(content), at


def scalar(content: str) -> str | None:
    """Return the text that a value on one line means, None for null; raises Unsupported where it is not plain."""
    if match := QUOTED.fullmatch(content):
        return match[1] if match[1] is not None else match[2]
    plain = content.partition(" #")[0].rstrip(" ")
    if plain[0] in SPECIAL or plain.startswith("- ") or ": " in plain or plain.endswith(":"):
        raise _odd(content)
    return None if plain in ("~", "null", "Null", "NULL") else plain


def _flow(content: str, stated: list[str], at: int) -> tuple[Any, int]:
    """Return a list of texts that begins on this line, or that something is there; it ends with the bracket that closes the first."""
    while not _is_closed(content):
        if at == len(stated) or len(content) > LINES:
            raise _odd(content)
        content += " " + re.sub(r"(?:^| )#.*", "", stated[at].strip())
        at += 1
    whole = re.sub(r" +#[^\]}]*\Z", "", content).rstrip()
    if whole[0] == "[" and whole[-1] == "]":
        parts = _words(whole[1:-1])
        if None not in parts:
            return parts, at
    return OPAQUE, at


def _words(inner: str) -> list[str | None]:
    """Return the texts between commas, of which the last may be followed by one; None among them for what is none."""
    found: list[str | None] = []
    whole, at = inner.strip(" ").removesuffix(","), 0
    while at < len(whole):
        match = WORD.match(whole, at)
        if match is None or ": " in f"{match[3] or ''} ":
            return [None]
        found.append(next(part for part in match.groups() if part is not None))
        at = match.end() + 1
    return found


def _is_closed(content: str) -> bool:
    """Say whether every bracket that is opened is closed, those in quotes aside; raises Unsupported where something stands behind the last."""
    depth, quote = 0, ""
    for place, char in enumerate(content):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'" and content[place - 1] in " ,[{":
            quote = char
        elif char in "[]{}":
            depth += 1 if char in "[{" else -1
            if depth == 0:
                if content[place + 1 :].strip(" ") and not content[place + 1 :].lstrip(" ").startswith("#"):
                    raise _odd(content)
                return True
    return False


def _odd(line: str) -> Unsupported:
    return Unsupported(f"a line that is not plain YAML: {line[:80]!r}")
