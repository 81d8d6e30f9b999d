"""Facts on containers, written by hand, from which container-escape is derived."""

from pathlib import Path
from typing import Any

from engines.scope_facts import docker as engine
from engines.scope_facts import podman

from hostcheck.facts_schema import load_facts_schema
from hostcheck.model import Hole, HoleError, Why
from hostcheck.parting import part, unite
from hostcheck.schema import compile_schema
from hostcheck.view import View
from hostcheck_builtin.containers import analysis_container_escape
from hostcheck_builtin.containers.by_processes import UNTOLD

OBEYS = compile_schema(load_facts_schema(str(Path(analysis_container_escape.__file__).with_name("analysis_container_escape.facts.json"))))
DENIED = Hole(why=Why.DENIED, message="Permission denied")
DOCKER, PODMAN = "/run/docker.sock", "/run/podman/podman.sock"
PRIVATE = {"pid": "default", "net": "private", "ipc": "private", "uts": "default", "user": "default", "cgroup": "private"}


LIBPOD = {
    **{"graph_root": "/var/lib/containers/storage", "seccomp": True, "selinux": False, "capabilities": ["CAP_CHOWN", "CAP_KILL"]},
    **{"cgroup_controllers": ["cpu", "memory", "pids"]},
}


def docker(*options: str, **info: Any) -> dict[str, Any]:
    """Return what docker says of itself, with more options of security or other fields of /info."""
    told = engine(*options)
    return {**told, "info": {**told["info"], "cpu_quota": True, "cpu_shares": True, **info}}


def mount(real: Any, writable: bool = True, propagation: str = "rprivate") -> dict[str, Any]:
    return {"source": "/x", "real": real, "writable": writable, "propagation": propagation, "type": "bind"}


def container(namespaces: Any = None, **given: Any) -> dict[str, Any]:
    return {
        **{"id": "ab" * 32, "engine": "docker", "socket": DOCKER, "name": "web", "image": "app", "state": "running", "privileged": False},
        **{"capabilities": {"added": [], "dropped": []}, "namespaces": {**PRIVATE, **(namespaces or {})}, "seccomp": "default", "apparmor": "default"},
        **{"selinux": "default", "no_new_privileges": "default", "masked_paths": "default", "readonly_rootfs": False, "user": {"spec": "", "uid": 0}},
        **{"mounts": {}, "devices": {}, "device_rules": [], "ports": [], "limits": {"memory": 0, "pids": 0, "cpu": []}},
        **{"apparmor_profile": "", "selinux_type": "", "restart": {"policy": "no", "retries": 0}, "health_check": False, "image_pinned": False},
        **{"secret_variables": [], "keeps_groups": False},
        **given,
    }


def seen(ident: str = "ab" * 32, **given: Any) -> dict[str, Any]:
    """Return what the processes of a container show that has nothing."""
    capabilities = {"bounding": [], "all": False, "stronger": {}, **given.pop("capabilities", {})}
    namespaces = {**dict.fromkeys(("cgroup", "ipc", "net", "pid", "uts"), "private"), "user": "host", **given.pop("namespaces", {})}
    return {
        **{
            "id": ident,
            "first": {"pid": 70, "uid": 65534, "all_ids": True, **given.pop("first", {})},
            "namespaces": namespaces,
            "capabilities": capabilities,
            "filter": True,
        },
        **{"no_new_privileges": True, "mounts": {}, "hidden": ["/proc/sys"], "sysfs_writable": False, "programs": []},
        **{"given": UNTOLD, **given},
    }


def processes(one: Any) -> dict[str, Any]:
    """Return what the processes of that one container show."""
    return {"container-processes": {"containers": {"docker:abababababab": one}}}


def given(**facts: Any) -> dict[str, Any]:
    """Return what the runtime of a hardened container was told."""
    namespaces = {**dict.fromkeys(("cgroup", "ipc", "net", "pid", "uts"), "private"), "user": "host", **facts.pop("namespaces", {})}
    return {
        **{"all": False, "bounding": [], "device_rules": [], "devices": [], "image": "", "limits": {"memory": 1, "pids": 1}, "masked_paths": "default"},
        **{"mounts": {}, "namespaces": namespaces, "no_new_privileges": True, "pod": "", "privileged": False, "seccomp": "custom", "sysfs_writable": False},
        **{"uid": 65534, **facts},
    }


def socket(path: str, kind: str = "socket", name: str = "docker") -> dict[str, Any]:
    folders = {
        above: {"uid": 0, "gid": 0, "mode": "0755", "acl": []} for above in ("/", "/run", "/run/podman") if f"{path}/".startswith(f"{above.rstrip('/')}/")
    }
    permissions = {"owner_uid": 0, "owner_gid": 999, "mode": "0660", "acl": [], "links": {}, "parents": folders}
    return {"type": kind, "realpath": path, "engine": name, **permissions}


def account(uid: int, home: str) -> dict[str, Any]:
    return {"uid": uid, "home": home}


def scopes(scope: Any = "rootful", *docker: str, **sockets: Any) -> dict[str, Any]:
    return {"sockets": {DOCKER: {"scope": scope}, PODMAN: {"scope": "rootful"}, **sockets}, "rootful_docker": list(docker)}


NO_PROGRAMS = {group: {"files": {}, "alone": 0, "places": {}} for group in ("cron", "kernel", "logins", "units")}


def document(one: Any, **more: Any) -> dict[str, Any]:
    return {
        **processes(seen()),
        "containers": {"containers": {"docker:web": one}},
        "engine-scope": scopes(),
        "engines": {"sockets": {DOCKER: docker(), PODMAN: {**podman(False), "libpod": LIBPOD}}},
        "principals": {
            "users": {"root": account(0, "/root"), "ann": account(1000, "/home/ann"), "bob": account(1001, "/home/bob")},
            "groups": {},
            "processes": {},
        },
        "host": {"scan": {"euid": 0, "init_userns": True}},
        "kernel": {"lsm": {"apparmor": {"enabled": False}, "selinux": {"mode": "disabled"}}},
        "kubeconfigs": {"node": False},
        "root-programs": NO_PROGRAMS,
        "engine-files": {"directories": {}},
        "user-containers": {"users": {}},
        "user-engines": {"sockets": {}},
        "user-sockets": {"sockets": {}},
        "sockets": {"sockets": {DOCKER: socket(DOCKER), PODMAN: socket(PODMAN, name="podman"), "/run/nothing.sock": socket("/run/nothing.sock", "absent")}},
        **more,
    }


def derive(told: dict[str, Any]) -> Any:
    return whole(told, "containers")


def kept(told: dict[str, Any]) -> Any:
    return whole(told, "stopped")


def whole(told: dict[str, Any], part_of: str) -> Any:
    view = View({name: unite(*part(value), name) for name, value in told.items()})
    try:
        derived = unite(*part(analysis_container_escape.derive(view, {})), "container-escape")
    except HoleError as error:
        return error.hole
    assert OBEYS(derived) is not False, derived
    return derived[part_of]


def judged(one: Any, **more: Any) -> Any:
    return derive(document(one, **more))["docker:web"]
