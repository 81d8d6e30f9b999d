"""The kernel's list of unix sockets, compared with real ones, and who holds them."""

import errno
import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from core.test_host_local import ROOT, STRANGER, as_stranger, plain
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host import Host, LimitExceeded, Nonsense, attempt
from hostcheck.host import sockets as listed
from hostcheck.host.answers import UnixSocket, VsockListener
from hostcheck.host.local import LocalHost
from hostcheck.model import Hole, Why

__all__ = ["plain"]
HOST: Host = LocalHost()


def inode(line: socket.socket) -> int:
    return os.fstat(line.fileno()).st_ino


def named(name: str) -> list[UnixSocket]:
    return [one for one in HOST.unix_sockets() if one.name == name]


def listening(stack: ExitStack, name: str, kind: int = socket.SOCK_STREAM) -> socket.socket:
    server = stack.enter_context(socket.socket(socket.AF_UNIX, kind))
    server.bind(name)
    server.listen()
    return server


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_SEQPACKET])
@pytest.mark.parametrize("abstract", [False, True])
def test_both_ends_of_a_connection_are_told(kind: int, abstract: bool, plain: str) -> None:
    name = f"\0{plain}/s\0\n" if abstract else f"{plain}/s\n"
    with ExitStack() as stack:
        server = listening(stack, name, kind)
        file: dict[str, int] = {} if abstract else {"dev": os.stat(name).st_dev, "file": os.stat(name).st_ino & 0xFFFFFFFF}
        assert named(name) == [UnixSocket(inode=inode(server), name=name, listening=True, uid=os.geteuid(), **file)]
        client = stack.enter_context(socket.socket(socket.AF_UNIX, kind))
        client.connect(name)
        assert len(named(name)) == 1  # nobody holds the other end before it is accepted
        end = stack.enter_context(server.accept()[0])
        assert {one.inode: one for one in named(name)}[inode(end)] == UnixSocket(inode=inode(end), name=name, peer=inode(client), uid=os.geteuid(), **file)
        client.close()
        assert [one.peer for one in named(name) if one.inode == inode(end)] in ([], [0])
    assert named(name) == []


def test_a_name_that_looks_like_a_row_is_one_name(plain: str) -> None:
    name = "\0x\n0000000000000000: 00000002 00000000 00010000 0001 01 1 /run/docker.sock"
    with ExitStack() as stack:
        server = listening(stack, name)
        assert named(name) == [UnixSocket(inode=inode(server), name=name, listening=True, uid=os.geteuid())]
        assert "\n0000000000000000:" in HOST.read_text("/proc/net/unix", limit=1 << 24)


@pytest.mark.root
def test_who_accepted_is_told_and_not_who_connected(plain: str) -> None:
    with ExitStack() as stack:
        server = listening(stack, f"{plain}/s")
        os.chmod(f"{plain}/s", 0o666)
        client = subprocess.Popen(
            [
                "setpriv",
                f"--reuid={STRANGER}",
                "--clear-groups",
                sys.executable,
                "-I",
                "-c",
                "import socket, sys; s = socket.socket(1); s.connect(sys.argv[1]); input()",
            ]
            + [f"{plain}/s"],
            stdin=subprocess.PIPE,
        )
        end = stack.enter_context(server.accept()[0])
        (told,) = (one for one in named(f"{plain}/s") if not one.listening)
        assert (told.inode, told.uid) == (inode(end), 0)
        assert HOST.holders([told.peer], [os.getpid(), client.pid]) == [client.pid]
        assert as_stranger(lambda: [one.uid for one in named(f"{plain}/s")]) == "[0, 0]"
        client.communicate(b"\n")
        assert HOST.holders([told.peer], [client.pid]) == []


def test_who_holds_a_socket_is_found_after_a_fork() -> None:
    with ExitStack() as stack:
        ours, theirs = socket.socketpair()
        stack.enter_context(theirs)
        with ours, subprocess.Popen(["sleep", "100"], pass_fds=[ours.fileno()]) as child:
            number = inode(ours)
            ours.close()
            while not Path(f"/proc/{child.pid}/exe").resolve().name.endswith(("sleep", "coreutils")):
                time.sleep(0.01)
            assert HOST.holders([number], [child.pid, os.getpid(), 1 << 22]) == [child.pid]
            assert HOST.holders([number, inode(theirs)], [child.pid, os.getpid()]) == sorted([child.pid, os.getpid()])
            assert HOST.holders([], [child.pid]) == []
            child.kill()


def test_what_ends_while_it_is_looked_through_holds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> str:
        raise PermissionError(errno.EACCES, "no")

    with subprocess.Popen(["sleep", "100"]) as child:
        monkeypatch.setattr(listed.os, "readlink", refused)
        with pytest.raises(PermissionError):
            HOST.holders([1], [child.pid])
        folder = os.open(f"/proc/{child.pid}/fd", os.O_RDONLY)
        child.kill()
        child.wait()
        assert listed._leads(folder, "0", time.monotonic() + 9) == ""
        os.close(folder)


def test_the_descriptors_of_others_are_denied() -> None:
    mine = os.getpid() if ROOT else 1
    assert as_stranger(lambda: HOST.holders([1], [mine])).startswith("PermissionError: [Errno 13]")


def test_a_process_with_very_many_descriptors_takes_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listed, "PATIENCE", -1.0)
    with pytest.raises(TimeoutError):
        HOST.holders([1], [os.getpid()])
    with pytest.raises(TimeoutError):
        HOST.unix_sockets()


def test_too_many_sockets_are_too_many(monkeypatch: pytest.MonkeyPatch, plain: str) -> None:
    monkeypatch.setattr(listed, "SOCKETS", 1)
    with ExitStack() as stack, pytest.raises(LimitExceeded):
        for number in range(2):
            listening(stack, f"{plain}/{number}")
        HOST.unix_sockets()


def test_two_thousand_sockets_are_listed_whole() -> None:
    with ExitStack() as stack:
        names = [f"\0hostcheck-{os.getpid()}-{number}" for number in range(900)]
        for name in names:
            listening(stack, name)
        assert {one.name for one in HOST.unix_sockets()} >= set(names)


# What a kernel may answer


class Line:
    """A netlink socket whose kernel answers with these datagrams, each from a port."""

    def __init__(self, *answers: tuple[bytes, int]) -> None:
        self.answers = list(answers)

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def sendto(self, *_: object) -> None:
        pass

    def settimeout(self, _: float) -> None:
        pass

    def recvmsg(self, size: int) -> tuple[bytes, list[Any], int, tuple[int, int]]:
        data, sender = self.answers.pop(0)
        return data[:size], [], socket.MSG_TRUNC if len(data) > size else 0, (sender, 0)


def message(kind: int, body: bytes) -> bytes:
    padded = body + bytes(-len(body) % 4)
    return struct.pack("=IHHII", 16 + len(body), kind, 0, 1, 0) + padded


def attribute(kind: int, body: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(body), kind) + body + bytes(-len(body) % 4)


def told(number: int, *attributes: bytes, state: int = 10) -> bytes:
    return message(20, struct.pack("=BBBBI8x", 1, 1, state, 0, number) + b"".join(attributes))


END = message(3, bytes(4))


def answered(monkeypatch: pytest.MonkeyPatch, *answers: bytes, sender: int = 0) -> Callable[[], list[UnixSocket]]:
    monkeypatch.setattr(listed.socket, "socket", lambda *_: Line(*((data, sender) for data in answers), (END, 0)))
    return HOST.unix_sockets


def test_an_old_kernel_does_not_tell_the_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    ask = answered(monkeypatch, told(7, attribute(0, b"/x\0")) + told(3, attribute(0, b"/y\0"), attribute(2, struct.pack("=I", 9)), state=1))
    assert ask() == [UnixSocket(inode=3, name="/y", peer=9), UnixSocket(inode=7, name="/x", listening=True)]


def test_what_has_no_name_or_no_holder_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert answered(monkeypatch, told(7), told(0, attribute(0, b"/x\0")))() == []
    assert answered(monkeypatch, told(7, attribute(0, b"/caf\xe9\0")))() == [UnixSocket(inode=7, name="/caf\udce9", listening=True)]


def test_another_process_is_not_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    assert answered(monkeypatch, told(7, attribute(0, b"/x\0")), sender=4711)() == []


@pytest.mark.parametrize(
    ("number", "error"), [(errno.ENOENT, PermissionError), (errno.EINVAL, PermissionError), (errno.EACCES, PermissionError), (errno.ENOMEM, OSError)]
)
def test_a_refusal_of_the_kernel_is_one(number: int, error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(error):
        answered(monkeypatch, message(2, struct.pack("=i", -number)))()


@pytest.mark.parametrize("number", [errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT, errno.EPERM])
def test_a_sandbox_without_netlink_denies_it(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(listed.socket, "socket", refuse)
    with pytest.raises(PermissionError):
        HOST.unix_sockets()


def test_what_one_answer_passes_over_is_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([told(7, attribute(0, b"/x\0")), told(9, attribute(0, b"/y\0")), b""])
    monkeypatch.setattr(listed.socket, "socket", lambda *_: Line((next(answers), 0), (END, 0)))
    assert [one.inode for one in HOST.unix_sockets()] == [7, 9]


@pytest.mark.parametrize(
    "data",
    [told(7, attribute(0, b"/x\0"))[:20], message(20, b"123"), told(7, struct.pack("=HH", 99, 0)), told(7, struct.pack("=HH", 1, 0)), message(2, b"")]
    + [struct.pack("=IHHII", 4, 20, 0, 1, 0), bytes(listed.BUFFER + 1)],
)
def test_what_no_kernel_says_is_nonsense(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises((Nonsense, OSError)):
        answered(monkeypatch, data)()


@given(
    st.lists(st.one_of(st.binary(max_size=80), st.binary(max_size=60).map(lambda body: message(20, body)), st.just(told(5, attribute(0, b"/x\0")))), max_size=4)
)
def test_whatever_is_said_is_a_list_or_refused(answers: list[bytes]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        try:
            assert all(one.inode and one.name for one in answered(patch, *answers)())
        except (Nonsense, OSError):
            pass


# vsock, by what its module of the kernel would say: few kernels are built with it


def vsocked(monkeypatch: pytest.MonkeyPatch, folder: Path, *answers: bytes, protocols: str = "TCP 1\nAF_VSOCK 1240\n") -> Callable[[], list[VsockListener]]:
    (folder / "protocols").write_text(f"protocol  size\n{protocols}")
    monkeypatch.setattr(listed, "PROTOCOLS", str(folder / "protocols"))
    answered(monkeypatch, *answers)
    return HOST.vsock_listeners


def vsock(cid: int, port: int, number: int) -> bytes:
    return message(20, struct.pack("=BBBBIIIIII", 40, 1, 10, 0, cid, port, 0, 0, number, 0) + bytes(4))


def test_fake_listeners_on_vsock_are_told_by_port(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ask = vsocked(monkeypatch, tmp_path, vsock((1 << 32) - 1, 2376, 8) + vsock(3, 1024, 7), vsock(3, 1024, 7))
    assert ask() == [VsockListener(cid=3, port=1024, inode=7), VsockListener(cid=(1 << 32) - 1, port=2376, inode=8)]


def test_vsock_is_asked_for_listeners_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sent: list[bytes] = []
    monkeypatch.setattr(Line, "sendto", lambda _, data, __: sent.append(data))
    assert vsocked(monkeypatch, tmp_path)() == []
    assert set(sent) == {struct.pack("=IHHII", 40, 20, 0x301, 1, 0) + struct.pack("=BBHIIIII", 40, 0, 0, 1 << 10, 0, 0, 0, 0)}


def test_a_kernel_without_vsock_is_not_asked_and_one_that_does_not_tell_is_a_hole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    refused = message(2, struct.pack("=i", -errno.ENOENT))
    assert vsocked(monkeypatch, tmp_path, refused, protocols="AF_VSOCKET 1\n AF_VSOCK 1\n")() == []
    with pytest.raises(PermissionError, match="vsock_diag"):
        vsocked(monkeypatch, tmp_path, refused)()
    monkeypatch.setattr(listed, "PROTOCOLS", str(tmp_path / "none"))
    with pytest.raises(PermissionError):
        HOST.vsock_listeners()


def test_half_a_listener_and_too_many_of_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(Nonsense):
        vsocked(monkeypatch, tmp_path, message(20, bytes(listed.VSOCK.size - 1)))()
    monkeypatch.setattr(listed, "SOCKETS", 1)
    with pytest.raises(LimitExceeded):
        vsocked(monkeypatch, tmp_path, vsock(3, 1, 1) + vsock(3, 2, 2))()


def test_this_kernel_tells_who_listens_on_vsock_or_that_it_does_not() -> None:
    with ExitStack() as stack:
        try:
            server = stack.enter_context(socket.socket(listed.AF_VSOCK, socket.SOCK_STREAM))
            server.bind(((1 << 32) - 1, 1 << 20))
            server.listen()
        except OSError:
            assert HOST.vsock_listeners() == []
            return
        told = attempt(HOST.vsock_listeners)
        if isinstance(told, Hole):
            assert told.why is Why.DENIED
        else:
            assert VsockListener(cid=(1 << 32) - 1, port=1 << 20, inode=inode(server)) in told
