"""`hostcheck scan`: collect, evaluate and render in a row.

The probes are forked before the rules are even read, so that the host is read while the rest of hostcheck is loaded.
"""

import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from hostcheck import collect
from hostcheck.cli import judging, lock, output, sending
from hostcheck.cli.collect import DEADLINE, SHARE, deadline_option, deep_option, require_limits, share_option
from hostcheck.cli.plugins import load
from hostcheck.deferred import prepare
from hostcheck.documents import written
from hostcheck.registry import Registry

PATIENCE: Final = 1.0
"""Seconds after which the progress line names the probes that are still at work."""
NAMED: Final = 3
"""How many probes are named on one line."""


def arguments(parser: ArgumentParser) -> None:
    """Add the options of this command."""
    judging.arguments(parser)
    parser.add_argument("--evidence", metavar="PATH", help="also write the evidence to this file, for `hostcheck evaluate`")
    deadline_option(parser, None)
    share_option(parser, None)
    deep_option(parser)


def run(args: Namespace) -> int:
    """Scan this host and return the exit code."""
    registry = load(args.config)
    judging.settle(args, registry, {"format": (), "evidence": None, "deadline": DEADLINE, "account_share": SHARE})
    require_limits(args)
    paths = [output.split(choice)[1] for choice in args.format] or ["-"]
    outlet = sending.Outlet([*paths, args.evidence] if args.evidence else paths, args.color)
    # What is wrong with a site's own benchmark, values or rules is said before the host is read; the built-in benchmark is loaded while it is.
    benchmarks = judging.load_benchmarks(args, registry) if args.benchmark or args.value or args.rule or args.skip_rule else []
    with lock.held():
        content, report, made = _scan(args, registry, benchmarks)
    if args.evidence:
        outlet.write(args.evidence, content)
    return sending.send(report, made, args, outlet)


def report(args: Namespace, registry: Registry) -> dict[str, Any]:
    """Return the report on this host as it is now, by the terms of `args`."""
    with lock.held():
        return _scan(args, registry, judging.load_benchmarks(args, registry))[1]


def _scan(args: Namespace, registry: Registry, benchmarks: list[Any]) -> tuple[bytes, dict[str, Any], sending.Made]:
    """Return the evidence as it is written, the report, and its outputs."""
    wanted = judging.wanted(benchmarks, args, registry)
    collection = collect.start(registry, args.deadline, wanted, deep=args.deep, times=args.account_share)
    with Progress(collection.size, args) as progress:
        benchmarks = benchmarks or judging.load_benchmarks(args, registry)
        from hostcheck import derive  # noqa: F401 - while the probes are at work
        from hostcheck.cli import in_time
        from hostcheck.report import described

        prepare(*(analysis.derive for name, analysis in registry.analyses.items() if wanted is None or name in wanted))
        evidence = collect.finish(collection, registry, progress.wait)
    content = written(evidence)  # before the fork: the report has its digest, and the file is this
    judge = partial(judging.judge, evidence, benchmarks, args, registry, content=content)
    # The time of the deep probes does not count: judging still has its part of the deadline.
    started = max(collection.started, time.monotonic() - collect.SHARE * args.deadline) if args.deep else collection.started
    return content, *in_time.report(judge, partial(described, benchmarks, judging.terms(args)), args, registry, started)


class Progress:
    """One line on standard error while the host is read, where that is a terminal; after a second it says how many probes are done, and which are not."""

    def __init__(self, probes: int, args: Namespace) -> None:
        """Take what to say."""
        self._probes, self._most = probes, max(args.deadline, args.deep)
        self._begin, self._line = time.monotonic(), ""
        self._shown = sys.stderr.isatty() and not args.quiet

    def __enter__(self) -> "Progress":
        """Show the line."""
        self._show(f"reading this host: {self._probes} probes, {self._most:g} s at most …")
        return self

    def wait(self, probes: Sequence[str]) -> None:
        """Say for which probes the scan waits."""
        if self._shown and probes and time.monotonic() - self._begin > PATIENCE:
            more = f" and {len(probes) - NAMED} more" if len(probes) > NAMED else ""
            done = self._probes - len(probes)
            self._show(f"reading this host: {done} of {self._probes} probes done, {self._most:g} s at most; waiting for {', '.join(probes[:NAMED])}{more} …")

    def _show(self, line: str) -> None:
        if self._shown and line != self._line:
            output.warn(f"\r{line[: output.columns() - 1]}\x1b[K" if self._line else line, end="")
            self._line = line

    def __exit__(self, *_: object) -> None:
        """Take the line away."""
        if self._shown:
            output.warn("\r\x1b[K", end="")
