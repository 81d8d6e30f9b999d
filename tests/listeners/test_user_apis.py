"""What is said of users' engines on TCP: by what their own dockerd warns of, and nothing else."""

from typing import Any

import pytest
from listeners.remote_facts import DENIED, HTTP, HTTPS, derive, dockerd, facts

from hostcheck.model import Hole, OpenObject, incomplete

ONE = {"engine": "docker", "address": "0.0.0.0", "port": 2375, "process": {"pid": 30, "exe": "/usr/bin/rootlesskit"}}
NAME = "0.0.0.0:2375 of ann"


def apis(users: Any, *warnings: str, uid: int = 1000) -> Any:
    sockets = {"/run/user/1000/docker.sock": dockerd(*warnings, uid=uid)}
    return derive(facts(users=users, **{"user-engines": {"sockets": sockets, "programs": {}}}))["user_apis"]


def test_a_listener_of_a_users() -> None:
    stated = apis({"1000": {"0.0.0.0:2375": ONE}}, HTTP.format("0.0.0.0:2375"))
    seen = {"uid": 1000, "who": "ann", "engine": "docker", "port": 2375, "exe": "/usr/bin/rootlesskit", "reach": "every address"}
    assert stated == {NAME: {**seen, "tls": "none"}}


@pytest.mark.parametrize(
    ("warning", "uid", "tls"),
    [(HTTPS.format("[::]:2375"), 1000, "server"), (HTTP.format("0.0.0.0:2376"), 1000, None), (HTTP.format("0.0.0.0:2375"), 1001, None), ("", 1000, None)],
)
def test_what_its_own_dockerd_warns_of(warning: str, uid: int, tls: str | None) -> None:
    stated = apis({"1000": {"0.0.0.0:2375": ONE}}, warning, uid=uid)[NAME]["tls"]
    assert (None if isinstance(stated, Hole) else stated) == tls


@pytest.mark.parametrize("theirs", [DENIED, incomplete({}, DENIED)])
def test_what_is_not_known_of_a_user_stays_with_that_user(theirs: Any) -> None:
    stated = apis({"1000": theirs, "1001": {"0.0.0.0:2375": ONE}})
    assert set(stated) == {"others of ann", "0.0.0.0:2375 of bob"} and not isinstance(stated, OpenObject)
    assert stated["others of ann"]["uid"] == 1000 and isinstance(stated["others of ann"]["tls"], Hole)


def test_where_users_are_not_known_nothing_is() -> None:
    assert isinstance(derive(facts(users=DENIED))["user_apis"], Hole)
    assert isinstance(derive(facts(users=incomplete({}, DENIED)))["user_apis"], OpenObject)
