"""Print how long an installed scan takes, as a multiple of the bare interpreter's start in the same run.

Milliseconds move from machine to machine, and on one machine from minute to minute; so the commands take turns, and only the ratio is stated.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

AIM = 8.0
AIM_OF_REPORTS = 13.0
ENV = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
RAN = (0, 1, 3)


NOWHERE = [(os.POSIX_SPAWN_OPEN, descriptor, os.devnull, os.O_RDWR, 0) for descriptor in (0, 1, 2)]
PEAK = "import os, sys; pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ); print(os.wait4(pid, 0)[2].ru_maxrss, file=sys.stderr)"
"""Runs a command and prints its peak memory: ru_maxrss outlives exec(2), so whoever starts it must be smaller than what is measured."""


@dataclass(slots=True, kw_only=True)
class Command:
    """One command line, and how many seconds its runs took."""

    name: str
    argv: list[str]
    env: dict[str, str] = field(default_factory=lambda: ENV)
    seconds: list[float] = field(default_factory=list)

    def run(self) -> None:
        """Run once."""
        started = time.perf_counter()
        _, status = os.waitpid(os.posix_spawn(self.argv[0], self.argv, self.env, file_actions=NOWHERE), 0)
        self.seconds.append(time.perf_counter() - started)
        if os.waitstatus_to_exitcode(status) not in RAN:
            raise SystemExit(f"{self.name}: exit {os.waitstatus_to_exitcode(status)}")

    def median(self) -> float:
        """Return the median of the seconds."""
        return statistics.median(self.seconds)

    def peak(self) -> float:
        """Run once more and return the peak memory of its largest process, in MiB."""
        argv = [sys.executable, "-I", "-S", "-c", PEAK, *self.argv]
        return int(subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=self.env, check=True).stderr.split()[-1]) / 1024


def commands(place: str) -> list[Command]:
    """Return what is compared, the bare interpreter first."""
    hostcheck = [sys.executable, "-I", str(Path(sysconfig.get_path("scripts"), "hostcheck"))]
    evidence = f"{place}/evidence.json"
    subprocess.run([*hostcheck, "collect", "-o", evidence], check=True, stdin=subprocess.DEVNULL, env=ENV)
    reports = [part for name in ("json", "html", "junit") for part in ("--format", f"{name}={place}/report.{name}")]
    return [
        Command(name="python -I -c pass", argv=[sys.executable, "-I", "-c", "pass"]),
        Command(name="hostcheck --version", argv=[*hostcheck, "--version"]),
        Command(name="hostcheck collect", argv=[*hostcheck, "collect", "-o", evidence]),
        Command(name="hostcheck evaluate", argv=[*hostcheck, "evaluate", evidence]),
        Command(name="hostcheck scan --format json=-", argv=[*hostcheck, "scan", "--format", "json=-"]),
        Command(name="  and html and junit", argv=[*hostcheck, "scan", *reports]),
        *(with_plugins(Path(place, str(count)), count) for count in (1, 20)),
    ]


def with_plugins(place: Path, count: int) -> Command:
    """Return the scan with `count` other distributions, each with a probe and a benchmark of one rule; root pins them first."""
    from plugins import install

    site = place / "site"
    names = [install(site, number) for number in range(count)]
    env = {**ENV, "PYTHONPATH": str(site)}
    hostcheck = [sys.executable, "-P", "-s", str(Path(sysconfig.get_path("scripts"), "hostcheck"))]
    pins = [subprocess.run([*hostcheck, "plugins", "pin", name], check=True, capture_output=True, text=True, env=env).stdout for name in names]
    (place / "config.toml").write_text("".join(pins))
    return Command(name=f"  json=-, {count} plugins", argv=[*hostcheck, "scan", "--format", "json=-", "--config", str(place / "config.toml")], env=env)


def imports(argv: list[str], most: int) -> list[tuple[float, str]]:
    """Return the modules whose own import costs most in the parent: milliseconds, name (`python -X importtime`)."""
    timed = [argv[0], "-X", "importtime", *argv[1:]]
    done = subprocess.run(timed, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=ENV, check=False)
    rows = [(int(own) / 1000, name) for own, name in re.findall(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)", done.stderr)]
    print(f"\n{len(rows)} modules imported by the scan, {sum(own for own, _ in rows):.0f} ms with the clock of importtime running; the dearest:")
    return sorted(rows, reverse=True)[:most]


def require_installed() -> None:
    """Raise SystemExit where hostcheck runs from a checkout: the finder of an editable install starts with every interpreter, and doubles the bare start."""
    found = find_spec("hostcheck")
    if found is None or not str(found.origin).startswith(sysconfig.get_path("purelib")):
        raise SystemExit("hostcheck is not installed beside this interpreter, or is edited in place: measure with `tox -e bench`")


def main() -> None:
    """Measure, and print one line a command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=25)
    runs = parser.parse_args().runs
    os.chdir("/")
    require_installed()
    with tempfile.TemporaryDirectory(prefix="hostcheck-bench-") as place:
        measured = commands(place)
        for turn in range(runs + 1):
            for command in measured:
                command.run()
                if turn == 0:  # the first one warms the caches
                    command.seconds.clear()
        bare = measured[0].median()
        print(f"Python {sys.version.split()[0]}, medians of {runs} runs in turn; x: times the bare start; the peak is that of the largest process")
        for command in measured:
            print(f"{command.name:32} {command.median() * 1000:7.1f} ms {command.median() / bare:6.1f} x {command.peak():6.1f} MiB")
        scan, reports, one, twenty = measured[-4:]
        for own, name in imports(scan.argv, 12):
            print(f"{own:7.1f} ms  {name}")
        print(f"\nscan --format json=-: {scan.median() / bare:.1f} times the bare start (aim: {AIM:.0f}), peak {scan.peak():.1f} MiB")
        print(f"with html and junit: {reports.median() / bare:.1f} times the bare start (aim: {AIM_OF_REPORTS:.0f})")
        print(f"the first plugin takes {(one.median() - scan.median()) * 1000:.0f} ms, each of the next {(twenty.median() - one.median()) * 1000 / 19:.1f} ms")


if __name__ == "__main__":
    main()
