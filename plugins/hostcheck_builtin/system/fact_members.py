"""The members of a collection of facts, each of which may be a hole, as may be the collection: what is read of each, and why there may be others."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any, TypeVar

from hostcheck.api import Hole, HoleError, Json, View, attempt, incomplete, known, opening, worst_hole

Taken = TypeVar("Taken")
Value = TypeVar("Value", bound=Hashable)


def sure(found: Taken | Hole) -> Taken:
    """Return what is known; raises HoleError where it is not."""
    if isinstance(found, Hole):
        raise HoleError(found)
    return found


def opened(found: View | Hole) -> tuple[View, Hole | None]:
    """Return an object of facts, empty where it is not known, and the hole where it may have other members."""
    return (View({}), found) if isinstance(found, Hole) else (found, opening(found))


def collection(read: Callable[[], View]) -> tuple[View, Hole | None]:
    """Return the same of what is read."""
    return opened(attempt(read))


def part_of_each(read: Callable[[], View], *parts: str) -> Iterator[View | Hole]:
    """Yield these parts of each member, or why one is not known; of a collection that is not known its hole."""
    found = attempt(read)
    if isinstance(found, Hole):
        yield found
        return
    for key in known(found):
        for part in parts:
            yield attempt(lambda at, of: found[at][of], key, part)


def each_known(read: Callable[[], View], take: Callable[[Any], Taken]) -> tuple[dict[str, Taken], Hole | None]:
    """Return what `take` reads of each member by its key, as far as that is known, and the hole where there may be more."""
    found, unknown = collection(read)
    each = {key: attempt(lambda at: take(found[at]), key) for key in known(found)}
    return {key: one for key, one in each.items() if not isinstance(one, Hole)}, worst_hole(unknown, *each.values())


def each_stated(read: Callable[[], View], state: Callable[[Any, str], Json]) -> Json:
    """Return what `state` makes of each member and its key, with the holes of its own, but for None; the hole of the collection where that is not known."""
    found = attempt(read)
    if isinstance(found, Hole):
        return found
    each = {key: attempt(lambda at: state(found[at], at), key) for key in known(found)}
    return incomplete({key: one for key, one in each.items() if one is not None}, opening(found))


def by_value(each: Mapping[str, Value]) -> dict[Value, list[str]]:
    """Return the keys that have one value, sorted, by it."""
    found: dict[Value, list[str]] = {}
    for key, value in sorted(each.items(), key=lambda one: one[0]):
        found.setdefault(value, []).append(key)
    return found
