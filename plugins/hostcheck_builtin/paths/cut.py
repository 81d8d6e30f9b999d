"""The cut: a set of changes after which no certain path without a secret is left, as small as can be found.

What approved users have stays where another change does as much, even if that takes more of them. The set is the smallest of those that keep most where it
has at most twelve changes and looking for it costs little; else it is one without which each of its changes leaves a path open, and is not called the
smallest, nor is one that a smaller one would do for. What no change closes is told.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from hostcheck_builtin.paths.graph import ROOT, Change, Edge, Graph, Strength
from hostcheck_builtin.paths.search import follow, nearest
from hostcheck_builtin.system.bounds import CUT_PRUNING as PRUNED
from hostcheck_builtin.system.bounds import CUT_WORK as BUDGET
from hostcheck_builtin.system.bounds import CUT_WORKED_OUT as EXACT

Keys = frozenset[str]
OF_ROOT = frozenset({"file", "line", "owner", "place"})
"""Changes after which root alone changes what root runs."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The changes, each with the places of the edges that it closes, whether there is no smaller set, and from whom paths lead that no change closes."""

    changes: Mapping[Change, tuple[str, ...]]
    smallest: bool
    open: tuple[str, ...] = ()


class _TooMuch(Exception):  # noqa: N818 - no error: the search gives up
    pass


def cut(graph: Graph, sources: Collection[str], approved: Collection[str] = ()) -> Cut:
    """Return the changes that leave none of `sources` a certain path to root that needs nothing, and as much as can be of what `approved` nodes have."""
    changes = _named(change for edge in graph.edges for change in edge.changes)
    search = _Smallest(graph, _spared(graph, approved))
    closed_by_none = nearest(graph, ROOT, strength=Strength.CERTAIN, secrets=False, without=frozenset(changes))
    open_ = tuple(sorted(source for source in set(sources) if source in closed_by_none))
    closable = sorted(set(sources) - set(open_))
    found = _tried(search, closable)
    least = _tried(_Smallest(graph), closable) if search.spared else found
    keys = search.greedy(closable) if found is None else found
    smallest = found is not None and least is not None and len(found) <= len(least)
    places = _places(graph, keys)
    return Cut({changes[key]: tuple(places[key]) for key in sorted(keys)}, smallest, open_)


def _spared(graph: Graph, approved: Collection[str]) -> Keys:
    """Return the changes that would take what approved nodes have; what root runs is to be root's alone, whoever may change it."""
    return frozenset(change.key for edge in graph.edges if edge.origin in approved for change in edge.changes if change.kind not in OF_ROOT)


def _tried(search: "_Smallest", sources: list[str]) -> Keys | None:
    """Return the smallest set, None where that costs too much to find, or it has too many."""
    try:
        return search.smallest(sources)
    except _TooMuch:
        return None


def _places(graph: Graph, keys: Keys) -> dict[str, dict[str, None]]:
    """Return for each of these changes the places in the facts of the edges that it closes, the surest first."""
    places: dict[str, dict[str, None]] = {key: {} for key in keys}
    for edge in graph.edges:
        for change in edge.changes:
            if change.key in places:
                places[change.key].update(dict.fromkeys(edge.evidence))
    return places


def _named(changes: Iterable[Change]) -> dict[str, Change]:
    """Return each change once, by its key, with the rules of all that are called so."""
    found: dict[str, Change] = {}
    for change in changes:
        known = found.setdefault(change.key, change)
        if known.rules != change.rules:
            found[change.key] = replace(known, rules=tuple(sorted({*known.rules, *change.rules})))
    return found


def closes(graph: Graph, change: Change, sources: Iterable[str], without: Collection[str]) -> list[str]:
    """Return those of `sources` whose paths this change closes, if it were left out of the changes `without`."""
    left = nearest(graph, ROOT, strength=Strength.CERTAIN, secrets=False, without=frozenset(without) - {change.key})
    return sorted(source for source in sources if source in left)


class _Smallest:
    def __init__(self, graph: Graph, spared: Keys = frozenset()) -> None:
        self._graph = graph
        self.spared = spared
        self._sockets = frozenset(change.key for edge in graph.edges for change in edge.changes if change.kind == "socket")
        self._left = BUDGET
        self._closed = Counter(change.key for edge in graph.edges for change in edge.changes)
        self._ways: dict[Keys, Mapping[str, Edge]] = {}

    def path(self, sources: Iterable[str], without: Keys) -> list[Edge] | None:
        """Return a certain path from the first of these that has one."""
        onward = self._onward(without)
        source = next((source for source in sources if source in onward), None)
        return None if source is None else list(follow(onward, source, ROOT))

    def _onward(self, without: Keys) -> Mapping[str, Edge]:
        if without not in self._ways:
            self._left -= len(self._graph.edges) + 1
            self._ways[without] = nearest(self._graph, ROOT, strength=Strength.CERTAIN, secrets=False, without=without)
        return self._ways[without]

    def smallest(self, sources: list[str]) -> Keys | None:
        """Return the smallest of the sets with fewest spared changes, None where it has too many; raises _TooMuch where it costs too much to find."""
        others = frozenset(self._closed) - self.spared
        needed = self._least(sources, others, EXACT)
        return None if needed is None else self._least(sources, frozenset(), len(needed - others))

    def _least(self, sources: list[str], done: Keys, spared: int) -> Keys | None:
        """Return the smallest set with `done` in it, and at most so many more that are spared."""
        for most in range(EXACT + 1):
            if (found := self._within(sources, done, most, spared, set())) is not None:
                return found
        return None

    def _within(self, sources: list[str], done: Keys, most: int, spared: int, seen: set[Keys]) -> Keys | None:
        """Return a set of at most `most` further changes, `spared` of them spared, that closes all, by trying each change of one path: one must be in it.

        What closes the fewest edges is tried first, since it breaks least, and a socket that is closed to all last.
        """
        if done in seen:
            return None
        seen.add(done)
        path = self.path(sources, done)
        if path is None:
            return done
        if self._apart(sources, done, most) > most:
            return None
        for key in sorted(_keys(path) - done, key=lambda key: (key in self.spared, self._closed[key], key in self._sockets, key)):
            if key not in self.spared or spared:
                found = self._within(sources, done | {key}, most - 1, spared - (key in self.spared), seen)
                if found is not None:
                    return found
        return None

    def _apart(self, sources: list[str], done: Keys, most: int) -> int:
        """Count paths that have no change in common, up to one more than `most`: each takes a change of its own."""
        count = 0
        while count <= most and (path := self.path(sources, done)) is not None:
            if self._left < 0:
                raise _TooMuch
            done, count = done | _keys(path), count + 1
        return count

    def greedy(self, sources: list[str]) -> Keys:
        """Return a set that closes all, of which none can be left out as far as trying that costs little: first what stands on the paths of most."""
        done: Keys = frozenset()
        while paths := [_keys(follow(onward, source, ROOT)) for onward in (self._onward(done),) for source in sources if source in onward]:
            done |= _covering(paths, self.spared)
        if len(done) * len(self._graph.edges) <= PRUNED:
            for key in sorted(done, key=lambda key: (key not in self.spared, key)):
                done -= {key} if self.path(sources, done - {key}) is None else set()
        return done


def _covering(paths: list[Keys], spared: Keys) -> Keys:
    """Return keys of which each path has one, spared ones only where it has no other."""
    counted = Counter(key for path in paths for key in path)
    by_key: dict[str, list[int]] = {}
    for index, path in enumerate(paths):
        by_key.setdefault(min(path, key=lambda key: (key in spared, -counted[key], key)), []).append(index)
    return frozenset(by_key)


def _keys(path: Iterable[Edge]) -> Keys:
    return frozenset(change.key for edge in path for change in edge.changes)
