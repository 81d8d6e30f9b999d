"""What a running kernel says of itself in /proc, parsed.

A file that every kernel offers is never absent: where it is not there, /proc is hidden (hidepid, subset=pid, no mount), and that is a hole.
"""

import errno
from collections.abc import Callable
from typing import Final, NamedTuple, TypeVar

from hostcheck.api import ABSENT, Host, Nonsense, Unsupported

INIT_PIDNS: Final = "pid:[4026531836]"
"""PROC_PID_INIT_INO (include/linux/proc_ns.h)."""
OWN: Final = "/proc/self/status"
MOUNTINFO: Final = 1 << 26
"""Users may add a thousand lines of some thousand bytes (mount_max in fuse.conf); that must not hide the others."""
T = TypeVar("T")


class Mount(NamedTuple):
    """One line of mountinfo (proc_pid_mountinfo(5)): `root` of the file system on `device` is seen at `point`; `options` are the superblock's."""

    device: str
    root: str
    point: str
    fstype: str
    options: dict[str, str]


def demand(verb: Callable[[str], T], path: str) -> T:
    """Return what `verb` answers of `path`, whose absence says nothing about the host; raise PermissionError or Unsupported where it is not there."""
    try:
        return verb(path)
    except ABSENT as error:
        if path.startswith(("/proc/1/", "/proc/sys/")) or path == "/proc/sys":  # there is always a process 1, and a kernel always has settings
            raise PermissionError(errno.EACCES, "hidden, as by hidepid or subset=pid", path) from error
        raise Unsupported(f"{path}: not there, as where /proc or /sys is hidden or not mounted") from error


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


def mounts(host: Host, path: str) -> list[Mount]:
    """Return the mounts that a mountinfo file lists, in its order: of two at one point the later covers the earlier."""
    text = whole(path, demand(lambda name: host.read_text(name, limit=MOUNTINFO), path))
    return [_mount(path, line) for line in text.split("\n") if line]


def over(table: list[Mount], point: str) -> list[Mount]:
    """Return what is mounted at one point, the last of which is seen."""
    return [mount for mount in table if mount.point == point]


def narrowed(host: Host, procs: list[Mount]) -> bool:
    """Say whether /proc shows one pid namespace where another /proc below it would show the host: as `unshare --mount-proc` makes it, and no container."""
    return len(procs) > 1 and demand(host.read_link, "/proc/self/ns/pid") != INIT_PIDNS


def _mount(path: str, line: str) -> Mount:
    # Spaces inside a field are written \040, and a run of optional fields ends with "-": its place is not fixed.
    before, dash, after = line.partition(" - ")
    left, right = before.split(" "), after.split(" ")
    if not dash or len(left) < 6 or len(right) < 3:
        raise Nonsense(f"{path}: a line that is no mount")
    options = (option.partition("=") for option in right[2].split(","))
    return Mount(device=left[2], root=left[3], point=_plain(left[4]), fstype=right[0], options={key: value for key, _, value in options})


def _plain(point: str) -> str:
    r"""Undo the escapes of show_mountinfo(): space, tab, newline and backslash as ``\NNN``, octal."""
    if "\\" in point:
        for code in ("040", "011", "012", "134"):
            point = point.replace(f"\\{code}", chr(int(code, 8)))
    return point
