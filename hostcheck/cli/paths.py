"""`hostcheck paths`: who can become root, by which steps, and what stops them; of this host, of evidence, or of a report."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from typing import Any, Final

from hostcheck.cli import judging, output, scan, sending
from hostcheck.cli.collect import DEADLINE, SHARE
from hostcheck.cli.page import Page
from hostcheck.cli.plugins import config_option, load
from hostcheck.documents import kind_of, parse, read_bytes, recognise
from hostcheck.model import HostcheckError
from hostcheck.registry import Registry
from hostcheck.spelling import near

FORMATS: Final = {"text": "paths", "dot": "dot", "json": "json"}
KEPT: Final = ("reach", "paths", "cut")
"""Sections of a report that tell of paths."""
UNSET: Final = ("benchmark", "profile", "rule", "skip_rule", "role", "fail_on", "evidence", "deadline", "account_share")
"""Terms of a judgement that the configuration sets, or else their defaults."""
ROOT: Final = "root"
EVERYONE: Final = "every local user"
NO_PATH: Final = ("without_path", "containers_without_path", "unused")
"""What of the numbers names those who have none."""
KNOWN: Final = ("nothing", "own-password")
"""What whoever has a path may be asked for and knows."""
CODES: Final = """exit codes with --from:
  0   no path to root was found
  1   a certain path, without a password or with their own
  2   nobody is called so
  3   only a likely path, or it is not known whether there is one"""
Report = dict[str, Any]


def arguments(parser: ArgumentParser) -> None:
    """Add the options of this command."""
    parser.epilog = CODES
    parser.add_argument(
        "document", nargs="?", default="", metavar="EVIDENCE|REPORT", help="evidence, or a report as JSON (default: read this host); - for standard input"
    )
    parser.add_argument("--from", dest="begin", default="", metavar="NAME", help="only paths of this user or principal")
    parser.add_argument("--to", dest="end", default="", metavar="NAME", help="only paths that come to this socket, file, user or program")
    parser.add_argument("--format", default="text", metavar="NAME", help=f"how to write them: {', '.join(FORMATS)} (default: text)")
    parser.add_argument("--value", action="append", metavar="NAME=VALUE", help="set a value, such as approved_users=alice,bob (repeatable)")
    config_option(parser)


def run(args: Namespace) -> int:
    """Write the paths and return the exit code: 0, or with --from what CODES say; raises HostcheckError where nobody is called so."""
    if args.format not in FORMATS:
        raise HostcheckError(f"no format is called {args.format!r} here; the formats are {', '.join(FORMATS)}")
    registry = load(args.config)
    judging.require_format(registry, FORMATS[args.format])
    outlet = sending.Outlet(["-"])
    report = _report(args, registry)
    begin = _principal(report, args.begin) if args.begin else ""
    report = {**report, "paths": [path for path in _of(report, begin) if not args.end or _comes(path, args.end)]}
    code = _code(report, begin) if begin else 0
    if begin and not report["paths"] and args.format == "text":
        output.say("".join(f"{line}\n" for line in _no_path(Page(), report, begin, args.end)))
    elif args.format == "json":
        from hostcheck.documents import canonical

        outlet.write("-", canonical({name: report[name] for name in KEPT if name in report}))
    else:
        sending.deliver({FORMATS[args.format]: sending.make(FORMATS[args.format], report, registry)}, outlet)
    return outlet.code(code)


def _principal(report: Report, name: str) -> str:
    """Return the user, container or other principal of that name; raises HostcheckError where there is none, or where several have it."""
    reach = report.get("reach", {})
    if name == ROOT:
        raise HostcheckError("root is where paths lead to; name somebody else")
    names = {*(path["principal"] for path in report.get("paths", ())), EVERYONE, *(one for part in NO_PATH for one in reach.get(part, ()))}
    exact = [one for one in (f"user:{name}", name) if one in names]
    found = exact[:1] or sorted(one for one in names if one.startswith("container:") and one.endswith(f":{name}"))
    if len(found) > 1:
        raise HostcheckError(f"several containers are called {name!r}; name one of {', '.join(found)}")
    if not found and "steps" not in reach:
        raise HostcheckError(f"no path to root begins at {name!r}, and this report does not say who has none; judge the evidence again with this version")
    if not found:
        known = sorted(one.removeprefix("user:") for one in names)
        few = ", ".join(known[:20])
        raise HostcheckError(f"no user, container or other principal is called {name!r}{near(name, known) or f'; known are {few}'}")
    return found[0]


def _of(report: Report, begin: str) -> list[Report]:
    """Return the paths of somebody, of a user also those that every local user has; all where `begin` is ""."""
    whose = {begin, EVERYONE} if begin.startswith("user:") else {begin}
    return [path for path in report.get("paths", ()) if not begin or path["principal"] in whose]


def _code(report: Report, begin: str) -> int:
    """Return what the paths of one say, by CODES."""
    if any(path["strength"] == "certain" and path["needs"] in KNOWN for path in report["paths"]):
        return 1
    return 3 if report["paths"] or _unsure(report, begin) else 0


def _unsure(report: Report, begin: str) -> list[str]:
    """Return why somebody of whom no path is told may have one: whoever is not known may be each user, and no container."""
    return list(report["reach"].get("unsure", ())) if begin == EVERYONE or begin.startswith("user:") else []


def _no_path(page: Page, report: Report, begin: str, end: str) -> Iterator[str]:
    """Yield that somebody has no path, and who gets to root by each kind of step."""
    reach, name = report["reach"], begin.removeprefix("user:")
    unsure = _unsure(report, begin)
    where = f" that comes to {end}" if end else ""
    if begin in reach.get("unused", ()):
        yield from page.paragraph(
            f"{name} is unused: nobody can log in as this account, and nothing runs as it, so it has no path to root{where} of its own.", 0
        )
    elif unsure:
        yield from page.paragraph(f"No path to root{where} was found for {name}, but it is not known whether there is one:", 0)
        yield from page.points(unsure)
    else:
        yield from page.paragraph(f"{name} has no path to root{where} in what was examined (hostcheck explain scope).", 0)
    if not end:
        yield from page.heading("Who gets to root by each kind of step")
        for step in reach.get("steps", ()):
            who = [one.replace("group:", "group ", 1).replace("container:", "container ", 1) for one in step["who"]]
            yield from page.points([f"{step['step']}: {', '.join(who) if who else 'nobody but root'}"])


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
