"""Which ids each range of /etc/subuid and /etc/subgid gives away: root's, other users', groups', or those of another range.

Where a file has very many ranges, those with nothing to tell are told together, so that a report stays readable; as soon as anything is not known,
which ones those are is not known either.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

from hostcheck.api import Hole, Json, View, Why, attempt, incomplete, worst_hole
from hostcheck_builtin.accounts.id_index import IdIndex, id_index, numeric
from hostcheck_builtin.subids.line_repairs import add_repairs, repairs
from hostcheck_builtin.subids.overlaps import Overlap
from hostcheck_builtin.subids.remedies import Remedies
from hostcheck_builtin.subids.spare_ranges import reserved
from hostcheck_builtin.subids.subid_files import File, sorted_out
from hostcheck_builtin.subids.subid_owners import exists, holders, users_of
from hostcheck_builtin.subids.subid_ranges import Range, Ranges, line_key, ranges
from hostcheck_builtin.subids.userns_remap import remap_users

FILES: Final = {"subuid": "/etc/subuid", "subgid": "/etc/subgid"}
MANY: Final = 1000
"""Ranges of a file up to which each is told by itself."""
USERS: Final = 20
GROUPS: Final = 100
"""Names told of one range; the groups, lowest gid first, are judged by name, and the rest of a longer list counts as not known."""

NOUNS: Final = {"subuid": "uid", "subgid": "gid"}

Told = dict[str, Json]


def derive(facts: Mapping[str, Any], values: Mapping[str, Json]) -> Json:
    """State each range with what it gives away, and each owner with how many ids it has in all."""
    if facts["host"]["scan"]["init_userns"] is False:
        return Hole(why=Why.DENIED, message="the scanner is in a user namespace, where ids are not the host's, and /etc may be another")
    users, groups = id_index(facts, "users", "uid"), id_index(facts, "groups", "gid")
    subids: View = facts["subids"]
    elsewhere = _elsewhere(subids)
    files = {kind: sorted_out(attempt(_ranges, subids, kind), kind, elsewhere, users) for kind in FILES}
    stated = {kind: _members(file, users, groups) for kind, file in files.items()}
    held = holders(files, users)
    rootless = attempt(lambda: facts["engine-scope"]["rootless_users"])
    asked = users_of(held, rootless, files, users)
    remedies = Remedies(facts, files, users, groups, rootless)
    remedies.add_to_ranges(stated)
    mended = {kind: repairs(subids, kind, stated[kind], remedies) for kind in FILES}
    for kind, lines in mended.items():
        add_repairs(stated[kind], lines)
    for owners in (held, asked):
        remedies.add_to_holders(owners)
    told = [_shown(file, stated[kind], users, groups) for kind, file in files.items()]
    holes = [hole for _, hole in told if hole]
    return {
        "ranges": _opened({key: member for members, _ in told for key, member in members.items()}, holes[0] if holes else None),
        "repairs": {FILES[kind]: lines for kind, lines in mended.items()},
        "holders": held,
        "users": asked,
        "beside": remedies.beside(),
        "remap_users": remap_users(facts, files["subuid"].ranges, files["subuid"].unknown, users, rootless),
    }


def _opened(members: Json, hole: Hole | None) -> Json:
    return incomplete(members, hole)


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


def _members(file: File, users: IdIndex, groups: IdIndex) -> dict[str, Told]:
    """Return the ranges of a file with what they give away."""
    stated = {one.key: _range(one, file, overlap, users, groups) for one, overlap in zip(file.ranges, file.overlaps, strict=True)}
    for member in stated.values():
        shares = [stated[key] for key in member["overlaps"]]
        member["shares"] = _opened([f"{other['owner']} ({other['place']}: {other['ids']})" for other in shares], getattr(member["overlaps"], "hole", None))
    return stated


def _shown(file: File, stated: dict[str, Told], users: IdIndex, groups: IdIndex) -> tuple[Told, Hole | None]:
    """Return the ranges that are told one by one, the others together, and the hole where there may be more."""
    if len(stated) <= MANY:
        return dict(stated), file.unknown
    plain = [key for key, member in stated.items() if not _is_notable(member)]
    notable: Told = {key: member for key, member in stated.items() if _is_notable(member)}
    unknown = worst_hole(file.unknown, users.unknown, groups.unknown if file.kind == "subgid" else None)
    if unknown is None:
        notable.update(_together(file.kind, [stated[key] for key in plain]))
    return notable, unknown


def _together(kind: str, plain: list[Told]) -> Told:
    """Put ranges with nothing to tell together, by whose ids of systemd's they share."""
    alike: dict[tuple[str, ...], list[Told]] = defaultdict(list)
    for one in plain:
        alike[tuple(one["meets"])].append(one)
    return {
        f"{kind}: all others" + (f" that share ids with {' and '.join(meets)}" if meets else ""): {
            **_nothing(kind),
            "stands_for": len(ones),
            "meets": list(meets),
            **_many(kind, len(ones), min(one["first"] for one in ones), max(one["last"] for one in ones)),
        }
        for meets, ones in alike.items()
    }


def _many(kind: str, count: int, first: int, last: int) -> Told:
    ids, what = f"{NOUNS[kind]}s {first}-{last}", "1 other range" if count == 1 else f"{count} other ranges"
    return {"first": first, "last": last, "reserved": reserved(first, last), "ids": ids, "place": f"{what} of {FILES[kind]}", "remove_by": "editor"}


def _is_notable(member: Told) -> bool:
    """Say whether anything is known of a range that a reader would want to know."""
    lists = (member["overlaps"], member.get("users"), member.get("groups"))
    repeats = isinstance(member["repeats"], int) and member["repeats"] > 0
    return repeats or member["includes_0"] or member["wraps"] or not member["portable"] or any(isinstance(stated, list) and stated for stated in lists)


def _nothing(kind: str) -> Told:
    """Return what is told of ranges that give nothing away."""
    stated: Told = {"file": kind, "stands_for": 1, "by": ["shadow", "go", "idtools"], "portable": True, "wraps": False, "includes_0": False}
    return {**stated, "overlaps": [], "shares": [], "overlap_count": 0, "repeats": 0, "users" if kind == "subuid" else "groups": []}


def _range(one: Range, file: File, overlap: Overlap, users: IdIndex, groups: IdIndex) -> Told:
    number = users.number_of(one.owner)
    stated: Told = {
        "file": one.kind,
        "stands_for": 1,
        "line": one.line,
        "owner": one.owner,
        "exists": exists(one.owner, number, users),
        "first": one.first,
        "last": one.last,
        "size": one.last - one.first + 1,
        "by": list(one.by),
        "portable": one.portable,
        "wraps": one.wraps,
        "includes_0": one.first == 0,
        "who": one.owner if numeric(one.owner) is None else f"the account with uid {one.owner}",
        "ids": f"{NOUNS[one.kind]} {one.first}" if one.first == one.last else f"{NOUNS[one.kind]}s {one.first}-{one.last}",
        "place": f"line {one.line} of {FILES[one.kind]}",
        "line_key": line_key(one),
        "meets": list(reserved(one.first, one.last)),
        "reserved": reserved(one.first, one.last),
        **_overlapping(one, file, overlap, users),
    }
    if number is not None:
        stated["owner_uid"] = number
    if one.kind == "subgid":
        return {**stated, **_names("groups", groups, one.first, one.last, GROUPS)}
    if isinstance(number, Hole):
        return {**stated, "includes_own_uid": number, "users": number, "accounts": number}
    own = number is not None and one.first <= number <= one.last
    return {**stated, "includes_own_uid": own, **_names("users", users, max(one.first, 1), one.last, USERS, without=number)}


def _names(kind: str, accounts: IdIndex, first: int, last: int, most: int, without: int | None = None) -> Told:
    """State whose ids are in a range: the names, and the accounts with their ids."""
    found = list(islice(_within(accounts, first, last, without), most + 1))
    more = Hole(why=Why.LIMIT, message=f"more than {most} names, and the others are not told") if len(found) > most else None
    hole = worst_hole(accounts.unknown, more)
    numbered: list[Json] = [{"name": name, "id": number} for name, number in found[:most]]
    return {kind: _opened([name for name, _ in found[:most]], hole), "accounts": _opened(numbered, hole)}


def _within(accounts: IdIndex, first: int, last: int, without: int | None) -> Iterator[tuple[str, int]]:
    for number in accounts.ordered[bisect_left(accounts.ordered, first) :]:
        if number > last:
            return
        yield from ((name, number) for name in accounts.names[number] if number != without)


def _overlapping(one: Range, file: File, overlap: Overlap, users: IdIndex) -> Told:
    """State what a range overlaps; where it is not known whose a range is, it may be the same owner's by another name."""
    sure, examples = file.certain.get(one.key, (None, []))
    unknown = file.unknown
    if overlap.others and (sure is None or sure.others != overlap.others):
        unknown = worst_hole(unknown, users.unknown)
    more = overlap.others > len(examples)
    left = Hole(why=Why.LIMIT, message=f"{len(examples)} of {overlap.others} are told") if more else None
    return {"overlaps": _opened(examples, worst_hole(unknown, left)), "overlap_count": unknown or overlap.others, "repeats": unknown or overlap.own}
