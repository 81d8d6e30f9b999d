"""Turn the evidence of one host into the facts that rules judge: check what probes stated, and join it by analyses.

An analysis that reads a hole states a hole; one that raises or takes too long is a hole itself; none can stop another.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from functools import cache, partial
from itertools import islice
from typing import Any, Final

from hostcheck import invoke
from hostcheck.evaluate import FIRST, Facts, Turn
from hostcheck.facts_schema import load_facts_schema
from hostcheck.model import Analysis, Hole, HostcheckError, Json, Probe, Why
from hostcheck.origins import children
from hostcheck.pace import FREE, Pace
from hostcheck.parting import FactsError, unite
from hostcheck.schema import Predicate, compile_schema

LOOKED_AT: Final = 10_000
"""Members of a collection among which the place is looked for where facts break their schema: the message is worth no more time."""


def derive(evidence: dict[str, Any], probes: Mapping[str, Probe], analyses: Mapping[str, Analysis], values: Mapping[str, Json]) -> Facts:
    """Return the facts of `evidence`, a valid evidence document, with those of the analyses; `values` reach the analyses (`role`)."""
    facts = begin(evidence, probes, analyses, values)
    facts.need(facts.turns)
    return facts


def begin(evidence: dict[str, Any], probes: Mapping[str, Probe], analyses: Mapping[str, Analysis], values: Mapping[str, Json], pace: Pace = FREE) -> Facts:
    """Return the facts of `evidence` as `derive` does, each of which is made when it is needed, as one step of `pace`."""
    making = _Making(evidence["probes"], probes, {analysis.id: analysis for analysis in in_order(analyses)}, values, pace)
    return Facts(document=making.document, broken=making.broken, absent=making.absent, schemas=making.schemas, turns=making.turns, need=making.make)


class _Making:
    """The facts that are made so far, and what the others are made of."""

    def __init__(
        self, stated: Mapping[str, Any], probes: Mapping[str, Probe], analyses: Mapping[str, Analysis], values: Mapping[str, Json], pace: Pace
    ) -> None:
        self._stated, self._probes, self._analyses, self._values, self._pace = stated, probes, analyses, values, pace
        self._unasked = {name for name, probe in probes.items() if probe.deep and name not in stated}
        self.document: dict[str, Json] = {}
        self.broken: dict[str, str] = {}
        self.schemas: dict[str, Json] = {}
        self.absent = {name: fault for name, one in sorted(stated.items()) if (fault := _fault(name, one["version"], probes))}
        self.turns = _turns(stated.keys() - self.absent.keys(), probes, analyses)

    def make(self, names: Iterable[str]) -> None:
        """Add the facts of these probes and analyses, and of those that these read, where they are not there yet."""
        for name in sorted(names, key=lambda name: (self.turns.get(name, FIRST), name)):
            if name in self.turns and name not in self.document:
                if name in self._analyses:
                    self.make(self._analyses[name].reads)
                self._add(name)

    def _add(self, name: str) -> None:
        path = (self._analyses[name] if name in self._analyses else self._probes[name]).facts_schema
        self.schemas[name] = load_facts_schema(path)
        make = partial(checked, name, partial(self._made, name), path)
        self.document[name], broken = self._pace.step(name, make, lambda hole: (replace(hole, at=name), ""))
        if broken:
            self.broken[name] = broken

    def _made(self, name: str) -> Json:
        if name not in self._analyses:
            return unite(self._stated[name]["facts"], self._stated[name]["holes"], name)
        analysis = self._analyses[name]
        return invoke.derive(analysis, given(analysis, self.document, self.absent, self._unasked), self._values)


def _fault(name: str, version: int, probes: Mapping[str, Probe]) -> str:
    """Return why the facts that a probe stated cannot be read here; "" where they can."""
    if name not in probes:
        return f"the probe {name!r} is in the evidence, but not installed here"
    if version != probes[name].version:
        return f"{name}: the evidence states version {version} of these facts, this hostcheck reads version {probes[name].version}"
    return ""


def _turns(stated: Iterable[str], probes: Mapping[str, Probe], analyses: Mapping[str, Analysis]) -> dict[str, Turn]:
    """Return when the facts of each name have their turn: those that follow from nothing that users laid come first, then those that follow from little."""
    turns: dict[str, Turn] = {name: (probes[name].users, 0) for name in stated}
    below: dict[str, set[str]] = {}
    for name, analysis in analyses.items():
        below[name] = {*analysis.reads}.union(*(below.get(read, ()) for read in analysis.reads))
        turns[name] = (any(turns.get(read, FIRST)[0] for read in below[name]), len(below[name]))
    return turns


def checked(name: str, stated: Callable[[], Json], path: str) -> tuple[Json, str]:
    """Return the facts that `name` stated, and how they break their schema at `path`: "" where they do not, and else a hole stands for them."""
    try:
        facts = stated()
    except (FactsError, HostcheckError) as error:
        return Hole(why=Why.NONSENSE, message=str(error), at=name), f"{name}: {error}"
    if judge_of(path)(facts) is not False:
        return facts, ""
    message = f"{name}: its facts break its own schema at {conflict(load_facts_schema(path), facts)}"
    return Hole(why=Why.NONSENSE, message=message, at=name), message


@cache
def judge_of(path: str) -> Predicate:
    """Return the predicate of the facts schema at `path`, which is compiled once: an interpreter may judge thousands of documents by it."""
    return compile_schema(load_facts_schema(path))


def conflict(schema: Json, facts: Json) -> str:
    """Return the pointer of the deepest place where `facts` break `schema`, as far as properties and items lead."""
    at, here = "", [schema]
    judges: dict[int, Any] = {}
    while isinstance(facts, dict | list):
        members = facts.items() if isinstance(facts, dict) else ((str(index), item) for index, item in enumerate(facts))
        for token, item in islice(members, LOOKED_AT):
            inner = [found for one in here for found in children(one, token, schema)]
            if any((judges.get(id(found)) or judges.setdefault(id(found), compile_schema(_rooted(found, schema))))(item) is False for found in inner):
                at, here, facts = f"{at}/{token}", inner, item
                break
        else:
            break
    return at or "/"


def _rooted(schema: Json, root: Json) -> Json:
    return {**schema, "$defs": root["$defs"]} if isinstance(schema, dict) and "$defs" in root else schema


def in_order(analyses: Mapping[str, Analysis]) -> list[Analysis]:
    """Return the analyses so that each stands after those that it reads; raises HostcheckError where they read each other in a circle."""
    ordered: dict[str, Analysis] = {}

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise HostcheckError(f"analyses depend on each other in a circle: {' -> '.join((*path, name))}")
        for needed in analyses[name].reads:
            if needed in analyses and needed not in ordered:
                visit(needed, (*path, name))
        ordered.setdefault(name, analyses[name])

    for name in sorted(analyses):
        visit(name, ())
    return list(ordered.values())


def given(analysis: Analysis, document: Mapping[str, Json], absent: Mapping[str, str], unasked: Collection[str] = ()) -> dict[str, Json]:
    """Return the facts that `analysis` reads, None for a probe that was not to look; of what else is not in `document` a hole says why."""
    return {name: None if name in unasked else document.get(name, _missing(name, absent)) for name in analysis.reads}


def _missing(name: str, absent: Mapping[str, str]) -> Hole:
    return Hole(why=Why.UNSUPPORTED, message=absent.get(name, f"the probe {name!r} is not in this evidence"), at=name)
