"""What rpm notes of each package in its database: which files it brought, and their digests (rpm's docs/manual/format_header.md, lib/backend/ndb/rpmpkg.c).

The file is read as a whole and looked into in memory, so that nothing is locked, and nothing of rpm runs. Databases of Berkeley DB are not read.
"""

from collections.abc import Iterable, Iterator
from contextlib import closing
from struct import error as StructError
from struct import unpack_from
from typing import Final

from hostcheck.api import Host, LimitExceeded, Nonsense, Unsupported
from hostcheck_builtin.system.bounds import RPM_DATABASE_BYTES as LARGEST
from hostcheck_builtin.system.dpkg_database import Recorded

FOLDERS: Final = ("/usr/lib/sysimage/rpm", "/var/lib/rpm", "/usr/share/rpm")
SQLITE: Final = "rpmdb.sqlite"
NDB: Final = "Packages.db"
BERKELEY: Final = "Packages"
"""The formats of Fedora and RHEL, of openSUSE, and of RHEL before 9."""
PAGE: Final = 4096
BLOCK: Final = 16
"""Bytes in ndb: of a page of slots, each of which says in which block the header of a package begins, and of a block or slot."""
NAME: Final = 1000
DIGESTS: Final = 1035
DIRECTORY_OF: Final = 1116
FILES: Final = 1117
DIRECTORIES: Final = 1118
ALGORITHM: Final = 5011
"""Tags of a header (rpmtag.h); each of FILES has a digest, and in DIRECTORY_OF the number of its directory."""
ALGORITHMS: Final = {1: "md5", 2: "sha1", 8: "sha256", 9: "sha384", 10: "sha512"}
"""By number (RFC 4880, 9.4)."""
INT32: Final = 4
STRINGS: Final = frozenset({6, 8, 9})
File = tuple[str, Recorded]


def aliases(path: str) -> set[str]:
    """Return the names under which packages may have a file: before /usr was merged, and before /usr/sbin was."""
    merged = {path, path.replace("/usr/bin/", "/usr/sbin/", 1)}
    return merged | {one.removeprefix("/usr") for one in merged if one.startswith(("/usr/bin/", "/usr/sbin/", "/usr/lib"))}


class RpmDatabase:
    """The database of rpm at a path, read when it is first asked, for files of these names alone."""

    def __init__(self, host: Host, path: str, names: Iterable[str]) -> None:
        """Read nothing yet; `names` are those of the files that will be asked for."""
        self._host, self._path, self._names = host, path, frozenset(names)
        self._files: list[File] | None = None

    def recorded(self, path: str) -> list[Recorded]:
        """Return what packages have at a path: more than one where each is for another architecture."""
        if self._files is None:
            self._files = self._read()
        names = aliases(path)
        return [recorded for name, recorded in self._files if name in names]

    def _read(self) -> list[File]:
        folder, _, name = self._path.rpartition("/")
        if name == BERKELEY:
            raise Unsupported(f"{self._path}: a database of rpm in the format of Berkeley DB is not read")
        if name == SQLITE and self._host.read_bytes(f"{self._path}-wal", missing=b"", limit=LARGEST):
            raise LimitExceeded(f"{self._path}: is being changed")
        content = bytearray(self._host.read_bytes(self._path, limit=LARGEST))
        try:
            headers = _in_ndb(content) if name == NDB else _in_sqlite(content, self._names)
            return [file for header in headers for file in _files(header, self._names)]
        except (StructError, IndexError) as error:
            raise Nonsense(f"{self._path}: no database of rpm, or one that is being changed: {error}") from None


def _in_sqlite(content: bytearray, names: Iterable[str]) -> list[bytes]:
    """Return the headers of packages that have a file of one of these names."""
    import sqlite3  # 5 ms, on a host with such a database alone

    content[18:20] = b"\1\1"  # else SQLite looks for a log beside it, and in memory there is none (its file format, 1.3.3)
    with closing(sqlite3.connect(":memory:")) as database:
        try:
            database.deserialize(content)
            asked = (database.execute("SELECT hnum FROM Basenames WHERE key = ?", (name,)) for name in sorted(names) if name.isascii())
            packages = {package for found in asked for (package,) in found}
            return [bytes(database.execute("SELECT blob FROM Packages WHERE hnum = ?", (package,)).fetchone()[0]) for package in sorted(packages)]
        except (sqlite3.Error, TypeError) as error:
            raise Nonsense(f"no database of rpm: {error}") from None


def _in_ndb(content: bytearray) -> Iterator[bytes]:
    """Yield the headers of all packages."""
    magic, _, _, pages = unpack_from("<4s3I", content)
    if magic != b"RpmP":
        raise Nonsense("no database of rpm: it does not begin with RpmP")
    for slot in range(2 * BLOCK, min(pages * PAGE, len(content)), BLOCK):
        _, package, block, _ = unpack_from("<4s3I", content, slot)
        if block:
            magic, same, _, length = unpack_from("<4s3I", content, block * BLOCK)
            if magic != b"BlbS" or same != package:
                raise IndexError(f"no header in block {block}")
            yield bytes(content[(block + 1) * BLOCK : (block + 1) * BLOCK + length])


def _files(header: bytes, names: frozenset[str]) -> Iterator[File]:
    """Yield the files of a package that have one of these names."""
    tags = _tags(header)
    files = _texts(header, tags, FILES)
    if names.isdisjoint(files):
        return
    package = _texts(header, tags, NAME)[0]
    folders, digests = _texts(header, tags, DIRECTORIES), _texts(header, tags, DIGESTS)
    indexes, algorithm = _numbers(header, tags, DIRECTORY_OF), (_numbers(header, tags, ALGORITHM) or [1])[0]
    for number, name in enumerate(files):
        if name in names:
            yield folders[indexes[number]] + name, Recorded(package, ALGORITHMS.get(algorithm, ""), digests[number] if digests else "")


Tags = dict[int, tuple[int, int, int]]


def _tags(header: bytes) -> Tags:
    """Return by tag its type, where its data begin, and how many there are; 16 bytes each stand before the data."""
    count, size = unpack_from(">II", header)
    if 8 + 16 * count + size != len(header):
        raise IndexError("a header that is cut short")
    found = (unpack_from(">4I", header, 8 + 16 * number) for number in range(count))
    return {tag: (kind, 8 + 16 * count + offset, many) for tag, kind, offset, many in found}


def _texts(header: bytes, tags: Tags, tag: int) -> list[str]:
    kind, start, count = tags.get(tag, (0, 0, 0))
    return [text.decode(errors="surrogateescape") for text in header[start:].split(b"\0", count)[:count]] if kind in STRINGS else []


def _numbers(header: bytes, tags: Tags, tag: int) -> list[int]:
    kind, start, count = tags.get(tag, (0, 0, 0))
    return list(unpack_from(f">{count}I", header, start)) if kind == INT32 else []
