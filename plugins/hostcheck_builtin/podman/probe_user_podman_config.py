"""What the Podman of each user is told by files in that user's home, beyond and against what those of the system say.

It speaks of that user's containers alone, and only what these files decide is stated. They are read as far as they belong to the user and no link that
somebody else than root made is on the way.
"""

from typing import NamedTuple

from hostcheck.api import Hole, Host, Json, Nonsense, Why, attempt, incomplete, worst_hole
from hostcheck_builtin.podman import containers_conf, mounts_conf, registries_conf, signature_policy
from hostcheck_builtin.podman.folders import SYSTEM, VENDOR, RootsFiles, UsersFiles
from hostcheck_builtin.system import mounts_to_avoid
from hostcheck_builtin.system.credentials import all_seeing
from hostcheck_builtin.system.home_dir import Place
from hostcheck_builtin.system.homes import Home, homes, theirs
from hostcheck_builtin.system.path_walk import LstatCache
from hostcheck_builtin.system.presence import absent_as


class Systems(NamedTuple):
    """The files that count for all users."""

    vendor: RootsFiles
    system: RootsFiles


def collect(host: Host) -> Json:
    """State ``{homes}``: what the files decide that a user has in a home; one without such files is left out."""
    lstats: LstatCache = {}
    spared = attempt(mounts_to_avoid.users_mounts, host)
    if isinstance(spared, Hole) and spared.why is Why.UNSUPPORTED:
        spared = frozenset()
    found, unread = ([], spared) if isinstance(spared, Hole) else homes(host, lstats, spared)
    files = Systems(RootsFiles(host, VENDOR), RootsFiles(host, SYSTEM))
    sees = bool(found) and all_seeing(host)
    told: dict[str, Json] = {}
    for home in found:
        result = _home(host, home, lstats, mounts_to_avoid.refusing(spared, roots_too=True), files)
        if isinstance(result, Hole) and not sees:
            unread = worst_hole(unread, result)
        elif result is not None:
            told[home.name] = theirs(result, home)
    return {"homes": incomplete(dict(sorted(told.items())), unread)}


def _home(host: Host, home: Home, lstats: LstatCache, avoid: mounts_to_avoid.Avoid, files: Systems) -> Json:
    """State a home, None where it is not there or has no such files."""
    if isinstance(home.place, Hole):
        return home.place
    return absent_as(None, attempt, lambda: _told(Place(host, home, str(home.place), lstats, [], avoid), files))


def _told(place: Place, files: Systems) -> Json:
    """State a home; raises Nonsense where it belongs to none of its users, nor to root."""
    uid = place.host.stat(place.path).uid
    if uid not in (0, *place.uids):
        raise Nonsense(f"{place.path}: a home, and belongs to uid {uid}")
    own = UsersFiles(place)
    parts = {"containers": _containers, "registries": _registries, "policy": _policy, "mounts": _mounts}
    told = {name: attempt(state, own, files) for name, state in parts.items()}
    there = {name: part for name, part in told.items() if part is not None}
    return {"uid": uid or min(place.uids), **there} if any(not isinstance(part, Hole) for part in there.values()) else worst_hole(*there.values())


def _containers(own: UsersFiles, files: Systems) -> Json:
    if not _has(own, containers_conf.NAME):
        return None
    return containers_conf.stated(containers_conf.read(files.vendor, files.system, own), own.holds)


def _registries(own: UsersFiles, files: Systems) -> Json:
    if not _has(own, registries_conf.NAME):
        return None
    return registries_conf.stated(registries_conf.read(files.system, own), own.holds)


def _has(own: UsersFiles, name: str) -> bool:
    return own.file(name) is not None or next(own.drop_ins(f"{name}.d"), None) is not None


def _policy(own: UsersFiles, _: Systems) -> Json:
    found = own.file(signature_policy.NAME)
    return None if found is None else signature_policy.stated(found)


def _mounts(own: UsersFiles, _: Systems) -> Json:
    found = own.file(mounts_conf.NAME)
    return None if found is None else mounts_conf.stated(found)
