"""A host in memory with more engines than a probe waits for: root's, and one of each of five users, whose door is open to another.

No recording has so many sockets that the patience of a probe could be used up.
"""

import json

from hostcheck.host.answers import Answer, Peer, Process, Stat
from hostcheck.host.memory import MemoryHost

UIDS = range(1001, 1006)
TABLE = "22 1 0:21 / /proc rw - proc proc rw\n27 1 254:0 / / rw - ext4 /dev/vda rw\n"
STATUS = "Name:\tx\nUid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\nNoNewPrivs:\t0\n"


def crowd() -> MemoryHost:
    """Return the host."""
    routes = {"/run/docker.sock": 0, "/run/podman/podman.sock": 0, **{f"/run/user/{uid}/docker.sock": uid for uid in UIDS}}
    people = "".join(f"u{uid}:x:{uid}:{uid}::/home/u{uid}:/bin/sh\n" for uid in UIDS)
    files = {
        "/etc/passwd": f"root:x:0:0::/root:/bin/sh\n{people}",
        "/etc/group": f"root:x:0:\ndocker:x:999:u1001\n{''.join(f'u{uid}:x:{uid}:' + chr(10) for uid in UIDS)}",
        "/etc/nsswitch.conf": "passwd: files\ngroup: files\n",
        "/proc/self/status": STATUS,
        "/proc/self/mountinfo": TABLE,
        "/proc/1/mountinfo": TABLE,
        "/proc/net/unix": "Num\n",
        "/usr/bin/dockerd": "",
        **{f"/home/u{uid}/.profile": "" for uid in UIDS},
    }
    stats = {route: Stat(type="socket", uid=uid, gid=uid or 999, mode=0o666 if uid else 0o660) for route, uid in routes.items()}
    stats |= {f"/run/user/{uid}": Stat(type="dir", uid=uid, gid=uid, mode=0o755) for uid in UIDS}
    stats |= {f"/home/u{uid}": Stat(type="dir", uid=uid, gid=uid, mode=0o700) for uid in UIDS}
    return MemoryHost(
        files,
        stats=stats,
        peers={route: Peer(pid=500 + uid, uid=uid, gid=uid) for route, uid in routes.items()},
        answers={route: _says(uid) for route, uid in routes.items()},
        processes=[
            _process(pid=1, uid=0, exe="/usr/lib/systemd/systemd"),
            *(_process(pid=500 + uid, uid=uid, exe="/usr/bin/dockerd") for uid in routes.values()),
        ],
        users=(),
        groups=(),
        links={"/proc/self/ns/user": "user:[4026531837]", "/proc/self/ns/pid": "pid:[4026531836]"},
    )


def _process(*, pid: int, uid: int, exe: str) -> Process:
    name = exe.rpartition("/")[2]
    return Process(pid=pid, ppid=1, name=name, uids=(uid,) * 4, gids=(uid,) * 4, groups=(), cap_effective=0, exe=exe, host_mounts=True)


def _says(uid: int) -> dict[str, Answer]:
    info = {"SecurityOptions": ["name=seccomp,profile=builtin", *(["name=rootless"] if uid else [])], "DockerRootDir": "/var/lib/docker"}
    bodies = {"/_ping": b"OK", "/info": json.dumps(info).encode(), "/version": json.dumps({"Version": "27.0.1", "ApiVersion": "1.46"}).encode()}
    return {path: Answer(status=200, body=body, pid=500 + uid, uid=uid, server="Docker/27.0.1 (linux)") for path, body in bodies.items()}
