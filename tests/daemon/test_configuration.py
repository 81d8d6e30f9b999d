"""daemon.json, beside dockerd itself: what keeps it from starting, and that no secret comes out."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from system.test_daemon_json import READS, REFUSES

from hostcheck.model import Hole
from hostcheck_builtin.daemon import configuration, settings

PATH = "/etc/docker/daemon.json"
STARTS = {
    **READS,
    "usual": b'{"icc": false, "log-opts": {"max-size": "10m"}, "default-ulimits": {"nofile": {"Name": "nofile", "Hard": 2, "Soft": 1}}}',
    "objects in objects": b'{"x": {"hosts": {"no-such-key": 1}}, "y": {"icc": ' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"}}",
    "an option of logs that is null": b'{"log-opts": {"max-size": null}}',
    "proxies": b'{"proxies": {"http-proxy": "http://u:hunter2@p"}}',
    "nested": b'{"features": {"buildkit": true}, "builder": {"gc": {"enabled": true}}, "default-address-pools": [{"base": "10.200.0.0/16", "size": 24}]}',
    "the name of a flag, which sets nothing": b'{"host": ["fd://"], "insecure-registry": 5}',
    "a flag's plural": b'{"labels": ["a=b"], "storage-opts": [], "exec-opts": ["native.cgroupdriver=cgroupfs"]}',
}
STOPS = {
    **REFUSES,
    "no such key": b'{"no-such-key": 1}',
    "a text for a flag": b'{"icc": "false"}',
    "a number for a text": b'{"group": 5}',
    "a text for a list": b'{"hosts": "fd://"}',
    "a list of numbers": b'{"labels": [5]}',
    "a text for a number": b'{"mtu": "1500"}',
    "a fraction": b'{"mtu": 15.5}',
    "a list for limits": b'{"default-ulimits": ["nofile"]}',
    "a text for a runtime": b'{"runtimes": {"a": "b"}}',
    "an option of logs that is a number": b'{"log-opts": {"max-file": 3}}',
    "an option of logs that is true": b'{"log-opts": {"compress": true}}',
    "a key in a key": b'{"proxies": {"nonsense": "x"}}',
}


@pytest.mark.parametrize("how", STARTS)
def test_what_dockerd_starts_with(how: str) -> None:
    assert configuration.read(PATH, STARTS[how])["refused"] == []


@pytest.mark.parametrize("key", sorted(configuration.OLD))
def test_a_key_of_older_dockerds_leaves_open_whether_this_one_starts(key: str) -> None:
    refused: Any = configuration.read(PATH, json.dumps({key: 1 if key == "oom-score-adjust" else "x"}).encode())["refused"]
    assert refused == [] and key in refused.hole.message
    assert configuration.read(PATH, json.dumps({key: 5, "no-such-key": 1}).encode())["refused"] != []


def test_what_docker_29_starts_with() -> None:
    assert configuration.read(PATH, b'{"nri-opts": {"enable": true, "plugin-path": "/opt/nri"}}')["refused"] == []


@pytest.mark.parametrize("how", STOPS)
def test_what_it_does_not_start_with(how: str) -> None:
    found = configuration.read(PATH, STOPS[how])
    assert found["refused"], found
    assert "hunter2" not in repr(found)


def test_what_is_told_of_a_file() -> None:
    text = b'{"icc": false, "ICC": true, "group": 5, "proxies": {"http-proxy": "http://u:hunter2@p"}, "log-opts": {"token": "hunter2"}, "hunter2 is a key": 1}'
    found = configuration.read(PATH, text)
    assert found["settings"]["icc"] is False and found["settings"]["log-opts"] == {"token": ""}
    assert isinstance(found["settings"]["group"], Hole)
    assert found["keys"] == ["group", "http-proxy", "icc", "log-opts"]
    assert found["refused"] == [
        "it writes the key icc in other letters",
        "it has a key that no dockerd up to version 29 knows",
        "the value of group has the wrong type",
    ]
    assert "hunter2" not in repr(found)


def test_what_is_no_json_tells_nothing() -> None:
    found = configuration.read(PATH, b'{"icc": false,}')
    assert isinstance(found["settings"], Hole) and isinstance(found["keys"], Hole)
    assert len(found["refused"]) == 1 and found["refused"][0].startswith("no JSON")


def test_many_wrong_values_are_ten() -> None:
    assert len(configuration.read(PATH, json.dumps({key: {"": 1} for key in sorted(settings.SETTINGS)}).encode())["refused"]) == configuration.WRONG


@given(st.binary(max_size=60) | st.text(alphabet='{}[]":,icdebugnull0 ', max_size=40).map(str.encode))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    assert set(configuration.read(PATH, raw)) == {"refused", "keys", "settings"}
