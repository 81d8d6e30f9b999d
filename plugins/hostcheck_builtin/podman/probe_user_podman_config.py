"""What the Podman of each user is told by files in that user's home, beyond and against what those of the system say.

It speaks of that user's containers alone, and only what these files decide is stated. They are read as far as they belong to the user and no link that
somebody else than root made is on the way.
"""

from functools import partial
from typing import NamedTuple

from hostcheck.api import Hole, Host, Json, attempt, incomplete, worst_hole
from hostcheck_builtin.podman import containers_conf, mounts_conf, registries_conf, signature_policy
from hostcheck_builtin.podman.folders import SYSTEM, VENDOR, RootsFiles, UsersFiles
from hostcheck_builtin.system.home_dir import Place, look_into_homes


class Systems(NamedTuple):
    """The files that count for all users."""

    vendor: RootsFiles
    system: RootsFiles


def collect(host: Host) -> Json:
    """State ``{homes}``: what the files decide that a user has in a home; one without such files is left out."""
    files = Systems(RootsFiles(host, VENDOR), RootsFiles(host, SYSTEM))
    found, unread = look_into_homes(host, partial(_told, files=files))
    return {"homes": incomplete({home.name: told for home, told in sorted(found, key=lambda one: one[0].name)}, unread)}


def _told(place: Place, files: Systems) -> Json:
    """State a home, None where it has no such files."""
    uid = place.owner()
    own = UsersFiles(place)
    parts = {"containers": _containers, "registries": _registries, "policy": _policy, "mounts": _mounts}
    told = {name: attempt(state, own, files) for name, state in parts.items()}
    there = {name: part for name, part in told.items() if part is not None}
    return {"uid": uid, **there} if any(not isinstance(part, Hole) for part in there.values()) else worst_hole(*there.values())


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
