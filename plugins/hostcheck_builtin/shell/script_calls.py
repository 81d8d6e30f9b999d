"""Which commands a script of a shell surely runs with what its caller says: arguments, and the directory in which it is run.

A script that looks at its arguments before may refuse some of them: of what follows nothing is sure, and nothing is told.
"""

from dataclasses import dataclass, field
from typing import Final

from hostcheck.api import attempt
from hostcheck_builtin.shell import shell_text
from hostcheck_builtin.shell.shell_names import ShellName, ShellNames
from hostcheck_builtin.system import program_options

SAID: Final = "\ud801"
"""Stands in a word for what the caller says. No text that was read from bytes has it."""
STAR: Final = "*"
"""What it is where all words are told, as in a rule of sudo; a pattern of the script's own is told as one sign there."""
PARAMETERS: Final = {sign: SAID for sign in "@*123456789"}
FOLDER: Final = {"PWD": "."}
LOOKS: Final = frozenset(("[", "[[", "test", "case", "grep", "egrep", "expr", "getopts"))
SELF: Final = ("exec", "command", "builtin")
"""What a shell takes for itself before a command."""
EMPTY: Final = (["-z"], ["-n"])


@dataclass(slots=True)
class _Calls(ShellNames):
    """Notes the commands that are run each time, until the script looks at what its caller says; in another directory only those with it."""

    calls: list[tuple[str, ...]] = field(default_factory=list)
    looked: bool = False

    def command(self, words: list[str]) -> None:
        """Note a command."""
        head, said = words[0].rpartition("/")[2], any(SAID in word for word in words)
        if head == "cd":
            self.variables["PWD"] = "\0"
        self.looked = self.looked or (said and head in LOOKS and words[1:2] not in EMPTY) or (head == "set" and "--" in words)
        here = any(word.startswith(".") for word in words)
        if self.certain and not self.looked and (said or here) and head not in LOOKS and not (here and not said and self.variables["PWD"] != "."):
            begin = next((at for at, word in enumerate(words) if word not in SELF), 0)
            self.calls.append(tuple(word.replace(STAR, "?").replace(SAID, STAR) for word in words[begin:]))
        ShellNames.command(self, words)


def calls(raw: bytes) -> list[tuple[str, ...]]:
    """Return the words of such commands, with a star for what the caller says; none of a script of another interpreter."""
    text = raw.decode("utf-8", "surrogateescape")
    words = text[2:].partition("\n")[0].split() if text.startswith("#!") else []
    if not any(map(program_options.is_shell, words[:2])) or "\0" in text or _looks_by_case(text):
        return []
    names = _Calls({**PARAMETERS, **FOLDER}, _nothing)
    attempt(shell_text.take, text, names)
    return names.calls


def _looks_by_case(text: str) -> bool:
    return any(line.lstrip().startswith("case ") for line in text.split("\n"))


def _nothing(_: str, __: dict[str, str], ___: str) -> list[ShellName]:
    return []
