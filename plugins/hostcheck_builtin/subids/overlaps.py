"""How many spans of others each span overlaps, counted exactly without looking at the pairs, of which there may be billions.

A span overlaps all that have begun by its end but those that had ended before its beginning; of the others two at most are named: the one
before it that reaches farthest, and the next one after it.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple


class Span(NamedTuple):
    """A range of ids, ends included, and whose it is."""

    first: int
    last: int
    who: object


class Overlap(NamedTuple):
    """How many spans of others a span overlaps, how many more of its own, and the places of one or two of the others."""

    others: int
    own: int
    examples: tuple[int, ...]


def overlaps(spans: Sequence[Span]) -> list[Overlap]:
    """Return for each span what it overlaps; takes n log n."""
    everybody = _Counted(spans)
    several = {who for who, count in Counter(span.who for span in spans).items() if count > 1}
    by_owner: dict[object, list[Span]] = defaultdict(list)
    for span in spans:
        if span.who in several:
            by_owner[span.who].append(span)
    own = {who: _Counted(theirs) for who, theirs in by_owner.items()}
    examples = _examples(spans)
    found = []
    known: dict[Overlap, Overlap] = {}  # most of 100,000 spans overlap nothing
    for place, span in enumerate(spans):
        mine = own[span.who].meeting(span) if span.who in own else 1
        overlap = Overlap(others=everybody.meeting(span) - mine, own=mine - 1, examples=examples[place])
        found.append(overlap if overlap.examples else known.setdefault(overlap, overlap))
    return found


class _Counted:
    """The ends of spans in order."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self.firsts, self.lasts = sorted(span.first for span in spans), sorted(span.last for span in spans)

    def meeting(self, span: Span) -> int:
        return bisect_right(self.firsts, span.last) - bisect_left(self.lasts, span.first)


def _examples(spans: Sequence[Span]) -> list[tuple[int, ...]]:
    order = sorted(range(len(spans)), key=lambda place: (spans[place].first, spans[place].last, place))
    found: list[list[int]] = [[] for _ in spans]
    for place, other in zip(order, _before(spans, order), strict=True):
        if other is not None and spans[other].last >= spans[place].first:
            found[place].append(other)
    for place, other in zip(reversed(order), _after(spans, order), strict=True):
        if other is not None and spans[other].first <= spans[place].last:
            found[place].append(other)
    return [tuple(places) for places in found]


def _before(spans: Sequence[Span], order: list[int]) -> list[int | None]:
    """Return for each place in `order` the earlier one of somebody else that reaches farthest."""
    best: list[int] = []  # the one that reaches farthest, and the one of another owner that does
    stated: list[int | None] = []
    for place in order:
        who = spans[place].who
        stated.append(next((other for other in best if spans[other].who != who), None))
        rivals = sorted([*best, place], key=lambda other: -spans[other].last)
        best = [rivals[0], *[other for other in rivals[1:] if spans[other].who != spans[rivals[0]].who][:1]]
    return stated


def _after(spans: Sequence[Span], order: list[int]) -> list[int | None]:
    """Return for each place in `order`, from its end, the next one of somebody else."""
    stated: list[int | None] = []
    later: int | None = None
    following: int | None = None
    for place in reversed(order):
        if later is not None and spans[later].who != spans[place].who:
            following = later
        stated.append(following)
        later = place
    return stated
