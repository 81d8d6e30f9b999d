"""Who holds a connection to an engine of root's, whatever became of its socket since."""

from dataclasses import replace
from typing import Any

import pytest
from sockets.socket_host import CAT, CATS, DENIED, DOCKER, DOCKERD, END, ENGINE, HEAD, HELD, ROOTS, SYSTEMD, listener, route, row, whole

from hostcheck.host.answers import Process, Stat, UnixSocket
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, OpenObject, Why
from hostcheck.testing.probes import stated
from hostcheck_builtin.sockets import connections, probe_sockets

NOBODY = UnixSocket(inode=9, name="/run/dbus/system_bus_socket", listening=True, uid=0)


def accepted(*ends: UnixSocket, path: str = DOCKER, bound: str = "", held: int = 50, processes: Any = (SYSTEMD, DOCKERD, CAT), **more: Any) -> Any:
    """Return the connections to a closed socket where a process of cat's holds socket 50, and the kernel lists these ends."""
    unix = HEAD + row(bound or path, 42) + f"0000000000000000: 00000003 00000000 00000000 0001 03    43 {bound or path}\n"
    links = {**HELD, "/proc/700/fd/0": "/dev/null", **({"/proc/700/fd/5": f"socket:[{held}]"} if held else {}), **more.pop("links", {})}
    files = {**ENGINE, **more.pop("files", {})}
    stats = {path: route(0o600)}
    return whole(
        files, unix=unix, links=links, stats=stats, peers={path: ROOTS}, processes=processes, unix_sockets=[NOBODY, listener(bound or path), *ends], **more
    )["sockets"][path]["connections"]


def test_who_holds_the_other_end_is_stated() -> None:
    assert accepted(END) == CATS
    assert accepted(replace(END, name="/var/run//docker.sock"), bound="/var/run//docker.sock") == CATS
    assert accepted(replace(END, name="/srv/x.sock"), path="/srv/x.sock") == CATS
    later = replace(CAT, pid=701)
    assert accepted(END, processes=(SYSTEMD, DOCKERD, later, CAT), links={"/proc/701/fd/1": "socket:[50]"})["1002"]["pid"] == 700


def test_a_socket_behind_a_link_has_the_connections_of_where_it_was_bound() -> None:
    unix = HEAD + row("/srv/real", 42) + "0000000000000000: 00000003 00000000 00000000 0001 03    43 /srv/real\n"
    links = {DOCKER: "/srv/real", "/proc/700/fd/5": "socket:[50]"}
    proxy = replace(DOCKERD, name="socat", exe="/usr/bin/socat")
    ends = [listener("/srv/real"), replace(END, name="/srv/real")]
    told = whole(unix=unix, links=links, stats={"/srv/real": route()}, peers={"/srv/real": ROOTS}, processes=(SYSTEMD, proxy, CAT), unix_sockets=ends)
    assert told["sockets"][DOCKER]["connections"] == CATS


def test_a_connection_to_an_abstract_socket_is_one_too() -> None:
    unix = HEAD + row("@x", 42) + "0000000000000000: 00000003 00000000 00000000 0001 03    43 @x\n"
    links = {**HELD, "/proc/700/fd/5": "socket:[50]"}
    ends = [listener("@x"), UnixSocket(inode=43, name="\0x", peer=50, uid=0)]
    told = whole(ENGINE, unix=unix, links=links, processes=(SYSTEMD, DOCKERD, CAT), unix_sockets=ends)
    assert told["abstract"]["@x"]["connections"] == CATS


@pytest.mark.parametrize(
    ("end", "held"),
    [
        (replace(END, uid=1002), 50),
        (replace(END, peer=0), 50),
        (replace(END, listening=True), 50),
        (replace(END, name="/run/x.sock"), 50),
    ],
    ids=["that a user accepted", "without another end", "that listens", "of another name"],
)
def test_no_other_socket_is_such_a_connection(end: UnixSocket, held: int) -> None:
    told = accepted(end, held=held)
    assert told == {} and not isinstance(told, OpenObject)


def test_what_root_holds_is_nobodys() -> None:
    for uids in ((0,) * 4, (0, 1002, 0, 1002)):
        told = accepted(END, processes=(SYSTEMD, DOCKERD, replace(CAT, uids=uids)))
        assert told == {} and not isinstance(told, OpenObject)
    told = accepted(END, held=0, links={"/proc/500/fd/9": "socket:[50]"})
    assert told == {} and not isinstance(told, OpenObject)


@pytest.mark.parametrize("uids", [(1002, 0, 0, 0), (1002, 1002, 0, 1002)])
def test_what_runs_setuid_has_what_whoever_started_it_gave_it(uids: Any) -> None:
    assert accepted(END, processes=(SYSTEMD, DOCKERD, replace(CAT, uids=uids))) == CATS


def test_an_end_that_nobody_is_found_to_hold_is_somebodys() -> None:
    for held in (0, 51):
        told = accepted(END, held=held)
        assert told == {} and isinstance(told, OpenObject)
    two = accepted(END, replace(END, inode=44, peer=51))
    assert two == CATS and isinstance(two, OpenObject)


def test_an_end_that_is_gone_at_a_second_look_is_nobodys() -> None:
    class Brief(MemoryHost):
        looks = 0

        def unix_sockets(self) -> list[UnixSocket]:
            self.looks += 1
            return [one for one in super().unix_sockets() if one.listening or self.looks == 1]

    unix = HEAD + row(DOCKER, 42) + f"0000000000000000: 00000003 00000000 00000000 0001 03    43 {DOCKER}\n"
    files = {**ENGINE, "/proc/net/unix": unix, "/proc/self/mountinfo": "27 1 254:0 / / rw - ext4 x rw\n"}
    more: dict[str, Any] = {"links": {**HELD, "/proc/700/fd/5": "x"}, "stats": {DOCKER: route()}, "peers": {DOCKER: ROOTS}}
    for host, complete in ((MemoryHost, False), (Brief, True)):
        told = stated(probe_sockets.collect, host(files, processes=(SYSTEMD, DOCKERD, CAT), unix_sockets=[listener(DOCKER), END], **more))["sockets"][DOCKER][
            "connections"
        ]
        assert told == {} and isinstance(told, OpenObject) is not complete


def test_nothing_is_asked_where_nobody_is_connected() -> None:
    class Quiet(MemoryHost):
        def unix_sockets(self) -> list[UnixSocket]:
            raise AssertionError("the kernel is asked for its list")

    files = {"/proc/net/unix": HEAD + row(DOCKER, 42), "/proc/self/mountinfo": "27 1 254:0 / / rw - ext4 x rw\n"}
    host = Quiet(files, stats={DOCKER: route()}, peers={DOCKER: ROOTS}, processes=(SYSTEMD, replace(DOCKERD, name="x", exe="/opt/x"), CAT))
    assert stated(probe_sockets.collect, host)["sockets"][DOCKER]["connections"] == {}
    away = HEAD + f"0000000000000000: 00000003 00000000 00000000 0001 03    43 {DOCKER}\n"
    proxy = replace(DOCKERD, name="socat", exe="/usr/bin/socat", network=77)
    seen = {"/proc/500/net/unix": Stat(type="file", uid=0, gid=0, mode=0o444, dev=5, ino=77), DOCKER: route()}
    more = {"/proc/500/net/unix": away}
    host = Quiet({**files, **more}, links={"/proc/self/ns/mnt": "m"}, stats=seen, peers={DOCKER: ROOTS}, processes=(SYSTEMD, CAT, proxy))
    assert stated(probe_sockets.collect, host)["sockets"][DOCKER]["connections"] == {}


def test_a_pid_that_is_used_again_holds_nothing() -> None:
    class Reused(MemoryHost):
        def process(self, pid: int) -> Process:
            return replace(CAT, uids=(1003,) * 4) if pid == 700 else super().process(pid)

    unix = HEAD + row(DOCKER, 42) + f"0000000000000000: 00000003 00000000 00000000 0001 03    43 {DOCKER}\n"
    files = {**ENGINE, "/proc/net/unix": unix, "/proc/self/mountinfo": "27 1 254:0 / / rw - ext4 x rw\n"}
    more: dict[str, Any] = {"links": {**HELD, "/proc/700/fd/5": "socket:[50]"}, "stats": {DOCKER: route()}, "peers": {DOCKER: ROOTS}}
    for host, found in ((MemoryHost, CATS), (Reused, {})):
        made = host(files, processes=(SYSTEMD, DOCKERD, CAT), unix_sockets=[listener(DOCKER), END], **more)
        assert stated(probe_sockets.collect, made)["sockets"][DOCKER]["connections"] == found


@pytest.mark.parametrize(
    "more",
    [
        {"files": {"/proc/700/fd": DENIED}, "links": {"/proc/700/fd/5": "x"}},
        {"processes": (SYSTEMD, DOCKERD, CAT, replace(CAT, pid=0, lost=True, uids=(-1,) * 4))},
        {
            "files": {
                "/proc/self/mountinfo": "22 1 0:21 / /proc rw - proc proc rw,hidepid=2\n27 1 254:0 / / rw - ext4 x rw\n",
                "/proc/self/status": "CapEff:\t0\n",
            }
        },
    ],
    ids=["a process that may not be asked", "one that ended", "hidden ones"],
)
def test_what_stands_in_the_way_of_knowing_who_holds_it(more: Any) -> None:
    held = accepted(END, **more)
    assert isinstance(held, Hole | OpenObject)


def test_where_the_kernel_does_not_tell_who_accepted_its_descriptors_do() -> None:
    old, theirs = replace(END, uid=-1), {"/proc/1/fd/0": "x", "/proc/500/fd/0": "x"}
    assert accepted(old, links={"/proc/500/fd/9": "socket:[43]"}) == CATS
    assert accepted(old, links={**theirs, "/proc/1/fd/9": "socket:[43]"}) == CATS
    told = accepted(old, links={**theirs, "/proc/700/fd/9": "socket:[43]"})
    assert told == {} and not isinstance(told, OpenObject)


def test_a_thousand_holders_are_not_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HOLDERS", 0)
    assert accepted(END).why is Why.LIMIT
