"""Which sockets are at a place: real ones, which were renamed, mounted elsewhere, or bound over; and what a table of names adds to that."""

import os
import socket
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from core.test_host_local import plain

from hostcheck.host.answers import UnixSocket
from hostcheck.host.local import LocalHost
from hostcheck.model import Hole, Why
from hostcheck_builtin.system.proc_net_unix import Table
from hostcheck_builtin.system.socket_places import Bound, SocketPlace, bound_at, place_of

__all__ = ["plain"]
PATH = "/run/docker.sock"
HOLE = Hole(why=Why.DENIED, message="no")


def table(*rows: tuple[str, int], network: int = 0) -> Table:
    found = Table()
    found.add("".join(f"0000000000000000: 00000002 00000000 00010000 0001 01 {inode:5} {name}\n" for name, inode in rows), network)
    return found


def listening(stack: ExitStack, path: str) -> int:
    server = stack.enter_context(socket.socket(socket.AF_UNIX))
    server.bind(path)
    server.listen()
    return os.fstat(server.fileno()).st_ino


def at(path: str, asked: str = "") -> Bound:
    seen = os.stat(path)
    return bound_at(Table(), LocalHost().unix_sockets(), SocketPlace(path, asked=asked, dev=seen.st_dev, ino=seen.st_ino, uid=os.geteuid()))


def test_a_socket_is_told_by_its_file_whatever_it_is_called(plain: str) -> None:
    with ExitStack() as stack:
        mine = listening(stack, f"{plain}/one")
        assert at(f"{plain}/one").sure == at(f"{plain}/one").roots == {mine}
        os.rename(f"{plain}/one", f"{plain}/two")
        os.link(f"{plain}/two", f"{plain}/three")
        other = listening(stack, f"{plain}/one")
        for path in (f"{plain}/two", f"{plain}/three"):
            assert at(path).sure == {mine}
        assert (at(f"{plain}/one").sure, at(f"{plain}/one").unsure) == ({other}, {mine})
        Path(plain, "link").symlink_to(plain)
        linked = listening(stack, f"{plain}/link/four")
        assert at(f"{plain}/four").sure == {linked}


def there(rows: Table, listed: list[UnixSocket] | Hole) -> tuple[set[int], set[int], set[int]]:
    found = bound_at(rows, listed, SocketPlace(PATH, dev=24, ino=(7 << 32) + 9))
    return found.sure, found.roots, found.unsure


def one(inode: int = 42, name: str = PATH, **more: Any) -> UnixSocket:
    return UnixSocket(inode=inode, name=name, **{"listening": True, **more})


NOBODY: set[int] = set()


@pytest.mark.parametrize(
    ("rows", "listed", "found"),
    [
        (table(), [], (NOBODY, NOBODY, NOBODY)),
        (table(), [one(listening=False, peer=7)], (NOBODY, NOBODY, NOBODY)),
        (table(), [one(name="@" + PATH)], (NOBODY, NOBODY, NOBODY)),
        (table(), [one(name=PATH + "\n")], (NOBODY, NOBODY, NOBODY)),
        (table(), [one(dev=24, file=9)], ({42}, {42}, NOBODY)),
        (table(), [one(uid=1000)], ({42}, NOBODY, NOBODY)),
        (table(), [one(uid=0)], ({42}, {42}, NOBODY)),
        (table((PATH, 42)), HOLE, ({42}, {42}, NOBODY)),
        (table((PATH, 42), (PATH, 43)), HOLE, ({42, 43}, {42, 43}, NOBODY)),
        (table((PATH, 42), ("@x", 42)), HOLE, (NOBODY, NOBODY, {42})),
        (table((PATH, 42), ("@x", 42)), [one(uid=0)], ({42}, {42}, NOBODY)),
        (table((PATH, 42), ("@x", 42)), [one(42, "\0x")], (NOBODY, NOBODY, NOBODY)),
        (table((PATH, 42)), [one(7, "/run/x")], (NOBODY, NOBODY, {42})),
        (table((PATH, 42)), [one(7, uid=0)], ({7}, {7}, NOBODY)),
        (table(("/var" + PATH, 42)), HOLE, ({42}, {42}, NOBODY)),
        (table((PATH, 42), network=77), [], ({42}, {42}, NOBODY)),
        (table((PATH, 42), network=77), [one(7, uid=0)], ({7, 42}, {7, 42}, NOBODY)),
        (table((PATH, 42), ("@x", 42), network=77), [one(7, uid=0)], ({7}, {7}, {42})),
    ],
)
def test_what_the_list_and_the_table_tell(rows: Table, listed: Any, found: Any) -> None:
    assert there(rows, listed) == found


def test_a_place_is_what_a_probe_states() -> None:
    facts = {"realpath": "/srv/x.sock", "dev": 24, "ino": HOLE}
    assert place_of("/var/run/x.sock", facts, 7) == SocketPlace("/srv/x.sock", asked="/var/run/x.sock", dev=24, ino=0, uid=7)
    assert place_of("/var/run/x.sock", facts).spellings == ["/run/x.sock", "/srv/x.sock", "/var/run/x.sock"]
