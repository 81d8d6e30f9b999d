"""Which mounts of a user's container lead to that user or to root, by facts written by hand."""

from typing import Any

import pytest
from containers.escape_facts import DENIED, DOCKER, mount, socket
from containers.user_escape_facts import BOBS_PODMAN, HOME, bobs, theirs, way

from hostcheck.model import Hole, incomplete
from hostcheck_builtin.containers.host_mounts import KINDS

GROUP, PRIMARY = way("group docker"), way("primary group docker")


def kinds(real: Any, writable: bool = True, propagation: str = "rprivate", namespaces: Any = None, keeps_groups: Any = False, **more: Any) -> dict[str, Any]:
    """Return of one mount what it is told of as, with the place; a hole as None."""
    found = bobs(theirs(namespaces=namespaces, keeps_groups=keeps_groups, mounts={"/x": mount(real, writable, propagation)}), **more)
    told = {kind: found[kind].get("/x", 0) if not isinstance(found[kind], Hole) else None for kind in KINDS}
    known = {kind: None if one is None or isinstance(one, Hole) else one.get("place", "") for kind, one in told.items() if one != 0}
    root = found["reaches_root"]
    return known if root is False else {**known, "reaches_root": None if isinstance(root, Hole) else root}


@pytest.mark.parametrize(
    ("path", "written", "read"),
    [
        (HOME, {"host_mounts": HOME}, {"secret_mounts": HOME}),
        ("/home", {"host_mounts": HOME}, {"secret_mounts": HOME}),
        ("/", {"host_mounts": HOME}, {"socket_mounts": "/run/user/1001/docker.sock"}),
        (f"{HOME}/.ssh", {"host_mounts": f"{HOME}/.ssh"}, {"secret_mounts": f"{HOME}/.ssh"}),
        (f"{HOME}/.ssh/id_rsa", {"host_mounts": f"{HOME}/.ssh"}, {"secret_mounts": f"{HOME}/.ssh"}),
        (f"{HOME}/.docker", {"host_mounts": f"{HOME}/.docker"}, {"secret_mounts": f"{HOME}/.docker"}),
        (f"{HOME}/.bashrc", {"host_mounts": f"{HOME}/.bashrc"}, {}),
        (f"{HOME}/.config/systemd/user", {"host_mounts": f"{HOME}/.config/systemd"}, {}),
        (f"{HOME}/.config", {"host_mounts": f"{HOME}/.config/autostart"}, {}),
        (f"{HOME}/.config/syncthing", {}, {}),
        (f"{HOME}/.gnupg", {}, {"secret_mounts": f"{HOME}/.gnupg"}),
        (f"{HOME}/work", {}, {}),
        ("/home/ann", {}, {}),
        ("/etc", {}, {}),
        ("/etc/shadow", {}, {}),
        ("/root/.ssh", {}, {}),
        ("/usr/bin", {}, {}),
        ("/sys/fs/cgroup", {"kernel_mounts": "/sys"}, {}),
        (BOBS_PODMAN, {"socket_mounts": BOBS_PODMAN}, {"socket_mounts": BOBS_PODMAN}),
        ("/run/user/1001", {"socket_mounts": "/run/user/1001/docker.sock"}, {"socket_mounts": "/run/user/1001/docker.sock"}),
        ("/run/user/1001/bus", {"host_mounts": "/run/user/1001/bus"}, {"host_mounts": "/run/user/1001/bus"}),
        ("/run/user/1000/bus", {}, {}),
        (DOCKER, {}, {}),
    ],
)
def test_what_a_mount_is(path: str, written: dict[str, str], read: dict[str, str]) -> None:
    assert (kinds(path), kinds(path, writable=False)) == (written, read)


@pytest.mark.parametrize("path", [DOCKER, "/run"])
@pytest.mark.parametrize(
    ("why", "root"),
    [
        (GROUP, False),
        (PRIMARY, True),
        (way("owner"), True),
        (way("any user"), True),
        (way("ACL entry user:bob"), True),
        (way("ACL entry group:docker"), False),
        (way("process 7 has group docker"), False),
        (way("group docker", "primary group docker"), True),
        ({}, False),
        ({"ann": way("owner")["bob"]}, False),
    ],
)
def test_a_socket_of_roots_counts_where_root_in_the_container_can_connect(path: str, why: Any, root: bool) -> None:
    found = kinds(path, reached=why)
    assert found.get("reaches_root", False) is root
    assert found.get("socket_mounts") == (DOCKER if root else None if path == DOCKER else "/run/user/1001/docker.sock")


@pytest.mark.parametrize(
    ("why", "keeps", "root"),
    [(GROUP, True, True), (GROUP, DENIED, None), (PRIMARY, DENIED, True), ({}, True, False), ({}, DENIED, False), (DENIED, True, None), (DENIED, DENIED, None)],
)
def test_a_container_may_keep_the_groups_of_its_user(why: Any, keeps: Any, root: bool | None) -> None:
    found = kinds(DOCKER, reached=why, keeps_groups=keeps)
    assert found.get("reaches_root", False) is root and found.get("socket_mounts") == (DOCKER if root else None)


def test_a_mount_may_lead_to_root_and_to_its_user() -> None:
    assert kinds("/", reached=PRIMARY) == {"socket_mounts": DOCKER, "host_mounts": HOME, "reaches_root": True}


def test_who_connects_may_not_be_known() -> None:
    for why in (way("group docker", hole=DENIED), DENIED, incomplete({}, DENIED)):
        assert kinds(DOCKER, reached=why) == {"socket_mounts": None, "reaches_root": None}
    assert kinds(f"{HOME}/work", reached=DENIED) == {}
    known = way("primary group docker", hole=DENIED)
    assert kinds(DOCKER, reached=known) == {"socket_mounts": DOCKER, "reaches_root": True}


def test_which_sockets_there_are_may_not_be_known() -> None:
    for probe in ("sockets", "user-sockets"):
        hidden = {probe: {"sockets": incomplete({}, DENIED)}}
        assert kinds(f"{HOME}/work", **hidden) == {"socket_mounts": None, "reaches_root": None}
        assert kinds(f"{HOME}/.ssh", **hidden) == {"socket_mounts": None, "host_mounts": f"{HOME}/.ssh", "reaches_root": None}
        assert kinds("/run/user/1001", **hidden)["host_mounts"] is None


def test_another_users_socket_is_none_of_theirs() -> None:
    path = "/run/user/1000/docker.sock"
    assert kinds(path, **{"user-sockets": {"sockets": {path: {**socket(path), "owner_uid": 1000}}}}) == {}


def test_a_home_that_is_not_known() -> None:
    assert kinds("/srv", home=DENIED) == {"host_mounts": None} and kinds("/srv", writable=False, home=DENIED) == {"secret_mounts": None}
    assert kinds(HOME, home="") == {}


def test_a_path_that_is_not_known() -> None:
    assert kinds(DENIED) == {"socket_mounts": None, "host_mounts": None, "reaches_root": None}


@pytest.mark.parametrize(("user", "acts"), [("default", True), ("host", True), ("private", False), ("container:x", None), (DENIED, None)])
def test_nobody_in_it_may_be_the_user(user: Any, acts: bool | None) -> None:
    found = kinds(BOBS_PODMAN, namespaces={"user": user})
    assert found == ({"socket_mounts": BOBS_PODMAN} if acts else {} if acts is False else {**dict.fromkeys(KINDS), "reaches_root": None})


@pytest.mark.parametrize(("why", "keeps", "root"), [(PRIMARY, False, False), (GROUP, True, True), (way("any user"), False, True), ({}, True, False)])
def test_without_the_user_a_socket_of_roots_may_be_open(why: Any, keeps: bool, root: bool) -> None:
    found = kinds(DOCKER, namespaces={"user": "private"}, reached=why, keeps_groups=keeps)
    assert found == ({"socket_mounts": DOCKER, "reaches_root": True} if root else {})
    for path in (HOME, "/run/user/1001", "/run/user/1001/bus"):
        assert kinds(path, namespaces={"user": "private"}, keeps_groups=True) == {}


def test_shared_propagation() -> None:
    assert kinds("/srv", propagation="shared") == {"shared_mounts": ""}


@pytest.mark.parametrize(
    ("user", "whom"),
    [
        ({"spec": "", "uid": 0}, None),
        ({"spec": "root", "uid": 0}, None),
        ({"spec": "7:7", "uid": 7}, "uid 7"),
        ({"spec": "node:node"}, "node"),
        (DENIED, DENIED),
    ],
)
def test_who_is_not_root_inside_is_not_the_user(user: Any, whom: Any) -> None:
    mounts = {"/h": mount(HOME), "/s": mount(BOBS_PODMAN), "/w": mount(f"{HOME}/work")}
    found = bobs(theirs(user=user, mounts=mounts))["doubts"]
    reason = whom if isinstance(whom, Hole) else f"its user is {whom}, who can become root in it only by a setuid program of its image"
    assert found == ({} if whom is None else {"host_mounts": reason, "socket_mounts": reason})


def test_with_the_users_own_ids_or_groups_there_is_no_doubt() -> None:
    other, mounts = {"spec": "7", "uid": 7}, {"/h": mount(HOME), "/s": mount(BOBS_PODMAN)}
    assert bobs(theirs(user=other, mounts=mounts, namespaces={"user": "host"}))["doubts"] == {}
    assert bobs(theirs(user=other, mounts=mounts, keeps_groups=True))["doubts"].keys() == {"host_mounts"}
    unsure = bobs(theirs(user=other, mounts=mounts, keeps_groups=DENIED))["doubts"]
    assert isinstance(unsure["socket_mounts"], Hole) and not isinstance(unsure["host_mounts"], Hole)
