"""How the words behind programs read that the catalogue knows: which options take a value, carry code or name a file, and what the operands are.

What is not in the table takes no value. system/option_words.py reads words by it, and system/started_programs.py says which commands they name.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from hostcheck_builtin.leads.program_entries import all_programs
from hostcheck_builtin.system import option_words
from hostcheck_builtin.system.option_words import Option, WordsRead
from hostcheck_builtin.system.program_names import base_name

USERS_SHELL: Final = "$SHELL"
"""Stands for a shell that a program starts without being told which."""


class Program(NamedTuple):
    """What stands behind a program: its options by role, `then` what its operands are, `first` what the operands before a command are.

    `words` says how they read: options stand "anywhere", those of one dash are "whole" words and not letters, or each word is "plain" and stands for itself;
    "" where options end at the first word that is none. With `alone`, a shell is started where no command stands. `names` says whether names of files that
    begin with a dash are dangerous ("certain" or "likely"), and `beside` that what lies beside a script is loaded.
    """

    then: str
    options: Mapping[str, str]
    first: str
    words: str
    alone: bool
    names: str
    beside: bool

    def read(self, words: list[str]) -> WordsRead:
        """Return what the words behind the program say."""
        if self.words == "plain":
            return WordsRead([Option(word, "", "") for word in words], words)
        return option_words.read(self.options, words, whole=self.words == "whole", anywhere=self.words == "anywhere")


PROGRAMS: Final = {name: Program(one.starts, one.options, one.first, one.words, one.alone, one.names, one.beside) for name, one in all_programs().items()}
SHELLS: Final = frozenset((USERS_SHELL, "busybox", *(name for name, one in PROGRAMS.items() if one.then == "shell")))
"""Programs that read what sh(1) reads, and the one that may be such a shell."""


def program(path: str) -> Program | None:
    """Return how the words behind a program read, whatever its version: python3.11 is python."""
    return PROGRAMS["sh"] if path == USERS_SHELL else PROGRAMS.get(base_name(path.rpartition("/")[2], PROGRAMS))


def is_shell(path: str) -> bool:
    """Say whether a program reads scripts of sh(1)."""
    return base_name(path.rpartition("/")[2], SHELLS) != ""
