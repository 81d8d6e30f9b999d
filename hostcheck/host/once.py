"""A few files that most probes read are read once for the probes of one process.

Each probe has a host of its own, so that what a user exchanges between two of its answers is refused (paths.py); only these answers are shared. What a
probe asks again, it asks because something may have changed, so that this reaches the machine. No error is remembered: what was late, denied or absent for
one probe is asked anew by the next.
"""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final, cast

from hostcheck.host import Host
from hostcheck.host.files import FileReader

FILES: Final = frozenset({"/etc/nsswitch.conf", "/etc/passwd", "/proc/self/mountinfo", "/proc/self/status"})
"""Whoever can change one of these is root already, but for mounts of FUSE; and everybody may read them."""
SERVES: Final = 1.0
"""Seconds for which an answer serves others."""


class Once:
    """What the probes of one process were told."""

    def __init__(self, make: Callable[[float], AbstractContextManager[Host]], clock: Callable[[], float] = time.monotonic) -> None:
        """Ask the hosts that `make` returns, a new one for each probe: it takes the units that each account may cost the probe."""
        self._make, self._clock = make, clock
        self._told: dict[str, tuple[float, bytes]] = {}

    @contextmanager
    def look(self, room: float = math.inf) -> Iterator[Host]:
        """Give a host for one probe, on which each account has so much `room`."""
        with self._make(room) as host:
            yield cast(Host, _Look(host, self._told, self._clock))


class _Look(FileReader):
    """A host that answers what it is asked first with what another probe was told, where that is not too old."""

    def __init__(self, host: Host, told: dict[str, tuple[float, bytes]], clock: Callable[[], float]) -> None:
        self._host, self._told, self._clock = host, told, clock
        self._asked: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._host, name)

    def _content(self, path: str, limit: int, follow: bool) -> bytes:
        if path not in FILES or not follow:
            return self._host.read_bytes(path, limit=limit, follow=follow)
        known, first = self._told.get(path), path not in self._asked
        self._asked.add(path)
        if known and first and self._clock() - known[0] <= SERVES and len(known[1]) <= limit:
            return known[1]
        self._told.pop(path, None)
        content = self._host.read_bytes(path, limit=limit)
        self._told[path] = self._clock(), content
        return content
