"""Which of the names that somebody listens on are looked at: anybody may bind any number, so that so many of each user's are, and all of root's.

Whose a name is tells the first directory or link on its way that is not root's, whatever is below: nothing deeper is looked at to find that out.
"""

from collections import defaultdict
from typing import Final, NamedTuple

from hostcheck.api import Hole, Host, Why, attempt
from hostcheck_builtin.system import mounts_to_avoid, path_walk
from hostcheck_builtin.system.bounds import SOCKET_NAMES_ASKED as LOOKED
from hostcheck_builtin.system.bounds import SOCKETS_OF_A_USER as EACH
from hostcheck_builtin.system.bounds import SOCKETS_OF_STRANGERS as STRANGERS
from hostcheck_builtin.system.listeners import ListenerCache, listed
from hostcheck_builtin.system.path_walk import LstatCache
from hostcheck_builtin.system.proc_net_unix import name_of
from hostcheck_builtin.system.quota import Quota

WHAT: Final = "sockets with an engine's name"


class Chosen(NamedTuple):
    """The names to look at; of each user with more the first that is not, with the hole that it stands for; and the hole where others are not told apart."""

    names: list[str]
    left: dict[str, tuple[int, Hole]]
    unread: Hole | None


def chosen(host: Host, cache: ListenerCache, names: list[str], lstats: LstatCache, slow: frozenset[str] | Hole) -> Chosen:
    """Choose among `names`, in order."""
    first: dict[int, str] = {}
    made, placed = Quota(host, 2 * EACH, 2 * STRANGERS), Quota(host, EACH, STRANGERS)
    few, unread = (names, None) if len(names) <= LOOKED else _by_maker(cache, names, made, first)
    found = []
    for name in few:
        uid = attempt(_whose, host, name, lstats, slow)
        if isinstance(uid, Hole) or placed.takes(uid):
            found.append(name)
        else:
            first.setdefault(uid, name)
    left = {first[uid]: (uid, hole) for quota in (placed, made) for uid, hole in quota.left(WHAT).items() if uid in first}
    return Chosen(found, left, unread)


def _by_maker(cache: ListenerCache, names: list[str], quota: Quota, first: dict[int, str]) -> tuple[list[str], Hole | None]:
    """Return the names of which somebody has not too many by the kernel's list; without one the first, and the hole that the others leave."""
    sockets = attempt(listed, cache)
    if isinstance(sockets, Hole) or any(one.uid < 0 for one in sockets):
        return names[:LOOKED], Hole(why=Why.LIMIT, message=f"more than {LOOKED} sockets with an engine's name, and the kernel does not tell whose they are")
    makers: dict[str, set[int]] = defaultdict(set)
    for one in sockets:
        if one.listening:
            makers[name_of(one)].add(one.uid)
    found = []
    for name in names:
        uids = makers.get(name, {0})  # of other network namespaces, where root's programs are
        if any([quota.takes(uid) for uid in sorted(uids)]):  # somebody may bind the name of another's in mounts of his own
            found.append(name)
        else:
            first.setdefault(min(uids), name)
    return found, None


def _whose(host: Host, name: str, lstats: LstatCache, slow: frozenset[str] | Hole) -> int:
    """Return whose a name is by the first on its way that is not root's, 0 where all is."""
    return path_walk.walk(host, name, lstats, lambda found: found.uid == 0, avoid=mounts_to_avoid.refusing(slow, roots_too=True)).end.uid
