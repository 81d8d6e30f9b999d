"""A relay that systemd starts only when somebody connects."""

from typing import Any

import pytest

from hostcheck.host.answers import TcpSocket
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole
from hostcheck_builtin.listeners import relay_units

UNITS = "/etc/systemd/system"
SOCKET = TcpSocket(address="0.0.0.0", port=4000, uid=0, inode=77)
FILES = {
    f"{UNITS}/proxy.socket": "[Socket]\nListenStream=4000\n",
    f"{UNITS}/proxy.service": "[Service]\nExecStart=/usr/lib/systemd/systemd-socket-proxyd /run/docker.sock\n",
}


def held(files: dict[str, Any] | None = None, links: dict[str, str] | None = None, *, sockets: list[TcpSocket] | None = None) -> Any:
    host = MemoryHost(FILES if files is None else files, links={"/proc/1/fd/5": "socket:[77]"} if links is None else links)
    return relay_units.held(host, [SOCKET] if sockets is None else sockets, lambda argv: [word for word in argv if word.endswith(".sock")])


def test_what_systemd_holds_for_a_relay_names_its_program_and_socket() -> None:
    ((one, unit),) = held()
    assert (one, unit.argv[0], unit.paths) == (SOCKET, "/usr/lib/systemd/systemd-socket-proxyd", ["/run/docker.sock"])


def test_a_relay_behind_quotes_and_a_name_of_its_own() -> None:
    service = "[Service]\nExecStart=@/usr/bin/env env A='b c' \"/opt/my relay\" /run/docker.sock\n"
    ((_, unit),) = held({**FILES, f"{UNITS}/proxy.service": service})
    assert unit.argv == ["/usr/bin/env", "A=b c", "/opt/my relay", "/run/docker.sock"]


@pytest.mark.parametrize(
    "service",
    ["[Service]\nExecStart=/usr/bin/true\n", "[Service]\nExecStart=/usr/bin/dockerd --containerd /run/containerd/containerd.sock\n", "[Service]\n"],
)
def test_a_service_that_is_no_relay(service: str) -> None:
    assert held({**FILES, f"{UNITS}/proxy.service": service}) == []


def test_another_port_and_another_holder_are_none() -> None:
    assert held({**FILES, f"{UNITS}/proxy.socket": "[Socket]\nListenStream=4001\n"}) == []
    assert held(links={"/proc/1/fd/5": "socket:[78]"}) == []
    assert held(sockets=[]) == []


def test_units_that_are_denied_leave_it_open() -> None:
    assert isinstance(held({**FILES, f"{UNITS}/proxy.service": PermissionError(13, "Permission denied")}), Hole)
