"""A host in memory with an engine, auditd and its rules, as Debian 13 lays them out."""

import struct
from typing import Any

from hostcheck.host.answers import AuditRules, Stat
from hostcheck.host.memory import MemoryHost

TABLE = "22 1 0:21 / /proc rw - proc proc rw\n27 1 254:0 / / rw - ext4 /dev/vda rw\n"
LOADS = "[Service]\nType=oneshot\nExecStart=/usr/sbin/augenrules --load\n"
RUNS = "[Unit]\nRequires=audit-rules.service\n[Service]\nType=forking\nExecStart=/usr/sbin/auditd\n"
PLACES = (
    "/etc/docker",
    "/run/containerd",
    "/run/docker.sock",
    "/usr/bin/containerd",
    "/usr/bin/dockerd",
    "/usr/lib/systemd/system/docker.service",
    "/var/lib/docker",
)
"""What FILES has of Docker's."""
FILES: dict[str, Any] = {
    "/proc/self/mountinfo": TABLE,
    "/proc/1/mountinfo": TABLE,
    "/usr/bin/dockerd": "",
    "/usr/bin/containerd": "",
    "/usr/lib/systemd/system/docker.service": "[Service]\nExecStart=/usr/bin/dockerd\n",
    "/etc/docker/daemon.json": "{}",
    "/etc/hostname": "x",
    "/usr/sbin/auditd": "",
    "/usr/lib/systemd/system/auditd.service": RUNS,
    "/usr/lib/systemd/system/audit-rules.service": LOADS,
    "/etc/audit/rules.d/audit.rules": "## First rule - delete all\n-D\n\n-b 8192\n",
}
STATS = {path: Stat(type="dir", uid=0, gid=0, mode=0o711) for path in ("/var/lib/docker", "/run/containerd")} | {
    "/run/docker.sock": Stat(type="socket", uid=0, gid=999, mode=0o660)
}
LINKS = {
    "/proc/self/ns/user": "user:[4026531837]",
    "/var/run": "/run",
    "/etc/systemd/system/multi-user.target.wants/auditd.service": "/usr/lib/systemd/system/auditd.service",
}
FULL = (*[0xFFFFFFFF] * 63, 0xFFFF)
EQUAL = 0x40000000


def raw(
    *fields: tuple[int, int | str], flags: int = 4, action: int = 2, mask: tuple[int, ...] = FULL, operators: tuple[int, ...] = (), count: int | None = None
) -> bytes:
    """Return a rule as the kernel writes it: fields with a number, or with a text that stands behind all."""
    texts = b"".join(value.encode() for _, value in fields if isinstance(value, str))
    kinds = [kind for kind, _ in fields]
    values = [len(value.encode()) if isinstance(value, str) else value for _, value in fields]
    given = list(operators) or [EQUAL] * len(fields)
    padded = [(*part, *[0] * (64 - len(part))) for part in (kinds, values, given)]
    number = len(fields) if count is None else count
    return struct.pack("=III64I64I64I64II", flags, action, number, *mask, *padded[0], *padded[1], *padded[2], len(texts)) + texts


def watch(path: str, perm: int = 15, *, tree: bool = False) -> bytes:
    """Return what auditctl -w makes."""
    return raw((107 if tree else 105, path), (106, perm), (210, "key"))


ALL = AuditRules(enabled=1, pid=77, rules=tuple(watch(path, 10, tree=path in ("/etc/docker", "/run/containerd", "/var/lib/docker")) for path in PLACES))
"""All of PLACES is watched."""
LINES = "".join(f"-w {path} -p wa -k docker\n" for path in PLACES)


def host(files: dict[str, Any] | None = None, *, without: tuple[str, ...] = (), audit: AuditRules | Exception | None = ALL, **more: Any) -> MemoryHost:
    """Return the host, with other files."""
    kept = {path: text for path, text in FILES.items() if not path.startswith(without or ("//",))}
    stats = {**STATS, **more.pop("stats", {})}
    links = {path: target for path, target in {**LINKS, **more.pop("links", {})}.items() if not path.startswith(without or ("//",))}
    return MemoryHost(
        {**kept, **(files or {})},
        stats={path: one for path, one in stats.items() if not path.startswith(without or ("//",))},
        links=links,
        audit_rules=audit,
        **more,
    )
