"""Facts on listeners, engines and clients, written by hand, from which remote-apis is derived."""

import copy
from pathlib import Path
from typing import Any

from engines import engine_host
from sockets import access

from hostcheck.facts_schema import load_facts_schema
from hostcheck.model import Hole, HoleError, Why
from hostcheck.parting import part, unite
from hostcheck.schema import compile_schema
from hostcheck.testing.probes import stated
from hostcheck.view import View
from hostcheck_builtin.host import probe_host
from hostcheck_builtin.listeners import analysis_remote_apis

SCHEMA = load_facts_schema(str(Path(analysis_remote_apis.__file__).parent / "analysis_remote_apis.facts.json"))
OBEYS = compile_schema(SCHEMA)
DENIED = Hole(why=Why.DENIED, message="Permission denied")
DOCKER = "/run/docker.sock"
HTTP = "[DEPRECATION NOTICE]: API is accessible on http://{} without encryption.\n  Access to the remote API is root"
HTTPS = "API is accessible on https://{} without TLS client verification."
ENGINE = engine_host.facts(**engine_host.ROOTS, answers={DOCKER: engine_host.docker()})["sockets"][DOCKER]
HOST = stated(probe_host.collect, engine_host.host())
TOLD = {"addresses": {}, "tls_options": [], "activated": False}


def demand(tls: str = "none", speaks: str = "http", answers_as: str = "docker") -> dict[str, Any]:
    return {"tls": tls, "speaks": "" if tls == "mutual" else speaks, "status": 200, "answers_as": "" if tls == "mutual" else answers_as}


def listener(address: str = "0.0.0.0", port: int = 2375, engine: str = "docker", *, network: int = 0, pid: int = 9, **more: Any) -> dict[str, Any]:
    """Return a listener; without `demand` it is of an engine that is not connected to."""
    place = {"address": address, "port": port, "network": network}
    return {"engine": engine, **place, "process": {"pid": pid, "exe": "/usr/bin/dockerd"}, "told": TOLD, **more}


def dockerd(*warnings: str, uid: int = 0, plugins: Any = ()) -> dict[str, Any]:
    """Return what root's dockerd says, which warns of this and has these plugins."""
    one = copy.deepcopy(ENGINE)
    one["uid"], one["info"]["warnings"], one["info"]["authorization_plugins"] = uid, list(warnings), list(plugins)
    return one


def peers(pids: dict[str, int], *, activated: bool = False) -> dict[str, Any]:
    """Return who listens on sockets, by their paths."""
    found = {path: access.route(path, activated=activated, peer={"pid": pid, "uid": 0, "gid": 0, "exe": ""}) for path, pid in pids.items()}
    return {"sockets": found, "abstract": {}}


def relay(exe: str = "/usr/bin/socat", **more: Any) -> dict[str, Any]:
    return {"process": {"pid": 20, "exe": exe}, "given": {DOCKER: ["argv"]}, "hands_on": True, **more}


def on_tcp(address: str = "0.0.0.0", port: int = 24000, **more: Any) -> dict[str, Any]:
    return relay(**{"address": address, "port": port, "network": 0, "tls": "none", **more})


def directory(mode: str = "0755", uid: int = 0) -> dict[str, Any]:
    return {"uid": uid, "gid": 0, "mode": mode, "acl": []}


def on_path(path: str = "/run/relay.sock", mode: str = "0600", **more: Any) -> dict[str, Any]:
    end = {"realpath": path, "type": "socket", "dev": 1, "ino": 2, "owner_uid": 0, "owner_gid": 0, "mode": mode, "acl": [], "links": {}}
    return relay(**{**end, "parents": {"/": directory(), "/run": directory()}, **more})


def _given(members: Any) -> Any:
    return {} if members is None else members


def facts(engines: Any = None, *, tcp: Any = None, paths: Any = None, sockets: Any = None, users: Any = None, **more: Any) -> dict[str, Any]:
    """Return the facts that the analysis reads; `sockets` are those of the probe engines."""
    served = {} if sockets is None else sockets
    people = {name: one for name, one in access.facts().items() if name in ("group-grants", "nss", "principals")}
    return {
        "listeners": {"engines": _given(engines), "users": _given(users), "vsock": {}, "relays": {"tcp": _given(tcp), "paths": _given(paths)}},
        "engines": {"sockets": served, "processes": {}, "pidfiles": {}, "installed": {}, "configured": {}},
        "sockets": peers(dict.fromkeys(served, 9)),
        "socket-access": {"sockets": {}, "user_sockets": {}, "engine_groups": {}, "groups": {}},
        "runtimes": {"containerd": {}},
        "socket-units": {"units": {}},
        "user-engines": {"sockets": {}, "programs": {}},
        "user-clients": {"users": {}, "everybody": {}, "enabled": [], "lingering": []},
        "host": HOST,
        **people,
        **more,
    }


def derive(told: dict[str, Any]) -> Any:
    """Derive as `evaluate` does, from facts that went through evidence."""
    view = View({name: value if isinstance(value, Hole) else unite(*part(value), name) for name, value in told.items()})
    try:
        derived = unite(*part(analysis_remote_apis.derive(view, {})), "remote-apis")
    except HoleError as error:
        return error.hole
    assert OBEYS(derived) is not False, derived
    return derived
