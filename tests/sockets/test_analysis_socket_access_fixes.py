"""What a fix has to name: which entry gives somebody access, which directory lets a socket be replaced, and where root's command would be led astray."""

from typing import Any

import pytest
from sockets.access import CONF, DENIED, DOCKER, PEOPLE, acl, derive, facts, group, linked, logins, place, reached, route, rule, session

from hostcheck.model import OpenObject, incomplete
from hostcheck_builtin.accounts.ways import OUT_OF_REACH
from hostcheck_builtin.groups.stale_sessions import NONE


def one(words: str, **more: Any) -> Any:
    access = reached(route(), users=more.pop("users", PEOPLE), groups=more.pop("groups", [group("docker", 999, "ann"), group("users", 100)]), **more)
    assert list(access["reached_by"]) == list(access["reasons"])
    return access["reasons"][words]


def test_a_line_of_the_group_file_is_one_that_gpasswd_finds() -> None:
    assert one("ann (group docker)") == {
        "kind": "member",
        "name": "ann",
        "uid": 1000,
        "called": "",
        "inside": "",
        "group": "docker",
        "for_engines": True,
        "engine": "docker",
    }


def test_a_member_by_another_line_with_the_gid_is_one_of_that_line() -> None:
    told = one("ann (group dkr, same gid as docker)", groups=[group("docker", 999), group("dkr", 999, "ann")])
    assert (told["kind"], told["group"]) == ("member", "dkr")


def test_a_member_by_the_name_service_is_no_member_of_the_file() -> None:
    nss = {"users": {}, "groups": {"docker": {"name": "docker", "gid": 999, "members": ["cat"]}}, "memberships": {}}
    told = one("cat (group docker of the name service)", nss=nss)
    assert told["kind"] == "elsewhere" and "name service" in told["place"]


@pytest.mark.parametrize(
    ("groups", "instead"),
    [
        ([group("docker", 999), group("users", 100)], "users"),
        ([group("docker", 999), group("bob", 1001), group("users", 100)], "bob"),
        ([group("docker", 999), group("bob", 999)], ""),
        ([group("docker", 999), group("users", 0)], ""),
    ],
)
def test_of_a_primary_group_another_is_named_that_exists(groups: Any, instead: str) -> None:
    told = one("bob (primary group docker)", groups=groups)
    assert (told["kind"], told["new_group"]) == ("primary", instead)


def test_an_entry_of_an_acl_is_told_as_setfacl_takes_it() -> None:
    entries = acl(6, 0, 6, 0, ("user", 1002, "rw-"), ("user", 4444, "rw-"), ("group", 50, "rw-"))
    access = reached(route(gid=0, acl=entries), users=PEOPLE, groups=[group("staff", 50, "ann")])
    told = {words: (one["entry"], one["place"], one["root_only"]) for words, one in access["reasons"].items()}
    assert told == {
        "ann (ACL entry group:staff)": ("g:staff", DOCKER, True),
        "cat (ACL entry user:cat)": ("u:cat", DOCKER, True),
        "uid 4444 (ACL entry user:uid 4444)": ("u:4444", DOCKER, True),
    }
    assert {one["entry"] for one in access["acl_entries"].values()} == {"u:cat", "u:4444", "g:staff"}


def test_what_gives_a_group_at_a_login_or_to_a_service_is_named_with_its_place() -> None:
    assert one(f"cat (group docker from pam_group at su, {CONF}:1)", grants=logins(rule()))["place"] == f"{CONF}:1"
    units = {"x.service": {"user": "cat", "dynamic": False, "groups": ["docker"]}}
    assert one("cat (group docker from unit x.service)", grants={"units": units})["place"] == "unit x.service"


def test_a_password_of_the_group_is_one_reason_for_all() -> None:
    access = reached(route(), users=PEOPLE, groups=[group("docker", 999, password=True)])
    assert set(access["reasons"]) == {"bob (primary group docker)", "every user who knows the password of group docker"}
    assert set(access["users"]) == {"ann", "bob", "cat"}


def test_processes_are_named_with_whose_they_are() -> None:
    connections = {"1000": {"uid": 1000, "pid": 9}}
    access = reached(route(connections=connections), users=PEOPLE, processes=[session(1002, 999, pids=[7, 8], count=2)])
    assert {words for words in access["reasons"] if "process" in words} == {"ann (open connection, process 9)", "cat (process 7 and 1 more have group docker)"}
    assert access["processes"] == {
        key: {"pid": int(key[0]), "name": key[5:], "uid": uid, "member": False, "keeps": True, "container": NONE}
        for key, uid in (("7 of cat", 1002), ("8 of cat", 1002), ("9 of ann", 1000))
    }
    unknown = reached(route(), users=PEOPLE, processes=[session(1002, 999, pids=DENIED)])
    assert isinstance(unknown["reasons"], OpenObject) and isinstance(unknown["processes"], OpenObject) and "cat" in unknown["users"]


def test_a_process_in_a_container_is_told_with_the_container_and_its_image() -> None:
    seen = {"count": 1, "pids": [77], "host_paths": ["/run"], "traceable": False}
    inside = session(5555, 999, count=0, pids=[], host=False, containers={"docker:0123456789ab": seen})
    web = {"id": "0123456789ab" + "c" * 52, "image": "nginx:1"}
    told = facts(route(), users=PEOPLE, processes=[inside])
    for containers, said in (
        ({"docker:web": web}, " in container docker:web (nginx:1)"),
        ({"docker:other": {**web, "id": "f" * 64}}, " in container docker:0123456789ab"),
        ({"docker:web": {**web, "image": DENIED}}, DENIED),
        (incomplete({}, DENIED), DENIED),
    ):
        access = derive({**told, "containers": {"containers": containers}})["sockets"]["/run/docker.sock"]
        assert access["reasons"][f"uid 5555 (process 77 has group docker{OUT_OF_REACH})"]["inside"] == said
        assert access["processes"]["77 of uid 5555"]["container"] == {"engine": "docker", "id": "0123456789ab"}
    where = dict.fromkeys(("count", "pids", "host_paths", "host_mounts", "user_mounts"), DENIED)
    unknown = reached(route(), users=PEOPLE, processes=[session(5555, 999, containers=incomplete({}, DENIED), **where)])
    assert isinstance(unknown["reasons"], OpenObject) and set(unknown["reasons"]) == {"ann (group docker)", "bob (primary group docker)"}


def test_only_the_container_that_has_the_socket_is_told_of_those_with_the_same_credentials() -> None:
    each = {"docker:0123456789ab": ["/run"], "docker:ba9876543210": ["/srv"], "podman:ba9876543210": []}
    containers = {key: {"count": 1, "pids": [70 + at], "host_paths": paths, "traceable": True} for at, (key, paths) in enumerate(each.items())}
    access = reached(route(), users=PEOPLE, processes=[session(5555, 999, count=0, pids=[], host=False, containers=containers)])
    assert {words for words in access["reasons"] if "process" in words} == {f"uid 5555 (process 70 has group docker{OUT_OF_REACH})"}
    assert set(access["processes"]) == {"70 of uid 5555"}


def test_that_processes_of_a_member_have_the_group_is_not_said_beside_the_membership() -> None:
    groups = [group("docker", 999, "ann"), group("kvm", 36)]
    access = reached(route(), users=PEOPLE, groups=groups, processes=[session(1000, 999, pids=[7]), session(1002, 999, pids=[8]), session(1001, 36, pids=[9])])
    assert set(access["reasons"]) == {"ann (group docker)", "bob (primary group docker)", "cat (process 8 has group docker)"}
    assert {key: one["member"] for key, one in access["processes"].items()} == {"7 of ann": True, "8 of cat": False}


def test_what_everybody_can_is_one_reason() -> None:
    access = reached(route(mode="0666"), users=PEOPLE)
    assert access["reasons"]["every local user"]["kind"] == "other" and not any("any user" in words for words in access["reasons"])


def test_another_group_with_the_gid_can_have_one_that_nobody_has() -> None:
    told = derive(facts(route(), users=PEOPLE, groups=[group("docker", 999), group("dkr", 999), group("ann", 1000)]))["engine_groups"]["docker"]["grants"]
    (grant,) = told.values()
    assert (grant["other"], grant["free_gid"], grant["alone"]) == ("dkr", 1003, True)


def test_of_several_groups_with_the_gid_each_can_have_another() -> None:
    groups = [group("docker", 999), group("aa", 999), group("zz", 999), group("ann", 1000)]
    told = derive(facts(route(), users=PEOPLE, groups=groups))["engine_groups"]["docker"]["grants"]
    assert {one["other"]: one["free_gid"] for one in told.values()} == {"aa": 1003, "zz": 1004}


def test_of_a_unit_it_is_told_whether_it_sets_other_groups_too() -> None:
    units = {name: {"user": "cat", "dynamic": False, "groups": groups} for name, groups in (("x.service", ["docker"]), ("y.service", ["docker", "users"]))}
    told = derive(facts(route(), users=PEOPLE, grants={"units": units}))["engine_groups"]["docker"]["grants"]
    assert {one["place"]: one["alone"] for one in told.values()} == {"x.service": True, "y.service": False}


def test_of_an_owner_it_is_told_whether_the_directory_is_a_home() -> None:
    reasons = linked("/home/ann", 1000, listener=0)["reasons"]
    assert [(one["place"], one["personal"]) for one in reasons.values() if one["kind"] == "owner"] == [("/home/ann", True)]
    owned = reached(route(uid=1000), users=PEOPLE)["reasons"]
    assert [one["personal"] for one in owned.values() if one["kind"] == "owner"] == [False]


def test_a_group_that_gives_more_than_an_engine_is_told_with_what_it_opens() -> None:
    told = route(gid=27)
    told["parents"]["/run"] = place("0710", 0, 100)
    access = reached(told, users=PEOPLE, groups=[group("sudo", 27, "ann"), group("users", 100, "ann")])
    assert {words: (one["group"], one["socket"], one["root_only"], list(one["users"])) for words, one in access["group_grants"].items()} == {
        "group users on /run": ("users", False, True, ["ann"]),
        "group sudo on /run/docker.sock": ("sudo", True, True, ["ann"]),
    }
    assert not any(one["for_engines"] for one in (*access["group_grants"].values(), *access["reasons"].values()))
    access = reached(route(), users=PEOPLE, groups=[group("docker", 999, "ann")])
    assert all(one["for_engines"] for one in (*access["group_grants"].values(), *access["reasons"].values()))
    assert reached(route(mode="0666"), users=PEOPLE)["group_grants"] == {}


@pytest.mark.parametrize(("administrators", "alone"), [(["cat"], [True]), (["cat", "ann"], [False, False])])
def test_of_an_administrator_it_is_told_whether_the_group_has_others(administrators: list[str], alone: list[bool]) -> None:
    """To take one away with gpasswd takes all away."""
    gshadow = {"docker": {"name": "docker", "password": False, "administrators": administrators, "members": []}}
    reasons = reached(route(), users=PEOPLE, groups=[group("docker", 999)], gshadow=gshadow)["reasons"]
    assert [one["alone"] for one in reasons.values() if one["kind"] == "administrator"] == alone


def test_a_session_of_an_administrator_need_not_end_for_a_socket_that_gets_another_group() -> None:
    groups, processes = [group("sudo", 27, "ann")], [session(1000, 27, pids=[7]), session(1002, 27, pids=[8])]
    told = reached(route(gid=27, connections={"1002": {"uid": 1002, "pid": 8}}), users=PEOPLE, groups=groups, processes=processes)["processes"]
    assert {words: one["keeps"] for words, one in told.items()} == {"7 of ann": False, "8 of cat": True}
    network = {"engine": "docker", "network": "other", "connections": {"1002": {"uid": 1002, "pid": 8}}, "uids": []}
    told = derive(facts(abstract={"@d": network}, users=PEOPLE))["sockets"]["@d"]["processes"]
    assert told["8 of cat"]["keeps"] is True
