import pytest
from polkit.polkit_host import DAEMON, ETC, EXEC, SHARE, UNITS, host, policy, polkit, rule

from hostcheck.model import Hole
from hostcheck_builtin.polkit.readings import stated
from hostcheck_builtin.system import bounds


def test_what_is_stated_of_a_polkit_that_reads_rules() -> None:
    assert stated(host(rule("subject.local")), "rules")["actions"][EXEC]["rules"][f"{ETC}/10-own.rules"] == {"1": [{"when": [["local"]], "result": "yes"}]}
    assert stated(host(rule("subject.local")), "pkla")["actions"][EXEC]["rules"] == {}


def test_rules_by_action_and_place() -> None:
    told = polkit(rule(f'action.id == "{EXEC}" && subject.isInGroup("staff")'))
    admin = {f"{SHARE}/50-default.rules": {"1": [{"when": [[]], "result": "administrators", "identities": ["unix-group:sudo"]}]}}
    own = {f"{ETC}/10-own.rules": {"1": [{"when": [["group:staff"]], "result": "yes"}]}}
    assert told["actions"][EXEC]["rules"] == {**own, **admin} and told["actions"][UNITS]["rules"] == admin
    assert told["files"] == {f"{ETC}/10-own.rules": {"rules": 1, "older": False}, f"{SHARE}/50-default.rules": {"rules": 1, "older": False}}


def test_a_file_that_is_not_read_is_a_hole_at_its_place() -> None:
    told = polkit({f"{ETC}/10-a.rules": "while (hunter2) {}", f"{ETC}/20-b.rules": rule("true")})
    assert isinstance(told["files"][f"{ETC}/10-a.rules"], Hole) and isinstance(told["actions"][EXEC]["rules"][f"{ETC}/10-a.rules"], Hole)
    assert told["actions"][EXEC]["rules"][f"{ETC}/20-b.rules"] and "hunter2" not in str(told)


def test_of_files_of_one_name_the_first_registers_and_of_actions_of_one_name_the_last() -> None:
    name = f"{EXEC}.policy"
    told = polkit(files={f"/etc/polkit-1/actions/{name}": policy(EXEC, any_="yes"), "/usr/share/polkit-1/actions/z.policy": policy(UNITS, any_="no")})
    assert (told["actions"][EXEC]["any"], told["actions"][UNITS]["any"]) == ("yes", "no")


def test_actions_that_rules_of_this_hosts_own_name_are_stated_and_those_that_packages_name_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    other = {"/usr/share/polkit-1/actions/other.policy": policy("org.other.a", "org.other.b", "org.another.c")}
    asks = {f"{ETC}/1.rules": rule('action.id.indexOf("org.other.") == 0'), f"{SHARE}/1.rules": rule('action.id == "org.another.c"')}
    told = polkit(asks, other)
    assert [name for name in told["actions"] if "other" in name] == ["org.other.a", "org.other.b"]
    older = {**other, "/etc/polkit-1/localauthority/50-local.d/a.pkla": "[a]\nIdentity=unix-user:bob\nAction=org.another.*\nResultAny=yes\n"}
    assert [name for name in polkit(files=older)["actions"] if "other" in name] == ["org.another.c"]
    monkeypatch.setattr(bounds, "POLKIT_ACTIONS", 4)
    assert [name for name in polkit(asks, other)["actions"] if "other" in name] == ["org.other.a"] and isinstance(polkit(asks, other)["actions"].hole, Hole)


def test_more_than_is_read() -> None:
    told = polkit({f"{ETC}/{number}.rules": "" for number in range(bounds.POLKIT_FILES + 1)})
    assert isinstance(told["actions"][EXEC]["rules"].hole, Hole) and told["actions"][EXEC]["rules"][f"{SHARE}/50-default.rules"]
    assert isinstance(polkit({f"{ETC}/a.rules": " " * (2 << 20)})["files"][f"{ETC}/a.rules"], Hole)


def test_other_files_are_passed_over() -> None:
    assert list(polkit({f"{ETC}/a.rules.bak": "while", DAEMON + "x": ""})["files"]) == [f"{SHARE}/50-default.rules"]
