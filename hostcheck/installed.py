"""Which distributions are installed, and of which files they consist: read from their metadata, so that nothing is imported to learn whose it is.

Entry points are read from the `*.dist-info` folders on `sys.path` themselves: importlib.metadata alone would take longer than the
interpreter and everything else of a scan (docs/decisions/0002).
"""

import os
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from hostcheck import hookspecs
from hostcheck.parting import clean

LIMIT: Final = 4 << 20
"""Most bytes of a metadata file that are read; a RECORD has some 100 a file."""
VOLATILE: Final = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"})
"""What the installer writes into the metadata folder: it differs between two installations of one wheel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """An installed distribution: its `site` is the folder on `sys.path`, `metadata` its dist-info folder there; `entry_points` are those in our group."""

    name: str
    version: str
    site: str = ""
    metadata: str = ""
    entry_points: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One file of a distribution, by its RECORD: `path` is relative to the site, `sha256` in unpadded base64 or "" where none is told."""

    path: str
    sha256: str


def distributions(path: list[str], wanted: Collection[str] = ()) -> Iterator[Distribution]:
    """Yield those on `path` that have entry points in our group or a `wanted` name; of two with one name the first on the path, as Python imports."""
    seen: set[str] = set()
    for site in path:
        for name, metadata in _metadata_folders(site):
            project, _, version = name.removesuffix(".dist-info").partition("-")
            project = normal(project)
            if project in seen:
                continue
            seen.add(project)
            entry_points = tuple(_entry_points(metadata))
            if entry_points or project in wanted:
                yield Distribution(name=clean(project), version=clean(version), site=os.path.abspath(site or "."), metadata=metadata, entry_points=entry_points)


def normal(name: str) -> str:
    """Return the name of a project as it is compared (packaging.python.org, name normalization)."""
    return "-".join(part for part in name.lower().replace("_", "-").replace(".", "-").split("-") if part)


def _metadata_folders(site: str) -> list[tuple[str, str]]:
    try:
        names = sorted(name for name in os.listdir(site or ".") if name.endswith(".dist-info"))
    except OSError:  # what Python cannot look into it cannot import from either
        return []
    return [(name, os.path.join(os.path.abspath(site or "."), name)) for name in names]


def read_regular(path: str, limit: int = LIMIT) -> bytes | None:
    """Return the content of a regular file of at most `limit` bytes, None for what else stands there: who may write in a folder may put a FIFO into it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
        with open(descriptor, "rb") as file:
            content = file.read(limit + 1) if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
    except (OSError, ValueError):
        return None
    return None if content is None or len(content) > limit else content


def _metadata(folder: str, name: str) -> str:
    return (read_regular(os.path.join(folder, name)) or b"").decode("utf-8", "surrogateescape")


def _entry_points(metadata: str) -> Iterator[tuple[str, str]]:
    """Yield the name and module of each entry point in our group (packaging.python.org, entry points specification)."""
    group = ""
    for line in _metadata(metadata, "entry_points.txt").splitlines():
        line = line.strip()
        if line.startswith("[") and line.endswith("]"):
            group = line[1:-1].strip()
        elif group == hookspecs.GROUP and "=" in line and not line.startswith(("#", ";")):
            name, _, module = line.partition("=")
            yield clean(name.strip()), clean(module.partition("[")[0].strip())


def listed(distribution: Distribution) -> list[Listed]:
    """Return the files of a distribution that can be imported or read: those of its RECORD below the site, without what differs by installation."""
    import csv  # for those who have plugins

    found: list[Listed] = []
    own = os.path.basename(distribution.metadata)
    try:
        rows = list(csv.reader(_metadata(distribution.metadata, "RECORD").splitlines()))
    except csv.Error:  # no RECORD that anybody could read
        return []
    for row in rows:
        path = os.path.normpath(row[0]) if row and row[0] and "\0" not in row[0] else ""
        folder, _, name = path.rpartition("/")
        outside = not path or path.startswith(("/", "../")) or path == ".."
        if not (outside or "__pycache__" in path.split("/") or (folder == own and name in VOLATILE)):
            found.append(Listed(path=path, sha256=row[1].removeprefix("sha256=").rstrip("=") if len(row) > 1 and row[1].startswith("sha256=") else ""))
    return sorted(found, key=lambda one: one.path)


def tops(distribution: Distribution) -> frozenset[str]:
    """Return the names under which a distribution can be imported: its packages and modules at the top of the site."""
    firsts = (one.path.partition("/") for one in listed(distribution))
    return frozenset(first.partition(".")[0] for first, slash, _ in firsts if not first.endswith((".dist-info", ".data", ".libs")))
