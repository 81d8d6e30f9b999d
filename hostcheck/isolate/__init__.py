"""Run callables in killable, limited children and bring back their bytes.

A guard stands between the parent and its workers. One that a work of its own ends or stops is made up for: what had no answer yet is run again, each work
under a guard of its own.
"""

import fcntl
import math
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Collection, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, TypeVar

from hostcheck.isolate.guard import SIGNALS, STALL, TICK, watch
from hostcheck.isolate.limits import Limits, too_much
from hostcheck.isolate.messages import CHUNK, stated, take
from hostcheck.isolate.notes import Notes
from hostcheck.isolate.process import LIBC, close, kill, pipe
from hostcheck.isolate.worker import NUMBER, Plan
from hostcheck.model import Hole, Why

__all__ = ["CHUNK", "GRACE", "LIBC", "Crew", "Job", "Limits", "Notes", "finish", "gather", "hire", "pipe", "start", "too_much"]

T = TypeVar("T")
GRACE: Final = 1.0
"""Seconds after the deadline for the guards' last sweep; then they are killed themselves."""
WORKERS: Final = 2
"""How many there are, if there is so much time that all works are begun in two thirds of it although each of them hangs; else more."""
RESUMED: Final = 3
"""How often a guard that was stopped is made to go on."""
ROOM: Final = 1 << 20
"""Bytes that a crew's guard may say before its parent listens, and that outlive it; as much as a pipe may hold (pipe(7))."""
LATE: Final = Hole(why=Why.TIMEOUT, message="did not answer before the deadline")
UNGUARDED: Final = Hole(why=Why.CRASHED, message="its guard ended without an answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One guard at work: its pid, the descriptor that it answers on and the number of the work if that is one; or the `hole` that says why there is none."""

    pid: int = 0
    answer: int = -1
    number: int = 0
    hole: Hole | None = None


class Crew(Generic[T]):
    """Workers that take works from a queue, under one guard, until `end` (of `time.monotonic`)."""

    def __init__(self, plan: Plan[T], job: Job, end: float) -> None:
        """Take what they do, and who guards them."""
        self.plan, self.job, self.end = plan, job, end


Seen = Callable[[Set[int]], None]
"""Is told the numbers of the works that have answered."""


class _Heard:
    """What a guard has said so far."""

    def __init__(self, job: Job) -> None:
        self.job, self.answers, self.ended = job, dict[int, bytes | Hole](), job.hole is not None
        self._data, self._resumed = bytearray(), 0

    def hear(self) -> None:
        chunk = os.read(self.job.answer, CHUNK)
        self._data += chunk
        while message := take(self._data, sys.maxsize):
            self.answers[message.number] = stated(message)
        self.ended = not chunk

    def resume(self) -> None:
        """Let the guard go on where it is stopped; if that is so again and again it counts as ended."""
        with suppress(ChildProcessError):
            if os.waitid(os.P_PID, self.job.pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT):
                kill(self.job.pid, signal.SIGCONT)
                self._resumed += 1
                self.ended = self._resumed > RESUMED


def start(work: Callable[[], bytes], limits: Limits, *, keep: Sequence[int] = ()) -> Job:
    """Start `work` in a guarded child and return at once; gather each job once, in the same single-threaded process.

    Of the parent's descriptors the child has those in `keep` only.
    """
    return _launch(Plan(works=(lambda _: work(),), make=lambda _: None, limits=limits, alone=(0,)), keep)


def hire(
    works: Sequence[Callable[[T], bytes]],
    make: Callable[[Notes], T],
    limits: Limits,
    *,
    alone: Collection[int] = (),
    doubts: Callable[[bytes], bool] = lambda answer: False,
) -> Crew[T]:
    """Start a crew that does `works`, and return at once; `finish` each crew once, in the same single-threaded process.

    Each worker calls `make` for what it hands to its works, with the notes that are to be made of connections; the works whose numbers are `alone` have a
    worker of their own. `doubts` says of an answer whether works before it in the same process may be to blame for it.
    """
    needed = math.ceil(len(works) * STALL * 1.5 / max(limits.wall, STALL))
    plan = Plan(works=works, make=make, limits=limits, doubts=doubts, alone=tuple(sorted(alone)), workers=max(WORKERS, needed))
    end = time.monotonic() + limits.wall
    queue = notes = -1
    try:
        notes = os.memfd_create("hostcheck")
        fcntl.fcntl(notes, fcntl.F_SETFL, os.O_APPEND)
        queue, filled = pipe()
        with open(filled, "wb") as file:
            file.write(b"".join(number.to_bytes(NUMBER) for number in range(len(works)) if number not in plan.alone))
        plan = replace(plan, queue=queue, notes=notes)
        return Crew(plan, _launch(plan), end)
    except OSError as error:
        close(notes)
        return Crew(plan, Job(hole=_unstarted(error)), end)
    finally:
        close(queue)


def _launch(plan: Plan[Any], keep: Sequence[int] = ()) -> Job:
    parent, answer, report = os.getpid(), -1, -1
    # No handler of the parent may run in the guard: what it raises there would unwind into a second parent.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        answer, report = pipe()
        if plan.workers:
            with suppress(OSError):
                fcntl.fcntl(report, fcntl.F_SETPIPE_SZ, ROOM)
        pid = os.fork()
        if pid == 0:
            watch(plan, parent, report, keep)
        return Job(pid=pid, answer=answer, number=plan.alone[0] if plan.alone else 0)
    except OSError as error:
        close(answer)
        return Job(hole=_unstarted(error))
    finally:
        close(report)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _unstarted(error: OSError) -> Hole:
    return Hole(why=Why.CRASHED, message=f"could not be started: {error.strerror}")


def gather(jobs: Sequence[Job], deadline: float) -> list[bytes | Hole]:
    """Return what each job answered, in their order, by `deadline` (of `time.monotonic`) or a moment later: at most `GRACE`."""
    heard = _listen(jobs, deadline)
    return [job.hole or one.answers.get(job.number, UNGUARDED if one.ended else LATE) for job, one in zip(jobs, heard, strict=True)]


def finish(crew: Crew[Any], deadline: float, seen: Seen = lambda _: None) -> list[bytes | Hole]:
    """Return what each work answered, in their order, by `deadline` or a moment later; what has no answer when the guard has ended is run again.

    `seen` is told now and then which works have answered.
    """
    try:
        numbers = range(len(crew.plan.works))
        if crew.job.hole:
            return [crew.job.hole for _ in numbers]
        (heard,) = _listen([crew.job], deadline, resume=True, seen=seen)
        left = [number for number in numbers if number not in heard.answers]
        if left and heard.ended:
            heard.answers |= zip(left, _again(crew, left, deadline), strict=True)
        return [heard.answers.get(number, LATE) for number in numbers]
    finally:
        close(crew.plan.notes)


def _again(crew: Crew[Any], numbers: Sequence[int], deadline: float) -> list[bytes | Hole]:
    """Run works again, each under a guard of its own, in the time that is left."""
    wall = min(crew.end, deadline) - time.monotonic()
    if wall <= 0:
        return [UNGUARDED] * len(numbers)
    limits = replace(crew.plan.limits, wall=wall)
    plans = [replace(crew.plan, limits=limits, alone=(number,), workers=0, queue=-1) for number in numbers]
    return gather([_launch(plan) for plan in plans], deadline)


def _listen(jobs: Sequence[Job], deadline: float, *, resume: bool = False, seen: Seen = lambda _: None) -> list[_Heard]:
    """Hear the guards until they have ended or it is too late, and release them; with `resume` one that is stopped goes on, and at last counts as ended."""
    heard = [_Heard(job) for job in jobs]
    waiting = {one.job.answer: one for one in heard if not one.ended}
    started = [one.job for one in waiting.values()]
    poller = select.poll()
    for answer in waiting:
        poller.register(answer, select.POLLIN)
    try:
        while waiting:
            left = max(0.0, deadline - time.monotonic())
            seen({number for one in heard for number in one.answers})
            ready = {waiting[answer] for answer, _ in poller.poll(min(left, TICK) * 1000)}
            if not ready and not left:
                break
            for one in ready or set(waiting.values()):
                if ready:
                    one.hear()
                elif resume:
                    one.resume()
                if one.ended:
                    poller.unregister(one.job.answer)
                    del waiting[one.job.answer]
    finally:
        _release(started)
    return heard


def _release(jobs: list[Job]) -> None:
    for job in jobs:
        os.close(job.answer)  # a guard that is still at work sees it, sweeps and ends
    pids = [job.pid for job in jobs]
    for seconds, number in ((0, signal.SIGCONT), (GRACE - TICK, signal.SIGKILL), (TICK, 0)):  # a child may have stopped its guard
        until = time.monotonic() + seconds
        while (pids := [pid for pid in pids if not _ended(pid)]) and time.monotonic() < until:
            time.sleep(0.0003)
        for pid in pids:
            kill(pid, number)


def _ended(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:  # the parent ignores SIGCHLD, or its handler was first
        return True
