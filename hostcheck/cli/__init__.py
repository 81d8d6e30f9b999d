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
from typing import Any, Final, NoReturn

from hostcheck import __version__
from hostcheck.cli import output
from hostcheck.model import HostcheckError
from hostcheck.spelling import near

COMMANDS: Final = {
    "scan": "read this host, judge it and report what was found",
    "collect": "only read this host, and write the evidence",
    "evaluate": "only judge: evidence that was collected before, on any machine",
    "paths": "show who can become root, by which steps, and what stops them",
    "render": "write a report in another format",
    "explain": "explain a rule: what it asks for, why, and how to fix a failure",
    "compile": "check a benchmark written in YAML, and compile it for scans",
    "lint": "check a benchmark, evidence or a report for errors",
    "list": "list rules, profiles, values, probes, analyses or formats",
    "plugins": "list installed plugins, or pin one so that root's scans use it",
}
MODULES: Final = {"list": "listing"}
FIRST: Final = """hostcheck: say what to do. Most often it is one of these:
  hostcheck scan               read this host, judge it and report what was found
  hostcheck paths              show who can become root, by which steps, and what stops them
  hostcheck explain HC-ACC-01  explain a rule
`hostcheck --help` lists all commands.
"""
"""What `hostcheck` prints without a command."""
OUTPUTS: Final = frozenset({"-o", "--output", "--out", "--html", "--json", "--junit", "--text", "--xml"})
"""Options by which others name a format or a file; here both are one option."""
SUFFIXES: Final = {"": "html", "htm": "html", "xml": "junit", "txt": "text"}
"""Formats by the suffix of a file name, if the suffix is not the name of the format."""
EPILOG: Final = """exit codes:
  0   compliant in what was examined
  1   noncompliant: at least one failure is rated --fail-on or higher
  2   wrong usage, or a file that cannot be used or written
  3   inconclusive: no such failure, but something is undetermined
  4   nothing was evaluated
  5   trust refused: root must not use a file or a plugin that others can change
  70  internal error
  75  another scan is running"""


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Help as wide as the terminal, which argparse would ask by way of shutil for each argument: that takes 2 ms to import."""

    def __init__(self, prog: str) -> None:
        """Leave two columns free, as argparse does."""
        super().__init__(prog, width=output.columns() - 2)


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line."""

    def __init__(self, **options: Any) -> None:
        """Take the `options` of argparse; an option is known by its whole name only."""
        super().__init__(formatter_class=Formatter, allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong on one line and exit with 2."""
        said = message.splitlines()[0]
        raise HostcheckError(f"{said}{' See' if said.endswith('?') else '; see'} `{self.prog} --help`")

    def meant(self, words: Sequence[str]) -> NoReturn:
        """Say what was meant by the words that are no arguments of this command, and exit with 2."""
        word = words[0].partition("=")[0]
        if word in OUTPUTS and "--format" in self._option_string_actions:
            self.error(f"there is no option {word}; write --format {_format(words)}")
        if word.startswith("-"):
            self.error(f"there is no option {word}{near(word, self._option_string_actions)}")
        self.error(f"{word!r} is one argument too many")


def main(argv: Sequence[str] | None = None) -> int:
    """Run hostcheck with the arguments of the process, and return its exit code."""
    gc.disable()  # a command ends soon, and its children sooner: looking for cycles costs a tenth of a scan and finds none (bench/README.md)
    _complete_streams()
    arguments = _usual(sys.argv[1:] if argv is None else list(argv))
    if not arguments:
        output.warn(FIRST, end="")
        return 2
    try:
        args, unknown = _parser(arguments).parse_known_args(arguments)
        if unknown:
            args.parser.meant(unknown)
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
        return _complain(f"internal error: {type(error).__name__}: {error}; set HOSTCHECK_DEBUG=1 to see where", 70)
    finally:
        gc.enable()  # whoever called this from Python goes on


def _usual(arguments: list[str]) -> list[str]:
    """Return the arguments with `help`, `help COMMAND` and `version` as options, which many write so."""
    if arguments[:1] == ["help"]:
        return [*arguments[1:2], "--help"]
    return ["--version"] if arguments[:1] == ["version"] else arguments


def _format(words: Sequence[str]) -> str:
    """Return what `--format` takes where somebody wrote an option of `OUTPUTS`, as in ``--html x.html``, ``--json=x`` and ``-o x.xml``."""
    option, _, path = words[0].partition("=")
    path = path or next((word for word in words[1:2] if not word.startswith("-")), "")
    name = option.lstrip("-")
    if option in ("-o", "--output", "--out"):
        name = path.rpartition(".")[2] if "." in path else ""
    return f"{SUFFIXES.get(name, name)}={path or 'PATH'}" if path or name != option.lstrip("-") else SUFFIXES.get(name, name)


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
    )
    parser.add_argument("-V", "--version", action="version", version=f"hostcheck {__version__}", help="show the version of hostcheck and exit")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)
    wanted = next((argument for argument in arguments if not argument.startswith("-")), "")
    if wanted and wanted not in COMMANDS and wanted == arguments[0]:
        parser.error(f"no command is called {wanted!r}{near(wanted, COMMANDS)}")
    alone = wanted in COMMANDS and wanted == arguments[0]  # the others stand in the help and the complaints of hostcheck itself, which then has none
    for name, about in {wanted: COMMANDS[wanted]}.items() if alone else COMMANDS.items():
        sub = commands.add_parser(name, help=about, description=f"{about[0].upper()}{about[1:]}.")
        if name == wanted:
            sub.epilog = EPILOG if name in ("scan", "evaluate") else None
            module = import_module(f"hostcheck.cli.{MODULES.get(name, name)}")
            module.arguments(sub)
            sub.set_defaults(run=module.run, parser=sub)
    return parser
