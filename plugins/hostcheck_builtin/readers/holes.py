"""Which of several holes to name where only one can be: a members hole is one, and what it says decides what a rule becomes.

Not to be able to answer at all makes a rule `notchecked`, and that must not hide that somebody was refused: so denial comes before nonsense, and
both before what is not supported.
"""

from collections.abc import Iterable
from typing import Any, Final

from hostcheck.api import Hole, Why

WEIGHT: Final = {Why.UNSUPPORTED: 0, Why.NONSENSE: 1}


def graver(*holes: Hole | None) -> Hole | None:
    """Return the gravest of the holes, of equal ones the first; None where there is none."""
    return max((hole for hole in holes if hole is not None), key=lambda hole: WEIGHT.get(hole.why, 2), default=None)


def among(states: Iterable[Any]) -> Hole | None:
    """Return the gravest of the holes among what may be holes."""
    return graver(*(state for state in states if isinstance(state, Hole)))
