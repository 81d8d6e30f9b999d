"""Engines of users: who serves their sockets, what it says of itself, and which of their processes run an engine's program.

All of it speaks of its user alone. Sockets are asked some at a time, and a user whose engine kept the scanner waiting is not asked again.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any, Final, cast

from hostcheck.api import Hole, Host, Json, Process, Why, attempt, incomplete, worst_hole
from hostcheck_builtin.engines import endpoints, engine_programs, rootlesskit
from hostcheck_builtin.engines.endpoints import Endpoint
from hostcheck_builtin.engines.engine_programs import Running
from hostcheck_builtin.sockets import user_discovery
from hostcheck_builtin.system.listeners import listen
from hostcheck_builtin.system.path_walk import LstatCache
from hostcheck_builtin.system.quota import Quota, accounts

AT_ONCE: Final = 24
"""Sockets that are asked together, each over three connections or four: a probe may have 256 files open."""
EACH: Final = 8
"""Sockets that are asked of one user, and last of all those of users together whom /etc/passwd does not have: there are seven usual places, and any
number of others that a user may think of."""
WAITS: Final = 2
"""How many times the scanner waits for engines that do not answer, for all users together."""


class _Once:
    """A host that lists its processes once, for all who ask: that takes longer than everything else here."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._listed: list[Process] | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._host, name)

    def processes(self) -> list[Process]:
        if self._listed is None:
            self._listed = self._host.processes()
        return self._listed


def collect(host: Host) -> Json:
    """State ``{sockets, programs}``: sockets by path, programs by uid and path."""
    lstats: LstatCache = {}
    host = cast(Host, _Once(host))
    found = attempt(user_discovery.discover, host)
    users, unread = engine_programs.of_users(host, lstats)
    running = {str(uid): one.stated() for uid, one in sorted(users.items())}
    return {
        "programs": incomplete(running, unread),
        "sockets": found if isinstance(found, Hole) else _sockets(host, found, users, unread),
    }


def _sockets(host: Host, found: dict[str, Any], users: dict[int, Running], unread: Hole | None) -> Json:
    cache = listen(host)
    facts: dict[str, Json] = {path: one for path, one in found.items() if isinstance(one, Hole)}
    queue: list[Endpoint] = []
    counted = Quota(accounts(host) if found else frozenset(), EACH, AT_ONCE)
    for path, one in found.items():
        if isinstance(one, Hole):
            continue
        uid = one["owner_uid"]
        theirs = users.get(uid, Running())
        end = endpoints.endpoint(cache, path, one, partial(_pids, theirs, unread), rootlesskit.started)
        taken = counted.takes(uid)
        if end.ask is True and taken:
            queue.append(end)
        else:
            facts[path] = _unasked(end, f"more than {EACH} sockets of one user") if end.ask is True else endpoints.receive(host, end)
    known = [end for end in queue if not counted.shares(end.facts["owner_uid"])]
    facts.update(_answered(host, known))
    if any(_is_late(facts[end.path]) for end in known):  # whoever has a range of ids has waited for once, and not once more for each of these
        facts.update((end.path, _unasked(end, "others did not answer in time")) for end in queue if end not in known)
    else:
        facts.update(_answered(host, [end for end in queue if end not in known]))
    return incomplete(facts, getattr(found, "hole", None))


def _pids(theirs: Running, unread: Hole | None) -> list[int] | Hole:
    return worst_hole(unread, theirs.more) or theirs.pids


def _unasked(end: Endpoint, message: str) -> Json:
    return endpoints.unasked(end, Hole(why=Why.LIMIT, message=f"{end.path}: not asked: {message}"))


def _answered(host: Host, queue: list[Endpoint]) -> Iterator[tuple[str, Json]]:
    """Yield the facts of each socket; all that are asked at once have been sent their requests before an answer is read."""
    silent: set[int] = set()
    waits = 0
    while queue:
        batch, queue = queue[:AT_ONCE], queue[AT_ONCE:]
        before = len(silent)
        endpoints.send(host, batch)
        for one in batch:
            owner = one.facts["owner_uid"]
            stated = _unasked(one, "another of this user did not answer in time") if owner in silent else endpoints.receive(host, one)
            yield one.path, stated
            if _is_late(stated):
                silent.add(owner)
        if len(silent) == before:
            continue
        waits += 1
        for one in queue:
            if one.facts["owner_uid"] in silent or waits >= WAITS:
                yield one.path, _unasked(one, "others did not answer in time")
        queue = [] if waits >= WAITS else [one for one in queue if one.facts["owner_uid"] not in silent]


def _is_late(stated: Json) -> bool:
    return any(isinstance(fact, Hole) and fact.why == Why.TIMEOUT for fact in stated.values())
