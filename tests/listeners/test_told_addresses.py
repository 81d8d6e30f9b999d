"""What a command line says of TCP, and that nothing else of it is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, OpenObject
from hostcheck_builtin.listeners.told_addresses import TLS, told

NOTHING = MemoryHost()


@pytest.mark.parametrize(
    ("engine", "argv", "addresses"),
    [
        ("docker", "-H tcp://0.0.0.0:2375", {"0.0.0.0:2375": "--host"}),
        ("docker", "-Htcp://:2375", {":2375": "--host"}),
        ("docker", "--host=tcp://[::1]:2376", {"[::1]:2376": "--host"}),
        ("docker", "-H 0.0.0.0:2375 --host=:2376", {"0.0.0.0:2375": "--host", ":2376": "--host"}),
        ("docker", "-DH tcp://:2375 -DH=tcp://:2376 -DHtcp://:2377", {":2375": "--host", ":2376": "--host", ":2377": "--host"}),
        ("docker", "--host= --metrics-addr=", {}),
        ("docker", "--host tcp://u:hunter2@example.org:2376", {"example.org:2376": "--host"}),
        ("docker", "-H fd:// -H unix:///run/docker.sock", {}),
        ("docker", "--metrics-addr 127.0.0.1:9323", {"127.0.0.1:9323": "--metrics-addr"}),
        ("docker", "--metrics-addr=0.0.0.0:9323 -H fd://", {"0.0.0.0:9323": "--metrics-addr"}),
        ("docker", "--tls", {"localhost:2376": "hosts"}),
        ("docker", "--label -H --label tcp://:2375", {}),
        ("docker", "/opt/wrapper -H tcp://:2375", {":2375": "--host"}),
        ("docker", "--log-opt tcp://u:hunter2@logs:514", {}),
        ("podman", "system service --time=0 tcp:localhost:8080", {"localhost:8080": "service"}),
        ("podman", "system service tcp://:8080", {":8080": "service"}),
        ("buildkit", "--addr tcp://0.0.0.0:1234 --debugaddr 0.0.0.0:6060", {"0.0.0.0:1234": "--addr", "0.0.0.0:6060": "--debugaddr"}),
        ("containerd", "-H tcp://0.0.0.0:1", {}),
    ],
)
def test_addresses(engine: str, argv: str, addresses: dict[str, str]) -> None:
    assert told(NOTHING, engine, ["program", *argv.split()])["addresses"] == addresses


def test_options_of_tls_without_their_values() -> None:
    argv = ["dockerd", "--tlsverify=false", "--tlskey", "/root/hunter2.pem", "--tls", "--label=hunter2", "-H", ""]
    assert told(NOTHING, "docker", argv) == {"addresses": {"localhost:2376": "hosts"}, "tls_options": ["--tls", "--tlskey", "--tlsverify"], "activated": False}


@pytest.mark.parametrize(
    ("config", "addresses", "activated"),
    [
        ('{"hosts": ["tcp://:2376", "unix:///x"]}', {":2376": "hosts"}, False),
        ('{"hosts": ["10.0.0.1:2375", " tcp://:2376", ""]}', {"10.0.0.1:2375": "hosts", ":2376": "hosts"}, False),
        ('{"hosts": ["fd://"], "metrics-addr": "127.0.0.1:9323"}', {"127.0.0.1:9323": "metrics-addr"}, True),
        ('{"hosts": ["tcp://10.0.0.1"]}', {"10.0.0.1:2375": "hosts", "10.0.0.1:2376": "hosts"}, False),
        ('{"hosts": null, "proxies": {"http-proxy": "tcp://u:hunter2@x:1"}}', {}, False),
        ('{"tlsverify": true}', {"localhost:2376": "hosts"}, False),
        ("", {}, False),
    ],
)
def test_dockerds_configuration(config: str, addresses: dict[str, str], activated: bool) -> None:
    found = told(MemoryHost({"/etc/docker/daemon.json": config}), "docker", ["dockerd"])
    assert (found["addresses"], found["activated"]) == (addresses, activated)
    assert told(MemoryHost({"/x": config}), "docker", ["dockerd", "--config-file", "/x"]) == found
    assert told(MemoryHost({"/x": config}), "docker", ["dockerd", "--config-file=/y", "--config-file", "/x"]) == found
    assert told(MemoryHost({"/etc/docker/daemon.json": config}), "podman", ["podman"])["addresses"] == {}


def test_a_configuration_with_which_dockerd_would_not_start_leaves_open_what_it_was_told() -> None:
    found = told(MemoryHost({"/etc/docker/daemon.json": "{"}), "docker", ["dockerd", "-H", "tcp://:1"])
    assert found["addresses"] == {":1": "--host"} and isinstance(found["addresses"], OpenObject) and isinstance(found["activated"], Hole)


@given(st.sampled_from(["docker", "podman", "buildkit", "crio"]), st.lists(st.text(max_size=30) | st.just("-H"), max_size=5))
def test_nothing_but_addresses_and_names_is_kept(engine: str, argv: list[str]) -> None:
    found = told(NOTHING, engine, ["x", *argv])
    assert set(found["tls_options"]) <= {*TLS}
    assert all(address.rpartition(":")[2].isdigit() and "@" not in address for address in found["addresses"])
