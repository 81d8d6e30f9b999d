"""The client against real sockets: every way an answer can be wrong, in time and in bounds."""

import json
import os
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from fakes import fake_engine

from hostcheck.host import LimitExceeded, Nonsense, Unsupported, attempt, hole_of
from hostcheck.host.answers import Answer, Peer
from hostcheck.host.local import LocalHost
from hostcheck.host.memory import MemoryHost
from hostcheck.host.record import Recorder
from hostcheck.host.replay import Replay
from hostcheck.isolate import Notes
from hostcheck.model import Hole, Why

LIMIT = 1 << 20
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Server:
    """A server that answers each connection with its script, and counts."""

    def __init__(self, path: Path, answer: Callable[[socket.socket], None]) -> None:
        """Listen at `path`."""
        self.path, self.connections = str(path), 0
        self.requests: list[bytes] = []
        self._answer, self._lines = answer, list[socket.socket]()
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(self.path)
        self._server.listen(16)
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self._server.accept()
                self.connections += 1
                self._lines.append(line)
                threading.Thread(target=self._one, args=(line,), daemon=True).start()

    def _one(self, line: socket.socket) -> None:
        with suppress(OSError):
            self._answer(line)

    def request(self, line: socket.socket) -> bytes:
        """Receive one request, b"" at the end."""
        data = b""
        while b"\r\n\r\n" not in data:
            got = line.recv(65536)
            if not got:
                return b""
            data += got
        self.requests.append(data)
        return data

    def close(self) -> None:
        """Close everything."""
        for one in (self._server, *self._lines):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(tmp_path_factory.mktemp("s")) / "x"


@pytest.fixture
def serve(place: Path) -> Iterator[Callable[..., Server]]:
    made: list[Server] = []

    def start(*pieces: bytes, keep: bool = True, pause: float = 0.0) -> Server:
        def answer(line: socket.socket) -> None:
            while server.request(line):
                for piece in pieces:
                    line.sendall(piece)
                    time.sleep(pause)
                if not keep:
                    line.close()
                    return

        server = Server(place, answer)
        made.append(server)
        return server

    yield start
    for server in made:
        server.close()


def get(server: Server, path: str = "/info", timeout: float = 2.0, limit: int = LIMIT) -> Answer:
    return LocalHost().get(server.path, path, timeout=timeout, limit=limit)


def test_an_answer_has_who_gave_it(serve: Callable[..., Server]) -> None:
    server = serve(b"HTTP/1.1 200 OK\r\nServer: Docker/26 (linux)\r\nLIBPOD-API-VERSION: 5.4\r\nContent-Length: 3\r\n\r\nabc")
    assert get(server) == Answer(status=200, body=b"abc", pid=os.getpid(), uid=os.getuid(), server="Docker/26 (linux)", libpod="5.4")
    assert server.requests == [b"GET /info HTTP/1.1\r\nHost: localhost\r\nUser-Agent: hostcheck\r\nAccept: application/json\r\n\r\n"]


def test_one_connection_serves_many_requests(serve: Callable[..., Server]) -> None:
    server, host = serve(OK), LocalHost()
    for path in ("/info", "/version", "/info"):
        assert host.get(server.path, path).body == b"{}"
    assert (server.connections, len(server.requests)) == (1, 3)


@pytest.mark.parametrize(
    "last",
    [
        b"HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        OK + b"more",
    ],
)
def test_a_connection_is_kept_only_where_it_may_be(serve: Callable[..., Server], last: bytes) -> None:
    server, host = serve(last), LocalHost()
    assert [host.get(server.path, "/info").body for _ in range(2)] == [b"{}", b"{}"]
    assert server.connections == 2


def test_a_kept_connection_that_was_closed_is_opened_again(serve: Callable[..., Server]) -> None:
    server, host = serve(OK, keep=False), LocalHost()
    assert [host.get(server.path, "/info").status for _ in range(3)] == [200, 200, 200]
    assert server.connections == 3


def test_requests_may_be_sent_first_and_answers_read_last(place: Path) -> None:
    go = threading.Event()

    def answer(line: socket.socket) -> None:
        while server.request(line) and go.wait():
            line.sendall(OK)

    server, host = Server(place, answer), LocalHost()
    impatient = threading.Timer(20, go.set)
    impatient.start()
    for path in ("/info", "/version", "/_ping", "/info"):
        host.ahead(server.path, path)
    assert not go.is_set(), "an answer was waited for"
    impatient.cancel()
    go.set()
    assert [host.get(server.path, path).status for path in ("/version", "/info", "/_ping")] == [200, 200, 200]
    assert (server.connections, len(server.requests)) == (3, 3)
    server.close()


def test_sending_ahead_where_nobody_answers_says_nothing(place: Path) -> None:
    host = LocalHost()
    for path in (str(place), "/nowhere/x", "no path"):
        host.ahead(path, "/info")
    with pytest.raises(FileNotFoundError):
        host.get(str(place), "/info")
    place.write_text("")
    with pytest.raises(ConnectionRefusedError):
        host.get(str(place), "/info")


@pytest.fixture
def noted(tmp_path: Path) -> Iterator[Callable[..., LocalHost]]:
    """Return a host of a worker that does the work of a number; all of them share their notes."""
    file = os.open(tmp_path / "notes", os.O_RDWR | os.O_CREAT | os.O_APPEND)

    def host(number: int, *, again: bool = False) -> LocalHost:
        notes = Notes(file)
        notes.begin(number, again=again)
        return LocalHost(notes)

    yield host
    os.close(file)


@pytest.mark.parametrize("asks", [LocalHost.peer, lambda host, path: host.get(path, "/info"), lambda host, path: host.ahead(path, "/info")])
def test_a_probe_that_is_run_again_connects_to_nothing_twice(
    serve: Callable[..., Server], noted: Callable[..., LocalHost], asks: Callable[[LocalHost, str], object]
) -> None:
    server = serve(OK)
    for _ in range(2):  # within one run nothing is refused
        asks(noted(1), server.path)
    again = noted(1, again=True)
    for verb in (lambda: again.peer(server.path), lambda: again.get(server.path, "/info")):
        hole = attempt(verb)
        assert isinstance(hole, Hole) and (hole.why, hole.message.partition(": ")[0]) == (Why.LIMIT, server.path)
    again.ahead(server.path, "/info")
    assert attempt(again.peer, "/dev/null") != hole
    assert noted(2, again=True).get(server.path, "/info").body == b"{}"
    assert server.connections == 3


def test_what_this_scan_is_connected_to_is_no_fact(serve: Callable[..., Server], noted: Callable[..., LocalHost]) -> None:
    """Whichever of its workers that is, and while it lasts."""
    server, host, other = serve(OK), noted(1), LocalHost()
    for one in (host, other):
        one.get(server.path, "/info")
    ends = [[one for one in asked.unix_sockets() if one.name == server.path and one.peer] for asked in (other, noted(2), host)]
    assert [len(found) for found in ends] == [2, 1, 1]
    assert ends[1] == ends[2]


@pytest.mark.parametrize("path", ["info", "/in fo", "/info\r\nX: y", "", "/é"])
def test_only_a_plain_path_is_asked_for(serve: Callable[..., Server], path: str) -> None:
    server = serve(OK)
    with pytest.raises(Nonsense):
        get(server, path)
    assert server.requests == []


@pytest.mark.parametrize(
    ("pieces", "body"),
    [
        ((b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"3\r\na", b"bc\r\n1;x=y\r\nd\r\n0\r\nX: y\r\n\r\n"), b"abcd"),
        ((b"HTTP/1.1 200 OK\r\nTRANSFER-ENCODING: Chunked\r\n\r\n0\r\n\r\n",), b""),
        ((b"HTTP/1.1 204 No Content\r\n\r\n",), b""),
        ((b"HTT", b"P/1.1 200\r", b"\nContent-Length: 1\r\n\r", b"\n", b"x"), b"x"),
        ((b"HTTP/1.1 200 OK\r\nX: a\x80b\r\nContent-Length: 1\r\n\r\nx",), b"x"),
    ],
)
def test_what_is_whole_is_read_whole(serve: Callable[..., Server], pieces: tuple[bytes, ...], body: bytes) -> None:
    server, host = serve(*pieces, pause=0.02), LocalHost()
    assert [host.get(server.path, "/x").body for _ in range(2)] == [body, body]
    assert server.connections == 1


def test_a_body_without_a_length_ends_with_the_connection(serve: Callable[..., Server]) -> None:
    assert get(serve(b"HTTP/1.1 200 OK\r\n\r\nab", b"cd", keep=False)).body == b"abcd"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/2.0 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n folded: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nName : x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab",
        b"HTTP/1.1 200 OK\r\nX: ",
        b"HTTP",
        b"SSH-2.0-x\r\n",
    ],
)
def test_what_contradicts_itself_is_nonsense(serve: Callable[..., Server], answer: bytes) -> None:
    with pytest.raises(Nonsense):
        get(serve(answer, keep=False))


def test_limits_are_of_the_body_and_of_the_head(serve: Callable[..., Server]) -> None:
    server = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde")
    assert get(server, limit=5).body == b"abcde"
    with pytest.raises(LimitExceeded):
        get(server, limit=4)


@pytest.mark.parametrize("count", [1, 40])
def test_the_head_is_bounded(serve: Callable[..., Server], count: int) -> None:
    many = b"".join(b"X-%d: %s\r\n" % (number, b"a" * (70_000 // count)) for number in range(count))
    with pytest.raises(LimitExceeded):
        get(serve(b"HTTP/1.1 200 OK\r\n" + many + b"\r\n"))


def test_the_deadline_is_one_for_all(serve: Callable[..., Server]) -> None:
    server = serve(*(bytes([byte]) for byte in OK), pause=0.1)
    with pytest.raises(TimeoutError):  # whoever waited anew for every byte would have them all after 4 s
        get(server, timeout=0.5)


def test_who_sends_the_first_byte_too_late_is_not_waited_for(serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hostcheck.host.http.FIRST", 0.2)
    server = serve(b"", OK, pause=1.0)
    with pytest.raises(TimeoutError):
        get(server, timeout=5.0)


def test_a_full_backlog_is_tried_again(place: Path) -> None:
    server = fake_engine.listen("backlog", str(place))
    held = fake_engine.fill(str(place))
    started = time.monotonic()
    with pytest.raises(TimeoutError, match="backlog"):
        LocalHost().get(str(place), "/info", timeout=0.3)
    assert time.monotonic() - started > 0.25
    answers = [threading.Thread(target=_serve_all, args=(server, len(held) + 1), daemon=True)]
    threading.Timer(0.3, answers[0].start).start()
    assert LocalHost().get(str(place), "/info", timeout=3.0).status == 200
    for line in (*held, server):
        line.close()


def test_many_whose_backlog_is_full_are_waited_for_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their time begins when they are asked ahead, so that one user's sockets take one patience and not one each."""
    slept: list[float] = []
    sleep = time.sleep
    monkeypatch.setattr("hostcheck.host.unix.time.sleep", lambda seconds: (slept.append(seconds), sleep(seconds)))
    places = [str(tmp_path / f"s{number}") for number in range(20)]
    servers = [fake_engine.listen("backlog", place) for place in places]
    held = [line for place in places for line in fake_engine.fill(place)]
    host = LocalHost()
    for place in places:
        host.ahead(place, "/_ping")
    for place in places:
        with pytest.raises(TimeoutError, match="backlog"):
            host.get(place, "/_ping", timeout=0.4)
    assert sum(slept) <= 0.5
    for line in (*held, *servers):
        line.close()


def _serve_all(server: socket.socket, count: int) -> None:
    for _ in range(count):
        line, _ = server.accept()
        with line:
            line.sendall(OK)


def test_a_long_path_is_reached(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = Path(tmp_path_factory.mktemp("l")) / ("d" * 150)
    folder.mkdir()
    look = os.open(folder, os.O_PATH)
    server = Server(Path(f"/proc/self/fd/{look}/x"), lambda line: line.sendall(OK))
    assert LocalHost().get(str(folder / "x"), "/info").body == b"{}"
    server.close()
    os.close(look)


EXPECTED = {
    **dict.fromkeys(("hang", "backlog", "slowloris", "slowbody"), "timeout"),
    **dict.fromkeys(("hugeheader", "hugebody", "endless", "chunkbomb", "million"), "limit"),
    **dict.fromkeys(
        ("garbage", "http2", "http09", "tls", "empty", "reset", "badchunk", "shortbody", "biglen", "neglen", "duplen", "upgrade"),
        "nonsense",
    ),
}
"""What the client itself makes of each way; whatever else is a whole answer, and for its reader to judge."""


@pytest.mark.parametrize("mode", fake_engine.MODES)
def test_every_way_to_be_wrong_ends_in_time_and_in_bounds(mode: str, place: Path) -> None:
    server = fake_engine.listen(mode, str(place))
    held = fake_engine.fill(str(place)) if mode == "backlog" else []
    if mode != "backlog":
        threading.Thread(target=fake_engine.run, args=(mode, server), daemon=True).start()
    fake_engine.million()  # made before the client waits for it: that takes seconds where others have the processor
    patience = 0.6 if EXPECTED.get(mode) == "timeout" else 10.0
    host, why, started = LocalHost(), "", time.monotonic()
    if mode not in ("million", "deepjson"):
        tracemalloc.start()
    try:
        host.get(str(place), "/info", timeout=patience, limit=LIMIT)
    except (OSError, Nonsense, LimitExceeded) as error:
        hole = hole_of(error)
        assert hole is not None
        why = hole.why
    peak = tracemalloc.get_traced_memory()[1] if tracemalloc.is_tracing() else 0
    tracemalloc.stop()
    assert time.monotonic() - started < 9  # by its patience where nothing ends, and before it where too much comes
    assert peak < 8 << 20
    assert why == EXPECTED.get(mode, "")
    with suppress(OSError):
        server.shutdown(socket.SHUT_RDWR)
    for line in (*held, server):
        line.close()


@pytest.mark.parametrize(("mode", "words"), [("http2", "HTTP/2"), ("tls", "TLS"), ("http09", "HTTP")])
def test_it_says_what_is_spoken_instead(mode: str, words: str, serve: Callable[..., Server]) -> None:
    pieces = list(fake_engine.ANSWERS[mode]("/info"))
    with pytest.raises(Nonsense, match=words):
        get(serve(*pieces, keep=False))


def memory() -> MemoryHost:
    answers = {
        "/info": Answer(status=403, body=b"\xff\0{}", pid=7, uid=0, server="Docker/26"),
        "/version": TimeoutError(110, "slow", "/s"),
        "/gone": ABSENT_FILE,
    }
    return MemoryHost(peers={"/s": Peer(pid=7, uid=0, gid=0)}, links={"/link": "/s"}, answers={"/s": answers}, files={"/file": ""})


ABSENT_FILE = FileNotFoundError(2, "No such file or directory", "/s")


def test_a_host_in_memory_answers_with_what_it_was_given() -> None:
    host = memory()
    host.ahead("/s", "/info")
    assert host.get("/link", "/info").status == 403
    for path, error in (("/version", TimeoutError), ("/other", Unsupported), ("/gone", FileNotFoundError)):
        with pytest.raises(error):
            host.get("/s", path)
    with pytest.raises(LimitExceeded):
        host.get("/s", "/info", limit=3)
    with pytest.raises(ConnectionRefusedError):
        host.get("/file", "/info")
    with pytest.raises(FileNotFoundError):
        host.get("/nowhere", "/info")


def test_answers_are_recorded_and_given_again() -> None:
    recorder = Recorder(memory(), keep=True)
    recorder.ahead("/s", "/info")
    first = recorder.get("/s", "/info")
    for path in ("/version", "/gone"):
        with pytest.raises(OSError):
            recorder.get("/s", path)
    replay = Replay(json.loads(json.dumps(recorder.recording())))
    replay.ahead("/s", "/info")
    assert replay.get("/s", "/info") == first == memory().get("/s", "/info")
    for path, error in (("/version", TimeoutError), ("/gone", FileNotFoundError), ("/other", Unsupported)):
        with pytest.raises(error):
            replay.get("/s", path)
    with pytest.raises(LimitExceeded):
        replay.get("/s", "/info", limit=3)
    with pytest.raises(PermissionError):
        replay.denying("get path=/info socket=/s", PermissionError(13, "no")).get("/s", "/info")


def test_a_source_names_socket_and_path_and_keeps_nothing_of_the_answer() -> None:
    recorder = Recorder(memory())
    recorder.get("/s", "/info")
    with pytest.raises(TimeoutError):
        recorder.get("/s", "/version")
    assert recorder.sources == [
        {"verb": "get", "path": "/info", "socket": "/s", "outcome": "ok", "volatile": True},
        {"verb": "get", "path": "/version", "socket": "/s", "outcome": "timeout", "volatile": True},
    ]
