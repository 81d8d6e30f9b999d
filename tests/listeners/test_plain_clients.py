"""Where the docker commands of users go, and whether anything proves who answers there."""

from typing import Any

import pytest
from listeners.remote_facts import DENIED, derive, facts

from hostcheck.model import Hole, OpenObject, incomplete

FAR = {"scheme": "tcp", "host": "another host"}
PROFILE = "/home/ann/.profile"


def home(variables: Any = None, contexts: Any = None) -> dict[str, Any]:
    return {"variables": variables or {}, "context": "default", "contexts": contexts or {}, "enabled": []}


def clients(*, everybody: Any = None, **homes: Any) -> Any:
    """Return the clients where ann has these homes, by path."""
    told = {"users": {"1000": {f"/home/{name}": one for name, one in homes.items()}} if homes else {}, "everybody": {} if everybody is None else everybody}
    return derive(facts(**{"user-clients": {**told, "enabled": [], "lingering": []}}))["clients"]


def test_nobody_is_told_anything() -> None:
    assert clients() == {"every user": {"uid": 0, "who": "every user", "contexts": {}, "variables": {}}}


def test_contexts() -> None:
    contexts = {"far": {**FAR, "tls": "unverified"}, "near": {"scheme": "unix", "path": "/run/docker.sock"}}
    assert clients(ann=home(contexts=contexts))["ann"] == {
        "uid": 1000,
        "who": "ann",
        "contexts": {"far": {**FAR, "tls": "unverified"}, "near": {"scheme": "unix"}},
        "variables": {},
    }


@pytest.mark.parametrize(
    ("mine", "everybody", "tls"),
    [
        ({}, {}, "none"),
        ({"docker_tls_verify": True}, {}, "verified"),
        ({"docker_tls_verify": False}, {}, "none"),
        ({}, {"/etc/environment": {"docker_tls_verify": True}}, "verified"),
        ({"docker_tls_verify": DENIED}, {}, None),
        ({}, DENIED, None),
        ({}, incomplete({}, DENIED), None),
        ({"docker_tls_verify": True}, DENIED, "verified"),
    ],
)
def test_what_verifies_where_docker_host_leads(mine: dict[str, Any], everybody: Any, tls: str | None) -> None:
    stated = clients(ann=home({PROFILE: {"docker_host": FAR, **mine}}), everybody=everybody)["ann"]["variables"][PROFILE]
    assert (None if isinstance(stated["tls"], Hole) else stated["tls"]) == tls


def test_a_file_that_sets_no_host_and_one_that_names_a_socket() -> None:
    told = {PROFILE: {"docker_context": "x"}, "/home/ann/.bashrc": {"docker_host": {"scheme": "unix", "path": "/x"}}}
    assert clients(ann=home(told))["ann"]["variables"] == {"/home/ann/.bashrc": {"scheme": "unix"}}


def test_what_holds_for_all_is_told_once() -> None:
    stated = clients(everybody={"/etc/environment": {"docker_host": FAR}}, ann=home())
    assert stated["every user"]["variables"] == {"/etc/environment": {**FAR, "tls": "none"}} and stated["ann"]["variables"] == {}


def test_what_is_not_known_stays_with_its_user() -> None:
    stated = clients(ann=home(incomplete({}, DENIED), DENIED), other=DENIED)
    assert not isinstance(stated, OpenObject)
    assert isinstance(stated["ann"]["contexts"], OpenObject) and isinstance(stated["ann"]["variables"], OpenObject)
    assert isinstance(derive(facts(**{"user-clients": DENIED}))["clients"], Hole)
