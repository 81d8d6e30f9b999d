"""Whatever runs in a child costs its own answer and nothing else: every case here is real processes that do the worst they can.

Limits are short only where they are meant to be hit, and deadlines are generous: a busy machine must not change a result.
"""

import ctypes
import errno
import fcntl
import gc
import os
import re
import resource
import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NoReturn

import pytest

from hostcheck.isolate import Job, Limits, gather, start
from hostcheck.model import Hole, Why

Work = Callable[[], bytes]

WALL = 0.4
PLENTY = 8.0
LATE = "did not answer before the deadline"
UNSTARTED = "could not be started: Resource temporarily unavailable"


def alive(pid: int) -> bool:
    """Say whether a process runs, sleeps or is stopped: not that it waits to be reaped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def soon(condition: Callable[[], bool]) -> bool:
    """Wait until `condition` holds, and say whether it does."""
    until = time.monotonic() + PLENTY
    while not (met := condition()) and time.monotonic() < until:
        time.sleep(0.01)
    return met


def sign(folder: Path) -> None:
    """Leave the pid of the calling process as the name of a file."""
    (folder / str(os.getpid())).touch()


def signed(folder: Path) -> list[int]:
    """Return the pids that were left."""
    return [int(path.name) for path in folder.iterdir()]


def gone(folder: Path) -> bool:
    """Say whether all that signed are dead, or have been killed and die as soon as they get the processor."""
    return soon(lambda: not any(alive(pid) for pid in signed(folder)))


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """No child that lives and no descriptor is left in the parent, and its signals are as they were."""

    def traces() -> tuple[set[str], set[str], set[signal.Signals]]:
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
        return set(children), set(os.listdir("/proc/self/fd")), {*map(signal.Signals, signal.pthread_sigmask(signal.SIG_BLOCK, ()))}

    before = traces()
    yield
    for pid in traces()[0] - before[0]:
        assert soon(lambda pid=pid: os.waitpid(int(pid), os.WNOHANG)[0])  # type: ignore[misc] # killed, and on a busy machine not dead in time to be waited for
    children, descriptors, signals = traces()
    assert (children - before[0], descriptors - before[1], signals) == (set(), set(), before[2])  # what others left to the garbage collector may go


def run(work: Work, limits: Limits | None = None, deadline: float = PLENTY + 1) -> bytes | Hole:
    """Run one job, and see that it ends in time."""
    end = time.monotonic() + deadline
    [answer] = gather([start(work, limits or Limits(wall=PLENTY))], end)
    assert time.monotonic() < end + 2
    return answer


def hole(work: Work, limits: Limits | None = None, deadline: float = PLENTY + 1) -> tuple[Why, str]:
    """Run one job that is meant not to answer."""
    answer = run(work, limits, deadline)
    assert isinstance(answer, Hole), answer
    return answer.why, re.sub(r"line [0-9]+\Z", "line N", answer.message)


def sleep() -> bytes:
    time.sleep(60)
    return b"slept"


def well() -> bytes:
    return b"well"


def raises(error: BaseException) -> bytes:
    raise error


def ends(status: int) -> bytes:
    os._exit(status)


def deaf() -> bytes:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    return sleep()


def signals_itself(number: int) -> bytes:
    os.kill(os.getpid(), number)
    return sleep()


def segfaults() -> bytes:
    return ctypes.string_at(0)


def spins() -> bytes:
    while True:
        pass


def closes_all(then: Work) -> bytes:
    os.closerange(0, 300)
    return then()


def allocates() -> bytes:
    return bytes(8 << 30)


def scribbles() -> bytes:
    for name in os.listdir("/proc/self/fd"):
        try:
            os.write(int(name), b"garbage " * 100)
        except OSError:
            pass
    return b"an answer after it"


def opens_thousands() -> bytes:
    for _ in range(5000):
        os.open("/dev/null", os.O_RDONLY)
    return b""


def returns_text() -> bytes:
    return "text"  # type: ignore[return-value]


@pytest.mark.parametrize("size", [0, 1, 70_000, 5 << 20])
def test_answer(size: int) -> None:
    assert run(lambda: b"\x01" * size) == b"\x01" * size


def test_answers_come_in_order_of_jobs_from_all_at_once() -> None:
    def after(seconds: float) -> bytes:
        time.sleep(seconds)
        return str(seconds).encode()

    begun = time.monotonic()
    jobs = [start(partial(after, seconds), Limits(wall=PLENTY)) for seconds in (0.8, 0.0, 0.7, 0.6, 0.7)]
    assert gather(jobs, begun + PLENTY) == [b"0.8", b"0.0", b"0.7", b"0.6", b"0.7"]
    assert time.monotonic() < begun + 2.5
    assert gather([], time.monotonic()) == []


def test_deadline_comes_before_the_wall() -> None:
    jobs = [start(work, Limits(wall=60)) for work in (sleep, well, sleep)]
    late = Hole(why=Why.TIMEOUT, message=LATE)
    end = time.monotonic() + 1
    assert gather(jobs, end) == [late, b"well", late]
    assert time.monotonic() < end + 2


def test_answer_that_is_there_before_a_late_gather() -> None:
    job = start(well, Limits(wall=PLENTY))
    time.sleep(1)
    assert gather([job], time.monotonic() - 1) == [b"well"]


@pytest.mark.parametrize(
    ("work", "why", "message"),
    [
        (partial(raises, ValueError("of no use")), Why.CRASHED, "ValueError in raises(), core/test_isolate.py, line N"),
        (partial(raises, SystemExit(0)), Why.CRASHED, "SystemExit in raises(), core/test_isolate.py, line N"),
        (partial(raises, KeyboardInterrupt()), Why.CRASHED, "KeyboardInterrupt in raises(), core/test_isolate.py, line N"),
        (partial(raises, OSError(errno.EIO, "bad disk", "/x")), Why.CRASHED, "OSError (Input/output error) in raises(), core/test_isolate.py, line N"),
        (partial(raises, RuntimeError("a\n\x1b[31mb\u202e\udcffc\0")), Why.CRASHED, "RuntimeError in raises(), core/test_isolate.py, line N"),
        (partial(raises, ValueError("é" * 1_000_000)), Why.CRASHED, "ValueError in raises(), core/test_isolate.py, line N"),
        (returns_text, Why.CRASHED, "TypeError in _answer(), isolate/worker.py, line N"),
        (partial(ends, 0), Why.CRASHED, "ended with status 0 and without an answer"),
        (partial(ends, 3), Why.CRASHED, "ended with status 3 and without an answer"),
        (sleep, Why.TIMEOUT, "did not answer within 0.4 s"),
        (deaf, Why.TIMEOUT, "did not answer within 0.4 s"),
        (spins, Why.TIMEOUT, "did not answer within 0.4 s"),
        (spins, Why.LIMIT, "used more than 1 s of processor time"),
        (partial(signals_itself, signal.SIGSTOP), Why.TIMEOUT, "did not answer within 0.4 s"),
        (partial(signals_itself, signal.SIGKILL), Why.CRASHED, "killed by SIGKILL"),
        (partial(signals_itself, signal.SIGINT), Why.CRASHED, "killed by SIGINT"),
        (partial(signals_itself, 40), Why.CRASHED, "killed by signal 40"),
        (segfaults, Why.CRASHED, "killed by SIGSEGV"),
        (partial(closes_all, well), Why.CRASHED, "ended with status 1 and without an answer"),
        (partial(closes_all, sleep), Why.CRASHED, "closed the way back without an answer"),
        (allocates, Why.LIMIT, "needed more than 1024 MiB of address space"),
        (scribbles, Why.CRASHED, "answered in no known form"),
        (opens_thousands, Why.CRASHED, "OSError (Too many open files) in opens_thousands(), core/test_isolate.py, line N"),
    ],
)
def test_no_answer(work: Work, why: Why, message: str) -> None:
    begun = time.monotonic()
    assert hole(work, Limits(wall=WALL if why is Why.TIMEOUT else PLENTY, cpu=1)) == (why, message)
    assert time.monotonic() < begun + PLENTY - 1


def test_prints_a_gigabyte_into_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    def prints() -> bytes:
        for _ in range(1024):
            print("x" * (1 << 20))
            os.write(2, bytes(1 << 20))
        return b"printed"

    assert run(prints) == b"printed"
    assert capfd.readouterr() == ("", "")


def test_answer_over_the_cap_is_not_brought_back() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert hole(lambda: bytes(100 << 20), Limits(wall=PLENTY, memory=8 << 30)) == (Why.LIMIT, f"answered with more than {64 << 20} bytes")
    assert run(lambda: bytes(1000), Limits(wall=PLENTY, output=1000)) == bytes(1000)
    assert hole(lambda: bytes(1001), Limits(wall=PLENTY, output=1000)) == (Why.LIMIT, "answered with more than 1000 bytes")
    assert hole(partial(raises, ValueError("longer than that")), Limits(wall=PLENTY, output=5)) == (
        Why.CRASHED,
        "ValueError in raises(), core/test_isolate.py, line N",
    )
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < before + 20_000  # KiB


def test_huge_file_stays_small_and_private(tmp_path: Path) -> None:
    def writes() -> bytes:
        with open(tmp_path / "huge", "wb", buffering=0) as file:
            while True:
                file.write(bytes(1 << 16))

    assert hole(writes) == (Why.CRASHED, "OSError (File too large) in writes(), core/test_isolate.py, line N")
    assert (tmp_path / "huge").stat().st_size <= 1 << 20
    assert (tmp_path / "huge").stat().st_mode & 0o777 == 0o600


def forks_away(folder: Path, times: int, then: Work) -> bytes:
    """Leave daemons behind: forked twice, in sessions of their own, with all that they were given still open."""
    for _ in range(times):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.setsid()
                sign(folder)
                sleep()
            os._exit(0)
    assert soon(lambda: len(signed(folder)) == times)
    return then()


def nests(folder: Path, times: int, then: Work) -> bytes:
    """Leave a chain of processes behind, each the child of the one before."""
    for depth in range(times + 1):
        if os.fork():
            if depth:
                sign(folder)
                sleep()
            assert soon(lambda: len(signed(folder)) == times)
            return then()
        os.setsid()
    os._exit(0)


@pytest.mark.parametrize(
    ("leaves", "times", "then", "expected"),
    [
        (forks_away, 2, well, b"well"),
        (forks_away, 2, partial(ends, 0), Why.CRASHED),
        (forks_away, 2, sleep, Why.TIMEOUT),
        (nests, 5, well, b"well"),
        pytest.param(forks_away, 40, well, b"well", marks=pytest.mark.laws),
        pytest.param(nests, 60, well, b"well", marks=pytest.mark.laws),
    ],
)
def test_no_descendant_survives(tmp_path: Path, leaves: Callable[[Path, int, Work], bytes], times: int, then: Work, expected: bytes | Why) -> None:
    answer = run(lambda: leaves(tmp_path, times, then), Limits(wall=1.5 if then is sleep else PLENTY))
    assert (answer.why if isinstance(answer, Hole) else answer) == expected
    assert len(signed(tmp_path)) == times
    assert gone(tmp_path)


def test_where_proc_is_hidden_a_child_that_left_another_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    def hidden(path: str) -> NoReturn:
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", path)

    def leaves() -> bytes:
        if os.fork() == 0:
            os.setsid()
            time.sleep(0.5)
            os._exit(0)
        return b"well"

    monkeypatch.setattr(os, "readlink", hidden)
    assert run(leaves) == b"well"


def test_no_descendant_survives_the_deadline(tmp_path: Path) -> None:
    assert hole(lambda: forks_away(tmp_path, 3, sleep), Limits(wall=60), deadline=1.5) == (Why.TIMEOUT, LATE)
    assert len(signed(tmp_path)) == 3
    assert gone(tmp_path)


def test_descendants_that_never_stand_still(tmp_path: Path) -> None:
    """Each forks, leads a session and ends, over and over; all hold the lock that the first one took."""
    end = time.monotonic() + PLENTY

    def flees() -> NoReturn:
        while time.monotonic() < end and os.fork() == 0:
            os.setsid()
        os._exit(0)

    def comets() -> bytes:
        fcntl.flock(os.open(tmp_path, os.O_RDONLY), fcntl.LOCK_EX)
        for _ in range(3):
            if os.fork() == 0:
                flees()
        return well()

    assert run(comets) == b"well"
    lock = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(lock)


@pytest.mark.laws
@pytest.mark.parametrize(
    ("number", "daemons", "again", "why", "message"),
    [
        (signal.SIGKILL, 0, False, Why.CRASHED, "its guard ended without an answer"),
        (signal.SIGTERM, 1, True, Why.TIMEOUT, "did not answer within 1.5 s"),
        (signal.SIGINT, 1, False, Why.TIMEOUT, "did not answer within 1.5 s"),
        (signal.SIGSTOP, 1, False, Why.TIMEOUT, LATE),
        (signal.SIGSTOP, 0, True, Why.TIMEOUT, LATE),
    ],
)
def test_child_that_turns_on_its_guard(tmp_path: Path, number: int, daemons: int, again: bool, why: Why, message: str) -> None:
    """A killed guard takes its child along, but not what that left behind; the same holds for one that is stopped again and again."""

    def turns() -> bytes:
        guard = os.getppid()
        forks_away(tmp_path, daemons, well)
        sign(tmp_path)
        os.kill(guard, number)
        while again and os.getppid() == guard:
            os.kill(guard, number)
        return sleep()

    assert hole(turns, Limits(wall=1.5), deadline=2.5) == (why, message)
    assert len(signed(tmp_path)) == daemons + 1
    assert gone(tmp_path)


def test_one_job_costs_no_other() -> None:
    worst: list[Work] = [segfaults, allocates, scribbles, partial(ends, 0), partial(signals_itself, signal.SIGKILL)]
    jobs = [start(work, Limits(wall=PLENTY)) for bad in worst for work in (bad, well)]
    answers = gather(jobs, time.monotonic() + PLENTY)
    assert answers[1::2] == [b"well"] * len(worst)
    assert all(isinstance(answer, Hole) for answer in answers[::2])


def test_surroundings_of_a_child() -> None:
    inherited = os.open("/etc/passwd", os.O_RDONLY)
    os.set_inheritable(inherited, True)
    previous = signal.signal(signal.SIGTERM, lambda *_: None)

    def looks() -> bytes:
        places = [os.readlink(f"/proc/self/fd/{fd}") for fd in range(300) if os.path.lexists(f"/proc/self/fd/{fd}")]
        assert [place.partition(":")[0] for place in places] == ["/dev/null"] * 3 + ["pipe"]
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
        assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == set()
        assert os.getpid() == os.getpgrp() == os.getsid(0) and os.getsid(os.getppid()) == os.getppid()
        assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
        assert Path("/proc/self/oom_score_adj").read_text() == "1000\n"
        assert gc.get_freeze_count()
        return b"as they should be"

    try:
        assert run(looks) == b"as they should be"
    finally:
        signal.signal(signal.SIGTERM, previous)
        os.close(inherited)


def test_child_does_not_hold_a_lock_of_its_parent(tmp_path: Path) -> None:
    lock = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    job = start(lambda: forks_away(tmp_path, 1, sleep), Limits(wall=60))
    assert soon(lambda: bool(signed(tmp_path)))
    os.close(lock)
    again = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(again, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(again)
    assert alive(signed(tmp_path)[0])
    gather([job], time.monotonic())


@pytest.mark.parametrize("held", [False, True])
def test_nothing_outlives_a_killed_parent(tmp_path: Path, held: bool) -> None:
    """Even where another process of the parent's holds its end of the pipe."""
    folder, holder = tmp_path / "pids", tmp_path / "holder"
    folder.mkdir()
    parent = os.fork()
    if parent == 0:
        job = start(lambda: forks_away(folder, 1, sleep), Limits(wall=60))
        if held and (pid := os.fork()):
            holder.write_text(str(pid))
        elif held:
            sleep()
        (folder / str(job.pid)).touch()
        gather([job], time.monotonic() + 60)
        os._exit(0)
    assert soon(lambda: len(signed(folder)) == 2)
    assert all(alive(pid) for pid in signed(folder))
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    assert gone(folder)
    if held:
        assert alive(int(holder.read_text()))
        os.kill(int(holder.read_text()), signal.SIGKILL)


def test_interrupted_gather_leaves_nothing(tmp_path: Path) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGALRM, interrupt)
    try:
        jobs = [start(lambda: forks_away(tmp_path, 1, sleep), Limits(wall=60)) for _ in range(2)]
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        with pytest.raises(KeyboardInterrupt):
            gather(jobs, time.monotonic() + 30)
    finally:
        signal.signal(signal.SIGALRM, previous)
    assert gone(tmp_path)


@pytest.mark.parametrize("handler", [signal.SIG_IGN, lambda *_: None])
def test_handling_of_sigchld_stays_the_parents(handler: signal.Handlers | Callable[..., None]) -> None:
    previous = signal.signal(signal.SIGCHLD, handler)
    try:
        assert run(well) == b"well"
        assert hole(partial(ends, 2)) == (Why.CRASHED, "ended with status 2 and without an answer")
        assert signal.getsignal(signal.SIGCHLD) == handler
    finally:
        signal.signal(signal.SIGCHLD, previous)


@pytest.mark.parametrize("successes", [0, 1])
def test_fork_that_fails_in_parent_or_guard(monkeypatch: pytest.MonkeyPatch, successes: int) -> None:
    answers = iter([os.fork] * successes)

    def fork() -> int:
        for real in answers:
            return real()
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr(os, "fork", fork)
    assert hole(sleep) == (Why.CRASHED, UNSTARTED)


def as_nobody(set_up: Callable[[], None]) -> str:
    """Run a parent without rights, and return what its one job said."""
    read, write = os.pipe()
    parent = os.fork()
    if parent == 0:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setresgid(64_999, 64_999, 64_999)
                os.setresuid(64_999, 64_999, 64_999)
            set_up()
            os.write(write, repr(run(well)).encode())
        finally:
            os._exit(0)
    os.close(write)
    with open(read) as file:
        said = file.read()
    os.waitpid(parent, 0)
    return said


@pytest.mark.parametrize(
    ("set_up", "said"),
    [
        (lambda: resource.setrlimit(resource.RLIMIT_NPROC, (0, 0)), repr(Hole(why=Why.CRASHED, message=UNSTARTED))),
        (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)), "b'well'"),
        (lambda: os.closerange(0, 3), "b'well'"),
        (lambda: None, "b'well'"),
    ],
    ids=["no process to spare", "lower limits of its own", "no standard streams", "no rights"],
)
def test_poor_parent(set_up: Callable[[], None], said: str) -> None:
    assert as_nobody(set_up) == said


def test_parent_without_descriptors_to_spare() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, before[1]))
    try:
        job = start(sleep, Limits(wall=WALL))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert job == Job(hole=Hole(why=Why.CRASHED, message="could not be started: Too many open files"))
    assert gather([job, start(well, Limits(wall=PLENTY))], time.monotonic() + PLENTY) == [job.hole, b"well"]
