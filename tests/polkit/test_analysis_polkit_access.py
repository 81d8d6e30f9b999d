import time
from typing import Any

import pytest
from polkit.polkit_host import ACTIONS, ETC, EXEC, GROUPS, LIBVIRT, OLD_DAEMON, SHARE, UNITS, access, derive, grants, policy, polkit, program, rule, told
from polkit.stock_rules import PKLA, PRIVILEGES, STOCK
from privileged_programs.rights import facts as people

from hostcheck.model import Hole, Why
from hostcheck.testing.laws import breaches

OWN = f'action.id == "{EXEC}"'
STAFF = 'subject.isInGroup("staff")'
NOTHING: set[Any] = set()
BOTH = {("bob", EXEC, "nothing", True, ""), ("cat", EXEC, "nothing", True, "")}
DENIED = Hole(why=Why.DENIED, message="no")


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        ("", NOTHING),
        (rule(f"{OWN} && {STAFF}"), BOTH),
        (rule(f"{OWN} && {STAFF}", "NO"), NOTHING),
        (rule(f"{OWN} && {STAFF}", "AUTH_ADMIN_KEEP"), NOTHING),
        (rule(f"{OWN} && {STAFF}", "AUTH_SELF"), {(name, EXEC, "own-password", True, "") for name in ("bob", "cat")}),
        (rule(f"{OWN} && {STAFF} && subject.active"), {(name, EXEC, "nothing", False, "a session") for name in ("bob", "cat")}),
        (rule(f"{OWN} && {STAFF} && subject.local"), {(name, EXEC, "nothing", False, "a session in the background of the console") for name in ("bob", "cat")}),
        (rule(f"{OWN} && {STAFF} && subject.local && subject.active"), {(name, EXEC, "nothing", False, "a session at the console") for name in ("bob", "cat")}),
        (rule(f'{OWN} && {STAFF} && subject.user != "cat"'), {("bob", EXEC, "nothing", True, "")}),
        (rule(f'{OWN} && {STAFF} && polkit.spawn(["x"]) == "y"'), {(name, EXEC, "nothing", False, "") for name in ("bob", "cat")}),
        (rule(OWN), {("every local user", EXEC, "nothing", True, "")}),
        (rule(f'{OWN} && !subject.isInGroup("staff")'), {(name, EXEC, "nothing", True, "") for name in ("ann", "dan", "eve")}),
        (rule(f'action.id == "{LIBVIRT}" && subject.user == "bob"'), {("bob", LIBVIRT, "nothing", False, "")}),
        (rule('action.id == "org.example.other"'), NOTHING),
        (rule(f'action.id == "{UNITS}" && action.lookup("unit") == "a.service" && {STAFF}'), NOTHING),
        (rule(f'action.id == "{UNITS}" && {STAFF}'), {(name, UNITS, "nothing", True, "") for name in ("bob", "cat")}),
    ],
)
def test_who_is_granted_what(rules: str, found: set[Any]) -> None:
    assert told(rules) == found


def test_a_grant_of_all_is_told_of_each_where_it_is_less_certain_of_one() -> None:
    denied = f'if ({OWN} && subject.isInGroup("sudo") && polkit.spawn(["x"]) == "y") {{ return polkit.Result.NO; }}'
    rules = f"polkit.addRule(function(action, subject) {{ {denied} if ({OWN}) return polkit.Result.YES; }});"
    assert told(rules) == {("ann", EXEC, "nothing", False, ""), *((name, EXEC, "nothing", True, "") for name in ("bob", "cat", "dan", "eve"))}


def test_a_value_that_is_null_under_a_condition_may_be_null() -> None:
    rules = f"polkit.addRule(function(a, subject) {{ var x = {STAFF} ? null : true; if (a.id == '{EXEC}' && x == null) return 'yes'; }});"
    assert told(rules) == {("every local user", EXEC, "nothing", False, "")}


def test_of_several_actions_the_one_that_is_certain_comes_first() -> None:
    rules = f"polkit.addRule(function(action, subject) {{ if (subject.local || action.id == '{UNITS}') return polkit.Result.YES; }});"
    (everybody,) = [one for one in grants(rules).values() if one["everyone"] and not one["session"]]
    assert (everybody["actions"][0], everybody["certain"]) == (UNITS, True)


OTHER = {"/usr/share/polkit-1/actions/other.policy": policy("org.other", any_="yes", active="yes")}


def unknown(*args: Any, **more: Any) -> set[tuple[str, ...]]:
    """Return who is granted which actions that are not known, and where."""
    told = grants(*args, **more).values()
    return {(one["name"], one["place"].rpartition("/")[2], one["by"], *one["actions"]) for one in told if one["gives"] == "unknown"}


def test_actions_that_are_not_known_are_told_where_this_host_itself_grants_them() -> None:
    """What a package means, and what an administrator can do in any case, is not told."""
    asked = rule(f'action.id == "org.other" && {STAFF}')
    assert unknown(asked, OTHER) == {("bob", "10-own.rules:1", "rule", "org.other"), ("cat", "10-own.rules:1", "rule", "org.other")}
    assert unknown({f"{SHARE}/10-own.rules": asked}, OTHER) == set() == unknown(files=OTHER)
    assert unknown(rule(f'action.id == "org.other" && {STAFF}', "AUTH_ADMIN"), OTHER) == set()
    own = {"/etc/polkit-1/actions/own.policy": policy("org.own.a", "org.own.b", any_="yes", active="yes")}
    assert unknown(files=own) == {("every local user", "own.policy", "default", "org.own.a"), ("every local user", "own.policy", "default", "org.own.b")}


def test_an_action_that_is_not_known_changes_nothing_of_those_that_are() -> None:
    both = rule(f'(action.id == "org.other" || {OWN}) && {STAFF}')
    assert told(both, OTHER) == {*BOTH, ("bob", "org.other", "nothing", False, ""), ("cat", "org.other", "nothing", False, "")}


def test_administrators_are_told_once_each() -> None:
    found = grants()
    assert list(found) == [f"ann: root by {SHARE}/50-default.rules:1, with the user's own password"]
    (ann,) = found.values()
    assert (ann["needs"], ann["by"], ann["certain"], ann["actions"]) == ("own-password", "administrator", True, [EXEC, UNITS, LIBVIRT])


@pytest.mark.parametrize(
    ("names", "found"),
    [('"unix-user:bob"', ["bob"]), ('"unix-user:1001"', ["bob"]), ('"unix-group:50"', ["bob", "cat"]), ('"unix-user:root"', []), ("", [])],
)
def test_who_is_an_administrator(names: str, found: list[str]) -> None:
    rules = f"polkit.addAdminRule(function(a, s) {{ return [{names}]; }});"
    assert [one["name"] for one in grants(rules, groups={**GROUPS, "staff": (50, ["bob", "cat"])}).values()] == found


def test_without_an_administrators_rule_root_is_the_only_one() -> None:
    assert grants({f"{SHARE}/50-default.rules": ""}) == {}


@pytest.mark.parametrize(
    ("first", "second", "granted"),
    [
        (f"{ETC}/10-a.rules", f"{ETC}/20-b.rules", False),
        (f"{ETC}/20-a.rules", f"{ETC}/10-b.rules", True),
        (f"{ETC}/10-a.rules", f"{SHARE}/10-a.rules", False),
        (f"{SHARE}/10-a.rules", f"{ETC}/10-a.rules", True),
        (f"{SHARE}/10-a.rules", f"{ETC}/20-a.rules", False),
        ("/run/polkit-1/rules.d/10-a.rules", "/usr/local/share/polkit-1/rules.d/10-a.rules", False),
    ],
)
def test_the_first_rule_that_says_something_counts(first: str, second: str, granted: bool) -> None:
    assert bool(told({first: rule(f"{OWN} && {STAFF}", "NO"), second: rule(f"{OWN} && {STAFF}")})) is granted


def test_rules_of_one_file_are_asked_by_line() -> None:
    denied, granted = rule(f"{OWN} && {STAFF}", "NO"), rule(f"{OWN} && {STAFF}")
    assert told(denied + granted) == NOTHING and told(granted + denied) == BOTH and told(rule("false") * 5 + granted + denied) == BOTH


def test_a_rule_that_says_nothing_leaves_it_to_the_next() -> None:
    skips = f'polkit.addRule(function(action, subject) {{ if (!{STAFF}) return null; if ({OWN}) return "no"; }});'
    assert told(skips + rule(OWN)) == {(name, EXEC, "nothing", True, "") for name in ("ann", "dan", "eve")}


def test_a_denial_that_may_hold_leaves_a_grant_unsure() -> None:
    perhaps = rule(f'{OWN} && polkit.spawn(["x"]) == "y"', "NO")
    assert told(perhaps + rule(f"{OWN} && {STAFF}")) == {(name, EXEC, "nothing", False, "") for name in ("bob", "cat")}


def test_what_holds_without_a_rule() -> None:
    files = {f"/usr/share/polkit-1/actions/{EXEC}.policy": policy(EXEC, any_="yes", active="yes")}
    assert told(files=files) == {("every local user", EXEC, "nothing", True, "")}
    files = {f"/usr/share/polkit-1/actions/{EXEC}.policy": policy(EXEC, any_="no", active="yes")}
    assert told(files=files) == {("every local user", EXEC, "nothing", False, "a session at the console")}


def test_without_pkexec_nobody_runs_programs_by_it() -> None:
    files = {"/usr/share/polkit-1/actions/run.policy": program("org.example.run", "/usr/bin/bash")}
    assert told(rule(STAFF), files, pkexec=False) == {(name, UNITS, "nothing", True, "") for name in ("bob", "cat")}
    assert {one["actions"][0] for one in grants(pkexec=False).values()} == {UNITS}


@pytest.mark.parametrize(("path", "gives"), [("/usr/bin/bash", "shell"), ("/usr/sbin/gparted", "limited")])
def test_programs(path: str, gives: str) -> None:
    found = grants(rule(f'action.id == "org.example.run" && {STAFF}'), {"/usr/share/polkit-1/actions/run.policy": program("org.example.run", path)})
    assert {(one["name"], one["gives"], one["program"]) for one in found.values() if one["by"] == "rule"} == {(name, gives, path) for name in ("bob", "cat")}
    found = grants(rule(f'{OWN} && {STAFF} && action.lookup("program") == "{path}"'))
    assert {(one["name"], one["gives"], one["program"]) for one in found.values() if one["by"] == "rule"} == {(name, gives, path) for name in ("bob", "cat")}


def test_an_action_that_grants_another() -> None:
    files = {"/usr/share/polkit-1/actions/all.policy": policy("org.example.all", more=f'<annotate key="org.freedesktop.policykit.imply">{UNITS}</annotate>')}
    (one,) = [one for one in grants(rule('action.id == "org.example.all" && subject.user == "bob"'), files).values() if one["by"] == "rule"]
    assert (one["name"], one["does"]) == ("bob", "start a unit of one's own as root by systemd-run or run0")


def test_the_older_rules() -> None:
    entry = f"[a]\nIdentity=unix-group:staff\nAction={EXEC}\nResultAny=yes\nResultActive=yes\nResultInactive=yes\n"
    denies = "[b]\nIdentity=unix-user:cat\nAction=*\nResultAny=no\nResultActive=no\nResultInactive=no\n"
    place = "/etc/polkit-1/localauthority"
    files = {f"{place}/50-local.d/a.pkla": entry, f"{place}.conf.d/a.conf": "[a]\nAdminIdentities=unix-group:sudo;\n"}
    assert told(files=files) == NOTHING
    assert told(files=files, daemon=OLD_DAEMON) == told({f"{SHARE}/49-polkit-pkla-compat.rules": PKLA}, files) == BOTH
    assert [one["name"] for one in grants(files=files, daemon=OLD_DAEMON).values() if one["by"] == "administrator"] == ["ann"]
    assert told(files={**files, f"{place}/10-vendor.d/b.pkla": denies}, daemon=OLD_DAEMON) == {("bob", EXEC, "nothing", True, "")}


def test_a_table_of_all_actions() -> None:
    assert told(PRIVILEGES) == {("every local user", LIBVIRT, "nothing", False, "a session at the console")}


@pytest.mark.parametrize("group", ["sudo", "wheel"])
def test_stock_distributions_let_only_administrators_in_with_their_password(group: str) -> None:
    stock = {f"{SHARE}/{name}": text for name, text in STOCK.items() if name != "49-ubuntu-admin.rules" or group == "sudo"}
    found = grants(stock, groups={**GROUPS, "wheel": (10, ["dan"])})
    assert [(one["name"], one["needs"]) for one in found.values()] == [("ann" if group == "sudo" else "dan", "own-password")]


def test_what_is_not_known_is_not_told_and_leaves_the_list_open() -> None:
    closed = {f"{ETC}/10-a.rules": "while", f"{ETC}/20-b.rules": rule(f"{OWN} && {STAFF}")}
    assert told(closed) == NOTHING and isinstance(grants(closed).hole, Hole)
    later = {f"{ETC}/10-a.rules": rule(f"{OWN} && {STAFF}"), f"{ETC}/20-b.rules": "while"}
    assert told(later) == BOTH and isinstance(grants(later).hole, Hole)
    assert isinstance(grants(rule(f'{OWN} && subject.isInNetGroup("n")')).hole, Hole)
    assert isinstance(grants(rule(OWN).replace("polkit.Result.YES", "polkit.spawn(['x'])")).hole, Hole)


def test_actions_and_people_that_are_not_known_leave_the_list_open() -> None:
    stated = polkit()
    for hidden in ({"reads": DENIED}, {"actions": DENIED}):
        assert isinstance(derive({**stated, **hidden}), Hole)
    found = derive({**stated, "actions": {**stated["actions"], EXEC: DENIED}})["grants"]
    assert isinstance(found.hole, Hole) and {one["actions"][0] for one in found.values()} == {UNITS}
    assert isinstance(derive({**stated, "pkexec": DENIED})["grants"].hole, Hole)


def test_without_polkit_and_elsewhere() -> None:
    assert derive(polkit(daemon="")) == {"grants": {}} and set(ACTIONS) <= {one["file"] for one in polkit()["actions"].values()}


def places(value: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(place for key, one in inner for place in places(one, (*at, key)))]


def hidden(value: Any, at: tuple[str | int, ...]) -> Any:
    if not at:
        return DENIED
    if isinstance(value, dict):
        return {key: hidden(one, at[1:]) if key == at[0] else one for key, one in value.items()}
    return [hidden(one, at[1:]) if number == at[0] else one for number, one in enumerate(value)]


RULES = f'polkit.addRule(function(action, subject) {{ if (subject.user == "dan") return null; if ({OWN} && subject.local) return "yes"; }});'
RUN = {"/usr/share/polkit-1/actions/run.policy": program("org.example.run", "/usr/bin/bash", any_="yes")}


def test_hiding_anything_only_makes_holes() -> None:
    stated = polkit({f"{ETC}/10-a.rules": rule(f"{OWN} && {STAFF}") + RULES, f"{SHARE}/49-polkit-pkla-compat.rules": PKLA}, RUN)
    before = derive(stated)
    for at in places(stated):
        problems = list(breaches(before, derive(hidden(stated, at))))
        assert not problems, (at, problems)


@pytest.mark.parametrize("condition", [STAFF, f"!{STAFF}", 'subject.user == "bob"', 'subject.isInGroup("nowhere")'])
def test_hiding_who_there_is_only_makes_holes(condition: str) -> None:
    facts = {**people(groups=GROUPS), "polkit": polkit(rule(f"{OWN} && {condition}"), RUN)}
    before = access(facts)
    for probe in ("principals", "nss"):
        for at in places(facts[probe]):
            problems = list(breaches(before, access({**facts, probe: hidden(facts[probe], at)})))
            assert not problems, (probe, at, problems)


def test_very_many_users_are_worked_out_once() -> None:
    accounts = {f"u{number}": 2000 + number for number in range(20_000)}
    groups = {"sudo": (27, [f"u{number}" for number in range(5000)]), "staff": (50, [f"u{number}" for number in range(4000, 6000)])}
    stated = polkit(rule(f"{OWN} && {STAFF}"))
    began = time.monotonic()
    found = derive(stated, people=accounts, groups=groups)["grants"]
    assert time.monotonic() - began < 8 and len(found) == 7000 and not hasattr(found, "hole")
    assert len(derive(polkit(rule(f"{OWN} && !{STAFF}")), people=accounts, groups=groups)["grants"]) == 10_000
