"""What a virtual machine is given of its host's files: by the mounts that it sees, and how much of the host a path stands for.

A guest sees the host's path as the source of a mount, as its target, or as neither: virtiofs and 9p have a tag for a source, and most products
mount a directory where the host has it.
"""

import re
from collections.abc import Iterable
from posixpath import normpath
from typing import Final

from hostcheck.api import Hole, Host, Json, Why, incomplete, pattern
from hostcheck_builtin.system.account_files import keep
from hostcheck_builtin.system.bounds import SHARED_MOUNTS as MANY
from hostcheck_builtin.system.mountinfo import OWN, Mount, mounts

HOSTS: Final = frozenset("9p drvfs fakeowner fuse.grpcfuse fuse.osxfs fuse.sshfs fuse.vmhgfs-fuse prl_fs vboxsf virtiofs".split())
"""File systems by which hypervisors and their products bring in directories of the host."""
HOMES: Final = ("/home", "/Users", "/var/home")
PREFIXES: Final = ("/host_mnt", "/run/host_mark", "/run/host_virtiofs", "/run/desktop/mnt/host", "/mnt/mac", "/mnt/host")
"""Below what Docker Desktop, OrbStack and WSL show the host's / (DOMAIN P12)."""
DRIVE: Final = pattern(r"/mnt/[A-Za-z]|[A-Za-z]:[\\/]?", re.ASCII)
"""A drive of Windows, as WSL and Docker Desktop mount it or as its source is written."""


def mounted(host: Host) -> Json:
    """Return the mounts of host file systems by target, of two at one place the later; incomplete beyond the first 200."""
    found = {one.point: one for one in mounts(host) if one.fstype in HOSTS}
    stated: dict[str, Json] = {}
    for path, one in sorted(found.items())[:MANY]:
        keep(stated, path, {"fstype": one.fstype, "source": one.source, "writable": _writable(one), "holds": _held(one)})
    return stated if len(found) <= MANY else incomplete(stated, Hole(why=Why.LIMIT, message=f"{OWN}: more than {MANY} mounts of the host's files"))


def _writable(one: Mount) -> bool:
    """Say whether both the mount and its file system may be written to."""
    return "ro" not in (*one.options.split(","), *one.super_options.split(","))


def _held(one: Mount) -> str:
    """Say how much of the host a mount holds: by its source where that is a path, else by where it is mounted."""
    source = one.source.rpartition(":")[2]
    path = f"{source.rstrip('/')}{one.root}" if source.startswith("/") else one.point
    prefix = next((prefix for prefix in PREFIXES if f"{path}/".startswith(f"{prefix}/")), "")
    if (DRIVE.fullmatch(one.source) and one.root == "/") or DRIVE.fullmatch(path if not prefix else f"/mnt{path.removeprefix(prefix)}"):
        return "root"
    return holds(path.removeprefix(prefix) or "/")


def holds(path: str, homes: Iterable[str] = ()) -> str:
    """Say how much of a host a path of it stands for: its root, its homes, one home, or a part; `homes` are names of one that is known."""
    place = normpath(f"/{path}").replace("//", "/")
    if place == "/":
        return "root"
    if place in HOMES or any(f"{home}/".startswith(f"{place}/") and place != home for home in homes):
        return "homes"
    return "home" if place in (*homes, "/root") or place.rpartition("/")[0] in HOMES else "part"
