"""Entries of sudoers files as facts: by place, each list with its members in order, and commands without their arguments.

What stands once in a file is stated once: commands of a rule name the runas list that they have by its number, for a list may have very many members, and
a rule very many commands.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from hostcheck.api import Json, pattern
from hostcheck_builtin.privileged_programs import command_arguments
from hostcheck_builtin.privileged_programs.command_words import Does
from hostcheck_builtin.privileged_programs.sudoers_entries import (
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

SETTINGS: Final = frozenset(
    (
        "authenticate setenv env_reset env_keep env_check env_delete secure_path targetpw rootpw runaspw exempt_group use_pty noexec "
        "timestamp_timeout runas_default ignore_local_sudoers group_plugin case_insensitive_user env_file restricted_env_file root_sudo "
        "runas_allow_unknown_id runas_check_shell runcwd match_group_by_gid intercept runchroot closefrom preserve_groups always_set_home set_home "
        "sudoedit_checkdir sudoedit_follow editor env_editor requiretty fqdn"
    ).split()
)
"""What Defaults set that may matter to who gets what."""
VALUES: Final = frozenset({"runas_default", "exempt_group", "env_keep", "env_check", "env_delete", "timestamp_timeout", "secure_path", "group_plugin"})
"""Of these the value is stated: names and paths, of variables without what stands behind a ``=``."""
ENVIRONMENT: Final = frozenset({"env_keep", "env_check", "env_delete"})
ESCAPED: Final = pattern(r"\\(.)")
WILD: Final = frozenset("*?[")


@dataclass(slots=True)
class StatedSudoers:
    """Entries as facts; `variants` numbers the arguments that one path is given, so that what is the same can be told without telling what it is."""

    aliases: dict[str, Json] = field(default_factory=dict)
    defaults: dict[str, Json] = field(default_factory=dict)
    rules: dict[str, Json] = field(default_factory=dict)
    variants: dict[tuple[str, str], int] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    order: int = 0

    def add(self, entry: Entry) -> None:
        """Take an entry."""
        self.order += 1
        if isinstance(entry, Alias):
            key = f"{entry.of}:{entry.name}"
            self.aliases[key] = {"of": entry.of, "name": entry.name, "place": place(entry.place), "members": self.members(entry.members)}
        elif isinstance(entry, DefaultsEntry):
            self._defaults(entry)
        else:
            self._rule(entry)

    def members(self, members: Members) -> list[Json]:
        """State the members of a list."""
        return [self._member(one) for one in members]

    def _member(self, one: Member) -> Json:
        stated: dict[str, Json] = {"kind": one.kind, "name": one.name, "negated": one.negated}
        return {**stated, **self._command(one)} if one.kind == "command" else {**stated, "digest": True} if one.digest else stated

    def _command(self, one: Member) -> dict[str, Json]:
        args, edits = arguments(one), one.name == "sudoedit"
        name = f"sudoedit {one.args}" if edits and args == "given" else one.name
        stated: dict[str, Json] = {"name": name, "path": path_kind(one.name), "args": args, "digest": one.digest}
        found = done(one, stated["path"], args)
        if found is not None:
            stated |= {"does": found.kind, **({"runs": list(found.runs)} if found.runs else {})}
        if one.args and args != "any":
            stated["variant"] = self.variants.setdefault((one.name, one.args), len(self.variants) + 1)
        return stated

    def _key(self, entry: SudoRule | DefaultsEntry) -> str:
        key = place(entry.place)
        self.counts[key] += 1
        return key if self.counts[key] == 1 else f"{key}#{self.counts[key]}"

    def _defaults(self, entry: DefaultsEntry) -> None:
        settings = [setting(one) for one in entry.settings if one.name in SETTINGS]
        if settings:
            self.defaults[self._key(entry)] = {
                **{"order": self.order, "place": place(entry.place), "scope": entry.scope},
                **{"members": self.members(entry.members), "settings": settings},
            }

    def _rule(self, entry: SudoRule) -> None:
        runas: dict[tuple[int, int], int] = {}
        commands = [self._spec(one, runas) for one in entry.commands]
        lists = [self._runas(one) for one in _first_of_each(entry.commands)]
        self.rules[self._key(entry)] = {
            **{"order": self.order, "place": place(entry.place), "path": entry.place.path, "line": entry.place.line},
            **{"users": self.members(entry.users), "hosts": self.members(entry.hosts), "runas": lists, "commands": commands},
        }

    def _runas(self, spec: CommandSpec) -> Json:
        return {kind: self.members(one) for kind, one in (("users", spec.runas_users), ("groups", spec.runas_groups)) if one is not None}

    def _spec(self, spec: CommandSpec, runas: dict[tuple[int, int], int]) -> Json:
        stated: dict[str, Json] = {"command": self._member(spec.command), "tags": _tags(spec), "options": sorted(spec.options)}
        if _has_runas(spec):
            stated["runas"] = runas.setdefault(_lists_of(spec), len(runas))
        return stated


def _has_runas(spec: CommandSpec) -> bool:
    return spec.runas_users is not None or spec.runas_groups is not None


def _lists_of(spec: CommandSpec) -> tuple[int, int]:
    """Return which lists a command has, by identity: a command that takes over those to its left has the same ones."""
    return id(spec.runas_users), id(spec.runas_groups)


def _first_of_each(specs: Iterable[CommandSpec]) -> list[CommandSpec]:
    found: dict[tuple[int, int], CommandSpec] = {}
    for spec in specs:
        if _has_runas(spec):
            found.setdefault(_lists_of(spec), spec)
    return list(found.values())


def _tags(spec: CommandSpec) -> dict[str, Json]:
    """State the tags in effect that matter; SETENV is said for ALL where nothing says otherwise."""
    tags: dict[str, Json] = {tag.lower(): spec.tags[tag] for tag in ("PASSWD", "SETENV", "EXEC") if tag in spec.tags}
    return {**tags, "setenv": True} if spec.implied else tags


def place(one: EntryPlace) -> str:
    """Return where an entry stands, as text."""
    return f"{one.path}:{one.line}"


def places(entries: Iterable[EntryPlace]) -> dict[str, Json]:
    """State where entries stand."""
    return {place(one): {"path": one.path, "line": one.line} for one in entries}


def path_kind(name: str) -> str:
    """Return what the path of a command is: plain, a directory, a wildcard, a regex, or a word of sudo's own."""
    if name.startswith("^"):
        return "regex"
    if not name.startswith("/"):
        return "word"
    if name.endswith("/"):
        return "directory"
    return "wildcard" if WILD & set(name) or "\\" in name else "plain"


def arguments(one: Member) -> str:
    """Return which arguments a command may have: any, none, those that are given, or what fits a wildcard or a regex."""
    if one.args is None or one.args == "*":
        return "any"
    if one.args == '""':
        return "none"
    if one.args.startswith("^") and one.args.endswith("$"):
        return "regex"
    return "wildcard" if WILD & set(one.args) or "\\" in one.args else "given"


def done(one: Member, path: Json, args: str) -> Does | None:
    """Return what a command does with its arguments, where it is a known program and these are not free."""
    if path != "plain" or args == "any":
        return None
    if args == "regex":
        return command_arguments.does(one.name, ("*",)) if one.args == "^.*$" else None
    text = "" if args == "none" else one.args or ""
    words = tuple(ESCAPED.sub(_unescaped, text).split())
    return command_arguments.does(one.name, words)


def _unescaped(match: re.Match[str]) -> str:
    """Return a character without its backslash; what is no wildcard because of it, as one that stands for a single character."""
    return "?" if match[1] in WILD else match[1]


def setting(one: DefaultsSetting) -> Json:
    """State a setting; its value where that is a name."""
    stated: dict[str, Json] = {"name": one.name, "sign": one.sign}
    if one.name in VALUES and one.value:
        words = [word.partition("=")[0] for word in one.value.split()] if one.name in ENVIRONMENT else [one.value]
        stated["values"] = words
    return stated
