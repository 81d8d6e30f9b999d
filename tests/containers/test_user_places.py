"""Which places make a container its user, and which sockets let it connect: by paths alone."""

from typing import Any

import pytest
from containers.escape_facts import DENIED, DOCKER, socket
from containers.user_escape_facts import BOBS_PODMAN, own_socket, way

from hostcheck.model import Hole, incomplete
from hostcheck.view import View
from hostcheck_builtin.containers import user_places
from hostcheck_builtin.system.host_places import HostPlace


def facts(reached: Any, mine: Any = None, roots: Any = None) -> Any:
    return View(
        {
            "engine-scope": {"users": reached},
            "sockets": {"sockets": {DOCKER: {**socket(DOCKER), "realpath": "/var/lib/other.sock"}} if roots is None else roots},
            "user-sockets": {"sockets": {BOBS_PODMAN: own_socket(BOBS_PODMAN)} if mine is None else mine},
        }
    )


def theirs(told: Any, uid: int = 1001) -> user_places.UserPlaces:
    return user_places.places(told, user_places.sockets(told), uid, "bob", "/home/bob")


def test_the_sockets_that_are_there() -> None:
    told = theirs(facts(way("owner")))
    assert told.own == {BOBS_PODMAN: "the socket of bob's podman"} and told.reached == {DOCKER: True} and told.unknown is None
    assert user_places.roots_socket("/var/lib/other.sock", told, keeps_groups=False) == HostPlace(DOCKER, "the socket of root's docker")
    assert theirs(facts({}), 1000).own == {}


def test_what_is_not_known_of_one_users_socket_is_not_known_of_that_user() -> None:
    hidden = facts({}, mine={BOBS_PODMAN: {**own_socket(BOBS_PODMAN), "type": DENIED}})
    assert isinstance(theirs(hidden).unknown, Hole) and theirs(hidden, 1000).unknown is None
    for roots, mine in (({DOCKER: DENIED}, None), (DENIED, None), (None, incomplete({}, DENIED)), (None, {"/x/docker.sock": DENIED}), (None, DENIED)):
        assert isinstance(theirs(facts({}, mine, roots), 1000).unknown, Hole)


@pytest.mark.parametrize("path", ["/run/user/1001", "/run", "/", "/run/user/1001/systemd", "/run/user/1001/systemd/private"])
def test_the_sockets_of_the_users_systemd(path: str) -> None:
    assert user_places.bus(path, theirs(facts({}))) is not None
    assert (user_places.bus(path, theirs(facts({}), 1000)) is None) is path.startswith("/run/user/1001")


@pytest.mark.parametrize("path", ["/home/bob", "/home", "/", "/home/bob/.ssh/x", "/home/bob/.config", "/home/bob/.local"])
def test_what_makes_one_the_user(path: str) -> None:
    told = theirs(facts({}))
    found = user_places.writable(path, "/home/bob", told)
    assert found is not None and found.what.endswith(" of bob") and user_places.writable(path, "", told) is None


@pytest.mark.parametrize("path", ["/home/bobby", "/home/bob/src", "/home/ann/.ssh", "/home/bob/.sshx", "/srv"])
def test_what_does_not(path: str) -> None:
    told = theirs(facts({}))
    assert user_places.writable(path, "/home/bob", told) is None and user_places.secret(path, "/home/bob", told) is None
