"""A directory in which an engine keeps what it has: where it really is, whose it is, and by which device and inode it and all above it are known.

Two paths may be one directory, by links and by mounts; their text does not tell.
"""

from typing import Final

from hostcheck.api import Hole, Host, Json, Stat, Why, attempt
from hostcheck_builtin.system import mounts_to_avoid, path_walk
from hostcheck_builtin.system.path_walk import LstatCache, WalkedPath

NOT_OPEN: Final = "the way to it leads through what its user may not pass, or another user's link, and is not followed"


def stated(way: WalkedPath) -> dict[str, Json]:
    """State a directory that a way led to."""
    found = way.end
    return {
        **{"realpath": way.realpath, "owner_uid": found.uid, "mode": path_walk.mode(found)},
        **{"id": identity(found), "above": [identity(one) for one in way.parents.values()]},
    }


def identity(found: Stat) -> str:
    """Return what no other directory of the host has."""
    return f"{found.dev}:{found.ino}"


def walk_as(host: Host, path: str, uid: int, lstats: LstatCache, avoid: mounts_to_avoid.Avoid) -> WalkedPath | Hole:
    """Walk to a path that a user names, as far as that user gets by what is theirs and what is open to all: no more is to be seen by naming it."""

    def enter(found: Stat) -> bool:
        return found.uid in (0, uid) if found.type == "link" else found.uid == uid or bool(found.mode & path_walk.OTHERS_SEARCH)

    way = attempt(path_walk.walk, host, path, lstats, enter, avoid=avoid)
    if isinstance(way, Hole):
        return way
    return Hole(why=Why.UNSUPPORTED, message=f"{path}: {NOT_OPEN}") if way.type in ("link", "closed") else way
