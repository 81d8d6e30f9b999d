"""Facts on engines and on who reaches them, written by hand, from which engine-scope is derived."""

from pathlib import Path
from typing import Any

from hostcheck.facts_schema import load_facts_schema
from hostcheck.model import Hole, HoleError, Why
from hostcheck.parting import part, unite
from hostcheck.schema import compile_schema
from hostcheck.view import View
from hostcheck_builtin.engines import analysis_engine_scope

SCHEMA = load_facts_schema(str(Path(analysis_engine_scope.__file__).parent / "analysis_engine_scope.facts.json"))
OBEYS = compile_schema(SCHEMA)
DENIED = Hole(why=Why.DENIED, message="Permission denied")
DOCKER = "/run/docker.sock"
ANNS = "/run/user/1000/docker.sock"
WHOLE = [[0, 0, 4294967295]]
MAPPED = [[0, 1000, 1], [1, 100000, 65536]]
KIT = {"exe": "/usr/bin/rootlesskit", "network_driver": "slirp4netns", "port_driver": "builtin", "host_loopback_disabled": True}
UNIT = {"manager": "user", "name": "docker.service", "user": ""}
IDLE = {"named": "docker", "owner_uid": 0, "listening": True, "activated": True, "served": False, "uid": 0}
NOBODY = {"named": "docker", "owner_uid": 0, "listening": False, "activated": False}


def process(uid_map: Any = WHOLE, exe: str = "/usr/bin/dockerd", network: bool = True, **more: Any) -> dict[str, Any]:
    return {"exe": exe, "uid_map": uid_map, "host_network": network, "unit": UNIT, **({"rootlesskit": KIT} if uid_map == MAPPED else {}), **more}


def info(*options: str, root: str = "/var/lib/docker", cgroups: str = "systemd", memory: bool = True, pids: bool = True) -> dict[str, Any]:
    told = {"security_options": ["name=seccomp,profile=builtin", *options], "root_dir": root, "cgroup_driver": cgroups}
    return {**told, "memory_limit": memory, "pids_limit": pids}


def docker(*options: str, uid: int = 0, owner: int | None = None, root: str = "/var/lib/docker", **more: Any) -> dict[str, Any]:
    told = {"named": "docker", "engine": "docker", "listening": True, "activated": False, "served": True, "uid": uid}
    told |= {"owner_uid": uid if owner is None else owner, "process": process(WHOLE if uid == 0 else MAPPED, network=uid == 0)}
    return {**told, "info": info(*options, root=root), **more}


def podman(rootless: bool, uid: int = 0) -> dict[str, Any]:
    told = docker(uid=uid, named="podman", engine="podman", libpod={"rootless": rootless, "cgroup_controllers": ["cpu", "memory", "pids"]})
    del told["info"]
    return told


def grpc(named: str, uid: int = 0, **more: Any) -> dict[str, Any]:
    told = docker(uid=uid, named=named)
    del told["engine"], told["info"]
    return {**told, **more}


def user(name: str, uid: int) -> dict[str, Any]:
    return {"name": name, "uid": uid, "gid": uid, "home": f"/home/{name}", "shell": "/bin/sh"}


def sysctl(value: int | None) -> dict[str, Any]:
    return {"present": False} if value is None else {"present": True, "value": value, "raw": str(value)}


def kernel(most: int | None = 1000, clone: int | None = None, confined: int | None = None, mode: str = "v2", **delegated: list[str]) -> dict[str, Any]:
    names = ("user.max_user_namespaces", "kernel.unprivileged_userns_clone", "kernel.apparmor_restrict_unprivileged_userns")
    given = {"1000": ["cpu", "memory", "pids"], **{uid.lstrip("_"): names for uid, names in delegated.items()}}
    values = dict(zip(names, map(sysctl, (most, clone, confined)), strict=True))
    return {"sysctl": values, "cgroup": {"mode": mode, "delegated": given}, "persisted": {"settings": {}}}


def reach(*uids: int, scope: str = "rootful", listening: bool = True, engine: str = "docker") -> dict[str, Any]:
    return {
        "engine": engine,
        "scope": scope,
        "listening": listening,
        "users": {
            f"u{uid}": {"uid": uid, "why": ["group docker"], "ways": {"group docker": {"kind": "member", "group": "docker"}}, "via": ["docker"]} for uid in uids
        },
    }


def home(context: str = "default", variables: Any = None, contexts: Any = None, enabled: Any = ()) -> dict[str, Any]:
    return {"context": context, "contexts": contexts or {}, "variables": variables or {}, "enabled": list(enabled)}


def clients(everybody: Any = None, enabled: Any = (), lingering: Any = (), **homes: Any) -> dict[str, Any]:
    """Return what user-clients states of ann and bob."""
    users = {str(uid): {f"/home/{name}": homes.get(name, home())} for name, uid in (("ann", 1000), ("bob", 1001))}
    return {"users": users, "everybody": everybody or {}, "enabled": list(enabled), "lingering": list(lingering)}


def facts(
    sockets: dict[str, Any] | None = None,
    users: dict[str, Any] | None = None,
    programs: Any = None,
    processes: Any = None,
    pidfiles: Any = None,
    reached: Any = None,
    **more: Any,
) -> dict[str, Any]:
    listed = {one["name"]: one for one in (user("ann", 1000), user("bob", 1001))}
    return {
        "engines": {"sockets": sockets or {}, "processes": processes or {}, "pidfiles": pidfiles or {}, "installed": {}, "configured": {}},
        "user-engines": {"sockets": users or {}, "programs": programs or {}},
        "sockets": {"sockets": {}},
        "socket-access": {"sockets": {} if reached is None else reached},
        "principals": {"users": listed, "groups": {}, "gshadow": {}, "processes": {}},
        "nss": {"users": listed, "groups": {}, "memberships": {}},
        "kernel": kernel(),
        "host": {"scan": {"init_userns": True}},
        "user-clients": clients(),
        **more,
    }


def derive(told: dict[str, Any]) -> Any:
    """Derive as `evaluate` does, from facts that went through evidence."""
    view = View({name: value if isinstance(value, Hole) else unite(*part(value), name) for name, value in told.items()})
    try:
        derived = unite(*part(analysis_engine_scope.derive(view, {})), "engine-scope")
    except HoleError as error:
        return error.hole
    assert OBEYS(derived) is not False, derived
    return derived
