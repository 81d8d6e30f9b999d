"""The credentials of living processes that hold no uid 0, each set once.

A session keeps the groups that it began with, whatever the files say by now; and uids inside a container are those of the host, so that a
process counts only where it sees the host's own / and /run.
"""

import errno
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

from hostcheck.api import ABSENT, Hole, Host, Json, LimitExceeded, Process, Why, attempt, incomplete
from hostcheck_builtin.readers import procfs
from hostcheck_builtin.readers.holes import graver

DAC_OVERRIDE: Final = 1 << 1
DAC_READ_SEARCH: Final = 1 << 2
SYS_PTRACE: Final = 1 << 19
"""By bit (include/uapi/linux/capability.h)."""
TABLE: Final = 4 << 20
TABLES: Final = 64 << 20
"""Bytes of one mount table, and of all: a user may make namespaces with a hundred thousand mounts (/proc/sys/fs/mount-max)."""

Seen = tuple[str | None, str | None]
"""What stands at / and at /run: device and root of each mount, None where it is no mount."""


@dataclass(slots=True, kw_only=True)
class Views:
    """The mount namespaces looked at so far, by their name where that may be read, and how many bytes may still be read of others."""

    seen: dict[str, Seen | Hole] = field(default_factory=dict)
    left: int = TABLES


def credentials(host: Host) -> Json:
    """Return each set of credentials with what is common to its processes; incomplete where processes are hidden from the scanner."""
    sets: dict[str, list[Process]] = defaultdict(list)
    for process in host.processes():
        if 0 not in process.uids:
            sets[_key(process)].append(process)
    views = Views()
    own = attempt(_own, host, views)
    found = {key: _stated(host, members, own, views) for key, members in sorted(sets.items())}
    hidden = attempt(hides, host)
    return incomplete(found, hidden) if isinstance(hidden, Hole) else found


def all_seeing(host: Host) -> bool:
    """Say whether the scanner may search any directory; to others many are closed, and a hole for each path behind them would tell nothing more."""
    capable = attempt(lambda: int(procfs.field(procfs.status(host), "CapEff"), 16))
    return not isinstance(capable, Hole) and bool(capable & (DAC_OVERRIDE | DAC_READ_SEARCH))


def hides(host: Host) -> Hole | None:
    """Return the hole that hidepid leaves, None where every process is shown (proc(5)): it hides none from who may trace it."""
    table = [mount for mount in procfs.mounts(host, "/proc/self/mountinfo") if mount.point == "/proc"]
    hidepid = table[-1].options.get("hidepid", "off") if table else "off"
    if hidepid in ("off", "0"):
        return None
    if int(procfs.field(procfs.status(host), "CapEff"), 16) & SYS_PTRACE:
        return None
    return Hole(why=Why.DENIED, message=f"/proc: hidepid={hidepid} hides the processes of others")


def _key(process: Process) -> str:
    words = [_short(process.uids), _short(process.gids), ",".join(map(str, sorted(process.groups)))]
    if process.cap_effective & DAC_OVERRIDE:
        words.append("dac_override")
    if process.cap_effective & DAC_READ_SEARCH:
        words.append("dac_read_search")
    return ":".join(words)


def _short(ids: tuple[int, int, int, int]) -> str:
    return str(ids[0]) if len(set(ids)) == 1 else "/".join(map(str, ids))


def _stated(host: Host, members: list[Process], own: Seen | Hole, views: Views) -> Json:
    first = members[0]
    override, search = bool(first.cap_effective & DAC_OVERRIDE), bool(first.cap_effective & DAC_READ_SEARCH)
    stated: dict[str, Json] = {
        "uids": list(first.uids),
        "gids": list(first.gids),
        "groups": sorted(first.groups),
        "count": len(members),
        "host_mounts": _shares(host, members, own, views),
        "dac_override": override,
        "dac_read_search": search,
    }
    if override or search:
        stated["mapped_uids"] = attempt(_ranges, host, members, "uid_map")
        stated["mapped_gids"] = attempt(_ranges, host, members, "gid_map")
    return stated


def _shares(host: Host, members: list[Process], own: Seen | Hole, views: Views) -> bool | Hole:
    """Say whether one of these processes sees the / and the /run that the scanner sees: a service in a mount namespace of its own usually does."""
    if isinstance(own, Hole):
        return own
    unknown: Hole | None = None
    for process in members:
        seen = _view(host, process, views)
        if isinstance(seen, Hole):
            unknown = graver(unknown, seen)
        elif seen is not None and seen == own:
            return True
    return unknown or False


def _view(host: Host, process: Process, views: Views) -> Seen | Hole | None:
    """Return what a process sees, None where it has ended; the table of a namespace is read once where the namespace can be told."""
    name: str | Hole = "host" if process.host_mounts else attempt(_namespace, host, process.pid)
    key = name if isinstance(name, str) and name else f"/proc/{process.pid}"
    if key in views.seen:
        return views.seen[key]
    seen = attempt(_look, host, f"/proc/{process.pid}/mountinfo", views)
    if seen is not None:
        views.seen[key] = seen
    return seen


def _own(host: Host, views: Views) -> Seen:
    seen = _look(host, "/proc/self/mountinfo", views)
    if seen is None:
        raise PermissionError(errno.EACCES, "hidden, or /proc is not mounted", "/proc/self/mountinfo")
    return seen


def _namespace(host: Host, pid: int) -> str:
    try:
        return host.read_link(f"/proc/{pid}/ns/mnt")
    except ABSENT:
        return ""


def _look(host: Host, path: str, views: Views) -> Seen | None:
    if views.left <= 0:
        raise LimitExceeded(f"{path}: more than {TABLES} bytes of mount tables before it")
    try:
        text = host.read_text(path, limit=TABLE)
    except ABSENT:
        return None
    except OSError as error:
        if error.errno == errno.EINVAL:  # a zombie has no namespaces (mounts_open_common() of the kernel)
            return None
        raise
    views.left -= len(text)
    mounted: dict[str, str] = {}
    for line in text.split("\n"):
        fields = line.split(" ", 5)
        if len(fields) == 6 and fields[4] in ("/", "/run"):
            mounted[fields[4]] = f"{fields[2]} {fields[3]}"
    return mounted.get("/"), mounted.get("/run")


def _ranges(host: Host, members: list[Process], name: str) -> list[list[int]]:
    """Return the ids, as ranges [first, count], that exist in the user namespaces of these processes: a capability reaches no others (user_namespaces(7))."""
    found: set[tuple[int, int]] = set()
    for process in members:
        try:
            text = host.read_text(f"/proc/{process.pid}/{name}")
        except ABSENT:
            continue
        found.update((int(fields[1]), int(fields[2])) for line in text.split("\n") if len(fields := line.split()) == 3)
    return [list(ids) for ids in sorted(found)]
