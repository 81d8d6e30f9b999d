"""Which mounts of a user's container lead to that user, or by a socket of root's to root.

What the user can do anyway is no way out: to write to /etc through a mount is refused inside as it is outside.
"""

from collections.abc import Mapping
from typing import Final

from hostcheck.api import Hole, HoleError, Json, View, Why, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.containers import host_mounts, user_places
from hostcheck_builtin.containers.host_mounts import KINDS, SHARED
from hostcheck_builtin.containers.user_places import UserPlaces
from hostcheck_builtin.system import host_places
from hostcheck_builtin.system.host_places import HostPlace

ACTS: Final = frozenset({"default", "host"})
"""User namespaces in which somebody is the user who runs the engine; keep-id is told as host."""


def of(container: View, theirs: UserPlaces) -> dict[str, Json]:
    """State the mounts by what they are, and whether one is a socket of root's at which the container can connect."""
    acts = attempt(_acts, container)
    mounts: View | Hole = acts if isinstance(acts, Hole) else attempt(lambda: container["mounts"])
    if isinstance(mounts, Hole):
        return dict.fromkeys((*KINDS, "reaches_root"), mounts)
    found: dict[str, dict[str, Json]] = {kind: {} for kind in KINDS}
    theirs = theirs if acts else theirs.without_user()
    keeps = attempt(lambda: bool(container["keeps_groups"]))
    roots: list[bool | Hole] = [opening(mounts) or False]
    for place in known(mounts):
        told = attempt(lambda at: _mount(mounts[at], theirs, keeps), place)
        kinds, root = (dict.fromkeys(KINDS, told), told) if isinstance(told, Hole) else told
        roots.append(root)
        for kind, one in kinds.items():
            found[kind][place] = one
    stated: dict[str, Json] = {kind: incomplete(members, opening(mounts)) for kind, members in found.items()}
    return {**stated, "reaches_root": True if True in roots else next((one for one in roots if isinstance(one, Hole)), False)}


def doubts(container: View, mounts: Mapping[str, Json]) -> Json:
    """Return which mounts take to become root inside first, since who is not root there is somebody else than the user, and why; groups may be kept."""
    reason = attempt(_reason, container)
    if reason == "":
        return {}
    keeps = attempt(lambda: bool(container["keeps_groups"]))
    by_fact: dict[str, str | Hole] = dict.fromkeys(("host_mounts", "secret_mounts", "kernel_mounts"), reason)
    by_fact |= {} if keeps is True else {"socket_mounts": keeps or reason}
    found = {fact: why for fact, why in by_fact.items() if isinstance(mounts[fact], dict) and mounts[fact]}
    return incomplete(found, worst_hole(*(getattr(mounts[fact], "hole", mounts[fact]) for fact in by_fact)))


def _reason(container: View) -> str:
    """Say who somebody is inside who is not the user, "" where it is the user: root is, and with keep-id who has the user's uid."""
    user = container["user"]
    if container["namespaces"]["user"] == "host" or ("uid" in user and user["uid"] == 0):
        return ""
    whom = f"uid {user['uid']}" if "uid" in user else user["spec"].partition(":")[0]
    return f"its user is {whom}, who can become root in it only by a setuid program of its image"


def _acts(container: View) -> bool:
    """Say whether somebody in a container can be the user who runs its engine."""
    namespace = container["namespaces"]["user"]
    if namespace not in (*ACTS, "private"):
        raise HoleError(Hole(why=Why.UNSUPPORTED, message="it has the user namespace of another, and what that maps is not looked at"))
    return namespace in ACTS


def _mount(mount: View, theirs: UserPlaces, keeps: bool | Hole) -> tuple[dict[str, Json], bool | Hole]:
    """Return what one mount is, by its kind, and whether it lets somebody connect to an engine of root's.

    It may be two: a way to root by a socket, and one to the user. Of the ways to the user it is told of as the worst.
    """
    real, writes = attempt(lambda: mount["real"] if "real" in mount else None), bool(mount["writable"])
    if real is None:
        return {}, False
    told: dict[str, Json] = {"shared_mounts": {"path": real}} if mount["propagation"] in SHARED else {}
    if isinstance(real, Hole):
        return {**told, "socket_mounts": real, "host_mounts" if writes else "secret_mounts": real}, real
    kernel = host_places.kernel(real) if writes else None
    if kernel:
        return {**told, "kernel_mounts": host_mounts.stated(real, kernel, writes)}, False
    root = user_places.roots_socket(real, theirs, keeps)
    told |= _to_user(real, theirs, writes, root if isinstance(root, Hole) else None)
    if isinstance(root, HostPlace):
        return {**told, "socket_mounts": host_mounts.stated(real, root, writes)}, True
    return told if root is None else {**told, "socket_mounts": root}, root or False


def _to_user(real: str, theirs: UserPlaces, writes: bool, unknown: Hole | None) -> dict[str, Json]:
    """Return the way to the user, a hole where another might be told of instead."""
    files = _files(real, theirs, writes)
    ways: dict[str, Json | HostPlace] = {"host_mounts": files} if writes and files else {}
    if not ways or isinstance(files, Hole):
        unknown = unknown if not isinstance(files, Hole) else worst_hole(unknown, files)
        first = {
            "socket_mounts": user_places.own_socket(real, theirs),
            "host_mounts": user_places.bus(real, theirs),
            "secret_mounts": None if writes else files,
        }
        found = {kind: one for kind, one in first.items() if one}
        ways |= dict.fromkeys(found, unknown) if unknown else dict(list(found.items())[:1])
    return {kind: host_mounts.stated(real, one, writes) if isinstance(one, HostPlace) else one for kind, one in ways.items()}


def _files(real: str, theirs: UserPlaces, writes: bool) -> HostPlace | Hole | None:
    if isinstance(theirs.home, Hole):
        return theirs.home
    return (user_places.writable if writes else user_places.secret)(real, str(theirs.home), theirs)
