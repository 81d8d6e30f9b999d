"""Measure commands in turn: wall time, and processor time and memory of all their processes.

Times move from machine to machine, and on one machine from minute to minute; so every figure is also stated as a multiple of the bare interpreter's in the same
run, and the least of many runs is what can be trusted on a machine that does other things too.
"""

import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ENV = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
NOWHERE = [(os.POSIX_SPAWN_OPEN, descriptor, os.devnull, os.O_RDWR, 0) for descriptor in (0, 1, 2)]
PEAK = "import os, sys; pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ); print(os.wait4(pid, 0)[2].ru_maxrss, file=sys.stderr)"
"""Runs a command and prints its peak memory: ru_maxrss outlives exec(2), so whoever starts it must be smaller than what is measured."""
SAMPLED = 3
"""How many runs are watched for the memory of all processes together: between two looks a peak can be missed."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one run took, in seconds: `cpu` is that of the command and of all below it that was waited for (getrusage(2))."""

    wall: float
    cpu: float
    code: int


@dataclass(slots=True, kw_only=True)
class Command:
    """One command line, and what its runs took."""

    name: str
    argv: list[str]
    env: dict[str, str] = field(default_factory=lambda: ENV)
    runs: list[Run] = field(default_factory=list)

    def start(self) -> int:
        """Start it and return its pid."""
        return os.posix_spawn(self.argv[0], self.argv, self.env, file_actions=NOWHERE)

    def run(self) -> None:
        """Run once."""
        started = time.perf_counter()
        _, status, used = os.wait4(self.start(), 0)
        wall, code = time.perf_counter() - started, os.waitstatus_to_exitcode(status)
        self.runs.append(Run(wall, used.ru_utime + used.ru_stime, code))

    def least(self, of: str) -> float:
        """Return the least of `wall` or `cpu`, in seconds."""
        return min(getattr(run, of) for run in self.runs)

    def median(self, of: str) -> float:
        """Return the median of `wall` or `cpu`, in seconds."""
        return statistics.median(getattr(run, of) for run in self.runs)

    def codes(self) -> str:
        """Return how often it ended with which exit code."""
        return ", ".join(f"{count} times {code}" for code, count in sorted(Counter(run.code for run in self.runs).items()))

    def largest(self) -> float:
        """Run once more and return the peak memory of its largest process, in MiB."""
        argv = [sys.executable, "-I", "-S", "-c", PEAK, *self.argv]
        return int(subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=self.env, check=True).stderr.split()[-1]) / 1024

    def together(self) -> float:
        """Run a few times more and return the peak of what all its processes have together, pages that they share counted once (Pss of proc(5)), in MiB."""
        return max(_watched(self.start()) for _ in range(SAMPLED)) / 1024


def _watched(pid: int) -> int:
    most = 0
    while not os.waitpid(pid, os.WNOHANG)[0]:
        most = max(most, sum(map(_pss, _below(pid))))
    return most


def _below(pid: int) -> Iterator[int]:
    """Yield a process and those below it."""
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in children:
        yield from _below(int(child))


def _pss(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/smaps_rollup").read_text().partition("\nPss:")[2].split()[0])
    except (OSError, IndexError):  # it has ended meanwhile
        return 0


def in_turn(commands: Sequence[Command], runs: int) -> None:
    """Run the commands `runs` times, one after the other, forwards and backwards by turns; once more before, which warms the caches."""
    for turn in range(runs + 1):
        for command in commands if turn % 2 else reversed(commands):
            command.run()
        if turn == 0:
            for command in commands:
                command.runs.clear()


HEAD = f"""{"":34}{"wall, ms":^18}{"x bare":^13}{"CPU, ms":^18}{"x bare":^13}{"peak, MiB":>18}
{"":34}{"least":>9}{"median":>9}{"":2}{"least":>5}{"median":>7}{"":1}{"least":>8}{"median":>9}{"":2}{"least":>5}{"median":>7}{"largest":>9}{"together":>9}"""


def line(command: Command, bare: Command) -> str:
    """Return a line of the table below `HEAD`."""
    told = f"{command.name:34}"
    for of in ("wall", "cpu"):
        least, median = command.least(of), command.median(of)
        told += f"{least * 1000:9.1f}{median * 1000:9.1f}{least / bare.least(of):7.1f}{median / bare.median(of):7.1f}"
    return f"{told}{command.largest():8.1f}{command.together():9.1f}"


def beside(this: Command, other: Command) -> str:
    """Return a line that says how much of the `other` command's time `this` takes."""
    parts = [
        f"{name} {this.least(of) / other.least(of):.2f} (least), {this.median(of) / other.median(of):.2f} (median)"
        for name, of in (("wall", "wall"), ("CPU", "cpu"))
    ]
    return f"{this.name.strip():34}{'; '.join(parts)}"


@dataclass(frozen=True, slots=True)
class Installed:
    """An installed hostcheck, by the folder of its environment."""

    prefix: Path

    def python(self, *options: str) -> list[str]:
        """Return the beginning of a command line of its interpreter."""
        return [str(self.prefix / "bin/python"), *options]

    def hostcheck(self, *options: str) -> list[str]:
        """Return the beginning of a command line of it, its interpreter started with `options`."""
        return [*self.python(*(options or ("-I",))), str(self.prefix / "bin/hostcheck")]

    def require(self) -> None:
        """Raise SystemExit where it is edited in place: that finder starts with every interpreter, and doubles the bare start."""
        ask = self.python("-I", "-c", "import hostcheck; print(hostcheck.__file__)")
        found = subprocess.run(ask, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=ENV, check=False)
        if not found.stdout.startswith(f"{self.prefix}/lib"):
            raise SystemExit(f"hostcheck is not installed in {self.prefix}, or is edited in place: `pip install .` there, or measure with `tox -e bench`")


def bare(installed: Installed) -> Command:
    """Return what everything is a multiple of."""
    return Command(name="python -I -c pass", argv=installed.python("-I", "-c", "pass"))
