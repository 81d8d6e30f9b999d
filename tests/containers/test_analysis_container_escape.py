"""What a container has of its host, by facts written by hand: each way alone, and what is not known."""

from typing import Any

import pytest
from containers.escape_facts import DENIED, DOCKER, PODMAN, PRIVATE, container, derive, document, judged, kept, processes, scopes, seen

from hostcheck.model import Hole, Why, incomplete
from hostcheck_builtin.containers.host_mounts import KINDS


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
    found = judged(container({"user": user}), **{"engine-scope": scopes(scope), **processes(seen(namespaces={"user": "private"}))})["root_is_hosts"]
    assert (None if isinstance(found, Hole) else found) is hosts


@pytest.mark.parametrize(
    ("shown", "state", "hosts"),
    [
        ({"docker:abababababab": seen()}, "running", True),
        ({"docker:abababababab": seen(namespaces={"user": DENIED})}, "running", None),
        ({}, "running", None),
        ({}, "exited", False),
        (DENIED, "running", None),
    ],
)
def test_root_of_the_host_may_be_among_the_ids_that_an_engine_maps_elsewhere(shown: Any, state: str, hosts: bool | None) -> None:
    facts = {"engine-scope": scopes("remapped"), "container-processes": {"containers": shown}}
    found = judged(container({"user": "default"}, state=state), **facts)["root_is_hosts"]
    assert (None if isinstance(found, Hole) else found) is hosts


def test_an_engine_that_was_not_there_any_more() -> None:
    found = judged(container(), **{"engine-scope": {"sockets": {}, "rootful_docker": []}, "engines": {"sockets": {}}})
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


def test_the_hosts_namespace_may_be_handed_on() -> None:
    told = document(container({"pid": "container:a", "net": "container:gone", "ipc": "container:a", "user": "container:a"}))
    told["containers"]["containers"] |= {
        "docker:a": container({"pid": "container:b", "ipc": "container:a", "user": "private"}, capabilities={"added": ["SYS_PTRACE"], "dropped": []}),
        "docker:b": container({"pid": "host"}),
        "podman:gone": container({"net": "host"}, engine="podman", socket=PODMAN),
    }
    found = derive(told)
    assert found["docker:web"]["namespaces"] == {**PRIVATE, "pid": "host", "net": "container:gone", "ipc": "container:a", "user": "private"}
    assert found["docker:web"]["root_is_hosts"] is False
    assert set(found["docker:a"]["capabilities"]) == {"SYS_PTRACE"}
    told["containers"]["containers"] = incomplete({"docker:web": container({"net": "container:gone"})}, DENIED)
    assert isinstance(derive(told)["docker:web"]["namespaces"]["net"], Hole)


def test_a_docker_that_cannot_be_asked_may_have_containers() -> None:
    """It listens on TCP alone."""
    nothing = {"containers": {"containers": {}}, "container-processes": {"containers": {}}}
    assert derive(document(None, **nothing)) == {}
    for shown, asked in (((DOCKER,), True), ((DOCKER, "/usr/bin/dockerd"), True), (("/usr/bin/dockerd",), False), (("/run/docker.pid",), False)):
        found = derive(document(None, **nothing, **{"engine-scope": scopes("rootful", *shown)}))
        assert found == {} and (getattr(found, "hole", None) is None) is asked
    unknown = derive(document(None, **nothing, **{"engine-scope": {**scopes(), "rootful_docker": DENIED}}))
    assert unknown.hole.why is Why.DENIED


def test_devices_and_rules() -> None:
    devices = {f"/dev/{name}": {"host": f"/dev/{name}", "real": f"/dev/{name}", "kind": kind, "permissions": rights} for name, kind, rights in DEVICES}
    found = judged(container(devices=devices, device_rules=["b *:* rwm", "c 1:3 r"]))
    assert (set(found["devices"]), set(found["device_rules"])) == ({"/dev/vda"}, {"b *:* rwm"})
    hidden = judged(container(devices={"/dev/x": {"host": "/dev/x", "real": DENIED, "kind": DENIED, "permissions": "rwm"}}))["devices"]
    assert isinstance(hidden["/dev/x"], Hole)


DEVICES = (("vda", "block", "rwm"), ("vdb", "block", "m"), ("null", "char", "rwm"))


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


def test_those_that_do_not_run_are_counted_by_engine() -> None:
    told = document(container())
    told["containers"]["containers"] = {
        "docker:new": container(state="created"),
        "docker:old": container(state="exited"),
        "docker:web": container(state="paused"),
        "podman:db": container(state="running", engine="podman", socket=PODMAN),
    }
    assert kept(told) == {
        "docker": {"engine": "docker", "containers": {"docker:new": "created", "docker:old": "exited"}},
        "podman": {"engine": "podman", "containers": {}},
    }


def test_one_that_is_not_known_may_be_one_that_does_not_run() -> None:
    told = document(container())
    told["containers"]["containers"] |= {"docker:db": DENIED, "docker:x": container(state=DENIED), "podman:y": container(engine="podman", socket=PODMAN)}
    found = kept(told)
    assert found["docker"]["containers"] == {} and found["docker"]["containers"].hole.why is Why.DENIED
    assert not hasattr(found["podman"]["containers"], "hole") and not hasattr(found, "hole")
    told["containers"]["containers"] = incomplete({"docker:old": container(state="dead")}, DENIED)
    found = kept(told)
    assert found["docker"]["containers"] == {"docker:old": "dead"} and found["docker"]["containers"].hole.why is Why.DENIED and found.hole.why is Why.DENIED
    assert isinstance(kept(document(container(), containers={"containers": DENIED})), Hole)
    assert isinstance(kept(document(container(), host={"scan": {"init_userns": False}})), Hole)


def test_what_is_copied_is_copied_with_its_holes() -> None:
    told = {"limits": {"memory": DENIED, "pids": 5, "cpu": ["quota"]}, "secret_variables": incomplete(["A_TOKEN"], DENIED)}
    found = judged(container(**told))
    assert (found["limits"]["memory"].why, found["limits"]["pids"], found["limits"]["cpu"]) == (Why.DENIED, 5, ["quota"])
    assert found["secret_variables"] == ["A_TOKEN"] and found["secret_variables"].hole.why is Why.DENIED
    assert judged(container(restart={"policy": "on-failure", "retries": 3}))["restart"] == {"policy": "on-failure", "retries": 3}


def test_what_is_not_known_of_one_is_not_known_of_one() -> None:
    told = document(container())
    told["containers"]["containers"] = incomplete({"docker:web": container(), "docker:db": DENIED}, DENIED)
    found = derive(told)
    assert isinstance(found["docker:db"], Hole) and found["docker:web"]["runs"] is True and found.hole.why is Why.DENIED
    assert isinstance(derive(document(container(), containers={"containers": DENIED})), Hole)
    assert isinstance(derive(document(container(), host={"scan": {"init_userns": False}})), Hole)
