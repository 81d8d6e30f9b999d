"""What stands between a container and the host's kernel by its runtime, and which ways to the host are doubtful then."""

import json
from pathlib import Path
from typing import Any

import pytest
from containers.escape_facts import DENIED, DOCKER, LIBPOD, PODMAN, container, docker, judged, mount, podman, processes, seen
from containers.test_host_users import FREE, OPEN, remapped

from hostcheck.model import Hole, Why
from hostcheck_builtin.containers import runtimes

INSPECTED = Path(__file__).with_name("inspected")


@pytest.mark.parametrize(("name", "engine"), [("docker-plain", "docker"), ("podman-mapped", "podman")])
def test_a_real_answer_names_it(name: str, engine: str) -> None:
    assert runtimes.told(json.loads((INSPECTED / f"{name}.json").read_text(encoding="utf-8")), engine) == {"runtime": "runc"}


@pytest.mark.parametrize(
    ("document", "engine", "told"),
    [
        ({"HostConfig": {"Runtime": "io.containerd.kata.v2"}}, "docker", "io.containerd.kata.v2"),
        ({"HostConfig": {"Runtime": ""}}, "docker", ""),
        ({"OCIRuntime": "/usr/bin/runsc", "HostConfig": {"Runtime": "oci"}}, "podman", "/usr/bin/runsc"),
        ({"HostConfig": {}}, "docker", None),
        ({"HostConfig": []}, "docker", None),
        ({"HostConfig": {"Runtime": "oci"}}, "podman", None),
    ],
)
def test_what_an_answer_tells(document: Any, engine: str, told: str | None) -> None:
    assert runtimes.told(document, engine) == ({} if told is None else {"runtime": told})


@pytest.mark.parametrize("name", [None, 7, "a b", "x" * 201, "\u202e"])
def test_what_is_no_name_is_not_known(name: Any) -> None:
    assert runtimes.told({"HostConfig": {"Runtime": name}}, "docker")["runtime"].why is Why.NONSENSE


def sandbox(name: str, program: str | None = None, **facts: Any) -> Any:
    info = {} if program is None else {"runtimes": {name: program}}
    return judged(container(runtime=name), engines={"sockets": {DOCKER: docker(**info), PODMAN: {**podman(False), "libpod": LIBPOD}}}, **facts).get("sandbox")


@pytest.mark.parametrize(
    ("name", "program", "found"),
    [
        ("runc", None, None),
        ("io.containerd.runc.v2", None, None),
        ("crun", None, None),
        ("kata", None, "Kata"),
        ("kata-qemu", None, "Kata"),
        ("io.containerd.kata.v2", None, "Kata"),
        ("runsc", None, "gVisor"),
        ("io.containerd.runsc.v1", None, "gVisor"),
        ("sysbox-runc", None, "Sysbox"),
        ("safe", "/usr/local/bin/runsc", "gVisor"),
        ("safe", "/usr/bin/nvidia-container-runtime", None),
        ("safe", "", None),
    ],
)
def test_which_it_is_by_its_name_or_its_program(name: str, program: str | None, found: str | None) -> None:
    assert sandbox(name, program) == found


def test_a_runtime_of_which_the_engine_tells_no_program_may_be_any() -> None:
    assert isinstance(sandbox("nvidia", None), Hole)


def test_an_engine_that_is_gone_or_tells_nothing_of_itself_leaves_one_container_open() -> None:
    for engines in ({}, {DOCKER: {}}, {DOCKER: {"info": DENIED}}):
        found = judged(container(runtime="krun"), engines={"sockets": engines})
        assert isinstance(found["sandbox"], Hole) and found["ways"] == [], engines


def test_a_name_of_a_site_s_own_is_nothing_where_its_program_is_not_known() -> None:
    one = judged(container(runtime="safe", privileged=True), engines=DENIED)
    assert isinstance(one["sandbox"], Hole) and isinstance(one["doubts"]["privileged"], Hole)
    assert "sandbox" not in judged(container(runtime="runc"), engines=DENIED) and "sandbox" not in judged(container())


EVERY: dict[str, Any] = {
    "capabilities": {"added": ["SYS_ADMIN", "SYS_PTRACE"], "dropped": []},
    "devices": {"/dev/vda": {"host": "/dev/vda", "real": "/dev/vda", "kind": "block", "permissions": "rwm"}},
    "device_rules": ["b *:* rwm"],
    "mounts": {"/s": mount(DOCKER), "/e": mount("/etc"), "/r": mount("/root", False), "/p": mount("/proc")},
    **{"apparmor": "unconfined", "selinux": "disabled", "masked_paths": "none"},
}
KERNEL = {"capabilities", "devices", "device_rules", "kernel_mounts", "bare", "takes_processes"}


@pytest.mark.parametrize(
    ("name", "doubts"), [("runc", set()), ("sysbox-runc", KERNEL), ("kata", {*KERNEL, "socket_mounts"}), ("runsc", {*KERNEL, "socket_mounts"})]
)
def test_what_is_the_kernels_is_not_the_hosts_and_files_are(name: str, doubts: set[str]) -> None:
    found = judged(container(runtime=name, **EVERY))
    assert len(found["ways"]) == 9 and set(found["doubts"]) == doubts
    assert found["ways"] == judged(container(**EVERY))["ways"]
    assert (judged(container(runtime=name, privileged=True))["doubts"].keys() == {"privileged"}) is (name != "runc")


def test_not_to_know_the_runtime_makes_its_ways_doubtful() -> None:
    found = judged(container(runtime=DENIED, **EVERY))
    assert found["doubts"].keys() == {*KERNEL, "socket_mounts"} and all(isinstance(one, Hole) for one in found["doubts"].values())


def test_a_socket_that_another_id_connects_to_is_doubtful_too() -> None:
    searched = {"/": OPEN["parents"]["/"], "/run": {**OPEN["parents"]["/run"], "mode": "0755"}}
    for name, doubts in (("runc", set()), ("kata", {"connects"})):
        facts = remapped((FREE,), **{"sockets": {"sockets": {DOCKER: {**OPEN, "mode": "0666", "parents": searched}}}})
        found = judged(container(mounts={"/x": mount(DOCKER)}, runtime=name), **facts)
        assert found["connects"] == [DOCKER] and set(found["doubts"]) == doubts


def test_of_what_only_processes_tell_it_is_not_told() -> None:
    assert "sandbox" not in judged(container(), **processes(seen()))


def test_nor_does_it_connect_to_systemd() -> None:
    bus, writes = mount("/run/systemd", False), mount("/etc")
    for name, mounts, doubts in (("kata", {"/b": bus}, {"host_mounts"}), ("kata", {"/b": bus, "/e": writes}, set()), ("sysbox-runc", {"/b": bus}, set())):
        assert set(judged(container(mounts=mounts, runtime=name))["doubts"]) == doubts
