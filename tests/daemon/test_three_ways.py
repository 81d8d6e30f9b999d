"""One daemon: what is told by nobody is not stated, and what it says of an open API is told in our own words."""

from typing import Any

import pytest
from engines.engine_host import body

from hostcheck.model import Hole, OpenObject, Why
from hostcheck.view import View
from hostcheck_builtin.daemon.three_ways import Sources, state
from hostcheck_builtin.engines import api_answers

DENIED = Hole(why=Why.DENIED, message="Permission denied")
FILE = {"path": "/d.json", "present": True, "settings": {}, "keys": [], "refused": [], "root_owned": True}


def told(flags: Any = None, **file: Any) -> View:
    return View({"flags": flags or {}, "given": sorted(flags or {}), "file": {**FILE, **file}})


def info(name: str, **more: Any) -> View:
    return View({**api_answers.info(api_answers.parse(body(f"{name}-info"))), **more})


@pytest.mark.parametrize(
    ("warnings", "expected"),
    [
        (
            ["WARNING: API is accessible on http://127.0.0.1:2375 without encryption.\n  Access to the remote API is"],
            {"http://127.0.0.1:2375": {"how": "without encryption", "loopback": True}},
        ),
        (
            ["[DEPRECATION NOTICE]: API is accessible on http://0.0.0.0:2375 without encryption."],
            {"http://0.0.0.0:2375": {"how": "without encryption", "loopback": False}},
        ),
        (
            ["WARNING: API is accessible on https://[::]:2376 without TLS client verification."],
            {"https://[::]:2376": {"how": "without TLS client verification", "loopback": False}},
        ),
        (["WARNING: No swap limit support", "WARNING: daemon is not using the default seccomp profile"], {}),
    ],
)
def test_an_open_api(warnings: list[str], expected: dict[str, Any]) -> None:
    own = told()
    assert state(Sources(own=own, starts=own, info=info("docker-rootful", warnings=warnings), rootless=False, name="x"))["open_api"] == expected


def test_what_a_real_daemon_on_tcp_said() -> None:
    own = told({"hosts": ["tcp://127.0.0.1:23750"]})
    found = state(Sources(own=own, starts=own, info=info("dockerd-tcp-plain"), rootless=False, name="x"))
    assert (found["listens_on_tcp"], len(found["open_api"])) == (True, 1)


@pytest.mark.parametrize(
    ("host", "tcp", "beyond"),
    [
        ("unix:///run/docker.sock", False, False),
        ("fd://", False, False),
        ("tcp://127.0.0.1:2376", True, False),
        ("tcp://[::1]:2376", True, False),
        ("tcp://localhost:2376", True, False),
        ("tcp://0.0.0.0:2376", True, True),
        ("tcp://[::]:2376", True, True),
        ("tcp://", True, True),
        ("10.0.0.1:2376", True, True),
    ],
)
def test_who_reaches_an_address(host: str, tcp: bool, beyond: bool) -> None:
    own = told({"hosts": [host]})
    found = state(Sources(own=own, starts=own, info=None, rootless=False))
    assert (found["listens_on_tcp"], found["listens_beyond"]) == (tcp, beyond)


def test_what_the_kernel_remaps() -> None:
    own = told({"userns-remap": "bob"})
    for name, remapped in (("dockerd-usernsremap", True), ("docker-rootful", False)):
        assert state(Sources(own=own, starts=own, info=info(name), rootless=False, name="x"))["remapped"] is remapped
    zero = info("dockerd-usernsremap", root_dir="/var/lib/docker/0.0")
    assert state(Sources(own=own, starts=own, info=zero, rootless=False, name="x"))["remapped"] is False


def test_a_service_that_is_not_known_leaves_what_runs() -> None:
    found = state(Sources(own=told({"icc": False}), starts=DENIED, info=info("docker-rootful"), rootless=False, name="x"))
    assert found["settings"]["icc"] == {"running": False, "configured": False}
    assert isinstance(found["settings"]["icc"], OpenObject) and isinstance(found["differences"], OpenObject)
    assert (found["refuses"], found["file"]) == (DENIED, DENIED)


def test_of_a_daemon_that_does_not_run_nothing_is_said() -> None:
    found = state(Sources(own=None, starts=told({"hosts": ["fd://"]}), info=None, rootless=False, name="x"))
    assert not {"swarm", "open_api", "remapped"} & set(found)
    assert not any("running" in one for one in found["settings"].values())
    assert found["listens_on_tcp"] is False
