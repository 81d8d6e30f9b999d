"""Paths below directories of users: what is exchanged between two looks, and links that users make."""

import ctypes
import gc
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from hostcheck.host import LimitExceeded, Unsupported, attempt, hole_of
from hostcheck.host.local import LocalHost
from hostcheck.model import Hole, Why

pytestmark = pytest.mark.root
DAVE, ALICE = 4004, 4001
EXCHANGE = 2
"""RENAME_EXCHANGE (renameat2(2))."""
AT_FDCWD = -100


@pytest.fixture
def homes() -> Iterator[Path]:
    """Give two homes below directories that are root's alone, each with a file and a socket."""
    place = Path(tempfile.mkdtemp(prefix="hostcheck-paths-", dir="/opt"))
    place.chmod(0o755)
    for name, uid in (("dave", DAVE), ("alice", ALICE)):
        inner = place / name / "sub"
        inner.mkdir(parents=True)
        (inner / "file").write_text(name)
        for one in (place / name, inner, inner / "file"):
            os.chown(one, uid, uid)
    yield place
    shutil.rmtree(place)


def exchange(one: Path, other: Path) -> None:
    """Exchange two names."""
    assert ctypes.CDLL(None, use_errno=True).renameat2(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), EXCHANGE) == 0


def link(place: Path, target: Any, uid: int = DAVE) -> Path:
    """Make a link of a user's."""
    place.symlink_to(target)
    os.lchown(place, uid, uid)
    return place


def listen(path: Path, uid: int) -> socket.socket:
    """Listen at a path as a user's socket does."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    os.chown(path, uid, uid)
    server.listen(8)
    server.setblocking(False)
    return server


def asked(server: socket.socket) -> bool:
    """Say whether anybody connected."""
    with suppress(BlockingIOError):
        server.accept()[0].close()
        return True
    return False


def why(verb: Callable[..., object], *args: Any, **kwargs: Any) -> Why | None:
    """Return the reason of the hole that an answer is."""
    found = attempt(verb, *args, **kwargs)
    return found.why if isinstance(found, Hole) else None


# What was looked at is what is read


def a_link_in_its_place(homes: Path) -> tuple[str, str]:
    exchange(link(homes / "dave/x", homes / "alice/sub"), homes / "dave/sub")
    return f"{homes}/dave/sub", f"{homes}/dave/sub/file"


def another_directory_in_its_place(homes: Path) -> tuple[str, str]:
    (homes / "dave").chmod(0o777)  # one that a group shares: each may exchange what is another's there
    shutil.copytree(homes / "alice/sub", homes / "dave/hers")
    for one in (homes / "dave/hers", homes / "dave/hers/file"):
        os.chown(one, ALICE, ALICE)
    exchange(homes / "dave/hers", homes / "dave/sub")
    return f"{homes}/dave/sub", f"{homes}/dave/sub/file"


def a_hard_link_in_its_place(homes: Path) -> tuple[str, str]:
    os.link(homes / "alice/sub/file", homes / "dave/sub/hers")
    exchange(homes / "dave/sub/hers", homes / "dave/sub/file")
    return f"{homes}/dave/sub/file", f"{homes}/dave/sub/file"


def a_link_for_a_file(homes: Path) -> tuple[str, str]:
    exchange(link(homes / "dave/sub/x", homes / "alice/sub/file"), homes / "dave/sub/file")
    return f"{homes}/dave/sub/file", f"{homes}/dave/sub/file"


def a_mount_of_hers(homes: Path) -> tuple[str, str]:
    subprocess.run(["mount", "--no-mtab", "--bind", homes / "alice/sub", homes / "dave/sub"], check=True)
    return f"{homes}/dave/sub", f"{homes}/dave/sub/file"


@pytest.mark.parametrize(
    "does", [a_link_in_its_place, another_directory_in_its_place, a_hard_link_in_its_place, a_link_for_a_file, a_mount_of_hers], ids=lambda does: does.__name__
)
def test_what_is_exchanged_after_the_first_look_is_not_read(homes: Path, does: Callable[[Path], tuple[str, str]]) -> None:
    host = LocalHost()
    assert host.stat(f"{homes}/dave/sub", follow=False).uid == host.stat(f"{homes}/dave/sub/file", follow=False).uid == DAVE
    host.stat(f"{homes}/alice/sub/file")  # so that the directory that is held is another one
    try:
        _, file = does(homes)
        for follow in (False, True):
            found = attempt(host.read_text, file, follow=follow)
            assert isinstance(found, Hole) and found.why in (Why.LIMIT, Why.UNSUPPORTED, Why.NONSENSE), found
        assert isinstance(attempt(host.stat, file, follow=False), Hole)
    finally:
        subprocess.run(["umount", homes / "dave/sub"], check=False, stderr=subprocess.DEVNULL)


def test_a_directory_that_is_held_is_read_whatever_stands_at_its_name(homes: Path) -> None:
    host = LocalHost()
    assert host.stat(f"{homes}/dave/sub/file", follow=False).uid == DAVE
    exchange(link(homes / "dave/x", homes / "alice/sub"), homes / "dave/sub")
    assert host.read_text(f"{homes}/dave/sub/file", follow=False) == "dave"


def test_a_link_is_read_only_if_it_is_the_one_that_was_looked_at(homes: Path) -> None:
    roots = homes / "dave/sub/link"
    roots.symlink_to("/etc/passwd")
    host = LocalHost()
    assert host.stat(str(roots), follow=False).uid == 0
    exchange(link(homes / "dave/sub/x", homes / "alice"), roots)
    assert why(host.read_link, str(roots)) is Why.LIMIT


def test_what_was_there_and_is_gone_is_absent(homes: Path) -> None:
    host = LocalHost()
    path = homes / "dave/sub/file"
    host.stat(str(path), follow=False)
    path.unlink()
    for verb in (host.read_text, host.stat, host.peer, host.file_capabilities):
        with pytest.raises(FileNotFoundError):
            verb(str(path))
    with pytest.raises(FileNotFoundError):
        host.list_dir(str(path))


def test_each_host_is_a_look_of_its_own(homes: Path) -> None:
    path = homes / "dave/sub/file"
    LocalHost().stat(str(path), follow=False)
    path.rename(homes / "dave/old")
    path.write_text("new")
    assert LocalHost().read_text(str(path)) == "new"


def test_a_directory_that_became_a_link_while_it_was_opened_is_not_absent(homes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is opened as a directory while a link stands there, and looked at as a link while the directory does."""
    real, place = os.open, link(homes / "dave/x", homes / "alice/sub")

    def flips(path: Any, flags: int, **other: Any) -> int:
        if path not in (b"sub",):
            return real(path, flags, **other)
        at = flags & os.O_DIRECTORY
        if bool(at) != os.path.islink(homes / "dave/sub"):
            exchange(place, homes / "dave/sub")
        return real(path, flags, **other)

    monkeypatch.setattr(os, "open", flips)
    with pytest.raises(LimitExceeded, match="exchanged"):
        LocalHost().stat(f"{homes}/dave/sub/file")
    with pytest.raises(LimitExceeded, match="exchanged"):
        LocalHost().list_dir(f"{homes}/dave/sub")


# Connections


def test_a_connection_goes_to_the_socket_that_was_looked_at(homes: Path) -> None:
    theirs, hers = listen(homes / "dave/sub/s", DAVE), listen(homes / "alice/sub/s", ALICE)
    with theirs, hers:
        path = str(homes / "dave/sub/s")
        host = LocalHost()
        assert host.stat(path, follow=False).type == "socket"
        exchange(link(homes / "dave/sub/x", homes / "alice/sub/s"), homes / "dave/sub/s")
        for ask in (host.peer, lambda socket: host.get(socket, "/_ping")):
            assert isinstance(attempt(ask, path), Hole)
        host.ahead(path, "/info")
        assert not asked(hers) and not asked(theirs)


def test_a_connection_goes_to_no_other_socket_of_the_same_user(homes: Path) -> None:
    one, other = listen(homes / "dave/sub/s", DAVE), listen(homes / "dave/sub/t", DAVE)
    with one, other:
        host = LocalHost()
        host.stat(f"{homes}/dave/sub/s", follow=False)
        exchange(homes / "dave/sub/s", homes / "dave/sub/t")
        assert why(host.peer, f"{homes}/dave/sub/s") is Why.LIMIT
        assert not asked(one) and not asked(other)
        assert LocalHost().peer(f"{homes}/dave/sub/s").pid == os.getpid()


def test_a_socket_behind_a_directory_that_became_a_link_is_not_connected_to(homes: Path) -> None:
    theirs, hers = listen(homes / "dave/sub/s", DAVE), listen(homes / "alice/sub/s", ALICE)
    with theirs, hers:
        host = LocalHost()
        assert host.stat(f"{homes}/dave/sub", follow=False).type == "dir"
        exchange(link(homes / "dave/x", homes / "alice/sub"), homes / "dave/sub")
        assert why(host.peer, f"{homes}/dave/sub/s") is Why.LIMIT
        assert not asked(hers)


# Links of users


VERBS = ("read_text", "stat", "list_dir", "peer", "file_capabilities")


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("to", ["/etc/shadow", "/root", "/run", "alice/sub/file", "alice/sub", "/proc/self/environ", "/proc/1/root/etc/shadow"])
def test_a_users_link_tells_of_nobody_else(homes: Path, verb: str, to: str) -> None:
    link(homes / "dave/link", to if to.startswith("/") else homes / to)
    found = attempt(getattr(LocalHost(), verb), f"{homes}/dave/link")
    assert isinstance(found, Hole) and found.why in (Why.DENIED, Why.UNSUPPORTED, Why.NONSENSE), found


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("through", ["/etc", "/root", "/", "alice", "alice/sub", "/proc/1/root/etc"])
def test_a_users_link_in_the_middle_tells_of_nobody_else(homes: Path, verb: str, through: str) -> None:
    link(homes / "dave/link", through if through.startswith("/") else homes / through)
    for name in ("passwd", "shadow", "file", "sub"):
        with suppress(FileNotFoundError):
            assert isinstance(attempt(getattr(LocalHost(), verb), f"{homes}/dave/link/{name}"), Hole), name


def test_behind_a_users_link_a_closed_directory_does_not_tell_what_is_there(homes: Path) -> None:
    (homes / "alice").chmod(0o700)
    link(homes / "dave/link", homes / "alice")
    for name in ("sub", "none"):
        assert why(LocalHost().stat, f"{homes}/dave/link/{name}") is Why.UNSUPPORTED


@pytest.mark.parametrize(("owner", "to"), [(DAVE, "../dave/sub"), (0, "../alice/sub"), (0, "/etc")], ids=["own", "root's", "root's, to the system"])
def test_other_links_are_followed(homes: Path, owner: int, to: str) -> None:
    link(homes / "dave/link", to, owner)
    host, name = LocalHost(), "passwd" if to == "/etc" else "file"
    assert name in host.list_dir(f"{homes}/dave/link")
    assert host.read_text(f"{homes}/dave/link/{name}") and host.stat(f"{homes}/dave/link/{name}").type == "file"
    link(homes / "dave/last", f"link/{name}", owner)
    assert host.read_text(f"{homes}/dave/last") == host.read_text(f"{homes}/dave/link/{name}")


def test_a_link_of_roots_into_a_home_does_not_make_a_users_link_roots(homes: Path) -> None:
    (homes / "unit").symlink_to(homes / "dave/sub/unit")
    link(homes / "dave/sub/unit", "/etc/shadow")
    for follow in (True, False):
        assert isinstance(attempt(LocalHost().read_text, str(homes / "unit"), follow=follow), Hole)
    (homes / "dave/sub/unit").unlink()
    (homes / "dave/sub/unit").write_text("[Unit]\n")
    assert LocalHost().read_text(str(homes / "unit")) == "[Unit]\n"


def test_what_is_roots_in_a_users_directory_is_told(homes: Path) -> None:
    (homes / "dave/sub/roots").write_text("x")
    assert LocalHost().stat(f"{homes}/dave/sub/roots").uid == 0
    assert LocalHost().read_text(f"{homes}/dave/sub/roots") == "x"


@pytest.mark.parametrize("end", ["", "/", "/.", "//", "/../sub", "/../../dave/sub/."])
def test_a_directory_is_the_same_by_every_way_of_writing_it(homes: Path, end: str) -> None:
    host = LocalHost()
    for place in (f"{homes}/dave/sub", "/etc"):
        seen = host.stat(f"{place}{end.replace('sub', os.path.basename(place)).replace('../../dave', '..')}")
        assert (seen.type, seen.ino) == ("dir", os.stat(place).st_ino)
    with pytest.raises(NotADirectoryError):
        host.stat(f"{homes}/dave/sub/file{end or '/'}")


def test_a_loop_of_links_ends(homes: Path) -> None:
    for one, other in (("a", "b"), ("b", "a"), ("c", "c/d")):
        link(homes / f"dave/{one}", other)
    for path in ("dave/a", "dave/a/x", "dave/c/x"):
        hole = attempt(LocalHost().read_text, f"{homes}/{path}")
        assert isinstance(hole, Hole) and "symbolic links" in hole.message


def test_a_link_of_roots_still_leads_where_it_led(homes: Path) -> None:
    """A link in a directory of root's, to one that a user made."""
    link(homes / "dave/there", homes / "dave/sub")
    (homes / "way").symlink_to("dave/there/file")
    assert LocalHost().read_text(f"{homes}/way") == "dave"


def test_at_most_one_directory_stays_open(homes: Path) -> None:
    gc.collect()  # what tests before this one left open
    before = set(os.listdir("/proc/self/fd"))
    host = LocalHost()
    for name in ("dave", "alice", "dave"):
        for path in ("", "/sub", "/sub/file", "/none", "/sub/none/x", "/sub/file/x"):
            for verb in (host.stat, host.read_bytes, host.list_dir, host.read_link, host.peer, host.file_capabilities):
                with suppress(OSError, LimitExceeded, Unsupported):
                    attempt(verb, f"{homes}/{name}{path}")
    assert len(set(os.listdir("/proc/self/fd")) - before) == 1
    del host, verb
    assert set(os.listdir("/proc/self/fd")) == before


SWAPS = """
import ctypes, os, sys
libc = ctypes.CDLL(None)
os.setgroups([]); os.setgid(4004); os.setuid(4004); os.chdir(sys.argv[1] + "/dave")
os.symlink("../alice/sub", "x")
os.symlink("../../alice/sub/s", "sub/x")
print("ready", flush=True)
while True:
    libc.renameat2(-100, b"sub", -100, b"x", 2); libc.renameat2(-100, b"sub", -100, b"x", 2)
    libc.renameat2(-100, b"sub/s", -100, b"sub/x", 2)
"""


def test_however_fast_a_user_exchanges_names_nothing_of_another_is_told(homes: Path) -> None:
    theirs, hers = listen(homes / "dave/sub/s", DAVE), listen(homes / "alice/sub/s", ALICE)
    said = set()
    with theirs, hers, subprocess.Popen([sys.executable, "-c", SWAPS, str(homes)], stdout=subprocess.PIPE, text=True) as dave:
        try:
            assert dave.stdout is not None and dave.stdout.readline() == "ready\n"
            for _ in range(1000):
                host = LocalHost()
                with suppress(FileNotFoundError, NotADirectoryError):
                    folder, file = (attempt(host.stat, f"{homes}/dave/{name}", follow=False) for name in ("sub", "sub/file"))
                    if not isinstance(folder, Hole) and not isinstance(file, Hole) and (folder.uid, file.uid) == (DAVE, DAVE):
                        said.add(str(attempt(host.read_text, f"{homes}/dave/sub/file", follow=False)))
                    found = attempt(host.stat, f"{homes}/dave/sub/s", follow=False)
                    if not isinstance(found, Hole) and found.type == "socket" and found.uid == DAVE:
                        attempt(host.peer, f"{homes}/dave/sub/s")
                assert not asked(hers)
                asked(theirs)
        finally:
            dave.kill()
    assert "dave" in said and "alice" not in said


def test_the_reasons_are_told_in_plain_words(homes: Path) -> None:
    link(homes / "dave/link", "/etc/shadow")
    with pytest.raises(Unsupported) as raised:
        LocalHost().read_text(f"{homes}/dave/link")
    hole = hole_of(raised.value)
    assert hole is not None and hole.message == "/etc/shadow: a link that its user made leads there, and is followed only to what is that user's"
