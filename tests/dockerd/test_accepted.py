"""What dockerd does with values, as dockerd 26 itself was seen to do it: it starts, it refuses the file, or it ends when it starts; some are left open."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck_builtin.dockerd import accepted, daemon_json, settings

PATH = "/etc/docker/daemon.json"
POOL = {"base": "10.0.0.0/8", "size": 24}
TAKES: list[dict[str, Any]] = [
    *({"log-level": one} for one in ("INFO", "trace", "panic", "", "Warn")),
    *({"log-format": one} for one in ("text", "json", "")),
    {"dns": ["8.8.8.8", "::1"]},
    {"dns-search": ["a.b", "."]},
    {"dns-opts": ["bad opt!"]},
    *({"labels": one} for one in (["a=b"], ["=b"], ["a="], ["a=b", "a=b"], ["a b=c"])),
    *({"node-generic-resources": one} for one in (["gpu=1"], ["=1"], ["gpu=1", "cpu=2"])),
    *({"mtu": one} for one in (0, 1500)),
    *({key: one} for key in ("max-concurrent-downloads", "max-concurrent-uploads", "max-download-attempts") for one in (0, 1)),
    *({"shutdown-timeout": one} for one in (-2, 0, 15)),
    *({"network-control-plane-mtu": one} for one in (-1, 1500)),
    *({"storage-driver": one} for one in ("overlay2", "vfs", "")),
    {"storage-opts": []},
    *(
        {"runtimes": {"a": one}}
        for one in ({"path": "x"}, {"path": "x", "runtimeArgs": ["q"]}, {"runtimeType": "x"}, {"RuntimeType": "x", "options": {"a": 1}})
    ),
    *({"bip": one} for one in ("10.0.0.1/24", "")),
    {"bip": "10.0.0.1/24", "fixed-cidr": "10.0.0.0/25", "default-gateway": "10.0.0.2"},
    *({"fixed-cidr-v6": one} for one in ("fd00::/64", "")),
    *({"ip": one} for one in ("0.0.0.0", "::")),
    {"host-gateway-ip": "::1"},
    *({"hosts": [one]} for one in ("fd://", "unix:///x", "tcp://0.0.0.0:2375", "", "tcp://", ":2375", "tcp://[::1]:1", "tcp://1.2.3.4", "unix://rel")),
    *({"exec-opts": [f"native.cgroupdriver={one}"]} for one in ("systemd", "cgroupfs")),
    *({"insecure-registries": [one]} for one in ("a", "a:5000", "http://a", "https://a", "10.0.0.0/8", "10.0.0.1:5000", "::1/128")),
    *({"registry-mirrors": [one]} for one in ("http://a", "https://a/", "https://a.b:5000")),
    *({"default-address-pools": one} for one in ([], [POOL], [{"Base": "10.1.2.3/8", "SIZE": 24}], [{"base": "fd00::/48", "size": 64}, POOL])),
    *({"cgroup-parent": one} for one in ("a.slice", "")),
    {"cgroup-parent": "/hc", "exec-opts": ["native.cgroupdriver=cgroupfs"]},
    *({"default-ulimits": {"nofile": one}} for one in ({"Name": "nofile", "Hard": 1, "Soft": 2}, {}, None, {"nope": 1})),
    *({"default-shm-size": one} for one in ("64M", "0", "64 m", "1.5g")),
    *({"default-ipc-mode": one} for one in ("private", "shareable", "")),
    *({"default-cgroupns-mode": one} for one in ("private", "host", "")),
    *({"group": one} for one in ("docker", "root", "")),
    *({"metrics-addr": one} for one in ("127.0.0.1:9323", "")),
    *({"log-driver": one} for one in ("nonsense", "json-file", "none", "")),
    {"log-opts": {"max-size": "x", "max-file": "x", "compress": "maybe", "tag": "{{"}},
    {"log-driver": "local", "log-opts": {"compress": "q", "mode": "non-blocking", "max-buffer-size": "1m"}},
    *({"builder": one} for one in ({}, {"gc": {"enabled": True}}, {"gc": {"defaultKeepStorage": "20GB"}})),
    *({"features": one} for one in ({"buildkit": True}, {"x": None})),
    {"proxies": {"http-proxy": ":bad"}},
    {"default-network-opts": {"bridge": {"a": "b"}, "x": None}},
    *({"seccomp-profile": one} for one in ("", "builtin", "unconfined")),
]
"""What it starts with."""
REFUSES: list[dict[str, Any]] = [
    {"log-level": "nonsense"},
    {"log-format": "xml"},
    *({"dns": [one]} for one in ("bad", "8.8.8.8:53", "1.2.3", "08.8.8.8")),
    *({"dns-search": [one]} for one in ("bad domain", "")),
    *({"labels": one} for one in (["a"], [""], ["a=b", "a=c"])),
    *({"node-generic-resources": [one]} for one in ("gpu", "gpu=-1", "")),
    *({"mtu": one} for one in ("1500", -1, 10**20)),
    *({key: -1} for key in ("max-concurrent-downloads", "max-concurrent-uploads", "max-download-attempts")),
    {"runtimes": {"a": {"path": "x", "runtimeArgs": "q"}}},
    *({"fixed-cidr-v6": one} for one in ("bad", "10.0.0.0/8")),
    *({key: "bad"} for key in ("default-gateway", "default-gateway-v6", "ip", "host-gateway-ip")),
    *({"hosts": [f"{one}"]} for one in ("bad://x", "http://x", "ssh://x", "TCP://a:1", "tcp://a:b", "tcp://h/p", "tcp://h:2375/", "tcp://h:0", "tcp://h:-1")),
    *({"default-address-pools": one} for one in ("x", [5], [{"base": "10.0.0.0/8", "size": "24"}], {})),
    {"userns-remap": "a:b:c"},
    *({"default-ulimits": {"nofile": one}} for one in (5, {"Hard": "1"}, {"hard": 1.5}, {"soft": "x"})),
    *({"default-shm-size": one} for one in ("bad", "", -1, 64, "-1", 0, 1.5, None, True)),
    *({"default-ipc-mode": one} for one in ("host", "none", "bad", "container:x")),
    {"default-cgroupns-mode": "bad"},
    {"userland-proxy-path": "nope"},
    {"builder": {"gc": 5}},
    {"builder": {"entitlements": 5}},
    {"builder": {"Entitlements": "x"}},
    *({"features": {"x": one}} for one in ("x", 1)),
    {"proxies": {"http-proxy": 5}},
    *({"default-network-opts": {"bridge": one}} for one in (5, {"a": 5})),
]
"""What --validate refuses."""
ENDS: list[dict[str, Any]] = [
    *({"bip": one} for one in ("bad", "10.0.0.1", "::1/64", "300.0.0.1/24")),
    {"bip": "10.0.0.1/24", "bridge": "br0"},
    {"fixed-cidr": "bad"},
    {"default-gateway": "::1"},
    *({"storage-opts": [one]} for one in ("a", "")),
    *({"runtimes": {"a": one}} for one in ({}, {"path": ""}, {"path": "x", "runtimeType": "y"}, {"path": "x", "options": {"a": 1}}, None)),
    {"runtimes": {"a": {"runtimeType": "x", "runtimeArgs": ["a"]}}},
    {"runtimes": {"runc": {"path": "x"}}},
    {"exec-opts": ["native.cgroupdriver=x"]},
    *({"insecure-registries": [one]} for one in ("bad name", "a/b", "a:99999", "ftp://a", "u:p@h", "10.0.0.0/99", "")),
    *({"registry-mirrors": [one]} for one in ("a", "ftp://a", "https://a?x", "https://a#x", "https://u:p@a", "")),
    {"allow-nondistributable-artifacts": ["bad name"]},
    *({"default-address-pools": [one]} for one in ({"base": "bad", "size": 24}, {"size": 24}, None)),
    *({"log-opts": one} for one in ({"mode": "bad"}, {"max-buffer-size": "1m"}, {"mode": "blocking", "max-buffer-size": "1m"})),
    {"metrics-addr": "bad"},
]
"""What --validate takes, and dockerd then does not start with."""
OPEN: list[dict[str, Any]] = [
    *({"dns": [one]} for one in ("", "fe80::1%eth0", " 8.8.8.8")),
    *({"dns-search": [one]} for one in ("-x", "a_b", "x" * 300)),
    *({"node-generic-resources": one} for one in (["gpu=a", "gpu=b"], ["gpu=1", "gpu=a"])),
    *({"storage-driver": one} for one in ("nonsense", "btrfs", "aufs")),
    *({"storage-opts": [f"overlay2.{one}"]} for one in ("nope=1", "override_kernel_check=true")),
    {"mtu": 10**12},
    {"bip": "10.0.0.0/24"},
    {"fixed-cidr": "10.0.0.0/24"},
    {"default-gateway": "10.0.0.1"},
    *({"hosts": [one]} for one in ("x", "npipe:////x", "vsock://1:2", "tcp://u:p@h:1", "tcp://name:1")),
    {"exec-opts": ["a=b"]},
    *({"insecure-registries": [one]} for one in ("-a", "a:b", "::1", "a_b", "*")),
    *({"registry-mirrors": [one]} for one in ("https://a/b", "https://", "http://a b", "HTTPS://a", "https://a:99999")),
    *(
        {"default-address-pools": one}
        for one in ([{"base": "10.0.0.0/8", "size": 4}], [{"base": "10.0.0.0/8", "size": 99}], [POOL, POOL], [{"base": "fd00::/48", "size": 64}])
    ),
    *({"cgroup-parent": one} for one in ("x", "/a/b", "a/b.slice", ".slice")),
    *({key: "rel"} for key in ("containerd", "data-root", "exec-root", "pidfile")),
    *({"seccomp-profile": one} for one in ("default", "UNCONFINED")),
    {"userland-proxy-path": "/nope"},
    {"log-opts": {"nope": "y"}},
    {"log-driver": "journald", "log-opts": {"max-size": "1"}},
    {"log-driver": "syslog", "log-opts": {"syslog-address": "bad"}},
    {"metrics-addr": ":9323"},
    *({"builder": one} for one in ({"gc": {"enabled": "x"}}, {"gc": {"policy": {}}}, {"entitlements": {"network-host": "x"}})),
]
"""What is left open: it depends on the version or the host, or would take much to know."""


def refused(document: object) -> Any:
    return daemon_json.read(PATH, json.dumps(document).encode())["refused"]


@pytest.mark.parametrize("document", TAKES, ids=json.dumps)
def test_it_starts(document: dict[str, Any]) -> None:
    found = refused(document)
    assert found == [] and not hasattr(found, "hole"), getattr(found, "hole", "")


@pytest.mark.parametrize("document", [*REFUSES, *ENDS], ids=json.dumps)
def test_it_does_not_start(document: dict[str, Any]) -> None:
    (told,) = refused(document)
    assert any(told.startswith(f"the value of {key} ") for key in document), told


@pytest.mark.parametrize("document", OPEN, ids=json.dumps)
def test_what_is_not_known_is_open(document: dict[str, Any]) -> None:
    found = refused(document)
    assert found == [] and any(key in found.hole.message for key in document)
    assert refused({**document, "log-level": "nonsense"}) != []


def test_values_are_not_told() -> None:
    for document in ({"labels": ["hunter2"]}, {"registry-mirrors": ["https://u:hunter2@a"]}, {"hosts": ["hunter2://x"]}, {"log-level": "hunter2"}):
        assert "hunter2" not in repr(refused(document))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet="a1:/.-=% @", max_size=8) | st.floats(allow_nan=False),
    lambda one: st.lists(one, max_size=3) | st.dictionaries(st.sampled_from(["path", "base", "size", "gc", "Hard", "mode", "x"]), one, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted(settings.KNOWN)), VALUES, max_size=4))
def test_any_document_is_judged(document: dict[str, Any]) -> None:
    refused(document)


def test_each_key_of_the_table_is_one_of_dockerds() -> None:
    assert set(accepted.TABLE) <= settings.KNOWN
