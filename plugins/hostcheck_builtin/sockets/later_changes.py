"""What root changes, after a boot, at a socket that a unit has made and at the directories above it: by commands of units, jobs of cron, udev and scripts.

In which order these are run is not known, and clients come in between: who gets in by what is there at any time counts, so that what takes away is not looked
at, and each owner and each group counts that there may be.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import product
from typing import Any

from hostcheck.api import HoleError, Json, LimitExceeded, View, known
from hostcheck_builtin.accounts.dac import Inode, Need
from hostcheck_builtin.accounts.people import People
from hostcheck_builtin.sockets import ids
from hostcheck_builtin.sockets.ids import NoSuchName
from hostcheck_builtin.system.bounds import STATES_OF_A_SOCKET as MOST
from hostcheck_builtin.system.fact_members import collection

BITS = {"r": 4, "w": 2, "x": 1, "-": 0}


def of(people: People, facts: Mapping[str, Any], path: str, places: Iterable[Inode]) -> dict[str, Json]:
    """Return the changes, by where they stand, that make a difference at one of these places; raises HoleError where there may be others."""
    by_path = {place.path: place for place in places}
    sockets, unknown = collection(lambda: facts["root-programs"]["sockets"])
    told, unknown = collection(lambda: sockets[path]) if path in known(sockets) else (View({}), unknown)
    found = {key: _stated(told[key]) for key in known(told)}
    if unknown is not None:
        raise HoleError(unknown)
    return {key: one for key, one in sorted(found.items()) if one["path"] in by_path and _states(people, by_path[one["path"]], [one]) != [by_path[one["path"]]]}


def _stated(change: View) -> dict[str, Any]:
    plain = {name: str(change[name]) for name in ("place", "by", "program", "path", "mode", "user", "group")}
    return {**plain, "acl": [{name: str(one[name]) for name in ("tag", "name", "perms")} for one in change["acl"]]}


def ways(people: People, needs: tuple[Need, ...], changes: Iterable[Any]) -> Iterator[tuple[Need, ...]]:
    """Yield each way to the socket that there may be, the one as it is made first and the most changed one last."""
    told = list(changes)
    each = [_states(people, need.place, [one for one in told if one["path"] == need.place.path]) for need in needs]
    found = list(product(*each))
    if len(found) > MOST:
        raise LimitExceeded(f"{needs[-1].place.path}: more than {MOST} ways in which root may change it and its directories")
    for places in found:
        yield tuple(Need(place=place, want=need.want) for place, need in zip(places, needs, strict=True))


def _states(people: People, place: Inode, changes: list[Any]) -> list[Inode]:
    """Return what a file or directory may be then: with each owner and each group, those of root's first."""
    mode, acl = place.mode, place.acl
    uids, gids = [place.uid], [place.gid]
    for one in changes:
        mode |= int(one["mode"], 8)
        for name, found, known_ids in ((one["user"], uids, ids.uid), (one["group"], gids, ids.gid)):
            try:
                found += [known_ids(people, name)] if name else []
            except NoSuchName:
                continue
        mode, acl = _with_entries(people, mode, acl, one["acl"])
    owners, groups = (sorted(dict.fromkeys(found), key=bool) for found in (uids, gids))
    return [replace(place, uid=uid, gid=gid, mode=mode, acl=acl) for uid in owners for gid in groups]


def _with_entries(people: People, mode: int, acl: tuple[tuple[str, int, int], ...], entries: list[Any]) -> tuple[int, tuple[tuple[str, int, int], ...]]:
    """Return mode and ACL with named entries, and with a mask that lets all of them count (acl(5))."""
    named = list[tuple[str, int, int]]()
    for one in entries:
        try:
            number = (ids.uid if one["tag"] == "user" else ids.gid)(people, one["name"])
        except NoSuchName:
            continue
        named.append((one["tag"], number, sum(BITS[mark] for mark in one["perms"])))
    if not named:
        return mode, acl
    whole = [entry for entry in acl if entry[0] != "mask"] or [("group_obj", -1, mode >> 3 & 7)]
    mask = mode >> 3 & 7
    for _, _, bits in (*whole, *named):
        mask |= bits
    return mode & ~0o070 | mask << 3, (*whole, *named, ("mask", -1, mask))


def words(unit: str, changes: Mapping[str, Any]) -> str:
    """Say what makes a socket, and what changes it."""
    return ", and then ".join([unit, *dict.fromkeys(f"{one['program']} in {one['place']} (run by {one['by']})" for one in changes.values())])


def permissions(people: People, end: Inode, owners: str) -> str:
    """Say who owns a socket, with its mode and the named entries of its ACL."""
    named = [(tag, people.owner(number) if tag == "user" else people.label(number), bits) for tag, number, bits in end.acl if tag in ("user", "group")]
    told = [f"{tag}:{name}:{''.join(mark if bits & bit else '-' for mark, bit in list(BITS.items())[:3])}" for tag, name, bits in named]
    return f"{owners} {end.mode:04o}{', ACL ' + ', '.join(told) if told else ''}"
