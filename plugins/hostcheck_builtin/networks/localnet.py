"""Who reaches what listens on 127.0.0.1 alone: the kernel takes packets for loopback addresses from an interface where route_localnet is on.

Docker turns it on for its bridges where it publishes ports without a process for each, and netavark for those of containers with ports on 127.0.0.1.
A program inside then needs CAP_NET_RAW or CAP_NET_ADMIN: no other can send a packet for that address to its bridge.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from hostcheck.api import Hole, HoleError, Json, View, Why, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.containers.joined import holder
from hostcheck_builtin.system.fact_members import sure

SETTINGS: Final = {"all": ("all", "every other host on any of its networks"), "default": ("new", "every other host on a network that is added later")}
Place = tuple[str, str]
"""The engine and the id of a network."""
RUNS: Final = frozenset({"running", "paused", "restarting"})


class Bridges(NamedTuple):
    """Which network each bridge is, by its interface, and why another interface may be one too."""

    by_interface: dict[str, Place]
    unknown: Hole | None


class Senders(NamedTuple):
    """Which containers on each network may send packets with any addresses, and why there may be more."""

    by_network: dict[Place, dict[str, bool | Hole]]
    unknown: Hole | None


def localnet(facts: Mapping[str, Any], containers: View | Hole, networks: View | Hole) -> Json:
    """State the interfaces by which others get there, with who does; incomplete where that is not known of one."""
    settings = {name: attempt(_setting, facts, name) for name in SETTINGS}
    interfaces: Any = attempt(lambda: facts["networks"]["localnet_interfaces"])
    if isinstance(interfaces, Hole):
        return incomplete(_open(settings), worst_hole(interfaces, *settings.values()))
    bridges = networks if isinstance(networks, Hole) else _bridges(networks)
    senders = containers if isinstance(containers, Hole) else _senders(containers)
    each = {name: attempt(_interface, name, bridges, senders) for name in known(interfaces)}
    stated = {**settings, **each}
    return incomplete(_open(stated), worst_hole(opening(interfaces), *stated.values()))


def _open(stated: dict[str, Any]) -> dict[str, Json]:
    return {name: one for name, one in stated.items() if one and not isinstance(one, Hole)}


def _setting(facts: Mapping[str, Any], name: str) -> Json:
    """Return who gets in by a general setting; a kernel before Linux 3.6 does not have it."""
    kind, who = SETTINGS[name]
    return {"kind": kind, "who": [who]} if is_on(facts, f"net.ipv4.conf.{name}.route_localnet") else None


def is_on(facts: Mapping[str, Any], name: str) -> bool:
    """Say whether the kernel has a setting that is a switch, and it is on; raises HoleError where it is not a number."""
    setting = facts["kernel"]["sysctl"][name]
    if setting["present"] and not isinstance(setting["value"], int):
        raise HoleError(Hole(why=Why.NONSENSE, message=f"{name}: not a number"))
    return bool(setting["present"] and setting["value"] != 0)


def _bridges(networks: View) -> Bridges:
    """Return engine and id of each network that is a bridge, by its interface."""
    each = {key: attempt(lambda at: _bridge(networks[at]), key) for key in known(networks)}
    return Bridges(dict(one for one in each.values() if one and not isinstance(one, Hole)), worst_hole(opening(networks), *each.values()))


def _bridge(network: View) -> tuple[str, Place] | None:
    return (network["interface"], (network["engine"], network["id"])) if network["driver"] == "bridge" else None


def _senders(containers: View) -> Senders:
    """Return by engine and id of each network which running containers on it may send packets with any addresses."""
    found: dict[Place, dict[str, bool | Hole]] = defaultdict(dict)
    unknown = [opening(containers)]
    for key in known(containers):
        places = attempt(_places, containers, key)
        if isinstance(places, Hole):
            unknown.append(places)
            continue
        sends = attempt(lambda at: bool(containers[at]["sends_any_packet"]), key) if places else False
        for place in places:
            found[place][key] = sends
    return Senders(found, worst_hole(*unknown))


def _places(containers: View, key: str) -> set[Place]:
    """Return the networks of a container that runs, or of the container whose network it has."""
    one = containers[key]
    if one["state"] not in RUNS:
        return set()
    return {(one["engine"], network) for network in containers[holder(containers, key, "net")]["networks"].values()}


def _interface(name: str, bridges: Bridges | Hole, senders: Senders | Hole) -> Json:
    """Return who gets in by an interface that lets such packets in; of a bridge, None where no container on it can send one."""
    bridges = sure(bridges)
    if name not in bridges.by_interface:
        if bridges.unknown is not None:
            raise HoleError(bridges.unknown)
        return {"kind": "interface", "who": ["every other host on its network"]}
    senders = sure(senders)
    each = senders.by_network.get(bridges.by_interface[name], {})
    unknown = worst_hole(senders.unknown, *each.values())
    sending: list[Json] = [key for key, sends in each.items() if sends is True]
    if not sending and unknown is not None:
        raise HoleError(unknown)
    return {"kind": "containers", "who": incomplete(sending, unknown)} if sending else None
