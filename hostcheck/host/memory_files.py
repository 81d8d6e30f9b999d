"""The file system of a host that exists only in memory: what was not given is absent."""

import errno
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from hostcheck.host import LimitExceeded, Nonsense, Rights, Takes, attempt, everything
from hostcheck.host.answers import FileCapabilities, Stat
from hostcheck.host.files import FileReader
from hostcheck.model import Hole, incomplete, worst_of

LINKS_MAX: Final = 40  # path_resolution(7)


def fault(number: int, path: str) -> OSError:
    """Return the error that the kernel would give for a path."""
    return OSError(number, os.strerror(number), path)


def _parents(path: str) -> Iterator[str]:
    while path != "/":
        path = path.rpartition("/")[0] or "/"
        yield path


def _is_closed(found: Stat) -> bool:
    """Say whether only root may enter a directory."""
    return found.uid == 0 and not found.mode & 0o001 and (not found.mode & 0o010 or (found.gid == 0 and not found.acl))


class MemoryFiles(FileReader):
    """Files, links, sockets and the directories that their paths imply."""

    def __init__(
        self,
        files: Mapping[str, str | bytes | Exception],
        stats: Mapping[str, Stat],
        links: Mapping[str, str],
        sockets: Collection[str],
        capabilities: Mapping[str, FileCapabilities],
    ) -> None:
        """Make a file system; raises ValueError where a path is not plain and absolute, is given twice, or has something below it and is not a directory."""
        self._files, self._links, self._sockets = dict(files), dict(links), frozenset(sockets)
        self._capabilities = dict(capabilities)
        self._below: dict[str, set[str]] = {"/": set()}
        given = [*self._files, *self._links, *self._sockets, *stats]
        for path in given:
            self._place(path)
            if (path in self._files) + (path in self._links) + (path in self._sockets) > 1:
                raise ValueError(f"{path}: given twice")
        inodes = {path: number for number, path in enumerate(sorted({"/", *given, *self._below}), 2)}
        self._stats = {path: self._described(path, number, stats.get(path)) for path, number in inodes.items()}
        for path, below in self._below.items():
            if below and self._stats[path].type != "dir":
                raise ValueError(f"{path}: something is below it, and it is a {self._stats[path].type}")

    def _place(self, path: str) -> None:
        if path != "/" and (not path.startswith("/") or {"", ".", ".."} & set(path[1:].split("/")) or "\0" in path):
            raise ValueError(f"{path!r}: not a plain absolute path")
        child = path
        for parent in _parents(path):
            self._below.setdefault(parent, set()).add(child.rpartition("/")[2])
            child = parent

    def _described(self, path: str, number: int, said: Stat | None) -> Stat:
        """Say what stands at `path`; each has an inode number of its own, as things are told apart by it."""
        if said is None:
            content = self._files.get(path)
            if path in self._links:
                said = Stat(type="link", uid=0, gid=0, mode=0o777, size=len(self._links[path]))
            elif path in self._sockets:
                said = Stat(type="socket", uid=0, gid=0, mode=0o755)
            elif isinstance(content, str | bytes):
                said = Stat(type="file", uid=0, gid=0, mode=0o644)
            else:
                said = Stat(type="dir", uid=0, gid=0, mode=0o755)
        if said.dev == 0 and said.ino == 0:
            said = replace(said, dev=1, ino=number)
        return replace(said, size=said.size or len(self._bytes(path)))

    def _bytes(self, path: str) -> bytes:
        content = self._files.get(path, b"")
        if isinstance(content, Exception):
            return b""
        return content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")

    def _resolve(self, path: str, follow: bool) -> str:
        """Walk to what `path` names, as path_resolution(7) says."""
        if not path.startswith("/") or "\0" in path:
            raise Nonsense(f"{path!r}: not an absolute path")
        here, rest, links = "/", path.split("/"), 0
        rest.reverse()
        while rest:
            name = rest.pop()
            if name in ("", "."):
                continue
            here = self._step(here, name, path)
            if here in self._links and (follow or any(rest)):
                links += 1
                if links > LINKS_MAX:
                    raise fault(errno.ELOOP, path)
                target = self._links[here]
                here = "/" if target.startswith("/") else here.rpartition("/")[0] or "/"
                rest.extend(reversed(target.split("/")))
        self._refuse(here)
        return here

    def _step(self, here: str, name: str, path: str) -> str:
        if isinstance(self._files.get(here), PermissionError) or not self._below.get(here):
            self._refuse(here)
        if self._stats[here].type != "dir":
            raise fault(errno.ENOTDIR, path)
        if name == "..":
            return here.rpartition("/")[0] or "/"
        if name not in self._below.get(here, ()):
            raise fault(errno.ENOENT, path)
        return f"{here.rstrip('/')}/{name}"

    def _refuse(self, path: str) -> None:
        given = self._files.get(path)
        if isinstance(given, Exception):
            raise given.with_traceback(None)

    def _content(self, path: str, limit: int, follow: bool, parsed: bool) -> bytes:
        found = self._resolve(path, follow)
        kind = self._stats[found].type
        if kind == "link":
            raise fault(errno.ELOOP, path)
        if kind != "file":
            raise Nonsense(f"{path}: not a regular file ({kind})")
        content = self._bytes(found)
        if len(content) > limit:
            raise LimitExceeded(f"{path}: more than {limit} bytes")
        return content

    def stat(self, path: str, *, follow: bool = True) -> Stat:
        """Return what was said of `path`, or what its place implies."""
        return self._stats[self._resolve(path, follow)]

    def list_dir(self, path: str, *, limit: int = 100_000, fair: bool = False) -> list[str]:
        """Return the sorted names in a directory of at most `limit` names."""
        found = self._resolve(path, follow=True)
        if self._stats[found].type != "dir":
            raise fault(errno.ENOTDIR, path)
        names = sorted(self._below.get(found, ()))
        if len(names) > limit:
            raise LimitExceeded(f"{path}: more than {limit} names")
        return names

    def privileged_programs(
        self,
        path: str,
        gives: Rights,
        *,
        limit: int = 100_000,
        depth: int = 0,
        takes: Takes = everything,
        tells: Takes = everything,
        spared: Collection[str] = (),
        theirs: bool = False,
        reachable: bool = False,
        part: int = 0,
    ) -> list[str]:
        """Return the sorted paths of the files that give rights, in a directory and below it; it takes no time."""
        folder = self._resolve(path, follow=True).rstrip("/")
        stats = {name: self._stats[f"{folder}/{name}"] for name in self.list_dir(path, limit=limit) if f"{folder}/{name}" not in spared}
        top = self._stats[folder or "/"]
        shared = bool(top.mode & 0o022)
        bare = theirs and top.uid == 0 and not shared
        owners = {name: one.uid if shared else top.uid for name, one in stats.items()}
        if reachable and _is_closed(top):
            return []
        taken = takes(top.uid) and {name: takes(owner) for name, owner in owners.items()}
        if not taken or any(not looked and (stats[name].uid == top.uid or not shared) for name, looked in taken.items()):
            return []
        programs = [name for name in taken if taken[name] and not bare and self._gives(f"{folder}/{name}", gives)]
        found = [name for name in programs if tells(stats[name].uid if stats[name].links == 1 else owners[name])]
        holes: list[Hole] = []
        for name in sorted(name for name in taken if taken[name] and depth and stats[name].type == "dir"):
            bounds: dict[str, Any] = {"limit": limit, "takes": takes, "tells": tells, "spared": spared, "theirs": theirs, "reachable": reachable}
            inner = attempt(self.privileged_programs, f"{folder}/{name}", gives, depth=depth - 1, **bounds)
            unread = inner if isinstance(inner, Hole) else getattr(inner, "hole", None)
            holes += [unread] if unread else []
            found += [] if isinstance(inner, Hole) else [f"{name}/{one}" for one in inner]
        told: list[str] = incomplete(sorted(found), worst_of(holes))
        return told

    def _gives(self, path: str, gives: Rights) -> bool:
        found = self._stats[path]
        if gives == "group":
            return found.type == "file" and found.mode & 0o2010 == 0o2010
        if gives == "writers" and found.type == "link":
            above = self._stats[path.rpartition("/")[0] or "/"]
            return (found.uid == 0 or (above.uid == 0 and not above.mode & 0o022)) and "/" in self._links[path]
        if gives == "writers":
            return found.type == "file" and bool(found.uid or (found.mode & 0o022 and found.mode & 0o111))
        return found.type == "file" and bool(found.mode & 0o111) and (bool(found.mode & 0o4000) or path in self._capabilities)

    def read_link(self, path: str) -> str:
        """Return where a symbolic link points."""
        found = self._resolve(path, follow=False)
        if found not in self._links:
            raise fault(errno.EINVAL, path)
        return self._links[found]

    def file_capabilities(self, path: str) -> FileCapabilities:
        """Return the capabilities that were given for a file, none where none were."""
        return self._capabilities.get(self._resolve(path, follow=True), FileCapabilities())
