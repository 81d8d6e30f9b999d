"""Whether a program that may make its caller root is as its package brought it; what a read-only image of root's holds is (squashfs).

Only such programs are read. Where a user could have put one, no package put it there; but a second name that a user gave to a program of a package
(link(2), where fs.protected_hardlinks is 0) is that program still.
"""

import hashlib
from collections.abc import Iterable
from stat import S_ISUID
from typing import Final

from hostcheck.api import Hole, Host, Json, attempt
from hostcheck_builtin.privileged_programs import setuid_powers
from hostcheck_builtin.system import mountinfo
from hostcheck_builtin.system.bounds import COMPARED_PROGRAM_BYTES as LARGEST
from hostcheck_builtin.system.mountinfo import Mount
from hostcheck_builtin.system.ownership import ownership
from hostcheck_builtin.system.package_digests import PackageDigests
from hostcheck_builtin.system.path_walk import LstatCache, WalkedPath

FIRST: Final = frozenset(
    "cron dbus dbus-daemon-launch-helper dbus-system-bus-common doas exim4-daemon-light fuse fuse3 iputils-ping libcap2-bin login mount mtr-tiny ntfs-3g "
    "opendoas openssh-client passwd pkexec policykit-1 polkitd ppp sudo uidmap util-linux".split()
)
"""Packages that bring such programs to a usual Debian or Ubuntu."""
BY_HAND: Final = "/usr/local/"
"""What no package of a distribution may hold (hier(7), Debian policy 9.1.2)."""
OTHERS_WRITE: Final = 0o002


class Brought:
    """What packages brought to this host."""

    def __init__(self, host: Host, table: list[Mount], found: Iterable[WalkedPath | Hole]) -> None:
        """Ask for nothing yet; `found` are the programs that will be asked for."""
        self._host, self._table = host, table
        ways = [way for way in found if isinstance(way, WalkedPath) and _is_of_packages(way)]
        self.packages = PackageDigests(host, (way.realpath.rpartition("/")[2] for way in ways), FIRST)
        self._names = {(way.end.dev, way.end.ino): way.realpath for way in ways if way.end.links > 1}
        self._read: dict[tuple[str, int, int], dict[str, str]] = {}

    def of(self, way: WalkedPath, capabilities: Json) -> dict[str, Json]:
        """State from which package a program is, and whether it is as it was brought; nothing where that is not asked, or no package put it there."""
        if not is_roots(way, capabilities):
            return {}
        if image := self._image(way.realpath):
            return {"package": {"name": image, "matches": True}}
        path = way.realpath if _is_of_packages(way) else self._names.get((way.end.dev, way.end.ino), "")
        if not path:
            return {}
        found = attempt(self.packages.of, path)
        if isinstance(found, Hole) or not found:
            return {"package": found} if isinstance(found, Hole) else {}
        told = [one for one in found if one.digest and one.algorithm]
        matches = {"matches": attempt(lambda: any(self._digest(way, one.algorithm) == one.digest for one in told))} if told else {}
        return {"package": {"name": found[0].package, **matches}}

    def _digest(self, way: WalkedPath, algorithm: str) -> str:
        """Return the digest of a program; second names of a file, which a user may give it in great number, are not read again."""
        one = (way.realpath, 0, 0) if way.end.links == 1 else ("", way.end.dev, way.end.ino)
        digests = self._read.setdefault(one, {})
        if algorithm not in digests:
            content = self._host.read_bytes(way.realpath, limit=LARGEST, follow=False, parsed=False)
            digests[algorithm] = hashlib.new(algorithm, content, usedforsecurity=False).hexdigest()
        return digests[algorithm]

    def _image(self, path: str) -> str:
        """Return the image of a squashfs that a program is in, "" for none, or one that others than root can change.

        The kernel lets nobody but root mount one (user_namespaces(7)).
        """
        mount = attempt(mountinfo.mount_of, path, self._table)
        if isinstance(mount, Hole) or mount.fstype != "squashfs":
            return ""
        if not mount.source.startswith("/dev/loop"):
            return mount.source
        lstats: LstatCache = {}
        backing = attempt(self._host.read_text, f"/sys/block/{mount.source.removeprefix('/dev/')}/loop/backing_file", missing="")
        image = "" if isinstance(backing, Hole) else backing.rstrip("\n")
        found = attempt(ownership, self._host, image, lstats, follow=True) if image else None
        return image if found and not isinstance(found, Hole) and found.type == "file" and found.root_owned else ""


def _is_of_packages(way: WalkedPath) -> bool:
    """Say whether a package may have put a program there."""
    return not way.realpath.startswith(BY_HAND) and not any(folder.uid or folder.mode & OTHERS_WRITE for folder in way.parents.values())


def is_roots(way: WalkedPath, capabilities: Json) -> bool:
    """Say whether a program may make its caller root: by the setuid bit, or by capabilities; where these are not known they may be any."""
    if way.end.uid == 0 and way.end.mode & S_ISUID:
        return True
    if capabilities is None or isinstance(capabilities, Hole):
        return capabilities is not None
    return capabilities["rootid"] == 0 and any(name.removeprefix("cap_").upper() in setuid_powers.ROOTS for name in capabilities["permitted"])
