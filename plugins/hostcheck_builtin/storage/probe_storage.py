"""Where root's engines keep images and containers: each data directory with its file system, and the image stores of others that root's Podman takes from.

A directory is told once, by its real path, whatever it is called by whom. Where engines are told of it is found as for the files that they believe.
"""

from functools import partial
from typing import Final

from hostcheck.api import Hole, Host, Json, Unsupported, attempt, incomplete, map_known, worst_hole
from hostcheck_builtin.files import named_paths, places, searching
from hostcheck_builtin.files.searching import FileSearch
from hostcheck_builtin.podman.folders import SYSTEM, VENDOR, RootsFiles
from hostcheck_builtin.storage import data_directories, podman_storage, run_roots
from hostcheck_builtin.storage.file_systems import FileSystems
from hostcheck_builtin.storage.podman_storage import GRAPH_ROOT, PodmanStorage
from hostcheck_builtin.system.bounds import IMAGES_KEPT
from hostcheck_builtin.system.candidates import canonical
from hostcheck_builtin.system.path_walk import WalkedPath
from hostcheck_builtin.system.presence import absent_as

DROP_INS: Final = "storage.conf.d"
KEPT: Final = ("-images", "-containers")
NOTES: Final = (".json", ".lock")
"""What containers/storage has beside a directory for each image and each container."""
ROOTS: Final = {"HOME": "/root", "UID": "0", "USER": "root"}


def collect(host: Host) -> Json:
    """State ``{data, stores, podman}``."""
    search = searching.begin(host)
    told = attempt(system_storage, host)
    return {
        "data": _data(host, search, told),
        "stores": map_known(told, partial(_stores, search)),
        "podman": map_known(told, partial(_podman, host, search)),
    }


def system_storage(host: Host) -> PodmanStorage:
    """Return what the file says that counts for root; raises Unsupported where there are drop-ins, which newer versions of Podman read and others do not."""
    vendor, system = RootsFiles(host, VENDOR), RootsFiles(host, SYSTEM)
    if any(next(folder.drop_ins(DROP_INS), None) for folder in (vendor, system)):
        raise Unsupported(f"{SYSTEM}/{DROP_INS}: read by newer versions of Podman, and not by others")
    return podman_storage.read(system.file(podman_storage.NAME) or vendor.file(podman_storage.NAME))


def _data(host: Host, search: FileSearch, told: PodmanStorage | Hole) -> Json:
    """State the data directories that are there by their real path."""
    named, systems = named_paths.named(host), FileSystems(host)
    paths = {*named.paths.get("data", {}), *(path for each in places.USUAL["data"].values() for path in each)}
    images = map_known(told, lambda said: attempt(podman_storage.expanded, said.image_store, ROOTS, said.file) if said.image_store else "")
    hole = worst_hole(named.holes.get("data"), images)
    found: dict[str, Json] = {}
    for path in sorted(paths | ({canonical(images)} if isinstance(images, str) and images else set())):
        way = search.walk(path)
        if isinstance(way, Hole) or way.stopped:
            found[path] = way if isinstance(way, Hole) else way.stopped
        elif way.type == "dir":
            names = found.get(way.realpath, {}).get("names", []) if isinstance(found.get(way.realpath), dict) else []
            found[way.realpath] = {"names": [*names, path], **_directory(way, systems)}
    return incomplete(found, hole)


def _directory(way: WalkedPath, systems: FileSystems) -> dict[str, Json]:
    return {**data_directories.stated(way), "filesystem": attempt(systems.stated, way.realpath)}


def _stores(search: FileSearch, told: PodmanStorage) -> Json:
    """State the additional image stores that are there, or that somebody could make."""
    found = {path: attempt(_store, search, path, told.file) for path in told.additional}
    return {path: one for path, one in found.items() if one is not None}


def _store(search: FileSearch, path: str, file: str) -> Json:
    return map_known(search.folder(podman_storage.expanded(path, ROOTS, file), lambda _: False), lambda entry: {**entry, "set_in": file})


def _podman(host: Host, search: FileSearch, told: PodmanStorage) -> dict[str, Json]:
    """State where root's Podman keeps what runs, and where those of users keep images who say nothing else."""
    stated: dict[str, Json] = {"file": told.file}
    root = attempt(_graph_root, search, told)
    if isinstance(root, Hole) or root:
        run_root = map_known(root, lambda path: absent_as(None, run_roots.stated, host, path, told, ROOTS))
        stated |= {} if run_root is None else {"run_root": run_root}
        stated["used"] = map_known(root, lambda path: attempt(_is_used, host, path, told))
    if told.rootless_path:
        stated |= {"rootless_path": told.rootless_path, "for_each": podman_storage.is_personal(told.rootless_path)}
    return stated


def _graph_root(search: FileSearch, told: PodmanStorage) -> str | Hole:
    """Return where root's Podman keeps what it has, "" where it has never been started."""
    way = search.walk(podman_storage.expanded(told.graph_root or GRAPH_ROOT, ROOTS, told.file))
    if isinstance(way, Hole):
        return way
    return way.stopped or (way.realpath if way.type == "dir" else "")


def _is_used(host: Host, root: str, told: PodmanStorage) -> bool:
    """Say whether an image or container is there. Timers and units that come with Podman make the directories (podman-auto-update(1))."""
    if told.image_store:
        return True
    kept = [f"{root}/{name}" for name in host.list_dir(root, limit=IMAGES_KEPT) if name.endswith(KEPT)]
    return any(not name.endswith(NOTES) for folder in kept for name in host.list_dir(folder, limit=IMAGES_KEPT))
