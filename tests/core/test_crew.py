"""Works that share two workers cost each other nothing: whatever one of them does, those beside it answer, and it has the hole that it has alone.

Every case is real processes. Limits are short only where they are meant to be hit: a busy machine must not change a result.
"""

import errno
import fcntl
import os
import resource
import signal
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from test_isolate import (
    LATE,
    PLENTY,
    alive,
    allocates,
    closes_all,
    ends,
    forks_away,
    gone,
    nothing_left,  # noqa: F401 - a fixture for every test here, too
    opens_thousands,
    raises,
    scribbles,
    segfaults,
    sign,
    signals_itself,
    signed,
    sleep,
    soon,
    spins,
)

from hostcheck.isolate import Crew, Limits, Notes, finish, hire
from hostcheck.isolate.messages import TOOK, header
from hostcheck.model import Hole, Why

Work = Callable[[Any], bytes]
UNGUARDED = "its guard ended without an answer"
MIB = 1 << 20
KEPT: list[Any] = []
"""What works leave behind in the memory of their worker."""


def well(_: Any) -> bytes:
    return b"well"


def alone(work: Callable[[], bytes]) -> Work:
    return lambda _: work()


def as_it_is(notes: Notes) -> Notes:
    return notes


def run(works: Sequence[Work], limits: Limits | None = None, deadline: float = PLENTY + 1, **options: Any) -> list[bytes | Hole]:
    """Have works done, and see that it ends in time."""
    end = time.monotonic() + deadline
    answers = finish(hire(works, options.pop("make", as_it_is), limits or Limits(wall=PLENTY), **options), end)
    assert time.monotonic() < end + 2
    return answers


def meet(folder: Path) -> list[Work]:
    """Return two works that wait for each other: after them each of two workers has done one, and what it does next is not its first."""

    def waits(own: str, other: str, _: Any) -> bytes:
        (folder / own).touch()
        assert soon(lambda: (folder / other).exists())
        return b"well"

    folder.mkdir()
    return [partial(waits, "a", "b"), partial(waits, "b", "a")]


def kills_its_guard() -> bytes:
    os.kill(os.getppid(), signal.SIGKILL)
    return sleep()


def stops_its_guard() -> bytes:
    os.kill(os.getppid(), signal.SIGSTOP)
    return sleep()


def turns_back(number: int) -> bytes:
    """Stop the guard again and again, until there is another one."""
    guard = os.getppid()
    while os.getppid() == guard:
        os.kill(guard, number)
    return sleep()


WORST: dict[str, tuple[Callable[[], bytes], Why, str]] = {
    "hangs": (sleep, Why.TIMEOUT, "did not answer within 1.5 s"),
    "spins": (spins, Why.TIMEOUT, "did not answer within 1.5 s"),
    "stops": (partial(signals_itself, signal.SIGSTOP), Why.TIMEOUT, "did not answer within 1.5 s"),
    "uses up its processor time": (spins, Why.LIMIT, "used more than 1 s of processor time"),
    "exits": (partial(ends, 0), Why.CRASHED, "ended with status 0 and without an answer"),
    "exits with a status": (partial(ends, 3), Why.CRASHED, "ended with status 3 and without an answer"),
    "raises SystemExit": (partial(raises, SystemExit(0)), Why.CRASHED, "SystemExit in raises(), core/test_isolate.py, line "),
    "segfaults": (segfaults, Why.CRASHED, "killed by SIGSEGV"),
    "is killed": (partial(signals_itself, signal.SIGKILL), Why.CRASHED, "killed by SIGKILL"),
    "needs memory": (allocates, Why.LIMIT, "needed more than 1024 MiB of address space"),
    "answers with 65 MiB": (lambda: bytes(65 << 20), Why.LIMIT, f"answered with more than {64 << 20} bytes"),
    "opens thousands": (opens_thousands, Why.CRASHED, "OSError (Too many open files) in opens_thousands(), core/test_isolate.py, line "),
    "closes all": (partial(closes_all, sleep), Why.CRASHED, "closed the way back without an answer"),
    "writes into all": (scribbles, Why.CRASHED, "answered in no known form"),
    "kills its guard": (kills_its_guard, Why.CRASHED, UNGUARDED),
    "stops its guard": (stops_its_guard, Why.TIMEOUT, "did not answer within 1.5 s"),
    "stops its guard again and again": (partial(turns_back, signal.SIGSTOP), Why.TIMEOUT, LATE),
}


@pytest.mark.laws
@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("case", WORST)
def test_one_work_costs_no_other(tmp_path: Path, case: str, first: bool) -> None:
    """And what is said of it is what it did itself, whether or not its worker had done other works before."""
    bad, why, message = WORST[case]
    memory = 1 << 30 if case == "needs memory" else 8 << 30  # this process has run other tests, and its address space counts
    limits = Limits(wall=1.5 if why is Why.TIMEOUT else 4 * PLENTY, cpu=1 if why is Why.LIMIT else 10, memory=memory)
    before = [] if first else meet(tmp_path / "meet")
    answers = run([*before, alone(bad), *[well] * 6], limits, deadline=2.5 if message == LATE else 5 * PLENTY)
    hole = answers.pop(len(before))
    assert isinstance(hole, Hole) and hole.why == why and hole.message.startswith(message)
    assert answers == [b"well"] * (len(before) + 6)


@pytest.mark.parametrize("then", [partial(ends, 0), sleep, lambda: b"well"])
def test_daemons_are_gone_and_cost_nothing(tmp_path: Path, then: Callable[[], bytes]) -> None:
    answers = run([alone(lambda: forks_away(tmp_path, 3, then)), *[well] * 6], Limits(wall=2.5 if then is sleep else PLENTY))
    assert answers[1:] == [b"well"] * 6
    assert len(signed(tmp_path)) == 3
    assert gone(tmp_path)


def test_all_that_can_go_wrong_at_once() -> None:
    worst = [WORST[case] for case in WORST if WORST[case][1] is Why.CRASHED]
    answers = run([work for bad, _, _ in worst for work in (alone(bad), well)])
    assert answers[1::2] == [b"well"] * len(worst)
    for answer, (_, _, message) in zip(answers[::2], worst, strict=True):
        assert isinstance(answer, Hole) and answer.message.startswith(message)


@pytest.mark.laws
def test_thirty_that_hang_leave_time_for_the_others() -> None:
    answers = run([alone(sleep)] * 30 + [well] * 10, Limits(wall=6.0))
    assert answers == [Hole(why=Why.TIMEOUT, message="did not answer within 6.0 s")] * 30 + [b"well"] * 10


def test_what_was_never_begun_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where one that hangs has the only worker, and there is no process to spare for another."""
    monkeypatch.setattr(os, "fork", sparing(2))
    answers = run([alone(sleep), well], Limits(wall=1.5))
    told = ("did not answer within 1.5 s", "was not begun within 1.5 s: others before it took too long")
    assert answers == [Hole(why=Why.TIMEOUT, message=message) for message in told]


def test_who_was_slow_goes_on_with_the_queue(tmp_path: Path) -> None:
    """A replacement takes the queue's next works, and those that took long come back to it."""

    def waits(name: str, _: Any) -> bytes:
        assert soon(lambda: (tmp_path / name).exists())
        return str(os.getpid()).encode()

    def opens(name: str, _: Any) -> bytes:
        (tmp_path / name).touch()
        return str(os.getpid()).encode()

    works = [partial(waits, "x"), partial(waits, "y"), partial(opens, "x"), partial(waits, "z"), partial(opens, "y"), *[partial(opens, "z")] * 10]
    answers = run(works)
    assert all(isinstance(answer, bytes) for answer in answers)
    assert answers[2] not in answers[:2]
    assert len({*answers}) < len(works)


def spreads(number: int, _: Any) -> bytes:
    return f"{number} {os.getpid()} {os.getppid()}".encode()


def test_two_workers_do_all_works_and_one_more_what_is_alone() -> None:
    """In order of the works, whoever did them when."""
    answers = [bytes(answer).split() for answer in run([partial(spreads, number) for number in range(40)], alone={3, 30}) if isinstance(answer, bytes)]
    assert [int(number) for number, _, _ in answers] == list(range(40))
    assert len({guard for _, _, guard in answers}) == 1
    workers = [worker for _, worker, _ in answers]
    assert workers.count(workers[3]) == workers.count(workers[30]) == 1
    assert len({*workers}) <= 4


def test_each_worker_makes_one_host(tmp_path: Path) -> None:
    def make(_: Notes) -> str:
        with open(tmp_path / "made", "a") as file:
            file.write(f"{os.getpid()}\n")
        return f"made by {os.getpid()}"

    def tells(host: str) -> bytes:
        assert host == f"made by {os.getpid()}"
        return b"well"

    assert run([tells] * 30, make=make, alone={4}) == [b"well"] * 30
    made = (tmp_path / "made").read_text().split()
    assert len({*made}) == len(made) <= 3


@pytest.mark.parametrize("count", [0, 1, 2, 300])
def test_any_number_of_works(count: int) -> None:
    assert run([well] * count) == [b"well"] * count


def test_large_answers_while_the_parent_is_busy(tmp_path: Path) -> None:
    """A guard waits for no parent: all is done before anybody listens."""
    crew = hire([partial(counted, tmp_path, lambda _: bytes(1 << 20))] * 20, as_it_is, Limits(wall=PLENTY))
    assert soon(lambda: len(list(tmp_path.iterdir())) == 20)
    assert finish(crew, time.monotonic() + PLENTY) == [bytes(1 << 20)] * 20


def test_an_answer_that_works_before_may_have_spoilt_is_asked_for_again(tmp_path: Path) -> None:
    def grows(host: list[int]) -> bytes:
        host.append(1)
        return b"well"

    def counts(host: list[int]) -> bytes:
        return b"spoilt" if host else b"fresh"

    works: list[Work] = [lambda host, one=one: one(host) and grows(host) for one in meet(tmp_path / "meet")]
    assert run([*works, counts, grows, grows], make=lambda _: [], doubts=lambda answer: answer == b"spoilt") == [b"well"] * 2 + [b"fresh"] + [b"well"] * 2
    assert run([counts, lambda _: b"spoilt"], make=lambda _: [], doubts=lambda answer: answer == b"spoilt") == [b"fresh", b"spoilt"]


def counted(folder: Path, work: Work, host: Any) -> bytes:
    """Leave a file for each time that a work is run: what is run again may succeed then."""
    (folder / f"{os.getpid()} {time.monotonic_ns()}").touch()
    return work(host)


def leaks(count: int, _: Any) -> bytes:
    """Keep some descriptors for good, and need many more for a while."""
    KEPT.extend(os.open("/dev/null", os.O_RDONLY) for _ in range(count))
    for descriptor in [os.open("/dev/null", os.O_RDONLY) for _ in range(200 - count)]:
        os.close(descriptor)
    return b"well"


def hoards(size: int, _: Any) -> bytes:
    """Keep some memory for good, and need much more for a while."""
    KEPT.append(bytearray(size))
    bytearray(100 * MIB)
    return b"well"


def toils(_: Any) -> bytes:
    """Use a tenth of a second, and see that it could have been a whole one."""
    until = time.process_time() + 0.1
    assert resource.getrlimit(resource.RLIMIT_CPU)[0] >= time.process_time() + 0.9
    while time.process_time() < until:
        pass
    return b"well"


def in_use() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGESIZE")


@pytest.mark.parametrize(
    ("work", "count", "limits"),
    [
        (partial(leaks, 40), 20, lambda: Limits(wall=PLENTY)),
        (partial(leaks, 150), 6, lambda: Limits(wall=PLENTY)),
        (partial(hoards, 50 * MIB), 8, lambda: Limits(wall=PLENTY, memory=in_use() + 200 * MIB)),
        (toils, 8, lambda: Limits(wall=2 * PLENTY, cpu=1)),
    ],
    ids=["descriptors", "very many descriptors", "memory", "processor time"],
)
def test_each_work_may_use_as_much_as_the_first(tmp_path: Path, work: Work, count: int, limits: Callable[[], Limits]) -> None:
    assert run([partial(counted, tmp_path, work)] * count, limits(), deadline=2 * PLENTY) == [b"well"] * count
    assert len(list(tmp_path.iterdir())) == count


LEFT: dict[str, Callable[[], object]] = {
    "umask": lambda: os.umask(0),
    "directory": lambda: os.chdir("/proc"),
    "handler": lambda: signal.signal(signal.SIGTERM, lambda *_: None),
    "ignored signal": lambda: signal.signal(signal.SIGTERM, signal.SIG_IGN),
    "blocked signal": lambda: signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM}),
    "alarm": lambda: signal.alarm(1),
    "environment": lambda: os.environ.update(TZ="Asia/Tokyo"),
    "child": lambda: os.fork() or (time.sleep(600), os._exit(0)),
}


def surroundings() -> list[object]:
    mask, blocked = os.umask(0o077), signal.pthread_sigmask(signal.SIG_BLOCK, ())
    return [mask, os.getcwd(), signal.getsignal(signal.SIGTERM), blocked, signal.getitimer(signal.ITIMER_REAL), os.environ.get("TZ")]


@pytest.mark.parametrize("what", LEFT)
def test_what_a_work_leaves_behind_no_other_finds(tmp_path: Path, what: str) -> None:
    expected = [0o077, os.getcwd(), signal.SIG_DFL, set(), (0.0, 0.0), os.environ.get("TZ")]

    def looks(_: Any) -> bytes:
        assert surroundings() == expected
        with pytest.raises(ChildProcessError):
            os.waitpid(-1, os.WNOHANG)
        return b"well"

    def leaves(one: Work, _: Any) -> bytes:
        LEFT[what]()
        return one(None)

    works = [*(partial(leaves, one) for one in meet(tmp_path / "meet")), *[looks] * 6]
    (tmp_path / "runs").mkdir()
    assert run([partial(counted, tmp_path / "runs", work) for work in works]) == [b"well"] * 8
    assert len(list((tmp_path / "runs").iterdir())) == 8


def connects(folder: Path, then: Callable[[], bytes], place: str, notes: Notes) -> bytes:
    """Make a connection, and end; where it may not be made again, say so."""
    if not notes.announce(place):
        return b"refused"
    assert notes.announce(place) and notes.announce("/run/other")
    (folder / f"{os.getpid()}").touch()
    return then()


def told(place: str, notes: Notes) -> bytes:
    return b"may" if notes.announce(place) else b"may not"


@pytest.mark.parametrize("then", [segfaults, partial(ends, 0), kills_its_guard])
def test_a_connection_is_made_once(tmp_path: Path, then: Callable[[], bytes]) -> None:
    """Whoever may have seen the first run's, be it an engine or the worker's end, does not see it again; and other works are told nothing of it."""
    (tmp_path / "made").mkdir()
    place = "/run/\udcff a"
    works = [*meet(tmp_path / "meet"), partial(connects, tmp_path / "made", then, place), *[partial(told, place)] * 4]
    answers = run(works)
    assert answers[:3] == [b"well", b"well", b"refused"]
    if then is not kills_its_guard:  # it may take along who has connected as well
        assert answers[3:] == [b"may"] * 4
    assert len(list((tmp_path / "made").iterdir())) == 1


def test_a_lock_of_the_parent_is_not_held(tmp_path: Path) -> None:
    lock = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    crew = hire([alone(sleep)] * 3, as_it_is, Limits(wall=60), alone={2})
    os.close(lock)
    again = os.open(tmp_path, os.O_RDONLY)
    assert soon(lambda: _locks(again))
    os.close(again)
    finish(crew, time.monotonic())


def _locks(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def test_nothing_outlives_a_killed_parent(tmp_path: Path) -> None:
    parent = os.fork()
    if parent == 0:
        works: list[Work] = [alone(lambda: forks_away(tmp_path, 1, sleep)), alone(lambda: (sign(tmp_path), sleep())[1]), well]
        finish(hire(works, as_it_is, Limits(wall=60)), time.monotonic() + 60)
        os._exit(0)
    assert soon(lambda: len(signed(tmp_path)) == 2)
    assert all(alive(pid) for pid in signed(tmp_path))
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    assert gone(tmp_path)


def test_interrupted_finish_leaves_nothing(tmp_path: Path) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGALRM, interrupt)
    try:
        crew = hire([alone(lambda: forks_away(tmp_path, 1, sleep))] * 2, as_it_is, Limits(wall=60))
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        with pytest.raises(KeyboardInterrupt):
            finish(crew, time.monotonic() + 30)
    finally:
        signal.signal(signal.SIGALRM, previous)
    assert gone(tmp_path)


def sparing(count: int) -> Callable[[], int]:
    """Return a fork that succeeds so many times, counted from the parent to its children."""
    left, real = [count], os.fork

    def fork() -> int:
        if not left[0]:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        left[0] -= 1
        return real()

    return fork


@pytest.mark.parametrize("successes", [0, 1, 2])
def test_forks_that_fail(monkeypatch: pytest.MonkeyPatch, successes: int) -> None:
    """Without a guard, or a worker, nothing is done; one worker does it all."""
    monkeypatch.setattr(os, "fork", sparing(successes))
    unstarted = Hole(why=Why.CRASHED, message="could not be started: Resource temporarily unavailable")
    assert run([well] * 5) == ([b"well"] * 5 if successes == 2 else [unstarted] * 5)


def test_a_worker_that_ends_before_it_says_what_it_took(monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(kind: int, number: int, size: int = 0) -> bytes:
        if (kind, number) == (TOOK, 0):
            os._exit(1)
        return header(kind, number, size)

    monkeypatch.setattr("hostcheck.isolate.worker.header", dies)
    monkeypatch.setattr("hostcheck.isolate.WORKERS", 1)
    assert run([well] * 5) == [b"well"] * 5


def test_a_crew_without_descriptors_to_spare() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, before[1]))
    try:
        crew: Crew[Notes] = hire([well] * 2, as_it_is, Limits(wall=PLENTY))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert finish(crew, time.monotonic() + PLENTY) == [Hole(why=Why.CRASHED, message="could not be started: Too many open files")] * 2
