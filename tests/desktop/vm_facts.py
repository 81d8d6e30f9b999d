"""Facts on the virtual machines of a desktop, written by hand, from which desktop-vm is derived."""

from pathlib import Path
from typing import Any

from sockets.access import group, place, user

from hostcheck.facts_schema import load_facts_schema
from hostcheck.model import Hole, HoleError, Why
from hostcheck.parting import part, unite
from hostcheck.schema import compile_schema
from hostcheck.view import View
from hostcheck_builtin.desktop import analysis_desktop_vm

SCHEMA = load_facts_schema(str(Path(analysis_desktop_vm.__file__).parent / "analysis_desktop_vm.facts.json"))
OBEYS = compile_schema(SCHEMA)
DENIED = Hole(why=Why.DENIED, message="Permission denied")
SOCKET = "/home/ann/.docker/desktop/docker.sock"
DOCKER = "/run/docker.sock"
USERS = [user("root", 0), user("ann", 1000), user("bob", 1001), user("cat", 1002)]


def socket(path: str = SOCKET, mode: str = "0755", uid: int = 1000, folder: str = "0700", **more: Any) -> dict[str, Any]:
    """Return a socket as the probe states it: ann listens, and her home is closed unless `folder` says otherwise."""
    parts = path.split("/")
    told: dict[str, Any] = {"realpath": path, "type": "socket", "dev": 1, "ino": 2, "owner_uid": uid, "owner_gid": uid, "mode": mode, "acl": [], "links": {}}
    told["parents"] = {"/".join(parts[:count]) or "/": place() for count in range(1, len(parts))}
    told["parents"]["/home/ann"] = place(folder, 1000, 1000)
    return {**told, "activated": False, "listening": True, "peer": {"pid": 7, "uid": uid, "gid": uid, "exe": "/x"}, **more}


SILENT = {key: value for key, value in socket(listening=False).items() if key != "peer"}


def machine(*sockets: dict[str, Any], shares: Any = None, **more: Any) -> dict[str, Any]:
    return {"uid": 1000, "evidence": ["/home/ann/x"], "sockets": {one["realpath"]: one for one in sockets}, "shares": shares or {}, **more}


def share(writable: bool = True, holds: str = "home") -> dict[str, Any]:
    return {"writable": writable, "holds": holds}


INSTALLED = {"/opt/docker-desktop": {"product": "docker-desktop", "type": "dir", "root_owned": True}}


def facts(
    users: Any = None,
    processes: Any = None,
    *,
    role: Any = "workstation",
    guest: Any = "none",
    hostname: str = "vm",
    listeners: Any = None,
    installed: Any = None,
    markers: Any = None,
    mounts: Any = None,
    engines: Any = None,
    docker: Any = None,
    sockets: Any = None,
    people: Any = USERS,
    sessions: Any = (),
    clients: Any = None,
) -> dict[str, Any]:
    listed = {one["name"]: one for one in people}
    groups = {"staff": group("staff", 50, "bob")}
    return {
        "desktop-vms": {
            "installed": INSTALLED if installed is None else installed,
            "processes": {} if processes is None else processes,
            "markers": {} if markers is None else markers,
            "firmware": {"sys_vendor": "QEMU"},
            "mounts": {} if mounts is None else mounts,
            "listeners": {} if listeners is None else listeners,
        },
        "user-desktop-vms": {"users": {} if users is None else users},
        "engines": {
            "sockets": {} if engines is None else engines,
            "processes": {"/usr/bin/dockerd": {"engine": "docker", "root_owned": True}},
            "pidfiles": {},
        },
        "engine-scope": {"rootful_docker": [] if docker is None else docker},
        "host": {"hostname": hostname, "scan": {"init_userns": True}},
        "host-role": {"role": role, "guest": {"kind": guest}},
        "principals": {"users": listed, "groups": groups, "gshadow": {}, "processes": {str(index): one for index, one in enumerate(sessions)}},
        "nss": {"users": listed, "groups": {"staff": {key: groups["staff"][key] for key in ("name", "gid", "members")}}, "memberships": {}},
        "sockets": {"sockets": {} if sockets is None else sockets},
        "user-sockets": {"sockets": {}},
        "user-clients": {"users": {} if clients is None else clients, "everybody": {}, "enabled": [], "lingering": []},
    }


def derive(told: dict[str, Any]) -> Any:
    """Derive as `evaluate` does, from facts that went through evidence."""
    view = View({name: value if isinstance(value, Hole) else unite(*part(value), name) for name, value in told.items()})
    try:
        derived = unite(*part(analysis_desktop_vm.derive(view, {})), "desktop-vm")
    except HoleError as error:
        return error.hole
    assert OBEYS(derived) is not False, derived
    return derived


def desktop(told: dict[str, Any], name: str = "ann") -> Any:
    return derive(told)["desktops"][name]


def anns(*sockets: dict[str, Any], product: str = "docker-desktop", name: str = "desktop-linux", **more: Any) -> dict[str, Any]:
    return {"1000": {product: {name: machine(*sockets, **more)}}}
