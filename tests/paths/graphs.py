"""Graphs that hypothesis draws, and what exhaustive search says of them."""

from collections.abc import Iterator
from itertools import combinations
from typing import Final

from hypothesis import strategies as st

from hostcheck_builtin.paths.graph import ROOT, Change, Edge, Graph, Needs, Strength

NODES: Final = ("user:a", "user:b", "user:c", "user:d", "socket:s", "socket:t", "group:g", "group:h", "file:f", "file:k", "container:x", ROOT)
CHANGES: Final = tuple(Change(f"change {number}", f"do {number}") for number in range(8))


def edge(origin: str, to: str, because: str = "so", **more: object) -> Edge:
    return Edge(kind="leads", origin=origin, to=to, because=because, **more)  # type: ignore[arg-type]


@st.composite
def edges(draw: st.DrawFn, least: int = 0) -> list[Edge]:
    """Draw edges between at most twelve nodes, each with up to two changes that close it."""
    return draw(
        st.lists(
            st.builds(
                edge,
                origin=st.sampled_from(NODES[:-1]),
                to=st.sampled_from(NODES),
                because=st.sampled_from(["so", "otherwise"]),
                strength=st.sampled_from(list(Strength)),
                needs=st.sampled_from(list(Needs)),
                changes=st.lists(st.sampled_from(CHANGES), max_size=2, unique=True).map(tuple),
            ).filter(lambda one: one.origin != one.to),
            min_size=least,
            max_size=24,
        )
    )


@st.composite
def closable(draw: st.DrawFn) -> list[Edge]:
    """Draw edges that are certain and need nothing, of which some change closes each."""
    nodes = st.sampled_from(NODES[:8])
    changes = st.lists(st.sampled_from(CHANGES), min_size=1, max_size=2, unique=True).map(tuple)
    drawn = st.builds(edge, origin=nodes, to=st.sampled_from((*NODES[:8], ROOT)), changes=changes).filter(lambda one: one.origin != one.to)
    return draw(st.lists(drawn, max_size=14))


def all_paths(graph: Graph, start: str, target: str = ROOT) -> Iterator[tuple[Edge, ...]]:
    """Yield every path that comes to no node twice."""

    def onward(node: str, seen: frozenset[str]) -> Iterator[tuple[Edge, ...]]:
        for one in graph.out_of.get(node, ()):
            if one.to == target:
                yield (one,)
            elif one.to not in seen:
                yield from ((one, *rest) for rest in onward(one.to, seen | {one.to}))

    yield from onward(start, frozenset({start}))


def free(path: tuple[Edge, ...]) -> bool:
    return all(one.strength is Strength.CERTAIN and one.needs is Needs.NOTHING for one in path)


def smallest(graph: Graph, sources: list[str]) -> int | None:
    """Return how many changes it takes to close every free path of these, by trying every set; None where none does."""
    paths = [frozenset(change.key for one in path for change in one.changes) for source in sources for path in all_paths(graph, source) if free(path)]
    keys = sorted(set().union(*paths))
    return next((count for count in range(len(keys) + 1) for some in combinations(keys, count) if all(path & set(some) for path in paths)), None)
