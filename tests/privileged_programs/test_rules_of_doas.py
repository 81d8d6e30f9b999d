from typing import Any

import pytest
from privileged_programs.rights import doas, told

from hostcheck.model import Hole, Why
from hostcheck.parting import part, unite
from hostcheck.view import View
from hostcheck_builtin.privileged_programs.rules_of_doas import policy


@pytest.mark.parametrize(
    ("conf", "rights"),
    [
        ("permit :50\n", [("bob root", "ALL", "own-password", "any-command", "")]),
        ("permit 1000 as 1001\n", [("ann bob", "ALL", "own-password", "any-command", "")]),
        ("permit ann\ndeny ann cmd docker\n", [("ann root", "ALL", "own-password", "any-command", "")]),
        (
            "permit nopass ann cmd docker\npermit ann cmd docker args ps\n",
            [("ann root", "docker", "nothing", "engine", ""), ("ann root", "docker", "own-password", "limited", "")],
        ),
        ("permit ann\ndeny :ann\n", [("ann root", "ALL", "own-password", "any-command", "")]),
        ("permit setenv { LD_PRELOAD } ann cmd /opt/x args\n", [("ann root", "/opt/x", "own-password", "environment", "?")]),
    ],
)
def test_rules(conf: str, rights: list[Any]) -> None:
    assert sorted(told(conf=conf)) == sorted(rights)


def test_a_rule_that_is_not_known() -> None:
    stated = doas("permit ann\npermit bob\n")
    stated["rules"]["/etc/doas.conf:1"] = Hole(why=Why.DENIED, message="no")
    found = policy(View(unite(*part(stated), "doas")))
    assert (len(found.rules), found.hole is not None) == (1, True)
