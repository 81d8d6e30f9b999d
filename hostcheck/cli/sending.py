"""How what a command made leaves: each output by itself, the summary for people, and the exit code.

An output that is lost costs that one: the others are written, and the exit code says so unless it has worse to say of the host.
"""

from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from hostcheck.cli import output
from hostcheck.cli.color import paint, require, wanted
from hostcheck.invoke import render as write_as
from hostcheck.left_out import more_like
from hostcheck.model import SEVERITIES, FormatError, HostcheckError
from hostcheck.registry import IGNORED, Registry

MOST: Final = 5
"""How many rules are named on one line."""
WORSE: Final = (1, 5)
"""The exit codes that a lost output does not hide: the host is noncompliant, or something is not to be trusted."""
SUMMARY: Final = "text"
AS_ROOT: Final = "run an installation that only root can write to, as root"
"""Not the same command with sudo: what another user can change would be run as root."""
ENDS: Final = " ,:;"
"""What a subject is followed by where a reason begins with it: no character that makes it another name."""

Made = Mapping[str, bytes | FormatError]
"""What became of each output, by ``NAME[=PATH]``."""


class Outlet:
    """The outputs of one command; `lost` are the exit codes of those that could not be written, each of which was told."""

    def __init__(self, paths: Sequence[str], color: str = "auto") -> None:
        """Tell which of `paths` others have spoilt, before any work is done; raises HostcheckError where it is the user who is wrong.

        `color` says when a summary on standard output has colors.
        """
        require(color)
        self.color = color
        self.lost: list[int] = []
        self._spoilt = output.require_writable(paths)
        for path, problem in self._spoilt.items():
            self.lose(HostcheckError(f"{path}: {problem}; nothing will be written there"))

    def write(self, path: str, content: bytes) -> None:
        """Write one output; where that fails it is lost."""
        if path in self._spoilt:
            return
        try:
            output.write(path, content)
        except HostcheckError as error:
            self.lose(error)

    def lose(self, error: HostcheckError) -> None:
        """Tell why an output is lost."""
        from hostcheck.cli import printable

        output.warn(f"hostcheck: {printable(str(error))}")
        self.lost.append(error.exit_code)

    def code(self, code: int) -> int:
        """Return the exit code of a command whose outputs mean `code`."""
        return code if code in WORSE else max(self.lost, default=code)


def choices(args: Namespace, code: int, *, terminal: bool) -> list[str]:
    """Return the outputs of a report: those asked for; else the summary, on a `terminal` or where there is something to tell.

    Where nothing is wrong, a pipe or a mail gets the verdict alone, as one line, and nothing with --quiet.
    """
    return list(args.format) or ([SUMMARY] if not args.quiet and (terminal or code) else [])


def in_order(chosen: Sequence[str]) -> list[str]:
    """Return outputs so that standard output is the last: whoever reads it may go away, or be slow, and the files are to be there all the same."""
    return sorted(chosen, key=lambda choice: output.split(choice)[1] == "-")


def make(choice: str, report: dict[str, Any], registry: Registry) -> bytes | FormatError:
    """Return `report` as one output has it, or why the format could not write it."""
    try:
        return write_as(registry.formats[output.split(choice)[0]], report)
    except FormatError as error:
        return error


def deliver(made: Made, outlet: Outlet) -> None:
    """Write each output that was made, and tell of the others."""
    for choice in in_order(list(made)):
        content = made[choice]
        if isinstance(content, FormatError):
            outlet.lose(content)
        else:
            outlet.write(output.split(choice)[1], _colored(choice, content, outlet.color))


def _colored(choice: str, content: bytes, when: str) -> bytes:
    """Return an output with colors, where it is the summary on standard output and these are wanted."""
    return paint(content.decode()).encode() if output.split(choice) == (SUMMARY, "-") and wanted(when) else content


def send(report: dict[str, Any], made: Made, args: Namespace, outlet: Outlet) -> int:
    """Write the outputs of `report`, say what there is to say of it, and return the exit code of the command."""
    from hostcheck.report import exit_code
    from hostcheck.scope import headline

    code = exit_code(report)
    deliver(made, outlet)
    if args.quiet and not args.format:
        output.say("".join(f"{line}\n" for line in _quiet(report, code)))
    elif not made:
        output.say(f"{headline(report)}\n")
    elif args.format and code == 3 and not args.quiet:
        for line in privilege(report):
            output.warn(f"hostcheck: {line}")
    return outlet.code(code)


def _quiet(report: dict[str, Any], code: int) -> Iterator[str]:
    from hostcheck.cli import printable
    from hostcheck.scope import below, headline

    if report["host"].get("container"):
        yield "this is a container, not its host"
    elif report["host"].get("user_namespace"):
        yield "this scan ran in a user namespace, not as root of the host"
    if below(report):
        yield headline(report)
    else:
        yield from map(printable, _failures(report))
    for refusal in report["refused"]:
        if refusal["status"] != IGNORED:
            yield printable(f"{refusal['status']}  {refusal['distribution']}  {refusal['reason']}")
    unknown = sum(report["counts"][result] for result in ("error", "unknown", "notchecked"))
    if unknown and (code in (3, 4) or report["counts"]["error"] + report["counts"]["unknown"]):
        one = unknown == 1
        yield f"{unknown} {'finding is' if one else 'findings are'} undetermined; run without --quiet for the {'reason' if one else 'reasons'}"
        yield from map(printable, privilege(report))


def _failures(report: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each failure, the most severe first; one whose reason begins with its subject does not name it twice."""
    for severity in reversed(SEVERITIES):
        for finding in report["findings"]:
            if finding["result"] == "fail" and finding["severity"] == severity:
                subject, because = finding["subject"], finding["because"]
                named = not subject or because.startswith(tuple(f"{subject}{after}" for after in ENDS))
                yield f"{severity}  {finding['rule']}  {'' if named else f'{subject}: '}{because}"
        if more := more_like(report, result="fail", severity=severity):
            yield f"{severity}  {more}"


def privilege(report: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line, where a user's report leaves findings undetermined that root's would not."""
    found = [finding for finding in report["findings"] if any(hole["why"] == "denied" for hole in finding["holes"])]
    if report["host"]["euid"] == 0 or not found:
        return
    rules = sorted({finding["rule"] for finding in found})
    more = f" and {len(rules) - MOST} more" if len(rules) > MOST else ""
    one = len(found) == 1
    what = f"{len(found)} {'finding needs' if one else 'findings need'} root ({', '.join(rules[:MOST])}{more})"
    yield f"{what}: user id {report['host']['euid']} was denied what {'it depends' if one else 'they depend'} on; {AS_ROOT}"
