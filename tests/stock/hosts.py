"""Stock hosts in memory: the files of a distribution as they lie here, a kernel with the settings it runs with, one administrator, and an engine or none.

Everything else that a running host has, as processes and mounts, is the same for all of them, and written here by hand. README.md says where each file is from.
"""

import argparse
import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from hostcheck import collect, invoke, registry
from hostcheck.cli import judging
from hostcheck.facts_schema import facts_schema_digest
from hostcheck.host.answers import Answer, AuditRules, FileCapabilities, Group, Peer, Process, Stat, UnixSocket, User
from hostcheck.host.memory import MemoryHost

HERE: Final = Path(__file__).parent
REGISTRY: Final = registry.load()
ROOT: Final = (0, 0, 0, 0)
EVERYTHING: Final = (1 << 41) - 1
MOUNTS: Final = (
    "22 27 0:21 / /proc rw,nosuid,nodev,noexec - proc proc rw\n23 27 0:22 / /sys rw,nosuid,nodev,noexec - sysfs sysfs rw\n"
    "27 1 254:0 / / rw,relatime - ext4 /dev/vda1 rw\n30 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec - cgroup2 cgroup2 rw,nsdelegate\n"
    "31 27 0:27 / /run rw,nosuid,nodev - tmpfs tmpfs rw,mode=755\n"
)
DOCKER: Final = "/run/docker.sock"
CONTAINERD: Final = "/run/containerd/containerd.sock"
PODMAN: Final = "/run/podman/podman.sock"
DOCKER_GID: Final = 980
SETUID: Final = Stat(type="file", uid=0, gid=0, mode=0o4755)
PLAIN: Final = Stat(type="file", uid=0, gid=0, mode=0o755)
MAPPERS: Final = {"/usr/bin/newuidmap": 7, "/usr/bin/newgidmap": 6}
"""The programs that map ids, and the capability that each needs, by number (capabilities(7))."""


@dataclass(frozen=True, kw_only=True)
class Stock:
    """One distribution: which security module it has, whether its mappers have file capabilities instead of the setuid bit, and where dockerd is.

    `enables` says whether the installation of podman enables its socket, as Debian's packages do; a preset of the others leaves it off.
    `based_on` is another whose files it has but for its own; `rpm` is the database of rpm where that is the manager of packages. `audits` says whether auditd
    is installed, and enabled by a preset.
    """

    name: str
    based_on: str = ""
    selinux: bool = False
    capable: bool = False
    dockerd: str = "/usr/bin/dockerd"
    enables: bool = False
    rpm: str = ""
    audits: bool = False


STOCKS: Final = {
    one.name: one
    for one in (
        Stock(name="debian", dockerd="/usr/sbin/dockerd", enables=True),
        Stock(name="debian12", based_on="debian", dockerd="/usr/sbin/dockerd", enables=True),
        Stock(name="ubuntu", enables=True),
        Stock(name="fedora", selinux=True, capable=True, rpm="/usr/lib/sysimage/rpm/rpmdb.sqlite", audits=True),
        Stock(name="rhel", selinux=True, capable=True, rpm="/var/lib/rpm/rpmdb.sqlite", audits=True),
        Stock(name="opensuse", selinux=True, rpm="/usr/lib/sysimage/rpm/Packages.db"),
    )
}


RESET: Final = 'Defaults env_reset\nDefaults secure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"\nroot ALL=(ALL:ALL) ALL\n'
SUDOERS: Final = {
    "debian": RESET + "%sudo ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n",
    "debian12": RESET + "%sudo ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n",
    "ubuntu": RESET + "%admin ALL=(ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n",
    "fedora": RESET + "%wheel ALL=(ALL) ALL\n#includedir /etc/sudoers.d\n",
    "rhel": RESET + "%wheel ALL=(ALL) ALL\n#includedir /etc/sudoers.d\n",
    "opensuse": RESET + "Defaults targetpw\nALL ALL=(ALL) ALL\n@includedir /etc/sudoers.d\n",
}
"""What each lets administrators do by sudo, written by hand after its package: a group with their own password, or as openSUSE everybody who knows root's."""


def process(pid: int, exe: str, ppid: int = 1) -> Process:
    """Return a process of root's in the host's own namespaces."""
    name = exe.rpartition("/")[2][:15]
    seen = {"host_mounts": True, "network": 0, "mounts": "mnt:[1]", "user_view": False}
    return Process(pid=pid, ppid=ppid, name=name, uids=ROOT, gids=ROOT, groups=(), cap_effective=EVERYTHING, cap_permitted=EVERYTHING, exe=exe, **seen)


HASH: Final = "$y$j9T$0uSzmxZV1mTNqyE7cTVmP/$b5sNbVQ1vWbpUiX0Vo7rkVzS5kFHBZ0oVQXw8ZQ3n0B"
"""As a password is kept: this is the digest of none."""
OF_ENGINES: Final = {"podman": ("podman", "/etc/containers/"), "docker": ("docker", "moby", "containerd")}
"""What is in the paths of an engine's files."""


def files_of(stock: Stock, engine: str) -> dict[str, str]:
    """Return the files of a distribution, with what the installation of its engine adds: a group without members."""
    places = [HERE / name for name in (stock.based_on, stock.name) if name]
    found = {f"/{path.relative_to(place)}": path.read_text(encoding="utf-8") for place in places for path in sorted(place.rglob("*")) if path.is_file()}
    settings = found.pop("/running.sysctl")
    others = [name for whose, names in OF_ENGINES.items() if whose != engine for name in names]
    found = {path: text for path, text in found.items() if not any(other in path for other in others)}
    if engine == "docker":
        found["/etc/group"] += f"docker:x:{DOCKER_GID}:\n"
    found["/etc/gshadow"] = "".join(f"{line.split(':')[0]}:!::{line.split(':')[3]}\n" for line in found["/etc/group"].splitlines())
    found["/etc/shadow"] = "".join(
        f"{line.split(':')[0]}:{HASH if line.startswith('admin:') else '*'}:20000:0:99999:7:::\n" for line in found["/etc/passwd"].splitlines()
    )
    lines = (line.split(" = ", 1) for line in settings.splitlines())
    return {**found, **{f"/proc/sys/{name.replace('.', '/')}": f"{value}\n" for name, value in lines}}


def running(stock: Stock) -> dict[str, str]:
    """Return what the kernel shows beside its settings."""
    status = "Name:\tpython3\nUid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\nNoNewPrivs:\t0\nSeccomp:\t0\nSeccomp_filters:\t0\n"
    module = {"/sys/fs/selinux/enforce": "1"} if stock.selinux else {"/sys/module/apparmor/parameters/enabled": "Y\n"}
    return {
        **module,
        "/sys/module/ext4/refcnt": "1\n",
        "/sys/kernel/security/lsm": f"lockdown,capability,landlock,yama,{'selinux' if stock.selinux else 'apparmor'},bpf",
        "/sys/fs/cgroup/cgroup.controllers": "cpuset cpu io memory hugetlb pids rdma misc\n",
        "/sys/class/dmi/id/chassis_type": "1\n",
        "/proc/self/status": status,
        "/proc/self/mountinfo": MOUNTS,
        "/proc/1/mountinfo": MOUNTS,
        "/proc/1/cgroup": "0::/init.scope\n",
        "/proc/self/cgroup": "0::/user.slice/user-0.slice/session-1.scope\n",
        "/proc/self/uid_map": "         0          0 4294967295\n",
        "/proc/self/gid_map": "         0          0 4294967295\n",
        "/proc/cmdline": "BOOT_IMAGE=/vmlinuz root=/dev/vda1 ro\n",
        "/proc/filesystems": "nodev\tproc\nnodev\tselinuxfs\n" if stock.selinux else "nodev\tproc\n",
        "/proc/sys/kernel/version": "#1 SMP\n",
        "/proc/sys/kernel/hostname": "host\n",
        "/proc/sys/kernel/arch": "x86_64\n",
        **{f"/proc/sys/net/ipv4/conf/{name}/route_localnet": "0\n" for name in ("all", "default", "lo", "eth0")},
        "/proc/net/tcp": "  sl  local_address rem_address   st\n",
        "/proc/net/tcp6": "  sl  local_address rem_address   st\n",
        "/etc/machine-id": "0123456789abcdef0123456789abcdef\n",
        "/run/systemd/system/x": "",
        "/usr/lib/systemd/systemd": "ELF",
        "/usr/lib64/ld-linux-x86-64.so.2": "ELF",
        "/usr/share/apport/apport": "ELF",
        "/usr/lib/systemd/systemd-coredump": "ELF",
        "/usr/lib/systemd/systemd-sysctl": "ELF",
        "/usr/lib/systemd/system/systemd-sysctl.service": "[Service]\nType=oneshot\nExecStart=/usr/lib/systemd/systemd-sysctl\n",
    }


PACKAGE: Final = "Package: {}\nStatus: install ok installed\nVersion: 1.0-1\n\n"
AUDITD: Final = {
    "/usr/sbin/auditd": "ELF",
    "/etc/audit/rules.d/audit.rules": "-D\n-b 8192\n--backlog_wait_time 60000\n-f 1\n",
    "/usr/lib/systemd/system/auditd.service": "[Service]\nExecStart=/sbin/auditd\nExecStartPost=-/sbin/augenrules --load\n",
}
"""Of audit 3, whose rules file has no rule (Red Hat's guide on auditing)."""


RPM: Final = HERE.parent / "system" / "rpm"
"""Real databases of rpm, with a package that has the programs below."""
PRIVILEGED: Final = {"uidmap": tuple(MAPPERS), "sudo": ("/usr/bin/sudo",)}
"""The programs that make their caller root, by their package in Debian."""
DAILY: Final = "/etc/cron.daily/dpkg"
"""What cron runs of dpkg's, which is one of its files of configuration."""


PROGRAMS: Final = {"docker": {"containerd": "/usr/bin/containerd", "runc": "/usr/bin/runc"}, "podman": {"podman": "/usr/bin/podman"}, "": {}}
"""A program of each package of an engine."""


def packages(stock: Stock, engine: str) -> dict[str, str | bytes]:
    """Return what the manager of packages notes of the engine and of programs that give rights, and auditd where it is installed."""
    audit = AUDITD if stock.audits else {}
    if stock.rpm:
        return {stock.rpm: gzip.decompress((RPM / f"{Path(stock.rpm).name}.gz").read_bytes()), **audit}
    held = PROGRAMS[engine] | ({"docker.io": stock.dockerd} if engine == "docker" else {})
    lists = {f"/var/lib/dpkg/info/{name}.list": f"/usr\n{path}\n" for name, path in held.items()}
    lists |= {f"/var/lib/dpkg/info/{name}.list": "".join(f"{path}\n" for path in paths) for name, paths in PRIVILEGED.items()}
    digest = hashlib.md5(b"ELF", usedforsecurity=False).hexdigest()
    digests = {f"/var/lib/dpkg/info/{name}.md5sums": "".join(f"{digest}  {path[1:]}\n" for path in paths) for name, paths in PRIVILEGED.items()}
    daily = {DAILY: "#!/bin/sh\n/usr/libexec/dpkg/dpkg-db-backup\n", "/var/lib/dpkg/info/dpkg.conffiles": f"{DAILY}\n"}
    return {**daily, "/var/lib/dpkg/status": "".join(map(PACKAGE.format, [*held, *PRIVILEGED])), **lists, **digests, **audit}


INFO: Final = {
    **{"Driver": "overlay2", "SecurityOptions": ["name=seccomp,profile=builtin", "name=cgroupns"], "CgroupVersion": "2", "OSType": "linux"},
    **{
        "Debug": False,
        "DefaultRuntime": "runc",
        "DockerRootDir": "/var/lib/docker",
        "ExperimentalBuild": False,
        "LiveRestoreEnabled": False,
        "ServerVersion": "26.1.5",
    },
    **{"LoggingDriver": "json-file", "Plugins": {"Authorization": None}, "Swarm": {"LocalNodeState": "inactive"}, "Warnings": None},
    "RegistryConfig": {
        "IndexConfigs": {"docker.io": {"Name": "docker.io", "Secure": True}},
        "InsecureRegistryCIDRs": ["::1/128", "127.0.0.0/8"],
        "Mirrors": None,
    },
}
"""What a dockerd says of itself that nobody has configured (GET /info of the Docker Engine API)."""
VERSION: Final = {"Version": "26.1.5", "Os": "linux", "Components": [{"Name": "containerd", "Version": "1.7.24"}, {"Name": "runc", "Version": "1.1.15"}]}
"""Its answer to GET /version."""
BRIDGE: Final = "com.docker.network.bridge."
NETWORKS: Final = [
    {
        **{"Name": name, "Id": f"{number:02x}" * 32, "Driver": driver, "Scope": "local", "Internal": False, "Attachable": False, "Ingress": False},
        **{"EnableIPv6": False, "Options": options},
    }
    for number, (name, driver, options) in enumerate(
        (
            ("none", "null", {}),
            ("host", "host", {}),
            ("bridge", "bridge", {f"{BRIDGE}default_bridge": "true", f"{BRIDGE}enable_icc": "true", f"{BRIDGE}name": "docker0"}),
        )
    )
]
"""The networks that it makes unasked (GET /networks)."""
UNIX: Final = "Num       RefCount Protocol Flags    Type St Inode Path\n"


def row(inode: int, path: str) -> str:
    """Return a row of a socket that somebody listens on, as /proc/net/unix has it."""
    return f"0000000000000000: 00000002 00000000 00010000 0001 01 {inode:5} {path}\n"


def dockerd(text: str) -> Answer:
    """Return an answer of root's dockerd."""
    return Answer(status=200, body=text.encode(), pid=500, uid=0, server="Docker/26.1.5 (linux)", libpod="")


def info(command: str) -> str:
    """Return what a dockerd says of itself that was started by a command, with the runtimes that the command names."""
    words = command.split()
    named = dict(words[place + 1].split("=") for place, word in enumerate(words) if word == "--add-runtime")
    runtimes = {name: {"path": path} for name, path in {"io.containerd.runc.v2": "runc", "runc": "runc", **named}.items()}
    return json.dumps({**INFO, "Runtimes": runtimes})


def memory(
    stock: Stock,
    engine: str,
    files: Mapping[str, str] | None = None,
    stats: Mapping[str, Stat] | None = None,
    capabilities: Mapping[str, FileCapabilities] | None = None,
    links: Mapping[str, str] | None = None,
    unlisted: tuple[User | Group, ...] = (),
) -> MemoryHost:
    """Return a host on which nobody has changed anything since its installation but what is given; with docker it runs, and systemd holds its socket.

    `unlisted` are those whom a directory answers for and does not list.
    """
    roots = {path: PLAIN if stock.capable else SETUID for path in MAPPERS}
    roots |= {"/usr/bin/sudo": SETUID, "/etc/sudoers": Stat(type="file", uid=0, gid=0, mode=0o440)}
    roots |= {"/etc/shadow": Stat(type="file", uid=0, gid=0, mode=0)}
    roots |= {"/etc/gshadow": Stat(type="file", uid=0, gid=0, mode=0), "/home/admin": Stat(type="dir", uid=1000, gid=1000, mode=0o700)}
    linked = {"/proc/self/ns/user": "user:[4026531837]", "/proc/self/ns/pid": "pid:[4026531836]", "/proc/self/ns/mnt": "mnt:[1]", "/var/run": "/run"}
    linked |= {"/proc/1/ns/mnt": "mnt:[1]", "/lib": "usr/lib", "/bin": "usr/bin", "/sbin": "usr/sbin", "/proc/1/fd/0": "/dev/null"}
    linked["/usr/lib/systemd/system/sysinit.target.wants/systemd-sysctl.service"] = "../systemd-sysctl.service"
    given = {path: FileCapabilities(permitted=1 << number, effective=True, revision=2) for path, number in MAPPERS.items()} if stock.capable else {}
    stocked = files_of(stock, engine)
    engines = Engines(stats={}, links={}, peers={}, answers={})
    if engine:
        engines = docker(stock, stocked["/usr/lib/systemd/system/docker.service"]) if engine == "docker" else podman(stock)
    rows = "".join(row(one.inode, one.name) for one in engines.sockets)
    if stock.audits:
        linked["/etc/systemd/system/multi-user.target.wants/auditd.service"] = "/usr/lib/systemd/system/auditd.service"
    linked |= {f"/proc/{one.pid}/exe": one.exe for one in engines.processes}
    texts = {
        **stocked,
        **running(stock),
        **packages(stock, engine),
        **engines.files,
        **dict.fromkeys((*MAPPERS, *engines.programs, "/usr/bin/sudo"), "ELF"),
        "/etc/sudoers": SUDOERS[stock.name],
        "/proc/net/unix": UNIX + rows,
    }
    return MemoryHost(
        {**texts, **{f"/proc/{one.pid}/mountinfo": MOUNTS for one in engines.processes}, **(files or {})},
        stats={**roots, **engines.stats, **(stats or {})},
        links={**linked, **engines.links, **(links or {})},
        peers=engines.peers,
        answers=engines.answers,
        capabilities={**given, **(capabilities or {})},
        processes=[process(1, "/usr/lib/systemd/systemd", 0), *engines.processes],
        users=(),
        groups=(),
        unlisted=unlisted,
        unix_sockets=engines.sockets,
        tcp_listeners=(),
        vsock_listeners=(),
        audit_rules=AuditRules(enabled=int(stock.audits), pid=300 if stock.audits else 0),
    )


@dataclass(frozen=True, kw_only=True)
class Engines:
    """What engines add to a host that runs."""

    programs: tuple[str, ...] = ()
    processes: tuple[Process, ...] = ()
    sockets: tuple[UnixSocket, ...] = ()
    stats: dict[str, Stat]
    links: dict[str, str]
    peers: dict[str, Peer | Exception]
    answers: dict[str, dict[str, Answer | Exception]]
    files: dict[str, str] = field(default_factory=dict)


def docker(stock: Stock, unit: str) -> Engines:
    """Return dockerd, which its unit has started, and whose socket systemd holds as well, over containerd."""
    command = next(line for line in unit.splitlines() if line.startswith("ExecStart=")).partition("=")[2].removesuffix(" $DOCKER_OPTS")
    return Engines(
        programs=(stock.dockerd, "/usr/bin/containerd"),
        processes=(process(500, stock.dockerd), process(600, "/usr/bin/containerd")),
        sockets=(UnixSocket(inode=41, name=DOCKER, uid=0, listening=True), UnixSocket(inode=42, name=CONTAINERD, uid=0, listening=True)),
        stats={DOCKER: Stat(type="socket", uid=0, gid=DOCKER_GID, mode=0o660), CONTAINERD: Stat(type="socket", uid=0, gid=0, mode=0o660)},
        links={
            "/proc/1/fd/41": "socket:[41]",
            "/proc/500/fd/3": "socket:[41]",
            "/proc/600/fd/8": "socket:[42]",
            "/etc/systemd/system/sockets.target.wants/docker.socket": "/usr/lib/systemd/system/docker.socket",
        },
        peers={DOCKER: Peer(pid=1, uid=0, gid=0), CONTAINERD: Peer(pid=600, uid=0, gid=0)},
        answers={
            DOCKER: {
                "/_ping": dockerd("OK"),
                "/containers/json?all=1": dockerd("[]"),
                "/info": dockerd(info(command)),
                "/networks": dockerd(json.dumps(NETWORKS)),
                "/version": dockerd(json.dumps(VERSION)),
            }
        },
        files={
            "/proc/500/cmdline": command.replace(" ", "\0") + "\0",
            "/proc/500/environ": "PATH=/usr/bin\0",
            "/proc/500/cgroup": "0::/system.slice/docker.service\n",
            "/proc/500/net/unix": UNIX + row(41, DOCKER),
            "/usr/bin/runc": "ELF",
        },
    )


def podman(stock: Stock) -> Engines:
    """Return podman, for which systemd listens where the socket is enabled, and nobody else; to connect would start it."""
    if not stock.enables:
        return Engines(programs=("/usr/bin/podman",), stats={}, links={}, peers={}, answers={})
    return Engines(
        programs=("/usr/bin/podman",),
        sockets=(UnixSocket(inode=43, name=PODMAN, uid=0, listening=True),),
        stats={PODMAN: Stat(type="socket", uid=0, gid=0, mode=0o660)},
        links={
            "/proc/1/fd/43": "socket:[43]",
            "/etc/systemd/system/sockets.target.wants/podman.socket": "/usr/lib/systemd/system/podman.socket",
        },
        peers={PODMAN: AssertionError("nobody may connect to this")},
        answers={},
    )


def evidence_of(made: MemoryHost) -> dict[str, Any]:
    """Return the evidence of a host of memory, as a scan makes it."""
    stated = {name: json.loads(invoke.run(probe, made)) for name, probe in sorted(REGISTRY.probes.items())}
    about = {"plugins": registry.describe(REGISTRY), "schemas": {name: facts_schema_digest(probe.facts_schema) for name, probe in REGISTRY.probes.items()}}
    target = {"kind": "local", "name": "host"}
    return collect.assemble(stated, about, REGISTRY, target=target, clock="2026-01-01T00:00:00Z", euid=0, capabilities="")


def judged(made: MemoryHost, profile: str, values: Sequence[str] = ()) -> dict[str, Any]:
    """Return the report on a host of memory, through its evidence."""
    return _judged(evidence_of(made), profile, values)


@cache
def stock_report(name: str, engine: str, profile: str) -> dict[str, Any]:
    """Return the report on a host as its installation left it; nobody may change it, since the next test gets it too."""
    return _judged(_evidence(name, engine), profile)


@cache
def _evidence(name: str, engine: str) -> dict[str, Any]:
    return evidence_of(memory(STOCKS[name], engine))


def _judged(evidence: dict[str, Any], profile: str, values: Sequence[str] = ()) -> dict[str, Any]:
    args = argparse.Namespace(benchmark=(), profile=profile, role="", value=list(values), fail_on="low", format=())
    return judging.judge(evidence, judging.load_benchmarks(args, REGISTRY), args, REGISTRY)
