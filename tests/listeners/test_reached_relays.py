"""Who reaches an engine through a relay: on TCP by its address, at a path by owner, mode and ACL."""

from typing import Any

import pytest
from listeners.remote_facts import DENIED, DOCKER, derive, directory, facts, on_path, on_tcp
from sockets import access

from hostcheck.model import Hole, OpenObject, incomplete

PATH = "/run/relay.sock"


def relays(**more: Any) -> Any:
    return derive(facts(**more))["relays"]


def test_on_tcp() -> None:
    assert relays(tcp={"0.0.0.0:24000": on_tcp()}) == {
        "0.0.0.0:24000": {
            "kind": "tcp",
            "exe": "/usr/bin/socat",
            "pid": 20,
            "sockets": [DOCKER],
            "how": ["argv"],
            "hands_on": True,
            "reach": "every address",
            "network": "own",
            "tls": "none",
        }
    }


@pytest.mark.parametrize(
    ("one", "everyone", "users"),
    [
        (on_path(), False, []),
        (on_path(mode="0666"), True, None),
        (on_path(mode="0660", owner_gid=999), False, ["ann", "bob", "svc"]),
        (on_path(mode="0600", owner_uid=1000), False, ["ann"]),
        (on_path(mode="0666", parents={"/": directory(), "/run": directory("0700")}), False, []),
    ],
)
def test_at_a_path(one: dict[str, Any], everyone: bool, users: list[str] | None) -> None:
    stated = relays(paths={PATH: one})[PATH]
    assert (stated["kind"], stated["everyone"]) == ("path", everyone)
    assert users is None or sorted(stated["users"]) == users


@pytest.mark.parametrize(("mode", "alone"), [("0755", True), ("0777", False), ("1777", True)])
def test_who_can_put_another_socket_at_a_path(mode: str, alone: bool) -> None:
    stated = relays(paths={PATH: on_path(parents={"/": directory(), "/run": directory(mode)})})[PATH]
    assert (stated["realpath"], stated["root_only"]) == (PATH, alone)


@pytest.mark.parametrize("path", [PATH, "/run/docker.sock"])
def test_a_path_that_is_judged_as_an_engines_socket_is_left_out(path: str) -> None:
    judged = derive_access(path)
    assert relays(paths={PATH: on_path(path)}, **{"socket-access": judged}) == {}


def derive_access(path: str) -> Any:
    return access.derive(access.facts(access.route(path)))


def test_what_is_not_known_stays_so() -> None:
    assert isinstance(relays(tcp={"x": on_tcp(hands_on=DENIED)})["x"]["hands_on"], Hole)
    assert isinstance(relays(tcp=incomplete({}, DENIED)), OpenObject)
    assert isinstance(relays(paths={PATH: DENIED})[PATH], Hole)
    assert isinstance(relays(paths={PATH: on_path()}, principals=DENIED)[PATH], Hole)
    assert list(relays(paths={PATH: on_path()}, **{"socket-access": DENIED})) == [PATH]
