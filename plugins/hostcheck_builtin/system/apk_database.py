"""What apk notes of each package, in one file: which files it brought, and their digests (apk-installed of Alpine's wiki, "Apk spec").

A digest is in base64 after Q1 for SHA-1 or Q2 for SHA-256, and a file stands in the last directory named before it.
"""

from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from hostcheck.api import Host
from hostcheck_builtin.system.bounds import APK_DATABASE_BYTES as LARGEST
from hostcheck_builtin.system.dpkg_database import Recorded, aliases

INSTALLED: Final = "/lib/apk/db/installed"
"""Where /usr is merged, /lib is a link, and this leads to the same file."""
ALGORITHMS: Final = {"Q1": "sha1", "Q2": "sha256"}


class ApkDatabase:
    """The database of apk, read when it is first asked, for files of these names alone."""

    def __init__(self, host: Host, names: Iterable[str]) -> None:
        """Read nothing yet; `names` are those of the files that will be asked for."""
        self._host, self._names = host, frozenset(names)
        self._files: dict[str, Recorded] | None = None

    def recorded(self, path: str) -> list[Recorded]:
        """Return what packages have at a path."""
        if self._files is None:
            text = self._host.read_text(INSTALLED, missing="", limit=LARGEST)
            self._files = dict(entries(text, self._is_asked))
        return [self._files[name] for name in sorted(aliases(path)) if name in self._files]

    def _is_asked(self, path: str) -> bool:
        return path.rpartition("/")[2] in self._names


def entries(text: str, wanted: Callable[[str], bool]) -> Iterator[tuple[str, Recorded]]:
    """Yield by path what packages have of the files that are wanted."""
    package, version, folder, path, digest = "", "", "", "", ""
    for line in (*text.split("\n"), ""):
        mark, _, value = line.partition(":")
        if mark in ("P", "F", "R", "") and path:
            yield path, Recorded(package, ALGORITHMS.get(digest[:2], ""), _hex(digest[2:]), version)
            path, digest = "", ""
        if mark == "P":
            package, version, folder = value, "", ""
        elif mark == "V":
            version = value
        elif mark == "F":
            folder = value
        elif mark == "R" and wanted(f"/{folder}/{value}"):
            path = f"/{folder}/{value}"
        elif mark == "Z" and path:
            digest = value


def _hex(text: str) -> str:
    """Return a digest as hashlib writes it, "" where this is none."""
    try:
        return b64decode(text, validate=True).hex()
    except ValueError:
        return ""
