"""Facts on containers and networks, written by hand, from which container-networks is derived."""

from pathlib import Path
from typing import Any

from hostcheck.facts_schema import load_facts_schema
from hostcheck.model import Hole, HoleError, Why, incomplete
from hostcheck.parting import part, unite
from hostcheck.schema import compile_schema
from hostcheck.view import View
from hostcheck_builtin.networks import analysis_container_networks

OBEYS = compile_schema(load_facts_schema(str(Path(analysis_container_networks.__file__).with_name("analysis_container_networks.facts.json"))))
DENIED = Hole(why=Why.DENIED, message="Permission denied")
OFF = {"present": True, "value": 0, "raw": "0"}
ON = {"present": True, "value": 1, "raw": "1"}
NAMES = {"bridge": "00" * 32, "app": "11" * 32, "inner": "22" * 32, "lan": "33" * 32, "none": "44" * 32}


def network(name: str, driver: str = "bridge", engine: str = "docker", **told: Any) -> dict[str, Any]:
    stated = {"id": NAMES[name], "engine": engine, "socket": "/run/docker.sock", "name": name, "driver": driver, "internal": False, "ipv6": False}
    if driver == "bridge":
        stated |= {"interface": f"br-{name}"} | ({"icc": True, "default_bridge": name == "bridge"} if engine == "docker" else {"isolate": "no"})
    return {**stated, **told}


USUAL = {
    "docker:bridge": network("bridge", interface="docker0"),
    "docker:app": network("app"),
    "docker:inner": network("inner", internal=True),
    "docker:lan": network("lan", "macvlan", parent="eth0"),
    "docker:none": network("none", "null"),
}


def container(*networks: str, net: Any = "private", engine: str = "docker", sends: Any = False, state: Any = "running", **told: Any) -> dict[str, Any]:
    return {
        **{"id": "ab" * 32, "engine": engine, "socket": "/run/docker.sock", "name": "web", "image": "app", "state": state},
        **{
            "namespaces": {"net": net},
            "networks": {name: NAMES.get(name, "") for name in networks},
            "publish_all": False,
            "sends_any_packet": sends,
            "ports": [],
        },
        **told,
    }


def _judged(containers: dict[str, Any], key: str) -> Any:
    """Return what container-escape states of a container, as far as it is read here."""
    one = containers[key]
    if isinstance(one, Hole):
        return one
    net = one["namespaces"]["net"]
    for _ in range(3):
        net = containers.get(f"{one['engine']}:{str(net).removeprefix('container:')}", {"namespaces": {"net": net}})["namespaces"]["net"]
    runs = one["state"] if isinstance(one["state"], Hole) else one["state"] == "running"
    return {"engine": one["engine"], "id": one["id"][:12], "name": one["name"], "image": one["image"], "runs": runs, "namespaces": {"net": net}}


def document(containers: Any = None, networks: Any = None, interfaces: Any = (), scope: Any = None, **sysctl: Any) -> dict[str, Any]:
    told = {} if containers is None else containers
    judged = told if isinstance(told, Hole) else incomplete({key: _judged(told, key) for key in told}, getattr(told, "hole", None))
    named = {"all": "net.ipv4.conf.all.route_localnet", "default": "net.ipv4.conf.default.route_localnet", "bridges": "net.bridge.bridge-nf-call-iptables"}
    return {
        "containers": {"containers": told},
        "container-escape": {"containers": judged},
        "engine-scope": {"sockets": {}, "rootful_docker": []} if scope is None else scope,
        "networks": {
            "networks": USUAL if networks is None else networks,
            "localnet_interfaces": interfaces if isinstance(interfaces, Hole | list) else list(interfaces),
        },
        "kernel": {"sysctl": {name: sysctl.get(key, ON if key == "bridges" else OFF) for key, name in named.items()}},
    }


def derive(told: dict[str, Any]) -> Any:
    view = View({name: unite(*part(value), name) for name, value in told.items()})
    try:
        derived = unite(*part(analysis_container_networks.derive(view, {})), "container-networks")
    except HoleError as error:
        return error.hole
    assert OBEYS(derived) is not False, derived
    return derived


def reach(**given: Any) -> Any:
    return derive(document(**given))


def judged(one: Any, **given: Any) -> Any:
    return reach(containers={"docker:web": one}, **given)["containers"]["docker:web"]
