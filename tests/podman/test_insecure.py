"""Which registries are insecure, and which of them are this host's own."""

import pytest

from hostcheck.model import Hole, OpenObject, Why, incomplete
from hostcheck.view import View
from hostcheck_builtin.podman.insecure import insecure, loopback

FILE = "/etc/containers/registries.conf"


@pytest.mark.parametrize("location", ["localhost", "LOCALHOST:5000", "127.0.0.1", "127.9.9.9:80/a/b", "[::1]:5000/x", "localhost/x"])
def test_loopback(location: str) -> None:
    assert loopback(location)


@pytest.mark.parametrize(
    "location",
    [
        "",
        "localhost.example.org",
        "127.0.0.1.example.org",
        "127.0.0.1:5000.example.org",
        "128.0.0.1",
        "localhost:x",
        "[::2]",
        "::1",
        "example.org/localhost",
        "0.0.0.0",
    ],
)
def test_what_is_none(location: str) -> None:
    assert not loopback(location)


def test_registries_mirrors_and_what_is_blocked() -> None:
    mirrors = {"m.org": True, "n.org": False, "localhost:5000": True}
    one = {"location": "a.org", "insecure": False, "blocked": False, "mirrors": mirrors, "file": FILE}
    found = insecure(
        View({"docker.io": one, "b.org": {**one, "location": "b.org", "insecure": True, "mirrors": {}}, "c.org": {**one, "blocked": True, "insecure": True}})
    )
    assert found == {
        "m.org (a mirror of docker.io)": {"name": "m.org", "file": FILE, "loopback": False},
        "localhost:5000 (a mirror of docker.io)": {"name": "localhost:5000", "file": FILE, "loopback": True},
        "b.org": {"name": "b.org", "file": FILE, "loopback": False},
    }


def test_what_is_not_known_leaves_it_open() -> None:
    hole = Hole(why=Why.DENIED, message="no")
    one = {"location": "a.org", "insecure": True, "blocked": False, "mirrors": {}, "file": FILE}
    for registries in (incomplete({"a.org": one}, hole), {"a.org": one, "b.org": {**one, "insecure": hole}}):
        found = insecure(View(registries))
        assert isinstance(found, OpenObject) and list(found) == ["a.org"] and found.hole == hole
