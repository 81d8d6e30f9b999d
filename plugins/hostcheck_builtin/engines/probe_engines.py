"""Engines of the system: installed, configured, running, and what each that runs says of itself.

The running daemon decides: a key in a configuration file proves nothing about who is root in a container. Engines of users are left to the probe
user-engines, so that a user's socket that never answers costs no fact about root's.
"""

from functools import cache

from hostcheck.api import Hole, Host, Json, attempt, incomplete, map_known
from hostcheck_builtin.engines import endpoints, engine_programs
from hostcheck_builtin.sockets.discovery import discover
from hostcheck_builtin.system.path_walk import LstatCache


def collect(host: Host) -> Json:
    """State ``{sockets, processes, pidfiles, installed, configured}``; requests are sent first, and answers are read last."""
    lstats: LstatCache = {}
    running = cache(lambda: engine_programs.of_root(host, lstats))
    found = map_known(attempt(discover, host), lambda discovered: discovered.sockets)
    asked = {} if isinstance(found, Hole) else endpoints.asked(host, found, lambda: running().unread or running().pids, endpoints.send)
    stated = {
        "processes": running().stated(),
        "pidfiles": engine_programs.pidfiles(host),
        "installed": engine_programs.installed(host, lstats),
        "configured": engine_programs.configured(host),
    }
    answered = {path: one if isinstance(one, Hole) else endpoints.receive(host, one) for path, one in asked.items()}
    return {**stated, "sockets": found if isinstance(found, Hole) else incomplete(answered, getattr(found, "hole", None))}
