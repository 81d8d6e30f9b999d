"""What an engine tells of one network, in the words of one vocabulary: only options that are judged, each with what the driver does where it is not set.

Labels and every other option stay with the engine: whoever makes a network may write a password there.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from hostcheck.api import Hole, Json, map_known, pattern
from hostcheck_builtin.engines.api_answers import flag, members, take, text
from hostcheck_builtin.system.bounds import MEMBERS_OF_A_NETWORK as MANY

ID: Final = pattern(r"[0-9a-z]{25,64}")
"""A swarm gives its networks shorter ids."""
INTERFACE: Final = pattern(r"[^/\s]{1,15}")
"""IFNAMSIZ of the kernel; "." and ".." are none either (net/core/dev.c, dev_valid_name)."""
ADDRESS: Final = pattern(r"[0-9a-fA-F:.]{0,45}")
BRIDGE: Final = "com.docker.network.bridge."
MODES: Final = frozenset({"nat", "nat-unprotected", "routed", "isolated"})
ISOLATES: Final = {"": "no", "false": "no", "0": "no", "true": "yes", "1": "yes", "strict": "strict"}
TRUE: Final = frozenset({"1", "t", "T", "TRUE", "true", "True"})
FALSE: Final = frozenset({"0", "f", "F", "FALSE", "false", "False"})
"""What Go reads as a flag (strconv.ParseBool)."""
PARENTS: Final = frozenset({"macvlan", "ipvlan"})
OF_DRIVERS: Final = {
    "docker": ("default_bridge", "encrypted", "gateway_modes", "host_binding", "icc", "interface", "masquerade", "parent"),
    "podman": ("interface", "isolate", "parent"),
}
"""Facts that only some drivers have."""
Document = Mapping[str, Json]


def network(document: Document, engine: str) -> dict[str, Json]:
    """Return the facts that an engine tells of one network."""
    return {"docker": _of_docker, "podman": _of_podman}[engine](document)


def identity(value: Json) -> str:
    """Return the id of a network; raises TypeError where it has none."""
    one = value.get("Id", value.get("id")) if isinstance(value, dict) else None
    if not isinstance(one, str) or ID.fullmatch(one) is None:
        raise TypeError
    return one


def _of_docker(document: Document) -> dict[str, Json]:
    driver, name = take(document, ("Driver",), text), take(document, ("Name",), _named)
    stated: dict[str, Json] = {"id": identity(document), "name": name, "driver": driver, "scope": take(document, ("Scope",), text)}
    stated |= {fact: take(document, (key,), flag) for fact, key in FLAGS.items()}
    options = take(document, ("Options",), _options)
    if isinstance(driver, Hole):
        return {**stated, **dict.fromkeys(OF_DRIVERS["docker"], driver)}
    if driver == "overlay":
        stated["encrypted"] = map_known(options, lambda known: "encrypted" in known)
    if driver in PARENTS:
        stated["parent"] = map_known(options, lambda known: known.get("parent", ""))
    return {**stated, **_bridge(document, name, options)} if driver == "bridge" else stated


FLAGS: Final = {"internal": "Internal", "attachable": "Attachable", "ingress": "Ingress", "ipv6": "EnableIPv6"}


def _bridge(document: Document, name: Json, options: Json) -> dict[str, Json]:
    """Return what the driver bridge of docker makes of options (moby, networkConfiguration.fromLabels)."""

    def option(key: str, read: Callable[[str], Json], default: Json) -> Json:
        return map_known(options, lambda known: take({key: known[key]}, (key,), read) if key in known else default)

    mode = partial(_one_of, MODES)
    return {
        "interface": option(f"{BRIDGE}name", _interface, f"br-{identity(document)[:12]}"),
        "default_bridge": map_known(name, lambda known: known == "bridge"),
        "icc": option(f"{BRIDGE}enable_icc", _flag, True),
        "masquerade": option(f"{BRIDGE}enable_ip_masquerade", _flag, True),
        "host_binding": option(f"{BRIDGE}host_binding_ipv4", _address, ""),
        "gateway_modes": {family: option(f"{BRIDGE}gateway_mode_{family}", mode, "nat") for family in ("ipv4", "ipv6")},
    }


def _of_podman(document: Document) -> dict[str, Json]:
    driver = take(document, ("driver",), text)
    stated: dict[str, Json] = {"id": identity(document), "name": take(document, ("name",), _named), "driver": driver}
    stated |= {fact: take(document, (key,), flag) for fact, key in {"internal": "internal", "ipv6": "ipv6_enabled", "dns": "dns_enabled"}.items()}
    if isinstance(driver, Hole):
        return {**stated, **dict.fromkeys(OF_DRIVERS["podman"], driver)}
    if driver in PARENTS:
        stated["parent"] = _told_or(document, "network_interface", text, "")
    if driver == "bridge":
        options = _told_or(document, "options", _options, {})
        stated |= {"interface": take(document, ("network_interface",), _interface), "isolate": map_known(options, _isolate)}
    return stated


def _told_or(document: Document, key: str, read: Callable[[Any], Json], default: Json) -> Json:
    """Return what podman tells, or what it means where it tells nothing: it leaves out what is empty."""
    return take(document, (key,), read) if key in document else default


def _named(value: Json) -> str:
    name: str = text(value)
    if not name:
        raise TypeError
    return name


def _options(value: Json) -> dict[str, str]:
    return {key: text(one) for key, one in members(value, MANY).items()}


def _isolate(options: dict[str, str]) -> Json:
    return take(options, ("isolate",), lambda value: ISOLATES[_one_of(ISOLATES.keys(), value)]) if "isolate" in options else "no"


def _one_of(words: Any, value: str) -> str:
    if value not in words:
        raise TypeError
    return value


def _flag(value: str) -> bool:
    return _one_of(TRUE | FALSE, value) in TRUE


def _interface(value: Json) -> str:
    name: str = text(value)
    if INTERFACE.fullmatch(name) is None or name in (".", ".."):
        raise TypeError
    return name


def _address(value: str) -> str:
    if ADDRESS.fullmatch(value) is None:
        raise TypeError
    return value
