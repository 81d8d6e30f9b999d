"""The mounts that a process sees, as its mountinfo lists them (proc_pid_mountinfo(5)), and which of them a path lies on.

The longest mount point that is a prefix of a path need not be the one: what was mounted there may lie hidden below a later mount on a directory
above it. The ids say which mount stands on which.
"""

import errno
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from hostcheck.api import Host, Nonsense, Unsupported, pattern
from hostcheck_builtin.system.bounds import MOUNTINFO_BYTES as LIMIT
from hostcheck_builtin.system.procfs import INIT_PIDNS, demand, is_mac, whole

OWN: Final = "/proc/self/mountinfo"
ESCAPE: Final = pattern(r"\\([0-7]{3})", re.ASCII)


class Mount(NamedTuple):
    """One line: `root` of the file system on `device` is seen at `point`; `options` are those of the mount, `super_options` of its file system."""

    id: str
    parent: str
    device: str
    root: str
    point: str
    options: str
    fstype: str
    source: str
    super_options: str

    def settings(self) -> dict[str, str]:
        """Return the options of the file system, "" for one without a value."""
        return {key: value for key, _, value in (option.partition("=") for option in self.super_options.split(","))}


def mounts(host: Host, path: str = OWN) -> list[Mount]:
    """Return the mounts that a mountinfo file lists, in its order: of two at one point the later covers the earlier; raise Unsupported on a Mac alone."""
    try:
        text = demand(lambda name: host.read_text(name, limit=LIMIT), path)
    except Unsupported as error:
        if is_mac(host):
            raise
        raise PermissionError(errno.EACCES, "hidden, as where /proc is not mounted", path) from error
    return list(parsed(path, text))


@lru_cache(maxsize=2)
def parsed(path: str, text: str) -> tuple[Mount, ...]:
    """Return the mounts that a whole mountinfo lists; many ask for the same text, each probe several times."""
    return tuple(parse(path, whole(path, text)))


def parse(path: str, text: str) -> Iterator[Mount]:
    """Yield the mounts that a text lists; raise Nonsense at a line that is no mount."""
    for line in text.split("\n"):
        if line:
            yield _mount(path, line)


def _mount(path: str, line: str) -> Mount:
    # Spaces inside a field are written \040, and a run of optional fields ends with "-": its place is not fixed.
    before, _, after = line.partition(" - ")
    left, right = before.split(" ", 6), after.split(" ", 3)
    if len(left) < 6 or len(right) < 3:
        raise Nonsense(f"{path}: a line that is no mount")
    return Mount(left[0], left[1], left[2], _plain(left[3]), _plain(left[4]), left[5], right[0], _plain(right[1]), right[2])


def _plain(name: str) -> str:
    r"""Undo the escapes of show_mountinfo(): space, tab, newline, backslash and, in a source, # as ``\NNN``, octal."""
    return ESCAPE.sub(lambda code: chr(int(code[1], 8)), name) if "\\" in name else name


def mounts_at(table: Iterable[Mount], point: str) -> list[Mount]:
    """Return what is mounted at one point, the last of which is seen."""
    return [mount for mount in table if mount.point == point]


def root_of(table: Iterable[Mount]) -> tuple[str, str] | None:
    """Return device and root of what is seen at /, None where no mount is: a plain directory is none, as after chroot(2)."""
    return next(((mount.device, mount.root) for mount in reversed(mounts_at(table, "/"))), None)


def narrowed(host: Host, procs: list[Mount]) -> bool:
    """Say whether /proc shows one pid namespace where another /proc below it would show the host: as `unshare --mount-proc` makes it, and no container."""
    return len(procs) > 1 and demand(host.read_link, "/proc/self/ns/pid") != INIT_PIDNS


def mount_of(path: str, table: list[Mount]) -> Mount:
    """Return the mount that `path`, which has no links in it, lies on; raise Unsupported where the table does not show what stands at /."""
    standing: dict[str, list[Mount]] = defaultdict(list)
    for mount in table:
        standing[mount.parent].append(mount)
    ids = {mount.id for mount in table}
    here = next((mount for mount in table if mount.point == "/" and (mount.parent not in ids or mount.parent == mount.id)), None)
    if here is None:
        raise Unsupported(f"{OWN}: shows nothing at /, as in a chroot")
    for _ in table:
        base = here.point
        above = [mount for mount in standing[here.id] if mount is not here and _leads(base, mount.point, path)]
        if not above:
            break
        here = min(above, key=lambda mount: len(mount.point))
    return here


def _leads(base: str, point: str, path: str) -> bool:
    """Say whether the walk from `base` to `path` comes by `point`."""
    return f"{path}/".startswith(f"{point.rstrip('/')}/") and f"{point}/".startswith(f"{base.rstrip('/')}/")
