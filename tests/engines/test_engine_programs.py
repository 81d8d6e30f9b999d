"""Which engines are installed, configured and running: by files of root's, and by the program that the kernel says a process runs."""

from dataclasses import replace
from typing import Any

import pytest
from engines.engine_host import OTHER_ROOT, TABLE, facts, owned, process

from hostcheck.host.answers import Process
from hostcheck.model import Hole, OpenObject, Why


@pytest.mark.parametrize(
    ("raw", "keys"),
    [
        (b"", {}),
        (b'{"userns-remap": "bob", "hosts": ["fd://"], "tls": true}', {"userns-remap": "bob", "hosts": ["fd://"], "tls": True}),
        (b'\xef\xbb\xbf{"icc": false}', {"icc": False}),
        ('\ufeff{"icc": false}'.encode("utf-16-le"), {"icc": False}),
        (b'{"icc": true, "icc": false}', {"icc": False}),
    ],
)
def test_dockers_configuration_is_read_as_docker_reads_it(raw: bytes, keys: dict[str, Any]) -> None:
    assert facts(files={"/etc/docker/daemon.json": raw})["configured"] == {"/etc/docker/daemon.json": {"engine": "docker", "keys": keys}}


@pytest.mark.parametrize("raw", ["[]", "{", '{"icc": }', "[" * 100_000])
def test_a_configuration_that_docker_would_refuse_is_nonsense(raw: str) -> None:
    told = facts(files={"/etc/docker/daemon.json": raw})["configured"]["/etc/docker/daemon.json"]
    assert isinstance(told, Hole) and told.why == Why.NONSENSE
    wrong = facts(files={"/etc/docker/daemon.json": '{"icc": "no", "group": "docker"}'})["configured"]["/etc/docker/daemon.json"]["keys"]
    assert isinstance(wrong["icc"], Hole) and wrong["group"] == "docker"


def test_pidfiles() -> None:
    told = facts(files={"/run/docker.pid": "7\n", "/run/docker/containerd/containerd.pid": "8"}, processes=(process(7), process(8, exe="/usr/bin/vim")))
    assert told["pidfiles"]["/run/docker.pid"] == {"engine": "docker", "running": True, "exe": "/usr/bin/dockerd"}
    assert told["pidfiles"]["/run/docker/containerd/containerd.pid"] == {"engine": "containerd", "running": False, "exe": "/usr/bin/vim"}
    assert facts(files={"/run/docker.pid": "9"})["pidfiles"]["/run/docker.pid"] == {"engine": "docker", "running": False}
    for text in ("", "-1", "0", "x", "7 8"):
        assert isinstance(facts(files={"/run/docker.pid": text})["pidfiles"]["/run/docker.pid"], Hole)


@pytest.mark.parametrize(
    ("one", "found"),
    [
        (process(7), {"/usr/bin/dockerd": "docker"}),
        (process(7, name="k3s-server", exe="/usr/local/bin/k3s"), {"/usr/local/bin/k3s": "k3s"}),
        (process(7, exe="/usr/bin/dockerd (deleted)"), {"/usr/bin/dockerd": "docker"}),
        (process(7, exe="/usr/bin/python3.13"), {}),
        (process(7, exe=""), {}),
        (process(7, name="systemd", exe="/usr/bin/dockerd"), {}),
        (process(7, uid=1000), {}),
        (process(7, host=False), {"/usr/bin/dockerd": "docker"}),
        (process(8, host=False), {}),
    ],
)
def test_roots_engines_are_known_by_their_program(one: Process, found: dict[str, str]) -> None:
    tables = {"/proc/7/mountinfo": TABLE, "/proc/8/mountinfo": OTHER_ROOT}
    told = facts(files={**tables, "/usr/local/bin/k3s": ""}, processes=(one,))["processes"]
    assert {path: program["engine"] for path, program in told.items()} == found


def test_a_process_of_a_user_is_an_engine_of_that_user_alone() -> None:
    stats = {"/home/ann/bin/dockerd": owned("file", mode=0o755), "/home/ann": owned("dir"), "/home/ann/bin": owned("dir")}
    told = facts("user-engines", stats=stats, processes=(process(9, 1000, exe="/home/ann/bin/dockerd"), process(10, 1000, exe="/usr/bin/python3")))
    assert told["programs"] == {"1000": {"/home/ann/bin/dockerd": {"engine": "docker", "root_owned": False}}}
    assert facts(stats=stats, processes=(process(9, 1000, exe="/home/ann/bin/dockerd"),))["processes"] == {}


def test_a_user_with_a_thousand_engines_is_not_looked_at_longer() -> None:
    many = [process(100 + number, 1000, exe=f"/usr/bin/{number}") for number in range(50)]
    told = facts("user-engines", processes=(*many, process(99, 1001, "conmon", "/usr/bin/conmon")))
    assert isinstance(told["programs"]["1000"], Hole) and told["programs"]["1000"].why == Why.LIMIT
    assert told["programs"]["1001"]["/usr/bin/conmon"]["engine"] == "podman"


def test_hidden_processes_leave_the_programs_open() -> None:
    hidden = {"/proc/self/mountinfo": TABLE.replace("proc proc rw", "proc proc rw,hidepid=2"), "/proc/self/status": "CapEff:\t0000000000000002\n"}
    assert isinstance(facts(files=hidden)["processes"], Hole)
    assert isinstance(facts("user-engines", hidden)["programs"], OpenObject)


def test_root_with_another_group_is_root_all_the_same() -> None:
    for gids in ((0,) * 4, (999,) * 4):
        told = facts(processes=(replace(process(7), gids=gids),))
        assert told["processes"] == facts(processes=(process(7),))["processes"] != {}


def test_programs_whose_names_look_alike_once_they_are_text_are_told_apart() -> None:
    mine = [process(700 + number, 1000, exe=exe) for number, exe in enumerate(("/a/\udcff/dockerd", "/a/\\xff/dockerd"))]
    assert list(facts("user-engines", processes=mine)["programs"]["1000"]) == ["/a/\\xff/dockerd", "/a/\\x5cxff/dockerd"]
