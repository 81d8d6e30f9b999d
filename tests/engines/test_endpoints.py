"""Who serves a socket is told by the kernel, and only an engine that holds it and speaks HTTP is spoken to."""

from typing import Any

import pytest
from engines.engine_host import BOOTED, DOCKER, HEAD, ROW, UNIT, docker, facts, process

from hostcheck.host import Answer, Peer
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole


class NeverAsks(MemoryHost):
    """A host on which speaking to a socket would be a mistake."""

    def get(self, socket: str, path: str, **_: Any) -> Answer:
        raise AssertionError(f"asked {socket} for {path}")

    def ahead(self, socket: str, path: str) -> None:
        raise AssertionError(f"asked {socket} for {path}")


@pytest.mark.parametrize("path", ["/run/containerd/containerd.sock", "/run/crio/crio.sock", "/run/buildkit/buildkitd.sock", "/run/libvirt/libvirt-sock"])
def test_what_does_not_speak_http_is_not_spoken_to(path: str) -> None:
    one = facts(kind=NeverAsks, peers={path: Peer(pid=7, uid=0, gid=0)}, processes=(process(7, exe="/usr/bin/containerd"),))["sockets"][path]
    assert (one["served"], one["process"]["exe"]) == (True, "/usr/bin/containerd")
    assert not {"engine", "info", "version", "libpod"} & one.keys()


def activated(kind: Any, holders: dict[str, str], processes: Any = (), **more: Any) -> Any:
    systemd = process(1, name="systemd", exe="/usr/lib/systemd/systemd")
    return facts(kind=kind, files=UNIT, unix=HEAD + ROW, stats=BOOTED, links=holders, processes=(systemd, *processes), **more)["sockets"][DOCKER]


def test_a_socket_that_systemd_holds_alone_is_not_spoken_to() -> None:
    one = activated(NeverAsks, {"/proc/1/fd/3": "socket:[42]"})
    assert (one["activated"], one["listening"], one["served"], one["uid"]) == (True, True, False, 0)
    assert not {"process", "engine", "info"} & one.keys()
    other = activated(NeverAsks, {"/proc/1/fd/3": "socket:[42]", "/proc/7/fd/9": "socket:[41]"}, processes=(process(7),))
    assert other["served"] is False


def test_a_socket_that_its_engine_holds_as_well_is_spoken_to() -> None:
    holders = {"/proc/1/fd/3": "socket:[42]", "/proc/7/fd/9": "socket:[42]"}
    one = activated(MemoryHost, holders, (process(7),), peers={DOCKER: Peer(pid=1, uid=0, gid=0)}, answers={DOCKER: docker()})
    assert (one["activated"], one["served"], one["process"]["exe"], one["engine"]) == (True, True, "/usr/bin/dockerd", "docker")
    assert one["info"]["root_dir"] == "/var/lib/docker"


def test_where_it_cannot_be_seen_who_else_holds_it_it_is_not_spoken_to() -> None:
    holders = {"/proc/1/fd/3": "socket:[42]"}
    told = facts(
        kind=NeverAsks,
        files={**UNIT, "/proc/7/fd": PermissionError(13, "no")},
        unix=HEAD + ROW,
        stats=BOOTED,
        links=holders,
        processes=(process(1, name="systemd", exe="/usr/lib/systemd/systemd"), process(7)),
    )
    one = told["sockets"][DOCKER]
    assert all(isinstance(one[key], Hole) for key in ("served", "process", "engine", "info", "version", "libpod"))
