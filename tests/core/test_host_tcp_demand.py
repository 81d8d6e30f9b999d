"""What servers on TCP ask of clients, by real ones: plain, over TLS with and without a demand for a certificate, and such that say nothing or nonsense."""

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from hostcheck.host import LimitExceeded, Nonsense, Unsupported
from hostcheck.host.answers import Demand
from hostcheck.host.local import LocalHost
from hostcheck.isolate import Notes

PING = b"HTTP/1.1 200 OK\r\nApi-Version: 1.45\r\nServer: Docker/26.1.5 (linux)\r\nContent-Length: 2\r\n\r\nOK"
LIBPOD = b"HTTP/1.1 200 OK\r\nServer: Libpod/5.4.2 (linux)\r\nLibpod-API-Version: 5.4.2\r\n\r\n"
HTTPS = b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
SETTINGS = b"\0\0\6\4\0\0\0\0\0\0\5\0\0\x40\0"
Serve = Callable[[socket.socket], None]


@contextmanager
def serving(serve: Serve, address: str = "127.0.0.1") -> Iterator[int]:
    """Serve each connection in turn, and yield the port."""
    with socket.create_server((address, 0), family=socket.AF_INET6 if ":" in address else socket.AF_INET) as server:

        def loop() -> None:
            with suppress(OSError):
                while True:
                    line, _ = server.accept()
                    with line, suppress(OSError):
                        serve(line)

        threading.Thread(target=loop, daemon=True).start()
        yield server.getsockname()[1]
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)


def says(*answers: bytes) -> Serve:
    """Say these, in this order, to who asks."""

    def serve(line: socket.socket) -> None:
        line.recv(4096)
        for answer in answers:
            line.sendall(answer)
            time.sleep(0.01)

    return serve


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("tls")
    names = ("-keyout", str(place / "key.pem"), "-out", str(place / "cert.pem"), "-subj", "/CN=localhost", "-days", "2")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", *names], check=True, capture_output=True)
    return place


def over_tls(place: Path, verify: ssl.VerifyMode, version: ssl.TLSVersion, answer: bytes) -> Serve:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(place / "cert.pem", place / "key.pem")
    context.load_verify_locations(place / "cert.pem")
    context.verify_mode, context.maximum_version = verify, version

    def serve(line: socket.socket) -> None:
        try:
            with context.wrap_socket(line, server_side=True) as wire:
                wire.recv(4096)
                wire.sendall(answer)
        except ssl.SSLError as error:
            if error.reason == "HTTP_REQUEST":
                line.sendall(HTTPS)

    return serve


def asked(port: int, address: str = "127.0.0.1", timeout: float = 2.0) -> Demand:
    with LocalHost() as host:
        return host.tcp_demand(address, port, timeout=timeout)


@pytest.mark.parametrize(
    ("serve", "expected"),
    [
        (says(PING), Demand(tls="none", speaks="http", status=200, server="Docker/26.1.5 (linux)")),
        (says(PING[:9], PING[9:60], PING[60:]), Demand(tls="none", speaks="http", status=200, server="Docker/26.1.5 (linux)")),
        (says(LIBPOD), Demand(tls="none", speaks="http", status=200, server="Libpod/5.4.2 (linux)", libpod="5.4.2")),
        (says(b"HTTP/1.1 404 Not Found\r\n\r\n"), Demand(tls="none", speaks="http", status=404)),
        (says(SETTINGS), Demand(tls="none", speaks="http/2")),
        (says(SETTINGS[:4], SETTINGS[4:]), Demand(tls="none", speaks="http/2")),
    ],
)
def test_who_speaks_plainly(serve: Serve, expected: Demand) -> None:
    with serving(serve) as port:
        assert asked(port) == expected


def test_over_ipv6() -> None:
    with serving(says(PING), "::1") as port:
        assert asked(port, "::1").tls == "none"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("verify", [ssl.CERT_NONE, ssl.CERT_OPTIONAL])
def test_tls_that_asks_for_no_certificate_or_takes_none_for_an_answer(certificate: Path, verify: ssl.VerifyMode, version: ssl.TLSVersion) -> None:
    with serving(over_tls(certificate, verify, version, PING)) as port:
        assert asked(port) == Demand(tls="server", speaks="http", status=200, server="Docker/26.1.5 (linux)")


def test_who_has_no_certificate_is_refused_after_the_handshake_of_tls_1_3(certificate: Path) -> None:
    with serving(over_tls(certificate, ssl.CERT_REQUIRED, ssl.TLSVersion.TLSv1_3, PING)) as port:
        assert asked(port) == Demand(tls="mutual")


@pytest.mark.parametrize("serve", [says(b""), says(b"SSH-2.0-OpenSSH_10.0\r\n"), says(b"\0" * 20), says(b"\x15\x03\x01\0\2\2\x28"), says(HTTPS)])
def test_what_is_neither_http_nor_tls_is_nonsense(serve: Serve) -> None:
    with serving(serve) as port, pytest.raises(Nonsense):
        asked(port)


def test_a_closed_port_and_a_silent_one() -> None:
    with serving(lambda line: time.sleep(1)) as port:
        begun = time.monotonic()
        with pytest.raises(TimeoutError):
            asked(port, timeout=0.3)
        assert time.monotonic() - begun < 0.9
    with pytest.raises(ConnectionRefusedError):
        asked(port)


def test_who_drips_does_not_take_longer() -> None:
    with serving(says(*[b"HTTP/1.1 200 OK\r\nX: "], *[b"x"] * 1000)) as port, pytest.raises(TimeoutError):
        asked(port, timeout=0.3)


@pytest.mark.parametrize("address", ["192.0.2.1", "0.0.0.0", "localhost", "::", "::ffff:127.0.0.1", "127.0.0.1\n", "127.1"])
def test_nobody_is_connected_to_at_another_address(address: str) -> None:
    with pytest.raises(Unsupported):
        asked(1, address)


def test_a_run_after_one_that_ended_early_connects_to_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    notes = Notes()
    monkeypatch.setattr(notes, "announce", lambda place: False)
    with serving(says(PING)) as port, LocalHost(notes) as host, pytest.raises(LimitExceeded):
        host.tcp_demand("127.0.0.1", port)
