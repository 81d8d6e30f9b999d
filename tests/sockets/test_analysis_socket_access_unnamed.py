"""What socket-access says of sockets that have no permissions."""

from typing import Any

from sockets.access import DENIED, DOCKER, derive, facts, route, whys

from hostcheck.model import Hole, OpenObject, incomplete

NAME = "@/run/docker.sock"
OWN = {"engine": "docker", "network": "own", "connections": {}}
OTHER = {"engine": "docker", "network": "other", "connections": {}}


def unnamed(entry: Any, **more: Any) -> Any:
    return derive(facts(abstract={NAME: entry}, **more))["sockets"][NAME]


def test_an_abstract_socket_of_roots_engine_is_open_to_everyone() -> None:
    told = unnamed(OWN)
    assert (told["scope"], told["type"], told["listening"], told["owner"], told["everyone"]) == ("rootful", "abstract", True, "root", True)
    assert list(told["reached_by"]) == ["every local user"]
    assert set(told["users"]) == {"ann", "bob", "cat", "svc"} and whys(told)["cat"] == ["any user"]
    assert (told["acl_grants"], told["replaceable_by"]["everyone"], told["replaceable_by"]["users"], told["machine"]) == ([], False, {}, "none")


def test_both_kinds_stand_together_and_what_opens_either_opens_all() -> None:
    told = derive(facts(route(), abstract={NAME: OWN}))["sockets"]
    assert set(told) == {DOCKER, NAME} and not isinstance(told, OpenObject)
    for hidden in (DENIED, incomplete({NAME: OWN}, DENIED)):
        told = derive(facts(route(), abstract=hidden))["sockets"]
        assert DOCKER in told and isinstance(told, OpenObject)
    told = derive(facts(route(), abstract={NAME: DENIED}))["sockets"]
    assert isinstance(told.get(NAME), Hole) and told[DOCKER]["everyone"] is False
