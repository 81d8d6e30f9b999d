"""sudo's scanner: takes sudoers files apart into tokens, through includes, as plugins/sudoers/toke.l of sudo 1.9.16 does.

It goes over one stack of files, because sudo's does: a line that is folded at the end of an included file goes on in the file that includes it. Time is
linear in the size of the files, whatever stands in them.
"""

import re
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from hostcheck.api import pattern
from hostcheck_builtin.sudo_doas import sudoers_tokens as tokens

END: Final = "end"
ERROR: Final = "error"
DIGEST_BYTES: Final = {"sha224": 28, "sha256": 32, "sha384": 48, "sha512": 64}
SPECIAL: Final = pattern(r"\\([,:= \t#])", re.ASCII)
ESCAPE: Final = pattern(r"\\(?:x([0-9A-Fa-f]{2})|(.))", re.DOTALL)
UNENDED: Final = pattern(r"(?:\\#|[^#\r\n])*")
ALIASES: Final = {"H": "host", "C": "command", "U": "user", "R": "runas"}
SCOPES: Final = {":": "user", ">": "runas", "@": "host", "!": "command"}
AT_START: Final = ("include", "includedir", "defaults", "alias of")
SIMPLE: Final = {
    **{name: (name, "") for name in ("netgroup", "group", "address", "word", "option", "tag", "all", "alias")},
    **{"address6": ("address", ""), "comma": (",", ""), "nothing": (ERROR, ""), "empty": (ERROR, ""), "file": ("word", tokens.INITIAL)},
    **{"settings": ("", tokens.START_DEFS), "next setting": (",", tokens.START_DEFS), "variable": ("variable", tokens.IN_DEFS)},
}
"""The kind of token that a rule makes without more ado, and the state after it, "" for the same; what cannot stand there is an error for whoever reads it."""
COMMANDS: Final = ("command", "regex", "sudoedit", "bound command", "bound regex")


class Token(NamedTuple):
    """One token: its kind, its text without escapes, the arguments of a command (None where it has none), and where it begins."""

    kind: str
    text: str = ""
    args: str | None = None
    path: str = ""
    line: int = 0


@dataclass(slots=True)
class _File:
    """A file that is being read, and what follows it; `dead` is how far no regular expression that begins before it ends."""

    path: str
    text: str
    more: list[tuple[str, str]]
    at: int = 0
    line: int = 1
    bol: bool = True
    dead: int = 0


@dataclass(slots=True)
class Lexer:
    """The scanner with its state; `files` are those that include each other, the innermost last."""

    files: list[_File] = field(default_factory=list)
    state: str = tokens.INITIAL
    before: str = tokens.INITIAL
    folded: bool = False
    spaced: bool = False
    digest: str = ""
    string: list[str] = field(default_factory=list)
    path: str = ""
    args: list[str] = field(default_factory=list)

    def push(self, files: list[tuple[str, str]]) -> None:
        """Read these files, each a path and a text, and then go on with what is being read."""
        if files:
            (path, text), *more = files
            self.files.append(_File(path, ended(text), more))

    def next(self) -> Token:
        """Return the next token."""
        while True:
            file = self.files[-1]
            if file.at < len(file.text):
                name, text = self._longest(file)
                line = file.line
                file.at += len(text)
                file.bol = text.endswith("\n")
                kind, told = self._take(file, name, text)
                if kind:
                    args = "".join(self.args) if kind == "command" and self.args else None
                    return Token(kind, told, args, file.path, line)
            elif file.more:
                path, text = file.more.pop(0)
                self.files[-1] = _File(path, ended(text), file.more)
            elif len(self.files) == 1:
                return Token(END, "", None, file.path, file.line)
            else:
                self.files.pop()

    def _longest(self, file: _File) -> tuple[str, str]:
        start = file.text[file.at]
        found, longest = "nothing", 1
        for name, regex in tokens.rules(self.state, start if start.isascii() else "", file.bol):
            ends = start == "^" and name in ("regex", "bound regex")
            match = None if ends and file.at < file.dead else regex.match(file.text, file.at)
            if match is None:
                if ends and file.at >= file.dead and (unended := UNENDED.match(file.text, file.at)):
                    file.dead = unended.end()
            elif (length := match.end() - file.at) > longest or (length == longest and found == "nothing"):
                found, longest = name, length
        return found, file.text[file.at : file.at + longest]

    def _take(self, file: _File, name: str, text: str) -> tuple[str, str]:
        """Do what a rule does, and return the token that it makes, "" for none."""
        if name in AT_START:
            return self._begin(file, name, text)
        if self.state in (tokens.COMMAND, tokens.REGEX) or name in COMMANDS:
            return self._command(file, name, text)
        if self.state == tokens.STRING or name == "quote":
            return self._string(file, name, text)
        if name in ("digest", "hex", "base64"):
            return self._digest(name, text)
        if name in ("newline", "blank", "fold", "comment"):
            return self._space(file, name, text)
        if name in ("sign", "not"):
            return (text if name == "sign" else "!" if len(text) % 2 else ""), ""
        if name == "path option":
            self.before, self.state = self.state, tokens.PATH
            return "option", text
        if name == "path":
            self.state = self.before
            return "word", unescaped(text)
        if name == "address6" and not tokens.valid_ipv6(text):
            return ERROR, ""
        kind, state = SIMPLE[name]
        self.state = state or self.state
        return kind, unescaped(text)

    def _begin(self, file: _File, name: str, text: str) -> tuple[str, str]:
        """Begin an entry of its own kind, which a folded line may not."""
        if self.folded:
            return ERROR, ""
        if name == "alias of":
            return name, ALIASES[text.lstrip(" \t")[0]]
        if name != "defaults":
            self._back(file, text, len("#include" if name == "include" else "#includedir"))
            self.state = tokens.INCLUDE
            return name, ""
        self.state = tokens.DEFS
        head, _, _ = text.partition("Defaults")
        rest = text[len(head) + len("Defaults") :]
        if rest:
            self._back(file, text, len(text) - len(rest[1:].lstrip(" \t")))
        return name, SCOPES.get(rest[:1], "")

    def _back(self, file: _File, text: str, keep: int) -> None:
        """Take back what a rule has matched but for its first characters (yyless() of flex)."""
        file.at -= len(text) - keep
        file.bol = False

    def _space(self, file: _File, name: str, text: str) -> tuple[str, str]:
        if name == "blank":
            self.spaced = True
            return "", ""
        if name == "comment" and not text.endswith("\n"):
            return ERROR, ""
        file.line += 1
        self.folded = name == "fold"
        self.spaced |= name == "fold"
        if name != "fold":
            self.state = tokens.INITIAL
        return ("" if name == "fold" else "\n"), ""

    def _digest(self, name: str, text: str) -> tuple[str, str]:
        """Take a digest of the right length; one of another is passed over."""
        if name == "digest":
            self.digest, self.state = text, tokens.DIGEST
            return name, text
        self.state = tokens.INITIAL
        size = DIGEST_BYTES[self.digest]
        wanted = size * 2 if name == "hex" else 4 * ((size + 2) // 3) if text.endswith("=") else (4 * size + 2) // 3
        return ("sum" if len(text) == wanted else ""), text

    def _string(self, file: _File, name: str, text: str) -> tuple[str, str]:
        """Take a text in quotes."""
        if name == "quote":
            self.string = []
            if self.state != tokens.PATH:
                self.before = tokens.INITIAL if self.state == tokens.INCLUDE else self.state
            self.state = tokens.STRING
        elif name == "string":
            self.string.append(unescaped(text))
        elif name == "string fold":
            file.line += 1
            self.folded = True
        elif name == "string end":
            self.state = self.before
            return _quoted("".join(self.string), self.before)
        elif name == "newline":
            self._back(file, text, 0)
            self.state = tokens.INITIAL
            return ERROR, ""
        elif name == "nothing":
            return ERROR, ""
        return "", ""

    def _command(self, file: _File, name: str, text: str) -> tuple[str, str]:
        """Take a command, and what follows it as its arguments."""
        if name in COMMANDS:
            self.path = text if text.startswith("^") else SPECIAL.sub(r"\1", text)
            if not text.startswith("^") and self.path.endswith("/sudoedit"):
                self.path = "sudoedit"
            self.args = []
            if name.startswith("bound") or (name == "command" and text.endswith("/")):
                return "command", self.path
            self.state = tokens.COMMAND
            return "", ""
        if self.state == tokens.REGEX:
            return self._regex(file, name, text)
        if name == "end of command":
            self._back(file, text, 0)
            self.state = tokens.INITIAL
            return "command", self.path
        if name in ("newline", "blank", "fold"):
            return self._space(file, name, text)
        if name not in ("glob", "quoted", "argument"):
            return ERROR, ""
        return self._argument(file, name, text)

    def _argument(self, file: _File, name: str, text: str) -> tuple[str, str]:
        if name == "argument" and not self.args and text.startswith("^"):
            self.state = tokens.REGEX
            self._back(file, text, 0)
            return "", ""
        self.args += [" "] if self.spaced and self.args else []
        self.args.append(text[1:] if name == "quoted" else text)
        self.spaced = False
        return "", ""

    def _regex(self, file: _File, name: str, text: str) -> tuple[str, str]:
        if name == "regex end":
            self.args.append(text)
            self.state, self.folded = tokens.INITIAL, False
            return "command", self.path
        if name == "regex error":
            self._back(file, text, 0)
            self.state = tokens.INITIAL
            return ERROR, ""
        if name == "regex text":
            told = text.lstrip(" \t") if self.folded and not text.startswith("\\") else text
            self.folded &= text.startswith("\\")
            self.args += [told] if told else []
            return "", ""
        return self._space(file, name, text) if name in ("newline", "fold", "blank") else (ERROR, "")


def _quoted(text: str, state: str) -> tuple[str, str]:
    """Return the token that a text in quotes is: a group or a netgroup where a name is looked for, else a word."""
    if not text:
        return ERROR, ""
    if state in (tokens.INITIAL, tokens.DEFS) and text[0] in "%+":
        return (ERROR if text in ("%", "%:", "+") else "group" if text[0] == "%" else "netgroup"), text
    return "word", text


def unescaped(text: str) -> str:
    r"""Return a word without its escapes: ``\x41`` is the character of that number, any other one stands for itself (copy_string() in toke_util.c)."""
    if "\\" not in text:
        return text
    told = ESCAPE.sub(lambda match: _character(int(match[1], 16)) if match[1] else match[2], text)
    return told.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")


def _character(number: int) -> str:
    return chr(number) if number < 128 else chr(0xDC00 + number)


def ended(text: str) -> str:
    """Return a text as sudo reads it: no line goes beyond a NUL, and the last one ends (sudoers_input())."""
    if "\0" in text:
        text = "\n".join(line.partition("\0")[0] for line in text.split("\n"))
    return text if not text or text.endswith("\n") else f"{text}\n"
