"""Which engines run, for whom, and what that means for each user: who works through an engine of their own, and who reaches one of root's as well.

What a user plants (a process named dockerd, a socket that claims to be anything) changes what is said of that user's own sockets and of that user.
"""

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any, Final

from hostcheck.api import Hole, HoleError, Json, View, Why, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.accounts import gather
from hostcheck_builtin.accounts.people import People
from hostcheck_builtin.engines import engine_users, scopes
from hostcheck_builtin.system.fact_members import each_stated


def derive(facts: Mapping[str, Any], values: Mapping[str, Json]) -> Json:
    """State for each socket whose engine serves it, where docker runs as root, and for each user of an engine what they run and reach."""
    if facts["host"]["scan"]["init_userns"] is False:
        return Hole(why=Why.DENIED, message="the scanner is in a user namespace, where neither ids nor the id maps of processes are the host's")
    people = attempt(gather.users, facts)
    rootful = _rootful_docker(facts)
    users, rootless = (people, people) if isinstance(people, Hole) else engine_users.users(facts, people, rootful)
    return {
        "sockets": each_stated(lambda: facts["engines"]["sockets"], partial(_socket, people)),
        "user_sockets": each_stated(lambda: facts["user-engines"]["sockets"], partial(_user_socket, _homes(facts), people)),
        "rootful_docker": rootful,
        "users": users,
        "rootless_users": rootless,
    }


def _socket(people: People | Hole, socket: View, _: str) -> dict[str, Json]:
    running = attempt(scopes.runs, socket)
    if running is False:
        return {"engine": socket["named"], "running": False}
    if isinstance(running, Hole):
        return {"running": running, **dict.fromkeys(("engine", "owner_uid", "owner", "scope", "root_is_uid", "known_by"), running)}
    uid, scope = attempt(lambda: int(socket["uid"])), attempt(scopes.scope, socket)
    return {
        "engine": attempt(scopes.engine, socket),
        "running": True,
        "owner_uid": uid,
        "owner": uid if isinstance(uid, Hole) else people if isinstance(people, Hole) else people.owner(uid),
        "scope": scope if isinstance(scope, Hole) else scope.scope,
        "root_is_uid": scope if isinstance(scope, Hole) else scope.root_is_uid,
        "known_by": scope if isinstance(scope, Hole) else list(scope.known_by),
    }


def _user_socket(homes: Callable[[int], Json], people: People | Hole, socket: View, path: str) -> Json:
    """State the same of a user's socket, and how its engine was started and meets the network of the host."""
    stated = _socket(people, socket, path)
    running = stated["running"]
    if running is False:
        return stated
    if isinstance(running, Hole):
        return {**stated, **dict.fromkeys((*STARTED, *OWNER), running)}
    uid = stated["owner_uid"]
    unknown = uid if isinstance(uid, Hole) else people if isinstance(people, Hole) else None
    mine = dict.fromkeys(OWNER, unknown) if unknown else {**engine_users.named(people, uid), "home": homes(uid)}  # type: ignore[arg-type]
    started = {fact: attempt(read, socket) for fact, read in STARTED.items()}
    if isinstance(started["unit"], dict):
        login = mine["login"]
        started["unit"]["for_owner"] = login if isinstance(login, Hole) else _for_owner(started["unit"], str(uid), str(login))
    return {**stated, **started, **mine}


def _for_owner(unit: Mapping[str, Json], uid: str, login: str) -> bool:
    """Say whether a unit is one of the system that runs as a user, by name, by number or by the name of its instance (systemd.unit(5), Specifiers)."""
    instance = str(unit["name"]).partition("@")[2].removesuffix(".service")
    user = instance if unit["user"] == "%i" else unit["user"]
    return unit["manager"] == "system" and user in {login, uid} - {""}


def _homes(facts: Mapping[str, Any]) -> Callable[[int], Json]:
    """Return what tells the home of a user by /etc/passwd, "" where none stands there; the file is gone through when it is first asked."""
    listed = cache(partial(_listed, facts))
    return lambda uid: listed()[0].get(uid, listed()[1] or "")


def _listed(facts: Mapping[str, Any]) -> tuple[dict[int, Json], Hole | None]:
    """Return the homes by uid, and why there may be others: the first entry of a uid counts, and what is not known may be that of anybody who comes later."""
    users: View | Hole = attempt(lambda: facts["principals"]["users"])
    homes: dict[int, Json] = {}
    if isinstance(users, Hole):
        return homes, users
    for key in known(users):
        home = attempt(lambda at: (users[at]["uid"], attempt(lambda: str(users[at]["home"]))), key)
        if isinstance(home, Hole):
            return homes, home
        homes.setdefault(*home)
    return homes, None


def _process(socket: View) -> View:
    if "process" not in socket:
        raise HoleError(Hole(why=Why.UNSUPPORTED, message="the process that listens has ended, and how it was started cannot be told any more"))
    process: View = socket["process"]
    return process


def _kit(socket: View) -> View:
    process = _process(socket)
    if "rootlesskit" not in process:
        raise HoleError(Hole(why=Why.UNSUPPORTED, message="it was not started by rootlesskit, and how it meets the host's network cannot be told"))
    kit: View = process["rootlesskit"]
    return kit


def _unit(socket: View) -> dict[str, Json]:
    unit = _process(socket)["unit"]
    return {fact: unit[fact] for fact in ("manager", "name", "user")}


def _rootful_docker(facts: Mapping[str, Any]) -> Json:
    """Return what shows that docker runs as root, whatever it does with the ids in its containers: sockets, programs and pidfiles."""
    engines = attempt(lambda: facts["engines"])
    if isinstance(engines, Hole):
        return engines
    found: list[str] = []
    unknown: Hole | None = None
    for part, shows in SHOWN.items():
        members = attempt(lambda at: engines[at], part)
        if isinstance(members, Hole):
            unknown = worst_hole(unknown, members)
            continue
        shown = {key: attempt(_shows, shows, members, key) for key in known(members)}
        found += [key for key, one in shown.items() if one is True]
        unknown = worst_hole(unknown, worst_hole(*shown.values()), opening(members))
    return incomplete(found, unknown)


def _shows(shows: Callable[[View], bool], members: View, key: str) -> bool:
    return shows(members[key])


def _is_roots_docker(socket: View) -> bool:
    return scopes.runs(socket) and socket["uid"] == 0 and scopes.engine(socket) == "docker"


def _is_docker(program: View) -> bool:
    return bool(program["engine"] == "docker")


def _is_running_docker(pidfile: View) -> bool:
    return _is_docker(pidfile) and bool(pidfile["running"])


SHOWN: Final = {"sockets": _is_roots_docker, "processes": _is_docker, "pidfiles": _is_running_docker}
OWNER: Final = ("who", "login", "home")
STARTED: Final[Mapping[str, Callable[[View], Json]]] = {
    "host_network": lambda socket: _process(socket)["host_network"],
    "host_loopback_disabled": lambda socket: _kit(socket)["host_loopback_disabled"],
    "network_driver": lambda socket: _kit(socket)["network_driver"],
    "port_driver": lambda socket: _kit(socket)["port_driver"],
    "unit": _unit,
}
"""What is told of a user's engine that runs, by fact."""
