from typing import Any

import pytest
from privileged_programs.rights import doas, sudo
from privileged_programs.rights import told as rights_of

from hostcheck.model import Hole, HoleError, Why, incomplete
from hostcheck.parting import part, unite
from hostcheck.view import View
from hostcheck_builtin.privileged_programs import rules_policy
from hostcheck_builtin.privileged_programs.rules_policy import Policy, policy_of_doas

DENIED = Hole(why=Why.DENIED, message="no")


def policy(told: Any) -> Policy:
    return rules_policy.policy_of_sudo(View(unite(*part(told), "sudo")))


def users(text: str) -> list[str]:
    return [f"{'!' if leaf.negated else ''}{leaf.name or 'ALL'}" for leaf in policy(sudo(text)).rules[-1].users]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("User_Alias A = x, y\nA ALL=ALL\n", ["x", "y"]),
        ("User_Alias A = x, !y\n!A ALL=ALL\n", ["!x", "y"]),
        ("User_Alias A = x : B = !A, z\n!B, A ALL=ALL\n", ["!z", "x"]),  # of equal ones the last counts
        ("NONE ALL=ALL\n", ["NONE"]),
        ("User_Alias A = B, x\nUser_Alias B = A, y\nA ALL=ALL\n", ["A", "y", "x"]),  # an alias in itself is a name
        ("ALL ALL=ALL\n", ["ALL"]),
    ],
)
def test_aliases(text: str, found: list[str]) -> None:
    assert users(text) == found


def test_kinds_of_aliases_do_not_mix() -> None:
    (rule,) = policy(sudo("User_Alias A = x\nRunas_Alias A = y\nCmnd_Alias A = /z\nHost_Alias A = host1\nA A=(A:A) A, NONE\n")).rules
    (first, second) = rule.specs
    assert [leaf.name for leaves in (rule.users, rule.hosts, first.users or (), first.groups or (), first.commands) for leaf in leaves] == [
        "x",
        "host1",
        "y",
        "y",
        "/z",
    ]
    assert second.commands == ()


def test_aliases_that_double_are_worked_out_once() -> None:
    lines = "".join(f"User_Alias A{number} = A{number + 1}, A{number + 1}\n" for number in range(90))
    assert users(f"{lines}User_Alias A90 = x\nA0 ALL=ALL\n") == ["x"]


def test_an_alias_of_nothing_is_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    flatten, asked = rules_policy._Aliases.flatten, []

    def counted(self: Any, of: str, members: Any) -> Any:
        asked.append(of)
        assert len(asked) < 200
        return flatten(self, of, members)

    monkeypatch.setattr(rules_policy._Aliases, "flatten", counted)
    lines = "".join(f"Cmnd_Alias A{number} = A{number + 1}, A{number + 1}\n" for number in range(90))
    (rule,) = policy(sudo(f"{lines}ann ALL=A0\n")).rules
    assert rule.specs[0].commands == ()


def test_aliases_that_are_too_deep_or_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = "".join(f"User_Alias A{number} = A{number + 1}\n" for number in range(150))
    found = policy(sudo(f"{lines}A0 ALL=ALL\nann ALL=ALL\n"))
    assert (len(found.rules), found.hole is not None) == (1, True)
    monkeypatch.setattr(rules_policy, "WORK", 3)
    assert policy(sudo("a, b, c, d ALL=ALL\n")).hole


def test_a_rule_that_is_not_known_may_change_the_others() -> None:
    told = sudo("ann ALL=ALL\nbob ALL=ALL\n")
    told["rules"]["/etc/sudoers:2"] = DENIED
    assert len(policy(told).rules) == 1 and policy(told).hole
    told["rules"] = incomplete({}, DENIED)
    assert policy(told).hole
    told["rules"] = DENIED
    with pytest.raises(HoleError):
        policy(told)


def test_order_is_that_of_the_files() -> None:
    found = policy(sudo("@include /etc/z\nann ALL=ALL\n", {"/etc/z": "bob ALL=ALL\n"}))
    assert [rule.place for rule in found.rules] == ["/etc/z:1", "/etc/sudoers:2"]


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
def test_rules_of_doas(conf: str, rights: list[Any]) -> None:
    assert sorted(rights_of(conf=conf)) == sorted(rights)


def test_a_rule_of_doas_that_is_not_known() -> None:
    stated = doas("permit ann\npermit bob\n")
    stated["rules"]["/etc/doas.conf:1"] = Hole(why=Why.DENIED, message="no")
    found = policy_of_doas(View(unite(*part(stated), "doas")))
    assert (len(found.rules), found.hole is not None) == (1, True)
