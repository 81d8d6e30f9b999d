"""Print how long an installed scan takes, and how much processor time and memory, as a multiple of the bare interpreter's start in the same run.

`--beside VENV` measures another installed version in the same run, each command right after the same of this one.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import ENV, HEAD, Command, Installed, bare, beside, in_turn, line

from plugins import install

AIM = 15.0
AIM_OF_REPORTS = 26.0
AIM_OF_MEMORY = 32.0
RAN = {0, 1, 3}


def commands(place: Path, installed: Installed) -> list[Command]:
    """Return what is measured of one version."""
    place.mkdir()
    hostcheck = installed.hostcheck()
    evidence = f"{place}/evidence.json"
    subprocess.run([*hostcheck, "collect", "-o", evidence], check=True, stdin=subprocess.DEVNULL, env=ENV)
    reports = [part for name in ("json", "html", "junit") for part in ("--format", f"{name}={place}/report.{name}")]
    return [
        Command(name="hostcheck --version", argv=[*hostcheck, "--version"]),
        Command(name="hostcheck collect", argv=[*hostcheck, "collect", "-o", evidence]),
        Command(name="hostcheck evaluate", argv=[*hostcheck, "evaluate", evidence]),
        Command(name="hostcheck scan --format json=-", argv=[*hostcheck, "scan", "--format", "json=-"]),
        Command(name="  and html and junit", argv=[*hostcheck, "scan", *reports]),
        *(with_plugins(place / str(count), count, installed) for count in (1, 20)),
    ]


def with_plugins(place: Path, count: int, installed: Installed) -> Command:
    """Return the scan with `count` other distributions, each with a probe and a benchmark of one rule; root pins them first."""
    site = place / "site"
    names = [install(site, number) for number in range(count)]
    env = {**ENV, "PYTHONPATH": str(site)}
    hostcheck = installed.hostcheck("-P", "-s")
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


def summary(start: Command, measured: list[Command]) -> None:
    """Print how far the scan is from what is aimed at, by medians of wall time."""
    scan, reports, one, twenty = measured[-4:]
    for own, name in imports(scan.argv, 12):
        print(f"{own:7.1f} ms  {name}")
    usual = start.median("wall")
    print(f"\nscan --format json=-: {scan.median('wall') / usual:.1f} times the bare start (aim: {AIM:.0f})", end="; ")
    print(f"with html and junit: {reports.median('wall') / usual:.1f} times (aim: {AIM_OF_REPORTS:.0f})")
    print(f"its processes have {scan.together():.1f} MiB together (aim: {AIM_OF_MEMORY:.0f})")
    for of in ("wall", "cpu"):
        first, next_ = one.least(of) - scan.least(of), (twenty.least(of) - one.least(of)) / 19
        print(f"{of}: the first plugin takes {first * 1000:.0f} ms, each of the next {next_ * 1000:.1f} ms")


def main() -> None:
    """Measure, and print one line a command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=25)
    parser.add_argument("--beside", type=Path, metavar="VENV", help="the environment of another version, to measure both in pairs")
    options = parser.parse_args()
    versions = [Installed(Path(prefix)) for prefix in (sys.prefix, *filter(None, [options.beside and options.beside.resolve()]))]
    for version in versions:
        version.require()
    os.chdir("/")
    with tempfile.TemporaryDirectory(prefix="hostcheck-bench-") as place:
        start = bare(versions[0])
        measured = [commands(Path(place, str(number)), version) for number, version in enumerate(versions)]
        in_turn([start, *(command for pair in zip(*measured, strict=True) for command in pair)], options.runs)
        for command in (start, *(one for version in measured for one in version)):
            if not {run.code for run in command.runs} <= RAN:
                raise SystemExit(f"{command.name.strip()}: it ended {command.codes()}")
        print(f"Python {sys.version.split()[0]}, {options.runs} runs in turn\n{HEAD}")
        for command in (start, *measured[0]):
            print(line(command, start), flush=True)
        for this, other in zip(*measured, strict=True) if options.beside else ():
            print(f"beside {options.beside}: {beside(this, other)}")
        summary(start, measured[0])


if __name__ == "__main__":
    main()
