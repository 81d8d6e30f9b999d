"""As whom somebody acts in a container, and whether that one can become root there.

Who is not root has no capabilities in force but those that an engine makes ambient, as podman does with those that were added (capabilities(7)). Only a setuid
program of the image makes such a user root, and with no-new-privileges none does (prctl(2), PR_SET_NO_NEW_PRIVS).
"""

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

from hostcheck.api import Hole, HoleError, Json, View, Why, attempt, known, map_known, opening, worst_hole
from hostcheck_builtin.accounts.dac import Ids, Ranges
from hostcheck_builtin.containers.acting import ROOT, Acting
from hostcheck_builtin.containers.by_processes import Seen
from hostcheck_builtin.containers.ways_out import ALL as EVERY
from hostcheck_builtin.system.fact_members import collection

ALL: Final[Ranges] = ((0, (1 << 32) - 1),)
NAMELESS: Final = Hole(why=Why.UNSUPPORTED, message="a name of a user means what the image says, and no image is read")
GROUPS_UNKNOWN: Final = Hole(why=Why.UNSUPPORTED, message="which groups its user has is not known")
DEVICES: Final = Hole(why=Why.UNSUPPORTED, message="its user has a group that disks or the memory belong to, and which of these it may open is not looked at")
OWN_DEVICES: Final = ("disk", "kmem")
"""To whom udev gives block devices and memory (50-udev-default.rules); others are root's alone."""
OVERRIDES: Final = "DAC_OVERRIDE"
SEARCHES: Final = "DAC_READ_SEARCH"
POWERS: Final = frozenset("CHOWN FOWNER SETGID SETUID SYS_MODULE SYS_RAWIO SYS_PTRACE SYS_ADMIN MKNOD SETFCAP".split())
"""By which one gets at any file, if not at once, as the probe principals says."""


class InsideUsers:
    """Who acts in which container, by what engines tell and by the credentials of processes."""

    def __init__(self, facts: Mapping[str, Any], seen: Seen) -> None:
        """Take what the probes state; processes are looked at only where somebody is not root."""
        self.seen, self._facts = seen, facts

    @cached_property
    def _sets(self) -> tuple[Mapping[str, list[View]], Hole | None]:
        """Return the sets of credentials by the container in which processes have them, and why there may be others."""
        processes, unknown = collection(lambda: self._facts["principals"]["processes"])
        found: dict[str, list[View]] = defaultdict(list)
        for key in known(processes):
            inside = attempt(_containers, processes, key)
            unknown = worst_hole(unknown, inside if isinstance(inside, Hole) else opening(inside))
            for name in () if isinstance(inside, Hole) else known(inside):
                found[name].append(processes[key])
        return found, unknown

    def of(self, container: View, no_new_privileges: Json) -> Acting:
        """Return who acts in a container of which an engine tells."""
        uid = attempt(lambda: container["user"]["uid"] if "uid" in container["user"] else None)
        if uid == 0:
            return ROOT
        one = attempt(self.seen.of, container)
        added = attempt(lambda: frozenset(container["capabilities"]["added"] if container["engine"] == "podman" else ()))
        return self._acting(uid, map_known(one, lambda found: found and found["first"]), attempt(self.seen.key, container), no_new_privileges, added)

    def told(self, key: str, one: View, no_new_privileges: Json) -> Acting:
        """Return who acts in a container of which only its processes tell, and to root the file of its runtime."""
        uid = attempt(lambda: one["given"]["uid"])
        ambient = attempt(lambda: frozenset(one["given"]["ambient"] if "ambient" in one["given"] else ()))
        return ROOT if uid == 0 else self._acting(uid, attempt(lambda: one["first"]), key, no_new_privileges, ambient)

    def _acting(self, told: int | Hole | None, first: View | Hole | None, key: str | Hole, no_new_privileges: Json, added: frozenset[str] | Hole) -> Acting:
        """Return who acts as a uid that is not told to be root's, None where only a name of it is told."""
        uid = told if isinstance(told, Hole) else attempt(_hosts, first, told)
        if uid == 0 or (isinstance(told, Hole) and attempt(_hosts, first, None) == 0):
            return ROOT
        if isinstance(uid, Hole) or isinstance(added, Hole):
            return Acting(root=worst_hole(uid, added) or False, rises=True if no_new_privileges is False else worst_hole(uid, added) or False)
        sets, unknown = self._sets
        each = [] if isinstance(key, Hole) else [attempt(_credentials, one, uid) for one in sets.get(key, ())]
        found = [one for one in each if one is not None and not isinstance(one, Hole)]
        able, gids = added.union(*(names for _, names in found)), frozenset[int]().union(*(gids for gids, _ in found))
        every = EVERY in able
        ids = Ids(
            uid=uid,
            may=gids,
            must=frozenset.intersection(*(gids for gids, _ in found)) if found else gids,
            more=not found,
            override=every or OVERRIDES in able,
            search=every or SEARCHES in able,
            powers=tuple(sorted(POWERS if every else able & POWERS)),
            uids=ALL,
            gids=ALL,
        )
        hole = worst_hole(key, None if unknown and unknown.owners and uid not in unknown.owners else unknown, *each)
        rises = no_new_privileges if isinstance(no_new_privileges, Hole) else no_new_privileges is False
        return Acting(root=False, rises=rises, ids=ids, able=able, unsure=hole, opens=worst_hole(hole, self._opens(gids) if found else GROUPS_UNKNOWN))

    def _opens(self, gids: frozenset[int]) -> Hole | None:
        """Return why somebody with these groups may open disks or the memory of the host, None where none of them has these."""
        theirs = attempt(lambda: {int(groups[name]["gid"]) for groups in (self._facts["principals"]["groups"],) for name in OWN_DEVICES if name in groups})
        return theirs if isinstance(theirs, Hole) else DEVICES if theirs & gids else None


def _containers(processes: View, key: str) -> View:
    inside: View = processes[key]["containers"]
    return inside


def _hosts(first: View | Hole | None, uid: int | None) -> int:
    """Return who somebody is on the host who has a uid in a container, by its first process; raises HoleError where that is not known.

    That one acts as root where it is started by a setuid program. Where ids are mapped, what it shows is nothing that was asked for by a name.
    """
    if first is None or isinstance(first, Hole) or (uid is None and first["all_ids"] is not True):
        if first is None and uid is not None:
            return uid
        raise HoleError(first if isinstance(first, Hole) else NAMELESS)
    shown = int(first["uid"])
    return shown if uid is None or shown == 0 or first["all_ids"] is not True else uid


def _credentials(process: View, uid: int) -> tuple[frozenset[int], frozenset[str]] | None:
    """Return the groups and the capabilities of processes with a uid, None for those of others; raises HoleError where they are not known."""
    if uid not in process["uids"]:
        return None
    if "some_groups" in process or opening(process["groups"]) is not None:
        raise HoleError(Hole(why=Why.LIMIT, message="its user has too many groups to be told"))
    flags = {"dac_override": OVERRIDES, "dac_read_search": SEARCHES}
    able = {name for flag, name in flags.items() if process[flag]} | {str(power).removeprefix("cap_").upper() for power in process["powers"]}
    mapped = process["mapped_uids"] if able and "mapped_uids" in process else ((0, 1),)
    of_host = any(first <= 0 < first + count for first, count in mapped)  # else they are those of a user namespace of its own
    return frozenset((*process["gids"], *process["groups"])), frozenset(able if of_host else ())
