"""The order of augenrules, and what is loaded of it."""

import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hostcheck_builtin.audit.audit_rules import AuditRule
from hostcheck_builtin.audit.rule_order import LoadedRules, by_version, load, put_together


def take(rule: AuditRule) -> tuple[AuditRule, str]:
    return rule, "names what is not there" if rule.path.startswith("/gone") else ""


def loaded(*lines: str) -> LoadedRules:
    return load([(text, f"f:{number}") for number, text in enumerate(lines, 1)], take)


def paths(*lines: str) -> list[str]:
    return [rule.path for rule in loaded(*lines).rules]


@settings(max_examples=40, deadline=None)
@given(st.sets(st.text("aB09.-_~+", min_size=1, max_size=7).filter(lambda name: name[0] not in ".-"), max_size=8))
def test_names_come_in_the_order_of_ls(names: set[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            (Path(folder) / f"{name}.rules").touch()
        shown = subprocess.run(["ls", "-1v", folder], capture_output=True, text=True, check=True, env={"LC_ALL": "C"}).stdout.split()
    assert by_version(f"{name}.rules" for name in names) == shown


def test_numbers_count_as_numbers() -> None:
    assert by_version(["audit.rules", "100-x.rules", "9-x.rules", "99-finalize.rules"]) == ["9-x.rules", "99-finalize.rules", "100-x.rules", "audit.rules"]


def test_the_last_of_each_kind_is_moved() -> None:
    lines = ["-e 2", "-w /a", "# x", "", "-D", "-f 1\r", "-b 3", "-w /b\r", "-e 1", "-D -k x"]
    told = put_together((text, str(number)) for number, text in enumerate(lines, 1))
    assert told == [("-D", "5"), ("-b 3", "7"), ("-f 1", "6"), ("-w /a", "2"), ("-w /b", "8"), ("-D -k x", "10"), ("-e 1", "9")]


def test_rules_are_loaded_in_their_order() -> None:
    assert paths("-D", "-w /a", "-w /b", "-A always,exit -F path=/c") == ["/c", "/a", "/b"]
    assert paths("-w /a", "-D", "-w /b") == ["/b"]
    assert paths("-w /a", "-w /b", "-W /a -p wa") == ["/b"]
    assert paths("-w /a", "-a always,exit -S mount", "-w /b -p r") == ["/a"]


def test_what_takes_away_stays_where_one_path_is_taken_back() -> None:
    assert [rule.action for rule in loaded("-a never,exit -F path=/a", "-w /a", "-W /a").rules] == ["never"]


def test_loading_ends_at_a_line_that_is_not_taken() -> None:
    told = loaded("-w /a", "-w b", "-w /c")
    assert ([rule.path for rule in told.rules], told.stops, told.why) == (["/a"], "f:2", "names a path that does not begin with a slash")
    told = loaded("-w /a", "-w /gone/x", "-w /c")
    assert ([rule.path for rule in told.rules], told.stops, told.why) == (["/a"], "f:2", "names what is not there")


@pytest.mark.parametrize("option", ["-i", "-c"])
def test_loading_goes_on_where_a_line_says_so(option: str) -> None:
    told = loaded(option, "-w b", "-w /gone", "-w /c")
    assert ([rule.path for rule in told.rules], told.stops) == (["/c"], "")


def test_nothing_is_taken_once_the_rules_are_locked() -> None:
    told = loaded("-w /a", "-e 2", "-w /b")
    assert ([rule.path for rule in told.rules], told.enabled, told.stops) == (["/a"], 2, "f:3")


def test_the_last_switch_counts() -> None:
    assert (loaded("-e 1", "-e 0").enabled, loaded("-w /a").enabled) == (0, None)
