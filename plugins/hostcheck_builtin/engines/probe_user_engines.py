"""Engines of users: who serves their sockets, what it says of itself, and which of their processes run an engine's program.

All of it speaks of its user alone. Sockets are asked some at a time, and a user whose engine kept the scanner waiting is not asked again.
"""

from functools import partial
from typing import Any

from hostcheck.api import Hole, Host, Json, Why, attempt, incomplete
from hostcheck_builtin.engines import endpoints, engine_programs, user_endpoints
from hostcheck_builtin.engines.engine_programs import Running
from hostcheck_builtin.engines.user_endpoints import Asking
from hostcheck_builtin.sockets import user_discovery
from hostcheck_builtin.system.path_walk import LstatCache


def collect(host: Host) -> Json:
    """State ``{sockets, programs}``: sockets by path, programs by uid and path."""
    lstats: LstatCache = {}
    found = attempt(user_discovery.discover, host)
    users, unread = engine_programs.of_users(host, lstats)
    running = {str(uid): one.stated() for uid, one in sorted(users.items())}
    return {
        "programs": incomplete(running, unread),
        "sockets": found if isinstance(found, Hole) else _sockets(host, found, users, unread),
    }


def _sockets(host: Host, found: dict[str, Any], users: dict[int, Running], unread: Hole | None) -> Json:
    facts: dict[str, Json] = {path: one for path, one in found.items() if isinstance(one, Hole)}
    asked = user_endpoints.chosen(host, found, users, unread)
    facts |= {end.path: endpoints.unasked(end, hole) if hole else endpoints.receive(host, end) for end, hole in asked.others}
    send, receive = partial(endpoints.send, host), partial(endpoints.receive, host)
    asking: Asking[dict[str, Json]] = Asking(send=send, receive=receive, unasked=endpoints.unasked, is_late=_is_late)
    facts.update((end.path, stated) for end, stated in user_endpoints.answers(asked, asking))
    return incomplete(facts, getattr(found, "hole", None))


def _is_late(stated: dict[str, Json]) -> bool:
    return any(isinstance(fact, Hole) and fact.why == Why.TIMEOUT for fact in stated.values())
