"""What is found where AppArmor or SELinux is on, or control groups are version 2: from the answer of an engine to the finding.

On hosts in memory alone, in the words of engines on Ubuntu and Fedora: the kernel on which the suite runs has neither, and version 1.
"""

from typing import Any

import pytest
from containers.container_host import DOCKERS, PODMAN, PODMANS, answers, bind, facts, inspected
from containers.escape_facts import DOCKER, LIBPOD, derive, docker, document
from engines.engine_host import host
from engines.scope_facts import podman

from hostcheck import registry
from hostcheck.api import Hole, Why
from hostcheck.benchmark import load, resolve
from hostcheck.evaluate import Facts, judge_rule
from hostcheck.model import Json
from hostcheck.testing.probes import stated
from hostcheck.view import View
from hostcheck_builtin.containers import probe_containers
from hostcheck_builtin.containers.security_modules import LABELS, UNTRACED, confined, doubts, on_host

BENCHMARK = load(registry.load().benchmarks[0], shipped=True)
UBUNTU: dict[str, Any] = {"apparmor": {"enabled": True}, "selinux": {"mode": "disabled"}, "active": ["capability", "apparmor"]}
FEDORA: dict[str, Any] = {"apparmor": {"enabled": False}, "selinux": {"mode": "enforcing"}, "active": ["capability", "selinux"]}
LABEL = "system_u:system_r:container_t:s0:c123,c456"
SHOWN = {"docker": lambda **given: facts(inspected(**given)), "podman": lambda **given: _of_podman(inspected(engine="podman", **given))}


def _of_podman(one: Any) -> Any:
    return stated(probe_containers.collect, host(**PODMANS, links=DOCKERS["links"], answers={PODMAN: answers(one, engine="podman")}))


def result(rule: str, engine: str, lsm: Any = UBUNTU, mode: str = "v2", gives: bool = False, **given: Any) -> tuple[str, str]:
    """Return the result of a rule on one container, and what follows the first comma of its sentence; `gives` says that the engine gives labels."""
    engines = {DOCKER: docker(*(["name=selinux"] if gives else [])), PODMAN: {**podman(False), "libpod": {**LIBPOD, "selinux": gives}}}
    told = derive(document(None, containers=SHOWN[engine](**given), engines={"sockets": engines}, kernel={"lsm": lsm}))
    whole = {"container-escape": {"containers": told}, "kernel": {"lsm": lsm, "cgroup": {"mode": mode}}, "host-role": {"role": "server"}}
    (found,) = judge_rule(resolve(BENCHMARK, rule, {}), Facts(document=whole))
    return found["result"], found["because"].rpartition(", ")[2]


@pytest.mark.parametrize("engine", ["docker", "podman"])
@pytest.mark.parametrize(
    ("given", "known"),
    [
        ({"AppArmorProfile": "docker-default"}, "pass"),
        ({"AppArmorProfile": "containers-default-0.57.4"}, "pass"),
        ({"AppArmorProfile": "unconfined", "SecurityOpt": ["apparmor=unconfined"]}, "fail"),
        ({"AppArmorProfile": "", "SecurityOpt": ["apparmor=unconfined"]}, "fail"),
        ({"AppArmorProfile": ""}, "fail"),
        ({"AppArmorProfile": None}, "unknown"),
        ({"AppArmorProfile": "", "Privileged": True}, "notapplicable"),
        ({"AppArmorProfile": "", "State": "exited"}, "notapplicable"),
    ],
)
def test_where_apparmor_is_on(engine: str, given: dict[str, Any], known: str) -> None:
    assert result("HC-CTR-15", engine, **given)[0] == known
    assert result("HC-CTR-15", engine, FEDORA, **given)[0] == "notapplicable"
    assert result("HC-CTR-16", engine, **given)[0] == "notapplicable"


@pytest.mark.parametrize("engine", ["docker", "podman"])
@pytest.mark.parametrize(
    ("given", "known"),
    [
        ({"ProcessLabel": LABEL}, "pass"),
        ({"ProcessLabel": "system_u:system_r:my_t:s0:c1,c2", "SecurityOpt": ["label=type:my_t"]}, "pass"),
        ({"ProcessLabel": "", "SecurityOpt": ["label=disable"]}, "fail"),
        ({"ProcessLabel": "system_u:system_r:spc_t:s0", "SecurityOpt": ["label=type:spc_t"]}, "fail"),
        ({"ProcessLabel": "system_u:system_r:spc_t:s0"}, "fail"),
        ({"ProcessLabel": ""}, "fail"),
        ({"ProcessLabel": "container_t"}, "unknown"),
        ({"ProcessLabel": "", "Privileged": True, "SecurityOpt": ["label=disable"]}, "notapplicable"),
        ({"ProcessLabel": "", "PidMode": "host", "SecurityOpt": ["label=disable"]}, "notapplicable"),
        ({"ProcessLabel": "", "IpcMode": "host", "SecurityOpt": ["label=disable"]}, "notapplicable"),
    ],
)
def test_where_selinux_enforces(engine: str, given: dict[str, Any], known: str) -> None:
    for gives in (True, False):
        assert result("HC-CTR-16", engine, FEDORA, gives=gives, **given)[0] == known
    for mode in ("permissive", "disabled"):
        assert result("HC-CTR-16", engine, {**FEDORA, "selinux": {"mode": mode}}, **given)[0] == "notapplicable"


def test_who_takes_the_label_away_is_named() -> None:
    assert result("HC-CTR-16", "docker", FEDORA, gives=True, ProcessLabel="") == ("fail", "so SELinux does not confine it")
    assert result("HC-CTR-16", "docker", FEDORA, gives=False, ProcessLabel="") == ("fail", "so SELinux does not confine docker:web (app)")
    assert result("HC-CTR-15", "docker", SecurityOpt=["apparmor=unconfined"]) == ("fail", "so AppArmor does not confine it")


@pytest.mark.parametrize(
    ("engine", "key", "mode", "known"),
    [
        ("docker", "CgroupnsMode", "private", "pass"),
        ("docker", "CgroupnsMode", "host", "fail"),
        ("docker", "CgroupnsMode", "", "fail"),
        ("podman", "CgroupMode", "private", "pass"),
        ("podman", "CgroupMode", "host", "fail"),
        ("podman", "CgroupMode", "ns:/proc/1/ns/cgroup", "pass"),
        ("podman", "CgroupMode", 1, "unknown"),
    ],
)
def test_the_cgroup_namespace(engine: str, key: str, mode: Any, known: str) -> None:
    assert result("HC-CTR-13", engine, **{key: mode})[0] == known
    for version in ("v1", "hybrid", "none"):
        assert result("HC-CTR-13", engine, mode=version, **{key: mode})[0] == "notapplicable"


DENIED = Hole(why=Why.DENIED, message="permission denied")


def kernel(apparmor: Json = False, selinux: Json = "disabled") -> View:
    return View({"kernel": {"lsm": {"active": [], "apparmor": {"enabled": apparmor}, "selinux": {"mode": selinux}}}})


@pytest.mark.parametrize(
    ("mode", "label", "holds"),
    [
        ("enforcing", "applied", True),
        ("permissive", "applied", False),
        ("disabled", "applied", False),
        ("enforcing", "disabled", False),
        ("enforcing", "engine-none", False),
        ("enforcing", DENIED, DENIED),
        ("disabled", DENIED, False),
        (DENIED, "applied", DENIED),
        (DENIED, "disabled", False),
    ],
)
def test_selinux_confines_a_container_with_a_label_where_it_is_enforcing(mode: Json, label: Json, holds: Any) -> None:
    found = confined({"apparmor": "unconfined", "selinux": label}, on_host(kernel(selinux=mode)))["selinux"]
    assert (found.why, found.message) == (holds.why, holds.message) if isinstance(holds, Hole) else found is holds


@pytest.mark.parametrize(("enabled", "profile", "holds"), [(True, "applied", True), (False, "applied", False), (True, "unconfined", False)])
def test_apparmor_confines_a_container_with_a_profile(enabled: bool, profile: str, holds: bool) -> None:
    assert confined({"apparmor": profile, "selinux": "disabled"}, on_host(kernel(apparmor=enabled))) == {"apparmor": holds, "selinux": False}


def test_what_is_not_told_of_a_users_container_is_no_doubt() -> None:
    assert doubts({"host_mounts": {}}) == {}


def test_what_selinux_keeps() -> None:
    found = doubts({"host_mounts": {}, "confined": {"apparmor": False, "selinux": True}})
    assert found.pop("takes_processes") == UNTRACED
    assert found == dict.fromkeys(("socket_mounts", "host_mounts", "secret_mounts", "kernel_mounts", "becomes", "connects"), LABELS)


@pytest.mark.parametrize(("lsm", "severity"), [(FEDORA, "high"), (UBUNTU, "critical")])
def test_a_socket_in_a_container_with_a_label_is_a_likely_way(lsm: Any, severity: str) -> None:
    one = _of_podman(inspected(engine="podman", Mounts=[bind("/run/docker.sock", "/s")], ProcessLabel=LABEL))
    engines = {DOCKER: docker(), PODMAN: {**podman(False), "libpod": {**LIBPOD, "selinux": True}}}
    told = derive(document(None, containers=one, engines={"sockets": engines}, kernel={"lsm": lsm}))
    whole = {"container-escape": {"containers": told}, "kernel": {"lsm": lsm}, "host-role": {"role": "server"}}
    found = next(one for one in judge_rule(resolve(BENCHMARK, "HC-CTR-03", {}), Facts(document=whole)) if one["subject"] == "podman:web")
    assert (found["result"], found["severity"]) == ("fail", severity)
    assert (LABELS in found["because"]) == (severity == "high")
