"""The graph as facts: who can become root by which paths, and the cut. Lists are cut to what a report can hold; what is judged is not."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from hostcheck.api import Hole, Json, Why, incomplete, worst_hole
from hostcheck_builtin.accounts import ways as by_acl
from hostcheck_builtin.paths import cut as cuts
from hostcheck_builtin.paths.graph import (
    DIRECTORY,
    EVERYONE,
    LET_IN,
    LOOPBACK,
    NETWORK,
    OF,
    OTHERS,
    RUNNER,
    UNLISTED,
    UNOWNED,
    USER,
    Change,
    Edge,
    Graph,
    Needs,
    Strength,
)
from hostcheck_builtin.paths.search import Path, Paths
from hostcheck_builtin.system.bounds import CUT_PRUNING
from hostcheck_builtin.system.bounds import PATHS_OF_A_PRINCIPAL as MOST
from hostcheck_builtin.system.bounds import PATHS_STATED as ROOM
from hostcheck_builtin.system.bounds import PRINCIPALS_OF_A_CHANGE as LISTED

NAMES: Final = {
    EVERYONE: "every local user",
    NETWORK: "whoever reaches this host over the network",
    LOOPBACK: "the network of this host",
    OTHERS: "users who could not be listed",
    UNOWNED: by_acl.UNOWNED,
    UNLISTED: "containers that could not be listed",
    RUNNER: "whoever may push a job to CI runners that could not be listed",
}
Ways = Mapping[str, list[Path]]
OF_RUNNERS: Final = "/credential-access"
UNTOLD: Final = Hole(why=Why.LIMIT, message="there are too many changes to tell of each whose paths it closes")


def all_ways(graph: Graph, paths: Paths) -> Ways:
    """Return the best path by each way of whoever has one; every local user is always there, and who has the surest comes first."""
    found = {node: paths.of(node) for node in (EVERYONE, *graph.principals())}
    order = sorted(found, key=lambda node: (node != EVERYONE, found[node][0].rank if found[node] else (), node))
    return {node: found[node] for node in order if found[node] or node == EVERYONE}


def principals(ways: Ways) -> dict[str, Json]:
    """State of users, of every local user and of the network what they can, by name; incomplete where others may who could not be listed.

    Whoever has no path that is certain may be one of these: what is not known of others is not known of them. Of whom it is not even known whether there is
    a path, nothing else is told.
    """
    hole = unlisted(ways)
    free = [way for way in ways.get(EVERYONE, ()) if _is_free(way)]
    judged = {node: paths for node, paths in ways.items() if node != OTHERS and not is_apart(node)}
    stated: dict[str, Json] = {name(node): _principal(node, paths, hole, free if node.startswith(USER) else ()) for node, paths in judged.items()}
    told: dict[str, Json] = incomplete(stated, hole)
    return told


def unlisted(ways: Ways) -> Hole | None:
    """Return the hole that stands for users who could not be listed, and may have paths."""
    return _unsure(ways.get(OTHERS, ()))


def is_apart(node: str) -> bool:
    """Say whether a node is whoever is root in a container, or may push a job: they have paths, and are none of the accounts that are judged."""
    return node.startswith((UNLISTED, RUNNER))


def name(node: str) -> str:
    """Return what a node is called in sentences: a user by name, everything else with its kind."""
    if node.startswith(LET_IN):
        return f"whoever {node.removeprefix(LET_IN)} lets in"
    if node.startswith(DIRECTORY):
        return f"users of the directory {node.removeprefix(DIRECTORY)}"
    if is_pusher(node):
        return f"whoever may push a job to the CI runner of {node.removeprefix(RUNNER)}"
    kind, _, whose = node.partition(OF)
    if whose and kind in (UNLISTED, RUNNER):
        return f"{NAMES[kind]}, of {whose}"
    return NAMES.get(node) or (node.partition(":")[2] if node.startswith("user:") else node)


def _principal(node: str, ways: list[Path], hole: Hole | None, all_can: Iterable[Path] = ()) -> Json:
    """State what somebody can; where nothing else is certain and free, that is what every local user can (`all_can`)."""
    free = list(dict.fromkeys(way.edges[0].because for way in ([way for way in ways if _is_free(way)] or all_can)))
    likely = list(dict.fromkeys(_likely_words(way) for way in ways if _is_likely(way)))
    own = _unsure(ways)
    if own is not None and all(way.strength == Strength.POTENTIAL for way in ways) and node != EVERYONE and not node.startswith(DIRECTORY):
        return own
    unsure = worst_hole(own, hole)
    places = list(dict.fromkeys(place for way in ways for edge in way.edges for place in edge.evidence))
    return {
        "kind": node.partition(":")[0] if ":" in node else node,
        "name": name(node),
        "without_password": bool(free) or unsure or False,
        "with_password": any(way.strength == Strength.CERTAIN and way.needs == Needs.OWN_PASSWORD for way in ways) or unsure or False,
        "likely": bool(likely) or unsure or False,
        "ways": incomplete(free[:MOST], unsure or _more(free)),
        "likely_ways": incomplete(likely[:MOST], unsure or _more(likely)),
        "rests_on": places[:LISTED],
    }


def _more(ways: list[str]) -> Hole | None:
    return Hole(why=Why.LIMIT, message=f"{len(ways)} ways, of which {MOST} are told") if len(ways) > MOST else None


def _likely_words(path: Path) -> str:
    """Return the first step of a path, and each that takes something that is not known to be given, in one sentence."""
    first, *_ = path.edges
    said = [first.because] if first.strength == Strength.CERTAIN else []
    return "; ".join([*said, *(f"likely: {edge.because}" for edge in path.edges if edge.strength == Strength.LIKELY)])


def _is_free(path: Path) -> bool:
    return path.strength == Strength.CERTAIN and path.needs == Needs.NOTHING


def _is_likely(path: Path) -> bool:
    return path.strength == Strength.LIKELY and path.needs == Needs.NOTHING


def _is_potential(path: Path) -> bool:
    return path.strength == Strength.POTENTIAL and path.needs == Needs.NOTHING


def _unsure(ways: Iterable[Path]) -> Hole | None:
    """Return the worst hole of the paths of which it is not known whether they are there: one about a user's things may not stand for one about anybody's."""
    return worst_hole(*(_hole(way) for way in ways if way.strength == Strength.POTENTIAL))


def _hole(path: Path) -> Hole:
    """Return the hole that stands for a path of which it is not known whether it is there."""
    edge = next(edge for edge in path.edges if edge.strength == Strength.POTENTIAL)
    given = edge.hole or Hole(why=Why.UNSUPPORTED, message="")
    return Hole(why=given.why, message=_said(edge), owners=given.owners)


def _said(edge: Edge) -> str:
    """Return why an edge is there; of one that may be there, why that is not known too."""
    unsaid = edge.hole is not None and edge.hole.message not in edge.because
    return f"{edge.because}, which is not known ({edge.hole.message})" if edge.hole and unsaid else edge.because


def _path(path: Path) -> Json:
    return {"strength": path.strength.word, "needs": path.needs.word, "steps": [_step(edge) for edge in path.edges]}


def _step(edge: Edge) -> Json:
    told = {"edge": edge.kind, "from": name(edge.origin), "to": name(edge.to), "because": _said(edge), "evidence": list(edge.evidence)}
    told |= {"strength": edge.strength.word, "needs": edge.needs.word, "waits": edge.waits, "technique": edge.technique}
    return {**told, "pid": edge.pid} if edge.pid else told


def reach(ways: Ways, accounts: Json, made: Json) -> Json:
    """Return in numbers who can become root: what the first sentence of a report says."""
    sure = {node for node, paths in ways.items() if any(map(_is_free, paths))}
    likely = {node for node, paths in ways.items() if node not in sure and any(map(_is_likely, paths))}
    told = sure | likely
    unknown = {node for node, paths in ways.items() if node not in told and any(map(_is_potential, paths))}
    users = [node for node in ways if node in sure and node.startswith(USER)]
    asked = [node for node, paths in ways.items() if node not in sure and node.startswith(USER) and any(map(_is_asked, paths))]
    hole = unlisted(ways)
    return {
        "accounts": accounts,
        "without_password": incomplete([name(node) for node in users[:LISTED]], hole),
        "users": len(users),
        "with_password": len(asked),
        "likely": sum(node.startswith(USER) for node in likely),
        "everyone_likely": EVERYONE in likely,
        "unknown": sum(node.startswith(USER) for node in unknown),
        "ids": UNOWNED in sure,
        "everyone": EVERYONE in sure,
        "network": NETWORK in sure,
        "smallest": made["smallest"],
        "changes": len(made["changes"]),
        "open": made["open"],
        "unsure": [one.message for one in (hole, *(_unsure(paths) for node, paths in ways.items() if node.startswith(DIRECTORY))) if one],
    }


def _is_asked(path: Path) -> bool:
    return path.strength == Strength.CERTAIN and path.needs == Needs.OWN_PASSWORD


def section(ways: Ways) -> Json:
    """Return the paths step by step, as a report tells them: for each of whom there are any the best by each way.

    If there are too many, each has the best before anybody has a second one, and as many as there is room for with all of their steps.
    """
    known = [(node, paths[:MOST]) for node, paths in ways.items() if node != OTHERS and not node.startswith(DIRECTORY)]
    told: dict[tuple[int, int], Json] = {}
    room = ROOM
    for rank, index in sorted((rank, index) for index, (_, paths) in enumerate(known) for rank in range(len(paths))):
        node, paths = known[index]
        path = {"principal": node if node.startswith(USER) else name(node), "target": "host_root", **_path(paths[rank])}
        room -= _values(path)
        if room < 0:
            break
        told[index, rank] = path
    return incomplete([told[place] for place in sorted(told)], unlisted(ways))


def _values(told: Json) -> int:
    inner = told.values() if isinstance(told, dict) else told if isinstance(told, list) else ()
    return 1 + sum(map(_values, inner))


def cut(graph: Graph, sources: Collection[str], approved: Collection[str] = ()) -> Json:
    """Return the changes that leave none of these nodes a certain path without a secret, and approved users what they have, where that can be."""
    made = cuts.cut(graph, sources, {f"{USER}{user}" for user in approved})
    keys = [change.key for change in made.changes]
    told = CUT_PRUNING // (len(graph.edges) + 1)  # each is a search through the graph
    changes = [
        _change(change, places, _named(cuts.closes(graph, change, sources, keys)) if index < told else incomplete([], UNTOLD))
        for index, (change, places) in enumerate(made.changes.items())
    ]
    return {"smallest": made.smallest, "changes": changes, "open": _named(made.open)}


def _change(change: Change, places: Sequence[str], closed: Json) -> Json:
    """State a change with what commands need; its rules are those that a plugin names, to which a report adds those that `closes` names by its kind."""
    fields = {name: value for name in ("kind", "user", "group", "path", "line", "tool", "unasked_by") if (value := getattr(change, name))}
    ours = [f"/access-paths{place.removeprefix(OF_RUNNERS)}" for place in places if place.startswith(f"{OF_RUNNERS}/runners/")]  # where a rule judges runners
    told = {"change": change.what, "rules": list(change.rules), "closes": closed, "rests_on": [*places[:LISTED], *ours[:LISTED]]}
    return {**told, **fields, "root_only": change.root_only}


def _named(nodes: Iterable[str]) -> Any:
    names = [name(node) for node in nodes]
    more = Hole(why=Why.LIMIT, message=f"{len(names) - LISTED} more") if len(names) > LISTED else None
    return incomplete(names[:LISTED], more)


def unapproved(ways: Ways, approved: Collection[str], trusted: Collection[str] = ()) -> list[str]:
    """Return the nodes of who has a certain path without a password and is not approved, and of runners that are not trusted.

    Root in a container is told apart.
    """
    found = [node for node, paths in ways.items() if any(map(_is_free, paths))]
    apart = {f"{RUNNER}{one}" for one in trusted}
    return [node for node in found if node not in apart and name(node) not in approved and (not is_apart(node) or is_pusher(node))]


def is_pusher(node: str) -> bool:
    """Say whether a node is whoever may push a job to a runner that is known."""
    return node.startswith(RUNNER) and node != RUNNER and not node.startswith(f"{RUNNER}{OF}")


def runners(ways: Ways, known_runners: Iterable[str]) -> dict[str, Json]:
    """State of whoever may push a job to each of these runners what principals are stated as."""
    told: dict[str, Json] = {one: _principal(f"{RUNNER}{one}", ways.get(f"{RUNNER}{one}", []), None) for one in known_runners}
    return {one: stated if isinstance(stated, Hole) else {**stated, "name": one} for one, stated in told.items()}
