"""What to do about each line that not every reader takes alike: write it as all read it, or take it out.

A line is rewritten only into a range that gives nothing away and whose owner exists; newuidmap keeps what it reads today. What only others read today
would become newuidmap's too, so that the same holds for it.
"""

from collections.abc import Iterator, Mapping
from functools import partial

from hostcheck.api import Hole, HoleError, Json, View, attempt, worst_hole
from hostcheck_builtin.subids.remedies import Remedies, Told, gives_nothing_away
from hostcheck_builtin.subids.subid_lines import PLAIN, READERS
from hostcheck_builtin.subids.subid_ranges import exact
from hostcheck_builtin.system.fact_members import each_stated

RETURN = "\\r"
"""How a carriage return at the end of a line is shown."""


def repairs(subids: View, kind: str, stated: Mapping[str, Told], remedies: Remedies) -> Json:
    """State for each irregular line of a file what it says, what it should say, and how it can be changed."""
    return each_stated(lambda: subids["files"][f"/etc/{kind}"]["irregular"], partial(_repair, kind=kind, stated=stated, remedies=remedies))


def _repair(line: View, key: str, *, kind: str, stated: Mapping[str, Told], remedies: Remedies) -> Json:
    shown = line["excerpt"]
    ends_in_return = shown.endswith(RETURN)
    text = exact(shown.removesuffix(RETURN))
    told: Told = {"line": line["line"], "carriage_return": ends_in_return, "change_by": remedies.by_text(kind, text)}
    if text:
        told["text"] = text
    becomes = attempt(_becomes, f"{kind}:{key}", stated, line["readings"])
    return {**told, "becomes": becomes} if becomes else told


def _becomes(key: str, stated: Mapping[str, Told], readings: View) -> str:
    """Return the line as everybody reads it, "" where it is to go."""
    for member, names in _taken(key, stated):
        reading = readings[names[0]]
        text = f"{reading['owner']}:{member['first']}:{member.get('size', 0)}"
        if set(names) >= set(READERS[1:]) or names[0] == READERS[0]:
            if _is_others(member):
                return ""
            if hole := _unknown(member):
                raise HoleError(hole)
            clean = gives_nothing_away({**member, "portable": True}) and not member["wraps"] and reading["count"] == member["size"]
            return text if clean and member["exists"] is True and "\\" not in text and PLAIN.fullmatch(text.encode()) else ""
    return ""


def _taken(key: str, stated: Mapping[str, Told]) -> Iterator[tuple[Told, list[str]]]:
    """Yield the ranges that are made of a line, that of newuidmap first, with who reads it so."""
    for name in (key, f"{key} (as go and idtools read it)"):
        if name in stated:
            yield stated[name], list(stated[name]["by"])


def _is_others(member: Told) -> bool:
    """Say whether somebody else surely has some of its ids, whatever is not known beside that."""
    known_of = [member.get(name) for name in ("users", "groups", "overlaps")]
    return member["includes_0"] is True or any(isinstance(value, list) and value for value in known_of)


def _unknown(member: Told) -> Hole | None:
    judged = [member.get(name) for name in ("exists", "moves", "users", "groups", "overlaps")]
    return worst_hole(*judged, *(getattr(value, "hole", None) for value in judged))


def add_repairs(stated: Mapping[str, Told], repaired: Json) -> None:
    """State of each range what its line becomes, where that is not to go."""
    for member in stated.values() if isinstance(repaired, dict) else ():
        line = repaired.get(member["line_key"], {}) if not member["portable"] else {}
        becomes = line if isinstance(line, Hole) else line.get("becomes")
        if becomes is not None:
            member["becomes"] = becomes
