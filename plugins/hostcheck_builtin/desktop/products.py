"""What each product keeps in a home: its virtual machines, the sockets that lead into them, and what they are given of the host.

A machine that is the only one of its product goes by the name of its docker context. A default of a product is not stated for what its files do
not say: which directories Docker Desktop shares when nobody chose depends on its version.
"""

import json
from collections.abc import Callable
from typing import Any, Final

from hostcheck.api import Hole, Json, Nonsense, Unsupported, Why, attempt, incomplete, map_known
from hostcheck_builtin.desktop.lima_machines import colima, lima, rancher_desktop
from hostcheck_builtin.system.account_files import keep
from hostcheck_builtin.system.bounds import DIRECTORIES_FOR_MACHINES as DIRECTORIES
from hostcheck_builtin.system.bounds import MACHINES_OF_A_USER as EACH
from hostcheck_builtin.system.home_dir import Folder, Found, Place, expanded, given_to, too_many, with_socket
from hostcheck_builtin.system.homes import MACS
from hostcheck_builtin.system.parse_errors import at_line

SETTINGS: Final = ("settings-store.json", "settings.json")
"""Docker Desktop's, since 4.35 and before."""


def docker_desktop(place: Place) -> Found:
    """Return Docker Desktop's one machine: on Linux it keeps everything below ~/.docker/desktop, on a Mac in two containers."""
    mac = place.folder("Library", "Group Containers/group.com.docker")
    folder = mac or place.folder(".docker", "desktop")
    if folder is None:
        return {}
    home = place.path
    paths = [f"{home}/.docker/run/docker.sock", f"{home}/Library/Containers/com.docker.docker/Data/docker-cli.sock"]
    settings = attempt(_settings, folder)
    exposes = map_known(settings, lambda stated: _flag(stated[1], "exposedockerapiontcp2375"))
    shares = map_known(settings, lambda stated: _shared_directories(place, *stated))
    more: Found = {} if exposes is None else {"exposes_tcp": exposes}
    evidence = [folder.path]
    if isinstance(settings, Hole):
        evidence = incomplete(evidence, settings)
    elif settings[0]:
        evidence.append(f"{folder.path}/{settings[0]}")
    return {"desktop-linux": folder.machine(evidence, paths if mac else ("docker.sock", "docker-cli.sock"), shares, **more)}


def _settings(folder: Folder) -> tuple[str, dict[str, Any]]:
    """Return the name of the settings and what they say; their keys began with a small letter before 4.35."""
    for name in SETTINGS:
        raw = folder.read(name)
        if raw is not None:
            return name, {key.lower(): value for key, value in _object(f"{folder.path}/{name}", raw).items()}
    return "", {}


def _object(path: str, raw: bytes) -> dict[str, Any]:
    try:
        document = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Nonsense(f"{path}: no JSON{at_line(error)}") from error
    if not isinstance(document, dict):
        raise Nonsense(f"{path}: not an object")
    return document


def _flag(document: dict[str, Any], key: str) -> bool | None:
    value = document.get(key)
    if value is not None and not isinstance(value, bool):
        raise Nonsense(f"{key}: neither true nor false")
    return value


def _shared_directories(place: Place, name: str, settings: dict[str, Any]) -> Json:
    stated = settings.get("filesharingdirectories")
    if stated is None:
        raise Unsupported(f"{name or SETTINGS[0]}: does not say which directories are shared, as where those are that the product chose itself")
    if not isinstance(stated, list) or not all(isinstance(one, str) for one in stated):
        raise Nonsense(f"{name}: FilesharingDirectories is not a list of texts")
    paths = [expanded(place, one, "$HOME") for one in stated[:DIRECTORIES]]
    return given_to(place, ((path, True) for path in paths), len(stated))


def podman_machine(place: Place) -> Found:
    """Return podman's machines, which have one file each, below the name of what runs them (pkg/machine/vmconfigs of podman 5)."""
    folder = place.folder(".config", "containers/podman/machine")
    providers = [] if folder is None else folder.names()
    found: Found = {}
    for provider in providers[:EACH]:
        inner = place.folder(".config", f"containers/podman/machine/{provider}")
        for name in [] if inner is None else [name.removesuffix(".json") for name in inner.names() if name.endswith(".json")]:
            if inner is not None and len(found) < EACH:
                keep(found, name, _podman(inner, name))
            else:
                return too_many(found)
    return too_many(found) if len(providers) > EACH else found


def _podman(folder: Folder, name: str) -> Json:
    path = f"{folder.path}/{name}.json"
    document = attempt(lambda: _object(path, folder.read(f"{name}.json") or b""))
    place = folder.place
    shares = map_known(document, lambda stated: _podman_mounts(place, stated))
    rootful = map_known(document, lambda stated: _flag(user if isinstance(user := stated.get("HostUser"), dict) else stated, "Rootful"))
    more: Found = {} if rootful is None else {"rootful": rootful}
    if f"{place.path}/".startswith(f"{MACS}/"):
        unseen = Hole(why=Why.UNSUPPORTED, message="on a Mac it is below $TMPDIR, which no file tells")
        return folder.machine([path], [], shares, unseen=unseen, **more)
    return folder.machine([path], [f"/run/user/{folder.uid}/podman/{name}-api.sock"], shares, **more)


def _podman_mounts(place: Place, document: dict[str, Any]) -> Json:
    """Return the mounts; Go writes a list that was never made as null."""
    if "Mounts" not in document:
        raise Unsupported("it has no Mounts, which every version writes that is known")
    stated = document["Mounts"] if document["Mounts"] is not None else []
    if not isinstance(stated, list) or not all(isinstance(one, dict) and isinstance(one.get("Source"), str) for one in stated):
        raise Nonsense("Mounts is not a list of objects with a Source")
    pairs = [(expanded(place, one["Source"], "~"), not _flag(one, "ReadOnly")) for one in stated[:DIRECTORIES]]
    return given_to(place, pairs, len(stated))


def orbstack(place: Place) -> Found:
    """Return OrbStack's one machine; what it is given is not to be chosen. OrbStack is for Macs: elsewhere only its socket shows one."""
    folder = place.folder(".orbstack")
    unknown = Hole(why=Why.UNSUPPORTED, message="OrbStack: no file says which directories of the Mac it shows to its machine")
    found: Found = {} if folder is None else {"orbstack": folder.machine([folder.path], ["run/docker.sock"], unknown)}
    return found if f"{place.path}/".startswith(f"{MACS}/") else with_socket(found)


PRODUCTS: Final[dict[str, Callable[[Place], Found]]] = {
    "docker-desktop": docker_desktop,
    "podman-machine": podman_machine,
    "orbstack": orbstack,
    "colima": colima,
    "lima": lima,
    "rancher-desktop": rancher_desktop,
}
