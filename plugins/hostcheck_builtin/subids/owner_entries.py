"""Who has subordinate ids, for whoever approves them: one entry for all whom useradd(8) or adduser(8) gave theirs, and one for each owner of other ranges.

Which entry an owner stands in is told by the files alone, so that nothing else that is not known moves anybody from one to another.
"""

from collections.abc import Mapping
from typing import Final

from hostcheck.api import Hole, Json, View, attempt, known, worst_hole
from hostcheck_builtin.accounts.id_index import IdIndex, numeric
from hostcheck_builtin.subids.subid_files import File
from hostcheck_builtin.system.fact_members import opened

DEFAULT: Final = "default ranges"
COUNT: Final = 65536
"""How many ids a new user gets (login.defs(5), SUB_UID_COUNT and SUB_GID_COUNT)."""


class EngineRunners:
    """Who runs an engine of their own."""

    def __init__(self, rootless: View | Hole, users: IdIndex) -> None:
        """Take the uids; of whom that is not known, the hole."""
        self.users = users
        runners, self.unknown = opened(rootless)
        self.uids: set[int] = set()
        self.unsure: dict[str, Hole] = {}
        for name in known(runners):
            uid = attempt(lambda at: int(runners[at]["uid"]), name)
            if isinstance(uid, Hole):
                self.unsure[name] = uid
            else:
                self.uids.add(uid)

    def has(self, owner: str) -> bool | Hole:
        """Say whether the owner of a range runs one."""
        uid = self.users.number_of(owner)
        if isinstance(uid, Hole):
            return uid
        if uid is None or uid in self.uids:
            return uid is not None
        names = {owner, f"uid {uid}", *self.users.names.get(uid, ())}
        return worst_hole(self.unknown, *(hole for name, hole in self.unsure.items() if name in names)) or False


def owner_entries(held: Json, files: Mapping[str, File], users: IdIndex, rootless: View | Hole) -> Json:
    """Return the entries with who stands in them; a hole where there may be more ranges, which could be those of anybody."""
    unknown = held if isinstance(held, Hole) else worst_hole(getattr(held, "hole", None), *(file.unknown for file in files.values()))
    if unknown is not None:
        return unknown
    running = EngineRunners(rootless, users)
    entries: dict[str, Json] = {}
    usual: dict[str, Json] = {}
    for name, holder in held.items():
        if holder["names"] != [name]:
            entries[name] = {**holder, "default": False, "members": {}, "others": holder["names"]}
            continue
        default = _is_default(name, files)
        member = {"owner": name, "remove_by": holder["remove_by"], "default": default, "runs_engine": running.has(name)}
        if default:
            usual[name] = member
        else:
            entries[name] = {**holder, "default": False, "members": {name: member}, "others": []}
    if usual:
        totals = {f"{kind}_total": COUNT for kind in files}
        entries[DEFAULT] = {"names": list(usual), "default": True, "members": usual, "others": [], **totals}
    return entries


def _is_default(owner: str, files: Mapping[str, File]) -> bool:
    """Say whether an owner has one range of the usual size in each file, under a name, as useradd(8) writes them."""
    found = [file.by_name.get(owner, []) for file in files.values()]
    return numeric(owner) is None and all(len(lines) == 1 and lines[0].plain and lines[0].last - lines[0].first + 1 == COUNT for lines in found)
