"""The cut leaves no certain path without a secret, none of its changes can be left out, and none smaller does as much."""

from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st
from paths.graphs import NODES, all_paths, closable, edge, edges, free, smallest

from hostcheck_builtin.paths import cut as cuts
from hostcheck_builtin.paths.graph import ROOT, Change, Edge, Graph

PEOPLE = NODES[:4]


def some_path(graph: Graph, sources: Iterable[str], done: set[str]) -> bool:
    return any(free(path) and not any(change.key in done for one in path for change in one.changes) for source in sources for path in all_paths(graph, source))


@settings(max_examples=150)
@given(edges() | closable(), st.lists(st.sampled_from(PEOPLE), unique=True))
def test_it_leaves_no_path_but_those_that_no_change_closes_and_is_the_smallest(drawn: list[Edge], sources: list[str]) -> None:
    graph = Graph.of(drawn)
    found = cuts.cut(graph, sources)
    keys = {change.key for change in found.changes}
    assert set(found.open) == {source for source in sources if some_path(graph, [source], {change.key for one in drawn for change in one.changes})}
    others = [source for source in sources if source not in found.open]
    assert not some_path(graph, others, keys)
    assert all(some_path(graph, others, keys - {key}) for key in keys)
    assert found.smallest and len(keys) == smallest(graph, others)


@settings(max_examples=150)
@given(closable(), st.lists(st.sampled_from(PEOPLE), unique=True))
def test_without_a_proof_it_closes_all_the_same_and_nothing_can_be_left_out(drawn: list[Edge], sources: list[str]) -> None:
    graph = Graph.of(drawn)
    keys = cuts._Smallest(graph).greedy(sources)
    assert not some_path(graph, sources, set(keys)) and all(some_path(graph, sources, set(keys) - {key}) for key in keys)


def test_one_change_for_all_is_better_than_one_for_each() -> None:
    close = Change("socket", "close the socket")
    people = [edge(f"user:{number}", "socket:s", changes=(Change(f"member {number}", "take out"), close)) for number in range(200)]
    found = cuts.cut(Graph.of([*people, edge("socket:s", ROOT)]), [one.origin for one in people])
    assert [*found.changes] == [close] and found.smallest


def test_many_changes_are_not_called_the_smallest_set() -> None:
    people = [edge(f"user:{number}", ROOT, changes=(Change(f"out {number}", "take out"),)) for number in range(30)]
    found = cuts.cut(Graph.of(people), [one.origin for one in people])
    assert len(found.changes) == 30 and not found.smallest


def test_what_a_change_closes_is_what_would_stay_open_without_it() -> None:
    out, close = Change("out", "take out"), Change("close", "close")
    graph = Graph.of([edge("user:a", ROOT, changes=(out,)), edge("user:b", ROOT, changes=(close,)), edge("user:a", "user:b", changes=(close,))])
    assert cuts.closes(graph, out, ["user:a", "user:b"], ["out", "close"]) == ["user:a"]
    assert cuts.closes(graph, close, ["user:a", "user:b"], ["out", "close"]) == ["user:a", "user:b"]


def test_what_turns_out_to_be_needless_is_left_out() -> None:
    """The change on most paths is chosen first, and the others that are needed close its paths too."""
    pairs = [("all", "1"), ("all", "2"), ("all", "3"), ("1", "x"), ("2", "y"), ("3", "z")]
    ways = [edge(f"user:{number}", ROOT, changes=tuple(Change(key, key) for key in pair)) for number, pair in enumerate(pairs)]
    assert cuts._Smallest(Graph.of(ways)).greedy([one.origin for one in ways]) == {"1", "2", "3"}
