"""Which users of the host a container may act as, and where that leads: to whose home it writes, and at which sockets of root's engines it connects.

Whoever is root in a container takes any id that its user namespace maps (user_namespaces(7)), root of the host any at all. A user's home that can be written
to leads to that user with the next login, by what a shell reads.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from hostcheck.api import Hole, Json, View, Why, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.accounts import path_routes
from hostcheck_builtin.accounts.dac import Gids, Ids, Ranges, may
from hostcheck_builtin.containers import runtimes, security_modules, user_places
from hostcheck_builtin.containers.acting import Acting
from hostcheck_builtin.containers.by_processes import Seen
from hostcheck_builtin.containers.inside_user import GROUPS_UNKNOWN
from hostcheck_builtin.containers.user_places import UserPlaces
from hostcheck_builtin.system import host_places
from hostcheck_builtin.system.bounds import USERS_OF_A_CONTAINER as NAMED
from hostcheck_builtin.system.fact_members import collection, sure
from hostcheck_builtin.system.mount_views import above

ALL: Final[Ranges] = ((0, (1 << 32) - 1),)


class Account(NamedTuple):
    """A user of /etc/passwd, with the home directory."""

    uid: int
    name: str
    home: str


class Mapped(NamedTuple):
    """The ids of the host that a container may take."""

    uids: Ranges
    gids: Ranges


class HostUsers:
    """The users of the host by where their homes are, and the sockets of root's engines by each path that leads to them."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        """Take what the probes `principals` and `sockets` state."""
        self._below: dict[str, list[Account]] = defaultdict(list)
        self._homes: dict[str, list[Account]] = defaultdict(list)
        users, more = collection(lambda: facts["principals"]["users"])
        each = [attempt(lambda at: Account(int(users[at]["uid"]), at, str(users[at]["home"]).rstrip("/")), key) for key in known(users)]
        self._unknown = worst_hole(more, *each)
        for one in sorted(one for one in each if not isinstance(one, Hole) and one.uid and one.home.count("/") > 1):
            self._homes[one.home].append(one)
            for place in (*above(one.home), one.home):
                self._below[place].append(one)
        self._sockets: View | Hole = attempt(lambda: facts["sockets"]["sockets"])

    def of(self, container: View, seen: Seen, acting: Acting, stated: dict[str, Json]) -> dict[str, Json]:
        """State where a container of root's leads beside what is `stated` of it."""
        one = attempt(seen.of, container)
        return self.told(stated, attempt(lambda: container["mounts"]), one if isinstance(one, Hole) else attempt(mapped, one), acting)

    def told(self, stated: dict[str, Json], mounts: View | Hole, ids: Mapped | Hole, acting: Acting) -> dict[str, Json]:
        """Return what is stated with the users and the sockets, by the mounts of a container, the ids that it maps, and who acts in it."""
        root = stated["root_is_hosts"]
        ids = Mapped(ALL, ALL) if root is True else worst_hole(root, ids) or ids
        if isinstance(ids, Hole):
            return {**stated, "becomes": ids, "connects": ids}
        most = self._led(stated, mounts, ids)
        if acting.root is True or (root is True and (acting.ids.override or acting.ids.powers)):
            return _stated(stated, most, {})
        own = Mapped(((acting.ids.uid, 1),), tuple((gid, 1) for gid in sorted(acting.ids.may)))
        least: dict[str, Json] = self._led(stated, mounts, own) if acting.root is False else dict.fromkeys(most, acting.root)
        unsure = {"becomes": acting.unsure, "connects": worst_hole(acting.unsure, GROUPS_UNKNOWN if acting.ids.more else None)}
        led = {fact: _between(least[fact], most[fact], acting.rises, unsure[fact]) for fact in most}
        doubts = {fact: least[fact] if isinstance(least[fact], Hole) else acting.reason for fact in most if most[fact] and led[fact] != least[fact]}
        return _stated(stated, led, doubts)

    def _led(self, stated: Mapping[str, Json], mounts: View | Hole, ids: Mapped) -> dict[str, Json]:
        """Return where somebody is led who takes any of these ids."""
        root = stated["root_is_hosts"] is True
        becomes = mounts if isinstance(mounts, Hole) else self._becomes(mounts, ids.uids, stated["host_mounts"] if root else {})
        return {"becomes": becomes, "connects": [] if root else self._connects(stated["socket_mounts"], ids)}

    def _becomes(self, mounts: View, uids: Ranges, besides: Json) -> Json:
        """Return the users to whose homes somebody with one of these uids writes, but for mounts that lead to root anyway."""
        found: dict[str, Json] = {}
        holes: list[Hole | None] = [opening(mounts), self._unknown]
        for at in known(mounts):
            if not isinstance(besides, Hole) and at in besides and not isinstance(besides[at], Hole) and "usable" not in besides[at]:
                continue
            real = attempt(_written, mounts[at])
            if isinstance(real, Hole):
                holes.append(real)
            elif real:
                found |= {one.name: {"uid": one.uid, "path": real, "what": what} for one, what in self._whose(real, uids) if one.name not in found}
        more = Hole(why=Why.LIMIT, message=f"more than {NAMED} users, and the others are not told") if len(found) > NAMED else None
        return incomplete(dict(sorted(found.items())[:NAMED]), worst_hole(*holes, more))

    def _whose(self, real: str, uids: Ranges) -> Iterator[tuple[Account, str]]:
        """Yield whose home a path is, or holds, or has something of by which one becomes that user."""
        near = [one for place in above(real) for one in self._homes.get(place, ()) if any(first <= one.uid < first + count for first, count in uids)]
        for one in [*near, *_within(self._below.get(real, []), uids)]:
            place = user_places.writable(real, one.home, UserPlaces(uid=one.uid, owner=one.name, home=one.home))
            if place is not None:
                yield one, place.what

    def _connects(self, mounts: Json, ids: Mapped) -> Json:
        if isinstance(mounts, Hole):
            return mounts
        found: list[str] = []
        holes: list[Hole | None] = [getattr(mounts, "hole", None)]
        for one in mounts.values():
            lets = one if isinstance(one, Hole) else attempt(self._lets, one["path"], one["place"], ids)
            if isinstance(lets, Hole):
                holes.append(lets)
            elif lets:
                found.append(lets)
        return incomplete(sorted(dict.fromkeys(found)), worst_hole(*holes))

    def _lets(self, real: str, place: str, ids: Mapped) -> str:
        """Return the path of a socket that somebody with one of these ids connects to, "" where nobody does; directories above a mount do not matter."""
        sockets = sure(self._sockets)
        path = next(path for path in known(sockets) if place in (path, attempt(lambda at: sockets[at]["realpath"], path)))
        for route in path_routes.connecting(sockets[path]):
            needs = tuple(need for need in route.needs if host_places.below(need.place.path, real))
            for uid in (-1, *sorted(uid for uid in route.uids if any(first <= uid < first + count for first, count in ids.uids))):
                if may(Ids(uid=uid, may=Gids(frozenset(), ids.gids), override=True, uids=ids.uids, gids=ids.gids), needs)[0]:
                    return path
        return ""


def _stated(stated: dict[str, Json], led: Mapping[str, Json], doubts: Mapping[str, Json]) -> dict[str, Json]:
    """Return what is stated with where somebody is led, and what that takes beside."""
    found = security_modules.doubts(stated) | runtimes.doubts(stated.get("sandbox", ""))
    beside = {fact: why for fact, why in found.items() if led.get(fact)} | dict(doubts)
    hole = worst_hole(*(getattr(one, "hole", one) for one in (stated["doubts"], *led.values())))
    return {**stated, **led, "doubts": incomplete({**stated["doubts"], **beside}, hole)}


def _between(least: Json, most: Json, rises: bool | Hole, unsure: Hole | None) -> Json:
    """Return all that root inside is led to, where somebody becomes that; else what the user inside is led to, which may be more."""
    if rises is True or isinstance(most, Hole) or not (most or getattr(most, "hole", None)):
        return most
    hole = worst_hole(rises, unsure)
    return least if isinstance(least, Hole) or hole is None else incomplete(least, worst_hole(hole, getattr(least, "hole", None)))


def mapped(one: View | None) -> Mapped:
    """Return the ids of the host that a container may take, by its processes; none where none runs."""
    if one is None:
        return Mapped((), ())
    first = one["first"]
    if "mapped" not in first:
        return Mapped(ALL, ALL)
    uids, gids = (tuple((start, count) for start, count in first["mapped"][kind]) for kind in ("uids", "gids"))
    return Mapped(uids, gids)


def _written(mount: View) -> str:
    """Return where a mount that can be written to leads, "" for any other."""
    return str(mount["real"]) if mount["writable"] and "real" in mount else ""


def _within(accounts: list[Account], uids: Ranges) -> Iterator[Account]:
    """Yield those of `accounts`, sorted by uid, that are in these ranges; of each range one more than are stated, which shows that some are left out."""
    for first, count in uids:
        at = bisect_left(accounts, (first,))
        for one in accounts[at : at + NAMED + 1]:
            if one.uid < first + count:
                yield one
