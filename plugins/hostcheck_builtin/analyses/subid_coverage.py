"""Which ids each range of /etc/subuid and /etc/subgid gives away: root's, other users', groups', or those of another range.

Where a file has very many ranges, those with nothing to tell are told together, so that a report stays readable; as soon as anything is not known,
which ones those are is not known either.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from hostcheck.api import Hole, Json, View, Why, attempt, incomplete
from hostcheck_builtin.joins.overlaps import Overlap, Span, overlaps
from hostcheck_builtin.joins.rolls import Roll, numeric, roll
from hostcheck_builtin.joins.subid_ranges import Range, Ranges, ranges

FILES: Final = {"subuid": "/etc/subuid", "subgid": "/etc/subgid"}
MANY: Final = 1000
"""Ranges of a file, or holders, up to which each is told by itself."""
USERS: Final = 20
GROUPS: Final = 100
"""Names told of one range; the groups, lowest gid first, are judged by name, and the rest of a longer list counts as not known."""

Told = dict[str, Json]


@dataclass(slots=True, kw_only=True)
class File:
    """One file: its ranges, what each overlaps, of how much of that it is certain whose it is, and what stands in the way of knowing all."""

    kind: str
    ranges: list[Range]
    unknown: Hole | None
    overlaps: list[Overlap]
    certain: dict[str, tuple[Overlap, list[str]]]
    by_name: dict[str, list[Range]] = field(default_factory=lambda: defaultdict(list))
    by_number: dict[int, list[Range]] = field(default_factory=lambda: defaultdict(list))
    unresolved: bool = False


def derive(facts: Mapping[str, Any], values: Mapping[str, Json]) -> Json:
    """State each range with what it gives away, and each owner with how many ids it has in all."""
    users, groups = roll(facts, "users", "uid"), roll(facts, "groups", "gid")
    subids: View = facts["subids"]
    elsewhere = _elsewhere(subids)
    files = {kind: _file(attempt(_ranges, subids, kind), kind, elsewhere, users) for kind in FILES}
    told = [_members(file, users, groups) for file in files.values()]
    holes = [hole for _, hole in told if hole]
    return {
        "ranges": _opened({key: member for members, _ in told for key, member in members.items()}, holes[0] if holes else None),
        "holders": _holders(files, users),
    }


def _opened(members: Json, hole: Hole | None) -> Json:
    return incomplete(members, hole) if hole else members


def _elsewhere(subids: View) -> Hole | None:
    """Return the hole that another source leaves: shadow then asks it and not the files, and it lists nothing (nss_init() in lib/nss.c of shadow)."""
    files = attempt(lambda: subids["source"]["files"])
    if isinstance(files, Hole):
        return files
    if files:
        return None
    name = attempt(lambda: subids["source"]["configured"])
    return Hole(why=Why.LIMIT, message=f"shadow asks {name if isinstance(name, str) else 'another source'} for subordinate ids, which lists none")


def _ranges(subids: View, kind: str) -> Ranges:
    return ranges(subids["files"][FILES[kind]], kind)


def _file(found: Ranges | Hole, kind: str, elsewhere: Hole | None, users: Roll) -> File:
    if isinstance(found, Hole):
        found = Ranges(found=[], unknown=found)
    numbers = {owner: users.number_of(owner) for owner in {one.owner for one in found.found}}
    spans = [_span(one, numbers[one.owner]) for one in found.found]
    sure = [place for place, one in enumerate(found.found) if not isinstance(numbers[one.owner], Hole)]
    everything = overlaps(spans)
    known = everything if len(sure) == len(spans) else overlaps([spans[place] for place in sure])
    certain = {
        found.found[place].key: (overlap, [found.found[sure[example]].key for example in overlap.examples]) for place, overlap in zip(sure, known, strict=True)
    }
    file = File(kind=kind, ranges=found.found, unknown=found.unknown or elsewhere, overlaps=everything, certain=certain)
    _index(file)
    file.unresolved = any(isinstance(numbers[owner], Hole) for owner in file.by_name)
    return file


def _index(file: File) -> None:
    """Sort what newuidmap and newgidmap let through by whose it is."""
    for one in file.ranges:
        number = numeric(one.owner)
        if "shadow" in one.by and number is None:
            file.by_name[one.owner].append(one)
        elif "shadow" in one.by and number is not None:
            file.by_number[number].append(one)


def _span(one: Range, number: int | None | Hole) -> Span:
    """Return a range as a span of its owner's: the same one under a name and under its number."""
    return Span(first=one.first, last=one.last, who=number if isinstance(number, int) else one.owner)


def _members(file: File, users: Roll, groups: Roll) -> tuple[Told, Hole | None]:
    """Return the ranges of a file with what they give away, and the hole where there may be others."""
    told = {one.key: _range(one, file, overlap, users, groups) for one, overlap in zip(file.ranges, file.overlaps, strict=True)}
    if len(told) <= MANY:
        return told, file.unknown
    plain = [key for key, member in told.items() if not _is_notable(member)]
    notable = {key: member for key, member in told.items() if _is_notable(member)}
    unknown = file.unknown or users.unknown or (groups.unknown if file.kind == "subgid" else None)
    if unknown is None and plain:
        notable[f"{file.kind}: all others"] = {**_nothing(file.kind), "stands_for": len(plain)}
    return notable, unknown


def _is_notable(member: Told) -> bool:
    """Say whether anything is known of a range that a reader would want to know."""
    lists = (member["overlaps"], member.get("users"), member.get("groups"))
    repeats = isinstance(member["repeats"], int) and member["repeats"] > 0
    return repeats or member["includes_0"] or member["wraps"] or not member["portable"] or any(isinstance(told, list) and told for told in lists)


def _nothing(kind: str) -> Told:
    """Return what is told of ranges that give nothing away."""
    told: Told = {"file": kind, "stands_for": 1, "by": ["shadow", "go", "idtools"], "portable": True, "wraps": False, "includes_0": False}
    return {**told, "overlaps": [], "overlap_count": 0, "repeats": 0, "users" if kind == "subuid" else "groups": []}


def _range(one: Range, file: File, overlap: Overlap, users: Roll, groups: Roll) -> Told:
    number = users.number_of(one.owner)
    told: Told = {
        "file": one.kind,
        "stands_for": 1,
        "line": one.line,
        "owner": one.owner,
        "exists": _exists(one.owner, number, users),
        "first": one.first,
        "last": one.last,
        "size": one.last - one.first + 1,
        "by": list(one.by),
        "portable": one.portable,
        "wraps": one.wraps,
        "includes_0": one.first == 0,
        **_overlapping(one, file, overlap, users),
    }
    if number is not None:
        told["owner_uid"] = number
    if one.kind == "subgid":
        return {**told, "groups": _names(groups, one.first, one.last, GROUPS)}
    if isinstance(number, Hole):
        return {**told, "includes_own_uid": number, "users": number}
    own = number is not None and one.first <= number <= one.last
    return {**told, "includes_own_uid": own, "users": _names(users, max(one.first, 1), one.last, USERS, without=number)}


def _exists(owner: str, number: int | None | Hole, users: Roll) -> bool | Hole:
    if isinstance(number, int):
        return users.has(number) if numeric(owner) is not None else True
    return number or False


def _names(accounts: Roll, first: int, last: int, most: int, without: int | None = None) -> Json:
    names = list(islice(accounts.within(first, last, without), most + 1))
    more = Hole(why=Why.LIMIT, message=f"more than {most} names, and the others are not told") if len(names) > most else None
    return _opened(names[:most], accounts.unknown or more)


def _overlapping(one: Range, file: File, overlap: Overlap, users: Roll) -> Told:
    """State what a range overlaps; where it is not known whose a range is, it may be the same owner's by another name."""
    sure, examples = file.certain.get(one.key, (None, []))
    unknown = file.unknown
    if overlap.others and (sure is None or sure.others != overlap.others):
        unknown = unknown or users.unknown
    more = overlap.others > len(examples)
    left = Hole(why=Why.LIMIT, message=f"{len(examples)} of {overlap.others} are told") if more else None
    return {"overlaps": _opened(examples, unknown or left), "overlap_count": unknown or overlap.others, "repeats": unknown or overlap.own}


def _holders(files: Mapping[str, File], users: Roll) -> Json:
    """State how many ids each owner has by shadow; very many owners by what they have in common."""
    unknown = next((file.unknown for file in files.values() if file.unknown), None)
    owners = sorted({one.owner for file in files.values() for one in file.ranges if "shadow" in one.by})
    told = {owner: _holder(owner, files, users) for owner in owners}
    if len(told) <= MANY:
        return _opened(told, unknown)
    hole = next((item for member in told.values() for item in member.values() if isinstance(item, Hole)), None)
    return hole or _alike(told)


def _holder(owner: str, files: Mapping[str, File], users: Roll) -> Told:
    number = users.number_of(owner)
    totals: Told = {}
    for kind, file in files.items():
        # Lines with a number may be those of an owner whose number is not known, and lines with a name those of one of whom only the number is.
        doubtful = file.unresolved if numeric(owner) is not None else bool(file.by_number) and isinstance(number, Hole)
        totals[f"{kind}_total"] = file.unknown or (users.unknown if doubtful else None) or _total(_of(file, owner, number, users))
    return {"names": [owner], "exists": _exists(owner, number, users), **totals}


def _of(file: File, owner: str, number: int | None | Hole, users: Roll) -> Iterable[Range]:
    if not isinstance(number, int):
        return file.by_name.get(owner, ())
    names = [owner] if numeric(owner) is None else users.names.get(number, [])
    return [*file.by_number.get(number, ()), *(one for name in names for one in file.by_name.get(name, ()))]


def _total(found: Iterable[Range]) -> int:
    """Count the ids of ranges, each once."""
    total, reached = 0, -1
    for one in sorted(found, key=lambda one: one.first):
        total += max(0, one.last - max(one.first - 1, reached))
        reached = max(reached, one.last)
    return total


def _alike(told: Mapping[str, Told]) -> Told:
    """Put those together who have the same number of ids."""
    named: dict[str, Told] = {}
    for member in told.values():
        absent = "" if member["exists"] else ", and no account"
        key = f"all with {member['subuid_total']} subuids and {member['subgid_total']} subgids{absent}"
        names = named.setdefault(key, {**member, "names": []})["names"]
        names.extend(member["names"])
    return named
