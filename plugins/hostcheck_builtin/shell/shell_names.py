"""What commands of a shell name: programs, files that are read, directories that are searched; with the variables that are set in plain words.

Only paths and names of commands are taken, never arguments. What only a run could tell is left out: a variable that is not known, an output.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from hostcheck.api import LimitExceeded, pattern
from hostcheck_builtin.shell import run_by_others
from hostcheck_builtin.shell.run_by_others import UNKNOWN
from hostcheck_builtin.system import started_programs
from hostcheck_builtin.system.bounds import NAMES_OF_A_SHELL_TEXT as MOST
from hostcheck_builtin.system.bounds import PATH_MAX

ASSIGNS: Final = pattern(r"([A-Za-z_][A-Za-z0-9_]*)(?:\[[^\]]*\])?\+?=((?s:.*))")
SYSTEM: Final = frozenset(("/usr/bin", "/bin", "/usr/sbin", "/sbin"))
"""One of these has what almost every script runs, so that what PATH names before them is searched for sure, and what it names behind them perhaps."""
NAME: Final = pattern(r"[A-Za-z0-9_.+-]{1,64}")
PRELOADS: Final = frozenset(("BASH_ENV", "LD_PRELOAD", "LD_AUDIT"))
"""Variables of files that each program, or each bash, reads when it starts."""
LIBRARIES: Final = frozenset(("LD_LIBRARY_PATH", "PYTHONPATH", "PERL5LIB", "RUBYLIB"))
"""Variables of directories that are searched before all others for what a program loads."""
DECLARES: Final = frozenset(("export", "readonly", "declare", "typeset", "local"))


class ShellName(NamedTuple):
    """What a line names: `how` is runs, reads, path (a directory of PATH), searches (one for libraries), parts (one for run-parts) or finds (a name for PATH).

    It is beside for a script of which the directory is searched, names for a directory whose files' names may be options, opens for a file that
    takes what another user's program says (`words` has the user), and changes for a command that changes permissions: `words` are its own, and the path is
    the directory in which it does so, "" where that is not known. Other paths may end in a pattern for what is in a directory.

    `script` says whether a shell may read the file: what another interpreter reads is no text for one.
    """

    line: int
    how: str
    path: str
    certain: bool
    script: bool = True
    words: tuple[str, ...] = ()


@dataclass(slots=True)
class ShellNames:
    """What was named so far; `line` and `certain` are those of the command that is taken, `stdin` is the file that it gets as its input.

    `read` reads a text that it hands to another shell, in a directory; `printed` is the file that it copies to the next command. `loops` are the paths that a
    variable of a loop has in turn.
    """

    variables: dict[str, str]
    read: Callable[[str, dict[str, str], str], list[ShellName]]
    line: int = 1
    certain: bool = True
    folder: str = ""
    folder_certain: bool = True
    stdin: str = ""
    printed: str = ""
    loops: dict[str, list[str]] = field(default_factory=dict)
    named: dict[tuple[str, str], ShellName] = field(default_factory=dict)

    def assigned(self, words: list[str]) -> list[str]:
        """Take the variables that a command sets, and return what is left of it."""
        declares = words[:1] and words[0] in DECLARES
        at = int(bool(declares))
        while at < len(words) and (assigned := ASSIGNS.fullmatch(words[at])):
            name, value = assigned[1], assigned[2]
            self.variables[name] = value if len(value) <= PATH_MAX else UNKNOWN
            self.sets(name, value)
            at += 1
        return [] if declares else words[at:]

    def sets(self, name: str, value: str) -> None:
        """Take what a variable means for programs."""
        if name == "PATH":
            self.search(value)
        for path in value.replace(" ", ":").split(":") if name in PRELOADS else ():
            self.add("reads", path if path.startswith("/") else "", script=name == "BASH_ENV")
        for path in value.split(":") if name in LIBRARIES else ():
            self.add("searches", path if path.startswith("/") else "")

    def search(self, value: str) -> None:
        """Take the directories of PATH."""
        sure = True
        for folder in value.split(":"):
            self.add("path", folder if folder.startswith("/") else "", certain=sure)
            sure = sure and UNKNOWN not in folder and folder not in SYSTEM

    def command(self, words: list[str]) -> None:
        """Take what a command runs, and what that runs in its turn."""
        head, self.printed = words[0], ""
        if head in (".", "source"):
            self.add("reads", self.absolute(words[1] if len(words) > 1 else ""))
        elif head == "cd":
            to = next((word for word in words[1:] if not word.startswith("-")), "")
            self.folder, self.folder_certain = to if to.startswith("/") else "", self.certain
        else:
            self.programs(words)

    def programs(self, words: list[str]) -> None:
        """Take the programs of a command."""
        if words[0].rpartition("/")[2] == "cat" and len(words) == 2:
            self.printed = words[1]
        written = () if self.folder_certain else frozenset(words)
        for one in run_by_others.runs(words, self.folder, self.stdin):
            if one.how == "text":
                for inner in self.read(one.word, self.variables, one.folder):
                    if inner.how == "changes":
                        self.changes(inner.words, inner.path, certain=inner.certain and one.sure)
                    self.add(inner.how, inner.path, certain=inner.certain and one.sure, script=inner.script)
            elif one.how == "changes":
                self.changes(one.words, one.folder if self.folder_certain else "", certain=one.sure)
            elif one.how == "sets":
                self.sets(*one.word.split("=", 1))
            elif "/" in one.word:
                certain = one.sure and (self.folder_certain or (one.word in written and one.how != "names"))
                self.add(one.how, self.absolute(one.word), certain=certain, script=one.script)
            elif NAME.fullmatch(one.word):
                self.add("finds", one.word, certain=one.sure)

    def opens(self, words: list[str], outputs: list[str]) -> None:
        """Take the files into which goes what a command says that is handed to another user: who starts that user's program opens them first."""
        user = started_programs.handed_to(words) if outputs else ""
        for path in map(self.absolute, outputs) if user else ():
            if path and run_by_others.PATH.fullmatch(path) and len(path) <= PATH_MAX:
                self._keep(ShellName(self.line, "opens", path, self.certain, script=False, words=(user,)), path)

    def absolute(self, word: str) -> str:
        """Return a path from /, "" where that is not known."""
        if word.startswith("/"):
            return word
        folder = self.variables.get("HOME", "") if word.startswith("~/") else self.folder
        return f"{folder.rstrip('/')}/{word.removeprefix('~/').removeprefix('./')}" if folder and "/" in word else ""

    def changes(self, words: tuple[str, ...], folder: str, *, certain: bool) -> None:
        """Take a command that changes permissions, with all its words."""
        each = [words]
        for first, *others in self.loops.values():
            each += [tuple(word.replace(first, other) for word in words) for other in others if first in " ".join(words)]
        for one in dict.fromkeys(each):
            self._keep(ShellName(self.line, "changes", folder, certain and self.certain, script=False, words=one), "\0".join((folder, *one)))

    def add(self, how: str, path: str, *, certain: bool = True, script: bool = True) -> None:
        """Take what a command names."""
        if not path or UNKNOWN in path or "\n" in path or len(path) > PATH_MAX:
            return
        if how == "changes" or (how not in ("runs", "finds") and not run_by_others.PATH.fullmatch(path)):
            return
        known = self.named.get((how, path))
        self._keep(ShellName(self.line, how, path, certain and self.certain, script or (known is not None and known.script)), path)

    def _keep(self, one: ShellName, key: str) -> None:
        known = self.named.get((one.how, key))
        if known is None and len(self.named) >= MOST:
            raise LimitExceeded(f"more than {MOST} names of programs")
        if known is None or (one.certain and not known.certain):
            self.named[one.how, key] = one
        elif one.script and not known.script:
            self.named[one.how, key] = known._replace(script=True)
