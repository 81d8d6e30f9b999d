"""What has to be got to connect to a socket, and to put another in its place, as a probe states its way.

Connecting needs write on the socket and search on every directory of its real path (unix(7)); replacing it needs write on a directory of any path by
which clients come. Neither asks for any right where the socket is abstract, or the connection is there already.
"""

from collections.abc import Iterator
from typing import Final

from hostcheck.api import Hole, View, attempt, known, opening, worst_hole
from hostcheck_builtin.accounts import access
from hostcheck_builtin.accounts.access import Access, Route
from hostcheck_builtin.accounts.dac import SEARCH, WRITE, Inode, Need
from hostcheck_builtin.accounts.people import People

BITS: Final = {"r": 4, "w": 2, "x": 1, "-": 0}
STICKY: Final = 0o1000


def place(path: str, facts: View, owner: str = "uid", group: str = "gid") -> Inode:
    """Return a file or directory as permissions are judged on it."""
    acl = tuple((one["tag"], one["id"], sum(BITS[mark] for mark in one["perms"])) for one in facts["acl"])
    return Inode(path=path, uid=facts[owner], gid=facts[group], mode=int(facts["mode"], 8), acl=acl)


def _end(socket: View) -> Inode:
    return place(socket["realpath"], socket, "owner_uid", "owner_gid")


def _above(path: str) -> Iterator[str]:
    """Yield the directories above a path, from the root."""
    parts = path.split("/")[1:-1]
    yield "/"
    for count in range(1, len(parts) + 1):
        yield "/" + "/".join(parts[:count])


def _searching(socket: View, path: str) -> tuple[Need, ...]:
    parents = socket["parents"]
    return tuple(Need(place=place(above, parents[above]), want=SEARCH) for above in _above(path))


def connecting(socket: View, *, owner: bool = False) -> list[Route]:
    """Return the route to a socket; with `owner` its owner needs no write, since chmod(2) gives it."""
    if socket["type"] != "socket":
        return []
    return [Route(needs=(*_searching(socket, socket["realpath"]), Need(place=_end(socket), want=WRITE, owner=owner)))]


def replacing(socket: View) -> Iterator[Route]:
    """Yield a route for each directory in which the socket, or a directory or link on the way to it, can be taken away or renamed.

    In a sticky one only the owner of what is there, and of the directory, may do that (inode(7)), but where nothing is there whoever may write can
    put it there; the owner of a directory gives itself what it lacks.
    """
    parents, links = socket["parents"], socket["links"]
    missing = socket["type"] in ("absent", "dangling")
    lacking = next(path for path in reversed(list(_above(socket["realpath"]))) if path in parents) if missing else ""
    owners = {
        **({} if missing else {socket["realpath"]: socket["owner_uid"]}),
        **{path: links[path]["uid"] for path in links},
        **{path: parents[path]["uid"] for path in parents},
    }
    for path in parents:
        folder = place(path, parents[path])
        there = {uid for entry, uid in owners.items() if entry != "/" and (entry.rpartition("/")[0] or "/") == path}
        only = frozenset({folder.uid, *there}) if folder.mode & STICKY and path != lacking else None
        above = _searching(socket, path) if path != "/" else ()
        yield Route(needs=(*above, Need(place=folder, want=WRITE | SEARCH, owner=True)), only=only, name=f" of {path}")


def without_permissions(people: People, socket: View) -> Access:
    """Return who connects to an abstract socket: everybody in its network, which is everybody where that is the host's own."""
    if socket["network"] == "own":
        return access.access(people, [Route(needs=())])
    uids = attempt(socket.__getitem__, "uids")
    found = Access(uncertain=people.unknown.of_known(), hole=uids if isinstance(uids, Hole) else None)
    access.add(people, [] if isinstance(uids, Hole) else uids, "a process in its network namespace", found)
    return found


def connected(people: People, socket: View, found: Access) -> None:
    """Add who holds a connection to a socket already, whatever its permissions are by now."""
    held: View | Hole = attempt(socket.__getitem__, "connections")
    unknown = held if isinstance(held, Hole) else opening(held)
    if not isinstance(held, Hole):
        access.add(people, [held[key]["uid"] for key in known(held)], "an open connection", found)
    found.hole, found.uncertain = worst_hole(found.hole, unknown), worst_hole(found.uncertain, unknown)


def obeyed(socket: View) -> int:
    """Return the user whom a socket obeys: who listens; where nobody does, who owns it."""
    uid: int = socket["peer"]["uid"] if "peer" in socket else socket["owner_uid"]
    return uid


def others(people: People, socket: View, uid: int) -> Access:
    """Return who but `uid` can connect; the owner counts even without write, since chmod(2) gives it."""
    return access.but(access.access(people, connecting(socket, owner=True)), uid)


def acl_grants(people: People, socket: View) -> list[str]:
    """Return the named entries of ACLs on the way that give what the modes do not show."""
    parents = socket["parents"]
    end = [] if socket["type"] == "absent" else [(_end(socket), WRITE)]
    places = [*end, *((place(path, parents[path]), WRITE | SEARCH) for path in sorted(parents))]
    return [entry for place, want in places for entry in _granting(people, place, want)]


def _granting(people: People, place: Inode, want: int) -> Iterator[str]:
    """Yield the named entries that give what other has not."""
    named = [("user", people.owner(uid), bits) for uid, bits in place.users.items() if uid]
    named += [("group", people.label(gid), bits) for kind, gid, bits in place.groups if kind == "acl group"]
    for tag, name, bits in named:
        if bits & want & ~place.mode:
            marks = "".join(mark if bits & bit else "-" for mark, bit in list(BITS.items())[:3])
            yield f"{tag}:{name}:{marks} on {place.path}"
