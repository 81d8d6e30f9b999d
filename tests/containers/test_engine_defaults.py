"""What holds of a container only together with what its engine says of itself: what it does unasked, and what it does not enforce."""

from typing import Any

import pytest
from containers.escape_facts import DENIED, DOCKER, LIBPOD, PODMAN, container, docker, judged
from engines.scope_facts import podman

from hostcheck.model import Hole, Why

IN_PODMAN: dict[str, Any] = {"engine": "podman", "socket": PODMAN}


def with_podman(one: Any, **libpod: Any) -> Any:
    """Derive from one container of a podman that says that of itself."""
    return judged(one, engines={"sockets": {PODMAN: {**podman(False), "libpod": {**LIBPOD, **libpod}}}})


def why(fact: Any) -> Any:
    """Return a fact, or why it is not known."""
    return fact.why if isinstance(fact, Hole) else fact


@pytest.mark.parametrize(
    ("said", "options", "on"),
    [("on", (), True), ("off", ("name=no-new-privileges",), False), ("default", ("name=no-new-privileges",), True), ("default", (), False)],
)
def test_no_new_privileges_may_be_the_engines(said: str, options: tuple[str, ...], on: bool) -> None:
    assert judged(container(no_new_privileges=said), engines={"sockets": {DOCKER: docker(*options)}})["no_new_privileges"] is on


@pytest.mark.parametrize(
    ("said", "options", "known"),
    [
        ("default", ["name=seccomp,profile=builtin"], "default"),
        ("default", ["name=seccomp,profile=/etc/mine.json"], "default"),
        ("default", ["name=seccomp,profile=unconfined"], "engine-none"),
        ("default", ["name=cgroupns"], "engine-none"),
        ("custom", ["name=seccomp,profile=unconfined"], "custom"),
        ("unconfined", ["name=seccomp,profile=builtin"], "unconfined"),
    ],
)
def test_an_engine_may_have_no_filter(said: str, options: list[str], known: str) -> None:
    assert judged(container(seccomp=said), engines={"sockets": {DOCKER: docker(security_options=options)}})["seccomp"] == known


@pytest.mark.parametrize(("able", "known"), [(True, "default"), (False, "engine-none")])
def test_podman_may_have_no_filter(able: bool, known: str) -> None:
    assert with_podman(container(**IN_PODMAN), seccomp=able)["seccomp"] == known


@pytest.mark.parametrize(
    ("asked", "profile", "known"),
    [
        ("default", "docker-default", "applied"),
        ("set", "mine", "applied"),
        ("default", "", "engine-none"),
        ("set", "", "engine-none"),
        ("unconfined", "", "unconfined"),
        ("unconfined", "docker-default", "unconfined"),
        ("default", "unconfined", "unconfined"),
        ("default", DENIED, Why.DENIED),
        ("unconfined", DENIED, "unconfined"),
        (DENIED, "docker-default", Why.DENIED),
    ],
)
def test_apparmor(asked: Any, profile: Any, known: Any) -> None:
    assert why(judged(container(apparmor=asked, apparmor_profile=profile))["apparmor"]) == known


@pytest.mark.parametrize(
    ("asked", "kind", "gives", "known"),
    [
        ("default", "container_t", True, "applied"),
        ("set", "mine_t", True, "applied"),
        ("disabled", "", True, "disabled"),
        ("disabled", "container_t", True, "disabled"),
        ("set", "spc_t", True, "disabled"),
        ("default", "unconfined_t", True, "disabled"),
        ("default", "", False, "engine-none"),
        ("default", "", True, "disabled"),
        ("default", DENIED, True, Why.DENIED),
    ],
)
def test_selinux(asked: str, kind: Any, gives: bool, known: Any) -> None:
    one = {"selinux": asked, "selinux_type": kind}
    told = docker(*(["name=selinux"] if gives else []))
    assert why(judged(container(**one), engines={"sockets": {DOCKER: told}})["selinux"]) == known
    assert why(with_podman(container(**one, **IN_PODMAN), selinux=gives)["selinux"]) == known


@pytest.mark.parametrize(("dropped", "known"), [(["ALL"], True), (["ALL", "CHOWN"], True), ([], False), (["CHOWN", "KILL"], False), (DENIED, Why.DENIED)])
def test_docker_tells_that_all_capabilities_are_dropped(dropped: Any, known: Any) -> None:
    assert why(judged(container(capabilities={"added": [], "dropped": dropped}))["drops_all"]) == known


@pytest.mark.parametrize(
    ("dropped", "known"),
    [(["CHOWN", "KILL"], True), (["CHOWN", "KILL", "MKNOD"], True), (["ALL"], True), ([], False), (["CHOWN"], Why.UNSUPPORTED), (["MKNOD"], Why.UNSUPPORTED)],
)
def test_podman_tells_which_capabilities_were_dropped(dropped: Any, known: Any) -> None:
    """Of its own, which are CHOWN and KILL here."""
    assert why(with_podman(container(capabilities={"added": [], "dropped": dropped}, **IN_PODMAN))["drops_all"]) == known


@pytest.mark.parametrize(
    ("said", "cpu", "enforced"),
    [
        ({}, ["quota"], (True, True, True)),
        ({"memory_limit": False}, [], (False, True, True)),
        ({"pids_limit": False}, [], (True, False, True)),
        ({"cgroup_driver": "none"}, ["quota"], (False, False, False)),
        ({"cpu_quota": False}, ["quota"], (True, True, False)),
        ({"cpu_quota": False}, ["weight"], (True, True, True)),
        ({"cpu_quota": False}, ["quota", "weight"], (True, True, True)),
        ({"cpu_quota": False}, [], (True, True, True)),
        ({"cpu_quota": False, "cpu_shares": False}, [], (True, True, False)),
        ({"memory_limit": DENIED}, [], (Why.DENIED, True, True)),
    ],
)
def test_docker_says_which_limits_it_does_not_enforce(said: Any, cpu: list[str], enforced: tuple[Any, ...]) -> None:
    one = container(limits={"memory": 5, "pids": 5, "cpu": cpu})
    found = judged(one, engines={"sockets": {DOCKER: docker(**said)}})["enforced"]
    assert tuple(why(found[limit]) for limit in ("memory", "pids", "cpu")) == enforced


@pytest.mark.parametrize(
    ("controllers", "enforced"),
    [
        (["cpuset", "cpu", "memory", "pids"], (True, True, True)),
        (["cpu", "pids"], (False, True, True)),
        (["cpuset", "memory"], (True, False, False)),
        ([], (False, False, False)),
    ],
)
def test_podman_says_which_controllers_it_has(controllers: list[str], enforced: tuple[bool, ...]) -> None:
    found = with_podman(container(**IN_PODMAN), cgroup_controllers=controllers)["enforced"]
    assert tuple(found[limit] for limit in ("memory", "pids", "cpu")) == enforced


def test_who_was_not_asked_what_it_enforces_is_not_believed() -> None:
    older = docker()
    del older["info"]["cpu_quota"], older["info"]["cpu_shares"]
    found = judged(container(), engines={"sockets": {DOCKER: older}})["enforced"]
    assert (found["memory"], why(found["cpu"])) == (True, Why.UNSUPPORTED)
    assert isinstance(judged(container(), engines={"sockets": {}})["enforced"]["memory"], Hole)
