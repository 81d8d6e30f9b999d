"""The variables that systemd gives the programs of a unit, from its files alone: systemd.exec(5), Environment.

Of one variable the last of these counts: what systemd has itself, PassEnvironment=, Environment=, the files of EnvironmentFile=. UnsetEnvironment= takes
away in the end. A value that files do not tell is a hole, and never a guess. Compared with a real systemd in tests/hosts/test_exec_commands.py.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final

from hostcheck.api import ABSENT, Hole, Host, Why, attempt, pattern
from hostcheck_builtin.system import bounds, unit_words, units
from hostcheck_builtin.system.presence import absent_as

ASSIGNS: Final = pattern(r"([A-Za-z_][A-Za-z0-9_]*)=([^\0]*)", re.ASCII)
OWN: Final = frozenset(
    "CACHE_DIRECTORY CONFIGURATION_DIRECTORY CREDENTIALS_DIRECTORY EXIT_CODE EXIT_STATUS FDSTORE HOME INVOCATION_ID JOURNAL_STREAM LANG LANGUAGE LC_ADDRESS "
    "LC_ALL LC_COLLATE LC_CTYPE LC_IDENTIFICATION LC_MEASUREMENT LC_MESSAGES LC_MONETARY LC_NAME LC_NUMERIC LC_PAPER LC_TELEPHONE LC_TIME LISTEN_FDNAMES "
    "LISTEN_FDS LISTEN_PID LISTEN_PIDFDID LOGNAME LOGS_DIRECTORY LOG_NAMESPACE MAINPID MAINPIDFDID MANAGERPID MANAGERPIDFDID MEMORY_PRESSURE_WATCH "
    "MEMORY_PRESSURE_WRITE MONITOR_EXIT_CODE MONITOR_EXIT_STATUS MONITOR_INVOCATION_ID MONITOR_SERVICE_RESULT MONITOR_UNIT NOTIFY_SOCKET PATH PIDFILE "
    "REMOTE_ADDR REMOTE_PORT RUNTIME_DIRECTORY SERVICE_RESULT SHELL STATE_DIRECTORY SYSTEMD_EXEC_PID TERM TRIGGER_PATH TRIGGER_TIMER_MONOTONIC_USEC "
    "TRIGGER_TIMER_REALTIME_USEC TRIGGER_UNIT USER WATCHDOG_PID WATCHDOG_USEC XDG_RUNTIME_DIR".split()
)
"""What systemd may set itself (systemd.exec(5), environment variables set or propagated by the service manager)."""
ESCAPED_IN_QUOTES: Final = frozenset('"\\`$')
PATTERN: Final = frozenset("*?[")


@dataclass(slots=True)
class Environment:
    """By name what a variable is, a hole where that is not known; `unset` are surely none, and `others` is the hole where any other may be set too.

    `own` are those of Environment= alone. With `refused` systemd does not start the unit.
    """

    values: dict[str, str | Hole] = field(default_factory=dict)
    unset: set[str] = field(default_factory=set)
    others: Hole | None = None
    own: dict[str, str] = field(default_factory=dict)
    refused: Hole | None = None

    def value(self, name: str) -> str | Hole | None:
        """Return the value of a variable, None where it is not set."""
        if name in self.values:
            return self.values[name]
        if name in self.unset:
            return None
        return self.others or (Hole(why=Why.UNSUPPORTED, message=f"${name} may be set by systemd itself, and to what is not known") if name in OWN else None)

    def lack(self, hole: Hole) -> None:
        """Take every variable for unknown that was known so far."""
        self.values = dict.fromkeys(self.values, hole)
        self.others = hole


def environment(host: Host, unit: str, texts: list[str], section: str = "Service") -> Environment:
    """Return the variables of a unit's programs."""
    found = Environment()
    if any(value for text in texts for value in units.settings(text, section, "PAMName")):
        found.others = Hole(why=Why.UNSUPPORTED, message=f"{unit}: PAM may set variables, and which is not known")
    for name in _words(texts, section, "PassEnvironment"):
        found.values[name] = Hole(why=Why.UNSUPPORTED, message=f"{unit}: passes on ${name} of systemd's own variables, and what that is is not known")
    for word in _words(texts, section, "Environment"):
        _set(found, unit, word)
    found.own = {name: value for name, value in found.values.items() if isinstance(value, str)}
    for value in units.assigned(texts, section, "EnvironmentFile")[: bounds.ENVIRONMENT_FILES]:
        _read(found, host, unit, value)
    for word in _words(texts, section, "UnsetEnvironment"):
        name, equals, value = (unit_words.specified(word, unit) or "").partition("=")
        known = found.value(name)
        if not equals or known == value:
            found.values.pop(name, None)
            found.own.pop(name, None)
            found.unset.add(name)
        elif isinstance(known, Hole):
            found.values[name] = known
    return found


def _words(texts: list[str], section: str, key: str) -> Iterator[str]:
    """Yield the words of a setting that is a list of them; a line with senseless quotes counts until there."""
    for line in units.assigned(texts, section, key):
        yield from unit_words.words(line)


def _set(found: Environment, unit: str, word: str) -> None:
    assigned, text = ASSIGNS.fullmatch(word), unit_words.specified(word, unit)
    if assigned:
        unknown = Hole(why=Why.UNSUPPORTED, message=f"{unit}: ${assigned[1]} has a specifier that only systemd knows")
        found.values[assigned[1]] = unknown if text is None else text.partition("=")[2]


def _read(found: Environment, host: Host, unit: str, given: str) -> None:
    """Set what a file, or each file of a pattern, sets."""
    optional, path = given.startswith("-"), unit_words.specified(given.removeprefix("-"), unit)
    folder, _, last = (path or "").rpartition("/")
    if path is None or PATTERN & {*folder}:
        found.lack(Hole(why=Why.UNSUPPORTED, message=f"{unit}: a file of variables is named by a pattern or a specifier, and which it is is not known"))
        return
    if not path.startswith("/"):  # systemd passes over it
        return
    names = attempt(_matching, host, folder, last) if PATTERN & {*last} else [last]
    if isinstance(names, Hole):
        found.lack(names)
        return
    if not names and not optional:
        found.refused = _missing(path)
    for name in names:
        _read_one(found, host, f"{folder}/{name}", optional)


def _matching(host: Host, folder: str, last: str) -> list[str]:
    names = absent_as([], host.list_dir, folder or "/")
    return sorted(name for name in names if fnmatchcase(name, last) and (last.startswith(".") or not name.startswith(".")))


def _read_one(found: Environment, host: Host, path: str, optional: bool) -> None:
    try:
        text = attempt(lambda: host.read_text(path, limit=bounds.ENVIRONMENT_FILE_BYTES))
    except ABSENT:
        found.refused = found.refused if optional else _missing(path)
        return
    if isinstance(text, Hole):
        found.lack(text)
        return
    found.values.update(assignments(text))


def _missing(path: str) -> Hole:
    return Hole(why=Why.NONSENSE, message=f"{path}: not there, and without it systemd does not start the unit")


def assignments(text: str) -> dict[str, str]:
    """Return the variables that a file of variables sets, of which the last of a name counts (systemd.exec(5), EnvironmentFile=).

    A value may be in quotes, over several lines, and have quotes beside what is without.
    """
    found: dict[str, str] = {}
    at, size = 0, len(text)
    while at < size:
        while at < size and text[at] in " \t\n\r":
            at += 1
        if at < size and text[at] in "#;":
            at = _end_of_comment(text, at)
            continue
        end = at
        while end < size and text[end] not in "=\n\r":
            end += 1
        if end < size and text[end] == "=":
            value, after = _value(text, end + 1)
            if ASSIGNS.fullmatch(f"{text[at:end].rstrip(' 	')}={value}"):
                found[text[at:end].rstrip(" \t")] = value
            at = after
        else:
            at = end + 1
    return found


def _end_of_comment(text: str, at: int) -> int:
    while at < len(text) and text[at] not in "\n\r":
        at += 1
    return at


def _value(text: str, at: int) -> tuple[str, int]:
    """Return the value that begins at an index, and where it ends."""
    found: list[str] = []
    kept = 0  # of what is without quotes, spaces at the end do not count
    plain = False
    while at < len(text):
        sign = text[at]
        if sign in "\n\r":
            break
        if sign in "\"'" and not plain:
            at = _quoted(text, at, found)
            kept = len(found)
            continue
        if sign == "\\":
            plain = True
            at += 1
            if at < len(text) and text[at] not in "\n\r":
                found.append(text[at])
            kept = len(found)
        elif sign not in " \t" or plain:
            plain = True
            found.append(sign)
            kept = len(found) if sign not in " \t" else kept
        at += 1
    return "".join(found[:kept]), at + 1


def _quoted(text: str, at: int, found: list[str]) -> int:
    """Take what stands in quotes from an index on, and return the index after them."""
    quote = text[at]
    at += 1
    while at < len(text) and text[at] != quote:
        if quote == '"' and text[at] == "\\":
            at += 1
            escaped = text[at] if at < len(text) else "\n"
            found.extend(escaped if escaped in ESCAPED_IN_QUOTES else [] if escaped == "\n" else ["\\", escaped])
        else:
            found.append(text[at])
        at += 1
    return at + 1
