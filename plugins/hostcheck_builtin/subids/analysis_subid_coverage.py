"""Which ids each range of /etc/subuid and /etc/subgid gives away: root's, other users', groups', or those of another range.

Where a file has very many ranges, those with nothing to tell are told together, so that a report stays readable; as soon as anything is not known,
which ones those are is not known either.
"""

from collections import defaultdict
from collections.abc import Mapping
from itertools import islice
from typing import Any, Final

from hostcheck.api import Hole, Json, View, Why, attempt, incomplete, worst_hole
from hostcheck_builtin.accounts.id_index import IdIndex, id_index
from hostcheck_builtin.subids.overlaps import Overlap
from hostcheck_builtin.subids.subid_files import File, sorted_out
from hostcheck_builtin.subids.subid_owners import exists, holders, users_of
from hostcheck_builtin.subids.subid_ranges import Range, Ranges, ranges
from hostcheck_builtin.subids.userns_remap import remap_users

FILES: Final = {"subuid": "/etc/subuid", "subgid": "/etc/subgid"}
MANY: Final = 1000
"""Ranges of a file up to which each is told by itself."""
USERS: Final = 20
GROUPS: Final = 100
"""Names told of one range; the groups, lowest gid first, are judged by name, and the rest of a longer list counts as not known."""

RESERVED: Final = {
    "systemd-homed": (60001, 60513),
    "DynamicUser": (61184, 65519),
    "systemd-nspawn": (524288, 1879048191),
    "foreign": (2147352576, 2147418111),
}
"""The ranges from which systemd gives ids to homes, services, containers, and to files of containers on disk (docs/UIDS-GIDS.md of systemd)."""

Told = dict[str, Json]


def derive(facts: Mapping[str, Any], values: Mapping[str, Json]) -> Json:
    """State each range with what it gives away, and each owner with how many ids it has in all."""
    if facts["host"]["scan"]["init_userns"] is False:
        return Hole(why=Why.DENIED, message="the scanner is in a user namespace, where ids are not the host's, and /etc may be another")
    users, groups = id_index(facts, "users", "uid"), id_index(facts, "groups", "gid")
    subids: View = facts["subids"]
    elsewhere = _elsewhere(subids)
    files = {kind: sorted_out(attempt(_ranges, subids, kind), kind, elsewhere, users) for kind in FILES}
    stated = [_members(file, users, groups) for file in files.values()]
    holes = [hole for _, hole in stated if hole]
    held = holders(files, users)
    rootless = attempt(lambda: facts["engine-scope"]["rootless_users"])
    return {
        "ranges": _opened({key: member for members, _ in stated for key, member in members.items()}, holes[0] if holes else None),
        "holders": held,
        "users": users_of(held, rootless, files, users),
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


def _members(file: File, users: IdIndex, groups: IdIndex) -> tuple[Told, Hole | None]:
    """Return the ranges of a file with what they give away, and the hole where there may be others."""
    stated = {one.key: _range(one, file, overlap, users, groups) for one, overlap in zip(file.ranges, file.overlaps, strict=True)}
    if len(stated) <= MANY:
        return stated, file.unknown
    plain = [key for key, member in stated.items() if not _is_notable(member)]
    notable = {key: member for key, member in stated.items() if _is_notable(member)}
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
            "first": min(one["first"] for one in ones),
            "last": max(one["last"] for one in ones),
        }
        for meets, ones in alike.items()
    }


def _is_notable(member: Told) -> bool:
    """Say whether anything is known of a range that a reader would want to know."""
    lists = (member["overlaps"], member.get("users"), member.get("groups"))
    repeats = isinstance(member["repeats"], int) and member["repeats"] > 0
    return repeats or member["includes_0"] or member["wraps"] or not member["portable"] or any(isinstance(stated, list) and stated for stated in lists)


def _nothing(kind: str) -> Told:
    """Return what is told of ranges that give nothing away."""
    stated: Told = {"file": kind, "stands_for": 1, "by": ["shadow", "go", "idtools"], "portable": True, "wraps": False, "includes_0": False}
    return {**stated, "overlaps": [], "overlap_count": 0, "repeats": 0, "users" if kind == "subuid" else "groups": []}


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
        "meets": [name for name, (first, last) in RESERVED.items() if one.first <= last and one.last >= first],
        **_overlapping(one, file, overlap, users),
    }
    if number is not None:
        stated["owner_uid"] = number
    if one.kind == "subgid":
        return {**stated, "groups": _names(groups, one.first, one.last, GROUPS)}
    if isinstance(number, Hole):
        return {**stated, "includes_own_uid": number, "users": number}
    own = number is not None and one.first <= number <= one.last
    return {**stated, "includes_own_uid": own, "users": _names(users, max(one.first, 1), one.last, USERS, without=number)}


def _names(accounts: IdIndex, first: int, last: int, most: int, without: int | None = None) -> Json:
    names = list(islice(accounts.within(first, last, without), most + 1))
    more = Hole(why=Why.LIMIT, message=f"more than {most} names, and the others are not told") if len(names) > most else None
    return _opened(names[:most], worst_hole(accounts.unknown, more))


def _overlapping(one: Range, file: File, overlap: Overlap, users: IdIndex) -> Told:
    """State what a range overlaps; where it is not known whose a range is, it may be the same owner's by another name."""
    sure, examples = file.certain.get(one.key, (None, []))
    unknown = file.unknown
    if overlap.others and (sure is None or sure.others != overlap.others):
        unknown = worst_hole(unknown, users.unknown)
    more = overlap.others > len(examples)
    left = Hole(why=Why.LIMIT, message=f"{len(examples)} of {overlap.others} are told") if more else None
    return {"overlaps": _opened(examples, worst_hole(unknown, left)), "overlap_count": unknown or overlap.others, "repeats": unknown or overlap.own}
