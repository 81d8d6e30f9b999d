"""The command line: the only place that parses arguments, prints and exits.

Each subcommand is a module of this package with `arguments(parser)` and `run(args)`; only the one that was asked for is imported.
"""

import argparse
import gc
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final, NoReturn

from hostcheck import __version__
from hostcheck.cli import output
from hostcheck.model import HostcheckError

COMMANDS: Final = {
    "scan": "read this host, judge it, and say what was found",
    "collect": "read this host and write the evidence",
    "evaluate": "judge evidence that was collected before",
    "render": "write a report in other formats",
    "explain": "say what a rule asks for and why, and what a report found",
    "compile": "make the document that a scan reads of a benchmark in YAML",
    "lint": "check benchmarks, evidence and reports",
    "list": "list rules, probes, analyses, formats or profiles",
    "plugins": "list the plugins in use and those that are not, or pin one",
}
MODULES: Final = {"list": "listing"}
EPILOG: Final = """exit codes:
  0   compliant
  1   noncompliant: an unwaived failure at or above --fail-on
  2   usage, or a document that cannot be used
  3   inconclusive: nothing failed, but something could not be known
  4   nothing was evaluated
  5   refused: a file or a plugin that root must not believe
  70  internal error
  75  another scan is running"""


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong on one line and exit with 2."""
        raise HostcheckError(f"{message.splitlines()[0]}; see `{self.prog} --help`")


def main(argv: Sequence[str] | None = None) -> int:
    """Run hostcheck with the arguments of the process, and return its exit code."""
    gc.disable()  # a command ends soon, and its children sooner: looking for cycles costs a tenth of a scan and finds none (bench/README.md)
    _complete_streams()
    arguments = sys.argv[1:] if argv is None else list(argv)
    try:
        args = _parser(arguments).parse_args(arguments)
        code: int = args.run(args)
        return code
    except HostcheckError as error:
        return _complain(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _complain("interrupted", 130)
    except SystemExit as end:  # argparse ends --help and --version so
        return end.code if isinstance(end.code, int) else 0
    except BaseException as error:
        if os.environ.get("HOSTCHECK_DEBUG"):
            raise
        return _complain(f"internal error: {type(error).__name__}: {error}; HOSTCHECK_DEBUG=1 shows where", 70)
    finally:
        gc.enable()  # whoever called this from Python goes on


def _complete_streams() -> None:
    """Open what cron or systemd may have closed, so that no file that is opened later becomes standard output."""
    for descriptor, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(descriptor)
        except OSError:
            os.dup2(os.open(os.devnull, os.O_RDWR), descriptor)
        if getattr(sys, name) is None:
            setattr(sys, name, open(descriptor, mode, encoding="utf-8", closefd=False))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # cron's locale may not know a character that a report has


def _complain(message: str, code: int) -> int:
    output.warn(f"hostcheck: {printable(message)}")
    return code


def printable(message: str) -> str:
    """Return a message as one line in which nothing moves the cursor: it may quote a name that a stranger chose."""
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in message)[:2000]


def _parser(arguments: Sequence[str]) -> Parser:
    parser = Parser(
        prog="hostcheck",
        description="Who can become root on this container host, and what stops them?",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"hostcheck {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)
    wanted = next((argument for argument in arguments if not argument.startswith("-")), "")
    for name, about in COMMANDS.items():
        sub = commands.add_parser(name, help=about, description=f"{about[0].upper()}{about[1:]}.", allow_abbrev=False)
        if name == wanted:
            module = import_module(f"hostcheck.cli.{MODULES.get(name, name)}")
            module.arguments(sub)
            sub.set_defaults(run=module.run)
    return parser
