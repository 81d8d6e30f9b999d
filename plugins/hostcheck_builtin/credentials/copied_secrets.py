"""Copies of what root alone is to read: beside /etc/shadow, and in the directories where hosts keep backups, in archives there too.

Only files count that root has laid, in directories of root's, and that others may read by their modes: so no user can lay one.
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from io import BytesIO
from typing import Final, NamedTuple

from hostcheck.api import Hole, LimitExceeded, Nonsense, Unsupported, Why, attempt, pattern
from hostcheck_builtin.credentials import ssh_key_files
from hostcheck_builtin.files.searching import FileSearch
from hostcheck_builtin.system import bounds
from hostcheck_builtin.system.bounds import UNPACKED_BYTES as UNPACKED
from hostcheck_builtin.system.path_walk import WalkedPath

ETC: Final = "/etc"
READ: Final = 0o044
SEARCH: Final = 0o011
"""What lets others than the owner read a file, and enter a directory (inode(7))."""
BACKUPS: Final = ("/var/backups", "/var/backup", "/var/local/backup", "/backup", "/backups", "/srv/backup", "/srv/backups", "/opt/backup", "/opt/backups")
"""Where Debian, and most guides, put backups."""
SHADOW: Final = "shadow"
KNOWN: Final = frozenset(f"/etc/{name}" for name in ("shadow", "shadow-", "gshadow", "gshadow-"))
"""These are no copies: the catalogue has the first two, and the others hold passwords of groups."""
ARCHIVE: Final = pattern(r".*\.(?:tar(?:\.[0-9]+)?(?:\.(gz|bz2|xz|zst))?|(tgz|tbz|tbz2|txz))")
OPENERS: Final = {"gz": "gzip", "tgz": "gzip", "bz2": "bz2", "tbz": "bz2", "tbz2": "bz2", "xz": "lzma", "txz": "lzma"}
SECRET: Final = pattern(r"(?:\./|/)?(?:etc/shadow-?|(?:root/)?\.ssh/([^/]+))")
"""What an archive is looked through for, by paths as tar(1) writes them for / or for root's home."""


class CopiedFile(NamedTuple):
    """A file that may be a copy: the way to it, its content, and its name `inside` of an archive, or ""."""

    path: str
    way: WalkedPath
    inside: str
    raw: bytes | Hole


def copies(search: FileSearch) -> Iterator[CopiedFile | Hole]:
    """Yield the files, of one that could not be read with a hole for its content; and a hole where there may be others."""
    for path, way in of_root(search, ETC, lambda name: SHADOW in name, 0):
        if isinstance(way, Hole):
            yield way
        elif path not in KNOWN:
            yield CopiedFile(path, way, "", attempt(search.host.read_bytes, path, limit=bounds.SECRET_COPY_BYTES))
    for folder in BACKUPS:
        for path, way in of_root(search, folder, lambda _: True, 1):
            yield from (way,) if isinstance(way, Hole) else _looked_at(search, path, way)


def of_root(search: FileSearch, folder: str, wanted: Callable[[str], bool], deeper: int) -> Iterator[tuple[str, WalkedPath | Hole]]:
    """Yield the files of root's in a directory of root's, and in those in it, where others may get at them."""
    way = search.walk(folder)
    if isinstance(way, Hole) or way.type != "dir" or not is_open(way, SEARCH) or not _is_roots(way):
        if isinstance(way, Hole):
            yield folder, way
        return
    told = search.names(way.realpath)
    if hole := told if isinstance(told, Hole) else getattr(told, "hole", None):
        yield folder, hole
    count = 0
    for path in () if isinstance(told, Hole) else (f"{folder}/{name}" for name in told if wanted(name)):
        member = search.walk(path)
        count += isinstance(member, Hole) or not member.end.uid
        if count > bounds.NAMES_IN_BACKUPS:
            yield folder, Hole(why=Why.LIMIT, message=f"{folder}: more than {bounds.NAMES_IN_BACKUPS} files of root's")
            return
        if isinstance(member, Hole):
            yield path, member
        elif member.type == "dir" and deeper:
            yield from of_root(search, path, wanted, deeper - 1)
        elif member.type == "file" and _is_roots(member) and is_open(member, READ):
            yield path, member


def is_open(way: WalkedPath, bits: int) -> bool:
    """Say whether the modes may let somebody other than root in at the end, by one of these bits, and all the way there."""
    above = all(one.mode & SEARCH or one.acl or one.uid for one in way.parents.values())
    return above and (way.stopped is not None or (way.found and bool(way.end.mode & bits or way.end.acl or way.end.uid)))


def _is_roots(way: WalkedPath) -> bool:
    return way.found and not way.end.uid and not any(one.uid for one in way.parents.values())


def _looked_at(search: FileSearch, path: str, way: WalkedPath) -> Iterator[CopiedFile]:
    kind = ARCHIVE.fullmatch(path)
    if kind is None:
        if way.end.size <= bounds.SECRET_COPY_BYTES:
            yield CopiedFile(path, way, "", attempt(search.host.read_bytes, path, limit=bounds.SECRET_COPY_BYTES))
        return
    inside = attempt(lambda: list(_members(path, search.host.read_bytes(path, limit=bounds.ARCHIVE_BYTES), kind[1] or kind[2] or "")))
    if isinstance(inside, Hole) and inside.why != Why.NONSENSE:
        yield CopiedFile(path, way, "", inside)
    elif not isinstance(inside, Hole):
        yield from (CopiedFile(path, way, name, raw) for name, raw in inside)


def _members(path: str, raw: bytes, packed: str) -> Iterator[tuple[str, bytes]]:
    """Yield the secrets in an archive; raises LimitExceeded where there may be more, and Unsupported for what is not unpacked."""
    import tarfile  # takes time, and few hosts have an archive

    plain = _unpacked(path, raw, packed)
    try:
        with tarfile.open(fileobj=BytesIO(plain), mode="r:") as archive:
            for count, member in enumerate(archive):
                if count > bounds.ARCHIVE_MEMBERS:
                    raise LimitExceeded(f"{path}: more than {bounds.ARCHIVE_MEMBERS} files in an archive")
                named = SECRET.fullmatch(member.name)
                if member.isreg() and named and ssh_key_files.may_be_one(named[1] or "") and member.size <= bounds.SECRET_COPY_BYTES:
                    file = archive.extractfile(member)
                    yield member.name, b"" if file is None else file.read()
    except (tarfile.TarError, EOFError) as error:
        if len(plain) < UNPACKED:
            return  # no archive, or the end of one is missing
        raise LimitExceeded(f"{path}: only the first {UNPACKED} bytes of an archive are looked through") from error
    if len(plain) >= UNPACKED:
        raise LimitExceeded(f"{path}: only the first {UNPACKED} bytes of an archive are looked through")


def _unpacked(path: str, raw: bytes, packed: str) -> bytes:
    """Return the first bytes of what is packed."""
    if not packed:
        return raw[:UNPACKED]
    import lzma
    import zlib

    opener = OPENERS.get(packed)
    if opener is None:
        raise Unsupported(f"{path}: an archive of this kind is not looked through")
    try:
        with import_module(opener).open(BytesIO(raw)) as plain:
            found: bytes = plain.read(UNPACKED)
    except (EOFError, OSError, ValueError, lzma.LZMAError, zlib.error) as error:
        raise Nonsense(f"{path}: not what its name says") from error
    return found
