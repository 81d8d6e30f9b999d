"""True, false, or cannot know: the logic in which facts with holes are judged.

*Cannot know* is not a third symbol but the holes that stand in the way, so that a finding can say what is missing.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hostcheck.model import Hole, Json


@dataclass(frozen=True, slots=True)
class Unknown:
    """Cannot know, because of these holes (at least one)."""

    holes: tuple[Hole, ...]

    def __bool__(self) -> bool:
        """Refuse to be taken for true or false."""
        raise TypeError("a verdict that cannot be known is neither true nor false")


Ternary = bool | Unknown


def every(verdicts: Iterable[Ternary]) -> Ternary:
    """Return false if any verdict is false, else cannot know if any is, else true."""
    holes: dict[Hole, None] = {}
    for verdict in verdicts:
        if verdict is False:
            return False
        if verdict is not True:
            holes.update(dict.fromkeys(verdict.holes))
    return Unknown(tuple(holes)) if holes else True


def all_hold(tests: Iterable[Callable[[Json], Ternary]], value: Json) -> Ternary:
    """Return what `every` does of what `tests` say of `value`; most of judging goes through here, and a generator would take twice as long."""
    holes: dict[Hole, None] = {}
    for test in tests:
        verdict = test(value)
        if verdict is False:
            return False
        if verdict is not True:
            holes.update(dict.fromkeys(verdict.holes))
    return Unknown(tuple(holes)) if holes else True


def some(verdicts: Iterable[Ternary]) -> Ternary:
    """Return true if any verdict is true, else cannot know if any is, else false."""
    return negate(every(negate(verdict) for verdict in verdicts))


def negate(verdict: Ternary) -> Ternary:
    """Swap true and false."""
    return verdict if isinstance(verdict, Unknown) else not verdict


def one(verdicts: Iterable[Ternary]) -> Ternary:
    """Return whether exactly one verdict is true; two that are make it false whatever the others are."""
    known = list(verdicts)
    trues = sum(verdict is True for verdict in known)
    if trues > 1:
        return False
    holes = [hole for verdict in known if isinstance(verdict, Unknown) for hole in verdict.holes]
    return Unknown(tuple(dict.fromkeys(holes))) if holes else trues == 1


def within(low: int, high: float, least: float, most: float, holes: Iterable[Hole]) -> Ternary:
    """Return whether a number known to lie from `low` to `high` lies from `least` to `most`."""
    if low >= least and high <= most:
        return True
    if high < least or low > most:
        return False
    return Unknown(tuple(dict.fromkeys(holes)))
