"""A report on rules that were asked for by name says so wherever people read it, and means nothing about the others."""

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from hostcheck import collect, registry
from hostcheck.cli import judging

RECORDING = Path(__file__).parents[1] / "fakes/weak-as-root.recording.json"
REGISTRY = registry.load()
RULES = ["HC-ACC-04", "HC-KRN-02"]


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    evidence = collect.replay(REGISTRY, json.loads(RECORDING.read_text()))
    args = argparse.Namespace(benchmark=(), profile="level1", role="", value=[], fail_on="low", format=(), rule=RULES)
    return judging.judge(evidence, judging.load_benchmarks(args, REGISTRY), args, REGISTRY)


def test_only_they_are_in_it_with_the_facts_that_they_read(report: dict[str, Any]) -> None:
    assert {finding["rule"] for finding in report["findings"]} == set(report["benchmarks"][0]["rules"]) == set(RULES)
    assert report["inputs"]["rules"] == RULES and report["host"]["os"] and report["host"]["role"]
    assert not any(hole["at"].startswith(("subids/", "user-engines/")) for hole in report["holes"])


@pytest.mark.parametrize("name", ["text", "html"])
def test_people_are_told_which_were_judged(report: dict[str, Any], name: str) -> None:
    text = REGISTRY.formats[name].render(report)
    assert f"{', '.join(RULES)}" in text and "--rule" in text
