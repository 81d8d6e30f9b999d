"""Paths to root: for each principal, by each of its ways, the one that is surest and takes least, and of those the shortest.

A path is as strong as its weakest edge. A password of one's own is that of whoever begins: on the way through somebody else's account it is another's,
unless it is by that password that one comes to the account.
"""

from collections import deque
from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise
from operator import attrgetter
from typing import Final, NamedTuple

from hostcheck_builtin.paths.graph import EVERYONE, GUESSES, ROOT, USER, Edge, Graph, Needs, Strength

RANK: Final = attrgetter("rank")
Next = Mapping[str, Edge]
"""By node the edge by which it gets nearer to the target."""


class Path(NamedTuple):
    """The edges from a principal to the target: `strength` is that of the weakest, `needs` what one has to know, and the better of two has less `rank`."""

    edges: tuple[Edge, ...]
    strength: Strength
    needs: Needs
    rank: tuple[int, int, int, int]

    @classmethod
    def of(cls, edges: tuple[Edge, ...]) -> "Path":
        """Return the path by these edges; of two that are as sure and take as little, the better waits for less, and then is shorter."""
        strength = max(edge.strength for edge in edges)
        others = any(edge.needs for before, edge in pairwise(edges) if before.kind != GUESSES)
        needs = Needs.OTHER_SECRET if others else edges[0].needs
        return cls(edges, strength, needs, (strength, needs, sum(edge.waits != "nothing" for edge in edges), len(edges)))


def nearest(graph: Graph, target: str, *, strength: Strength, secrets: bool, without: Collection[str] = (), around: str = "") -> Next:
    """Return for each node that can get to the target, by edges at least so sure, its next edge on a shortest way.

    Edges that need a secret count only with `secrets`; those that a change closes whose key is in `without` do not count, nor those to the node `around`.
    """
    found: dict[str, Edge] = {}
    left = deque([target])
    while left:
        for edge in graph.into.get(left.popleft(), ()):
            if edge.origin in found or edge.origin in (target, around) or edge.strength > strength or (edge.needs and not secrets):
                continue
            if without and any(change.key in without for change in edge.changes):
                continue
            found[edge.origin] = edge
            left.append(edge.origin)
    return found


def follow(onward: Next, node: str, target: str) -> Iterator[Edge]:
    """Yield the edges from a node to the target."""
    while node != target:
        edge = onward[node]
        yield edge
        node = edge.to


class Paths:
    """The paths of one graph to one target; what every local user can is told of every local user, and of no other user again."""

    def __init__(self, graph: Graph, target: str = ROOT) -> None:
        """Look over the graph for each class of edges, the best first, once with what every local user can and once without."""
        self._graph, self._target = graph, target
        classes = [(strength, secrets) for strength in Strength for secrets in (False, True)]
        self._onward = {
            around: [nearest(graph, target, strength=strength, secrets=secrets, around=around) for strength, secrets in classes] for around in ("", EVERYONE)
        }
        self._known: dict[tuple[str, str], list[tuple[Edge, ...]]] = {}

    def of(self, principal: str) -> list[Path]:
        """Return the best path by each of the ways that a principal has, the best first; empty where there is none."""
        found = [path for edge in self._graph.out_of.get(principal, ()) if (path := self._through(principal, edge)) is not None]
        return sorted(found, key=RANK)

    def _through(self, principal: str, edge: Edge) -> Path | None:
        """Return the best path that begins with an edge and does not come back to the principal."""
        around = EVERYONE if principal.startswith(USER) else ""
        rest = [onward for onward in self._from(edge.to, around) if all(step.origin != principal for step in onward)]
        return min((Path.of((edge, *onward)) for onward in rest), key=RANK, default=None)

    def _from(self, node: str, around: str) -> list[tuple[Edge, ...]]:
        """Return the shortest way on from a node in each class of edges that has one, each once."""
        if (node, around) not in self._known:
            found = [tuple(follow(onward, node, self._target)) for onward in self._onward[around] if node == self._target or node in onward]
            self._known[node, around] = list(dict.fromkeys(found))
        return self._known[node, around]
