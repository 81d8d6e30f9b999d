"""Findings as lines: each is one, with the host; nothing in a finding ends a line or moves a cursor."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hostcheck_builtin.formats.ndjson import render

TEXTS = st.text(max_size=5)


def report(*findings: dict[str, Any]) -> dict[str, Any]:
    host = {"name": "web1", "clock": "2026-12-03T00:00:00Z", "kernel": None}
    return {"host": host, "inputs": {"profile": "level1"}, "benchmarks": [{"rules": {"R-1": {"rationale": "long"}}}], "findings": list(findings)}


def test_a_line_has_the_finding_and_the_host_and_no_evidence() -> None:
    found = {"rule": "R-1", "subject": "/x", "result": "fail", "fix": [{"run": "shut /x"}]}
    line, other = render(report({**found, "evidence": [{"value": "hunter2"}], "waiver": None}, {"rule": "R-2", "result": "pass"})).splitlines()
    assert json.loads(line) == {**found, "host": "web1", "clock": "2026-12-03T00:00:00Z", "profile": "level1"}
    assert json.loads(other)["rule"] == "R-2"


def test_without_findings_there_is_no_line() -> None:
    assert render(report()) == ""


@given(st.lists(st.fixed_dictionaries({"subject": TEXTS, "because": TEXTS}), max_size=4))
def test_whatever_a_finding_says_it_is_one_printable_line(findings: list[dict[str, Any]]) -> None:
    lines = render(report(*findings)).split("\n")[:-1]
    assert len(lines) == len(findings) and all(line.isascii() and line.isprintable() for line in lines)
    assert [json.loads(line)["because"] for line in lines] == [one["because"] for one in findings]
