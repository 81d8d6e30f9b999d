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
        "without_path": _without(facts, ways, unused),
        "unused": unused[:MOST],
        "steps": [{"step": words, "who": _named({edge.origin for edge in leading if edge.kind in kinds})} for words, kinds in KINDS.items()],
    }


def _without(facts: Mapping[str, Any], ways: statement.Ways, unused: Collection[str]) -> Json:
    """Return who has none: users of the files, and containers that run."""
    users: View | Hole = attempt(lambda: facts["principals"]["users"])
    containers: View | Hole = attempt(lambda: facts["container-escape"]["containers"])
    found = [f"{USER}{name}" for name in ([] if isinstance(users, Hole) else known(users)) if name != ROOT]
    if not isinstance(containers, Hole):
        found += [f"{UNLISTED}{name}" for name in known(containers) if attempt(_runs, containers, name) is True]
    left = sorted(node for node in found if node not in ways and node not in unused)
    unread = worst_hole(*(part if isinstance(part, Hole) else opening(part) for part in (users, containers)), statement.unlisted(ways))
    more = Hole(why=Why.LIMIT, message=f"{len(left)} have no path, of whom {MOST} are told") if len(left) > MOST else None
    return incomplete(left[:MOST], worst_hole(unread, more))


def _runs(containers: View, name: str) -> bool:
    return bool(containers[name]["runs"])


def _named(nodes: Collection[str]) -> Json:
    """Return the names of whoever takes such a step: of people, containers and groups, and not of what stands between."""
    names = sorted(statement.name(node) for node in nodes if node in (EVERYONE, NETWORK, UNOWNED) or node.startswith((*SOMEBODY, GROUP)))
    return incomplete(names[:LISTED], Hole(why=Why.LIMIT, message=f"{len(names) - LISTED} more") if len(names) > LISTED else None)
