"""What has to be got to use what stands at a path, as a probe states its way: to connect to it, to read it, to change it, to put another in its place.

Connecting needs write on the socket and search on every directory of its real path (unix(7)); replacing needs write on a directory of any path by
which others come. The same routes are judged for users, for processes and for whoever is in a container.
"""

from collections.abc import Iterator
from typing import Final

from hostcheck.api import Hole, View, known, opening
from hostcheck_builtin.accounts.access import Route
from hostcheck_builtin.accounts.dac import SEARCH, WRITE, Inode, Need
from hostcheck_builtin.system.mount_views import above

READ: Final = 4
BITS: Final = {"r": 4, "w": 2, "x": 1, "-": 0}
STICKY: Final = 0o1000


def place(path: str, facts: View, owner: str = "uid", group: str = "gid") -> Inode:
    """Return a file or directory as permissions are judged on it."""
    return Inode(path=path, uid=facts[owner], gid=facts[group], mode=int(facts["mode"], 8), acl=acl(facts))


def acl(facts: View) -> tuple[tuple[str, int, int], ...]:
    """Return the entries of the ACL that is stated of a file or directory."""
    return tuple((one["tag"], one["id"], sum(BITS[mark] for mark in one["perms"])) for one in facts["acl"])


def end_of(socket: View) -> Inode:
    """Return what stands at the end of a way."""
    return place(socket["realpath"], socket, "owner_uid", "owner_gid")


def searching(socket: View, path: str) -> tuple[Need, ...]:
    """Return what it takes to get to a path: search on each directory above it."""
    parents = socket["parents"]
    return tuple(Need(place=place(folder, parents[folder]), want=SEARCH) for folder in above(path))


def connecting(socket: View, *, owner: bool = False) -> list[Route]:
    """Return the route to a socket; with `owner` its owner needs no write, since chmod(2) gives it."""
    if socket["type"] != "socket":
        return []
    return [Route(needs=(*searching(socket, socket["realpath"]), Need(place=end_of(socket), want=WRITE, owner=owner)))]


def replacing(socket: View) -> Iterator[Route]:
    """Yield a route for each directory in which the socket, or a directory or link on the way to it, can be taken away or renamed.

    In a sticky one only the owner of what is there, and of the directory, may do that (inode(7)), but where nothing is there whoever may write can
    put it there; the owner of a directory gives itself what it lacks.
    """
    for path, folder, only in folders(socket):
        way = searching(socket, path) if path != "/" else ()
        yield Route(needs=(*way, Need(place=place(path, folder), want=WRITE | SEARCH, owner=True)), only=only, named=True)


def folders(socket: View) -> Iterator[tuple[str, View, frozenset[int] | None]]:
    """Yield each directory in which something of the way can be replaced, and who alone may do that there, None for whoever may write."""
    parents, links = socket["parents"], socket["links"]
    lacking, end = ("", {}) if stopped(socket) else _end(socket)
    owners = {**end, **{path: links[path]["uid"] for path in known(links)}, **{path: parents[path]["uid"] for path in known(parents)}}
    for path in known(parents):
        folder = parents[path]
        there = {uid for entry, uid in owners.items() if entry != "/" and (entry.rpartition("/")[0] or "/") == path}
        yield path, folder, frozenset({folder["uid"], *there}) if int(folder["mode"], 8) & STICKY and path != lacking else None


def _end(socket: View) -> tuple[str, dict[str, int]]:
    """Return the directory that lacks what should be at the end of a way, "" where it is there, and then whose that is, by its path."""
    if socket["type"] not in ("absent", "dangling"):
        return "", {socket["realpath"]: socket["owner_uid"]}
    return next(path for path in reversed(list(above(socket["realpath"]))) if path in socket["parents"]), {}


def stopped(entry: View) -> Hole | None:
    """Return why a way is known only in part, None where all of it is: what is known of it holds whatever lies behind."""
    return opening(entry["parents"])


def reading(entry: View) -> Route:
    """Return what it takes to read a file, or to enter a directory; its owner gives the right to oneself."""
    end = end_of(entry)
    want = SEARCH if entry["type"] == "dir" else READ
    return Route(needs=(*searching(entry, end.path), Need(place=end, want=want, owner=True)))


def writing(entry: View) -> Iterator[Route]:
    """Yield what it takes to change what stands at the end; to connect to a socket or to write to a device, as /dev/null, changes no file."""
    if entry["type"] in ("file", "dir"):
        end = end_of(entry)
        want = WRITE | SEARCH if entry["type"] == "dir" else WRITE
        yield Route(needs=(*searching(entry, end.path), Need(place=end, want=want, owner=True)), named=True)
