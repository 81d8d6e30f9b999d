"""The configuration that the running kernel was built with, where the kernel or its distribution shows it.

It explains why a setting is absent, and proves nothing else: a file in /boot is the running kernel's by its name alone, so no verdict depends on it.
"""

import re
import zlib
from typing import Final

from hostcheck.api import Hole, Host, Json, LimitExceeded, Nonsense, attempt, pattern
from hostcheck_builtin.system.bounds import KERNEL_CONFIG_BYTES as SIZE
from hostcheck_builtin.system.ownership import so_far
from hostcheck_builtin.system.path_walk import LstatCache
from hostcheck_builtin.system.presence import absent_as

OPTIONS: Final = tuple(
    "BPF_JIT BPF_SYSCALL IO_URING KEXEC_CORE LDISC_AUTOLOAD LEGACY_TIOCSTI PERF_EVENTS SECCOMP_FILTER SECURITY_APPARMOR SECURITY_SELINUX SECURITY_YAMA"
    " TTY USERFAULTFD USER_NS".split()
)
"""What the settings and modules that the probe states depend on (lib/Kconfig* and security/Kconfig of Linux)."""
KERNELS_OWN: Final = "/proc/config.gz"
PLACES: Final = ("/boot/config-{}", "/usr/lib/modules/{}/config", "/lib/modules/{}/config")
RELEASE: Final = pattern(r"[A-Za-z0-9._+~-]{1,64}", re.ASCII)
"""What a kernel calls itself (UTS_RELEASE)."""


def kernel_config(host: Host, release: str | Hole) -> Json:
    """State where the configuration stands ("" for nowhere), whether that is root's alone, and the options."""
    return attempt(_config, host, release)


def _config(host: Host, release: str | Hole) -> Json:
    packed = absent_as(None, host.read_bytes, KERNELS_OWN, limit=SIZE)
    if packed is None:
        return release if isinstance(release, Hole) else _of_distribution(host, release.strip())
    return {"source": KERNELS_OWN, "root_owned": True, "options": options(unpacked(packed).decode("utf-8", "replace"))}


def _of_distribution(host: Host, release: str) -> Json:
    if not RELEASE.fullmatch(release):
        raise Nonsense("/proc/sys/kernel/osrelease: not the name of a file")
    for place in PLACES:
        path = place.format(release)
        text = absent_as(None, host.read_text, path, limit=SIZE)
        if text is None:
            continue
        return {
            "source": path,
            "root_owned": attempt(lambda at: so_far(host, at, LstatCache()).root_owned, path),
            "options": options(text),
        }
    return {"source": ""}


def unpacked(packed: bytes) -> bytes:
    """Return what gzip packed; raise LimitExceeded where that is more than a configuration can be, and Nonsense where it is not gzip or was cut short."""
    stream = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        text = stream.decompress(packed, SIZE + 1)
    except zlib.error as error:
        raise Nonsense(f"{KERNELS_OWN}: not gzip") from error
    if len(text) > SIZE:
        raise LimitExceeded(f"{KERNELS_OWN}: more than {SIZE} bytes")
    if not stream.eof:
        raise Nonsense(f"{KERNELS_OWN}: cut short")
    return text


def options(text: str) -> dict[str, Json]:
    """Return y, m or n for each of the options; one that a configuration does not name is off, as what it depends on is."""
    lines = (line.partition("=") for line in text.split("\n") if line.startswith("CONFIG_"))
    stated = {name: value.strip() for name, _, value in lines}
    return {f"CONFIG_{name}": value if (value := stated.get(f"CONFIG_{name}")) in ("y", "m") else "n" for name in OPTIONS}
