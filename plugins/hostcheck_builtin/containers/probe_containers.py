"""Containers of root's engines, as docker and podman tell of them over their API: what each was given of its host.

One daemon that several sockets lead to tells the same ids at each, and its containers are stated once. Engines of users, and containers that only a
runtime knows, are not asked for here.
"""

from collections import Counter
from collections.abc import Callable
from functools import cache, partial
from typing import Any, Final

from hostcheck.api import Hole, Host, Json, Why, attempt, incomplete, worst_hole
from hostcheck_builtin.containers import inspection, monitors
from hostcheck_builtin.containers.host_paths import HostPaths
from hostcheck_builtin.containers.inspection import Patience
from hostcheck_builtin.containers.started_files import StartedFiles
from hostcheck_builtin.engines import endpoints, engine_programs
from hostcheck_builtin.engines.endpoints import Endpoint
from hostcheck_builtin.sockets.discovery import discover
from hostcheck_builtin.system.control_groups import SHORT

ASKED: Final = frozenset({"volume", "driver", "destination"})
"""What of a mount is needed to look for it, and not stated."""
Volumes = Callable[[], Json]


def collect(host: Host) -> Json:
    """State ``{containers}`` by engine and name; incomplete where an engine could not be asked for them."""
    running = cache(lambda: engine_programs.of_root(host, {}))
    found = attempt(discover, host)
    if isinstance(found, Hole):
        return {"containers": found}
    asked = endpoints.asked(host, found.sockets, lambda: running().unread or running().pids, inspection.send)
    told, unknown = _told(host, asked)
    return {"containers": incomplete(told, worst_hole(unknown, getattr(found.sockets, "hole", None)))}


def _told(host: Host, asked: dict[str, Endpoint | Hole]) -> tuple[dict[str, Any], Hole | None]:
    """Return the containers by engine and name, and why there may be more."""
    patience, paths, started = Patience(), HostPaths(host), StartedFiles(host)
    told: dict[str, Any] = {}
    names: dict[str, str] = {}
    unknown = worst_hole(*(end if isinstance(end, Hole) else end.ask for end in asked.values()))
    ends = [end for end in asked.values() if isinstance(end, Endpoint) and inspection.is_roots(end)]
    for end, listed in [(end, attempt(inspection.listed, host, end)) for end in ends]:
        if isinstance(listed, Hole):
            unknown = worst_hole(unknown, listed)
            continue
        unknown = worst_hole(unknown, listed.more)
        fresh = [one for one in listed.names if f"{listed.engine}:{one}" not in told]
        answers = dict(inspection.inspected(host, end, listed.engine, fresh, patience))
        volumes = cache(partial(inspection.volumes, host, end, patience))
        names |= listed.names
        for one, facts in answers.items():
            place = {"engine": listed.engine, "socket": end.path}
            told[f"{listed.engine}:{one}"] = facts if isinstance(facts, Hole) else _stated({**place, **_started(host, facts)}, paths, volumes, started)
    return named(told, names), unknown


def _started(host: Host, facts: dict[str, Any]) -> dict[str, Any]:
    """Return the same with who had logged in where the container was started."""
    return {**facts, **monitors.login(host, facts["monitor"], facts["id"])}


def _stated(facts: dict[str, Any], paths: HostPaths, volumes: Volumes, started: StartedFiles) -> dict[str, Any]:
    """Return the same with where its paths lead to, and with what it runs of the host, if there is something."""
    command = facts["command"]
    stated = placed(facts, paths, volumes)
    found = None if isinstance(stated["mounts"], Hole) else started.of(command, stated["name"], stated["mounts"], stated["restart"])
    return stated if found is None else {**stated, "starts": found}


def placed(facts: dict[str, Any], paths: HostPaths, volumes: Volumes) -> dict[str, Any]:
    """Say where the paths of the host that a container has lead to; a mount and a device are stated by their place in the container."""
    del facts["monitor"], facts["command"]
    if not isinstance(facts["mounts"], Hole):
        facts["mounts"] = {one["destination"]: _mount(one, paths, volumes) for one in facts["mounts"]}
    if not isinstance(facts["devices"], Hole):
        facts["devices"] = {one["container"]: _device(one, paths) for one in facts["devices"]}
    return facts


def _mount(one: dict[str, Any], paths: HostPaths, volumes: Volumes) -> dict[str, Json]:
    real = _real(one, paths, volumes)
    stated = {fact: value for fact, value in one.items() if fact not in ASKED}
    return stated if real is None else {**stated, "real": real}


def _device(one: dict[str, Any], paths: HostPaths) -> dict[str, Json]:
    path = one["host"]
    return {"host": path, "real": paths.real(path), "kind": paths.kind(path), "permissions": one["permissions"]}


def _real(mount: dict[str, Any], paths: HostPaths, volumes: Volumes) -> Json:
    """Return which path of the host a mount shows; None where it shows what is the engine's own."""
    if mount["type"] == "bind":
        return paths.real(mount["source"])
    if mount["type"] != "volume" or mount["driver"] not in ("", "local"):
        return None
    known = volumes()
    if isinstance(known, Hole):
        return known
    shown = known.get(mount["volume"], Hole(why=Why.NONSENSE, message="a volume that its engine does not list, so what it shows is not known"))
    return shown if isinstance(shown, Hole) else paths.real(shown) if shown else None


def named(told: dict[str, Any], listed: dict[str, str]) -> dict[str, Any]:
    """Return the containers by engine and name; where two engines have the same, or the name is not known, by the id too.

    A name that was listed is that of one that could not be asked: it may have another by now.
    """
    names = {key: name for key, facts in told.items() if (name := _name(key, facts, listed))}
    called = {key: f"{key.partition(':')[0]}:{name}" for key, name in names.items()}
    many = Counter(called.values())
    keys = {key: _key(key, called.get(key), many) for key in told}
    by_id = {key.partition(":")[2]: keys[key].partition(":")[2] for key in names}
    for facts in told.values():
        if isinstance(facts, dict):
            facts["namespaces"] = {kind: _whose(one, by_id) for kind, one in facts["namespaces"].items()}
    return {keys[key]: facts for key, facts in sorted(told.items(), key=lambda one: keys[one[0]])}


def _name(key: str, facts: Any, listed: dict[str, str]) -> str:
    name = facts["name"] if isinstance(facts, dict) else facts
    return listed.get(key.partition(":")[2], "") if isinstance(name, Hole) else name


def _key(key: str, name: str | None, many: Counter[str]) -> str:
    engine, _, one = key.partition(":")
    return f"{engine}:{one[:SHORT]}" if name is None else name if many[name] == 1 else f"{name} ({one[:SHORT]})"


def _whose(namespace: Json, names: dict[str, str]) -> Json:
    """Return a namespace with the other container's name, where that is known."""
    if isinstance(namespace, Hole) or not namespace.startswith("container:"):
        return namespace
    other = namespace.partition(":")[2]
    return f"container:{names.get(other, other[:SHORT])}"
