"""The permissions of what root alone is to read, where a container of somebody else's has it: each place of the catalogue, and the files in it.

A directory lets nobody in who may not search it, whatever is in it; of keys beside certificates only those count that are named as keys are.
"""

from collections.abc import Callable, Collection, Iterator
from fnmatch import fnmatchcase
from typing import Final

from hostcheck.api import Hole, HoleError, Host, Json, LimitExceeded, View, Why, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.accounts import path_routes
from hostcheck_builtin.accounts.dac import SEARCH, Need
from hostcheck_builtin.leads import place_entries as catalogue
from hostcheck_builtin.system import host_places, path_walk
from hostcheck_builtin.system.bounds import SECRETS_IN_A_PLACE as MANY
from hostcheck_builtin.system.mount_views import above
from hostcheck_builtin.system.presence import absent_as

KEYS: Final = {
    **dict.fromkeys(("/etc/ssl/private", "/etc/pki/tls/private"), ("*",)),
    **dict.fromkeys(("/etc/kubernetes/pki", "/etc/kubernetes/pki/etcd"), ("*key*",)),
    **dict.fromkeys((f"/var/lib/rancher/{name}/server/tls" for name in ("k3s", "rke2")), ("*key*",)),
    **dict.fromkeys(("/var/lib/minikube/certs", "/var/lib/k0s/pki", "/var/snap/microk8s/current/certs"), ("*key*",)),
    "/etc/letsencrypt": ("accounts", "archive", "keys"),
    "/var/lib/kubelet/pki": ("*key*", "kubelet-*.pem"),
    "/etc/ssh": ("ssh_host_*_key",),
    "/etc/kubernetes": ("*.conf",),
}
"""How files and directories are called that hold keys, where others lie beside them that everybody may read."""
DEEPER: Final = Hole(why=Why.UNSUPPORTED, message="a directory that may hold keys is open to others, and what is in it is not looked at")
UNSEEN: Final = Hole(why=Why.UNSUPPORTED, message="its processes do not show that it has this, and who may read it is not looked at")
May = Callable[[tuple[Need, ...]], bool | Hole]
"""Says whether somebody has what has to be got."""


def places() -> list[str]:
    """Return the places, but for those that hold nothing but others; an engine keeps what is in containers where only root is to look."""
    return sorted({*catalogue.of("read", alone=False), *KEYS, *host_places.DATA_ROOTS})


def stated(host: Host, mounts: Collection[str]) -> Json:
    """State what is at each place that one of these paths of the host is, holds or lies in, and on the way there; {} where nothing is."""
    found: dict[str, Json] = {}
    holes: list[Hole | None] = []
    for place in places():
        if any(host_places.below(place, mount) or host_places.below(mount, place) for mount in mounts):
            holes.append(_look(host, place, found))
    return incomplete(dict(sorted(found.items())), worst_hole(*holes))


def _look(host: Host, place: str, found: dict[str, Json]) -> Hole | None:
    """State a place, the directories above it, and what is in it; return why there may be more."""
    for path in (*above(place), place):
        if path not in found:
            found[path] = _entry(host, path)
        entry = found[path]
        if isinstance(entry, Hole) or entry["type"] != "dir":
            return entry if isinstance(entry, Hole) else None
    if place in host_places.DATA_ROOTS:
        return None
    names = attempt(host.list_dir, place, limit=MANY)
    for name in () if isinstance(names, Hole) else names:
        found[f"{place}/{name}"] = _entry(host, f"{place}/{name}")
    return names if isinstance(names, Hole) else None


def _entry(host: Host, path: str) -> Json:
    found = absent_as(None, attempt, host.stat, path, follow=False)
    if found is None or isinstance(found, Hole):
        return found or {"type": "absent"}
    return {"type": found.type, "uid": found.uid, "gid": found.gid, "mode": path_walk.mode(found), "acl": path_walk.acl(found)}


def reads(secrets: View, real: str, may: May) -> bool | Hole:
    """Say whether somebody who has a path of the host, without what is above it, can read what root alone is to read there."""
    each = [attempt(_reads, secrets, place, real, may) for place in places() if host_places.below(place, real) or host_places.below(real, place)]
    more = opening(secrets)  # what containers have that users hide is no place of this one: each of these is listed, or not known by itself
    return True in each or worst_hole(*each, None if more and more.owners else more) or False


def _reads(secrets: View, place: str, real: str, may: May) -> bool | Hole:
    way: list[Need] = []
    for path in above(place):
        if (kind := _kind(secrets, path)) != "dir":
            return _not_there(kind, path)
        way += [_search(secrets, path)] if host_places.below(path, real) else []
    if (kind := _kind(secrets, place)) != "dir":
        return _file(secrets, place, way, may)
    way += [_search(secrets, place)] if host_places.below(place, real) else []
    if (searched := may(tuple(way))) is not True:
        return searched
    if place in host_places.DATA_ROOTS:
        return DEEPER
    each = [attempt(_member, secrets, path, real, way, may) for path in _members(secrets, place, real)]
    return True in each or worst_hole(*each) or False


def _kind(secrets: View, path: str) -> str:
    if path not in secrets:
        raise HoleError(UNSEEN)
    return str(secrets[path]["type"])


def _search(secrets: View, path: str) -> Need:
    return Need(place=path_routes.place(path, secrets[path]), want=SEARCH)


def _not_there(kind: str, path: str) -> bool:
    """Say that nothing is to be read at a path; raises LimitExceeded where it leads elsewhere."""
    if kind == "link":
        raise LimitExceeded(f"{path}: a link, and what it leads to is not looked at")
    return False


def _members(secrets: View, place: str, real: str) -> Iterator[str]:
    """Yield what is directly in a place and counts, and that a mount has."""
    for path in known(secrets):
        folder, _, name = path.rpartition("/")
        if folder == place and (host_places.below(path, real) or host_places.below(real, path)):
            if not name.endswith((".pub", ".crt")) and any(fnmatchcase(name, form) for form in KEYS.get(place, ("*",))):
                yield path


def _member(secrets: View, path: str, real: str, way: list[Need], may: May) -> bool | Hole:
    if secrets[path]["type"] != "dir":
        return _file(secrets, path, way, may)
    entered = may((*way, *([_search(secrets, path)] if host_places.below(path, real) else [])))
    return entered if entered is not True else False if path in places() else DEEPER


def _file(secrets: View, path: str, way: list[Need], may: May) -> bool | Hole:
    if secrets[path]["type"] != "file":
        return _not_there(secrets[path]["type"], path)
    return may((*way, Need(place=path_routes.place(path, secrets[path]), want=path_routes.READ, owner=True)))
