"""Which accounts have an id: the users or groups of the files and of the name service, by number.

An account of which something is not known leaves the index open, but takes nothing away from what is known of the others.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hostcheck.api import Hole, HoleError, View, known, pattern, worst_hole
from hostcheck_builtin.system.fact_members import collection

SOURCES: Final = ("principals", "nss")
NUMERIC: Final = pattern(r"[ \t\n\v\f\r]*\+?([0-9]{1,10})", re.ASCII)
"""How newuidmap takes a number for an owner: 4.17.4 only as it is printed, later ones as get_uid() reads it."""
BEGINS: Final = frozenset(" \t\n\v\f\r+0123456789")
"""What that begins with: an index of 100,000 owners looks at each several times."""
ID_MAX: Final = (1 << 32) - 2


@dataclass(slots=True, kw_only=True)
class IdIndex:
    """The accounts of one kind: names by number, the number of each name, names of which it is not known, and what stands in the way of knowing all."""

    names: dict[int, list[str]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)
    unknown: Hole | None = None
    ordered: list[int] = field(default_factory=list)

    def within(self, first: int, last: int, without: int | None = None) -> Iterator[str]:
        """Yield the names that have a number in a range, but for one number, in the order of the numbers."""
        for place in range(bisect_left(self.ordered, first), len(self.ordered)):
            number = self.ordered[place]
            if number > last:
                return
            if number != without:
                yield from self.names[number]

    def number_of(self, owner: str) -> int | None | Hole:
        """Return the number that an owner of a range means, None where there is no such account."""
        number = numeric(owner)
        if number is not None:
            return number
        if owner in self.unsure:
            return self.unknown
        return self.numbers.get(owner, self.unknown)

    def has(self, number: int) -> bool | Hole:
        """Say whether there is an account with a number."""
        return number in self.names or self.unknown or False


def numeric(owner: str) -> int | None:
    """Return the number that an owner is written as, None where it is a name."""
    if owner[:1] not in BEGINS:
        return None
    match = NUMERIC.fullmatch(owner)
    number = int(match.group(1)) if match else ID_MAX + 1
    return number if number <= ID_MAX else None


def id_index(facts: Mapping[str, Any], kind: str, number: str) -> IdIndex:
    """Return the accounts that principals and nss state as `kind` (users, groups), by their fact `number` (uid, gid).

    A name means what the files say; what the name service says of it counts only where the files are known not to have it.
    """
    found = IdIndex()
    for source in SOURCES:
        accounts, unknown = collection(lambda at=source: _accounts(facts, at, kind))  # type: ignore[misc]
        if source != SOURCES[0] and found.unknown:
            found.unsure.update(key for key in known(accounts) if key not in found.numbers)
        found.unknown = worst_hole(found.unknown, unknown)
        for key in known(accounts):
            try:
                _take(found, key, accounts[key][number])
            except HoleError as error:
                found.unsure.add(key)
                found.unknown = worst_hole(found.unknown, error.hole)
    found.ordered = sorted(found.names)
    return found


def _accounts(facts: Mapping[str, Any], source: str, kind: str) -> View:
    accounts: View = facts[source][kind]
    return accounts


def _take(found: IdIndex, key: str, number: int) -> None:
    """Take an account under the key that the probes give it: its name, and ``name#2`` for a second entry of that name."""
    found.numbers.setdefault(key, number)
    names = found.names.setdefault(number, [])
    if key not in names:
        names.append(key)
