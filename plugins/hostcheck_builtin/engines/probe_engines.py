"""Engines of the system: installed, configured, running, and what each that runs says of itself.

The running daemon decides: a key in a configuration file proves nothing about who is root in a container. Engines of users are left to the probe
user-engines, so that a user's socket that never answers costs no fact about root's.
"""

from functools import cache, partial
from typing import Any

from hostcheck.api import Hole, Host, Json, attempt, incomplete
from hostcheck_builtin.engines import endpoints as endpoint_reader
from hostcheck_builtin.engines import engine_programs
from hostcheck_builtin.engines.endpoints import Endpoint
from hostcheck_builtin.sockets import probe_sockets
from hostcheck_builtin.system.listeners import listen
from hostcheck_builtin.system.path_walk import LstatCache


def collect(host: Host) -> Json:
    """State ``{sockets, processes, pidfiles, installed, configured}``; requests are sent first, and answers are read last."""
    lstats: LstatCache = {}
    running = cache(lambda: engine_programs.of_root(host, lstats))
    found = attempt(probe_sockets.paths, host)
    endpoints = found if isinstance(found, Hole) else _endpoints(host, found, lambda: running().unread or running().pids)
    stated = {
        "processes": running().stated(),
        "pidfiles": engine_programs.pidfiles(host),
        "installed": engine_programs.installed(host, lstats),
        "configured": engine_programs.configured(host),
    }
    return {**stated, "sockets": endpoints if isinstance(endpoints, Hole) else _answered(host, endpoints)}


def _endpoints(host: Host, found: dict[str, Any], pids: endpoint_reader.Pids) -> dict[str, Endpoint | Hole]:
    cache = listen(host)
    endpoints: dict[str, Endpoint | Hole] = {}
    for path, one in found.items():
        endpoints[path] = end = one if isinstance(one, Hole) else endpoint_reader.endpoint(cache, path, one, pids)
        if isinstance(end, Endpoint):
            endpoint_reader.send(host, [end])
    opened = getattr(found, "hole", None)
    return endpoints if opened is None else incomplete(endpoints, opened)


def _answered(host: Host, endpoints: dict[str, Endpoint | Hole]) -> Json:
    receive = partial(endpoint_reader.receive, host)
    facts = {path: one if isinstance(one, Hole) else receive(one) for path, one in endpoints.items()}
    opened = getattr(endpoints, "hole", None)
    return facts if opened is None else incomplete(facts, opened)
