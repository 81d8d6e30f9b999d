"""Which directory Podman keeps what runs in: its database says, and counts more than any file, from the first time that Podman was run there.

Of the database nothing is taken but this one path. It stands in it as plain text, between the directory of the images and the name of the driver
(table DBConfig in sqlite_state_internal.go of Podman 5.4.2), so that no database of a user's has to be parsed.
"""

import re
from collections.abc import Mapping
from typing import Final

from hostcheck.api import ABSENT, Host, Json, LimitExceeded, Nonsense, Unsupported
from hostcheck_builtin.storage import podman_storage
from hostcheck_builtin.storage.podman_storage import PodmanStorage
from hostcheck_builtin.system.bounds import PODMAN_DATABASE_BYTES as SIZE
from hostcheck_builtin.system.presence import is_there

DATABASE: Final = "db.sql"
OLD_DATABASE: Final = "libpod/bolt_state.db"
DRIVERS: Final = b"overlay|vfs|btrfs|zfs|aufs"


def stated(host: Host, graph_root: str, told: PodmanStorage, variables: Mapping[str, str]) -> Json:
    """State the directory and what says so; None where neither a database nor a file does, and Podman takes its default."""
    path = f"{graph_root}/{DATABASE}"
    raw = _read(host, path, int(variables["UID"]))
    if raw is not None:
        return {"path": pinned(path, raw, graph_root), "set_in": path, "pinned": True}
    if is_there(host, f"{graph_root}/{OLD_DATABASE}", follow=False):
        raise Unsupported(f"{graph_root}/{OLD_DATABASE}: a database of older Podmans, which is not looked into")
    return {"path": podman_storage.expanded(told.run_root, variables, told.file), "set_in": told.file, "pinned": False} if told.run_root else None


def pinned(path: str, raw: bytes, graph_root: str) -> str:
    """Return the directory that a database names; raises Nonsense where it names none, or several."""
    root = re.escape(graph_root.encode("utf-8", "surrogateescape"))
    found = set(re.findall(root + rb"(/(?:(?!" + root + rb")[\x20-\x7e]){1,400}?)(?:" + DRIVERS + rb")" + root + rb"/", raw))
    if len(found) != 1:
        raise Nonsense(f"{path}: a database that does not say where Podman keeps what runs")
    return str(found.pop().decode("ascii"))


def _read(host: Host, path: str, uid: int) -> bytes | None:
    try:
        found = host.stat(path, follow=False)
        if found.type != "file" or found.uid != uid:
            raise Nonsense(f"{path}: not a file of uid {uid}")
        if found.size > SIZE:
            raise LimitExceeded(f"{path}: a database that is too large to be looked through")
        return host.read_bytes(path, limit=SIZE, follow=False, parsed=False)  # one pattern is looked for
    except ABSENT:
        return None
