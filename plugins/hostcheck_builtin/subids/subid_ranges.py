"""The ranges of ids that the lines of /etc/subuid and /etc/subgid amount to, for each reader that takes one.

What a reader takes is not yet what the kernel is told: shadow counts in 64 bits and lets nothing above 32 through, whereas what Go writes into
uid_map the kernel cuts to 32 bits (map_write() in kernel/user_namespace.c), so that a start of 4294967296 is 0.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from hostcheck.api import Hole, HoleError, View, known, worst_hole
from hostcheck_builtin.subids.subid_lines import HIDDEN
from hostcheck_builtin.system.bounds import LINE_SHOWN as SHOWN
from hostcheck_builtin.system.fact_members import collection

READERS: Final = ("shadow", "go", "idtools")
FILES: Final = {"subuid": "/etc/subuid", "subgid": "/etc/subgid"}
NOUNS: Final = {"subuid": "uid", "subgid": "gid"}
LAST: Final = (1 << 32) - 2
"""The highest id that can be mapped (user_namespaces(7))."""
WORD: Final = 1 << 32
ULONG: Final = 1 << 64

Ids = tuple[int, int]


class Range(NamedTuple):
    """One range: its `key`, the `kind` of file and the line it stands on, whose it is, its ids, and who reads it so.

    `plain` says that all do; of another line `excerpt` is what it looks like. A file may have 100,000, so that each is as small as can be.
    """

    key: str
    kind: str
    line: int
    owner: str
    first: int
    last: int
    wraps: bool
    by: tuple[str, ...]
    plain: bool = False
    excerpt: str = ""

    @property
    def text(self) -> str:
        """Return the line as it is written, "" where that is not known to the letter."""
        return exact(f"{self.owner}:{self.first}:{self.last - self.first + 1}" if self.plain else self.excerpt)

    @property
    def portable(self) -> bool:
        """Say whether every reader takes it so."""
        return len(self.by) == len(READERS)

    @property
    def ids(self) -> str:
        """Return its ids in words."""
        noun = NOUNS[self.kind]
        return f"{noun} {self.first}" if self.first == self.last else f"{noun}s {self.first}-{self.last}"

    @property
    def place(self) -> str:
        """Return where it stands in words."""
        return f"line {self.line} of {FILES[self.kind]}"


@dataclass(slots=True, kw_only=True)
class Ranges:
    """The ranges of one file, and what stands in the way of knowing all."""

    found: list[Range]
    unknown: Hole | None


def ranges(file: View, kind: str) -> Ranges:
    """Return the ranges of one file."""
    found = Ranges(found=[], unknown=None)
    for part, read in (("lines", _plain), ("irregular", _irregular)):
        lines, unknown = collection(lambda at=part: file[at])  # type: ignore[misc]
        found.unknown = worst_hole(found.unknown, unknown)
        for key in known(lines):
            try:
                found.found.extend(read(lines[key], f"{kind}:{key}", kind))
            except HoleError as error:
                found.unknown = worst_hole(found.unknown, error.hole)
    return found


def _plain(line: View, key: str, kind: str) -> Iterator[Range]:
    start, owner = line["start"], line["owner"]
    last = start + line["count"] - 1
    yield Range(key=key, kind=kind, line=line["line"], owner=owner, first=start, last=last, wraps=False, by=READERS, plain=True)


def _irregular(line: View, key: str, kind: str) -> list[Range]:
    """Return the ranges that the readers take from a line, those of shadow first; one that only Go takes says so in its key."""
    taken: dict[tuple[str, Ids, bool], list[str]] = {}
    readings = line["readings"]
    for reader in READERS:
        if reader in readings:
            reading = readings[reader]
            start, count = reading["start"], reading["count"]
            ids = shadow_ids(start, count) if reader == "shadow" else go_ids(start, count)
            if ids is not None:
                taken.setdefault((reading["owner"], ids, start + count > WORD), []).append(reader)
    number, excerpt = line["line"], line["excerpt"]
    return [
        Range(
            key=key if "shadow" in by else f"{key} (as {' and '.join(by)} read it)",
            kind=kind,
            line=number,
            owner=owner,
            first=first,
            last=last,
            wraps=wraps,
            by=tuple(by),
            excerpt=excerpt,
        )
        for (owner, (first, last), wraps), by in taken.items()
    ]


def exact(shown: str) -> str:
    """Return a line as it is written, "" where what is shown of it may have been cut, or may stand for bytes that do not print."""
    return "" if "\\" in shown or HIDDEN in shown or len(shown) > SHOWN else shown


def shadow_ids(start: int, count: int) -> Ids | None:
    """Return the first and last id that newuidmap lets through for a range, None where there is none.

    Its find_range() computes the last one in 64 bits, so that a count of 0 from 0 on ends at the very last (4.17.4, ran).
    """
    last = (start + count - 1) % ULONG
    return (start, min(last, LAST)) if start <= min(last, LAST) else None


def go_ids(start: int, count: int) -> Ids | None:
    """Return the first and last id of the map that the kernel makes of these numbers, None where it refuses them (ran on Linux 6.18)."""
    if start < 0 or count < 0:
        return None
    first, size = start % WORD, count % WORD
    last = first + size - 1
    return (first, last) if size and last <= LAST else None


def line_key(one: Range) -> str:
    """Return the name that the probe gives to the line of a range."""
    key = one.key[len(one.kind) + 1 :]
    return key if "shadow" in one.by else key.rpartition(" (as ")[0]
