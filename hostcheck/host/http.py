"""A small HTTP/1.1 client for unix sockets: it asks with GET, follows nothing, and is done by its deadline whatever the other end does.

http.client would cost 20 ms of imports, waits anew for every recv(2) and reads what two lengths or an unknown coding make ambiguous; here all that is an error.
"""

import errno
import re
import select
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from typing import Final

from hostcheck.deferred import pattern
from hostcheck.host import MIB, LimitExceeded, Nonsense, unix
from hostcheck.host.answers import Answer, Peer

HEAD: Final = 64 << 10
"""Bytes of status line and headers together, and of trailers."""
CHUNK_LINE: Final = 1 << 10
FIRST: Final = 5.0
"""Seconds to the first byte of an answer, if the deadline leaves as much."""
SIZE: Final = 1 << 16
LENGTH: Final = (1 << 63) - 1
PATH: Final = pattern(r"/[!-~]*")
STATUS: Final = pattern(rb"HTTP/1\.([01]) ([1-9][0-9]{2})(?: [^\r\n\0]*)?")
HEADER: Final = pattern(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\0]*?)[ \t]*")
HEXADECIMAL: Final = pattern(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?")
SIGNATURE: Final = b"HTTP/1."
OTHERS: Final = (
    (pattern(rb"\0..\x04\0\0{4}", re.DOTALL), "speaks HTTP/2, as gRPC does"),  # a SETTINGS frame of stream 0 comes first, RFC 9113, 3.4
    (pattern(rb"[\x14-\x17]\x03[\0-\4]", re.DOTALL), "speaks TLS"),
)
RESET: Final = (BrokenPipeError, ConnectionResetError)
Headers = dict[str, list[str]]


class Closed(Exception):
    """The other end closed a connection without a byte of an answer."""


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Line:
    """One connection: who is at its other end, what came and was not read yet, and until when the answer that is waited for may take."""

    name: str
    wire: socket.socket
    peer: Peer
    sent: float = 0.0
    fresh: bool = True
    deadline: float = 0.0
    data: bytearray = field(default_factory=bytearray)

    def send(self, path: str) -> None:
        """Send one request; where the other end has closed already, what it said before can still be read."""
        request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: hostcheck\r\nAccept: application/json\r\n\r\n"
        self.sent = time.monotonic()
        with suppress(*RESET):
            # A request is smaller than any send buffer, and the one before it was answered: so it is taken whole, or not at all.
            self.wire.sendall(request.encode("ascii"))

    def fill(self, until: float, what: str) -> bool:
        """Receive some more; return False at the end of what the other end sends. Raises TimeoutError."""
        left = until - time.monotonic()
        ready = select.poll()
        ready.register(self.wire, select.POLLIN)
        if left <= 0 or not ready.poll(left * 1000):
            raise TimeoutError(errno.ETIMEDOUT, what, self.name)
        try:
            got = self.wire.recv(SIZE)
        except BlockingIOError:
            return True
        self.data += got
        return bool(got)

    def demand(self, what: str) -> None:
        """Receive some more, or raise Nonsense where there is none."""
        if not self.fill(self.deadline, f"{what} was not complete in time"):
            raise Nonsense(f"{self.name}: the connection was closed before the end of {what}")

    def take(self, count: int, what: str) -> bytes:
        """Return exactly `count` bytes."""
        while len(self.data) < count:
            self.demand(what)
        taken = bytes(self.data[:count])
        del self.data[:count]
        return taken

    def line(self, limit: int, what: str) -> bytes:
        """Return what stands before the next CR LF, of at most `limit` bytes."""
        start = 0
        while (end := self.data.find(b"\r\n", max(start - 1, 0))) < 0:
            start = len(self.data)
            if start > limit:
                break
            self.demand(what)
        if not 0 <= end <= limit:
            raise LimitExceeded(f"{self.name}: {what} is larger than {limit} bytes")
        return self.take(end + 2, what)[:-2]


class Asker:
    """What asks, keeping one connection for the next request after each answer; requests that were sent ahead have a connection each."""

    def __init__(self, address: Callable[[str], AbstractContextManager[bytes]], own: Callable[[int], object]) -> None:
        """Ask nobody yet; `address` gives what leads to the socket of a name, `own` is told the inode of each connection's own end before it is made."""
        self._address, self._own = address, own
        self._idle: dict[str, Line] = {}
        self._ahead: dict[tuple[str, str], Line] = {}
        self._begun: dict[tuple[str, str], float] = {}

    def close(self) -> None:
        """Close what is still open."""
        for line in (*self._idle.values(), *self._ahead.values()):
            line.wire.close()

    __del__ = close

    def send(self, name: str, path: str) -> None:
        """Send a request now, to be answered by `get`; raises what connect(2) raises, and TimeoutError where it would have to wait.

        The time for the answer begins now in any case: many whose backlog is full are waited for together, and not one after the other.
        """
        if (name, path) not in self._ahead:
            begun = self._begun[name, path] = time.monotonic()
            self._ahead[name, path] = self._start(name, path, begun)

    def get(self, name: str, path: str, *, timeout: float, limit: int = MIB) -> Answer:
        """Return the answer to GET `path`: to the request that was sent ahead, else to one that is sent now."""
        deadline = self._begun.pop((name, path), time.monotonic()) + timeout
        line = self._ahead.pop((name, path), None) or self._start(name, path, deadline)
        try:
            return self._answer(line, path, deadline, limit)
        except Closed:
            if line.fresh:
                raise Nonsense(f"{name}: {path}: the connection was closed without an answer") from None
        # A kept connection may be closed at any time, RFC 9112, 9.3.1; what was asked on it may be asked again.
        try:
            return self._answer(self._start(name, path, deadline), path, deadline, limit)
        except Closed:
            raise Nonsense(f"{name}: {path}: the connection was closed without an answer") from None

    def _start(self, name: str, path: str, deadline: float) -> Line:
        if PATH.fullmatch(path) is None:
            raise Nonsense(f"{path!r}: not a path that can be asked for")
        line = self._idle.pop(name, None) or self._opened(name, deadline)
        line.send(path)
        return line

    def _opened(self, name: str, deadline: float) -> Line:
        with self._address(name) as address:
            wire = unix.connect(address, deadline, self._own)
        return Line(name=name, wire=wire, peer=unix.credentials(wire))

    def _answer(self, line: Line, path: str, deadline: float, limit: int) -> Answer:
        line.deadline = deadline
        kept = False
        try:
            answer, kept = _read(line, path, limit)
        except RESET as error:
            raise Nonsense(f"{line.name}: {path}: {error.strerror}") from error
        finally:
            if not kept or line.name in self._idle:
                line.wire.close()
        if kept:
            line.fresh = False
            self._idle.setdefault(line.name, line)
        return answer


def _read(line: Line, path: str, limit: int) -> tuple[Answer, bool]:
    """Return an answer, and whether another can be asked for on the same connection."""
    _demand_http(line, path)
    version, status, headers = _head(line, path)
    body = _body(line, path, status, headers, limit)
    more = version == 1 and "close" not in _words(headers, "connection") and body is not None and not line.data
    whole = _to_the_end(line, path, limit) if body is None else body
    server, libpod = (headers.get(key, [""])[0] for key in ("server", "libpod-api-version"))
    return Answer(status=status, body=whole, pid=line.peer.pid, uid=line.peer.uid, server=server, libpod=libpod), more


def _demand_http(line: Line, path: str) -> None:
    """Wait for the first bytes; they already tell what is not HTTP/1."""
    first = min(line.deadline, line.sent + FIRST)
    try:
        while not line.data:
            if not line.fill(first, f"{path}: no answer in time"):
                raise Closed
    except RESET as error:
        raise Closed from error
    while not line.data.startswith(SIGNATURE):
        if not SIGNATURE.startswith(line.data[: len(SIGNATURE)]):
            raise Nonsense(f"{line.name}: {path}: {_guess(line)}")
        line.demand(f"{path}: the answer")


def _head(line: Line, path: str) -> tuple[int, int, Headers]:
    text = line.line(HEAD, f"{path}: the head of its answer")
    status = STATUS.fullmatch(text)
    if status is None:
        raise Nonsense(f"{line.name}: {path}: its status line is malformed")
    return int(status[1]), int(status[2]), _headers(line, path, HEAD - len(text))


def _guess(line: Line) -> str:
    """Say what is spoken instead of HTTP/1, by the first bytes; more of them may come with the next recv(2)."""
    with suppress(TimeoutError, OSError):
        while len(line.data) < 9 and line.fill(min(line.deadline, time.monotonic() + 0.1), "more"):
            pass
    return next((what for pattern, what in OTHERS if pattern.match(line.data)), "does not speak HTTP")


def _headers(line: Line, path: str, room: int) -> Headers:
    headers: Headers = {}
    while text := line.line(max(room, 0), f"{path}: the head of its answer"):
        room -= len(text) + 2
        header = HEADER.fullmatch(text)
        if header is None:
            raise Nonsense(f"{line.name}: {path}: a malformed header")
        headers.setdefault(header[1].decode("ascii").lower(), []).append(header[2].decode("latin-1"))
    return headers


def _words(headers: Headers, name: str) -> list[str]:
    return [word.strip().lower() for value in headers.get(name, ()) for word in value.split(",")]


def _body(line: Line, path: str, status: int, headers: Headers, limit: int) -> bytes | None:
    """Return the body of an answer that says where it ends, None for one that ends with the connection (RFC 9112, 6.3)."""
    if status < 200:
        raise Nonsense(f"{line.name}: {path}: answered {status}, which nobody asked for")
    coding, lengths = _words(headers, "transfer-encoding"), headers.get("content-length", [])
    if coding and (lengths or coding != ["chunked"]):
        raise Nonsense(f"{line.name}: {path}: a body in a coding whose end cannot be told")
    if status in (204, 304):
        return b""
    if coding:
        return _chunked(line, path, limit)
    if not lengths:
        return None
    length = int(lengths[0]) if len(lengths) == 1 and lengths[0].isascii() and lengths[0].isdigit() and len(lengths[0]) < 20 else -1
    if not 0 <= length <= LENGTH:
        raise Nonsense(f"{line.name}: {path}: a Content-Length that is not the length of a body")
    if length > limit:
        raise LimitExceeded(f"{line.name}: {path}: a body of {length} bytes, more than {limit}")
    return line.take(length, f"{path}: the body")


def _chunked(line: Line, path: str, limit: int) -> bytes:
    body = bytearray()
    for size in _sizes(line, path):
        if len(body) + size > limit:
            raise LimitExceeded(f"{line.name}: {path}: a body of more than {limit} bytes")
        body += line.take(size, f"{path}: the body")
        if line.take(2, f"{path}: the body") != b"\r\n":
            raise Nonsense(f"{line.name}: {path}: a chunk that is longer than it says")
    _headers(line, path, HEAD)
    return bytes(body)


def _sizes(line: Line, path: str) -> Iterator[int]:
    while True:
        size = HEXADECIMAL.fullmatch(line.line(CHUNK_LINE, f"{path}: the size of a chunk"))
        if size is None:
            raise Nonsense(f"{line.name}: {path}: a chunk without a size")
        if int(size[1], 16) == 0:
            return
        yield int(size[1], 16)


def _to_the_end(line: Line, path: str, limit: int) -> bytes:
    while line.fill(line.deadline, f"{path}: the body was not complete in time"):
        if len(line.data) > limit:
            raise LimitExceeded(f"{line.name}: {path}: a body of more than {limit} bytes")
    return bytes(line.data)
