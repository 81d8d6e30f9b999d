"""How a path is followed on this machine, so that nobody can exchange what is on the way between two looks at it.

What stands in directories that only root can write to, all the way from /, stays what it is: the kernel may follow its path. Below any other directory each
name is looked up in the directory above it, which is held by a descriptor, and must lead to what it led to at the first look. A link that a user made leads
to what is that user's only: by it a scan of root's would tell of others what that user may not see (compare CHASE_SAFE of systemd).
"""

import errno
import os
import stat
from collections.abc import Callable
from contextlib import ExitStack
from typing import Final, NamedTuple, TypeVar

from hostcheck.host import ABSENT, LimitExceeded, Nonsense, Unsupported, lenient, mounts
from hostcheck.host.accounts import Accounts
from hostcheck.host.charges import LOOK as LOOKED
from hostcheck.host.charges import LOOKUP, Charges

T = TypeVar("T")
LOOK: Final = os.O_PATH | os.O_CLOEXEC | os.O_NOFOLLOW
FOLDER: Final = LOOK | os.O_DIRECTORY
"""With O_DIRECTORY an automount is mounted, as it is when the kernel follows a path (follow_automount())."""
LINKS: Final = 40
"""MAXSYMLINKS of the kernel (path_resolution(7))."""
OTHERS_WRITE: Final = 0o022
"""Of a directory with an ACL the bits of the group are its mask, so that they tell of named users too (acl(5))."""
OTHERS_SEARCH: Final = 0o001
NOBODY: Final = (1 << 32) - 1
"""No file can be this user's (chown(2))."""
KERNELS: Final = ("/proc/", "/sys/")
"""What the kernel answers for: nobody exchanges a name there."""
REMEDY: Final = "remove what hides it (of a unit ProtectHome=, PrivateTmp=, TemporaryFileSystem=, InaccessiblePaths=), or scan in the mounts of process 1"


class Link(Exception):
    """Raised by what looks at a spot: a link stands there."""

    def __init__(self, target: bytes, uid: int) -> None:
        """Note where it points, and who made it."""
        super().__init__()
        self.target, self.uid = lenient(target), uid


class Spot(NamedTuple):
    """A name before it is looked up: in the directory that is held as `folder`, or a whole path where that is None; `place` is its path without links.

    `guest` is the user whose link led here, 0 for none; `kernels` says that the kernel itself may follow a link at its end. `owner` is who controls what lies
    in the directory, 0 for root alone; where it is `shared`, several may write there, and each name is its own owner's.
    """

    folder: int | None
    name: bytes
    place: str
    guest: int = 0
    kernels: bool = False
    owner: int = 0
    shared: bool = False

    def whose(self, found: os.stat_result) -> int:
        """Return who is charged for what was found: nobody is known for a name in a shared directory that is one of several, since anybody may link."""
        if self.owner and not self.shared:
            return self.owner
        if self.shared and found.st_nlink > 1 and not stat.S_ISDIR(found.st_mode) and not mounts.links_are_owners(found):
            return NOBODY
        return found.st_uid or self.owner

    @property
    def firm(self) -> bool:
        """Say whether only root can change what stands there, and no user's link led to it."""
        return self.folder is None and not self.guest


ROOT: Final = Spot(None, b"/", "/")


class Paths:
    """What is known of the paths of this machine; keeps one directory open, the last that was entered and is not root's alone.

    `firm` are the directories that only root can change, all the way from /, and whether anybody may search them; `known` are these by the names by which
    they were asked for. `seen` says which thing stood at each place below others: device, number, and owner, as a number may be given to another. `at` is who
    controls what was met last, 0 for root.
    """

    def __init__(self, elsewhere: frozenset[str] = frozenset(), charges: Charges | None = None) -> None:
        """Know nothing yet but the places where this process sees another file system than process 1; `charges` are made to who controls a place."""
        self._elsewhere, self.charges = elsewhere, charges or Charges(Accounts())
        self.at = 0
        self.mounted = mounts.UsersMounts()
        self._firm: dict[str, bool] = {}
        self._known: dict[str, str] = {}
        self._seen: dict[str, tuple[int, int, int]] = {}
        self._held: tuple[str, int, int, bool] | None = None

    _close = staticmethod(os.close)  # as Python ends, `os` may be gone before the last host

    def close(self) -> None:
        """Close what is held."""
        self._hold(None)

    __del__ = close

    def _hold(self, folder: tuple[str, int, int, bool] | None) -> None:
        held, self._held = self._held, folder
        if held is not None:
            self._close(held[1])

    def reach(self, path: str, look: Callable[[Spot], T], *, follow: bool) -> T:
        """Return what `look` makes of the spot that an absolute `path` names, past links at its end where those are to be followed.

        What goes wrong where somebody but root controls the place is told of as that account's.
        """
        self.at = 0
        try:
            return self._reached(path, look, follow=follow)
        except ABSENT:
            raise  # knowledge, and no hole of anybody's
        except (OSError, LimitExceeded, Unsupported, Nonsense) as error:
            if whose := self.at or self.mounted.above(path):
                self.charges.blame(error, whose)
            raise

    def _reached(self, path: str, look: Callable[[Spot], T], *, follow: bool) -> T:
        spot = Spot(None, _bytes(path), path, kernels=follow) if path.startswith(KERNELS) and ".." not in path else self._find(path, 0)
        links = 0
        while True:
            try:
                return look(spot)
            except Link as link:
                links += 1
                if not follow or links > LINKS:
                    raise _loop() from None
                base = "" if link.target.startswith("/") else spot.place.rpartition("/")[0] + "/"
                spot = self._find(base + link.target, spot.guest if spot.folder is None else link.uid or spot.guest)

    def shared(self, place: str) -> None:
        """Raise PermissionError where this process sees another file system at a path without links than process 1 does."""
        if self._elsewhere and (hidden := mounts.covered(place, self._elsewhere)):
            raise PermissionError(errno.EACCES, f"{hidden} is another file system to this scan than to process 1; {REMEDY}")

    def open(self, spot: Spot) -> tuple[int, os.stat_result]:
        """Return a descriptor of what stands at a spot, which leaves it unopened (O_PATH), and what fstat(2) says of it; raises as `accept` does."""
        handle = os.open(spot.name, LOOK & ~os.O_NOFOLLOW if spot.kernels else LOOK, dir_fd=spot.folder)
        with ExitStack() as refused:
            refused.callback(os.close, handle)
            found = os.fstat(handle)
            self.accept(spot, found)
            self.charge(spot, found, LOOKED)
            refused.pop_all()
        return handle, found

    def charge(self, spot: Spot, found: os.stat_result, units: int) -> int:
        """Charge for what was found at a spot, and return who controls it; raises LimitExceeded where that account has nothing left.

        What stands in a directory of root's alone is looked at in any case: nobody else puts a name there.
        """
        self.at = whose = self.mounted.owner(found.st_dev) or spot.whose(found)
        if spot.folder is not None:
            self.charges.charge(whose, units, spot.place)
        return whose

    def accept(self, spot: Spot, found: os.stat_result) -> None:
        """Raise LimitExceeded where something else stood at a spot before, and Unsupported where a user's link led to what is none of theirs."""
        if spot.guest and found.st_uid != spot.guest:
            raise _not_theirs(spot.place)
        if spot.folder is not None:
            self._same(spot.place, found)

    def _same(self, place: str, found: os.stat_result) -> None:
        seen = (found.st_dev, found.st_ino, found.st_uid)
        if self._seen.setdefault(place, seen) != seen:
            raise _exchanged(place)

    def _find(self, path: str, guest: int) -> Spot:
        """Return the spot that a path names; what stands there may be a link."""
        folder, _, name = path.rpartition("/")
        real = None if guest or name in ("", ".", "..") else self._known.get(folder)
        if real is not None:
            return self._spot(real, None, name)
        return _Walk(self, path, guest).spot()

    def _spot(self, real: str, folder: int | None, name: str, guest: int = 0, owner: int = 0, shared: bool = False) -> Spot:
        place = f"{real}/{name}"
        self.shared(place)
        return Spot(folder, _bytes(place if folder is None else name), place, guest, owner=owner, shared=shared)


class _Walk:
    """One way, name by name: at the directory `real` ("" is /), which is held as `folder` where it is not firm."""

    def __init__(self, paths: Paths, path: str, guest: int) -> None:
        """Stand at /, or at the directory that is held where that is on the way."""
        self.paths, self.path, self.guest, self.links = paths, path, guest, 0
        self.names, self.real, self.folder, self.owner, self.shared = _names(path), "", None, 0, False
        held = paths._held
        if held is not None and not guest and path.startswith(f"{held[0]}/"):
            self.names = _names(path[len(held[0]) :])
            self.real, self.folder, self.owner, self.shared = held
            paths.at = self.owner
        else:
            self._restart()

    def spot(self) -> Spot:
        """Walk, and return the last name, or the directory itself where the path ends with a slash or a dot."""
        whole = self.path.endswith(("/", "/.", "/.."))
        while self.names and (whole or len(self.names) > 1 or self.names[0] == ".."):
            whole = whole or self.names == [".."]
            self._enter(self.names.pop())
        if not self.names:
            name = b"." if self.folder is not None else _bytes(self.real or "/")
            return Spot(self.folder, name, self.real or "/", self.guest, owner=self.owner, shared=self.shared)
        if self.folder is None and not self.guest:
            self.paths._known[self.path.rpartition("/")[0]] = self.real
        return self.paths._spot(self.real, self.folder, self.names[0], self.guest, self.owner, self.shared)

    def _restart(self) -> None:
        self.real, self.folder, self.owner, self.shared = "", None, 0, False
        self.paths.shared("/")
        if "" not in self.paths._firm:
            self._take("", os.open(b"/", FOLDER))

    def _enter(self, name: str) -> None:
        if name == "..":
            self.names += _names(self.real.rpartition("/")[0])
            self._restart()
            return
        child = f"{self.real}/{name}"
        self.paths.shared(child)
        if self.folder is None and child in self.paths._firm:
            self._admit(0, OTHERS_SEARCH if self.paths._firm[child] else 0)
            self.real = child
            return
        place = Spot(self.folder, _bytes(child if self.folder is None else name), child, self.guest, owner=self.owner, shared=self.shared)
        try:
            handle = os.open(place.name, FOLDER, dir_fd=self.folder)
        except NotADirectoryError:
            self._follow(place)
        else:
            self._take(child, handle, place)

    def _take(self, child: str, handle: int, place: Spot = ROOT) -> None:
        """Stand at a directory that was opened; it is held but for one that is firm."""
        kept = False
        try:
            found = os.fstat(handle)
            self._admit(found.st_uid, found.st_mode)
            if self.folder is None and found.st_uid == 0 and not found.st_mode & OTHERS_WRITE:
                self.paths._firm[child] = bool(found.st_mode & OTHERS_SEARCH)
                self.real = child
                return
            owner, shared = self.paths.charge(place, found, LOOKUP), bool(found.st_mode & OTHERS_WRITE)
            if self.folder is not None:
                self.paths._same(child, found)
            self.paths._hold((child, handle, owner, shared))
            self.real, self.folder, self.owner, self.shared, kept = child, handle, owner, shared, True
        finally:
            if not kept:
                os.close(handle)

    def _follow(self, place: Spot) -> None:
        """Follow a link on the way, from now on as a guest of who made it; raise NotADirectoryError for what is no link."""
        handle, found = self.paths.open(place._replace(guest=0))
        try:
            target = read_link(handle, found)
        finally:
            os.close(handle)
        if target is None:
            raise not_a_directory(place.place, found)
        self._admit(found.st_uid, OTHERS_SEARCH)
        self.links += 1
        if self.links > LINKS:
            raise _loop()
        if self.folder is not None:
            self.guest = found.st_uid or self.guest
        self.names += _names(lenient(target))
        if target.startswith(b"/"):
            self._restart()

    def _admit(self, uid: int, mode: int) -> None:
        """Raise Unsupported where a user's link leads through what is neither that user's, nor root's and anybody may search it."""
        if self.guest and uid != self.guest and not (uid == 0 and mode & OTHERS_SEARCH):
            raise _not_theirs(self.path)


def not_a_directory(place: str, found: os.stat_result) -> Exception:
    """Return the error for what could not be entered a moment ago; where it is a directory by now somebody exchanges it, and nothing is known of absence."""
    return _exchanged(place) if stat.S_ISDIR(found.st_mode) else NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))


def _exchanged(place: str) -> LimitExceeded:
    return LimitExceeded(f"{place}: is not what stood there at the first look; it was exchanged meanwhile")


def read_link(handle: int, found: os.stat_result) -> bytes | None:
    """Return where the link that is held points, None where it is none."""
    return os.readlink(b"", dir_fd=handle) if stat.S_ISLNK(found.st_mode) else None


def _names(path: str) -> list[str]:
    return [name for name in reversed(path.split("/")) if name not in ("", ".")]


def _bytes(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")


def _loop() -> OSError:
    return OSError(errno.ELOOP, os.strerror(errno.ELOOP))


def _not_theirs(place: str) -> Unsupported:
    return Unsupported(f"{place}: a link that its user made leads there, and is followed only to what is that user's")
