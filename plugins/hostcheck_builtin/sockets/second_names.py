"""Where else a known socket can be connected to: where root mounted its file, or a directory above it, a second time; and whether it has hard links.

The permissions of the directories on the way are those of each path, and no name of a listener tells of a second one.
"""

from hostcheck.api import Hole, Stat, Why
from hostcheck_builtin.system.mountinfo import Mount, mount_of


def mounted(table: list[Mount], path: str) -> list[str]:
    """Return the other paths at which one of the mounts has what is at `path`, which has no links in it; another mount may cover it there."""
    here = mount_of(path, table)
    inside = here.root.rstrip("/") + path[len(here.point.rstrip("/")) :]
    found = set()
    for mount in table:
        root = mount.root.rstrip("/")
        if mount.device == here.device and f"{inside}/".startswith(f"{root}/"):
            found.add(mount.point.rstrip("/") + inside[len(root) :])
    return sorted(found - {path})


def linked(path: str, end: Stat) -> Hole | None:
    """Return the hole that the hard links of a socket leave: the kernel tells how many it has, and not where."""
    if end.type != "socket" or end.links <= 1:
        return None
    return Hole(why=Why.LIMIT, message=f"{path}: this socket has {end.links} names (hard links); find / -samefile {path} shows the others, which must go")
