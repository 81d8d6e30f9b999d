"""The TCP ports on which systemd listens for engines: by their units, and only where it holds the socket."""

from typing import Any

import pytest
from listeners.listener_host import DENIED, PLAIN, dockerd, facts, host, process, tcp

from hostcheck.model import Hole, OpenObject
from hostcheck_builtin.listeners.socket_units import held, ports

UNIT = "/usr/lib/systemd/system/docker.socket"
SYSTEMD = {process(1, "/usr/lib/systemd/systemd"): (("init",), (5, 6))}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ListenStream=2375", {2375: "docker"}),
        ("ListenStream=127.0.0.1:2375\nListenStream=[::1]:2376\nListenStream=/run/docker.sock", {2375: "docker", 2376: "docker"}),
        ("ListenStream=2375\nListenStream=\nListenStream=/run/docker.sock", {}),
        ("ListenStream=@docker.sock\nListenDatagram=2375\nListenStream=vsock:2:2375x", {}),
    ],
)
def test_the_ports_of_a_unit(text: str, expected: dict[int, str]) -> None:
    assert ports(host(files={UNIT: f"[Socket]\n{text}\n", "/usr/lib/systemd/system/ssh.socket": "[Socket]\nListenStream=22\n"})) == expected


def test_a_drop_in_and_the_units_of_others() -> None:
    files = {UNIT: "[Socket]\n", f"/etc/systemd/system/{UNIT[24:]}.d/x.conf": "[Socket]\nListenStream=2375\n"}
    podman = {"/etc/systemd/system/podman.socket": "[Socket]\nListenStream=8080\n"}
    assert ports(host(files={**files, **podman})) == {2375: "docker", 8080: "podman"}


def test_a_unit_of_another_name_that_starts_an_engine() -> None:
    text = "[Socket]\nListenStream=2375\nBindIPv6Only=both\nService={}\n"
    assert ports(host(files={"/etc/systemd/system/docker-tcp.socket": text.format("docker.service")})) == {2375: "docker"}
    assert ports(host(files={"/etc/systemd/system/web-tcp.socket": text.format("web.service")})) == {}


def stated(running: Any = None, **files: Any) -> Any:
    units = {UNIT: "[Socket]\nListenStream=2375\n", **files}
    return facts(SYSTEMD if running is None else running, [tcp(5, 2375), tcp(6, 22)], files=units, demands={("127.0.0.1", 2375): PLAIN})["engines"]


def test_what_systemd_holds_for_an_engine_that_does_not_run_is_not_connected_to() -> None:
    ((name, one),) = stated().items()
    assert (name, one["engine"], one["process"]["pid"], one["told"]["addresses"]) == ("0.0.0.0:2375", "docker", 1, {":2375": "ListenStream"})
    assert isinstance(one["demand"], Hole)


def test_what_an_engine_holds_as_well_is_the_engines() -> None:
    ((_, one),) = stated({**SYSTEMD, **dockerd("-H", "fd://")}).items()
    assert one["process"]["pid"] == 9 and one["demand"]["tls"] == "none"


def test_what_systemd_does_not_hold_is_none() -> None:
    found = stated({process(1, "/usr/lib/systemd/systemd"): (("init",), (6,))})
    assert found == {} and not isinstance(found, OpenObject)


def test_where_that_is_hidden_it_is_not_known() -> None:
    sockets = [tcp(5, 2375)]
    closed = {"/proc/1/fd": DENIED}
    assert held(host(files=closed), sockets) == {}
    assert isinstance(held(host(files={**closed, UNIT: "[Socket]\nListenStream=2375\n"}), sockets), Hole)
    assert isinstance(held(host(files={**closed, UNIT: DENIED}), sockets), Hole)
