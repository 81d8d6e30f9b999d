"""What the probes of one process all ask is asked once: the processes, and a few files that everybody reads.

Each probe has a host of its own, so that what a user exchanges between two of its answers is refused (paths.py); only these answers are shared. None of
them can be exchanged or hidden by a user, and what is remembered is what that probe would have been told a moment earlier. What a probe asks again, it asks
because something may have changed, so that this reaches the machine. No error is remembered: what was late, denied or absent for one probe is asked anew.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any, Final, TypeVar, cast

from hostcheck.host import Host
from hostcheck.host.answers import Process
from hostcheck.host.files import FileReader

T = TypeVar("T", bytes, tuple[Process, ...])
FILES: Final = frozenset({"/etc/nsswitch.conf", "/etc/passwd", "/proc/self/mountinfo", "/proc/self/status"})
"""Whoever can change one of these is root already, and everybody may read them."""
PROCESSES: Final = "processes"
SERVES: Final = 1.0
"""Seconds for which an answer serves others: processes end, and their ids are given to others. With a child for each probe, all at once, the last one
used its own list of processes for as long."""


class Once:
    """What the probes of one process were told."""

    def __init__(self, make: Callable[[], AbstractContextManager[Host]], clock: Callable[[], float] = time.monotonic) -> None:
        """Ask the hosts that `make` returns, a new one for each probe."""
        self._make, self._clock = make, clock
        self._told: dict[str, tuple[float, Any]] = {}

    @contextmanager
    def look(self) -> Iterator[Host]:
        """Give a host for one probe."""
        with self._make() as host:
            yield cast(Host, _Look(host, self._told, self._clock))


class _Look(FileReader):
    """A host that answers what it is asked first with what another probe was told, where that is not too old."""

    def __init__(self, host: Host, told: dict[str, tuple[float, Any]], clock: Callable[[], float]) -> None:
        self._host, self._told, self._clock = host, told, clock
        self._asked: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._host, name)

    def _content(self, path: str, limit: int, follow: bool) -> bytes:
        ask = partial(self._host.read_bytes, path, limit=limit, follow=follow)
        return self._once(path, ask, limit) if path in FILES and follow else ask()

    def processes(self) -> list[Process]:
        """Return the processes that can be seen."""
        return list(self._once(PROCESSES, lambda: tuple(self._host.processes())))

    def _once(self, question: str, ask: Callable[[], T], limit: int | None = None) -> T:
        known, first = self._told.get(question), question not in self._asked
        self._asked.add(question)
        if known and first and self._clock() - known[0] <= SERVES and (limit is None or len(known[1]) <= limit):
            return cast(T, known[1])
        self._told.pop(question, None)
        answer = ask()
        self._told[question] = self._clock(), answer
        return answer
