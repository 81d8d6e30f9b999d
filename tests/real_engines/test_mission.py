"""What hostcheck is for, from end to end: a rootful and a rootless engine, every family of probes and a vendor's, from cron, for auditors and CI.

What is expected was written down before anything ran: alice and bob have the group docker, erin has an engine of her own and no way to root.
"""

import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from real_engines.rootless_world import RootlessWorld
from real_engines.world import USERS

from hostcheck.documents import read

ROOT = Path(__file__).resolve().parents[2]
DOCKER = "/run/docker.sock"
ERINS = f"/run/user/{USERS['erin'][0]}/docker.sock"
CRON = ("env", "-i", "SHELL=/bin/sh", "PATH=/usr/bin:/bin", "LOGNAME=root", "setsid", "--wait")
"""What cron(8) of Debian gives a job, but without HOME: systemd gives none, and neither has a terminal."""
FAMILIES = {"sockets": "ACC", "principals": "ACC", "subids": "SUB", "engines": "RTL", "kernel": "KRN", "desktop-vms": "VMX"}
EXPECTED = {
    ("HC-ACC-04", DOCKER): "fail",
    ("HC-RTL-01", "alice"): "fail",
    ("HC-RTL-01", "bob"): "fail",
    ("HC-RTL-01", "erin"): "pass",
}


@dataclass(frozen=True, kw_only=True)
class Night:
    """What the job of a night left."""

    code: int
    out: str
    err: str
    seconds: float
    report: dict[str, Any]
    evidence: dict[str, Any]
    folder: Path


@pytest.fixture(scope="module")
def hostcheck(installed: Path) -> Iterator[tuple[str, ...]]:
    """Return the command of an installation of its own, with the vendor's plugin of examples/vendor beside it."""
    place = installed.parents[1] / "with-vendor"
    shutil.copytree(ROOT / "examples" / "vendor", place / "source", ignore=shutil.ignore_patterns("build", "*.egg-info", "__pycache__"))
    subprocess.run(["/usr/bin/python3", "-m", "venv", place / "venv"], check=True)
    for source in (installed.parents[1] / "source", place / "source"):
        subprocess.run([place / "venv/bin/python", "-m", "pip", "install", "-q", source], check=True)
    yield (str(place / "venv/bin/python"), "-I", "-m", "hostcheck")
    shutil.rmtree(place)


@pytest.fixture(scope="module")
def night(hostcheck: tuple[str, ...]) -> Iterator[Night]:
    """Scan the host from cron, with the vendor pinned."""
    world = RootlessWorld()
    try:
        world.start_docker()
        world.start_rootless_docker("erin", "slirp4netns")
        folder = world.base / "var"
        folder.mkdir(mode=0o700)
        pin = subprocess.run([*hostcheck, "plugins", "pin", "nadir-hostcheck"], check=True, capture_output=True, text=True, cwd="/").stdout
        (folder / "config.toml").write_text(pin)
        outputs = [part for name in ("html", "junit", "json") for part in ("--format", f"{name}={folder}/report.{name}")]
        argv = [
            *CRON,
            *hostcheck,
            "scan",
            "--config",
            f"{folder}/config.toml",
            "--role",
            "workstation",
            "--profile",
            "level2",
            "--evidence",
            f"{folder}/evidence.json",
            *outputs,
        ]
        for _ in range(3):  # a process that ended while it was looked at leaves a hole: an engine that starts has many of those
            started = time.monotonic()
            done = subprocess.run(world.inside(*argv), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, cwd="/", check=False)
            seconds = time.monotonic() - started
            report, evidence = (read(str(folder / f"{kind}.json"), kind)[0] for kind in ("report", "evidence"))
            if not evidence["probes"]["principals"]["holes"]:
                break
        yield Night(code=done.returncode, out=done.stdout, err=done.stderr, seconds=seconds, report=report, evidence=evidence, folder=folder)
    finally:
        world.end()


def test_it_speaks_by_its_exit_code_in_time_and_says_nothing_else(night: Night) -> None:
    assert (night.code, night.out, night.err) == (1, "", "")
    assert night.report["verdict"] == "noncompliant" and night.seconds < 15


def test_every_family_of_probes_and_the_vendors_stated_facts_that_rules_were_judged_on(night: Night) -> None:
    by_section = Counter(finding["rule"].split("-")[1] for finding in night.report["findings"] if finding["benchmark"] == "container-host")
    for probe, section in FAMILIES.items():
        assert night.evidence["probes"][probe]["facts"] and by_section[section], (probe, section)
    theirs = [probe for plugin in night.evidence["plugins"] if plugin["allowed"] == "pinned" for probe in plugin["contributes"]["probes"]]
    assert theirs and all(night.evidence["probes"][probe]["facts"] for probe in theirs)
    assert len({finding["benchmark"] for finding in night.report["findings"]}) == len(night.report["benchmarks"]) == 2
    assert night.report["refused"] == []


def test_who_can_become_root_and_what_stops_them(night: Night) -> None:
    found = {(finding["rule"], finding["subject"]): finding for finding in night.report["findings"]}
    assert {key: found[key]["result"] for key in EXPECTED} == EXPECTED
    assert "alice (group docker)" in found["HC-ACC-04", DOCKER]["because"] and "erin" not in found["HC-ACC-04", DOCKER]["because"]
    sockets = night.evidence["probes"]["user-engines"]["facts"]["sockets"]
    assert ERINS in sockets


def test_the_auditors_page_and_the_ci_file_say_what_the_report_says(night: Night) -> None:
    for name in ("report.html", "report.junit", "report.json", "evidence.json"):
        assert (night.folder / name).stat().st_mode & 0o777 == 0o600
    page = (night.folder / "report.html").read_text()
    assert "alice (group docker)" in page and "nadir-hostcheck" in page
    counts = night.report["counts"]
    suites = ElementTree.parse(night.folder / "report.junit").getroot().findall("testsuite")
    assert [sum(int(suite.get(name, "")) for suite in suites) for name in ("tests", "failures", "errors")] == [
        len(night.report["findings"]),
        counts["fail"],
        counts["error"] + counts["unknown"],
    ]
