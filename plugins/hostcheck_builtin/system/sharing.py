"""What a virtual machine is given of its host's files: by the mounts that it sees, and how much of the host a path stands for.

A guest sees the host's path as the source of a mount, as its target, or as neither: virtiofs and 9p have a tag for a source, and most products
mount a directory where the host has it.
"""

import re
from collections.abc import Iterable
from posixpath import normpath
from typing import Final, NamedTuple

from hostcheck.api import Hole, Host, Json, Nonsense, Why, incomplete
from hostcheck_builtin.system.account_files import keep
from hostcheck_builtin.system.procfs import MOUNTINFO, demand, whole

TABLE: Final = "/proc/self/mountinfo"
HOSTS: Final = frozenset("9p drvfs fakeowner fuse.grpcfuse fuse.osxfs fuse.sshfs fuse.vmhgfs-fuse prl_fs vboxsf virtiofs".split())
"""File systems by which hypervisors and their products bring in directories of the host."""
MANY: Final = 200
HOMES: Final = ("/home", "/Users", "/var/home")
PREFIXES: Final = ("/host_mnt", "/run/host_mark", "/run/host_virtiofs", "/run/desktop/mnt/host", "/mnt/mac", "/mnt/host")
"""Below what Docker Desktop, OrbStack and WSL show the host's / (DOMAIN P12)."""
DRIVE: Final = re.compile(r"/mnt/[A-Za-z]|[A-Za-z]:[\\/]?", re.ASCII)
"""A drive of Windows, as WSL and Docker Desktop mount it or as its source is written."""
ESCAPE: Final = re.compile(r"\\([0-7]{3})", re.ASCII)


class Shared(NamedTuple):
    """One mount: where, what kind, what is mounted, which directory of that, and whether both the mount and its file system may be written to."""

    target: str
    fstype: str
    source: str
    root: str
    writable: bool


def mounted(host: Host) -> Json:
    """Return the mounts of host file systems by target, of two at one place the later; incomplete beyond the first 200."""
    text = whole(TABLE, demand(lambda path: host.read_text(path, limit=MOUNTINFO), TABLE))
    found = {one.target: one for line in text.split("\n") if line and (one := _mount(line)) is not None}
    stated: dict[str, Json] = {}
    for path, one in sorted(found.items())[:MANY]:
        keep(stated, path, {"fstype": one.fstype, "source": one.source, "writable": one.writable, "holds": _held(one)})
    return stated if len(found) <= MANY else incomplete(stated, Hole(why=Why.LIMIT, message=f"{TABLE}: more than {MANY} mounts of the host's files"))


def _mount(line: str) -> Shared | None:
    """Return a line of mountinfo, None where what is mounted is not the host's."""
    before, dash, after = line.partition(" - ")
    left, right = before.split(" "), after.split(" ")
    if not dash or len(left) < 6 or len(right) < 3:
        raise Nonsense(f"{TABLE}: a line that is no mount")
    if right[0] not in HOSTS:
        return None
    writable = "ro" not in left[5].split(",") and "ro" not in right[2].split(",")
    return Shared(target=_plain(left[4]), fstype=right[0], source=_plain(right[1]), root=_plain(left[3]), writable=writable)


def _plain(path: str) -> str:
    r"""Undo the escapes of show_mountinfo(): ``\NNN``, octal."""
    return ESCAPE.sub(lambda code: chr(int(code[1], 8)), path)


def _held(one: Shared) -> str:
    """Say how much of the host a mount holds: by its source where that is a path, else by where it is mounted."""
    source = one.source.rpartition(":")[2]
    path = f"{source.rstrip('/')}{one.root}" if source.startswith("/") else one.target
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
