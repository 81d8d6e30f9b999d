"""sudo's parser: makes entries of tokens, as plugins/sudoers/gram.y of sudo 1.9.16 does, and goes on behind a line that is wrong as that does.

What is wrong takes its whole entry away, but for what was complete before: an alias, and a rule before a colon. Where the last file ends in the middle of
an entry, sudo takes nothing of what it has read, and neither does this.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from hostcheck.api import LimitExceeded, pattern
from hostcheck_builtin.sudo_doas.sudoers_entries import (
    Alias,
    CommandSpec,
    DefaultsEntry,
    DefaultsSetting,
    Entry,
    EntryPlace,
    Member,
    Members,
    SudoRule,
)
from hostcheck_builtin.sudo_doas.sudoers_lexer import END, Lexer, Token
from hostcheck_builtin.system.bounds import PATH_MAX
from hostcheck_builtin.system.bounds import SUDO_MEMBERS as MEMBERS

NEWLINE: Final = "\n"
KINDS: Final = {
    "host": {"alias": "alias", "all": "all", "netgroup": "netgroup", "address": "address", "word": "host"},
    "group": {"alias": "alias", "all": "all", "word": "group"},
    **dict.fromkeys(("user", "runas"), {"alias": "alias", "all": "all", "netgroup": "netgroup", "group": "group", "word": "user"}),
}
"""What a token is in a list."""
MYSELF: Final = (Member("myself"),)
GENTIME: Final = pattern(r"[0-9]{10}(?:[0-9]{2}){0,2}(?:[.,][0-9]+)?(?:Z|[+-][0-9]{4})?", re.ASCII)
TIMEOUT: Final = pattern(r"(?:[0-9]+[dhmsDHMS])*[0-9]+[dhmsDHMS]?", re.ASCII)
DEPTH: Final = 144
"""How deep files include each other; what is deeper is passed over (push_include_int() in toke.l)."""
Include = Callable[[str, bool, str], list[tuple[str, str]]]
"""Asked with what an include names, whether that is a directory, and which file says so; returns the files to read, each a path and a text."""


class _WrongEntry(Exception):
    """A token that cannot stand where it does."""


@dataclass(slots=True)
class Parsed:
    """What was read, in order, where an entry was wrong, whether the end came too soon, and why not all was read."""

    entries: list[Entry] = field(default_factory=list)
    wrong: list[EntryPlace] = field(default_factory=list)
    unended: bool = False
    limit: str = ""


@dataclass(slots=True)
class _Parser:
    lexer: Lexer
    include: Include
    parsed: Parsed = field(default_factory=Parsed)
    known: set[tuple[str, str]] = field(default_factory=set)
    members: int = 0
    token: Token = field(default_factory=lambda: Token(NEWLINE))
    """The token that was read and not yet used."""

    def read(self) -> None:
        self.token = self.lexer.next()

    def run(self) -> None:
        """Read entries to the end."""
        self.read()
        while self.token.kind != END:
            place = EntryPlace(self.token.path, self.token.line)
            try:
                self._entry(place)
            except _WrongEntry:
                self.parsed.wrong.append(place)
                while self.token.kind not in (NEWLINE, END):
                    self.read()
            if self.token.kind == END:
                self.parsed.unended = True
                return
            self.read()

    def _entry(self, place: EntryPlace) -> None:
        """Take one entry; at its end the token is that of the newline."""
        kind = self.token.kind
        if kind == NEWLINE:
            return
        if kind in ("include", "includedir"):
            self._include(directory=kind == "includedir", place=place)
        elif kind == "alias of":
            self._aliases(self.token.text)
        elif kind == "defaults":
            self._defaults(place)
        else:
            self._rules(place)
        if self.token.kind != NEWLINE:
            raise _WrongEntry

    def _include(self, *, directory: bool, place: EntryPlace) -> None:
        self.read()
        name = self._word()
        if self.token.kind != NEWLINE:  # what follows is passed over, and the file is read all the same
            self.parsed.wrong.append(place)
        while self.token.kind not in (NEWLINE, END):
            self.read()
        if self.token.kind == NEWLINE and len(self.lexer.files) <= DEPTH:
            self.lexer.push(self.include(name, directory, place.path))

    def _word(self) -> str:
        text = self.token.text
        self._need("word")
        return text

    def _need(self, kind: str) -> None:
        if self.token.kind != kind:
            raise _WrongEntry
        self.read()

    def _has(self, kind: str) -> bool:
        if self.token.kind != kind:
            return False
        self.read()
        return True

    def _members(self, of: str) -> Members:
        members = [self._member(of)]
        while self._has(","):
            members.append(self._member(of))
        return tuple(members)

    def _member(self, of: str) -> Member:
        if of == "command":
            return self._command()
        negated = self._has("!")
        kind, text = KINDS[of].get(self.token.kind), self.token.text
        if kind is None:
            raise _WrongEntry
        self.read()
        return self._counted(Member(kind, "" if kind == "all" else text, negated))

    def _counted(self, member: Member) -> Member:
        self.members += 1
        if self.members > MEMBERS:
            raise LimitExceeded(f"the lists in the files of sudo have more than {MEMBERS} members")
        return member

    def _aliases(self, kind: str) -> None:
        self.read()
        while True:
            place, name = EntryPlace(self.token.path, self.token.line), self.token.text
            self._need("alias")
            self._need("=")
            members = self._members(kind)
            if (kind, name) in self.known:
                raise _WrongEntry
            self.known.add((kind, name))
            self.parsed.entries.append(Alias(kind, name, members, place))
            if not self._has(":"):
                return

    def _defaults(self, place: EntryPlace) -> None:
        scope = self.token.text
        self.read()
        members = self._members(scope) if scope else ()
        settings = [self._setting()]
        while self._has(","):
            settings.append(self._setting())
        if self.token.kind == NEWLINE:
            self.parsed.entries.append(DefaultsEntry(scope, members, tuple(settings), place))

    def _setting(self) -> DefaultsSetting:
        off = self._has("!")
        name = self.token.text
        self._need("variable")
        sign = self.token.kind
        if off or sign not in ("=", "+=", "-="):
            return DefaultsSetting(name, "!" if off else "", "")
        self.read()
        return DefaultsSetting(name, sign, self._word())

    def _rules(self, place: EntryPlace) -> None:
        users = self._members("user")
        rules = [self._rule(users, place)]
        while self._has(":"):
            try:
                rules.append(self._rule(users, place))
            except _WrongEntry:
                self.parsed.wrong.append(place)
                if self.token.kind not in (NEWLINE, ":"):
                    raise
        if self.token.kind == NEWLINE:
            self.parsed.entries += rules

    def _rule(self, users: Members, place: EntryPlace) -> SudoRule:
        hosts = self._members("host")
        self._need("=")
        commands = [self._spec()]
        while self._has(","):
            spec = self._spec()
            spec.follow(commands[-1])
            commands.append(spec)
        return SudoRule(users, hosts, tuple(commands), place)

    def _spec(self) -> CommandSpec:
        users, groups = self._runas()
        options: dict[str, str] = {}
        tags: dict[str, bool] = {}
        name = self.token.text
        while self._has("option"):
            self._need("=")
            options[name] = self._word()
            if not _is_valid(name, options[name]):
                raise _WrongEntry
            name = self.token.text
        while self._has("tag"):
            tag = name.rstrip(": \t")
            tags[tag.removeprefix("NO")] = not tag.startswith("NO")
            name = self.token.text
        command = self._command()
        return CommandSpec(command, users, groups, tags, options, implied=command.kind == "all" and not command.negated and "SETENV" not in tags)

    def _runas(self) -> tuple[Members | None, Members | None]:
        if not self._has("("):
            return None, None
        if self._has(")"):
            return MYSELF, None
        users = MYSELF if self.token.kind == ":" else self._members("user")
        groups = None
        if self._has(":") and not (users is MYSELF and self.token.kind == ")"):
            groups = self._members("group")
        self._need(")")
        return users, groups

    def _command(self) -> Member:
        digests = self._digests()
        negated = self._has("!")
        kind, text, args = self.token.kind, self.token.text, self.token.args
        if kind not in ("all", "alias", "command", "word"):
            raise _WrongEntry
        self.read()
        if len(text) >= PATH_MAX or (kind == "word" and text != "list") or (digests and kind not in ("all", "command")):
            raise _WrongEntry
        told = {"all": "all", "alias": "alias"}.get(kind, "command")
        return self._counted(Member(told, "" if kind == "all" else text, negated, args if kind == "command" else None, digests))

    def _digests(self) -> tuple[str, ...]:
        found: list[str] = []
        more = self.token.kind == "digest"
        while more:
            algorithm = self.token.text
            self._need("digest")
            self._need(":")
            found.append(f"{algorithm}:{self.token.text}")
            self._need("sum")
            more = self._has(",")
        return tuple(found)


def _is_valid(name: str, value: str) -> bool:
    """Say whether an option may have a value, as far as its form is concerned."""
    if name in ("CWD", "CHROOT"):
        return (value[:1] in ("/", "~") or value == "*") and len(value) < PATH_MAX
    if name in ("NOTBEFORE", "NOTAFTER"):
        return GENTIME.fullmatch(value) is not None
    return name != "TIMEOUT" or TIMEOUT.fullmatch(value) is not None


def parse(path: str, text: str, include: Include) -> Parsed:
    """Return what a file and what it includes say, as far as that is not too much."""
    parser = _Parser(Lexer(), include)
    parser.lexer.push([(path, text)])
    try:
        parser.run()
    except LimitExceeded as error:
        parser.parsed.limit = str(error)
    return parser.parsed
