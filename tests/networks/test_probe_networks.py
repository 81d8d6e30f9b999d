"""Networks of root's engines, on hosts in memory: which are stated under which name, and what an engine that fails costs."""

import json
from dataclasses import replace
from typing import Any

import pytest
from containers.container_host import NO_LIST
from engines.engine_host import ANN, ANNS, DOCKER, LIBPOD, ROOTS, host, process, said
from networks.network_host import BRIDGE, PODMAN, PODMANS, SECRET, answers, facts, ident, network, of_podman, switches

from hostcheck.host.answers import Answer, Peer
from hostcheck.model import Hole, OpenObject, Why
from hostcheck.testing.probes import denials, stated
from hostcheck_builtin.networks import asking, probe_networks

OTHER = "/run/docker/docker.sock"
LIST = asking.LISTS["docker"]
CLOSED = {f"{BRIDGE}enable_icc": "false"}


def names(**kwargs: Any) -> list[str]:
    return list(stated(probe_networks.collect, host(**{"files": switches(), **kwargs}))["networks"])


def hole(told: Any) -> Hole:
    assert isinstance(told, OpenObject), told
    return told.hole


def test_nothing_runs() -> None:
    told = stated(probe_networks.collect, host(switches()))
    assert told == {"networks": {}, "localnet_interfaces": []} and not isinstance(told["networks"], OpenObject)


def test_networks_have_the_names_that_their_engine_tells() -> None:
    told = facts(network(1, "web"), network(2, "bridge"), network(3, "none", "null"))["networks"]
    assert list(told) == ["docker:bridge", "docker:none", "docker:web"] and not isinstance(told, OpenObject)
    assert {key: told["docker:web"][key] for key in ("id", "engine", "socket", "name")} == {"id": ident(1), "engine": "docker", "socket": DOCKER, "name": "web"}
    assert SECRET not in repr(told)


def test_one_engine_at_two_sockets_has_its_networks_once_and_two_may_have_one_name() -> None:
    peers = {path: Peer(pid=7, uid=0, gid=0) for path in (DOCKER, OTHER)}
    given: dict[str, Any] = {"peers": peers, "processes": (process(7),)}
    assert names(**given, answers=dict.fromkeys(peers, answers(network()))) == ["docker:app"]
    assert names(**given, answers={DOCKER: answers(network(1)), OTHER: answers(network(2))}) == ["docker:app (010101010101)", "docker:app (020202020202)"]


def test_docker_itself_lets_two_networks_have_one_name() -> None:
    assert list(facts(network(1), network(2, Scope="swarm"))["networks"]) == ["docker:app (010101010101)", "docker:app (020202020202)"]


def test_a_network_without_a_name_is_called_by_its_id() -> None:
    assert list(facts(network(1, Name=""), network(2))["networks"]) == ["docker:010101010101", "docker:app"]


def test_podman_is_asked_in_its_own_words_wherever_it_serves() -> None:
    assert names(**PODMANS, answers={PODMAN: answers(of_podman(), engine="podman")}) == ["podman:app"]
    both = {**answers(of_podman(), engine="podman"), LIST: said(json.dumps([network(name="as docker")]), server=LIBPOD)}
    assert names(**ROOTS, answers={DOCKER: both}) == ["podman:app"]


@pytest.mark.parametrize(("on", "shows"), [("1\n", True), ("0\n", False), (None, "hole")])
def test_whether_a_bridge_shows_its_packets_matters_where_containers_shall_not_reach_each_other(on: Any, shows: Any) -> None:
    files = {"/sys/class/net/br-010101010101/bridge/nf_call_iptables": on} if on else {}
    told = facts(network(1, Options=CLOSED), network(2, "open"), files=files)["networks"]
    found = told["docker:app"]["shows_iptables"]
    assert (found.why is Why.UNSUPPORTED if shows == "hole" else found is shows) and "shows_iptables" not in told["docker:open"]


def test_a_bridge_whose_name_is_no_interface_is_not_looked_for() -> None:
    told = facts(network(1, Options={**CLOSED, f"{BRIDGE}name": "../../../etc/x"}))["networks"]["docker:app"]
    assert told["interface"].why is told["shows_iptables"].why is Why.NONSENSE


@pytest.mark.parametrize(("answer", "why"), NO_LIST)
def test_where_there_is_no_list_there_may_be_networks(answer: Answer | Exception, why: str) -> None:
    told = facts(network(), more={LIST: answer})["networks"]
    assert told == {} and hole(told).why == why


@pytest.mark.parametrize("other", [None, 1, "x", {}, {"Id": None}, {"Id": "../info"}])
def test_what_is_no_network_costs_no_other(other: Any) -> None:
    told = facts(network(), other)["networks"]
    assert list(told) == ["docker:app"] and hole(told).why is Why.NONSENSE


def test_more_networks_than_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "MANY", 2)
    told = facts(*(network(number, f"n{number}") for number in range(1, 5)))["networks"]
    assert list(told) == ["docker:n1", "docker:n2"]
    assert hole(told) == Hole(why=Why.LIMIT, message=f"{DOCKER}: has 4 networks, of which 2 are looked at")


def test_what_a_user_serves_says_nothing_of_roots_engine() -> None:
    planted = {"peers": {DOCKER: Peer(pid=700, uid=1000, gid=1000)}, "processes": (process(700, 1000),)}
    assert names(**planted, answers={DOCKER: {path: replace(one, uid=1000) for path, one in answers(network()).items() if isinstance(one, Answer)}}) == []
    assert names(**{**ANN, "answers": {ANNS: answers(network())}}) == []


CASES: dict[str, dict[str, Any]] = {
    "docker": {**ROOTS, "answers": {DOCKER: answers(network(1, Options=CLOSED), network(2, "bridge"), network(3, "swarm", "overlay"))}},
    "podman": {**PODMANS, "answers": {PODMAN: answers(of_podman(), of_podman(2, "lan", "macvlan"), engine="podman")}},
    "podman as docker": {
        **ROOTS,
        "answers": {DOCKER: {**answers(of_podman(), engine="podman"), LIST: said(json.dumps([network()]), server=LIBPOD)}},
    },
}


@pytest.mark.laws
@pytest.mark.parametrize("name", sorted(CASES))
def test_denying_any_answer_only_makes_holes(name: str) -> None:
    files = {**switches(eth0=1), "/sys/class/net/br-010101010101/bridge/nf_call_iptables": "1\n"}
    assert list(denials(probe_networks.collect, host(**{**CASES[name], "files": files}))) == []
