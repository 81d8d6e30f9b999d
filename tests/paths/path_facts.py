"""Facts of a host on which nobody can become root, and what is added to it so that somebody can."""

from collections.abc import Mapping
from typing import Any, Final

from hostcheck.host import attempt
from hostcheck.view import View
from hostcheck_builtin.paths.analysis_access_paths import derive

SOCKET: Final = "/run/docker.sock"
MAPPER: Final = {"uid": 0, "setuid": True, "nosuid": False, "capabilities": {"permitted": []}}
FILES: Final = (
    *("certificates", "commands", "containers_configuration", "daemon_json", "data", "directories"),
    *("client_keys", "environments", "keys", "plugins", "programs", "runtime_configuration", "units"),
)
SAFE: Final[Mapping[str, Any]] = {
    "host": {"scan": {"init_userns": True}},
    "kernel": {"userns": {"unprivileged": "yes"}},
    "subids": {"programs": {f"/usr/bin/{name}": {"name": name, **MAPPER} for name in ("newuidmap", "newgidmap")}},
    "principals": {
        "users": {
            name: {"name": name, "uid": uid, "gid": uid, "home": f"/home/{name}", "shell": "/bin/sh"}
            for name, uid in (("root", 0), ("ann", 1000), ("bob", 1001))
        },
        "groups": {"staff": {"gid": 50, "members": ["ann"]}},
        "processes": {},
    },
    "socket-access": {"sockets": {}, "user_sockets": {}, "engine_groups": {}, "groups": {}},
    "nss": {"sources": {}},
    "subid-coverage": {"ranges": {}},
    "listeners": {"exports": {}},
    "remote-apis": {"apis": {}, "planned": {}, "relays": {}, "user_apis": {}},
    "file-access": {kind: {} for kind in FILES},
    "sudo-rights": {"grants": {}, "commands": {}, "search_path": {}},
    "polkit-access": {"grants": {}},
    "group-grants": {"setgid_files": {}},
    "setuid-access": {"programs": {}},
    "root-program-access": {"container_files": {}, "files": {}, "open_accounts": {}, "user_files": {}},
    "container-escape": {"containers": {}},
    "credential-access": {
        **{"kubeconfigs": {}, "keys": {}, "static_pods": {}, "docker_keys": {}, "runners": {}},
        **{"ssh_keys": {}, "hashes": {}, "root_keys": {}},
    },
    "engine-scope": {"rootless_users": {}},
    "engines": {"sockets": {}},
}
NOBODY: Final = {"everyone": False, "users": {}}


def person(*ways: str) -> dict[str, Any]:
    """Return one user with ways, as facts about access say them."""
    return {"why": list(ways), "ways": {words: fields(words) for words in ways}}


def fields(words: str) -> dict[str, Any]:
    """Return a way in fields: `group G`, `ACL entry user:U`, `process 7 has group G`, `any user`; anything else is a way that no field tells more of."""
    kind, _, name = words.partition(" ")
    if kind == "group" and " " not in name:
        return {"kind": "member", "group": name}
    if kind == "ACL":
        return {"kind": "acl", "entry": f"u:{name.partition(':')[2]}"}
    if kind == "process":
        return {"kind": "process", "pid": int(name.split()[0]), **({"out_of_reach": True} if name.endswith("may not get at it") else {})}
    return {"kind": {"any": "other"}.get(kind, kind)}


def people(**ways: str) -> dict[str, Any]:
    """Return who can, each by one way, as facts about access say it."""
    return {"everyone": False, "users": {name: person(way) for name, way in ways.items()}}


def docker(**more: Any) -> dict[str, Any]:
    told = {"listening": True, "type": "socket", "scope": "rootful", "engine": "docker", "owner": "root", "machine": "none", "permissions": "root:docker 0660"}
    return {**told, "replaceable_by": NOBODY, **NOBODY, **more}


def host(*added: tuple[str, str, str, Any]) -> dict[str, Any]:
    """Return the facts of the safe host with members added: analysis, collection, key and facts of each."""
    facts = {name: dict(value) for name, value in SAFE.items()}
    for analysis, collection, key, value in added:
        facts[analysis][collection] = {**facts[analysis][collection], key: value}
    return facts


def derived(facts: Mapping[str, Any], **values: Any) -> Any:
    """Return what the analysis says, as a rule would see it."""
    return attempt(derive, View(dict(facts)), values)


def told(*added: tuple[str, str, str, Any], **values: Any) -> dict[str, list[tuple[str, str, tuple[str, ...]]]]:
    """Return by principal its paths: how sure, what it needs, and the kinds of its steps."""
    found: dict[str, list[tuple[str, str, tuple[str, ...]]]] = {}
    for path in derived(host(*added), **values)["paths"]:
        steps = tuple(step["edge"] for step in path["steps"])
        found.setdefault(path["principal"].removeprefix("user:"), []).append((path["strength"], path["needs"], steps))
    return found


def socket(**more: Any) -> tuple[str, str, str, Any]:
    return ("socket-access", "sockets", SOCKET, docker(**more))


def covered(kind: str = "subuid", **more: Any) -> tuple[str, str, str, Any]:
    told_ = {"file": kind, "account": "bob", "by": ["shadow", "go"], "place": f"line 1 of /etc/{kind}", "includes_0": False}
    return ("subid-coverage", "ranges", f"{kind}:bob:1", {**told_, "users" if kind == "subuid" else "groups": [], **more})


def changed(kind: str, path: str, **more: Any) -> tuple[str, str, str, Any]:
    return ("file-access", kind, path, {"of": 0, "of_whom": "root", "changed_by": NOBODY, "members": {}, **more})


def grant(**more: Any) -> tuple[str, str, str, Any]:
    told_ = {
        "name": "bob",
        "everyone": False,
        "as_uid": 0,
        "as_name": "root",
        "needs": "nothing",
        "gives": "any-command",
        "how": "",
        "certain": True,
        "as_group": "",
        "command": "ALL",
        "tool": "sudo",
        **{"file": "/etc/sudoers", "line": 3, "unasked_by": "rule", "root_only": True},
    }
    return ("sudo-rights", "grants", "bob: ALL (/etc/sudoers:3)", {**told_, "place": "/etc/sudoers:3", **more})


def command(path: str = "/opt/job", members: Mapping[str, Any] | None = None, **ways: str) -> tuple[str, str, str, Any]:
    return ("sudo-rights", "commands", path, {"changed_by": people(**ways), **({} if members is None else {"members": members})})


def search_path(path: str = "/opt", **ways: str) -> tuple[str, str, str, Any]:
    return ("sudo-rights", "search_path", path, {"changed_by": people(**ways)})


def program(**more: Any) -> tuple[str, str, str, Any]:
    told_ = {
        "kind": "shell",
        "owner": "root",
        "as_uid": 0,
        "copy_of": "/usr/bin/bash",
        "rights": "the setuid bit of root",
        "gives": "a shell",
        "certain": True,
        "changed_by": NOBODY,
        "content": "copy",
        "user_may_have_put_it": False,
        "by": "setuid",
        "realpath": "/opt/sh",
        "root_only": True,
    }
    return ("setuid-access", "programs", "/opt/sh", {**told_, "executed_by": {"everyone": True, "users": {}}, **more})


def job(**more: Any) -> tuple[str, str, str, Any]:
    told_ = {"as_uid": 0, "of_whom": "root", "kind": "cron", "run_by": "root's cron runs it", "interaction": "wait", "certain": True}
    return ("root-program-access", "files", "/opt/job", {**told_, "changed_by": people(bob="group staff"), **more})


def api(**more: Any) -> tuple[str, str, str, Any]:
    told_ = {"engine": "docker", "serves": "api", "tls": "none", "reach": "loopback", "network": "own", "plugins": []}
    return ("remote-apis", "apis", "127.0.0.1:2375", {**told_, **more})


CONTAINER: Final = {
    "runs": True,
    "ways": ["it is privileged"],
    "becomes": {},
    "doubts": {},
    "connects": [],
    "no_new_privileges": False,
    "id": "0123456789ab",
    "root_is_hosts": True,
    "root_inside": True,
    "sees_processes": False,
    "namespaces": {"net": "private", "pid": "private"},
}


def container(**more: Any) -> tuple[str, str, str, Any]:
    return ("container-escape", "containers", "docker:web", {**CONTAINER, **more})


def kubeconfig(path: str = "/etc/kubernetes/admin.conf", **more: Any) -> tuple[str, str, str, Any]:
    told_ = {"of": 0, "of_whom": "root", "owner": "root", "gives": "root", "by": "a certificate of system:masters until 2030-01-01", "read_by": NOBODY}
    told_ |= {"realpath": path, "root_only": True}
    return ("credential-access", "kubeconfigs", path, {**told_, **more})


def runner(**more: Any) -> tuple[str, str, str, Any]:
    return ("credential-access", "runners", "/etc/gitlab-runner/config.toml", {"runner": "gitlab", "users": [], "containers": [], "starts": True, **more})


GROUP: Final = ("socket-access", "engine_groups", "docker", {"sockets": [SOCKET], "for_engines": True})
SURE: Final = ("certain", "nothing")
CONNECT: Final = ("connects", "controls")
NOTHING: Final[dict[str, Any]] = {}
