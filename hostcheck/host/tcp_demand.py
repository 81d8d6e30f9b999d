"""What a server on TCP of this machine asks of a client: by two connections to a loopback address, one that speaks plainly and one that speaks TLS.

What a configuration says of TLS is not what a server does, so a client without a certificate tries. Over TLS 1.3 it is refused only when it reads: the
handshake ends before the server has looked for a certificate (RFC 8446, 4.4.2.4 and 6.2).
"""

import errno
import re
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from hostcheck.deferred import pattern
from hostcheck.host import Nonsense, Unsupported
from hostcheck.host.answers import Demand

REQUEST: Final = b"GET /_ping HTTP/1.1\r\nHost: localhost\r\nUser-Agent: hostcheck\r\nConnection: close\r\n\r\n"
HEAD: Final = 16 << 10
"""Bytes of an answer's head that are read."""
LOOPBACK: Final = pattern(r"127(?:\.[0-9]{1,3}){3}|::1", re.ASCII)
STATUS: Final = pattern(rb"HTTP/1\.[01] ([1-9][0-9]{2})[ \r]")
HEADER: Final = pattern(rb"^(server|libpod-api-version):[ \t]*([!-~ ]{0,200}?)[ \t]*\r$", re.IGNORECASE | re.MULTILINE)
SETTINGS: Final = pattern(rb"\0..\x04\0\0{4}", re.DOTALL)
"""The frame by which HTTP/2 begins, which gRPC speaks (RFC 9113, 3.4)."""
FRAME: Final = 9
BAD_REQUEST: Final = 400
"""What a server of HTTP over TLS answers plainly to who does not speak TLS."""
REFUSALS: Final = frozenset({"TLSV13_ALERT_CERTIFICATE_REQUIRED", "SSLV3_ALERT_BAD_CERTIFICATE"})
"""How a server refuses who has no certificate: over TLS 1.3, and in the handshake of TLS 1.2 (RFC 8446, 6.2; crypto/tls of Go)."""
CLOSED: Final = (BrokenPipeError, ConnectionResetError)
Receive = Callable[[int], bytes]


def demand(address: str, port: int, timeout: float) -> Demand:
    """Return what who listens at a loopback address asks of clients, in `timeout` seconds at most.

    Raises Unsupported for any other address, ConnectionRefusedError where nobody listens, TimeoutError where who does stays silent, and Nonsense where
    neither HTTP nor TLS is spoken.
    """
    if not LOOPBACK.fullmatch(address):
        raise Unsupported(f"{address}: no loopback address, and a scan connects to no other")
    until = time.monotonic() + timeout
    try:
        return _plain(address, port, until) or _over_tls(address, port, until)
    except TimeoutError as error:
        raise TimeoutError(errno.ETIMEDOUT, "no answer in time", f"port {port}") from error


def _connected(address: str, port: int, until: float) -> socket.socket:
    line = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        _wait(line, until)
        line.connect((address, port))
        return line
    except OSError:
        line.close()
        raise


def _wait(line: socket.socket, until: float) -> None:
    """Let the next call take until then at most."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError(errno.ETIMEDOUT, "no answer in time")
    line.settimeout(left)


def _plain(address: str, port: int, until: float) -> Demand | None:
    """Return what is demanded of who speaks plainly, None where that is TLS."""
    with _connected(address, port, until) as line:
        said = b""
        with suppress(*CLOSED):
            line.sendall(REQUEST)
            said = _head(line, line.recv, until)
    found = _spoken(said, "none")
    if found is not None:
        return None if found.status == BAD_REQUEST else found
    if said and said[:1] != b"\x15":  # a TLS alert
        raise Nonsense(f"port {port}: speaks neither HTTP nor TLS")
    return None


def _head(line: socket.socket, receive: Receive, until: float) -> bytes:
    """Return what comes first, until the end of a head, of a frame, or of the connection."""
    said = b""
    while len(said) < HEAD and b"\r\n\r\n" not in said and not (said[:1] == b"\0" and len(said) >= FRAME):
        _wait(line, until)
        got = receive(HEAD)
        if not got:
            break
        said += got
    return said


def _spoken(said: bytes, tls: str) -> Demand | None:
    """Return what an answer tells, None where it is none of HTTP's."""
    if SETTINGS.match(said):
        return Demand(tls=tls, speaks="http/2")
    status = STATUS.match(said)
    if status is None:
        return None
    told = {key.lower(): value.decode("ascii") for key, value in HEADER.findall(said)}
    return Demand(tls=tls, speaks="http", status=int(status[1]), server=told.get(b"server", ""), libpod=told.get(b"libpod-api-version", ""))


class _Wire:
    """TLS over a connection, of which what was received can be read still where nothing can be sent any more: there stands why one is refused."""

    def __init__(self, line: socket.socket, until: float) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        self._line, self._until = line, until
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing)

    def talk(self) -> bytes:
        """Shake hands, ask, and return what comes first."""
        self._until_done(self._tls.do_handshake)
        self._tls.write(REQUEST)
        return _head(self._line, lambda size: self._until_done(lambda: self._tls.read(size)), self._until)

    def _until_done(self, step: Callable[[], Any]) -> Any:
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self._exchange()
            finally:
                self._flush()

    def _flush(self) -> None:
        with suppress(*CLOSED):
            _wait(self._line, self._until)
            self._line.sendall(self._outgoing.read())

    def _exchange(self) -> None:
        self._flush()
        got = b""
        with suppress(*CLOSED):
            _wait(self._line, self._until)
            got = self._line.recv(HEAD)
        if got:
            self._incoming.write(got)
        else:
            self._incoming.write_eof()


def _over_tls(address: str, port: int, until: float) -> Demand:
    """Return what is demanded of who speaks TLS and shows no certificate; that of the server is not looked at."""
    with _connected(address, port, until) as line:
        try:
            said = _Wire(line, until).talk()
        except ssl.SSLError as error:
            if error.reason in REFUSALS:
                return Demand(tls="mutual")
            raise Nonsense(f"port {port}: no answer over TLS: {error.reason or 'closed'}") from error
    found = _spoken(said, "server")
    if found is None:
        raise Nonsense(f"port {port}: {'speaks no HTTP over TLS' if said else 'closed without an answer over TLS'}")
    return found
