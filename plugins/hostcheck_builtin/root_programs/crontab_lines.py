"""Tables of cron and anacron: which command is run by which line, as whom, and with which settings: crontab(5), anacrontab(5).

A line that sets a variable holds for the lines behind it. Of a command that cron would not take, for the time or the user that it names, nothing is told.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from hostcheck.api import LimitExceeded, pattern
from hostcheck_builtin.system.bounds import CRONTAB_VARIABLES as SETTINGS

SETTING: Final = pattern(r"[ \t]*(?:\"([^\"]*)\"|'([^']*)'|([^\s=\"']+))[ \t]*=[ \t]*(.*)")
TIME: Final = pattern(r"[0-9A-Za-z*/,~?#-]+")
USER: Final = pattern(r"[A-Za-z_0-9][A-Za-z0-9_.@\\-]*\$?")
NAMED_TIMES: Final = frozenset(("reboot", "yearly", "annually", "monthly", "weekly", "daily", "midnight", "hourly"))
DEBIAN: Final = pattern(r"[A-Za-z0-9_-]+")
LEFT: Final = ("~", ",", ".rpmsave", ".rpmorig", ".rpmnew", ".swp", ",v", ".cfsaved")


class Job(NamedTuple):
    """A line that runs a command: `reboot` at each boot; `settings` are the variables of the lines before it, each with its line."""

    line: int
    user: str
    command: str
    reboot: bool
    settings: dict[str, tuple[str, int]]


def jobs(text: str, user: str = "") -> Iterator[Job]:
    """Yield the jobs of a table of `user`, or of one of the system, in which each line names its user."""
    settings: dict[str, tuple[str, int]] = {}
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip(" \t\r")
        if not line or line.startswith("#"):
            continue
        if found := SETTING.fullmatch(line):
            settings = _with(settings, found[1] or found[2] or found[3] or "", _unquoted(found[4]), number)
            continue
        job = _job(line, user, number)
        if job is not None:
            yield job._replace(settings=settings)


def _job(line: str, user: str, number: int) -> Job | None:
    named = line.startswith("@")
    words = line.split(None, (1 if named else 5) + (not user))
    times = words[:1] if named else words[:5]
    if len(words) != len(times) + (1 if user else 2):
        return None
    if named and times[0][1:].lower() not in NAMED_TIMES or not named and not all(TIME.fullmatch(one.lstrip("-")) for one in times):
        return None
    whom = user or words[len(times)]
    return Job(number, whom, _until_percent(words[-1]), line.startswith("@reboot"), {}) if USER.fullmatch(whom) else None


def periods(text: str) -> Iterator[Job]:
    """Yield the jobs of a table of anacron, which are root's: a period, a delay, a name and a command."""
    settings: dict[str, tuple[str, int]] = {}
    for number, raw in enumerate(text.replace("\\\n", "  ").split("\n"), 1):
        line = raw.strip(" \t\r")
        words = line.split(None, 3)
        if line.startswith("#") or not line:
            continue
        if found := SETTING.fullmatch(line):
            settings = _with(settings, found[1] or found[2] or found[3] or "", found[4], number)
        elif len(words) == 4 and (words[0].isdigit() or words[0].startswith("@")):
            yield Job(number, "root", words[3], False, settings)


def _with(settings: dict[str, tuple[str, int]], name: str, value: str, number: int) -> dict[str, tuple[str, int]]:
    """Return the settings with one more; those that other jobs have stay as they are."""
    if len(settings) >= SETTINGS and name not in settings:
        raise LimitExceeded(f"more than {SETTINGS} settings")
    return {**settings, name: (value, number)}


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def _until_percent(command: str) -> str:
    """Return a command without what is written to its input: behind the first % that has no backslash before it."""
    return command.replace("\\%", "\0").partition("%")[0].replace("\0", "%")


def counts(name: str, *, debian: bool) -> bool:
    """Say whether a file of a directory counts for run-parts, and for cron in /etc/cron.d, by its name: run-parts(8); cronie passes over fewer."""
    return bool(DEBIAN.fullmatch(name)) if debian else not name.startswith((".", "#")) and not name.endswith(LEFT)
