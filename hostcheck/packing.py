"""Write evidence so that what repeats is stored once; `unpacking` gives back what was packed.

No fact is taken for a form of this module: a form is an object whose only key begins with ``$``, and a fact of that shape is written inside a form itself.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate, groupby
from typing import Any, Final

from hostcheck.model import Json

MANY: Final = 20
"""Members of one shape that are written as columns; fewer are left as people read them."""
SHORT: Final = 40
"""Characters up to which what repeats is written again: a reference has a third of that."""
SMALL: Final = 20_000
"""Values of a probe's facts that are sent as they are: packing saves more than it costs only where there are more."""
PLAIN: Final = frozenset({str, int, type(None)})
"""Types of values that are equal only to what is written alike: to Python, True and 1.0 are 1."""
Atom = Any
"""What a value is compared by: text, a whole number or None itself, any other number or truth with its type, and of objects and lists a `_Node`."""
Columns = dict[str, Atom]
Shape = tuple[str, ...]


class _Node:
    """An object or list, in however many places it stands: how it is written, and its number among what is shared."""

    __slots__ = ("number", "places", "write")

    def __init__(self, write: Callable[[], Json]) -> None:
        self.write, self.places, self.number = write, 0, -1


class _All:
    """A column in which every member has the same value."""

    __slots__ = ("atom", "value")

    def __init__(self, atom: Atom, value: Json) -> None:
        self.atom, self.value = atom, value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _All) and self.atom == other.atom

    def __hash__(self) -> int:
        return hash(self.atom)


class Packer:
    """Notes values, each different one once; when all are noted, writes them, and what stands in several places into `shared`."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._nodes: dict[Any, _Node] = {}
        self.shared: list[Json] = []

    def root(self, value: Json) -> Atom:
        """Note a value that has a place of its own."""
        atom = self.note(value)
        _count((atom,))
        return atom

    def note(self, value: Json) -> Atom:
        """Return what `value` is compared by; its parts are noted too."""
        kind = type(value)
        if kind is str or kind is int or value is None:
            return value
        if kind is list:
            return self.array(value)
        if kind is not dict:
            return kind, repr(value)
        shapes = len(value) >= MANY and _shapes(value)
        return self._table(value, shapes) if shapes else self._object(value)

    def _node(self, key: Any, atoms: Iterable[Atom], write: Callable[[], Json]) -> _Node:
        """Return the node of `key`; only where it is new, its parts have one more place."""
        node = self._nodes.get(key)
        if node is None:
            node = self._nodes[key] = _Node(write)
            _count(atoms)
        return node

    def _object(self, value: dict[str, Json]) -> _Node:
        names = sorted(value)
        atoms = tuple([self.note(value[name]) for name in names])
        return self._node((tuple(names), atoms), atoms, lambda: _escaped(self._members(names, atoms, value)))

    def _members(self, names: Iterable[str], atoms: Iterable[Atom], value: dict[str, Json]) -> dict[str, Json]:
        return {name: self.write(atom, value[name]) for name, atom in zip(names, atoms, strict=True)}

    def array(self, items: list[Json], many: int = MANY) -> _Node:
        """Note a list; one of at least `many` objects of one shape is written as columns."""
        kinds = set(map(type, items))
        if kinds <= PLAIN:
            return self._node(("[", tuple(items)), (), lambda: _by_folder(items) if len(items) >= many and kinds == {str} else items)
        if kinds == {dict} and len(items) >= many and items[0] and all(item.keys() == items[0].keys() for item in items):
            columns = self._columns(items)
            key = ("$list", len(items), tuple(columns.items()))
            return self._node(key, columns.values(), lambda: {"$list": {"count": len(items), "columns": self._written(columns)}})
        atoms = tuple([self.note(item) for item in items])
        return self._node(("[", atoms), atoms, lambda: [self.write(atom, item) for atom, item in zip(atoms, items, strict=True)])

    def _table(self, value: dict[str, Json], shapes: Mapping[Shape, list[str]]) -> _Node:
        """Note an object of objects: those of each of the shapes as columns, before them all others as they are."""
        parts = [(self.array(names), self._columns([value[name] for name in names])) for names in shapes.values()]
        listed = {name for names in shapes.values() for name in names}
        others = sorted(name for name in value if name not in listed)
        rest = tuple([self.note(value[name]) for name in others])
        key = ("$table", tuple(others), rest, tuple([(names, tuple(columns.items())) for names, columns in parts]))
        atoms = [*rest, *(atom for names, columns in parts for atom in (names, *columns.values()))]
        return self._node(key, atoms, lambda: {"$table": [self._members(others, rest, value), *(self._part(*part) for part in parts)]})

    def _part(self, names: _Node, columns: Columns) -> Json:
        return {"names": self.write(names), "columns": self._written(columns)}

    def _columns(self, members: Sequence[dict[str, Json]]) -> Columns:
        return {name: self._column([member[name] for member in members]) for name in sorted(members[0])}

    def _column(self, cells: list[Json]) -> Atom:
        """Note the values of one key; each part of them once, since noting it twice at each level would take two to the power of their number."""
        return _All(self.note(cells[0]), cells[0]) if _are_alike(cells) else self.array(cells)

    def _written(self, columns: Columns) -> Json:
        return {name: {"$all": self.write(atom.atom, atom.value)} if type(atom) is _All else self.write(atom) for name, atom in columns.items()}

    def write(self, atom: Atom, value: Json = None) -> Json:
        """Return how `value` is written: where it stands in several places and is not short, what says where it is shared."""
        if type(atom) is not _Node:
            return value
        if atom.number < 0:
            written = atom.write()
            if atom.places < 2 or len(json.dumps(written)) <= SHORT:
                return written
            atom.number = len(self.shared)
            self.shared.append(written)
        return {"$shared": atom.number}


def _count(atoms: Iterable[Atom]) -> None:
    for atom in atoms:
        if type(atom) is _All:
            atom = atom.atom
        if type(atom) is _Node:
            atom.places += 1


def _are_alike(values: list[Json]) -> bool:
    """Say whether values are written alike, which takes longer where they are equal to Python and may not be."""
    if values.count(values[0]) < len(values):
        return False
    kinds = set(map(type, values))
    return (len(kinds) == 1 and kinds <= PLAIN) or len({json.dumps(value, sort_keys=True) for value in values}) == 1


def _shapes(value: dict[str, Json]) -> dict[Shape, list[str]]:
    """Return the names of an object's members by the shape of these, without what is rare."""
    shapes: dict[Shape, list[str]] = {}
    in_order: dict[Shape, Shape] = {}
    for name in sorted(value):
        member = value[name]
        if type(member) is dict and member:
            keys = tuple(member)
            shape = in_order.get(keys) or in_order.setdefault(keys, tuple(sorted(keys)))
            shapes.setdefault(shape, []).append(name)
    return {shape: names for shape, names in shapes.items() if len(names) >= MANY}


def _escaped(value: dict[str, Json]) -> Json:
    """Return an object of facts so that it is taken for no form."""
    return {"$object": value} if len(value) == 1 and next(iter(value)).startswith("$") else value


def _by_folder(items: list[str]) -> Json:
    """Return a list of paths with the directory of neighbours written once, where that is shorter."""
    if "/" not in items[0]:
        return items
    folders = [(folder, [item[len(folder) :] for item in found]) for folder, found in groupby(items, lambda item: item[: item.rfind("/") + 1])]
    saved = sum(len(folder) * (len(names) - 1) - 7 for folder, names in folders)
    return {"$paths": [[folder, names] for folder, names in folders]} if saved > SHORT else items


def pack(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """Return an evidence document as it is written, and leave it as it is."""
    packer, sources = Packer(), _Sources()
    probes = sorted(evidence["probes"].items())
    noted = [(packer.root(probe["facts"]), packer.root(probe["holes"])) for _, probe in probes]
    places = [[sources.note(source) for source in probe["sources"]] for _, probe in probes]
    listed = [packer.array(group, 2) for group in sources.groups]
    written = {
        name: {**probe, "facts": packer.write(facts, probe["facts"]), "holes": packer.write(holes), "sources": sources.numbers(found)}
        for (name, probe), (facts, holes), found in zip(probes, noted, places, strict=True)
    }
    return {**evidence, "probes": written, "sources": [packer.write(group) for group in listed], "shared": packer.shared}


def pack_facts(facts: Json, small: int = SMALL) -> dict[str, Json]:
    """Return facts as the child of a probe sends them: packed, with what is shared in them, where there are more than a `small` number of values."""
    if _is_small(facts, small):
        return {"facts": facts}
    packer = Packer()
    atom = packer.root(facts)
    return {"facts": packer.write(atom, facts), "shared": packer.shared}


def _is_small(facts: Json, left: int) -> bool:
    waiting = [facts]
    while waiting and left >= 0:
        here = waiting.pop()
        if isinstance(here, dict | list):
            left -= len(here)
            waiting.extend(here.values() if isinstance(here, dict) else here)
    return left >= 0


class _Sources:
    """The sources of all probes, each once, in groups of one shape, verb and outcome."""

    def __init__(self) -> None:
        self.groups: list[list[dict[str, Json]]] = []
        self._group_of: dict[Shape, int] = {}
        self._known: dict[Any, tuple[int, int, dict[str, Json]]] = {}

    def note(self, source: dict[str, Json]) -> tuple[int, int]:
        """Return the group of a source, and its place there; the order of its members counts for nothing, as where it is written."""
        source = dict(sorted(source.items()))
        key: Any = tuple(source.items())
        try:
            known = self._known.get(key)
        except TypeError:  # a plugin notes a list
            key = repr(source)
            known = self._known.get(key)
        if known is not None and not _is_alike(known[2], source):
            key = repr(source)
            known = self._known.get(key)
        if known is None:
            shape = (*source, str(source.get("verb")), str(source.get("outcome")))
            group = self._group_of.setdefault(shape, len(self.groups))
            if group == len(self.groups):
                self.groups.append([])
            known = self._known[key] = (group, len(self.groups[group]), source)
            self.groups[group].append(source)
        return known[:2]

    def numbers(self, places: Sequence[tuple[int, int]]) -> list[Json]:
        """Return the numbers of sources in the list of all; ``[first, last]`` for those that follow each other."""
        before = [0, *accumulate(map(len, self.groups))]
        runs: list[list[int]] = []
        for group, place in places:
            number = before[group] + place
            if runs and runs[-1][1] == number - 1:
                runs[-1][1] = number
            else:
                runs.append([number, number])
        return [run[0] if run[0] == run[1] else run for run in runs]


def _is_alike(one: dict[str, Json], other: dict[str, Json]) -> bool:
    """Say whether two sources that are equal to Python are written alike."""
    kinds = [*map(type, other.values())]
    return kinds == [*map(type, one.values())] and float not in kinds
