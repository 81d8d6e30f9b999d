"""Containers of users' engines beside root's, by facts written by hand: whose they are, and what is told where that is not known."""

from typing import Any

import pytest
from containers.escape_facts import DENIED, container, derive, document
from containers.user_escape_facts import BOBS_DOCKER, BOBS_PODMAN, bobs, scope, theirs, users

from hostcheck.model import Hole, incomplete
from hostcheck_builtin.containers.user_containers import FACTS, OTHERS


def says_nothing(told: Any) -> bool:
    return told["rootless"] is True and all(isinstance(told[fact], Hole) for fact in FACTS)


def test_they_are_called_after_their_user() -> None:
    found = users({"podman:db": theirs(), "docker:web": theirs(BOBS_DOCKER)})
    assert set(found) == {"podman(bob):db", "docker(bob):web"} and not hasattr(found, "hole")
    assert {key: found["podman(bob):db"][key] for key in ("owner", "owner_uid", "login", "rootless", "root_is_hosts", "remapped", "socket")} == {
        **{"owner": "bob", "owner_uid": 1001, "login": "bob", "rootless": True, "root_is_hosts": False, "remapped": False, "socket": BOBS_PODMAN},
    }
    assert found["podman(bob):db"]["seccomp"] == "default"


def test_those_of_root_are_nobody_elses() -> None:
    found = derive(document(container()))["docker:web"]
    assert found["rootless"] is False and not {"owner", "owner_uid", "login", "socket", "reaches_root"} & found.keys()


@pytest.mark.parametrize("told", ["rootful", "elsewhere"])
def test_what_no_rootless_engine_has_is_not_told_of(told: str) -> None:
    """It is in a machine or on another host, or root's own, of which root's engine tells."""
    assert users({"podman:db": theirs()}, engines={BOBS_PODMAN: scope(told=told)}) == {}


def test_a_scope_that_is_not_known_says_nothing() -> None:
    assert says_nothing(users({"podman:db": theirs()}, engines={BOBS_PODMAN: scope(told=DENIED)})["podman(bob):db"])


def test_what_is_not_known_of_a_user_is_told_of_that_user_alone() -> None:
    for containers in (incomplete({}, DENIED), DENIED):
        found = users(containers)
        assert set(found) == {"containers of uid 1001"} and says_nothing(found["containers of uid 1001"]) and not hasattr(found, "hole")
    assert says_nothing(users({"podman:db": DENIED})["podman(bob):db"])
    assert users({}, engines={BOBS_PODMAN: DENIED, BOBS_DOCKER: DENIED}) == {}, "who has none needs no name"
    nameless = users({"podman:db": theirs()}, engines={BOBS_PODMAN: scope(owner=DENIED), BOBS_DOCKER: scope(owner=DENIED)})
    assert set(nameless) == {"containers of uid 1001"}


@pytest.mark.parametrize("told", [DENIED, {"users": DENIED}, {"users": incomplete({}, DENIED)}])
def test_what_is_known_of_no_user_does_not_leave_roots_open(told: Any) -> None:
    found = derive(document(container(), **{"user-containers": told}))
    assert set(found) == {"docker:web", OTHERS} and says_nothing(found[OTHERS]) and not hasattr(found, "hole")


def test_capabilities_that_count_in_a_user_namespace() -> None:
    asks = {"added": ["SYS_ADMIN", "SYS_MODULE", "NET_ADMIN", "SYS_PTRACE"], "dropped": []}
    assert set(bobs(theirs(capabilities=asks))["capabilities"]) == {"SYS_ADMIN"}
    assert set(bobs(theirs(namespaces={"pid": "host", "net": "host"}, capabilities=asks))["capabilities"]) == {"SYS_ADMIN", "SYS_PTRACE"}
    assert set(bobs(theirs(capabilities={"added": ["ALL"], "dropped": []}))["capabilities"]) == {"ALL"}


@pytest.mark.parametrize(
    ("at", "network", "driver", "known"),
    [
        (BOBS_PODMAN, True, "host", "host"),
        (BOBS_DOCKER, False, "slirp4netns", "engine"),
        (BOBS_DOCKER, True, "host", "host"),
        (BOBS_DOCKER, True, "slirp4netns", None),
        (BOBS_DOCKER, DENIED, "slirp4netns", None),
    ],
)
def test_whose_network_the_hosts_is(at: str, network: Any, driver: str, known: str | None) -> None:
    one = theirs(at, namespaces={"net": "host"})
    found = users({f"{one['engine']}:x": one}, engines={at: scope(host_network=network, network_driver=driver)})
    net = found[f"{one['engine']}(bob):x"]["namespaces"]["net"]
    assert (None if isinstance(net, Hole) else net) == known


def test_a_container_that_joins_another_of_the_same_user() -> None:
    found = users({"podman:a": theirs(namespaces={"pid": "host"}), "podman:b": theirs(namespaces={"pid": "container:a"})})
    assert found["podman(bob):b"]["namespaces"]["pid"] == "host"
