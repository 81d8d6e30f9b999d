"""Who listens on TCP, compared with real listeners: this process's, a stranger's, and those in another network namespace."""

import os
import socket
import subprocess
import sys
import time
from collections import namedtuple
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from core.test_host_local import STRANGER, as_stranger, dead

from hostcheck.host import Host, LimitExceeded, Nonsense, tcp
from hostcheck.host.answers import TcpListener
from hostcheck.host.local import LocalHost

HOST: Host = LocalHost()
STRANGERS = ("setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups")
LISTEN = "import socket, sys, time; s = socket.create_server(('0.0.0.0', int(sys.argv[1]))); print('ready', flush=True); time.sleep(600)"


@contextmanager
def started(*argv: str, port: int) -> Iterator[int]:
    """Keep a process alive that listens on a port; `argv` is what starts it."""
    with subprocess.Popen([*argv, sys.executable, "-I", "-c", LISTEN, str(port)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None and child.stdout.readline() == "ready\n"
        try:
            yield child.pid
        finally:
            child.kill()


def port_of(server: socket.socket) -> int:
    return int(server.getsockname()[1])


def told(server: socket.socket) -> TcpListener:
    """Return what is to be told of a socket of this process's."""
    address, port = server.getsockname()[:2]
    began = HOST.process(os.getpid()).started
    return TcpListener(address=address, port=port, pid=os.getpid(), inode=os.fstat(server.fileno()).st_ino, started=began)


def test_a_listener_is_told_with_the_process_that_holds_it() -> None:
    six = socket.create_server(("::1", 0), family=socket.AF_INET6)
    with socket.create_server(("127.0.0.1", 0)) as server, six, socket.create_server(("127.0.0.1", 0)) as other:
        asked = [port_of(server), port_of(six)]
        assert port_of(other) not in asked
        with socket.create_connection(server.getsockname()[:2]) as client, server.accept()[0]:
            assert client.getpeername()[1] == asked[0]
            assert sorted(HOST.tcp_listeners(asked), key=lambda one: one.address) == sorted(map(told, (server, six)), key=lambda one: one.address)
    assert HOST.tcp_listeners(asked) == []


def test_an_address_of_both_protocols_is_written_as_the_table_has_it() -> None:
    with socket.create_server(("", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        assert [one.address for one in HOST.tcp_listeners([port_of(server)])] == ["::"]
    with socket.socket(socket.AF_INET6) as server:
        server.bind(("::ffff:127.0.0.1", 0))
        server.listen()
        assert [one.address for one in HOST.tcp_listeners([port_of(server)])] == ["::ffff:127.0.0.1"]


@pytest.mark.root
def test_to_a_stranger_those_of_others_have_no_process() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, started(*STRANGERS, port=port_of(server) + 1) as pid:
        ports = [port_of(server), port_of(server) + 1]
        assert [one.pid for one in HOST.tcp_listeners(ports)] == [os.getpid(), pid]
        assert as_stranger(lambda: [(one.port, one.pid, one.inode, one.started) for one in HOST.tcp_listeners(ports[:1])]) == f"[({ports[0]}, None, 0, 0)]"
        assert as_stranger(lambda: [one.pid for one in HOST.tcp_listeners(ports[1:])]) == f"[{pid}]"


@pytest.mark.root
def test_another_network_namespace_is_entered_and_left_by_a_child() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, started("unshare", "--net", port=port_of(server)) as pid:
        port, there = port_of(server), HOST.process(pid)
        assert there.network and HOST.tcp_listeners([port]) == [told(server)]
        (found,) = HOST.tcp_listeners([port], pid)
        assert found == TcpListener(address="0.0.0.0", port=port, pid=pid, inode=found.inode, started=there.started, network=there.network)
        assert HOST.holders([found.inode], [pid, os.getpid()]) == [pid]
        assert HOST.tcp_listeners([port], os.getpid()) == HOST.tcp_listeners([port]) == [told(server)]
        assert as_stranger(lambda: HOST.tcp_listeners([port], pid)).startswith("PermissionError: [Errno 13]")


@pytest.mark.root
def test_a_namespace_that_may_be_seen_but_not_entered_is_denied() -> None:
    bounded = ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin", sys.executable, "-I", "-c"]
    ask = """
import os
from hostcheck.host import attempt
from hostcheck.host.local import LocalHost
print(attempt(LocalHost().tcp_listeners, [1], os.getpid()))
"""
    done = subprocess.run([*bounded, ask], capture_output=True, text=True, check=True)
    assert "Why.DENIED" in done.stdout


def test_a_process_that_has_ended_is_absent() -> None:
    with pytest.raises(ProcessLookupError):
        HOST.tcp_listeners([2375], dead())


# What psutil may do


def doing(monkeypatch: pytest.MonkeyPatch, do: Callable[..., Any]) -> None:
    """Let psutil do this; it is imported in the child of the test, which is a fork."""
    monkeypatch.setattr(psutil, "net_connections", do)


def raising(error: Exception) -> Callable[..., Any]:
    def do(**_: object) -> None:
        raise error

    return do


def test_where_it_is_not_done_in_time_it_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp, "PATIENCE", 0.3)
    doing(monkeypatch, lambda **_: time.sleep(600))
    before = time.monotonic()
    with pytest.raises(TimeoutError):
        HOST.tcp_listeners([2375])
    assert time.monotonic() - before < 5


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (RuntimeError("error while parsing /proc/net/tcp; malformed line"), Nonsense),
        (KeyError("0D"), Nonsense),
        (psutil.AccessDenied(), Nonsense),
        (MemoryError(), LimitExceeded),
    ],
)
def test_whatever_it_raises_costs_one_answer(error: Exception, raised: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    doing(monkeypatch, raising(error))
    with pytest.raises(raised):
        HOST.tcp_listeners([2375])


Address = namedtuple("Address", ["ip", "port"])
Connection = namedtuple("Connection", ["laddr", "status", "pid", "fd"])


def test_a_process_that_does_not_hold_what_it_is_named_for_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    listens = Address("127.0.0.1", 2375)
    with (tmp_path / "file").open("w") as file:
        named = [(None, -1), (dead(), 3), (os.getpid(), 99_999), (os.getpid(), file.fileno())]
        doing(monkeypatch, lambda **_: [Connection(listens, psutil.CONN_LISTEN, pid, descriptor) for pid, descriptor in named])
        assert HOST.tcp_listeners([2375]) == [TcpListener(address="127.0.0.1", port=2375)] * len(named)


def test_what_does_not_listen_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    here = Address("127.0.0.1", 2375)
    others = [(here, psutil.CONN_ESTABLISHED), (here, psutil.CONN_TIME_WAIT), ((), psutil.CONN_LISTEN), (Address("127.0.0.1", 1), psutil.CONN_LISTEN)]
    doing(monkeypatch, lambda **_: [Connection(address, status, None, -1) for address, status in others])
    assert HOST.tcp_listeners([2375]) == []


# Who pays for it

COLLECT = """
import socket, sys
import hostcheck.cli.lock as lock
from hostcheck.cli import main
class Seen:
    def find_spec(self, name, path=None, target=None):
        if name == "psutil":
            open(sys.argv[1] + ".seen", "w").close()
sys.meta_path.insert(0, Seen())
lock.FOLDER = sys.argv[1] + ".lock"
servers = [socket.create_server(("127.0.0.1", int(port))) for port in sys.argv[2:]]
sys.exit(main(["collect", "-o", sys.argv[1]]))
"""


@pytest.mark.root
@pytest.mark.parametrize(("ports", "asked"), [([], False), (["22", "9323"], False), (["22", "2376"], True), (["8080"], True)])
def test_psutil_is_imported_where_a_port_of_an_engine_is_open_and_nowhere_else(ports: list[str], asked: bool, tmp_path: Path) -> None:
    out = tmp_path / "evidence.json"
    inside = ["unshare", "--net", "sh", "-c", 'ip link set lo up; exec "$0" "$@"', sys.executable, "-I", "-c", COLLECT, str(out), *ports]
    subprocess.run(inside, check=True, capture_output=True)
    assert out.exists() and Path(f"{out}.seen").exists() is asked
