"""Who can connect is told once for every format: each way of each user, everybody in one line, and that there may be others."""

from typing import Any

import pytest

from hostcheck_builtin.formats.who_connects import listening

ANN = {"uid": 1000, "name": "ann", "why": ["any user", "group docker"]}
BOB = {"uid": 1001, "name": "bob", "why": ["any user"]}
DOCKER = {"engine": "docker", "scope": "rootful", "everyone": False, "listening": True, "users": {"ann": ANN, "bob": BOB}}


def people(section: dict[str, Any]) -> list[str]:
    (socket,) = listening(section)
    return [f"{person['kind']} {person['name']}: {person['ways']}" for person in socket["people"]]


def section(holes: tuple[str, ...] = (), kind: str = "sockets", **changes: Any) -> dict[str, Any]:
    noted = [{"pointer": pointer, "kind": "members", "why": "denied", "message": "no"} for pointer in holes]
    return {kind: {"/run/a~b.sock": {**DOCKER, **changes}}, "holes": noted}


def test_each_user_has_its_ways() -> None:
    assert people(section()) == ["user ann: any user, group docker", "user bob: any user"]
    (socket,) = listening(section())
    assert (socket["path"], socket["engine"], socket["scope"], socket["is_of_user"]) == ("/run/a~b.sock", "docker", "rootful", False)


def test_an_engine_that_is_not_known_has_no_name_and_no_other_ones() -> None:
    unknown = section()
    del unknown["sockets"]["/run/a~b.sock"]["engine"]
    (socket,) = listening(unknown)
    assert (socket["engine"], socket["scope"]) == ("", "rootful")


def test_of_whom_it_is_not_known_is_named() -> None:
    found = people(section(("/sockets/~1run~1a~0b.sock/users/cat~1x", "/sockets/~1run~1a~0b.sock/users/ann/why")))
    assert found == ["user ann: any user, group docker", "user bob: any user", "unseen perhaps cat/x: not known: denied: no"]


def test_what_everybody_has_is_said_once() -> None:
    assert people(section(everyone=True)) == ["everyone every local user: no group is needed", "user ann: group docker"]


def test_of_a_users_socket_its_owner_is_left_out() -> None:
    assert people(section(kind="user_sockets", users_other_than_owner={"bob": BOB})) == ["user bob: any user"]


@pytest.mark.parametrize("pointer", ["", "/everyone", "/users"])
def test_that_there_may_be_others_is_said(pointer: str) -> None:
    found = people(section((f"/sockets/~1run~1a~0b.sock{pointer}", "/sockets/~1run~1other.sock")))
    assert found[-1] == "unseen perhaps others: not known: denied: no" and len(found) == 3


def test_where_nobody_listens_nobody_connects_and_where_that_is_not_known_somebody_may() -> None:
    assert list(listening(section(listening=False))) == [] and list(listening({"holes": []})) == []
    unknown = section()
    del unknown["sockets"]["/run/a~b.sock"]["listening"]
    assert len(list(listening(unknown))) == 1
