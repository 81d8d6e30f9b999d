import pytest
from privileged_programs.rights import grants

from hostcheck.model import OpenObject
from hostcheck_builtin.privileged_programs import rules_rights


def test_very_many_to_become(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules_rights, "OTHERS", 2)
    found = grants("ann ALL=(ALL, !root) ALL\n")
    assert (len(found), isinstance(found, OpenObject)) == (1, True)  # one of the two is ann


def test_very_many_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules_rights, "GROUPS", 1)
    found = grants("ann ALL=(:docker, ops) ALL\n")
    assert (len(found), isinstance(found, OpenObject)) == (1, True)


def test_very_many_bound_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules_rights, "WORK", 0)
    found = grants("Defaults!/bin/docker !authenticate\nann ALL=ALL\n")
    assert ([one["command"] for one in found.values()], isinstance(found, OpenObject)) == (["ALL"], True)


@pytest.mark.parametrize(("rules", "needs"), [("!/bin/sh, ALL", "nothing"), ("ALL, !/bin/ls", "own-password")])
def test_settings_for_all_commands_but_some(rules: str, needs: str) -> None:
    (one,) = grants(f"Defaults!{rules} !authenticate\nann ALL=/bin/ls\n").values()
    assert one["needs"] == needs


def test_the_environment_counts_where_it_is_more() -> None:
    found = [one["gives"] for one in grants("ann ALL=SETENV: /usr/bin/vi, /usr/bin/zs*, /opt/x, sudoedit /srv/x\n").values()]
    assert sorted(found) == ["environment", "environment", "limited", "shell"]
