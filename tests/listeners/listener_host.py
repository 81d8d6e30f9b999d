"""A host in memory on which engines of root's, users and relays listen on TCP."""

from pathlib import Path
from typing import Any

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host.answers import Demand, Process, Stat, TcpSocket, UnixSocket
from hostcheck.host.memory import MemoryHost
from hostcheck.schema import compile_schema
from hostcheck.testing.probes import stated
from hostcheck_builtin.listeners import probe_listeners

SCHEMA = load_facts_schema(str(Path(probe_listeners.__file__).parent / "probe_listeners.facts.json"))
OBEYS = compile_schema(SCHEMA)
HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
UNIX_HEAD = "Num       RefCount Protocol Flags    Type St Inode Path\n"
ROW = "0: 00000002 00000000 00010000 0001 01 {} {}\n"
SERVED = UNIX_HEAD + ROW.format(40, "/run/docker.sock") + ROW.format(41, "/run/containerd/containerd.sock")
MOUNTS = "22 1 0:21 / /proc rw - proc proc rw\n27 1 254:0 / / rw - ext4 /dev/vda rw\n30 27 0:25 / /run rw - tmpfs tmpfs rw\n"
CONTAINER = "27 1 0:99 / / rw - overlay overlay rw\n31 27 0:25 /docker.sock /var/run/docker.sock rw - tmpfs tmpfs rw\n"
DOCKER = "/run/docker.sock"
PLAIN = Demand(tls="none", speaks="http", status=200, server="Docker/26.1.5 (linux)")
SERVER = Demand(tls="server", speaks="http", status=200, server="Docker/26.1.5 (linux)")
MUTUAL = Demand(tls="mutual")
DENIED = PermissionError(13, "no")
FAR = 4_026_532_208
Running = dict[Process, tuple[tuple[str, ...], tuple[int, ...]]]


def process(pid: int, exe: str, uid: int = 0, *, host: bool | None = True, **more: Any) -> Process:
    name = exe.removesuffix(" (deleted)").rpartition("/")[2][:15]
    return Process(pid=pid, ppid=1, name=name, uids=(uid,) * 4, gids=(uid,) * 4, groups=(), cap_effective=0, exe=exe, host_mounts=host, **more)


def tcp(inode: int, port: int, address: str = "0.0.0.0", uid: int = 0) -> TcpSocket:
    return TcpSocket(address=address, port=port, uid=uid, inode=inode)


def row(inode: int, port: int, uid: int = 0, address: str = "00000000") -> str:
    return f"   0: {address}:{port:04X} {'0' * len(address)}:0000 0A 00000000:00000000 00:00000000 00000000 {uid:5}        0 {inode} 1 00 100 0 0 10 0\n"


def host(
    running: Running | None = None,
    sockets: Any = (),
    *,
    demands: dict[tuple[str, int], Any] | None = None,
    files: dict[str, Any] | None = None,
    stats: dict[str, Stat] | None = None,
    links: dict[str, str] | None = None,
    **more: Any,
) -> MemoryHost:
    """Return a host with these processes, each with its command line and the sockets that it holds, by inode."""
    running = running or {}
    programs = {one.exe.removesuffix(" (deleted)") for one in running} - {""}
    usual: dict[str, Any] = {"/proc/self/mountinfo": MOUNTS, "/proc/self/status": f"Name:\tx\nCapEff:\t{1 << 19:016x}\n", "/proc/net/unix": SERVED}
    usual |= {"/proc/self/net/unix": "", "/proc/1/net/unix": "", "/sys/kernel/x": ""}
    usual |= {f"/proc/{one.pid}/cmdline": "\0".join(argv) + "\0" for one, (argv, _) in running.items()}
    usual |= {path: "" for path in programs}
    same = Stat(type="file", uid=0, gid=0, mode=0o444, ino=7)
    opened = {f"/proc/{one.pid}/fd/{number}": f"socket:[{inode}]" for one, (_, inodes) in running.items() for number, inode in enumerate(inodes)}
    given = {"tcp_sockets": sockets, "unix_sockets": (), "vsock_listeners": (), "processes": list(running), "demands": demands, **more}
    places = {"/proc/self/net/unix": same, "/proc/1/net/unix": same, **(stats or {})}
    content = {path: text for path, text in {**usual, **(files or {})}.items() if text is not None}
    return MemoryHost(content, stats=places, links={"/proc/self/ns/mnt": "mnt:[1]", **opened, **(links or {})}, **given)


LISTENS = tuple(word for port in (80, 2375, 2376, 8443) for word in ("-H", f"tcp://0.0.0.0:{port}"))


def dockerd(*options: str, pid: int = 9, inodes: tuple[int, ...] = (5,), exe: str = "/usr/bin/dockerd", **more: Any) -> Running:
    """Return a dockerd that was told to listen on the usual ports, or what is given."""
    return {process(pid, exe, **more): ((exe, *(options or LISTENS)), inodes)}


def facts(*args: Any, **kwargs: Any) -> Any:
    told = stated(probe_listeners.collect, host(*args, **kwargs))
    assert OBEYS(told) is not False, told
    return told


def bound(inode: int, name: str, uid: int = 0) -> UnixSocket:
    return UnixSocket(inode=inode, name=name, listening=True, uid=uid)


def connection(inode: int, peer: int, name: str = DOCKER) -> UnixSocket:
    """Return the end of a connection that root's engine accepted."""
    return UnixSocket(inode=inode, name=name, peer=peer, uid=0)
