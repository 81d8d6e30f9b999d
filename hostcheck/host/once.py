"""A few files that most probes read are read once for the probes of one process.

Each probe has a host of its own, so that what a user exchanges between two of its answers is refused (paths.py); only these answers are shared. What a
probe asks again, it asks because something may have changed, so that this reaches the machine. No error is remembered: what was late, denied or absent for
one probe is asked anew by the next. When the time of the probes is over each further answer is late, so that a probe states what it has.
"""

import errno
import math
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final, cast

from hostcheck.host import MIB, Host
from hostcheck.host.answers import Answer, Demand, Peer
from hostcheck.host.files import FileReader

FILES: Final = frozenset({"/etc/nsswitch.conf", "/etc/passwd", "/proc/self/mountinfo", "/proc/self/status"})
"""Whoever can change one of these is root already, but for mounts of FUSE; and everybody may read them."""
TIMELESS: Final = ("account", "ahead", "charges", "kind")
"""What is no question, and cannot be late."""
SERVES: Final = 1.0
"""Seconds for which an answer serves others."""


class Once:
    """What the probes of one process were told."""

    def __init__(self, make: Callable[[float], AbstractContextManager[Host]], clock: Callable[[], float] = time.monotonic, end: float = math.inf) -> None:
        """Ask the hosts that `make` returns until `end`, a new one for each probe: it takes the units that each account may cost the probe."""
        self._make, self._clock, self._end = make, clock, end
        self._told: dict[str, tuple[float, bytes]] = {}

    @contextmanager
    def look(self, room: float = math.inf) -> Iterator[Host]:
        """Give a host for one probe, on which each account has so much `room`."""
        with self._make(room) as host:
            yield cast(Host, _Look(host, self._told, self._clock, self._end))


class _Look(FileReader):
    """A host that answers what it is asked first with what another probe was told, where that is not too old."""

    def __init__(self, host: Host, told: dict[str, tuple[float, bytes]], clock: Callable[[], float], end: float) -> None:
        self._host, self._told, self._clock, self._end = host, told, clock, end
        self._asked: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        if name not in TIMELESS:
            self._left()
        return getattr(self._host, name)

    def _left(self) -> float:
        """Return the seconds that are left; raises TimeoutError where none are."""
        left = self._end - self._clock()
        if left <= 0:
            raise TimeoutError(errno.ETIMEDOUT, "the time for reading this host was over")
        return left

    def peer(self, path: str, *, timeout: float = 1.0) -> Peer:
        """Ask who listens on a socket, and wait no longer than there is time."""
        return self._host.peer(path, timeout=min(timeout, self._left()))

    def get(self, socket: str, path: str, *, timeout: float = 5.0, limit: int = MIB) -> Answer:
        """Ask an HTTP server on a unix socket, and wait no longer than there is time."""
        return self._host.get(socket, path, timeout=min(timeout, self._left()), limit=limit)

    def tcp_demand(self, address: str, port: int, *, timeout: float = 2.0) -> Demand:
        """Ask what a server on TCP demands, and wait no longer than there is time."""
        return self._host.tcp_demand(address, port, timeout=min(timeout, self._left()))

    def _content(self, path: str, limit: int, follow: bool, parsed: bool) -> bytes:
        self._left()
        if path not in FILES or not follow:
            return self._host.read_bytes(path, limit=limit, follow=follow, parsed=parsed)
        known, first = self._told.get(path), path not in self._asked
        self._asked.add(path)
        if known and first and self._clock() - known[0] <= SERVES and len(known[1]) <= limit:
            return known[1]
        self._told.pop(path, None)
        content = self._host.read_bytes(path, limit=limit)
        self._told[path] = self._clock(), content
        return content
