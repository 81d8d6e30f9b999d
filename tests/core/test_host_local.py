"""This machine, with real files, sockets and processes planted in it."""

import ctypes
import errno
import fcntl
import os
import pwd
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

import hostcheck
from hostcheck.host import Host, LimitExceeded, Nonsense, Unsupported, attempt, hole_of, namespaces, processes
from hostcheck.host.acl import parse as parse_acl
from hostcheck.host.answers import AclEntry, Peer, Stat
from hostcheck.host.local import LocalHost
from hostcheck.host.memory import MemoryHost
from hostcheck.host.program_search import NOBODY
from hostcheck.model import OpenArray

HOST: Host = LocalHost()
STRANGER = 65534
GIB = 1 << 30
ROOT = os.geteuid() == 0


@pytest.fixture
def plain() -> Iterator[str]:
    """Give a short folder that anybody may enter, where pytest's own is 0700."""
    folder = tempfile.mkdtemp(prefix="hc")
    os.chmod(folder, 0o755)
    yield folder
    for place, folders, _ in os.walk(folder):
        for name in folders:
            os.chmod(os.path.join(place, name), 0o700)
    shutil.rmtree(folder)


def as_stranger(ask: Callable[[], object]) -> str:
    """Ask in a child as a user who owns nothing here, and return what came of it; without root, as whoever this is."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if ROOT:
                os.setgroups([])
                os.setgid(STRANGER)
                os.setuid(STRANGER)
            try:
                said = repr(ask())
            except Exception as error:
                said = f"{type(error).__name__}: {error}"
            os.write(writing, said.encode())
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading, encoding="utf-8") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said


@contextmanager
def living(prepare: Callable[[], object] = lambda: None) -> Iterator[int]:
    """Keep a child alive that has done `prepare`."""
    ready, told = os.pipe()
    wait, release = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(release)
            prepare()
            os.write(told, b"x")
            os.read(wait, 1)
        finally:
            os._exit(0)
    os.close(told)
    try:
        assert os.read(ready, 1) == b"x"
        yield child
    finally:
        for handle in (ready, wait, release):
            os.close(handle)
        os.waitpid(child, 0)


@contextmanager
def listening(path: str, kind: int = socket.SOCK_STREAM, backlog: int = 5) -> Iterator[socket.socket]:
    """Listen at `path`, however long it is."""
    with socket.socket(socket.AF_UNIX, kind) as server:
        folder, name = os.path.split(path)
        look = os.open(folder, os.O_PATH)
        server.bind(f"/proc/self/fd/{look}/s")
        os.rename("s", name, src_dir_fd=look, dst_dir_fd=look)
        os.close(look)
        if kind != socket.SOCK_DGRAM:
            server.listen(backlog)
        yield server


# Files


@pytest.mark.parametrize("content", [b"", b"root:x:0:0\n", b"a\0b", b"\xff\xfe\x00", "naïve\r\n".encode(), b"x" * 200_000])
def test_a_file_is_read_byte_for_byte(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert HOST.read_bytes(str(path)) == content
    assert HOST.read_text(str(path), follow=False).encode("utf-8", "surrogateescape") == content


def test_files_of_the_kernel_are_read_whatever_size_they_claim() -> None:
    assert HOST.read_text("/proc/self/status").startswith("Name:\t")
    assert HOST.read_text("/proc/sys/kernel/ostype") == "Linux\n"
    assert HOST.read_text("/proc/net/unix").startswith("Num ")
    assert HOST.stat("/proc/net", follow=False).type == "link"


def test_an_absent_file_is_absent_and_a_given_value_stands_for_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "dangling").symlink_to("nothing")
    for name in ("none", "file/below", "dangling", "none/below"):
        path = str(tmp_path / name)
        with pytest.raises((FileNotFoundError, NotADirectoryError)) as raised:
            HOST.read_bytes(path)
        assert raised.value.filename == path
        assert HOST.read_bytes(path, missing=b"-") == b"-"
        assert HOST.read_text(path, missing="\udcff") == "\udcff"
    with pytest.raises(FileNotFoundError):
        HOST.read_text(f"/proc/{dead()}/status")


@pytest.mark.parametrize("kind", ["fifo", "char", "dir", "socket"])
@pytest.mark.parametrize("through_link", [False, True])
def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path, kind: str, through_link: bool) -> None:
    path = str(tmp_path / "thing")
    with ExitStack() as stack:
        if kind == "fifo":
            os.mkfifo(path)
        elif kind == "dir":
            os.mkdir(path)
        elif kind == "socket":
            stack.enter_context(listening(path))
        else:
            path = "/dev/zero"
        if through_link:
            (tmp_path / "link").symlink_to(path)
            path = str(tmp_path / "link")
        with pytest.raises(Nonsense, match=f"^{re.escape(path)}: not a regular file \\({kind}\\)$"):
            HOST.read_bytes(path, missing=b"")


def test_a_loop_of_links_and_a_link_not_to_be_followed_say_eloop(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    (tmp_path / "c").symlink_to("/etc/passwd")
    for name, follow in (("a", True), ("a", False), ("c", False)):
        with pytest.raises(OSError) as raised:
            HOST.read_text(str(tmp_path / name), missing="", follow=follow)
        assert (raised.value.errno, raised.value.filename) == (errno.ELOOP, str(tmp_path / name))


def test_a_file_of_just_the_limit_is_read_and_a_larger_one_is_not(tmp_path: Path) -> None:
    path, huge = tmp_path / "file", tmp_path / "sparse"
    path.write_bytes(b"x" * 10)
    assert HOST.read_bytes(str(path), limit=10) == b"x" * 10
    with pytest.raises(LimitExceeded, match=f"^{re.escape(str(path))}: more than 9 bytes$"):
        HOST.read_text(str(path), limit=9, missing="")
    huge.touch()
    os.truncate(huge, 5 * GIB)
    with pytest.raises(LimitExceeded, match="sparse: more than 1048576 bytes"):
        HOST.read_bytes(str(huge))


def test_a_file_that_grows_as_it_is_read_ends_at_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, read = tmp_path / "log", os.read
    path.write_bytes(b"x" * 100)

    def grow(handle: int, size: int) -> bytes:
        with path.open("ab") as file:
            file.write(b"x" * 70_000)
        return read(handle, size)

    monkeypatch.setattr(os, "read", grow)
    with pytest.raises(LimitExceeded):
        HOST.read_bytes(str(path))


def test_a_file_swapped_for_a_fifo_after_it_was_looked_at_is_still_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, fstat = tmp_path / "file", os.fstat
    path.write_text("was here")

    def swap(handle: int) -> os.stat_result:
        found = fstat(handle)
        if path.is_file() and stat.S_ISREG(found.st_mode):
            path.unlink()
            os.mkfifo(path)
        return found

    monkeypatch.setattr(os, "fstat", swap)
    assert HOST.read_text(str(path)) == "was here"
    assert path.is_fifo()


def test_where_proc_is_not_mounted_files_are_read_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("text")
    os.mkfifo(tmp_path / "fifo")
    real = os.open

    def without_proc(path: Any, flags: int, **other: Any) -> int:
        if os.fsencode(path).startswith(b"/proc/"):
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", path)
        return real(path, flags, **other)

    monkeypatch.setattr(os, "open", without_proc)
    assert HOST.read_text(str(tmp_path / "file")) == "text"
    with pytest.raises(Nonsense):
        HOST.read_text(str(tmp_path / "fifo"))


def test_a_file_under_a_lease_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "leased"
    path.touch()
    before = signal.signal(signal.SIGIO, signal.SIG_IGN)
    try:
        with path.open("w") as file:
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
            with pytest.raises(TimeoutError) as raised:
                HOST.read_text(str(path))
            assert raised.value.filename == str(path)
    finally:
        signal.signal(signal.SIGIO, before)


@pytest.mark.parametrize("path", ["etc/passwd", "", "/etc/pass\0wd", "/etc/\ud800", "@abstract", "\0abstract"])
def test_what_is_no_absolute_path_is_nonsense_to_every_verb(path: str) -> None:
    for verb in (HOST.read_bytes, HOST.read_text, HOST.stat, HOST.list_dir, HOST.read_link, HOST.peer):
        with pytest.raises(Nonsense):
            verb(path)


def test_denial_is_never_taken_for_absence(plain: str) -> None:
    os.mkdir(f"{plain}/shut")
    for path in (f"{plain}/shut/file", f"{plain}/secret"):
        Path(path).write_text("secret")
        os.chmod(path, 0)
    os.chmod(f"{plain}/shut", 0)
    assert "Permission denied: '" + f"{plain}/secret'" in as_stranger(lambda: HOST.read_text(f"{plain}/secret", missing=""))
    for name in ("file", "none"):
        for verb in (HOST.read_text, HOST.stat, HOST.list_dir, HOST.read_link, HOST.peer):
            assert as_stranger(lambda verb=verb, name=name: verb(f"{plain}/shut/{name}")) == (  # type: ignore[misc]
                f"PermissionError: [Errno 13] Permission denied: '{plain}/shut/{name}'"
            )
    assert as_stranger(lambda: HOST.list_dir(f"{plain}/shut")).startswith("PermissionError")
    assert as_stranger(lambda: HOST.stat(f"{plain}/shut").type) == "'dir'"


# Names


NAMES = [b"plain", b"new\nline", b"\x1b[31mred", b"caf\xe9", "ünï".encode(), "\u202e".encode(), b"x" * 255, b" "]


def test_programs_that_give_their_group_are_told_apart(tmp_path: Path) -> None:
    """Alike by a host in memory; not directories, where the bit means something else, and no links."""
    modes = {"a": 0o2755, "b": 0o2710, "c": 0o2745, "d": 0o4755, "e": 0o0755, "z\udcff": 0o2777}
    for name, mode in modes.items():
        (tmp_path / name).touch()
        (tmp_path / name).chmod(mode)
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder").chmod(0o2777)
    for name in ("folder/deep", "spared"):
        (tmp_path / name).mkdir()
    inner = [f"{name}/p" for name in ("folder", "folder/deep", "spared")]
    for name in inner:
        (tmp_path / name).touch()
        (tmp_path / name).chmod(0o2755)
    (tmp_path / "way").symlink_to("spared")
    seen = (*HOST.list_dir(str(tmp_path)), "folder/deep", *inner)
    stats = {f"/x/{name}": HOST.stat(f"{tmp_path}/{name}", follow=False) for name in seen if name not in ("link", "way")}
    memory = MemoryHost({f"/x/{name}": "" for name in (*modes, *inner)}, links={"/x/link": "a", "/x/way": "spared"}, stats={**stats})
    for host, place in ((HOST, str(tmp_path)), (memory, "/x")):
        assert host.privileged_programs(place, "group") == ["a", "b", "z\udcff"]
        assert host.privileged_programs(place, "group", depth=1) == ["a", "b", "folder/p", "spared/p", "z\udcff"]
        assert host.privileged_programs(place, "group", depth=2, spared={f"{place}/spared"}) == ["a", "b", "folder/deep/p", "folder/p", "z\udcff"]
        asked: list[int] = []
        host.privileged_programs(place, "group", depth=2, takes=lambda uid, told=asked: not told.append(uid))  # type: ignore[misc]
        assert asked == [os.getuid()] * (4 + 14)  # each directory, and each name
        left = iter([True] * 14)
        assert host.privileged_programs(place, "group", depth=2, takes=lambda _, left=left: next(left, False)) == ["a", "b", "folder/p", "z\udcff"]  # type: ignore[misc]
        with pytest.raises(LimitExceeded):
            host.privileged_programs(place, "group", limit=2)
        with pytest.raises(NotADirectoryError):
            host.privileged_programs(f"{place}/a", "group")
        with pytest.raises(FileNotFoundError):
            host.privileged_programs(f"{place}/none", "group")


def test_programs_that_give_their_owner_are_told_apart(tmp_path: Path) -> None:
    """Alike by a host in memory; not what nobody may execute, no directories and no links."""
    modes = {"a": 0o4755, "b": 0o4700, "c": 0o4644, "d": 0o2755, "e": 0o0755, "f": 0o4010, "g": 0o6001}
    (tmp_path / "folder").mkdir()
    for name, mode in {**modes, "folder/p": 0o4755}.items():
        (tmp_path / name).touch()
        (tmp_path / name).chmod(mode)
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "folder").chmod(0o4777)
    stats = {f"/x/{name}": HOST.stat(f"{tmp_path}/{name}", follow=False) for name in (*modes, "folder", "folder/p")}
    memory = MemoryHost({f"/x/{name}": "" for name in (*modes, "folder/p")}, links={"/x/link": "a"}, stats={**stats})
    for host, place in ((HOST, str(tmp_path)), (memory, "/x")):
        assert host.privileged_programs(place, "owner") == ["a", "b", "f", "g"]
        assert host.privileged_programs(place, "owner", depth=1) == ["a", "b", "f", "folder/p", "g"]
        assert host.privileged_programs(place, "owner", depth=1, spared={f"{place}/folder"}, tells=lambda _: False) == []
        with pytest.raises(LimitExceeded):
            host.privileged_programs(place, "owner", limit=2)
        with pytest.raises(FileNotFoundError):
            host.privileged_programs(f"{place}/none", "owner")


@pytest.mark.root
@pytest.mark.parametrize(("shared", "whose_links"), [(0o755, ["out", "theirs"]), (0o775, ["out"])])
def test_programs_that_somebody_but_root_may_write_are_told_with_links_that_root_put_there(tmp_path: Path, shared: int, whose_links: list[str]) -> None:
    """Alike by a host in memory; not a link that leads to a name beside it, or one of a user's where users may put it."""
    whose = {"a": (STRANGER, 0o644), "b": (0, 0o757), "c": (0, 0o770), "d": (0, 0o666), "e": (0, 0o755), "folder": (STRANGER, 0o777)}
    (tmp_path / "folder").mkdir()
    for name, (uid, mode) in whose.items():
        (tmp_path / name).touch()
        os.chown(tmp_path / name, uid, 0)
        (tmp_path / name).chmod(mode)
    links = {"out": "../a", "beside": "a", "theirs": "/a"}
    for name, target in links.items():
        (tmp_path / name).symlink_to(target)
    os.chown(tmp_path / "theirs", STRANGER, 0, follow_symlinks=False)
    tmp_path.chmod(shared)
    stats = {f"/x/{name}": HOST.stat(f"{tmp_path}/{name}", follow=False) for name in (*whose, *links)} | {"/x": HOST.stat(str(tmp_path))}
    memory = MemoryHost({f"/x/{name}": "" for name in whose if name != "folder"}, links={f"/x/{name}": to for name, to in links.items()}, stats=stats)
    for host, place in ((HOST, str(tmp_path)), (memory, "/x")):
        told: list[int] = []
        assert host.privileged_programs(place, "writers", tells=lambda uid, told=told: not told.append(uid)) == ["a", "b", "c", *whose_links]  # type: ignore[misc]
        assert sorted(told) == [0, 0, 0, *[STRANGER] * len(whose_links)]


@pytest.mark.root
def test_programs_with_capabilities_give_them_however_they_are_called(tmp_path: Path) -> None:
    """Also under a name that is no UTF-8; and not where nobody may execute it."""
    given = b"\x01\x00\x00\x02" + (1 << 7).to_bytes(4, "little") + bytes(12)
    for name, mode in ((b"a", 0o755), (b"b", 0o644), (b"c\xff", 0o700), (b"d", 0o755)):
        path = os.fsencode(tmp_path) + b"/" + name
        os.close(os.open(path, os.O_CREAT))
        os.chmod(path, mode)
        if name != b"d":
            os.setxattr(path, "security.capability", given)
    assert HOST.privileged_programs(str(tmp_path), "owner") == ["a", "c\udcff"]
    assert HOST.file_capabilities(f"{tmp_path}/a").permitted == 1 << 7
    memory = MemoryHost({"/x/a": "", "/x/d": ""}, stats={"/x/a": HOST.stat(f"{tmp_path}/a")}, capabilities={"/x/a": HOST.file_capabilities(f"{tmp_path}/a")})
    assert memory.privileged_programs("/x", "owner") == ["a"]


@pytest.mark.root
def test_a_second_name_of_a_program_counts_for_whose_the_directory_is(tmp_path: Path) -> None:
    """Else a user gives /usr/bin/su so many names that no program is told any more."""
    for name in ("a", "c"):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(0o4755)
    os.link(tmp_path / "a", tmp_path / "b")
    for mode, uid, asked in ((0o755, STRANGER, [0, STRANGER, STRANGER]), (0o1777, STRANGER, [0, NOBODY, NOBODY]), (0o755, 0, [0, 0, 0])):
        os.chown(tmp_path, uid, uid)
        tmp_path.chmod(mode)
        told: list[int] = []
        LocalHost().privileged_programs(str(tmp_path), "owner", tells=lambda uid, told=told: not told.append(uid))  # type: ignore[misc]
        assert sorted(told) == asked


def test_a_file_system_without_attributes_gives_no_capabilities(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").touch(0o755)

    def refuse(number: int) -> Any:
        return lambda *_, **__: (_ for _ in ()).throw(OSError(number, os.strerror(number)))

    monkeypatch.setattr(os, "listxattr", refuse(errno.EOPNOTSUPP))
    assert HOST.privileged_programs(str(tmp_path), "owner") == []
    monkeypatch.setattr(os, "listxattr", refuse(errno.EACCES))
    with pytest.raises(PermissionError):
        HOST.privileged_programs(str(tmp_path), "owner")
    monkeypatch.setattr(os, "listxattr", refuse(errno.ENOENT))
    assert HOST.privileged_programs(str(tmp_path), "owner") == []
    monkeypatch.setattr(os.path, "isdir", lambda _: False)
    with pytest.raises(Unsupported):
        HOST.privileged_programs(str(tmp_path), "owner")


@pytest.mark.root
def test_where_others_may_write_a_name_counts_for_its_owner(tmp_path: Path) -> None:
    """Else one user fills another's directory, and takes the results of that one's programs away."""
    for name, uid in (("a", 0), ("b", STRANGER), ("c", 0)):
        (tmp_path / name).touch()
        os.chown(tmp_path / name, uid, uid)
        (tmp_path / name).chmod(0o2755)
    for owner, mode, asked, names in (
        (0, 0o755, [0] * 4, ["a", "b", "c"]),
        (0, 0o1777, [0, 0, 0, STRANGER], ["a", "c"]),
        (0, 0o775, [0, 0, 0, STRANGER], ["a", "c"]),
        (7, 0o777, [0, 0, 7, STRANGER], ["a", "c"]),
        (7, 0o775, [0, 0, 7, STRANGER], ["a", "c"]),
        (7, 0o755, [7] * 4, ["a", "b", "c"]),
    ):
        os.chown(tmp_path, owner, owner)
        tmp_path.chmod(mode)
        local = LocalHost()
        stats = {"/x": local.stat(str(tmp_path)), **{f"/x/{name}": local.stat(f"{tmp_path}/{name}") for name in "abc"}}
        for host, place in ((local, str(tmp_path)), (MemoryHost({f"/x/{name}": "" for name in "abc"}, stats=stats), "/x")):
            told: list[int] = []
            assert host.privileged_programs(place, "group", takes=lambda uid, told=told: not told.append(uid) and uid != STRANGER) == names  # type: ignore[misc]
            assert sorted(told) == asked


@pytest.mark.root
def test_a_second_name_of_a_file_counts_for_nobody_where_others_may_write(tmp_path: Path) -> None:
    """Whoever may write to a file may give it names (fs.protected_hardlinks of proc_sys_fs(5))."""
    (tmp_path / "a").touch()
    os.link(tmp_path / "a", tmp_path / "b")
    (tmp_path / "c").mkdir()
    for mode, asked in ((0o777, [0, 0, 0, NOBODY, NOBODY]), (0o755, [0] * 5)):
        tmp_path.chmod(mode)
        told: list[int] = []
        HOST.privileged_programs(str(tmp_path), "group", depth=1, takes=lambda uid, told=told: not told.append(uid))  # type: ignore[misc]
        assert sorted(told) == asked


@pytest.mark.root
def test_programs_are_told_that_are_asked_for(tmp_path: Path) -> None:
    """With `theirs` none in what is root's alone; `tells` is asked with the owner of each."""
    for name, uid, mode in (("roots", 0, 0o755), ("roots/shared", 0, 0o1777), ("roots/ann", STRANGER, 0o755)):
        (tmp_path / name).mkdir()
        os.chown(tmp_path / name, uid, uid)
        (tmp_path / name).chmod(mode)
        (tmp_path / name / "p").touch()
        os.chown(tmp_path / name / "p", uid, uid)
        (tmp_path / name / "p").chmod(0o2755)
    tmp_path.chmod(0o755)
    names = ("roots", "roots/p", "roots/shared", "roots/shared/p", "roots/ann", "roots/ann/p")
    stats = {"/x": HOST.stat(str(tmp_path)), **{f"/x/{name}": HOST.stat(f"{tmp_path}/{name}") for name in names}}
    memory = MemoryHost({f"/x/{name}": "" for name in names if name.endswith("p")}, stats=stats)
    for host, place in ((HOST, str(tmp_path)), (memory, "/x")):
        assert host.privileged_programs(place, "group", depth=2, theirs=True) == ["roots/ann/p", "roots/shared/p"]
        asked: list[int] = []
        assert host.privileged_programs(place, "group", depth=2, tells=lambda uid, told=asked: not told.append(uid) and uid == STRANGER) == ["roots/ann/p"]  # type: ignore[misc]
        assert sorted(asked) == [0, 0, STRANGER]


@pytest.mark.parametrize("kind", ["file", "link", "other", "many"])
def test_a_directory_that_cannot_be_looked_through_leaves_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """As one that is exchanged for a file as fast as the machine lets a user."""
    for name in ("a", "m", "z"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "p").touch()
        (tmp_path / name / "p").chmod(0o2755)
    really = os.open

    def exchanging(name: Any, flags: int, *args: Any, dir_fd: int | None = None) -> int:
        if name == b"m" and dir_fd is not None and (tmp_path / "m").is_dir() and kind != "many":
            os.rename(tmp_path / "m", tmp_path / "away")
            (tmp_path / "m").touch() if kind == "file" else (tmp_path / "m").symlink_to("away") if kind == "link" else None
        return really(name, flags, *args, dir_fd=dir_fd)

    for count in range(9 if kind == "many" else 0):
        (tmp_path / "m" / f"n{count}").touch()
    monkeypatch.setattr(os, "open", exchanging)
    told = LocalHost().privileged_programs(str(tmp_path), "group", depth=1, limit=5)
    assert told == ["a/p", "z/p"]
    message = {"file": f"m: was a directory, and was exchanged meanwhile by what is uid {os.getuid()}'s", "many": "m: more than 5 names", "other": None}
    assert getattr(getattr(told, "hole", None), "message", None) == (f"{tmp_path}/{said}" if (said := message.get(kind, message["file"])) else None)


@pytest.mark.root
def test_what_a_user_exchanges_is_that_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "m").mkdir()
    really = os.open

    def exchanging(name: Any, flags: int, *args: Any, dir_fd: int | None = None) -> int:
        if name == b"m" and dir_fd is not None and (tmp_path / "m").is_dir():
            (tmp_path / "m").rmdir()
            (tmp_path / "m").touch()
            os.chown(tmp_path / "m", STRANGER, STRANGER)
        return really(name, flags, *args, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", exchanging)
    told = LocalHost().privileged_programs(str(tmp_path), "group", depth=1)
    assert isinstance(told, OpenArray) and told.hole.owners == (STRANGER,)


def test_a_large_directory_is_counted_before_its_names_are_asked_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for count in range(9):
        (tmp_path / f"n{count}").touch()
    asked: list[int] = []
    with pytest.raises(LimitExceeded):
        HOST.privileged_programs(str(tmp_path), "group", limit=8, takes=lambda uid: not asked.append(uid))  # type: ignore[func-returns-value]
    assert len(asked) == 1  # the directory


def test_names_of_any_bytes_are_listed_and_lead_back_to_their_files(tmp_path: Path) -> None:
    for name in NAMES:
        Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name))).write_bytes(name)
    listed = HOST.list_dir(str(tmp_path))
    assert listed == sorted(name.decode("utf-8", "surrogateescape") for name in NAMES)
    for text in listed:
        assert HOST.read_text(f"{tmp_path}/{text}") == text
        assert HOST.stat(f"{tmp_path}/{text}").size == len(text.encode("utf-8", "surrogateescape"))


def in_locale_c(code: str, *args: str, utf8: str = "0") -> str:
    """Run `code` where the locale knows ASCII only, and return what it printed."""
    environment = {"LC_ALL": "C", "PYTHONUTF8": utf8, "PYTHONCOERCECLOCALE": "0", "PYTHONPATH": str(Path(hostcheck.__file__).parent.parent)}
    return subprocess.run([sys.executable, "-c", code, *args], env=environment, capture_output=True, check=True).stdout.decode().strip()


def test_names_are_the_same_in_every_locale(tmp_path: Path) -> None:
    for name in NAMES:
        Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name))).touch()
    code = "import sys, hostcheck.host.local as l; h, f = l.LocalHost(), sys.argv[1]; print(ascii([(n, h.stat(f + '/' + n).ino) for n in h.list_dir(f)]))"
    said = in_locale_c(code, str(tmp_path))
    assert said == ascii([(name, HOST.stat(f"{tmp_path}/{name}").ino) for name in HOST.list_dir(str(tmp_path))])


def test_a_directory_is_listed_up_to_the_limit(tmp_path: Path) -> None:
    for name in "cab":
        (tmp_path / name).touch()
    assert HOST.list_dir(str(tmp_path), limit=3) == ["a", "b", "c"]
    with pytest.raises(LimitExceeded, match="more than 2 names"):
        HOST.list_dir(str(tmp_path), limit=2)
    with pytest.raises(NotADirectoryError):
        HOST.list_dir(str(tmp_path / "a"))
    with pytest.raises(FileNotFoundError):
        HOST.list_dir(str(tmp_path / "none"))


def test_a_link_says_where_it_points_and_a_file_is_no_link(tmp_path: Path) -> None:
    os.symlink(b"../\xff\n", os.fsencode(tmp_path / "link"))
    assert HOST.read_link(str(tmp_path / "link")) == "../\udcff\n"
    with pytest.raises(OSError) as raised:
        HOST.read_link(str(tmp_path))
    assert raised.value.errno == errno.EINVAL


# Stat and ACL


def test_stat_says_type_owner_and_all_twelve_bits(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("four")
    os.chmod(tmp_path / "file", 0o4750)
    (tmp_path / "link").symlink_to("file")
    os.mkfifo(tmp_path / "fifo", 0o600)
    os.chmod(tmp_path, 0o1777)
    seen, real = HOST.stat(str(tmp_path / "link")), os.stat(tmp_path / "file")
    assert seen == Stat(type="file", uid=os.geteuid(), gid=real.st_gid, mode=0o4750, size=4, dev=real.st_dev, ino=real.st_ino)
    assert HOST.stat(str(tmp_path)).mode == 0o1777
    kinds = {str(tmp_path / "link"): "link", str(tmp_path / "fifo"): "fifo", "/dev/null": "char", "/": "dir"}
    assert {path: HOST.stat(path, follow=False).type for path in kinds} == kinds


def test_what_has_no_type_is_nonsense(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "stat", lambda *_, **__: os.stat_result((0o600, *range(9))))
    with pytest.raises(Nonsense):
        HOST.stat("/proc/self/fd/0")


def give_acl(path: str, entry: str, raw: str) -> None:
    """Set an ACL by setfacl(1), or where that is not installed by the bytes that it would write."""
    if shutil.which("setfacl"):
        subprocess.run(["setfacl", "-m", entry, path], check=True)
    else:
        os.setxattr(path, "system.posix_acl_access", bytes.fromhex("02000000" + raw))


OTHERS = "01000600ffffffff", "04000400ffffffff", "10000600ffffffff", "20000000ffffffff"
ACL = "".join([OTHERS[0], "0200060001000100", *OTHERS[1:]])


@pytest.mark.parametrize("kind", ["file", "socket"])
def test_an_acl_is_read_entry_by_entry_and_a_chmod_masks_it(tmp_path: Path, kind: str) -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as shared, ExitStack() as stack:
        path = f"{shared}/s" if kind == "socket" else str(tmp_path / "file")
        if kind == "socket":
            stack.enter_context(listening(path))
        else:
            Path(path).touch()
        os.chmod(path, 0o640)
        assert HOST.stat(path).acl == ()
        give_acl(path, "u:65537:rw", ACL)
        entries = [("user_obj", -1, 6), ("user", 65537, 6), ("group_obj", -1, 4), ("mask", -1, 6), ("other", -1, 0)]
        expected = tuple(AclEntry(tag=tag, id=who, perms=perms) for tag, who, perms in entries)
        assert (HOST.stat(path).type, HOST.stat(path).mode, HOST.stat(path, follow=False).acl) == (kind, 0o660, expected)
        os.chmod(path, 0o600)
        assert HOST.stat(path).acl[3] == AclEntry(tag="mask", id=-1, perms=0)
        os.symlink(path, tmp_path / "link")
        assert HOST.stat(str(tmp_path / "link")).acl == HOST.stat(path).acl
        assert HOST.stat(str(tmp_path / "link"), follow=False).acl == ()


def test_an_acl_of_a_group_on_a_directory_is_read(tmp_path: Path) -> None:
    os.chmod(tmp_path, 0o700)
    give_acl(str(tmp_path), "g:4294967293:x", "01000700ffffffff04000000ffffffff08000100fdffffff10000100ffffffff20000000ffffffff")
    assert AclEntry(tag="group", id=4294967293, perms=1) in HOST.stat(str(tmp_path)).acl


def test_an_acl_that_says_no_more_than_the_mode_is_none() -> None:
    assert parse_acl("/x", bytes.fromhex("02000000" + OTHERS[0] + OTHERS[1] + OTHERS[3])) == ()


@pytest.mark.parametrize(
    "raw",
    ["", "02", "01000000" + ACL, "02000000", "02000000" + ACL[:-2], "02000000" + ACL[16:], "02000000" + ACL + OTHERS[3], "02000000" + "".join(reversed(OTHERS))]
    + ["02000000" + ACL.replace("10000600ffffffff", ""), "02000000" + ACL.replace("0200060", "0200080"), "02000000" + ACL.replace("0200060", "4000060")],
)
def test_a_malformed_acl_is_nonsense(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raw: str) -> None:
    monkeypatch.setattr(os, "getxattr", lambda *_, **__: bytes.fromhex(raw))
    with pytest.raises(Nonsense, match="ACL"):
        HOST.stat(str(tmp_path))


@pytest.mark.parametrize(("number", "expected"), [(errno.ENODATA, None), (errno.EOPNOTSUPP, None), (errno.EACCES, "denied"), (errno.EIO, "nonsense")])
def test_an_acl_that_cannot_be_read_is_a_hole_and_not_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, expected: str | None) -> None:
    def fail(*_: object, **__: object) -> bytes:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "getxattr", fail)
    seen = attempt(HOST.stat, str(tmp_path))
    assert (seen.acl == ()) if isinstance(seen, Stat) else (seen.why == expected)


def dead() -> int:
    """Return the pid of a process that has ended."""
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return child


# Peers


ME = Peer(pid=os.getpid(), uid=os.geteuid(), gid=os.getegid())


def long_path(folder: Path, length: int, name: int = 1) -> str:
    """Return a path of `length` bytes, the last `name` of them its name, whose folder exists."""
    parent = str(folder)
    while (left := length - name - 1 - len(parent)) > 0:
        parent += "/" + "d" * (min(left, 200) - 1 if left != 201 else 100)
    os.makedirs(parent, exist_ok=True)
    path = f"{parent}/{'s' * name}"
    assert len(path) == length
    return path


@pytest.mark.parametrize("length", [106, 107, 108, 109, 300, 1000])
@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_SEQPACKET])
def test_who_listens_is_told_and_nothing_is_sent(plain: str, length: int, kind: int) -> None:
    path = long_path(Path(plain), length)
    with listening(path, kind) as server:
        assert HOST.peer(path) == ME
        line, _ = server.accept()
        with line:
            assert line.recv(10) == b""
        os.symlink(path, f"{plain}/link")
        assert HOST.peer(f"{plain}/link") == ME


def test_a_socket_whose_own_name_is_too_long_for_an_address_is_reached(plain: str) -> None:
    path = long_path(Path(plain), 300, name=255)
    with listening(path):
        assert HOST.peer(path) == ME
    with pytest.raises(ConnectionRefusedError) as raised:
        HOST.peer(path)
    assert raised.value.filename == path


def test_a_long_path_does_not_pass_by_a_shut_folder_or_an_unwritable_socket(plain: str) -> None:
    for name, mode in (("a", 0o700), ("b", 0o755)):
        path = long_path(Path(plain) / name, 200)
        with listening(path):
            os.chmod(path, 0o555 if name == "b" else 0o777)
            os.chmod(os.path.dirname(path), mode & 0o077 if not ROOT else mode)
            assert as_stranger(lambda path=path: HOST.peer(path)) == f"PermissionError: [Errno 13] Permission denied: '{path}'"  # type: ignore[misc]


def test_where_proc_is_not_mounted_a_long_path_is_unsupported_and_not_absent(plain: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = long_path(Path(plain), 200)

    def without_proc(self: socket.socket, address: bytes) -> None:
        raise FileNotFoundError(errno.ENOENT, "No such file or directory")

    with listening(path):
        monkeypatch.setattr(socket.socket, "connect", without_proc)
        with pytest.raises(Unsupported, match="/proc is not mounted"):
            HOST.peer(path)
    os.unlink(path)
    with pytest.raises(FileNotFoundError):
        HOST.peer(path)


@pytest.mark.parametrize("kind", ["stale", "file", "dir", "fifo"])
@pytest.mark.parametrize("length", [50, 150])
def test_where_nobody_listens_the_connection_is_refused(plain: str, kind: str, length: int) -> None:
    path = long_path(Path(plain), length)
    if kind == "stale":
        with listening(path):
            pass
    elif kind == "file":
        Path(path).touch()
    elif kind == "dir":
        os.mkdir(path)
    else:
        os.mkfifo(path)
    with pytest.raises(ConnectionRefusedError) as raised:
        HOST.peer(path)
    assert raised.value.filename == path


def test_a_datagram_socket_has_no_listener_to_connect_to(plain: str) -> None:
    with listening(f"{plain}/s", socket.SOCK_DGRAM), pytest.raises(OSError) as raised:
        HOST.peer(f"{plain}/s")
    assert (raised.value.errno, raised.value.filename) == (errno.EPROTOTYPE, f"{plain}/s")


def test_an_absent_socket_and_a_dangling_link_are_absent_and_a_loop_is_not(plain: str) -> None:
    os.symlink("nothing", f"{plain}/dangling")
    os.symlink("loop", f"{plain}/loop")
    for name in ("none", "dangling"):
        with pytest.raises(FileNotFoundError):
            HOST.peer(f"{plain}/{name}")
    with pytest.raises(OSError) as raised:
        HOST.peer(f"{plain}/loop")
    assert raised.value.errno == errno.ELOOP


def fill(path: str, stack: ExitStack) -> None:
    """Connect until the backlog is full."""
    while True:
        line = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK))
        try:
            line.connect(path)
        except BlockingIOError:
            return


@pytest.mark.parametrize("timeout", [0, 0.03])
def test_a_full_backlog_is_a_timeout(plain: str, timeout: float) -> None:
    path = f"{plain}/s"
    with listening(path, backlog=0), ExitStack() as stack:
        fill(path, stack)
        with pytest.raises(TimeoutError) as raised:
            HOST.peer(path, timeout=timeout)
    assert str(raised.value) == f"[Errno 110] its backlog is full: '{path}'"
    hole = hole_of(raised.value)
    assert hole is not None and hole.why == "timeout"


def test_a_backlog_that_empties_in_time_is_waited_for(plain: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"{plain}/s"
    with listening(path, backlog=0) as server, ExitStack() as stack:
        fill(path, stack)
        monkeypatch.setattr("time.sleep", lambda _: stack.enter_context(server.accept()[0]))
        assert HOST.peer(path, timeout=60) == ME


def test_the_peer_is_whoever_called_listen(plain: str) -> None:
    os.chmod(plain, 0o777)

    def serve() -> None:
        if ROOT:
            os.setgid(STRANGER)
            os.setuid(STRANGER)
        kept.enter_context(listening(f"{plain}/s"))

    kept = ExitStack()
    with living(serve) as child:
        assert HOST.peer(f"{plain}/s") == Peer(pid=child, uid=STRANGER if ROOT else os.geteuid(), gid=STRANGER if ROOT else os.getegid())


# Processes


def rename(name: bytes) -> None:
    """Call prctl(PR_SET_NAME)."""
    assert ctypes.CDLL(None).prctl(15, ctypes.c_char_p(name), 0, 0, 0) == 0


def test_this_process_is_among_those_seen_as_it_is() -> None:
    seen = {process.pid: process for process in HOST.processes()}
    assert list(seen) == sorted(seen)
    me = seen[os.getpid()]
    assert (me.ppid, me.uids[:3], me.gids[:3], me.groups, me.exe) == (os.getppid(), os.getresuid(), os.getresgid(), tuple(sorted(os.getgroups())), "")
    mask = re.search(r"CapEff:\t(\w+)", Path("/proc/self/status").read_text())
    assert mask is not None and me.cap_effective == int(mask[1], 16)


@pytest.mark.parametrize("name", [b"a\nUid:\t0\t0", b"b\\nGid:\t0", b"\\\\n\n\\", b"c) R 1 (\xff\x1b", b""])
def test_no_name_can_pass_for_something_else(name: bytes) -> None:
    with living(lambda: rename(name)) as child:
        (seen,) = [process for process in HOST.processes() if process.pid == child]
        assert seen.name == name.decode("utf-8", "surrogateescape")
        assert seen.uids[:3] == os.getresuid() and seen.gids[:3] == os.getresgid()


def test_many_groups_are_all_seen() -> None:
    groups = tuple(range(100_000, 165_536)) if ROOT else tuple(sorted(os.getgroups()))
    with living(lambda: os.setgroups(groups) if ROOT else None) as child:
        assert HOST.process(child).groups == groups


def test_a_zombie_runs_nothing_and_is_not_among_those_seen() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    try:
        assert child not in {process.pid for process in HOST.processes()}
        assert (HOST.process(child).exe, HOST.process(child).host_mounts) == ("", None)
    finally:
        os.waitpid(child, 0)


def listings(*rounds: list[int]) -> Any:
    """Stand for listdir() of /proc: each round as given, the last one for good."""
    left = list(rounds)

    def listdir(_: Any) -> list[str]:
        return [*map(str, left.pop(0) if len(left) > 1 else left[0]), "self", "sys"]

    return listdir


def test_a_process_that_ends_meanwhile_is_left_out_and_one_that_is_denied_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    gone, mine, real = dead(), os.getpid(), os.open
    monkeypatch.setattr(os, "listdir", listings([mine], [gone, mine], [mine]))
    assert [process.pid for process in HOST.processes()] == [mine]

    def deny(path: Any, flags: int, **other: Any) -> int:
        if path == b"status":
            raise PermissionError(errno.EPERM, "Operation not permitted", path)
        return real(path, flags, **other)

    monkeypatch.setattr(os, "open", deny)
    with pytest.raises(PermissionError, match=f"'/proc/{mine}/status'"):
        HOST.processes()


def test_without_proc_there_are_not_no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "listdir", lambda _: [])
    with pytest.raises(Unsupported, match="/proc is not mounted"):
        HOST.processes()
    monkeypatch.setattr(os.path, "isdir", lambda _: False)
    with pytest.raises(Unsupported):
        HOST.processes()


@pytest.mark.parametrize(("init", "expected"), [("mine", True), ("mnt:[1]", False), (None, True)])
def test_the_mount_namespace_is_compared_with_that_of_process_1_or_our_own(monkeypatch: pytest.MonkeyPatch, init: str | None, expected: bool | None) -> None:
    real = os.readlink

    def readlink(path: Any, **other: Any) -> Any:
        if path != b"/proc/1/ns/mnt":
            return real(path, **other)
        if init is None:
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return real(b"/proc/self/ns/mnt") if init == "mine" else init.encode()

    monkeypatch.setattr(os, "readlink", readlink)
    assert HOST.process(os.getpid()).host_mounts is expected


def test_a_namespace_that_may_not_be_read_is_not_known() -> None:
    assert as_stranger(lambda: [one.host_mounts for one in HOST.processes() if one.pid == 1]) == "[None]"


def test_one_process_is_told_with_its_exe_and_no_argv_is_believed(tmp_path: Path) -> None:
    assert HOST.process(os.getpid()).exe == os.readlink("/proc/self/exe")
    copy, sleep = tmp_path / "sleep", shutil.which("sleep")
    assert sleep is not None
    shutil.copy(sleep, copy)
    with subprocess.Popen(["/bin/sh", "100"], executable=copy) as child:
        assert HOST.process(child.pid).exe == str(copy)
        copy.unlink()
        assert HOST.process(child.pid).exe == f"{copy} (deleted)"
        child.kill()


@pytest.mark.root
def test_a_network_namespace_is_told_to_whoever_asks() -> None:
    assert HOST.process(os.getpid()).network == 0
    with subprocess.Popen(["unshare", "--net", "--", "sleep", "100"]) as child:
        while not HOST.process(child.pid).exe.endswith("/sleep"):
            time.sleep(0.01)
        seen = {one.pid: one.network for one in HOST.processes()}
        theirs = os.stat(f"/proc/{child.pid}/net/unix").st_ino
        assert seen[child.pid] == theirs != os.stat("/proc/net/unix").st_ino
        assert seen[os.getpid()] == 0
        assert as_stranger(lambda: {one.pid: one.network for one in HOST.processes()}[child.pid]) == str(theirs)
        child.kill()


def test_when_a_process_began_tells_it_from_the_next_with_its_pid() -> None:
    name = "a) R 1 (x"
    with subprocess.Popen([sys.executable, "-c", f"import ctypes, time; ctypes.CDLL(None).prctl(15, {name.encode()!r}, 0, 0, 0); time.sleep(100)"]) as child:
        while HOST.process(child.pid).name != name:
            time.sleep(0.01)
        told = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[19]
        assert HOST.process(child.pid).started == int(told) > HOST.process(os.getpid()).started
        child.kill()


def test_an_exe_that_may_not_be_read_is_denied_and_not_guessed_from_argv() -> None:
    target = os.getpid() if ROOT else 1
    assert as_stranger(lambda: HOST.process(target)) == f"PermissionError: [Errno 13] Permission denied: '/proc/{target}/exe'"


def test_a_process_that_is_gone_and_one_that_hidepid_hides_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ProcessLookupError):
        HOST.process(dead())
    for pid in (0, -1, 1 << 31, 1 << 70):
        with pytest.raises(PermissionError, match="pid namespace"):
            HOST.process(pid)
    mine = os.getpid()

    def hide(pid: int, *_: object, **__: object) -> None:
        raise FileNotFoundError(2, "hidden")

    monkeypatch.setattr("hostcheck.host.local.examine", hide)
    with pytest.raises(PermissionError, match=f"hidden.*'/proc/{mine}'"):
        HOST.process(mine)
    assert as_stranger(lambda: HOST.process(mine if ROOT else 1)).startswith("PermissionError: [Errno 13] hidden")


def test_a_directory_held_open_never_stands_for_a_later_process(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[object] = []
    child, real = os.fork(), os.readlink
    if child == 0:
        signal.pause()
        os._exit(0)

    def end(path: Any, **other: Any) -> Any:
        if path == b"exe" and not ended:
            os.kill(child, signal.SIGKILL)
            ended.append(os.waitpid(child, 0))
        return real(path, **other)

    monkeypatch.setattr(os, "readlink", end)
    with pytest.raises(ProcessLookupError):
        HOST.process(child)


def test_a_process_that_ends_while_it_is_read_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[object] = []
    child, real = os.fork(), os.readlink
    if child == 0:
        signal.pause()
        os._exit(0)
    monkeypatch.setattr(os, "listdir", listings([child, os.getpid()], [child, os.getpid()], [os.getpid()]))

    def end(path: Any, **other: Any) -> Any:
        if path == b"ns/mnt" and real(f"/proc/self/fd/{other['dir_fd']}") == f"/proc/{child}" and not ended:
            os.kill(child, signal.SIGKILL)
            ended.append(os.waitpid(child, 0))
        return real(path, **other)

    monkeypatch.setattr(os, "readlink", end)
    assert [process.pid for process in HOST.processes()] == [os.getpid()]
    assert ended


def test_a_process_that_has_given_up_its_namespaces_is_ending_and_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """It can be read for a moment still, before it is a zombie: do_exit() of the kernel."""
    parent, mine, real = os.getppid(), os.getpid(), os.readlink
    monkeypatch.setattr(os, "listdir", listings([parent, mine], [parent, mine], [mine]))

    def end(path: Any, **other: Any) -> Any:
        if path == b"ns/mnt" and real(f"/proc/self/fd/{other['dir_fd']}") == f"/proc/{parent}":
            raise FileNotFoundError(errno.ENOENT, "No such file or directory")
        return real(path, **other)

    monkeypatch.setattr(os, "readlink", end)
    assert [process.pid for process in HOST.processes()] == [mine]


def test_what_began_while_another_ended_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    mine, parent = os.getpid(), os.getppid()
    monkeypatch.setattr(os, "listdir", listings([mine], [dead(), mine], [mine, parent]))
    assert [process.pid for process in HOST.processes()] == sorted([mine, parent])


def test_where_some_end_whenever_all_are_listed_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    gone, mine = dead(), os.getpid()
    monkeypatch.setattr(os, "listdir", listings([gone, mine]))
    assert [(process.pid, process.lost) for process in HOST.processes()] == [(mine, False), (gone, True)]


def test_who_forks_and_exits_is_found_or_leaves_the_list_open() -> None:
    def hop() -> None:
        os.setgid(STRANGER) if ROOT else None
        end = time.monotonic() + 5
        while time.monotonic() < end:
            if os.fork():
                os._exit(0)

    child = os.fork()
    if child == 0:
        hop()
        os._exit(0)
    os.waitpid(child, 0)
    for _ in range(10):
        seen = HOST.processes()
        assert any(one.lost or one.gids[0] == STRANGER for one in seen) or not ROOT


SPLIT = """
import ctypes, os, threading
libc, ready = ctypes.CDLL(None), threading.Event()
def work():
    libc.syscall(ctypes.c_long({setresgid}), *[ctypes.c_long(gid) for gid in (70001, 70001, 70001)])
    ready.set()
    libc.sleep(60)
threading.Thread(target=work, daemon=True).start()
ready.wait()
libc.syscall(ctypes.c_long({setresuid}), *[ctypes.c_long(70000)] * 3)
if {ended}:
    os.write(1, b".")
    libc.syscall(ctypes.c_long({exit}), ctypes.c_long(0))
os.write(1, b".")
libc.sleep(60)
"""


AS_ROOT = """
import ctypes, os, threading
libc = ctypes.CDLL(None)
os.setresgid(70000, 70000, 70000); os.setresuid(70000, 0, 0)
ready = threading.Event()
def work():
    libc.syscall(ctypes.c_long({setresgid}), *[ctypes.c_long(gid) for gid in (70001, 70001, 70001)])
    ready.set()
    libc.sleep(60)
threading.Thread(target=work, daemon=True).start()
ready.wait()
os.write(1, b".")
libc.sleep(60)
"""


@pytest.mark.root
def test_threads_of_a_setuid_program_are_looked_at() -> None:
    code = AS_ROOT.format(setresgid={"x86_64": 119, "aarch64": 149}[os.uname().machine])
    with subprocess.Popen([sys.executable, "-I", "-c", code], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None and child.stdout.read(1) == b"."
        found = [one for one in HOST.processes() if one.uids[0] == 70000]
        child.kill()
    assert {(one.uids, one.gids[0]) for one in found} == {((70000, 0, 0, 0), 70000), ((70000, 0, 0, 0), 70001)}


@pytest.mark.root
@pytest.mark.parametrize("ended", [False, True])
def test_a_thread_with_credentials_of_its_own_is_seen(ended: bool) -> None:
    number = dict(zip(("setresgid", "setresuid", "exit"), {"x86_64": (119, 117, 60), "aarch64": (149, 147, 93)}[os.uname().machine], strict=True))
    code = SPLIT.format(**number, ended=ended)
    with subprocess.Popen(
        ["setpriv", "--reuid=70000", "--regid=70000", "--clear-groups", "--inh-caps=+setgid", "--ambient-caps=+setgid", sys.executable, "-I", "-c", code],
        stdout=subprocess.PIPE,
    ) as child:
        assert child.stdout is not None and child.stdout.read(1) == b"."
        if ended:
            wait_for(lambda: "State:\tZ" in Path(f"/proc/{child.pid}/status").read_text())
        found = [one for one in HOST.processes() if one.uids[0] == 70000]
        child.kill()
    assert {one.gids[0] for one in found} == ({70001} if ended else {70000, 70001})
    assert all(one.host_mounts for one in found)


TWO_THREADS = "import os, threading; threading.Thread(target=threading.Event().wait, daemon=True).start(); os.write(1, b'.'); threading.Event().wait()"


@pytest.mark.root
def test_processes_whose_threads_come_and_go_are_waited_for_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each list of threads has one that has ended already, and a clock goes on whenever it is looked at."""
    real, looked, now = os.listdir, Counter[str](), [0.0]

    def listdir(place: Any = ".") -> list[str]:
        folder = os.readlink(f"/proc/self/fd/{place}") if isinstance(place, int) else ""
        looked[folder] += 1
        return [*real(place), str(2**31)] if folder.endswith("/task") else children if place == "/proc" else real(place)

    def monotonic() -> float:
        now[0] += processes.PATIENCE / 100
        return now[0]

    with ExitStack() as ending:
        user = ["setpriv", "--reuid=70000", "--regid=70000", "--clear-groups", sys.executable, "-I", "-c", TWO_THREADS]
        started = [ending.enter_context(subprocess.Popen(user, stdout=subprocess.PIPE)) for _ in range(5)]
        for child in started:
            ending.callback(child.kill)
            assert child.stdout is not None and child.stdout.read(1) == b"."
        children = [str(child.pid) for child in started]
        monkeypatch.setattr(os, "listdir", listdir)
        monkeypatch.setattr(time, "monotonic", monotonic)
        found = HOST.processes()
    assert sum(one.lost for one in found) == len(children) and {one.uids[0] for one in found if not one.lost} == {70000}
    assert 100 < sum(count for folder, count in looked.items() if folder.endswith("/task")) < 150


def wait_for(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not done():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.root
@pytest.mark.parametrize(
    ("argv", "made"),
    [
        (["unshare", "--mount"], False),
        (["unshare", "--mount", "setpriv", "--reuid=70000", "--regid=70000", "--clear-groups"], False),
        (["setpriv", "--reuid=70000", "--regid=70000", "--clear-groups", "unshare", "-rm"], True),
        (["unshare", "-rm"], True),
        (["unshare", "--mount", "sh", "-c", 'echo 70000 >/proc/self/loginuid; exec setpriv --reuid=70000 --regid=70000 --clear-groups "$@"', "sh"], True),
        (["unshare", "--mount", "sh", "-c", 'echo 70001 >/proc/self/loginuid; exec setpriv --reuid=70000 --regid=70000 --clear-groups "$@"', "sh"], None),
    ],
)
def test_whether_a_user_can_have_made_what_a_process_sees(argv: list[str], made: bool | None) -> None:
    with subprocess.Popen([*argv, "sleep", "60"]) as child:
        try:
            wait_for(lambda: Path(f"/proc/{child.pid}/comm").read_text() == "sleep\n")
            seen = HOST.process(child.pid)
            stranger = as_stranger(lambda: HOST.processes() and [one.user_view for one in HOST.processes() if one.pid == child.pid])
        finally:
            child.kill()
    assert (bool(seen.host_mounts), seen.user_view) == (False, made)
    assert stranger == f"[{made}]"


@pytest.mark.parametrize(
    ("ids", "whole"),
    [
        (b"0 0 4294967295\n", True),
        (b"0 0 1\n1 1 4294967294\n", True),
        (b"0 0 65536\n", False),
        (b"0 1000 1\n", False),
        (b"0 1 4294967294\n", False),
        (b"", False),
    ],
)
def test_only_a_map_of_every_id_to_itself_is_the_hosts(ids: bytes, whole: bool) -> None:
    assert namespaces._whole(ids) is whole


# The name service


def test_users_and_groups_come_from_the_name_service_in_its_order() -> None:
    users, groups = HOST.users(), HOST.groups()
    assert [(user.name, user.uid, user.gid, user.home, user.shell) for user in users] == [(e[0], e[2], e[3], e[5], e[6]) for e in pwd.getpwall()]
    root = next(user for user in users if user.uid == 0)
    assert root.gid in {group.gid for group in groups}
    assert root.gid in HOST.group_ids(root.name, root.gid)
    assert not hasattr(root, "passwd") and not hasattr(groups[0], "passwd")


def test_names_of_users_are_the_same_in_every_locale() -> None:
    code = "import os, pwd; from hostcheck.host.local import LocalHost; f = os.fsdecode(b'j\\xf6rg \\xc3\\xb6'); "
    code += "pwd.getpwall = lambda: [pwd.struct_passwd((f, 'secret', 1, 2, '', f, '/s'))]; print(ascii([(u.name, u.home) for u in LocalHost().users()]))"
    for utf8 in ("0", "1"):
        assert in_locale_c(code, utf8=utf8) == ascii([("j\udcf6rg ö",) * 2])


@pytest.mark.parametrize(("name", "gid"), [("a\0b", 1), ("\udcff", 1), ("root", -2), ("root", 1 << 40)])
def test_a_name_that_cannot_be_asked_for_is_nonsense(name: str, gid: int) -> None:
    with pytest.raises(Nonsense):
        HOST.group_ids(name, gid)


def test_one_user_or_group_is_asked_for_by_number_or_name() -> None:
    root = HOST.user(0)
    assert HOST.user("root") == root and root in HOST.users()
    assert HOST.group(0) == HOST.group(HOST.group(0).name) and HOST.group(0) in HOST.groups()
    for ask, key in ((HOST.user, "nobody-of-that-name"), (HOST.user, 3_999_999_999), (HOST.group, "no-group-of-that-name"), (HOST.group, 3_999_999_999)):
        with pytest.raises(FileNotFoundError):
            ask(key)  # type: ignore[arg-type]


@pytest.mark.parametrize("key", ["a\0b", "\udcff\ud800", -2, 1 << 40])
def test_a_user_or_group_that_cannot_be_asked_for_is_nonsense_or_absent(key: int | str) -> None:
    for ask in (HOST.user, HOST.group):
        with pytest.raises((Nonsense, FileNotFoundError)):
            ask(key)


def test_an_unknown_user_has_the_primary_group_only() -> None:
    for gid in (0, 7, (1 << 32) - 2, (1 << 32) - 1):
        assert HOST.group_ids("nobody-of-that-name", gid) == [gid]


def test_no_handle_is_left_open(plain: str) -> None:
    os.mkfifo(f"{plain}/fifo")
    path = long_path(Path(plain), 200)
    with listening(path):
        before = os.listdir("/proc/self/fd")
        for verb in (HOST.read_bytes, HOST.list_dir, HOST.peer, HOST.stat, HOST.read_link):
            for target in (f"{plain}/fifo", f"{plain}/none", path, plain, "/proc/self/status"):
                with suppress(OSError, Nonsense):
                    verb(target)
        with suppress(LimitExceeded):
            HOST.list_dir("/proc", limit=1)
        HOST.processes()
        assert os.listdir("/proc/self/fd") == before


def test_a_host_that_is_busy_starting_processes_is_read_whole() -> None:
    with subprocess.Popen(["/bin/sh", "-c", "while :; do /bin/true; done"]) as busy:
        try:
            assert not [one for _ in range(5) for one in HOST.processes() if one.lost]
        finally:
            busy.kill()


def test_of_processes_with_very_many_groups_in_a_users_namespaces_so_much_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The user stands for the ids of all others; what no user has made is read whatever its length."""
    with subprocess.Popen(["sleep", "60"]) as child:
        try:
            for name in ("LARGE", "ROOM"):
                monkeypatch.setattr(namespaces, name, 10)
            assert not any(one.unread for one in processes.everyone({}) if one.pid == child.pid)
            monkeypatch.setattr(namespaces, "_namespace_of", lambda folder: 4242 if os.readlink(f"/proc/self/fd/{folder}") == f"/proc/{child.pid}" else 0)
            monkeypatch.setattr(namespaces.Reference, "__init__", lambda self, init, own: vars(self).update(init=init, own=own, spent=Counter({4242: 11})))
            (found,) = [one for one in processes.everyone({}) if one.pid == child.pid]
            assert (found.unread, found.uids, found.groups, found.user_view) == (True, (4242,) * 4, (), True)
            assert processes.examine(os.getpid(), namespaces.reference()).unread is False
        finally:
            child.kill()
