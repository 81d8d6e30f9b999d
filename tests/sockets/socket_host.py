"""A host in memory with a dockerd, and what the probe of its sockets states."""

from pathlib import Path
from typing import Any

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host.answers import Peer, Process, Stat, UnixSocket
from hostcheck.host.memory import MemoryHost
from hostcheck.schema import compile_schema
from hostcheck.testing.probes import stated
from hostcheck_builtin.sockets import probe_sockets

SCHEMA = load_facts_schema(str(Path(probe_sockets.__file__).parent / "probe_sockets.facts.json"))
OBEYS = compile_schema(SCHEMA)
HEAD = "Num       RefCount Protocol Flags    Type St Inode Path\n"
TABLE = "22 1 0:21 / /proc rw - proc proc rw\n27 1 254:0 / / rw - ext4 /dev/vda rw\n"
FDS = {"/proc/500/fd/0": "/dev/null"}
DOCKERD = Process(pid=500, ppid=1, name="dockerd", uids=(0,) * 4, gids=(0,) * 4, groups=(), cap_effective=0, exe="/usr/bin/dockerd")
SYSTEMD = Process(pid=1, ppid=0, name="systemd", uids=(0,) * 4, gids=(0,) * 4, groups=(), cap_effective=0, exe="/usr/lib/systemd/systemd")
ROOTS = Peer(pid=500, uid=0, gid=0)
DOCKER_UNIT = "[Socket]\n# a comment\nListenStream=/run/docker.sock\nSocketMode=0660\n"
ABSENT = "absent"
NAME = "@/run/docker.sock"
DOCKER = "/run/docker.sock"
ENGINE = {"/usr/bin/dockerd": "x"}
HELD = {"/proc/500/fd/3": "socket:[42]"}
CAT = Process(pid=700, ppid=1, name="sh", uids=(1002,) * 4, gids=(1002,) * 4, groups=(), cap_effective=0, exe="/bin/sh")
CATS = {"1002": {"uid": 1002, "pid": 700}}
END = UnixSocket(inode=43, name=DOCKER, peer=50, uid=0)
DENIED = PermissionError(13, "no")
UNITS = "/usr/lib/systemd/system"


def row(path: str, inode: int, flags: str = "00010000") -> str:
    return f"0000000000000000: 00000002 00000000 {flags} 0001 01 {inode:5} {path}\n"


def route(mode: int = 0o660, uid: int = 0, gid: int = 0, **more: Any) -> Stat:
    return Stat(type="socket", uid=uid, gid=gid, mode=mode, **more)


def folder(mode: int, uid: int = 0, gid: int = 0, **more: Any) -> Stat:
    return Stat(type="dir", uid=uid, gid=gid, mode=mode, **more)


def host(
    files: dict[str, Any] | None = None,
    *,
    unix: Any = HEAD,
    links: dict[str, str] | None = None,
    processes: Any = (SYSTEMD, DOCKERD),
    kind: type[MemoryHost] = MemoryHost,
    **more: Any,
) -> MemoryHost:
    usual = {"/proc/self/mountinfo": TABLE} if unix is ABSENT else {"/proc/net/unix": unix, "/proc/self/mountinfo": TABLE}
    return kind({**usual, **(files or {})}, links={"/var/run": "/run", **FDS, **(links or {})}, processes=processes, **more)


def whole(*args: Any, **kwargs: Any) -> Any:
    told = stated(probe_sockets.collect, host(*args, **kwargs))
    assert compile_schema(SCHEMA)(told) is not False
    return told


def facts(*args: Any, **kwargs: Any) -> Any:
    return whole(*args, **kwargs)["sockets"]


def listener(name: str = NAME, uid: int = 0, inode: int = 42) -> UnixSocket:
    return UnixSocket(inode=inode, name=name.replace("@", "\0"), listening=True, uid=uid)
