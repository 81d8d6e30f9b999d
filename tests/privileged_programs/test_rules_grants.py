import pytest
from privileged_programs.rights import grants, told

from hostcheck.model import Hole, OpenObject
from hostcheck_builtin.privileged_programs import rules_grants


def test_many_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules_grants, "TOLD", 3)
    found = grants("ALL, !ann ALL=ALL\n")
    assert (len(found), isinstance(found, OpenObject)) == (3, True)


def test_too_much_work_leaves_nothing_certain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules_grants, "WORK", 2)
    found = grants("ALL ALL=ALL\nann ALL=PASSWD: ALL\nbob ALL=!ALL\n")
    assert isinstance(found, OpenObject)
    assert all(isinstance(one["certain"], Hole) for one in found.values())


def test_one_who_has_it_otherwise_makes_all_stand_by_themselves() -> None:
    rules = "ALL ALL=/usr/bin/docker\n"
    assert [who for who, *_ in told(rules)] == ["every local user root"]
    assert [who for who, *_ in told(f"{rules}ann ALL=!/usr/bin/docker\n")] == ["bob root", "cat root", "dan root", "eve root"]
    assert len(told(f"Defaults:ann !authenticate\n{rules}")) == 5


def test_two_rights_of_the_same_words() -> None:
    assert list(grants("ann ALL=/bin/su, /bin/su a, /bin/su b\n")) == ["ann: /bin/su as root (/etc/sudoers:1)", "ann: /bin/su as root (/etc/sudoers:1)#2"]
