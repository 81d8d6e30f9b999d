"""Who connects to a socket, and who puts another in its place, by what that takes (accounts/path_routes.py).

Connecting needs write on the socket and search on every directory of its real path (unix(7)); replacing it needs write on a directory of any path by
which clients come. Neither asks for any right where the socket is abstract, or the connection is there already.
"""

from collections.abc import Collection, Iterator
from typing import Final

from hostcheck.api import Hole, HoleError, Json, View, attempt, known, worst_hole
from hostcheck_builtin.accounts import access, path_routes
from hostcheck_builtin.accounts.access import Access, Route
from hostcheck_builtin.accounts.dac import SEARCH, WRITE, Inode
from hostcheck_builtin.accounts.people import People
from hostcheck_builtin.accounts.ways import entry
from hostcheck_builtin.groups.grants import FOR_ENGINES
from hostcheck_builtin.system.fact_members import collection
from hostcheck_builtin.system.mount_views import covers

BITS: Final = {"r": 4, "w": 2, "x": 1, "-": 0}


def takings(people: People, socket: View) -> dict[str, Access]:
    """Return for each directory of the way who can take away or rename what the way goes through there; the topmost first.

    Raises HoleError where the way is known only in part.
    """
    if hole := path_routes.stopped(socket):
        raise HoleError(hole)
    found = {route.path: access.access(people, [route]) for route in path_routes.replacing(socket)}
    return dict(sorted(found.items(), key=lambda one: (one[0].rstrip("/").count("/"), one[0])))


def exposed(socket: View) -> set[str]:
    """Return the directories of the way in which an owner or a mode, mask of an ACL included, lets others than root replace what the way goes through."""
    found = path_routes.folders(socket)
    return {path for path, folder, only in found if folder["uid"] or (int(folder["mode"], 8) & 0o022 and (only is None or only - {0}))}


def only_root(open_folders: Collection[str], path: str) -> bool:
    """Say whether root alone can put something else at a path of the way: none of the directories above it is exposed."""
    return not any(folder != path and covers(folder, path) for folder in open_folders)


def without_permissions(people: People, socket: View) -> Access:
    """Return who connects to an abstract socket: everybody in its network, which is everybody where that is the host's own."""
    if socket["network"] == "own":
        return access.access(people, [Route(needs=())])
    uids = attempt(socket.__getitem__, "uids")
    found = Access(uncertain=people.unknown.of_known(), hole=uids if isinstance(uids, Hole) else None)
    access.add(people, [] if isinstance(uids, Hole) else [(uid, 0) for uid in uids], "process in its network namespace", found)
    return found


def connected(people: People, socket: View, found: Access) -> None:
    """Add who holds a connection to a socket already, whatever its permissions are by now."""
    held, unknown = collection(lambda: socket["connections"])
    access.add(people, [(held[key]["uid"], attempt(held[key].__getitem__, "pid")) for key in known(held)], "open connection", found)
    found.hole, found.uncertain = worst_hole(found.hole, unknown), worst_hole(found.uncertain, unknown)


def obeyed(socket: View) -> int:
    """Return the user whom a socket obeys: who listens; where nobody does, who owns it."""
    uid: int = socket["peer"]["uid"] if "peer" in socket else socket["owner_uid"]
    return uid


def scope_of(socket: View) -> str | Hole:
    """Say whose engine it is: what root owns or listens on is root's, and not to know who listens makes nothing of another's rootless."""
    if socket["owner_uid"] == 0 or socket["type"] == "absent":
        return "rootful"
    uid = attempt(lambda: socket["peer"]["uid"] if "peer" in socket else socket["owner_uid"])
    return uid if isinstance(uid, Hole) else "rootful" if uid == 0 else "rootless"


def others(people: People, socket: View, uid: int) -> Access:
    """Return who but `uid` can connect; the owner counts even without write, since chmod(2) gives it."""
    return access.but(access.access(people, path_routes.connecting(socket, owner=True)), uid)


def acl_entries(people: People, socket: View) -> dict[str, tuple[str, str]]:
    """Return the named entries of ACLs on the way that give what the modes do not show, as words, with the entry as setfacl(1) takes it and the place."""
    parents = socket["parents"]
    end = [] if socket["type"] == "absent" else [(path_routes.end_of(socket), WRITE)]
    places = [*end, *((path_routes.place(path, parents[path]), WRITE | SEARCH) for path in sorted(parents))]
    return {words: (entry, place.path) for place, want in places for words, entry in _granting(people, place, want)}


def _granting(people: People, place: Inode, want: int) -> Iterator[tuple[str, str]]:
    """Yield the named entries that give what other has not."""
    named = [("user", people.owner(uid), uid, bits) for uid, bits in place.users.items() if uid]
    named += [("group", people.label(gid), gid, bits) for kind, gid, bits in place.groups if kind == "acl group"]
    for tag, name, number, bits in named:
        if bits & want & ~place.mode:
            marks = "".join(mark if bits & bit else "-" for mark, bit in list(BITS.items())[:3])
            yield f"{tag}:{name}:{marks} on {place.path}", entry(tag[0], name, number)


def by_group(socket: View) -> list[tuple[int, str]]:
    """Return each group other than root's that owns what is on the way to a socket and has there what not every user has, with the place."""
    ends = [(need.place, need.want) for route in path_routes.connecting(socket) for need in route.needs]
    given = [(gid, place.path, bits & ~place.mode & want) for place, want in ends for kind, gid, bits in place.groups if kind == "group"]
    return [(gid, path) for gid, path, more in given if gid and more]


def permissions(people: People, socket: View) -> str:
    """Return the owner, group and mode of what stands there, and what its ACL says beside them."""
    end = path_routes.end_of(socket)
    named = [f"{one['tag']}:{_name(people, one)}:{one['perms']}" for one in socket["acl"] if one["tag"] in ("user", "group")]
    return f"{people.owner(end.uid)}:{group_name(people, end.gid)} {end.mode:04o}, {'ACL ' + ', '.join(named) if named else 'no ACL'}"


def _name(people: People, entry: View) -> str:
    return people.owner(entry["id"]) if entry["tag"] == "user" else group_name(people, entry["id"])


def group_name(people: People, gid: int) -> str:
    """Return the name of a group in /etc/group, of root's too, else ``gid N``."""
    return "root" if gid == 0 else people.label(gid)


def group_traits(people: People, end: Inode) -> dict[str, Json]:
    """State of a socket's group whether its members may write there, whether it is made for engines, and how many users have it as primary group."""
    primary = [key for key, ways in people.ways.get(end.gid, {}).items() if "primary group" in ways]
    count: Json = len(primary) if len(primary) > 1 else people.unsure_of(end.gid) or len(primary)
    writes = any(kind == "group" and bits & WRITE for kind, _, bits in end.groups)
    return {"group_writes": writes, "group_for_engines": people.label(end.gid) in FOR_ENGINES, "primary_members": count}
