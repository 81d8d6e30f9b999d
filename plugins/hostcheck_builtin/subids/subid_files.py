"""One file of subordinate ids with all that depends on whose each range is: overlaps, and the ranges of each owner by name and by number.

Where it is not known whose a range is, what overlaps it is counted twice: with it, and among those only whose owners are certain.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from hostcheck.api import Hole, worst_hole
from hostcheck_builtin.accounts.id_index import IdIndex, numeric
from hostcheck_builtin.subids.overlaps import Overlap, Span, overlaps
from hostcheck_builtin.subids.subid_ranges import Range, Ranges


@dataclass(slots=True, kw_only=True)
class File:
    """One file: its ranges, what each overlaps, of how much of that it is certain whose it is, and what stands in the way of knowing all.

    `certain` is by the place of a range, None where it is certain whose each is. `numbers` are those that its owners mean. `unread` is what was not read of
    the file itself, `unknown` also another source that is asked.
    """

    kind: str
    ranges: list[Range]
    unread: Hole | None
    unknown: Hole | None
    overlaps: list[Overlap]
    certain: dict[int, Overlap] | None
    numbers: dict[str, int | None | Hole] = field(default_factory=dict)
    by_name: dict[str, list[Range]] = field(default_factory=lambda: defaultdict(list))
    by_number: dict[int, list[Range]] = field(default_factory=lambda: defaultdict(list))
    unresolved: bool = False


def sorted_out(found: Ranges | Hole, kind: str, elsewhere: Hole | None, users: IdIndex) -> File:
    """Return a file by its ranges; `elsewhere` is the hole that another source leaves."""
    if isinstance(found, Hole):
        found = Ranges(found=[], unknown=found)
    numbers = {owner: users.number_of(owner) for owner in {one.owner for one in found.found}}
    spans = [_span(one, numbers[one.owner]) for one in found.found]
    sure = [place for place, one in enumerate(found.found) if not isinstance(numbers[one.owner], Hole)]
    everything, certain = overlaps(spans), None if len(sure) == len(spans) else _certain(spans, sure)
    unknown = worst_hole(found.unknown, elsewhere)
    file = File(kind=kind, ranges=found.found, unread=found.unknown, unknown=unknown, overlaps=everything, certain=certain, numbers=numbers)
    _index(file)
    file.unresolved = any(isinstance(numbers[owner], Hole) for owner in file.by_name)
    return file


def _certain(spans: list[Span], sure: list[int]) -> dict[int, Overlap]:
    """Return what those of the `sure` places overlap among themselves."""
    known = overlaps([spans[place] for place in sure])
    return {place: found._replace(examples=tuple(sure[example] for example in found.examples)) for place, found in zip(sure, known, strict=True)}


def _index(file: File) -> None:
    """Sort what newuidmap and newgidmap let through by whose it is."""
    for one in file.ranges:
        number = numeric(one.owner)
        if "shadow" in one.by and number is None:
            file.by_name[one.owner].append(one)
        elif "shadow" in one.by and number is not None:
            file.by_number[number].append(one)


def _span(one: Range, number: int | None | Hole) -> Span:
    """Return a range as a span of its owner's: the same one under a name and under its number."""
    return Span(first=one.first, last=one.last, who=number if isinstance(number, int) else one.owner)
