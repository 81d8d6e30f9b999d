"""What has to be got to connect to a socket and to replace it, by the state of its way."""

from typing import Any

import pytest
from sockets.access import DENIED, reached, route, whys
from sockets.test_analysis_socket_access_unnamed import OTHER, unnamed

from hostcheck.model import OpenObject, incomplete

CAT = {"1002": {"uid": 1002, "pid": 77}}


def test_one_in_another_network_namespace_is_open_to_who_is_in_it() -> None:
    told = unnamed({**OTHER, "uids": [1002, 7000]})
    assert told["everyone"] is False and whys(told) == {"cat": ["a process in its network namespace"], "uid 7000": ["a process in its network namespace"]}
    assert whys(unnamed({**OTHER, "uids": []})) == {}
    hidden = unnamed({**OTHER, "uids": DENIED})
    assert hidden["everyone"] is False and isinstance(hidden["users"], OpenObject)


def test_who_holds_a_connection_needs_no_right_any_more() -> None:
    assert whys(reached(route(mode="0600", gid=0))) == {}
    told = reached(route(mode="0600", gid=0, connections=CAT))
    assert whys(told) == {"cat": ["an open connection"]} and list(told["reached_by"]) == ["cat by an open connection"]
    assert set(told["users_other_than_owner"]) == {"cat"} and told["everyone"] is False
    assert list(told["users"]["cat"]["via"]) == []
    assert whys(reached(route(connections={"1000": {"uid": 1000, "pid": 3}})))["ann"] == ["group docker", "an open connection"]
    assert whys(reached(route(mode="0600", gid=0, connections={"9999": {"uid": 9999, "pid": 3}}))) == {"uid 9999": ["an open connection"]}
    assert whys(unnamed({**OTHER, "uids": [], "connections": CAT})) == {"cat": ["an open connection"]}


@pytest.mark.parametrize("connections", [DENIED, incomplete(CAT, DENIED), incomplete({}, DENIED)])
def test_connections_that_are_not_known_may_be_anybodys(connections: Any) -> None:
    told = reached(route(mode="0600", gid=0, connections=connections))
    assert isinstance(told["users"], OpenObject) and isinstance(told["users_other_than_owner"], OpenObject)
    assert ("cat" in told["users"].keys()) is (connections is not DENIED and bool(connections))
