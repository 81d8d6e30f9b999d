"""`hostcheck render`: write a report again in other formats; nothing is judged."""

from argparse import ArgumentParser, Namespace

from hostcheck.cli import judging, output
from hostcheck.documents import read
from hostcheck.registry import load


def arguments(parser: ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("document", metavar="REPORT", help="the report that `--format json` wrote; - is standard input")
    parser.add_argument("--format", action="append", metavar="NAME[=PATH]", help="write the report so (default: text; may be repeated)")


def run(args: Namespace) -> int:
    """Render the report and return the exit code."""
    registry = load()
    choices = [output.split(choice) for choice in args.format or ["text"]]
    for name, _ in choices:
        judging.require_format(registry, name)
    output.require_writable([path for _, path in choices])
    report, _ = read(args.document, "report")
    for path, content in [(path, registry.formats[name].render(report).encode()) for name, path in choices]:
        output.write(path, content)
    return 0
