"""daemon.json, beside dockerd itself: what keeps it from starting, and that no secret comes out."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host import Nonsense
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole
from hostcheck_builtin.dockerd import daemon_json, settings, told
from hostcheck_builtin.dockerd.settings import SETTINGS
from hostcheck_builtin.engines import engine_programs

PATH = "/etc/docker/daemon.json"
READS = {
    "empty (edge case 15)": b"",
    "null (edge case 15)": b"null",
    "a mark and nothing": b"\xef\xbb\xbf",
    "UTF-16 and nothing": b"\xff\xfe \0",
    "an object": b'{"icc": false}',
    "null for a list": b'{"hosts": null}',
    "a key twice (edge case 16)": b'{"icc": true, "icc": false}',
    "a mark (edge case 14)": b'\xef\xbb\xbf{"icc": false}',
    "UTF-16 (edge case 14)": b"\xff\xfe" + '{"icc": false}'.encode("utf-16-le"),
    "the other UTF-16 (edge case 14)": b"\xfe\xff" + '{"icc": false}'.encode("utf-16-be"),
    "other letters below a key": b'{"log-opts": {"Max-Size": "1"}}',
}
REFUSES = {
    "a list (edge case 15)": b"[]",
    "a comma too many (edge case 18)": b'{"icc": false,}',
    "a comment (edge case 18)": b'{"icc": false} // mine',
    "a comment before (edge case 18)": b'/* mine */ {"icc": false}',
    "two values": b'{"icc": false}{"icc": true}',
    "no number": b'{"max-concurrent-uploads": NaN}',
    **{f"{key} in capitals (edge case 17)": f'{{"{key.upper()}": ""}}'.encode() for key in sorted(SETTINGS)},
    **{f"{key} as a title (edge case 17)": f'{{"{key.title()}": ""}}'.encode() for key in sorted(SETTINGS)},
    "a right key and a wrong one (edge case 17)": b'{"icc": false, "Group": "docker"}',
}
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


@pytest.mark.parametrize("how", READS)
def test_what_is_read(how: str) -> None:
    assert daemon_json.document(PATH, READS[how]).get("icc", False) is False
    host = MemoryHost({PATH: READS[how]})
    assert told.sockets(host, PATH) == {}
    assert not isinstance(engine_programs.configured(host)[PATH], Hole)


@pytest.mark.parametrize("how", REFUSES)
def test_what_dockerd_would_not_start_with_tells_nothing(how: str) -> None:
    host = MemoryHost({PATH: REFUSES[how]})
    with pytest.raises(Nonsense, match="dockerd would not start with it"):
        daemon_json.document(PATH, REFUSES[how])
    with pytest.raises(Nonsense):
        told.sockets(host, PATH)
    assert isinstance(engine_programs.configured(host)[PATH], Hole)


@pytest.mark.parametrize("how", STARTS)
def test_what_dockerd_starts_with(how: str) -> None:
    assert daemon_json.read(PATH, STARTS[how])["refused"] == []


@pytest.mark.parametrize("key", sorted(daemon_json.OLD))
def test_a_key_of_older_dockerds_leaves_open_whether_this_one_starts(key: str) -> None:
    refused: Any = daemon_json.read(PATH, json.dumps({key: 1 if key == "oom-score-adjust" else "x"}).encode())["refused"]
    assert refused == [] and key in refused.hole.message
    assert daemon_json.read(PATH, json.dumps({key: 5, "no-such-key": 1}).encode())["refused"] != []


def test_what_docker_29_starts_with() -> None:
    assert daemon_json.read(PATH, b'{"nri-opts": {"enable": true, "plugin-path": "/opt/nri"}}')["refused"] == []


@pytest.mark.parametrize("how", STOPS)
def test_what_it_does_not_start_with(how: str) -> None:
    found = daemon_json.read(PATH, STOPS[how])
    assert found["refused"], found
    assert "hunter2" not in repr(found)


def test_what_is_told_of_a_file() -> None:
    text = b'{"icc": false, "ICC": true, "group": 5, "proxies": {"http-proxy": "http://u:hunter2@p"}, "log-opts": {"token": "hunter2"}, "hunter2 is a key": 1}'
    found = daemon_json.read(PATH, text)
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
    found = daemon_json.read(PATH, b'{"icc": false,}')
    assert isinstance(found["settings"], Hole) and isinstance(found["keys"], Hole)
    assert len(found["refused"]) == 1 and found["refused"][0].startswith("no JSON")


def test_many_wrong_values_are_ten() -> None:
    assert len(daemon_json.read(PATH, json.dumps({key: {"": 1} for key in sorted(settings.SETTINGS)}).encode())["refused"]) == daemon_json.WRONG


@given(st.binary(max_size=60) | st.text(alphabet='{}[]":,icdebugnull0 ', max_size=40).map(str.encode))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    assert set(daemon_json.read(PATH, raw)) == {"refused", "keys", "settings"}
