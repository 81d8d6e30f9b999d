"""Who can change the programs that rules of sudo and doas name, of people who are gathered already: there may be very many."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hostcheck.api import Hole, Json, View, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.accounts.people import People
from hostcheck_builtin.files import changing
from hostcheck_builtin.files.changing import Judge
from hostcheck_builtin.sockets import private_directories, setgid_ways


def changeable(people: People, facts: Mapping[str, Any], *parts: View | Hole | None) -> list[Json]:
    """State of each of these programs, part for part, who can change it, where somebody but root can; None stands for a part that does not count."""
    if not any(isinstance(part, View) and known(part) for part in parts):
        return [part if isinstance(part, Hole) else {} if part is None else incomplete({}, opening(part)) for part in parts]
    judge = _judge(people, facts)
    return [_part(judge, part) for part in parts]


def _part(judge: Judge, entries: View | Hole | None) -> Json:
    if entries is None or isinstance(entries, Hole):
        return {} if entries is None else entries
    found = {path: attempt(_one, judge, entries, path) for path in known(entries)}
    return incomplete({path: one for path, one in found.items() if one is not None}, opening(entries))


def _judge(people: People, facts: Mapping[str, Any]) -> Judge:
    """Return who judges as for other files: with the groups that setgid programs give, and without capabilities."""
    setgid_ways.take(people, facts)
    people.sessions = [replace(one, ids=replace(one.ids, override=False, search=False, powers=())) for one in people.sessions]
    return Judge(people=people, private=private_directories.of(facts))


def _one(judge: Judge, entries: View, path: str) -> Json:
    """State who can change a program, or what a pattern stands for; None where nobody can, a hole where that is not known."""
    entry = entries[path]
    changed = changing.changes(judge, entry, ())
    members = changing.members(judge, entry, ()) if "members" in entry else {}
    if not changed["everyone"] and not known(changed["users"]) and not len(members):
        hole: Json = worst_hole(getattr(changed["users"], "hole", None), getattr(members, "hole", None))
        return hole
    return {"changed_by": changed, **({"members": members} if "members" in entry else {})}
