"""The graph as facts: who can become root by which paths, and the cut. Lists are cut to what a report can hold; what is judged is not."""

from collections.abc import Collection, Iterable
from typing import Any, Final

from hostcheck.api import Hole, Json, Why, incomplete
from hostcheck_builtin.paths import cut as cuts
from hostcheck_builtin.paths.graph import EVERYONE, NETWORK, OTHERS, UNLISTED, Change, Edge, Graph, Needs, Strength
from hostcheck_builtin.paths.search import MOST, Path, Paths

NAMES: Final = {
    EVERYONE: "every local user",
    NETWORK: "whoever reaches this host over the network",
    OTHERS: "users who could not be listed",
    UNLISTED: "containers that could not be listed",
}
TOLD: Final = 4000
"""Paths that are told step by step; who has the surest comes first, and of everybody else it is told whether there are paths, and how many."""
LISTED: Final = 20
"""Principals that one change names."""


def principals(graph: Graph, paths: Paths) -> tuple[dict[str, Json], Hole | None]:
    """Return who has a path, or may have one, by name; and the hole where others may who could not be listed.

    Whoever has none that is certain may be one of these: what is not known of others is not known of them.
    """
    ways = {node: paths.of(node) for node in (EVERYONE, *graph.principals())}
    hole = _hole(ways[OTHERS][0]) if ways.get(OTHERS) else None
    found: dict[str, Json] = {}
    left = TOLD
    for node in sorted(ways, key=lambda node: (node != EVERYONE, ways[node][0].rank if ways[node] else (), node)):
        if node == EVERYONE or (ways[node] and node != OTHERS):
            shown = ways[node][: min(MOST, left)]
            left -= len(shown)
            found[name(node)] = _principal(node, ways[node], shown, hole)
    return found, hole


def name(node: str) -> str:
    """Return what a node is called in sentences: a user by name, everything else with its kind."""
    return NAMES.get(node) or (node.partition(":")[2] if node.startswith("user:") else node)


def _principal(node: str, ways: list[Path], shown: list[Path], hole: Hole | None) -> Json:
    """State what one principal can; what is false may be true where there are paths that may be there, of this principal or of others."""
    kind = node.partition(":")[0] if ":" in node else node
    certain = [way for way in ways if way.strength == Strength.CERTAIN]
    free = [way for way in certain if way.needs == Needs.NOTHING]
    first = list(dict.fromkeys(way.edges[0].because for way in free))
    more = Hole(why=Why.LIMIT, message=f"{len(first)} ways, of which {MOST} are told") if len(first) > MOST else None
    unsure = next((_hole(way) for way in ways if way.strength == Strength.POTENTIAL), hole if kind != "container" else None)
    return {
        "kind": kind,
        "name": name(node),
        "without_password": bool(free) or unsure or False,
        "with_password": any(way.needs == Needs.OWN_PASSWORD for way in certain) or unsure or False,
        "likely": any(way.strength == Strength.LIKELY and way.needs == Needs.NOTHING for way in ways) or unsure or False,
        "count": len(ways),
        "paths": [_path(way) for way in shown],
        "ways": incomplete(first[:MOST], unsure or more),
    }


def _hole(path: Path) -> Hole:
    """Return the hole that stands for a path of which it is not known whether it is there."""
    edge = next(edge for edge in path.edges if edge.strength == Strength.POTENTIAL)
    return Hole(why=edge.hole.why if edge.hole else Why.UNSUPPORTED, message=edge.because)


def _path(path: Path) -> Json:
    return {"strength": path.strength.word, "needs": path.needs.word, "steps": [_step(edge) for edge in path.edges]}


def _step(edge: Edge) -> Json:
    told = {"edge": edge.kind, "from": name(edge.origin), "to": name(edge.to), "because": edge.because, "evidence": list(edge.evidence)}
    return {**told, "strength": edge.strength.word, "needs": edge.needs.word, "waits": edge.waits, "technique": edge.technique}


def reach(found: dict[str, Json], hole: Hole | None, accounts: Json, made: Json) -> Json:
    """Return in numbers who can become root: what the first sentence of a report says."""
    users = [one for one in found.values() if one["kind"] == "user"]
    sure = [one for one in users if one["without_password"] is True]
    asked = [one for one in users if one["with_password"] is True and one["without_password"] is not True]
    everyone, network = (next((one["without_password"] for one in found.values() if one["kind"] == kind), False) for kind in (EVERYONE, NETWORK))
    return {
        "accounts": accounts,
        "without_password": incomplete([one["name"] for one in sure][:LISTED], hole),
        "users": len(sure),
        "with_password": len(asked),
        "everyone": everyone,
        "network": network,
        "smallest": made["smallest"],
        "changes": len(made["changes"]),
        "open": made["open"],
        "unsure": [hole.message] if hole else [],
    }


def section(found: dict[str, Json]) -> list[Json]:
    """Return the best paths of all, as a report tells them: a path for each way of each principal."""
    return [
        {"principal": f"user:{one['name']}" if one["kind"] == "user" else one["name"], "target": "host_root", **path}
        for _, one in sorted(found.items())
        for path in one["paths"]
    ]


def cut(graph: Graph, sources: Collection[str]) -> Json:
    """Return the changes that leave none of these nodes a certain path without a secret."""
    made = cuts.cut(graph, sources)
    keys = [change.key for change in made.changes]
    changes = [_change(change, cuts.closes(graph, change, sources, keys)) for change in made.changes]
    return {"smallest": made.smallest, "changes": changes, "open": _named(made.open)}


def _change(change: Change, closed: Iterable[str]) -> Json:
    return {"change": change.what, "rules": list(change.rules), "closes": _named(closed)}


def _named(nodes: Iterable[str]) -> Any:
    names = [name(node) for node in nodes]
    more = Hole(why=Why.LIMIT, message=f"{len(names) - LISTED} more") if len(names) > LISTED else None
    return incomplete(names[:LISTED], more)


def unapproved(graph: Graph, found: dict[str, Json], approved: Collection[str]) -> list[str]:
    """Return the nodes of who has a certain path without a password and is not approved; what can be reached from containers, their rules judge."""
    return [node for node in graph.principals() if (one := found.get(name(node))) and _counts(one) and one["name"] not in approved]


def _counts(one: dict[str, Any]) -> bool:
    return one["kind"] != "container" and one["without_password"] is True
