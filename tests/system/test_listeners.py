"""Who listens on a unix socket, and that systemd's are told without a connection, which would start their daemon."""

from typing import Any

import pytest

from hostcheck.host.answers import Peer, Process, UnixSocket
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, HoleError, Why
from hostcheck_builtin.system.listeners import PATIENCE, SILENT, bound, descriptors, holds, listen, listener_of, unlisted
from hostcheck_builtin.system.socket_places import SocketPlace

HEAD = "Num       RefCount Protocol Flags    Type St Inode Path\n"
PATH = "/run/docker.sock"
DENIED = PermissionError(13, "Permission denied")
HOLE = Hole(why=Why.DENIED, message="no")
SYSTEMD = Process(pid=1, ppid=0, name="systemd", uids=(0,) * 4, gids=(0,) * 4, groups=(), cap_effective=0, exe="/usr/lib/systemd/systemd")
DOCKERD = Process(pid=500, ppid=1, name="dockerd", uids=(0,) * 4, gids=(0,) * 4, groups=(), cap_effective=0, exe="/usr/bin/dockerd")
ROOTS = Peer(pid=500, uid=0, gid=0)
PLACE = SocketPlace(PATH, asked=PATH, dev=24, ino=9)


def row(name: str, inode: int) -> str:
    return f"0000000000000000: 00000002 00000000 00010000 0001 01 {inode:5} {name}\n"


BOUND = HEAD + row(PATH, 42)


class NeverConnect(MemoryHost):
    """A host on which connecting would start a daemon."""

    def peer(self, path: str, *, timeout: float = 1.0) -> Peer:
        raise AssertionError(f"connected to {path}")


def host(kind: type[MemoryHost] = MemoryHost, unix: Any = BOUND, peer: Any = ROOTS, fds: Any = "socket:[42]", **more: Any) -> MemoryHost:
    files, links = ({"/proc/1/fd": fds}, {}) if isinstance(fds, Exception) else ({}, {"/proc/1/fd/0": "/dev/null", "/proc/1/fd/40": fds})
    return kind({"/proc/net/unix": unix, **files}, links=links, peers={PATH: peer}, **{"processes": (SYSTEMD, DOCKERD), **more})


def told(one: MemoryHost, managers: Any = (), ours: Any = False) -> dict[str, Any]:
    return listener_of(listen(one), SocketPlace(PATH), managers, ours=ours, budget="x")


def test_who_answers_is_told_with_its_program() -> None:
    assert told(host()) == {"activated": False, "listening": True, "peer": {"pid": 500, "uid": 0, "gid": 0, "exe": "/usr/bin/dockerd"}}


@pytest.mark.parametrize("unix", [HEAD, HEAD + row(PATH, 9)])
@pytest.mark.parametrize("error", [ConnectionRefusedError(111, "Connection refused"), FileNotFoundError(2, "gone")])
def test_where_a_connection_is_refused_nobody_listens_whatever_the_kernels_table_shows(unix: str, error: Exception) -> None:
    assert told(host(unix=unix, peer=error)) == {"activated": False, "listening": False}


@pytest.mark.parametrize("error", [DENIED, TimeoutError("its backlog is full"), OSError(91, "Protocol wrong type for socket")])
@pytest.mark.parametrize(
    ("listed", "shown"),
    [
        ([UnixSocket(inode=9, name=PATH, listening=True, dev=24, file=9)], True),
        ([UnixSocket(inode=9, name="/elsewhere", listening=True, dev=24, file=9)], True),
        ([UnixSocket(inode=9, name=PATH, listening=False, dev=24, file=9)], False),
        ([UnixSocket(inode=9, name=PATH, listening=True, dev=24, file=8)], False),
        ([UnixSocket(inode=9, name=PATH, listening=True, dev=33, file=9)], False),  # mounts of a user's, whose files have the same numbers
        ([UnixSocket(inode=9, name=PATH, listening=True)], False),
        (DENIED, False),
        ([], False),
    ],
)
def test_a_socket_that_cannot_be_connected_to_is_listened_on_if_the_kernel_has_its_file(error: Exception, listed: Any, shown: bool) -> None:
    """A row of its name, which anybody binds in mounts of his own, shows nothing."""
    one = listener_of(listen(host(peer=error, unix_sockets=listed)), PLACE, (), ours=False, budget="x")
    assert isinstance(one["peer"], Hole)
    assert one["listening"] is True if shown else isinstance(one["listening"], Hole)


def test_a_name_in_a_users_mounts_does_not_make_what_a_daemon_left_behind_a_socket_that_is_listened_on() -> None:
    """The daemon is dead, a unit claims its socket, and erin listens at the same name on a tmpfs of hers."""
    erins = UnixSocket(inode=42, name=PATH, listening=True, uid=1004, dev=33, file=8)
    one = listener_of(listen(host(NeverConnect, unix_sockets=[erins])), PLACE, (1,), ours=True, budget="x")
    assert isinstance(one["listening"], Hole) and isinstance(one["peer"], Hole)


def test_a_listener_whose_program_is_denied_or_gone() -> None:
    assert "exe" not in told(host(processes=[SYSTEMD]))["peer"]
    assert isinstance(told(host(processes=DENIED))["peer"]["exe"], Hole)


def test_silent_sockets_are_asked_only_so_often() -> None:
    asked: list[str] = []

    class Silent(MemoryHost):
        def peer(self, path: str, *, timeout: float = 1.0) -> Peer:
            asked.append(path)
            assert timeout == PATIENCE <= 1
            raise TimeoutError("silence")

    cache = listen(host(Silent))
    found = [listener_of(cache, SocketPlace(PATH), (), ours=False, budget="ann")["peer"].why for _ in range(SILENT + 2)]
    assert (found, len(asked)) == ([Why.TIMEOUT] * SILENT + [Why.LIMIT] * 2, SILENT)
    assert listener_of(cache, SocketPlace(PATH), (), ours=False, budget="bob")["peer"].why is Why.TIMEOUT


def test_a_socket_that_systemd_holds_is_not_connected_to() -> None:
    manager = {"pid": 1, "uid": 0, "gid": 0, "exe": "/usr/lib/systemd/systemd"}
    assert told(host(NeverConnect), (1,)) == {"activated": True, "listening": True, "peer": manager}
    for other in (HEAD, HEAD + row("/run/other", 42), HEAD + row(PATH, 43)):
        one = told(host(unix=other), (1,))
        assert (one["activated"], one["peer"]["pid"]) == (False, 500)


def bound_to(inode: int, name: str = PATH, **more: Any) -> UnixSocket:
    return UnixSocket(inode=inode, name=name, listening=True, **more)


FORGED = row("@x\n" + row("@/run/y", 42).rstrip("\n"), 77)
"""A row about systemd's socket, in the name of a user's."""


@pytest.mark.parametrize("name", [PATH, "/run/dbus"])
def test_a_row_in_a_name_leaves_it_open_who_holds_a_socket(name: str) -> None:
    """Where the kernel has no list beside its table; a user binds a name with a newline in it."""
    forged = HEAD + row(name, 42) + FORGED.replace("@/run/y", PATH if name != PATH else "@/run/y")
    one = told(host(NeverConnect, unix=forged), (1,), True)
    assert isinstance(one["listening"], Hole) and isinstance(one["peer"], Hole) and one["activated"].why is Why.NONSENSE
    one = told(host(unix=forged), (1,), False)
    assert isinstance(one["activated"], Hole) and one["peer"]["pid"] == 500


@pytest.mark.parametrize(
    "listed",
    [
        [bound_to(42)],
        [bound_to(42, "/var/run/docker.sock")],
        [bound_to(42, "//run/./docker.sock", dev=24, file=9)],
        [bound_to(42, "/elsewhere", dev=24, file=9)],
        [bound_to(42, dev=33, file=9)],
        [bound_to(41, uid=1000), bound_to(42, uid=0)],
        [bound_to(41, dev=24, file=9), bound_to(42, dev=24, file=9)],
    ],
)
def test_the_kernels_list_decides_over_rows(listed: Any) -> None:
    """By the file, and by the name where the list does not tell of files, or tells of another device."""
    one = host(NeverConnect, unix=HEAD + row(PATH, 42) + FORGED, unix_sockets=listed)
    assert listener_of(listen(one), PLACE, (1,), ours=True, budget="x")["activated"] is True


@pytest.mark.parametrize("listed", [[bound_to(41, uid=1000)], [bound_to(42, dev=24, file=8)], [bound_to(41)]])
def test_what_a_unit_claims_is_not_connected_to_where_a_user_alone_is_seen_there(listed: Any) -> None:
    """Whatever name: he may have bound it in mounts of his own, and the kernel passes over sockets when others are closed meanwhile."""
    one = host(NeverConnect, unix=HEAD, unix_sockets=listed)
    found = listener_of(listen(one), PLACE, (1,), ours=True, budget="x")
    assert isinstance(found["activated"], Hole) and isinstance(found["peer"], Hole)


@pytest.mark.parametrize("listed", [[bound_to(41, uid=0)], [bound_to(41, "/elsewhere", dev=24, file=9)], [bound_to(41, uid=1000), bound_to(43, uid=0)], []])
def test_who_certainly_is_no_manager_is_asked(listed: Any) -> None:
    """A daemon that was started by itself beside its unit; and where nobody listens, who connects is refused."""
    found = listener_of(listen(host(unix=HEAD, unix_sockets=listed)), PLACE, (1,), ours=True, budget="x")
    assert found["activated"] is False and found["peer"]["pid"] == 500


def test_where_systemd_may_hold_it_and_does_not_say_nobody_connects_to_what_a_unit_claims() -> None:
    for ours in (True, HOLE):
        one = told(host(NeverConnect, fds=DENIED), (1,), ours)
        assert isinstance(one["listening"], Hole) and isinstance(one["activated"], Hole) and isinstance(one["peer"], Hole)
        one = told(host(NeverConnect, unix=HEAD), HOLE, ours)
        assert isinstance(one["listening"], Hole) and isinstance(one["activated"], Hole) and isinstance(one["peer"], Hole)
    one = told(host(fds=DENIED), (1,), False)
    assert isinstance(one["activated"], Hole) and one["peer"]["pid"] == 500


def test_without_the_table_it_is_not_known_who_holds_what() -> None:
    cache = listen(host(unix=DENIED))
    assert isinstance(holds(cache, 1, SocketPlace(PATH)), Hole) and isinstance(bound(cache), Hole) and isinstance(unlisted(cache), Hole)
    cache = listen(host(unix=HEAD + row("@a", 7) + row(PATH, 42)))
    assert holds(cache, 1, SocketPlace(PATH)) is True and holds(cache, 1, SocketPlace("/run/x")) is False and bound(cache) == [PATH] and unlisted(cache) is None


@pytest.mark.parametrize("target", ["pipe:[42]", "/socket:[42]", "socket:[-42]", "anon_inode:[42]", "socket:[]", "/dev/null", ""])
def test_only_a_socket_of_a_number_is_a_descriptor_of_one(target: str) -> None:
    assert descriptors(listen(host(fds="socket:[18446744073709551615]")), 1) == {(1 << 64) - 1}
    assert descriptors(listen(host(fds=target)), 1) == frozenset()


def test_descriptors_that_are_hidden_are_asked_for_once_and_are_no_empty_set() -> None:
    cache = listen(host(fds=DENIED))
    for _ in range(2):
        with pytest.raises(HoleError):
            descriptors(cache, 1)
    with pytest.raises(HoleError):
        descriptors(cache, 4242)
