"""Where the engines of each user keep images and containers, by the homes and by what files in them say.

All of it is in the hands of its user and speaks of that user alone. A path that a user names is walked only as far as that user gets.
"""

from functools import partial
from typing import NamedTuple

from hostcheck.api import Hole, Host, Json, attempt, incomplete, worst_hole
from hostcheck_builtin.daemon import probe_user_docker_daemons
from hostcheck_builtin.files import searching
from hostcheck_builtin.storage import data_directories, podman_storage, probe_storage, run_roots, user_directories
from hostcheck_builtin.storage.file_systems import FileSystems
from hostcheck_builtin.storage.podman_storage import PodmanStorage
from hostcheck_builtin.storage.user_directories import UserDirectories
from hostcheck_builtin.system import account_files, mounts_to_avoid
from hostcheck_builtin.system.credentials import all_seeing
from hostcheck_builtin.system.home_dir import Place
from hostcheck_builtin.system.homes import Home, homes, theirs
from hostcheck_builtin.system.path_walk import LstatCache, WalkedPath
from hostcheck_builtin.system.presence import absent_as


class Shared(NamedTuple):
    """What is read once for all homes."""

    host: Host
    lstats: LstatCache
    spared: frozenset[str]
    slow: frozenset[str] | Hole
    system: PodmanStorage | Hole
    names: dict[int, str]
    daemons: Json
    mounts: FileSystems


def collect(host: Host) -> Json:
    """State ``{homes}``: by home where its user's engines keep what they have, if there is anything."""
    lstats: LstatCache = {}
    spared = attempt(mounts_to_avoid.users_mounts, host)
    if isinstance(spared, Hole):
        return {"homes": incomplete({}, spared)}
    found, unread = homes(host, lstats, spared)
    if not found:
        return {"homes": incomplete({}, unread)}
    shared = _shared(host, lstats, spared)
    sees = all_seeing(host)
    unread = worst_hole(unread, *(one if isinstance(one, Hole) else getattr(one, "hole", None) for one in (shared.system, shared.daemons)))
    told: dict[str, Json] = {}
    for home in found:
        result = _home(shared, home)
        if isinstance(result, Hole) and not sees:
            unread = worst_hole(unread, result)
        elif result is not None:
            told[home.name] = theirs(result, home)
    return {"homes": incomplete(dict(sorted(told.items())), unread)}


def _shared(host: Host, lstats: LstatCache, spared: frozenset[str]) -> Shared:
    users = account_files.users(account_files.text_of(host, "/etc/passwd"))[0].values()
    names = {user["uid"]: user["name"] for user in reversed(list(users))}
    daemons = attempt(lambda: probe_user_docker_daemons.collect(host)["daemons"])
    slow, system = attempt(mounts_to_avoid.slow_mounts, host), attempt(probe_storage.system_storage, host)
    return Shared(host, lstats, spared, slow, system, names, daemons, FileSystems(host))


def _home(shared: Shared, home: Home) -> Json:
    """State a home, None where it is not there or nothing is kept."""
    if isinstance(home.place, Hole):
        return home.place
    avoid = mounts_to_avoid.refusing(shared.spared, roots_too=True)
    return absent_as(None, attempt, lambda: _told(shared, Place(shared.host, home, str(home.place), shared.lstats, [], avoid)))


def _told(shared: Shared, place: Place) -> Json:
    """State a home, None where nothing is kept."""
    uid = place.owner()
    variables = {"HOME": place.path, "UID": str(uid), **({"USER": shared.names[uid]} if uid in shared.names else {})}
    found = user_directories.places(place, variables, shared.system, _running(shared.daemons, uid))
    look = partial(data_directories.walk_as, shared.host, uid=uid, lstats=shared.lstats, avoid=_avoid(shared, place.path))
    ways = {path: look(path) for path in found.data}
    data = {path: _directory(shared, way, found.data[path]) for path, way in ways.items()}
    data = {path: one for path, one in data.items() if one is not None}
    stores: Json = found.podman if isinstance(found.podman, Hole) else {}
    if isinstance(found.podman, PodmanStorage):
        each = {path: attempt(_store, look, path, found.podman.file, variables) for path in found.podman.additional}
        stores = {path: one for path, one in each.items() if one is not None}
    run_root = attempt(_run_root, shared, found, ways, variables)
    if not any(one is not None and not isinstance(one, Hole) for one in (*data.values(), *_members(stores), run_root)):
        return worst_hole(found.hole, stores, *data.values(), *_members(stores), None if found.graph_root is shared.system else run_root)
    return {"uid": uid, "data": incomplete(data, found.hole), "stores": stores, **({} if run_root is None else {"run_root": run_root})}


def _members(stores: Json) -> list[Json]:
    return [] if isinstance(stores, Hole) else list(stores.values())


def _running(daemons: Json, uid: int) -> Json:
    """Return the data directories of a user's running dockerds."""
    theirs = {} if isinstance(daemons, Hole) else daemons.get(str(uid), {})
    told = [] if isinstance(theirs, Hole) else list(user_directories.of_daemons(theirs))
    hole = worst_hole(theirs, getattr(theirs, "hole", None), *(one for one in told if isinstance(one, Hole)))
    return incomplete([one for one in told if isinstance(one, str) and one], hole)


def _avoid(shared: Shared, home: str) -> mounts_to_avoid.Avoid:
    """Return a refusal to look at the file systems of users and servers, but for a server's that the home is on."""
    if isinstance(shared.slow, Hole):
        return mounts_to_avoid.refusing(shared.slow, roots_too=True)
    own = {point for point in shared.slow if f"{home}/".startswith(f"{point}/")} - shared.spared
    return mounts_to_avoid.refusing(shared.slow - own, roots_too=True)


def _directory(shared: Shared, way: WalkedPath | Hole, engines: list[str]) -> Json:
    """State a directory, None where there is none."""
    if isinstance(way, Hole):
        return way
    if way.type != "dir":
        return None
    return {**data_directories.stated(way), "engines": sorted(engines), "fstype": attempt(shared.mounts.type_of, way.realpath, way.end)}


def _store(look: "partial[WalkedPath | Hole]", path: str, file: str, variables: dict[str, str]) -> Json:
    """State an additional image store, None where there is none."""
    way = look(podman_storage.expanded(path, variables, file))
    if isinstance(way, Hole):
        return way
    return {**searching.stated(way), "members": {}, "set_in": file} if way.type == "dir" else None


def _run_root(shared: Shared, found: UserDirectories, ways: dict[str, WalkedPath | Hole], variables: dict[str, str]) -> Json:
    """State where Podman keeps what runs."""
    if isinstance(found.podman, Hole) or isinstance(found.graph_root, Hole):
        return worst_hole(*(one for one in (found.podman, found.graph_root) if isinstance(one, Hole)))
    if not found.graph_root:
        return None
    way = ways[found.graph_root]
    if isinstance(way, Hole):
        return way
    return run_roots.stated(shared.host, way.realpath, found.podman, variables)
