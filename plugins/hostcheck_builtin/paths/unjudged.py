"""What was seen that may lead to root, where it is not known whether it does: one entry of the list, and how entries are made of facts that others state.

An entry is never made of what is not known: a hole stands for it, which leaves the whole list open.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Final, NamedTuple

from hostcheck.api import Hole, Json, View, Why, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.system.bounds import PRINCIPALS_OF_A_CHANGE as NAMED

EVERYBODY: Final = "every local user"
WAYS: Final = ("without_password", "with_password", "likely")


class Unjudged(NamedTuple):
    """One thing: its key, whose it is by uid, and its facts; `by_whom` are all who have it run."""

    key: str
    owner: int
    facts: dict[str, Json]
    by_whom: tuple[str, ...] = ()

    def stated(self, hole: Hole | None = None) -> "Unjudged":
        """Return the same with who has it run among its facts: as many as are named, and open where there may be more."""
        names = sorted({*self.by_whom})
        more = Hole(why=Why.LIMIT, message=f"{len(names) - NAMED} more") if len(names) > NAMED else None
        return self._replace(facts={**self.facts, "by_whom": incomplete(names[:NAMED], worst_hole(hole, more))})


Found = Iterator[Unjudged | Hole]
OfOne = Callable[[View, str], Iterable[Unjudged | Hole]]
"""What yields the entries of one member, by the collection and its key."""


def each(collection: View | Hole, of_one: OfOne) -> Found:
    """Yield the entries of each member, and a hole for whatever is not known."""
    if isinstance(collection, Hole):
        yield collection
        return
    for key in known(collection):
        told = attempt(_listed, of_one, collection, key)
        yield from [told] if isinstance(told, Hole) else told
    if (hole := opening(collection)) is not None:
        yield hole


def _listed(of_one: OfOne, collection: View, key: str) -> list[Unjudged | Hole]:
    return list(of_one(collection, key))


def together(found: Found) -> Found:
    """Yield entries with those of one key as one, had by all of whom they tell; what is not known may be another who has it."""
    entries: dict[str, Unjudged] = {}
    holes: list[Hole] = []
    for one in found:
        if isinstance(one, Hole):
            holes.append(one)
        else:
            first = entries.setdefault(one.key, one._replace(by_whom=()))
            entries[one.key] = first._replace(by_whom=(*first.by_whom, *one.by_whom))
    yield from (one.stated(worst_hole(*holes)) for one in entries.values())
    yield from holes


def part(facts: Mapping[str, Any], *names: str) -> View | Hole:
    """Return a collection of the facts, empty where evidence of another version has none, or the hole in its place."""
    return attempt(partial(_part, facts, names))


def _part(facts: Mapping[str, Any], names: Collection[str]) -> View:
    found: Any = facts
    for name in names:
        found = found[name] if name in found else View({})
    told: View = found
    return told


def has_way(facts: Mapping[str, Any], name: str) -> bool:
    """Say whether a user can become root by a path that is certain or likely; raises HoleError where that is not known."""
    principals: View = facts["access-paths"]["principals"]
    return name == "root" or (name in principals and any(principals[name][way] for way in WAYS))
