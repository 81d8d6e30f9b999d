"""Which rules have the fix that makes a change of the cut: those that name its kind in `closes`, where they fail on what the change takes away."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from hostcheck.benchmark import Benchmark
from hostcheck.model import Json, OpenArray, Result, incomplete
from hostcheck.pointer import join

Failed = Mapping[tuple[str, str], set[tuple[str, str]]]
"""The rules that fail, each with the subject, by the kind of change and the place of the subject in the facts."""
MOST: Final = 20
"""How many failures one change names."""


def with_rules(changes: Json, benchmarks: Sequence[Benchmark], findings: Iterable[Mapping[str, Any]]) -> Json:
    """Return the changes, each with the `rules` and the failures (`findings`) whose fix it is; a rule that a plugin names stays if it fails.

    What is no list of changes stays as it is.
    """
    if not isinstance(changes, list):
        return changes
    rules = {(one.id, name): rule for one in benchmarks for name, rule in one.rules.items()}
    failures = [(finding, rules[finding["benchmark"], finding["rule"]]) for finding in findings if finding["result"] == Result.FAIL]
    failed: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for finding, rule in failures:
        for kind in rule.get("closes", ()) if "each" in rule else ():
            failed.setdefault((kind, join(rule["each"], finding["subject"])), set()).add((finding["rule"], finding["subject"]))
    names = {finding["rule"] for finding, _ in failures}
    told = [_with(one, names, failed) if isinstance(one, dict) else one for one in changes]
    return incomplete(told, changes.hole) if isinstance(changes, OpenArray) else told


def _with(change: Mapping[str, Any], names: set[str], failed: Failed) -> dict[str, Any]:
    closing = sorted(set(_closing(change, failed)))
    rules = {*names.intersection(change.get("rules", ())), *(rule for rule, _ in closing)}
    return {**change, "rules": sorted(rules), "findings": [{"rule": rule, "subject": subject} for rule, subject in closing[:MOST]]}


def _closing(change: Mapping[str, Any], failed: Failed) -> Iterator[tuple[str, str]]:
    for place in change.get("rests_on", ()):
        for end in (*(index for index, mark in enumerate(place) if mark == "/"), len(place)):
            yield from failed.get((change.get("kind", ""), place[:end]), ())
