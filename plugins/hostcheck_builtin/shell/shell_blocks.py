"""What stands around the commands of a shell text: conditions, loops, cases and functions, by the words that begin and end them (sh(1))."""

from dataclasses import dataclass, field
from typing import Final

from hostcheck.api import LimitExceeded
from hostcheck_builtin.system.bounds import SHELL_BLOCKS as NESTED

CLOSES: Final = {"fi": ("then", "there"), "done": ("do",), "esac": ("case",), "}": ("{", "function")}
PASSED: Final = frozenset(("!", "time", "if", "while", "until", "else", "elif"))
BEFORE: Final = PASSED | {"then", "do", "{", "for"}
"""Behind these a command begins, or what is computed."""
PERHAPS: Final = frozenset(("then", "do", "case", "function"))
"""What is around commands that are not run each time; a test of whether something is there makes no difference to whoever can put it there."""


@dataclass(slots=True)
class Blocks:
    """What is open, the innermost last; "there" is what follows a test of whether something is there, and "()" a function that has not begun."""

    opened: list[str] = field(default_factory=list)

    @property
    def certain(self) -> bool:
        """Say whether commands here are run each time."""
        return PERHAPS.isdisjoint(self.opened)

    def open(self, what: str) -> None:
        """Note what is open around the commands that follow."""
        if len(self.opened) >= NESTED:
            raise LimitExceeded(f"more than {NESTED} nested blocks")
        self.opened.append(what)

    def is_case(self, since: int = 0) -> bool:
        """Say whether the innermost of those that were opened after the first `since` is a case."""
        return self.opened[since:][-1:] == ["case"]

    def takes(self, word: str, *, tested: bool) -> bool:
        """Take a word where a command may begin, and say whether it begins, goes on or ends a block.

        `tested` says whether the command before asked what is there.
        """
        function = self.opened[-1:] == ["()"]
        if function:
            self.opened.pop()
        if word in ("then", "do", "{"):
            self.open("function" if function else "there" if word == "then" and tested else word)
        elif word == "else" and self.opened[-1:] == ["there"]:
            self.opened[-1] = "then"
        elif word in CLOSES:
            if self.opened[-1:] and self.opened[-1] in CLOSES[word]:
                self.opened.pop()
        elif word == "elif" and self.opened[-1:] in (["then"], ["there"]):
            self.opened.pop()
        return word in PASSED or word in CLOSES or word in ("then", "do", "{")
