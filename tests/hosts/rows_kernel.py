"""Hosts for the rules about the kernel: each setting once as it should be and once not, and as nobody what the kernel then does.

A setting of the kernel is the whole machine's, so that it is mounted over here; what the kernel does is proved for that of the two values that it has.
"""

from collections.abc import Callable
from pathlib import Path

from hosts.planting import APPEND, PYTHON, Host, all_of, as_user, over, setting, shell
from real_engines.rootless_world import RootlessWorld

CALL = "import ctypes, sys; sys.exit(ctypes.CDLL(None).syscall({}) < 0)"
BPF = CALL.format("321, 0, bytes([2,0,0,0, 4,0,0,0, 4,0,0,0, 1,0,0,0]) + bytes(100), 116")
PERF = CALL.format("298, bytes([1,0,0,0, 112,0,0,0]) + bytes(104), 0, -1, -1, 0")
FAULT = CALL.format("323, 0")
RING = CALL.format("425, 1, ctypes.create_string_buffer(120)")
LOG = "import ctypes, sys; sys.exit(ctypes.CDLL(None).klogctl(3, ctypes.create_string_buffer(16), 16) < 0)"
HEAP = "import subprocess as s, sys; sys.exit(len({s.run(['grep', 'heap', '/proc/self/maps'], capture_output=True).stdout for _ in range(4)}) == 1)"
TYPES = "import fcntl, os, pty, sys, termios; os.setsid(); _, t = pty.openpty(); fcntl.ioctl(t, termios.TIOCSCTTY, 0); fcntl.ioctl(t, termios.TIOCSTI, b'x')"
MAKES = "import os; os.close(os.open('/run/sticky/regular', os.O_CREAT | os.O_WRONLY, 0o666))"
LINK = "import os; os.symlink('/etc/passwd', '/run/sticky/link')"
HARD = "import os; os.link('/run/secret', '/run/sticky/hard')"
TRACE = "import ctypes, os, sys, time; c = os.fork(); c or time.sleep(9); d = os.fork(); d or sys.exit(ctypes.CDLL(None).ptrace(16, c, 0, 0) < 0)\n"
TRACE += "s = os.waitpid(d, 0)[1]; os.kill(c, 9); sys.exit(s != 0)"
STICKY = shell("mkdir -m 1777 /run/sticky; touch /run/secret; chmod 0600 /run/secret")
HANDLER = shell("printf '#!/bin/sh\\n' > /run/handler; chmod 0755 /run/handler")


def follows(world: RootlessWorld) -> bool:
    """Say whether frank is led by nobody's link, out of a directory in which both may make names."""
    return as_user("nobody", *PYTHON, LINK)(world) and as_user("frank", "cat", "/run/sticky/link")(world)


def makes(world: RootlessWorld) -> bool:
    """Say whether nobody is given frank's file, in a directory in which both may make names, where nobody meant to make a new one."""
    as_user("frank", "sh", "-c", "umask 0; echo > /run/sticky/regular")(world)
    return nobody(MAKES)(world)


def nobody(code: str) -> Callable[[RootlessWorld], bool]:
    """Return what is so where a call of nobody's succeeds."""
    return as_user("nobody", *PYTHON, code)


SETTINGS: tuple[tuple[str, str, str, str, Callable[[RootlessWorld], bool] | None], ...] = (
    ("HC-KRN-01", "kernel.unprivileged_bpf_disabled", "0", "2", nobody(BPF)),
    ("HC-KRN-03", "kernel.dmesg_restrict", "0", "1", nobody(LOG)),
    ("HC-KRN-04", "kernel.yama.ptrace_scope", "0", "1", None),
    ("HC-KRN-05", "kernel.perf_event_paranoid", "1", "2", nobody(PERF)),
    ("HC-KRN-06", "vm.unprivileged_userfaultfd", "1", "0", nobody(FAULT)),
    ("HC-KRN-07", "kernel.io_uring_disabled", "0", "2", nobody(RING)),
    ("HC-KRN-09", "fs.protected_symlinks", "0", "1", follows),
    ("HC-KRN-10", "fs.protected_hardlinks", "0", "1", nobody(HARD)),
    ("HC-KRN-11", "fs.protected_regular", "0", "2", makes),
    ("HC-KRN-12", "fs.suid_dumpable", "1", "0", None),
    ("HC-KRN-13", "kernel.randomize_va_space", "0", "2", lambda world: not nobody(HEAP)(world)),
    ("HC-KRN-14", "kernel.kexec_load_disabled", "0", "1", None),
    ("HC-KRN-15", "dev.tty.ldisc_autoload", "1", "0", None),
    ("HC-KRN-16", "dev.tty.legacy_tiocsti", "1", "0", nobody(TYPES)),
)


def proof(path: str, value: str, does: bool, happens: Callable[[RootlessWorld], bool] | None) -> Callable[[RootlessWorld], bool]:
    """Return the proof that nobody reads this value, and that what it allows happens or not, where the kernel really has it."""

    def prove(world: RootlessWorld) -> bool:
        shown = as_user("nobody", "sh", "-c", f"test $(cat {path}) = {value}")(world)
        return shown and (happens is None or Path(path).read_text().strip() != value or happens(world) is does)

    return prove


def pair(rule: str, name: str, bad: str, good: str, happens: Callable[[RootlessWorld], bool] | None) -> list[Host]:
    """Return the host with a bad value, and its twin."""
    path = f"/proc/sys/{name.replace('.', '/')}"
    told = {"profile": "level2", "alone": True}
    return [
        Host(
            name=f"{name} {bad}",
            plant=all_of(STICKY, setting(name, bad)),
            proof=proof(path, bad, True, happens),
            fails=(rule,),
            twin=f"{name} {good}",
            **told,
        ),  # type: ignore[arg-type]
        Host(name=f"{name} {good}", plant=all_of(STICKY, setting(name, good)), proof=proof(path, good, False, happens), also={rule: "pass"}, **told),  # type: ignore[arg-type]
    ]


def traces(world: RootlessWorld) -> bool:
    """Prove that a process of nobody's takes over another, where the kernel has no Yama or does not use it."""
    scope = Path("/proc/sys/kernel/yama/ptrace_scope")
    return not scope.exists() or scope.read_text().strip() != "0" or nobody(TRACE)(world)


FILE = "/etc/sysctl.d/90-local.conf"
LOCAL = all_of(
    shell("test ! -d /usr/lib/sysctl.d || mount --no-mtab -t tmpfs -o mode=0755 tmpfs /usr/lib/sysctl.d", "rm -f /etc/sysctl.conf /etc/sysctl.d/*"),
    over(FILE, "kernel.kptr_restrict = 0\n"),
)
"""The only file of settings."""
BOOT = {"profile": "level2", "alone": True}

POINTERS, PROFILING = "kernel.kptr_restrict", "kernel.perf_event_paranoid"


def hides(world: RootlessWorld) -> bool:
    """Prove that nobody sees zeros, where the kernel really has these two values."""
    really = [Path(f"/proc/sys/{name.replace('.', '/')}").read_text().strip() for name in (POINTERS, PROFILING)]
    return really[0] != "0" or int(really[1]) < 2 or as_user("nobody", "sh", "-c", "! grep -qv ^0000000000000000 /proc/kallsyms")(world)


HOSTS = [host for setting in SETTINGS for host in pair(*setting)] + [
    Host(
        name="addresses of the kernel for whoever may profile it",
        plant=all_of(setting(POINTERS, "0"), setting(PROFILING, "1")),
        proof=as_user("nobody", "sh", "-c", f"test $(sysctl -n {POINTERS} {PROFILING} | tr -d '\\n') = 01"),
        fails=("HC-KRN-02",),
        twin="addresses of the kernel for nobody, by the other setting",
        **BOOT,
    ),
    Host(
        name="addresses of the kernel for nobody, by the other setting",
        plant=all_of(setting(POINTERS, "0"), setting(PROFILING, "2")),
        proof=hides,
        also={"HC-KRN-02": "pass"},
        **BOOT,
    ),
    Host(
        name="a handler of dumps that is a user's",
        plant=all_of(HANDLER, shell("chown dave /run/handler"), over("/proc/sys/kernel/core_pattern", "|/run/handler %P\n")),
        proof=as_user("dave", "sh", "-c", "echo >> /run/handler"),
        fails=("HC-KRN-17",),
        twin="a handler of dumps that is root's",
        alone=True,
    ),
    Host(
        name="a handler of dumps that is root's",
        plant=all_of(HANDLER, over("/proc/sys/kernel/core_pattern", "|/run/handler %P\n")),
        proof=as_user("dave", "sh", "-c", "echo >> /run/handler", does=False),
        also={"HC-KRN-17": "pass"},
        alone=True,
    ),
    Host(
        name="a setting that a file undoes at boot",
        plant=all_of(LOCAL, setting("kernel.kptr_restrict", "1")),
        proof=as_user("nobody", "grep", "-qx", "1", "/proc/sys/kernel/kptr_restrict"),
        fails=("HC-KRN-21 kernel.kptr_restrict",),
        twin="a setting that a file repeats at boot",
        **BOOT,
    ),
    Host(
        name="a file of settings that is a user's",
        plant=all_of(LOCAL, setting("kernel.kptr_restrict", "0"), shell(f"chown dave {FILE}")),
        proof=as_user("dave", *PYTHON, APPEND, FILE),
        fails=("HC-KRN-21 kernel.kptr_restrict",),
        twin="a setting that a file repeats at boot",
        **BOOT,
    ),
    Host(
        name="a setting that a file repeats at boot",
        plant=all_of(LOCAL, setting("kernel.kptr_restrict", "0")),
        proof=as_user("dave", *PYTHON, APPEND, FILE, does=False),
        opens=True,  # what applies the files is not known where no systemd runs
        **BOOT,
    ),
    Host(
        name="a kernel with filters",
        plant=over("/proc/sys/kernel/core_pattern", "core\n"),
        proof=traces,
        also={"HC-KRN-17": "pass", "HC-KRN-20": "pass"},
        alone=True,
    ),
]
