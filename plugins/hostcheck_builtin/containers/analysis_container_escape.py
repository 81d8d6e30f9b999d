"""What each container has of its host, and whose root the root inside it is there.

A mount is one cause: it is told of as the worst that it is. The right to write is needed for no socket, and of what is only read it is asked what stands
there.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Final

from hostcheck.api import Hole, HoleError, Json, View, Why, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.containers import host_places, rights
from hostcheck_builtin.containers.host_places import Place

RUNS: Final = frozenset({"running", "paused", "restarting"})
SHORT: Final = 12
SHARED: Final = frozenset({"shared", "rshared"})
COPIED: Final = ("image", "masked_paths", "namespaces", "privileged", "seccomp", "state", "limits")
Known = tuple[dict[str, Json], Hole | None]
"""What was found by its path, in words, and why there may be more."""


def derive(facts: Mapping[str, Any], values: Mapping[str, Json]) -> Json:
    """State ``{containers}``, each with the holes of its own."""
    if facts["host"]["scan"]["init_userns"] is False:
        return {"containers": Hole(why=Why.DENIED, message="the scanner is in a user namespace, where paths and ids are not the host's")}
    containers: View | Hole = attempt(lambda: facts["containers"]["containers"])
    if isinstance(containers, Hole):
        return {"containers": containers}
    state = partial(_container, facts, _sockets(facts), _data(facts))
    return {"containers": incomplete({key: attempt(lambda at: state(containers[at]), key) for key in known(containers)}, opening(containers))}


def _container(facts: Mapping[str, Any], sockets: Known, data: Known, container: View) -> dict[str, Json]:
    copied = {fact: attempt(_plain, container, fact) for fact in COPIED}
    state = copied["state"]
    return {
        **copied,
        "engine": container["engine"],
        "id": attempt(lambda: container["id"][:SHORT]),
        "name": attempt(lambda: container["name"]),
        "runs": state if isinstance(state, Hole) else state in RUNS,
        "root_is_hosts": attempt(_root_is_hosts, facts, container),
        "remapped": attempt(lambda: _scope(facts, container) == "remapped"),
        **_mounts(container, sockets, data),
        "capabilities": attempt(_capabilities, container),
        "devices": attempt(_devices, container),
        "device_rules": attempt(_rules, container),
        "no_new_privileges": attempt(_no_new_privileges, facts, container),
        "user_is_root": attempt(_user_is_root, container),
        "ports": attempt(_ports, container),
    }


def _plain(container: View, fact: str) -> Json:
    """Return a fact as it is, with the holes that are in it."""
    value = container[fact]
    return incomplete({key: attempt(value.__getitem__, key) for key in known(value)}, opening(value)) if isinstance(value, View) else value


def _sockets(facts: Mapping[str, Any]) -> Known:
    """Return the engines' sockets that are there, by each path that leads to them."""
    sockets: View | Hole = attempt(lambda: facts["sockets"]["sockets"])
    if isinstance(sockets, Hole):
        return {}, sockets
    each = [attempt(lambda at: _named(at, sockets[at]), path) for path in known(sockets)]
    found = {path: engine for one in each if not isinstance(one, Hole) for path, engine in one.items()}
    return found, worst_hole(opening(sockets), *(one for one in each if isinstance(one, Hole)))


def _named(path: str, socket: View) -> dict[str, Json]:
    if socket["type"] != "socket":
        return {}
    return dict.fromkeys((path, socket["realpath"]), attempt(lambda: f"the socket of {socket['engine']}"))


def _data(facts: Mapping[str, Any]) -> Known:
    """Return the directories in which engines keep what is in containers: those that they tell, and the usual ones."""
    places: dict[str, Json] = dict.fromkeys(host_places.DATA_ROOTS, "")
    sockets: View | Hole = attempt(lambda: facts["engines"]["sockets"])
    if isinstance(sockets, Hole):
        return places, sockets
    holes: list[Json] = [opening(sockets)]
    for path in known(sockets):
        for part, fact in (("info", "root_dir"), ("libpod", "graph_root")):
            told = attempt(lambda at, part, fact: sockets[at][part][fact] if part in sockets[at] else "", path, part, fact)
            holes.append(told)
            if isinstance(told, str) and told not in ("", "/"):
                places[told] = ""
    return places, worst_hole(*holes)


def _scope(facts: Mapping[str, Any], container: View) -> str:
    scopes: View = facts["engine-scope"]["sockets"]
    socket = container["socket"]
    if socket not in scopes or "scope" not in scopes[socket]:
        raise HoleError(
            Hole(why=Why.NONSENSE, message=f"{socket}: the engine that has the container was not there any more, and whose ids it uses is not known")
        )
    return str(scopes[socket]["scope"])


def _root_is_hosts(facts: Mapping[str, Any], container: View) -> bool:
    """Say whether root in a container is root of the host, by the namespace that it asked for and, where it asked for none, by the engine's."""
    namespace = container["namespaces"]["user"]
    if namespace == "private":
        return False
    if namespace in ("host", "default"):
        return _scope(facts, container) in (("rootful", "remapped") if namespace == "host" else ("rootful",))
    raise HoleError(Hole(why=Why.UNSUPPORTED, message="it has the user namespace of another, and what that maps is not looked at"))


def _mounts(container: View, sockets: Known, data: Known) -> dict[str, Json]:
    """State the mounts that lead to the host, by what they are."""
    found: dict[str, dict[str, Json]] = {kind: {} for kind in KINDS}
    mounts: View | Hole = attempt(lambda: container["mounts"])
    if isinstance(mounts, Hole):
        return dict.fromkeys(KINDS, mounts)
    for place in known(mounts):
        told = attempt(lambda at: _mount(mounts[at], sockets, data), place)
        for kind, one in dict.fromkeys(KINDS, told).items() if isinstance(told, Hole) else told.items():
            found[kind][place] = one
    return {kind: incomplete(members, opening(mounts)) for kind, members in found.items()}


def _mount(mount: View, sockets: Known, data: Known) -> dict[str, Json]:
    """Return what one mount is, by its kind; where its path is not known, it may be any that it can be."""
    real, writes = attempt(lambda: mount["real"] if "real" in mount else None), bool(mount["writable"])
    if real is None:
        return {}
    told: dict[str, Json] = {"shared_mounts": {"path": real}} if mount["propagation"] in SHARED else {}
    if isinstance(real, Hole):
        return told | dict.fromkeys(("socket_mounts", "host_mounts", "kernel_mounts") if writes else ("socket_mounts", "secret_mounts"), real)
    kind, place = _worst(real, writes, sockets[0], data[0])
    if place is not None:
        told[kind] = {"path": real, "place": place.path, "what": sockets[0][place.path] if kind == "socket_mounts" else place.what, "writable": writes}
        return told
    told |= {} if sockets[1] is None else {"socket_mounts": sockets[1]}
    return told | ({} if data[1] is None else {"host_mounts" if writes else "secret_mounts": data[1]})


def _worst(real: str, writes: bool, sockets: Iterable[str], data: Iterable[str]) -> tuple[str, Place | None]:
    """Return what a mount is told of as: the whole host that is written to, else a socket, else what is written to, else what is read."""
    socket = host_places.socket(real, sockets)
    if socket and not (real == "/" and writes):
        return "socket_mounts", Place(socket, "")
    bus = host_places.bus(real)
    if bus:
        return "host_mounts", bus
    if not writes:
        return "secret_mounts", host_places.secret(real, data)
    kernel = host_places.kernel(real)
    return ("kernel_mounts", kernel) if kernel else ("host_mounts", host_places.writable(real, data))


def _capabilities(container: View) -> Json:
    """Return the capabilities that lead to the host; what is not known of namespaces matters only to who needs them."""
    told, namespaces = container["capabilities"], container["namespaces"]
    added, dropped = list(told["added"]), list(told["dropped"])
    shared = [attempt(lambda at: namespaces[at] == "host", kind) for kind in ("pid", "net")]
    least = rights.capabilities(added, dropped, host_pid=shared[0] is True, host_network=shared[1] is True)
    most = rights.capabilities(added, dropped, host_pid=shared[0] is not False, host_network=shared[1] is not False)
    stated = {name: {"gives": gives} for name, gives in least.items()}
    return incomplete(stated, worst_hole(*shared) if most.keys() != least.keys() else None)


def _devices(container: View) -> Json:
    devices: View = container["devices"]
    each = {at: attempt(lambda at: _device(devices[at]), at) for at in known(devices)}
    return incomplete({at: one for at, one in each.items() if one is not None}, opening(devices))


def _device(device: View) -> Json:
    if not {"r", "w"} & set(device["permissions"]):
        return None
    gives = rights.device(device["real"], device["kind"])
    return {"path": device["real"], "gives": gives} if gives else None


def _rules(container: View) -> Json:
    return {rule: {"gives": gives} for rule in container["device_rules"] if (gives := rights.rule(rule))}


def _no_new_privileges(facts: Mapping[str, Any], container: View) -> bool:
    """Say whether programs inside can gain no rights by setuid: what the engine does unasked holds where the container says nothing."""
    told = container["no_new_privileges"]
    if told != "default" or container["engine"] != "docker":
        return bool(told == "on")
    engines: View = facts["engines"]["sockets"]
    socket = container["socket"]
    if socket not in engines or "info" not in engines[socket]:
        raise HoleError(Hole(why=Why.NONSENSE, message=f"{socket}: the engine did not say what it does unasked"))
    return "name=no-new-privileges" in engines[socket]["info"]["security_options"]


def _user_is_root(container: View) -> bool:
    user = container["user"]
    if "uid" not in user:
        raise HoleError(Hole(why=Why.UNSUPPORTED, message="a name of a user means what the image says, and no image is read"))
    return bool(user["uid"] == 0)


def _ports(container: View) -> Json:
    """Return the ports that every address of the host serves, as docker writes them; without a network of the engine's it serves none."""
    if container["namespaces"]["net"] in ("host", "none"):
        return []
    ports = [(port["address"], port["port"], port["inside"], port["protocol"]) for port in container["ports"]]
    return sorted({f"{outside or 'any'}->{inside}/{protocol}" for address, outside, inside, protocol in ports if address in ANY})


ANY: Final = frozenset({"", "0.0.0.0", "::", "0:0:0:0:0:0:0:0"})  # noqa: S104 - what is looked for
KINDS: Final = ("socket_mounts", "host_mounts", "secret_mounts", "kernel_mounts", "shared_mounts")
