"""What a rule tells of a finding: the sentences of a fail and of a pass, the lists that they name, and the steps of the fix, with their conditions compiled."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from hostcheck.documents import DocumentError
from hostcheck.model import Json
from hostcheck.schema import Predicate, compile_schema


@dataclass(frozen=True, kw_only=True)
class Check:
    """One schema of a rule, made of what is written when it is first asked for: most of what rules say is about what no host has."""

    made: Callable[[], Json]

    @cached_property
    def schema(self) -> Json:
        """Return the schema with its values bound and its references replaced."""
        return self.made()

    @cached_property
    def judge(self) -> Predicate:
        """Return the predicate that judges."""
        return compile_schema(self.schema)


Cases = tuple[tuple[Check | None, str], ...]
"""Sentences with their conditions; the last has none."""
Make = Callable[[Json, str], Check]
"""Compiles a condition; the text says where it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list for sentences: the members of the collection at `each` of which `where` is true, each shown by the sentence `show`."""

    each: str
    where: Check | None
    show: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a fix as it is written, and the condition under which it is given."""

    written: Mapping[str, Any]
    when: Check | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a finding says."""

    because: Cases
    seen: Cases
    lists: Mapping[str, Listing]
    fix: tuple[Step, ...]


def told_of(rule: Mapping[str, Any], make: Make) -> Told:
    """Return what a rule tells, its conditions made by `make`."""
    lists = {name: _listing(written, make, f"lists: {name}") for name, written in rule.get("lists", {}).items()}
    fix = tuple(Step(written=step, when=make(step["when"], "fix") if "when" in step else None) for step in rule["fix"])
    return Told(because=_cases(rule.get("because", ""), "because", make), seen=_cases(rule.get("seen", ""), "seen", make), lists=lists, fix=fix)


def _listing(written: Mapping[str, Any], make: Make, what: str) -> Listing:
    return Listing(each=written["each"], where=make(written["where"], what) if "where" in written else None, show=written.get("show", "{key}"))


def ordered(written: Json, key: str, what: str) -> Json:
    """Return a text, or a list that has its conditions first and one text last; raises DocumentError for any other, whose last case could not be told."""
    if not isinstance(written, str) and not (written and isinstance(written[-1], str) and all(isinstance(case, dict) for case in written[:-1])):
        raise DocumentError(f'{what}: `{key}` must be a list of {{"when", "is"}} that ends with one text')
    return written


def _cases(written: Json, key: str, make: Make) -> Cases:
    if isinstance(written, str):
        return ((None, written),)
    return (*((make(case["when"], key), case["is"]) for case in written[:-1]), (None, written[-1]))


def sentence_of(cases: Cases, facts: Json) -> str:
    """Return the first sentence whose condition certainly holds of `facts`."""
    return next(text for condition, text in cases if condition is None or condition.judge(facts) is True)
