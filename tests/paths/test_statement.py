"""The graph as facts: lists are cut, counts are not, and what is not known keeps why."""

from paths.graphs import edge

from hostcheck.model import Hole, OpenArray, OpenObject, Why
from hostcheck_builtin.paths import statement
from hostcheck_builtin.paths.graph import OTHERS, ROOT, Change, Edge, Graph, Needs, Strength
from hostcheck_builtin.paths.search import Paths

DENIED = Hole(why=Why.DENIED, message="no")


def ways(*edges: Edge) -> statement.Ways:
    graph = Graph.of(edges)
    return statement.all_ways(graph, Paths(graph))


def test_a_path_that_may_be_there_is_a_hole_and_one_of_nobody_known_leaves_the_list_open() -> None:
    unsure = edge("user:bob", ROOT, "not known (no)", strength=Strength.POTENTIAL, hole=DENIED)
    found = ways(unsure, edge(OTHERS, ROOT, "perhaps others", strength=Strength.POTENTIAL, hole=DENIED))
    told, hole = statement.principals(found), Hole(why=Why.DENIED, message="perhaps others, which is not known (no)")
    assert told["bob"] == Hole(why=Why.DENIED, message="not known (no)") and isinstance(told, OpenObject) and told.hole == hole
    assert told["every local user"]["without_password"] == hole and set(told) == {"bob", "every local user"}
    (path,) = statement.section(found)
    assert (path["principal"], path["steps"][0]["because"]) == ("user:bob", "not known (no)")
    assert statement.reach(found, 3, statement.cut(Graph.of([]), []))["users"] == 0


def test_names_are_cut_and_counts_are_not() -> None:
    close = Change("close", "close it")
    edges = [edge(f"user:u{number:02}", "socket:s") for number in range(30)] + [edge("socket:s", ROOT, changes=(close,))]
    found = ways(*edges)
    cut = statement.cut(Graph.of(edges), statement.unapproved(found, ["u00"]))
    reach = statement.reach(found, 31, cut)
    assert (reach["users"], len(reach["without_password"]), reach["changes"]) == (30, 20, 1)
    assert len(cut["changes"][0]["closes"]) == 20 and isinstance(cut["changes"][0]["closes"], OpenArray) and "u00" not in cut["changes"][0]["closes"]


def test_a_path_with_ones_own_password_is_no_failure() -> None:
    found = ways(edge("user:ann", ROOT, needs=Needs.OWN_PASSWORD))
    told = statement.principals(found)["ann"]
    assert told["without_password"] is False and told["with_password"] is True and statement.unapproved(found, []) == []


def test_containers_are_told_with_their_paths_and_judged_by_their_own_rules() -> None:
    found = ways(edge("container:docker:web", ROOT))
    assert set(statement.principals(found)) == {"every local user"} and statement.unapproved(found, []) == []
    assert [path["principal"] for path in statement.section(found)] == ["container:docker:web"]
