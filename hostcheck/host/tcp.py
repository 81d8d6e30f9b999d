"""Who listens on TCP, by psutil, which looks through the descriptors of every process.

It does so in a child that is killed when it takes too long: psutil knows no deadline, and one user may have a hundred million descriptors. The child can also
enter another network namespace, and never has to come back from there. What psutil finds is proved by the descriptor that it names.
"""

import errno
import json
import os
import time
from collections.abc import Callable, Collection
from functools import partial
from typing import Any, Final

from hostcheck import isolate
from hostcheck.host import LimitExceeded, Nonsense
from hostcheck.host.answers import TcpListener
from hostcheck.host.namespaces import reference
from hostcheck.host.proc_dir import held, started
from hostcheck.model import Hole, Why

PATIENCE: Final = 2.0
"""Seconds; half of one is enough for 16,000 connections, or 40,000 descriptors."""
NEWNET: Final = 0x40000000
"""CLONE_NEWNET (clone(2))."""
SOCKET: Final = "socket:["


def listeners(ports: Collection[int], pid: int) -> list[TcpListener]:
    """Return who listens on these ports in the network namespace of `pid`, in one's own where that is 0.

    Raises ProcessLookupError where that process is gone, PermissionError where its namespace may not be entered, TimeoutError after two seconds.
    """
    if not pid:
        return _asked(partial(_listening, frozenset(ports), -1, 0), -1)
    try:
        place = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise ProcessLookupError(errno.ESRCH, os.strerror(errno.ESRCH), f"/proc/{pid}") from error
    try:
        return _asked(partial(_listening, frozenset(ports), place, reference().network), place)
    finally:
        os.close(place)


def _asked(work: Callable[[], bytes], place: int) -> list[TcpListener]:
    job = isolate.start(work, isolate.Limits(wall=PATIENCE), keep=[place] if place >= 0 else [])
    (said,) = isolate.gather([job], time.monotonic() + PATIENCE + isolate.GRACE)
    if isinstance(said, Hole):
        if said.why is Why.TIMEOUT:
            raise TimeoutError(errno.ETIMEDOUT, f"psutil is not done after {PATIENCE:g} s", "/proc")
        raise LimitExceeded(said.message) if said.why is Why.LIMIT else Nonsense(f"psutil: {said.message}")
    if not said:
        raise PermissionError(errno.EACCES, "another network namespace may not be entered", "/proc")
    return [TcpListener(**one) for one in json.loads(said)]


def _listening(ports: frozenset[int], place: int, own: int) -> bytes:
    """Return the listeners as JSON, nothing where the namespace may not be entered; /proc/net, which psutil reads, is that of the namespace one is in."""
    network = 0
    if place >= 0:
        if isolate.LIBC.setns(place, NEWNET) != 0:
            return b""
        entered = os.stat("/proc/self/net/unix").st_ino
        network = 0 if entered == own else entered
    import psutil  # 20 ms

    stated = [
        {"address": one.laddr.ip, "port": one.laddr.port, "network": network, **_holder(one.pid, one.fd)}
        for one in psutil.net_connections(kind="tcp")
        if one.status == psutil.CONN_LISTEN and one.laddr and one.laddr.port in ports
    ]
    return json.dumps(sorted(stated, key=lambda one: (one["port"], one["address"], one["inode"]))).encode()


def _holder(pid: int | None, descriptor: int) -> dict[str, Any]:
    """Return the process that psutil names, and the socket that the descriptor leads to by now; psutil tells neither the inode nor which process of that id."""
    nobody: dict[str, Any] = {"pid": None, "inode": 0, "started": 0}
    if pid is None:
        return nobody
    try:
        with held(pid) as folder:
            leads = os.readlink(b"fd/%d" % descriptor, dir_fd=folder).decode("ascii", "replace")
            return {"pid": pid, "inode": int(leads[len(SOCKET) : -1]), "started": started(folder)} if leads.startswith(SOCKET) else nobody
    except OSError:
        return nobody
