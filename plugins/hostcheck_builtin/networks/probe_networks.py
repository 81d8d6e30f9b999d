"""Networks of root's engines, as docker and podman list them, and interfaces by which packets for loopback addresses come in.

A network is stated as it was asked for. What the packet filter makes of it is not read.
"""

from collections import Counter
from functools import cache
from typing import Any

from hostcheck.api import Hole, Host, Json, attempt, incomplete, worst_hole
from hostcheck_builtin.containers.inspection import is_roots
from hostcheck_builtin.engines import endpoints, engine_programs
from hostcheck_builtin.engines.endpoints import Endpoint
from hostcheck_builtin.networks import asking, interfaces
from hostcheck_builtin.sockets.discovery import discover
from hostcheck_builtin.system.control_groups import SHORT


def collect(host: Host) -> Json:
    """State ``{networks, localnet_interfaces}``; the networks by engine and name."""
    return {"networks": _networks(host), "localnet_interfaces": interfaces.localnet(host)}


def _networks(host: Host) -> Json:
    running = cache(lambda: engine_programs.of_root(host, {}))
    found = attempt(discover, host)
    if isinstance(found, Hole):
        return found
    asked = endpoints.asked(host, found.sockets, lambda: running().unread or running().pids, asking.send)
    told, unknown = _told(host, asked)
    return incomplete(_named(told), worst_hole(unknown, getattr(found.sockets, "hole", None)))


def _told(host: Host, asked: dict[str, Endpoint | Hole]) -> tuple[dict[str, Any], Hole | None]:
    """Return the networks by engine and id, and why there may be more; one engine at two sockets tells the same twice."""
    told: dict[str, Any] = {}
    unknown = worst_hole(*(end if isinstance(end, Hole) else end.ask for end in asked.values()))
    for end in [end for end in asked.values() if isinstance(end, Endpoint) and is_roots(end)]:
        listed = attempt(asking.listed, host, end)
        if isinstance(listed, Hole):
            unknown = worst_hole(unknown, listed)
            continue
        unknown = worst_hole(unknown, listed.more)
        for one, facts in listed.networks.items():
            told.setdefault(f"{listed.engine}:{one}", {"engine": listed.engine, "socket": end.path, **facts, **_filtered(host, facts)})
    return told, unknown


def _filtered(host: Host, facts: dict[str, Any]) -> dict[str, Json]:
    """State of a bridge whose containers shall not reach each other whether it shows packets to iptables by a setting of its own."""
    if facts.get("icc") is not False:
        return {}
    bridge = facts["interface"]
    return {"shows_iptables": bridge if isinstance(bridge, Hole) else attempt(interfaces.shows_iptables, host, bridge)}


def _named(told: dict[str, Any]) -> dict[str, Any]:
    """Return the networks by engine and name; where two have the same, or the name is not known, by the id too."""
    many = Counter((facts["engine"], facts["name"]) for facts in told.values() if not isinstance(facts["name"], Hole))
    keys = {key: _key(facts, many) for key, facts in told.items()}
    return {keys[key]: facts for key, facts in sorted(told.items(), key=lambda one: keys[one[0]])}


def _key(facts: dict[str, Any], many: Counter[tuple[str, str]]) -> str:
    engine, name, one = facts["engine"], facts["name"], facts["id"][:SHORT]
    if isinstance(name, Hole):
        return f"{engine}:{one}"
    return f"{engine}:{name}" if many[engine, name] == 1 else f"{engine}:{name} ({one})"
