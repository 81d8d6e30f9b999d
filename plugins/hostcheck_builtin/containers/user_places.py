"""Which places of the host make a container that user: to write there, to read there, or to connect; and which of root's sockets let that user connect.

Root in a container of a user's engine is that user without any further group, unless the container keeps them: a runtime drops them, and only the primary
group is mapped (measured with runc, crun, Podman 5.4.2 and rootlesskit 2.3).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from hostcheck.api import Hole, Json, View, ViewList, attempt, both, known, worst_hole
from hostcheck_builtin.system import host_places
from hostcheck_builtin.system.fact_members import collection
from hostcheck_builtin.system.host_places import HostPlace

HOME: Final = "the home of"
LOGIN: Final = "SSH keys of"
RUN: Final = "programs and settings of"
KEYS: Final = "keys and passwords of"
BUS: Final = "a socket at which systemd is told what to start, whatever the mount allows, as"
WRITTEN: Final[Mapping[str, str]] = {
    ".ssh": LOGIN,
    **dict.fromkeys((f".{name}" for name in ("bashrc", "bash_profile", "bash_login", "profile", "zshrc", "zshenv", "zprofile")), RUN),
    **dict.fromkeys((f".config/{name}" for name in ("autostart", "containers", "environment.d", "fish", "systemd")), RUN),
    **dict.fromkeys((".docker", ".local/bin", ".local/share/systemd"), RUN),
}
"""Not all of .config: an application's own directory in it is what its container needs."""
READ: Final = (".ssh", ".docker", ".kube", ".aws", ".gnupg")
BUSES: Final = ("bus", "systemd/private")


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPlaces:
    """What one user has on the host: the home, and sockets by each path that leads to them, each in words and with the path by which it is known.

    `reached` says by the path of one of root's whether the user can connect without further groups, `by_groups` whether with them, and `by_anybody` whether
    every user can.
    """

    uid: int
    owner: str
    home: Json
    own: Mapping[str, str] = field(default_factory=dict)
    roots: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    reached: Mapping[str, bool | Hole] = field(default_factory=dict)
    by_groups: Mapping[str, bool | Hole] = field(default_factory=dict)
    by_anybody: Mapping[str, bool | Hole] = field(default_factory=dict)
    unknown: Hole | None = None

    def without_user(self) -> "UserPlaces":
        """Return what is left to a container in which nobody is the user: sockets of root's that are open to anybody, or to groups that it keeps."""
        return replace(self, uid=-1, home="", own={}, reached=self.by_anybody)


@dataclass(slots=True, kw_only=True)
class KnownSockets:
    """The engines' sockets that are there, by each path that leads to them: root's, each with the path by which it is known, and those of users, by uid.

    `unsure` is the hole where one of a user's may be one, by uid; `unknown` the one where there may be more of anybody's.
    """

    roots: dict[str, tuple[str, str]] = field(default_factory=dict)
    users: dict[int, dict[str, str]] = field(default_factory=dict)
    unsure: dict[int, Hole | None] = field(default_factory=dict)
    unknown: Hole | None = None

    def add(self, there: View, path: str, *, roots: bool) -> None:
        """Take a socket, if it is one."""
        uid = 0 if roots else attempt(lambda: int(there[path]["owner_uid"]))
        told = attempt(_named, there, path)
        if isinstance(uid, Hole) or (isinstance(told, Hole) and roots):
            self.unknown = worst_hole(self.unknown, uid, told)
        elif isinstance(told, Hole):
            self.unsure[uid] = worst_hole(self.unsure.get(uid), told)
        elif told and roots:
            self.roots |= dict.fromkeys(told[0], (path, told[1]))
        elif told:
            self.users.setdefault(uid, {}).update(dict.fromkeys(told[0], told[1]))


def _named(there: View, path: str) -> tuple[tuple[str, ...], str] | None:
    """Return the paths of a socket and its engine, None where it is none."""
    socket = there[path]
    return ((path, socket["realpath"]), str(socket["engine"])) if socket["type"] == "socket" else None


def places(facts: Mapping[str, Any], there: KnownSockets, uid: int, owner: str, home: Json) -> UserPlaces:
    """Return what a user has."""
    paths = {path for path, _ in there.roots.values()}
    reached, by_groups, by_anybody = ({path: attempt(_connects, facts, owner, path, ways) for path in paths} for ways in ("kept", "why", "anybodys"))
    own = {at: f"the socket of {owner}'s {engine}" for at, engine in there.users.get(uid, {}).items()}
    unknown = worst_hole(there.unknown, there.unsure.get(uid))
    return UserPlaces(uid=uid, owner=owner, home=home, own=own, roots=there.roots, reached=reached, by_groups=by_groups, by_anybody=by_anybody, unknown=unknown)


def sockets(facts: Mapping[str, Any]) -> KnownSockets:
    """Return the engines' sockets that are there."""
    found = KnownSockets()
    for probe in ("sockets", "user-sockets"):
        there, unknown = collection(lambda at=probe: facts[at]["sockets"])  # type: ignore[misc]
        found.unknown = worst_hole(found.unknown, unknown)
        for path in known(there):
            found.add(there, path, roots=probe == "sockets")
    return found


def _connects(facts: Mapping[str, Any], owner: str, path: str, ways: str) -> bool:
    """Say whether a user can connect to a socket of root's by ways of this kind; raises HoleError."""
    users: View = facts["engine-scope"]["users"]
    if owner not in users or path not in users[owner]["rootful_access"]:
        return False
    told: ViewList = users[owner]["rootful_access"][path][ways]
    return bool(known(told)) or any(True for _ in told)


def roots_socket(path: str, theirs: UserPlaces, keeps_groups: bool | Hole) -> HostPlace | Hole | None:
    """Return the socket of root's at which whoever has a path can connect; a hole where that is not known of one."""
    held = sorted({told for at, told in theirs.roots.items() if host_places.below(at, path)})
    for at, engine in held:
        if theirs.reached[at] is True or (keeps_groups is True and theirs.by_groups[at] is True):
            return HostPlace(at, f"the socket of root's {engine}")
    reached = [theirs.reached[at] if keeps_groups is False or theirs.by_groups[at] is False else both(keeps_groups, theirs.by_groups[at]) for at, _ in held]
    return worst_hole(*reached, theirs.unknown)


def own_socket(path: str, theirs: UserPlaces) -> HostPlace | None:
    """Return the socket of the user's own engines that a path is, or has below it, else that of the user's systemd."""
    own = host_places.socket(path, theirs.own)
    return HostPlace(own, theirs.own[own]) if own else None


def bus(path: str, theirs: UserPlaces) -> HostPlace | None:
    """Return the socket of the user's systemd that a path is, or has below it."""
    sockets = (f"/run/user/{theirs.uid}/{name}" for name in BUSES)
    return next((HostPlace(one, f"{BUS} {theirs.owner}") for one in sockets if host_places.below(one, path)), None)


def writable(path: str, home: str, theirs: UserPlaces) -> HostPlace | None:
    """Return what makes whoever can write to a path that user."""
    return _nearest(path, home, theirs, WRITTEN)


def secret(path: str, home: str, theirs: UserPlaces) -> HostPlace | None:
    """Return what is to be read at a path that that user alone should know."""
    return _nearest(path, home, theirs, dict.fromkeys(READ, KEYS))


def _nearest(path: str, home: str, theirs: UserPlaces, names: Mapping[str, str]) -> HostPlace | None:
    found = host_places.nearest(path, {home: HOME}, {f"{home}/{name}": what for name, what in names.items()}) if home else None
    return found and found._replace(what=f"{found.what} {theirs.owner}")
