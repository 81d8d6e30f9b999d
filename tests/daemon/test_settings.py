"""The settings that are stated, beside dockerd itself: which keys it has, and of what type."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from hostcheck_builtin.daemon import probe_docker_daemons, settings
from hostcheck_builtin.daemon.settings import SETTINGS

FOLDER = Path(probe_docker_daemons.__file__).parent
SECRET = "hunter2"
NEWER = {"allow-direct-routing", "bip6", "bridge-accept-fwmark", "firewall-backend", "host-gateway-ips", "ip-forward-no-drop", "min-api-version", "nri-opts"}
"""Keys of dockerd 27 to 29."""


@pytest.mark.parametrize("name", ["probe_docker_daemons", "probe_user_docker_daemons"])
def test_the_schema_has_each_setting(name: str) -> None:
    schema = json.loads((FOLDER / f"{name}.facts.json").read_text(encoding="utf-8"))
    assert set(schema["$defs"]["settings"]["properties"]) == set(SETTINGS)


def test_the_analysis_has_each_setting() -> None:
    schema = json.loads((FOLDER / "analysis_daemon_config.facts.json").read_text(encoding="utf-8"))
    assert set(schema["$defs"]["daemon"]["properties"]["settings"]["properties"]) == set(SETTINGS)


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("icc", False, False),
        ("hosts", [f"tcp://me:{SECRET}@10.0.0.1:2375", "fd://"], ["tcp://10.0.0.1:2375", "fd://"]),
        ("insecure-registries", [f"me:{SECRET}/@reg.local:5000"], ["reg.local:5000"]),
        ("registry-mirrors", [f"https://me:{SECRET}@mirror.local/a?token={SECRET}", f"http://m/{SECRET}"], ["https://mirror.local", "http://m"]),
        ("log-opts", {"max-size": "10m", "splunk-token": SECRET, "max-file": "3"}, {"max-file": "3", "max-size": "10m", "splunk-token": ""}),
        ("nri-opts", {"enable": True, "plugin-path": "/opt/nri"}, {"enable": "true", "plugin-path": "/opt/nri"}),
        ("default-ulimits", {"nofile": {"Name": "nofile", "Hard": 1, "Soft": 1}}, ["nofile"]),
        ("runtimes", {"kata": {"path": "/usr/bin/kata", "runtimeArgs": [SECRET]}, "t": {"runtimeType": "io.containerd.x"}}, {"kata": "/usr/bin/kata", "t": ""}),
        ("runtimes", {"any": {"PATH": "/srv/any"}, "shim": {"runtimeType": "/srv/shim"}}, {"any": "/srv/any", "shim": "/srv/shim"}),
        ("userns-remap", "bob@corp:staff", "bob@corp:staff"),
    ],
)
def test_what_is_stated(key: str, value: object, expected: object) -> None:
    assert settings.stated(key, value) == expected
    assert SECRET not in repr(settings.stated(key, value))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("icc", "false"),
        ("icc", 0),
        ("group", 5),
        ("hosts", "fd://"),
        ("hosts", [1]),
        ("log-opts", []),
        ("default-ulimits", ["nofile"]),
        ("runtimes", {"a": "b"}),
    ],
)
def test_what_dockerd_would_not_take(key: str, value: object) -> None:
    with pytest.raises(TypeError):
        settings.stated(key, value)


@pytest.mark.parametrize(("key", "value"), [("bridge", "x" * 5000), ("hosts", ["fd://"] * 201)])
def test_what_is_longer_than_any(key: str, value: object) -> None:
    with pytest.raises(ValueError, match=r"\A\Z"):
        settings.stated(key, value)


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


@pytest.mark.skipif(shutil.which("dockerd") is None, reason="needs dockerd")
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


@pytest.mark.skipif(shutil.which("dockerd") is None, reason="needs dockerd")
def test_dockerd_has_no_flag_that_is_not_known() -> None:
    told = subprocess.run(["dockerd", "--help"], capture_output=True, text=True, timeout=30, check=True).stdout
    lines = [line.split() for line in told.split("\n") if line.startswith("  ") and " --" in line[:12]]
    flags = {next(word for word in words if word.startswith("--"))[2:]: words for words in lines}
    assert set(flags) <= settings.ALL_FLAGS, set(flags) - settings.ALL_FLAGS
    letters = {words[0][1]: name for name, words in flags.items() if words[0] == f"-{words[0][1]}," and words[0][1] != "v"}
    assert letters.items() <= settings.LETTERS.items()
