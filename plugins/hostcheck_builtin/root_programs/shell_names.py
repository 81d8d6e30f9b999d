"""What commands of a shell name: programs, files that are read, directories that are searched; with the variables that are set in plain words.

Only paths and names of commands are taken, never arguments. What only a run could tell is left out: a variable that is not known, an output.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from hostcheck.api import LimitExceeded, pattern
from hostcheck_builtin.root_programs.run_by_others import arguments

MOST: Final = 500
"""How many names are taken of one text."""
PATH_MAX: Final = 4096
ASSIGNS: Final = pattern(r"([A-Za-z_][A-Za-z0-9_]*)\+?=(.*)")
SYSTEM: Final = frozenset(("/usr/bin", "/bin", "/usr/sbin", "/sbin"))
"""One of these has what almost every script runs, so that what PATH names before them is searched for sure, and what it names behind them perhaps."""
NAME: Final = pattern(r"[A-Za-z0-9_.+-]{1,64}")
UNKNOWN: Final = "\0"
"""Stands in a word for what is not known."""
DECLARES: Final = frozenset(("export", "readonly", "declare", "typeset", "local"))


class ShellName(NamedTuple):
    """What a line names: `how` is runs, reads, searches (a directory of PATH), parts (a directory for run-parts) or finds (a name to look for in PATH).

    A path may end in a pattern for what is in a directory.
    """

    line: int
    how: str
    path: str
    certain: bool


@dataclass(slots=True)
class ShellNames:
    """What was named so far; `line` and `certain` are those of the command that is taken, `read` reads a text that it hands to another shell."""

    variables: dict[str, str]
    read: Callable[[str, dict[str, str]], list[ShellName]]
    line: int = 1
    certain: bool = True
    folder: str = ""
    named: dict[tuple[str, str], ShellName] = field(default_factory=dict)

    def assigned(self, words: list[str]) -> list[str]:
        """Take the variables that a command sets, and return what is left of it."""
        declares = words[:1] and words[0] in DECLARES
        at = int(bool(declares))
        while at < len(words) and (assigned := ASSIGNS.fullmatch(words[at])):
            name, value = assigned[1], assigned[2]
            self.variables[name] = value if len(value) <= PATH_MAX else UNKNOWN
            if name == "PATH":
                self.search(value)
            elif name in ("BASH_ENV", "LD_PRELOAD") and value.startswith("/"):
                self.add("reads", value)
            at += 1
        return [] if declares else words[at:]

    def search(self, value: str) -> None:
        """Take the directories of PATH."""
        sure = True
        for folder in value.split(":"):
            self.add("searches", folder if folder.startswith("/") else "", certain=sure)
            sure = sure and UNKNOWN not in folder and folder not in SYSTEM

    def command(self, words: list[str]) -> None:
        """Take what a command runs, and what that runs in its turn."""
        head = words[0]
        if head in (".", "source"):
            self.add("reads", self.absolute(words[1] if len(words) > 1 else ""))
        elif head == "cd":
            self.folder = words[1] if len(words) > 1 and words[1].startswith("/") else ""
        else:
            self.programs(words)

    def programs(self, words: list[str]) -> None:
        """Take the programs of a command."""
        for word, text in arguments(words):
            if text:
                for one in self.read(word, self.variables):
                    self.add(one.how, one.path, certain=one.certain)
            elif "/" in word:
                self.add("parts" if text is None else "runs", self.absolute(word))
            elif NAME.fullmatch(word):
                self.add("finds", word)

    def absolute(self, word: str) -> str:
        """Return a path from /, "" where that is not known."""
        if word.startswith("/"):
            return word
        folder = self.variables.get("HOME", "") if word.startswith("~/") else self.folder
        return f"{folder.rstrip('/')}/{word.removeprefix('~/').removeprefix('./')}" if folder and "/" in word else ""

    def add(self, how: str, path: str, *, certain: bool = True) -> None:
        """Take what a command names."""
        if not path or UNKNOWN in path or "\n" in path or len(path) > PATH_MAX:
            return
        one = ShellName(self.line, how, path, certain and self.certain)
        known = self.named.get((how, path))
        if known is None and len(self.named) >= MOST:
            raise LimitExceeded(f"more than {MOST} names of programs")
        if known is None or (one.certain and not known.certain):
            self.named[how, path] = one
