"""The files that give their group to whoever runs them, in a directory and a little below it; each directory is opened in the one above it."""

import errno
import os
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from hostcheck.host import LimitExceeded, Takes, lenient
from hostcheck.host.paths import Paths

SETGID: Final = stat.S_ISGID | stat.S_IXGRP
"""Without the right to execute for the group the first means something else (inode(7))."""
LIST: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_DIRECTORY | os.O_NOFOLLOW


@dataclass(frozen=True, slots=True)
class SetgidSearch:
    """How much is looked at: `limit` names of a directory, of an owner's what `takes` says, and nothing of the `spared` paths."""

    paths: Paths
    limit: int
    takes: Takes
    spared: Collection[str]

    def below(self, folder: int, place: str, prefix: str, depth: int) -> Iterator[str]:
        """Yield what is found in an open directory, which is closed, each under its path from the first."""
        try:
            programs, folders = self._looked(folder, place)
            yield from (prefix + name for name in programs)
            for name in sorted(folders) if depth else ():
                if (inner := self._open(folder, f"{place}/{name}")) is not None:
                    yield from self.below(inner, f"{place}/{name}", f"{prefix}{name}/", depth - 1)
        finally:
            os.close(folder)

    def _looked(self, folder: int, place: str) -> tuple[list[str], list[str]]:
        """Return the names of programs and of directories, none where the owner has too much: what was seen first is no answer.

        Where all may write, as in /tmp, a name is its own owner's, and only that one's are left out.
        """
        programs, folders, found = list[str](), list[str](), os.fstat(folder)
        shared = found.st_uid == 0 and bool(found.st_mode & stat.S_IWOTH)
        if not self.takes(found.st_uid):  # an empty directory costs more than a name
            return [], []
        with os.scandir(folder) as entries:
            for count, entry in enumerate(entries):
                if count == self.limit:
                    raise LimitExceeded(f"{place}: more than {self.limit} names")
                name = lenient(os.fsencode(entry.name))
                if self.spared and f"{place}/{name}" in self.spared:
                    continue
                if not self.takes(_owner(entry) if shared else found.st_uid):
                    if not shared:
                        return [], []
                elif entry.is_dir(follow_symlinks=False):
                    folders.append(name)
                elif _gives_its_group(entry):
                    programs.append(name)
        return programs, folders

    def _open(self, folder: int, place: str) -> int | None:
        """Open a directory by its name in the one above; None where it is gone."""
        self.paths.shared(place)
        try:
            return os.open(place.rpartition("/")[2].encode("utf-8", "surrogateescape"), LIST, dir_fd=folder)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno in (errno.ENOTDIR, errno.ELOOP):
                raise LimitExceeded(f"{place}: was a directory, and was exchanged meanwhile") from error
            raise


def _owner(entry: "os.DirEntry[str]") -> int:
    """Return whose a name is, root's where it is gone."""
    try:
        return entry.stat(follow_symlinks=False).st_uid
    except FileNotFoundError:
        return 0


def _gives_its_group(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_file(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_mode & SETGID == SETGID
    except FileNotFoundError:
        return False
