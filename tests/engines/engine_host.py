"""A host in memory on which engines run, and answer with what real engines answered."""

from pathlib import Path
from typing import Any

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host.answers import Answer, Peer, Process, Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.schema import compile_schema
from hostcheck.testing.probes import stated
from hostcheck_builtin.engines import api_client, probe_engines, probe_user_engines

PROBES = Path(probe_engines.__file__).parent
SCHEMAS = {name: load_facts_schema(str(PROBES / f"probe_{name.replace('-', '_')}.facts.json")) for name in ("engines", "user-engines")}
ANSWERS = Path(__file__).parents[1] / "fakes" / "engines"
HEAD = "Num       RefCount Protocol Flags    Type St Inode Path\n"
TABLE = "22 1 0:21 / /proc rw - proc proc rw\n27 1 254:0 / / rw - ext4 /dev/vda rw\n"
OTHER_ROOT = "27 1 0:99 / / rw - overlay overlay rw\n"
PASSWD = "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\n"
DOCKER = "/run/docker.sock"
ANNS = "/run/user/1000/docker.sock"
WHOLE = "         0          0 4294967295\n"
MAPPED = "         0       1000          1\n         1     100000      65536\n"
KIT = b"rootlesskit\0--state-dir=/x\0--net=slirp4netns\0--disable-host-loopback\0--port-driver=builtin\0dockerd-rootless.sh\0--net=x\0"
USER_UNIT = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/docker.service\n"
HOST_NET = "net:[4026531840]"
DOCKERD = "Docker/26.1.5 (linux)"
LIBPOD = "Libpod/5.4.2 (linux)"


def body(name: str) -> bytes:
    return (ANSWERS / f"{name}.json").read_bytes()


def said(content: bytes | str, uid: int = 0, status: int = 200, server: str = DOCKERD, libpod: str = "") -> Answer:
    return Answer(status=status, body=content if isinstance(content, bytes) else content.encode(), pid=7, uid=uid, server=server, libpod=libpod)


def docker(name: str = "docker-rootful", uid: int = 0, **more: Any) -> dict[str, Answer | Exception]:
    return {"/_ping": said("OK", uid), "/info": said(body(f"{name}-info"), uid), "/version": said(body("docker-rootful-version"), uid), **more}


def podman(name: str = "podman-rootful", uid: int = 0) -> dict[str, Answer | Exception]:
    ping = said("OK", uid, server=LIBPOD, libpod="5.4.2")
    return {"/_ping": ping, api_client.LIBPOD: said(body(f"{name}-libpod"), uid, server=LIBPOD)}


def process(pid: int, uid: int = 0, name: str = "dockerd", exe: str = "/usr/bin/dockerd", ppid: int = 1, host: bool | None = True) -> Process:
    return Process(pid=pid, ppid=ppid, name=name, uids=(uid,) * 4, gids=(uid,) * 4, groups=(), cap_effective=0, exe=exe, host_mounts=host)


def owned(kind: str, uid: int = 1000, mode: int = 0o700) -> Stat:
    return Stat(type=kind, uid=uid, gid=uid, mode=mode)


def host(
    files: dict[str, Any] | None = None,
    *,
    kind: Any = MemoryHost,
    unix: str = HEAD,
    processes: Any = (),
    stats: dict[str, Stat] | None = None,
    links: dict[str, str] | None = None,
    maps: dict[int, str] | None = None,
    networks: dict[int, str] | None = None,
    **more: Any,
) -> Any:
    usual = {
        "/proc/net/unix": unix,
        "/etc/passwd": PASSWD,
        "/proc/self/status": f"Name:\tx\nCapEff:\t{1 << 1 | 1 << 19:016x}\n",
        "/proc/self/mountinfo": TABLE,
        "/proc/1/mountinfo": TABLE,
        "/usr/bin/dockerd": "",
        "/usr/bin/podman": "",
    }
    maps = {7: WHOLE, 70: WHOLE, 700: MAPPED, 690: WHOLE, **(maps or {})}
    networks = {7: HOST_NET, 70: HOST_NET, 700: "net:[9]", 690: HOST_NET, 1: HOST_NET, **(networks or {})}
    places = {f"/proc/{pid}/ns/net": target for pid, target in networks.items()} | {"/proc/self/ns/net": HOST_NET}
    told = {f"/proc/{pid}/uid_map": text for pid, text in maps.items()} | {"/proc/690/cmdline": KIT, "/proc/700/cgroup": USER_UNIT}
    folders = {f"/run/user/{uid}": owned("dir", uid) for uid in (1000, 1001)}
    return kind({**usual, **told, **(files or {})}, processes=processes, stats={**folders, **(stats or {})}, links={**places, **(links or {})}, **more)


ROOTS = {"peers": {DOCKER: Peer(pid=7, uid=0, gid=0)}, "processes": (process(7),)}
ANN = {
    "peers": {ANNS: Peer(pid=700, uid=1000, gid=1000)},
    "stats": {ANNS: owned("socket", mode=0o660)},
    "processes": (process(690, 1000, "rootlesskit", "/usr/bin/rootlesskit"), process(700, 1000, ppid=690)),
}


def facts(name: str = "engines", *args: Any, **kwargs: Any) -> Any:
    told = stated({"engines": probe_engines.collect, "user-engines": probe_user_engines.collect}[name], host(*args, **kwargs))
    assert compile_schema(SCHEMAS[name])(told) is not False, told
    return told


ROW = f"0000000000000000: 00000002 00000000 00010000 0001 01    42 {DOCKER}\n"
UNIT = {"/usr/lib/systemd/system/docker.socket": "[Socket]\nListenStream=/run/docker.sock\n"}
BOOTED = {"/run/systemd/system": owned("dir", 0), DOCKER: owned("socket", 0, 0o660)}
