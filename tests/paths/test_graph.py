"""The graph: each edge once, in one order, and whoever becomes a user is a local user too."""

from paths.graphs import edge

from hostcheck_builtin.paths.graph import EVERYONE, ROOT, Graph, Needs, Strength


def test_an_edge_counts_once_and_the_order_is_that_of_the_facts() -> None:
    one, other = edge("user:a", ROOT), edge("user:a", "socket:s")
    assert Graph.of([one, other, one]).edges == Graph.of([other, one]).edges == (one, other)


def test_who_may_begin_a_path() -> None:
    graph = Graph.of([edge(EVERYONE, ROOT), edge("socket:s", ROOT), edge("user:a", "socket:s"), edge("container:x", "user:b")])
    assert graph.principals() == ["container:x", EVERYONE, "user:a", "user:b"]
    assert [one.to for one in graph.out_of["user:b"]] == [EVERYONE] and "user:a" not in {one.origin for one in graph.into[EVERYONE]}


def test_words_of_strength_and_needs() -> None:
    assert [one.word for one in Strength] == ["certain", "likely", "potential"]
    assert [one.word for one in Needs] == ["nothing", "own-password", "other-secret"]
