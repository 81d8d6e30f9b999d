"""The system's engine sockets: where they are, who may reach and replace them by owner, mode and ACL, and who listens.

Beside them stands what no permission shows: abstract sockets of root's engines, and connections to them that others hold.
"""

from collections import defaultdict

from hostcheck.api import Hole, Host, Json, incomplete, worst_hole
from hostcheck_builtin.sockets import connections_abroad
from hostcheck_builtin.sockets.abstract import abstract
from hostcheck_builtin.sockets.connections import connections
from hostcheck_builtin.sockets.discovery import discover
from hostcheck_builtin.system import candidates


def collect(host: Host) -> Json:
    """State every engine socket of the system by its path, the abstract ones of root's engines by their names, and who holds a connection to each."""
    sockets, cache, held = discover(host)
    unnamed = abstract(host, cache, held)
    connected = connections(host, cache, _names(sockets, unnamed))
    made_abroad = connections_abroad.by_socket(host, cache, sockets, held.hole)
    for name, entry in (*sockets.items(), *unnamed.items()):
        if not isinstance(entry, Hole):
            found = connected.get(name, {})
            entry["connections"] = found if isinstance(found, Hole) else incomplete(found, worst_hole(getattr(found, "hole", None), made_abroad.get(name)))
    return {"sockets": sockets, "abstract": unnamed}


def _names(sockets: dict[str, Json], unnamed: dict[str, Json]) -> dict[str, set[str]]:
    """Return the subjects by each name under which an engine may have bound their socket."""
    names: dict[str, set[str]] = defaultdict(set)
    for name in unnamed:
        names[name].add(name)
    for path, entry in sockets.items():
        for name in (path,) if isinstance(entry, Hole) else (path, entry["realpath"]):
            names[candidates.canonical(name)].add(path)
    return names
