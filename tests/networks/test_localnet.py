"""Who reaches what listens on loopback addresses alone."""

from typing import Any

import pytest
from networks.reach_facts import DENIED, NAMES, ON, USUAL, container, network, reach

from hostcheck.model import Hole, OpenArray, OpenObject, Why, incomplete

LAN = {"kind": "interface", "who": ["every other host on its network"]}


def localnet(*on: str, **given: Any) -> Any:
    return reach(interfaces=on, **given)["localnet"]


def test_nothing_is_on() -> None:
    found = localnet()
    assert found == {} and not isinstance(found, OpenObject)


def test_settings_for_all_and_for_later() -> None:
    assert localnet(all=ON) == {"all": {"kind": "all", "who": ["every other host on any of its networks"]}}
    assert localnet(default={"present": True, "value": 2, "raw": "2"}) == {
        "default": {"kind": "new", "who": ["every other host on a network that is added later"]}
    }
    assert localnet(all={"present": False}, default={"present": False}) == {}, "a kernel that does not have it drops such packets"


def test_an_interface_that_is_no_bridge_of_an_engine() -> None:
    assert localnet("eth0") == {"eth0": LAN}
    assert localnet("eth0", containers=DENIED) == {"eth0": LAN}


@pytest.mark.parametrize(
    ("one", "who"),
    [
        (container("app", sends=True), "docker:web"),
        (container("app", "inner", sends=True), "docker:web"),
        (container("app", sends=True, state="paused"), "docker:web"),
        (container("app", sends=False), ""),
        (container("app", sends=True, state="exited"), ""),
        (container("inner", sends=True), ""),
        (container("app", sends=True, engine="podman"), ""),
    ],
)
def test_a_bridge_lets_those_in_that_can_send_such_packets(one: Any, who: str) -> None:
    found = localnet("br-app", containers={"docker:web": one})
    assert found == ({"br-app": {"kind": "containers", "who": [who]}} if who else {}) and not isinstance(found, OpenObject)


def test_the_default_bridge_and_podmans_are_bridges_too() -> None:
    networks = {**USUAL, "podman:lan": network("lan", engine="podman", interface="podman1")}
    containers = {"docker:web": container("bridge", sends=True), "podman:db": container("lan", engine="podman", sends=True), "docker:other": container("app")}
    found = localnet("docker0", "podman1", "br-app", networks=networks, containers=containers)
    assert {name: one["who"] for name, one in found.items()} == {"docker0": ["docker:web"], "podman1": ["podman:db"]}


def test_who_has_the_network_of_another_is_on_its_bridge() -> None:
    containers = {"docker:web": container("app"), "docker:db": container(net="container:web", sends=True)}
    assert localnet("br-app", containers=containers)["br-app"]["who"] == ["docker:db"]


def test_whoever_is_known_to_get_in_decides() -> None:
    containers = incomplete({"docker:web": container("app", sends=True), "docker:db": container("app", sends=DENIED)}, DENIED)
    found = localnet("br-app", containers=containers)
    assert found["br-app"]["who"] == ["docker:web"] and not isinstance(found, OpenObject)
    assert isinstance(found["br-app"]["who"], OpenArray)


@pytest.mark.parametrize("networks", [incomplete(USUAL, DENIED), {**USUAL, "docker:lan": DENIED}])
def test_a_bridge_that_is_known_is_one_whatever_is_not_known_of_others(networks: Any) -> None:
    found = localnet("br-app", "eth0", networks=networks, containers={"docker:web": container("app", sends=True)})
    assert list(found) == ["br-app"] and found.hole == DENIED


@pytest.mark.parametrize(
    "given",
    [
        {"containers": DENIED},
        {"containers": {"docker:web": DENIED}},
        {"containers": incomplete({}, DENIED)},
        {"containers": {"docker:web": container("app", sends=DENIED)}},
        {"containers": {"docker:web": container("app", sends=True, state=DENIED)}},
        {"containers": {"docker:web": container("app", sends=True, net=DENIED)}},
        {"networks": DENIED},
        {"networks": incomplete({}, DENIED)},
        {"networks": {"docker:lan": network("lan", interface=DENIED)}},
        {"networks": {"docker:lan": network("lan", DENIED)}},
    ],
)
def test_what_is_not_known_is_not_shut(given: Any) -> None:
    found = localnet("br-app", **given)
    assert found == {} and isinstance(found, OpenObject) and found.hole == DENIED


def test_settings_and_interfaces_that_are_not_known() -> None:
    assert [localnet(**{name: DENIED}).hole for name in ("all", "default")] == [DENIED, DENIED]
    assert localnet(all={"present": True, "value": "", "raw": ""}).hole.why is Why.NONSENSE
    found = reach(interfaces=DENIED, all=ON)["localnet"]
    assert list(found) == ["all"] and found.hole == DENIED
    opened = reach(interfaces=incomplete(["eth0"], DENIED))["localnet"]
    assert list(opened) == ["eth0"] and opened.hole == DENIED


def test_ids_tell_networks_apart_and_not_names() -> None:
    other = container("app", sends=True)
    other["networks"] = {"app": NAMES["lan"]}
    assert localnet("br-app", containers={"docker:web": other}) == {}
    assert not isinstance(localnet("br-app", containers={"docker:web": other}), Hole)
