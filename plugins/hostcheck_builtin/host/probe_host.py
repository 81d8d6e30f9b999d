"""What the scanner can do here, and what it runs on: its own powers, the distribution, the kernel, and what tells the role of the host.

Nothing in a home is read, and nothing that may hold a secret: not the environment of process 1, and of the kernel's command line only known parameters.
"""

import errno
from collections.abc import Iterable
from typing import Final

from hostcheck.api import ABSENT, Hole, Host, Json, Nonsense, attempt, map_known
from hostcheck_builtin.host.assignments import os_release, parameters
from hostcheck_builtin.host.containers import container
from hostcheck_builtin.host.role_markers import role_markers
from hostcheck_builtin.system.mountinfo import Mount, mounts, mounts_at, narrowed, root_of
from hostcheck_builtin.system.ownership import put_by_root
from hostcheck_builtin.system.path_walk import LstatCache
from hostcheck_builtin.system.procfs import INIT_PIDNS, INIT_USERNS, OWN, demand, field, number, status

CAPABILITIES: Final = (
    "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW"
    " IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD"
    " LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE"
).split()
"""By bit (include/uapi/linux/capability.h)."""
HIDEPID: Final = {"": "off", "0": "off", "1": "noaccess", "2": "invisible", "4": "ptraceable"}
"""Numbers before Linux 5.8, words since (proc(5))."""
INITS: Final = (("systemd", "/run/systemd/system"), ("openrc", "/run/openrc"), ("runit", "/run/runit"), ("s6", "/run/s6-rc"))
LIBCS: Final = (
    ("glibc", ("/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1", "/lib/ld-linux-armhf.so.3", "/lib64/ld64.so.2", "/lib/ld64.so.1")),
    ("glibc", ("/lib/ld-linux-riscv64-lp64d.so.1", "/lib/ld-linux.so.2", "/lib64/ld-linux-loongarch-lp64d.so.1")),
    ("musl", tuple(f"/lib/ld-musl-{name}.so.1" for name in ("x86_64", "aarch64", "armhf", "i386", "powerpc64le", "s390x", "riscv64", "loongarch64"))),
)
MACHINE_KEY: Final = b"hostcheck.machine-id/1"


def collect(host: Host) -> Json:
    """State the scan's context, the host's identity and what may tell its role."""
    lstats: LstatCache = {}
    own = attempt(status, host)
    mounted = attempt(mounts, host)
    proc = map_known(mounted, _proc)
    init_pidns = attempt(lambda: demand(host.read_link, "/proc/self/ns/pid") == INIT_PIDNS)
    capabilities = map_known(own, lambda fields: _capabilities(field(fields, "CapEff")))
    return {
        "scan": {
            "euid": map_known(own, lambda fields: int(field(fields, "Uid").split()[1])),
            "capabilities_effective": capabilities,
            "no_new_privs": map_known(own, lambda fields: field(fields, "NoNewPrivs") == "1"),
            "init_userns": attempt(_in_first_userns, host),
            "init_pidns": init_pidns,
            "container": container(host, mounted, init_pidns, lstats),
            "chroot": map_known(mounted, lambda ours: map_known(attempt(mounts, host, "/proc/1/mountinfo"), lambda init: _chroot(ours, init))),
            "proc": proc,
        },
        "os": attempt(os_release, host),
        "kernel": _kernel(host),
        "init": _first((name, attempt(put_by_root, host, path, lstats)) for name, path in INITS),
        "libc": _first((name, attempt(put_by_root, host, path, lstats)) for name, paths in LIBCS for path in paths),
        "hostname": attempt(_setting, host, "hostname"),
        "hardware": attempt(_hardware, host),
        "signals": role_markers(
            host, mounted, _sees_all(map_known(mounted, lambda table: narrowed(host, mounts_at(table, "/proc"))), proc, capabilities), lstats
        ),
        **_if_told("machine_id_sha256", attempt(_machine_id, host)),
    }


def _in_first_userns(host: Host) -> bool:
    """Say whether the scanner is in the first user namespace; a kernel that is built without them has no file for it, and no other one."""
    try:
        return host.read_link("/proc/self/ns/user") == INIT_USERNS
    except ABSENT as error:
        if host.read_text(OWN, missing=""):
            return True
        raise PermissionError(errno.EACCES, "hidden, or /proc is not mounted", "/proc/self/ns/user") from error


def _proc(table: list[Mount]) -> Json:
    last = mounts_at(table, "/proc")[-1:]
    if not last or last[0].fstype != "proc":
        return {"mounted": False}
    settings = last[0].settings()
    hidepid = settings.get("hidepid", "")
    return {"mounted": True, "hidepid": HIDEPID.get(hidepid, hidepid), "subset": settings.get("subset", "none")}


def _capabilities(mask: str) -> list[str]:
    bits = int(mask, 16)
    return [f"CAP_{CAPABILITIES[bit] if bit < len(CAPABILITIES) else bit}" for bit in range(bits.bit_length()) if bits >> bit & 1]


def _sees_all(narrow: bool | Hole, proc: Json, capabilities: Json) -> bool | Hole:
    """Say whether every process is shown: hidepid hides none from who may trace it, and a narrower pid namespace those of the host from everybody."""
    if narrow is not False:
        return False if narrow is True else narrow
    if isinstance(capabilities, list) and "CAP_SYS_PTRACE" in capabilities:
        return True
    if isinstance(proc, Hole):
        return proc
    return proc.get("hidepid") == "off" or (capabilities if isinstance(capabilities, Hole) else False)


def _first(candidates: Iterable[tuple[str, bool | Hole]], default: str = "unknown") -> str | Hole:
    """Return the first name that holds; a hole before it stands for the answer, since that might be the one."""
    for name, holds in candidates:
        if isinstance(holds, Hole):
            return holds
        if holds:
            return name
    return default


def _chroot(ours: list[Mount], init: list[Mount]) -> bool:
    """Say whether the scanner's root is another than that of process 1."""
    return root_of(ours) != root_of(init)


def _kernel(host: Host) -> Json:
    release = attempt(_setting, host, "osrelease")
    return {
        "release": release,
        "version": attempt(_setting, host, "version"),
        "cmdline": attempt(lambda: parameters(demand(host.read_text, "/proc/cmdline"))),
        **_if_told("machine", map_known(release, lambda _: host.read_text("/proc/sys/kernel/arch", missing="").strip())),
    }


def _setting(host: Host, name: str) -> str:
    return demand(host.read_text, f"/proc/sys/kernel/{name}").removesuffix("\n")


def _hardware(host: Host) -> Json:
    """Read what the firmware says of the case (SMBIOS 7.4); many virtual machines and boards have no such firmware."""
    try:
        text = host.read_text("/sys/class/dmi/id/chassis_type").strip()
    except ABSENT:
        demand(host.stat, "/sys/kernel")
        return {}
    chassis = number(text)
    if chassis is None:
        raise Nonsense("/sys/class/dmi/id/chassis_type: not a number")
    return {"chassis_type": chassis}


def _machine_id(host: Host) -> str:
    """Return the keyed hash that machine-id(5) asks for, "" where the machine has no id (yet)."""
    text = host.read_text("/etc/machine-id", missing="").strip()
    if text in ("", "uninitialized"):
        return ""
    if len(text) != 32 or not set(text) <= set("0123456789abcdef"):
        raise Nonsense("/etc/machine-id: not 32 hexadecimal digits")
    import hmac  # 3 ms, for those who ask

    return hmac.digest(MACHINE_KEY, bytes.fromhex(text), "sha256").hex()


def _if_told(name: str, answer: str | Hole) -> dict[str, Json]:
    """Return the member, or none where the answer is that there is nothing."""
    return {name: answer} if answer else {}
