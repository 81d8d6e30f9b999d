"""Which ranges have to move so that no two of different owners overlap: as few as can be, and first those that other rules want moved anyway."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping

from hostcheck.api import Hole, worst_hole
from hostcheck_builtin.accounts.id_index import IdIndex
from hostcheck_builtin.subids.range_traits import Traits
from hostcheck_builtin.subids.subid_files import File
from hostcheck_builtin.subids.subid_ranges import Range
from hostcheck_builtin.system.bounds import MOVABLE_RANGES as MOVABLE


def moving(file: File, users: IdIndex, groups: IdIndex, traits: Mapping[str, Traits]) -> set[str] | Hole:
    """Return the ranges that have to move so that no two of different owners overlap: those that have to move anyway, then those on later lines."""
    if unknown := worst_hole(file.unknown, users.unknown, groups.unknown if file.kind == "subgid" else None):
        return unknown
    meeting = [one for one, overlap in zip(file.ranges, file.overlaps, strict=True) if overlap.others]
    if len(meeting) > MOVABLE:
        return {one.key for one in meeting}
    anyway = {one.key for one in meeting if traits[one.key].has_others_ids}
    kept: list[tuple[int, int, object]] = []
    order = sorted((one for one in meeting if one.key not in anyway), key=lambda one: (one.line, one.key))
    return anyway | {one.key for one in order if not _stays(one, _who(one, users), kept)}


def _who(one: Range, users: IdIndex) -> object:
    number = users.number_of(one.owner)
    return number if isinstance(number, int) else one.owner


def _stays(one: Range, who: object, kept: list[tuple[int, int, object]]) -> bool:
    """Keep a range, unless somebody else's that was kept has some of its ids; what is kept of one owner's grows together."""
    start = bisect_left(kept, one.first, key=lambda other: other[1])
    met = list(_meeting(one, kept, start))
    if any(other[2] != who for other in met):
        return False
    kept[start : start + len(met)] = [(min([one.first, *(other[0] for other in met)]), max([one.last, *(other[1] for other in met)]), who)]
    return True


def _meeting(one: Range, kept: list[tuple[int, int, object]], start: int) -> Iterator[tuple[int, int, object]]:
    for other in kept[start:]:
        if other[0] > one.last:
            return
        yield other
