"""What a program does with the arguments that a rule fixes, as one of a few words: the arguments themselves may hold passwords and never become facts.

In the words of a rule a star stands for whatever the caller likes, blanks and options too (sudoers(5), "Wildcards"): `free` words are those with one.
"""

from collections.abc import Callable, Collection, Iterable
from posixpath import normpath
from typing import Final, NamedTuple

FREE: Final = "free"
PROMPT: Final = "shell"
ROOTS: Final = "root-file"
HOST: Final = "host"
HERE: Final = "working-directory"
UNKNOWN: Final = "unknown"
PAGER: Final = "pager"
PROGRAM: Final = "program"
HARMLESS: Final = "harmless"
ORDER: Final = (FREE, PROMPT, ROOTS, HOST, HERE, UNKNOWN, PAGER, PROGRAM, HARMLESS)
"""From the most to the least."""
OF_CALLER: Final = ("-", "/dev/stdin", "/dev/tty", "/dev/fd/", "/proc/self/", "/dev/pts/")
"""Files by which a program reads what its caller types."""
LONG: Final = 4096

Words = tuple[str, ...]


class Does(NamedTuple):
    """What a program does with arguments, and the files with absolute paths by whose content, or in which directories, it does that."""

    kind: str
    runs: tuple[str, ...] = ()


Again = Callable[[str, Words], Does]
"""What says the same of the program that another one starts."""


class OptionsAndWords(NamedTuple):
    """Options with their values, "" for none, and what else stands there."""

    options: dict[str, str]
    rest: Words

    def has(self, *names: str) -> bool:
        """Say whether one of these options is there."""
        return any(name in self.options for name in names)

    def value(self, *names: str) -> str:
        """Return the value of the first of these options, "" where none is there."""
        return next((self.options[name] for name in names if name in self.options), "")


def is_free(word: str) -> bool:
    """Say whether the caller chooses what stands there, and behind it."""
    return "*" in word


def leading(words: Words, valued: Collection[str] = ()) -> OptionsAndWords:
    """Part the options before the first word that is none; `valued` are those that take a value, which may be the next word."""
    options, at = _options(words, valued, stop=True)
    return OptionsAndWords(options, words[at[0] :] if at else ())


def anywhere(words: Words, valued: Collection[str] = ()) -> OptionsAndWords:
    """Part the options wherever they stand, as getopt_long(3) does."""
    options, at = _options(words, valued, stop=False)
    return OptionsAndWords(options, tuple(words[one] for one in at))


def _options(words: Words, valued: Collection[str], *, stop: bool) -> tuple[dict[str, str], list[int]]:
    """Return the options and at which places other words stand; with `stop` only up to the first of these."""
    options: dict[str, str] = {}
    others: list[int] = []
    at, ended = 0, False
    while at < len(words):
        word = words[at]
        if ended or word[:1] not in ("-", "+") or len(word) == 1:
            others.append(at)
            if stop:
                break
        elif word == "--":
            ended = True
        else:
            name, value, more = _option(word, valued)
            at += more and at + 1 < len(words)
            options.update(dict.fromkeys(name, words[at] if more else value))
        at += 1
    return options, others


def _option(word: str, valued: Collection[str]) -> tuple[tuple[str, ...], str, bool]:
    """Return the names of an option, or of several letters together, the value in the same word, and whether the next word is the value."""
    if word.startswith("--") or word in valued:
        name, sign, value = word.partition("=")
        return (name,), value, not sign and name in valued
    names: list[str] = []
    for number, letter in enumerate(word[1:], 2):
        names.append(word[0] + letter)
        if names[-1] in valued:
            return tuple(names), word[number:], number == len(word)
    return (*names, word), "", False


def taken(*files: str) -> Does:
    """Return what it is to run these files, or to do what stands in them."""
    if any(map(is_free, files)):
        return Does(FREE)
    if any(file.startswith(OF_CALLER) for file in files):
        return Does(PROMPT)
    if not all(file.startswith("/") for file in files):
        return Does(HERE)
    if any(len(file) >= LONG or set("?[\0") & set(file) for file in files):
        return Does(UNKNOWN)
    return Does(PROGRAM, tuple(map(normpath, files)))


def worst(found: Iterable[Does]) -> Does:
    """Return the most of what a program does, with the files of all."""
    told = list(found)
    kind = min((one.kind for one in told), key=ORDER.index, default=HARMLESS)
    return Does(kind, tuple(dict.fromkeys(path for one in told for path in one.runs)))
