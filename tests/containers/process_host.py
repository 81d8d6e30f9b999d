"""Processes in containers on a host in memory: what /proc tells of each, as real ones were seen to."""

from pathlib import Path
from typing import Any

from containers.container_host import MASKED as MASKED_PATHS
from containers.container_host import READ_ONLY, SECRET, ident
from engines.engine_host import WHOLE, host

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host.answers import Stat
from hostcheck.schema import compile_schema
from hostcheck.testing.probes import stated
from hostcheck_builtin.containers import probe_container_processes
from hostcheck_builtin.system.procfs import INIT_PIDNS, INIT_USERNS

SCHEMA = load_facts_schema(str(Path(probe_container_processes.__file__).with_name("probe_container_processes.facts.json")))
OBEYS = compile_schema(SCHEMA)
ALL = 0x1FFFFFFFFFF
MOUNTS = (
    "22 1 0:21 / /proc rw - proc proc rw\n23 1 0:22 / /sys rw - sysfs sysfs rw\n27 1 254:0 / / rw - ext4 /dev/vda rw\n"
    "30 23 0:30 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n31 27 0:31 / /run rw - tmpfs tmpfs rw\n"
)
ROOTFS = "100 90 0:99 / / rw - overlay overlay rw\n101 100 0:98 / /proc rw - proc proc rw\n102 100 0:97 / /sys {sys} - sysfs sysfs {sys}\n"
MASKED = "103 101 0:98 /sys /proc/sys ro - proc proc rw\n"
DOCKER_DIR = "/sys/fs/cgroup/docker"
LINKS = {"cgroup": "cgroup:[1]", "ipc": "ipc:[2]", "uts": "uts:[3]"}
PROC: dict[str, Any] = {
    "files": {
        "/proc/1/cgroup": "0::/init.scope\n",
        "/proc/1/status": f"Name:\tsystemd\nCapBnd:\t{ALL:016x}\n",
        "/proc/self/cgroup": "0::/system.slice/cron.service\n",
        "/proc/self/mountinfo": MOUNTS,
    },
    "links": {"/proc/self/ns/pid": INIT_PIDNS, **{f"/proc/self/ns/{kind}": link for kind, link in LINKS.items()}},
    "stats": {"/proc/self/net/unix": Stat(type="file", uid=0, gid=0, mode=0o444, ino=5), **{DOCKER_DIR: Stat(type="dir", uid=0, gid=0, mode=0o755)}},
}


def line(number: int, root: str, point: str, how: str = "rw", device: str = "254:0", fstype: str = "ext4") -> str:
    return f"{number} 100 {device} {root} {point} {how} - {fstype} /dev/vda rw\n"


def running(
    pid: int,
    number: int = 1,
    group: str = "",
    mounts: str = MASKED,
    sys: str = "ro",
    shares: str = "",
    maps: str = WHOLE,
    user: str = INIT_USERNS,
    **status: Any,
) -> dict[str, Any]:
    """Return what stands in /proc of a process in a container; `shares` names namespaces of the host's, `status` fields of its status."""
    fields = {"Name": "sleep", "State": "S (sleeping)", "Uid": "65534\t65534\t65534\t65534", "NSpid": f"{pid}\t1", "started": 1000 + pid, **status}
    began = fields.pop("started")
    masks = {"CapPrm": 0, "CapEff": 0, "CapBnd": 0, **{key: fields.pop(key) for key in ("CapPrm", "CapEff", "CapBnd") if key in fields}}
    told = {**fields, **{key: f"{mask:016x}" for key, mask in masks.items()}, "NoNewPrivs": fields.get("NoNewPrivs", 1), "Seccomp": fields.get("Seccomp", 2)}
    return {
        "files": {
            f"/proc/{pid}/cgroup": f"0::{group or f'/docker/{ident(number)}'}\n",
            f"/proc/{pid}/status": "".join(f"{key}:\t{value}\n" for key, value in told.items() if value is not None),
            f"/proc/{pid}/stat": f"{pid} (a ) b) S " + "0 " * 18 + f"{began} 0\n",
            **{f"/proc/{pid}/{name}": maps for name in ("uid_map", "gid_map")},
            f"/proc/{pid}/mountinfo": ROOTFS.format(sys=sys) + mounts,
        },
        "links": {f"/proc/{pid}/ns/{kind}": link if kind in shares.split() else f"{kind}:[{pid}]" for kind, link in LINKS.items()}
        | {f"/proc/{pid}/ns/user": user},
        "stats": {f"/proc/{pid}/net/unix": Stat(type="file", uid=0, gid=0, mode=0o444, ino=5 if "net" in shares.split() else pid + 100)},
    }


def spec(**linux: Any) -> dict[str, Any]:
    """Return the config.json of a hardened container; `linux` are members of that part, and of others."""
    process = {"user": {"uid": 65534, "gid": 0}, "noNewPrivileges": True, "capabilities": {"bounding": []}, "args": [SECRET], "env": [f"PASSWORD={SECRET}"]}
    sysfs = {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", linux.pop("sys", "ro")]}
    return {
        "process": {**process, **linux.pop("process", {})},
        "annotations": {"token": SECRET, **linux.pop("annotations", {})},
        "mounts": [sysfs, *linux.pop("mounts", [])],
        "linux": {
            **{"maskedPaths": MASKED_PATHS, "readonlyPaths": READ_ONLY, "seccomp": {"defaultAction": "SCMP_ACT_ERRNO"}},
            **{"namespaces": [{"type": kind} for kind in ("pid", "network", "ipc", "uts", "mount", "cgroup")]},
            **{"resources": {"devices": [{"allow": False, "access": "rwm"}], "memory": {"limit": 64}, "pids": {"limit": 8}}, **linux},
        },
    }


def bind(source: str, destination: str, *options: str) -> dict[str, Any]:
    return {"destination": destination, "type": "bind", "source": source, "options": ["rbind", *options]}


def joined(*parts: dict[str, Any]) -> dict[str, Any]:
    """Return several hosts' files, links and stats as those of one."""
    return {key: {name: value for part in parts for name, value in part.get(key, {}).items()} for key in ("files", "links", "stats")}


def process_facts(*parts: dict[str, Any], **more: Any) -> Any:
    """Return what the probe states where these processes run."""
    told = stated(probe_container_processes.collect, host(**joined(PROC, *parts), **more))
    assert OBEYS(told) is not False, told
    return told["containers"]


def one(*parts: dict[str, Any]) -> Any:
    """Return what it states of the one container that there is."""
    (found,) = process_facts(*parts).values()
    return found
