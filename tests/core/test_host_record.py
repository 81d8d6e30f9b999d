"""What was recorded is what is replayed, whatever was answered."""

import errno
import hashlib
import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host import Host, LimitExceeded, Missing, Nonsense, Unsupported, attempt, record
from hostcheck.host.answers import AclEntry, AuditRules, Demand, Group, Peer, Process, Stat, TcpListener, TcpSocket, UnixSocket, User, VsockListener
from hostcheck.host.memory import MemoryHost
from hostcheck.host.record import SOURCES_MAX, Recorder
from hostcheck.host.replay import Replay
from hostcheck.model import Hole, HostcheckError, OpenArray, Why

DENIED = PermissionError(errno.EACCES, "Permission denied", "/shut")
HOST = MemoryHost(
    {"/etc/passwd": "root:x:0:0\n", "/bin/sh": b"\x7fELF\xff", "/proc/version": "Linux", "/sys/x": "1", "/shut": DENIED},
    links={"/var/run": "/run", "/dangling": "none"},
    peers={"/run/s": Peer(pid=1, uid=0, gid=0), "/run/full": TimeoutError(errno.ETIMEDOUT, "its backlog is full", "/run/full")},
    users=[],
)


def outcome(ask: Callable[[], object]) -> object:
    """Return an answer, or what stands for the error that came instead."""
    try:
        return ask()
    except (OSError, Nonsense, LimitExceeded, Unsupported, MemoryError) as error:
        return (type(error), error.errno if isinstance(error, OSError) else None, str(error))


def written(document: Any) -> Any:
    """Write a document as strict UTF-8 JSON and read it back."""
    return json.loads(json.dumps(document, ensure_ascii=False, allow_nan=False).encode("utf-8"))


def test_what_is_not_known_of_a_list_is_recorded_with_it() -> None:
    setgid = Stat(type="file", uid=0, gid=0, mode=0o2755)
    host = MemoryHost({"/x/a": "", "/x/y": DENIED}, stats={"/x/a": setgid, "/x/y": Stat(type="dir", uid=0, gid=0, mode=0o755)})
    recorder = Recorder(host, keep=True)
    assert recorder.privileged_programs("/x", "group", depth=1) == ["a"]
    assert recorder.privileged_programs("/x", "owner", depth=1) == []
    replay = Replay(written(recorder.recording()))
    for _ in range(2):
        assert replay.privileged_programs("/x", "owner") == []
        again = replay.privileged_programs("/x", "group")
        assert isinstance(again, OpenArray) and (again, again.hole) == (["a"], Hole(why=Why.DENIED, message="/shut: Permission denied"))


# Sources


def test_sources_say_what_was_asked_and_how_it_went() -> None:
    recorder = Recorder(HOST)
    assert recorder.kind == "memory"
    for path in ("/sys/x", "/shut", "/none", "//proc/./version", "/etc/passwd", "/etc/passwd", "/etc"):
        attempt(recorder.read_text, path, missing="")
    for follow in (True, False):
        outcome(lambda: recorder.stat("/dangling", follow=follow))  # noqa: B023
    for path in ("/run/s", "/run/full", "/etc/passwd"):
        outcome(lambda: recorder.peer(path))  # noqa: B023
    for ask in (recorder.processes, recorder.users, lambda: recorder.group_ids("ann", 5), lambda: recorder.process(7)):
        outcome(ask)
    outcome(lambda: recorder.list_dir("/", limit=1))
    recorder.holders({3, 4}, (1,))
    outcome(lambda: recorder.tcp_listeners([2376, 2375]))
    digest = hashlib.sha256(b"root:x:0:0\n").hexdigest()
    assert recorder.sources == [
        {"verb": "group_ids", "name": "ann", "gid": 5, "outcome": "unsupported"},
        {"verb": "holders", "inodes": 2, "pids": 1, "outcome": "ok", "volatile": True},
        {"verb": "list_dir", "path": "/", "outcome": "limit"},
        {"verb": "peer", "path": "/etc/passwd", "outcome": "absent", "volatile": True},
        {"verb": "peer", "path": "/run/full", "outcome": "timeout", "volatile": True},
        {"verb": "peer", "path": "/run/s", "outcome": "ok", "volatile": True},
        {"verb": "process", "pid": 7, "outcome": "unsupported", "volatile": True},
        {"verb": "processes", "outcome": "unsupported", "volatile": True},
        {"verb": "read_bytes", "path": "//proc/./version", "outcome": "ok", "size": 5, "volatile": True},
        {"verb": "read_bytes", "path": "/etc", "outcome": "nonsense"},
        {"verb": "read_bytes", "path": "/etc/passwd", "outcome": "ok", "size": 11, "sha256": digest},
        {"verb": "read_bytes", "path": "/none", "outcome": "absent"},
        {"verb": "read_bytes", "path": "/shut", "outcome": "denied"},
        {"verb": "read_bytes", "path": "/sys/x", "outcome": "ok", "size": 1, "volatile": True},
        {"verb": "stat", "path": "/dangling", "follow": False, "outcome": "ok"},
        {"verb": "stat", "path": "/dangling", "outcome": "absent"},
        {"verb": "tcp_listeners", "ports": 2, "pid": 0, "outcome": "unsupported", "volatile": True},
        {"verb": "users", "outcome": "ok"},
    ]


def test_sources_can_be_written_whatever_the_paths_were() -> None:
    recorder = Recorder(MemoryHost({"/a\udcff\n": ""}))
    for path in ("/a\udcff\n", "/\ud800", "not absolute"):
        outcome(lambda: recorder.read_bytes(path))  # noqa: B023
    assert [source["path"] for source in written(recorder.sources)] == ["/a\\xff\n", "/\\ud800", "not absolute"]


def test_a_file_is_hashed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[bytes] = []
    real = hashlib.sha256

    def count(content: bytes) -> Any:
        hashed.append(content)
        return real(content)

    monkeypatch.setattr(hashlib, "sha256", count)
    recorder = Recorder(HOST)
    for _ in range(3):
        recorder.read_bytes("/etc/passwd")
        recorder.read_text("/etc/passwd")
    assert len(hashed) == 1


def test_sources_are_capped_and_say_so() -> None:
    recorder = Recorder(MemoryHost())
    for number in range(SOURCES_MAX + 3):
        outcome(lambda: recorder.stat(f"/{number}"))  # noqa: B023
    assert len(recorder.sources) == SOURCES_MAX + 1
    assert recorder.sources[-1] == {"verb": "*", "path": "", "outcome": "limit", "left_out": 3}


def test_an_answer_takes_the_place_of_a_failure_and_of_nothing_else() -> None:
    recorder = Recorder(HOST, keep=True)
    for limit in (1, 2):
        outcome(lambda: recorder.read_bytes("/etc/passwd", limit=limit))  # noqa: B023
    assert recorder.sources[0]["outcome"] == "limit"
    with pytest.raises(LimitExceeded, match="more than 1 bytes"):
        Replay(recorder.recording()).read_text("/etc/passwd", limit=5)
    recorder.read_bytes("/etc/passwd")
    outcome(lambda: recorder.read_bytes("/etc/passwd", limit=1))
    assert recorder.sources[0]["outcome"] == "ok"
    replay = Replay(recorder.recording())
    assert replay.read_text("/etc/passwd") == "root:x:0:0\n"
    with pytest.raises(LimitExceeded, match="/etc/passwd: more than 1 bytes"):
        replay.read_text("/etc/passwd", limit=1)


def test_a_mistake_in_a_probe_is_no_answer() -> None:
    recorder = Recorder(HOST, keep=True)
    with pytest.raises(AttributeError):
        recorder.stat(None)  # type: ignore[arg-type]
    assert recorder.sources == [] == recorder.recording()["answers"]


# Recordings


def test_a_recording_is_readable_and_in_order() -> None:
    recorder = Recorder(HOST, keep=True)
    for path in ("/etc/passwd", "/bin/sh"):
        recorder.read_text(path)
    outcome(lambda: recorder.peer("/run/full", timeout=3))
    assert recorder.recording() == {
        "schema": "hostcheck.recording/1",
        "answers": [
            {
                "verb": "peer",
                "args": {"path": "/run/full"},
                "error": {"type": "TimeoutError", "errno": 110, "message": "its backlog is full", "filename": "/run/full"},
            },
            {"verb": "read_bytes", "args": {"path": "/bin/sh", "follow": True}, "value": {"base64": "f0VMRv8="}},
            {"verb": "read_bytes", "args": {"path": "/etc/passwd", "follow": True}, "value": {"text": "root:x:0:0\n"}},
        ],
    }


def test_a_recorder_that_keeps_nothing_has_no_recording() -> None:
    with pytest.raises(ValueError, match="keep=True"):
        Recorder(HOST).recording()


def test_absence_is_recorded_whatever_would_stand_for_it() -> None:
    for missing in ("", Missing.RAISES):
        recorder = Recorder(HOST, keep=True)
        outcome(lambda: recorder.read_text("/none", missing=missing))  # noqa: B023
        replay = Replay(written(recorder.recording()))
        assert (replay.read_text("/none", missing="x"), replay.read_bytes("/none", missing=b"y")) == ("x", b"y")
        with pytest.raises(FileNotFoundError, match="'/none'"):
            replay.read_text("/none")


def test_what_was_never_asked_is_unsupported_and_never_absent() -> None:
    recorder = Recorder(HOST, keep=True)
    recorder.stat("/etc/passwd")
    replay: Host = Replay(recorder.recording())
    assert replay.kind == "replay"
    asked: list[Callable[[], object]] = [
        *(replay.processes, replay.users, replay.groups, replay.unix_sockets, replay.vsock_listeners, lambda: replay.holders([1], [1])),
        *(lambda: replay.tcp_listeners([1]), lambda: replay.tcp_listeners([], 1), lambda: replay.tcp_sockets([1])),
        *(lambda: replay.process(1), lambda: replay.group_ids("a", 1), lambda: replay.peer("/x"), lambda: replay.user(1), lambda: replay.group("a")),
        *(
            lambda: replay.read_text("/x", missing=""),
            lambda: replay.list_dir("/x"),
            lambda: replay.read_link("/x"),
            lambda: replay.stat("/etc/passwd", follow=False),
        ),
    ]
    for ask in asked:
        with pytest.raises(Unsupported, match="^never asked: "):
            ask()


@pytest.mark.parametrize("error", [DENIED, TimeoutError("slow"), LimitExceeded("too large")])
def test_any_one_answer_can_be_denied(error: Exception) -> None:
    recorder = Recorder(HOST, keep=True)
    recorder.read_text("/etc/passwd")
    recorder.read_text("/none", missing="")
    document = recorder.recording()
    replay = Replay(document)
    assert replay.keys == ["read_bytes follow=True path=/etc/passwd", "read_bytes follow=True path=/none"]
    for index, key in enumerate(replay.keys):
        for denied in (Replay(document, deny={index: error}), Replay(document, deny={key: error}), replay.denying(key, error), replay.denying(index, error)):
            found = [attempt(denied.read_text, path, missing="") for path in ("/etc/passwd", "/none")]
            assert isinstance(found.pop(index), Hole)
            assert found == ([""] if index == 0 else ["root:x:0:0\n"])
    assert replay.read_text("/none", missing="-") == "-"
    for which in ("read_bytes path=/x", 2):
        with pytest.raises((KeyError, IndexError)):
            replay.denying(which, error)


def test_an_answer_given_again_cannot_be_spoilt() -> None:
    recorder = Recorder(HOST, keep=True)
    recorder.list_dir("/")
    replay = Replay(recorder.recording())
    replay.list_dir("/").clear()
    assert replay.list_dir("/") == HOST.list_dir("/")


@pytest.mark.parametrize(
    "document",
    [None, [], {}, {"schema": "hostcheck.recording/2", "answers": []}, {"schema": "hostcheck.recording/1"}]
    + [
        {"schema": "hostcheck.recording/1", "answers": [entry]}
        for entry in (1, {}, {"verb": "stat", "args": {}}, {"verb": "stat", "args": {}, "value": {"x": 1}}, {"verb": "stat", "args": {}, "error": {}})
    ]
    + [
        {
            "schema": "hostcheck.recording/1",
            "answers": [{"verb": "stat", "args": {}, "error": {"type": "SystemExit", "errno": 1, "message": "", "filename": ""}}],
        }
    ],
)
def test_what_is_no_recording_is_refused_in_one_line(document: Any) -> None:
    with pytest.raises(HostcheckError, match="recording"):
        Replay(document)


@pytest.mark.parametrize(
    "error",
    [OSError(errno.EIO, "Input/output error", "/x"), OSError("odd"), OSError(), TimeoutError(), ConnectionRefusedError(111, "no", "/x"), MemoryError("x")]
    + [FileNotFoundError(2, "n", ""), PermissionError(1, "n\udcff", "/\udcff"), Nonsense("\ud800"), Unsupported(), LimitExceeded("a", "b"), OSError(2, None)]
    + [type("Odd", (BlockingIOError,), {})(11, "subclass", "/x"), OSError(5, "bytes", b"/x")],
    ids=repr,
)
def test_an_error_comes_again_as_what_it_was(error: Exception) -> None:
    recorder = Recorder(MemoryHost({"/x": error}), keep=True)
    with pytest.raises(type(error)):
        recorder.stat("/x")
    with pytest.raises(type(error).__mro__[1] if type(error).__name__ == "Odd" else type(error)) as raised:
        Replay(written(recorder.recording())).stat("/x")
    assert getattr(raised.value, "errno", None) == getattr(error, "errno", None)
    assert getattr(raised.value, "filename", None) == (None if isinstance(getattr(error, "filename", None), bytes) else getattr(error, "filename", None))


# Round trip

TEXTS = st.text(st.one_of(st.characters(), st.characters(categories=["Cs"]), st.sampled_from("\udcff\n\x1b \0\"'")), max_size=8)
NAMES = st.one_of(st.sampled_from(["a", "b", "follow=True", "path=", "caf\udce9"]), TEXTS.map(lambda text: text.replace("/", "").replace("\0", ""))).filter(
    lambda name: name not in ("", ".", "..")
)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(lambda names: "/" + "/".join(names))
INTS = st.integers(-1, (1 << 32) - 1)
MESSAGES = TEXTS
ERRORS = st.one_of(
    st.builds(lambda number, path: OSError(number, "why", path), st.sampled_from([1, 2, 5, 11, 13, 20, 24, 40, 110, 111]), PATHS),
    *(st.builds(kind, MESSAGES) for kind in (Unsupported, LimitExceeded, Nonsense, TimeoutError, PermissionError)),
)
STATS = st.builds(
    Stat,
    type=st.sampled_from(["dir", "socket", "fifo", "link", "file"]),
    uid=INTS,
    gid=INTS,
    mode=st.integers(0, 0o7777),
    size=INTS,
    acl=st.lists(st.builds(AclEntry, tag=st.sampled_from(["user", "mask"]), id=INTS, perms=st.integers(0, 7)), max_size=2).map(tuple),
)
FOUR = st.tuples(INTS, INTS, INTS, INTS)
PROCESSES = st.builds(
    Process,
    pid=st.integers(1, 4),
    ppid=INTS,
    name=TEXTS,
    uids=FOUR,
    gids=FOUR,
    groups=st.lists(INTS, max_size=3).map(tuple),
    cap_effective=st.integers(0, 1 << 41),
    exe=TEXTS,
    host_mounts=st.sampled_from([True, False, None]),
    network=st.sampled_from([0, 4026532208, None]),
    started=INTS,
)
USERS = st.builds(User, name=TEXTS, uid=INTS, gid=INTS, home=TEXTS, shell=TEXTS)
UNIX = st.builds(UnixSocket, inode=INTS, name=TEXTS, listening=st.booleans(), peer=INTS, uid=INTS)
TCP = st.builds(
    TcpListener, address=TEXTS, port=st.sampled_from([1, 2]), pid=st.none() | INTS, inode=INTS, started=INTS, network=st.sampled_from([0, 4026532208])
)
TCP_SOCKETS = st.builds(TcpSocket, address=TEXTS, port=st.sampled_from([1, 2]), uid=INTS, inode=INTS)
AUDIT = st.builds(AuditRules, enabled=INTS, pid=INTS, rules=st.lists(st.binary(max_size=9), max_size=2).map(tuple))
DEMANDS = st.builds(Demand, tls=TEXTS, speaks=TEXTS, status=INTS, server=TEXTS, libpod=TEXTS)
VSOCK = st.builds(VsockListener, cid=INTS, port=INTS, inode=INTS)
GROUPS = st.builds(Group, name=TEXTS, gid=INTS, members=st.lists(TEXTS, max_size=2).map(tuple))
CONTENTS = st.one_of(st.binary(max_size=20), st.text(st.characters(exclude_categories=["Cs"]), max_size=20), ERRORS)


@st.composite
def hosts(draw: st.DrawFn) -> tuple[MemoryHost, list[str], list[str]]:
    """Draw a host, and paths and names to ask it for."""
    paths = draw(st.lists(PATHS, max_size=6, unique=True))
    tops = [path for path in paths if not any(path.startswith(f"{other}/") for other in paths)]
    content: dict[str, Any] = {"files": {}, "links": {}, "peers": {}, "stats": {}}
    makers: dict[str, st.SearchStrategy[Any]] = {
        "files": CONTENTS,
        "links": st.one_of(PATHS, TEXTS),
        "peers": ERRORS | st.builds(Peer, pid=INTS, uid=INTS, gid=INTS),
    }
    for path in tops:
        kind = draw(st.sampled_from([*makers, "stats"]))
        content[kind][path] = draw(makers.get(kind, STATS))
    for what, members in {
        "processes": PROCESSES,
        "users": USERS,
        "groups": GROUPS,
        "unix_sockets": UNIX,
        "tcp_listeners": TCP,
        "tcp_sockets": TCP_SOCKETS,
        "vsock_listeners": VSOCK,
    }.items():
        content[what] = draw(st.one_of(st.none(), ERRORS, st.lists(members, max_size=3)))
    content["audit_rules"] = draw(st.one_of(st.none(), ERRORS, AUDIT))
    content["demands"] = draw(st.dictionaries(st.tuples(st.sampled_from(["127.0.0.1", "::1"]), st.sampled_from([1, 2])), DEMANDS | ERRORS, max_size=2))
    return MemoryHost(**content), [*paths, *draw(st.lists(PATHS, max_size=2)), "/"], draw(st.lists(TEXTS, min_size=1, max_size=3))


def answers(host: Host, paths: Iterable[str], names: Iterable[str]) -> list[object]:
    """Ask everything."""
    asked: list[Callable[[], object]] = [host.processes, host.users, host.groups, host.unix_sockets, lambda: host.holders({7, 5}, (2, 1))]
    asked += [host.vsock_listeners, host.audit_rules, lambda: host.tcp_listeners([2, 1]), lambda: host.tcp_listeners([1], 1), lambda: host.tcp_sockets([2, 1])]
    asked += [lambda: host.tcp_sockets((), uid=0), lambda: host.tcp_demand("127.0.0.1", 1), lambda: host.tcp_demand("::1", 2)]
    for path in paths:
        for follow in (True, False):
            asked += [lambda p=path, f=follow: host.stat(p, follow=f), lambda p=path, f=follow: host.read_bytes(p, follow=f)]  # type: ignore[misc]
        asked += [lambda p=path: host.read_text(p), lambda p=path: host.read_text(p, missing="-"), lambda p=path: host.list_dir(p)]  # type: ignore[misc]
        asked += [lambda p=path: host.privileged_programs(p, "group"), lambda p=path: host.privileged_programs(p, "owner")]  # type: ignore[misc]
        asked += [
            lambda p=path: host.read_link(p),
            lambda p=path: host.peer(p),
        ]  # type: ignore[misc]
    asked += [lambda n=name: host.group_ids(n, 7) for name in names]  # type: ignore[misc]
    asked += [ask for name in (*names, 0, 7) for ask in (lambda n=name: host.user(n), lambda n=name: host.group(n))]  # type: ignore[misc]
    asked += [lambda p=pid: host.process(p) for pid in range(1, 6)]  # type: ignore[misc]
    return [outcome(ask) for ask in asked]


@given(hosts())
def test_a_replay_answers_as_the_host_did(drawn: tuple[MemoryHost, list[str], list[str]]) -> None:
    host, *asked = drawn
    recorder = Recorder(host, keep=True)
    seen = answers(recorder, *asked)
    assert seen == answers(host, *asked)
    document = written(recorder.recording())
    again = Recorder(Replay(document), keep=True)
    assert answers(again, *asked) == seen
    assert written(again.recording()) == document
    assert again.sources == recorder.sources
    written(recorder.sources)


@pytest.mark.parametrize("path", ["/home/ann/.docker/config.json", "/root/.bashrc", "/srv/homes/ann/.profile"])
def test_what_lies_in_a_home_gets_no_digest_by_which_one_could_try_what_it_says(path: str) -> None:
    recorder = Recorder(MemoryHost({path: '{"auths": {}}', "/etc/passwd": ""}))
    recorder.read_bytes(path)
    recorder.read_bytes("/etc/passwd")
    told = {source["path"]: sorted(source) for source in recorder.sources}
    assert told == {path: ["outcome", "path", "verb"], "/etc/passwd": ["outcome", "path", "sha256", "size", "verb"]}


def test_sources_with_long_paths_have_a_bound_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "SOURCES_SIZE", 1000)
    recorder = Recorder(MemoryHost({}))
    for number in range(20):
        _absent(recorder, f"/{'x' * 200}/{number}")
    noted = recorder.sources
    assert len(noted) < 10 and noted[-1]["left_out"] == 20 - (len(noted) - 1)


def _absent(recorder: Recorder, path: str) -> None:
    with pytest.raises(FileNotFoundError):
        recorder.stat(path)
