"""The graph as facts: lists are cut, counts are not, and what is not known keeps why."""

from paths.graphs import edge

from hostcheck.model import Hole, OpenArray, OpenObject, Why
from hostcheck_builtin.paths import statement
from hostcheck_builtin.paths.graph import EVERYONE, OTHERS, ROOT, Change, Edge, Graph, Needs, Strength
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


def test_who_has_no_certain_path_but_a_likely_one_is_told_with_what_it_takes() -> None:
    opens = edge("group:disk", ROOT, "its members write the disks", strength=Strength.LIKELY)
    found = ways(edge("user:bob", "group:disk", "bob has group disk"), opens, edge("user:ann", ROOT), edge("user:ann", "group:disk"))
    told = statement.principals(found)
    assert told["bob"]["likely"] is True and told["bob"]["likely_ways"] == ["bob has group disk; likely: its members write the disks"]
    reach = statement.reach(found, 3, statement.cut(Graph.of([]), []))
    assert (reach["users"], reach["likely"], reach["unknown"], reach["everyone_likely"]) == (1, 1, 0, False)


def test_a_step_that_is_likely_itself_is_said_once() -> None:
    (told,) = statement.principals(ways(edge("user:bob", ROOT, "polkit lets bob", strength=Strength.LIKELY)))["bob"]["likely_ways"]
    assert told == "likely: polkit lets bob"


def test_likely_and_not_known_are_counted_apart() -> None:
    perhaps = {"strength": Strength.POTENTIAL, "hole": DENIED}
    edges = [edge("user:bob", ROOT, strength=Strength.LIKELY), edge("user:bob", ROOT, "perhaps", **perhaps), edge("user:eve", ROOT, **perhaps)]
    reach = statement.reach(ways(*edges, edge(EVERYONE, ROOT, strength=Strength.LIKELY)), 3, statement.cut(Graph.of([]), []))
    assert (reach["likely"], reach["unknown"], reach["everyone_likely"], reach["everyone"]) == (1, 1, True, False)
    asked = ways(edge("user:bob", ROOT, strength=Strength.LIKELY, needs=Needs.OWN_PASSWORD))
    assert statement.principals(asked)["bob"]["likely"] is False


def test_of_very_many_changes_not_each_is_told_with_whose_paths_it_closes() -> None:
    people = [f"user:{number}" for number in range(3000)]
    graph = Graph.of([edge(one, ROOT, changes=(Change(one, one),)) for one in people])
    told = statement.cut(graph, people)["changes"]
    assert len(told) == 3000 and list(told[0]["closes"]) and isinstance(told[-1]["closes"], OpenArray)
