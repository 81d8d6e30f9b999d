"""Which package a program is from, with its version, by the databases of dpkg and apk.

rpm and pacman are only seen to be there: digests are read of rpm's database, and no versions. What only an administrator puts into a place (/usr/local, /opt)
is no package of a distribution in any case.
"""

from collections.abc import Collection, Iterable, Iterator
from functools import partial
from typing import Final

from hostcheck.api import Hole, Host, Json, Unsupported, attempt
from hostcheck_builtin.system.apk_database import INSTALLED, ApkDatabase
from hostcheck_builtin.system.dpkg_database import STATUS, DpkgLists, aliases
from hostcheck_builtin.system.fact_members import sure
from hostcheck_builtin.system.package_digests import MANAGERS
from hostcheck_builtin.system.presence import is_there

OTHERS: Final = {path: manager for path, manager in MANAGERS.items() if manager not in ("dpkg", "apk")}
"""The records of managers that are not read."""
BY_HAND: Final = ("/usr/local/", "/opt/")
"""What no package of a distribution may hold (hier(7), Debian policy 9.1.2)."""
OF_ENGINES: Final = (
    "buildkit conmon containerd containerd.io cri-o crun docker-ce docker-engine docker.io moby-containerd moby-engine moby-runc podman runc".split()
)
"""Looked at first."""


class Packages:
    """The packages of this host, each database read when it is first asked."""

    def __init__(self, host: Host, names: Iterable[str]) -> None:
        """Read nothing yet; `names` are those of the programs that will be asked for."""
        self._host, self._dpkg_lists = host, DpkgLists(host, names := frozenset(names))
        self._apk = ApkDatabase(host, names)
        self._versions: dict[str, str] | Hole | None = None
        self._lists: dict[bool, dict[str, str] | Hole] = {}

    def owner(self, path: str) -> Json:
        """Return the package that holds a program without links on its way, {} for none, the manager alone where that is not read, or the hole."""
        found = attempt(self._by_dpkg, aliases(path)) or attempt(self._by_apk, path)
        if found or path.startswith(BY_HAND):
            return found or {}
        return attempt(self._unread)

    def _unread(self) -> Json:
        """Return the manager whose records are not read and may name a program, {} where there is none; raise Unsupported where there is no manager at all."""
        other = next((manager for path, manager in OTHERS.items() if is_there(self._host, path)), "")
        if not other and not (is_there(self._host, STATUS) or is_there(self._host, INSTALLED)):
            raise Unsupported(f"{STATUS}: which package a program is from is read of dpkg and apk alone")
        return {"manager": other} if other else {}

    def _by_dpkg(self, names: set[str]) -> Json:
        versions = self._dpkg()
        for of_engines in (True, False) if versions else ():
            if of_engines not in self._lists:
                chosen = partial(_is_chosen, versions, of_engines)
                self._lists[of_engines] = attempt(self._dpkg_lists.held, chosen)
            listed = sure(self._lists[of_engines])
            package = next((listed[name] for name in sorted(names) if name in listed), "").partition(":")[0]
            if package:
                return {"manager": "dpkg", "package": package, "version": versions[package]}
        return {}

    def _dpkg(self) -> dict[str, str]:
        if self._versions is None:
            self._versions = attempt(lambda: dict(_stanzas(self._dpkg_lists.text(STATUS))))
        return sure(self._versions)

    def _by_apk(self, path: str) -> Json:
        found = next(iter(self._apk.recorded(path)), None)
        return {"manager": "apk", "package": found.package, "version": found.version} if found else {}


def _is_chosen(installed: Collection[str], of_engines: bool, package: str) -> bool:
    """Say whether a package is installed, and called like an engine's or not."""
    return package in installed and (package in OF_ENGINES) is of_engines


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
