"""Clocks that are wrong, and time zones (edge case 102): the only clock that is read is that of the evidence, and it decides nothing but dates."""

import argparse
import ast
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import hostcheck
import hostcheck_builtin
from hostcheck import collect, registry
from hostcheck.cli import judging

CORE, PLUGINS = (Path(package.__file__ or "").parent for package in (hostcheck, hostcheck_builtin))
FAKES = Path(__file__).parents[1] / "fakes"
REGISTRY = registry.load()
COUNTS = {"monotonic", "sleep", "process_time"}
"""What of the module time says how long something takes, and nothing about when it is."""


def named(path: Path) -> set[str]:
    """Return what a module uses of `time` and `datetime` other than to count."""
    tree = ast.parse(path.read_text())
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "time"}
    taken = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module in ("time", "datetime") for alias in node.names}
    return (used | taken) - COUNTS


def test_edge_case_102_one_place_reads_the_clock() -> None:
    found = {str(path.relative_to(CORE)): names for path in CORE.rglob("*.py") if (names := named(path))}
    assert found == {"collect.py": {"strftime", "gmtime"}, "cli/evaluate.py": {"datetime"}, "unconfirmed.py": {"datetime"}}
    assert {path.name: named(path) for path in PLUGINS.rglob("*.py") if named(path)} == {
        "junit.py": {"datetime"},
        "host_time.py": {"UTC", "datetime", "timedelta"},  # makes a date of what the host's /proc says, for what ends at some time
    }


def findings(clock: str) -> Any:
    recorded = json.loads((FAKES / "weak-as-root.recording.json").read_text())
    evidence = collect.replay(REGISTRY, {**recorded, "clock": clock})
    args = argparse.Namespace(benchmark=(), profile="level2", role="", value=[], fail_on="low", format=())
    return judging.judge(evidence, judging.load_benchmarks(args, REGISTRY), args, REGISTRY)["findings"]


@pytest.mark.laws
def test_edge_case_102_a_clock_that_is_wrong_changes_no_finding() -> None:
    now = findings("2026-01-01T00:00:00Z")
    for clock in ("1970-01-01T00:00:00Z", "1999-12-31T23:59:60Z", "2106-02-07T06:28:16Z", "9999-12-31T23:59:59Z"):
        assert findings(clock) == now, clock


def test_edge_case_102_nobody_asks_how_long_the_host_is_up() -> None:
    for path in FAKES.glob("*.recording.json"):
        text = path.read_text()
        assert '"/proc/uptime"' not in text and '"/proc/stat"' not in text


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/St_Johns", "<X>+25:59", "nonsense"])
def test_edge_case_102_a_time_zone_is_no_part_of_the_clock(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        read = datetime.fromisoformat(collect.clock())
        assert abs((datetime.now(UTC) - read).total_seconds()) < 5
    finally:
        monkeypatch.undo()
        time.tzset()
