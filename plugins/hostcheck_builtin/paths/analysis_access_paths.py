"""Who can become root on this host: every path from somebody who is not root, over what other analyses say of who can do what, and the cut.

Only facts are read. What could not be read makes an edge that may be there: it is told apart, and never makes a path certain, or none.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from hostcheck.api import Hole, Json, View, Why, attempt, incomplete, known, opening
from hostcheck_builtin.paths import (
    edges_of_accounts,
    edges_of_containers,
    edges_of_credentials,
    edges_of_files,
    edges_of_groups,
    edges_of_networks,
    edges_of_plugins,
    edges_of_polkit,
    edges_of_programs,
    edges_of_sockets,
    edges_of_subids,
    no_path,
    nobodies,
    statement,
    unowned,
    who,
)
from hostcheck_builtin.paths.graph import ROOT, USER, Edge, Graph
from hostcheck_builtin.paths.search import Paths

Source = Callable[[Mapping[str, Any]], Iterator[Edge]]
SOURCES: Final[tuple[Source, ...]] = (
    edges_of_groups.edges,
    edges_of_subids.edges,
    edges_of_files.edges,
    edges_of_programs.edges,
    edges_of_polkit.edges,
    edges_of_accounts.edges,
    edges_of_containers.edges,
    edges_of_credentials.edges,
    edges_of_plugins.edges,
)


def derive(facts: Mapping[str, Any], values: Mapping[str, Json]) -> Json:
    """State by principal whether and how it can become root, and the changes that stop it."""
    if facts["host"]["scan"]["init_userns"] is False:
        return Hole(why=Why.DENIED, message="the scanner is in a user namespace, where ids are not the host's")
    approved = [str(one) for one in values.get("approved_users", ())]
    trusted = [str(one) for one in values.get("trusted_authorization_plugins", ())]
    sources: tuple[Source, ...] = (partial(edges_of_sockets.edges, trusted=trusted), partial(edges_of_networks.edges, trusted=trusted), *SOURCES)
    rootless: View | Hole = attempt(lambda: facts["engine-scope"]["rootless_users"])
    apart = {*approved, *(() if isinstance(rootless, Hole) else known(rootless))}
    graph = Graph.of(unowned.together(who.behind(facts, (edge for source in sources for edge in source(facts))), apart))
    everybodys = statement.all_ways(graph, Paths(graph))
    ways = nobodies.left_out(facts, graph, everybodys)
    cut = statement.cut(graph, statement.unapproved(ways, approved, values.get("trusted_runners", ())), approved)
    principals = statement.principals(ways)
    return {
        "principals": principals,
        "reach": {**statement.reach(ways, attempt(_accounts, facts, ways), cut), **no_path.told(facts, graph, everybodys, ways)},
        "runners": _runners(facts, ways),
        "rootless_users": _rootless(rootless, principals, statement.unlisted(ways)),
        "paths": statement.section(ways),
        "cut": cut["changes"],
    }


def _accounts(facts: Mapping[str, Any], ways: statement.Ways) -> int:
    """Count the accounts of /etc/passwd, and those that only a directory has."""
    users: View = facts["principals"]["users"]
    return len(users) + sum(node.startswith(USER) and statement.name(node) not in users for node in ways)


def _runners(facts: Mapping[str, Any], ways: statement.Ways) -> Json:
    """State of each CI runner what whoever may push a job to it can."""
    runners: View | Hole = attempt(lambda: facts["credential-access"]["runners"])
    return runners if isinstance(runners, Hole) else incomplete(statement.runners(ways, known(runners)), opening(runners))


def _rootless(users: View | Hole, found: Mapping[str, Json], hole: Hole | None) -> Json:
    """State of each user who runs an engine of their own whether that user has a path to root as well."""
    if isinstance(users, Hole):
        return users
    nothing = {"without_password": hole or False, "ways": incomplete([], hole)}
    told = {name: found.get(name, nothing) for name in known(users) if name != ROOT}
    stated = {name: one if isinstance(one, Hole) else {"reaches_root": one["without_password"], "ways": one["ways"]} for name, one in told.items()}
    return incomplete(stated, opening(users))
