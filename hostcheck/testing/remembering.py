"""Findings on hosts that differ in one answer: what follows from the same as before is remembered, and not worked out again.

It is found by digests of all that it follows from. Whether the same gives the same must not be asked here: what is remembered always does.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, TypeVar

from hostcheck import invoke
from hostcheck.benchmark import Rule
from hostcheck.derive import checked, given, in_order
from hostcheck.documents import digest
from hostcheck.evaluate import Facts, judge_rule
from hostcheck.facts_schema import load_facts_schema
from hostcheck.model import Analysis, Json, Probe
from hostcheck.parting import part_by_origin, unite

Stated = Mapping[str, invoke.Stated]
"""Facts in plain JSON and their holes, by probe."""
Marked = tuple[Json, str, str]
"""Facts, how they break their schema, and a digest of them."""
T = TypeVar("T")


class Remembering:
    """Analyses and rules, asked about many hosts."""

    def __init__(self, probes: Mapping[str, Probe], analyses: Mapping[str, Analysis], rules: Iterable[Rule]) -> None:
        """Ask these `analyses` and `rules` about what these `probes` state."""
        self._paths = {name: probe.facts_schema for name, probe in probes.items()} | {name: one.facts_schema for name, one in analyses.items()}
        self._schemas = {name: load_facts_schema(path) for name, path in self._paths.items()}
        self._deep = {name for name, probe in probes.items() if probe.deep}
        self._analyses, self._rules = in_order(analyses), list(rules)
        self._first: dict[str, tuple[invoke.Stated, Marked]] = {}
        self._known: dict[tuple[str, ...], Any] = {}

    def judge(self, stated: Stated) -> list[dict[str, Any]]:
        """Return the findings, without evidence, on a host of which the probes stated this: a rule is asked anew where something that it reads is new."""
        marked = self._derive(stated)
        broken = {name: how for name, (_, how, _) in marked.items() if how}
        facts = Facts(document={name: one for name, (one, _, _) in marked.items()}, broken=broken, schemas=self._schemas)
        asked = ((_key("rule", rule.id, rule.reads, marked), partial(judge_rule, rule, facts, prove=False)) for rule in self._rules)
        return [finding for key, ask in asked for finding in self._once(key, ask)]

    def derived(self, stated: Stated) -> dict[str, Json]:
        """Return the facts of analyses that follow from what probes stated."""
        marked = self._derive(stated)
        return {analysis.id: marked[analysis.id][0] for analysis in self._analyses}

    def _derive(self, stated: Stated) -> dict[str, Marked]:
        """Return the facts of probes and analyses; an analysis is asked anew where something that it reads is new."""
        marked = {name: self._mark(name, one) for name, one in sorted(stated.items())}
        for analysis in self._analyses:
            key = _key("analysis", analysis.id, analysis.reads, marked)
            marked[analysis.id] = self._once(key, partial(self._ask, analysis, {name: one for name, (one, _, _) in marked.items()}))
        return marked

    def _ask(self, analysis: Analysis, document: Mapping[str, Json]) -> Marked:
        return self._mark(analysis.id, part_by_origin(invoke.derive(analysis, given(analysis, document, {}, self._deep - document.keys()), {})))

    def _mark(self, name: str, stated: invoke.Stated) -> Marked:
        """Return facts with their digest; nearly always they are those of the first host."""
        first, marked = self._first.get(name, (None, None))
        if marked and first is stated:
            return marked
        mark = digest(json.dumps(stated).encode())  # keys as they come: an order that matters is not the same
        if not marked or marked[2] != mark:
            marked = (*checked(name, partial(unite, *stated, name), self._paths[name]), mark)
            self._first.setdefault(name, (stated, marked))
        return marked

    def _once(self, key: tuple[str, ...], work: Callable[[], T]) -> T:
        if key not in self._known:
            self._known[key] = work()
        found: T = self._known[key]
        return found


def _key(kind: str, name: str, reads: Iterable[str], marked: Mapping[str, Marked]) -> tuple[str, ...]:
    return kind, name, *(marked[one][2] if one in marked else "" for one in sorted(reads))
