"""Which sockets are bound to a file: by the kernel's own list, and by its table of names where it has no list, or the socket is in another network.

Any user may bind any name in mounts of his own, and write a row about any socket into the name of another. So a row that is not alone proves nothing, and
neither does it prove that nobody is there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from hostcheck.api import Hole, Json, UnixSocket
from hostcheck_builtin.system import candidates
from hostcheck_builtin.system.proc_net_unix import Table, name_of

FILE = (1 << 32) - 1
"""What the kernel's list tells of the number of a file (struct unix_diag_vfs)."""


class SocketPlace(NamedTuple):
    """A socket in the file system: where it is, by which path it was asked for, device and inode of its file, and the user whose systemd may have bound it."""

    path: str
    asked: str = ""
    dev: int = 0
    ino: int = 0
    uid: int = 0

    @property
    def names(self) -> frozenset[str]:
        """Return the names by which it may have been bound, without /var before /run."""
        return frozenset(candidates.canonical(name) for name in (self.path, self.asked) if name)

    @property
    def spellings(self) -> list[str]:
        """Return the same as a table of names has them."""
        return sorted({*self.names, *(f"/var{name}" for name in self.names if name.startswith("/run/"))})

    def is_file_of(self, socket: UnixSocket) -> bool | None:
        """Say whether a socket is bound to this very file, whatever it is called by now, and wherever it is mounted; None where that is not told."""
        if not (socket.file and self.ino):
            return None
        return socket.file == self.ino & FILE and (socket.dev == self.dev or self.is_named(socket))  # btrfs tells stat(2) other devices

    def is_exactly(self, socket: UnixSocket) -> bool:
        """Say whether a socket is bound to this very file for certain: a user has mounts with any number, and any name in them, but none with this device."""
        return bool(socket.file and self.ino) and (socket.dev, socket.file) == (self.dev, self.ino & FILE)

    def is_named(self, socket: UnixSocket) -> bool:
        """Say whether a socket was bound by one of the names."""
        return candidates.canonical(name_of(socket)) in self.names


@dataclass(slots=True, kw_only=True)
class Bound:
    """The sockets at a place: `sure` are bound there, `roots` of them only by root or by whose systemd it may be, `unsure` are said to be by a row."""

    sure: set[int] = field(default_factory=set)
    roots: set[int] = field(default_factory=set)
    unsure: set[int] = field(default_factory=set)


def place_of(path: str, facts: dict[str, Json], uid: int = 0) -> SocketPlace:
    """Return the place of a socket as a probe states it, that was asked for by `path`."""
    dev, ino = (0 if isinstance(facts[key], Hole) else facts[key] for key in ("dev", "ino"))
    return SocketPlace(path=facts["realpath"], asked=path, dev=dev, ino=ino, uid=uid)


def bound_at(table: Table, listed: list[UnixSocket] | Hole, place: SocketPlace) -> Bound:
    """Return the sockets that listen at a place, or may; of one that was bound to its name, but to another file, it is not known which it is."""
    bound, own = Bound(), [] if isinstance(listed, Hole) else listed
    for one in (one for one in own if one.listening):
        same = place.is_file_of(one)
        if same or (same is None and place.is_named(one)):
            bound.sure.add(one.inode)
            bound.roots |= {one.inode} if same or one.uid in (0, place.uid) else set()
        elif place.is_named(one):
            bound.unsure.add(one.inode)
    passed, found = {one.inode for one in own}, bool(bound.sure)
    for inode, networks in _rows(table, place):
        if inode in passed or (found and networks == {0}):
            continue
        if table.trusts(inode) and (not own or networks != {0}):
            bound.sure.add(inode)
            bound.roots.add(inode)
        else:
            bound.unsure.add(inode)
    return bound


def _rows(table: Table, place: SocketPlace) -> Iterator[tuple[int, set[int]]]:
    """Yield the sockets that the table says are bound to a place, each with the network namespaces whose table says so."""
    for inode in sorted({inode for name in place.spellings for inode in table.inodes.get(name, ())}):
        yield inode, {network for network, names in table.rows[inode].items() if not place.names.isdisjoint(map(candidates.canonical, names))}
