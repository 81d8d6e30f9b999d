"""What is told of a container's networks, and which capabilities let it send packets with any addresses."""

from typing import Any

import pytest
from containers.container_host import inspected

from hostcheck.model import Hole, Why
from hostcheck_builtin.containers import inspect_answers


def told(engine: str = "docker", **given: Any) -> Any:
    return inspect_answers.container(inspected(engine=engine, **given), engine)


def test_networks_have_their_ids() -> None:
    assert told(Networks={"ours": "cd" * 32, "bridge": "ab" * 32, "later": ""})["networks"] == {"bridge": "ab" * 32, "later": "", "ours": "cd" * 32}
    assert told()["networks"] == {}


@pytest.mark.parametrize("networks", [[], "x", {"a": None}, {"a": {"NetworkID": 1}}, {"a": []}])
def test_networks_that_make_no_sense_are_not_known(networks: Any) -> None:
    given = inspected()
    given["NetworkSettings"]["Networks"] = networks
    assert inspect_answers.container(given, "docker")["networks"].why is Why.NONSENSE


def test_networks_have_a_bound() -> None:
    assert len(told(Networks={f"n{number}": "" for number in range(1000)})["networks"]) == 1000
    assert told(Networks={f"n{number}": "" for number in range(1001)})["networks"].why is Why.LIMIT


def test_no_networks_at_all_is_none() -> None:
    given = inspected()
    given["NetworkSettings"]["Networks"] = None
    assert inspect_answers.container(given, "docker")["networks"] == {}


def test_all_ports_are_published_or_not() -> None:
    assert [told(PublishAllPorts=given)["publish_all"] for given in (True, False)] == [True, False]
    assert isinstance(told(PublishAllPorts="true")["publish_all"], Hole)


@pytest.mark.parametrize(
    ("given", "sends"),
    [
        ({}, True),
        ({"CapDrop": ["ALL"]}, False),
        ({"CapDrop": ["NET_RAW"]}, False),
        ({"CapDrop": ["CAP_NET_RAW"], "CapAdd": ["CAP_CHOWN"]}, False),
        ({"CapDrop": ["CHOWN"]}, True),
        ({"CapDrop": ["ALL"], "CapAdd": ["NET_RAW"]}, True),
        ({"CapDrop": ["NET_RAW"], "CapAdd": ["NET_ADMIN"]}, True),
        ({"CapDrop": ["NET_RAW"], "CapAdd": ["ALL"]}, True),
        ({"CapDrop": ["NET_RAW", "NET_ADMIN"], "CapAdd": ["ALL"]}, False),
        ({"CapDrop": ["ALL"], "Privileged": True}, True),
    ],
)
def test_docker_gives_what_is_not_dropped(given: dict[str, Any], sends: bool) -> None:
    assert told(**given)["sends_any_packet"] is sends


@pytest.mark.parametrize("given", [{"CapAdd": "x"}, {"CapDrop": "x"}, {"Privileged": None}])
def test_what_is_not_known_of_capabilities_is_not_known_of_packets(given: dict[str, Any]) -> None:
    assert isinstance(told(**given)["sends_any_packet"], Hole)
    assert told(**{**given, "Privileged": True})["sends_any_packet"] is True


@pytest.mark.parametrize(("bounding", "sends"), [([], False), (None, False), (["CAP_CHOWN"], False), (["CAP_NET_RAW"], True), (["CAP_NET_ADMIN"], True)])
def test_podman_tells_what_it_gives(bounding: Any, sends: bool) -> None:
    assert told("podman", Bounding=bounding)["sends_any_packet"] is sends
    assert isinstance(told("podman", Bounding="x")["sends_any_packet"], Hole)
