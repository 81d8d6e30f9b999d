"""Whom a list of users in the rules of sudo means, of those who are known: by name, by number, by groups of files, name service and living sessions.

sudo asks for the groups that its own process has, so that a session which kept a group counts (user_in_group() in plugins/sudoers/pwutil.c of sudo).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

from hostcheck.api import Hole, Why, pattern, worst_hole
from hostcheck_builtin.accounts.people import People, Person
from hostcheck_builtin.privileged_programs.sudo_policy import Leaf, Leaves

NUMBER: Final = pattern(r"#([0-9]{1,10})", re.ASCII)
ANSWERED: Final = ("group password",)
"""Ways to a group for which more than the user's own password is needed (newgrp(1))."""


class Match(NamedTuple):
    """Whether somebody is meant, None where that is not known, by which group, and whether it is certain that its way gives that."""

    meant: bool | None
    group: str = ""
    certain: bool = True


NOBODY: Final = Match(meant=False)


@dataclass(slots=True)
class Meant:
    """Whom a list means: everybody, or nobody, but for those persons of whom something else is said; `hole` where there may be others."""

    everybody: Match = NOBODY
    persons: dict[str, Match] = field(default_factory=dict)
    hole: Hole | None = None

    def of(self, key: str) -> Match:
        """Return whether a person is meant."""
        return self.persons.get(key, self.everybody)


@dataclass(slots=True)
class Members:
    """Who has which group, by gid, worked out once each; and persons whom no user database has."""

    people: People
    found: dict[int, tuple[dict[str, bool], Hole | None]] = field(default_factory=dict)
    strangers: dict[str, Person] = field(default_factory=dict)

    def of(self, gid: int) -> tuple[dict[str, bool], Hole | None]:
        """Return who has a group, each with whether that is certain, and the hole where there may be others."""
        if gid not in self.found:
            self.found[gid] = self._of(gid)
        return self.found[gid]

    def _of(self, gid: int) -> tuple[dict[str, bool], Hole | None]:
        people = self.people
        people.spread([gid])
        members = {key: any(way not in ANSWERED for way in ways) for key, ways in people.ways.get(gid, {}).items()}
        hole = worst_hole(people.unknown.users, people.unknown.missing([gid]), people.unknown.sessions, people.unknown.kept)
        for session in people.holding(gid):
            if isinstance(session.reaches, Hole):
                hole = worst_hole(hole, session.reaches)
                continue
            for person in people.named(session.ids.uid):
                members[person.key] = True
                if person.key not in people.persons:
                    self.strangers[person.key] = person
        return members, hole

    def person(self, key: str) -> Person:
        """Return a person by key."""
        return self.people.persons[key] if key in self.people.persons else self.strangers[key]

    def gids(self, name: str) -> tuple[list[int], Hole | None]:
        """Return the gids of a group by its name or ``#number``, and the hole where there may be such a group nevertheless."""
        match = NUMBER.fullmatch(name)
        if match:
            return [int(match[1])], None
        found = [gid for named, gid in self.people.group_names.values() if named == name]
        return found, None if found else self.people.unknown.names

    def in_group(self, name: str) -> tuple[dict[str, bool], Hole | None]:
        """Return who is in the groups with a name or ``#number``, each with whether that is certain, and the hole where there may be others."""
        gids, hole = self.gids(name)
        having = [self.of(gid) for gid in gids]
        keys: dict[str, bool] = {}
        for found, _ in having:
            keys |= {key: certain or keys.get(key, False) for key, certain in found.items()}
        return keys, worst_hole(hole, *(unknown for _, unknown in having))

    def users(self, name: str) -> tuple[list[str], Hole | None]:
        """Return the keys of the users with a name or ``#number``, and the hole where there may be such a user nevertheless."""
        match = NUMBER.fullmatch(name)
        keys = self.people.by_uid.get(int(match[1]), []) if match else self.people.by_name.get(name, [])
        known = bool(keys) or (int(match[1]) == 0 if match else name in self.people.roots)
        return list(keys), None if known else self.people.unknown.users


def meant(members: Members, leaves: Leaves) -> Meant:
    """Return whom a list means; of its members the last that matches counts (userlist_matches() in plugins/sudoers/match.c of sudo)."""
    found = Meant()
    for leaf in leaves:
        if leaf.kind == "all":
            found = Meant(Match(not leaf.negated), {}, found.hole if leaf.negated else None)
        elif leaf.kind == "user":
            keys, hole = members.users(leaf.name)
            _name(found, dict.fromkeys(keys, True), leaf, hole)
        elif leaf.kind == "group" and not leaf.name.startswith("%:"):
            _group(members, found, leaf)
        else:
            kind = "a netgroup" if leaf.kind == "netgroup" else "a group of another directory service"
            _name(found, {}, leaf, Hole(why=Why.LIMIT, message=f"the rules of sudo name {kind}, and hostcheck does not look up who is in it"))
    return found


def _group(members: Members, found: Meant, leaf: Leaf) -> None:
    name = leaf.name.removeprefix("%")
    keys, hole = members.in_group(name)
    gids, _ = members.gids(name)
    _name(found, keys, leaf, hole, members.people.label(gids[0]) if gids else "")


def _name(found: Meant, keys: dict[str, bool], leaf: Leaf, hole: Hole | None, group: str = "") -> None:
    """Take what a member says of those whom it means; others may be meant too where there is a hole."""
    for key, certain in keys.items():
        found.persons[key] = Match(not leaf.negated, group, certain) if certain or not leaf.negated else Match(None)
    if hole is None:
        return
    found.hole = worst_hole(found.hole, hole)
    if leaf.negated:  # anybody who is meant so far may be taken out
        found.persons = {key: match if key in keys or not match.meant else Match(None) for key, match in found.persons.items()}
        found.everybody = Match(None) if found.everybody.meant else found.everybody


def here(leaves: Leaves, hostname: str | Hole) -> bool | Hole:
    """Say whether a list of hosts means this one; a hole where that needs more than its name (addresses, netgroups, a name with its domain)."""
    for leaf in reversed(leaves):
        match = _is_here(leaf, hostname)
        if isinstance(match, Hole):
            return match
        if match:
            return not leaf.negated
    return False


def _is_here(leaf: Leaf, hostname: str | Hole) -> bool | Hole:
    if leaf.kind == "all":
        return True
    if leaf.kind != "host":
        what = "an address" if leaf.kind == "address" else "a netgroup"
        return Hole(why=Why.LIMIT, message=f"the rules of sudo name hosts by {what}, and hostcheck does not look up whether this host is one")
    if isinstance(hostname, Hole):
        return hostname
    name, own = leaf.name.lower(), hostname.lower()
    if "." not in name:
        return fnmatchcase(own.partition(".")[0], name)
    if fnmatchcase(own, name):
        return True
    if "." in own or not fnmatchcase(own, name.partition(".")[0]):
        return False
    return Hole(why=Why.LIMIT, message="the rules of sudo name a host with its domain, and hostcheck does not look up the domain of this host")


def holes(found: Iterable[Meant]) -> Hole | None:
    """Return the worst hole of several lists."""
    return worst_hole(*(one.hole for one in found))
