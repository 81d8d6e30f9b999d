"""How many subordinate ids each owner has, and each user who needs them: whoever runs an engine of their own.

An owner may be written as a name, as another name of the same uid, or as the uid; all of it counts for each of them.
"""

from collections.abc import Iterable, Mapping

from hostcheck.api import Hole, Json, View, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.accounts.id_index import IdIndex, numeric
from hostcheck_builtin.subids.subid_files import File
from hostcheck_builtin.subids.subid_ranges import Range
from hostcheck_builtin.system.bounds import HOLDERS_OF_RANGES_TOLD as MANY

Told = dict[str, Json]


def users_of(holders: Json, rootless: View | Hole, files: Mapping[str, File], users: IdIndex) -> Json:
    """Return the holders, and who runs an engine without being one."""
    if isinstance(holders, Hole):
        return holders
    unknown = getattr(holders, "hole", None)
    stated = dict(holders)
    if isinstance(rootless, Hole):
        return incomplete(stated, worst_hole(unknown, rootless))
    for name in known(rootless):
        uid: int | Hole = attempt(lambda at: int(rootless[at]["uid"]), name)
        if name in stated:
            continue
        if isinstance(uid, Hole):
            stated[name] = uid
        elif not any(_of(file, str(uid), uid, users) for file in files.values()):
            stated[name] = {"names": [name], "exists": True, **{f"{kind}_total": _none(file, users) for kind, file in files.items()}}
    return incomplete(stated, worst_hole(unknown, opening(rootless)))


def _none(file: File, users: IdIndex) -> int | Hole:
    """Return 0, or the hole where a range may be that of a user of whom none is known."""
    return worst_hole(file.unknown, users.unknown if file.unresolved else None) or 0


def exists(owner: str, number: int | None | Hole, users: IdIndex) -> bool | Hole:
    """Say whether the account that an owner names is there."""
    if isinstance(number, int):
        return users.has(number) if numeric(owner) is not None else True
    return number or False


def holders(files: Mapping[str, File], users: IdIndex) -> Json:
    """State how many ids each owner has by shadow; very many owners by what they have in common."""
    unknown = worst_hole(*(file.unknown for file in files.values()))
    owners = sorted({one.owner for file in files.values() for one in file.ranges if "shadow" in one.by})
    stated = (_holder(owner, files, users) for owner in owners)
    return incomplete(dict(zip(owners, stated, strict=True)), unknown) if len(owners) <= MANY else _alike(stated)


def _holder(owner: str, files: Mapping[str, File], users: IdIndex) -> Told:
    number = users.number_of(owner)
    totals: Told = {}
    for kind, file in files.items():
        # Lines with a number may be those of an owner whose number is not known, and lines with a name those of one of whom only the number is.
        doubtful = file.unresolved if numeric(owner) is not None else bool(file.by_number) and isinstance(number, Hole)
        totals[f"{kind}_total"] = worst_hole(file.unknown, users.unknown if doubtful else None) or total(_of(file, owner, number, users))
    return {"names": [owner], "exists": exists(owner, number, users), **totals}


def _of(file: File, owner: str, number: int | None | Hole, users: IdIndex) -> list[Range]:
    if not isinstance(number, int):
        return file.by_name.get(owner, [])
    names = [owner] if numeric(owner) is None else users.names.get(number, [])
    return [*file.by_number.get(number, ()), *(one for name in names for one in file.by_name.get(name, ()))]


def total(found: Iterable[Range]) -> int:
    """Count the ids of ranges, each once."""
    total, reached = 0, -1
    for one in sorted(found, key=lambda one: one.first):
        total += max(0, one.last - max(one.first - 1, reached))
        reached = max(reached, one.last)
    return total


def _alike(stated: Iterable[Told]) -> Told | Hole:
    """Put those together who have the same number of ids; where that is not known of one of them, it is not known who they are."""
    named: dict[str, Told] = {}
    holes: list[Hole] = []
    for member in stated:
        if found := [item for item in member.values() if isinstance(item, Hole)]:
            holes += found
            continue
        absent = "" if member["exists"] else ", and no account"
        key = f"all with {member['subuid_total']} subuids and {member['subgid_total']} subgids{absent}"
        names = named.setdefault(key, {**member, "names": []})["names"]
        names.extend(member["names"])
    return worst_hole(*holes) or named
