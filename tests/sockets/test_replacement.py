"""Who can take a socket away and put another there, which directory or link lets them, and what a fix can change of it."""

from typing import Any

import pytest
from sockets.access import DOCKER, PEOPLE, acl, derive, facts, group, linked, place, reached, rootless, route, session


def replaceable(told: dict[str, Any], **more: Any) -> Any:
    return reached(told, **more)["replaceable_by"]


def test_root_alone_replaces_what_stands_in_roots_directories() -> None:
    assert replaceable(route()) == {"everyone": False, "users": {}, "ways": []}


def test_who_writes_to_a_directory_or_owns_it_replaces_the_socket() -> None:
    told = route()
    told["parents"]["/run"] = place("0775", 0, 50)
    found = replaceable(told, groups=[group("staff", 50, "cat")])
    assert (set(found["users"]), found["ways"]) == ({"cat"}, ["cat (group staff on /run)"])
    told["parents"]["/run"] = place("0555", 1002)
    assert replaceable(told)["ways"] == ["cat (owner of /run)"]
    told["parents"]["/run"] = place("0777")
    found = replaceable(told)
    assert (found["everyone"], found["ways"]) == (True, ["every local user"])


def test_in_a_sticky_directory_owners_count() -> None:
    told = route("/tmp/x/d.sock", "0600", 1002)
    told["parents"]["/tmp"], told["parents"]["/tmp/x"] = place("1777"), place("0755", 1001)
    found = derive(facts(told))["sockets"]["/tmp/x/d.sock"]["replaceable_by"]
    assert (found["everyone"], found["ways"]) == (False, ["bob (any user on /tmp)", "bob (owner of /tmp/x)"])
    told = route("/tmp/d.sock", "0600", 1002)
    told["parents"]["/tmp"] = place("1777")
    assert derive(facts(told))["sockets"]["/tmp/d.sock"]["replaceable_by"]["ways"] == ["cat (any user on /tmp)"]


def test_in_a_sticky_directory_a_group_does_not_count() -> None:
    told = route("/srv/d.sock", "0600")
    told["parents"]["/srv"] = place("1775", 0, 50)
    assert derive(facts(told, processes=[session(1002, 50)]))["sockets"]["/srv/d.sock"]["replaceable_by"]["ways"] == []


def test_links_on_the_way_and_the_directories_they_stand_in_count() -> None:
    told = route(links={"/srv/l/docker.sock": {"target": DOCKER, "uid": 0}})
    told["parents"] |= {"/srv": place(), "/srv/l": place("0755", 1002)}
    assert replaceable(told)["ways"] == ["cat (owner of /srv/l)"]


@pytest.mark.parametrize(
    ("folder", "alone", "cause"),
    [
        (place(), True, None),
        (place("0777"), False, {"mode": "0777", "owner_uid": 0, "writable": True, "everyone": True}),
        (place("0755", 1000), False, {"mode": "0755", "owner": "ann", "writable": False, "everyone": False}),
        (place("0775", 0, 999), False, {"group": "docker", "writable": True, "everyone": False}),
        (place("1777"), True, None),
        (place("0775", acl=acl(7, 5, 7, 5, ("user", 1002, "rwx"))), False, {"writable": True, "everyone": False}),
    ],
)
def test_the_directory_that_lets_a_socket_be_replaced_is_named(folder: Any, alone: bool, cause: Any) -> None:
    told = route("/run/x/d.sock")
    told["parents"]["/run/x"] = folder
    found = derive(facts(told, users=PEOPLE))["sockets"]["/run/x/d.sock"]
    stated = found["replaceable_by"].get("cause")
    assert found["root_only"] is alone and (stated is None) is (cause is None)
    assert cause is None or {"path": "/run/x", "root_only": True, **cause}.items() <= stated.items()


def test_of_several_directories_the_topmost_is_the_cause_and_the_lower_is_not_roots_alone() -> None:
    told = route("/run/x/d.sock")
    told["parents"] |= {"/run": place("0777"), "/run/x": place("0777")}
    found = derive(facts(told, users=PEOPLE))["sockets"]["/run/x/d.sock"]
    assert (found["replaceable_by"]["cause"]["path"], found["replaceable_by"]["cause"]["root_only"]) == ("/run", True)


def test_a_capability_is_no_fault_of_a_directory() -> None:
    process = session(1002, dac_override=True, mapped_uids=[[0, 4294967295]], mapped_gids=[[0, 4294967295]])
    found = reached(route(), users=PEOPLE, processes=[process])
    assert "cat" in found["replaceable_by"]["users"] and "cause" not in found["replaceable_by"] and found["root_only"] is True


def test_of_a_users_socket_root_pastes_nothing() -> None:
    found = derive(facts(homes=[rootless(folder="0777")], users=PEOPLE))["user_sockets"]["/run/user/1000/docker.sock"]
    assert found["root_only"] is False and found["replaceable_by"]["cause"]["owner"] == "ann"


def test_a_path_that_is_a_link_says_whether_root_alone_can_change_it() -> None:
    told = route("/srv/docker.sock", links={DOCKER: {"target": "/srv/docker.sock", "uid": 0}})
    told["parents"]["/run"] = place()
    made = facts(users=PEOPLE)
    made["sockets"]["sockets"] = {DOCKER: told}
    assert derive(made)["sockets"][DOCKER]["link"] == {"root_only": True, "removable": False}
    assert reached(route(), users=PEOPLE)["link"] == {}


@pytest.mark.parametrize(
    ("folder", "uid", "mode", "personal", "sticky"),
    [
        ("/run/user/1000", 1000, "0700", True, False),
        ("/home/ann", 1000, "0755", True, False),
        ("/home/ann/run", 1000, "0755", True, False),
        ("/data/home/ann", 1000, "0755", True, False),
        ("/srv/d", 1000, "0755", False, False),
        ("/srv/d", 0, "0777", False, False),
        ("/tmp", 0, "1777", False, True),
    ],
)
def test_a_directory_that_a_user_lives_in_and_one_that_is_shared_are_told_from_those_that_root_can_close(
    folder: str, uid: int, mode: str, personal: bool, sticky: bool
) -> None:
    cause = linked(folder, uid, mode)["replaceable_by"]["cause"]
    assert (cause["path"], cause["personal"], cause["sticky"]) == (folder, personal, sticky)


@pytest.mark.parametrize(("listener", "more", "removable"), [(1000, {}, True), (0, {}, False), (0, {"type": "dangling", "listening": False}, True)])
def test_a_link_can_be_removed_where_no_engine_of_roots_needs_it(listener: int, more: Any, removable: bool) -> None:
    assert linked("/home/ann", 1000, listener=listener, **more)["link"] == {"root_only": True, "removable": removable}
