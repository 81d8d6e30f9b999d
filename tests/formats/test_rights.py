"""Who lacked a privilege is told which one, and which rules would have had an answer."""

from typing import Any

from contract.reports import EMPTY, FINDING

from hostcheck_builtin.formats.rights import missing_right

DENIED = {"at": "doors/a", "why": "denied", "message": "a: no"}


def report(euid: int, denied: int, *rules: str, why: str = "denied") -> dict[str, Any]:
    findings = [{**FINDING, "rule": rule, "result": "error", "holes": [{**DENIED, "why": why}]} for rule in rules]
    holes = [{**DENIED, "kind": "value", "why": why} for _ in range(denied)]
    return {**EMPTY, "host": {**EMPTY["host"], "euid": euid}, "findings": findings, "holes": holes}


def test_a_user_is_told_to_run_as_root() -> None:
    told = {"how": "Run as root", "rules": ["R-1", "R-2"], "denied": "2 facts were denied to user id 1000."}
    assert missing_right(report(1000, 2, "R-2", "R-1", "R-2")) == told
    assert missing_right(report(1000, 1)) == {"how": "Run as root", "rules": [], "denied": "1 fact was denied to user id 1000."}


def test_root_is_told_what_else_it_may_lack() -> None:
    found = missing_right(report(0, 1, "R-1"))
    assert found == {"how": "Run outside of containers and with all capabilities", "rules": ["R-1"], "denied": "1 fact was denied to root."}


def test_root_of_a_user_namespace_is_told_to_leave_it() -> None:
    told = report(0, 1, "R-1")
    found = missing_right({**told, "host": {**told["host"], "user_namespace": True}})
    assert found == {"how": "Run as root outside of the user namespace", "rules": ["R-1"], "denied": "1 fact was denied to root of a user namespace."}


def test_where_no_privilege_would_have_answered_nobody_is_told_so() -> None:
    assert missing_right(report(0, 1)) is None and missing_right(report(1000, 0)) is None
    assert missing_right(report(1000, 2, "R-1", why="timeout")) is None
