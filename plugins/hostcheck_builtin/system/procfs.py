"""What a running kernel says of itself in /proc, parsed.

A file that every kernel offers is never absent: where it is not there, /proc is hidden (hidepid, subset=pid, no mount), and that is a hole.
"""

import errno
from collections.abc import Callable
from typing import Final, TypeVar

from hostcheck.api import ABSENT, Hole, Host, Nonsense, Unsupported, Why, attempt
from hostcheck_builtin.system.presence import absent_as, is_there

INIT_USERNS: Final = "user:[4026531837]"
"""PROC_USER_INIT_INO (include/linux/proc_ns.h)."""
INIT_PIDNS: Final = "pid:[4026531836]"
"""PROC_PID_INIT_INO (include/linux/proc_ns.h)."""
OWN: Final = "/proc/self/status"
ALWAYS: Final = ("/proc/cmdline", "/proc/filesystems", "/proc/sys")
MAC: Final = "/System/Library/CoreServices/SystemVersion.plist"
"""What every macOS has."""
T = TypeVar("T")


def demand(verb: Callable[[str], T], path: str) -> T:
    """Return what `verb` answers of `path`, whose absence says nothing about the host; raise PermissionError or Unsupported where it is not there."""
    try:
        return verb(path)
    except ABSENT as error:
        if path.startswith(("/proc/1/", "/proc/sys/")) or path in ALWAYS:  # there is always a process 1, and a kernel always has settings
            raise PermissionError(errno.EACCES, "hidden, as by hidepid or subset=pid", path) from error
        raise Unsupported(f"{path}: not there, as where /proc or /sys is hidden or not mounted") from error


def words(host: Host, path: str, limit: int) -> list[str]:
    """Return the words of a command line or an environment, each of which ends with a NUL (proc_pid_cmdline(5)); raise Nonsense where one does not.

    Where the last NUL is missing, the rest may be as well.
    """
    text = host.read_bytes(path, limit=limit).decode("utf-8", "surrogateescape")
    if text and not text.endswith("\0"):
        raise Nonsense(f"{path}: ends in the middle of a word")
    return text.removesuffix("\0").split("\0") if text else []


def command(host: Host, pid: int, limit: int) -> list[str]:
    """Return the words of the command line of a process that runs a program; raises Nonsense where there are none."""
    path = f"/proc/{pid}/cmdline"
    found = words(host, path, limit)
    if not found:
        raise Nonsense(f"{path}: empty")
    return found


def is_mac(host: Host) -> bool:
    """Say whether this is macOS, which has no /proc."""
    return attempt(is_there, host, MAC) is True


def whole(path: str, text: str) -> str:
    """Return a text that the kernel wrote, which is some lines, and ends with a whole one; raise Nonsense where it was cut short."""
    if not text.endswith("\n"):
        raise Nonsense(f"{path}: cut short")
    return text


def number(text: str) -> int | None:
    """Return the integer that `text` is the canonical decimal form of, else None."""
    if len(text) > 20 or not text.isascii() or not text.removeprefix("-").isdigit():
        return None
    value = int(text)
    return value if str(value) == text else None


def status(host: Host) -> dict[str, str]:
    """Return the fields of the scanner's own status (proc_pid_status(5))."""
    lines = whole(OWN, demand(host.read_text, OWN)).split("\n")
    return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}


def field(fields: dict[str, str], name: str) -> str:
    """Return one field of a status; raise Unsupported where this kernel does not say it."""
    if name not in fields:
        raise Unsupported(f"{OWN}: without {name}")
    return fields[name]


def away_from_init(host: Host) -> Hole | None:
    """Return the hole where the scanner is not in the network namespace of process 1, as under PrivateNetwork= (systemd.exec(5)), or that is hidden.

    A kernel without unix sockets has no file to tell namespaces apart by.
    """
    own = absent_as(None, attempt, lambda: host.stat("/proc/self/net/unix").ino)
    if own is None:
        return None
    init = attempt(lambda path: demand(host.stat, path).ino, "/proc/1/net/unix")
    if isinstance(own, Hole) or isinstance(init, Hole):
        return own if isinstance(own, Hole) else init if isinstance(init, Hole) else None
    return None if own == init else Hole(why=Why.DENIED, message="/proc/self/net: the scanner is not in the network namespace of process 1")
