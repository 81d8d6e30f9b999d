"""What one work may use, and whether the next one in the same process can have as much.

A work finds the process as the first one did, or is not begun in it: each of our probes may leak a descriptor, change the umask or leave a child behind.
"""

import math
import os
import resource
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from hostcheck.isolate.process import PDEATHSIG, prctl
from hostcheck.model import Hole, Why

SPARE: Final = {"AS": 128 << 20, "NOFILE": 64, "CPU": 1}
"""What all works before one may leave in use together, beside what it may use itself: bytes, descriptors and seconds."""
KEPT: Final = frozenset((b"Umask", b"Uid", b"Gid", b"Groups", b"Threads", b"SigBlk", b"SigIgn", b"SigCgt", b"CapEff"))
"""What a work leaves as it was, by its name in /proc/self/status (proc_pid_status(5))."""
TIMERS: Final = (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one work may use: `wall` and `cpu` in seconds, `files` as a count of open descriptors, all else in bytes.

    `memory` is address space, what the parent had at the fork included; `file` is the size of any file it writes, `output` that of its answer.
    """

    wall: float
    cpu: int = 10
    memory: int = 1 << 30
    file: int = 1 << 20
    files: int = 256
    output: int = 64 << 20

    def soft(self) -> dict[str, int]:
        """Return the soft limits of a work that is the first one in its process, by their names in setrlimit(2)."""
        return {"CORE": 0, "FSIZE": self.file, "NOFILE": self.files, "AS": self.memory, "CPU": self.cpu}


def too_much(memory: int) -> Hole:
    """Return why there is no answer of what needed more than `memory` bytes."""
    return Hole(why=Why.LIMIT, message=f"needed more than {memory >> 20} MiB of address space")


def confine(limits: Limits, guard: int) -> None:
    """Limit this process for good, and end with its guard."""
    os.setsid()
    prctl(PDEATHSIG, signal.SIGKILL)
    if os.getppid() != guard:
        os._exit(1)
    os.umask(0o077)
    with suppress(OSError), open("/proc/self/oom_score_adj", "wb", 0) as file:
        file.write(b"1000")
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__  # /dev/null by now; others may hold a descriptor that is closed
    for name, soft in limits.soft().items():
        what = getattr(resource, f"RLIMIT_{name}")
        ceiling = resource.getrlimit(what)[1]
        hard = soft + SPARE.get(name, 0) + (name == "CPU")  # SIGXCPU at the soft limit, SIGKILL at the hard one: setrlimit(2)
        hard = hard if ceiling == resource.RLIM_INFINITY else min(hard, ceiling)
        resource.setrlimit(what, (min(soft, hard), hard))
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


class Room:
    """How this process is before its first work."""

    def __init__(self, limits: Limits) -> None:
        """Look at it."""
        self._soft, self._marks, self._used = limits.soft(), _marks(), _used()

    def renew(self) -> bool:
        """Let the next work use as much as the first one could; False where those before it left too much in use, or the process is not as it was."""
        with suppress(OSError, ValueError):
            return _marks() == self._marks and all(self._raise(name, now) for name, now in _used().items())
        return False

    def _raise(self, name: str, now: float) -> bool:
        what, more = getattr(resource, f"RLIMIT_{name}"), max(0, math.ceil(now - self._used[name]))
        soft, hard = resource.getrlimit(what)
        wanted = self._soft[name] + more
        if more > SPARE[name] or wanted > hard:
            return False
        if wanted != soft:
            resource.setrlimit(what, (wanted, hard))
        return True


def _marks() -> Any:
    """Return what a work leaves as it was."""
    children = True
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        children = False
    return children, os.readlink("/proc/self/cwd"), [signal.getitimer(timer) for timer in TIMERS], os.environ.copy(), _status()


def _status() -> list[bytes]:
    with open("/proc/self/status", "rb", 0) as file:
        return [line for line in file.read().split(b"\n") if line.partition(b":")[0] in KEPT]


def _used() -> dict[str, float]:
    """Return what this process has in use, or has used, of what is limited."""
    with open("/proc/self/statm", "rb", 0) as file:
        pages = int(file.read().split(b" ", 1)[0])
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return {"AS": pages * resource.getpagesize(), "NOFILE": len(os.listdir("/proc/self/fd")), "CPU": spent.ru_utime + spent.ru_stime}
