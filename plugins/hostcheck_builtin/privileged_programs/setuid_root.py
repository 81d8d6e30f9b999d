"""Programs that are root whoever starts them: on which usual paths they are, and whether the set-user-ID bit does anything there.

It does nothing where the file system is mounted nosuid (mount(8)), and nobody can use it who may not execute the file.
"""

from stat import S_ISUID
from typing import Final

from hostcheck.api import Hole, Host, Json, Stat, attempt, incomplete, worst_hole
from hostcheck_builtin.system import mountinfo
from hostcheck_builtin.system.mounts_to_avoid import refusing, slow_mounts
from hostcheck_builtin.system.path_walk import LstatCache, acl, mode, walk

FOLDERS: Final = ("/usr/bin", "/bin", "/usr/local/bin", "/usr/sbin", "/usr/local/sbin", "/opt/local/bin", "/run/wrappers/bin", "/usr/local/libexec")
"""Where distributions and their own installation put sudo and doas; NixOS keeps its setuid programs in /run/wrappers."""


def programs(host: Host, name: str) -> Json:
    """State each program of that name by its path; incomplete where one could not be looked at."""
    table, slow = attempt(mountinfo.mounts, host), attempt(slow_mounts, host)
    lstats: LstatCache = {}
    found: dict[str, Json] = {}
    hidden: Hole | None = None
    for folder in FOLDERS:
        way = attempt(walk, host, f"{folder}/{name}", lstats, avoid=refusing(slow, roots_too=False))
        if isinstance(way, Hole):
            hidden = worst_hole(hidden, way)
        elif way.type == "file":
            found.setdefault(way.realpath, _stated(way.realpath, way.end, table))
    return incomplete(found, hidden)


def _stated(path: str, found: Stat, table: list[mountinfo.Mount] | Hole) -> Json:
    bit = bool(found.mode & S_ISUID) and found.uid == 0
    works: Json = bit and (table if isinstance(table, Hole) else "nosuid" not in mountinfo.mount_of(path, table).options.split(","))
    return {"realpath": path, "owner_uid": found.uid, "owner_gid": found.gid, "mode": mode(found), "acl": acl(found), "setuid_root": works}
