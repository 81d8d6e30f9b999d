"""A host in memory in whose homes the products keep their virtual machines."""

import json
from pathlib import Path
from typing import Any

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host.answers import Peer, Process, Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole
from hostcheck.schema import compile_schema
from hostcheck.testing.probes import stated
from hostcheck_builtin.desktop import probe_user_desktop_vms as probe

SCHEMA = load_facts_schema(str(Path(probe.__file__).parent / "probe_user_desktop_vms.facts.json"))
OBEYS = compile_schema(SCHEMA)
TABLE = "22 1 0:21 / /proc rw - proc proc rw\n27 1 254:0 / / rw - ext4 /dev/vda rw\n"
PASSWD = "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\nbin:x:2:2::/bin:/bin/sh\n"
ANN = "/home/ann"
LIMA = 'mounts:\n- location: "~"\n- location: "/tmp/lima"\n  writable: true\n'
GIVEN = {ANN: (False, "home"), "/tmp/lima": (True, "part")}
PODMAN = {
    "Name": "dev",
    "HostUser": {"Rootful": False, "UID": 1000},
    "Mounts": [{"Source": ANN, "Target": ANN, "ReadOnly": False}, {"Source": "/srv", "Target": "/srv", "ReadOnly": True}],
}
DESKTOP = {f"{ANN}/.docker/desktop/settings-store.json": json.dumps({"FilesharingDirectories": ["$HOME", "/srv/data"], "ExposeDockerAPIOnTCP2375": True})}
PRODUCTS: dict[str, tuple[str, dict[str, str], str, Any]] = {
    "docker-desktop": (
        "desktop-linux",
        DESKTOP,
        f"{ANN}/.docker/desktop/docker.sock",
        {ANN: (True, "home"), "/srv/data": (True, "part")},
    ),
    "podman-machine": (
        "dev",
        {f"{ANN}/.config/containers/podman/machine/qemu/dev.json": json.dumps(PODMAN)},
        "/run/user/1000/podman/dev-api.sock",
        {ANN: (True, "home"), "/srv": (False, "part")},
    ),
    "orbstack": ("orbstack", {f"{ANN}/.orbstack/x": ""}, f"{ANN}/.orbstack/run/docker.sock", None),
    "colima": ("default", {f"{ANN}/.colima/_lima/colima/lima.yaml": LIMA}, f"{ANN}/.colima/default/docker.sock", GIVEN),
    "lima": ("work", {f"{ANN}/.lima/work/lima.yaml": LIMA}, f"{ANN}/.lima/work/sock/docker.sock", {ANN: (False, "home"), "/tmp/lima": (True, "part")}),
    "rancher-desktop": (
        "rancher-desktop",
        {f"{ANN}/.local/share/rancher-desktop/lima/0/lima.yaml": "mounts:\n- location: /\n  writable: true\n", f"{ANN}/.rd/bin/rdctl": ""},
        f"{ANN}/.rd/docker.sock",
        {"/": (True, "root")},
    ),
}
"""Name, files, socket and shares of each product on Linux."""


def owned(kind: str, uid: int = 1000, mode: int = 0o755) -> Stat:
    return Stat(type=kind, uid=uid, gid=uid, mode=mode)


def process(pid: int, uid: int, name: str = "x", exe: str = "/usr/bin/x", host: bool | None = True) -> Process:
    return Process(pid=pid, ppid=1, name=name, uids=(uid,) * 4, gids=(uid,) * 4, groups=(), cap_effective=0, exe=exe, host_mounts=host)


def belongs(paths: Any, uid: int = 1000) -> dict[str, Stat]:
    """Return everything below a home as the user's."""
    found: dict[str, Stat] = {}
    for path in paths:
        if path.startswith(("/home/", "/run/user/")):
            found[path] = owned("socket" if path.endswith(".sock") else "file", uid)
            while (path := path.rpartition("/")[0]).count("/") > 2:
                found[path] = owned("dir", uid)
    return found


def host(
    files: dict[str, Any] | None = None,
    *,
    kind: Any = MemoryHost,
    caps: int = 1 << 1,
    table: Any = TABLE,
    stats: dict[str, Stat] | None = None,
    sockets: Any = (),
    listening: bool = True,
    peer: Any = None,
    **more: Any,
) -> Any:
    usual: dict[str, Any] = {"/etc/passwd": PASSWD, "/proc/self/mountinfo": table, "/proc/self/status": f"Name:\tx\nCapEff:\t{caps:016x}\n"}
    usual |= {"/proc/net/unix": "Num\n", "/bin/sh": ""}
    homes = {ANN: owned("dir", 1000, 0o700), "/home/bob": owned("dir", 1001, 0o700)}
    peers = {path: peer or Peer(pid=7, uid=1000, gid=1000) for path in sockets} if listening else {}
    owners = belongs((*(files or {}), *sockets))
    given = {path: text for path, text in {**usual, **(files or {})}.items() if text is not None}
    return kind(given, stats={**homes, **owners, **(stats or {})}, peers=peers, **more)


def facts(*args: Any, **kwargs: Any) -> Any:
    told = stated(probe.collect, host(*args, **kwargs))
    assert OBEYS(told) is not False, told
    return told["users"]


def shares(machine: Any) -> Any:
    told = machine["shares"]
    return told if isinstance(told, Hole) else {path: (one["writable"], one["holds"]) for path, one in told.items()}
