"""Which engines of users are asked, and in what order: each speaks of its user alone, and whoever keeps the scanner waiting uses up no time of another.

Every probe that asks them goes by this, since none can see what another was told.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

from hostcheck.api import Hole, Host, Why, worst_hole
from hostcheck_builtin.engines import endpoints, rootlesskit
from hostcheck_builtin.engines.endpoints import Endpoint
from hostcheck_builtin.engines.engine_programs import Running
from hostcheck_builtin.system import bounds
from hostcheck_builtin.system.listeners import listen
from hostcheck_builtin.system.quota import SHARED, Quota

T = TypeVar("T")


class UserEndpoints(NamedTuple):
    """Sockets of users: those to ask, each with the account that it is of, and those that are not asked with the hole why one that could be is not."""

    queue: list[tuple[Endpoint, int]]
    others: list[tuple[Endpoint, Hole | None]]


class Asking(NamedTuple, Generic[T]):
    """What is asked: how it is sent, what came back, what is said where it is not asked, and whether that was late."""

    send: Callable[[Iterable[Endpoint]], None]
    receive: Callable[[Endpoint], T]
    unasked: Callable[[Endpoint, Hole], T]
    is_late: Callable[[T], bool]


def chosen(host: Host, found: dict[str, Any], users: dict[int, Running], unread: Hole | None) -> UserEndpoints:
    """Choose among the sockets that were `found`; `users` are the engines that run, and `unread` says why there may be more."""
    cache, counted, turns = listen(host), Quota(host, bounds.ENGINE_SOCKETS_OF_A_USER, bounds.ENGINE_SOCKETS_AT_ONCE), dict[str, int]()
    asked = UserEndpoints([], [])
    for path, one in found.items():
        if isinstance(one, Hole):
            continue
        uid = one["owner_uid"]
        end = endpoints.endpoint(cache, path, one, partial(_pids, users.get(uid, Running()), unread), rootlesskit.started)
        if end.ask is True and counted.takes(uid):
            account = host.account(uid)
            turns[end.path] = counted.counted[account]
            asked.queue.append((end, account))
        else:
            asked.others.append((end, not_asked(end, f"more than {bounds.ENGINE_SOCKETS_OF_A_USER} sockets of one user") if end.ask is True else None))
    asked.queue.sort(key=lambda one: (one[1] == SHARED, turns[one[0].path]))  # a first one of each, so that nobody's sockets keep others waiting
    return asked


def _pids(theirs: Running, unread: Hole | None) -> list[int] | Hole:
    return worst_hole(unread, theirs.more) or theirs.pids


def not_asked(end: Endpoint, message: str) -> Hole:
    """Return why an engine is not asked."""
    return Hole(why=Why.LIMIT, message=f"{end.path}: not asked: {message}")


def answers(asked: UserEndpoints, asking: Asking[T]) -> Iterator[tuple[Endpoint, T]]:
    """Yield what each engine says; all that are asked at once have been sent their requests before an answer is read.

    An account is waited for once: whoever has a range of ids is waited for as that user, and not once more for each user of the range.
    """
    queue, silent, waits = asked.queue, set[int](), 0
    while queue:
        batch, queue = queue[: bounds.ENGINE_SOCKETS_AT_ONCE], queue[bounds.ENGINE_SOCKETS_AT_ONCE :]
        before = len(silent)
        asking.send(end for end, _ in batch)
        for one, owner in batch:
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
        for one, owner in queue:
            if owner in silent or waits >= bounds.ENGINES_WAITED_FOR:
                yield one, asking.unasked(one, not_asked(one, "others did not answer in time"))
        queue = [] if waits >= bounds.ENGINES_WAITED_FOR else [(one, owner) for one, owner in queue if owner not in silent]
