"""Who reaches an engine through a program of root's that hands on what it receives, on TCP or by another socket than the engine's own.

A path that socket-access judges already is left out: there it is an engine's socket like any other.
"""

from collections.abc import Mapping
from typing import Any

from hostcheck.api import Hole, Json, View, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.accounts import access, access_facts, path_routes
from hostcheck_builtin.accounts.gather import gather
from hostcheck_builtin.accounts.people import People
from hostcheck_builtin.groups import grants
from hostcheck_builtin.listeners.reach import reach
from hostcheck_builtin.sockets import requirements, setgid_ways

Judged = tuple[frozenset[str], Hole | None]
"""The sockets that are judged as an engine's own, and why there may be more."""


def relays(facts: Mapping[str, Any]) -> Json:
    """State each relay by what it listens on."""
    stated = facts["listeners"]["relays"]
    tcp, paths = stated["tcp"], stated["paths"]
    found: dict[str, Json] = {name: attempt(lambda at: _on_tcp(tcp[at]), name) for name in known(tcp)}
    judged = _judged(facts)
    people = attempt(_people, facts) if known(paths) else None
    for path in known(paths):
        if path not in judged[0]:
            found[path] = people if isinstance(people, Hole) else attempt(lambda at: _on_path(people, judged, paths[at]), path)
    return incomplete({name: one for name, one in found.items() if one is not None}, worst_hole(opening(tcp), opening(paths)))


def _people(facts: Mapping[str, Any]) -> People:
    people = gather(facts)
    grants.take(people, facts)
    setgid_ways.take(people, facts)
    return people


def _judged(facts: Mapping[str, Any]) -> Judged:
    sockets: View | Hole = attempt(lambda: facts["socket-access"]["sockets"])
    return (frozenset(), sockets) if isinstance(sockets, Hole) else (frozenset(known(sockets)), opening(sockets))


def _common(one: View) -> dict[str, Json]:
    given = one["given"]
    return {
        "exe": one["process"]["exe"],
        "pid": one["process"]["pid"],
        "sockets": list(given),
        "how": sorted({how for path in given for how in given[path]}),
        "hands_on": attempt(one.__getitem__, "hands_on"),
    }


def _on_tcp(one: View) -> dict[str, Json]:
    network = "own" if one["network"] == 0 else "other"
    return {"kind": "tcp", **_common(one), "reach": reach(str(one["address"])), "network": network, "tls": attempt(one.__getitem__, "tls")}


def _on_path(people: Any, judged: Judged, one: View) -> Json:
    """State who connects to a relay's path, None where the socket is judged elsewhere."""
    if one["realpath"] in judged[0]:
        return None
    found = access.access(people, path_routes.connecting(one))
    return {
        "kind": "path",
        **_common(one),
        "everyone": found.everyone,
        "users": access_facts.stated(found),
        "reached_by": access_facts.words(found),
        "permissions": requirements.permissions(people, one),
        **{"realpath": one["realpath"], "root_only": requirements.only_root(requirements.exposed(one), one["realpath"])},
    }
