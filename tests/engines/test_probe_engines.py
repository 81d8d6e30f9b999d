"""Engines of the system and of users, on hosts in memory that answer with what real engines answered."""

import json
from typing import Any

import pytest
from engines.engine_host import ANN, ANNS, BOOTED, DOCKER, HEAD, OTHER_ROOT, ROOTS, ROW, SCHEMAS, UNIT, body, docker, facts, host, podman, process, said

from hostcheck.host.answers import Peer
from hostcheck.schema import check
from hostcheck.testing.probes import denials
from hostcheck_builtin.engines import probe_engines, probe_user_engines


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_the_schema_is_in_the_dialect(name: str) -> None:
    check(SCHEMAS[name], f"{name}.facts.json")


def test_nothing_runs() -> None:
    told = facts()
    assert (told["sockets"], told["processes"], told["pidfiles"], told["configured"]) == ({}, {}, {}, {})
    assert told["installed"] == {path: {"engine": path.rpartition("/")[2].replace("dockerd", "docker"), "root_owned": True} for path in told["installed"]}
    assert set(told["installed"]) == {"/usr/bin/dockerd", "/usr/bin/podman"}
    assert facts("user-engines") == {"sockets": {}, "programs": {}}


def test_roots_docker() -> None:
    told = facts(**ROOTS, answers={DOCKER: docker()})
    one = told["sockets"][DOCKER]
    assert {key: one[key] for key in ("named", "engine", "listening", "activated", "served", "uid", "owner_uid")} == {
        "named": "docker",
        "engine": "docker",
        "listening": True,
        "activated": False,
        "served": True,
        "uid": 0,
        "owner_uid": 0,
    }
    assert one["process"] == {"exe": "/usr/bin/dockerd", "uid_map": [[0, 0, 4294967295]], "host_network": True}
    info = one["info"]
    assert (info["security_options"], info["warnings"], info["root_dir"]) == (["name=seccomp,profile=builtin"], [], "/var/lib/docker")
    assert (info["cgroup_driver"], info["memory_limit"], info["authorization_plugins"]) == ("cgroupfs", True, [])
    assert one["version"]["components"]["containerd"] == "1.7.24~ds1"
    assert "rootlesskit" not in one["version"] and "libpod" not in one
    assert told["processes"] == {"/usr/bin/dockerd": {"engine": "docker", "root_owned": True}}


def test_a_remapped_docker_says_so_with_its_range() -> None:
    info = facts(**ROOTS, answers={DOCKER: docker("dockerd-usernsremap")})["sockets"][DOCKER]["info"]
    assert "name=userns" in info["security_options"]
    assert info["root_dir"].endswith("/165536.165536")


def test_what_docker_warns_of() -> None:
    info = facts(**ROOTS, answers={DOCKER: docker("dockerd-tcp-plain")})["sockets"][DOCKER]["info"]
    assert any("without encryption" in warning for warning in info["warnings"])


def test_what_may_hold_a_password_is_not_taken() -> None:
    secret = json.dumps({"HttpProxy": "http://u:hunter2@p", "Labels": ["token=hunter2"], "Name": "hunter2"})
    config = '{"proxies": {"http-proxy": "http://u:hunter2@p"}, "log-opts": {"splunk-token": "hunter2"}, "group": "docker"}'
    told = facts(files={"/etc/docker/daemon.json": config}, **ROOTS, answers={DOCKER: docker(**{"/info": said(secret)})})
    assert told["configured"]["/etc/docker/daemon.json"]["keys"] == {"group": "docker"}
    assert "hunter2" not in repr(told)


CASES: dict[str, tuple[Any, dict[str, Any]]] = {
    "docker": (probe_engines.collect, {**ROOTS, "answers": {DOCKER: docker()}, "files": {"/etc/docker/daemon.json": '{"icc": false}', "/run/docker.pid": "7"}}),
    "podman as docker": (
        probe_engines.collect,
        {**ROOTS, "answers": {DOCKER: {**podman(), "/info": said(body("podman-rootless-info")), "/version": said(body("podman-rootless-version"))}}},
    ),
    "activated": (
        probe_engines.collect,
        {
            "files": UNIT,
            "unix": HEAD + ROW,
            "stats": BOOTED,
            "links": {"/proc/1/fd/3": "socket:[42]", "/proc/7/fd/9": "socket:[42]", "/proc/70/fd/9": "socket:[42]"},
            "processes": (process(1, name="systemd", exe="/usr/lib/systemd/systemd"), process(7), process(70, exe="/usr/local/bin/dockerd")),
            "peers": {DOCKER: Peer(pid=1, uid=0, gid=0)},
            "answers": {DOCKER: docker()},
        },
    ),
    "activated alone": (
        probe_engines.collect,
        {
            "files": {**UNIT, "/proc/7/mountinfo": OTHER_ROOT},
            "unix": HEAD + ROW,
            "stats": BOOTED,
            "links": {"/proc/1/fd/3": "socket:[42]"},
            "processes": (process(1, name="systemd", exe="/usr/lib/systemd/systemd"), process(7, host=False)),
        },
    ),
    "gone": (probe_engines.collect, {"peers": {DOCKER: Peer(pid=99, uid=0, gid=0)}, "processes": (), "answers": {DOCKER: docker()}}),
    "containerd": (
        probe_engines.collect,
        {"peers": {"/run/containerd/containerd.sock": Peer(pid=7, uid=0, gid=0)}, "processes": (process(7, exe="/usr/bin/containerd"),)},
    ),
    "user": (
        probe_user_engines.collect,
        {**ANN, "answers": {ANNS: docker("docker-rootless-slirp4netns", 1000)}},
    ),
    "user in a unit of the system": (
        probe_user_engines.collect,
        {
            **ANN,
            "files": {"/proc/700/cgroup": "0::/system.slice/rl.service\n", "/etc/systemd/system/rl.service": "[Service]\nUser=ann\n"},
            "answers": {ANNS: docker("docker-rootless-slirp4netns", 1000)},
        },
    ),
    "other programs": (
        probe_user_engines.collect,
        {
            "files": {"/proc/11/mountinfo": OTHER_ROOT},
            "processes": (process(9, 1000, exe="/usr/bin/vim"), process(10, 1001), process(11, 1000, host=False), process(12, 1001, exe="/bin/podman")),
        },
    ),
}


@pytest.mark.laws
@pytest.mark.parametrize("name", sorted(CASES))
def test_denying_any_answer_only_makes_holes(name: str) -> None:
    collect, given = CASES[name]
    assert list(denials(collect, host(**given))) == []
