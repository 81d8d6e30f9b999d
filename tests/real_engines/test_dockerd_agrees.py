"""dockerd itself agrees with what is read of its files, flags and keys (`dockerd --validate`, `dockerd --help`)."""

import json
import subprocess
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from dockerd.test_accepted import ENDS, REFUSES, TAKES
from dockerd.test_daemon_json import STARTS, STOPS
from dockerd.test_flags import CASES, OPEN_LINES, TAKEN_LINES
from dockerd.test_told import CASES as TOLD
from dockerd.test_told import REFUSED
from real_engines.scans import Scanner
from real_engines.test_daemon import DOCKER, DaemonWorld

from hostcheck_builtin.dockerd import settings
from hostcheck_builtin.dockerd.settings import SETTINGS

NEWER = {"allow-direct-routing", "bip6", "bridge-accept-fwmark", "firewall-backend", "host-gateway-ips", "ip-forward-no-drop", "min-api-version", "nri-opts"}
"""Keys of dockerd 27 to 29."""


@pytest.mark.parametrize("how", [*STARTS, *STOPS])
def test_dockerd_itself_agrees(how: str, tmp_path: Path) -> None:
    config = tmp_path / "daemon.json"
    config.write_bytes({**STARTS, **STOPS}[how])
    done = subprocess.run(["dockerd", "--validate", "--config-file", str(config)], capture_output=True, timeout=30, check=False)
    assert (done.returncode == 0) is (how in STARTS), done.stderr


@pytest.mark.parametrize("line", [line for line in CASES if "proxy" not in line])
def test_dockerd_takes_the_same_lines(line: str, tmp_path: Path) -> None:
    """It does not tell what it makes of them, but it refuses what is no flag or has a wrong value."""
    (tmp_path / "daemon.json").write_text("{}")
    argv = ["dockerd", "--validate", "--config-file", str(tmp_path / "daemon.json"), *line.split()]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("words", "config"), [*((words, config or "{}") for words, config, _ in TOLD), *(((), config) for config in REFUSED)])
def test_dockerd_starts_with_no_key_that_flag_and_file_give(words: tuple[str, ...], config: str, tmp_path: Path) -> None:
    """It looks for the certificates of TLS after that, and names them."""
    (tmp_path / "daemon.json").write_text(config)
    argv = ["dockerd", "--validate", "--config-file", str(tmp_path / "daemon.json"), *words]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=False)
    clashes = next((facts.get("clashes") for given, file, facts in TOLD if (given, file or "{}") == (words, config)), ["hosts"])
    assert (done.returncode == 0 or "invalid TLS configuration" in done.stderr) is not bool(clashes), done.stderr


@pytest.mark.parametrize("line", [*TAKEN_LINES, *OPEN_LINES])
def test_dockerd_takes_no_line_less(line: str, tmp_path: Path) -> None:
    """What it does not take is never said to be taken; what is left open it may take."""
    (tmp_path / "daemon.json").write_text("{}")
    argv = ["dockerd", "--validate", "--config-file", str(tmp_path / "daemon.json"), *line.split()]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0 or line in OPEN_LINES, done.stderr


def validates(document: object, tmp_path: Path) -> bool:
    (tmp_path / "daemon.json").write_text(json.dumps(document))
    argv = ["dockerd", "--validate", "--config-file", str(tmp_path / "daemon.json")]
    return subprocess.run(argv, capture_output=True, timeout=30, check=False).returncode == 0


@pytest.mark.parametrize("document", [*TAKES, *ENDS], ids=json.dumps)
def test_values_that_validate(document: dict[str, Any], tmp_path: Path) -> None:
    assert validates(document, tmp_path)


@pytest.mark.parametrize("document", REFUSES, ids=json.dumps)
def test_values_that_do_not(document: dict[str, Any], tmp_path: Path) -> None:
    assert not validates(document, tmp_path)


@pytest.fixture(scope="module")
def world() -> Iterator[DaemonWorld]:
    made = DaemonWorld()
    made.run("ip", "link", "set", "lo", "up")
    made.start_containerd()
    yield made
    made.end()


def starts(world: DaemonWorld, document: dict[str, Any]) -> bool:
    """Start a dockerd, end it, and say whether it was there."""
    world.configure({"iptables": False, "ip6tables": False, **document})
    place = ("--data-root", f"{world.base}/docker", "--containerd", "/run/containerd/containerd.sock", "-H", f"unix://{DOCKER}")
    dockerd = world.start("dockerd", *place)
    end = time.monotonic() + 30
    while dockerd.poll() is None and not world.answers(DOCKER):
        assert time.monotonic() < end, document
    started = dockerd.poll() is None
    dockerd.terminate()
    dockerd.wait(30)
    world.processes.remove(dockerd)
    return started


@pytest.mark.parametrize("document", ENDS, ids=json.dumps)
def test_values_that_validate_and_do_not_start(document: dict[str, Any], world: DaemonWorld) -> None:
    assert not starts(world, document)


@pytest.mark.parametrize(
    "user", ["dave", "4004", "dave:dave", "dave:4004", "dave:docker", "root", "0", "gone", "4999", "dave:gone", "dave:4999", "nobody", "daemon"]
)
def test_users_to_remap_to(user: str, world: DaemonWorld, scan: Scanner) -> None:
    world.configure({"userns-remap": user})
    (world.etc / "init.d/docker").write_text("-- $DOCKER_OPTS\n")
    done = subprocess.run(world.inside("dockerd", "--validate"), capture_output=True, text=True, timeout=30, check=False)
    scanned = scan(world, "--rule", "HC-DKD-17")
    assert scanned.results()["HC-DKD-17", "/etc/init.d/docker"] == ("fail" if done.returncode else "pass"), done.stderr


RELATED = ({"log-driver", "log-opts"}, {"bip", "bridge", "default-address-pools", "default-gateway", "fixed-cidr"}, {"cgroup-parent", "exec-opts"})


def together(documents: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return as few documents as can be that say all of it: no two of a key, or of keys that are about each other."""
    rounds: list[tuple[set[str], dict[str, Any]]] = []
    for one in documents:
        keys = set(one).union(*(group for group in RELATED if group & set(one)))
        taken, whole = next((each for each in rounds if not each[0] & keys), (set[str](), {}))
        if not taken:
            rounds.append((taken, whole))
        taken |= keys
        whole |= one
    return [whole for _, whole in rounds]


@pytest.mark.parametrize("document", together(one for one in TAKES if "hosts" not in one), ids=lambda one: "-".join(one)[:60])
def test_dockerd_starts_with_what_is_said_to_start(document: dict[str, Any], world: DaemonWorld) -> None:
    assert starts(world, document), (world.base / "log").read_text()[-2000:]


def sample(key: str) -> object:
    """Return a value of the right type."""
    if key in SETTINGS:
        kind = SETTINGS[key].kind
        usual: dict[str, object] = {"flag": False, "text": "", "list": [], "urls": [], "names": {}, "options": {}, "programs": {}}
        special = {"default-ipc-mode": "private", "log-level": "info", "default-cgroupns-mode": "host", "default-runtime": "runc"}
        return special.get(key, usual[kind])
    if key in settings.OTHER_NUMBERS:
        return 1
    return (
        []
        if key in settings.OTHER_LISTS or key == "default-address-pools"
        else {}
        if key in settings.OTHER_MAPS
        else False
        if key in settings.OTHER_FLAGS
        else ""
    )


def test_dockerd_knows_every_key(tmp_path: Path) -> None:
    """All at once, as it takes 50 ms to ask."""
    keys = settings.KNOWN - NEWER - {"deprecated-key-path", "default-shm-size", "oom-score-adjust"}
    values = {key: sample(key) for key in sorted(keys)}
    for text in (
        "ip",
        "default-gateway",
        "default-gateway-v6",
        "host-gateway-ip",
        "log-format",
        "rootless",
        "tlscacert",
        "tlscert",
        "tlskey",
        "tls",
        "tlsverify",
    ):
        values.pop(text, None)
    config = tmp_path / "daemon.json"
    config.write_text(json.dumps(values))
    done = subprocess.run(["dockerd", "--validate", "--config-file", str(config)], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr


def test_dockerd_has_no_flag_that_is_not_known() -> None:
    told = subprocess.run(["dockerd", "--help"], capture_output=True, text=True, timeout=30, check=True).stdout
    lines = [line.split() for line in told.split("\n") if line.startswith("  ") and " --" in line[:12]]
    flags = {next(word for word in words if word.startswith("--"))[2:]: words for words in lines}
    assert set(flags) <= settings.ALL_FLAGS, set(flags) - settings.ALL_FLAGS
    letters = {words[0][1]: name for name, words in flags.items() if words[0] == f"-{words[0][1]}," and words[0][1] != "v"}
    assert letters.items() <= settings.LETTERS.items()
