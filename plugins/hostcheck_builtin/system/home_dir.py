"""A home that may hold virtual machines of its user's: its directories, and files and sockets in them.

All of it is the user's own and may be planted, so that nothing here speaks of anybody else: no link of theirs is followed but to a socket of theirs,
and a file counts only where it belongs to whom the directory belongs.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from hostcheck.api import ABSENT, Hole, HoleError, Host, Json, Nonsense, Unsupported, Why, attempt, incomplete, worst_hole
from hostcheck_builtin.system import mounts_to_avoid, path_walk
from hostcheck_builtin.system.account_files import keep
from hostcheck_builtin.system.bounds import DIRECTORIES_FOR_MACHINES as DIRECTORIES
from hostcheck_builtin.system.bounds import MACHINE_FILE_BYTES as SIZE
from hostcheck_builtin.system.bounds import MACHINES_OF_A_USER as EACH
from hostcheck_builtin.system.credentials import all_seeing
from hostcheck_builtin.system.homes import Home, homes, theirs
from hostcheck_builtin.system.listeners import ListenerCache, listen, listener_of
from hostcheck_builtin.system.path_walk import LstatCache, WalkedPath
from hostcheck_builtin.system.presence import absent_as
from hostcheck_builtin.system.sharing import holds
from hostcheck_builtin.system.socket_places import SocketPlace

Found = dict[str, Json]
"""The machines of one product, by name."""


class Place:
    """A home that is looked into: whose it is, what is in it, and what was seen on the way so far."""

    def __init__(
        self, host: Host, home: Home, path: str, lstats: LstatCache, cache: list[ListenerCache], avoid: mounts_to_avoid.Avoid = mounts_to_avoid.nowhere
    ) -> None:
        """Take what all homes share with it; `path` is the real one, `cache` is filled once somebody has a socket, and `avoid` is asked before each look."""
        self.host, self.path, self.uids, self.lstats, self.cache, self.avoid = host, path, home.uids, lstats, cache, avoid
        self.slow: frozenset[str] | Hole | None = None
        self.called = frozenset({path, home.name})
        self.names = frozenset(host.list_dir(path))

    def folder(self, *names: str) -> "Folder | None":
        """Return a directory below the home, None where there is none; raises HoleError where it is a link, or somebody else's."""
        if names[0] not in self.names:
            return None
        path = "/".join((self.path, *names))
        way = path_walk.walk(self.host, path, self.lstats, path_walk.roots_link, avoid=self.avoid)
        if way.type not in ("dir", "link"):
            return None
        if way.type == "link":
            raise HoleError(Hole(why=Why.UNSUPPORTED, message=f"{way.realpath}: a link that its user made is not followed"))
        if way.end.uid not in self.uids:
            raise HoleError(Hole(why=Why.NONSENSE, message=f"{path}: in a home, and belongs to uid {way.end.uid}"))
        return Folder(place=self, path=path, uid=way.end.uid)

    def owner(self) -> int:
        """Return whose the home is, its first user's where it is root's; raises Nonsense where it is another's, as one that a group shares (/var/mail)."""
        uid = self.host.stat(self.path).uid
        if uid not in (0, *self.uids):
            raise Nonsense(f"{self.path}: a home, and belongs to uid {uid}")
        return uid or min(self.uids)


class Folder(NamedTuple):
    """A directory of a user's, in which a product keeps its machines."""

    place: Place
    path: str
    uid: int

    def names(self) -> list[str]:
        """Return what is in it, nothing where it has gone."""
        return absent_as([], self.place.host.list_dir, self.path)

    def read(self, name: str, limit: int = SIZE) -> bytes | None:
        """Return a file of the same user's, None where there is none; raises Nonsense for what is no file, or not the user's."""
        path = f"{self.path}/{name}"
        self.place.avoid(path, False)
        try:
            found = self.place.host.stat(path, follow=False)
            if found.type != "file" or found.uid != self.uid:
                raise Nonsense(f"{path}: not a file of uid {self.uid}")
            return self.place.host.read_bytes(path, limit=limit, follow=False)
        except ABSENT:
            return None

    def machine(self, evidence: Json, sockets: Iterable[str], shares: Json, *, unseen: Hole | None = None, **more: Json) -> Json:
        """State a machine of this user's: what shows it, its sockets that are there (`unseen`: and others), and what it is given."""
        paths = [path if path.startswith("/") else f"{self.path}/{path}" for path in sockets]
        found: dict[str, Json] = {}
        for path in paths:
            socket = attempt(self._socket, path)
            if socket is not None:
                keep(found, path, socket)
        return {"uid": self.uid, "evidence": evidence, "sockets": incomplete(found, unseen), "shares": shares, **more}

    def _socket(self, path: str) -> Json:
        place = self.place
        way = path_walk.walk(place.host, path, place.lstats, path_walk.roots_link, avoid=place.avoid)
        if not way.found:
            return None
        way = self._follow(path, way) if way.type == "link" else way
        if way.type == "link":
            return {**path_walk.stated(way), **path_walk.unfollowed(way)}
        if way.type != "socket":
            return {**path_walk.stated(way), "activated": False, "listening": False}
        if not place.cache:
            place.cache.append(listen(place.host))
        there = SocketPlace(way.realpath, path, way.end.dev, way.end.ino)
        return {**path_walk.stated(way), **listener_of(place.cache[0], there, (), ours=False, budget=f"uid {self.uid}")}

    def _follow(self, path: str, link: WalkedPath) -> WalkedPath:
        place = self.place
        if place.slow is None:
            place.slow = attempt(mounts_to_avoid.slow_mounts, place.host)
        return path_walk.follow(place.host, path, place.lstats, link, place.slow)


def _refusing(spared: frozenset[str]) -> mounts_to_avoid.Avoid:
    return mounts_to_avoid.refusing(spared, roots_too=True)


def _closed(home: Home, _: frozenset[str]) -> Json:
    return home.place


def look_into_homes(
    host: Host,
    look: Callable[[Place], Json],
    *,
    avoid: Callable[[frozenset[str]], mounts_to_avoid.Avoid] = _refusing,
    closed: Callable[[Home, frozenset[str]], Json] = _closed,
) -> tuple[list[tuple[Home, Json]], Hole | None]:
    """Return what `look` states of each home that is there, unless that is None, and the hole where there may be more.

    No mount is looked at that a user's process answers for: `avoid` says how that is refused, and `closed` states a home that is behind one. What cannot be
    looked at is a hole of its user's, and where the scanner does not see everything it may be anybody's.
    """
    lstats: LstatCache = {}
    spared = attempt(mounts_to_avoid.users_mounts, host)
    if isinstance(spared, Hole) and spared.why is Why.UNSUPPORTED:
        spared = frozenset()
    if isinstance(spared, Hole):
        return [], spared
    found, unread = homes(host, lstats, spared)
    sees = bool(found) and all_seeing(host)
    refuse = avoid(spared)
    stated: list[tuple[Home, Json]] = []
    for home in found:
        if isinstance(home.place, Hole):
            told = closed(home, spared)
        else:
            told = absent_as(None, attempt, lambda one, path: look(Place(host, one, path, lstats, [], refuse)), home, home.place)
        if isinstance(told, Hole) and not sees:
            unread = worst_hole(unread, told)
        elif told is not None:
            stated.append((home, theirs(told, home)))
    return stated, unread


def expanded(place: Place, path: str, home: str) -> str:
    """Return an absolute path; raises Unsupported where it is none, as under a variable that only the product knows."""
    if path == home or path.startswith(f"{home}/"):
        path = place.path + path.removeprefix(home)
    if not path.startswith("/") or "{{" in path:
        raise Unsupported(f"{place.path}: a machine is given a directory that is not named by a whole path: which that is depends on the product")
    return path


def given_to(place: Place, shares: Iterable[tuple[str, bool]], count: int) -> Json:
    """State the directories that a machine is given, by path; of one that is listed twice the last."""
    found: dict[str, Json] = {}
    for path, writable in dict(shares).items():
        keep(found, path, {"writable": writable, "holds": holds(path, place.called)})
    return found if count <= DIRECTORIES else incomplete(found, Hole(why=Why.LIMIT, message=f"more than {DIRECTORIES} directories"))


def with_socket(found: Found) -> Found:
    """Return the machines of a product if a socket shows them; raises HoleError where that cannot be seen: anybody has a directory that is called so."""
    sockets = [socket for machine in found.values() for socket in machine["sockets"].values()]
    if any(not isinstance(socket, Hole) and socket["type"] in ("socket", "link") for socket in sockets):
        return found
    unseen = worst_hole(*sockets, *(getattr(machine["sockets"], "hole", None) for machine in found.values()))
    if unseen:
        raise HoleError(unseen)
    return {}


def too_many(found: Found) -> Found:
    """Return the machines of a product, of which there are more."""
    limited: Found = incomplete(found, Hole(why=Why.LIMIT, message=f"more than {EACH} machines"))
    return limited
