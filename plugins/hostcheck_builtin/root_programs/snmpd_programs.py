"""Programs that snmpd runs when it is asked, by its settings: snmpd.conf(5), EXTENDING AGENT FUNCTIONALITY.

They run as the user whom -u names, which Debian's unit and Red Hat's settings do, else as root.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from hostcheck.api import pattern
from hostcheck_builtin.root_programs.root_files import RootFiles
from hostcheck_builtin.root_programs.uses import RootUse
from hostcheck_builtin.system import option_words

PROGRAM: Final = "snmpd"
SETTINGS: Final = ("/etc/snmp/snmpd.conf", "/etc/snmp/snmpd.local.conf")
EXTENDS: Final = frozenset(("extend", "extend-sh", "exec", "sh", "execfix", "extendfix"))
"""Directives with a name before the command."""
PASSES: Final = frozenset(("pass", "pass_persist"))
"""Directives with an object's number before it."""
VALUES: Final = {**dict.fromkeys(("-c", "-x", "-p", "-M", "-m", "-D", "-I", "-g"), "value"), "-u": "user"}
OBJECT: Final = pattern(r"\.?[0-9]+(?:\.[0-9]+)+")
"""The number of an object, which may stand before a name."""
TAKES_VALUE: Final = ("-p", "-cacheTime", "-execType")
"""Options of a directive that take a value."""


def take(files: RootFiles, words: Sequence[str], use: RootUse) -> None:
    """Take what the settings of an snmpd name that is started with these words."""
    given = option_words.read(VALUES, list(words[1:]), anywhere=True).values("user")
    use = use._replace(kind="command", by="snmpd, when it is asked", how="runs", user=given[-1] if given else use.user)
    for path in SETTINGS:
        for line, command in commands(files.text(path)):
            files.shell(command, use._replace(place=f"{path}:{line}"))


def commands(text: str) -> Iterator[tuple[int, str]]:
    """Yield the commands of a file of settings, each with its line."""
    for number, line in enumerate(text.split("\n"), 1):
        words = line.split()
        if not words or words[0] not in EXTENDS | PASSES:
            continue
        rest = words[1:]
        while rest and rest[0].startswith("-"):
            rest = rest[2 if rest[0] in TAKES_VALUE else 1 :]
        skipped = 2 if words[0] in EXTENDS and rest and OBJECT.fullmatch(rest[0]) else 1
        if rest[skipped:]:
            yield number, " ".join(rest[skipped:])
