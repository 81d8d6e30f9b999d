"""Which registries and mirrors are beyond this host, and what bounds a log."""

from typing import Any

import pytest

from hostcheck.model import Hole, OpenObject, Why, incomplete
from hostcheck_builtin.daemon.consequences import of_settings

DENIED = Hole(why=Why.DENIED, message="Permission denied")


def settings(**more: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {"insecure-registries": [], "registry-mirrors": [], "log-driver": "json-file", "log-opts": {}}
    return {key: {"running": value, "after_restart": value} for key, value in {**usual, **more}.items()}


@pytest.mark.parametrize("place", ["localhost", "localhost:5000", "127.0.0.1:5000", "127.0.0.0/8", "127.1.0.0/16", "::1/128", "[::1]:5000", "::1"])
def test_a_registry_of_this_host(place: str) -> None:
    assert of_settings(settings(**{"insecure-registries": [place]}))["remote_registries"] == {"running": [], "after_restart": []}


@pytest.mark.parametrize(
    "place", ["reg.local", "reg.local:5000", "10.0.0.0/8", "0.0.0.0/0", "::/0", "127.0.0.0/7", "localhost.example:5000", "1270.0.0.1", "[fe80::1]:5"]
)
def test_a_registry_beyond(place: str) -> None:
    assert of_settings(settings(**{"insecure-registries": [place]}))["remote_registries"]["after_restart"] == [place]


@pytest.mark.parametrize(
    ("mirror", "plain"), [("https://m", False), ("http://m", True), ("http://localhost:5000", False), ("m", True), ("HTTP://m", True), ("ftp://m", True)]
)
def test_a_mirror(mirror: str, plain: bool) -> None:
    assert bool(of_settings(settings(**{"registry-mirrors": [mirror]}))["plain_mirrors"]["running"]) is plain


@pytest.mark.parametrize(
    ("driver", "options", "bounded"),
    [
        ("json-file", {}, False),
        ("json-file", {"max-size": "10m"}, True),
        ("json-file", {"max-size": "1.5g"}, True),
        ("json-file", {"max-size": "-1"}, False),
        ("json-file", {"max-size": "0"}, False),
        ("json-file", {"max-file": "3"}, False),
        ("local", {}, True),
        ("journald", {}, True),
        ("none", {}, True),
    ],
)
def test_a_log(driver: str, options: Any, bounded: bool) -> None:
    assert of_settings(settings(**{"log-driver": driver, "log-opts": options}))["logs_bounded"] == {"running": bounded, "after_restart": bounded}


def test_what_is_not_known_leaves_it_open() -> None:
    found = of_settings(incomplete({"log-driver": incomplete({"after_restart": "local"}, DENIED)}, DENIED))
    assert all(isinstance(one, OpenObject) for one in found.values())
    assert found["logs_bounded"] == {"after_restart": True}
    told = {**settings(), "log-opts": {"after_restart": {"max-size": "1m"}}}
    assert of_settings(told)["logs_bounded"] == {"after_restart": True}  # the file may have got it since the daemon was started
    lone = of_settings({**settings(), "log-opts": incomplete({}, DENIED)})
    assert lone["logs_bounded"] == {"after_restart": DENIED}
