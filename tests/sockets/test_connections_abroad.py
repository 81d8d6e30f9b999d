"""Connections to root's engines that were made in a network of a user's are in no table, and leave it open who is connected."""

from dataclasses import replace
from typing import Any

import pytest
from sockets.socket_host import CAT, DENIED, DOCKER, DOCKER_UNIT, DOCKERD, ENGINE, HEAD, ROOTS, SYSTEMD, UNITS, folder, route, row, whole

from hostcheck.host.answers import Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.model import OpenObject, Why
from hostcheck_builtin.sockets import connections_abroad

INFO = "pos:\t0\nflags:\t02\nmnt_id:\t10\nino:\t61\n"
OF_UNIX = f"{INFO}scm_fds: 0\n"
EVERY = "         0          0 4294967295\n"
UNNAMED = "0000000000000000: 00000003 00000000 00000000 0001 03 {:5}\n"
HELD = {"/proc/500/fd/3": "socket:[42]", "/proc/500/fd/8": "socket:[61]"}
SHIM = replace(CAT, pid=800, uids=(0,) * 4)


def network(pid: int | str, ino: int) -> dict[str, Stat]:
    return {f"/proc/{pid}/net/unix": Stat(type="file", uid=0, gid=0, mode=0o444, dev=5, ino=ino)}


def told(fdinfo: Any = OF_UNIX, *, files: Any = (), links: Any = (), stats: Any = (), **more: Any) -> Any:
    usual = {**ENGINE, "/proc/500/fdinfo/8": fdinfo, **dict(files)}
    seen = {DOCKER: route(), **network("self", 5), **network(1, 5), **network(500, 5), **dict(stats)}
    return whole(usual, **{"unix": HEAD + row(DOCKER, 42), "links": {**HELD, **dict(links)}, "stats": seen, "peers": {DOCKER: ROOTS}, **more})["sockets"][
        DOCKER
    ]


def is_open(fact: Any) -> bool:
    return isinstance(fact["connections"], OpenObject)


def test_what_an_engine_holds_and_no_table_has_leaves_it_open() -> None:
    found = told()["connections"]
    assert found == {} and isinstance(found, OpenObject)
    assert found.hole.why is Why.DENIED and "1 connections" in found.hole.message and "/proc/500/fd" in found.hole.message


@pytest.mark.parametrize(
    "more",
    [
        {"fdinfo": INFO},
        {"fdinfo": FileNotFoundError(2, "closed")},
        {"unix": HEAD + row(DOCKER, 42) + UNNAMED.format(61)},
        {"links": {"/proc/500/fd/8": "pipe:[61]"}},
    ],
)
def test_what_is_no_unix_socket_or_is_in_the_table_leaves_nothing_open(more: Any) -> None:
    """As netlink and TCP sockets, of which a dockerd has some in each network that it makes."""
    assert not is_open(told(**more))


FORKED = replace(ROOTS, pid=499)


def test_a_listener_that_has_ended_left_its_socket_to_whoever_holds_it_now() -> None:
    """As a daemon that forks after listen(2): the kernel still names its parent."""
    assert is_open(told(peers={DOCKER: FORKED})) and not is_open(told(peers={DOCKER: FORKED}, fdinfo=INFO))
    assert is_open(told(peers={DOCKER: replace(ROOTS, pid=0)})) and not is_open(told(peers={DOCKER: replace(ROOTS, pid=0)}, fdinfo=INFO))
    nobody = told(peers={DOCKER: FORKED}, links={"/proc/500/fd/3": "socket:[43]"})["connections"]
    assert isinstance(nobody, OpenObject) and nobody.hole.why is Why.DENIED and "has ended" in nobody.hole.message


@pytest.mark.parametrize(
    ("uid_map", "table", "open_"),
    [
        (EVERY, UNNAMED.format(61), False),
        (EVERY, UNNAMED.format(62), True),
        ("0 1002 1\n", UNNAMED.format(61), True),
        ("", UNNAMED.format(61), True),
        (DENIED, UNNAMED.format(61), True),
    ],
)
def test_a_network_with_a_program_of_roots_is_no_users(uid_map: Any, table: str, open_: bool) -> None:
    """As that of a container with the socket in it; in a user namespace of his own anybody makes one."""
    files = {"/proc/800/uid_map": uid_map, "/proc/800/net/unix": HEAD + table, "/proc/1/uid_map": EVERY}
    processes = (SYSTEMD, DOCKERD, replace(CAT, pid=800, uids=(1002,) * 4))
    assert is_open(told(files=files, stats=network(800, 9), processes=processes)) is open_


def test_what_came_or_went_meanwhile_is_looked_at_twice() -> None:
    class Late(MemoryHost):
        looks = 0

        def read_text(self, path: str, **how: Any) -> str:
            text = super().read_text(path, **how)
            self.looks += path == "/proc/net/unix"
            return text + UNNAMED.format(61) if path == "/proc/net/unix" and self.looks > 1 else text

    class Gone(MemoryHost):
        looks = 0

        def read_link(self, path: str) -> str:
            self.looks += path == "/proc/500/fd/8"
            if path == "/proc/500/fd/8" and self.looks > 2:
                raise FileNotFoundError(2, "closed")
            return super().read_link(path)

    for kind in (Late, Gone):
        assert not is_open(told(kind=kind))


def test_an_engine_that_was_given_its_socket_is_looked_at() -> None:
    """Not systemd, which accepts nothing there."""
    units = {f"{UNITS}/docker.socket": DOCKER_UNIT, f"{UNITS}/x": ""}
    booted = {"/run/systemd/system": folder(0o755)}
    links = {"/proc/1/fd/7": "socket:[42]", "/proc/1/fd/9": "socket:[99]"}
    assert is_open(told(files=units, links=links, stats=booted))
    alone = {**units, "/proc/1/fdinfo/9": OF_UNIX}
    assert not is_open(told(files=alone, links={**links, "/proc/500/fd/8": "pipe:[1]"}, stats=booted))


def test_limits_leave_it_open(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_open(told(INFO))
    monkeypatch.setattr(connections_abroad, "PROCESSES", 1)
    assert not is_open(told(INFO)) and is_open(told(files={"/proc/500/uid_map": EVERY}))


def test_descriptors_that_are_hidden_leave_it_open() -> None:
    assert is_open(told(files={"/proc/500/fd": DENIED}, links={"/proc/500/fd/3": "x"}))
