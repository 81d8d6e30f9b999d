"""Who has no path to root, and who else has one by each kind of step: what keeps the others from it."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from hostcheck.api import Hole, Json, View, Why, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.paths import statement
from hostcheck_builtin.paths.graph import EVERYONE, NETWORK, ROOT, SOMEBODY, UNLISTED, UNOWNED, USER, Graph, Strength
from hostcheck_builtin.paths.search import nearest
from hostcheck_builtin.system.bounds import PRINCIPALS_OF_A_CHANGE as LISTED
from hostcheck_builtin.system.bounds import PRINCIPALS_WITHOUT_A_PATH as MOST

KINDS: Final = {
    "connect to an engine, by a socket or an address": ("connects", "may-write", "replaces"),
    "run a command as somebody else by sudo or doas": ("runs-as",),
    "run a program that has the setuid bit or capabilities": ("executes",),
    "write to a file that root runs or trusts": ("writes",),
    "be in a group that is as good as root, or have uid 0": ("member-of", "is"),
    "map ids of others with a user namespace": ("maps",),
    "have polkit let them act as root": ("authorizes",),
    "become another user by su without a password": ("becomes",),
    "read a key or the hash of a password": ("reads", "logs-in"),
    "get out of a container, or into one": ("escapes", "attaches", "runs-job"),
}
"""Kinds of steps in words, with the kinds of edges that whoever takes such a step begins with."""
GROUP: Final = "group:"


def told(facts: Mapping[str, Any], graph: Graph, everybodys: statement.Ways, ways: statement.Ways) -> dict[str, Json]:
    """State who has no path, and of each kind of step who gets to root by it, for certain or likely; `everybodys` ways are also those of unused accounts."""
    unused = sorted(node for node in everybodys.keys() - ways.keys() if node.startswith(USER))
    onward = nearest(graph, ROOT, strength=Strength.LIKELY, secrets=True)
    leads = {ROOT, *onward} - {EVERYONE}  # to be a local user is no step
    leading = [edge for edge in graph.edges if edge.strength <= Strength.LIKELY and edge.origin not in unused and edge.to in leads]
    return {
        "without_path": _users(facts, ways, unused),
        "containers_without_path": _containers(facts, ways),
        "unused": unused[:MOST],
        "steps": [{"step": words, "who": _named({edge.origin for edge in leading if edge.kind in kinds})} for words, kinds in KINDS.items()],
    }


def _users(facts: Mapping[str, Any], ways: statement.Ways, unused: Collection[str]) -> Json:
    """Return the users of the files who have none; incomplete where not all are known, or others may be one of them."""
    users: View | Hole = attempt(lambda: facts["principals"]["users"])
    if isinstance(users, Hole):
        return users
    found = [f"{USER}{name}" for name in known(users) if name != ROOT]
    return _few([node for node in found if node not in ways and node not in unused], worst_hole(opening(users), statement.unlisted(ways)))


def _containers(facts: Mapping[str, Any], ways: statement.Ways) -> Json:
    """Return the containers that run and have none."""
    containers: View | Hole = attempt(lambda: facts["container-escape"]["containers"])
    if isinstance(containers, Hole):
        return containers
    found = [f"{UNLISTED}{name}" for name in known(containers) if attempt(_runs, containers, name) is True]
    return _few([node for node in found if node not in ways], opening(containers))


def _few(nodes: Collection[str], hole: Hole | None) -> Json:
    more = Hole(why=Why.LIMIT, message=f"{len(nodes)} have no path, of whom {MOST} are told") if len(nodes) > MOST else None
    return incomplete(sorted(nodes)[:MOST], worst_hole(hole, more))


def _runs(containers: View, name: str) -> bool:
    return bool(containers[name]["runs"])


def _named(nodes: Collection[str]) -> Json:
    """Return the names of whoever takes such a step: of people, containers and groups, and not of what stands between."""
    names = sorted(statement.name(node) for node in nodes if node in (EVERYONE, NETWORK, UNOWNED) or node.startswith((*SOMEBODY, GROUP)))
    return incomplete(names[:LISTED], Hole(why=Why.LIMIT, message=f"{len(names) - LISTED} more") if len(names) > LISTED else None)
