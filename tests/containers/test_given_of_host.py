"""What a container was given by name, and what volumes show: bounded, and without the options in which passwords stand."""

from typing import Any

import pytest
from containers.container_host import bind, inspected

from hostcheck.model import Hole, Why
from hostcheck_builtin.containers import given_of_host


def told(**config: Any) -> Any:
    return given_of_host.given(inspected(**config))


def test_mounts() -> None:
    volume = {"Type": "volume", "Name": "v", "Source": "/s", "Destination": "/d", "Driver": "local", "RW": False, "Mode": "z"}
    odd = {"Type": "cluster", "Destination": "/o", "RW": True}
    assert told(Mounts=[bind("/etc"), volume, odd])["mounts"] == [
        {"destination": "/x", "source": "/etc", "writable": True, "propagation": "rprivate", "type": "bind"},
        {"destination": "/d", "source": "/s", "writable": False, "propagation": "", "type": "volume", "volume": "v", "driver": "local"},
        {"destination": "/o", "source": "", "writable": True, "propagation": "", "type": "other"},
    ]


@pytest.mark.parametrize(
    "mounts", ["x", {}, [1], [{}], [{**bind("/etc"), "RW": "no"}], [{**bind("/etc"), "Destination": None}], [{**bind("/etc"), "Source": ["/"]}]]
)
def test_a_mount_that_makes_no_sense_leaves_all_unknown(mounts: Any) -> None:
    assert told(Mounts=mounts)["mounts"].why is Why.NONSENSE


def test_mounts_and_their_texts_have_bounds() -> None:
    assert len(told(Mounts=[bind("/etc", f"/{number}") for number in range(10_000)])["mounts"]) == 10_000
    for mounts in ([bind("/etc")] * 10_001, [bind("/" + "x" * 5000)]):
        assert told(Mounts=mounts)["mounts"].why is Why.LIMIT
    assert told(Mounts=None)["mounts"] == []


def test_devices_and_rules() -> None:
    found = told(Devices=[{"PathOnHost": "/dev/x", "PathInContainer": "/dev/y", "CgroupPermissions": "r"}], DeviceCgroupRules=["c  1:3   rwm", "a *:* m"])
    assert found["devices"] == [{"host": "/dev/x", "container": "/dev/y", "permissions": "r"}]
    assert found["device_rules"] == ["c 1:3 rwm", "a *:* m"]
    for rules in ("a", ["a"], ["b *:*"], ["x 1:1 r"], ["b 1:1 rwmx"], [1]):
        assert isinstance(told(DeviceCgroupRules=rules)["device_rules"], Hole)


def test_ports() -> None:
    bindings = {"80/tcp": [{"HostIp": "", "HostPort": "8080"}, {"HostIp": "::", "HostPort": "8000-8010"}], "53/udp": [{"HostIp": "127.0.0.1"}], "9/tcp": None}
    assert told(Ports=bindings)["ports"] == [
        {"protocol": "tcp", "address": "", "port": "8080", "inside": "80"},
        {"protocol": "tcp", "address": "::", "port": "8000-8010", "inside": "80"},
        {"protocol": "udp", "address": "127.0.0.1", "port": "", "inside": "53"},
    ]


@pytest.mark.parametrize(("state", "port"), [("running", "1"), ("paused", "1"), ("exited", "2"), ("created", "2"), ("restarting", "2")])
def test_ports_are_those_that_are_served_and_else_those_that_were_asked_for(state: str, port: str) -> None:
    found = told(State=state, Ports={"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "1"}]}, PortBindings={"80/tcp": [{"HostIp": "", "HostPort": "2"}]})["ports"]
    assert [one["port"] for one in found] == [port]


@pytest.mark.parametrize("bindings", ["x", [], {"80": "x"}, {"80/TCP": [{}]}, {"80": [{"HostIp": "hunter2"}]}, {"80": [{"HostPort": "x"}]}, {"x": [{}]}])
def test_ports_that_make_no_sense_are_not_known(bindings: Any) -> None:
    assert told(Ports=bindings)["ports"].why is Why.NONSENSE


def test_volumes() -> None:
    options = {"bind": {"type": "none", "o": "bind", "device": "/etc"}, "disk": {"type": "ext4", "device": "/dev/vda1"}, "own": None, "none": {}}
    options |= {"far": {"type": "nfs4", "device": "/x"}, "memory": {"type": "tmpfs", "device": "tmpfs"}}
    found = given_of_host.volumes({"Volumes": [{"Name": name, "Options": one} for name, one in options.items()]})
    assert found == {"bind": "/etc", "disk": "/dev/vda1", "own": "", "none": "", "far": "", "memory": ""}


@pytest.mark.parametrize("options", [{"type": "overlay", "device": "overlay"}, [1], {"device": 1}])
def test_what_a_volume_shows_may_not_be_known(options: Any) -> None:
    assert isinstance(given_of_host.volumes({"Volumes": [{"Name": "v", "Options": options}]})["v"], Hole)
    assert isinstance(given_of_host.volumes({"Volumes": [{"Name": "v"}]})["v"], Hole)


@pytest.mark.parametrize("document", [{}, {"Volumes": "x"}, {"Volumes": [1]}, {"Volumes": [{}]}])
def test_a_list_of_volumes_that_is_none_is_not_known(document: Any) -> None:
    assert isinstance(given_of_host.volumes(document), Hole)
    assert given_of_host.volumes({"Volumes": None}) == {}
