"""What one audit rule is about."""

import pytest

from hostcheck_builtin.audit.audit_rules import ATTRIBUTES, WRITES, AuditRule, is_harmless, met


def test_system_calls_cover_a_change_or_touch_it() -> None:
    assert met("wa", None, "always") == "wa"
    assert met("wa", WRITES, "always") == "w"
    assert met("wa", WRITES - {"rename"}, "always") == ""
    assert met("wa", ["rename"], "never") == "w"
    assert met("a", [*WRITES, *ATTRIBUTES], "always") == "a"
    assert met("wa", ["adjtimex"], "never") == ""


@pytest.mark.parametrize(
    ("filter_", "field", "harmless"),
    [
        ("exclude", ("msgtype", "=", "CWD"), True),
        ("exclude", ("msgtype", "=", "PATH"), False),
        ("exclude", ("msgtype", "!=", "CWD"), False),
        ("exclude", ("exe", "=", "/bin/sh"), False),
        ("filesystem", ("fstype", "=", "debugfs"), True),
        ("filesystem", ("fstype", "=", "0xEF53"), False),
        ("exit", ("msgtype", "=", "CWD"), False),
    ],
)
def test_what_takes_away_nothing_of_files(filter_: str, field: tuple[str, str, str], harmless: bool) -> None:
    assert is_harmless(filter_, [field]) is harmless


def test_a_rule_is_stated() -> None:
    assert AuditRule("exit", "always", "/x", True, at="f:1").stated() == {
        "list": "exit",
        "action": "always",
        "path": "/x",
        "tree": True,
        "perms": "wa",
        "bits": [32, 64],
        "only": [],
        "at": "f:1",
    }
    assert "path" not in AuditRule("task", "never").stated()
