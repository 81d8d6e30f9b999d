"""Every way in which an engine can be wrong, at root's own socket, through a whole scan: the right hole, in time, in bounds, and nothing else is lost."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fakes import fake_engine
from real_engines.scans import Scan, Scanner
from real_engines.world import World

DOCKER = "/run/docker.sock"
SERVER = Path(fake_engine.__file__)
DEADLINE = 10.0
SLACK = 5.0
"""Seconds for nsenter, the interpreter and the writing of the report."""
FIELDS = {"security_options", "warnings", "root_dir", "cgroup_driver"}
UNHEARD = {
    **dict.fromkeys(("hang", "backlog", "slowloris", "slowbody"), "timeout"),
    **dict.fromkeys(("hugeheader", "hugebody", "endless", "chunkbomb", "million"), "limit"),
    **dict.fromkeys(
        ("garbage", "http2", "http09", "tls", "empty", "reset", "badchunk", "shortbody", "biglen", "neglen", "duplen", "upgrade"),
        "nonsense",
    ),
}
"""Not even who answers can be told."""
ANSWERED = {
    **dict.fromkeys(("e401", "e403"), "denied"),
    **dict.fromkeys(
        ("redirect", "e500", "html", "deepjson", "bigint", "nan", "dupkey", "badutf8", "bom", "arr", "nullinfo", "ansi"),
        "nonsense",
    ),
}
"""It is docker that answers, by its headers; what it says is no answer."""
PARTLY = {
    "ok": {"security_options": ["name=seccomp,profile=builtin"], "warnings": [], "root_dir": "unsupported", "cgroup_driver": "unsupported"},
    "nuljson": dict.fromkeys(FIELDS, "unsupported"),
    "wrongtypes": {"security_options": "nonsense", "warnings": "nonsense", "root_dir": "unsupported", "cgroup_driver": "unsupported"},
}
"""It is an answer; each field stands or falls alone."""
MEASURE = (
    "import os, subprocess, sys\n"
    "subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
    "import resource; print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)
LARGE = ("hugeheader", "hugebody", "endless", "chunkbomb", "million", "deepjson")


def test_all_of_them_are_expected() -> None:
    assert len(fake_engine.MODES) == 38
    assert {*UNHEARD, *ANSWERED, *PARTLY} == set(fake_engine.MODES)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    made = World()
    yield made
    made.end()


@pytest.fixture(params=fake_engine.MODES)
def behaving(request: pytest.FixtureRequest, world: World) -> Iterator[str]:
    with behave(world, request.param):
        yield request.param


@contextmanager
def behave(world: World, mode: str) -> Iterator[None]:
    """Let an engine behave in one way for as long as the block lasts."""
    before = world.log.seek(0, 2)
    process = world.start("/usr/bin/python3", "-I", str(SERVER), mode, DOCKER)
    world.wait(lambda: b"ready" in (world.base / "log").read_bytes()[before:])
    try:
        yield
    finally:
        process.kill()
        process.wait()
        world.processes.remove(process)


def state(stated: dict[str, Any], pointer: str) -> str:
    """Return why a fact of the fake engine is not known, "" where it is."""
    at = f"/sockets/{DOCKER.replace('/', '~1')}/{pointer}"
    return next((hole["why"] for hole in stated["holes"] if hole["pointer"] == at), "")


def check(scanned: Scan, mode: str) -> None:
    stated = scanned.evidence["probes"]["engines"]
    one = stated["facts"]["sockets"][DOCKER]
    assert one["named"] == "docker" and one["owner_uid"] == 0
    assert set(stated["facts"]) == {"sockets", "processes", "pidfiles", "installed", "configured"}
    for pointer in ("info", "version"):
        assert state(stated, pointer) == {**UNHEARD, **ANSWERED}.get(mode, "")
    assert (one.get("engine"), state(stated, "engine")) == ((None, UNHEARD[mode]) if mode in UNHEARD else ("docker", ""))
    for field, expected in PARTLY.get(mode, {}).items():
        assert one["info"].get(field, state(stated, f"info/{field}")) == expected


def test_the_right_hole_in_time(behaving: str, world: World, scan: Scanner) -> None:
    scanned = scan(world, "--deadline", str(DEADLINE), "--role", "workstation", "--profile", "level2")
    assert scanned.seconds < DEADLINE + SLACK
    check(scanned, behaving)
    assert not [hole for probe in scanned.evidence["probes"].values() for hole in probe["holes"] if hole["pointer"] == "" or hole["why"] == "crashed"]
    results = scanned.results()
    assert "pass" not in {result for (rule, subject), result in results.items() if rule == "HC-RTL-01" or subject == "*"}
    for text in ("pwn", "alert(1)", "unauthorized", "169.254", "AuthZReq", "proxy login"):
        assert text not in json.dumps([scanned.report, scanned.evidence])


@pytest.mark.parametrize("mode", LARGE)
def test_the_memory_is_bounded(mode: str, world: World, installed: Path) -> None:
    with behave(world, mode):
        argv = (str(installed / "python"), "-I", "-c", MEASURE, str(installed / "python"), "-I", "-m", "hostcheck", "scan")
        done = subprocess.run(world.inside(*argv), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, cwd="/", check=True)
    assert int(done.stdout) < 120 << 10
