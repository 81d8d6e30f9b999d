"""What sudoers files say, entry by entry: aliases, rules and Defaults, as plugins/sudoers/gram.y of sudo 1.9.16 keeps them.

A member of a list has a kind, a name and whether ``!`` stands before it. Of the arguments of a command the text is kept here, and leaves this package as a
kind only: it may hold a password.
"""

from dataclasses import dataclass, field
from typing import NamedTuple


class Member(NamedTuple):
    """One member of a list of users, groups, hosts or commands; of a command with its arguments, None where it has none.

    It must have one of its `digests`, if there are any: a digest is ``ALGORITHM:TEXT``, in hex or base64 (sudoers(5), Digest_Spec).
    """

    kind: str
    name: str = ""
    negated: bool = False
    args: str | None = None
    digests: tuple[str, ...] = ()


Members = tuple[Member, ...]


class EntryPlace(NamedTuple):
    """Where an entry stands."""

    path: str
    line: int


class Alias(NamedTuple):
    """A name for a list: of users, runas, hosts or commands."""

    of: str
    name: str
    members: Members
    place: EntryPlace


class DefaultsSetting(NamedTuple):
    """One setting of a Defaults entry: ``=``, ``+=``, ``-=``, with "" for what is only named, and ``!`` before it for what is turned off."""

    name: str
    sign: str
    value: str


class DefaultsEntry(NamedTuple):
    """A Defaults entry: to whom it applies (user, runas, host, command, "" for all), and what it sets."""

    scope: str
    members: Members
    settings: tuple[DefaultsSetting, ...]
    place: EntryPlace


@dataclass(slots=True)
class CommandSpec:
    """One command of a rule, with what was said before it or before a command to its left; None where nothing was.

    Without `runas_users` and `runas_groups` it is run as what runas_default says. `implied` says that ALL stands for SETENV too.
    """

    command: Member
    runas_users: Members | None = None
    runas_groups: Members | None = None
    tags: dict[str, bool] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)
    implied: bool = False

    def follow(self, before: "CommandSpec") -> None:
        """Take over what a command to the left has and this one does not say; from 1.9.17 on, ALL takes over NOSETENV too."""
        for tag, value in before.tags.items():
            if not (self.implied and tag == "SETENV"):
                self.tags.setdefault(tag, value)
        pairs = {"ROLE": "TYPE", "TYPE": "ROLE", "PRIVS": "LIMITPRIVS", "LIMITPRIVS": "PRIVS"}
        taken = {name: value for name, value in before.options.items() if name not in self.options and pairs.get(name) not in self.options}
        self.options |= taken
        if self.runas_users is None and self.runas_groups is None:
            self.runas_users, self.runas_groups = before.runas_users, before.runas_groups


class SudoRule(NamedTuple):
    """Who may run what on which hosts: the part of an entry between two colons."""

    users: Members
    hosts: Members
    commands: tuple[CommandSpec, ...]
    place: EntryPlace


Entry = Alias | DefaultsEntry | SudoRule
