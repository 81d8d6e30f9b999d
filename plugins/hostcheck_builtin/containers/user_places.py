"""Which places of the host make a container that user: to write there, to read there, or to connect; and which of root's sockets let that user connect.

Root in a container of a user's engine is that user without any further group: a runtime drops them, and only the primary group is mapped (measured with
runc, Podman 5.4.2 and rootlesskit 2.3).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hostcheck.api import Hole, Json, View, attempt, known, opening, worst_hole
from hostcheck_builtin.containers import host_places
from hostcheck_builtin.containers.host_places import HostPlace

HOME: Final = "the home of the user"
LOGIN: Final = "who may log in as the user"
RUN: Final = "what the user runs"
KEYS: Final = "keys and passwords of the user"
BUS: Final = "a socket at which the user tells systemd what to start, whatever the mount allows"
WRITTEN: Final[Mapping[str, str]] = {
    ".ssh": LOGIN,
    **dict.fromkeys((f".{name}" for name in ("bashrc", "bash_profile", "bash_login", "profile", "zshrc", "zshenv", "zprofile")), RUN),
    **dict.fromkeys((".config", ".docker", ".local/bin"), RUN),
}
READ: Final = (".ssh", ".docker", ".kube", ".aws", ".gnupg")
BUSES: Final = ("bus", "systemd/private")
KEPT: Final = ("owner", "ACL entry user:", "any user", "primary group ")
"""How ways to a socket begin that a container keeps, as socket-access words them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPlaces:
    """What one user has on the host: the home, and sockets by each path that leads to them, each in words and with the path by which it is known."""

    uid: int
    home: Json
    own: Mapping[str, str] = field(default_factory=dict)
    roots: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    reached: Mapping[str, bool | Hole] = field(default_factory=dict)
    unknown: Hole | None = None


def places(facts: Mapping[str, Any], uid: int, owner: str, home: Json) -> UserPlaces:
    """Return what a user has."""
    own, unknown = _sockets(facts, "user-sockets", uid)
    roots, more = _sockets(facts, "sockets", None)
    reached = {path: attempt(_connects, facts, owner, path) for path, _ in roots.values()}
    words = {at: f"the socket of {owner}'s {engine}" for at, (_, engine) in own.items()}
    return UserPlaces(uid=uid, home=home, own=words, roots=roots, reached=reached, unknown=worst_hole(unknown, more))


def _sockets(facts: Mapping[str, Any], probe: str, uid: int | None) -> tuple[dict[str, tuple[str, str]], Hole | None]:
    """Return the sockets that are there, of one user or of the system, by each path that leads to them; and why there may be more."""
    there: View | Hole = attempt(lambda: facts[probe]["sockets"])
    if isinstance(there, Hole):
        return {}, there
    found: dict[str, tuple[str, str]] = {}
    unknown = opening(there)
    for path in known(there):
        told = attempt(_named, there, path, uid)
        if isinstance(told, Hole):
            unknown = worst_hole(unknown, told)
        else:
            found |= told
    return found, unknown


def _named(there: View, path: str, uid: int | None) -> dict[str, tuple[str, str]]:
    socket = there[path]
    if uid is not None and socket["owner_uid"] != uid:
        return {}
    return dict.fromkeys((path, socket["realpath"]), (path, str(socket["engine"]))) if socket["type"] == "socket" else {}


def _connects(facts: Mapping[str, Any], owner: str, path: str) -> bool:
    """Say whether a user can connect to a socket of root's without any further group; raises HoleError."""
    users: View = facts["engine-scope"]["users"]
    if owner not in users or path not in users[owner]["rootful_access"]:
        return False
    why = users[owner]["rootful_access"][path]["why"]
    return any(way.startswith(KEPT) for way in known(why)) or any(way.startswith(KEPT) for way in why)


def roots_socket(path: str, theirs: UserPlaces) -> HostPlace | Hole | None:
    """Return the socket of root's at which whoever has a path can connect; a hole where that is not known of one."""
    held = sorted({told for at, told in theirs.roots.items() if host_places.below(at, path)})
    for at, engine in held:
        if theirs.reached[at] is True:
            return HostPlace(at, f"the socket of root's {engine}")
    return worst_hole(*(theirs.reached[at] for at, _ in held), theirs.unknown)


def own_socket(path: str, theirs: UserPlaces) -> HostPlace | None:
    """Return the socket of the user's own engines that a path is, or has below it, else that of the user's systemd."""
    own = host_places.socket(path, theirs.own)
    return HostPlace(own, theirs.own[own]) if own else None


def bus(path: str, theirs: UserPlaces) -> HostPlace | None:
    """Return the socket of the user's systemd that a path is, or has below it."""
    sockets = (f"/run/user/{theirs.uid}/{name}" for name in BUSES)
    return next((HostPlace(one, BUS) for one in sockets if host_places.below(one, path)), None)


def writable(path: str, home: str) -> HostPlace | None:
    """Return what makes whoever can write to a path that user."""
    return host_places.nearest(path, {home: HOME}, {f"{home}/{name}": what for name, what in WRITTEN.items()}) if home else None


def secret(path: str, home: str) -> HostPlace | None:
    """Return what is to be read at a path that that user alone should know."""
    return host_places.nearest(path, {home: HOME}, {f"{home}/{name}": KEYS for name in READ}) if home else None
