"""Who gets a group without standing in its line, and what will put users into it later, from facts written by hand."""

from typing import Any

import pytest
from sockets.access import CONF, DENIED, GRANTS, LIMIT, derive, facts, group, logins, reached, route, rule, user, whys

from hostcheck import registry
from hostcheck.benchmark import load, resolve
from hostcheck.evaluate import Facts, judge_rule
from hostcheck.model import Hole, OpenArray, OpenObject, incomplete

CAT = {"users": [user("root", 0), user("cat", 1002), user("svc", 998, shell="/usr/sbin/nologin")], "groups": [group("docker", 999), group("staff", 50)]}
AT_SU = {"cat": ["group docker from pam_group at su, /etc/security/group.conf:1"]}


def found(**more: Any) -> Any:
    return reached(route(), **{**CAT, **more})


def engine_group(**more: Any) -> Any:
    return derive(facts(route(), **{**CAT, **more}))["engine_groups"]["docker"]


def unit(user: str = "cat", *groups: str, dynamic: bool = False) -> dict[str, Any]:
    return {"units": {"x.service": {"user": user, "dynamic": dynamic, "groups": list(groups or ("docker",))}}}


def test_who_is_given_the_group_by_pam_group_connects() -> None:
    told = found(grants=logins(rule()))
    assert whys(told) == AT_SU
    assert told["users"]["cat"]["via"] == ["docker"] and told["reached_by"] == ["cat (group docker from pam_group at su, /etc/security/group.conf:1)"]
    assert not isinstance(told["users"], OpenObject)


@pytest.mark.parametrize(
    "grants",
    [
        logins(rule(), su=False, login=True),
        logins(rule(services="xdm")),
        logins(rule(services="sudo|login & su")),
        logins(rule("999")),  # pam_group knows groups by name alone
        logins(rule("dock")),
        logins(rule(users="cat,svc")),
        logins(rule(users="!cat")),
        logins(rule(users="root")),
        logins(rule(times="!Al0000-2400")),
        logins(rule(times="Xx0000-2400")),
        logins(rule(ttys="!*")),
        logins(rule(users="%staff")),
        logins(rule(users="%gone")),
        logins(),
    ],
)
def test_what_gives_nobody_the_group_is_no_way(grants: Any) -> None:
    told = found(grants=grants)
    assert told["users"] == {} and not isinstance(told["users"], OpenObject)


def test_each_service_that_a_rule_names_is_a_way_and_a_star_is_one() -> None:
    assert whys(found(grants=logins(rule(services="su|login")))) == {
        "cat": ["group docker from pam_group at login, /etc/security/group.conf:1", "group docker from pam_group at su, /etc/security/group.conf:1"]
    }
    assert whys(found(grants=logins(rule(services="s*")))) == {"cat": ["group docker from pam_group at any service, /etc/security/group.conf:1"]}
    assert whys(found(grants=logins(rule(services="*"), **{"common-auth": True, "su": False}))) == {}


def test_everybody_is_whoever_has_a_shell_and_who_is_named_needs_none() -> None:
    assert whys(found(grants=logins(rule(users="*")))) == AT_SU
    assert whys(found(grants=logins(rule(users="*|svc")))) == {**AT_SU, "svc": ["group docker from pam_group at su, /etc/security/group.conf:1"]}
    assert whys(found(grants=logins(rule(users="!svc")))) == AT_SU


def test_members_of_a_group_are_given_another() -> None:
    staff = {"users": [*CAT["users"], user("dan", 1003, 50), user("eve", 1004)], "groups": [group("docker", 999), group("staff", 50, "cat")]}
    assert set(whys(found(grants=logins(rule(users="%staff")), **staff))) == {"cat", "dan"}
    assert whys(found(grants=logins(rule(users="% staff")), **staff)) == {}
    open_to_all = [group("docker", 999), group("staff", 50, password=True)]
    assert whys(found(grants=logins(rule(users="%staff")), groups=open_to_all)) == {}


def test_a_rule_that_holds_at_some_times_and_terminals_holds() -> None:
    assert whys(found(grants=logins(rule(times="!Wk0900-1700", ttys="tty*&!ttyp*")))) == AT_SU


def test_whom_a_netgroup_names_is_not_known() -> None:
    told = found(grants=logins(rule(users="@admins")))
    assert isinstance(told["users"], OpenObject) and told["users"] == {}
    other = found(grants=logins(rule("staff", users="@admins")))
    assert not isinstance(other["users"], OpenObject)


def test_who_may_be_given_a_group_that_is_kept_out_may_be_kept_out() -> None:
    shadow = {"docker": {"name": "docker", "password": False, "administrators": ["cat"], "members": []}}
    assert "cat" in reached(route(mode="0606"), **CAT, gshadow=shadow)["users"]
    told = reached(route(mode="0606"), **CAT, gshadow=shadow, grants=logins(rule(users="@admins")))
    assert isinstance(told["users"]["cat"], Hole)


@pytest.mark.parametrize("services", [{"su": DENIED}, {"login": DENIED, "su": False}])
def test_whether_a_service_loads_it_may_not_be_known(services: Any) -> None:
    told = found(grants=logins(rule(services="su|login"), **services))
    assert isinstance(told["users"], OpenObject) and told["users"] == {}
    assert not isinstance(found(grants=logins(rule(services="xdm"), **services))["users"], OpenObject)


@pytest.mark.parametrize(
    "grants",
    [
        DENIED,
        {"units": DENIED},
        {"units": {"x.service": DENIED}},
        {"units": incomplete({}, DENIED)},
        {"units": {"x@.service": {"user": "cat", "dynamic": False, "groups": ["%i"]}}},
        {"pam_group": DENIED},
        {"pam_group": {"rules": DENIED, "services": {}}},
        {"units": {"x@.service": {"user": "%i", "dynamic": False, "groups": ["docker"]}}},
    ],
)
def test_what_may_give_any_group_leaves_everything_open(grants: Any) -> None:
    told = found(grants=grants)
    assert isinstance(told["users"], OpenObject) and told["users"] == {}
    assert isinstance(engine_group(grants=grants)["members"], OpenArray)


def test_the_user_of_a_service_has_its_groups() -> None:
    for name in ("docker", "999"):
        for who in ("cat", "1002"):
            assert whys(found(grants=unit(who, name))) == {"cat": ["group docker from unit x.service"]}
    assert whys(found(grants=unit("cat", "staff"))) == {}


def named(name: str, user: str) -> dict[str, Any]:
    return {"units": {name: {"user": user, "dynamic": False, "groups": ["docker"]}}}


def test_an_instance_may_be_named_after_its_user() -> None:
    for name, user_ in (("x@cat.service", "%i"), ("x@1002.service", "%I"), ("user@1002.service", "%i")):
        told = found(grants=named(name, user_))
        assert whys(told) == {"cat": [f"group docker from unit {name}"]} and not isinstance(told["users"], OpenObject)
    told = found(grants=named("x@.service", "%i"))
    assert told["users"] == {} and isinstance(told["users"], OpenObject)
    assert engine_group(grants=named("x@.service", "%i"))["auto_grants"] == {"unit x@.service": {"kind": "unit", "users": [], "unnamed": True}}


def test_everybody_who_logs_in_has_a_manager() -> None:
    told = found(grants=named("user@.service", "%i"))
    assert whys(told) == {"cat": ["group docker from unit user@.service"]} and not isinstance(told["users"], OpenObject)


@pytest.mark.parametrize("who", ["", "root", "0"])
def test_a_service_of_roots_gives_nothing(who: str) -> None:
    assert whys(found(grants=unit(who))) == {}
    assert engine_group(grants=unit(who))["auto_grants"] == {}
    assert engine_group(users=[user("toor", 0)], grants=unit("toor"))["auto_grants"] == {}
    assert engine_group(grants={"sysusers": {"/etc/sysusers.d/x.conf:1": {"user": "root", "group": "docker"}}})["auto_grants"] == {}


def test_every_way_makes_a_member_of_an_engines_group_and_of_one_that_makes_root() -> None:
    told = derive(facts(route(), **CAT, grants={**logins(rule()), **unit()}))
    assert told["engine_groups"]["docker"]["members"] == ["cat"]
    assert list(told["groups"]["docker"]["reasons"]) == [
        "cat (group docker from unit x.service)",
        "cat (group docker from pam_group at su, /etc/security/group.conf:1)",
    ]


def test_what_gives_the_group_is_listed_with_whom_it_names() -> None:
    told = derive(facts(route(), **CAT, grants=GRANTS))["engine_groups"]["docker"]["auto_grants"]
    assert told == {
        "cloud-init users/0/cat": {"kind": "cloud-init", "users": ["cat"], "unnamed": False},
        "new users by /etc/adduser.conf": {"kind": "new users", "users": [], "unnamed": True},
        f"pam_group {CONF}:1": {"kind": "pam_group", "users": ["cat"], "unnamed": False},
        f"pam_group {CONF}:2": {"kind": "pam_group", "users": [], "unnamed": True},
        f"pam_group {CONF}:3": {"kind": "pam_group", "users": [], "unnamed": True},
        "sysusers.d /usr/lib/sysusers.d/x.conf:1": {"kind": "sysusers.d", "users": ["cat"], "unnamed": False},
        "unit cat.service": {"kind": "unit", "users": ["cat"], "unnamed": False},
    }


@pytest.mark.parametrize(
    ("users", "named", "unnamed"),
    [
        ("cat", ["cat"], False),
        ("cat|dan", ["cat", "dan"], False),
        ("*", [], True),
        ("c*", [], True),
        ("!cat", [], True),
        ("*&!cat", [], True),
        ("%docker", [], True),
    ],
)
def test_whom_a_rule_names(users: str, named: list[str], unnamed: bool) -> None:
    told = engine_group(grants=logins(rule(users=users)))["auto_grants"]
    assert told == {f"pam_group {CONF}:1": {"kind": "pam_group", "users": named, "unnamed": unnamed}}


def test_another_line_with_the_gid_is_a_grant_whether_or_not_it_has_members() -> None:
    told = engine_group(groups=[group("docker", 999), group("containers", 999)])
    assert told["auto_grants"] == {"group containers with the same gid": {"kind": "same gid", "users": [], "unnamed": True}}


RULE = resolve(load(registry.load().benchmarks[0], shipped=True), "HC-ACC-09", {})
SYSUSERS = {"sysusers": {"/etc/sysusers.d/x.conf:1": {"user": "cat", "group": "docker"}}}
CLOUD = {"cloud_init": {"users/0/cat": {"user": "cat", "groups": ["docker"]}}}
NAMING = [unit(), unit("1002"), named("x@cat.service", "%i"), SYSUSERS, CLOUD, logins(rule())]


def judged(**more: Any) -> tuple[Any, list[str], str]:
    """Return the grant of an engine's group, in which words, and what HC-ACC-09 makes of it."""
    told = derive(facts(route(), **{**CAT, **more}))
    (one,) = told["engine_groups"]["docker"]["auto_grants"].values()
    (finding,) = judge_rule(RULE, Facts(document={"socket-access": told, "host-role": {"role": "server"}}))
    return one["users"], told["engine_groups"]["docker"]["granted"], finding["result"]


@pytest.mark.parametrize("grants", NAMING)
@pytest.mark.parametrize(
    "standing",
    [
        {"groups": [group("docker", 999, "cat")]},
        {"users": [user("cat", 1002, 999)]},
        {"nss": {"users": {}, "groups": {"docker": {"name": "docker", "gid": 999, "members": ["cat"]}}, "memberships": {}}},
        {"nss": {"users": {}, "groups": {}, "memberships": {"cat": {"name": "cat", "gids": [1002, 999]}}}},
    ],
)
def test_who_stands_in_the_line_is_given_nothing_by_what_names_him(grants: Any, standing: Any) -> None:
    users, granted, result = judged(grants=grants, **standing)
    assert (users, granted, result) == ([], [], "pass")
    assert not isinstance(users, OpenArray) and not isinstance(granted, OpenArray)


@pytest.mark.parametrize("grants", NAMING)
@pytest.mark.parametrize(
    "more",
    [
        {"groups": [group("docker", 999, "svc")]},
        {"groups": [group("docker", 999), group("staff", 50, "cat")]},
        {"groups": [group("docker", 999, password=True)]},  # newgrp(1) gives it to who asks for it
        {"gshadow": {"docker": {"name": "docker", "password": False, "administrators": ["cat"], "members": ["cat"]}}},
        {"gshadow": DENIED},
        {"processes": DENIED},
    ],
)
def test_who_does_not_is_named(grants: Any, more: Any) -> None:
    users, granted, result = judged(grants=grants, **more)
    (who,) = users
    assert who == "cat" or (who, grants) == ("1002", unit("1002"))
    assert len(granted) == 1 and granted[0].startswith(f"{who} (") and result == "fail"


def test_a_user_who_is_not_there_yet_is_named_and_of_two_only_who_does_not_stand_there() -> None:
    assert judged(grants=unit("telegraf")) == (["telegraf"], ["telegraf (unit x.service)"], "fail")
    both = logins(rule(users="cat|svc"))
    assert judged(grants=both, groups=[group("docker", 999, "cat")]) == (["svc"], [f"svc (pam_group, {CONF}:1)"], "fail")


def test_whoever_is_not_named_is_the_others() -> None:
    assert judged(grants=logins(rule(users="*")), groups=[group("docker", 999, "cat")]) == ([], [f"other users (pam_group, {CONF}:1)"], "fail")


UNLISTED = [
    DENIED,
    {"users": DENIED, "groups": {}, "memberships": {}},
    {"users": incomplete({}, LIMIT), "groups": {}, "memberships": {}},
    {"users": {}, "groups": DENIED, "memberships": {}},
    {"users": {}, "groups": incomplete({}, LIMIT), "memberships": {}},
    {"users": {}, "groups": {}, "memberships": DENIED},
    {"users": {}, "groups": {}, "memberships": {"svc": {"name": "svc", "gids": DENIED}}},
]


@pytest.mark.parametrize("grants", NAMING)
@pytest.mark.parametrize("nss", UNLISTED)
def test_where_the_line_is_not_known_it_is_not_known_who_stands_outside(grants: Any, nss: Any) -> None:
    users, granted, result = judged(grants=grants, nss=nss)
    assert isinstance(users, OpenArray) and users == [] and isinstance(granted, OpenArray) and granted == [] and result == "error"
    users, granted, result = judged(grants=grants, nss=nss, groups=[group("docker", 999, "cat")])
    assert users == [] and not isinstance(users, OpenArray)


def test_a_group_file_that_cannot_be_read_leaves_nothing_to_pass() -> None:
    told = facts(route(), **CAT, grants=unit())
    told["principals"]["groups"] = DENIED
    state = derive(told)
    (finding,) = judge_rule(RULE, Facts(document={"socket-access": state, "host-role": {"role": "server"}}))
    assert isinstance(state, Hole) and finding["result"] == "error"


@pytest.mark.parametrize("part", ["new_users", "cloud_init", "sysusers", "units"])
@pytest.mark.parametrize("hidden", [DENIED, {"x": DENIED}, incomplete({}, DENIED)])
def test_what_else_may_give_the_group_is_left_open(part: str, hidden: Any) -> None:
    told = engine_group(grants={part: hidden})
    assert isinstance(told["auto_grants"], OpenObject) and told["auto_grants"] == {}
    assert isinstance(told["members"], OpenArray) is (part == "units")
