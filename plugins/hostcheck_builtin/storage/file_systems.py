"""On which file system a directory lies, and which places of the host lie on the same one: what fills one fills them all.

Two mounts are the same file system where the kernel gives them one device; subvolumes of btrfs are. Data sets of one ZFS pool have devices of their own.
"""

from collections.abc import Sequence
from functools import cached_property
from os import major, minor
from typing import Final

from hostcheck.api import Hole, Host, Json, Stat, Why, attempt
from hostcheck_builtin.system.fact_members import sure
from hostcheck_builtin.system.mountinfo import Mount, mount_of, mounts

PLACES: Final = ("/", "/boot", "/etc", "/home", "/root", "/tmp", "/usr", "/var", "/var/lib", "/var/log", "/var/spool", "/var/tmp")
"""What a host needs room in, or could not be started without."""
KEPT: Final = frozenset({"ro", "nodev", "noexec", "nosuid"})


class FileSystems:
    """The mounts of the host, read once."""

    def __init__(self, host: Host) -> None:
        """Read nothing yet."""
        self._host = host

    @cached_property
    def _table(self) -> list[Mount] | Hole:
        return attempt(mounts, self._host)

    @cached_property
    def _types(self) -> dict[str, str]:
        return {mount.device: mount.fstype for mount in self._mounts()}

    @cached_property
    def _places(self) -> dict[str, Mount]:
        return {place: mount_of(place, self._mounts()) for place in PLACES}

    def _mounts(self) -> list[Mount]:
        return sure(self._table)

    def type_of(self, path: str, found: Stat) -> str:
        """Return the type of the file system that a directory lies on, by its device; by its path where no mount has that, as in btrfs."""
        known = self._types.get(f"{major(found.dev)}:{minor(found.dev)}")
        return known or mount_of(path, self._mounts()).fstype

    def stated(self, path: str) -> Json:
        """State the file system that a path without links lies on, and which places of the host lie on it too."""
        mount = mount_of(path, self._mounts())
        on_it = [place for place, other in self._places.items() if other.device == mount.device]
        shares: Json = [place for place in on_it if not any(_is_below(place, above) for above in on_it)]
        if mount.fstype == "zfs" and not shares and any(_pool(other) == _pool(mount) for other in self._places.values() if other.fstype == "zfs"):
            shares = Hole(why=Why.UNSUPPORTED, message=f"{mount.point}: a data set of the host's own pool, and whether it has a quota is not looked at")
        return {"type": mount.fstype, "point": mount.point, "options": _options(mount), "shares": shares}


def _is_below(place: str, above: str) -> bool:
    return place != above and f"{place}/".startswith(f"{above.rstrip('/')}/")


def _pool(mount: Mount) -> str:
    return mount.source.partition("/")[0]


def _options(mount: Mount) -> Sequence[str]:
    """Return the options of a mount that are on the list: others may hold a password."""
    return [option for option in mount.options.split(",") if option in KEPT]
