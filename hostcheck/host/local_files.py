"""The files of this machine: what stands at a path, and what is in it, without waking or waiting for anything, and without trusting a name twice.

What was looked at is what is opened, by its descriptor; and what a user exchanges between two answers of one host is refused (paths.py).
"""

import errno
import math
import os
import stat
import time
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Final

from hostcheck.host import LimitExceeded, Nonsense, Rights, Takes, Unsupported, acl, everything, hole_of, lenient, mounts, owned, owners_of, utf8
from hostcheck.host.accounts import Accounts
from hostcheck.host.answers import AclEntry, Stat
from hostcheck.host.charges import BYTES, LOOK, NAME, OPEN, PLAIN_BYTES, Charges
from hostcheck.host.files import FileReader
from hostcheck.host.paths import KERNELS, OTHERS_WRITE, Link, Paths, Spot, not_a_directory, read_link
from hostcheck.host.program_search import GIVES, ProgramSearch
from hostcheck.model import Hole, incomplete, worst_of

if TYPE_CHECKING:
    from hostcheck.host.answers import FileCapabilities

TYPES: Final = {0o01: "fifo", 0o02: "char", 0o04: "dir", 0o06: "block", 0o10: "file", 0o12: "link", 0o14: "socket"}  # bits 12 to 15 of a mode, inode(7)
READ: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
LIST: Final = READ | os.O_DIRECTORY
CHUNK: Final = 1 << 16
UNNAMED: Final = 0
"""The major number of file systems without a block device, such as those of FUSE (Documentation/admin-guide/devices.txt of Linux)."""


class about:  # noqa: N801 - used as a function; written as a generator it takes twice as long, as long as a stat(2)
    """Refuse what is no absolute path, and let an OSError name the path instead of what was really opened."""

    __slots__ = ("_path",)

    def __init__(self, path: str) -> None:
        """Take the path that is asked for."""
        self._path = path

    def __enter__(self) -> None:
        """Raise Nonsense for what is no absolute path."""
        path = self._path
        try:
            path.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError as error:
            raise Nonsense(f"{path!r}: not a path") from error
        if not path.startswith("/") or "\0" in path:
            raise Nonsense(f"{path!r}: not an absolute path")

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Name the path in an error; what would have to be waited for is a time-out."""
        if isinstance(error, BlockingIOError):
            # Someone holds a lease on the file, or the kernel has nothing to say yet: open(2), syslog(2).
            late = TimeoutError(errno.ETIMEDOUT, "an answer would have to be waited for", self._path)
            for uid in owners_of(error):
                owned(late, uid)
            raise late from error
        if isinstance(error, OSError):
            error.filename = self._path


def _is_users_own(folder: int) -> bool:
    """Say whether all that an open directory shows is a user's word; what has a block device is not looked up among the mounts."""
    return os.major(os.fstat(folder).st_dev) == UNNAMED and bool(mounts.shows_users_own(folder))


def _demand_regular(path: str, mode: int) -> None:
    kind = TYPES.get(mode >> 12, "anonymous")
    if kind != "file":
        raise Nonsense(f"{path}: not a regular file ({kind})")


def _drain(handle: int, path: str, limit: int) -> bytes:
    """Read an open file to its end and close it; the size is not believed: it is 0 in /proc, 4096 in /sys, and a file may grow."""
    chunks, room = [], limit + 1
    try:
        _demand_regular(path, os.fstat(handle).st_mode)
        while room and (chunk := os.read(handle, min(room, CHUNK))):
            chunks.append(chunk)
            room -= len(chunk)
    finally:
        os.close(handle)
    if not room:
        raise LimitExceeded(f"{path}: more than {limit} bytes")
    return b"".join(chunks)


def _stated(path: str, name: bytes, found: os.stat_result, follow: bool, look: int = -1) -> Stat:
    """Return what was found at `path`; `name` leads the kernel to it, and `look` is its descriptor where it is held. Raises Link for one to be followed."""
    kind = TYPES.get(found.st_mode >> 12)
    if kind is None:
        raise Nonsense(f"{path}: neither a file nor anything else with a name")
    if kind == "link" and follow:
        raise Link(os.readlink(name) if look < 0 else os.readlink(b"", dir_fd=look), found.st_uid)
    entries = () if kind == "link" else _acl(path, name, held=look >= 0)
    mode = stat.S_IMODE(found.st_mode)
    return Stat(
        type=kind, uid=found.st_uid, gid=found.st_gid, mode=mode, size=found.st_size, dev=found.st_dev, ino=found.st_ino, acl=entries, links=found.st_nlink
    )


def _acl(path: str, name: bytes, *, held: bool) -> tuple[AclEntry, ...]:
    try:
        return acl.read(path, name, follow=True)
    except FileNotFoundError as error:
        if held:
            raise Unsupported(f"{path}: its ACL cannot be told for certain where /proc is not mounted") from error
        raise


class LocalFiles(FileReader):
    """The verbs that read files, directories and links of the machine that this process runs on."""

    def __init__(self, end: float = math.inf, charges: Charges | None = None) -> None:
        """Look at nothing yet but the mounts of this process; the probe that asks has time until `end` (of `time.monotonic`), and what `charges` leave."""
        self._end = end
        self.charges = charges or Charges(Accounts())
        self._paths = Paths(mounts.elsewhere(), self.charges)

    def _content(self, path: str, limit: int, follow: bool, parsed: bool) -> bytes:
        with about(path):  # without waking or waiting for anything that is no regular file
            handle = self._paths.reach(path, lambda spot: self._open_regular(path, spot), follow=follow)
            price = BYTES if parsed and not path.startswith(KERNELS) else PLAIN_BYTES
            return self._drained(handle, path, limit, self._paths.at, price)

    def _drained(self, handle: int, path: str, limit: int, whose: int, price: int) -> bytes:
        """Read an open file to its end, and charge for it by so many bytes a unit; no more is read than the account has left."""
        most = min(limit, self.charges.left(whose) * price)
        try:
            content = _drain(handle, path, int(most))
        except (OSError, LimitExceeded, Nonsense) as error:
            if isinstance(error, LimitExceeded) and most < limit:
                raise self.charges.used_up(whose, path) from error
            self.charges.blame(error, whose)
            raise
        self.charges.charge(whose, len(content) // price, path)
        return content

    def _open_regular(self, path: str, spot: Spot) -> int:
        """Open a regular file and nothing else: O_PATH wakes no device and no FIFO, and the link in /proc leads to the very file that was looked at."""
        look, found = self._look(spot)
        try:
            _demand_regular(path, found.st_mode)
            return os.open(b"/proc/self/fd/%d" % look, READ)
        except FileNotFoundError:  # /proc is not mounted, or it was a file of a process that has ended
            return self._accepted(spot, os.open(spot.name, READ if spot.kernels else READ | os.O_NOFOLLOW, dir_fd=spot.folder))
        finally:
            os.close(look)

    def _look(self, spot: Spot) -> tuple[int, os.stat_result]:
        """Return a descriptor of what stands at a spot and is no link; raises Link where it is one."""
        look, found = self._paths.open(spot)
        target = read_link(look, found)
        if target is None:
            return look, found
        os.close(look)
        raise Link(target, found.st_uid)

    @contextmanager
    def standing(self, path: str, longest: int = 1 << 16) -> Iterator[bytes]:
        """Give a name by which the kernel finds the very thing at `path`, past links: the path where only root can change it, else its descriptor."""
        spot, look = self._paths.reach(path, lambda spot: (spot, self._look(spot)[0]), follow=True)
        plain, whose = spot.firm and len(spot.name) <= longest, self._paths.at
        try:
            yield spot.name if plain else b"/proc/self/fd/%d" % look
        except BlockingIOError as error:
            self.charges.blame(error, whose)
            raise
        except FileNotFoundError as error:
            if plain:
                raise
            raise Unsupported(f"{path}: cannot be told for certain where /proc is not mounted") from error
        finally:
            os.close(look)

    def stat(self, path: str, *, follow: bool = True) -> Stat:
        """Return type, owner, mode and ACL of `path`; raises Nonsense for what has no type (an anonymous inode) or a malformed ACL."""
        with about(path):
            return self._paths.reach(path, lambda spot: self._stat(path, spot, follow), follow=follow)

    def _stat(self, path: str, spot: Spot, follow: bool) -> Stat:
        if spot.firm:  # half as many system calls, on the way to most of what is looked at
            found = os.stat(spot.name, follow_symlinks=spot.kernels)
            if found.st_uid and not spot.kernels:
                self._paths.charge(spot, found, LOOK)
            return self._charged(_stated(path, spot.name, found, follow))
        look, found = self._paths.open(spot)
        try:
            return self._charged(_stated(path, b"/proc/self/fd/%d" % look, found, follow, look))
        finally:
            os.close(look)

    def recall(self, path: str, found: Stat) -> None:
        """Charge for what is remembered of a path as for a look at it."""
        self.charges.charge(found.uid, LOOK + NAME * len(found.acl), path)

    def _charged(self, found: Stat) -> Stat:
        """Charge for the entries of an ACL."""
        if found.acl and self._paths.at:
            self.charges.charge(self._paths.at, len(found.acl) * NAME, "an ACL")
        return found

    def list_dir(self, path: str, *, limit: int = 100_000, fair: bool = False) -> list[str]:
        """Return the sorted names in a directory of at most `limit` names, keeping no more of a larger one."""
        with about(path):
            folder = self._paths.reach(path, lambda spot: self._open_folder(path, spot), follow=True)
            try:
                if fair and os.fstat(folder).st_mode & OTHERS_WRITE:
                    return self._fair(path, folder, self._paths.at)
                with os.scandir(folder) as entries:
                    names = [utf8(entry.name) for entry in islice(entries, limit + 1)]
            finally:
                os.close(folder)
        whose = self._paths.at
        if len(names) > limit:
            error = LimitExceeded(f"{path}: more than {limit} names")
            self.charges.blame(error, whose)
            raise error
        self.charges.charge(whose, len(names) * NAME, path)
        return sorted(names)

    def _fair(self, path: str, folder: int, above: int) -> list[str]:
        """Return the sorted names in an open directory, of each owner as many as there is room for: of a file with other names anybody may have made one."""
        names, left_out = list[str](), dict[tuple[int, ...], Hole | None]()
        spot = Spot(folder, b".", path, owner=above, shared=True)
        with os.scandir(folder) as entries:
            for entry in entries:
                try:
                    self.charges.charge(spot.whose(entry.stat(follow_symlinks=False)), NAME, path)
                except FileNotFoundError:
                    continue
                except LimitExceeded as error:
                    left_out.setdefault(owners_of(error), hole_of(error))
                else:
                    names.append(utf8(entry.name))
        told: list[str] = incomplete(sorted(names), worst_of(filter(None, left_out.values())))
        return told

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
        """Return the sorted paths of the files that give rights, in a directory and below it."""
        now = time.monotonic()
        end = now + (self._end - now) / part if part else math.inf
        with about(path):
            folder = self._paths.reach(path, lambda spot: self._open_folder(path, spot), follow=True)
            if _is_users_own(folder):
                os.close(folder)
                return []
            asked = ProgramSearch(self._paths, GIVES[gives], limit, takes, tells, spared, theirs=theirs, reachable=reachable, end=end)
            return asked.programs(folder, path.rstrip("/"), depth)

    def _open_folder(self, path: str, spot: Spot) -> int:
        try:
            folder = os.open(spot.name, LIST if spot.kernels else LIST | os.O_NOFOLLOW, dir_fd=spot.folder)
        except OSError as error:
            if error.errno not in (errno.ENOTDIR, errno.ELOOP):
                raise
            look, found = self._look(spot)
            os.close(look)
            raise not_a_directory(path, found) from error
        return self._accepted(spot, folder)

    def _accepted(self, spot: Spot, handle: int) -> int:
        """Return what was opened at a spot, if it is what stood there before."""
        with ExitStack() as refused:
            refused.callback(os.close, handle)
            found = os.fstat(handle)
            self._paths.accept(spot, found)
            if not spot.kernels:
                self._paths.charge(spot, found, OPEN)
            refused.pop_all()
        return handle

    def read_link(self, path: str) -> str:
        """Return where a symbolic link points."""
        with about(path):
            return self._paths.reach(path, self._read_link, follow=False)

    def _read_link(self, spot: Spot) -> str:
        if spot.firm:
            return lenient(os.readlink(spot.name))
        look, found = self._paths.open(spot)
        try:
            target = read_link(look, found)
        finally:
            os.close(look)
        if target is None:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        return lenient(target)

    def file_capabilities(self, path: str) -> "FileCapabilities":
        """Return the capabilities of a file, which anybody may read who can search its directory."""
        from hostcheck.host import capabilities

        with about(path), self.standing(path) as name:
            return capabilities.read(path, name)
