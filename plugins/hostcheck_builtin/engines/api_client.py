"""Ask engines over their sockets: all requests are sent before any answer is read, and each endpoint fails alone.

Whoever hangs costs one patience, however many others hang; and an answer counts only if it comes from the user who was seen to listen.
"""

import errno
import json
from collections.abc import Callable
from typing import Final

from hostcheck.api import ABSENT, Answer, Hole, Host, Json, Nonsense, Unsupported, Why, attempt
from hostcheck_builtin.engines import api_answers
from hostcheck_builtin.system.bounds import ENGINE_ANSWER_BYTES as SIZE
from hostcheck_builtin.system.bounds import USERS_ENGINE_ANSWER_BYTES as USERS_SIZE

HTTP: Final = frozenset({"docker", "podman"})
"""Whose sockets are spoken to; the others speak gRPC, and who they are is told by who listens."""
PING: Final = "/_ping"
INFO: Final = "/info"
VERSION: Final = "/version"
LIBPOD: Final = "/v4.0.0/libpod/info"
"""Podman answers its own API under any version (captured: v1.12 to v5.0.0)."""
PATIENCE: Final = 2.5
DENIALS: Final = frozenset({401, 403})
ABSENCES: Final = frozenset({404, 405, 501})


def send(host: Host, socket: str, named: str) -> None:
    """Send everything that will be asked for."""
    for path in (PING, LIBPOD) if named == "podman" else (PING, INFO, VERSION):
        host.ahead(socket, path)


def receive(host: Host, socket: str, named: str, uid: int) -> dict[str, Json]:
    """Return what the engine behind a socket says; `named` is what the socket is called after, `uid` is who was seen to listen there."""

    def stated(path: str, read: Callable[[bytes], Json]) -> Json:
        return attempt(_read, host, socket, path, uid, read)

    engine = attempt(_engine, host, socket, uid)
    if isinstance(engine, Hole) and engine.why is Why.TIMEOUT:
        return nothing(engine)  # who was silent once would cost the same time for each further question
    facts: dict[str, Json] = {"engine": engine}
    if named != "podman":  # whose /info and /version take 150 ms each, and tell nothing that libpod does not
        facts["info"] = stated(INFO, lambda body: api_answers.info(api_answers.parse(body)))
        facts["version"] = stated(VERSION, lambda body: api_answers.version(api_answers.parse(body)))
    if named == "podman" or engine == "podman":
        facts["libpod"] = stated(LIBPOD, lambda body: api_answers.libpod(api_answers.parse(body)))
    elif isinstance(engine, Hole):
        facts["libpod"] = engine
    return facts


def nothing(hole: Hole) -> dict[str, Json]:
    """Return the same facts of an engine that could not be asked."""
    return dict.fromkeys(("engine", "info", "libpod", "version"), hole)


def _read(host: Host, socket: str, path: str, uid: int, read: Callable[[bytes], Json]) -> Json:
    body = content(socket, path, answer(host, socket, path, uid, limit=USERS_SIZE if uid else SIZE))
    try:
        return read(body)
    except Nonsense as error:
        raise Nonsense(f"{socket}: {path}: {error}") from error


def answer(host: Host, socket: str, path: str, uid: int, *, patience: float = PATIENCE, limit: int = SIZE) -> Answer:
    """Return the answer to a GET; raises what the host raises, and Nonsense where another than `uid` gives it."""
    try:
        given = host.get(socket, path, timeout=patience, limit=limit)
    except ABSENT as error:
        raise Nonsense(f"{socket}: gone between two looks") from error
    if given.uid != uid:
        raise Nonsense(f"{socket}: {path}: answered by uid {given.uid}, where uid {uid} was seen to listen")
    return given


def content(socket: str, path: str, given: Answer) -> bytes:
    """Return the body of an answer that is one; raises what its status means."""
    if given.status in DENIALS:
        raise PermissionError(errno.EACCES, f"{path}: answered {given.status}", socket)
    if given.status in ABSENCES:
        raise Unsupported(f"{socket}: {path}: answered {given.status}")
    if given.status != 200:
        raise Nonsense(f"{socket}: {path}: answered {given.status}")
    return given.body


def members(socket: str, path: str, given: Answer) -> list[Json]:
    """Return the list in the body of an answer; raises Nonsense where it is anything else, and what its status means."""
    body = content(socket, path, given)
    try:
        found = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Nonsense(f"{socket}: {path}: not JSON") from error
    if not isinstance(found, list):
        raise Nonsense(f"{socket}: {path}: a {type(found).__name__} where a list is expected")
    return found


def _engine(host: Host, socket: str, uid: int) -> str:
    """Return which engine says that it answers, by the headers that both send with every answer, even with a refusal."""
    return says(socket, PING, answer(host, socket, PING, uid))


def says(socket: str, path: str, given: Answer) -> str:
    """Return the engine that the headers of an answer tell; raises Nonsense."""
    if given.libpod or given.server.startswith("Libpod/"):
        return "podman"
    if given.server.startswith("Docker/"):
        return "docker"
    raise Nonsense(f"{socket}: {path}: does not say which engine it is")
