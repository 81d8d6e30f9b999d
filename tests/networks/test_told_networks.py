"""What engines list of a network, word by word, and that no answer makes more of it than holes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from networks.network_host import BRIDGE, SCHEMA, SECRET, ident, network, of_podman

from hostcheck.model import Hole, Why
from hostcheck.schema import compile_schema
from hostcheck_builtin.networks import told_networks

MEMBER = compile_schema(SCHEMA["properties"]["networks"]["additionalProperties"])
TEXTS = st.text(max_size=6) | st.sampled_from(["bridge", "overlay", "macvlan", "true", "strict", "docker0", "nat", ".."])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 1 << 70) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
OPTIONS = st.dictionaries(
    st.sampled_from(
        [*(f"{BRIDGE}{key}" for key in ("name", "enable_icc", "enable_ip_masquerade", "host_binding_ipv4", "gateway_mode_ipv4")), "isolate", "parent"]
    ),
    TEXTS,
)


def docker(**told: Any) -> Any:
    return told_networks.network(network(**told), "docker")


def podman(**told: Any) -> Any:
    return told_networks.network(of_podman(**told), "podman")


@given(
    st.sampled_from(["docker", "podman"]),
    st.dictionaries(st.sampled_from([*network(), *of_podman(), "options"]), JSON | TEXTS),
    st.none() | OPTIONS,
)
def test_whatever_an_engine_answers_costs_facts_and_no_more(engine: str, changed: dict[str, Any], options: Any) -> None:
    one: dict[str, Any] = {**(network() if engine == "docker" else of_podman()), **json.loads(json.dumps(changed)), "Id": ident(1), "id": ident(1)}
    if options is not None:
        one["Options" if engine == "docker" else "options"] = options
    found = told_networks.network(one, engine)
    assert MEMBER({"engine": engine, "socket": "/x", **found}) is not False, found


def test_a_bridge_of_docker_does_what_the_driver_does_where_nothing_is_set() -> None:
    assert docker() == {
        **{"id": ident(1), "name": "app", "driver": "bridge", "scope": "local", "internal": False, "attachable": False, "ingress": False, "ipv6": False},
        **{"interface": "br-010101010101", "default_bridge": False, "icc": True, "masquerade": True, "host_binding": ""},
        "gateway_modes": {"ipv4": "nat", "ipv6": "nat"},
    }


def test_a_bridge_of_docker_does_what_it_is_told() -> None:
    told = {"name": "docker0", "enable_icc": "false", "enable_ip_masquerade": "0", "host_binding_ipv4": "127.0.0.1", "gateway_mode_ipv6": "routed"}
    found = docker(name="bridge", EnableIPv6=True, Internal=True, Options={f"{BRIDGE}{key}": value for key, value in told.items()})
    assert {key: found[key] for key in ("interface", "default_bridge", "icc", "masquerade", "host_binding", "gateway_modes", "ipv6", "internal")} == {
        **{"interface": "docker0", "default_bridge": True, "icc": False, "masquerade": False, "host_binding": "127.0.0.1"},
        **{"gateway_modes": {"ipv4": "nat", "ipv6": "routed"}, "ipv6": True, "internal": True},
    }


@pytest.mark.parametrize(("word", "icc"), [("1", True), ("t", True), ("TRUE", True), ("True", True), ("0", False), ("F", False), ("False", False)])
def test_flags_are_written_as_go_reads_them(word: str, icc: bool) -> None:
    assert docker(Options={f"{BRIDGE}enable_icc": word})["icc"] is icc


@pytest.mark.parametrize(
    ("fact", "key", "value"),
    [
        ("icc", "enable_icc", "nope"),
        ("icc", "enable_icc", ""),
        ("masquerade", "enable_ip_masquerade", "yes"),
        ("interface", "name", "../../x"),
        ("interface", "name", ".."),
        ("interface", "name", "a b"),
        ("interface", "name", "x" * 16),
        ("host_binding", "host_binding_ipv4", SECRET),
    ],
)
def test_an_option_that_cannot_be_costs_its_fact(fact: str, key: str, value: str) -> None:
    found = docker(Options={f"{BRIDGE}{key}": value})
    assert found[fact].why is Why.NONSENSE and sum(isinstance(one, Hole) for one in found.values()) == 1
    assert value == "" or value not in found[fact].message


@pytest.mark.parametrize(("options", "encrypted"), [({}, False), (None, False), ({"encrypted": ""}, True), ({"encrypted": "false"}, True)])
def test_an_overlay_is_encrypted_where_the_option_stands_whatever_it_says(options: Any, encrypted: bool) -> None:
    found = docker(driver="overlay", Scope="swarm", Id="k2d5x1a8q9z0b3c4d5e6f7g8h", Options=options)
    assert (found["encrypted"], found["scope"], "icc" in found) == (encrypted, "swarm", False)


@pytest.mark.parametrize("driver", ["macvlan", "ipvlan"])
def test_what_is_on_the_network_of_an_interface(driver: str) -> None:
    assert docker(driver=driver, Options={"parent": "eth0.7"})["parent"] == podman(driver=driver, network_interface="eth0.7")["parent"] == "eth0.7"
    without = {key: value for key, value in of_podman(driver=driver).items() if key != "network_interface"}
    assert docker(driver=driver)["parent"] == told_networks.network(without, "podman")["parent"] == ""


def test_a_driver_that_is_not_known_leaves_what_depends_on_it_unknown() -> None:
    for found, lost in ((docker(driver=1), "icc"), (docker(driver=None), "encrypted"), (podman(driver=[]), "isolate")):
        assert isinstance(found["driver"], Hole) and isinstance(found[lost], Hole)


def test_podmans_bridge() -> None:
    assert podman() == {
        **{"id": ident(1), "name": "app", "driver": "bridge", "internal": False, "ipv6": False, "dns": True},
        **{"interface": "podman1", "isolate": "no"},
    }
    for value, isolates in (("true", "yes"), ("1", "yes"), ("strict", "strict"), ("false", "no")):
        assert podman(options={"isolate": value})["isolate"] == isolates
    assert podman(options={"isolate": SECRET})["isolate"].why is Why.NONSENSE


def test_what_may_hold_a_password_is_not_stated() -> None:
    assert SECRET not in repr([docker(Options={"com.vendor.key": SECRET}), podman(options={"key": SECRET}), docker(driver="vendor", Options={"key": SECRET})])


def test_options_have_bounds() -> None:
    assert docker(Options={f"k{number}": "" for number in range(1001)})["icc"].why is Why.LIMIT
    assert docker(Options={"key": "x" * 5000})["icc"].why is Why.LIMIT
    assert docker(Options=[])["icc"].why is Why.NONSENSE


@pytest.mark.parametrize("one", [None, 1, "x", [], {}, {"Id": None}, {"Id": "../x"}, {"Id": "x"}, {"Id": ident(1) + "a"}, {"id": 1}])
def test_what_has_no_id_is_no_network(one: Any) -> None:
    with pytest.raises(TypeError):
        told_networks.identity(one)
