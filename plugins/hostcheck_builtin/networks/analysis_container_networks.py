"""What each container reaches by the networks that it has, and who reaches what this host serves to itself alone.

A network is found by the id that the container tells; a name may belong to two.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from hostcheck.api import Hole, HoleError, Json, View, Why, attempt, incomplete, known, map_known, opening, worst_hole
from hostcheck_builtin.containers.joined import holder
from hostcheck_builtin.containers.unasked import unasked
from hostcheck_builtin.networks.localnet import is_on, localnet
from hostcheck_builtin.networks.network_index import NetworkIndex
from hostcheck_builtin.system.fact_members import each_stated, sure

OWN: Final = "private"
"""What the network of a container is where the engine gives it networks."""
NOWHERE: Final = frozenset({"host", "none"})
DRIVERS: Final = frozenset({"bridge", "ipvlan", "macvlan", "overlay"})
"""Those of the engines themselves that lead anywhere."""
LOW: Final = 1024
"""Ports below belong to root, unless the kernel is told otherwise (ip(7))."""
FOR_ALL: Final = "net.bridge.bridge-nf-call-iptables"
COPIED: Final = ("id", "image", "name", "runs")


def derive(facts: Mapping[str, Any], values: Mapping[str, Json]) -> Json:
    """State ``{containers, closed_bridges, unfiltered_bridges, overlays, localnet}``, each with the holes of its own."""
    networks, told = (attempt(_all, facts, name) for name in ("networks", "containers"))
    judged: View | Hole = attempt(lambda: facts["container-escape"]["containers"])
    closed = _chosen(networks, _closed_bridge)
    return {
        "containers": _containers(judged, told, map_known(networks, NetworkIndex)),
        "closed_bridges": closed,
        "unfiltered_bridges": _unfiltered(facts, networks, closed),
        "overlays": _chosen(networks, _overlay),
        "localnet": attempt(localnet, facts, told, networks),
    }


def _all(facts: Mapping[str, Any], name: str) -> View:
    """Return what a probe states of that name, which a dockerd that cannot be asked may have more of."""
    stated: View = facts[name][name]
    members: dict[str, Any] = {key: attempt(lambda at: stated[at], key) for key in known(stated)}
    whole: Any = incomplete(members, worst_hole(opening(stated), attempt(unasked, facts, name)))
    return View(whole)


def _containers(judged: View | Hole, told: View | Hole, networks: NetworkIndex | Hole) -> Json:
    if isinstance(judged, Hole) or isinstance(told, Hole):
        return worst_hole(judged, told)
    there = set(known(told))  # those of users' engines, and those that no engine tells of, have networks that are not looked at
    found = {key: attempt(_container, judged, told, networks, key) for key in known(judged) if key in there}
    return incomplete(found, worst_hole(opening(judged), opening(told)))


def _container(judged: View, told: View, networks: NetworkIndex | Hole, key: str) -> dict[str, Json]:
    one, own = judged[key], told[key]
    net = attempt(lambda: str(one["namespaces"]["net"]))
    joined = attempt(_joined, told, networks, key, net)
    return {
        **{fact: attempt(lambda fact: one[fact], fact) for fact in COPIED},
        "engine": one["engine"],
        "net": net,
        "default_bridge": joined if isinstance(joined, Hole) else _any(joined, _is_open_default),
        "ways_out": joined if isinstance(joined, Hole) else attempt(_ways_out, joined),
        "publish_all": net if isinstance(net, Hole) else attempt(lambda: net == OWN and own["publish_all"]),
        "low_ports": net if isinstance(net, Hole) else attempt(_low_ports, own, net),
    }


def _joined(told: View, networks: NetworkIndex | Hole, key: str, net: str | Hole) -> dict[str, View | Hole]:
    """Return the networks of a container by name, or of the container whose network it has; raises HoleError where they are not known."""
    if sure(net) in NOWHERE:
        return {}
    index = sure(networks)
    if net != OWN:
        raise HoleError(Hole(why=Why.UNSUPPORTED, message="it has a network namespace that no container of this engine is known to have"))
    at = holder(told, key, "net")
    return {name: attempt(index.one, told[at]["engine"], name, ident) for name, ident in told[at]["networks"].items()}


def _any(joined: dict[str, View | Hole], holds: Any) -> Json:
    """Say whether one network is of that kind; one that is decides, whatever is not known of others."""
    each = [one if isinstance(one, Hole) else attempt(holds, one) for one in joined.values()]
    return True if True in each else worst_hole(*each) or False


def _is_open_default(network: View) -> bool:
    return _is_dockers_bridge(network) and bool(network["default_bridge"] and network["icc"])


def _is_dockers_bridge(network: View) -> bool:
    return bool(network["driver"] == "bridge" and network["engine"] == "docker")


def _ways_out(joined: dict[str, View | Hole]) -> Json:
    each = {name: one if isinstance(one, Hole) else attempt(_way_out, one) for name, one in joined.items()}
    return incomplete({name: one for name, one in each.items() if one and not isinstance(one, Hole)}, worst_hole(*each.values()))


def _way_out(network: View) -> Json:
    """Return how a network leads out of the host, None where it does not."""
    driver = str(network["driver"])
    if driver == "null":
        return None
    if driver not in DRIVERS:
        raise HoleError(Hole(why=Why.UNSUPPORTED, message=f"{network['name']}: a program of its own makes this network, and where that leads is not known"))
    return None if network["internal"] else {"driver": driver}


def _low_ports(own: View, net: str) -> Json:
    """Return the low ports of the host that a container is given; one that has no network of its own is given none."""
    if net != OWN:
        return {}
    found: dict[str, set[str]] = {}
    for port in own["ports"]:
        first = port["port"].partition("-")[0]
        if first and int(first) < LOW:
            found.setdefault(port["port"], set()).add(f"{port['address'] or 'any'}:{port['port']}->{port['inside']}/{port['protocol']}")
    return {number: {"number": number, "shown": ", ".join(sorted(shown))} for number, shown in sorted(found.items())}


def _chosen(networks: View | Hole, choose: Callable[[View], Json]) -> Json:
    """Return what is made of each network, without those of which nothing is."""
    return each_stated(lambda: sure(networks), lambda network, _: choose(network))


def _overlay(network: View) -> Json:
    """Return whether an overlay is encrypted; None where it is none, or the one that comes with a swarm."""
    return None if network["driver"] != "overlay" or network["ingress"] else {"encrypted": attempt(lambda: network["encrypted"])}


def _closed_bridge(network: View) -> Json:
    """Return the interface of a bridge of docker's on which containers shall not reach each other; None where it is none."""
    return None if not _is_dockers_bridge(network) or network["icc"] else {"interface": attempt(lambda: network["interface"])}


def _unfiltered(facts: Mapping[str, Any], networks: View | Hole, closed: Json) -> Json:
    """Return those of them whose packets the kernel does not show to iptables, so that nothing keeps the containers apart."""
    if isinstance(closed, Hole) or isinstance(networks, Hole):
        return closed
    shown = {key: one if isinstance(one, Hole) else attempt(_is_shown, facts, networks, key) for key, one in closed.items()}
    return incomplete({key: closed[key] for key, one in shown.items() if one is False}, worst_hole(getattr(closed, "hole", None), *shown.values()))


def _is_shown(facts: Mapping[str, Any], networks: View, key: str) -> bool:
    """Say whether the module is there that shows packets to iptables, and does so for all bridges or for this one."""
    present = facts["kernel"]["sysctl"][FOR_ALL]["present"]
    return bool(present and (is_on(facts, FOR_ALL) or networks[key]["shows_iptables"]))
