"""What is judged of each range of a file, cheaply, so that of very many only the worst are told one by one and the rest by what they have in common.

The worst come first: those with the lowest ids of others, then those that meet most. Which ones that are does not depend on what is not known.
"""

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from typing import Final, NamedTuple

from hostcheck.api import Hole
from hostcheck_builtin.accounts.id_index import IdIndex
from hostcheck_builtin.subids.spare_ranges import NSPAWN, RESERVED
from hostcheck_builtin.subids.subid_files import File
from hostcheck_builtin.subids.subid_ranges import LAST, Range
from hostcheck_builtin.system.bounds import RANGES_TOLD as MANY
from hostcheck_builtin.system.bounds import WORST_RANGES_TOLD as WORST

META: Final = {"subuid": "accounts", "subgid": "groups"}


class Traits(NamedTuple):
    """What a range has to tell: whether the id 0 is in it, ids of accounts or groups, of others' ranges, of more of its owner's, of systemd's; who reads it."""

    zero: bool
    accounts: bool
    others: bool
    repeats: bool
    wraps: bool
    meets: tuple[str, ...]
    by: tuple[str, ...]
    portable: bool

    @property
    def notable(self) -> bool:
        """Say whether a reader would want to know of it."""
        return self.zero or self.accounts or self.others or self.repeats or self.wraps or not self.portable

    @property
    def has_others_ids(self) -> bool:
        """Say whether other rules than that about overlaps want it moved."""
        return self.zero or self.accounts or any(name != NSPAWN for name in self.meets)

    def words(self, kind: str) -> str:
        """Return what ranges with these traits have in common."""
        tests = {
            "have the id 0": self.zero,
            f"have ids of {META[kind]}": self.accounts,
            "share ids with ranges of other owners": self.others,
            "share ids with others of their owner": self.repeats,
            "end beyond 32 bits": self.wraps,
            f"share ids with {' and '.join(self.meets)}": bool(self.meets),
            f"are ranges to {' and '.join(self.by)} alone": not self.portable,
        }
        told = [words for words, found in tests.items() if found]
        return f"{kind}: all others" + (f" that {' and '.join(told)}" if told else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parted:
    """A file's ranges by what is told of them: the traits of each by its key, the places of those that stand alone, and of the rest by traits."""

    traits: dict[str, Traits]
    alone: list[int]
    together: dict[Traits, list[int]]


def parted(file: File, accounts: IdIndex) -> Parted:
    """Part the ranges of a file; `accounts` are the users where it is subuid, the groups where it is subgid."""
    stated = (_traits(one, overlap.others, overlap.own, file, accounts) for one, overlap in zip(file.ranges, file.overlaps, strict=True))
    known: dict[Traits, Traits] = {}  # of 100,000 ranges nearly all have the same
    found = [known.setdefault(traits, traits) for traits in stated]
    traits = {one.key: its for one, its in zip(file.ranges, found, strict=True)}
    everything = range(len(found))
    if len(found) <= MANY:
        return Parted(traits=traits, alone=list(everything), together={})
    notable = [place for place in everything if found[place].notable]
    alone = sorted(sorted(notable, key=lambda place: _badness(file, accounts, place, found[place]))[:WORST])
    together: dict[Traits, list[int]] = defaultdict(list)
    told = frozenset(alone)
    for place in everything:
        if place not in told:
            together[found[place]].append(place)
    return Parted(traits=traits, alone=alone, together=dict(together))


def _traits(one: Range, others: int, own: int, file: File, accounts: IdIndex) -> Traits:
    return Traits(
        zero=one.first == 0,
        accounts=lowest(one, file, accounts) <= one.last,
        others=others > 0,
        repeats=own > 0,
        wraps=one.wraps,
        meets=tuple(name for name, (first, last) in RESERVED.items() if one.first <= last and one.last >= first),
        by=one.by,
        portable=one.portable,
    )


def lowest(one: Range, file: File, accounts: IdIndex) -> int:
    """Return the lowest id of somebody else's from the beginning of a range on; one past all ids where there is none."""
    own: int | None | Hole = file.numbers[one.owner] if one.kind == "subuid" else None
    place = bisect_left(accounts.ordered, max(one.first, 1) if one.kind == "subuid" else one.first)
    while place < len(accounts.ordered):
        if accounts.ordered[place] != own:
            return accounts.ordered[place]
        place += 1
    return LAST + 1


def _badness(file: File, accounts: IdIndex, place: int, traits: Traits) -> tuple[int, int, int]:
    one = file.ranges[place]
    low = 0 if traits.zero else lowest(one, file, accounts) if traits.accounts else LAST + 1
    return low, -file.overlaps[place].others, place
