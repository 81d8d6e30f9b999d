"""Ask an engine for its networks: one list, as long as it may be and no longer.

Which engine answers is told by its answer: podman may serve the socket that is docker's, and has a list of its own that tells more.
"""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from hostcheck.api import Hole, Host, Nonsense, Why, attempt, worst_hole
from hostcheck_builtin.containers.inspection import is_roots
from hostcheck_builtin.engines import api_client
from hostcheck_builtin.engines.endpoints import Endpoint
from hostcheck_builtin.networks import told_networks
from hostcheck_builtin.system.bounds import NETWORK_LIST_BYTES as LISTED
from hostcheck_builtin.system.bounds import NETWORKS_OF_AN_ENGINE as MANY

LISTS: Final = {"docker": "/networks", "podman": "/v4.0.0/libpod/networks/json"}
PATIENCE: Final = 1.5
"""Seconds for a list, from when it was asked for: engines that are slow are waited for together."""


class NetworkList(NamedTuple):
    """What an engine lists: which engine it is, the facts of its networks by id, and why there may be more."""

    engine: str
    networks: dict[str, dict[str, Any]]
    more: Hole | None


def send(host: Host, ends: Iterable[Endpoint]) -> None:
    """Send each engine that can be asked the request for its list."""
    for end in ends:
        if is_roots(end):
            host.ahead(end.path, LISTS[end.named])


def listed(host: Host, end: Endpoint) -> NetworkList:
    """Return what the engine behind a socket lists; raises what the answer means."""
    path = LISTS[end.named]
    given = api_client.answer(host, end.path, path, end.uid, patience=PATIENCE, limit=LISTED)
    engine = api_client.says(end.path, path, given)
    if LISTS[engine] != path:
        path = LISTS[engine]
        given = api_client.answer(host, end.path, path, end.uid, patience=PATIENCE, limit=LISTED)
    return _read(api_client.members(end.path, path, given), engine, end.path)


def _read(found: list[Any], engine: str, socket: str) -> NetworkList:
    each = [attempt(_network, one, engine, socket) for one in found[:MANY]]
    networks = {str(one["id"]): one for one in each if not isinstance(one, Hole)}
    many = Hole(why=Why.LIMIT, message=f"{socket}: has {len(found)} networks, of which {MANY} are looked at") if len(found) > MANY else None
    return NetworkList(engine, networks, worst_hole(many, *(one for one in each if isinstance(one, Hole))))


def _network(one: Any, engine: str, socket: str) -> dict[str, Any]:
    try:
        told_networks.identity(one)
    except TypeError:
        raise Nonsense(f"{socket}: {LISTS[engine]}: a network without an id") from None
    return told_networks.network(one, engine)
