"""The kernel's list of sockets that listen on TCP, compared with real ones and with /proc/net/tcp, and never asked for where that would load a module."""

import errno
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from core.test_host_local import STRANGER, as_stranger
from core.test_host_sockets import END, Line, message

from hostcheck.host import Host, LimitExceeded, Nonsense, Unsupported, attempt, tcp_sockets
from hostcheck.host import sockets as listed
from hostcheck.host.answers import TcpSocket
from hostcheck.host.local import LocalHost
from hostcheck.model import Hole

HOST: Host = LocalHost()
OTHERS = "import os, socket, sys; os.setuid(int(sys.argv[1])); s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); input()"


@pytest.fixture(scope="module")
def diag() -> None:
    """Ask as ss(8) does, which makes the kernel load tcp_diag where it has that as a module."""
    with suppress(OSError):
        list(listed.dump("tcp", tcp_sockets.REQUEST.pack(socket.AF_INET, socket.IPPROTO_TCP, 0, 0, 1 << listed.LISTEN)))
    if isinstance(attempt(HOST.tcp_sockets, []), Hole):
        pytest.skip("this kernel was built without tcp_diag, so a scan reads /proc/net/tcp here, which tests/system/test_tcp_listeners.py tests")


def told(server: socket.socket, address: str = "") -> TcpSocket:
    """Return what is to be told of a socket of this process's."""
    name, port = server.getsockname()[:2]
    return TcpSocket(address=address or name, port=port, uid=os.geteuid(), inode=os.fstat(server.fileno()).st_ino)


@pytest.mark.usefixtures("diag")
def test_who_listens_is_told_by_both_protocols_and_nobody_else() -> None:
    with ExitStack() as stack:
        four = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        every = stack.enter_context(socket.create_server(("", 0)))
        six = stack.enter_context(socket.create_server(("::1", 0), family=socket.AF_INET6))
        both = stack.enter_context(socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True))
        mapped = stack.enter_context(socket.socket(socket.AF_INET6))
        mapped.bind(("::ffff:127.0.0.1", 0))
        mapped.listen()
        other = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        client = stack.enter_context(socket.create_connection(four.getsockname()))
        stack.enter_context(four.accept()[0])
        servers = [four, every, six, both, mapped]
        ports = {server.getsockname()[1] for server in servers} | {client.getsockname()[1]}
        expected = sorted(map(told, servers), key=lambda one: (one.port, one.address))
        assert other.getsockname()[1] not in ports
        assert HOST.tcp_sockets(ports) == expected
        assert as_stranger(lambda: [one.inode for one in HOST.tcp_sockets(ports)]) == str([one.inode for one in expected])
    assert HOST.tcp_sockets(ports) == []


@pytest.mark.usefixtures("diag")
@pytest.mark.root
def test_the_user_is_who_made_the_socket() -> None:
    argv = [sys.executable, "-I", "-c", OTHERS, str(STRANGER)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        port = int(child.stdout.readline())
        assert [(one.address, one.uid) for one in HOST.tcp_sockets([port])] == [("127.0.0.1", STRANGER)]
        child.communicate("\n")


@pytest.mark.usefixtures("diag")
def test_a_thousand_listeners_are_told_as_proc_tells_them() -> None:
    with ExitStack() as stack:
        servers = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(900)]
        mine = {os.fstat(server.fileno()).st_ino for server in servers}
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        by_proc = {(int(row[1].partition(":")[2], 16), int(row[7]), int(row[9])) for row in rows if row[3] == "0A" and int(row[9]) in mine}
        found = HOST.tcp_sockets(range(1 << 16))
        assert {(one.port, one.uid, one.inode) for one in found if one.inode in mine} == by_proc
        assert len(by_proc) == 900


# What a kernel may answer, and when it is asked

LISTENING = 10


def row(port: int, address: bytes = bytes(4), uid: int = 0, inode: int = 7) -> bytes:
    where = struct.pack("!HH", port, 0) + address.ljust(16, b"\0") + bytes(16) + bytes(12)
    return message(20, struct.pack("=BBBB", 2, LISTENING, 0, 0) + where + struct.pack("=IIIII", 0, 0, 0, uid, inode))


def answered(monkeypatch: pytest.MonkeyPatch, *answers: bytes) -> Callable[[], list[TcpSocket]]:
    monkeypatch.setattr(tcp_sockets, "_is_there", lambda: True)
    monkeypatch.setattr(listed.socket, "socket", lambda *_: Line(*((data, 0) for data in answers), (END, 0)))
    return lambda: HOST.tcp_sockets([2375, 2376])


def test_what_one_answer_passes_over_another_has(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [Line((row(2376, inode=8), 0), (END, 0)), *(Line((row(2375), 0), (row(22, inode=9), 0), (END, 0)) for _ in range(5))]
    ask = answered(monkeypatch)
    monkeypatch.setattr(listed.socket, "socket", lambda *_: lines.pop(0))
    assert [(one.port, one.inode) for one in ask() if ":" not in one.address] == [(2375, 7), (2376, 8)]
    assert lines == []


def test_only_those_that_listen_on_tcp_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[bytes] = []
    monkeypatch.setattr(Line, "sendto", lambda _, data, __: sent.append(data))
    assert answered(monkeypatch)() == []
    header = struct.pack("=IHHII", 72, 20, 0x301, 1, 0)
    assert set(sent) == {header + struct.pack("=BBBBI48x", family, 6, 0, 0, 1 << LISTENING) for family in (2, 10)}


def test_half_a_socket_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Nonsense):
        answered(monkeypatch, message(20, bytes(71)))()


def test_more_than_can_be_taken_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp_sockets, "SOCKETS", 1)
    with pytest.raises(LimitExceeded):
        answered(monkeypatch, row(2375) + row(2376))()


def test_a_kernel_that_does_not_tell_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PermissionError, match="tcp_diag"):
        answered(monkeypatch, message(2, struct.pack("=i", -errno.ENOENT)))()


@pytest.mark.parametrize(
    ("modules", "loaded", "built_in", "protocols", "asked"),
    [
        (True, True, None, True, True),
        (True, False, None, True, False),
        (True, False, b"kernel/net/ipv4/udp_diag.ko\n", True, False),
        (True, False, b"kernel/net/ipv4/inet_diag.ko\nkernel/net/ipv4/tcp_diag.ko\n", True, True),
        (False, False, None, True, True),  # a kernel that knows no modules loads none
        (False, False, None, False, False),  # /proc is hidden
    ],
)
def test_no_module_is_loaded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, modules: bool, loaded: bool, built_in: bytes | None, protocols: bool, asked: bool
) -> None:
    for name, there in (("MODULES", modules), ("LOADED", loaded), ("PROTOCOLS", protocols)):
        place = tmp_path / name
        if there:
            place.mkdir()
        monkeypatch.setattr(tcp_sockets, name, str(place))
    monkeypatch.setattr(tcp_sockets, "BUILT_IN", str(tmp_path / "{}"))
    if built_in is not None:
        (tmp_path / os.uname().release).write_bytes(built_in)
    lines: list[Any] = []
    monkeypatch.setattr(listed.socket, "socket", lambda *_: lines.append(Line((END, 0))) or lines[-1])
    if asked:
        assert HOST.tcp_sockets([2375]) == [] and lines
    else:
        with pytest.raises(Unsupported, match="tcp_diag"):
            HOST.tcp_sockets([2375])
        assert lines == []
