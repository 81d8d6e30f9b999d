"""Which package a program is from, by the databases of dpkg and apk: /var/lib/dpkg and /lib/apk/db, read as far as 32 MiB.

rpm and pacman are only seen to be there. What only an administrator puts into a place (/usr/local, /opt) is no package of a distribution in any case.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from hostcheck.api import ABSENT, Hole, HoleError, Host, Json, LimitExceeded, Unsupported, attempt

MIB: Final = 1 << 20
STATUS: Final = "/var/lib/dpkg/status"
LISTS: Final = "/var/lib/dpkg/info"
APK: Final = "/lib/apk/db/installed"
RPM: Final = ("rpmdb.sqlite", "Packages.db", "Packages")
OTHERS: Final = {
    **dict.fromkeys((f"{folder}/{name}" for folder in ("/var/lib/rpm", "/usr/lib/sysimage/rpm", "/usr/share/rpm") for name in RPM), "rpm"),
    **{"/var/lib/pacman/local": "pacman", "/nix/store": "nix", "/var/db/pkg": "portage"},
}
"""The records of managers that are not read."""
BY_HAND: Final = ("/usr/local/", "/opt/")
"""What no package of a distribution may hold (hier(7), Debian policy 9.1.2)."""
OF_ENGINES: Final = (
    "buildkit conmon containerd containerd.io cri-o crun docker-ce docker-engine docker.io moby-containerd moby-engine moby-runc podman runc".split()
)
"""Looked at first."""
MERGED: Final = ("/usr/bin/", "/usr/sbin/", "/usr/lib/")
"""What packages may name without /usr, as before the merge."""
READ_MAX: Final = 32 * MIB
NAMES: Final = 20_000


class Packages:
    """The packages of this host, each database read when it is first asked."""

    def __init__(self, host: Host, names: Iterable[str]) -> None:
        """Read nothing yet; `names` are those of the programs that will be asked for."""
        self._host, self._names, self._read = host, frozenset(names), 0
        self._versions: dict[str, str] | Hole | None = None
        self._lists: dict[bool, dict[str, str] | Hole] = {}

    def owner(self, path: str) -> Json:
        """Return the package that holds a program without links on its way, {} for none, the manager alone where that is not read, or the hole."""
        names = {path} | {path.removeprefix("/usr") for folder in MERGED if path.startswith(folder)}
        found = attempt(self._by_dpkg, names) or attempt(self._by_apk, names)
        if found or path.startswith(BY_HAND):
            return found or {}
        return attempt(self._unread)

    def _unread(self) -> Json:
        """Return the manager whose records are not read and may name a program, {} where there is none; raise Unsupported where there is no manager at all."""
        other = next((manager for path, manager in OTHERS.items() if self._is_there(path)), "")
        if not other and not (self._is_there(STATUS) or self._is_there(APK)):
            raise Unsupported(f"{STATUS}: which package a program is from is read of dpkg and apk alone")
        return {"manager": other} if other else {}

    def _is_there(self, path: str) -> bool:
        try:
            self._host.stat(path)
        except ABSENT:
            return False
        return True

    def _text(self, path: str, limit: int = 16 * MIB) -> str:
        text = self._host.read_text(path, missing="", limit=limit)
        self._read += len(text)
        if self._read > READ_MAX:
            raise LimitExceeded(f"{path}: more than {READ_MAX} bytes of package lists")
        return text

    def _by_dpkg(self, names: set[str]) -> Json:
        versions = self._dpkg()
        for of_engines in (True, False) if versions else ():
            if of_engines not in self._lists:
                self._lists[of_engines] = attempt(lambda first=of_engines: self._listed(versions, first))  # type: ignore[misc]
            listed = self._lists[of_engines]
            if isinstance(listed, Hole):
                raise HoleError(listed)
            package = next((listed[name] for name in sorted(names) if name in listed), "")
            if package:
                return {"manager": "dpkg", "package": package, "version": versions[package]}
        return {}

    def _listed(self, versions: dict[str, str], of_engines: bool) -> dict[str, str]:
        """Return the packages that hold such programs, by path: of those that are called like an engine's, or of all others."""
        try:
            names = self._host.list_dir(LISTS, limit=5 * NAMES)
        except ABSENT:
            raise Unsupported(f"{LISTS}: not there, and the packages of dpkg are") from None
        found: dict[str, str] = {}
        for name in names:
            package = name.removesuffix(".list").partition(":")[0]
            if name.endswith(".list") and package in versions and (package in OF_ENGINES) is of_engines:
                lines = self._text(f"{LISTS}/{name}").split("\n")
                found |= {line: package for line in lines if line.rpartition("/")[2] in self._names}
        return found

    def _dpkg(self) -> dict[str, str]:
        if self._versions is None:
            self._versions = attempt(lambda: dict(_stanzas(self._text(STATUS))))
        if isinstance(self._versions, Hole):
            raise HoleError(self._versions)
        return self._versions

    def _by_apk(self, names: set[str]) -> Json:
        package, version, folder = "", "", ""
        for line in self._text(APK).split("\n"):
            mark, _, value = line.partition(":")
            if mark == "P":
                package, version, folder = value, "", ""
            elif mark == "V":
                version = value
            elif mark == "F":
                folder = value
            elif mark == "R" and f"/{folder}/{value}" in names:
                return {"manager": "apk", "package": package, "version": version}
        return {}


def _stanzas(text: str) -> Iterator[tuple[str, str]]:
    """Yield name and version of each package of dpkg's that is installed."""
    for stanza in text.split("\n\n"):
        name = _field(stanza, "Package")
        if name and _field(stanza, "Status").endswith(" installed"):
            yield name, _field(stanza, "Version")


def _field(stanza: str, name: str) -> str:
    """Return the value of a field, "" where there is none; to split all lines takes five times as long."""
    head = f"\n{name}: "
    return f"\n{stanza}".partition(head)[2].partition("\n")[0]
