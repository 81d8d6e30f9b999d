"""Run one callable in a killable, limited child and bring back its bytes.

A guard stands between parent and child: only a subreaper (prctl(2)) with nothing else to do can tell what a child left behind, and kill it.
"""

import ctypes
import gc
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, NoReturn

from hostcheck import crash
from hostcheck.model import Hole, Why
from hostcheck.parting import clean

SWEEP: Final = 0.2  # seconds for killing what is below a guard; what lives on (D state, a fork bomb) is abandoned
GRACE: Final = 0.25  # seconds after the deadline for the guards' last sweep; then they are killed themselves
TICK: Final = 0.05  # seconds between two looks at what no descriptor tells
CHUNK: Final = 1 << 16  # what a pipe holds: pipe(7)
MESSAGE: Final = 300  # characters
DESCRIPTORS: Final = 4096  # numbers that are closed where /proc does not say which are open
HEADER: Final = 9  # bytes before each answer: its kind, and its size in eight
KINDS: Final[tuple[Why | None, ...]] = (None, *Why)
SIGNALS: Final = frozenset(signal.Signals)  # those with a name: valid_signals() makes the rest slowly, and nobody handles them
PDEATHSIG: Final = 1  # linux/prctl.h
CHILD_SUBREAPER: Final = 36
LIBC: Final = ctypes.CDLL(None, use_errno=True)

Said = tuple[Why | None, bytes | memoryview]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one child may use: `wall` and `cpu` in seconds, `files` as a count of open descriptors, all else in bytes.

    `memory` is address space, what the parent had at the fork included; `file` is the size of any file it writes, `output` that of its answer.
    """

    wall: float
    cpu: int = 10
    memory: int = 1 << 30
    file: int = 1 << 20
    files: int = 256
    output: int = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One guard at work: its pid and the descriptor that it answers on; or the `hole` that says why there is none."""

    pid: int = 0
    answer: int = -1
    hole: Hole | None = None


def start(work: Callable[[], bytes], limits: Limits, *, keep: Sequence[int] = ()) -> Job:
    """Start `work` in a guarded child and return at once; gather each job once, in the same single-threaded process.

    Of the parent's descriptors the child has those in `keep` only.
    """
    parent, answer, report = os.getpid(), -1, -1
    # No handler of the parent may run in the guard: what it raises there would unwind into a second parent.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        answer, report = pipe()
        pid = os.fork()
        if pid == 0:
            _guard(work, limits, parent, report, keep)
        return Job(pid=pid, answer=answer)
    except OSError as error:
        _close(answer)
        return Job(hole=Hole(why=Why.CRASHED, message=f"could not be started: {error.strerror}"))
    finally:
        _close(report)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def gather(jobs: Sequence[Job], deadline: float) -> list[bytes | Hole]:
    """Return what each job answered, in their order, by `deadline` (of `time.monotonic`) or a moment later: at most `GRACE`."""
    late = Hole(why=Why.TIMEOUT, message="did not answer before the deadline")
    answers: list[bytes | Hole] = [job.hole or late for job in jobs]
    try:
        _listen(jobs, deadline, answers)
    finally:
        _release([job for job in jobs if job.hole is None])
    return answers


def _listen(jobs: Sequence[Job], deadline: float, answers: list[bytes | Hole]) -> None:
    waiting = {job.answer: (index, bytearray()) for index, job in enumerate(jobs) if job.hole is None}
    poller = select.poll()
    for answer in waiting:
        poller.register(answer, select.POLLIN)
    while waiting and (ready := poller.poll(max(0.0, deadline - time.monotonic()) * 1000)):
        for answer, _ in ready:
            index, heard = waiting[answer]
            chunk = os.read(answer, CHUNK)
            heard += chunk
            if not chunk:
                poller.unregister(answer)
                del waiting[answer]
                why, payload = _unframe(heard, sys.maxsize) or (Why.CRASHED, b"its guard ended without an answer")
                answers[index] = bytes(payload) if why is None else Hole(why=why, message=_one_line(bytes(payload)))


def _release(jobs: list[Job]) -> None:
    for job in jobs:
        os.close(job.answer)  # a guard that is still at work sees it, sweeps and ends
    pids = [job.pid for job in jobs]
    for seconds, number in ((0, signal.SIGCONT), (GRACE - TICK, signal.SIGKILL), (TICK, 0)):  # a child may have stopped its guard
        until = time.monotonic() + seconds
        while (pids := [pid for pid in pids if not _ended(pid)]) and time.monotonic() < until:
            time.sleep(0.0003)
        for pid in pids:
            _kill(pid, number)


def _ended(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:  # the parent ignores SIGCHLD, or its handler was first
        return True


def _guard(work: Callable[[], bytes], limits: Limits, parent: int, report: int, keep: Sequence[int]) -> NoReturn:
    try:
        _leave_parent(report, keep)
        hear, tell = pipe()
        guard = os.getpid()
        child = os.fork()
        if child == 0:
            _close(hear)
            _close(report)
            _child(work, limits, guard, tell)
        for end in (tell, *keep):
            _close(end)
        said = _watch(child, limits, parent, report, hear)
        _sweep(child)
        _send(report, *said)
    except OSError as error:
        _send(report, Why.CRASHED, f"could not be started: {error.strerror}".encode())
    finally:
        os._exit(0)


def _leave_parent(report: int, keep: Sequence[int]) -> None:
    gc.freeze()  # no collection in guard or child may finalise the parent's objects, or copy its pages
    os.setsid()
    _prctl(CHILD_SUBREAPER, 1)
    _prctl(PDEATHSIG, signal.SIGCONT)  # not SIGKILL: a guard outlives its parent for the sweep, and wakes for it where its child has stopped it
    for number in SIGNALS - {signal.SIGKILL, signal.SIGSTOP}:
        # As Python starts: a broken pipe and a file over its limit are an OSError, no death.
        signal.signal(number, signal.SIG_IGN if number in (signal.SIGPIPE, signal.SIGXFSZ) else signal.SIG_DFL)
    null = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(null, standard)
    for descriptor in _open_descriptors():
        if descriptor not in (0, 1, 2, report, *keep):
            _close(descriptor)


def _open_descriptors() -> Iterable[int]:
    """Return what may be open: closerange() of a Python built for an old libc tries every number, which is done where there is no /proc."""
    try:
        return [int(name) for name in os.listdir("/proc/self/fd")]
    except OSError:
        return range(min(resource.getrlimit(resource.RLIMIT_NOFILE)[0], DESCRIPTORS))


def _watch(child: int, limits: Limits, parent: int, report: int, hear: int) -> Said:
    heard, late = bytearray(), (Why.TIMEOUT, f"did not answer within {limits.wall:.1f} s".encode())
    end = time.monotonic() + limits.wall
    poller = select.poll()
    poller.register(hear, select.POLLIN)
    poller.register(report, 0)  # POLLERR: the parent has closed its end, or died
    while (left := end - time.monotonic()) > 0:
        # Before the pipe is looked at, so that the last words are heard. A grandchild may hold the pipe open: its end is not the child's.
        gone = os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        ready = dict(poller.poll(0 if gone else min(left, TICK) * 1000))
        if report in ready or os.getppid() != parent:  # another fork of the parent may hold its end open
            break
        if hear in ready:
            chunk = os.read(hear, CHUNK)
            heard += chunk
            if (said := _unframe(heard, limits.output)) is not None:
                return said
            if not chunk:
                poller.unregister(hear)
                end, late = min(end, time.monotonic() + 10 * TICK), (Why.CRASHED, b"closed the way back without an answer")
        elif gone:
            return _obituary(gone.si_code, gone.si_status, limits)
    return late


def _obituary(code: int, status: int, limits: Limits) -> Said:
    if code == os.CLD_EXITED:
        return Why.CRASHED, f"ended with status {status} and without an answer".encode()
    if status == signal.SIGXCPU:
        return Why.LIMIT, f"used more than {limits.cpu} s of processor time".encode()
    return Why.CRASHED, f"killed by {next((known.name for known in signal.Signals if known == status), f'signal {status}')}".encode()


def _sweep(child: int) -> None:
    with suppress(OSError):
        os.killpg(child, signal.SIGKILL)  # before it is reaped: until then no other group can have this id
    until = time.monotonic() + SWEEP
    with suppress(ChildProcessError):  # a subreaper without children has no descendants
        while time.monotonic() < until:
            signal.sigtimedwait((signal.SIGCHLD,), TICK / 5)
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
            _kill_below(min(until, time.monotonic() + TICK))


def _kill_below(until: float) -> None:
    found = _children(os.getpid()) if os.readlink("/proc/self") == str(os.getpid()) else []  # not the pids of another namespace's /proc
    for pid in found:
        _kill(pid)
    for pid in found:  # it grows meanwhile; what is killed does not reap, so the pids below it are still what they were
        if time.monotonic() > until:
            return
        for below in _children(pid):
            _kill(below)
            found.append(below)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children", "rb") as file:
                found += map(int, file.read().split())
    return found


def _child(work: Callable[[], bytes], limits: Limits, guard: int, tell: int) -> NoReturn:
    said: Said
    try:
        try:
            _confine(limits, guard)
            said = None, memoryview(work()).cast("B")
        except MemoryError:
            said = Why.LIMIT, f"needed more than {limits.memory >> 20} MiB of address space".encode()
        except BaseException as error:
            said = Why.CRASHED, clean(crash.told(error))[:MESSAGE].encode()
        _send(tell, *said)
    finally:
        os._exit(1)  # looked at only where there is no answer


def _confine(limits: Limits, guard: int) -> None:
    os.setsid()
    _prctl(PDEATHSIG, signal.SIGKILL)
    if os.getppid() != guard:
        os._exit(1)
    os.umask(0o077)
    with suppress(OSError), open("/proc/self/oom_score_adj", "wb", 0) as file:
        file.write(b"1000")
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__  # /dev/null by now; others may hold a descriptor that is closed
    caps = {"CORE": 0, "FSIZE": limits.file, "NOFILE": limits.files, "AS": limits.memory, "CPU": limits.cpu}
    for name, soft in caps.items():
        what = getattr(resource, f"RLIMIT_{name}")
        ceiling = resource.getrlimit(what)[1]
        hard = soft + (name == "CPU")  # SIGXCPU at the soft limit, SIGKILL at the hard one: setrlimit(2)
        hard = hard if ceiling == resource.RLIM_INFINITY else min(hard, ceiling)
        resource.setrlimit(what, (min(soft, hard), hard))
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _prctl(option: int, value: int) -> None:
    if LIBC.prctl(option, ctypes.c_ulong(value)) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _kill(pid: int, number: int = signal.SIGKILL) -> None:
    with suppress(OSError):
        os.kill(pid, number)


def _close(fd: int) -> None:
    with suppress(OSError):
        os.close(fd)


def pipe() -> tuple[int, int]:
    """Return the reading and the writing end of a new pipe; neither is a standard stream."""
    ends = os.pipe()
    if min(ends) > 2:
        return ends
    try:
        return pipe()  # a parent without standard streams would print into its guard
    finally:
        for fd in ends:
            os.close(fd)


def _send(fd: int, why: Why | None, payload: bytes | memoryview) -> None:
    left = memoryview(bytes((KINDS.index(why),)) + len(payload).to_bytes(HEADER - 1) + payload)
    while left:
        left = left[os.write(fd, left) :]


def _unframe(heard: bytearray, output: int) -> Said | None:
    if len(heard) < HEADER:
        return None
    kind, size = heard[0], int.from_bytes(heard[1:HEADER])
    if kind >= len(KINDS) or (kind and size > 4 * MESSAGE):
        return Why.CRASHED, b"answered in no known form"
    if size > output and not kind:
        return Why.LIMIT, f"answered with more than {output} bytes".encode()
    return (KINDS[kind], bytes(memoryview(heard)[HEADER : HEADER + size])) if len(heard) >= HEADER + size else None


def _one_line(text: bytes) -> str:
    shown = text.decode("utf-8", "backslashreplace")
    return " ".join("".join(char if char.isprintable() else " " for char in shown).split())[:MESSAGE]
