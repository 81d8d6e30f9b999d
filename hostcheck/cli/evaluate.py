"""`hostcheck evaluate`: judge evidence again, here or years later; no host is read."""

import os
from argparse import ArgumentParser, Namespace
from typing import Any, Final

from hostcheck.cli import judging, output, sending
from hostcheck.cli.plugins import load
from hostcheck.deferred import pattern
from hostcheck.documents import read
from hostcheck.model import HostcheckError

DATE: Final = pattern(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}Z)?")


def arguments(parser: ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("document", metavar="EVIDENCE", help="evidence written by `collect` or by `scan --evidence`; - for standard input")
    judging.arguments(parser)
    parser.add_argument(
        "--as-of", default="", metavar="DATE", help="judge as of this date: YYYY-MM-DD, or YYYY-MM-DDTHH:MM:SSZ (default: when the evidence was collected)"
    )
    parser.add_argument("--reference", action="store_true", help="also judge with the jsonschema library, and fail if it disagrees")


def run(args: Namespace) -> int:
    """Judge the evidence and return the exit code."""
    registry = load(args.config)
    args.format = args.format or ()  # the configuration's are those of a scan: judging again must not overwrite its report
    judging.settle(args, registry, {})
    require_date(args.as_of)
    outlet = sending.Outlet([output.split(choice)[1] for choice in args.format], args.color)
    from hostcheck.report import exit_code

    evidence = read(args.document, "evidence")[0]
    benchmarks = judging.load_benchmarks(args, registry)
    reference = _reference() if args.reference else None
    report = judging.judge(evidence, benchmarks, args, registry, as_of=args.as_of, reference=reference)
    if reference:
        output.warn(f"jsonschema agrees in all of {reference.compared} comparisons")
    chosen = sending.choices(args, exit_code(report), terminal=os.isatty(1))
    return sending.send(report, {choice: sending.make(choice, report, registry) for choice in chosen}, args, outlet)


def _reference() -> Any:
    from hostcheck.reference import Reference

    return Reference()


def require_date(text: str) -> None:
    """Raise HostcheckError where `text` is not a date as RFC 3339 writes it, in UTC."""
    if not text:
        return
    from datetime import datetime

    try:
        if not DATE.fullmatch(text):
            raise ValueError("write YYYY-MM-DD, or YYYY-MM-DDTHH:MM:SSZ")
        datetime.fromisoformat(text)
    except ValueError as error:
        raise HostcheckError(f"--as-of {text!r}: {error}") from None
