"""Who can change the programs that rules of sudo name, of people who are gathered already: there may be very many."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hostcheck.api import Hole, Json, View, attempt, incomplete, known, opening
from hostcheck_builtin.accounts.people import People
from hostcheck_builtin.files import changing
from hostcheck_builtin.files.changing import Judge
from hostcheck_builtin.sockets import private_directories, setgid_ways


def changeable(people: People, facts: Mapping[str, Any], entries: View | Hole) -> Json:
    """State of each of these programs who can change it, where somebody but root can."""
    if isinstance(entries, Hole) or (not known(entries) and opening(entries) is None):
        return entries if isinstance(entries, Hole) else {}
    judge = _judge(people, facts)
    found = {path: attempt(_one, judge, entries, path) for path in known(entries)}
    return incomplete({path: one for path, one in found.items() if one is not None}, opening(entries))


def _judge(people: People, facts: Mapping[str, Any]) -> Judge:
    """Return who judges as for other files: with the groups that setgid programs give, and without capabilities."""
    setgid_ways.take(people, facts)
    people.sessions = [replace(one, ids=replace(one.ids, override=False, search=False, powers=())) for one in people.sessions]
    return Judge(people=people, private=private_directories.of(facts))


def _one(judge: Judge, entries: View, path: str) -> Json:
    """State who can change a program; None where nobody can, a hole where that is not known."""
    changed = changing.changes(judge, entries[path], ())
    if not changed["everyone"] and not known(changed["users"]):
        return getattr(changed["users"], "hole", None)
    return {"changed_by": changed}
