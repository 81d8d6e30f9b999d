"""The verbs by which a probe may read a host; none of them changes it.

Every verb raises what the standard library raises; absence is data, and whatever else stops a reading becomes a `Hole` through `attempt`.
"""

import errno
import os
from collections.abc import Callable, Collection
from enum import Enum
from typing import Final, Literal, ParamSpec, Protocol, TypeVar

from hostcheck.host.answers import (
    Answer,
    AuditRules,
    Demand,
    FileCapabilities,
    Group,
    Peer,
    Process,
    Stat,
    TcpListener,
    TcpSocket,
    UnixSocket,
    User,
    VsockListener,
)
from hostcheck.model import Hole, HoleError, Why

MIB: Final = 1 << 20
P = ParamSpec("P")
T = TypeVar("T")
Takes = Callable[[int], bool]
"""Asked with a uid, whether one more of what is that user's is to be looked at."""
Rights = Literal["group", "owner", "writers"]


def everything(_: int) -> bool:
    """Take all."""
    return True


class Missing(Enum):
    """The default of `missing`: an absent file raises FileNotFoundError."""

    RAISES = "raises"


class Unsupported(Exception):
    """This kind of host cannot answer that question (a recording that was never asked it, a tree without processes)."""


class LimitExceeded(Exception):
    """An answer was larger than the reader allows."""


class Nonsense(Exception):
    """An answer that cannot be what it claims to be (a FIFO for a file, a text that does not parse)."""


class Host(Protocol):
    """What can be read, and never changed.

    Paths are absolute. Files are regular files only, opened without blocking; text is UTF-8 with surrogateescape. On a real machine a link that a user made
    leads to what is that user's only (else Unsupported), and what a user exchanges between two answers of one host is refused (LimitExceeded).
    Raises OSError as the standard library does, TimeoutError, LimitExceeded, Nonsense and Unsupported.
    """

    @property
    def kind(self) -> str:
        """Say what kind of host this is: local, memory or replay."""
        ...

    def read_bytes(self, path: str, *, missing: bytes | Missing = Missing.RAISES, limit: int = MIB, follow: bool = True, parsed: bool = True) -> bytes:
        """Return the content of a regular file of at most `limit` bytes; with `follow` false the last component may not be a symbolic link.

        With `parsed` false it is only compared with something, or hashed: that costs an account a hundredth.
        """
        ...

    def read_text(self, path: str, *, missing: str | Missing = Missing.RAISES, limit: int = MIB, follow: bool = True) -> str:
        """Return the content of a regular file as text."""
        ...

    def stat(self, path: str, *, follow: bool = True) -> Stat:
        """Return type, owner, mode and ACL of `path`."""
        ...

    def list_dir(self, path: str, *, limit: int = 100_000, fair: bool = False) -> list[str]:
        """Return the sorted names in a directory.

        With `fair`, of a directory in which several may write those names are left out whose owners have no room left for them; the list is then `incomplete`.
        """
        ...

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
        """Return the sorted paths, from a directory, of the files that give rights.

        They give whoever runs them the rights of their `group`, with S_ISGID and S_IXGRP of inode(7), or of their `owner`, with S_ISUID or capabilities(7).
        Or they give their `writers` the rights of whoever runs them: they are not root's, or others may write them, which shows in the mode where an ACL
        says so (acl(5)); so may what links lead to that root put there and that lead out of their directory. Looked at are the directory and
        what lies up to `depth` directories below it, but for the `spared` paths, and with `theirs` not for programs in directories that are root's alone.
        `takes` is asked for each directory and each name whether it is to be looked at: with the owner of the directory, where others may write with that
        of the name, and with (uid_t) -1 for a file there that has other names too. `tells` is asked with the owner of each program, and of one that has
        other names too as `takes` was. With `reachable` directories below it are left out that only root may enter; with a `part` of N it takes at most the
        Nth part of the time that the probe has left. Raises LimitExceeded where the directory has more than `limit` names; a directory below it that cannot be
        looked through leaves the answer `incomplete`.
        """
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
        """Return the unix sockets of the scanner's network namespace that have a name and listen or are connected, but to the scan itself, by inode."""
        ...

    def tcp_listeners(self, ports: Collection[int], pid: int = 0) -> list[TcpListener]:
        """Return who listens on one of these TCP ports, in the scanner's network namespace or in that of process `pid`."""
        ...

    def tcp_sockets(self, ports: Collection[int], *, uid: int | None = None) -> list[TcpSocket]:
        """Return the sockets of the scanner's network namespace that listen on one of these TCP ports, by port, without asking who holds them.

        With `uid` these are the sockets that this user made, on any port.

        Raises Unsupported where a module of the kernel would have to be loaded for it: then /proc/net/tcp tells the same.
        """
        ...

    def tcp_demand(self, address: str, port: int, *, timeout: float = 2.0) -> Demand:
        """Connect to a loopback address in the scanner's network namespace, and return what who listens there asks of clients: TLS, a certificate.

        Raises Unsupported for any other address, ConnectionRefusedError where nobody listens, TimeoutError after `timeout` seconds in all, Nonsense
        where neither HTTP nor TLS is spoken.
        """
        ...

    def vsock_listeners(self) -> list[VsockListener]:
        """Return the sockets of the scanner's network namespace that listen on vsock, by port."""
        ...

    def audit_rules(self) -> AuditRules:
        """Return what the kernel records by its audit rules; raises FileNotFoundError where it has no audit, PermissionError where others may not ask."""
        ...

    def holders(self, inodes: Collection[int], pids: Collection[int]) -> list[int]:
        """Return which of these processes hold one of these sockets, sorted; raises PermissionError where one may not be asked, as those of others."""
        ...

    def account(self, uid: int) -> int:
        """Return the uid of the account that is charged for what a uid has laid, 0 for the system's, -1 where nobody knows whose it is.

        Subordinate ids are their owner's. Nothing is noted, and nothing refused.
        """
        ...

    def recall(self, path: str, found: Stat) -> None:
        """Charge for what is remembered of a path as for a look at it: who uses it again states it again. Raises LimitExceeded as `stat` does."""
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

    def user(self, key: int | str) -> User:
        """Return the user whom the name service has under a uid or a name (getpwuid(3)), listed or not; raises FileNotFoundError where it tells of none."""
        ...

    def group(self, key: int | str) -> Group:
        """Return the group that the name service has under a gid or a name (getgrgid(3)), listed or not; raises FileNotFoundError where it tells of none."""
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
    return None if why is None else Hole(why=why, message=_message(error), owners=owners_of(error))


def owned(error: BaseException, uid: int) -> None:
    """Note that an error is about nothing but what one account has laid; the first to note it knows best."""
    if not getattr(error, "owners", ()):
        error.owners = (uid,)  # type: ignore[attr-defined]


def owners_of(error: BaseException) -> tuple[int, ...]:
    """Return whose things alone an error is about, by uid; nothing where it may be about anybody's."""
    owners: tuple[int, ...] = getattr(error, "owners", ())
    return owners


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


def utf8(name: str) -> str:
    """Return a name that `os` gave, which decodes by the locale, as `lenient` would have decoded it."""
    return name if name.isascii() else lenient(os.fsencode(name))
