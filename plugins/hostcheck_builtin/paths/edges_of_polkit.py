"""Edges of polkit: whoever is granted an action by which one becomes root.

What a package lets users run for its own purposes is meant, as a setuid program is; a rule of this host's own that names such a program is told as likely.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from hostcheck.api import View, known
from hostcheck_builtin.paths import who
from hostcheck_builtin.paths.edges_of_programs import NEEDS
from hostcheck_builtin.paths.graph import EVERYONE, OTHERS, ROOT, Change, Edge, Strength
from hostcheck_builtin.polkit.rules_places import is_own

POLKIT: Final = Edge(kind="authorizes", origin=OTHERS, to=ROOT, because="have polkit let them act as root", technique="T1548")


def edges(facts: Mapping[str, Any]) -> Iterator[Edge]:
    """Yield the edges."""
    yield from who.each(facts, "polkit-access", "grants", POLKIT, _grant, named=_granted)


def _grant(one: View, key: str, pointer: str) -> Iterator[Edge]:
    place, by, limited, session = one["place"], one["by"], one["gives"] == "limited", one["session"]
    if one["gives"] == "unknown" or (limited and not (by == "rule" and is_own(place))):
        return
    name = EVERYONE if one["everyone"] else f"user:{one['name']}"
    yield Edge(
        kind=POLKIT.kind,
        origin=name,
        to=ROOT,
        because=f"polkit lets {one['name']} {one['does']}{session and f', from {session}'} ({place})",
        evidence=(pointer,),
        strength=Strength.CERTAIN if one["certain"] and not limited else Strength.LIKELY,
        needs=NEEDS[one["needs"]],
        waits=one["waits"],
        technique=POLKIT.technique,
        changes=(_closes(place, by, next(iter(known(one["actions"])), "the action")),),
    )


def _granted(grants: View, key: str) -> list[str] | None:
    return None if grants[key]["everyone"] else [grants[key]["name"]]


def _closes(place: str, by: str, action: str) -> Change:
    """Return the change that takes a grant away; what a package ships is overruled by a rule that comes earlier."""
    if by == "default":
        return Change(f"polkit {action}", f"let a rule in /etc/polkit-1/rules.d answer {action} with polkit.Result.AUTH_ADMIN", "polkit")
    what = f"take the administrators at {place} out" if by == "administrator" else f"take the rule at {place} out, or let it ask for a password"
    return Change(f"polkit {place}", what, "polkit")
