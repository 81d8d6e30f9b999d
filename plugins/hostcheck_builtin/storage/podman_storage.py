"""What one storage.conf tells Podman of where images and containers are kept (storage.conf(5)).

One file counts and no other: that of /etc takes the place of the vendor's, and one of a user's takes the place of both. Two things a user without a file has
of the system's: its `rootless_storage_path`, and nothing else (getRootlessStorageOpts of containers/storage).
"""

import re
from collections.abc import Mapping
from posixpath import normpath
from typing import Final, NamedTuple

from hostcheck.api import Hole, HoleError, LimitExceeded, Unsupported, Why, pattern
from hostcheck_builtin.podman import toml_file
from hostcheck_builtin.podman.folders import File
from hostcheck_builtin.system.bounds import IMAGE_STORES as STORES
from hostcheck_builtin.system.bounds import PATH_MAX as LONGEST

NAME: Final = "storage.conf"
GRAPH_ROOT: Final = "/var/lib/containers/storage"
VARIABLE: Final = pattern(r"\$(?:\{([^}]*)\}|([A-Za-z_][A-Za-z0-9_]*))", re.ASCII)
PERSONAL: Final = ("HOME", "UID", "USER")
"""Variables whose value is another one for each user."""


class PodmanStorage(NamedTuple):
    """What a file says; "" for what it does not say."""

    file: str = ""
    graph_root: str = ""
    run_root: str = ""
    rootless_path: str = ""
    image_store: str = ""
    additional: tuple[str, ...] = ()


def read(file: File | None) -> PodmanStorage:
    """Return what a file says; raises Nonsense where Podman would refuse it."""
    if file is None:
        return PodmanStorage()
    path, raw = file
    table = toml_file.table(path, toml_file.document(path, raw), "storage")
    stores = toml_file.texts(path, toml_file.table(path, table, "options"), "additionalimagestores") or []
    if len(stores) > STORES:
        raise LimitExceeded(f"{path}: more than {STORES} additional image stores")
    graph_root, run_root, rootless, images = (
        toml_file.text(path, table, name) or "" for name in ("graphroot", "runroot", "rootless_storage_path", "imagestore")
    )
    return PodmanStorage(path, graph_root, run_root, rootless, images, tuple(stores))


def expanded(path: str, variables: Mapping[str, str], file: str) -> str:
    """Return a path with its variables, as expandEnvPath of containers/storage; raises Unsupported where one is not known, or it depends on the directory."""
    found = VARIABLE.sub(lambda name: _value(name[1] or name[2] or "", variables, file), path)
    if not found.startswith("/") or "\0" in found:
        raise Unsupported(f"{file}: names a directory by a path that depends on where Podman is started")
    if len(found) > LONGEST:
        raise LimitExceeded(f"{file}: a path that is longer than the kernel lets one be")
    return normpath(found).replace("//", "/")


def _value(name: str, variables: Mapping[str, str], file: str) -> str:
    if name not in variables:
        raise HoleError(Hole(why=Why.UNSUPPORTED, message=f"{file}: names a directory by a variable whose value is not known"))
    return variables[name]


def is_personal(path: str) -> bool:
    """Say whether a path is another one for each user."""
    return any((name[1] or name[2]) in PERSONAL for name in VARIABLE.finditer(path))
