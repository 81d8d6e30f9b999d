"""An installed hostcheck that every user can run, and a host full of planted faults to run it on."""

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from real_engines.scans import Scan, Scanner
from real_engines.world import DOCKER_GID, USERS, World

from hostcheck.documents import read

ROOT = Path(__file__).resolve().parents[2]
NEEDED = ("dockerd", "containerd", "runc", "setfacl", "setpriv", "nsenter", "unshare")
DERIVE = Path(__file__).with_name("derive_access.py").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def installed() -> Iterator[Path]:
    """Install this checkout into a venv of the system's Python, at a place that every user can reach."""
    missing = [name for name in NEEDED if shutil.which(name) is None]
    assert not missing, f"install docker.io, containerd, acl and util-linux: {missing} not found"
    place = Path(tempfile.mkdtemp(prefix="hostcheck-installed-", dir="/var/tmp"))
    place.chmod(0o755)
    # Built in a copy: setuptools leaves build/ in the tree, and a module deleted since would be installed from there.
    ignored = shutil.ignore_patterns(".git", ".tox", ".venv", "build", "*.egg-info", "__pycache__")
    shutil.copytree(ROOT, place / "source", ignore=ignored)
    subprocess.run(["/usr/bin/python3", "-m", "venv", place / "venv"], check=True)
    subprocess.run([place / "venv/bin/python", "-m", "pip", "install", "-q", place / "source"], check=True)
    yield place / "venv/bin"
    shutil.rmtree(place)


@pytest.fixture(scope="module")
def faulty() -> Iterator[World]:
    """Yield a host with both engines, where carol reaches docker by an ACL, the mask stops dave at containerd, and frank's session outlived his membership."""
    world = World()
    try:
        world.start_engines()
        world.run("setfacl", "-m", "u:carol:rw", "/run/docker.sock")
        world.run("setfacl", "-m", "u:dave:rw,m::r", "/run/containerd/containerd.sock")
        session = world.start("sleep", "infinity", user="frank", groups=(DOCKER_GID,))
        world.wait(lambda: f"\nGroups:\t{DOCKER_GID} \n" in Path(f"/proc/{session.pid}/status").read_text())
        yield world
    finally:
        world.end()


@pytest.fixture
def empty() -> Iterator[World]:
    """Yield a host without engines."""
    world = World()
    yield world
    world.end()


@pytest.fixture(scope="session")
def scan(installed: Path) -> Scanner:
    """Scan a world as one of its users."""

    def run(world: World, *options: str, user: str = "root", through: tuple[str, ...] = ()) -> Scan:
        """Scan, `through` a command; as root again, up to ten times, where a process that ended meanwhile left a hole, as while other scans begin and end."""
        for _ in range(10):
            found = once(world, *options, user=user, through=through)
            holes = [hole["message"] for probe in found.evidence["probes"].values() for hole in probe["holes"]]
            if user != "root" or not any("ended" in message for message in holes):
                break
        return found

    def once(world: World, *options: str, user: str, through: tuple[str, ...]) -> Scan:
        out = Path(tempfile.mkdtemp(dir=world.base))
        os.chown(out, *USERS.get(user, (0, 0) if user == "root" else (65534, 65534)))
        documents = ("--format", f"json={out}/report", "--evidence", f"{out}/evidence")
        argv = [*through, str(installed / "python"), "-I", "-m", "hostcheck", "scan", "--role", "server", *documents, *options]
        started = time.monotonic()
        done = subprocess.run(world.inside(*argv, user=user), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, cwd="/")
        seconds = time.monotonic() - started
        assert "Traceback" not in done.stderr, done.stderr
        assert done.returncode in (0, 1, 3), f"exit {done.returncode}: {done.stderr}"
        report, evidence = (read(str(out / name), name)[0] for name in ("report", "evidence"))
        return Scan(code=done.returncode, report=report, evidence=evidence, seconds=seconds, errors=done.stderr)

    return run


@pytest.fixture(scope="session")
def derive_access(installed: Path) -> Callable[[Scan], dict[str, Any]]:
    """Derive socket-access from the evidence of a scan, with the installed code."""

    def run(scanned: Scan) -> dict[str, Any]:
        done = subprocess.run([installed / "python", "-I", "-c", DERIVE], input=json.dumps(scanned.evidence), check=True, stdout=subprocess.PIPE, text=True)
        derived: dict[str, Any] = json.loads(done.stdout)
        return derived

    return run
