"""Real engines and the files that they read: who could swap one does, the engine believes it, and a scan says so; and it says nothing of passwords."""

import json
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from real_engines.scans import Scan, Scanner
from real_engines.world import USERS, World

CANARY = "Zm9yZ2V0OmNhbmFyeS1vZi1maWxlcw=="
WRITE = ("/usr/bin/python3", "-I", "-c", "import sys; open(sys.argv[1], 'w').write(sys.argv[2])")
SECTIONS = ("HC-FIL", "HC-API-05", "HC-API-06", "HC-API-07")


@pytest.fixture(scope="module")
def engines() -> Iterator[World]:
    """Yield a host with dockerd and containerd, and passwords in what they, their units and a user's docker read."""
    world = World()
    try:
        (world.etc / "default").mkdir(exist_ok=True)
        (world.etc / "default/docker").write_text(f"TOKEN={CANARY}\n")
        folder = world.etc / "systemd/system/docker.service.d"
        folder.mkdir(parents=True)
        (folder / "x.conf").write_text(f"[Service]\nEnvironment=TOKEN={CANARY}\nEnvironmentFile=-/etc/default/docker\n")
        home = world.base / "home/dave/.docker"
        world.run("install", "-d", "-m", "0700", "-o", "dave", "-g", "dave", str(home))
        world.run(*WRITE, str(home / "config.json"), json.dumps({"auths": {"r.example": {"auth": CANARY}}}))
        world.run("sh", "-c", f"chown dave:dave {home}/config.json; chmod 0600 {home}/config.json")
        world.start_engines()
        (world.base / "daemon.json").write_text(json.dumps({"labels": [], "proxies": {"http-proxy": f"http://x:{CANARY}@proxy.example"}}))
        yield world
    finally:
        world.end()


def failed(scanned: Scan) -> set[tuple[str, str]]:
    return {key for key, result in scanned.results().items() if key[0].startswith(SECTIONS) and result == "fail"}


def labels(world: World) -> str:
    """Return the labels that dockerd has after it read its configuration again."""
    world.dockerd.send_signal(signal.SIGHUP)
    found = ""

    def swapped() -> bool:
        nonlocal found
        found = world.run("docker", "-H", "unix:///run/docker.sock", "info", "--format", "{{.Labels}}")
        return "swapped" in found

    world.wait(swapped, 10)
    return found


def test_files_of_root_fail_no_rule(engines: World, scan: Scanner) -> None:
    scanned = scan(engines)
    base = engines.base
    assert failed(scanned) == set()
    expected = {
        ("HC-FIL-01", "/etc/systemd/system/docker.service.d"): "pass",
        ("HC-FIL-03", f"{base}/daemon.json"): "pass",
        ("HC-FIL-04", "/etc/default/docker"): "pass",
        ("HC-FIL-05", "/usr/sbin"): "pass",
        ("HC-FIL-07", f"{base}/docker"): "pass",
        ("HC-FIL-07", f"{base}/containerd"): "pass",
        ("HC-FIL-08", f"{base}/containerd.toml"): "pass",
        ("HC-FIL-10", f"{base}/home/dave/.docker/config.json"): "pass",
    }
    results = scanned.results()
    assert {key: results.get(key) for key in expected} == expected


def test_a_daemon_json_that_a_user_can_write_is_what_dockerd_believes(engines: World, scan: Scanner) -> None:
    path = f"{engines.base}/daemon.json"
    before = (engines.base / "daemon.json").read_text()
    engines.run("chown", "dave", path)
    try:
        engines.run(*WRITE, path, '{"labels": ["swapped=yes"]}', user="dave")
        assert "swapped=yes" in labels(engines)
        scanned = scan(engines)
    finally:
        engines.run(*WRITE, path, before)
        engines.run("chown", "root", path)
    assert failed(scanned) == {("HC-FIL-03", path)}
    (finding,) = (one for one in scanned.report["findings"] if (one["rule"], one["subject"]) == ("HC-FIL-03", path))
    assert "dave" in finding["because"] and f"chown root -- {path}" in json.dumps(finding["fix"])


def test_a_data_directory_that_others_can_enter(engines: World, scan: Scanner) -> None:
    path = f"{engines.base}/docker"
    engines.run("chmod", "0711", path)
    try:
        engines.run("sh", "-c", f"cd {path}/buildkit", user="dave")
        scanned = scan(engines)
    finally:
        engines.run("chmod", "0710", path)
    assert failed(scanned) == {("HC-FIL-07", path)}


@pytest.mark.parametrize("user", ["root", "dave", "nobody"])
def test_no_password_is_shown(engines: World, scan: Scanner, user: str) -> None:
    scanned = scan(engines, "--profile", "level2", user=user)
    shown: list[Any] = [scanned.report, scanned.evidence["probes"]["engine-files"], scanned.evidence["probes"]["user-files"], scanned.errors]
    assert CANARY not in json.dumps(shown)
    assert user not in USERS or scanned.results().get(("HC-FIL-10", f"{engines.base}/home/dave/.docker/config.json")) == "pass"
