"""By which loopback address a listener is reached, and whom a scan does not connect to."""

import pytest
from listeners.listener_host import MUTUAL, PLAIN, dockerd, host, tcp

from hostcheck.model import Hole, Why
from hostcheck_builtin.listeners.demands import MANY, Prover, demand, loopback
from hostcheck_builtin.listeners.root_engines import HeldSocket


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
    ports = range(1000, 1002 + MANY)
    made = host(dockerd(inodes=tuple(ports)), [tcp(port, port) for port in ports], demands={("127.0.0.1", port): PLAIN for port in ports})
    prover = Prover(host=made, ports=ports)
    found = [demand(prover, 9, HeldSocket(tcp(port, port), 0)) for port in ports]
    assert [isinstance(one, Hole) for one in found] == [False] * MANY + [True] * 2


def test_where_who_listens_is_not_known_nobody_is_connected_to() -> None:
    made = host(dockerd(), PermissionError(13, "no"), demands={("127.0.0.1", 2376): MUTUAL}, files={"/proc/net/tcp": PermissionError(13, "no")})
    found = demand(Prover(host=made, ports=[2376]), 9, HeldSocket(tcp(5, 2376), 0))
    assert isinstance(found, Hole) and found.why is Why.DENIED


def test_one_address_is_asked_once() -> None:
    made = host(dockerd(inodes=(5, 6)), [tcp(5, 2376), tcp(6, 2376, "127.0.0.1")], demands={("127.0.0.1", 2376): MUTUAL})
    prover = Prover(host=made, ports=[2376])
    assert [demand(prover, 9, HeldSocket(one, 0))["tls"] for one in (tcp(5, 2376), tcp(6, 2376, "127.0.0.1"))] == ["mutual"] * 2
    assert prover.asked == 1
