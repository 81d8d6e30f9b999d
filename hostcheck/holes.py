"""How what is not known combines: which of several holes to name, and what still follows beside one.

A denial outranks nonsense, and both outrank what is not supported: that a question cannot be answered here must not hide that somebody was refused.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from hostcheck.host import attempt
from hostcheck.model import Hole, Why

WEIGHT: Final = {Why.UNSUPPORTED: 0, Why.NONSENSE: 1}
T = TypeVar("T")
U = TypeVar("U")


def worst_hole(*values: Any) -> Hole | None:
    """Return the worst of the holes among `values`, of equal ones the first; None where there is none."""
    return max((value for value in values if isinstance(value, Hole)), key=lambda hole: WEIGHT.get(hole.why, 2), default=None)


def map_known(known: T | Hole, derive: Callable[[T], U]) -> U | Hole:
    """Return what `derive` makes of `known`, or the hole that stands in its place, or that `derive` meets."""
    return known if isinstance(known, Hole) else attempt(derive, known)


def both(one: bool | Hole, other: bool | Hole) -> bool | Hole:
    """Return whether both are true: one that is false decides, whatever is not known of the other."""
    if one is False or other is False:
        return False
    return one if isinstance(one, Hole) else other
