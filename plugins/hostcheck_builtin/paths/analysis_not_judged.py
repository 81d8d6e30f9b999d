"""What was seen on this host, may lead to root, and is not judged, since it is not known what it does: one list of all of it.

What is known to be harmless, and what a rule or a path tells of, is not in it. What a user lays takes no room from what is root's, nor from other users'.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from hostcheck.api import Hole, Json, Why, incomplete, worst_hole
from hostcheck_builtin.paths import unjudged_programs, unjudged_rights
from hostcheck_builtin.paths.unjudged import Unjudged
from hostcheck_builtin.system.bounds import NOT_JUDGED as MOST
from hostcheck_builtin.system.bounds import NOT_JUDGED_OF_A_USER as EACH


def derive(facts: Mapping[str, Any], values: Mapping[str, Json]) -> Json:
    """State each by its key; incomplete where there may be others, or where there are too many."""
    if facts["host"]["scan"]["init_userns"] is False:
        return Hole(why=Why.DENIED, message="the scanner is in a user namespace, where ids are not the host's")
    entries: dict[str, Unjudged] = {}
    holes: list[Hole] = []
    for source in (unjudged_programs, unjudged_rights):
        for one in source.found(facts):
            if isinstance(one, Hole):
                holes.append(one)
            else:
                entries.setdefault(one.key, one)
    kept, left = _cut(list(entries.values()))
    return {"programs": incomplete({one.key: one.facts for one in kept}, worst_hole(*holes, left))}


def _cut(entries: list[Unjudged]) -> tuple[list[Unjudged], Hole | None]:
    """Return as many as are stated, root's first and then of each user as many as of others, with the hole that the rest leaves."""
    counted: Counter[int] = Counter()
    ranked: list[tuple[int, int, Unjudged]] = []
    for one in sorted(entries, key=lambda one: one.key):
        counted[one.owner] += one.owner != 0
        ranked.append((counted[one.owner], one.owner, one))
    ranked.sort(key=lambda one: one[:2])
    room = [one for rank, _, one in ranked if rank <= EACH]
    left = [one for rank, _, one in ranked if rank > EACH] + room[MOST:]
    more = Hole(why=Why.LIMIT, message=f"{len(left)} more that are not judged")
    return room[:MOST], worst_hole(*(more.of(owner) for owner in sorted({one.owner for one in left})))
