"""The settings that are stated, beside dockerd itself: which keys it has, and of what type."""

from pathlib import Path

import pytest

from hostcheck.facts_schema import load_facts_schema
from hostcheck_builtin.daemon import probe_docker_daemons
from hostcheck_builtin.dockerd import settings
from hostcheck_builtin.dockerd.settings import SETTINGS

FOLDER = Path(probe_docker_daemons.__file__).parent
SECRET = "hunter2"


@pytest.mark.parametrize("name", ["probe_docker_daemons", "probe_user_docker_daemons"])
def test_the_schema_has_each_setting(name: str) -> None:
    schema = load_facts_schema(str(FOLDER / f"{name}.facts.json"))
    assert set(schema["$defs"]["settings"]["properties"]) == set(SETTINGS)


def test_the_analysis_has_each_setting() -> None:
    schema = load_facts_schema(str(FOLDER / "analysis_daemon_config.facts.json"))
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
