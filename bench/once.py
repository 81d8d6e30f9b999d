"""Print what the probes of one process cost, each with a host of its own and all over one that is asked once, on this machine with more processes.

Processes are started for it, and end with it; with `--churn` others begin and end all the time. Both ways take turns, and the least counts.
"""

import argparse
import gc
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hostcheck import registry
from hostcheck.host import http, unix  # noqa: F401 - loaded before it is measured
from hostcheck.host.local import LocalHost
from hostcheck.host.once import Once
from hostcheck.host.processes import Known
from hostcheck.invoke import run
from hostcheck.model import Probe

CHURN = "while :; do /bin/true & /bin/true & wait; done"


@contextmanager
def processes(count: int, churn: bool) -> Iterator[None]:
    """Keep so many processes more."""
    started = [os.posix_spawn("/bin/sleep", ["sleep", "600"], {}) for _ in range(count)]
    busy = subprocess.Popen(["sh", "-c", CHURN], start_new_session=True) if churn else None
    try:
        yield
    finally:
        if busy:
            os.killpg(busy.pid, signal.SIGKILL)
            busy.wait()
        for pid in started:
            os.kill(pid, signal.SIGKILL)
        for pid in started:
            os.waitpid(pid, 0)


def each(probes: list[Probe]) -> None:
    """Run each probe on a host of its own."""
    for probe in probes:
        with LocalHost() as host:
            run(probe, host)


def together(probes: list[Probe]) -> None:
    """Run all probes over one host."""
    known: dict[int, Known] = {}
    once = Once(lambda: LocalHost(known=known))
    for probe in probes:
        with once.look() as host:
            run(probe, host)


def took(work: Callable[[list[Probe]], None], probes: list[Probe]) -> tuple[float, float]:
    """Return the processor time and the time, in milliseconds."""
    began, clock = time.process_time(), time.perf_counter()
    work(probes)
    gc.collect()
    return 1000 * (time.process_time() - began), 1000 * (time.perf_counter() - clock)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--processes", type=int, nargs="*", default=[0, 250, 5000], help="how many processes more (default: 0 250 5000)")
    parser.add_argument("--churn", action="store_true", help="others begin and end all the time")
    parser.add_argument("--rounds", type=int, default=10, help="how often each is measured (default: 10)")
    options = parser.parse_args()
    probes = [probe for _, probe in sorted(registry.load().probes.items())]
    gc.disable()  # as a scan does
    for count in options.processes:
        with processes(count, options.churn):
            turns = [(took(each, probes), took(together, probes)) for _ in range(options.rounds)]
        for name, times in zip(("each alone", "together"), zip(*turns, strict=True), strict=True):
            cpu, wall = (min(column) for column in zip(*times, strict=True))
            print(f"{count:5} processes more, {name:10}  cpu {cpu:7.1f}  wall {wall:7.1f} ms", flush=True)


if __name__ == "__main__":
    main()
