"""Run one callable in a killable, limited child and bring back its bytes.

A guard process stands between parent and child, because only a subreaper that has nothing else to do can kill whatever the child left behind, and tell it from other processes.
"""

import ctypes
import gc
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, NoReturn

from hostcheck.model import Hole, Why, clean

SWEEP: Final = 0.2
"""Seconds that a guard spends on killing what it guards; what still lives then (D state, a fork bomb) is abandoned."""

GRACE: Final = 0.3
"""Seconds after the deadline that guards have for their sweep, before they are killed themselves."""

_TICK: Final = 0.05
_SETTLE: Final = 0.5
_CHUNK: Final = 1 << 20
_MESSAGE: Final = 300
_HEADER: Final = 9
_KINDS: Final[tuple[Why | None, ...]] = (None, *Why)
_PR_SET_PDEATHSIG: Final = 1  # prctl(2); the numbers are those of linux/prctl.h
_PR_SET_CHILD_SUBREAPER: Final = 36

_prctl = ctypes.CDLL(None, use_errno=True).prctl
_prctl.argtypes = (ctypes.c_int, *[ctypes.c_ulong] * 4)

_Said = tuple[Why | None, bytes | memoryview]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one child may use.

    `wall` and `cpu` are seconds; `memory` is bytes of address space, the parent's own at the fork included (a Python with its libraries has 20 to 300 MB);
    `file` is the size of any file that it writes, `output` of its answer, in bytes; `files` counts open descriptors.
    """

    wall: float
    cpu: int = 10
    memory: int = 1 << 30
    file: int = 1 << 20
    files: int = 256
    output: int = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One guard at work: its pid, and the descriptor that it answers on; or the `hole` that says why there is none."""

    pid: int = 0
    answer: int = -1
    output: int = 0
    hole: Hole | None = None


def start(work: Callable[[], bytes], limits: Limits) -> Job:
    """Start `work` in a guarded child at once; where that fails, the job carries the hole. The parent must have one thread, and gather each job once."""
    parent = os.getpid()
    try:
        answer, report = _pipe()
    except OSError as error:
        return Job(hole=Hole(why=Why.CRASHED, message=_unstarted(error)))
    # No handler of the parent may run in the guard: it would raise there, and unwind into a second parent.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        pid = os.fork()
        if pid == 0:
            _guard(work, limits, parent, report)
    except OSError as error:
        os.close(answer)
        return Job(hole=Hole(why=Why.CRASHED, message=_unstarted(error)))
    finally:
        os.close(report)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    return Job(pid=pid, answer=answer, output=limits.output)


def gather(jobs: Sequence[Job], deadline: float) -> list[bytes | Hole]:
    """Return what each job answered, in their order, at `deadline` (of `time.monotonic`) or at most `GRACE` later; nothing of them is left running."""
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
    while waiting:
        ready = poller.poll(max(0.0, deadline - time.monotonic()) * 1000)
        if not ready:
            return
        for answer, _ in ready:
            index, heard = waiting[answer]
            chunk = os.read(answer, _CHUNK)
            heard += chunk
            if not chunk:
                poller.unregister(answer)
                del waiting[answer]
                answers[index] = _answer(heard, jobs[index].output)


def _answer(heard: bytearray, output: int) -> bytes | Hole:
    said = _unframe(heard, output)
    if said is None:
        return Hole(why=Why.CRASHED, message="its guard ended without an answer")
    why, payload = said
    return bytes(payload) if why is None else Hole(why=why, message=_one_line(bytes(payload)))


def _release(jobs: list[Job]) -> None:
    for job in jobs:
        os.close(job.answer)  # a guard that is still at work sees it, sweeps and ends
    left = _reap([job.pid for job in jobs], 0)
    for pid in left:
        os.kill(pid, signal.SIGCONT)  # its child may have stopped it
    left = _reap(left, GRACE - _TICK)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    _reap(left, _TICK)


def _reap(pids: list[int], seconds: float) -> list[int]:
    until = time.monotonic() + seconds
    while True:
        pids = [pid for pid in pids if not _ended(pid)]
        if not pids or time.monotonic() >= until:
            return pids
        time.sleep(0.0003)


def _ended(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:  # the parent ignores SIGCHLD, or its handler was first
        return True


def _guard(work: Callable[[], bytes], limits: Limits, parent: int, report: int) -> NoReturn:
    try:
        gc.freeze()  # a collection in guard or child must not finalise the parent's objects, nor copy its pages
        os.setsid()
        _set(_PR_SET_CHILD_SUBREAPER, 1)
        # Not SIGKILL: the guard must outlive the parent for its sweep. SIGCONT wakes it if its child has stopped it.
        _set(_PR_SET_PDEATHSIG, signal.SIGCONT)
        _default_signals()
        _drop_descriptors(report)
        _send(report, *_supervise(work, limits, parent, report))
    except (OSError, MemoryError) as error:
        _send(report, Why.CRASHED, _unstarted(error).encode())
    finally:
        os._exit(0)


def _supervise(work: Callable[[], bytes], limits: Limits, parent: int, report: int) -> _Said:
    guard = os.getpid()
    hear, tell = _pipe()
    child = os.fork()
    if child == 0:
        _child(work, limits, guard, tell)
    os.close(tell)
    said = _watch(child, limits, parent, report, hear)
    with suppress(OSError):
        os.killpg(child, signal.SIGKILL)  # before it is reaped: until then no other group can have this id
    _sweep()
    return said


def _watch(child: int, limits: Limits, parent: int, report: int, hear: int) -> _Said:
    heard, late = bytearray(), (Why.TIMEOUT, f"did not answer within {limits.wall:.1f} s".encode())
    end = time.monotonic() + limits.wall
    poller = select.poll()
    poller.register(hear, select.POLLIN)
    poller.register(report, 0)  # POLLERR: the parent has closed its end, or died
    while (left := end - time.monotonic()) > 0:
        # Looked at before the pipe is: what a child wrote before its end is read. Its children may hold the pipe open, so its end is not that of the pipe.
        gone = os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        ready = {fd for fd, _ in poller.poll(0 if gone else min(left, _TICK) * 1000)}
        if report in ready or os.getppid() != parent:
            break
        if hear in ready:
            chunk = os.read(hear, _CHUNK)
            heard += chunk
            if (said := _unframe(heard, limits.output)) is not None:
                return said
            if not chunk:
                poller.unregister(hear)
                end = min(end, time.monotonic() + _SETTLE)
                late = (Why.CRASHED, b"closed the way back without an answer")
        elif gone:
            return _obituary(gone.si_code, gone.si_status, limits)
    return late


def _obituary(code: int, status: int, limits: Limits) -> _Said:
    if code == os.CLD_EXITED:
        return Why.CRASHED, f"ended with status {status} and without an answer".encode()
    if status == signal.SIGXCPU:
        return Why.LIMIT, f"used more than {limits.cpu} s of processor time".encode()
    try:
        name = signal.Signals(status).name
    except ValueError:  # most real-time signals have no name
        name = f"signal {status}"
    return Why.CRASHED, f"killed by {name}".encode()


def _sweep() -> None:
    until = time.monotonic() + SWEEP
    while time.monotonic() < until:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return  # a subreaper without children has no descendants
        _kill_below(min(until, time.monotonic() + SWEEP / 4))
        signal.sigtimedwait((signal.SIGCHLD,), 0.01)


def _kill_below(until: float) -> None:
    # By its own pid, not "self" alone: under a /proc of another pid namespace there is no such file, instead of foreign pids.
    found = _pids(f"/proc/self/task/{os.getpid()}/children")
    for pid in found:
        _kill(pid)
    for pid in found:  # it grows meanwhile; what is killed cannot reap, so the pids below it are still what they were
        if time.monotonic() > until:
            return
        with suppress(OSError):
            for task in os.listdir(f"/proc/{pid}/task"):
                for below in _pids(f"/proc/{pid}/task/{task}/children"):
                    _kill(below)
                    found.append(below)


def _pids(path: str) -> list[int]:
    try:
        with open(path, "rb") as file:
            return [int(pid) for pid in file.read().split()]
    except OSError:
        return []


def _kill(pid: int) -> None:
    with suppress(OSError):
        os.kill(pid, signal.SIGKILL)


def _child(work: Callable[[], bytes], limits: Limits, guard: int, tell: int) -> NoReturn:
    said: _Said
    try:
        try:
            _confine(limits, guard, tell)
            said = None, memoryview(work())
        except MemoryError:
            said = Why.LIMIT, f"needed more than {limits.memory >> 20} MiB of address space".encode()
        except BaseException as error:
            said = Why.CRASHED, clean(f"{type(error).__name__}: {str(error)[:_MESSAGE]}").encode()
        _send(tell, *said)
    finally:
        os._exit(1)  # looked at only where there is no answer


def _confine(limits: Limits, guard: int, tell: int) -> None:
    os.setsid()
    _set(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != guard:
        os._exit(1)
    _drop_descriptors(tell)
    os.umask(0o077)
    with suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")
    # The parent's may be buffers in memory, or hold descriptors that are closed now.
    sys.stdout = sys.stderr = open(os.devnull, "w", errors="backslashreplace")
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_CPU, limits.cpu, spare=1)  # SIGXCPU at the soft limit, SIGKILL at the hard one: setrlimit(2)
    _limit(resource.RLIMIT_FSIZE, limits.file)
    _limit(resource.RLIMIT_NOFILE, limits.files)
    _limit(resource.RLIMIT_AS, limits.memory)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _limit(what: int, most: int, spare: int = 0) -> None:
    ceiling = resource.getrlimit(what)[1]
    hard = most + spare if ceiling == resource.RLIM_INFINITY else min(most + spare, ceiling)
    resource.setrlimit(what, (min(most, hard), hard))


def _default_signals() -> None:
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        # As Python starts: a broken pipe and a file over its limit are an OSError.
        signal.signal(number, signal.SIG_IGN if number in (signal.SIGPIPE, signal.SIGXFSZ) else signal.SIG_DFL)


def _drop_descriptors(keep: int) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(null, standard)
    try:
        for name in os.listdir("/proc/self/fd"):  # not closerange(): a Python built for an old libc tries every number
            if int(name) > 2 and int(name) != keep:
                with suppress(OSError):
                    os.close(int(name))
    except FileNotFoundError:
        os.closerange(3, keep)
        os.closerange(keep + 1, os.sysconf("SC_OPEN_MAX"))


def _pipe() -> tuple[int, int]:
    read, write = os.pipe()
    return _above_standard(read), _above_standard(write)


def _above_standard(fd: int) -> int:
    if fd > 2:
        return fd
    copy = _above_standard(os.dup(fd))  # a parent without standard streams would print into its guard
    os.close(fd)
    return copy


def _set(option: int, value: int) -> None:
    if _prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _send(fd: int, why: Why | None, payload: bytes | memoryview) -> None:
    view = memoryview(payload).cast("B")
    for part in (memoryview(bytes((_KINDS.index(why),)) + len(view).to_bytes(_HEADER - 1)), view):
        while part:
            part = part[os.write(fd, part) :]


def _unframe(heard: bytearray, output: int) -> _Said | None:
    if len(heard) < _HEADER:
        return None
    kind, size = heard[0], int.from_bytes(heard[1:_HEADER])
    if kind >= len(_KINDS) or (kind and size > 4 * _MESSAGE):
        return Why.CRASHED, b"answered in no known form"
    if size > output and not kind:
        return Why.LIMIT, f"answered with more than {output} bytes".encode()
    if len(heard) < _HEADER + size:
        return None
    return _KINDS[kind], bytes(memoryview(heard)[_HEADER : _HEADER + size])


def _one_line(text: bytes) -> str:
    shown = text.decode("utf-8", "backslashreplace")
    return " ".join("".join(char if char.isprintable() else " " for char in shown).split())[:_MESSAGE]


def _unstarted(error: OSError | MemoryError) -> str:
    return f"could not be started: {getattr(error, 'strerror', None) or type(error).__name__}"
