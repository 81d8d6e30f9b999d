"""Facts on the containers of users' engines, written by hand, from which container-escape is derived."""

from typing import Any

from containers.escape_facts import DOCKER, LIBPOD, container, derive, document, scopes
from engines.scope_facts import docker as engine
from engines.scope_facts import podman

from hostcheck.model import Hole, incomplete

BOBS_DOCKER, BOBS_PODMAN = "/run/user/1001/docker.sock", "/run/user/1001/podman/podman.sock"
HOME = "/home/bob"


def scope(uid: int = 1001, owner: str = "bob", told: Any = "rootless", **more: Any) -> dict[str, Any]:
    return {"running": True, "owner_uid": uid, "owner": owner, "login": owner, "scope": told, "host_network": False, "network_driver": "slirp4netns", **more}


def theirs(at: str = BOBS_PODMAN, namespaces: Any = None, **given: Any) -> dict[str, Any]:
    """Return a container of bob's podman, or of another engine at a socket."""
    return container(namespaces, engine="docker" if "docker" in at else "podman", socket=at, **given)


def own_socket(path: str, uid: int = 1001, engine: str = "podman") -> dict[str, Any]:
    return {"type": "socket", "realpath": path, "engine": engine, "owner_uid": uid}


def way(*why: str, hole: Hole | None = None) -> dict[str, Any]:
    """Return how bob reaches root's docker, as engine-scope states it; with a hole there may be more ways."""
    kept = [one for one in why if one.startswith(("owner", "any user", "ACL entry user:", "primary group "))]
    parts = {"why": list(why), "kept": kept, "anybodys": [one for one in kept if one == "any user"]}
    return {"bob": {"rootful_access": {DOCKER: {name: incomplete(ways, hole) for name, ways in parts.items()}}}}


def users(containers: Any, reached: Any = None, engines: Any = None, home: Any = HOME, **more: Any) -> Any:
    """Return what is derived where bob has these containers; `reached` is how he can connect to root's docker."""
    told = document(None, containers={"containers": {}}, **{"container-processes": {"containers": {}}})
    told["engine-scope"] = {
        **scopes(),
        "user_sockets": {BOBS_DOCKER: scope(), BOBS_PODMAN: scope(), **(engines or {})},
        "users": {} if reached is None else reached,
    }
    told["user-engines"] = {"sockets": {BOBS_DOCKER: engine("name=rootless", uid=1001), BOBS_PODMAN: {**podman(True, 1001), "libpod": LIBPOD}}}
    told["user-sockets"] = {"sockets": {BOBS_DOCKER: own_socket(BOBS_DOCKER, engine="docker"), BOBS_PODMAN: own_socket(BOBS_PODMAN)}}
    told["user-containers"] = {"users": {"1001": {"home": home, "containers": containers}}}
    return derive({**told, **more})


def bobs(one: Any, **more: Any) -> Any:
    return users({"podman:db": one}, **more)["podman(bob):db"]
