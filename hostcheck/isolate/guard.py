"""What stands between a parent and its workers: a subreaper (prctl(2)) with nothing else to do, which knows who has what in hand, and what each left behind.

It waits for nobody, neither for a worker nor for a parent that is busy, and outlives both.
"""

import gc
import math
import os
import select
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final, NoReturn

from hostcheck.isolate import worker
from hostcheck.isolate.messages import CHUNK, KINDS, TOOK, UNKNOWN, Message, because, header, take
from hostcheck.isolate.process import CHILD_SUBREAPER, PDEATHSIG, close, open_descriptors, pipe, prctl
from hostcheck.isolate.sweep import end_group, sweep
from hostcheck.isolate.worker import ANSWER, Plan
from hostcheck.model import Why

TICK: Final = 0.05
"""Seconds between two looks at what no descriptor tells."""
STALL: Final = 0.25
"""Seconds after which another worker goes on with the queue, while the one that has taken so long goes on with its work."""
SIGNALS: Final = frozenset(signal.Signals)
"""Those with a name: valid_signals() makes the rest slowly, and nobody handles them."""


class Worker:
    """A worker as its guard sees it: the work that it has in hand since when, whether that is its only one, and how many it has done.

    `relieved` says that another goes on with the queue meanwhile, `patience` until when it may live on after it has closed its end.
    """

    def __init__(self, pid: int, hears: int, number: int | None, alone: bool) -> None:
        """Begin with the work of a number in hand, or with none."""
        self.pid, self.hears, self.alone = pid, hears, alone
        self.done, self.patience, self.heard = 0, math.inf, bytearray()
        self.begin(number)

    def begin(self, number: int | None) -> None:
        """Take a work in hand."""
        self.number, self.since, self.relieved = number, time.monotonic(), False

    def is_slow(self) -> bool:
        """Say whether another should go on with the queue."""
        return self.number is not None and not self.relieved and time.monotonic() > self.since + STALL


def watch(plan: Plan[Any], parent: int, report: int, keep: Sequence[int]) -> NoReturn:
    """Have the works done, and report each answer to the parent; of its descriptors only those in `keep` stay open, in the first workers."""
    try:
        _leave_parent(report, (plan.queue, plan.notes, *keep))
        guard = _Guard(plan, parent, report)
        guard.begin(keep)
        guard.watch()
        guard.end()
    finally:
        os._exit(0)


def _leave_parent(report: int, keep: Sequence[int]) -> None:
    gc.freeze()  # no collection in guard or worker may finalise the parent's objects, or copy its pages
    os.setsid()
    prctl(CHILD_SUBREAPER, 1)
    prctl(PDEATHSIG, signal.SIGCONT)  # not SIGKILL: a guard outlives its parent for the sweep, and wakes for it where a worker has stopped it
    for number in SIGNALS - {signal.SIGKILL, signal.SIGSTOP}:
        # As Python starts: a broken pipe and a file over its limit are an OSError, no death.
        signal.signal(number, signal.SIG_IGN if number in (signal.SIGPIPE, signal.SIGXFSZ) else signal.SIG_DFL)
    null = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(null, standard)
    close(*(descriptor for descriptor in open_descriptors() if descriptor not in (0, 1, 2, report, *keep)))
    os.set_blocking(report, False)


class _Guard:
    def __init__(self, plan: Plan[Any], parent: int, report: int) -> None:
        self._plan, self._parent, self._report = plan, parent, report
        self._workers: list[Worker] = []
        self._waiting = set(range(len(plan.works))) - set(plan.alone) if plan.workers else set[int]()
        self._left = {*self._waiting, *plan.alone}
        self._end = time.monotonic() + plan.limits.wall
        self._outbox = bytearray()
        self._poller = select.poll()
        self._poller.register(report, 0)  # POLLERR: the parent has closed its end, or died

    def begin(self, keep: Sequence[int]) -> None:
        """Start a worker for each work that is to be alone, and those for the queue."""
        for number in self._plan.alone:
            self._hire(number)
        for _ in range(min(self._plan.workers, len(self._waiting))):
            self._hire(None)
        close(*keep)

    def watch(self) -> None:
        """Hear the workers, and replace them, until all works have their answer or their time is over."""
        while self._left:
            left = self._end - time.monotonic()
            # Before the pipes are looked at, so that last words are heard. A grandchild may hold a pipe open: its end is not the worker's.
            ended = {one.pid: how for one in self._workers if (how := os.waitid(os.P_PID, one.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT))}
            ready = self._poll(0 if ended else max(0.0, min(left, TICK)))
            if ready is None or (left <= 0 and not ready):  # what was said in time counts, however late it is heard
                return
            for one in tuple(self._workers):
                if one.hears in ready:
                    self._hear(one)
                elif one.pid in ended:
                    self._fail(one, *_obituary(ended[one.pid], self._plan.limits.cpu))
                elif time.monotonic() > one.patience:
                    self._fail(one, Why.CRASHED, "closed the way back without an answer")
                elif one.is_slow():
                    one.relieved = True
                    self._replace(one)
            if self._left and not self._workers:
                self._hire(None if self._is_queued() else min(self._left))

    def end(self) -> None:
        """Say what was not done in time, kill what is left, and see that the parent has heard all."""
        wall = self._plan.limits.wall
        in_hand = {one.number for one in self._workers}
        for number in sorted(self._left):
            late = f"did not answer within {wall:.1f} s" if number in in_hand else f"was not begun within {wall:.1f} s: others before it took too long"
            self._say(because(number, Why.TIMEOUT, late))
        sweep(one.pid for one in self._workers)
        while self._outbox and self._poll(TICK) is not None:
            pass

    def _poll(self, seconds: float) -> set[int] | None:
        """Tell the parent what it will hear, and return who has something to say, within some time; None where the parent has gone."""
        self._poller.modify(self._report, select.POLLOUT if self._outbox else 0)
        ready = dict(self._poller.poll(seconds * 1000))
        told = ready.pop(self._report, 0)
        if told & ~select.POLLOUT or os.getppid() != self._parent:  # another fork of the parent may hold its end open
            return None
        if told:
            try:
                written = os.write(self._report, memoryview(self._outbox)[:CHUNK])
            except BrokenPipeError:
                return None
            del self._outbox[:written]
        return set(ready)

    def _say(self, message: Message) -> None:
        self._left.discard(message.number)
        self._outbox += header(message.kind, message.number, len(message.payload))
        self._outbox += message.payload

    def _hire(self, number: int | None) -> None:
        """Start a worker that does the work of a number first, or the next one in the queue."""
        guard, hears, tells = os.getpid(), -1, -1
        try:
            hears, tells = pipe()
            pid = os.fork()
        except OSError as error:
            close(hears, tells)
            self._unstarted(number, error)
            return
        if pid == 0:
            close(hears, self._report, *(one.hears for one in self._workers))
            worker.serve(self._plan, guard, tells, number)
        close(tells)
        self._workers.append(Worker(pid, hears, number, number in self._plan.alone))
        self._poller.register(hears, select.POLLIN)

    def _unstarted(self, number: int | None, error: OSError) -> None:
        """Say that a work could not be started; where nobody is left who would do them, that none can."""
        lost = [number] if number is not None else [] if self._workers else sorted(self._left)
        for one in lost:
            self._say(because(one, Why.CRASHED, f"could not be started: {error.strerror}"))

    def _is_queued(self) -> bool:
        """Say whether there is anything in the queue."""
        if not self._waiting:
            return False
        queue = select.poll()
        queue.register(self._plan.queue, select.POLLIN)
        return any(told & select.POLLIN for _, told in queue.poll(0))

    def _replace(self, one: Worker) -> None:
        if not one.alone and self._is_queued():
            self._hire(None)

    def _hear(self, one: Worker) -> None:
        chunk = os.read(one.hears, CHUNK)
        one.heard += chunk
        if not chunk:
            self._poller.unregister(one.hears)
            one.patience = time.monotonic() + 10 * TICK
        while one in self._workers and (message := take(one.heard, self._plan.limits.output)):
            self._heed(one, message)

    def _heed(self, one: Worker, message: Message) -> None:
        if message.kind == TOOK and one.number is None and message.number in self._waiting:
            self._waiting.remove(message.number)
            one.begin(message.number)
        elif message.number != one.number or message.kind == TOOK:
            self._fail(one, Why.CRASHED, UNKNOWN)
        elif message.kind == ANSWER:
            one.number, one.done = None, one.done + 1
            self._say(message)
        else:
            self._fail(one, KINDS[message.kind] or Why.CRASHED, message.payload.decode(errors="backslashreplace"))

    def _fail(self, one: Worker, why: Why, text: str) -> None:
        """See a worker off; what it had in hand is done again where works before it may be to blame for its end, else this is why there is no answer.

        Limits are each work's own, so that none but itself is to blame for reaching one.
        """
        self._workers.remove(one)
        with suppress(KeyError):
            self._poller.unregister(one.hears)
        close(one.hears)
        end_group(one.pid)
        os.waitpid(one.pid, os.WNOHANG)
        if one.number is not None and one.done and why is not Why.LIMIT:
            self._hire(one.number)
        else:
            if one.number is not None:
                self._say(because(one.number, why, text))
            self._replace(one)


def _obituary(how: os.waitid_result, cpu: int) -> tuple[Why, str]:
    if how.si_code == os.CLD_EXITED:
        return Why.CRASHED, f"ended with status {how.si_status} and without an answer"
    if how.si_status == signal.SIGXCPU:
        return Why.LIMIT, f"used more than {cpu} s of processor time"
    return Why.CRASHED, f"killed by {next((known.name for known in signal.Signals if known == how.si_status), f'signal {how.si_status}')}"
