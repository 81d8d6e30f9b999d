"""The verbs by which a probe may read a host; none of them changes it.

Every verb raises what the standard library raises; absence is data, and whatever else stops a reading becomes a `Hole` through `attempt`.
"""

import errno
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import Enum
from typing import Final, ParamSpec, Protocol, TypeVar

from hostcheck.model import Hole, HoleError, Why

MIB: Final = 1 << 20
P = ParamSpec("P")
T = TypeVar("T")


class Missing(Enum):
    """The default of `missing`: an absent file raises FileNotFoundError."""

    RAISES = "raises"


class Unsupported(Exception):
    """This kind of host cannot answer that question (a recording that was never asked it, a tree without processes)."""


class LimitExceeded(Exception):
    """An answer was larger than the reader allows."""


class Nonsense(Exception):
    """An answer that cannot be what it claims to be (a FIFO for a file, a text that does not parse)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AclEntry:
    """One entry of a POSIX access ACL (acl(5)).

    `tag` is user_obj user group_obj group mask other; `id` is -1 but for user and group; `perms` is the sum of 4 r, 2 w, 1 x.
    """

    tag: str
    id: int
    perms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stat:
    """What stat(2) says, and the access ACL.

    `type` is file dir link socket fifo char block; `mode` has the twelve permission bits; `acl` is empty where there is none beyond the mode.
    """

    type: str
    uid: int
    gid: int
    mode: int
    size: int = 0
    dev: int = 0
    ino: int = 0
    acl: tuple[AclEntry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCapabilities:
    """What executing a file gives by its capabilities (capabilities(7)); `revision` is 0 where it has none.

    `permitted` and `inheritable` are masks; `rootid` is the uid of the root of the user namespace in which they hold, 0 for the host's.
    """

    revision: int = 0
    permitted: int = 0
    inheritable: int = 0
    effective: bool = False
    rootid: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Who listens on a socket: SO_PEERCRED of unix(7), the credentials of the process at the time it called listen(2)."""

    pid: int
    uid: int
    gid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnixSocket:
    """One unix socket that has a name and listens, or is connected: mostly the end that was accepted, which has the name of the one that listens.

    `name` is the path as it was bound, or begins with NUL where it is abstract (unix(7)); `peer` is the inode of the other end, 0 where there is none;
    `uid` owns it: who made it, or accepted the connection; -1 where the kernel does not tell (before Linux 5.3).
    """

    inode: int
    name: str
    listening: bool = False
    peer: int = 0
    uid: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpListener:
    """One socket that listens on TCP, and a process that holds it; None where no process that may be asked does.

    `address` is written as inet_ntop(3) does. `inode` is that of the socket, and `started` when the process began, as in `Process`: both are 0 where
    `pid` is None. `network` is 0 in the scanner's own network namespace, else that of `Process`.
    """

    address: str
    port: int
    pid: int | None = None
    inode: int = 0
    started: int = 0
    network: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class VsockListener:
    """One socket that listens on vsock(7), by which virtual machines and their host reach each other; `cid` is 4294967295 for any address."""

    cid: int
    port: int
    inode: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an HTTP server on a unix socket said to one GET, and who it is.

    `server` and `libpod` are the headers Server and Libpod-Api-Version, "" where it sent none; `pid` and `uid` are those of SO_PEERCRED on the very
    connection that was answered on, so that they hold even where the socket was replaced a moment ago.
    """

    status: int
    body: bytes
    pid: int
    uid: int
    server: str = ""
    libpod: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One living process, by /proc/PID/status (proc_pid_status(5)).

    `exe` is "" where it cannot be read or there is none (kernel threads); `host_mounts` says whether it lives in the mount namespace of
    process 1 (or, where that is out of reach, in the scanner's own), and is None where that cannot be told; `cap_effective` and `cap_permitted` are masks.
    `mounts` names the mount namespace, "" where that is denied; `user_view` says whether a user can have made what it sees of the file system (in a user
    namespace, where he may mount and chroot), None where that cannot be told. A thread with other credentials than its process stands beside it.
    A `lost` one, of which nothing else is told, stands for what ended before it could be read, again and again, and whatever came after it.
    `network` names the network namespace of a program that root alone runs: the inode of its /proc/PID/net/unix, 0 where that is the scanner's own, None where
    that cannot be told. `started` is told of one process that is asked for: when it began, in ticks since boot (proc_pid_stat(5)), as a pid may be used again.
    """

    pid: int
    ppid: int
    name: str
    uids: tuple[int, int, int, int]
    gids: tuple[int, int, int, int]
    groups: tuple[int, ...]
    cap_effective: int
    exe: str = ""
    host_mounts: bool | None = None
    cap_permitted: int = 0
    mounts: str = ""
    user_view: bool | None = None
    lost: bool = False
    network: int | None = 0
    started: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """One entry of the user database, passwd(5), without its password."""

    name: str
    uid: int
    gid: int
    home: str
    shell: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One entry of the group database, group(5), without its password."""

    name: str
    gid: int
    members: tuple[str, ...]


class Host(Protocol):
    """What can be read, and never changed.

    Paths are absolute. Files are regular files only, opened without blocking; text is UTF-8 with surrogateescape.
    Raises OSError as the standard library does, TimeoutError, LimitExceeded, Nonsense and Unsupported.
    """

    @property
    def kind(self) -> str:
        """Say what kind of host this is: local, memory or replay."""
        ...

    def read_bytes(self, path: str, *, missing: bytes | Missing = Missing.RAISES, limit: int = MIB, follow: bool = True) -> bytes:
        """Return the content of a regular file of at most `limit` bytes; with `follow` false the last component may not be a symbolic link."""
        ...

    def read_text(self, path: str, *, missing: str | Missing = Missing.RAISES, limit: int = MIB, follow: bool = True) -> str:
        """Return the content of a regular file as text."""
        ...

    def stat(self, path: str, *, follow: bool = True) -> Stat:
        """Return type, owner, mode and ACL of `path`."""
        ...

    def list_dir(self, path: str, *, limit: int = 100_000) -> list[str]:
        """Return the sorted names in a directory."""
        ...

    def read_link(self, path: str) -> str:
        """Return where a symbolic link points."""
        ...

    def file_capabilities(self, path: str) -> FileCapabilities:
        """Return the capabilities of a file, those of revision 0 where it has none or its file system keeps none."""
        ...

    def peer(self, path: str, *, timeout: float = 1.0) -> Peer:
        """Connect to a unix stream socket, send nothing, and return who listens there."""
        ...

    def get(self, socket: str, path: str, *, timeout: float = 5.0, limit: int = MIB) -> Answer:
        """Send one GET over HTTP/1.1 to a unix socket and return the answer, whatever its status; no redirect is followed.

        Raises ConnectionRefusedError where nobody listens, TimeoutError after `timeout` seconds in all, LimitExceeded where the body is larger than
        `limit`, Nonsense where the answer is not HTTP, is cut short, or contradicts itself.
        """
        ...

    def ahead(self, socket: str, path: str) -> None:
        """Send a request that `get` will be asked for later, if that can be done without waiting; say nothing, whatever comes of it."""
        ...

    def unix_sockets(self) -> list[UnixSocket]:
        """Return the unix sockets of the scanner's network namespace that have a name and listen or are connected, by inode."""
        ...

    def tcp_listeners(self, ports: Collection[int], pid: int = 0) -> list[TcpListener]:
        """Return who listens on one of these TCP ports, in the scanner's network namespace or in that of process `pid`."""
        ...

    def vsock_listeners(self) -> list[VsockListener]:
        """Return the sockets of the scanner's network namespace that listen on vsock, by port."""
        ...

    def holders(self, inodes: Collection[int], pids: Collection[int]) -> list[int]:
        """Return which of these processes hold one of these sockets, sorted; raises PermissionError where one may not be asked, as those of others."""
        ...

    def processes(self) -> list[Process]:
        """Return the processes that can be seen, by pid; those that end meanwhile are left out, or `lost`."""
        ...

    def process(self, pid: int) -> Process:
        """Return one process with its `exe`; raises ProcessLookupError where it is gone, PermissionError where its exe cannot be read."""
        ...

    def users(self) -> list[User]:
        """Return every user that the name service enumerates, in its order."""
        ...

    def groups(self) -> list[Group]:
        """Return every group that the name service enumerates, in its order."""
        ...

    def group_ids(self, name: str, gid: int) -> list[int]:
        """Return the ids of every group that the name service gives user `name` with primary group `gid` (getgrouplist(3)), sorted."""
        ...


ABSENT = (FileNotFoundError, NotADirectoryError, ProcessLookupError)
"""What says that a thing is not there: knowledge, never a hole."""

_DENIED = frozenset({errno.EACCES, errno.EPERM})
_LIMITS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EFBIG, errno.ENAMETOOLONG, errno.ENOBUFS})
_UNSUPPORTED = frozenset({errno.ENOSYS, errno.EOPNOTSUPP, errno.EPROTONOSUPPORT, errno.EAFNOSUPPORT})


def hole_of(error: BaseException) -> Hole | None:
    """Return the hole that `error` leaves in the facts, or None where it is an absence or a mistake in the code that raised it."""
    if isinstance(error, HoleError):
        return error.hole
    if isinstance(error, ABSENT):
        return None
    why = _why(error)
    return None if why is None else Hole(why=why, message=_message(error))


def _why(error: BaseException) -> Why | None:
    if isinstance(error, TimeoutError):
        return Why.TIMEOUT
    if isinstance(error, LimitExceeded | MemoryError):
        return Why.LIMIT
    if isinstance(error, Unsupported):
        return Why.UNSUPPORTED
    if isinstance(error, Nonsense):
        return Why.NONSENSE
    if not isinstance(error, OSError):
        return None
    if error.errno in _DENIED:
        return Why.DENIED
    if error.errno in _LIMITS:
        return Why.LIMIT
    return Why.UNSUPPORTED if error.errno in _UNSUPPORTED else Why.NONSENSE


def _message(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror}"
    return str(error) or type(error).__name__


def attempt(verb: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | Hole:
    """Call `verb` and return its answer, or the `Hole` that stands for it where the host would not or could not give it; absence is raised."""
    try:
        return verb(*args, **kwargs)
    except (OSError, Unsupported, LimitExceeded, Nonsense, HoleError, MemoryError) as error:
        hole = hole_of(error)
        if hole is None:
            raise
        return hole


def lenient(text: bytes) -> str:
    """Decode what a host gave as UTF-8, keeping every byte that is not (surrogateescape)."""
    return text.decode("utf-8", "surrogateescape")
