"""What the running kernel allows: its settings, security modules, filters and control groups.

A setting that is absent is a fact, but only while its neighbours can be listed: where /proc/sys is hidden, every setting is a hole.
"""

from typing import Final

from hostcheck.api import ABSENT, Hole, Host, Json, Nonsense, Unsupported, attempt, incomplete
from hostcheck_builtin.probes.cgroups import cgroups
from hostcheck_builtin.probes.footing import footing
from hostcheck_builtin.probes.procfs import demand, given, number, status

SYSCTLS: Final = (
    *(f"user.max_{kind}_namespaces" for kind in ("cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts")),
    "dev.tty.ldisc_autoload",
    "dev.tty.legacy_tiocsti",
    "fs.inotify.max_user_instances",
    "fs.inotify.max_user_watches",
    "fs.protected_fifos",
    "fs.protected_hardlinks",
    "fs.protected_regular",
    "fs.protected_symlinks",
    "fs.suid_dumpable",
    "kernel.apparmor_restrict_unprivileged_unconfined",
    "kernel.apparmor_restrict_unprivileged_userns",
    "kernel.apparmor_restrict_unprivileged_userns_complain",
    "kernel.core_pattern",
    "kernel.dmesg_restrict",
    "kernel.io_uring_disabled",
    "kernel.kexec_load_disabled",
    "kernel.keys.maxbytes",
    "kernel.keys.maxkeys",
    "kernel.kptr_restrict",
    "kernel.modules_disabled",
    "kernel.perf_event_paranoid",
    "kernel.randomize_va_space",
    "kernel.sysrq",
    "kernel.unprivileged_bpf_disabled",
    "kernel.unprivileged_userns_clone",
    "kernel.yama.ptrace_scope",
    "net.bridge.bridge-nf-call-iptables",
    "net.core.bpf_jit_harden",
    "net.ipv4.conf.all.route_localnet",
    "net.ipv4.conf.default.route_localnet",
    "net.ipv4.ip_forward",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "vm.mmap_min_addr",
    "vm.unprivileged_userfaultfd",
)
SELINUX: Final = {"0": "permissive", "1": "enforcing"}
KINDS: Final = (("|", "pipe"), ("@", "socket"))
"""How a core_pattern begins that is no name of a file (core(5)); sockets since Linux 6.16."""


def collect(host: Host) -> Json:
    """State the settings of the running kernel, and what confines programs under it."""
    listed = attempt(demand, host.list_dir, "/proc/sys/kernel")
    release = attempt(demand, host.read_text, "/proc/sys/kernel/osrelease")
    sysctl = {name: given(listed, lambda _, name=name: _sysctl(host, name)) for name in SYSCTLS}
    return {
        "version": given(release, _version),
        "sysctl": sysctl,
        "core_pattern": given(sysctl["kernel.core_pattern"], lambda setting: _core_pattern(host, setting)),
        "lsm": {"active": attempt(_active, host), "apparmor": {"enabled": attempt(_apparmor, host)}, "selinux": {"mode": attempt(_selinux, host)}},
        "seccomp": _seccomp(host, listed),
        "cgroup": cgroups(host),
    }


def _version(release: str) -> Json:
    """Return the first two numbers of a release, by which it is known what a kernel may lack."""
    major, _, rest = release.partition(".")
    minor = "".join(char for char in rest[: len(rest) - len(rest.lstrip("0123456789"))])
    return {}
