"""Whether a condition of polkit's holds for somebody: who is in which group polkit asks the user database, and no living process (getgrouplist(3))."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from hostcheck.api import Hole, Json, Why, worst_hole
from hostcheck_builtin.accounts.people import JOINED, People
from hostcheck_builtin.privileged_programs.rules_people import NUMBER


class AskingSession(NamedTuple):
    """Where somebody asks from: at the console, and in the session that is in front."""

    local: bool
    active: bool


ANYWHERE: Final = AskingSession(local=False, active=False)
SESSIONS: Final = {
    "": ANYWHERE,
    "a session": AskingSession(local=False, active=True),
    "a session in the background of the console": AskingSession(local=True, active=False),
    "a session at the console": AskingSession(local=True, active=True),
}
"""A session takes a login; whoever runs anything at all has the first (sd_session_is_active(3) is true of a login over the network)."""
Held = bool | Hole | None
"""Whether something holds; None where that depends on what is not worked out."""
NETGROUP: Final = Hole(why=Why.LIMIT, message="who is in a netgroup that rules of polkit name is not asked for")


def every(held: Iterable[Held]) -> Held:
    """Return whether all hold."""
    return _worst(held, False)


def some(held: Iterable[Held]) -> Held:
    """Return whether one holds."""
    return _worst(held, True)


def _worst(held: Iterable[Held], decides: bool) -> Held:
    found = list(held)
    if any(one is decides for one in found):
        return decides
    return worst_hole(*(one for one in found if isinstance(one, Hole))) or (None if None in found else not decides)


@dataclass(slots=True)
class Askers:
    """Who may ask: by key, "" for a user of whom nothing in particular is known."""

    people: People
    groups: dict[str, tuple[frozenset[str], Hole | None]] = field(default_factory=dict)

    def holds(self, terms: Json, who: str, session: AskingSession, program: str) -> Held:
        """Say whether one of the terms holds for somebody who asks from a session, for a program."""
        return some(every(self._one(one, who, session, program) for one in term) for term in terms)

    def _one(self, one: str, who: str, session: AskingSession, program: str) -> Held:
        if one.startswith("!"):
            held = self._one(one[1:], who, session, program)
            return not held if isinstance(held, bool) else held
        kind, _, name = one.partition(":")
        if kind in ("local", "active"):
            return session.local if kind == "local" else session.active
        return name == program if kind == "program" else self.is_one(kind, name, who)

    def is_one(self, kind: str, name: str, who: str) -> Held:
        """Say whether somebody is a user, or in a group, of this name or number."""
        if kind == "user":
            return who in self.named(kind, name)
        if kind == "group":
            members, hole = self.members(name)
            return who in members or (hole if hole and who else False)
        return (NETGROUP if who else False) if kind == "netgroup" else None

    def named(self, kind: str, name: str) -> Iterable[str]:
        """Return who is known to be a user, or in a group, of this name or number."""
        if kind != "user":
            return self.members(name)[0] if kind == "group" else ()
        return (*self.people.by_name.get(name, ()), *self.people.by_uid.get(int(name) if name.isdecimal() and len(name) < 11 else -1, ()))

    def members(self, name: str) -> tuple[frozenset[str], Hole | None]:
        """Return who is in a group, and the hole where others may be."""
        if name not in self.groups:
            match, people = NUMBER.fullmatch(f"#{name}"), self.people
            gids = [gid for named, gid in people.group_names.values() if named == name] or ([int(match[1])] if match else [])
            hole = people.unknown.missing(gids) if gids else people.unknown.names
            having = [key for gid in gids for key, ways in people.ways.get(gid, {}).items() if any(way in JOINED for way in ways)]
            self.groups[name] = frozenset(having), hole
        return self.groups[name]
