"""Which files of several directories count, as tmpfiles.d(5) and sysusers.d(5) say: of those with one name that in the earlier directory.

A link to /dev/null masks the files of its name, and is no file to read.
"""

from collections.abc import Iterable

from hostcheck.api import Hole, Host, attempt, worst_hole
from hostcheck_builtin.system.presence import absent_as


def drop_in_files(host: Host, folders: Iterable[str], most: int) -> tuple[list[str], Hole | None]:
    """Return the paths of the files `*.conf` that count, by name, and the hole where there may be more; of a directory `most` names are listed."""
    named: dict[str, str] = {}
    hole = None
    for folder in folders:
        names = absent_as([], attempt, host.list_dir, folder, limit=most)
        if isinstance(names, Hole):
            hole = worst_hole(hole, names)
        else:
            named = {**{name: f"{folder}/{name}" for name in names if name.endswith(".conf")}, **named}
    return [path for _, path in sorted(named.items()) if not _is_masked(host, path)], hole


def _is_masked(host: Host, path: str) -> bool:
    return absent_as(True, lambda: attempt(lambda: host.stat(path, follow=False).type == "link" and host.read_link(path) == "/dev/null") is True)
