"""What each container has of its host, and whose root the root inside it is there.

What an engine does for whoever asks for nothing counts for those containers; a namespace that another container hands on counts as what it is. Containers that
no engine tells of are those that their processes tell of.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from hostcheck.api import Hole, HoleError, Json, View, ViewList, Why, attempt, incomplete, known, map_known, opening, worst_hole
from hostcheck_builtin.containers import (
    by_processes,
    engine_defaults,
    host_mounts,
    host_processes,
    reaching,
    runtimes,
    security_modules,
    user_containers,
    ways_out,
)
from hostcheck_builtin.containers.acting import Acting
from hostcheck_builtin.containers.by_processes import Inside, Seen
from hostcheck_builtin.containers.host_mounts import REFUSED, Known, KnownPlaces, Using
from hostcheck_builtin.containers.host_users import HostUsers, mapped
from hostcheck_builtin.containers.inside_user import InsideUsers
from hostcheck_builtin.containers.joined import JOINS, holder
from hostcheck_builtin.containers.mount_use import MountUse
from hostcheck_builtin.containers.security_modules import Modules
from hostcheck_builtin.containers.unasked import unasked
from hostcheck_builtin.system.control_groups import SHORT
from hostcheck_builtin.system.fact_members import each_stated

NO_PROCESS: Final = Seen(View({"container-processes": {"containers": {}}}))
"""Those of users' containers are not looked at."""
OF_ROOT: Final = {"rootless": False, "told": True}
RUNS: Final = frozenset({"running", "paused", "restarting"})
COPIED: Final = (*("health_check", "image", "image_pinned", "limits", "masked_paths", "privileged", "readonly_rootfs", "restart", "secret_variables", "state"),)


def derive(facts: Mapping[str, Any], values: Mapping[str, Json]) -> Json:
    """State ``{containers}``, each with the holes of its own, and those that do not run, by engine."""
    if facts["host"]["scan"]["init_userns"] is False:
        hole = Hole(why=Why.DENIED, message="the scanner is in a user namespace, where paths and ids are not the host's")
        return {"containers": hole, "stopped": hole}
    told: View | Hole = attempt(lambda: facts["containers"]["containers"])
    containers = View({}) if isinstance(told, Hole) else told
    seen, sockets, places, people = Seen(facts), host_mounts.sockets(facts), host_mounts.places(facts), HostUsers(facts)
    inside, use, modules = InsideUsers(facts, seen), MountUse(facts), security_modules.on_host(facts)
    state = partial(_of_root, facts, containers, sockets, places, inside, use, people, modules)
    stated = {key: attempt(lambda at: state(containers[at]), key) for key in known(containers)}
    more = worst_hole(told if isinstance(told, Hole) else opening(told), attempt(unasked, facts, "containers"))
    ids = {key: attempt(lambda at: containers[at]["id"][:SHORT], key) for key in known(containers)}
    one_of_those = _one_of_those(facts, more, worst_hole(*ids.values()))
    untold: dict[str, Json] = {}
    if one_of_those is None:
        others = seen.others({one for one in ids.values() if isinstance(one, str)})
        acts = partial(_acts, inside, use)
        untold = {key: attempt(lambda at: _untold(at, seen.members[at], sockets, places, acts, people, modules), key) for key in others}
    users = user_containers.of_users(facts, _of_user)
    found = dict(sorted({**untold, **stated, **users}.items()))
    whole = incomplete(found, worst_hole(more, one_of_those, seen.more))
    return {"containers": whole, "stopped": _stopped(stated, more)} if not isinstance(told, Hole) else {"containers": whole if found else told, "stopped": told}


def _of_root(
    facts: Mapping[str, Any],
    containers: View,
    sockets: Known,
    places: KnownPlaces,
    inside: InsideUsers,
    use: MountUse,
    people: HostUsers,
    modules: Modules,
    container: View,
) -> dict[str, Json]:
    stated = _container(facts, containers, inside.seen, container)
    stated["confined"] = security_modules.confined(stated, modules)
    stated["takes_ids"] = attempt(lambda: host_processes.takes_ids(container["capabilities"]["added"], container["capabilities"]["dropped"]))
    acting = inside.of(container, stated["no_new_privileges"])
    stated |= host_mounts.of(container, sockets, places, use.by(acting))
    return people.of(container, inside.seen, acting, {**stated, **reaching.reached(stated, acting), **OF_ROOT, **acting.stated()})


def _of_user(engines: Mapping[str, Any], containers: View, container: View) -> dict[str, Json]:
    """State a container of a user's engine, whose processes are not looked at; its mounts and ways are the user's."""
    return {**_container(engines, containers, NO_PROCESS, container), REFUSED: {}}


def _acts(inside: InsideUsers, use: MountUse, key: str, one: View, no_new_privileges: Json) -> tuple[Acting, Using]:
    acting = inside.told(key, one, no_new_privileges)
    return acting, use.by(acting)


def _untold(key: str, one: View, sockets: Known, places: KnownPlaces, acts: Inside, people: HostUsers, modules: Modules) -> dict[str, Json]:
    """State a container of which only its processes tell; what of it they do not show may lead to other users too."""
    stated, acting = by_processes.untold(key, one, sockets, places, acts, modules)
    led, given = (
        people.told({**stated, **acting.stated()}, attempt(lambda: one["mounts"]), attempt(mapped, one), acting),
        attempt(lambda: one["given"]),
    )
    users = led["becomes"]
    return {**led, "becomes": incomplete(users, worst_hole(getattr(users, "hole", None), given)) if isinstance(users, dict) else users}


def _one_of_those(facts: Mapping[str, Any], more: Hole | None, unknown: Hole | None) -> Hole | None:
    """Return why a container that processes tell of may be one that an engine told of, under a name that is hidden; None where that is no matter.

    Who is not root is refused by engines as a rule, and is told of no name.
    """
    if unknown is not None and unknown.why is Why.DENIED:
        return unknown
    root = attempt(lambda: facts["host"]["scan"]["euid"] == 0)
    return more if more is not None and more.why is Why.DENIED and root is not False else None


def _stopped(stated: Mapping[str, Any], more: Hole | None) -> Json:
    """Return what each engine keeps of containers that do not run, with their state."""
    states: dict[str, dict[str, Json]] = {}
    for key, container in stated.items():
        states.setdefault(key.partition(":")[0], {})[key] = container if isinstance(container, Hole) else container["state"]
    return incomplete({engine: {"engine": engine, "containers": _kept(told, more)} for engine, told in states.items()}, more)


def _kept(states: Mapping[str, Json], more: Hole | None) -> Json:
    """Return those that do not run; one whose state is not known may be another."""
    unknown = [state for state in states.values() if isinstance(state, Hole)]
    return incomplete({key: state for key, state in states.items() if not isinstance(state, Hole) and state not in RUNS}, worst_hole(more, *unknown))


def _container(facts: Mapping[str, Any], containers: View, seen: Seen, container: View) -> dict[str, Json]:
    copied = {fact: attempt(_plain, container, fact) for fact in COPIED}
    namespaces = _namespaces(containers, container)
    sees = host_processes.sees(attempt(_given, namespaces, "pid"), attempt(lambda: container["mounts"]))
    capabilities = attempt(_capabilities, container, namespaces, sees)
    state = copied["state"]
    return {
        **copied,
        **by_processes.beyond(container, seen),
        "one_by_one": map_known(copied["privileged"], lambda privileged: not privileged),
        "engine": container["engine"],
        "id": attempt(lambda: container["id"][:SHORT]),
        "name": attempt(lambda: container["name"]),
        "runs": state if isinstance(state, Hole) else state in RUNS,
        "namespaces": namespaces,
        "root_is_hosts": attempt(_root_is_hosts, facts, container, namespaces, seen),
        "remapped": attempt(lambda: _scope(facts, container) == "remapped"),
        "capabilities": capabilities,
        "sees_processes": sees,
        "takes_processes": host_processes.takes(sees, capabilities),
        "devices": each_stated(lambda: container["devices"], _device),
        "device_rules": attempt(lambda: {rule: {"gives": gives} for rule in container["device_rules"] if (gives := ways_out.rule(rule))}),
        **engine_defaults.of(facts, container),
        "user_is_root": attempt(_user_is_root, container, seen),
        "ports": attempt(_ports, container, namespaces),
        **_sandbox(facts, container),
        **_login(container),
    }


def _namespaces(containers: View, container: View) -> Json:
    """Return whose namespaces it has; of one that is another container's, what that has: the host's may be handed on."""
    return each_stated(lambda: container["namespaces"], lambda whose, kind: _followed(containers, container["engine"], kind, whose))


def _followed(containers: View, engine: str, kind: str, whose: str) -> str:
    key = f"{engine}:{whose.removeprefix(JOINS)}"
    return str(containers[holder(containers, key, kind)]["namespaces"][kind]) if whose.startswith(JOINS) and key in containers else whose


def _given(namespaces: Json, kind: str) -> str:
    """Return one of the namespaces; raises HoleError where that is not known."""
    return str(View({"namespaces": namespaces})["namespaces"][kind])


def _plain(container: View, fact: str) -> Json:
    """Return a fact as it is, with the holes that are in it."""
    value = container[fact]
    if isinstance(value, View):
        return incomplete({key: attempt(_plain, value, key) for key in known(value)}, opening(value))
    return incomplete(known(value), opening(value)) if isinstance(value, ViewList) else value


def _login(container: View) -> dict[str, Json]:
    """Return who had logged in where it was started, where that is told."""
    uid = attempt(lambda: container["login_uid"] if "login_uid" in container else None)
    return {} if uid is None else {"login_uid": uid}


def _sandbox(facts: Mapping[str, Any], container: View) -> dict[str, Json]:
    """Return what its runtime puts between it and the host's kernel, where that is something."""
    found = attempt(runtimes.kind, facts, container)
    return {"sandbox": found} if found else {}


def _scope(facts: Mapping[str, Any], container: View) -> str:
    scopes: View = facts["engine-scope"]["sockets"]
    socket = container["socket"]
    if socket not in scopes or "scope" not in scopes[socket]:
        raise HoleError(
            Hole(why=Why.NONSENSE, message=f"{socket}: the engine that has the container was not there any more, and whose ids it uses is not known")
        )
    return str(scopes[socket]["scope"])


def _root_is_hosts(facts: Mapping[str, Any], container: View, namespaces: Json, seen: Seen) -> bool:
    """Say whether root in a container is root of the host, by the namespace that it asked for and, where it asked for none, by the engine's.

    What a dockerd that maps ids tells is where the first of its ranges begins. Root of the host may be in another, and root in the container may act as every
    id of the map.
    """
    namespace = _given(namespaces, "user")
    if namespace == "private":
        return False
    if namespace in ("host", "default"):
        scope = _scope(facts, container)
        return scope == "rootful" or (scope == "remapped" and (namespace == "host" or by_processes.has_hosts_root(seen, container)))
    raise HoleError(Hole(why=Why.UNSUPPORTED, message="it has the user namespace of another, and what that maps is not looked at"))


def _capabilities(container: View, namespaces: Json, sees: bool | Hole) -> Json:
    """Return the capabilities that lead to the host; what is not known of namespaces matters only to who needs them."""
    told = container["capabilities"]
    added, dropped = list(told["added"]), list(told["dropped"])
    shared = {
        "host_processes": sees,
        **{name: attempt(lambda at: _given(namespaces, at) == "host", kind) for name, kind in (("host_pid", "pid"), ("host_network", "net"))},
    }
    least = ways_out.capabilities(added, dropped, **{name: one is True for name, one in shared.items()})
    most = ways_out.capabilities(added, dropped, **{name: one is not False for name, one in shared.items()})
    stated = {name: {"gives": gives} for name, gives in least.items()}
    return incomplete(stated, worst_hole(*shared.values()) if most.keys() != least.keys() else None)


def _device(device: View, _: str) -> Json:
    if not {"r", "w"} & set(device["permissions"]):
        return None
    gives = ways_out.device(device["real"], device["kind"])
    return {"path": device["real"], "gives": gives} if gives else None


def _user_is_root(container: View, seen: Seen) -> bool:
    user = container["user"]
    if "uid" not in user:
        if attempt(by_processes.runs_as_root, seen, container) is True:
            return True
        raise HoleError(Hole(why=Why.UNSUPPORTED, message="a name of a user means what the image says, and no image is read"))
    return bool(user["uid"] == 0)


def _ports(container: View, namespaces: Json) -> Json:
    """Return the ports that every address of the host serves, as docker writes them; without a network of the engine's it serves none."""
    if _given(namespaces, "net") in ("host", "none"):
        return []
    ports = [(port["address"], port["port"], port["inside"], port["protocol"]) for port in container["ports"]]
    return sorted({f"{outside or 'any'}->{inside}/{protocol}" for address, outside, inside, protocol in ports if address in ANY})


ANY: Final = frozenset({"", "0.0.0.0", "::", "0:0:0:0:0:0:0:0"})  # noqa: S104 - what is looked for
