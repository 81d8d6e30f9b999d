"""How what is not known combines: which of several holes to name, and what still follows beside one.

Where several are about the things of some accounts alone, the one that is named is about those of all of them.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from hostcheck.host import attempt
from hostcheck.model import Hole, worst_of

T = TypeVar("T")
U = TypeVar("U")


def worst_hole(*values: Any) -> Hole | None:
    """Return the worst of the holes among `values`, as `worst_of` does; None where there is none."""
    return worst_of(value for value in values if isinstance(value, Hole))


def map_known(known: T | Hole, derive: Callable[[T], U]) -> U | Hole:
    """Return what `derive` makes of `known`, or the hole that stands in its place, or that `derive` meets."""
    return known if isinstance(known, Hole) else attempt(derive, known)


def both(one: bool | Hole, other: bool | Hole) -> bool | Hole:
    """Return whether both are true: one that is false decides, whatever is not known of the other."""
    if one is False or other is False:
        return False
    return one if isinstance(one, Hole) else other
