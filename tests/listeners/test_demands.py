"""By which loopback address a listener is reached, and whom a scan does not connect to."""

import errno

import pytest
from listeners.listener_host import MUTUAL, PLAIN, dockerd, host, tcp

from hostcheck.host.answers import TcpSocket
from hostcheck.model import Hole, Why
from hostcheck_builtin.listeners.demands import Prover, demand, loopback
from hostcheck_builtin.listeners.root_engines import HeldSocket
from hostcheck_builtin.system import bounds


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("0.0.0.0", "127.0.0.1"),
        ("::", "::1"),
        ("127.0.0.2", "127.0.0.2"),
        ("::1", "::1"),
        ("::ffff:127.0.0.1", "127.0.0.1"),
        ("::ffff:0.0.0.0", "127.0.0.1"),
        ("10.0.0.1", ""),
        ("::ffff:10.0.0.1", ""),
        ("::2", ""),
    ],
)
def test_loopback(address: str, expected: str) -> None:
    assert loopback(address) == expected


def test_of_very_many_a_few_are_connected_to() -> None:
    ports = range(1000, 1002 + bounds.LISTENERS_CONNECTED_TO)
    made = host(dockerd(inodes=tuple(ports)), [tcp(port, port) for port in ports], demands={("127.0.0.1", port): PLAIN for port in ports})
    prover = Prover(host=made, ports=ports)
    found = [demand(prover, 9, HeldSocket(tcp(port, port), 0)) for port in ports]
    assert [isinstance(one, Hole) for one in found] == [False] * bounds.LISTENERS_CONNECTED_TO + [True] * 2


def test_where_who_listens_is_not_known_nobody_is_connected_to() -> None:
    made = host(dockerd(), PermissionError(13, "no"), demands={("127.0.0.1", 2376): MUTUAL}, files={"/proc/net/tcp": PermissionError(13, "no")})
    found = demand(Prover(host=made, ports=[2376]), 9, HeldSocket(tcp(5, 2376), 0))
    assert isinstance(found, Hole) and found.why is Why.DENIED


def test_one_address_is_asked_once() -> None:
    made = host(dockerd(inodes=(5, 6)), [tcp(5, 2376), tcp(6, 2376, "127.0.0.1")], demands={("127.0.0.1", 2376): MUTUAL})
    prover = Prover(host=made, ports=[2376])
    assert [demand(prover, 9, HeldSocket(one, 0))["tls"] for one in (tcp(5, 2376), tcp(6, 2376, "127.0.0.1"))] == ["mutual"] * 2
    assert prover.asked == 1


@pytest.mark.parametrize(("others", "found"), [((), "mutual"), ((tcp(6, 2376),), "error")])
def test_without_ipv6_a_listener_on_every_address_is_asked_by_ipv4_where_no_other_could_answer(others: tuple[TcpSocket, ...], found: str) -> None:
    off = OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address")
    made = host(dockerd(), [tcp(5, 2376, "::"), *others], demands={("::1", 2376): off, ("127.0.0.1", 2376): MUTUAL})
    asked = demand(Prover(host=made, ports=[2376]), 9, HeldSocket(tcp(5, 2376, "::"), 0))
    assert ("error" if isinstance(asked, Hole) else asked["tls"]) == found


def test_who_refuses_by_ipv6_is_not_asked_by_ipv4() -> None:
    made = host(dockerd(), [tcp(5, 2376, "::")], demands={("127.0.0.1", 2376): MUTUAL})
    assert isinstance(demand(Prover(host=made, ports=[2376]), 9, HeldSocket(tcp(5, 2376, "::"), 0)), Hole)
