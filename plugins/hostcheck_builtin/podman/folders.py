"""Where the files lie that Podman is told by: below /usr/share/containers, below /etc/containers, and below .config/containers in a home.

Those of the system and of root's home are read as root's Podman reads them; those of a user only as far as they are that user's own.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, Protocol

from hostcheck.api import ABSENT, Hole, HoleError, Host, LimitExceeded, Why
from hostcheck_builtin.system import account_files, bounds
from hostcheck_builtin.system.home_dir import Folder, Place
from hostcheck_builtin.system.presence import absent_as

VENDOR: Final = "/usr/share/containers"
SYSTEM: Final = "/etc/containers"
OWN: Final = (".config", "containers")
ENDING: Final = ".conf"
File = tuple[str, bytes]
"""A file by its path, and what is in it."""


class Files(Protocol):
    """A directory with such files."""

    @property
    def path(self) -> str:
        """Say where it is."""
        ...

    def file(self, name: str) -> File | None:
        """Return a file, None where there is none."""
        ...

    def drop_ins(self, name: str) -> Iterator[File]:
        """Yield the files that are read from a directory in it, in their order."""
        ...


class RootsFiles:
    """One whose files count for root's Podman."""

    def __init__(self, host: Host, path: str) -> None:
        """Take where it is."""
        self.host, self.path = host, path
        self._seen: dict[str, File | None] = {}

    def file(self, name: str) -> File | None:
        """Return a file, None where there is none, or only a link to nothing; it is read once, whoever asks."""
        if name not in self._seen:
            path = f"{self.path}/{name}"
            self._seen[name] = absent_as(None, lambda: (path, self.host.read_bytes(path, limit=bounds.PODMAN_FILE_BYTES)))
        return self._seen[name]

    def drop_ins(self, name: str) -> Iterator[File]:
        """Yield what is no directory and called *.conf; raises HoleError where the directory is a link, which later versions follow."""
        folder = f"{self.path}/{name}"
        try:
            if self.host.stat(folder, follow=False).type == "link":
                raise HoleError(Hole(why=Why.UNSUPPORTED, message=f"{folder}: a link, which some versions of Podman follow and others do not"))
            names = self.host.list_dir(folder)
        except ABSENT:
            return
        yield from _present(self.file, (f"{name}/{one}" for one in ordered(folder, names, bounds.PODMAN_FILES) if not self._is_directory(f"{folder}/{one}")))

    def _is_directory(self, path: str) -> bool:
        return absent_as(False, lambda: self.host.stat(path, follow=False).type == "dir")


class UsersFiles:
    """One in a user's home, whose files count for that user's Podman."""

    def __init__(self, place: Place) -> None:
        """Take the home that it is in."""
        self.place, self.path = place, "/".join((place.path, *OWN))
        self._bytes = 0
        self._seen: dict[str, list[File]] = {}

    def file(self, name: str) -> File | None:
        """Return a file of the user's, None where there is none."""
        return next(self._once(name, lambda: (self.place.folder(*OWN), [name])), None)

    def drop_ins(self, name: str) -> Iterator[File]:
        """Yield the files of the user's that are called *.conf."""
        return self._once(name, lambda: self._listed(name))

    def _listed(self, name: str) -> tuple[Folder | None, list[str]]:
        folder = self.place.folder(*OWN, name)
        return folder, [] if folder is None else ordered(folder.path, folder.names(), bounds.PODMAN_FILES_OF_A_USER)

    def _once(self, name: str, find: Callable[[], tuple[Folder | None, list[str]]]) -> Iterator[File]:
        """Yield the files that are found, which are read once, whoever asks; raises LimitExceeded where all of the home's are too long together."""
        if name not in self._seen:
            folder, names = find()
            found = (
                []
                if folder is None
                else [(f"{folder.path}/{one}", raw) for one in names if (raw := folder.read(one, bounds.PODMAN_FILE_OF_A_USER)) is not None]
            )
            self._bytes += sum(len(raw) for _, raw in found)
            if self._bytes > bounds.PODMAN_FILES_OF_A_HOME:
                raise LimitExceeded(f"{self.path}: more than {bounds.PODMAN_FILES_OF_A_HOME} bytes in the files of one home")
            self._seen[name] = found
        yield from self._seen[name]

    def holds(self, path: str) -> bool:
        """Say whether a file is in it."""
        return path.startswith(f"{self.path}/")


def _present(read: Callable[[str], File | None], names: Iterable[str]) -> Iterator[File]:
    return (found for name in names if (found := read(name)) is not None)


def ordered(folder: str, names: Iterable[str], most: int) -> list[str]:
    """Return the names that end in .conf in the order of their bytes; raises LimitExceeded where there are too many."""
    found = sorted((name for name in names if name.endswith(ENDING)), key=lambda name: name.encode("utf-8", "surrogateescape"))
    if len(found) > most:
        raise LimitExceeded(f"{folder}: more than {most} files")
    return found


def roots_home(host: Host) -> RootsFiles:
    """Return that of root's home, which root's Podman reads too: the home of the first line of /etc/passwd with uid 0, /root where there is none."""
    users = account_files.users(account_files.text_of(host, "/etc/passwd"))[0].values()
    home = next((user["home"] for user in users if user["uid"] == 0 and user["home"].startswith("/")), "/root")
    return RootsFiles(host, "/".join((home.rstrip("/"), *OWN)))
