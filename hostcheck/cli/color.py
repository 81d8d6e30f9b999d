"""Colors in the summary on a terminal: the verdict, headings and severities, and nothing that a host has said."""

import os
import sys
from argparse import ArgumentParser
from typing import Final

from hostcheck.deferred import pattern
from hostcheck.model import HostcheckError
from hostcheck.spelling import near

WHEN: Final = ("auto", "always", "never")
SGR: Final = {"bold": "1", "red": "31", "yellow": "33", "green": "32", "cyan": "36", "critical": "1;31"}
VERDICTS: Final = {"NONCOMPLIANT": "critical", "INCONCLUSIVE": "yellow", "COMPLIANT": "green"}
SEVERITIES: Final = {"critical": "critical", "high": "red", "medium": "yellow", "low": "cyan"}
VERDICT: Final = pattern(rf"^({'|'.join(VERDICTS)})\b")
HEADING: Final = pattern(r"^(?:[A-Z]{3,}|[A-Z]+ [A-Z]{2,})\b")
SEVERITY: Final = pattern(r"^  (critical|high|medium|low)(?= +[A-Z]+-)")


def option(parser: ArgumentParser) -> None:
    """Add the option that says when there are colors."""
    text = f"color the summary on standard output: {', '.join(WHEN)} (default: auto, on a terminal unless NO_COLOR is set)"
    parser.add_argument("--color", default="auto", metavar="WHEN", help=text)


def require(when: str) -> None:
    """Raise HostcheckError where `when` is none of WHEN."""
    if when not in WHEN:
        raise HostcheckError(f"--color {when}: it is one of {', '.join(WHEN)}{near(when, WHEN)}")


def wanted(when: str) -> bool:
    """Say whether standard output gets colors: as asked for, else on a terminal that has them (https://no-color.org, https://force-color.org)."""
    if when != "auto":
        return when == "always"
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (sys.stdout.isatty() and os.environ.get("TERM") != "dumb")


def paint(text: str) -> str:
    """Return a summary with colors; without them it is what it was."""
    return "".join(map(_line, text.splitlines(keepends=True)))


def _line(line: str) -> str:
    if found := VERDICT.match(line):
        return _in(VERDICTS[found[1]], found[1]) + line[found.end() :]
    if found := SEVERITY.match(line):
        return f"  {_in(SEVERITIES[found[1]], found[1])}{line[found.end() :]}"
    if HEADING.match(line):
        body = line.rstrip("\n")
        return _in("bold", body) + line[len(body) :]
    return line


def _in(name: str, text: str) -> str:
    return f"\x1b[{SGR[name]}m{text}\x1b[0m"
