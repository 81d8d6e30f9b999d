"""Lines of sudo, doas and polkit by which somebody runs what is not known, as root or as a user with a way to root.

A line that gives more is a step of a path, and one that is known to be harmless is nothing. What packages let users do by polkit is meant, and a rule of this
host's own by which somebody runs a program is a likely path; left are programs that files of this host's own register, and actions that are not known, where
such a file or rule grants them.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from hostcheck.api import Hole, Json, View, known, opening
from hostcheck_builtin.paths import unjudged
from hostcheck_builtin.paths.unjudged import EVERYBODY, Found, Unjudged
from hostcheck_builtin.polkit.rules_places import is_own


def found(facts: Mapping[str, Any]) -> Found:
    """Yield them, each once for all whom it lets."""
    yield from unjudged.together(unjudged.each(unjudged.part(facts, "sudo-rights", "grants"), partial(_grant, facts)))
    yield from unjudged.together(unjudged.each(unjudged.part(facts, "polkit-access", "grants"), _polkit))


def _grant(facts: Mapping[str, Any], grants: View, key: str) -> Iterable[Unjudged]:
    one: View = grants[key]
    if "unknown" not in one or (whom := _whom(facts, one)) is None:
        return
    tool, why, place = one["tool"], one["unknown"], one["place"]
    what = ", ".join(one["runs"]) if why == "by-file" and "runs" in one else one["command"]
    told = {"kind": tool, "what": what, "as_whom": whom, "place": place, "why": why, "owner_uid": 0}
    yield Unjudged(f"{tool} {place} {why}: {what} as {whom}", 0, told, (EVERYBODY if one["everyone"] else one["name"],))


def _whom(facts: Mapping[str, Any], one: View) -> str | None:
    """Return as whom a command runs; None as a user who has no way to root. Which group has one is not asked: such lines are few."""
    name: str = one["as_name"]
    if "as_uid" in one and one["as_uid"] == 0:
        return "root"
    if one["as_group"]:
        return f"{name} with group {one['as_group']}"
    return name if unjudged.has_way(facts, name) else None


def _polkit(grants: View, key: str) -> Iterable[Unjudged | Hole]:
    one: View = grants[key]
    if not (one["gives"] == "unknown" or (one["gives"] == "limited" and one["by"] == "default")) or not is_own(place := one["place"]):
        return
    whom = EVERYBODY if one["everyone"] else one["name"]
    if program := one["program"]:
        yield _of_polkit(place, program, whom, as_whom="root", why="program")
        return
    yield from (_of_polkit(place, action, whom, why="action") for action in known(one["actions"]))
    if hole := opening(one["actions"]):
        yield hole


def _of_polkit(place: str, what: str, whom: str, **more: Json) -> Unjudged:
    return Unjudged(f"polkit {place}: {what}", 0, {"kind": "polkit", "what": what, "place": place, "owner_uid": 0, **more}, (whom,))
