"""What a shell would run, read and search, by the text that it is given: sh(1), one level deep.

Only paths and names of commands are taken, never arguments. What only a run could tell (a variable that is not set in plain words, a pattern, a function
that is called) is left out, and what stands in a condition, a loop or a function is marked as not certain.
"""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from hostcheck.api import LimitExceeded, pattern
from hostcheck_builtin.root_programs.shell_names import UNKNOWN, ShellName, ShellNames

DEEP: Final = 3
"""How deep texts are read that a text hands to another shell: sh -c."""
NESTED: Final = 50
"""How many commands may stand in one another, and how many blocks may be open."""
LONG: Final = 8192
"""Bytes of a word that are looked at."""
OUTSIDE: Final = pattern(
    r"[ \t\r]+|\\\n|\n|'[^']*(?:'|\Z)|\\.|\$\(|\$\{?[A-Za-z_][A-Za-z0-9_]*\}?|<<<|<<-?|[<>]+[&|]?|&&|\|\||;;|[;&|()\"`]|[^\s'\"\\$`;&|()<>]+|."
)
INSIDE: Final = pattern(r"[^\"\\$`]+|\\.|\$\(|\$\{?[A-Za-z_][A-Za-z0-9_]*\}?|[\"`\n]|.")
BLANK: Final = frozenset(" \t\r")
SEPARATES: Final = frozenset((";", ";;", "&", "&&", "|", "||", "\n"))
CLOSES: Final = {"fi": ("then", "there"), "done": ("do",), "esac": ("case",), "}": ("{", "function")}
PASSED: Final = frozenset(("!", "time", "if", "while", "until", "else", "elif"))
PERHAPS: Final = frozenset(("then", "do", "case", "function"))
"""What is around commands that are not run each time; a test of whether something is there makes no difference to whoever can put it there."""
TESTS: Final = frozenset(("-e", "-f", "-r", "-s", "-x", "-d"))


class _Outer(NamedTuple):
    """What goes on when a command in a command ends with `close`: whether double quotes are open there, the words so far, and what is open around it."""

    close: str
    quoted: bool
    words: list[str]
    word: str | None
    opened: int


@dataclass(slots=True)
class _Reader:
    text: str
    names: ShellNames
    at: int = 0
    line: int = 1
    start: int = 1
    words: list[str] = field(default_factory=list)
    word: str | None = None
    quoted: bool = False
    before: str = "\n"
    tested: bool = False
    heredoc: bool = False
    waiting: list[str] = field(default_factory=list)
    outer: list[_Outer] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    ended: bool = False

    def read(self) -> list[ShellName]:
        """Read the text to its end, or to where it ends the shell."""
        while self.at < len(self.text) and not self.ended:
            found = (INSIDE if self.quoted else OUTSIDE).match(self.text, self.at)
            token = found[0] if found else self.text[self.at]
            self.at += len(token)
            self.take(token)
            self.line += token.count("\n")
        self.space()
        self.finish()
        return list(self.names.named.values())

    def take(self, token: str) -> None:
        """Take one token."""
        if token == '"':
            self.quoted, self.word = not self.quoted, self.word or ""
        elif token in ("$(", "`"):
            self.substitute(token)
        elif self.quoted:
            self.grow(self.value(token))
        elif token == "\n" or token in SEPARATES:
            self.separate(token)
        elif token in ("(", ")"):
            self.parenthesis(token)
        elif token[0] in BLANK:
            self.space()
        elif token == "\\\n":
            return
        elif token.startswith("#") and self.word is None:
            self.at = end if (end := self.text.find("\n", self.at)) >= 0 else len(self.text)
        elif token[0] in "<>":
            self.redirect(token)
        else:
            self.grow(token[1:].removesuffix("'") if token.startswith("'") else self.value(token))

    def grow(self, text: str) -> None:
        """Add to a word; one that is too long is not known."""
        whole = self.word or ""
        self.word = whole + text if len(whole) + len(text) <= LONG else UNKNOWN

    def open(self, what: str) -> None:
        """Note what is open around the commands that follow."""
        if len(self.opened) >= NESTED:
            raise LimitExceeded(f"more than {NESTED} blocks in one another")
        self.opened.append(what)

    def value(self, token: str) -> str:
        """Return what a token stands for: what a variable was set to in plain words."""
        if token.startswith("$"):
            return self.names.variables.get(token.strip("${}"), UNKNOWN)
        return token[1:] if token.startswith("\\") and len(token) > 1 else token

    def space(self) -> None:
        """End a word; that behind << is where a text in the text ends, and that behind > is a file that is not run."""
        if self.word is None:
            return
        if self.heredoc:
            self.waiting.append(self.word)
        elif self.words and self.words[-1] == ">":
            self.words.pop()
        else:
            self.start = self.start if self.words else self.line
            self.words.append(self.word)
        self.word, self.heredoc = None, False

    def redirect(self, token: str) -> None:
        """Begin a redirection; a number before it is a descriptor."""
        if self.word is not None and self.word.isdigit():
            self.word = None
        self.space()
        if token in ("<<", "<<-"):
            self.heredoc = True
        elif not token.endswith("&"):
            self.words.append(">")

    def substitute(self, token: str) -> None:
        """Begin or end a command whose output is part of a word."""
        if token == "`" and self.outer and self.outer[-1].close == "`":
            self.close()
            return
        self.grow(UNKNOWN)
        self.nest(_Outer("`" if token == "`" else ")", self.quoted, self.words, self.word, len(self.opened)))
        self.words, self.word, self.quoted = [], None, False

    def parenthesis(self, token: str) -> None:
        """Begin or end commands in parentheses; `name()` is a function, and a ) that nothing began ends a pattern of case."""
        self.space()
        if token == "(" and len(self.words) == 1 and self.text.startswith(")", self.at):
            self.words, self.at = [], self.at + 1
            self.open("()")
        elif token == "(":
            self.finish()
            self.nest(_Outer(")", False, [], None, len(self.opened)))
        elif self.outer and self.outer[-1].close == ")" and not (self.opened[self.outer[-1].opened :][-1:] == ["case"]):
            self.close()
        else:
            self.words = []

    def nest(self, outer: _Outer) -> None:
        """Begin a command in a command."""
        if len(self.outer) >= NESTED:
            raise LimitExceeded(f"more than {NESTED} commands in one another")
        self.outer.append(outer)

    def close(self) -> None:
        """End a command in a command."""
        self.space()
        self.finish()
        outer = self.outer.pop()
        self.quoted, self.words, self.word = outer.quoted, outer.words, outer.word
        del self.opened[outer.opened :]

    def separate(self, token: str) -> None:
        """End a command; texts in the text begin in the next line."""
        self.space()
        self.finish()
        self.before = token
        for end in self.waiting if token == "\n" else ():
            while self.at < len(self.text):
                stop = self.text.find("\n", self.at) + 1 or len(self.text)
                line, self.at, self.line = self.text[self.at : stop].rstrip("\n"), stop, self.line + 1
                if line.lstrip("\t") == end:
                    break
        if token == "\n":
            self.waiting = []

    def finish(self) -> None:
        """Take what the command that ends here names."""
        words, self.words = [word for word in self.words if word != ">"], []
        words = words[next((at for at, word in enumerate(words) if not self.opens(word)), len(words)) :]
        self.tested = words[:1] in (["["], ["[["], ["test"]) and not TESTS.isdisjoint(words[1:2]) and len(words) <= 4
        self.names.line, self.names.certain = self.start, PERHAPS.isdisjoint(self.opened)
        if words and words[0] == "for" and len(words) > 2:
            self.names.variables[words[1]] = next((word for word in words[3:] if word.startswith("/")), UNKNOWN)
        elif words and words[0] == "case":
            self.open("case")
        elif words := self.names.assigned(words):
            self.command(words)

    def command(self, words: list[str]) -> None:
        """Take a command, and see whether the shell ends with it."""
        if words[0] in ("exit", "return") or (words[0] == "exec" and len(words) > 1):
            self.ended = self.before in (";", "\n") and not self.opened and not self.outer
            words = words if words[0] == "exec" else []
        if words:
            self.names.command(words)

    def opens(self, word: str) -> bool:
        """Say whether a word begins, goes on or ends what stands around commands."""
        function = self.opened[-1:] == ["()"]
        if function:
            self.opened.pop()
        if word in ("then", "do", "{"):
            self.open("function" if function else "there" if word == "then" and self.tested else word)
        elif word == "else" and self.opened[-1:] == ["there"]:
            self.opened[-1] = "then"
        elif word in CLOSES:
            if self.opened[-1:] and self.opened[-1] in CLOSES[word]:
                self.opened.pop()
        elif word == "elif" and self.opened[-1:] in (["then"], ["there"]):
            self.opened.pop()
        return word in PASSED or word in CLOSES or word in ("then", "do", "{")


def named(text: str, variables: dict[str, str] | None = None, folder: str = "", *, depth: int = 0) -> list[ShellName]:
    """Return what a text names, in order; raises LimitExceeded where that is more than is looked at."""

    def read(inner: str, known: dict[str, str], there: str) -> list[ShellName]:
        return named(inner, known, there, depth=depth + 1) if depth < DEEP else []

    return _Reader(text, ShellNames(dict(variables or {}), read, folder=folder)).read()
