"""Which network a container has, by its id or its name."""

from typing import Any

import pytest
from networks.reach_facts import DENIED, NAMES, USUAL, network

from hostcheck.model import HoleError, Why, incomplete
from hostcheck.view import View
from hostcheck_builtin.networks.network_index import NetworkIndex

TWICE = {**USUAL, "docker:app (33)": {**network("app"), "id": NAMES["lan"]}}


def why(networks: Any, *asked: str) -> Why:
    with pytest.raises(HoleError) as raised:
        NetworkIndex(View(networks)).one(*asked)
    return raised.value.hole.why


def test_an_id_tells_which_it_is() -> None:
    for networks in (USUAL, TWICE, incomplete(USUAL, DENIED), {**USUAL, "docker:lan": DENIED}):
        assert NetworkIndex(View(networks)).one("docker", "whatever", NAMES["app"])["name"] == "app"


def test_a_name_tells_it_where_no_other_may_have_it() -> None:
    assert NetworkIndex(View(USUAL)).one("docker", "app", "")["id"] == NAMES["app"]
    assert why(TWICE, "docker", "app", "") is Why.NONSENSE
    assert why(incomplete(USUAL, DENIED), "docker", "app", "") is why({**USUAL, "docker:lan": DENIED}, "docker", "app", "") is Why.DENIED


def test_what_is_not_listed() -> None:
    assert why(USUAL, "docker", "app", "ff" * 32) is why(USUAL, "podman", "app", NAMES["app"]) is why(USUAL, "docker", "gone", "") is Why.NONSENSE
    assert why(incomplete(USUAL, DENIED), "docker", "app", "ff" * 32) is Why.DENIED


def test_a_network_without_a_name_has_its_id() -> None:
    networks = {**USUAL, "docker:app": {**network("app"), "name": DENIED}}
    assert NetworkIndex(View(networks)).one("docker", "app", NAMES["app"])["driver"] == "bridge"
    assert why(networks, "docker", "app", "") is why(networks, "docker", "bridge", "") is Why.DENIED
