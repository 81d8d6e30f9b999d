"""Whom a list of users in the rules of sudo means, of those who are known, as whom its command may be run, and whether it is about this host.

sudo asks for the groups that its own process has, so that a session which kept a group counts (user_in_group() in plugins/sudoers/pwutil.c of sudo).
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

from hostcheck.api import Hole, View, Why, attempt, known, opening, pattern, worst_hole
from hostcheck_builtin.accounts.people import People, Person
from hostcheck_builtin.privileged_programs.rules_policy import Leaf, Leaves

NUMBER: Final = pattern(r"#([0-9]{1,10})", re.ASCII)
ANSWERED: Final = ("group password",)
"""Ways to a group for which more than the user's own password is needed (newgrp(1))."""
ROOT: Final = 0
SELF: Final = -1
"""Stands for whoever runs the command: a rule with a group alone runs it as themselves."""


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
    """Who has which group, by gid, worked out once each; and persons whom no user database has. `netgroups` says whether there may be any."""

    people: People
    netgroups: bool = True
    found: dict[int, tuple[dict[str, bool], Hole | None]] = field(default_factory=dict)
    strangers: dict[str, Person] = field(default_factory=dict)

    def of(self, gid: int) -> tuple[dict[str, bool], Hole | None]:
        """Return who has a group, each with whether that is certain, and the hole where there may be others."""
        if gid in self.found:
            return self.found[gid]
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
        self.found[gid] = members, hole
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

    def whom(self, leaf: Leaf) -> tuple[dict[str, bool], Hole | None, str]:
        """Return the keys of whom a member of a list means, each with whether that is certain, the hole where it may mean others, and the group."""
        if leaf.kind == "user":
            match, people = NUMBER.fullmatch(leaf.name), self.people
            keys = people.by_uid.get(int(match[1]), []) if match else people.by_name.get(leaf.name, [])
            known = bool(keys) or (int(match[1]) == 0 if match else leaf.name in people.roots)
            return dict.fromkeys(keys, True), None if known else people.unknown.users, ""
        if leaf.kind == "group" and not leaf.name.startswith("%:"):
            name = leaf.name.removeprefix("%")
            gids, _ = self.gids(name)
            return *self.in_group(name), self.people.label(gids[0]) if gids else ""
        if leaf.kind == "netgroup" and not self.netgroups:
            return {}, None, ""
        kind = "a netgroup" if leaf.kind == "netgroup" else "a group of another directory service"
        return {}, Hole(why=Why.LIMIT, message=f"the rules of sudo name {kind}, and hostcheck does not look up who is in it"), ""


def meant(members: Members, leaves: Leaves) -> Meant:
    """Return whom a list means; of its members the last that matches counts (userlist_matches() in plugins/sudoers/match.c of sudo)."""
    found = Meant()
    for leaf in leaves:
        if leaf.kind == "all":
            found = Meant(Match(not leaf.negated), {}, found.hole if leaf.negated else None)
            continue
        keys, hole, group = members.whom(leaf)
        for key, certain in keys.items():
            found.persons[key] = Match(not leaf.negated, group, certain) if certain or not leaf.negated else Match(None)
        found.hole = worst_hole(found.hole, hole)
        if hole and leaf.negated:  # anybody who is meant so far may be taken out
            found.persons = {key: match if key in keys or not match.meant else Match(None) for key, match in found.persons.items()}
            found.everybody = Match(None) if found.everybody.meant else found.everybody
    return found


def seeing(people: People, programs: Iterable[View | Hole]) -> People:
    """Return the same people with those sessions alone that see one of these programs, or may: in a container a session may see none."""
    places: list[str | Hole | None] = []
    for found in programs:
        places += [found] if isinstance(found, Hole) else [opening(found), *(attempt(_realpath, found, path) for path in known(found))]
    hole, paths = worst_hole(*places), [place for place in places if isinstance(place, str)]
    seen = ((one, one.host_paths is None or any(map(one.sees, paths))) for one in people.sessions)
    sessions = [one if sees else replace(one, reaches=hole or one.reaches) for one, sees in seen if sees or hole]
    kept, reach = worst_hole(*(one.unsure for one in sessions)), worst_hole(*(one.reaches for one in sessions))
    return replace(people, sessions=sessions, unknown=replace(people.unknown, kept=kept, reach=reach), ranged=None, by_gid=defaultdict(list))


def _realpath(programs: View, path: str) -> str:
    return str(programs[path]["realpath"])


@dataclass(slots=True)
class Targets:
    """As which users a command may be run, by number, whether as any other too, and the hole where there may be others."""

    uids: dict[int, bool] = field(default_factory=dict)
    any: bool = False
    hole: Hole | None = None

    def has(self, uid: int) -> bool:
        """Say whether a command may be run as a user."""
        return self.uids.get(uid, self.any and uid != SELF)


def targets(members: Members, leaves: Leaves) -> Targets:
    """Return as whom a list lets a command be run; of its members the last that matches counts."""
    found = Targets()
    for leaf in leaves:
        if leaf.kind == "all":
            found = Targets(any=not leaf.negated, hole=found.hole)
        elif leaf.kind == "myself":
            found.uids[SELF] = not leaf.negated
        elif leaf.kind == "user" and (leaf.name in ("root", "#0") or leaf.name in members.people.roots):
            found.uids[ROOT] = not leaf.negated
        else:
            keys, hole, _ = members.whom(leaf)
            found.uids |= {members.person(key).uid: not leaf.negated for key in keys}
            found.hole = worst_hole(found.hole, hole)
    return found


def groups(leaves: Leaves | None) -> list[str]:
    """Return the groups with which a command may be run, "ALL" for any."""
    found: dict[str, bool] = {}
    for leaf in leaves or ():
        if leaf.kind == "all":
            found = {"ALL": True} if not leaf.negated else {}
        else:
            found[leaf.name] = not leaf.negated
    return [name for name, given in found.items() if given]


def here(leaves: Leaves, hostname: str | Hole, *, netgroups: bool = True) -> bool | Hole:
    """Say whether a list of hosts means this one; a hole where that needs more than its name (addresses, a name with its domain, netgroups)."""
    for leaf in reversed(leaves):
        match = False if leaf.kind == "netgroup" and not netgroups else _is_here(leaf, hostname)
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
