"""Whoever may execute a setgid program has its group."""

from typing import Any

from sockets.access import DENIED, DOCKER, acl, derive, facts, place, route, whys

from hostcheck.model import Hole, OpenObject, incomplete
from hostcheck_builtin.sockets import setgid_ways

__all__ = ["setgid_ways"]
WAY = "group docker from setgid file /home/ann/dg"


def program(mode: str = "2755", home: str = "0755", gid: int = 999, **more: Any) -> dict[str, Any]:
    told = {**route("/home/ann/dg", mode, 1000, gid), "type": "file", **more}
    told["parents"]["/home/ann"] = place(home, uid=1000)
    return {key: told[key] for key in ("realpath", "type", "dev", "ino", "owner_uid", "owner_gid", "mode", "acl", "links", "parents")}


def who(setgid: Any, **more: Any) -> Any:
    return derive(facts(route(), groups=[{"name": "docker", "gid": 999, "members": [], "password": False}], users=USERS, setgid=setgid, **more))


USERS = [{"name": name, "uid": uid, "gid": uid, "home": f"/home/{name}", "shell": "/bin/sh"} for name, uid in (("root", 0), ("ann", 1000), ("cat", 1002))]


def reached(one: dict[str, Any], **more: Any) -> Any:
    return whys(who({one["realpath"]: one}, **more)["sockets"][DOCKER])


def test_everybody_who_may_execute_it_has_its_group() -> None:
    assert reached(program()) == {"ann": [WAY], "cat": [WAY]}
    assert reached(program(home="0700")) == {"ann": [WAY]}
    assert reached(program(mode="2650")) == {}
    assert reached(program(mode="2750", acl=acl(7, 0, 5, 0, ("user", 1002, "r-x")))) == {"ann": [WAY], "cat": [WAY]}
    assert reached(program(gid=50)) == {}


def test_its_way_names_the_file_for_the_fix() -> None:
    told = who({"/home/ann/dg": program(home="0700")})
    assert told["sockets"][DOCKER]["reasons"][f"ann ({WAY})"]["place"] == "/home/ann/dg"
    assert set(told["engine_groups"]["docker"]["members"]) == {"ann"}


def test_of_a_group_that_everybody_has_everybody_is_one_member() -> None:
    for mode, gid in (("2755", 999), ("2755", 50), ("2705", 999), ("2750", 999)):
        groups = [{"name": name, "gid": number, "members": ["ann"], "password": False} for name, number in (("docker", 999), ("staff", 50))]
        told = derive(facts(route(), groups=groups, users=USERS, setgid={"/home/ann/dg": program(mode=mode, gid=gid)}))["groups"]
        one = told["docker" if gid == 999 else "staff"]
        if mode == "2755":
            assert set(one["members"]) == {"ann", "every local user"}
            (reason,) = (one for words, one in one["reasons"].items() if words.startswith("every local user ("))
            assert reason["place"] == "/home/ann/dg" and reason["name"] == ""
        else:
            assert "every local user" not in one["members"]
            assert set(one["members"]) == ({"ann", "cat"} if mode == "2705" else {"ann"})


def test_what_is_not_known_of_programs_leaves_groups_open() -> None:
    for setgid in (DENIED, incomplete({}, DENIED), {"/home/ann/dg": DENIED}):
        users = who(setgid)["sockets"][DOCKER]["users"]
        assert isinstance(users, OpenObject | Hole)
    assert not isinstance(who({})["sockets"][DOCKER]["users"], OpenObject)
