"""Facts about users, groups and sockets, made by hand, and what socket-access derives from them."""

from pathlib import Path
from typing import Any

from hostcheck.facts_schema import load_facts_schema
from hostcheck.model import Hole, HoleError, Why
from hostcheck.parting import part, unite
from hostcheck.schema import compile_schema
from hostcheck.view import View
from hostcheck_builtin.sockets import analysis_socket_access

SCHEMA = load_facts_schema(str(Path(analysis_socket_access.__file__).parent / "analysis_socket_access.facts.json"))
OBEYS = compile_schema(SCHEMA)
DENIED = Hole(why=Why.DENIED, message="Permission denied")
LIMIT = Hole(why=Why.LIMIT, message="ldap lists nobody")
DOCKER = "/run/docker.sock"


def user(name: str, uid: int, gid: int | None = None, shell: str = "/bin/sh") -> dict[str, Any]:
    return {"name": name, "uid": uid, "gid": uid if gid is None else gid, "home": f"/home/{name}", "shell": shell}


def group(name: str, gid: int, *members: str, password: bool = False) -> dict[str, Any]:
    return {"name": name, "gid": gid, "members": list(members), "password": password}


def session(uid: int, *groups: int, host: Any = True, gid: int | None = None, **more: Any) -> dict[str, Any]:
    told = {"uids": [uid] * 4, "gids": [uid if gid is None else gid] * 4, "groups": list(groups), "count": 1, "pids": [77], "host_mounts": host}
    return {**told, "host_paths": [], "user_mounts": False, "containers": {}, "dac_override": False, "dac_read_search": False, "powers": [], **more}


def place(mode: str = "0755", uid: int = 0, gid: int = 0, acl: Any = ()) -> dict[str, Any]:
    return {"uid": uid, "gid": gid, "mode": mode, "acl": list(acl)}


def route(path: str = DOCKER, mode: str = "0660", uid: int = 0, gid: int = 999, **more: Any) -> dict[str, Any]:
    parts = path.split("/")
    told = {"realpath": path, "type": "socket", "dev": 1, "ino": 2, "owner_uid": uid, "owner_gid": gid, "mode": mode, "acl": [], "links": {}}
    told["parents"] = {"/".join(parts[:count]) or "/": place() for count in range(1, len(parts))}
    told |= {
        "engine": "docker",
        "source": "well-known",
        "expected": False,
        "connections": {},
        "activated": False,
        "listening": True,
        "peer": {"pid": 7, "uid": 0, "gid": 0, "exe": ""},
    }
    return {**told, **more}


def way(path: str, mode: str = "0755", uid: str = "root", gid: str = "root") -> dict[str, Any]:
    """Return the way to a socket as it will be, with the directory above it as it is to be."""
    parts = path.split("/")
    parents = {"/".join(parts[:count]) or "/": {"user": "root", "group": "root", "mode": "0755", "acl": []} for count in range(1, len(parts))}
    parents[path.rpartition("/")[0]] = {"user": uid, "group": gid, "mode": mode, "acl": []}
    return {"realpath": path, "parents": parents}


def socket_unit(path: str = DOCKER, **more: Any) -> dict[str, Any]:
    """Return a unit that makes a socket at the next boot, as the probe socket-units states it."""
    told = {"kind": "socket", "engine": "docker", "service": "docker.service", "relay": False, "masked": False, "starts": True, "runs_as": "root"}
    told |= {"mode": "0660", "directory_mode": "0755", "user": "root", "group": "docker", "paths": {path: way(path)}}
    return {**told, "tcp": [], "vsock": [], "abstract": [], "links": [], **more}


def acl(user_obj: int, group_obj: int, mask: int, other: int, *named: tuple[str, int, str]) -> list[dict[str, Any]]:
    def entry(tag: str, who: int, perms: str) -> dict[str, Any]:
        return {"tag": tag, "id": who, "perms": perms}

    marks = {0: "---", 4: "r--", 5: "r-x", 6: "rw-", 7: "rwx"}
    return [entry("user_obj", -1, marks[user_obj]), *(entry(*one) for one in named), entry("group_obj", -1, marks[group_obj])] + [
        entry(tag, -1, marks[bits]) for tag, bits in (("mask", mask), ("other", other))
    ]


def without(one: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in one.items() if key != name}


USERS = [user("root", 0), user("ann", 1000), user("bob", 1001, 999), user("cat", 1002), user("svc", 998, shell="/usr/sbin/nologin")]
NO_GRANTS: dict[str, Any] = {
    "pam_group": {"rules": {}, "services": {"login": True, "su": False}},
    "units": {},
    "new_users": {},
    "cloud_init": {},
    "sysusers": {},
    "setgid_files": {},
}
GROUPS = [group("docker", 999, "ann", "svc"), group("staff", 50)]


def rule(groups: str = "docker", *, services: str = "su", users: str = "cat", ttys: str = "*", times: str = "Al0000-2400") -> dict[str, Any]:
    return {"services": services, "ttys": ttys, "users": users, "times": times, "groups": groups.split()}


def logins(*rules: Any, **services: Any) -> dict[str, Any]:
    """Return what pam_group gives, where these services load it."""
    numbered = {f"{CONF}:{number}": one for number, one in enumerate(rules, 1)}
    return {"pam_group": {"rules": numbered, "services": services or {"login": True, "su": True}}}


CONF = "/etc/security/group.conf"
GRANTS = {
    **logins(
        rule(), rule("staff docker", services="*", users="*"), rule("docker", users="%staff"), rule("staff", users="@net"), rule(services="xdm", users="!ann")
    ),
    "units": {
        "cat.service": {"user": "cat", "dynamic": False, "groups": ["docker", "50"]},
        "made.service": {"user": "", "dynamic": True, "groups": ["staff"]},
        "any@.service": {"user": "%i", "dynamic": False, "groups": ["50"]},
    },
    "new_users": {"/etc/adduser.conf": {"groups": ["docker"], "on_request": ["staff"]}},
    "cloud_init": {"users/0/cat": {"user": "cat", "groups": ["staff", "docker"]}},
    "sysusers": {"/usr/lib/sysusers.d/x.conf:1": {"user": "cat", "group": "docker"}},
}


def facts(
    *sockets: Any,
    users: Any = USERS,
    groups: Any = GROUPS,
    gshadow: Any = None,
    processes: Any = (),
    nss: Any = None,
    homes: Any = (),
    grants: Any = None,
    setgid: Any = None,
    abstract: Any = None,
    units: Any = None,
    changes: Any = None,
) -> dict[str, Any]:
    listed = {
        f"{one['name']}{index or ''}": one
        for index, one in ((sum(other["name"] == one["name"] for other in users[:place]), one) for place, one in enumerate(users))
    }
    known = {one["name"]: {key: one[key] for key in ("name", "gid", "members")} for one in groups}
    principals = {"users": listed, "groups": {one["name"]: one for one in groups}, "gshadow": gshadow if gshadow is not None else {}}
    return {
        "containers": {"containers": {}},
        "host": {"scan": {"init_userns": True}},
        "principals": {
            **principals,
            "processes": processes if isinstance(processes, Hole | dict) else {str(index): one for index, one in enumerate(processes)},
        },
        "group-grants": grants if isinstance(grants, Hole) else {**NO_GRANTS, "setgid_files": {} if setgid is None else setgid, **(grants or {})},
        "nss": nss if nss is not None else {"users": listed, "groups": known, "memberships": {}},
        "sockets": {
            "sockets": {one["realpath"]: one for one in sockets},
            "abstract": {} if abstract is None else abstract,
        },
        "socket-units": {"units": {} if units is None else units},
        "root-programs": {"sockets": {} if changes is None else changes},
        "user-sockets": {"sockets": {one["realpath"]: {"runtime_dir": "/run/user/1000", **without(without(one, "expected"), "connections")} for one in homes}},
    }


def derive(told: dict[str, Any]) -> Any:
    """Derive as `evaluate` does, from facts that went through evidence."""
    view = View({name: value if isinstance(value, Hole) else unite(*part(value), name) for name, value in told.items()})
    try:
        derived = unite(*part(analysis_socket_access.derive(view, {})), "socket-access")
    except HoleError as error:
        return error.hole
    assert OBEYS(derived) is not False
    return derived


def reached(*args: Any, **kwargs: Any) -> Any:
    return derive(facts(*args, **kwargs))["sockets"][DOCKER]


def whys(access: Any) -> dict[str, list[str]]:
    return {name: list(one["why"]) for name, one in access["users"].items()}


def rootless(path: str = "/run/user/1000/docker.sock", folder: str = "0700", **more: Any) -> dict[str, Any]:
    told = route(path, "0660", 1000, 165640, **{"peer": {"pid": 9, "uid": 1000, "gid": 1000}, **more})
    told["parents"]["/run/user/1000"] = place(folder, 1000, 1000)
    return told


PEOPLE = [user("root", 0), user("ann", 1000), user("bob", 1001, 999), user("cat", 1002)]


def linked(folder: str, uid: int, mode: str = "0700", listener: int = 1000, **more: Any) -> Any:
    """Derive from /run/docker.sock as a link of root's to a socket below a folder."""
    target = f"{folder}/d.sock"
    told = route(target, "0666", listener, 1000, **{"links": {DOCKER: {"target": target, "uid": 0}}, "peer": {"pid": 9, "uid": listener, "gid": 0}, **more})
    told["parents"] |= {"/run": place(), folder: place(mode, uid, uid)}
    made = facts(users=PEOPLE)
    made["sockets"]["sockets"] = {DOCKER: told}
    return derive(made)["sockets"][DOCKER]
