"""Programs that run another one of which they are told: interpreters, run-parts, and such as nice, env and timeout.

Of a command its program is told, and what that runs in its turn; arguments that are no programs are passed over.
"""

from collections.abc import Iterator
from typing import Final

from hostcheck.api import pattern

SHELLS: Final = pattern(r"(?:ba|da|a|k|mk|z|r)?sh|busybox")
INTERPRETERS: Final = pattern(r"(?:python|perl|ruby|php|lua|node|nodejs|tclsh|awk|gawk|mawk|java|pwsh)[0-9.]*")
PASSING: Final = {
    **dict.fromkeys("env timeout nice ionice chrt taskset numactl nohup setsid stdbuf command exec builtin time chronic catchsegv xargs eatmydata".split(), 0),
    **dict.fromkeys("flock chroot setlock".split(), 1),
}
"""Programs that run the command behind their options, and how many words of theirs stand before it."""
VALUED: Final = frozenset("-n -c -p -u -k -s -w -E -o -i -e -m".split())
"""Options of these that are followed by a value in the next word."""
CODE: Final = frozenset(("-c", "-e", "-E", "-m"))
"""What interpreters are given in place of a file."""
NUMBER: Final = pattern(r"[+-]?[0-9][0-9.]*[smhd]?")
ASSIGNS: Final = pattern(r"[A-Za-z_][A-Za-z0-9_]*=.*")
RUN_PARTS: Final = "run-parts"
DEEP: Final = 8


def arguments(words: list[str], depth: int = 0) -> Iterator[tuple[str, bool | None]]:
    """Yield each program of a command with False, a text for a shell with True, a directory for run-parts with None."""
    yield words[0], False
    name, rest = words[0].rpartition("/")[2], words[1:]
    if depth >= DEEP:
        return
    if name == RUN_PARTS:
        yield from ((word, None) for word in rest[-1:] if word.startswith("/"))
    elif SHELLS.fullmatch(name):
        yield from _of_shell(rest)
    elif INTERPRETERS.fullmatch(name):
        given = next((word for word in rest if not word.startswith("-") or word in CODE), "")
        yield from ((word, False) for word in _behind_options(rest)[:1] if "/" in word and given not in CODE)
    elif name in PASSING:
        behind = _behind_options(rest)[PASSING[name] :]
        if behind[:1] == ["-c"]:
            yield from ((text, True) for text in behind[1:2])
        elif behind:
            yield from arguments(behind, depth + 1)


def _of_shell(rest: list[str]) -> Iterator[tuple[str, bool | None]]:
    for at, word in enumerate(rest):
        if word.startswith("-") and not word.startswith("--") and "c" in word:
            yield from ((text, True) for text in rest[at + 1 : at + 2])
            return
        if not word.startswith(("-", "+")):
            yield from ((one, False) for one in (word,) if "/" in one)
            return


def _behind_options(words: list[str]) -> list[str]:
    """Return the words from the first that is no option, value of one, number or variable."""
    at = 0
    while at < len(words):
        word = words[at]
        if word == "--":
            return words[at + 1 :]
        if word.startswith("-"):
            at += 1 + (word in VALUED and at + 1 < len(words) and not words[at + 1].startswith("/"))
        elif ASSIGNS.fullmatch(word) or NUMBER.fullmatch(word):
            at += 1
        else:
            break
    return words[at:]
