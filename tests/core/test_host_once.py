"""What the probes of one process are told by each other, and what each of them asks the host itself."""

import os
import socket
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, cast

import pytest
from core.test_host_local import plain
from core.test_host_paths import exchange, homes

from hostcheck.host import ABSENT, Host, LimitExceeded, attempt
from hostcheck.host.local import LocalHost
from hostcheck.host.memory import MemoryHost
from hostcheck.host.once import FILES, SERVES, Once
from hostcheck.host.record import Recorder
from hostcheck.host.replay import Replay
from hostcheck.invoke import run
from hostcheck.model import Hole, Probe, Why
from hostcheck.testing.hindrances import VERBS

__all__ = ["homes", "plain"]
LATE = TimeoutError(110, "too slow")
ERRORS = [LATE, FileNotFoundError(2, "none"), PermissionError(13, "no"), LimitExceeded("too much"), MemoryError()]


class Machine:
    """A host in memory, how often each question reached it, the errors that it answers with, and a clock that stands still until it is moved."""

    def __init__(self) -> None:
        files: dict[str, str | bytes | Exception] = dict.fromkeys(FILES, "root:x:0:0::/root:/bin/sh\n")
        self.host = MemoryHost({**files, "/etc/hostname": "x\n"}, processes=[], users=[], groups=[])
        self.asked, self.faults, self.now = Counter[str](), dict[str, Exception](), 0.0
        self.once = Once(lambda _: nullcontext(cast(Host, self)), lambda: self.now)

    def __getattr__(self, name: str) -> Any:
        verb = getattr(self.host, name)

        def ask(*args: Any, **kwargs: Any) -> Any:
            question = " ".join([name, *map(str, args)])
            self.asked[question] += 1
            if fault := self.faults.get(question):
                raise fault.with_traceback(None)
            return verb(*args, **kwargs)

        return ask if name in VERBS else verb

    def look(self) -> Host:
        """Return a look that is never closed, as the host in memory need not be."""
        return self.once.look().__enter__()


def reads(path: str) -> Callable[[Host], Any]:
    return lambda host: host.read_bytes(path)


SHARED: dict[str, Callable[[Host], Any]] = {f"read_bytes {path}": reads(path) for path in sorted(FILES)}


@pytest.mark.parametrize("question", SHARED)
def test_what_several_probes_ask_the_host_is_asked_once(question: str) -> None:
    machine, ask = Machine(), SHARED[question]
    answers = [ask(machine.look()) for _ in range(4)]
    assert machine.asked == {question: 1}
    assert answers == [ask(machine.host)] * 4


@pytest.mark.parametrize("question", SHARED)
def test_a_probe_that_asks_again_is_told_what_is_so_by_now(question: str) -> None:
    machine, ask = Machine(), SHARED[question]
    first, second = machine.look(), machine.look()
    before = [ask(first), ask(second)]
    machine.host = MemoryHost(dict.fromkeys(FILES, "new\n"))
    after = ask(second)
    assert before[0] == before[1] != after == ask(machine.host)
    assert ask(machine.look()) == after  # and who asks later is told that
    assert machine.asked == {question: 2}


@pytest.mark.parametrize("error", ERRORS, ids=repr)
@pytest.mark.parametrize("question", SHARED)
def test_an_error_is_one_probes_own(question: str, error: Exception) -> None:
    machine, ask = Machine(), SHARED[question]
    machine.faults[question] = error
    for count in (1, 2):
        with pytest.raises(type(error)):
            ask(machine.look())
        assert machine.asked == {question: count}
    machine.faults.clear()
    assert ask(machine.look()) == ask(machine.host)


@pytest.mark.parametrize("question", SHARED)
def test_an_error_takes_back_what_was_told_before(question: str) -> None:
    machine, ask = Machine(), SHARED[question]
    look = machine.look()
    ask(look)
    machine.faults[question] = LATE
    for again in (look, machine.look()):
        with pytest.raises(TimeoutError):
            ask(again)


@pytest.mark.parametrize("question", SHARED)
def test_what_was_told_a_while_ago_is_asked_anew(question: str) -> None:
    machine, ask = Machine(), SHARED[question]
    ask(machine.look())
    machine.now = SERVES
    ask(machine.look())
    assert machine.asked == {question: 1}
    machine.now += 0.001
    ask(machine.look())
    ask(machine.look())
    assert machine.asked == {question: 2}


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_when_the_time_is_over_each_answer_is_late(verb: str) -> None:
    machine = Machine()
    machine.once = Once(lambda _: nullcontext(cast(Host, machine)), lambda: machine.now, 5.0)
    look = machine.look()
    assert look.read_text("/etc/hostname") == "x\n"
    machine.now = 5.0
    with pytest.raises(TimeoutError, match="the time for reading"):
        getattr(look, verb)("/etc/hostname", *((80,) if verb in ("get", "tcp_demand") else ()))
    assert look.kind == "memory" and machine.asked.total() == 1


@pytest.mark.parametrize(("verb", "given", "usual"), [("peer", ("/s",), 1.0), ("get", ("/s", "/info"), 5.0), ("tcp_demand", ("127.0.0.1", 2375), 2.0)])
def test_nobody_is_waited_for_longer_than_there_is_time(verb: str, given: tuple[Any, ...], usual: float) -> None:
    waited: list[float] = []

    class Slow:
        def __getattr__(self, name: str) -> Any:
            return lambda *args, timeout, **more: waited.append(timeout)

    for left in (0.5, 60.0):
        with Once(lambda _: nullcontext(cast(Host, Slow())), lambda: 1.0, 1.0 + left).look() as look:
            getattr(look, verb)(*given)
    assert waited == [0.5, usual]


def test_how_much_somebody_takes_is_that_ones_own() -> None:
    machine, path = Machine(), "/etc/passwd"
    for limit, missing in ((1 << 20, b""), (30, b"-")):
        assert machine.look().read_bytes(path, limit=limit, missing=missing)
    assert machine.asked == {f"read_bytes {path}": 1}
    with pytest.raises(LimitExceeded):
        machine.look().read_bytes(path, limit=3)
    assert machine.look().read_text(path) == "root:x:0:0::/root:/bin/sh\n"


def test_that_a_file_is_absent_is_each_ones_own_to_replace() -> None:
    machine = Machine()
    machine.faults["read_bytes /etc/passwd"] = FileNotFoundError(2, "none")
    assert [machine.look().read_text("/etc/passwd", missing=text) for text in ("", "-")] == ["", "-"]


EVERYTHING_ELSE: dict[str, Callable[[Host], Any]] = {
    "another file": lambda host: host.read_text("/etc/hostname"),
    "a file that may not be a link": lambda host: host.read_text("/etc/passwd", follow=False),
    "a file by another name": lambda host: host.read_text("/etc/../etc/passwd"),
    "stat": lambda host: host.stat("/etc/passwd"),
    "list_dir": lambda host: host.list_dir("/etc"),
    "privileged_programs": lambda host: host.privileged_programs("/etc", "group"),
    "read_link": lambda host: host.read_link("/proc/self/ns/mnt"),
    "file_capabilities": lambda host: host.file_capabilities("/etc/passwd"),
    "peer": lambda host: host.peer("/run/docker.sock"),
    "get": lambda host: host.get("/run/docker.sock", "/info"),
    "unix_sockets": lambda host: host.unix_sockets(),
    "tcp_listeners": lambda host: host.tcp_listeners([2375]),
    "tcp_demand": lambda host: host.tcp_demand("127.0.0.1", 2375),
    "tcp_sockets": lambda host: host.tcp_sockets([2375]),
    "vsock_listeners": lambda host: host.vsock_listeners(),
    "audit_rules": lambda host: host.audit_rules(),
    "holders": lambda host: host.holders([1], [1]),
    "processes": lambda host: host.processes(),
    "process": lambda host: host.process(1),
    "users": lambda host: host.users(),
    "groups": lambda host: host.groups(),
    "group_ids": lambda host: host.group_ids("root", 0),
    "user": lambda host: host.user(0),
    "group": lambda host: host.group(0),
}


def test_every_verb_is_looked_at_here() -> None:
    assert {*EVERYTHING_ELSE, "read_bytes", "read_text"} >= VERBS


@pytest.mark.parametrize("name", EVERYTHING_ELSE)
def test_everything_else_is_asked_by_each_probe_itself(name: str) -> None:
    machine = Machine()
    for _ in range(3):
        try:
            attempt(EVERYTHING_ELSE[name], machine.look())
        except ABSENT:
            continue
    assert list(machine.asked.values()) == [3]


def test_a_probes_record_has_what_others_asked_for() -> None:
    machine = Machine()
    records = []
    for _ in range(2):
        recorder = Recorder(machine.look(), keep=True)
        seen = [ask(recorder) for ask in SHARED.values()]
        again = Replay(recorder.recording())
        assert seen == [ask(again) for ask in SHARED.values()]
        records.append((recorder.sources, recorder.recording()))
    assert records[0] == records[1] and len(records[0][0]) == len(SHARED)
    assert {question: count for question, count in machine.asked.items() if not question.startswith("stat ")} == dict.fromkeys(SHARED, 1)


def test_a_probe_that_was_late_leaves_the_next_one_to_ask() -> None:
    machine = Machine()
    probe = Probe(id="late", title="", facts_schema="", collect=lambda host: attempt(lambda: len(host.read_text("/etc/passwd"))))
    machine.faults["read_bytes /etc/passwd"] = LATE
    late = run(probe, machine.look())
    machine.faults.clear()
    assert b'"why":"timeout"' in late and b'"facts":26' in run(probe, machine.look())


# On this machine


@pytest.mark.root
def test_what_is_exchanged_is_refused_to_the_probe_that_saw_it_before(homes: Path) -> None:
    once, path = Once(lambda _: LocalHost()), str(homes / "dave" / "sub" / "file")
    with once.look() as first:
        before = first.read_text(path)
        exchange(homes / "dave" / "sub" / "file", homes / "alice" / "sub" / "file")
        refused = attempt(first.read_text, path)
    assert before == "dave" and isinstance(refused, Hole) and refused.why is Why.LIMIT
    with once.look() as second:  # to another probe it is what stands there
        assert second.read_text(path) == "alice"


def test_a_look_leaves_nothing_open(plain: str) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{plain}/s")
        server.listen()
        with Once(lambda _: LocalHost()).look() as host:
            before = os.listdir("/proc/self/fd")
            host.ahead(f"{plain}/s", "/info")
            line = server.accept()[0]
            host.list_dir(plain)
            assert len(os.listdir("/proc/self/fd")) > len(before)
        line.close()
        assert os.listdir("/proc/self/fd") == before
