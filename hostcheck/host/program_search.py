"""The files that give rights to whoever runs them, or to who may write them, in a directory and a little below; each is opened in the one above it.

A name is looked at where it was listed, by the directory's descriptor, so that nobody can put another directory in its place meanwhile.
"""

import errno
import math
import os
import stat
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from hostcheck.host import LimitExceeded, Rights, Takes, Unsupported, attempt, mounts, owned, utf8
from hostcheck.host.paths import LOOK, OTHERS_WRITE, Paths
from hostcheck.model import Hole, Why, incomplete, worst_of

SETGID: Final = stat.S_ISGID | stat.S_IXGRP
"""Without the right to execute for the group the first means something else (inode(7))."""
EXECUTE: Final = stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH
"""Without one of these not even root may execute a file (capabilities(7)); an ACL shows in the bits of the group (acl(5))."""
CAPABILITY: Final = "security.capability"
ACL: Final = "system.posix_acl_access"
BETWEEN: Final = 1024
"""Names between two looks at the clock."""
Gives = Callable[[int, "os.DirEntry[str]"], bool]
"""Asked of a name in an open directory, whether it is a file that is looked for."""
LOOKS: Final = 5
"""How often a directory is opened on which somebody mounts and unmounts meanwhile."""
LIST: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_DIRECTORY | os.O_NOFOLLOW
NOBODY: Final = (1 << 32) - 1
"""Whose a name is that anybody may have made: no file can be this user's (chown(2))."""


@dataclass(slots=True)
class ProgramSearch:
    """What is looked for, and how much is looked at.

    These are `limit` names of a directory, of an owner's names and programs what `takes` and `tells` say, nothing of the `spared` paths. With `theirs` no
    programs are looked at that lie in a directory of root's alone, with `reachable` nothing in one that only root may enter. It ends at `end` (of
    `time.monotonic`). `unread` is the worst hole in what lies below the first directory.
    """

    paths: Paths
    gives: Gives
    limit: int
    takes: Takes
    tells: Takes
    spared: Collection[str]
    theirs: bool
    reachable: bool = False
    end: float = math.inf
    unread: Hole | None = None
    _spared: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        """Sort what is spared by the directory that it is in."""
        for path in self.spared:
            folder, _, name = path.rpartition("/")
            self._spared[folder].add(name)

    def programs(self, folder: int, place: str, depth: int) -> list[str]:
        """Return what is found in an open directory, which is closed, each under its path from there; incomplete where one below it was not looked through."""
        found = sorted(self._below(folder, place, "", depth))
        told: list[str] = incomplete(found, self.unread)
        return told

    def _below(self, folder: int, place: str, prefix: str, depth: int) -> list[str]:
        try:
            programs, folders = self._looked(folder, place)
            found = [prefix + name for name in programs]
            for name in sorted(folders) if depth else ():
                if self._is_late():
                    break
                inner = attempt(self._inside, folder, f"{place}/{name}", f"{prefix}{name}/", depth - 1)
                if isinstance(inner, Hole):
                    self._lack(inner)
                else:
                    found += inner
            return found
        finally:
            os.close(folder)

    def _lack(self, hole: Hole) -> None:
        """Note what could not be looked through: a hole of one user's must not hide that of another's."""
        self.unread = worst_of(one for one in (self.unread, hole) if one)

    def _is_late(self) -> bool:
        """Say whether the time is over; then what was found by then is the answer, and incomplete."""
        late = time.monotonic() > self.end
        if late:
            self._lack(Hole(why=Why.TIMEOUT, message="not all was looked through in the time for it"))
        return late

    def _inside(self, folder: int, place: str, prefix: str, depth: int) -> list[str]:
        """Return what is found in a directory by its name in the one above: nothing where it is gone."""
        try:
            inner = self._open(folder, place)
            return [] if inner is None else self._below(inner, place, prefix, depth)
        except OSError as error:
            error.filename = place
            raise

    def _looked(self, folder: int, place: str) -> tuple[list[str], list[str]]:
        """Return the names of programs and of directories, none where the owner has too much: what was seen first is no answer.

        Where others may write, as in /tmp, a name is its own owner's, and only that one's are left out.
        """
        programs, folders, found = list[str](), list[str](), os.fstat(folder)
        shared = bool(found.st_mode & OTHERS_WRITE)
        bare = self.theirs and _is_roots(found)
        spared = self._spared.get(place, set())
        if (self.reachable and _is_closed(folder, found)) or not self.takes(found.st_uid):  # an empty directory costs more than a name
            return [], []
        if found.st_size > self.limit:  # of bytes, so that what lies there is counted where there may be so many: to ask for each takes five times as long
            self._count(folder, place)
        with os.scandir(folder) as entries:
            for count, entry in enumerate(entries):
                if count == self.limit:
                    raise self._too_many(place)
                if not count % BETWEEN and self._is_late():
                    break
                name = utf8(entry.name)
                if name in spared:
                    continue
                owner = _owner(entry) if shared else found.st_uid
                if not self.takes(owner):
                    if owner == found.st_uid:
                        return [], []
                elif entry.is_dir(follow_symlinks=False):
                    folders.append(name)
                elif not bare and self._is_told(folder, entry, owner):
                    programs.append(name)
        return programs, folders

    def _is_told(self, folder: int, entry: "os.DirEntry[str]", owner: int) -> bool:
        """Say whether a name is a program that is told; one that has other names is told as of whose the name is: a link costs a user nothing."""
        try:
            if not self.gives(folder, entry):
                return False
            found = _stat(entry)
        except FileNotFoundError:
            return False
        return self.tells(found.st_uid if found.st_nlink == 1 else owner)

    def _count(self, folder: int, place: str) -> None:
        with os.scandir(folder) as entries:
            for count, _ in enumerate(entries):
                if count == self.limit:
                    raise self._too_many(place)

    def _too_many(self, place: str) -> LimitExceeded:
        return LimitExceeded(f"{place}: more than {self.limit} names")

    def _open(self, folder: int, place: str) -> int | None:
        """Open a directory by its name in the one above; None where it is gone, or a user has mounted there what gives no rights."""
        self.paths.shared(place)
        name = place.rpartition("/")[2].encode("utf-8", "surrogateescape")
        for _ in range(LOOKS):
            try:
                inner = os.open(name, LIST, dir_fd=folder)
            except FileNotFoundError:
                return None
            except PermissionError:
                theirs = _is_mounted_by_user(folder, name)
                if theirs is False:
                    raise
            except OSError as error:
                if error.errno in (errno.ENOTDIR, errno.ELOOP):
                    raise self._exchanged(f"{place}: was a directory, and was exchanged meanwhile", name, folder) from error
                raise
            else:
                theirs = os.fstat(inner).st_dev != os.fstat(folder).st_dev and mounts.shows_users_own(inner)
                if theirs is False:
                    return inner
                os.close(inner)
            if theirs:
                return None
        raise self._exchanged(f"{place}: was mounted and unmounted meanwhile", name, folder)

    def _exchanged(self, said: str, name: bytes, folder: int) -> LimitExceeded:
        """Return the error for what somebody changed meanwhile; it is about whose the name is now, if that can be told."""
        try:
            uid = os.stat(name, dir_fd=folder, follow_symlinks=False).st_uid
        except OSError:
            return LimitExceeded(said)
        error = LimitExceeded(f"{said} by what is uid {uid}'s")
        if uid:
            self.paths.charges.blame(error, uid)
            owned(error, uid)
        return error


def _is_closed(folder: int, found: os.stat_result) -> bool:
    """Say whether only root may enter a directory: others may not, nor its group unless that is root's too, nor whom an ACL names (acl(5))."""
    if found.st_uid or found.st_mode & stat.S_IXOTH:
        return False
    if not found.st_mode & stat.S_IXGRP:  # with an ACL this is its mask
        return True
    return found.st_gid == 0 and ACL not in os.listxattr(folder)


def _is_mounted_by_user(folder: int, name: bytes) -> bool | None:
    """Say of a directory that refuses to be opened what `mounts.shows_users_own` says of one that is open: FUSE keeps even root out by default."""
    try:
        look = os.open(name, LOOK, dir_fd=folder)
    except OSError:
        return False
    try:
        return mounts.shows_users_own(look)
    finally:
        os.close(look)


def _stat(entry: "os.DirEntry[str]") -> os.stat_result:
    """Return what lstat(2) says of a name; it is asked once."""
    return entry.stat(follow_symlinks=False)


def _owner(entry: "os.DirEntry[str]") -> int:
    """Return whose a name is where others may write: nobody's where the file has more names, each of which anybody may have made; root's where it is gone."""
    try:
        found = _stat(entry)
    except FileNotFoundError:
        return 0
    several = found.st_nlink > 1 and not stat.S_ISDIR(found.st_mode)
    return NOBODY if several and not mounts.links_are_owners(found) else found.st_uid


def _gives_its_group(_: int, entry: "os.DirEntry[str]") -> bool:
    """Say whether a file gives its group to whoever runs it."""
    return entry.is_file(follow_symlinks=False) and _stat(entry).st_mode & SETGID == SETGID


def _gives_its_owner(folder: int, entry: "os.DirEntry[str]") -> bool:
    """Say whether a file gives the rights of its owner, or capabilities; to list the attributes raises nothing where there are none, and takes half as long."""
    mode = _stat(entry).st_mode
    if not (stat.S_ISREG(mode) and mode & EXECUTE):
        return False
    return bool(mode & stat.S_ISUID) or CAPABILITY in _attributes(folder, entry)


def _gives_to_its_writers(folder: int, entry: "os.DirEntry[str]") -> bool:
    """Say whether somebody but root may write what is run by this name, or a link that root put there leads to another directory, so that it is not known.

    Whoever the link belongs to: in a directory of root's alone only root puts one, as by `cp -a`. Only its owner makes a file a program that is none.
    """
    found = _stat(entry)
    if stat.S_ISLNK(found.st_mode):
        return (found.st_uid == 0 or _is_roots(os.fstat(folder))) and "/" in os.readlink(entry.name, dir_fd=folder)
    return stat.S_ISREG(found.st_mode) and bool(found.st_uid or (found.st_mode & OTHERS_WRITE and found.st_mode & EXECUTE))


def _is_roots(folder: os.stat_result) -> bool:
    """Say whether nobody but root may put a name into a directory."""
    return folder.st_uid == 0 and not folder.st_mode & OTHERS_WRITE


def _attributes(folder: int, entry: "os.DirEntry[str]") -> list[str]:
    try:
        return os.listxattr(os.fsencode(f"/proc/self/fd/{folder}/{entry.name}"), follow_symlinks=False)
    except FileNotFoundError as error:
        if os.path.isdir("/proc/self/fd"):
            raise
        raise Unsupported(f"{entry.name}: its capabilities cannot be told where /proc is not mounted") from error
    except OSError as error:
        if error.errno == errno.EOPNOTSUPP:
            return []
        raise


GIVES: Final[Mapping[Rights, Gives]] = {"group": _gives_its_group, "owner": _gives_its_owner, "writers": _gives_to_its_writers}
"""By whose rights a file gives, or to whom, whether it is one."""
