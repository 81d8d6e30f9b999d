"""What a shell would run, read and search, by the text that it is given: sh(1), one level deep.

Only paths and names of commands are taken, never arguments. What only a run could tell (a variable that is not set in plain words, a pattern, a function
that is called) is left out, and what stands in a condition, a loop or a function is marked as not certain.
"""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from hostcheck.api import LimitExceeded, pattern
from hostcheck_builtin.shell.run_by_others import UNKNOWN, WILD
from hostcheck_builtin.shell.shell_blocks import BEFORE, Blocks
from hostcheck_builtin.shell.shell_names import ShellName, ShellNames
from hostcheck_builtin.system import bounds

OUTSIDE: Final = pattern(
    r"[ \t\r]+|\\\n|\n|'[^']*(?:'|\Z)|\\.|\$'(?:[^'\\]|\\(?s:.)|\\\Z)*+(?:'|\Z)|\$\"|\$\(\(|\$\(|\$\{?[A-Za-z_][A-Za-z0-9_]*\}?"
    r"|\$[0-9@*]|\$\{[0-9@*][^}\"'`$\s]*\}|<<<|<<-?|[<>]\(|&>>?|[<>]+[&|]?|&&|\|\||;;|[;&|()\"`]|[^\s'\"\\$`;&|()<>]+|."
)
INSIDE: Final = pattern(r"[^\"\\$`]+|\\.|\$\(\(|\$\(|\$\{?[A-Za-z_][A-Za-z0-9_]*\}?|\$[0-9@*]|\$\{[0-9@*][^}\"`$]*\}|[\"`\n]|.")
PARAMETER: Final = pattern(r"\$\{?([0-9@*]).*")
BLANK: Final = frozenset(" \t\r")
SEPARATES: Final = frozenset((";", ";;", "&", "&&", "|", "||", "\n"))
DESCRIPTOR: Final = pattern(r"[0-9]+|\{[A-Za-z_][A-Za-z0-9_]*\}")
TESTS: Final = frozenset(("-e", "-f", "-r", "-s", "-x", "-d"))


FUNCTION: Final = ["function"]
COMMANDS: Final = ""
NUMBER: Final = "number"
LIST: Final = "list"
TEST: Final = "test"
"""What is read: commands, or what looks like some and is not: a computation, the members of an array or a pattern, and what stands between [[ and ]]."""
PATTERN: Final = frozenset("*?")
"""How words begin for which the shell may put names of files that begin with a dash."""
INPUT: Final = "\ud800<"
OUTPUT: Final = "\ud800>"
"""Stand for a redirection among words, and are followed by the file. No text that was read from bytes has these signs."""


class _Outer(NamedTuple):
    """What goes on when a command in a command ends with `close`: whether double quotes are open there, the words so far, and what is open around it.

    `mode` says what is read until then, `folder` where the commands around are run, and whether for sure.
    """

    close: str
    quoted: bool
    words: list[str]
    word: str | None
    opened: int
    mode: str
    folder: tuple[str, bool]


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
    piped: str = ""
    waiting: list[str] = field(default_factory=list)
    outer: list[_Outer] = field(default_factory=list)
    blocks: Blocks = field(default_factory=Blocks)
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

    @property
    def mode(self) -> str:
        """Say what is read."""
        return self.outer[-1].mode if self.outer else COMMANDS

    def take(self, token: str) -> None:
        """Take one token."""
        if token in ('"', '$"'):
            self.quoted, self.word = not self.quoted, self.word or ""
        elif token in ("$(", "`"):
            self.substitute(token)
        elif token == "$((":
            self.grow(UNKNOWN)
            self.nest("))", NUMBER)
        elif self.quoted:
            self.grow(self.value(token))
        elif self.mode != COMMANDS and self.passes(token):
            return
        elif token in ("<(", ">("):
            self.substitute(token)
        elif token == "\n" or token in SEPARATES:
            self.separate(token)
        elif token in ("(", ")"):
            self.parenthesis(token)
        elif token[0] in BLANK:
            self.space()
        elif token == "\\\n":
            return
        elif token.startswith("#") and self.word is None:
            self.comment()
        elif token[0] in "<>" or token.startswith("&>"):
            self.redirect(token)
        else:
            begins = self.word is None and token[0] in PATTERN and self.mode == COMMANDS
            self.grow(token[1:].removesuffix("'") if token.startswith("'") else f"{WILD if begins else ''}{self.value(token)}")

    def comment(self) -> None:
        """Pass over what is left of a line."""
        self.at = end if (end := self.text.find("\n", self.at)) >= 0 else len(self.text)

    def passes(self, token: str) -> bool:
        """Say whether a token is none of a command's; what looks like a redirection, a separator or a command in parentheses is not one there."""
        mode = self.mode
        if mode == TEST and token == ";":
            self.outer.pop()
            return False
        if mode == TEST:
            sign = token == "\n" or token in SEPARATES or token in ("(", ")") or token[0] in "<>"
            if sign:
                self.space()
            return sign
        if token.endswith("(") and not token.startswith(("'", "\\", "$")):
            self.nest(")", mode)
        elif mode == LIST and token.startswith("#") and self.text[self.at - len(token) - 1] in " \t\n(":
            self.comment()
        elif token == ")":
            self.at += self.outer[-1].close == "))" and self.text.startswith(")", self.at)
            self.close()
        return True

    def grow(self, text: str) -> None:
        """Add to a word; one that is too long is not known."""
        whole = self.word or ""
        self.word = whole + text if len(whole) + len(text) <= bounds.SHELL_WORD else UNKNOWN

    def value(self, token: str) -> str:
        """Return what a token stands for: what a variable was set to in plain words."""
        if parameter := PARAMETER.fullmatch(token):
            return self.names.variables.get(parameter[1], UNKNOWN)
        if token.startswith("$"):
            whole = token.startswith("${") == token.endswith("}") and not token.startswith("$'")
            return self.names.variables.get(token.strip("${}"), UNKNOWN) if whole else self.unescaped(token)
        return token[1:] if token.startswith("\\") and len(token) > 1 else token

    def unescaped(self, token: str) -> str:
        """Return what $'' stands for where that needs no knowledge of its signs; nor is it known what an operator in ${} gives."""
        return token[2:].removesuffix("'") if token.startswith("$'") and "\\" not in token else UNKNOWN

    def space(self) -> None:
        """End a word; that behind << is where a text in the text ends, and that behind < or > is a file."""
        if self.word is None:
            return
        if self.heredoc:
            self.waiting.append(self.word)
        elif self.words and self.words[-1] in (INPUT, OUTPUT):
            self.words[-1] += self.word
        else:
            self.start = self.start if self.words else self.line
            self.words.append(self.word)
            if self.word == "[[" and self.begins():
                self.nest("]]", TEST)
            elif self.word == "]]" and self.mode == TEST:
                self.outer.pop()
        self.word, self.heredoc = None, False

    def redirect(self, token: str) -> None:
        """Begin a redirection; a number, or the name of a variable in braces, before it is a descriptor."""
        plain = self.word in (None, "0")
        if self.word is not None and DESCRIPTOR.fullmatch(self.word):
            self.word = None
        self.space()
        if token in ("<<", "<<-"):
            self.heredoc = True
        else:
            self.start = self.start if self.words else self.line
            self.words.append(INPUT if token == "<" and plain else OUTPUT)

    def substitute(self, token: str) -> None:
        """Begin or end a command whose output is part of a word."""
        if token == "`" and self.outer and self.outer[-1].close == "`":
            self.close()
            return
        self.grow(UNKNOWN)
        self.nest("`" if token == "`" else ")", COMMANDS)

    def parenthesis(self, token: str) -> None:
        """Begin or end commands in parentheses; `name()` is a function, and a ) that nothing began ends a pattern of case."""
        keyword = self.word in BEFORE and self.begins()
        if token == "(" and self.word is not None and not keyword and (self.word.endswith("=") or not self.text.startswith(")", self.at)):
            self.grow(UNKNOWN)
            self.nest(")", LIST)
            return
        self.space()
        if token == "(" and self.text.startswith(")", self.at) and (len(self.words) == 1 or self.words[:-1] == FUNCTION):
            self.words, self.at = [], self.at + 1
            self.blocks.open("()")
        elif token == "(" and self.text.startswith("(", self.at) and self.begins():
            self.at += 1
            self.nest("))", NUMBER)
        elif token == "(":
            self.finish()
            self.nest(")", COMMANDS)
        elif self.words[:1] == ["case"]:
            self.finish()
        elif self.outer and self.outer[-1].close == ")" and not self.blocks.is_case(self.outer[-1].opened):
            self.close()
        else:
            self.words = []

    def begins(self) -> bool:
        """Say whether a command begins here, behind the word that is read."""
        return len(self.words) <= bounds.SHELL_BLOCKS and all(word == "[[" or word in BEFORE for word in self.words)

    def nest(self, close: str, mode: str) -> None:
        """Begin a command in a command, or what looks like one."""
        if len(self.outer) >= bounds.SHELL_BLOCKS:
            raise LimitExceeded(f"more than {bounds.SHELL_BLOCKS} commands in one another")
        folder = self.names.folder, self.names.folder_certain
        self.outer.append(_Outer(close, self.quoted, self.words, self.word, len(self.blocks.opened), mode, folder))
        if mode != TEST:
            self.words, self.word, self.quoted = [], None, False

    def close(self) -> None:
        """End a command in a command; what it is in stays in its directory."""
        if self.mode == COMMANDS:
            self.space()
            self.finish()
        outer = self.outer.pop()
        self.quoted, self.words, self.word = outer.quoted, outer.words, outer.word
        self.names.folder, self.names.folder_certain = outer.folder
        del self.blocks.opened[outer.opened :]

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
        given = next((word.removeprefix(INPUT) for word in self.words if word.startswith(INPUT)), "")
        outputs = [word.removeprefix(OUTPUT) for word in self.words if word.startswith(OUTPUT)]
        words, self.words = [word for word in self.words if not word.startswith((INPUT, OUTPUT))], []
        begin = next((at for at, word in enumerate(words) if not self.blocks.takes(word, tested=self.tested)), len(words))
        words = words[begin - (words[begin - 1 : begin] == ["time"] and words[begin : begin + 1] == ["-p"]) :]
        self.names.stdin, self.piped = given or (self.piped if self.before == "|" else ""), ""
        self.tested = words[:1] in (["["], ["[["], ["test"]) and not TESTS.isdisjoint(words[1:2]) and len(words) <= 4
        self.names.line, self.names.certain = self.start, self.blocks.certain
        if words and words[0] == "for":
            paths = [word for word in words[3:] if word.startswith("/")]
            self.names.variables["".join(words[1:2])] = next(iter(paths), UNKNOWN)
            if paths:
                self.names.loops["".join(words[1:2])] = paths[: bounds.SHELL_BLOCKS]
        elif words and words[0] == "case":
            self.blocks.open("case")
        elif words[:1] == FUNCTION:
            self.blocks.open("()")
            if words[2:3] == ["{"]:
                self.words = words[2:]
                self.finish()
        elif words := self.names.assigned(words):
            self.names.opens(words, outputs)
            self.command(words)

    def command(self, words: list[str]) -> None:
        """Take a command, and see whether the shell ends with it."""
        if words[0] in ("exit", "return") or (words[0] == "exec" and len(words) > 1):
            self.ended = self.before in (";", "\n") and not self.blocks.opened and not self.outer
            words = words if words[0] == "exec" else []
        if words:
            self.names.command(words)
            self.piped = self.names.printed


def take(text: str, names: ShellNames) -> None:
    """Let names take each command of a text, in order; raises LimitExceeded where that is more than is looked at."""
    _Reader(text, names).read()


def named(text: str, variables: dict[str, str] | None = None, folder: str = "", *, depth: int = 0) -> list[ShellName]:
    """Return what a text names, in order; raises LimitExceeded where that is more than is looked at."""

    def read(inner: str, known: dict[str, str], there: str) -> list[ShellName]:
        return named(inner, known, there, depth=depth + 1) if depth < bounds.SHELL_IN_SHELL else []

    return _Reader(text, ShellNames(dict(variables or {}), read, folder=folder)).read()
