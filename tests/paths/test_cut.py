"""The cut leaves no certain path without a secret, none of its changes can be left out, and none smaller does as much."""

from collections.abc import Iterable
from itertools import combinations

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


@settings(max_examples=150)
@given(closable(), st.lists(st.sampled_from(PEOPLE), unique=True), st.lists(st.sampled_from(PEOPLE), unique=True))
def test_what_approved_users_have_is_taken_only_where_nothing_else_does_as_much(drawn: list[Edge], sources: list[str], approved: list[str]) -> None:
    graph = Graph.of(drawn)
    spared = {change.key for one in drawn if one.origin in approved for change in one.changes}
    for keys in ({change.key for change in cuts.cut(graph, sources, approved).changes}, set(cuts._Smallest(graph, frozenset(spared)).greedy(sources))):
        assert not some_path(graph, sources, keys) and all(some_path(graph, sources, keys - {key}) for key in keys)
    fewest = fewest_of(graph, sources, spared)
    keys = {change.key for change in cuts.cut(graph, sources, approved).changes}
    assert (len(keys & spared), len(keys)) == fewest
    assert cuts.cut(graph, sources, approved).smallest is (len(keys) == smallest(graph, sources))


def fewest_of(graph: Graph, sources: list[str], spared: set[str]) -> tuple[int, int]:
    """Return how many changes of approved users' a set has at least that closes all, and how many in all such a set has at least."""
    keys = sorted({change.key for one in graph.edges for change in one.changes})
    sets = [set(some) for size in range(len(keys) + 1) for some in combinations(keys, size)]
    return min((len(some & spared), len(some)) for some in sets if not some_path(graph, sources, some))


def test_who_is_approved_keeps_the_engine_that_others_lose() -> None:
    """One change would close all: the socket. It would take the engine from who is approved, so each of the others is taken out of the group."""
    close = Change("close", "let only root connect")
    people = [edge(f"user:{name}", "socket:s", changes=(Change(f"member {name}", "take out"), close)) for name in ("ann", "bob", "carol")]
    graph = Graph.of([*people, edge("socket:s", ROOT)])
    assert [*cuts.cut(graph, ["user:bob", "user:carol"]).changes] == [close]
    found = cuts.cut(graph, ["user:bob", "user:carol"], ["user:ann"])
    assert [change.key for change in found.changes] == ["member bob", "member carol"] and not found.smallest


def test_who_is_approved_keeps_the_engine_however_many_lose_it() -> None:
    close = Change("close", "let only root connect", "socket")
    people = [edge(f"user:{number:03}", "socket:s", changes=(Change(f"member {number:03}", "take out", "member"), close)) for number in range(100)]
    found = cuts.cut(Graph.of([*people, edge("socket:s", ROOT)]), [one.origin for one in people[1:]], ["user:000"])
    assert [change.key for change in found.changes] == [f"member {number:03}" for number in range(1, 100)] and not found.smallest


def test_a_file_that_root_runs_is_closed_to_approved_users_too() -> None:
    close = Change("file", "let only root change it", "file")
    people = [edge(f"user:{name}", "file:f", changes=(Change(f"way {name}", "remove", "way"), close)) for name in ("ann", "bob", "carol")]
    assert [*cuts.cut(Graph.of([*people, edge("file:f", ROOT)]), ["user:bob", "user:carol"], ["user:ann"]).changes] == [close]
