"""How long each step of judging may take: what takes too long, or too much memory, costs itself only.

Python runs the handler of a signal between two of its own instructions. So the alarm ends whatever Python does, and not what a library in C does at one go: for
that, and for a step that ends the whole process, each step is told to `begin` first, and may be left out when judging is tried again.
"""

import math
import time
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from hostcheck.model import Hole, Why

T = TypeVar("T")
PART: Final = 0.5
"""The part of the time that is left that one step may have: whatever one of them does, time is left for those after it."""
TELLING: Final = 0.25
"""The part of all time that is kept for telling what was judged."""
WRITING: Final = 0.1
"""The part of all time that is kept for writing what was told."""
AGAIN: Final = 1.0
"""Seconds after which an alarm comes again: Python passes over what is raised while it finalises an object."""
TIMELESS: Final = Hole(why=Why.TIMEOUT, message="judging was not done in time")


class Stopped(BaseException):
    """The time of a step is over; no `except Exception` takes it for an error of what runs there."""

    def __init__(self, hole: Hole) -> None:
        """Carry the `hole` that says so."""
        super().__init__(hole.message)
        self.hole = hole


def _unheard(_: str) -> None:
    """Tell nobody."""


class Pace:
    """Has the steps of judging done before `end` (of `time.monotonic`); without one each takes as long as it takes.

    `late` says why a step was stopped, and `much` why one that had no more memory was; `without` are steps that are left out from the beginning, each with the
    reason. `begin` is told the name of each step before it is done. `lost` is what was not done, by the names of its steps.
    """

    def __init__(
        self,
        end: float = math.inf,
        *,
        late: Hole = TIMELESS,
        much: Hole = TIMELESS,
        without: Mapping[str, Hole] | None = None,
        begin: Callable[[str], None] = _unheard,
    ) -> None:
        """Begin now."""
        self._end, self._whole = end, end - time.monotonic()
        self._late, self._much, self._without, self._begin = late, much, without or {}, begin
        self._running = False
        self.lost: dict[str, Hole] = {}

    def step(self, name: str, do: Callable[[], T], instead: Callable[[Hole], T], *, keep: float = TELLING) -> T:
        """Return what `do` returns; where it has not come to its end in time, or may not begin, what `instead` says for that reason.

        The last part of the time, `keep`, is for what comes after.
        """
        if self._end == math.inf:
            return do()
        left = self._end - keep * self._whole - time.monotonic()
        hole = self._without.get(name) or (self._late if left <= 0 else None)
        if hole is None:
            self._begin(name)
            try:
                return self._limited(do, left * PART)
            except Stopped as stopped:
                hole = stopped.hole
            except MemoryError:
                hole = self._much
        self.lost[name] = hole
        return instead(hole)

    def _limited(self, do: Callable[[], T], seconds: float) -> T:
        import signal  # for whoever has no time to lose

        signal.signal(signal.SIGALRM, self._stop)
        self._running = True
        signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
        try:
            return do()
        finally:
            self._running = False
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _stop(self, *_: object) -> None:
        if self._running:
            raise Stopped(self._late)


FREE: Final = Pace()
"""No step is stopped: somebody waits who can press Ctrl-C."""
