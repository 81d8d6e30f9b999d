"""What is named like the host's and is not: names in other network namespaces, programs of containers, rows that claim the sockets of others."""

from dataclasses import replace
from typing import Any

import pytest
from sockets.socket_host import DOCKERD, HEAD, SYSTEMD, row
from sockets.socket_host import host as made

from hostcheck.host.answers import Peer, Process, Stat, UnixSocket
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, OpenObject
from hostcheck.testing.probes import denials, stated
from hostcheck_builtin.sockets import probe_sockets

NAME = "@/run/docker.sock"
DOCKER = "/run/docker.sock"
MOUNTS = "27 1 254:0 / / rw - ext4 x rw\n"
INSIDE = "90 1 0:77 / / rw - overlay x rw\n"
CAT = Process(pid=700, ppid=1, name="sh", uids=(1002,) * 4, gids=(1002,) * 4, groups=(), cap_effective=0, exe="/bin/sh")
AWAY = replace(DOCKERD, pid=600, network=77)
CONTAINED = replace(AWAY, exe="/opt/dockerd", host_mounts=False, mounts="mnt:[2]", user_view=False)
SELF = {"/proc/self/ns/mnt": "mnt:[1]"}


def seen(*processes: tuple[int, int]) -> dict[str, Stat]:
    return {f"/proc/{pid}/net/unix": Stat(type="file", uid=0, gid=0, mode=0o444, dev=5, ino=network) for pid, network in processes}


def facts(*processes: Process, sight: str = MOUNTS, **more: Any) -> MemoryHost:
    """Return a host with root's name in its own network, and the same name in the network 77 of another engine."""
    files = {"/usr/bin/dockerd": "x", "/opt/dockerd": "x", "/proc/600/net/unix": HEAD + row(NAME, 62), "/proc/600/mountinfo": sight}
    links = {**SELF, "/proc/600/fd/3": "socket:[62]", **more.pop("links", {})}
    listed = [UnixSocket(inode=42, name=NAME.replace("@", "\0"), listening=True, uid=0)]
    return made(
        files,
        unix=more.pop("unix", HEAD + row(NAME, 42)),
        links=links,
        stats=seen((600, 77), (700, 77)),
        processes=(SYSTEMD, *processes, CAT),
        **{"unix_sockets": listed, **more},
    )


def unnamed(*processes: Process, **more: Any) -> Any:
    return stated(probe_sockets.collect, facts(*processes, **more))["abstract"]


@pytest.mark.parametrize("holder", [AWAY, CONTAINED, replace(CONTAINED, host_mounts=None), replace(CONTAINED, mounts="mnt:[1]")])
def test_a_name_in_another_network_takes_nothing_from_that_of_the_host(holder: Process) -> None:
    for sight in (MOUNTS, INSIDE):
        assert unnamed(holder, sight=sight) == {NAME: {"engine": "docker", "network": "own", "connections": {}}}
    links = {"/proc/500/fd/3": "socket:[42]"}
    assert unnamed(DOCKERD, holder, links=links)[NAME]["network"] == "own"
    assert unnamed(replace(DOCKERD, pid=601), holder, links={"/proc/601/fd/3": "socket:[42]"})[NAME]["network"] == "own"


def test_where_the_list_of_the_host_is_hidden_another_network_is_not_all() -> None:
    told = unnamed(AWAY, unix=HEAD, unix_sockets=[])
    assert told == {NAME: {"engine": "docker", "network": "other", "uids": [1002], "connections": {}}}
    hidden = unnamed(AWAY, unix_sockets=PermissionError(13, "no"))
    assert isinstance(hidden[NAME], Hole) and isinstance(hidden, OpenObject)


def test_users_of_every_network_in_which_a_name_is_are_told() -> None:
    files = {"/usr/bin/dockerd": "x", "/proc/600/net/unix": HEAD + row("@x", 62), "/proc/601/net/unix": HEAD + row("@x", 63)}
    links = {**SELF, "/proc/600/fd/3": "socket:[62]", "/proc/601/fd/3": "socket:[63]"}
    stats = seen((600, 77), (601, 78), (700, 77), (701, 78))
    others = (AWAY, replace(AWAY, pid=601, network=78), CAT, replace(CAT, pid=701, uids=(1003,) * 4))
    told = stated(probe_sockets.collect, made(files, links=links, stats=stats, processes=(SYSTEMD, *others), unix_sockets=[]))["abstract"]
    assert told["@x"]["uids"] == [1002, 1003]


def test_the_program_of_a_container_is_no_engine_of_the_hosts() -> None:
    bus = "/run/dbus/system_bus_socket"
    unix = HEAD + row(bus, 42)
    links = {**SELF, "/proc/600/fd/3": "socket:[62]"}
    inside = replace(CONTAINED, exe="/usr/bin/dockerd")
    assert (
        set(
            stated(
                probe_sockets.collect,
                made(
                    {"/usr/bin/dockerd": "x", "/proc/600/mountinfo": INSIDE},
                    unix=unix,
                    links=SELF | {"/proc/600/fd/3": "socket:[42]"},
                    processes=(SYSTEMD, replace(inside, network=0, host_mounts=None)),
                ),
            )["sockets"]
        )
        == set()
    )
    for sight, found in ((INSIDE, set()), (MOUNTS, {bus})):  # with the host's / and /run it is one that systemd gave a /tmp of its own
        files = {"/usr/bin/dockerd": "x", "/proc/600/net/unix": HEAD + row(bus, 62), "/proc/600/mountinfo": sight}
        stats = {**seen((600, 77)), bus: Stat(type="socket", uid=0, gid=0, mode=0o666)}
        told = stated(probe_sockets.collect, made(files, unix=unix, links=links, stats=stats, processes=(SYSTEMD, inside)))["sockets"]
        assert set(told) == found and not isinstance(told, OpenObject)


def test_a_place_that_only_the_engine_sees_is_no_place_of_the_hosts() -> None:
    """Each table is that of an engine which sees the host's root, and what it bound may be on a mount of its own."""
    bus = "/run/dbus/bus"
    own = MOUNTS + "30 27 0:30 / /run rw - tmpfs x rw\n"
    for sight, found in (
        (own, {bus}),
        (own + "31 27 254:0 /usr /usr ro - ext4 x rw\n", {bus}),  # ProtectSystem=, the same once more
        (own + "31 30 0:31 / /run/dbus rw - tmpfs t rw\n", set()),
        (own + "31 30 0:31 / /run/db rw - tmpfs t rw\n", {bus}),
        (own + "31 27 0:31 / / rw - overlay t rw\n", set()),
    ):
        files = {"/usr/bin/dockerd": "x", "/proc/600/net/unix": HEAD + row(bus, 62), "/proc/600/mountinfo": sight, "/proc/self/mountinfo": own}
        stats = {**seen((600, 77)), bus: Stat(type="socket", uid=0, gid=0, mode=0o666)}
        links = {**SELF, "/proc/600/fd/3": "socket:[62]"}
        told = stated(probe_sockets.collect, made(files, links=links, stats=stats, processes=(SYSTEMD, replace(CONTAINED, exe="/usr/bin/dockerd"))))["sockets"]
        assert set(told) == found and not isinstance(told, OpenObject), sight


def row_in_a_name(inode: int) -> str:
    return row(f"@z{inode}\n" + row("/tmp/no.sock", inode).strip(), 99)


def test_a_forged_row_takes_nothing_from_a_socket_elsewhere() -> None:
    """The number of the engine's socket, which is in the network 77, is written into a name in that of the scanner."""
    path = "/srv/e/x.sock"
    files = {"/usr/bin/dockerd": "x", "/proc/600/net/unix": HEAD + row(path, 62)}
    stats = {**seen((600, 77)), path: Stat(type="socket", uid=0, gid=0, mode=0o666)}
    links = {**SELF, "/proc/600/fd/3": "socket:[62]"}
    forger = UnixSocket(inode=99, name="\0z", listening=True, uid=1002)
    told = stated(
        probe_sockets.collect, made(files, unix=HEAD + row_in_a_name(62), links=links, stats=stats, processes=(SYSTEMD, AWAY), unix_sockets=[forger])
    )["sockets"]
    assert set(told) == {path} and told[path]["expected"] is True and not isinstance(told, OpenObject)
    told = stated(probe_sockets.collect, made(files, unix=HEAD + row_in_a_name(62), links=links, stats=stats, processes=(SYSTEMD, AWAY)))["sockets"]
    assert isinstance(told, OpenObject)
    inside = {**files, "/proc/600/net/unix": HEAD + row(path, 62) + row_in_a_name(62)}
    told = stated(probe_sockets.collect, made(inside, links=links, stats=stats, processes=(SYSTEMD, AWAY), unix_sockets=[forger]))["sockets"]
    assert isinstance(told, OpenObject)


def test_a_name_without_a_slash_may_be_anywhere() -> None:
    for name in ("x.sock", "@x.sock"):
        relative = UnixSocket(inode=42, name=name, listening=True, uid=0)
        told = stated(probe_sockets.collect, made({"/usr/bin/dockerd": "x"}, links={"/proc/500/fd/3": "socket:[42]"}, unix_sockets=[relative]))
        assert isinstance(told["sockets"], OpenObject) and told["sockets"] == {}
        told = stated(probe_sockets.collect, made({"/usr/bin/dockerd": "x"}, links={"/proc/500/fd/3": "socket:[43]"}, unix_sockets=[relative]))
        assert not isinstance(told["sockets"], OpenObject)


def test_a_scanner_outside_of_the_network_of_process_1_does_not_see_all() -> None:
    stats = {DOCKER: Stat(type="socket", uid=0, gid=0, mode=0o660), **seen((1, 77), (500, 77), (600, 77))}
    peers = {DOCKER: Peer(pid=500, uid=0, gid=0)}
    tables = {f"/proc/{pid}/net/unix": HEAD for pid in (1, 500, 600)}
    for init, engine, complete in ((77, 77, False), (77, 78, True), (77, 0, True), (0, 0, True), (0, 77, True), (None, None, False)):
        processes = (replace(SYSTEMD, network=init), replace(DOCKERD, network=engine))
        if 78 in (init, engine):
            stats |= seen((500, 78))
        told = stated(
            probe_sockets.collect, made({"/usr/bin/dockerd": "x", **tables}, links=SELF, stats=stats, peers=peers, processes=processes, unix_sockets=[])
        )
        assert isinstance(told["sockets"][DOCKER]["connections"], Hole) is not complete, (init, engine)
        assert isinstance(told["abstract"], OpenObject) is not complete, (init, engine)


def test_denying_any_answer_about_other_networks_only_makes_holes() -> None:
    for sight in (MOUNTS, INSIDE):
        assert list(denials(probe_sockets.collect, facts(CONTAINED, sight=sight))) == []
