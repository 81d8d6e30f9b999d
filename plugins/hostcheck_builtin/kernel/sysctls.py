"""The settings of the running kernel that are read, each by its name of sysctl(8).

This list is the only one: `python .ci/generate.py` makes the facts schema and docs/facts.md follow it.
"""

from typing import Final

from hostcheck.api import ABSENT, Host, Json, Unsupported
from hostcheck_builtin.system.procfs import demand, number

SYSCTLS: Final = (
    "dev.tty.ldisc_autoload",
    "dev.tty.legacy_tiocsti",
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
    "kernel.kptr_restrict",
    "kernel.perf_event_paranoid",
    "kernel.randomize_va_space",
    "kernel.sysrq",  # of which CONTRIBUTING.md has the reader write a rule
    "kernel.unprivileged_bpf_disabled",
    "kernel.unprivileged_userns_clone",
    "kernel.yama.ptrace_scope",
    "net.bridge.bridge-nf-call-iptables",
    "net.core.bpf_jit_harden",
    "net.ipv4.conf.all.route_localnet",
    "net.ipv4.conf.default.route_localnet",
    "net.ipv4.ip_forward",
    "net.ipv4.ip_unprivileged_port_start",
    "user.max_user_namespaces",
    "vm.unprivileged_userfaultfd",
)
FIRST_NETWORK: Final = "netdev_max_backlog"
"""A setting that stands in net.core of the first network namespace alone, as the JIT's do (net/core/sysctl_net_core.c)."""


def read_sysctl(host: Host, name: str) -> Json:
    """State whether the kernel has a setting, and to what it is set: an integer, a list of them, or text."""
    try:
        raw = host.read_text(f"/proc/sys/{name.replace('.', '/')}").removesuffix("\n")
    except ABSENT:
        if name.startswith("net.core.") and FIRST_NETWORK not in demand(host.list_dir, "/proc/sys/net/core"):
            raise Unsupported(f"{name}: not shown outside of the first network namespace") from None
        return {"present": False}
    numbers = [number(word) for word in raw.split()]
    value: Json = raw if not numbers or None in numbers else numbers
    return {"present": True, "value": value[0] if isinstance(value, list) and len(value) == 1 else value, "raw": raw}
