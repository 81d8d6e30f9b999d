"""Which processes are told together: those with the same credentials, and of a user with very many sets of them those that can matter alike.

In a user namespace with a range of subordinate ids a user takes any of its groups, in any number of processes, so that the sets are counted, not the
processes. What nobody gives oneself stays told apart: the groups of /etc/group, what is seen of the host, and whether there are capabilities.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass

from hostcheck.api import Hole, Host, Process, attempt
from hostcheck_builtin.system import account_files
from hostcheck_builtin.system.bounds import CREDENTIALS_OF_A_USER as SETS
from hostcheck_builtin.system.bounds import GROUPS_OF_CREDENTIALS as GROUPS
from hostcheck_builtin.system.bounds import ID_RANGES_TOLD as SPANS
from hostcheck_builtin.system.bounds import USERS_NOT_IN_PASSWD as NAMELESS

Ids = list[list[int]]
"""Ids as ranges [first, count]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """Processes that are told together under a `key`; where their groups differ `shared` are those of each, `some` the others; `users` counts their users."""

    key: str
    members: list[Process]
    shared: tuple[int, ...] | None = None
    some: Ids | None = None
    users: int = 1


def alike(host: Host, processes: Iterable[Process], caps: Callable[[Process], tuple[str, ...]]) -> list[Alike]:
    """Return the processes by what can matter of their credentials; `caps` names the capabilities of one that can."""
    sets: dict[int, dict[Hashable, list[Process]]] = defaultdict(lambda: defaultdict(list))
    for process in processes:
        sets[process.uids[0]][process.uids, process.gids, tuple(sorted(process.groups)), caps(process)].append(process)
    crowds = {uid for uid, found in sets.items() if len(found) > SETS or sum(len(one[0].groups) for one in found.values()) > GROUPS}
    nameless = _nameless(host, sets) if len(sets) > NAMELESS else frozenset[int]()
    ranges = [uids - nameless for uids in _ranges(host, sets)]
    together = frozenset(uid for uids in ranges for uid in uids)
    told = [Alike(key=_key(one[0], caps), members=one) for uid in sets.keys() - crowds - nameless - together for one in sets[uid].values()]
    if crowds or nameless or together:
        named = attempt(_gids, host)
        for uids in [*({uid} for uid in sorted(crowds - nameless - together)), *ranges, nameless]:
            told += _crowd([process for uid in sorted(uids) for one in sets[uid].values() for process in one], caps, named)
    return sorted(told, key=lambda one: one.key)


def _ranges(host: Host, sets: Mapping[int, Mapping[Hashable, list[Process]]]) -> list[frozenset[int]]:
    """Return the users of one account's subordinate ids, of each account whose users have more together than is told of one."""
    owned: dict[int, set[int]] = defaultdict(set)
    for uid in sets if len(sets) > 1 else ():
        if (account := host.account(uid)) > 0 and account != uid:
            owned[account].add(uid)
    found: list[frozenset[int]] = []
    for _, uids in sorted(owned.items()):
        told = [one[0] for uid in uids for one in sets[uid].values()]
        if len(told) > SETS or sum(len(one.groups) for one in told) > GROUPS:
            found.append(frozenset(uids))
    return found


def _nameless(host: Host, uids: Collection[int]) -> frozenset[int]:
    """Return the users whom /etc/passwd does not have, but for the first of them."""
    known = attempt(lambda: {user["uid"] for user in account_files.users(account_files.text_of(host, "/etc/passwd"))[0].values()})
    return frozenset() if isinstance(known, Hole) else frozenset(sorted(uid for uid in uids if uid not in known)[NAMELESS:])


def _gids(host: Host) -> frozenset[int]:
    text = account_files.text_of(host, "/etc/group")
    return frozenset(group["gid"] for found in (account_files.groups(text)[0], account_files.commented_groups(text)) for group in found.values())


def _crowd(processes: list[Process], caps: Callable[[Process], tuple[str, ...]], named: frozenset[int] | Hole) -> list[Alike]:
    """Return the processes of a user, or of many, by the groups that somebody else gave; where that are too many by what they see and may do alone."""
    gids = frozenset[int]() if isinstance(named, Hole) else named
    fine, coarse = defaultdict[str, list[Process]](list), defaultdict[str, list[Process]](list)
    for process in processes:
        seen = [
            word
            for word, found in (
                ("setuid", 0 in process.uids),
                ("elsewhere", not process.host_mounts),
                ("own view", process.user_view),
                ("view not known", process.user_view is None),
            )
            if found
        ]
        given = ",".join(map(str, sorted(held(process) & gids)))
        fine[":".join([f"{process.uids[0]}/{process.uids[3]}", f"many with {given}", *seen, *caps(process)])].append(process)
        coarse[":".join([f"{process.uids[0]}", "many", *seen, *(["capable"] if caps(process) else [])])].append(process)
    found = fine if len(fine) <= SETS else coarse if len(coarse) <= SETS else _by_view(coarse)
    return [_merged(key, members, gids) for key, members in found.items()]


def _by_view(sets: dict[str, list[Process]]) -> dict[str, list[Process]]:
    """Put the sets of many users together, under the first of them."""
    first: dict[str, str] = {}
    found: dict[str, list[Process]] = defaultdict(list)
    for key in sorted(sets):
        uid, _, rest = key.partition(":")
        found[f"{first.setdefault(rest, uid)} and others:{rest}"] += sets[key]
    return found


def _merged(key: str, members: list[Process], named: frozenset[int]) -> Alike:
    each = [held(process) for process in members]
    shared = frozenset.intersection(*each)
    some = ranges({gid for gids in each for gid in gids - shared}, named)
    return Alike(key=key, members=members, shared=tuple(sorted(shared)), some=some, users=len({process.uids[0] for process in members}))


def held(process: Process) -> frozenset[int]:
    """Return the groups of a process, but for root's where a program that is setuid root has it from its file as well, as Xorg.wrap(1) does."""
    given, *acting = process.gids
    return frozenset((given, *(gid for gid in acting if gid or 0 not in process.uids), *process.groups))


def ranges(ids: Iterable[int], named: Collection[int] = ()) -> Ids:
    """Return ids as ranges; of too many the smallest gaps are passed over in which nobody named has an id."""
    spans: Ids = []
    for number in sorted(ids):
        if spans and number == spans[-1][0] + spans[-1][1]:
            spans[-1][1] += 1
        else:
            spans.append([number, 1])
    return _joined(spans, sorted(named))


def few(spans: Ids) -> Ids:
    """Return the same ids in as few ranges."""
    found: Ids = []
    for first, count in sorted(spans):
        if found and first <= sum(found[-1]):
            found[-1][1] = max(found[-1][1], first + count - found[-1][0])
        else:
            found.append([first, count])
    return _joined(found, [])


def _joined(spans: Ids, named: list[int]) -> Ids:
    if len(spans) <= SPANS:
        return spans
    gaps = sorted((later[0] - first - count, place) for place, ((first, count), later) in enumerate(zip(spans, spans[1:], strict=False)))
    passed = {place for _, place in gaps[: len(spans) - SPANS] if not _is_anybody(named, sum(spans[place]), spans[place + 1][0])}
    found = [spans[0]]
    for place, (first, count) in enumerate(spans[1:]):
        if place in passed:
            found[-1] = [found[-1][0], first + count - found[-1][0]]
        else:
            found.append([first, count])
    return found


def _is_anybody(named: list[int], first: int, end: int) -> bool:
    place = bisect_left(named, first)
    return place < len(named) and named[place] < end


def _key(process: Process, caps: Callable[[Process], tuple[str, ...]]) -> str:
    return ":".join([short(process.uids), short(process.gids), ",".join(map(str, sorted(process.groups))), *caps(process)])


def short(ids: tuple[int, int, int, int]) -> str:
    """Return four ids in words: one of them where all are the same."""
    return str(ids[0]) if len(set(ids)) == 1 else "/".join(map(str, ids))
