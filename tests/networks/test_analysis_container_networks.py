"""What is derived of each container's networks and ports, and of bridges on which containers shall not reach each other."""

from typing import Any

import pytest
from networks.reach_facts import DENIED, NAMES, OFF, ON, USUAL, container, derive, document, judged, network, reach

from hostcheck.model import Hole, OpenObject, Why, incomplete


def port(number: str, address: str = "", inside: str = "80") -> dict[str, str]:
    return {"protocol": "tcp", "address": address, "port": number, "inside": inside}


def test_a_container_is_told_with_what_names_it() -> None:
    told = judged(container("app"))
    assert told == {
        **{"engine": "docker", "id": "ab" * 6, "name": "web", "image": "app", "runs": True, "net": "private", "default_bridge": False},
        **{"ways_out": {"app": {"driver": "bridge"}}, "publish_all": False, "low_ports": {}},
    }


@pytest.mark.parametrize(
    ("networks", "ways"),
    [((), []), (("bridge",), ["bridge"]), (("inner",), []), (("none",), []), (("lan",), ["lan"]), (("app", "inner", "lan"), ["app", "lan"])],
)
def test_every_network_leads_out_but_internal_ones(networks: tuple[str, ...], ways: list[str]) -> None:
    assert list(judged(container(*networks))["ways_out"]) == ways


@pytest.mark.parametrize("net", ["host", "none"])
def test_a_container_without_a_network_of_its_own_has_no_way_by_one(net: str) -> None:
    told = judged(container("bridge", net=net, ports=[port("80")], publish_all=True), networks=DENIED)
    assert (told["net"], told["ways_out"], told["default_bridge"], told["publish_all"], told["low_ports"]) == (net, {}, False, False, {})


def test_who_has_the_network_of_another_has_its_ways() -> None:
    containers = {"docker:web": container(net="container:db"), "docker:db": container("bridge", "inner", name="db", ports=[port("80")])}
    told = reach(containers=containers)["containers"]["docker:web"]
    assert (list(told["ways_out"]), told["default_bridge"]) == (["bridge"], True)


@pytest.mark.parametrize("net", ["path", "container:gone"])
def test_a_namespace_of_nobodys_leads_nobody_knows_where(net: str) -> None:
    told = judged(container(net=net))
    assert told["ways_out"].why is told["default_bridge"].why is Why.UNSUPPORTED
    assert told["publish_all"] is False and told["low_ports"] == {}


@pytest.mark.parametrize(("icc", "shares"), [(True, True), (False, False), (DENIED, "hole")])
def test_the_default_bridge_is_shared_where_icc_is_on(icc: Any, shares: Any) -> None:
    told = judged(container("bridge", "app"), networks={**USUAL, "docker:bridge": network("bridge", icc=icc)})["default_bridge"]
    assert told is shares or (shares == "hole" and isinstance(told, Hole))
    assert judged(container("app"))["default_bridge"] is False


def test_podmans_networks_are_no_default_bridge_of_dockers() -> None:
    networks = {"podman:bridge": network("bridge", engine="podman")}
    told = reach(containers={"podman:web": container("bridge", engine="podman")}, networks=networks)["containers"]["podman:web"]
    assert told["default_bridge"] is False and list(told["ways_out"]) == ["bridge"]


def test_a_container_that_was_never_started_is_on_the_network_of_that_name() -> None:
    never = container("app", state="created")
    never["networks"] = {"app": ""}
    assert list(judged(never)["ways_out"]) == ["app"]
    twice = {**USUAL, "docker:app (33)": {**network("app"), "id": NAMES["lan"]}}
    assert isinstance(judged(never, networks=twice)["ways_out"], OpenObject)
    assert list(judged(container("app"), networks=twice)["ways_out"]) == ["app"], "one that was started tells the id"


def test_a_network_that_is_not_listed_is_not_known() -> None:
    for networks in ({}, incomplete({}, DENIED), DENIED, {"docker:app": DENIED}):
        told = judged(container("app"), networks=networks)
        assert isinstance(told["ways_out"], Hole | OpenObject) and isinstance(told["default_bridge"], Hole)


def test_an_id_that_is_listed_tells_which_network_it_is_whatever_is_not_known_of_others() -> None:
    for networks in (incomplete(USUAL, DENIED), {**USUAL, "docker:lan": DENIED}):
        told = judged(container("app"), networks=networks)
        assert told["ways_out"] == {"app": {"driver": "bridge"}} and told["default_bridge"] is False
        never = container("app", state="created")
        never["networks"] = {"app": ""}
        assert judged(never, networks=networks)["ways_out"].hole == DENIED, "another may have that name"


@pytest.mark.parametrize("internal", [True, False])
def test_where_a_network_of_a_plugin_leads_is_not_known(internal: bool) -> None:
    ways = judged(container("lan"), networks={**USUAL, "docker:lan": network("lan", "vendor", internal=internal)})["ways_out"]
    assert ways == {} and ways.hole.why is Why.UNSUPPORTED


def test_one_way_is_known_whatever_is_not_known_of_others() -> None:
    told = judged(container("bridge", "app"), networks={**USUAL, "docker:app": network("app", internal=DENIED)})
    assert told["ways_out"] == {"bridge": {"driver": "bridge"}} and isinstance(told["ways_out"], OpenObject) and told["default_bridge"] is True


def test_low_ports() -> None:
    ports = [port("80"), port("80", "::"), port("1024"), port("1023", "127.0.0.1"), port(""), port("1000-1010"), port("8080")]
    assert judged(container("app", ports=ports))["low_ports"] == {
        "1000-1010": {"number": "1000-1010", "shown": "any:1000-1010->80/tcp"},
        "1023": {"number": "1023", "shown": "127.0.0.1:1023->80/tcp"},
        "80": {"number": "80", "shown": ":::80->80/tcp, any:80->80/tcp"},
    }
    assert isinstance(judged(container("app", ports=DENIED))["low_ports"], Hole)


def test_publishing_all() -> None:
    assert judged(container("app", publish_all=True))["publish_all"] is True
    assert isinstance(judged(container("app", publish_all=DENIED))["publish_all"], Hole)
    assert isinstance(judged(container("app", net=DENIED, publish_all=True))["publish_all"], Hole)


def test_containers_that_are_not_known() -> None:
    told = reach(containers=DENIED)
    assert told["containers"] == DENIED and told["closed_bridges"] == {}
    opened = reach(containers=incomplete({"docker:web": container("app"), "docker:db": DENIED}, DENIED))["containers"]
    assert sorted(opened) == ["docker:db", "docker:web"] and opened["docker:db"] == opened.hole == DENIED


def test_containers_that_no_engine_of_roots_tells_of_are_left_out() -> None:
    told = document(containers={"docker:web": container("app")})
    other = {"engine": "podman", "rootless": True, "runs": True, "namespaces": {"net": "private"}}
    told["container-escape"]["containers"] |= {"podman(bob):db": other, "containers of uid 1002": {"rootless": True}, "containerd/k8s.io:x": other}
    assert set(derive(told)["containers"]) == {"docker:web"}


CLOSED = {**USUAL, "docker:app": network("app", icc=False, shows_iptables=False), "docker:bridge": network("bridge", icc=False, shows_iptables=True)}


def bridges(told: Any) -> tuple[list[str], list[str]]:
    return sorted(told["closed_bridges"]), sorted(told["unfiltered_bridges"])


@pytest.mark.parametrize(
    ("setting", "unfiltered"),
    [
        (ON, []),
        (OFF, ["docker:app"]),
        ({"present": False}, ["docker:app", "docker:bridge"]),
    ],
)
def test_bridges_are_filtered_by_the_setting_for_all_or_their_own(setting: Any, unfiltered: list[str]) -> None:
    assert bridges(reach(networks=CLOSED, bridges=setting)) == (["docker:app", "docker:bridge"], unfiltered)


def test_bridges_with_icc_on_and_podmans_are_not_closed() -> None:
    networks = {"docker:app": network("app"), "podman:bridge": network("bridge", engine="podman"), "docker:lan": network("lan", "macvlan", parent="")}
    assert bridges(reach(networks=networks, bridges=OFF)) == ([], [])


def test_what_is_not_known_of_bridges() -> None:
    denied = reach(networks=CLOSED, bridges=DENIED)
    assert bridges(denied) == (["docker:app", "docker:bridge"], []) and denied["unfiltered_bridges"].hole == DENIED
    own = reach(networks={**CLOSED, "docker:app": network("app", icc=False, shows_iptables=DENIED)}, bridges=OFF)
    assert isinstance(own["unfiltered_bridges"], OpenObject)
    assert not isinstance(reach(networks={**CLOSED, "docker:app": network("app", icc=False, shows_iptables=DENIED)})["unfiltered_bridges"], OpenObject)
    icc = reach(networks={**USUAL, "docker:app": network("app", icc=DENIED)}, bridges=OFF)
    assert icc["closed_bridges"] == {"docker:app": DENIED} and isinstance(icc["unfiltered_bridges"], OpenObject)
    opened = reach(networks=incomplete(CLOSED, DENIED), bridges=OFF)
    assert isinstance(opened["closed_bridges"], OpenObject) and isinstance(opened["unfiltered_bridges"], OpenObject)
    nothing = reach(networks=DENIED)
    assert nothing["closed_bridges"] == nothing["unfiltered_bridges"] == DENIED


def test_overlays_but_for_the_swarms_own() -> None:
    def overlay(**told: Any) -> Any:
        return network("app", "overlay", **{"ingress": False, "encrypted": False, **told})

    for told, wanted in (({}, {"encrypted": False}), ({"encrypted": True}, {"encrypted": True}), ({"encrypted": DENIED}, {"encrypted": DENIED})):
        assert reach(networks={"docker:app": overlay(**told)})["overlays"] == {"docker:app": wanted}
    assert reach(networks={**USUAL, "docker:app": overlay(ingress=True)})["overlays"] == {}
    assert reach(networks={"docker:app": overlay(ingress=DENIED)})["overlays"] == {"docker:app": DENIED}
    assert reach(networks=DENIED)["overlays"] == reach(networks=incomplete(USUAL, DENIED))["overlays"].hole == DENIED


def test_a_dockerd_that_cannot_be_asked_may_have_more_of_everything() -> None:
    told = reach(scope={"sockets": {}, "rootful_docker": ["127.0.0.1:2375"]}, interfaces=["docker0", "eth0"], containers={"docker:web": container("gone")})
    for name in ("closed_bridges", "unfiltered_bridges", "overlays", "localnet"):
        assert told[name].hole.why is Why.UNSUPPORTED, name
    assert told["localnet"] == {} and told["containers"]["docker:web"]["ways_out"].hole.why is Why.UNSUPPORTED
    known = reach(scope={"sockets": {"/run/docker.sock": {}}, "rootful_docker": ["/run/docker.sock"]})
    assert not isinstance(known["overlays"], OpenObject)
