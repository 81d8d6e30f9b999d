"""What holds for every rule that comes with hostcheck: dialect, facts that exist, no pass on nothing, examples that hold, words of our own."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from hostcheck import registry
from hostcheck.benchmark import declared_values, load, resolve
from hostcheck.evaluate import Facts, judge_rule
from hostcheck.lint import facts_schemas, problems
from hostcheck.model import Hole, Why

REGISTRY = registry.load()
BENCHMARKS = [load(path) for path in REGISTRY.benchmarks]
SCHEMAS = facts_schemas(REGISTRY)
DENIED = Hole(why=Why.DENIED, message="no")


RULES = [pytest.param(benchmark, name, id=name) for benchmark in BENCHMARKS for name in sorted(benchmark.rules)]


@pytest.mark.parametrize("benchmark", BENCHMARKS, ids=lambda benchmark: benchmark.id)
def test_a_shipped_benchmark_has_no_problem(benchmark: Any) -> None:
    assert list(problems(benchmark, SCHEMAS)) == []


@pytest.mark.parametrize("benchmark", BENCHMARKS, ids=lambda benchmark: benchmark.id)
def test_every_rule_is_in_a_profile_and_every_value_is_used(benchmark: Any) -> None:
    selected = {rule for profile in benchmark.profiles.values() for rule in profile["rules"]}
    assert selected == benchmark.rules.keys()
    text = json.dumps(benchmark.rules)
    for value in declared_values(benchmark):
        assert f'"$value": "{value}"' in text, value


@pytest.mark.parametrize(("benchmark", "name"), RULES)
def test_on_a_host_of_which_nothing_is_known_no_rule_passes_or_does_not_apply(benchmark: Any, name: str) -> None:
    rule = resolve(benchmark, name, {})
    findings = judge_rule(rule, Facts(document=dict.fromkeys(SCHEMAS, DENIED)))
    assert [(finding["result"], finding["subject"]) for finding in findings] == [("error", "*" if rule.each or rule.applies else "")]


@pytest.mark.parametrize(("benchmark", "name"), RULES)
def test_an_example_says_what_it_is_an_example_of(benchmark: Any, name: str) -> None:
    written = benchmark.rules[name]
    rule = resolve(benchmark, name, {})
    for wanted, documents in written["examples"].items():
        for example in documents if isinstance(documents, list) else [documents]:
            findings = judge_rule(rule, Facts(document=example))
            assert {finding["result"] for finding in findings} == {wanted}
            for finding in findings:
                if wanted == "fail":
                    assert "{" not in finding["because"]
                    assert not rule.each or finding["subject"] in finding["because"]


@pytest.mark.parametrize(("benchmark", "name"), RULES)
def test_a_rule_says_why_what_to_do_and_by_which_source(benchmark: Any, name: str) -> None:
    written = benchmark.rules[name]
    assert written["because"] and written["references"] and written["verify"]
    assert len(written["rationale"]) > 40
    assert re.search(r"[a-z]+ [-/A-Za-z0-9]+", written["remediation"])
    assert not written["title"].endswith(".")
    if "applies" in written:
        assert "notapplicable" in written and "notapplicable" in written["examples"]


def test_ids_name_their_section() -> None:
    for benchmark in BENCHMARKS:
        for name, source in benchmark.sources.items():
            assert name.split("-")[1] == Path(source).stem
