"""`hostcheck render`: write a report again in other formats; nothing is judged."""

from argparse import ArgumentParser, Namespace

from hostcheck.cli import color, judging, output, sending
from hostcheck.cli.plugins import config_option, load


def arguments(parser: ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("document", metavar="REPORT", help="a report written by `--format json`; - for standard input")
    parser.add_argument(
        "--format", action="append", metavar="NAME[=PATH]", help="write the report in this format, to PATH or to standard output (default: text; repeatable)"
    )
    color.option(parser)
    config_option(parser)


def run(args: Namespace) -> int:
    """Render the report and return the exit code."""
    registry = load(args.config)
    choices = args.format or ["text"]
    for choice in choices:
        judging.require_format(registry, output.split(choice)[0])
    outlet = sending.Outlet([output.split(choice)[1] for choice in choices], args.color)
    report = judging.read_report(args.document)
    sending.deliver({choice: sending.make(choice, report, registry) for choice in choices}, outlet)
    return outlet.code(0)
