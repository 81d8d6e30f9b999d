"""Which engines of users are asked, and in what order: each speaks of its user alone, and whoever keeps the scanner waiting uses up no time of another.

Every probe that asks them goes by this, since none can see what another was told.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Final, Generic, NamedTuple, TypeVar, cast

from hostcheck.api import Hole, Host, Process, Why, worst_hole
from hostcheck_builtin.engines import endpoints, rootlesskit
from hostcheck_builtin.engines.endpoints import Endpoint
from hostcheck_builtin.engines.engine_programs import Running
from hostcheck_builtin.system.listeners import listen
from hostcheck_builtin.system.quota import Quota, accounts

T = TypeVar("T")
AT_ONCE: Final = 24
"""Sockets that are asked together, each over three connections or four: a probe may have 256 files open."""
EACH: Final = 8
"""Sockets that are asked of one user, and last of all those of users together whom /etc/passwd does not have: there are seven usual places, and any
number of others that a user may think of."""
WAITS: Final = 2
"""How many times the scanner waits for engines that do not answer, for all users together."""


class Once:
    """A host that lists its processes once, for all who ask: that takes longer than everything else here."""

    def __init__(self, host: Host) -> None:
        """Ask nothing yet."""
        self._host = host
        self._listed: list[Process] | None = None

    def __getattr__(self, name: str) -> Any:
        """Return what the host has."""
        return getattr(self._host, name)

    def processes(self) -> list[Process]:
        """List the processes."""
        if self._listed is None:
            self._listed = self._host.processes()
        return self._listed


def once(host: Host) -> Host:
    """Return a host that lists its processes once."""
    return cast(Host, Once(host))


class UserEndpoints(NamedTuple):
    """Sockets of users: those to ask, those that are not asked with the hole why one that could be is not, and who counts as whom."""

    queue: list[Endpoint]
    others: list[tuple[Endpoint, Hole | None]]
    counted: Quota


class Asking(NamedTuple, Generic[T]):
    """What is asked: how it is sent, what came back, what is said where it is not asked, and whether that was late."""

    send: Callable[[Iterable[Endpoint]], None]
    receive: Callable[[Endpoint], T]
    unasked: Callable[[Endpoint, Hole], T]
    is_late: Callable[[T], bool]


def chosen(host: Host, found: dict[str, Any], users: dict[int, Running], unread: Hole | None) -> UserEndpoints:
    """Choose among the sockets that were `found`; `users` are the engines that run, and `unread` says why there may be more."""
    cache = listen(host)
    asked = UserEndpoints([], [], Quota(accounts(host) if found else frozenset(), EACH, AT_ONCE))
    for path, one in found.items():
        if isinstance(one, Hole):
            continue
        uid = one["owner_uid"]
        end = endpoints.endpoint(cache, path, one, partial(_pids, users.get(uid, Running()), unread), rootlesskit.started)
        taken = asked.counted.takes(uid)
        if end.ask is True and taken:
            asked.queue.append(end)
        else:
            asked.others.append((end, not_asked(end, f"more than {EACH} sockets of one user") if end.ask is True else None))
    return asked


def _pids(theirs: Running, unread: Hole | None) -> list[int] | Hole:
    return worst_hole(unread, theirs.more) or theirs.pids


def not_asked(end: Endpoint, message: str) -> Hole:
    """Return why an engine is not asked."""
    return Hole(why=Why.LIMIT, message=f"{end.path}: not asked: {message}")


def answers(asked: UserEndpoints, asking: Asking[T]) -> Iterator[tuple[Endpoint, T]]:
    """Yield what each engine of the queue says.

    Whoever has a range of ids is waited for once, as that user, and not once more for each user of the range.
    """
    known = [end for end in asked.queue if not asked.counted.shares(end.facts["owner_uid"])]
    late = False
    for end, stated in _answered(known, asking):
        late = late or asking.is_late(stated)
        yield end, stated
    others = [end for end in asked.queue if asked.counted.shares(end.facts["owner_uid"])]
    if late:
        yield from ((end, asking.unasked(end, not_asked(end, "others did not answer in time"))) for end in others)
    else:
        yield from _answered(others, asking)


def _answered(queue: list[Endpoint], asking: Asking[T]) -> Iterator[tuple[Endpoint, T]]:
    """Yield the answer of each socket; all that are asked at once have been sent their requests before an answer is read."""
    silent: set[int] = set()
    waits = 0
    while queue:
        batch, queue = queue[:AT_ONCE], queue[AT_ONCE:]
        before = len(silent)
        asking.send(batch)
        for one in batch:
            owner = one.facts["owner_uid"]
            if owner in silent:
                stated = asking.unasked(one, not_asked(one, "another of this user did not answer in time"))
            else:
                stated = asking.receive(one)
            yield one, stated
            if asking.is_late(stated):
                silent.add(owner)
        if len(silent) == before:
            continue
        waits += 1
        for one in queue:
            if one.facts["owner_uid"] in silent or waits >= WAITS:
                yield one, asking.unasked(one, not_asked(one, "others did not answer in time"))
        queue = [] if waits >= WAITS else [one for one in queue if one.facts["owner_uid"] not in silent]
