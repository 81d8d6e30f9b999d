"""Ask the engines for their containers: first for the list, then for each, many at a time, and no longer than the patience that is left.

Whoever is late leaves a hole for each container that was not told of. A container that has gone meanwhile is left out, and leaves none.
"""

import time
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from hostcheck.api import Hole, Host, Json, Nonsense, Why, attempt, worst_hole
from hostcheck_builtin.containers import given_of_host, inspect_answers
from hostcheck_builtin.engines import api_answers, api_client
from hostcheck_builtin.engines.endpoints import Endpoint
from hostcheck_builtin.system import bounds

LIST: Final = "/containers/json?all=1"
VOLUMES: Final = "/volumes?filters=%7B%22driver%22%3A%5B%22local%22%5D%7D"
"""Those of the driver local: others would be asked of plugins, and what a plugin mounts is none of the host's files."""
INSPECT: Final = {"docker": "/containers/{}/json", "podman": "/v4.0.0/libpod/containers/{}/json"}
"""Podman tells in its own words what ids it maps, and not in docker's."""
FIRST: Final = 1.5
"""Seconds for the list of an engine."""
ALL: Final = 2.5
"""Seconds for all that is asked for about containers, whatever engine has them."""
NEXT: Final = 1.0
"""For one answer, from when it was asked for: those that were asked for together are waited for together."""


class Patience:
    """What is left of the time for all engines; it runs only while one is asked."""

    def __init__(self, seconds: float = ALL) -> None:
        """Begin with so much."""
        self.left = seconds

    def ask(self, host: Host, end: Endpoint, paths: list[str], limit: int) -> Iterator[tuple[str, Json]]:
        """Yield the answer to each path, or its hole."""
        for path in paths:
            if self.left > 0:
                host.ahead(end.path, path)
        for path in paths:
            begun = time.monotonic()
            if self.left <= 0:
                yield path, Hole(why=Why.TIMEOUT, message=f"{end.path}: too slow to be asked for all that was to be asked")
                continue
            given = attempt(api_client.answer, host, end.path, path, end.uid, patience=min(NEXT, self.left), limit=limit)
            self.left -= time.monotonic() - begun
            yield path, given


def send(host: Host, ends: Iterable[Endpoint]) -> None:
    """Send each engine that can be asked the request for its list."""
    for end in ends:
        if is_roots(end):
            host.ahead(end.path, LIST)


def is_roots(end: Endpoint) -> bool:
    """Say whether an engine is root's, and can be asked: what a user serves at a path of the system's decides nothing about root's."""
    return end.ask is True and end.uid == 0


class ContainerList(NamedTuple):
    """What an engine lists: which engine it is, its containers by id with the names that they had then, and why there may be more."""

    engine: str
    names: dict[str, str]
    more: Hole | None


def listed(host: Host, end: Endpoint, *, limit: int = bounds.CONTAINER_LIST_BYTES, many: int | None = None) -> ContainerList:
    """Return what the engine behind a socket lists; raises what the answer means."""
    given = api_client.answer(host, end.path, LIST, end.uid, patience=FIRST, limit=limit)
    found, engine = api_client.members(end.path, LIST, given), api_client.says(end.path, LIST, given)
    each = [attempt(_identity, one, end.path) for one in found]
    names = dict(sorted(one for one in each if not isinstance(one, Hole)))
    most = bounds.CONTAINERS_OF_AN_ENGINE if many is None else many
    more = Hole(why=Why.LIMIT, message=f"{end.path}: has {len(names)} containers, of which {most} are looked at") if len(names) > most else None
    return ContainerList(engine, dict(list(names.items())[:most]), worst_hole(more, *(one for one in each if isinstance(one, Hole))))


def _identity(one: Json, socket: str) -> tuple[str, str]:
    try:
        return inspect_answers.identity(one)
    except TypeError:
        raise Nonsense(f"{socket}: {LIST}: a container without an id") from None


def inspected(
    host: Host, end: Endpoint, engine: str, ids: list[str], patience: Patience, *, limit: int = bounds.CONTAINER_ANSWER_BYTES
) -> Iterator[tuple[str, Json]]:
    """Yield the facts of each container by its id, or why they are not known; what has gone is left out."""
    paths = {INSPECT[engine].format(one): one for one in ids}
    waiting = list(paths)
    while waiting:
        now, waiting = waiting[: bounds.ANSWERS_AT_ONCE], waiting[bounds.ANSWERS_AT_ONCE :]
        for path, given in patience.ask(host, end, now, limit):
            if isinstance(given, Hole):
                yield paths[path], given
            elif given.status != 404:
                yield paths[path], attempt(_told, end.path, path, given, engine, paths[path])


def _told(socket: str, path: str, given: Json, engine: str, asked: str) -> Json:
    place = f"{socket}: a container's answer"
    try:
        document = api_answers.parse(api_client.content(socket, path, given))
    except Nonsense as error:
        raise Nonsense(f"{place}: {error}") from error
    told = inspect_answers.container(document, engine)
    if told["id"] != asked:
        raise Nonsense(f"{place}: tells of another container")
    return told


def volumes(host: Host, end: Endpoint, patience: Patience, *, limit: int = bounds.CONTAINER_LIST_BYTES) -> Json:
    """Return by name what the volumes of the driver local show of the host, or why that is not known."""
    ((_, given),) = patience.ask(host, end, [VOLUMES], limit)
    return given if isinstance(given, Hole) else attempt(_volumes, end.path, given)


def _volumes(socket: str, given: Json) -> Json:
    return given_of_host.volumes(api_answers.parse(api_client.content(socket, VOLUMES, given)))
