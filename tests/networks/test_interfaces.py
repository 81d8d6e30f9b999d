"""What is read of single interfaces, on hosts in memory."""

from typing import Any

import pytest
from engines.engine_host import host
from networks.network_host import CONF, switches

from hostcheck.host import Unsupported
from hostcheck.host.answers import Stat
from hostcheck.model import Hole, OpenArray, Why
from hostcheck.testing.probes import stated
from hostcheck_builtin.networks import interfaces


def localnet(**kwargs: Any) -> Any:
    return stated(lambda given: {"on": interfaces.localnet(given)}, host(**kwargs))["on"]


def test_interfaces_that_let_loopback_addresses_in() -> None:
    assert localnet(files=switches(docker0=1, eth0=0, eth1=2, **{"eth0.7": 1})) == ["docker0", "eth0.7", "eth1"]
    assert localnet(files=switches(all=1, default=1, lo=1)) == []


def test_an_interface_that_goes_meanwhile_lets_nothing_in() -> None:
    assert localnet(files={**switches(eth0=1), f"{CONF}/gone/forwarding": "1\n"}) == ["eth0"]


@pytest.mark.parametrize("raw", ["", "1", "x\n", "-1\n", "²\n", "9" * 5000 + "\n"])
def test_a_switch_that_is_none_leaves_the_list_open(raw: str) -> None:
    found = localnet(files={**switches(eth1=1), f"{CONF}/eth0/route_localnet": raw})
    assert found == ["eth1"] and isinstance(found, OpenArray) and found.hole.why is Why.NONSENSE


def test_what_is_denied_is_not_off() -> None:
    found = localnet(files={**switches(eth1=1), f"{CONF}/eth0/route_localnet": PermissionError(13, "no")})
    assert found == ["eth1"] and isinstance(found, OpenArray) and found.hole.why is Why.DENIED
    assert localnet().why is Why.DENIED


def test_too_many_interfaces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interfaces, "MANY", 3)
    assert localnet(files=switches(eth0=1)).why is Why.LIMIT


def test_another_network_namespace_is_not_the_hosts() -> None:
    nodes = {path: Stat(type="file", uid=0, gid=0, mode=0o444, ino=number) for number, path in enumerate(("/proc/self/net/unix", "/proc/1/net/unix"), 1)}
    found = localnet(files=switches(eth0=1), stats=nodes)
    assert isinstance(found, Hole) and found.why is Why.DENIED


def test_a_bridge_shows_its_packets_or_not() -> None:
    given = host({"/sys/class/net/br-1/bridge/nf_call_iptables": "1\n", "/sys/class/net/br-2/bridge/nf_call_iptables": "0\n"})
    assert [interfaces.shows_iptables(given, name) for name in ("br-1", "br-2")] == [True, False]
    with pytest.raises(Unsupported):
        interfaces.shows_iptables(given, "br-3")
