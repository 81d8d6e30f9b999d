"""Where one user's engines may keep images and containers: the usual directories of a home, and what files in it and running engines name instead."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from hostcheck.api import Hole, HoleError, Json, Why, attempt, worst_hole
from hostcheck_builtin.dockerd import daemon_json
from hostcheck_builtin.podman.folders import UsersFiles
from hostcheck_builtin.storage import podman_storage
from hostcheck_builtin.storage.podman_storage import PodmanStorage
from hostcheck_builtin.system.home_dir import Place

DOCKER: Final = (".config", "docker")
DAEMON_JSON: Final = "daemon.json"
DATA_ROOT: Final = "data-root"
USUAL: Final = {
    "docker": ".local/share/docker",
    "podman": ".local/share/containers/storage",
    "containerd": ".local/share/containerd",
}
"""Below a home, by engine."""


class UserDirectories(NamedTuple):
    """Where to look: by path the engines that keep something there; `hole` says why there may be more; and what storage.conf says."""

    data: dict[str, list[str]]
    podman: PodmanStorage | Hole
    graph_root: str | Hole
    hole: Hole | None


def places(place: Place, variables: Mapping[str, str], system: PodmanStorage | Hole, running: Json) -> UserDirectories:
    """Return where a user's engines may keep what they have; `running` are the data directories that running dockerds are told."""
    usual = {engine: f"{place.path}/{path}" for engine, path in USUAL.items()}
    podman = attempt(lambda: podman_storage.read(UsersFiles(place).file(podman_storage.NAME)))
    root = podman if isinstance(podman, Hole) else attempt(_graph_root, podman, system, usual["podman"], variables)
    images = "" if isinstance(podman, Hole) or not podman.image_store else attempt(podman_storage.expanded, podman.image_store, variables, podman.file)
    docker = attempt(_data_root, place)
    named = [("podman", root), ("podman", images), ("docker", docker), *(("docker", one) for one in (running if isinstance(running, list) else []))]
    data: dict[str, list[str]] = {path: [engine] for engine, path in usual.items()}
    for engine, path in named:
        if isinstance(path, str) and path and engine not in data.setdefault(path, []):
            data[path].append(engine)
    own = isinstance(podman, Hole) or podman.file  # what is not known of the system's file is not told of each home
    unread = (path for _, path in (named if own else named[1:]) if isinstance(path, Hole))
    return UserDirectories(data, podman, root, worst_hole(running if isinstance(running, Hole) else getattr(running, "hole", None), *unread))


def _graph_root(own: PodmanStorage, system: PodmanStorage | Hole, usual: str, variables: Mapping[str, str]) -> str:
    """Return where Podman keeps images, "" where that is one directory for all users, which is told of the file that says so.

    Who has a file of their own has nothing of the system's.
    """
    if own.file:
        said, file = own.graph_root or own.rootless_path, own.file
    elif isinstance(system, Hole):
        raise HoleError(system)
    else:
        said, file = system.rootless_path, system.file
        if said and not podman_storage.is_personal(said):
            return ""
    return podman_storage.expanded(said, variables, file) if said else usual


def _data_root(place: Place) -> str | Hole:
    """Return the data directory that the daemon.json of a home names, "" for none."""
    folder = place.folder(*DOCKER)
    raw = None if folder is None else folder.read(DAEMON_JSON)
    if folder is None or raw is None:
        return ""
    return _told(daemon_json.read(f"{folder.path}/{DAEMON_JSON}", raw)["settings"])


def of_daemons(daemons: Mapping[str, Json]) -> Iterator[str | Hole]:
    """Yield the data directory that each running dockerd is told by a flag or its file, "" for none."""
    for one in daemons.values():
        yield one if isinstance(one, Hole) else _told(one["flags"]) or _told(one["file"] if isinstance(one["file"], Hole) else one["file"]["settings"])


def _told(settings: Json) -> str | Hole:
    path = settings if isinstance(settings, Hole) else settings.get(DATA_ROOT, "")
    if isinstance(path, Hole) or not path or path.startswith("/"):
        return path
    return Hole(why=Why.UNSUPPORTED, message="a dockerd is told a data directory by a path that depends on where it was started")
