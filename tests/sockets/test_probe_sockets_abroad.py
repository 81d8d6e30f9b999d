"""Sockets that are bound in another network namespace than the scanner's, and that any process connects to that may by the file system."""

from dataclasses import replace
from typing import Any

import pytest
from sockets.socket_host import DOCKERD, HEAD, ROOTS, SYSTEMD, facts, folder, route, row
from sockets.socket_host import host as made

from hostcheck.host.answers import Peer, Stat
from hostcheck.model import Hole, OpenObject, Why
from hostcheck.testing.probes import denials, stated
from hostcheck_builtin.sockets import probe_sockets, probe_user_sockets
from hostcheck_builtin.system import bounds

AWAY = 77
ENGINE = replace(DOCKERD, network=AWAY)
UNIX = "/proc/500/net/unix"
PATH = "/srv/e/x.sock"
BOUND = HEAD + row(PATH, 42)
OWN = {"/proc/self/ns/mnt": "mnt:[1]"}


def seen(ino: int = AWAY) -> Stat:
    return Stat(type="file", uid=0, gid=0, mode=0o444, dev=5, ino=ino)


def abroad(text: Any = BOUND, *, ino: int = AWAY, processes: Any = (SYSTEMD, ENGINE), **more: Any) -> Any:
    """Return what is stated of a host whose dockerd lives in another network namespace, with these sockets."""
    files = {"/usr/bin/dockerd": "x", UNIX: text, **more.pop("files", {})}
    stats = {UNIX: seen(ino), PATH: route(0o666), **more.pop("stats", {})}
    links = {**OWN, "/proc/500/fd/3": "socket:[42]", **more.pop("links", {})}
    return facts(files, links=links, stats=stats, peers={PATH: ROOTS}, processes=processes, **more)


def test_what_roots_engine_binds_in_another_namespace_is_found_whatever_it_is_called() -> None:
    told = abroad()
    assert {path: (one["engine"], one["source"], one["mode"]) for path, one in told.items()} == {PATH: ("docker", "process", "0666")}
    assert not isinstance(told, OpenObject)


def test_what_anybody_else_of_roots_binds_there_is_found_by_its_name() -> None:
    name = "/srv/e/docker.sock"
    proxy = replace(ENGINE, name="socat", exe="/usr/bin/socat", host_mounts=True)
    told = abroad(HEAD + row(name, 42), processes=(SYSTEMD, proxy), stats={name: route(0o666)})
    assert (set(told), told[name]["source"]) == ({name}, "listening")
    inside = replace(proxy, host_mounts=False, mounts="mnt:[9]")
    assert abroad(HEAD + row(name, 42), processes=(SYSTEMD, inside), stats={name: route(0o666)}) == {}
    beside = replace(inside, mounts="mnt:[1]")
    assert set(abroad(HEAD + row(name, 42), processes=(SYSTEMD, beside), stats={name: route(0o666)})) == {name}


def test_too_many_namespaces_of_roots_leave_the_list_open_and_engines_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "NETWORK_NAMESPACES", 2)
    others = [replace(ENGINE, pid=100 + number, name="dnsmasq", network=1000 + number, host_mounts=True) for number in range(3)]
    files = {f"/proc/{100 + number}/net/unix": HEAD for number in range(3)}
    stats = {f"/proc/{100 + number}/net/unix": seen(1000 + number) for number in range(3)}
    told = abroad(processes=(*others, ENGINE), files=files, stats=stats)
    assert set(told) == {PATH} and isinstance(told, OpenObject) and told.hole.why is Why.LIMIT
    assert isinstance(told[PATH]["expected"], bool) and isinstance(told[PATH]["source"], Hole)
    told = abroad(processes=(others[0], ENGINE), files=files, stats=stats)
    assert set(told) == {PATH} and not isinstance(told, OpenObject)


def test_a_row_in_a_name_lends_no_name_and_takes_none() -> None:
    forged = HEAD + row(PATH, 42) + row("/tmp/x\n" + row("/srv/root/bus", 42).strip(), 43)
    assert isinstance(abroad(forged), OpenObject)
    assert abroad(unix=HEAD + row("/tmp/x\n" + row("/srv/root/bus", 42).strip(), 43)) == {}
    told = abroad(unix=HEAD + row("/tmp/x\n" + row("/srv/root/bus", 42).strip(), 43))
    assert isinstance(told, OpenObject) and told.hole.why is Why.NONSENSE
    assert not isinstance(abroad(HEAD + row(PATH, 42) + row("/tmp/x\n" + row("/srv/root/bus", 4).strip(), 43)), OpenObject)


def test_the_directories_of_users_are_looked_at_for_the_names_of_other_namespaces_too() -> None:
    name = "/srv/u/docker.sock"
    files = {UNIX: HEAD + row(name, 42), "/etc/passwd": "root:x:0:0::/root:/bin/sh\n", "/etc/nsswitch.conf": "passwd: files\n"}
    proxy = replace(ENGINE, name="socat", exe="/usr/bin/socat", host_mounts=True)
    stats = {UNIX: seen(), "/srv/u": folder(0o755, 1000), name: route(0o666)}
    told = stated(probe_user_sockets.collect, made(files, links=OWN, stats=stats, peers={name: Peer(pid=500, uid=0, gid=0)}, processes=(SYSTEMD, proxy)))
    assert told["sockets"][name]["peer"]["uid"] == 0
    hidden = made({**files, UNIX: PermissionError(13, "no")}, links=OWN, processes=(SYSTEMD, proxy))
    assert isinstance(stated(probe_user_sockets.collect, hidden)["sockets"], OpenObject)


def test_hidden_processes_leave_the_list_open() -> None:
    hidden = {"/proc/self/mountinfo": "22 1 0:21 / /proc rw - proc proc rw,hidepid=invisible\n27 1 254:0 / / rw - ext4 /dev/vda rw\n"}
    for capable, opens in ((0, True), (1 << 19, False)):
        told = facts({**hidden, "/proc/self/status": f"Name:\tx\nCapEff:\t{capable:016x}\n"}, processes=())
        assert isinstance(told, OpenObject) is opens


def test_denying_any_answer_about_another_namespace_only_makes_holes() -> None:
    proxy = replace(ENGINE, pid=501, name="socat", exe="/usr/bin/socat", host_mounts=True, network=78)
    files = {"/usr/bin/dockerd": "x", UNIX: HEAD + row(PATH, 42), "/proc/501/net/unix": HEAD + row("/srv/e/docker.sock", 43)}
    stats = {UNIX: seen(), "/proc/501/net/unix": seen(78), PATH: route(0o666), "/srv/e/docker.sock": route()}
    links = {**OWN, "/proc/500/fd/3": "socket:[42]"}
    host = made(files, links=links, stats=stats, peers={PATH: ROOTS, "/srv/e/docker.sock": ROOTS}, processes=(SYSTEMD, ENGINE, proxy))
    before = stated(probe_sockets.collect, host)["sockets"]
    assert set(before) == {PATH, "/srv/e/docker.sock"} and not any(isinstance(one, Hole) for one in before.values())
    assert list(denials(probe_sockets.collect, host)) == []
