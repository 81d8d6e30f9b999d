"""Who serves a socket is told by the kernel, and only an engine that holds it and speaks HTTP is spoken to."""

from typing import Any

import pytest
from engines.engine_host import ANN, ANNS, BOOTED, DOCKER, HEAD, ROW, UNIT, docker, facts, process

from hostcheck.host import Nonsense, Unsupported
from hostcheck.host.answers import Answer, Peer, UnixSocket
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole
from hostcheck_builtin.engines import endpoints


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


def test_a_row_in_a_users_name_does_not_hide_the_engine() -> None:
    """With the kernel's list it is asked as ever; without, it is not known whether it serves."""
    systemd, unix = process(1, name="systemd", exe="/usr/lib/systemd/systemd"), HEAD + ROW + ROW.replace(DOCKER, "@x")
    links = {"/proc/1/fd/3": "socket:[42]", "/proc/7/fd/9": "socket:[42]"}
    host = {"files": UNIT, "unix": unix, "stats": BOOTED, "links": links, "processes": (systemd, process(7))}
    listed = [UnixSocket(inode=42, name=DOCKER, listening=True, uid=0)]
    one = facts(**host, unix_sockets=listed, peers={DOCKER: Peer(pid=1, uid=0, gid=0)}, answers={DOCKER: docker()})["sockets"][DOCKER]
    assert (one["activated"], one["served"], one["info"]["root_dir"]) == (True, True, "/var/lib/docker")
    other = facts(kind=NeverAsks, **host)["sockets"][DOCKER]
    assert all(isinstance(other[key], Hole) for key in ("activated", "served", "engine", "info"))


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


@pytest.mark.parametrize("text", ["0 0\n", "0 0 1 1\n", "a 0 1\n", "0 -1 1\n", "0 0 \u0661\n", " \n", "0 0 1\n" * (endpoints.MAPPED + 1)])
def test_a_uid_map_that_the_kernel_would_not_write_is_no_map(text: str) -> None:
    with pytest.raises(Nonsense):
        endpoints.uid_map(MemoryHost({"/proc/7/uid_map": text}), 7)
    lines = "         0       1000          1\n" * endpoints.MAPPED
    assert endpoints.uid_map(MemoryHost({"/proc/7/uid_map": lines}), 7) == [[0, 1000, 1]] * endpoints.MAPPED


def test_who_started_an_engine_from_outside_of_its_namespace_is_looked_for_only_so_far() -> None:
    def found(inside: int, last: int = 1) -> int:
        chain = [process(100 + number, ppid=101 + number if number < inside else last) for number in range(inside + 1)]
        maps = {f"/proc/{one.pid}/uid_map": "0 1000 1\n" if one.pid < 100 + inside else "0 0 4294967295\n" for one in chain}
        return endpoints.starter(MemoryHost(maps, processes=chain), 100)

    assert [found(1), found(endpoints.ANCESTORS), found(endpoints.ANCESTORS + 1)] == [101, 100 + endpoints.ANCESTORS, 0]
    assert found(0) == 0
    with pytest.raises(Unsupported):  # a parent that has ended may have been the one
        found(0, last=999)


def test_a_process_that_was_given_the_pid_of_a_listener_that_has_ended_is_not_stated() -> None:
    """Ann's engine called listen(), left the socket to a child and ended; PostgreSQL has its pid now, in a unit of the system with User=."""
    postgres = {
        "processes": (process(700, 112, name="postgres", exe="/usr/lib/postgresql/17/bin/postgres"),),
        "files": {
            "/proc/700/cgroup": "0::/system.slice/postgresql.service\n",
            "/usr/lib/systemd/system/postgresql.service": "[Service]\nUser=postgres\nPrivateUsers=yes\n",
        },
    }
    ann = {**ANN, "answers": {ANNS: docker("docker-rootless-slirp4netns", 1000)}}
    ended = facts("user-engines", **{**ann, "processes": ()})["sockets"][ANNS]
    assert facts("user-engines", **{**ann, **postgres})["sockets"][ANNS] == ended
    assert (ended["served"], ended["engine"], "process" in ended) == (True, "docker", False)
    assert facts("user-engines", **ann)["sockets"][ANNS]["process"]["exe"] == "/usr/bin/dockerd"
