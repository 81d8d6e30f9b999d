"""Ending all that is below a process: only a subreaper (prctl(2)) can tell what a child left behind."""

import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from hostcheck.isolate.process import kill

SWEEP: Final = 0.9
"""Seconds for killing, most of them for hosts that are busy; what lives on (D state, a fork bomb) is abandoned."""
PAUSE: Final = 0.01
"""Seconds until what is below is looked for again, if nobody of it ends sooner."""
LOOK: Final = 0.05
"""Seconds that one look for it may take."""


def sweep(children: Iterable[int]) -> None:
    """Kill the children, which lead groups, and all else that is below this process, and see it end."""
    for child in children:
        end_group(child)
    until = time.monotonic() + SWEEP
    with suppress(ChildProcessError):  # a subreaper without children has no descendants
        while time.monotonic() < until:
            signal.sigtimedwait((signal.SIGCHLD,), PAUSE)
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
            _kill_below(min(until, time.monotonic() + LOOK))


def end_group(child: int) -> None:
    """Kill a child that was not reaped with its group: until it is, no other group can have this id."""
    with suppress(OSError):
        os.killpg(child, signal.SIGKILL)


def _kill_below(until: float) -> None:
    found = _children(os.getpid()) if _is_own_proc() else []
    for pid in found:
        kill(pid)
    for pid in found:  # it grows meanwhile; what is killed does not reap, so the pids below it are still what they were
        if time.monotonic() > until:
            return
        for below in _children(pid):
            kill(below)
            found.append(below)


def _is_own_proc() -> bool:
    """Say whether /proc is there, and has the pids of this namespace and of no other."""
    with suppress(OSError):
        return os.readlink("/proc/self") == str(os.getpid())
    return False


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children", "rb") as file:
                found += map(int, file.read().split())
    return found
