"""What has to be got to connect to a socket and to replace it, by the state of its way."""

from typing import Any

import pytest
from sockets.access import DENIED, DOCKER, acl, reached, route, whys
from sockets.test_analysis_socket_access_unnamed import OTHER, unnamed

from hostcheck.model import Hole, HoleError, OpenObject, Why, incomplete
from hostcheck.view import View
from hostcheck_builtin.accounts import path_routes
from hostcheck_builtin.accounts.people import People
from hostcheck_builtin.sockets import requirements

CAT = {"1002": {"uid": 1002, "pid": 77}}


def test_one_in_another_network_namespace_is_open_to_who_is_in_it() -> None:
    told = unnamed({**OTHER, "uids": [1002, 7000]})
    assert told["everyone"] is False and whys(told) == {"cat": ["process in its network namespace"], "uid 7000": ["process in its network namespace"]}
    assert whys(unnamed({**OTHER, "uids": []})) == {}
    hidden = unnamed({**OTHER, "uids": DENIED})
    assert hidden["everyone"] is False and isinstance(hidden["users"], OpenObject)


def test_who_holds_a_connection_needs_no_right_any_more() -> None:
    assert whys(reached(route(mode="0600", gid=0))) == {}
    told = reached(route(mode="0600", gid=0, connections=CAT))
    assert whys(told) == {"cat": ["open connection, process 77"]} and list(told["reached_by"]) == ["cat (open connection, process 77)"]
    assert set(told["users_other_than_owner"]) == {"cat"} and told["everyone"] is False
    assert list(told["users"]["cat"]["via"]) == []
    assert whys(reached(route(connections={"1000": {"uid": 1000, "pid": 3}})))["ann"] == ["group docker", "open connection, process 3"]
    assert whys(reached(route(mode="0600", gid=0, connections={"9999": {"uid": 9999, "pid": 3}}))) == {"uid 9999": ["open connection, process 3"]}
    assert whys(unnamed({**OTHER, "uids": [], "connections": CAT})) == {"cat": ["open connection, process 77"]}


@pytest.mark.parametrize("connections", [DENIED, incomplete(CAT, DENIED), incomplete({}, DENIED)])
def test_connections_that_are_not_known_may_be_anybodys(connections: Any) -> None:
    told = reached(route(mode="0600", gid=0, connections=connections))
    assert isinstance(told["users"], OpenObject) and isinstance(told["users_other_than_owner"], OpenObject)
    assert ("cat" in told["users"].keys()) is (connections is not DENIED and bool(connections))


def test_a_socket_obeys_who_listens_else_who_owns_it() -> None:
    assert requirements.obeyed(View(route(uid=5))) == 0
    assert requirements.obeyed(View({key: one for key, one in route(uid=5).items() if key != "peer"})) == 5
    with pytest.raises(HoleError):
        requirements.obeyed(View(route(peer=DENIED)))


def test_entries_of_an_acl_are_named_where_they_give_what_the_modes_do_not() -> None:
    named = acl(6, 0, 6, 0, ("user", 1002, "rw-"), ("user", 0, "rw-"), ("group", 50, "rwx"), ("group", 7, "r--"))
    people = People()
    told = requirements.acl_entries(people, View(route(mode="0660", acl=named)))
    assert told == {"user:uid 1002:rw- on /run/docker.sock": ("u:1002", DOCKER), "group:gid 50:rw- on /run/docker.sock": ("g:50", DOCKER)}
    assert requirements.acl_entries(people, View(route(mode="0662", acl=named))) == {}
    assert requirements.acl_entries(people, View(route(type="absent", acl=named))) == {}


def test_of_a_way_that_is_known_in_part_that_part_counts() -> None:
    hole = Hole(why=Why.LIMIT, message="much")
    folders = {"/": {"uid": 0, "gid": 0, "mode": "0755", "acl": []}, "/a": {"uid": 7, "gid": 0, "mode": "0755", "acl": []}}
    unknown = dict.fromkeys(("type", "realpath", "owner_uid", "owner_gid", "mode", "acl"), hole)
    socket = View({**unknown, "links": incomplete({}, hole), "parents": incomplete(folders, hole)})
    assert [route.path for route in path_routes.replacing(socket)] == ["/", "/a"] and requirements.exposed(socket) == {"/a"}
    assert path_routes.stopped(socket) == hole
    with pytest.raises(HoleError):
        requirements.takings(None, socket)  # type: ignore[arg-type]
