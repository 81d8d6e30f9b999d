"""What dpkg notes of each package in /var/lib/dpkg/info: which files it brought, and their digests (dpkg(1), deb-md5sums(5)).

A package may name a file as before /usr was merged, and what one package diverts has another name than its list says (dpkg-divert(1)).
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Final, NamedTuple

from hostcheck.api import ABSENT, Host, LimitExceeded, Nonsense, Unsupported
from hostcheck_builtin.system import bounds
from hostcheck_builtin.system.ownership import ownership
from hostcheck_builtin.system.path_walk import LstatCache

STATUS: Final = "/var/lib/dpkg/status"
LISTS: Final = "/var/lib/dpkg/info"
DIVERSIONS: Final = "/var/lib/dpkg/diversions"
CONFIGURATION: Final = ".conffiles"
SETTINGS: Final = "/etc/"
"""Where packages have nothing else than files of configuration, of which none has a digest in a list of digests (deb-conffiles(5), Debian policy 10.7.2)."""
MERGED: Final = ("/usr/bin/", "/usr/sbin/", "/usr/lib/")
"""What packages may name without /usr, as before the merge."""
Chosen = Callable[[str], bool]
"""What says of a package whether its list is read."""


def aliases(path: str) -> set[str]:
    """Return the names under which packages may have a file."""
    return {path} | {path.removeprefix("/usr") for folder in MERGED if path.startswith(folder)}


class Recorded(NamedTuple):
    """What a manager of packages has of a file: `digest` is "" where it has none, and `version` where it is not read."""

    package: str
    algorithm: str
    digest: str
    version: str = ""


class DpkgLists:
    """The lists of files of packages, of those that were asked for by name; a list that has no such file costs its reading only."""

    def __init__(self, host: Host, names: Iterable[str]) -> None:
        """Read nothing yet; `names` are those of the files that will be asked for."""
        self._host, self._names, self._read = host, frozenset(names), 0

    def text(self, path: str, limit: int = bounds.DPKG_FILE_BYTES) -> str:
        """Return the text of one of dpkg's files, "" where it is not there; raise LimitExceeded where all of them are too much."""
        text = self._host.read_text(path, missing="", limit=limit)
        self._read += len(text)
        if self._read > bounds.DPKG_LISTS_BYTES:
            raise LimitExceeded(f"{path}: more than {bounds.DPKG_LISTS_BYTES} bytes of package lists")
        return text

    def held(self, chosen: Chosen, kind: str = ".list") -> dict[str, str]:
        """Return by path the chosen package that holds such a file, with its architecture where its list has one: libc6:amd64.

        `kind` is how the lists are called: of all files, or of those alone that are settings, which are few (CONFIGURATION).
        """
        try:
            names = self._host.list_dir(LISTS, limit=bounds.PACKAGED_FILES)
        except ABSENT:
            raise Unsupported(f"{LISTS}: not there, and the packages of dpkg are") from None
        found: dict[str, str] = {}
        for name in names:
            package = name.removesuffix(kind)
            if package != name and chosen(package.partition(":")[0]):
                lines = self.text(f"{LISTS}/{name}").split("\n")
                found |= {line: package for line in lines if line.rpartition("/")[2] in self._names}
        return found


class DpkgDatabase:
    """The digests that packages of dpkg have of their files."""

    def __init__(self, host: Host, names: Iterable[str], first: Collection[str]) -> None:
        """Read nothing yet; where the packages `first` hold what is asked for, no other lists are read."""
        self._host, self._first, self._lists = host, first, DpkgLists(host, names)
        self._lstats: LstatCache = {}
        self._diverted: dict[str, tuple[str, str]] | None = None
        self._held: dict[bool, dict[str, str]] = {}
        self._configuration: dict[str, str] | None = None

    def recorded(self, path: str) -> list[Recorded]:
        """Return what the package has that put a file at a path; nothing where none did."""
        names, but = self._names(path)
        if path.startswith(SETTINGS) and (package := self._settings().get(path)):
            return [Recorded(package.partition(":")[0], "md5", "")]
        for first in (True, False):
            held = self._packages(first)
            packages = [held[name] for name in sorted(names) if name in held and held[name].partition(":")[0] != but]
            if packages:
                return [Recorded(packages[0].partition(":")[0], "md5", self._digest(packages[0], names))]
        return []

    def _names(self, path: str) -> tuple[set[str], str]:
        """Return the names that packages have for what is at a path, and the package that had it moved there."""
        if self._diverted is None:
            self._diverted = dict(_diversions(self._lists.text(DIVERSIONS)))
        moved = next((self._diverted[name] for name in sorted(aliases(path)) if name in self._diverted), None)
        return (aliases(moved[0]), moved[1]) if moved else (aliases(path), "")

    def _settings(self) -> dict[str, str]:
        if self._configuration is None:
            self._configuration = self._lists.held(lambda _: True, CONFIGURATION)
        return self._configuration

    def _packages(self, first: bool) -> dict[str, str]:
        if first not in self._held:
            self._held[first] = self._lists.held(lambda package: (package in self._first) is first)
        return self._held[first]

    def _digest(self, package: str, names: set[str]) -> str:
        """Return the digest that a package has of a file, "" where it has none."""
        path = f"{LISTS}/{package}.md5sums"
        text = self._lists.text(path)
        if text and not ownership(self._host, path, self._lstats, follow=True).root_owned:
            raise Nonsense(f"{path}: others than root can change it")
        found = (line.partition("  ") for line in text.split("\n"))
        return next((digest for digest, _, name in found if f"/{name}" in names), "")


def _diversions(text: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield by where a file was moved its own name, and the package that had it moved."""
    lines = text.split("\n")
    for number in range(0, len(lines) - 2, 3):
        yield lines[number + 1], (lines[number], lines[number + 2])
