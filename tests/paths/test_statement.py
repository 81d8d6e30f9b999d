"""The graph as facts: lists are cut, counts are not, and what is not known keeps why."""

from paths.graphs import edge

from hostcheck.model import Hole, OpenArray, Why
from hostcheck_builtin.paths import statement
from hostcheck_builtin.paths.graph import OTHERS, ROOT, Change, Graph, Needs, Strength
from hostcheck_builtin.paths.search import Paths

DENIED = Hole(why=Why.DENIED, message="no")


def test_a_path_that_may_be_there_is_a_hole_and_one_of_nobody_known_leaves_the_list_open() -> None:
    unsure = edge("user:bob", ROOT, "not known", strength=Strength.POTENTIAL, hole=DENIED)
    graph = Graph.of([unsure, edge(OTHERS, ROOT, "perhaps others", strength=Strength.POTENTIAL, hole=DENIED)])
    found, hole = statement.principals(graph, Paths(graph))
    assert found["bob"]["without_password"] == Hole(why=Why.DENIED, message="not known") and hole == Hole(why=Why.DENIED, message="perhaps others")
    assert found["every local user"]["without_password"] == hole and "users who could not be listed" not in found


def test_names_are_cut_and_counts_are_not() -> None:
    close = Change("close", "close it")
    graph = Graph.of([edge(f"user:u{number:02}", "socket:s") for number in range(30)] + [edge("socket:s", ROOT, changes=(close,))])
    found, hole = statement.principals(graph, Paths(graph))
    cut = statement.cut(graph, statement.unapproved(graph, found, ["u00"]))
    reach = statement.reach(found, hole, 31, cut)
    assert (reach["users"], len(reach["without_password"]), reach["changes"]) == (30, 20, 1)
    assert len(cut["changes"][0]["closes"]) == 20 and isinstance(cut["changes"][0]["closes"], OpenArray) and "u00" not in cut["changes"][0]["closes"]


def test_a_path_with_ones_own_password_is_no_failure() -> None:
    graph = Graph.of([edge("user:ann", ROOT, needs=Needs.OWN_PASSWORD)])
    found, hole = statement.principals(graph, Paths(graph))
    assert found["ann"]["without_password"] is False and found["ann"]["with_password"] is True and statement.unapproved(graph, found, []) == []
