"""A server in memory, and what the probe host states of it."""

from pathlib import Path
from typing import Any

from hostcheck.facts_schema import load_facts_schema
from hostcheck.host.answers import Process
from hostcheck.host.memory import MemoryHost
from hostcheck.schema import compile_schema
from hostcheck_builtin.host import probe_host as probe

SCHEMA = load_facts_schema(str(Path(probe.__file__).parent / "probe_host.facts.json"))
OBEYS = compile_schema(SCHEMA)
ROOT = (0, 0, 0, 0)
ANN = (1000, 1000, 1000, 1000)
STATUS = "Name:\tpython3\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\nCapEff:\t{caps}\nNoNewPrivs:\t0\nSeccomp_filters:\t0\n"
MOUNTINFO = (
    "22 27 0:21 / /proc rw,relatime shared:5 - proc proc rw\n"
    "27 1 254:0 / / rw,relatime shared:1 master:2 - ext4 /dev/vda rw,discard\n"
    "40 27 0:50 / /home/ann/a\\040b\\134 rw - fuse.evil x\\040-\\040proc rw,user_id=1000\n"
)
FILES: dict[str, Any] = {
    "/proc/self/status": STATUS.format(uid=0, caps="000001ffffffffff"),
    "/proc/self/mountinfo": MOUNTINFO,
    "/proc/1/mountinfo": MOUNTINFO,
    "/proc/1/cgroup": "0::/init.scope\n",
    "/proc/cmdline": "BOOT_IMAGE=/vmlinuz root=/dev/sda1 quiet\n",
    "/proc/sys/kernel/osrelease": "6.12.9-amd64\n",
    "/proc/sys/kernel/version": "#1 SMP Debian\n",
    "/proc/sys/kernel/arch": "x86_64\n",
    "/proc/sys/kernel/hostname": "web1\n",
    "/sys/class/dmi/id/chassis_type": "1\n",
    "/sys/kernel/uevent_seqnum": "1\n",
    "/etc/os-release": 'ID=debian\nID_LIKE=""\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nVERSION_ID="13"\n',
    "/etc/machine-id": "0123456789abcdef0123456789abcdef\n",
    "/run/systemd/system/x": "",
    "/usr/lib64/ld-linux-x86-64.so.2": "ELF",
    "/usr/bin/kubelet": "ELF",
    "/etc/systemd/system/actions.runner.a.service": "[Service]",
    "/etc/systemd/system/other.service": "[Service]",
}
LINKS = {
    "/proc/self/ns/user": "user:[4026531837]",
    "/proc/self/ns/pid": "pid:[4026531836]",
    "/lib64": "usr/lib64",
    "/etc/systemd/system/display-manager.service": "/usr/lib/systemd/system/gdm.service",
    "/etc/systemd/system/multi-user.target.wants/actions.runner.a.service": "/etc/systemd/system/actions.runner.a.service",
    "/etc/systemd/system/multi-user.target.wants/other.service": "/etc/systemd/system/other.service",
}


def process(pid: int, name: str, uids: tuple[int, int, int, int] = ROOT, exe: str = "", **more: Any) -> Process:
    return Process(pid=pid, ppid=0, name=name, uids=uids, gids=uids, groups=(), cap_effective=0, exe=exe, **{"host_mounts": True, **more})


INIT = process(1, "systemd", exe="/usr/lib/systemd/systemd")
PROCESSES = [INIT, process(9, "kubelet", exe="/usr/bin/kubelet"), process(10, "kubelet", ANN, exe="/home/ann/kubelet")]


def a_host(files: dict[str, Any] | None = None, without: tuple[str, ...] = (), **more: Any) -> MemoryHost:
    """Make the host above, with other files and without some."""
    links = {**LINKS, **more.pop("links", {})}
    given = {path: content for path, content in {**FILES, **(files or {})}.items() if path not in without}
    return MemoryHost(given, links={path: to for path, to in links.items() if path not in without}, **{"processes": PROCESSES, **more})


def facts(files: dict[str, Any] | None = None, **more: Any) -> Any:
    stated = probe.collect(a_host(files, **more))
    assert OBEYS(stated) is not False
    return stated
