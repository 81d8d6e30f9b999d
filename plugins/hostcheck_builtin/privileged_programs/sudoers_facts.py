"""Entries of sudoers files as facts: by place, each list with its members in order, and commands without their arguments.

What stands once in a file is stated once: commands of a rule name the runas list that they have by its number, for a list may have very many members, and
a rule very many commands.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from hostcheck.api import Hole, Json, pattern
from hostcheck_builtin.privileged_programs import command_arguments
from hostcheck_builtin.privileged_programs.command_words import Does
from hostcheck_builtin.sudo_doas.sudoers_entries import (
    Alias,
    CommandSpec,
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
ENVIRONMENT: Final = frozenset({"env_keep", "env_check", "env_delete"})
VALUES: Final = ENVIRONMENT | {"runas_default", "exempt_group", "timestamp_timeout", "secure_path", "group_plugin", "env_file", "runchroot"}
"""Of these the value is stated: names and paths, of variables without what stands behind a ``=``."""
OVER: Final = "OVER"
"""Stands among the options of a command whose NOTAFTER has passed: sudo goes by it as if it were not there (sudoers(5))."""
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
    is_past: Callable[[str], bool | None] = lambda _: None
    fits: Callable[[str, tuple[str, ...]], bool | Hole] = lambda *_: True

    def add(self, entry: Entry) -> None:
        """Take an entry."""
        self.order += 1
        stated: dict[str, Json] = {"order": self.order, "place": place(entry.place)}
        if isinstance(entry, Alias):
            told = {"of": entry.of, "name": entry.name, "place": stated["place"], "members": self._members(entry.members)}
            self.aliases[f"{entry.of}:{entry.name}"] = told
        elif isinstance(entry, SudoRule):
            runas: dict[tuple[int, int], tuple[int, Json]] = {}
            commands = [self._spec(one, runas) for one in entry.commands]
            stated |= {"path": entry.place.path, "line": entry.place.line, "users": self._members(entry.users), "hosts": self._members(entry.hosts)}
            self.rules[self._key(entry)] = {**stated, "runas": [lists for _, lists in runas.values()], "commands": commands}
        elif settings := [setting(one) for one in entry.settings if one.name in SETTINGS]:
            self.defaults[self._key(entry)] = {**stated, "scope": entry.scope, "members": self._members(entry.members), "settings": settings}

    def _key(self, entry: Entry) -> str:
        key = place(entry.place)
        self.counts[key] += 1
        return key if self.counts[key] == 1 else f"{key}#{self.counts[key]}"

    def _members(self, members: Members) -> list[Json]:
        return [self._member(one) for one in members]

    def _member(self, one: Member) -> Json:
        stated: dict[str, Json] = {"kind": one.kind, "name": one.name, "negated": one.negated}
        if one.kind != "command":
            return {**stated, **({"digest": True} if one.digests else {})}
        path, args = path_kind(one.name), arguments(one)
        name = f"sudoedit {one.args}" if one.name == "sudoedit" and args == "given" else one.name
        stated |= {"name": name, "path": path, "args": args, "digest": bool(one.digests)}
        if one.digests and path == "plain":
            stated["fits"] = self.fits(one.name, one.digests)
        if found := done(one, path, args):
            stated |= {"does": found.kind, **({"runs": list(found.runs)} if found.runs else {})}
        if one.args and args != "any":
            stated["variant"] = self.variants.setdefault((one.name, one.args), len(self.variants) + 1)
        return stated

    def _spec(self, spec: CommandSpec, runas: dict[tuple[int, int], tuple[int, Json]]) -> Json:
        """State a command of a rule; SETENV is said for ALL where nothing says otherwise."""
        tags = {tag.lower(): spec.tags[tag] for tag in ("PASSWD", "SETENV", "EXEC") if tag in spec.tags} | ({"setenv": True} if spec.implied else {})
        stated: dict[str, Json] = {"command": self._member(spec.command), "tags": dict(tags), "options": sorted(self._options(spec))}
        if "CHROOT" in spec.options:
            stated["root"] = spec.options["CHROOT"]
        lists = {kind: one for kind, one in (("users", spec.runas_users), ("groups", spec.runas_groups)) if one is not None}
        if lists:  # a command that takes over those to its left has the same ones
            key = id(spec.runas_users), id(spec.runas_groups)
            if key not in runas:
                runas[key] = len(runas), {kind: self._members(one) for kind, one in lists.items()}
            stated["runas"], _ = runas[key]
        return stated

    def _options(self, spec: CommandSpec) -> set[str]:
        """Return the options of a command, those that say when it counts only where it is not known whether that is now, or will be later."""
        begins, ends = (self.is_past(spec.options[name]) if name in spec.options else None for name in ("NOTBEFORE", "NOTAFTER"))
        named = {*spec.options} - ({"NOTBEFORE"} if begins else set()) - ({"NOTAFTER"} if ends is not None else set())
        return named | ({OVER} if ends else set())


def of_root(folder: str) -> tuple[str, ...]:
    """Return the directories of a root directory from which a command there is run: whoever writes to one of them decides what that is."""
    inner = ("", "/bin", "/sbin", "/usr", "/usr/bin", "/usr/sbin", "/lib", "/lib64", "/usr/lib", "/etc")
    return tuple(f"{folder.rstrip('/')}{one}" for one in inner) if folder.startswith("/") and folder.strip("/") else ()


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


def done(one: Member, path: str, args: str) -> Does | None:
    """Return what a command does with its arguments, where it is a known program and these are not free."""
    if path != "plain" or args == "any" or (args == "regex" and one.args != "^.*$"):
        return None
    text = "*" if args == "regex" else "" if args == "none" else one.args or ""
    return command_arguments.does(one.name, tuple(ESCAPED.sub(_unescaped, text).split()))


def _unescaped(match: re.Match[str]) -> str:
    """Return a character without its backslash; what is no wildcard because of it, as one that stands for a single character."""
    return "?" if match[1] in WILD else match[1]


def setting(one: DefaultsSetting) -> Json:
    """State a setting; its value where that is a name."""
    stated: dict[str, Json] = {"name": one.name, "sign": one.sign}
    if one.name in VALUES and one.value:
        stated["values"] = [word.partition("=")[0] for word in one.value.split()] if one.name in ENVIRONMENT else [one.value]
    return stated
