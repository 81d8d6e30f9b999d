"""Approved users who are likely misspelt."""

from typing import Any

import pytest
from formats.root_report import member
from formats.root_report import report as told

from hostcheck_builtin.formats.misspelt import names

ALL = {"without_path": ["user:daemon", "user:anne"], "unused": ["user:uucp"], "steps": []}


def report(*approved: str, holes: tuple[dict[str, Any], ...] = (), **reach: Any) -> dict[str, Any]:
    found = told(member("alice"), **{**ALL, **reach})
    return {**found, "reach": {**found["reach"], "holes": list(holes)}, "inputs": {"values": {"approved_users": list(approved)}}}


@pytest.mark.parametrize(
    ("approved", "said"),
    [
        (["alcie"], ["approved_users names 'alcie', and no account is called so; was 'alice' meant?"]),
        (["Alice"], ["approved_users names 'Alice', and no account is called so; was 'alice' meant?"]),
        (["alice", "anne", "uucp", "root2", "zoe"], []),
        ([], []),
    ],
)
def test_a_name_near_to_somebody_who_has_a_path(approved: list[str], said: list[str]) -> None:
    assert names(report(*approved)) == said


def test_where_not_all_accounts_are_known_nothing_is_said() -> None:
    assert names(report("alcie", holes=({"pointer": "/without_path"},))) == [] and names({"reach": {}}) == [] and names({}) == []
    assert names(report("alcie", holes=({"pointer": "/accounts"},))) != []
