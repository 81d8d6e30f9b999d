"""Which abstract sockets are those of root's engines, and who is in their network."""

from dataclasses import replace
from typing import Any

import pytest
from sockets.socket_host import CAT, DENIED, DOCKERD, ENGINE, HEAD, HELD, NAME, ROOTS, SYSTEMD, listener, route, row, whole

from hostcheck.host.answers import Process, Stat, UnixSocket
from hostcheck.model import Hole, OpenObject, Why
from hostcheck_builtin.sockets import abstract


def named(*sockets: UnixSocket, bound: str = NAME, **more: Any) -> Any:
    """Return what is stated of abstract names where somebody bound one, and the kernel lists these sockets."""
    return whole(ENGINE, unix=HEAD + row(bound, 42), unix_sockets=sockets, **more)["abstract"]


def test_what_roots_engine_holds_is_its_whatever_it_is_called() -> None:
    told = named(listener("@x", uid=1000), bound="@x", links=HELD)
    assert told == {"@x": {"engine": "docker", "network": "own", "connections": {}}} and not isinstance(told, OpenObject)
    longer = "@/run/podman.sock@@"
    assert named(listener(longer), bound=longer, links=HELD)[longer]["engine"] == "podman"


def test_a_name_that_tells_an_engine_counts_where_root_has_it() -> None:
    assert named(listener()) == {NAME: {"engine": "docker", "network": "own", "connections": {}}}
    assert named(listener(uid=1000)) == {}
    assert named(replace(listener(), listening=False, peer=3)) == {}
    assert named(UnixSocket(inode=42, name=NAME, listening=True, uid=0)) == {}  # a file of that name, in the directory of whoever bound it
    shim = "@/containerd-shim/moby/1f/shim.sock@"
    assert named(listener(shim), bound=shim) == {shim: {"engine": "containerd", "network": "own", "connections": {}}}
    assert named(listener("@x"), bound="@x") == {}
    assert named(UnixSocket(inode=42, name="@x", listening=True, uid=0), bound="@x", links=HELD) == {}


def test_the_kernels_list_is_asked_for_only_where_a_name_tells_an_engine() -> None:
    assert named(bound="@/tmp/.X11-unix/X0") == {}
    told = named(bound="@/tmp/.X11-unix/X0")
    assert not isinstance(told, OpenObject)  # the host was given no list, and would say so


@pytest.mark.parametrize("listed", [DENIED, (listener(uid=-1),), None])
def test_a_list_that_cannot_be_had_leaves_it_open(listed: Any) -> None:
    told = whole(ENGINE, unix=HEAD + row(NAME, 42), unix_sockets=listed)["abstract"]
    assert told == {} and isinstance(told, OpenObject)


def test_hidden_descriptors_of_an_engine_leave_it_open() -> None:
    told = named(listener(), links={"/proc/500/fd/0": "x"}, processes=(SYSTEMD, DOCKERD, replace(DOCKERD, pid=501)))
    assert set(told) == {NAME} and isinstance(told, OpenObject)


def test_a_namespace_that_was_not_read_leaves_it_open() -> None:
    told = named(listener(), processes=(SYSTEMD, replace(DOCKERD, network=None)))
    assert set(told) == {NAME} and isinstance(told, OpenObject)


def elsewhere(*processes: Process, **more: Any) -> Any:
    engine = replace(DOCKERD, network=77)
    table = {"/proc/500/net/unix": HEAD + row("@x", 42)}
    seen = {f"/proc/{pid}/net/unix": Stat(type="file", uid=0, gid=0, mode=0o444, dev=5, ino=ino) for pid, ino in ((500, 77), (700, 77), (701, 5))}
    links = {**HELD, "/proc/self/ns/mnt": "mnt:[1]"}
    return whole({**ENGINE, **table}, links=links, stats=seen, processes=(SYSTEMD, engine, *processes), **more)["abstract"]["@x"]


def test_in_another_namespace_it_is_told_who_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    others = (CAT, replace(CAT, pid=701, uids=(1003,) * 4), replace(CAT, pid=702, uids=(1004,) * 4))
    assert elsewhere(*others) == {"engine": "docker", "network": "other", "uids": [1002], "connections": {}}
    for uids, found in (((1002, 0, 0, 0), [1002]), ((1002, 1005, 1005, 1005), [1002, 1005]), ((0, 1002, 0, 1002), [])):
        assert elsewhere(replace(CAT, uids=uids))["uids"] == found
    assert isinstance(elsewhere(*others, replace(CAT, pid=0, lost=True, uids=(-1,) * 4))["uids"], Hole)
    monkeypatch.setattr(abstract, "PROCESSES", 2)
    assert elsewhere(*others)["uids"].why is Why.LIMIT


def test_what_the_kernel_lists_counts_before_what_its_table_shows() -> None:
    forged = HEAD + row("/srv/e/x.sock", 42) + row("y\n" + row("@podman.sock", 42).strip(), 43) + row("z\n" + row("/srv/d.sock", 77).strip(), 44)
    links = {**HELD, "/proc/500/fd/9": "socket:[77]"}  # 77 is no unix socket, so that no row of its own is there
    stats = {path: route() for path in ("/srv/e/x.sock", "/srv/d.sock")}
    told = whole(ENGINE, unix=forged, links=links, stats=stats, peers=dict.fromkeys(stats, ROOTS), unix_sockets=[listener("/srv/e/x.sock")])
    assert set(told["sockets"]) == {"/srv/e/x.sock"} and told["abstract"] == {}
    assert not isinstance(told["sockets"], OpenObject) and not isinstance(told["abstract"], OpenObject)
    refused = whole(ENGINE, unix=HEAD + row("/srv/e/x.sock", 42), links=links, stats=stats, peers=dict.fromkeys(stats, ROOTS), unix_sockets=DENIED)
    assert set(refused["sockets"]) == {"/srv/e/x.sock"} and isinstance(refused["sockets"], OpenObject)
