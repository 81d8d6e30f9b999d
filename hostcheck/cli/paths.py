"""`hostcheck paths`: who can become root, by which steps, and what stops them; of this host, of evidence, or of a report."""

from argparse import ArgumentParser, Namespace
from typing import Any, Final

from hostcheck.cli import judging, scan, sending
from hostcheck.cli.collect import DEADLINE, SHARE
from hostcheck.cli.plugins import config_option, load
from hostcheck.documents import kind_of, parse, read_bytes, recognise
from hostcheck.model import HostcheckError
from hostcheck.registry import Registry

FORMATS: Final = {"text": "paths", "dot": "dot", "json": "json"}
KEPT: Final = ("reach", "paths", "cut")
"""Sections of a report that tell of paths."""
UNSET: Final = ("benchmark", "profile", "rule", "skip_rule", "role", "fail_on", "evidence", "deadline", "account_share")
"""Terms of a judgement that the configuration sets, or else their defaults."""
Report = dict[str, Any]


def arguments(parser: ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument(
        "document", nargs="?", default="", metavar="EVIDENCE|REPORT", help="evidence, or a report as JSON (default: read this host); - for standard input"
    )
    parser.add_argument("--from", dest="begin", default="", metavar="NAME", help="only paths of this user or principal")
    parser.add_argument("--to", dest="end", default="", metavar="NAME", help="only paths that come to this socket, file, user or program")
    parser.add_argument("--format", default="text", metavar="NAME", help=f"how to write them: {', '.join(FORMATS)} (default: text)")
    parser.add_argument("--value", action="append", metavar="NAME=VALUE", help="set a value, such as approved_users=alice,bob (repeatable)")
    config_option(parser)


def run(args: Namespace) -> int:
    """Write the paths and return 0; raises HostcheckError where nobody is called as was asked for."""
    if args.format not in FORMATS:
        raise HostcheckError(f"no format is called {args.format!r} here; the formats are {', '.join(FORMATS)}")
    registry = load(args.config)
    judging.require_format(registry, FORMATS[args.format])
    outlet = sending.Outlet(["-"])
    report = _asked(_report(args, registry), args)
    if args.format == "json":
        from hostcheck.documents import canonical

        outlet.write("-", canonical({name: report[name] for name in KEPT if name in report}))
    else:
        sending.deliver({FORMATS[args.format]: sending.make(FORMATS[args.format], report, registry)}, outlet)
    return outlet.code(0)


def _asked(report: Report, args: Namespace) -> Report:
    """Return the report with the paths that were asked for; raises HostcheckError where nobody is called so."""
    paths = report.get("paths", [])
    names = {path["principal"] for path in paths}
    begin = args.begin if args.begin in names else f"user:{args.begin}"
    if args.begin and begin not in names:
        raise HostcheckError(f"no path to root begins at {args.begin!r}; paths begin at {', '.join(sorted(names)[:20]) or 'nobody'}")
    kept = [path for path in paths if (not args.begin or path["principal"] == begin) and (not args.end or _comes(path, args.end))]
    return {**report, "paths": kept}


def _comes(path: Report, name: str) -> bool:
    return any(name in (step["to"], step["to"].partition(":")[2]) for step in path["steps"])


def _report(args: Namespace, registry: Registry) -> Report:
    """Return the report that is asked about: one that was written, or on evidence, or on this host as it is now."""
    document = parse(read_bytes(args.document), args.document) if args.document else None
    if args.document and kind_of(document) != "evidence":
        return judging.current(recognise(document, "report", args.document))
    terms = Namespace(**dict.fromkeys(UNSET), value=args.value, config=args.config, format=(), quiet=True, deep=0.0)
    judging.settle(terms, registry, {"deadline": DEADLINE, "account_share": SHARE})
    if not args.document:
        return scan.report(terms, registry)
    return judging.judge(recognise(document, "evidence", args.document), judging.load_benchmarks(terms, registry), terms, registry)
