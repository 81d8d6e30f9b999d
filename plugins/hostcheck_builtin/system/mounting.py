r"""The mount that a path lies on, found as the kernel walks to it.

The longest mount point that is a prefix of a path need not be the one: what was mounted there may lie hidden below a later mount on a directory
above it. Which mount stands on which is told by the ids in mountinfo (proc_pid_mountinfo(5)).
"""

from collections import defaultdict
from typing import Final, NamedTuple

from hostcheck.api import Host, Nonsense, Unsupported
from hostcheck_builtin.system.procfs import MOUNTINFO, demand

TABLE: Final = "/proc/self/mountinfo"
ESCAPED: Final = (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\"))
"""What show_mountinfo() of the kernel escapes."""


class Mount(NamedTuple):
    """One line of mountinfo: `options` are those of this mount (nosuid, ro), not of its file system."""

    number: str
    below: str
    point: str
    options: tuple[str, ...]


def table(host: Host) -> list[Mount]:
    """Return the mounts that the scanner sees."""
    text = demand(lambda path: host.read_text(path, limit=MOUNTINFO), TABLE)
    return [_mount(line) for line in text.split("\n") if line]


def _mount(line: str) -> Mount:
    fields = line.split(" ")
    if len(fields) < 10:
        raise Nonsense(f"{TABLE}: a line that is no mount")
    point = fields[4]
    for code, char in ESCAPED:
        point = point.replace(code, char)
    return Mount(number=fields[0], below=fields[1], point=point, options=tuple(fields[5].split(",")))


def mount_of(path: str, mounts: list[Mount]) -> Mount:
    """Return the mount that `path`, which has no links in it, lies on; raise Unsupported where the table does not show what stands at /."""
    standing: dict[str, list[Mount]] = defaultdict(list)
    for mount in mounts:
        standing[mount.below].append(mount)
    numbers = {mount.number for mount in mounts}
    here = next((mount for mount in mounts if mount.point == "/" and (mount.below not in numbers or mount.below == mount.number)), None)
    if here is None:
        raise Unsupported(f"{TABLE}: shows nothing at /, as in a chroot")
    for _ in mounts:
        base = here.point
        above = [mount for mount in standing[here.number] if mount is not here and _leads(base, mount.point, path)]
        if not above:
            break
        here = min(above, key=lambda mount: len(mount.point))
    return here


def _leads(base: str, point: str, path: str) -> bool:
    """Say whether the walk from `base` to `path` comes by `point`."""
    return f"{path}/".startswith(f"{point.rstrip('/')}/") and f"{point}/".startswith(f"{base.rstrip('/')}/")
