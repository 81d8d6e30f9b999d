"""Commands of ifupdown's table that root runs when an interface comes up or goes down: interfaces(5).

A command is a text for /bin/sh. It is certain for an interface that a line of auto or allow-* names, for these come up at boot or when they are found.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final

from hostcheck.api import Hole, LimitExceeded, pattern
from hostcheck_builtin.root_programs.root_files import RootFiles, is_alone
from hostcheck_builtin.root_programs.uses import RootUse
from hostcheck_builtin.system.bounds import INTERFACES_FILES as FILES

TABLE: Final = "/etc/network/interfaces"
IFUP: Final = ("/usr/sbin/ifup", "/sbin/ifup")
COMMANDS: Final = frozenset(("pre-up", "up", "post-up", "pre-down", "down", "post-down"))
COMES_UP: Final = pattern(r"auto|allow-[a-z0-9-]+")
NAME: Final = pattern(r"[A-Za-z0-9_-]+")
"""Files of a source-directory that are not passed over."""


@dataclass(slots=True, kw_only=True)
class InterfacesTable:
    """What the files say: the interfaces that come up by themselves, and commands, each with its place and interface."""

    comes_up: set[str] = field(default_factory=set)
    commands: list[tuple[str, str, str]] = field(default_factory=list)
    interface: str = ""

    def read(self, path: str, text: str) -> Iterator[str]:
        """Take the lines of a file, and yield what it includes: a pattern for files, or a directory with / at its end."""
        before, begin = "", 1
        for number, line in enumerate(text.split("\n"), 1):
            begin = begin if before else number
            before += line.removesuffix("\\")
            if line.endswith("\\"):
                before += " "
                continue
            word, _, rest = before.strip().partition(" ")
            before, rest = "", rest.strip()
            if word == "source":
                yield from rest.split()
            elif word == "source-directory":
                yield f"{rest.rstrip('/')}/"
            elif word == "iface":
                self.interface = rest.partition(" ")[0]
            elif COMES_UP.fullmatch(word):
                self.comes_up.update(rest.split())
            elif word in COMMANDS:
                self.commands.append((f"{path}:{begin}", self.interface, rest))


def take(files: RootFiles) -> None:
    """Take what the commands run."""
    table, pending, seen = InterfacesTable(), [TABLE], set[str]()
    while pending:
        path = pending.pop(0)
        if len(seen) >= FILES:
            raise LimitExceeded(f"more than {FILES} files of interfaces")
        way = files.way(path)
        files.group.lack(way)
        if path not in seen and not isinstance(way, Hole) and way.type == "file" and is_alone(way):  # what others may write is told of the file itself
            seen.add(path)
            pending += [one for included in table.read(path, files.text(path)) for one in _included(files, included)]
    for place, interface, command in table.commands:
        use = RootUse("boot-script", "ifupdown", "runs", place, "network", certain=files.has_one(IFUP))
        files.shell(command, use.only_if(interface in table.comes_up))


def _included(files: RootFiles, included: str) -> list[str]:
    place = included if included.startswith("/") else f"/etc/network/{included}"
    folder, _, last = place.rpartition("/")
    names = [name for name in files.names(folder) if (fnmatchcase(name, last) if last else NAME.fullmatch(name))]
    return [f"{folder}/{name}" for name in sorted(names)]
