"""Whichever facts there is no time for: rules that do not need them say what they said, and no failure becomes anything better."""

import argparse
import json
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from hostcheck import collect, registry
from hostcheck.benchmark import load, resolve
from hostcheck.cli import judging
from hostcheck.model import Hole, Why
from hostcheck.pace import FREE, Pace

REGISTRY = registry.load()
BENCHMARKS = [load(path, shipped=True) for path in REGISTRY.benchmarks]
RECORDED = json.loads((Path(__file__).parents[1] / "fakes" / "weak-as-root.recording.json").read_text())
LATE = Hole(why=Why.TIMEOUT, message="late")
BETTER = {"pass", "informational", "notapplicable", "notchecked"}
READS = {rule: resolve(benchmark, rule, {}).reads for benchmark in BENCHMARKS for rule in benchmark.rules}


@pytest.fixture(scope="module")
def evidence() -> dict[str, Any]:
    return collect.replay(REGISTRY, RECORDED)


def findings(evidence: dict[str, Any], pace: Pace) -> dict[str, list[dict[str, Any]]]:
    args = argparse.Namespace(benchmark=(), profile="level2", role="", value=[], fail_on="low", format=())
    found = defaultdict(list)
    for finding in judging.judge(evidence, BENCHMARKS, args, REGISTRY, pace=pace)["findings"]:
        found[finding["rule"]].append(finding)
    return found


def follows(name: str) -> set[str]:
    """Return the names of what follows from facts, these among them."""
    found = {name}
    while more := {one.id for one in REGISTRY.analyses.values() if found & {*one.reads}} - found:
        found |= more
    return found


@pytest.mark.parametrize("late", [*sorted(REGISTRY.analyses), "sockets", "user-sockets", "principals"])
def test_facts_that_there_is_no_time_for_cost_what_follows_from_them(evidence: dict[str, Any], late: str) -> None:
    before, after = findings(evidence, FREE), findings(evidence, Pace(time.monotonic() + 600.0, without={late: LATE}))
    followed = follows(late)
    for rule, found in before.items():
        if not READS[rule] & followed:
            assert [(one["subject"], one["result"], one["because"]) for one in after[rule]] == [
                (one["subject"], one["result"], one["because"]) for one in found
            ]
        for failure in (one for one in found if one["result"] == "fail"):
            results = {one["result"] for one in after[rule] if one["subject"] in (failure["subject"], "*")}
            assert results and not results & BETTER, failure["subject"]


def test_a_pace_with_time_to_spare_changes_no_byte(evidence: dict[str, Any]) -> None:
    assert findings(evidence, Pace(time.monotonic() + 600.0)) == findings(evidence, FREE)
