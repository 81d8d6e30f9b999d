"""Whatever runs in a child costs its own answer and nothing else: every case here is a real process that does the worst it can."""

import ctypes
import errno
import fcntl
import os
import resource
import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from hostcheck import isolate
from hostcheck.isolate import Job, Limits, gather, start
from hostcheck.model import Hole, Why

WALL = 0.4
"""Seconds for a child that is meant to run into its limit."""

PLENTY = 5.0
"""Seconds until the deadline of a case that is meant to end long before."""


def children() -> set[str]:
    """Return the children of this process, zombies too."""
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


def alive(pid: int) -> bool:
    """Say whether a process runs (or sleeps, or is stopped): not that it waits to be reaped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def soon(condition: Callable[[], bool], seconds: float = 3.0) -> bool:
    """Wait until `condition` holds, and say whether it does."""
    until = time.monotonic() + seconds
    while not (met := condition()) and time.monotonic() < until:
        time.sleep(0.01)
    return met


def sleep() -> bytes:
    """Outlive every limit of these tests."""
    time.sleep(60)
    return b"slept"


def sign(folder: Path) -> None:
    """Leave the pid of the calling process as a file."""
    (folder / str(os.getpid())).touch()


def signed(folder: Path) -> list[int]:
    """Return the pids that were left."""
    return [int(path.name) for path in folder.iterdir()]


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """No child, zombie or descriptor is left in the parent, and its signals are as they were."""
    before = (children(), set(os.listdir("/proc/self/fd")), signal.pthread_sigmask(signal.SIG_BLOCK, ()))
    yield
    assert (children(), set(os.listdir("/proc/self/fd")), signal.pthread_sigmask(signal.SIG_BLOCK, ())) == before


def run(work: Callable[[], bytes], limits: Limits | None = None, deadline: float = PLENTY) -> bytes | Hole:
    """Run one job, and see that it ends in time."""
    end = time.monotonic() + deadline
    [answer] = gather([start(work, limits or Limits(wall=WALL))], end)
    assert time.monotonic() < end + 2
    return answer


def hole(work: Callable[[], bytes], limits: Limits | None = None, deadline: float = PLENTY) -> tuple[Why, str]:
    """Run one job that is meant not to answer."""
    answer = run(work, limits, deadline)
    assert isinstance(answer, Hole)
    return answer.why, answer.message


@pytest.mark.parametrize("size", [0, 1, 70_000, 5 << 20])
def test_answer(size: int) -> None:
    assert run(lambda: b"\x01" * size, Limits(wall=PLENTY)) == b"\x01" * size


def test_answers_in_order_of_jobs_and_all_at_once() -> None:
    def after(seconds: float) -> bytes:
        time.sleep(seconds)
        return str(seconds).encode()

    begun = time.monotonic()
    jobs = [start(partial(after, seconds), Limits(wall=PLENTY)) for seconds in (0.6, 0.0, 0.5, 0.4)]
    assert gather(jobs, begun + PLENTY) == [b"0.6", b"0.0", b"0.5", b"0.4"]
    assert time.monotonic() < begun + 1.4
    assert gather([], time.monotonic()) == []


def test_deadline_is_not_the_wall() -> None:
    jobs = [start(work, Limits(wall=60)) for work in (sleep, lambda: b"quick", sleep)]
    late = Hole(why=Why.TIMEOUT, message="did not answer before the deadline")
    end = time.monotonic() + 0.5
    assert gather(jobs, end) == [late, b"quick", late]
    assert time.monotonic() < end + 2


def test_answer_that_is_there_before_a_late_gather() -> None:
    job = start(lambda: b"early", Limits(wall=PLENTY))
    time.sleep(0.3)
    assert gather([job], time.monotonic() - 1) == [b"early"]


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


def closes_all() -> bytes:
    os.closerange(0, 300)
    return b"nobody hears it"


def closes_all_and_sleeps() -> bytes:
    os.closerange(0, 300)
    return sleep()


def allocates() -> bytes:
    return bytes(8 << 30)


def scribbles() -> bytes:
    for name in os.listdir("/proc/self/fd"):
        try:
            os.write(int(name), b"garbage " * 100)
        except OSError:
            pass
    return b"an answer after it"


def multiplies_descriptors() -> bytes:
    kept = [os.open("/dev/null", os.O_RDONLY) for _ in range(5000)]
    return bytes(len(kept))


def inherits() -> bytes:
    return b"not bytes".decode()  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("work", "why", "message"),
    [
        (partial(raises, ValueError("of no use")), Why.CRASHED, "ValueError: of no use"),
        (partial(raises, SystemExit(0)), Why.CRASHED, "SystemExit: 0"),
        (partial(raises, KeyboardInterrupt()), Why.CRASHED, "KeyboardInterrupt:"),
        (partial(raises, OSError(errno.EIO, "bad disk", "/x")), Why.CRASHED, "OSError: [Errno 5] bad disk: '/x'"),
        (partial(raises, RuntimeError("a\n\x1b[31mb\u202e\udcffc\0")), Why.CRASHED, "RuntimeError: a [31mb \\xffc"),
        (inherits, Why.CRASHED, "TypeError: memoryview: a bytes-like object is required, not 'str'"),
        (partial(ends, 0), Why.CRASHED, "ended with status 0 and without an answer"),
        (partial(ends, 3), Why.CRASHED, "ended with status 3 and without an answer"),
        (sleep, Why.TIMEOUT, "did not answer within 0.4 s"),
        (deaf, Why.TIMEOUT, "did not answer within 0.4 s"),
        (spins, Why.TIMEOUT, "did not answer within 0.4 s"),
        (partial(signals_itself, signal.SIGSTOP), Why.TIMEOUT, "did not answer within 0.4 s"),
        (partial(signals_itself, signal.SIGKILL), Why.CRASHED, "killed by SIGKILL"),
        (partial(signals_itself, signal.SIGINT), Why.CRASHED, "killed by SIGINT"),
        (partial(signals_itself, 40), Why.CRASHED, "killed by signal 40"),
        (segfaults, Why.CRASHED, "killed by SIGSEGV"),
        (closes_all, Why.CRASHED, "ended with status 1 and without an answer"),
        (closes_all_and_sleeps, Why.CRASHED, "closed the way back without an answer"),
        (allocates, Why.LIMIT, "needed more than 1024 MiB of address space"),
        (scribbles, Why.CRASHED, "answered in no known form"),
        (multiplies_descriptors, Why.CRASHED, "OSError: [Errno 24] Too many open files: '/dev/null'"),
    ],
)
def test_no_answer(work: Callable[[], bytes], why: Why, message: str) -> None:
    assert hole(work) == (why, message)


def test_processor_time() -> None:
    assert hole(spins, Limits(wall=PLENTY, cpu=1)) == (Why.LIMIT, "used more than 1 s of processor time")


def test_long_message_is_cut() -> None:
    why, message = hole(partial(raises, ValueError("é" * 1_000_000)))
    assert (why, len(message)) == (Why.CRASHED, 300)


def test_prints_a_gigabyte_into_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    def prints() -> bytes:
        for _ in range(1024):
            print("x" * (1 << 20))
            os.write(2, bytes(1 << 20))
        return b"printed"

    assert run(prints, Limits(wall=PLENTY)) == b"printed"
    assert capfd.readouterr() == ("", "")


def test_answer_over_the_cap_is_not_brought_back() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert hole(lambda: bytes(100 << 20), Limits(wall=PLENTY)) == (Why.LIMIT, f"answered with more than {64 << 20} bytes")
    assert run(lambda: bytes(1000), Limits(wall=PLENTY, output=1000)) == bytes(1000)
    assert hole(lambda: bytes(1001), Limits(wall=PLENTY, output=1000))[0] == Why.LIMIT
    assert hole(partial(raises, ValueError("longer than the cap")), Limits(wall=PLENTY, output=5)) == (Why.CRASHED, "ValueError: longer than the cap")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < before + 20_000  # KiB


def test_huge_file_stays_small(tmp_path: Path) -> None:
    def writes() -> bytes:
        with open(tmp_path / "huge", "wb", buffering=0) as file:
            while True:
                file.write(bytes(1 << 16))

    assert hole(writes, Limits(wall=PLENTY)) == (Why.CRASHED, "OSError: [Errno 27] File too large")
    assert (tmp_path / "huge").stat().st_size <= 1 << 20
    assert (tmp_path / "huge").stat().st_mode & 0o777 == 0o600


def forks_away(folder: Path, times: int, then: Callable[[], bytes]) -> bytes:
    """Leave daemons behind: forked twice, in sessions of their own, holding all that they were given."""
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


def nests(folder: Path, depth: int) -> bytes:
    """Sleep below a chain of processes that all sleep."""
    while depth and os.fork() == 0:
        os.setsid()
        depth -= 1
    sign(folder)
    return sleep()


@pytest.mark.parametrize(
    ("work", "count", "expected"),
    [
        (partial(forks_away, times=2, then=lambda: b"gone"), 2, b"gone"),
        (partial(forks_away, times=2, then=partial(ends, 0)), 2, Why.CRASHED),
        (partial(forks_away, times=2, then=sleep), 2, Why.TIMEOUT),
        (partial(forks_away, times=200, then=lambda: b"gone"), 200, b"gone"),
        (partial(nests, depth=100), 101, Why.TIMEOUT),
    ],
)
def test_no_descendant_survives(tmp_path: Path, work: Callable[[Path], bytes], count: int, expected: bytes | Why) -> None:
    answer = run(partial(work, tmp_path), Limits(wall=1.0 if expected is Why.TIMEOUT else PLENTY))
    assert (answer.why if isinstance(answer, Hole) else answer) == expected
    pids = signed(tmp_path)
    assert len(pids) == count
    assert not [pid for pid in pids if alive(pid)]


def test_no_descendant_survives_the_deadline(tmp_path: Path) -> None:
    assert hole(partial(forks_away, tmp_path, 3, sleep), Limits(wall=60), deadline=0.7) == (Why.TIMEOUT, "did not answer before the deadline")
    assert len(signed(tmp_path)) == 3
    assert not [pid for pid in signed(tmp_path) if alive(pid)]


def turns_on_guard(folder: Path, number: int) -> bytes:
    sign(folder)
    os.kill(os.getppid(), number)
    return sleep()


@pytest.mark.parametrize(
    ("number", "why", "message"),
    [
        (signal.SIGKILL, Why.CRASHED, "its guard ended without an answer"),
        (signal.SIGTERM, Why.TIMEOUT, "did not answer within 0.4 s"),
        (signal.SIGINT, Why.TIMEOUT, "did not answer within 0.4 s"),
        (signal.SIGSTOP, Why.TIMEOUT, "did not answer before the deadline"),
    ],
)
def test_child_that_turns_on_its_guard(tmp_path: Path, number: int, why: Why, message: str) -> None:
    assert hole(partial(turns_on_guard, tmp_path, number), deadline=1.0) == (why, message)
    [pid] = signed(tmp_path)
    assert soon(lambda: not alive(pid))


def test_one_job_costs_no_other(tmp_path: Path) -> None:
    worst = [segfaults, spins, allocates, scribbles, partial(turns_on_guard, tmp_path, signal.SIGKILL), partial(ends, 0)]
    jobs = [start(work, Limits(wall=WALL)) for bad in worst for work in (bad, lambda: b"well")]
    answers = gather(jobs, time.monotonic() + PLENTY)
    assert answers[1::2] == [b"well"] * len(worst)
    assert all(isinstance(answer, Hole) for answer in answers[::2])


def test_surroundings_of_a_child(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = os.open("/etc/passwd", os.O_RDONLY)
    os.set_inheritable(secret, True)
    previous = signal.signal(signal.SIGTERM, lambda *_: None)

    def looks() -> bytes:
        opened = [os.readlink(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{name}")]
        assert sorted(place.partition(":")[0] for place in opened) == ["/dev/null"] * 3 + ["pipe"], opened
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
        assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == set()
        assert os.getpid() == os.getpgrp() == os.getsid(0)
        assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
        assert Path("/proc/self/oom_score_adj").read_text() == "1000\n"
        return b"as it should be"

    try:
        assert run(looks) == b"as it should be"
    finally:
        signal.signal(signal.SIGTERM, previous)
        os.close(secret)


def test_lock_of_the_parent_is_not_held_by_a_child(tmp_path: Path) -> None:
    lock = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    (tmp_path / "pids").mkdir()
    job = start(lambda: sign(tmp_path / "pids") or sleep(), Limits(wall=60))  # type: ignore[func-returns-value]
    assert soon(lambda: bool(signed(tmp_path / "pids")))
    os.close(lock)
    again = os.open(tmp_path / "lock", os.O_RDWR)
    fcntl.flock(again, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(again)
    assert alive(signed(tmp_path / "pids")[0])
    gather([job], time.monotonic())


@pytest.mark.parametrize("gathers", [True, False])
def test_nothing_outlives_a_killed_parent(tmp_path: Path, gathers: bool) -> None:
    parent = os.fork()
    if parent == 0:
        try:
            jobs = [start(partial(forks_away, tmp_path, 1, lambda: sign(tmp_path) or sleep()), Limits(wall=60))]  # type: ignore[func-returns-value]
            (tmp_path / str(jobs[0].pid)).touch()
            gather(jobs, time.monotonic() + 60) if gathers else sleep()
        finally:
            os._exit(0)
    assert soon(lambda: len(signed(tmp_path)) == 3)
    pids = signed(tmp_path)
    assert all(alive(pid) for pid in pids)
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    assert soon(lambda: not any(alive(pid) for pid in pids))


def test_interrupted_gather_leaves_nothing(tmp_path: Path) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGALRM, interrupt)
    try:
        jobs = [start(partial(forks_away, tmp_path, 1, sleep), Limits(wall=60)) for _ in range(2)]
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        with pytest.raises(KeyboardInterrupt):
            gather(jobs, time.monotonic() + 30)
    finally:
        signal.signal(signal.SIGALRM, previous)
    assert not [pid for pid in signed(tmp_path) if alive(pid)]


@pytest.mark.parametrize("handler", [signal.SIG_IGN, lambda *_: None])
def test_handling_of_sigchld_stays_the_parents(handler: signal.Handlers | Callable[..., None]) -> None:
    previous = signal.signal(signal.SIGCHLD, handler)
    try:
        assert run(lambda: b"well") == b"well"
        assert hole(partial(ends, 2)) == (Why.CRASHED, "ended with status 2 and without an answer")
        assert signal.getsignal(signal.SIGCHLD) == handler
    finally:
        signal.signal(signal.SIGCHLD, previous)


@pytest.mark.parametrize("successes", [0, 1])
def test_fork_that_fails(monkeypatch: pytest.MonkeyPatch, successes: int) -> None:
    """In the parent, or in the guard."""
    real, forks = os.fork, []

    def fork() -> int:
        forks.append(1)
        if len(forks) > successes:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        return real()

    monkeypatch.setattr(isolate.os, "fork", fork)
    assert hole(sleep) == (Why.CRASHED, "could not be started: Resource temporarily unavailable")


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
            os.write(write, repr(gather([start(lambda: b"well", Limits(wall=PLENTY))], time.monotonic() + PLENTY)[0]).encode())
        finally:
            os._exit(0)
    os.close(write)
    said = os.read(read, 1000).decode()
    os.close(read)
    os.waitpid(parent, 0)
    return said


def test_user_without_processes_to_spare() -> None:
    """Fork refused by the kernel itself: RLIMIT_NPROC does not bind root."""
    said = as_nobody(lambda: resource.setrlimit(resource.RLIMIT_NPROC, (0, 0)))
    assert said == repr(Hole(why=Why.CRASHED, message="could not be started: Resource temporarily unavailable"))


def test_unprivileged_parent_with_lower_limits_of_its_own() -> None:
    assert as_nobody(lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))) == "b'well'"


def test_parent_without_descriptors_to_spare() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, before[1]))
    try:
        job = start(sleep, Limits(wall=WALL))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    message = "could not be started: Too many open files"
    assert job == Job(hole=Hole(why=Why.CRASHED, message=message))
    assert gather([job, start(lambda: b"well", Limits(wall=PLENTY))], time.monotonic() + PLENTY) == [job.hole, b"well"]


def test_parent_without_standard_streams() -> None:
    """Its descriptors 0 to 2 are free: what it prints must not reach a guard."""

    def set_up() -> None:
        os.closerange(0, 3)

    assert as_nobody(lambda: None) == as_nobody(set_up) == "b'well'"
