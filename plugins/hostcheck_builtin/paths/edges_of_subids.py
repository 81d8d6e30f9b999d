"""Edges of subordinate ids: whoever may map an id of somebody else acts as that user, or has that group, in a user namespace of their own.

newuidmap(1) and newgidmap(1) write the mapping; files and sockets of the host see the id. Where they are not there, or the kernel lets nobody make a user
namespace, there is no such edge.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from hostcheck.api import Hole, View, attempt, known, opening, worst_hole
from hostcheck_builtin.paths import who
from hostcheck_builtin.paths.graph import OTHERS, ROOT, USER, Change, Edge, Strength

PROGRAMS: Final = {"subuid": "newuidmap", "subgid": "newgidmap"}
OTHERS_IN: Final = {"subuid": "users", "subgid": "groups"}
"""Where a range says whose ids are in it."""
MADE: Final = {"no": None, "yes": Strength.CERTAIN}
"""How sure it is that users can make a user namespace and have capabilities in it, by the fact of the kernel; where a profile decides, it is likely."""


def edges(facts: Mapping[str, Any]) -> Iterator[Edge]:
    """Yield the edges of all ranges."""
    usable = {kind: _usable(facts, program) for kind, program in PROGRAMS.items()}
    if any(sure is not None for sure in usable.values()):
        edge = Edge(kind="maps", origin=OTHERS, to=ROOT, because="map ids of others", technique="T1548")
        yield from who.each(facts, "subid-coverage", "ranges", edge, partial(_range, usable=usable), named=_owner)


def _usable(facts: Mapping[str, Any], program: str) -> Strength | None:
    """Return how sure it is that users can map ids, None where they cannot."""
    found: View | Hole = attempt(lambda: facts["subids"]["programs"])
    works = found if isinstance(found, Hole) else _any_works(found, program)
    if works is False:
        return None
    made = attempt(lambda: facts["kernel"]["userns"]["unprivileged"])
    strength = MADE.get(made, Strength.LIKELY) if not isinstance(made, Hole) else Strength.POTENTIAL
    return strength if strength is None or not isinstance(works, Hole) else Strength.POTENTIAL


def _any_works(programs: View, name: str) -> bool | Hole:
    told = [attempt(_works, programs, path, name) for path in known(programs)]
    if True in told:
        return True
    return worst_hole(*(one for one in told if isinstance(one, Hole)), opening(programs)) or False


def _works(programs: View, path: str, name: str) -> bool:
    one = programs[path]
    if one["name"] != name or one["nosuid"]:
        return False
    return bool((one["setuid"] and one["uid"] == 0) or len(one["capabilities"]["permitted"]))


def _range(one: View, key: str, pointer: str, *, usable: Mapping[str, Strength | None]) -> Iterator[Edge]:
    kind, sure = one["file"], usable[one["file"]]
    owner = one["account"] if "account" in one else ""
    if sure is None or owner in ("", "root") or "shadow" not in one["by"]:
        return
    place = one["place"]
    edge = Edge(kind="maps", origin=f"user:{owner}", to=ROOT, because=f"map more ids ({place})", evidence=(pointer,), strength=sure, technique="T1548")
    change = Change(f"range {key}", f"take the ids of others out of {place}", "range")
    for to, words in _covered(one, kind):
        because = f"{owner} may map {words} by {PROGRAMS[kind]} ({place})"
        # With somebody's uid one has their files and not their groups: those come with that user's next login, through what it reads.
        yield replace(edge, to=to, because=because, changes=(change,), waits="login" if to.startswith(USER) else "nothing")
    told = attempt(one.__getitem__, OTHERS_IN[kind])
    if (hole := told if isinstance(told, Hole) else opening(told)) is not None:
        yield who.unseen(edge, hole, pointer)


def _owner(ranges: View, key: str) -> list[str]:
    """Return the account whose range it is; nobody's, or root's, is a way of nobody."""
    owner = ranges[key]["account"] if "account" in ranges[key] else ""
    return [] if owner in ("", "root") else [owner]


def _covered(one: View, kind: str) -> Iterator[tuple[str, str]]:
    """Yield whom the ids are, as a node and in words."""
    if attempt(one.__getitem__, "includes_0") is True:
        yield (ROOT, "uid 0") if kind == "subuid" else ("group:root", "gid 0")
    told = attempt(one.__getitem__, OTHERS_IN[kind])
    for other in () if isinstance(told, Hole) else known(told):
        yield (f"user:{other}", f"the uid of {other}") if kind == "subuid" else (f"group:{other}", f"the gid of group {other}")
