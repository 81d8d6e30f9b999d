"""What each user runs and reaches, and what keeps limits from holding; what one user plants says nothing of another."""

from copy import deepcopy
from typing import Any

import pytest
from engines.scope_facts import ANNS, DENIED, DOCKER, WHOLE, clients, derive, docker, facts, process, reach, user

from hostcheck.model import Hole, OpenArray, OpenObject, Why, incomplete
from hostcheck.view import View
from hostcheck_builtin.engines import analysis_engine_scope


def test_a_user_who_has_both_is_told_both() -> None:
    told = derive(facts({DOCKER: docker()}, {ANNS: docker("name=rootless", uid=1000)}, reached={DOCKER: reach(1000, 1001)}))["users"]
    assert (told["ann"]["rootless"], told["ann"]["rootful_sockets"], told["ann"]["rootful_docker"]) == ({"docker": [ANNS]}, [DOCKER], [DOCKER])
    assert (told["bob"]["rootless"], told["bob"]["rootful_sockets"]) == ({}, [DOCKER])


@pytest.mark.parametrize("reached", [reach(1000, scope="rootless"), reach(1000, listening=False), reach(1000, engine="libvirt"), reach()])
def test_who_reaches_no_engine_of_roots_is_no_subject(reached: Any) -> None:
    assert derive(facts(reached={DOCKER: reached}))["users"] == {}


def test_podman_without_a_socket_shows_by_its_processes() -> None:
    program = {"/usr/bin/conmon": {"engine": "podman", "root_owned": True}, "/usr/bin/rootlesskit": {"engine": "rootlesskit", "root_owned": True}}
    told = derive(facts(programs={"1001": program, "1000": {"/usr/bin/rootlesskit": program["/usr/bin/rootlesskit"]}}))
    assert {name: one["rootless"] for name, one in told["users"].items()} == {"bob": {"podman": ["/usr/bin/conmon"]}}


def test_what_a_user_plants_says_something_of_that_user_alone() -> None:
    """Bob's socket claims to be root's, remapped, another's; his process is called dockerd."""
    sound = facts({DOCKER: docker()}, {ANNS: docker("name=rootless", uid=1000)}, reached={DOCKER: reach(1000)})
    before = derive(sound)
    path = "/run/user/1001/docker.sock"
    for planted in (
        docker(uid=1001),
        docker("name=userns", uid=1001, root="/x/9.9"),
        docker("name=rootless", uid=1001),
        docker(uid=1001, info=DENIED),
        docker("name=rootless", uid=1001, owner=1001, process=process(WHOLE)),
    ):
        told = deepcopy(sound)
        told["user-engines"] = {
            "sockets": {ANNS: sound["user-engines"]["sockets"][ANNS], path: planted},
            "programs": {"1001": {"/home/bob/dockerd": {"engine": "docker", "root_owned": False}}},
        }
        after = derive(told)
        for name in ("sockets", "rootful_docker"):
            assert after[name] == before[name]
        assert (after["user_sockets"][ANNS], after["users"]["ann"]) == (before["user_sockets"][ANNS], before["users"]["ann"])
        assert set(after["users"]) == {"ann", "bob"} and not isinstance(after["users"], OpenObject)


def test_what_was_refused_is_not_hidden_behind_what_cannot_be_answered() -> None:
    silent = docker(uid=1000, engine=Hole(why=Why.UNSUPPORTED, message="answered 404"))
    for change in ({"reached": DENIED}, {"reached": incomplete({}, DENIED)}):
        told = derive(facts(users={ANNS: silent}, **change))["users"]["ann"]
        assert isinstance(told, Hole) and told.why is Why.DENIED
    told = derive(facts(users={ANNS: silent}, programs={"1000": DENIED}))["users"]["ann"]
    assert isinstance(told, Hole) and told.why is Why.DENIED


def test_a_user_whose_engine_cannot_be_asked_is_not_known_and_nobody_else() -> None:
    told = derive(facts(users={ANNS: docker("name=rootless", uid=1000), "/run/user/1001/docker.sock": docker(uid=1001, info=DENIED)}))
    assert told["users"]["ann"]["rootless"] == {"docker": [ANNS]}
    assert isinstance(told["users"]["bob"], Hole)
    assert isinstance(told["rootless_users"]["bob"], Hole) and told["rootless_users"]["ann"] == {"uid": 1000, "engines": ["docker"]}
    assert not isinstance(told["rootless_users"], OpenObject)


def test_who_may_reach_roots_engine_beside_those_known_leaves_open_no_list_of_who_has_their_own() -> None:
    told = derive(facts(users={ANNS: docker("name=rootless", uid=1000)}, reached=incomplete({}, DENIED)))
    assert isinstance(told["users"], OpenObject) and not isinstance(told["rootless_users"], OpenObject)
    told = derive(facts(users=incomplete({ANNS: docker("name=rootless", uid=1000)}, DENIED), reached={DOCKER: reach(1001)}))["rootless_users"]
    assert isinstance(told, OpenObject) and set(told) == {"ann"}  # what is not known of bob is not known of anybody else either
    silent = docker(uid=1001, info=DENIED)
    told = derive(facts(users={"/run/user/1001/docker.sock": silent}, reached={DOCKER: reach(1001)}))["rootless_users"]
    assert not isinstance(told, OpenObject) and set(told) == {"bob"} and isinstance(told["bob"], Hole)


def test_by_which_ways_a_user_reaches_roots_engine_and_which_of_them_a_line_of_etc_group_gives() -> None:
    ways = reach(1000, 1001)
    fields = {
        "group docker": {"kind": "member", "group": "docker"},
        "process 9 has group docker": {"kind": "process", "group": "docker", "pid": 9},
        "ACL entry user:u1000": {"kind": "acl", "entry": "u:u1000"},
        "any user": {"kind": "other"},
    }
    ways["users"]["u1000"] |= {"why": [*fields], "ways": fields}
    ways["users"]["u1001"] |= {"why": ["group docker"], "via": incomplete(["docker"], DENIED)}
    told = facts(reached={DOCKER: ways})
    told["principals"]["groups"] = {
        name: {"name": name, "gid": gid, "members": ["ann"], "password": False} for name, gid in (("docker", 900), ("sudo", 27))
    }  # sudo gives no socket: it is not to be taken away
    one, other = (derive(told)["users"][name] for name in ("ann", "bob"))
    kept = ["ACL entry user:u1000", "any user"]
    stated = {"engine": "docker", "why": [*fields], "via": ["docker"], "others": kept, "kept": kept, "anybodys": ["any user"]}
    assert one["rootful_access"] == {DOCKER: stated}
    assert one["memberships"] == {"docker": {"login": "ann", "for_engines": True}}
    assert (other["rootful_access"][DOCKER]["others"], other["memberships"]) == ([], {})
    assert isinstance(other["rootful_access"][DOCKER]["others"], OpenArray) and isinstance(other["memberships"], OpenObject)
    told["principals"]["groups"] = {}
    assert derive(told)["users"]["ann"]["rootful_access"][DOCKER]["others"] == ways["users"]["u1000"]["why"]


def test_a_user_whom_no_database_names_has_no_login() -> None:
    path = "/run/user/1009/docker.sock"
    told = derive(facts(users={path: docker("name=rootless", uid=1009)}))
    assert [told["users"]["uid 1009"][fact] for fact in ("who", "login")] == ["uid 1009", ""]
    assert [told["user_sockets"][path][fact] for fact in ("who", "login", "home")] == ["uid 1009", "", ""]
    mine = derive(facts(users={ANNS: docker("name=rootless", uid=1000)}))["user_sockets"][ANNS]
    assert [mine[fact] for fact in ("who", "login", "home")] == ["ann (uid 1000)", "ann", "/home/ann"]


def test_of_many_users_each_has_an_own_engine_and_way_to_roots() -> None:
    count = 300
    names = {f"u{uid}": uid for uid in range(10000, 10000 + count)}
    people = {name: user(name, uid) for name, uid in names.items()}
    groups = {name: {"name": name, "gid": uid, "members": [], "password": False} for name, uid in names.items()}
    told = facts(
        {DOCKER: docker()},
        {f"/run/user/{uid}/docker.sock": docker("name=rootless", uid=uid) for uid in names.values()},
        reached={DOCKER: reach(*names.values())},
        nss={"users": people, "groups": {}, "memberships": {}},
        principals={
            "users": people,
            "groups": {**groups, "docker": {"name": "docker", "gid": 900, "members": list(names), "password": False}},
            "gshadow": {},
            "processes": {},
        },
    )
    told["user-clients"] = {"users": {}, "everybody": {}, "enabled": [], "lingering": list(names)}
    view = View(told)
    stated: Any = analysis_engine_scope.derive(view, {})
    last = stated["users"][f"u{9999 + count}"]
    assert (last["memberships"], last["lingers"], len(stated["users"])) == ({"docker": {"login": f"u{9999 + count}", "for_engines": True}}, True, count)


@pytest.mark.parametrize("fact", ["groups", "lingering"])
def test_a_list_with_a_part_that_is_not_known_says_nothing_of_who_is_not_in_the_rest(fact: str) -> None:
    told = facts(reached={DOCKER: reach(1000, 1001)})
    told["principals"]["groups"] = {"docker": {"name": "docker", "gid": 900, "members": ["ann"], "password": False}}
    told["user-clients"] = clients(lingering=["ann"])
    if fact == "groups":
        told["principals"]["groups"] = incomplete(told["principals"]["groups"], DENIED)
    else:
        told["user-clients"]["lingering"] = incomplete(["ann"], DENIED)
    ann, bob = (derive(told)["users"][name] for name in ("ann", "bob"))
    assert ann["memberships"] == {"docker": {"login": "ann", "for_engines": True}} and ann["lingers"] is True
    assert isinstance(bob["memberships"], OpenObject) == (fact != "lingering") and bob["memberships"] == {}
    assert isinstance(bob["lingers"], Hole) == (fact == "lingering")


def test_a_group_that_gives_more_than_engines_is_told_from_one_that_is_made_for_them() -> None:
    ways = reach(1000)
    ways["users"]["u1000"] |= {"why": ["group sudo", "group docker"], "via": ["sudo", "docker"]}
    told = facts(reached={DOCKER: ways})
    told["principals"]["groups"] = {
        name: {"name": name, "gid": gid, "members": ["ann"], "password": False} for name, gid in (("docker", 900), ("sudo", 27), ("users", 100))
    }
    assert {key: one["for_engines"] for key, one in derive(told)["users"]["ann"]["memberships"].items()} == {"docker": True, "sudo": False}


def test_whether_a_user_reaches_root_may_not_be_known_of_that_user_alone() -> None:
    told = reach(1000)
    told["users"] = {"ann": told["users"]["u1000"], "bob": DENIED}
    found = derive(facts({DOCKER: docker()}, reached={DOCKER: told}))
    assert found["users"]["bob"] == DENIED and found["users"]["ann"]["rootful_sockets"] == [DOCKER] and not isinstance(found["users"], OpenObject)
    assert found["rootless_users"] == {}
    own = derive(facts({DOCKER: docker()}, {ANNS: docker("name=rootless", uid=1000)}, reached={DOCKER: {**told, "users": {"ann": DENIED}}}))["users"]["ann"]
    assert own["rootless"] == {"docker": [ANNS]} and isinstance(own["rootful_sockets"], OpenArray)
