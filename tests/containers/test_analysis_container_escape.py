"""What a container has of its host, by facts written by hand: each way alone, and what is not known."""

import json
from pathlib import Path
from typing import Any

import pytest
from engines.scope_facts import docker as engine
from engines.scope_facts import podman

from hostcheck.model import Hole, HoleError, Why, incomplete
from hostcheck.parting import part, unite
from hostcheck.schema import compile_schema
from hostcheck.view import View
from hostcheck_builtin.containers import analysis_container_escape

OBEYS = compile_schema(json.loads(Path(analysis_container_escape.__file__).with_name("analysis_container_escape.facts.json").read_text(encoding="utf-8")))
DENIED = Hole(why=Why.DENIED, message="Permission denied")
DOCKER, PODMAN = "/run/docker.sock", "/run/podman/podman.sock"
PRIVATE = {"pid": "default", "net": "private", "ipc": "private", "uts": "default", "user": "default", "cgroup": "private"}
KINDS = ("socket_mounts", "host_mounts", "secret_mounts", "kernel_mounts", "shared_mounts")


def mount(real: Any, writable: bool = True, propagation: str = "rprivate") -> dict[str, Any]:
    return {"source": "/x", "real": real, "writable": writable, "propagation": propagation, "type": "bind"}


def container(namespaces: Any = None, **given: Any) -> dict[str, Any]:
    return {
        **{"id": "ab" * 32, "engine": "docker", "socket": DOCKER, "name": "web", "image": "app", "state": "running", "privileged": False},
        **{"capabilities": {"added": [], "dropped": []}, "namespaces": {**PRIVATE, **(namespaces or {})}, "seccomp": "default", "apparmor": "default"},
        **{"selinux": "default", "no_new_privileges": "default", "masked_paths": "default", "readonly_rootfs": False, "user": {"spec": "", "uid": 0}},
        **{"mounts": {}, "devices": {}, "device_rules": [], "ports": [], "limits": {"memory": 0, "pids": 0}},
        **given,
    }


def socket(path: str, kind: str = "socket", name: str = "docker") -> dict[str, Any]:
    return {"type": kind, "realpath": path, "engine": name}


def document(one: Any, **more: Any) -> dict[str, Any]:
    scopes = {DOCKER: {"scope": "rootful"}, PODMAN: {"scope": "rootful"}}
    return {
        "containers": {"containers": {"docker:web": one}},
        "engine-scope": {"sockets": scopes},
        "engines": {"sockets": {DOCKER: engine(), PODMAN: {**podman(False), "libpod": {"graph_root": "/var/lib/containers/storage"}}}},
        "host": {"scan": {"init_userns": True}},
        "sockets": {"sockets": {DOCKER: socket(DOCKER), PODMAN: socket(PODMAN, name="podman"), "/run/nothing.sock": socket("/run/nothing.sock", "absent")}},
        **more,
    }


def derive(told: dict[str, Any]) -> Any:
    view = View({name: unite(*part(value), name) for name, value in told.items()})
    try:
        derived = unite(*part(analysis_container_escape.derive(view, {})), "container-escape")
    except HoleError as error:
        return error.hole
    assert OBEYS(derived) is not False, derived
    return derived["containers"]


def judged(one: Any, **more: Any) -> Any:
    return derive(document(one, **more))["docker:web"]


def test_a_container_that_asks_for_nothing_has_nothing() -> None:
    found = judged(container())
    assert {kind: found[kind] for kind in (*KINDS, "capabilities", "devices", "device_rules")} == dict.fromkeys(
        (*KINDS, "capabilities", "devices", "device_rules"), {}
    )
    assert (found["id"], found["runs"], found["root_is_hosts"], found["remapped"], found["user_is_root"], found["no_new_privileges"]) == (
        *("abababababab", True, True, False, True, False),
    )


@pytest.mark.parametrize("state", ["running", "paused", "restarting", "created", "exited", "dead", "removing"])
def test_whether_it_runs(state: str) -> None:
    assert judged(container(state=state))["runs"] is (state in ("running", "paused", "restarting"))


@pytest.mark.parametrize(
    ("real", "writable", "kind", "place"),
    [
        ("/", True, "host_mounts", "/"),
        ("/", False, "socket_mounts", DOCKER),
        ("/run", True, "socket_mounts", DOCKER),
        (DOCKER, False, "socket_mounts", DOCKER),
        (PODMAN, True, "socket_mounts", PODMAN),
        ("/run/nothing.sock", True, None, None),
        ("/etc", True, "host_mounts", "/etc"),
        ("/etc", False, "secret_mounts", "/etc"),
        ("/etc/myapp", True, None, None),
        ("/proc", True, "kernel_mounts", "/proc"),
        ("/proc", False, None, None),
        ("/sys/fs/cgroup", True, "kernel_mounts", "/sys"),
        ("/run/dbus/system_bus_socket", False, "host_mounts", "/run/dbus/system_bus_socket"),
        ("/var/lib/docker", False, "secret_mounts", "/var/lib/docker"),
        ("/srv/data", True, None, None),
    ],
)
def test_a_mount_is_told_of_as_the_worst_that_it_is(real: str, writable: bool, kind: str | None, place: str | None) -> None:
    found = judged(container(mounts={"/x": mount(real, writable)}))
    told = {name: found[name]["/x"]["place"] for name in KINDS if found[name]}
    assert told == ({} if kind is None else {kind: place})


def test_a_directory_that_an_engine_keeps_its_files_in() -> None:
    engines = {"sockets": {DOCKER: engine(root="/srv/engine"), PODMAN: {**podman(False), "libpod": {"graph_root": "/srv/pods", "rootless": False}}}}
    for real in ("/srv/engine", "/srv/engine/image", "/srv/pods", "/srv"):
        assert judged(container(mounts={"/x": mount(real)}), engines=engines)["host_mounts"]["/x"]["what"].startswith("the files of every"), real
    assert judged(container(mounts={"/x": mount("/srv/engine/volumes/v/_data")}), engines=engines)["host_mounts"] == {}


def test_a_mount_that_shows_nothing_of_the_hosts_own() -> None:
    volume = {"source": "/var/lib/docker/volumes/v/_data", "writable": True, "propagation": "", "type": "volume"}
    assert {kind: judged(container(mounts={"/x": volume}))[kind] for kind in KINDS} == dict.fromkeys(KINDS, {})


def test_shared_mounts_count_whatever_they_are() -> None:
    found = judged(
        container(
            mounts={"/x": mount("/srv/data", propagation="rshared"), "/y": mount("/etc", propagation="shared"), "/z": mount("/srv", propagation="rslave")}
        )
    )
    assert found["shared_mounts"] == {"/x": {"path": "/srv/data"}, "/y": {"path": "/etc"}}
    assert set(found["host_mounts"]) == {"/y"}


@pytest.mark.parametrize(("writable", "kinds"), [(True, {"socket_mounts", "host_mounts", "kernel_mounts"}), (False, {"socket_mounts", "secret_mounts"})])
def test_a_mount_whose_path_is_not_known_may_be_any_that_it_can_be(writable: bool, kinds: set[str]) -> None:
    found = judged(container(mounts={"/x": mount(DENIED, writable), "/y": mount("/srv/data")}))
    assert {kind for kind in KINDS if isinstance(found[kind].get("/x"), Hole)} == kinds
    assert all("/y" not in found[kind] for kind in KINDS)


def test_where_sockets_are_not_known_a_mount_may_hold_one() -> None:
    mounts = {"/x": mount("/srv/data"), "/y": mount("/etc")}
    for sockets in (DENIED, incomplete({}, DENIED), {DOCKER: DENIED}):
        found = judged(container(mounts=mounts), sockets={"sockets": sockets})
        assert isinstance(found["socket_mounts"]["/x"], Hole), sockets
        assert found["host_mounts"]["/y"]["place"] == "/etc"
    engines = {"sockets": incomplete({}, DENIED)}
    assert isinstance(judged(container(mounts=mounts), engines=engines)["host_mounts"]["/x"], Hole)


@pytest.mark.parametrize(
    ("user", "scope", "hosts"),
    [
        ("default", "rootful", True),
        ("default", "remapped", False),
        ("host", "remapped", True),
        ("private", "rootful", False),
        ("host", "rootless", False),
        ("default", "elsewhere", False),
        ("container:db", "rootful", None),
        ("path", "rootful", None),
        (DENIED, "rootful", None),
        ("default", DENIED, None),
    ],
)
def test_whose_root_its_root_is(user: Any, scope: Any, hosts: bool | None) -> None:
    found = judged(container({"user": user}), **{"engine-scope": {"sockets": {DOCKER: {"scope": scope}}}})["root_is_hosts"]
    assert (None if isinstance(found, Hole) else found) is hosts


def test_an_engine_that_was_not_there_any_more() -> None:
    found = judged(container(), **{"engine-scope": {"sockets": {}}, "engines": {"sockets": {}}})
    assert all(isinstance(found[fact], Hole) for fact in ("root_is_hosts", "remapped", "no_new_privileges"))
    assert found["privileged"] is False


def test_capabilities_and_the_namespaces_that_they_need() -> None:
    asks = {"added": ["SYS_PTRACE", "NET_ADMIN"], "dropped": ["ALL"]}
    assert judged(container(capabilities=asks))["capabilities"] == {}
    assert set(judged(container({"pid": "host"}, capabilities=asks))["capabilities"]) == {"SYS_PTRACE"}
    unknown = judged(container({"pid": DENIED}, capabilities=asks))["capabilities"]
    assert unknown == {} and unknown.hole.why is Why.DENIED
    known = judged(container({"pid": DENIED}, capabilities={"added": ["SYS_ADMIN"], "dropped": []}))["capabilities"]
    assert set(known) == {"SYS_ADMIN"} and not hasattr(known, "hole")


def test_devices_and_rules() -> None:
    devices = {f"/dev/{name}": {"host": f"/dev/{name}", "real": f"/dev/{name}", "kind": kind, "permissions": rights} for name, kind, rights in DEVICES}
    found = judged(container(devices=devices, device_rules=["b *:* rwm", "c 1:3 r"]))
    assert (set(found["devices"]), set(found["device_rules"])) == ({"/dev/vda"}, {"b *:* rwm"})
    hidden = judged(container(devices={"/dev/x": {"host": "/dev/x", "real": DENIED, "kind": DENIED, "permissions": "rwm"}}))["devices"]
    assert isinstance(hidden["/dev/x"], Hole)


DEVICES = (("vda", "block", "rwm"), ("vdb", "block", "m"), ("null", "char", "rwm"))


@pytest.mark.parametrize(
    ("said", "options", "on"),
    [("on", (), True), ("off", ("name=no-new-privileges",), False), ("default", ("name=no-new-privileges",), True), ("default", (), False)],
)
def test_no_new_privileges_may_be_the_engines(said: str, options: tuple[str, ...], on: bool) -> None:
    assert judged(container(no_new_privileges=said), engines={"sockets": {DOCKER: engine(*options)}})["no_new_privileges"] is on


def test_a_user_with_a_name_is_not_known() -> None:
    assert isinstance(judged(container(user={"spec": "node"}))["user_is_root"], Hole)
    assert judged(container(user={"spec": "1", "uid": 1}))["user_is_root"] is False


def test_ports_of_every_address() -> None:
    ports = [
        {"protocol": "tcp", "address": address, "port": port, "inside": "80"} for address, port in (("", "1"), ("0.0.0.0", "2"), ("::", ""), ("127.0.0.1", "4"))
    ]
    assert judged(container(ports=ports))["ports"] == ["1->80/tcp", "2->80/tcp", "any->80/tcp"]
    for net in ("host", "none"):
        assert judged(container({"net": net}, ports=ports))["ports"] == []


def test_what_is_not_known_of_one_is_not_known_of_one() -> None:
    told = document(container())
    told["containers"]["containers"] = incomplete({"docker:web": container(), "docker:db": DENIED}, DENIED)
    found = derive(told)
    assert isinstance(found["docker:db"], Hole) and found["docker:web"]["runs"] is True and found.hole.why is Why.DENIED
    assert isinstance(derive(document(container(), containers={"containers": DENIED})), Hole)
    assert isinstance(derive(document(container(), host={"scan": {"init_userns": False}})), Hole)
