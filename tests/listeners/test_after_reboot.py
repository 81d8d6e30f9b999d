"""What will listen on TCP after the next boot, and does not now."""

from typing import Any

import pytest
from listeners.remote_facts import DENIED

from hostcheck.api import View
from hostcheck.model import Hole, OpenObject, incomplete
from hostcheck_builtin.listeners.after_reboot import planned

UNIT = {"starts": True, "engine": "docker", "relay": False, "tcp": ["0.0.0.0:2375"], "tls": "none"}
FILE = "/etc/containerd/config.toml"
NAME = "0.0.0.0:2375 by docker.service after reboot"


def told(units: Any, apis: Any = None, files: Any = None) -> Any:
    runtimes = View({"containerd": {} if files is None else files})
    return planned({"socket-units": View({"units": units}), "runtimes": runtimes}, {} if apis is None else apis)


def listening(tls: Any, port: int = 2375, engine: str = "docker") -> dict[str, Any]:
    return {f"0.0.0.0:{port}": {"engine": engine, "port": port, "tls": tls}}


def test_a_unit_that_starts_says_where_its_engine_will_listen() -> None:
    stated = {"engine": "docker", "unit": "docker.service", "address": "0.0.0.0:2375", "port": 2375, "reach": "every address", "tls": "none"}
    assert told({"docker.service": UNIT}) == {NAME: stated}


@pytest.mark.parametrize("change", [{"starts": False}, {"tcp": []}, {"engine": "libvirt"}])
def test_what_does_not_start_or_is_no_engine_is_nothing(change: dict[str, Any]) -> None:
    assert told({"docker.service": {**UNIT, **change}}) == {}


def test_a_relay_counts_whatever_it_is_called() -> None:
    (one,) = told({"proxy.socket": {**UNIT, "engine": "unknown", "relay": True, "tcp": ["*:4000"]}}).values()
    assert (one["engine"], one["port"], one["reach"]) == ("unknown", 4000, "every address")


@pytest.mark.parametrize(
    ("certificate", "client_ca", "tls"), [(False, False, "none"), (False, True, "none"), (True, False, "server"), (True, True, "client certificates")]
)
def test_a_file_of_containerd_says_where_it_listens_whether_or_not_it_runs(certificate: bool, client_ca: bool, tls: str) -> None:
    tcp = {"address": "0.0.0.0:1234", "set_in": FILE, "certificate": certificate, "client_ca": client_ca}
    ((subject, one),) = told({}, files={FILE: {"tcp": tcp}}).items()
    assert (subject, one["tls"], one["reach"]) == (f"0.0.0.0:1234 by {FILE} after reboot", tls, "every address")
    assert told({}, listening("none", 1234, "containerd"), {FILE: {"tcp": tcp}}) == {}
    assert told({}, files={FILE: {"tcp": {**tcp, "address": ""}}}) == {}


@pytest.mark.parametrize(
    ("address", "reach"),
    [
        ("127.0.0.1:2375", "loopback"),
        ("[::1]:2375", "loopback"),
        ("*:2375", "every address"),
        ("[::]:2375", "every address"),
        (":2375", "every address"),
        ("10.0.0.1:2375", "one address"),
    ],
)
def test_by_what_an_address_is_reached(address: str, reach: str) -> None:
    (one,) = told({"docker.socket": {**UNIT, "tcp": [address]}}).values()
    assert (one["reach"], one["port"]) == (reach, 2375)


@pytest.mark.parametrize(("tls", "count"), [("none", 0), ("server", 0), ("mutual", 1), (DENIED, 1)])
def test_what_listens_now_and_asks_for_nothing_is_judged_by_what_was_seen(tls: Any, count: int) -> None:
    assert len(told({"docker.service": UNIT}, listening(tls))) == count


def test_another_port_or_engine_of_now_takes_nothing_away() -> None:
    assert len(told({"docker.service": UNIT}, {**listening("none", 2376), **listening("none", 2375, "podman")})) == 1
    assert len(told({"docker.service": UNIT}, DENIED)) == 1


def test_what_is_not_known_of_units_is_not_known_here() -> None:
    found = told(DENIED)
    assert isinstance(found, OpenObject) and dict(found) == {} and found.hole == DENIED
    assert isinstance(told(incomplete({}, DENIED)), OpenObject)
    assert told({"docker.service": DENIED}) == {"docker.service": DENIED}
    assert isinstance(told({"docker.service": {**UNIT, "starts": DENIED}})["docker.service"], Hole)
    assert isinstance(told({"docker.service": {**UNIT, "tcp": incomplete(["0.0.0.0:2375"], DENIED)}})["docker.service"], Hole)
    assert isinstance(told({"docker.service": {**UNIT, "tls": DENIED}})[NAME]["tls"], Hole)
