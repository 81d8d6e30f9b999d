"""How the words of a command read, and what a program does with them, as one of a few kinds: the words may hold passwords and never become facts.

In the words of a rule a star stands for whatever the caller likes, blanks and options too (sudoers(5), "Wildcards"): `free` words are those with one.
"""

from collections.abc import Callable, Iterable
from posixpath import normpath
from typing import Final, NamedTuple

from hostcheck.api import pattern
from hostcheck_builtin.privileged_programs.command_table import known_name
from hostcheck_builtin.system import option_words
from hostcheck_builtin.system.bounds import PATH_MAX as LONG
from hostcheck_builtin.system.option_words import Option
from hostcheck_builtin.system.program_options import USERS_SHELL

Words = tuple[str, ...]


class Does(NamedTuple):
    """What a program does with arguments, and the files with absolute paths by whose content, or in which directories, it does that."""

    kind: str
    runs: tuple[str, ...] = ()


FREE: Final = Does("free")
PROMPT: Final = Does("shell")
ROOTS: Final = Does("root-file")
HOST: Final = Does("host")
HERE: Final = Does("working-directory")
INSIDE: Final = Does("in-container")
AS_USER: Final = Does("in-container-as-user")
UNKNOWN: Final = Does("unknown")
PAGER: Final = Does("pager")
SYSTEMD_PAGER: Final = Does("systemd-pager")
"""That of systemd's programs, which since systemd 247 starts nothing where sudo or doas has called them (systemctl(1), SYSTEMD_PAGERSECURE)."""
PROGRAM: Final = Does("program")
HARMLESS: Final = Does("harmless")
SPARED: Final = Does("harmless-with-anything")
"""Harmless, whatever else its caller chooses to say there."""
ORDER: Final = tuple(one.kind for one in (FREE, PROMPT, ROOTS, HOST, HERE, INSIDE, UNKNOWN, PAGER, SYSTEMD_PAGER, AS_USER, PROGRAM, HARMLESS, SPARED))
"""From the most to the least."""
OF_CALLER: Final = ("-", "/dev/stdin", "/dev/tty", "/dev/fd/", "/proc/self/", "/dev/pts/")
"""Files by which a program reads what its caller types."""
SIGNS: Final = frozenset("|&;<>()$`\\\"'*?[#~=%{}\n!")
"""What a shell takes for more than a word."""
ASSIGNS: Final = pattern(r"(?!LD_|PATH=|BASH_ENV=|ENV=|IFS=|PYTHON|PERL|RUBY|NODE_)[A-Za-z_][A-Za-z0-9_]*=[A-Za-z0-9_./:-]*")
"""A variable that a shell sets for a command in plain words, and that makes it load nothing."""
Again = Callable[[str, Words], Does]
"""What says the same of the program that another one starts."""


class Call(NamedTuple):
    """A program and the words behind it: its options, and what else stands there."""

    name: str
    words: Words
    told: list[Option]
    rest: Words
    again: Again

    def has(self, options: str) -> bool:
        """Say whether one of these options is there."""
        names = options.split()
        return any(one.name in names for one in self.told)

    def value(self, options: str) -> str:
        """Return the last value of the first of these options that is there, "" where none is."""
        given = {one.name: one.value for one in self.told}
        return next((given[name] for name in options.split() if name in given), "")


Judge = Callable[[Call], Does | None]
"""What finds out what a program does; None where the next case of its entry says that."""


def part(words: Words, values: str = "", *, anywhere: bool = True) -> tuple[dict[str, str], Words]:
    """Part words into options with their values, and what else stands there; `values` are the options that take one, which may be the next word."""
    read = option_words.read(dict.fromkeys(values.split(), "value"), list(words), anywhere=anywhere)
    return {one.name: one.value for one in read.told}, tuple(read.operands)


def is_free(word: str) -> bool:
    """Say whether the caller chooses what stands there, and behind it."""
    return "*" in word


def is_unsure(word: str) -> bool:
    """Say whether a word may be another option than it seems, or one at all."""
    return word[:1] in ("-", "?", "[") and not {"?", "["}.isdisjoint(word)


def taken(*files: str) -> Does:
    """Return what it is to run these files, or to do what stands in them."""
    if any(map(is_free, files)):
        return FREE
    if any(file.startswith(OF_CALLER) for file in files):
        return PROMPT
    if not all(file.startswith("/") for file in files):
        return HERE
    if any(len(file) >= LONG or set("?[\0") & set(file) for file in files):
        return UNKNOWN
    return PROGRAM._replace(runs=tuple(map(normpath, files)))


def worst(found: Iterable[Does]) -> Does:
    """Return the most of what a program does, with the files of all."""
    told = list(found)
    kind = min((one.kind for one in told), key=ORDER.index, default=HARMLESS.kind)
    return Does(kind, tuple(dict.fromkeys(path for one in told for path in one.runs)))


def start(words: Words, again: Again) -> Does:
    """Return what it is to start a program with arguments."""
    program = "sh" if words[0] == USERS_SHELL else words[0]
    if is_free(program):
        return FREE
    own = taken(program) if "/" in program else HARMLESS
    if own == HERE:
        return own
    if known_name(program):
        return worst((again(program, words[1:]), own))
    return own if "/" in program else UNKNOWN


def shell_text(words: Words, again: Again) -> Does:
    """Return what it is to let a shell run a text, which is looked at only where it is no more than a program with arguments."""
    words = tuple(" ".join(words).split())
    while words and ASSIGNS.fullmatch(words[0]):
        words = words[1:]
    if not words or any(SIGNS & set(word) for word in words):
        return FREE if any(map(is_free, words)) else UNKNOWN
    return start(words, again)
