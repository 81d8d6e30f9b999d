"""No verdict stands without what it is about: what was examined, what was not, and what failed below the severity that counts."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from contract.reports import EMPTY, FINDING
from toy import HEAD, write_benchmark

from hostcheck.benchmark import Benchmark, load
from hostcheck.outcome import told
from hostcheck.report import count
from hostcheck.scope import UNSAID, below, headline, not_examined, scope_of


def benchmark(folder: Path, **changes: Any) -> Benchmark:
    folder.mkdir(exist_ok=True)
    return load(write_benchmark(folder, head={**HEAD, **changes}))


def compliant(*failed: str, rules: tuple[str, ...] = (), waiver: Any = None, **inputs: Any) -> dict[str, Any]:
    findings = [FINDING, *({**FINDING, "result": "fail", "severity": severity, "waiver": waiver} for severity in failed)]
    more = {"rules": list(rules)} if rules else {}
    return {**EMPTY, "verdict": "compliant", "findings": findings, "counts": count(map(told, findings)), "inputs": {**EMPTY["inputs"], **more, **inputs}}


def test_what_the_profile_judges_is_examined_and_what_the_benchmark_names_is_not(tmp_path: Path) -> None:
    one = benchmark(tmp_path / "one")
    assert scope_of([one], "level1") == {"examined": ["Toy rules"], "not_examined": []}
    assert scope_of([one], "level1", ["T-1"])["examined"] == ["Toy rules"]
    assert scope_of([one], "level9") == {"examined": [], "not_examined": ["Toy rules"]}


def test_several_benchmarks_are_merged_in_their_order(tmp_path: Path) -> None:
    one, other = (benchmark(tmp_path / name, id=name) for name in ("one", "other"))
    merged = scope_of([replace(one, not_examined=("sudo", "windows")), replace(other, not_examined=("cellars", "sudo"))], "level1")
    assert merged == {"examined": ["Toy rules"], "not_examined": ["sudo", "windows", "cellars"]}


def test_a_report_that_names_nothing_says_so() -> None:
    assert not_examined(EMPTY) == list(UNSAID)
    assert not_examined(compliant(scope={"examined": [], "not_examined": []})) == list(UNSAID)
    assert not_examined(compliant(scope={"examined": [], "not_examined": ["sudo"]})) == ["sudo"]


@pytest.mark.parametrize(
    ("report", "told"),
    [
        (compliant(), "compliant with level1 in what was examined"),
        (compliant(profile="level2"), "compliant with level2 in what was examined"),
        (compliant(fail_on="critical"), "compliant at critical with level1 in what was examined"),
        (compliant(*["high"] * 10, fail_on="critical"), "compliant at critical; 10 failures below it (with level1 in what was examined)"),
        (compliant("low", fail_on="medium"), "compliant at medium; 1 failure below it (with level1 in what was examined)"),
        (compliant(rules=("HC-ACC-03",)), "compliant with HC-ACC-03 alone"),
        (compliant(rules=("A-1", "A-2", "A-3", "A-4")), "compliant with 4 rules alone"),
        ({**EMPTY, "verdict": "noncompliant"}, "noncompliant"),
        (EMPTY, "inconclusive"),
    ],
)
def test_compliant_never_stands_alone(report: dict[str, Any], told: str) -> None:
    assert headline(report) == told


def test_what_is_waived_is_not_below() -> None:
    assert below(compliant("high", "high", fail_on="critical", waiver={"reason": "being replaced"})) == 0
    assert below({**compliant("high", fail_on="critical"), "verdict": "inconclusive"}) == 0
