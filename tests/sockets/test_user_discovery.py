"""What is found of users' sockets is what the probes user-sockets and user-engines speak of, each of its own user alone."""

from typing import Any

import pytest

from hostcheck.host.answers import Peer, Process, Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.model import OpenObject
from hostcheck.testing.probes import stated
from hostcheck_builtin.engines import probe_user_engines
from hostcheck_builtin.sockets import probe_user_sockets
from hostcheck_builtin.sockets.user_discovery import discover

HEAD = "Num       RefCount Protocol Flags    Type St Inode Path\n"
TABLE = "22 1 0:21 / /proc rw - proc proc rw\n27 1 254:0 / / rw - ext4 /dev/vda rw\n"
PASSWD = "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\n"
ANN = Process(pid=700, ppid=1, name="dockerd", uids=(1000,) * 4, gids=(1000,) * 4, groups=(), cap_effective=0, exe="/usr/bin/dockerd", host_mounts=True)
ANNS = Peer(pid=700, uid=1000, gid=1000)


def owned(kind: str, uid: int = 1000) -> Stat:
    return Stat(type=kind, uid=uid, gid=uid, mode=0o700)


def host(files: dict[str, Any] | None = None, **more: Any) -> MemoryHost:
    usual = {"/proc/net/unix": HEAD, "/etc/passwd": PASSWD, "/proc/self/mountinfo": TABLE, "/proc/700/mountinfo": TABLE}
    usual |= {"/proc/self/status": f"Name:\tx\nCapEff:\t{1 << 1 | 1 << 19:016x}\n"}
    stats = {"/run/user/1000": owned("dir"), "/home/ann": owned("dir"), **more.pop("stats", {})}
    return MemoryHost({**usual, **(files or {})}, **{"processes": (ANN,), "stats": stats, **more})


@pytest.mark.parametrize(
    "made",
    [
        {},
        {"peers": {"/run/user/1000/docker.sock": ANNS}, "stats": {"/run/user/1000/docker.sock": owned("socket")}},
        {"peers": {"/home/ann/.docker/run/docker.sock": ANNS}, "stats": {"/home/ann/.docker/run/docker.sock": owned("socket")}},
        {"links": {"/run/user/1000/docker.sock": "/run/docker.sock"}, "peers": {"/run/docker.sock": ANNS}},
        {"files": {"/run/user": PermissionError(13, "no")}},
        {"files": {"/run/user/1000/podman": PermissionError(13, "no")}},
        {"processes": PermissionError(13, "no")},
    ],
)
def test_each_probe_speaks_of_the_same_sockets(made: dict[str, Any]) -> None:
    one = host(**made)
    found = discover(one)
    told = [stated(probe.collect, one)["sockets"] for probe in (probe_user_sockets, probe_user_engines)]
    assert [set(each) for each in told] == [set(found)] * 2
    assert [isinstance(each, OpenObject) for each in told] == [isinstance(found, OpenObject)] * 2


def test_a_home_is_looked_into_only_while_its_user_has_a_process() -> None:
    made: dict[str, Any] = {"peers": {"/home/ann/.docker/run/docker.sock": ANNS}, "stats": {"/home/ann/.docker/run/docker.sock": owned("socket")}}
    assert list(discover(host(**made))) == ["/home/ann/.docker/run/docker.sock"]
    assert discover(host(**made, processes=())) == {}
