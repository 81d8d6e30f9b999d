"""Containers of users' engines beside those of root's: whose they are, and what of the host they reach, which is what that user reaches.

What is not known of them stands under one member that says nothing but that a user's engine has them, so that nothing is open about root's.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from hostcheck.api import Hole, HoleError, Json, View, Why, attempt, incomplete, known, opening
from hostcheck_builtin.containers import reaching, user_mounts, user_places
from hostcheck_builtin.containers.host_mounts import KINDS
from hostcheck_builtin.containers.user_places import KnownSockets, UserPlaces
from hostcheck_builtin.system.fact_members import collection

OTHERS: Final = "containers of users"
FACTS: Final = (
    *("engine", "id", "name", "image", "state", "runs", "privileged", "root_is_hosts", "remapped", "namespaces", "seccomp", "masked_paths", "limits", *KINDS),
    *("capabilities", "devices", "device_rules", "no_new_privileges", "user_is_root", "ports", "owner", "owner_uid", "login", "socket", "reaches_root", "ways"),
    *("apparmor", "drops_all", "enforced", "health_check", "image_pinned", "readonly_rootfs", "restart", "secret_variables", "selinux"),
    *("doubts", "one_by_one", "programs", "refused_mounts", "sandbox", "sees_processes", "stronger", "takes_processes", "told"),
)
IN_USERNS: Final = frozenset({"ALL", "SYS_ADMIN", "SYS_PTRACE"})
"""Capabilities that count in a user namespace (capabilities(7), user_namespaces(7)); the others are asked for in that of the host."""
ENGINES_OWN: Final = "engine"
State = Callable[[Mapping[str, Any], View, View], dict[str, Json]]
"""States a container, by facts on engines, by all containers of the same engines, and by its own."""


def of_users(facts: Mapping[str, Any], state: State) -> dict[str, Json]:
    """Return the containers of users, each under its engine, its user and its name."""
    users, hole = collection(lambda: facts["user-containers"]["users"])
    found = {name: nothing(hole) for name in _whose(hole)} if hole else {}
    sockets = user_places.sockets(facts)
    for uid in known(users):
        told = attempt(_user, facts, users, int(uid), sockets, state)
        found |= {f"containers of uid {uid}": nothing(told)} if isinstance(told, Hole) else told
    return found


def _whose(hole: Hole) -> list[str]:
    """Return whose containers are not known: those of some users, or of any."""
    return [f"containers of uid {uid}" for uid in hole.owners] or [OTHERS]


def nothing(hole: Hole) -> dict[str, Json]:
    """State no more than that a user's engine has it."""
    return {**dict.fromkeys(FACTS, hole), "rootless": True}


def _user(facts: Mapping[str, Any], users: View, uid: int, there: KnownSockets, state: State) -> dict[str, Json]:
    user = users[str(uid)]
    containers: View = user["containers"]
    if not known(containers) and opening(containers) is None:
        return {}
    engines = {"engine-scope": {"sockets": facts["engine-scope"]["user_sockets"]}, "engines": {"sockets": facts["user-engines"]["sockets"]}}
    owner, login = _who(engines["engine-scope"]["sockets"], uid)
    theirs = user_places.places(facts, there, uid, owner, attempt(lambda: user["home"]))
    found: dict[str, Json] = {}
    if hole := opening(containers):
        found[f"containers of uid {uid}"] = nothing(hole)
    for key in known(containers):
        scope = attempt(_scope, engines, containers, key)
        if scope != "rootless" and not isinstance(scope, Hole):
            continue  # it is in a machine, on another host, or root's
        engine, _, name = key.partition(":")
        told = scope if isinstance(scope, Hole) else attempt(_container, engines, containers, key, theirs, state)
        whose = {"owner": owner, "owner_uid": uid, "login": login, "rootless": True, "root_is_hosts": False, "told": True}
        found[f"{engine}({owner}):{name}"] = nothing(told) if isinstance(told, Hole) else {**told, **whose}
    return found


def _who(sockets: View, uid: int) -> tuple[str, Json]:
    """Return the name of a user, by any socket of theirs, and what to log in as; raises HoleError where it is not known."""
    for path in known(sockets):
        owner = attempt(_owner, sockets, path, uid)
        if not isinstance(owner, Hole) and owner is not None:
            return owner
    raise HoleError(
        opening(sockets) or Hole(why=Why.NONSENSE, message=f"the engine of uid {uid} was not there any more, and the name of its user is not known")
    )


def _owner(sockets: View, path: str, uid: int) -> tuple[str, Json] | None:
    socket = sockets[path]
    if not socket["running"] or socket["owner_uid"] != uid:
        return None
    return str(socket["owner"]), attempt(lambda: str(socket["login"]))


def _scope(engines: Mapping[str, Any], containers: View, key: str) -> str:
    scopes, socket = engines["engine-scope"]["sockets"], containers[key]["socket"]
    if socket not in scopes or "scope" not in scopes[socket]:
        raise HoleError(Hole(why=Why.NONSENSE, message=f"{socket}: the engine was not there any more, and whose ids it uses is not known"))
    return str(scopes[socket]["scope"])


def _container(engines: Mapping[str, Any], containers: View, key: str, theirs: UserPlaces, state: State) -> dict[str, Json]:
    container = containers[key]
    told = state(engines, containers, container)
    if isinstance(told["namespaces"], dict):
        told["namespaces"]["net"] = _network(engines, container, told["namespaces"]["net"])
    if isinstance(told["capabilities"], dict):
        counted = {name: gives for name, gives in told["capabilities"].items() if name in IN_USERNS}
        told["capabilities"] = incomplete(counted, getattr(told["capabilities"], "hole", None))
    mounts = user_mounts.of(container, theirs)
    ways, doubts = reaching.ways_of_user(mounts["reaches_root"]), user_mounts.doubts(container, mounts)
    return {**told, **mounts, "ways": ways, "doubts": doubts, "socket": container["socket"]}


def _network(engines: Mapping[str, Any], container: View, net: Json) -> Json:
    """Return whose network it is: that of the host of a docker that rootlesskit gave a network of its own is that one."""
    if net != "host" or container["engine"] == "podman":
        return net
    return attempt(_hosts_network, engines["engine-scope"]["sockets"][container["socket"]])


def _hosts_network(socket: View) -> str:
    if not socket["host_network"]:
        return ENGINES_OWN
    if socket["network_driver"] != "host":
        raise HoleError(
            Hole(why=Why.UNSUPPORTED, message="rootlesskit leaves dockerd in the host's network and its containers in another, which is not looked at")
        )
    return "host"
