"""Paths on drawn graphs are what exhaustive search finds, whatever order the edges come in."""

from hypothesis import given, settings
from hypothesis import strategies as st
from paths.graphs import NODES, all_paths, edge, edges

from hostcheck_builtin.paths.graph import EVERYONE, ROOT, Edge, Graph, Needs, Strength
from hostcheck_builtin.paths.search import Path, Paths

PEOPLE = NODES[:4]


@settings(max_examples=150)
@given(edges())
def test_the_best_path_of_each_is_that_of_exhaustive_search(drawn: list[Edge]) -> None:
    graph = Graph.of(drawn)
    paths = Paths(graph)
    for person in PEOPLE:
        every = [Path.of(found) for found in all_paths(graph, person) if all(one.to not in (person, EVERYONE) for one in found)]
        told = paths.of(person)
        assert bool(told) == bool(every)
        if every:
            assert (told[0].strength, told[0].needs) == min((path.strength, path.needs) for path in every)
            assert all(path in every for path in told)


@settings(max_examples=150)
@given(edges())
def test_each_way_is_told_once_with_a_path_through_it(drawn: list[Edge]) -> None:
    graph = Graph.of(drawn)
    paths = Paths(graph)
    for person in PEOPLE:
        firsts = [path.edges[0] for path in paths.of(person)]
        assert len(firsts) == len(set(firsts)) and set(firsts) <= set(graph.out_of[person])


@settings(max_examples=150)
@given(edges(), edges(least=1))
def test_another_edge_never_takes_a_path_away(drawn: list[Edge], more: list[Edge]) -> None:
    before, after = Paths(Graph.of(drawn)), Paths(Graph.of([*drawn, *more]))
    for person in PEOPLE:
        was, now = before.of(person), after.of(person)
        assert not was or (now[0].strength, now[0].needs) <= (was[0].strength, was[0].needs)


@settings(max_examples=150)
@given(edges(), st.randoms())
def test_the_order_of_edges_does_not_matter(drawn: list[Edge], random: object) -> None:
    mixed = list(drawn)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    one, other = Paths(Graph.of(drawn)), Paths(Graph.of([*mixed, *mixed[:2]]))
    assert [one.of(person) for person in PEOPLE] == [other.of(person) for person in PEOPLE]


@settings(max_examples=150)
@given(edges())
def test_names_do_not_matter(drawn: list[Edge]) -> None:
    names = {node: node if node == ROOT else node.partition(":")[0] + ":" + {"a": "z", "b": "y"}.get(node[-1], node[-1]) for node in NODES}
    renamed = [edge(names[one.origin], names[one.to], one.because, strength=one.strength, needs=one.needs, changes=one.changes) for one in drawn]
    one, other = Paths(Graph.of(drawn)), Paths(Graph.of(renamed))
    for person in PEOPLE:
        assert [path.rank for path in one.of(person)] == [path.rank for path in other.of(names[person])]


def test_ones_own_password_is_a_strangers_on_the_way() -> None:
    own = edge("user:b", ROOT, needs=Needs.OWN_PASSWORD)
    paths = Paths(Graph.of([edge("user:a", "user:b"), own]))
    assert [path.needs for path in paths.of("user:a")] == [Needs.OTHER_SECRET] and [path.needs for path in paths.of("user:b")] == [Needs.OWN_PASSWORD]


def test_a_longer_way_that_is_certain_is_better_than_a_short_one_that_is_not() -> None:
    sure = [edge("user:a", "socket:s"), edge("socket:s", "user:b"), edge("user:b", ROOT)]
    (path,) = Paths(Graph.of([*sure, edge("socket:s", ROOT, strength=Strength.LIKELY)])).of("user:a")
    assert path.strength is Strength.CERTAIN and len(path.edges) == 3


def test_whoever_becomes_a_user_can_do_what_every_user_can_and_that_is_told_of_everybody() -> None:
    graph = Graph.of([edge("container:x", "user:a"), edge(EVERYONE, ROOT)])
    paths = Paths(graph)
    assert [one.to for path in paths.of("container:x") for one in path.edges] == ["user:a", EVERYONE, ROOT] and paths.of("user:a") == []


def test_a_circle_ends() -> None:
    around = [edge("user:a", "user:b"), edge("user:b", "user:c"), edge("user:c", "user:a")]
    assert Paths(Graph.of(around)).of("user:a") == [] and len(Paths(Graph.of([*around, edge("user:c", ROOT)])).of("user:b")) == 1
