"""A socket that claims to be an engine and behaves in one of 38 ways, of which 37 are wrong: `python fake_engine.py MODE PATH`.

Each way is what some real thing did: a daemon that panics, a proxy that wants a login, gRPC, TLS, a full backlog, a user with too much time.
"""

import json
import os
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from itertools import repeat

Pieces = Iterator[bytes]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
BLOCK = b"1," * 32768
HONEST = {"ServerVersion": "26.1.5", "SecurityOptions": ["name=seccomp,profile=builtin"], "Warnings": None}
ESCAPES = "/\x1b]0;pwn\x07\x1b[31m|$(id)`id`\n\r\u202e,=cmd|'/c calc'!A0"


def whole(body: bytes | str, status: str = "200 OK", kind: str = "application/json", more: str = "") -> Pieces:
    """Yield a complete answer, as dockerd frames it."""
    content = body if isinstance(body, bytes) else body.encode()
    head = f"HTTP/1.1 {status}\r\nApi-Version: 1.45\r\nOstype: linux\r\nServer: Docker/26.1.5 (linux)\r\nContent-Type: {kind}\r\n{more}"
    yield f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


def raw(*pieces: bytes) -> Pieces:
    """Yield bytes as they are."""
    yield from pieces


def slowly(start: bytes, pieces: Iterator[bytes]) -> Pieces:
    """Yield a start at once, and one more piece each second."""
    yield start
    for piece in pieces:
        time.sleep(1)
        yield piece


def forever(start: bytes, piece: bytes) -> Pieces:
    """Yield a start, and the same piece without end."""
    yield start
    yield from repeat(piece)


def then_wait(start: bytes, seconds: float) -> Pieces:
    """Yield a start and keep the connection open."""
    yield start
    time.sleep(seconds)


def containers(entries: list[dict[str, object]]) -> Pieces:
    """Yield a list of containers, whatever was asked for."""
    return whole(json.dumps(entries))


@cache
def million() -> bytes:
    """Return a list of 200,000 containers; made once, because it takes a while."""
    return b"".join(containers([{"Id": f"{number:064x}", "Names": [f"/c{number}"], "State": "running"} for number in range(200_000)]))


def honest(path: str) -> Pieces:
    """Yield what a sound engine says."""
    return whole("OK", kind="text/plain") if "_ping" in path else whole(json.dumps(HONEST))


ANSWERS: dict[str, Callable[[str], Pieces]] = {
    "empty": lambda _: raw(),  # what dockerd does that panics in fillRootlessVersion (moby, daemon/info_unix.go)
    "garbage": lambda _: raw(os.urandom(4096)),
    "http2": lambda _: raw(bytes.fromhex("000006040000000000000500004000")),
    "http09": lambda _: raw(b"<html>hello</html>"),
    "tls": lambda _: raw(bytes.fromhex("15030100020216")),
    "slowloris": lambda _: slowly(b"H", (bytes([byte]) for byte in b"TTP/1.1 200 OK\r\nX: " + b"a" * 100_000)),
    "slowbody": lambda _: slowly(HEAD + b"Content-Length: 100000\r\n\r\n{", repeat(b" ")),
    "hugeheader": lambda _: forever(HEAD, b"X-A: " + b"a" * 60_000 + b"\r\n"),
    "hugebody": lambda _: forever(HEAD + b"Content-Length: 10737418240\r\n\r\n[", BLOCK),
    "endless": lambda _: forever(HEAD + b"Connection: close\r\n\r\n[", BLOCK),
    "chunkbomb": lambda _: forever(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"8000\r\n" + b" " * 0x8000 + b"\r\n"),
    "badchunk": lambda _: raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\nxx\r\n"),
    "shortbody": lambda _: raw(HEAD + b"Content-Length: 5000\r\n\r\n{}"),
    "biglen": lambda _: raw(HEAD + b"Content-Length: 9223372036854775808\r\n\r\n{}"),
    "neglen": lambda _: raw(HEAD + b"Content-Length: -1\r\n\r\n{}"),
    "duplen": lambda _: raw(HEAD + b"Content-Length: 2\r\nContent-Length: 9\r\n\r\n{}1234567"),
    "redirect": lambda _: whole("", "302 Found", more="Location: http://169.254.169.254/latest/meta-data/\r\n"),
    "upgrade": lambda _: then_wait(b"HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n\r\n", 60),
    "e401": lambda _: whole('{"message":"unauthorized"}', "401 Unauthorized"),
    "e403": lambda _: whole('{"message":"authorization denied by plugin x"}', "403 Forbidden"),
    "e500": lambda _: whole('{"message":"plugin x failed with error: AuthZPlugin.AuthZReq: ..."}', "500 Internal Server Error"),
    "html": lambda _: whole("<html>proxy login</html>", kind="text/html"),
    "deepjson": lambda _: whole("[" * 200_000 + "]" * 200_000),
    "bigint": lambda _: whole('{"NCPU":' + "9" * 10_000 + "}"),
    "nan": lambda _: whole('{"MemTotal":NaN,"NCPU":Infinity}'),
    "dupkey": lambda _: whole('{"SecurityOptions":["name=rootless"],"SecurityOptions":[]}'),
    "badutf8": lambda _: whole(b'{"Name":"\xff\xfe\xc3("}'),
    "nuljson": lambda _: whole('{"Name":"a\\u0000b","Labels":["x\\ud800"]}'),
    "bom": lambda _: whole(b'\xef\xbb\xbf{"Name":"x"}'),
    "arr": lambda _: whole("[]"),
    "nullinfo": lambda _: whole("null"),
    "wrongtypes": lambda _: whole('{"SecurityOptions":"name=rootless","Warnings":{"a":1},"NCPU":"4","Plugins":[],"RegistryConfig":null}'),
    "ansi": lambda _: containers([{"Id": "x" * 64, "Names": [ESCAPES], "Image": "<script>alert(1)</script>", "State": "running"}]),
    "million": lambda _: raw(million()),
    "ok": honest,
}
SILENT = ("hang", "backlog", "reset")
"""They never read what was asked: one accepts and waits, one does not accept, one resets."""
MODES = (*ANSWERS, *SILENT)
KEPT = ("ok", "e401", "e403", "e500", "redirect", "html", "arr", "nullinfo")
"""After these a connection can be used again."""


def _asked(line: socket.socket) -> Iterator[str]:
    """Yield the path of each request on a connection."""
    data = b""
    while got := line.recv(65536):
        data += got
        while b"\r\n\r\n" in data:
            head, _, data = data.partition(b"\r\n\r\n")
            words = head.split(b" ")
            yield words[1].decode("latin-1") if len(words) > 1 else "/"


def serve(mode: str, line: socket.socket) -> None:
    """Answer on one connection until it is closed; only a whole answer is followed by another."""
    with suppress(OSError), line:
        if mode == "hang":
            time.sleep(3600)
        if mode == "reset":
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return
        for path in _asked(line):
            pieces = list(ANSWERS[mode](path)) if mode in KEPT else ANSWERS[mode](path)
            for piece in pieces:
                line.sendall(piece)
            if mode not in KEPT:
                return


def listen(mode: str, path: str) -> socket.socket:
    """Bind a socket that everybody may connect to; one whose backlog is full is filled up at once."""
    with suppress(FileNotFoundError):
        os.unlink(path)
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    os.chmod(path, 0o666)
    server.listen(0 if mode == "backlog" else 64)
    return server


def fill(path: str) -> list[socket.socket]:
    """Connect until the backlog is full, and return what holds it full."""
    held = []
    while True:
        line = socket.socket(socket.AF_UNIX)
        line.setblocking(False)
        try:
            line.connect(path)
        except BlockingIOError:
            line.close()
            return held
        held.append(line)


def run(mode: str, server: socket.socket) -> None:
    """Accept for ever, each connection in a thread of its own."""
    with suppress(OSError):
        while True:
            line, _ = server.accept()
            threading.Thread(target=serve, args=(mode, line), daemon=True).start()


def main() -> None:
    """Behave as MODE at PATH until killed."""
    mode, path = sys.argv[1:3]
    server = listen(mode, path)
    held = fill(path) if mode == "backlog" else []
    if mode == "million":
        million()
    print("ready", flush=True)
    if held:
        time.sleep(3600)
    run(mode, server)


if __name__ == "__main__":
    main()
