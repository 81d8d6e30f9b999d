"""What stands at a path, and on the way to it, as facts; and what of a directory somebody other than root may be able to change.

How much of a directory is looked at is bounded by count, and what users can add there is bounded for each of them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from hostcheck.api import Hole, Host, Json, Why, attempt, incomplete, worst_hole
from hostcheck_builtin.system import bounds, mounts_to_avoid, path_walk
from hostcheck_builtin.system.path_walk import LstatCache, WalkedPath
from hostcheck_builtin.system.presence import absent_as
from hostcheck_builtin.system.quota import Quota

LEFT: Final = ("dev", "ino")


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class FileSearch:
    """What was seen on the ways so far, and how much of what is users' has been stated."""

    host: Host
    slow: frozenset[str] | Hole
    users: Quota
    lstats: LstatCache = field(default_factory=dict)

    def walk(self, path: str) -> WalkedPath | Hole:
        """Walk to a path that root's engines go; not onto a server's or a user's file system that somebody other than root can lay on the way."""
        return path_walk.way_to(self.host, path, self.lstats, avoid=mounts_to_avoid.refusing(self.slow, roots_too=False))

    def file(self, path: str) -> Json:
        """State what stands at a path, and the way to it."""
        way = self.walk(path)
        return way if isinstance(way, Hole) else stated(way)

    def folder(self, path: str, alone: Callable[[str], bool]) -> Json:
        """State a directory with those of its members that somebody other than root may be able to change, without those that stand `alone`."""
        way = self.walk(path)
        if isinstance(way, Hole) or way.type != "dir":
            return way if isinstance(way, Hole) else {**stated(way), "members": incomplete({}, way.stopped)}
        names = self.inside(way)
        hole = names if isinstance(names, Hole) else getattr(names, "hole", None)
        listed = [] if isinstance(names, Hole) else [name for name in names if not alone(f"{path}/{name}")]
        return {**stated(way), "members": self._members(path, way, listed, hole)}

    def names(self, path: str) -> list[str] | Hole:
        """Return what is in a directory, nothing where there is none."""
        return absent_as([], attempt, self.host.list_dir, path, fair=True)

    def inside(self, way: WalkedPath) -> list[str] | Hole:
        """Return what is in the directory at the end of a way; what stops that is the user's who lays the way, or whose the directory is."""
        names = self.names(way.realpath)
        return path_walk.theirs(way, names) if isinstance(names, Hole) else names

    def _members(self, path: str, way: WalkedPath, names: list[str], hole: Hole | None) -> Json:
        found: dict[str, Json] = {}
        for name in names:
            member = self.walk(f"{way.realpath.rstrip('/')}/{name}")
            if isinstance(member, Hole) or (member.stopped and _roots_alone(member, way)):
                hole = worst_hole(hole, member if isinstance(member, Hole) else member.stopped)
            elif member.type != "absent" and not _roots_alone(member, way):
                if too_many := self._too_many(path, whose(member), len(found)):
                    hole = worst_hole(hole, too_many)
                else:
                    found[name] = stated(member)
        return incomplete(found, hole)

    def _too_many(self, path: str, uid: int, count: int) -> Hole | None:
        """Count one more member of a user's, or of root's that others can change."""
        if self.users.takes(uid) and (uid or count < bounds.MEMBERS_STATED):
            return None
        owners = (uid,) if uid else ()
        return Hole(why=Why.LIMIT, message=f"{path}: too many files that others may be able to change, some of them of uid {uid}", owners=owners)


def begin(host: Host) -> FileSearch:
    """Begin to look at a host."""
    return FileSearch(host=host, slow=attempt(mounts_to_avoid.slow_mounts, host), users=Quota(host, bounds.MEMBERS_OF_A_USER, bounds.MEMBERS_OF_STRANGERS))


def stated(way: WalkedPath) -> dict[str, Json]:
    """State what a way showed."""
    return {key: value for key, value in path_walk.stated(way).items() if key not in LEFT}


def _roots_alone(member: WalkedPath, folder: WalkedPath) -> bool:
    """Say whether nobody but root can change a member, but for what is on the way to its directory; of a link counts what it leads to, and the way there."""
    more = [one for path, one in member.parents.items() if path not in folder.parents and path != folder.realpath]
    return all(path_walk.roots_alone(one) for one in (*more, *(() if member.stopped else (member.end,))))


def whose(way: WalkedPath) -> int:
    """Return who controls what a way leads to: the first user on it, whose thing stopped it, or whose the end is; 0 for root alone."""
    if way.stopped:
        return way.user or way.stopped.owner
    return way.user or way.end.uid
