"""Which ids each range of /etc/subuid and /etc/subgid gives away: root's, other users', groups', or those of another range.

Where a file has very many ranges, only the worst are told one by one, and the others by what they have in common, so that a report stays readable; as soon
as anything is not known, which ones those are is not known either.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from hostcheck.api import Hole, Json, View, Why, attempt, incomplete, worst_hole
from hostcheck_builtin.accounts.id_index import IdIndex, id_index, numeric
from hostcheck_builtin.subids.line_repairs import add_repairs, repairs
from hostcheck_builtin.subids.owner_entries import owner_entries
from hostcheck_builtin.subids.range_traits import Parted, Traits, parted
from hostcheck_builtin.subids.remedies import Remedies
from hostcheck_builtin.subids.spare_ranges import reserved
from hostcheck_builtin.subids.subid_files import File, sorted_out
from hostcheck_builtin.subids.subid_owners import exists, holders, users_of
from hostcheck_builtin.subids.subid_ranges import FILES, NOUNS, Range, line_key, ranges
from hostcheck_builtin.subids.userns_remap import remap_users
from hostcheck_builtin.system.bounds import GROUPS_OF_A_RANGE as GROUPS
from hostcheck_builtin.system.bounds import OWNERS_OF_A_RANGE as USERS

Told = dict[str, Json]


def derive(facts: Mapping[str, Any], values: Mapping[str, Json]) -> Json:
    """State each range with what it gives away, and each owner with how many ids it has in all."""
    if facts["host"]["scan"]["init_userns"] is False:
        return Hole(why=Why.DENIED, message="the scanner is in a user namespace, where ids are not the host's, and /etc may be another")
    users, groups = id_index(facts, "users", "uid"), id_index(facts, "groups", "gid")
    subids: View = facts["subids"]
    elsewhere = _elsewhere(subids)
    files = {kind: sorted_out(attempt(lambda at: ranges(subids["files"][FILES[at]], at), kind), kind, elsewhere, users) for kind in FILES}
    parts = {kind: parted(file, users if kind == "subuid" else groups) for kind, file in files.items()}
    stated = {kind: _members(file, parts[kind], users, groups) for kind, file in files.items()}
    held = holders(files, users)
    rootless = attempt(lambda: facts["engine-scope"]["rootless_users"])
    asked = users_of(held, rootless, files, users)
    remedies = Remedies(facts, files, users, groups, rootless)
    remedies.add_to_ranges(stated, parts)
    mended = {kind: repairs(subids, kind, stated[kind], remedies) for kind in FILES}
    for kind, lines in mended.items():
        add_repairs(stated[kind], lines)
    for owners in (held, asked):
        remedies.add_to_holders(owners)
    told = [_shown(file, parts[kind], stated[kind], users, groups) for kind, file in files.items()]
    holes = [hole for _, hole in told if hole]
    return {
        "ranges": incomplete({key: member for members, _ in told for key, member in members.items()}, holes[0] if holes else None),
        "repairs": {FILES[kind]: lines for kind, lines in mended.items()},
        "holders": held,
        "owners": owner_entries(held, files, users, rootless),
        "users": asked,
        "beside": remedies.beside(),
        "remap_users": remap_users(facts, files["subuid"].ranges, files["subuid"].unknown, users, rootless),
    }


def _elsewhere(subids: View) -> Hole | None:
    """Return the hole that another source leaves: shadow then asks it and not the files, and it lists nothing (nss_init() in lib/nss.c of shadow)."""
    files = attempt(lambda: subids["source"]["files"])
    if isinstance(files, Hole):
        return files
    if files:
        return None
    name = attempt(lambda: subids["source"]["configured"])
    return Hole(why=Why.LIMIT, message=f"shadow asks {name if isinstance(name, str) else 'another source'} for subordinate ids, which lists none")


def _members(file: File, part: Parted, users: IdIndex, groups: IdIndex) -> dict[str, Told]:
    """Return the ranges of a file that are told one by one, with what they give away."""
    return {file.ranges[place].key: _range(place, file, users, groups) for place in part.alone}


def _shown(file: File, part: Parted, stated: dict[str, Told], users: IdIndex, groups: IdIndex) -> tuple[Told, Hole | None]:
    """Return the ranges that are told one by one, the others together, and the hole where there may be more."""
    accounts = groups if file.kind == "subgid" else users
    unknown = worst_hole(file.unknown, users.unknown, groups.unknown if file.kind == "subgid" else None) if part.together else file.unknown
    if unknown is not None:
        return dict(stated), unknown
    return {**stated, **{traits.words(file.kind): _together(traits, places, file, accounts) for traits, places in part.together.items()}}, None


def _together(traits: Traits, places: list[int], file: File, accounts: IdIndex) -> Told:
    """Put ranges together that have the same to tell; what they share is shown of the one that meets most."""
    some = [file.ranges[place] for place in places]
    count, first, last = len(some), min(one.first for one in some), max(one.last for one in some)
    most = max(places, key=lambda place: file.overlaps[place].others)
    what, kind = "1 other range" if count == 1 else f"{count} other ranges", file.kind
    return {
        **{"file": kind, "stands_for": count, "by": list(traits.by), "portable": traits.portable, "wraps": traits.wraps, "includes_0": traits.zero},
        **{"first": first, "last": last, "ids": f"{NOUNS[kind]}s {first}-{last}", "place": f"{what} of {FILES[kind]}", "remove_by": "editor"},
        **{"meets": list(traits.meets), "reserved": {name: one for name, one in reserved(first, last).items() if name in traits.meets}},
        **_overlapping(most, file, accounts),
        "repeats": max(file.overlaps[place].own for place in places),
        "users" if kind == "subuid" else "groups": _all_names(some, file, accounts) if traits.accounts else [],
    }


def _all_names(some: Iterable[Range], file: File, accounts: IdIndex) -> Json:
    """Return the names that have ids in any of these ranges, lowest id first, until there are more than are told."""
    most = USERS if file.kind == "subuid" else GROUPS
    found: dict[str, None] = {}
    for one in sorted(some, key=lambda one: one.first):
        own = file.numbers[one.owner] if file.kind == "subuid" else None
        first = max(one.first, 1) if file.kind == "subuid" else one.first
        found.update((name, None) for name, _ in islice(_within(accounts, first, one.last, own if isinstance(own, int) else None), most + 1))
        if len(found) > most:
            return incomplete(list(found)[:most], Hole(why=Why.LIMIT, message=f"more than {most} names, and the others are not told"))
    return list(found)


def _range(place: int, file: File, users: IdIndex, groups: IdIndex) -> Told:
    one = file.ranges[place]
    number = file.numbers[one.owner]
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
        "ids": one.ids,
        "place": one.place,
        "line_key": line_key(one),
        "meets": list(reserved(one.first, one.last)),
        "reserved": reserved(one.first, one.last),
        **_overlapping(place, file, users),
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
    return {kind: incomplete([name for name, _ in found[:most]], hole), "accounts": incomplete(numbered, hole)}


def _within(accounts: IdIndex, first: int, last: int, without: int | None) -> Iterator[tuple[str, int]]:
    for number in accounts.ordered[bisect_left(accounts.ordered, first) :]:
        if number > last:
            return
        yield from ((name, number) for name in accounts.names[number] if number != without)


def _overlapping(place: int, file: File, users: IdIndex) -> Told:
    """State what a range overlaps; where it is not known whose a range is, it may be the same owner's by another name."""
    overlap = file.overlaps[place]
    sure = overlap if file.certain is None else file.certain.get(place)
    examples = sure.examples if sure else ()
    unknown = file.unknown
    if overlap.others and (sure is None or sure.others != overlap.others):
        unknown = worst_hole(unknown, users.unknown)
    more = overlap.others > len(examples)
    left = Hole(why=Why.LIMIT, message=f"{len(examples)} of {overlap.others} are told") if more else None
    hole, met = worst_hole(unknown, left), [file.ranges[one] for one in examples]
    shares = [f"{one.owner} ({one.place}: {one.ids})" for one in met]
    counts = {"overlap_count": unknown or overlap.others, "repeats": unknown or overlap.own}
    return {"overlaps": incomplete([one.key for one in met], hole), "shares": incomplete(shares, hole), **counts}
