"""What a command of a unit runs, with the unit's own variables, directories and root directory: systemd.exec(5), systemd.service(5).

Values of Environment= never become facts unless they are paths that are run, loaded or searched. Where a file of variables is read too, it may set others:
what a variable says is not certain then.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from hostcheck.api import Hole
from hostcheck_builtin.root_programs.root_files import RootFiles
from hostcheck_builtin.root_programs.uses import RootUse
from hostcheck_builtin.shell import run_by_others
from hostcheck_builtin.shell.run_by_others import Run
from hostcheck_builtin.shell.shell_names import LIBRARIES, PRELOADS, SYSTEM, ShellName
from hostcheck_builtin.system import bounds, exec_commands, exec_environment, unit_words, units
from hostcheck_builtin.system.exec_environment import Environment

LOOKED_IN: Final = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
"""Where systemd looks for a program without a slash (systemd.service(5), command lines)."""
UNKNOWN: Final = "%"
"""What stands for a word that is not known."""
READ_BY: Final = {"PYTHONPATH": "python", "PERL5LIB": "perl", "RUBYLIB": "ruby", "BASH_ENV": "bash"}
"""Which programs read a variable; the others are read by every one that is linked dynamically."""
OTHER_ROOTS: Final = ("RootDirectory", "RootImage")
BINDS: Final = ("BindPaths", "BindReadOnlyPaths")


@dataclass(slots=True, kw_only=True)
class UnitCommands:
    """Takes what commands of a unit run: `sure` says whether the variables are all that there are."""

    files: RootFiles
    unit: str
    texts: list[str]
    section: str
    root: str = ""
    folder: str = ""
    searched: tuple[str, ...] = LOOKED_IN
    variables: dict[str, str] = field(default_factory=dict)
    known: Environment = field(default_factory=Environment)
    sure: bool = True

    def begin(self, home: str) -> None:
        """Read the settings that hold for every command; `home` is that of the unit's user."""
        root, folder = self._last("RootDirectory"), self._last("WorkingDirectory").removeprefix("-")
        self.root = root.rstrip("/") if root.startswith("/") else ""
        folder = home if folder == "~" else folder
        self.folder = folder if folder.startswith("/") and _is_known(folder) else "" if folder else "/"
        searched = tuple(self._folders(":".join(units.assigned(self.texts, self.section, "ExecSearchPath"))))
        self.searched = searched or LOOKED_IN
        known = exec_environment.environment(self.files.host, self.unit, self.texts, self.section)
        told = known.own | {name: value for name, value in known.values.items() if isinstance(value, str)}
        self.known = replace(known, values={**known.values, **told})
        self.variables = dict(list(told.items())[: bounds.VARIABLES_OF_A_UNIT])
        self.sure = not known.others and not known.refused

    def _last(self, key: str) -> str:
        given = [value for text in self.texts for value in units.settings(text, self.section, key)]
        return self.value(given[-1].strip("\"'")) if given else ""

    def _folders(self, value: str) -> list[str]:
        found = [self.value(one) for one in value.split(":")[: bounds.DIRECTORIES_OF_A_UNIT]]
        return [one for one in found if one.startswith("/") and _is_known(one)]

    def _words(self, key: str) -> Iterator[str]:
        for line in units.assigned(self.texts, self.section, key):
            yield from unit_words.words(line)

    def value(self, text: str) -> str:
        """Return a value with its specifiers written out; a % is left where only systemd could tell."""
        return unit_words.expanded(text, self.unit)

    def settings(self, use: RootUse, commands: list[list[str]]) -> None:
        """Take what the settings name that hold for every command: roots and directories that are put in place, variables, directories of programs."""
        for key in OTHER_ROOTS:
            self._take(self._last(key), use._replace(how="all", certain=False))
        for value in [word for key in BINDS for word in self._words(key)][: bounds.DIRECTORIES_OF_A_UNIT]:
            self._take(self.value(value).removeprefix("-").partition(":")[0], use._replace(how="all", certain=False))
        if self.searched != LOOKED_IN:
            bare = [words[0] for words in commands if words and "/" not in words[0]]
            self._searched(self.searched, use, bare)
        called = " ".join(word.rpartition("/")[2] for words in commands for word in words[:3])
        for name, value in self.variables.items():
            self.sets(name, value, use.only_if(self.sure and READ_BY.get(name, "") in called))

    def sets(self, name: str, value: str, use: RootUse) -> None:
        """Take what a variable names that makes programs load or look for something."""
        for path in value.replace(" ", ":").split(":")[: bounds.DIRECTORIES_OF_A_UNIT] if name in PRELOADS else ():
            self._take(f"{self.root}{path}" if path.startswith("/") else "", use._replace(how="loads", kind="library-path"))
        for path in self._folders(value) if name in LIBRARIES else ():
            self._take(f"{self.root}{path}", use._replace(how="searches", kind="library-path"))

    def _searched(self, folders: tuple[str, ...] | list[str], use: RootUse, names: list[str]) -> None:
        """Take directories that are searched for programs: certain while one of these names has not been found."""
        left = set(names)
        for folder in folders:
            self.files.looks_in(f"{self.root}{folder}", use.only_if(bool(left)))
            left = {name for name in left if not self.files.first([f"{self.root}{folder}/{name}"])} if folder not in SYSTEM else set()

    def end(self, use: RootUse) -> None:
        """Take the directories of PATH, in which a program may look for others."""
        if "PATH" in self.variables:
            self._searched(self._path(), use, [])

    def _take(self, path: str, use: RootUse, *, reads: bool = False) -> None:
        if path.startswith("/") and _is_known(path):
            self.files.take(path, use, reads=reads)

    def take(self, command: unit_words.Command, use: RootUse) -> None:
        """Take what a command runs, and what that runs in its turn."""
        given = use.only_if(self.sure or not any("$" in word.replace("$$", "") for word in command.words))
        words = [UNKNOWN if isinstance(word, Hole) else word for word in exec_commands.expanded(command, self.unit, self.known)]
        self.files.command = " ".join(words)
        if "|" in command.prefixes:
            self._shell(" ".join(words), given, self.folder)
            return
        for one in run_by_others.runs(words, self.folder):
            self._run(one, given, first=one.word == words[0])

    def _run(self, one: Run, use: RootUse, *, first: bool) -> None:
        if one.how == "text":
            self._shell(one.word, use, one.folder)
        elif one.how == "changes":
            if not self.root:
                self.files.named(ShellName(0, "changes", one.folder, True, script=False, words=one.words), use, reads=False)
        elif one.how == "sets":
            name, _, value = one.word.partition("=")
            self.sets(name, value, use)
        elif not _is_known(one.word) or "$" in one.word:
            return
        elif one.word.startswith("/"):
            self.files.named(ShellName(0, one.how, f"{self.root}{one.word}", True, one.script), use, reads=True)
        elif first and "/" not in one.word:
            self._found(one.word, use, self.searched)
        elif "/" not in one.word:
            self._found(one.word, use, self._path())

    def _path(self) -> tuple[str, ...]:
        """Return where PATH leads, which is where systemd looks itself unless it is set."""
        return tuple(self._folders(self.variables["PATH"])) if "PATH" in self.variables else self.searched

    def _found(self, name: str, use: RootUse, folders: tuple[str, ...]) -> None:
        """Take the first program of a name."""
        self.files.take_first((f"{self.root}{folder}/{name}" for folder in folders), use)

    def _shell(self, text: str, use: RootUse, folder: str) -> None:
        """Take what a text for a shell names; PATH is searched for what has no slash."""
        found = self.files.shell(text, use, dict(self.variables), folder)
        for one in found:
            self._found(one.path, use.only_if(one.certain), self._path())
        if found and "PATH" in self.variables:
            self._searched(self._path(), use.only_if(self.sure), [one.path for one in found if one.certain])


def _is_known(path: str) -> bool:
    """Say whether nothing in a path is left that only systemd could tell."""
    return "%" not in path and "\0" not in path
