"""A command line as dockerd reads it: each form in which a flag may be written, and what of it is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host import Nonsense
from hostcheck.model import Hole, OpenArray, OpenObject
from hostcheck_builtin.dockerd import flags, settings

CASES = {
    "": {},
    "-H unix:///run/docker.sock -H=fd:// -Htcp://[::1]:2375 --host tcp://10.0.0.1": {
        "hosts": ["unix:///run/docker.sock", "fd://", "tcp://[::1]:2375", "tcp://10.0.0.1"]
    },
    "--icc=false --iptables --live-restore=1": {"icc": False, "iptables": True, "live-restore": True},
    "--icc --icc=f": {"icc": False},
    "-D": {"debug": True},
    "-Dl warn": {"debug": True, "log-level": "warn"},
    "-Dlwarn": {"debug": True, "log-level": "warn"},
    "-D=false": {"debug": False},
    "-G bob --group=docker": {"group": "docker"},
    "--log-opt max-size=10m --log-opt splunk-token=x=y": {"log-opts": {"max-size": "10m", "splunk-token": ""}},
    "--add-runtime kata=/usr/bin/kata": {"runtimes": {"kata": "/usr/bin/kata"}},
    "--default-ulimit nofile=1:2": {"default-ulimits": ["nofile"]},
    "--authorization-plugin=a --authorization-plugin b": {"authorization-plugins": ["a", "b"]},
    "--http-proxy http://u:hunter2@p --label x --icc=false": {"icc": False},
    "--data-root= -p /x.pid": {"data-root": "", "pidfile": "/x.pid"},
}


@pytest.mark.parametrize("line", CASES)
def test_what_flags_set(line: str) -> None:
    found = flags.parse(line.split())
    assert found.settings == CASES[line]
    assert not isinstance(found.settings, OpenObject)
    assert set(CASES[line]) <= set(found.given)


def test_the_file_and_the_keys_that_are_given() -> None:
    found = flags.parse(["--config-file", "/x.json", "--label", "a=b", "--http-proxy=x", "--storage-opt", "y"])
    assert found[:3] == ({}, "/x.json", ["http-proxy", "labels", "storage-opts"])


@pytest.mark.parametrize("line", ["icc=false", "-H fd:// serve", "--", "-H", "--log-level", "-"])
def test_what_dockerd_would_not_start_with(line: str) -> None:
    with pytest.raises(Nonsense):
        flags.parse(line.split())


@pytest.mark.parametrize(
    "line", ["--brand-new --icc=false", "--brand-new=5 --icc=false", "--brand-new 5 --icc=false", "-z --icc=false", "--icc=false --brand-new"]
)
def test_a_flag_of_a_newer_dockerd_leaves_open_what_it_sets(line: str) -> None:
    """What follows it is its word where it is no flag itself, since dockerd takes no other words."""
    found = flags.parse(line.split())
    assert isinstance(found.settings, OpenObject) and isinstance(found.given, OpenArray)
    assert found.settings == {"icc": False}


@pytest.mark.parametrize("line", ["-g /x", "-Dg/x", "--graph=/x"])
def test_a_flag_of_an_older_dockerd_counts_and_leaves_open_whether_this_one_starts(line: str) -> None:
    for old in (line, f"{line} --oom-score-adjust=5", "--data-root=/x --oom-score-adjust 5"):
        found = flags.parse(old.split())
        assert found.settings["data-root"] == "/x" and not isinstance(found.settings, OpenObject) and isinstance(found.given, OpenArray)


def test_a_value_that_dockerd_does_not_take() -> None:
    found = flags.parse(["--icc=maybe", "--group", "x" * 5000]).settings
    assert isinstance(found["icc"], Hole) and isinstance(found["group"], Hole)


@given(st.lists(st.text(max_size=12), max_size=6))
def test_any_words_are_read_or_refused(words: list[str]) -> None:
    try:
        found = flags.parse(words)
    except Nonsense:
        return
    assert set(found.settings) <= set(settings.SETTINGS) and set(found.given) <= settings.KNOWN


OPEN_LINES = [
    "--log-level=nonsense --dns 8.8.8.8",
    "--dns bad",
    "--label a",
    "--mtu=x",
    "--mtu=-1",
    "--debug=maybe",
    "--ipv6=x",
    "-H bad://x",
    "--default-ulimit nofile",
    "--registry-mirror=https://u:hunter2@a",
    "--default-address-pool base=bad,size=24",
    "--add-runtime runc=/x",
    "--add-runtime x",
    "--add-runtime x=/a --add-runtime x=/a",
    "--log-opt nope=1",
    "--bip 10.0.0.1/24 --bridge br0",
]
TAKEN_LINES = [
    "--dns 8.8.8.8 --mtu=1500 --label a=b",
    "--ipv6 --debug",
    "--default-ulimit nofile=1:2",
    "--log-opt max-size=1m --bip= --shutdown-timeout=-1",
    "--add-runtime own=/x --userns-remap=default --group 99",
]


@pytest.mark.parametrize("line", OPEN_LINES)
def test_values_that_dockerd_may_not_take_leave_open_whether_it_starts(line: str) -> None:
    found = flags.parse(line.split())
    assert isinstance(found.given, OpenArray) and "hunter2" not in found.given.hole.message


@pytest.mark.parametrize("line", TAKEN_LINES)
def test_values_that_dockerd_takes(line: str) -> None:
    assert not isinstance(flags.parse(line.split()).given, OpenArray)
