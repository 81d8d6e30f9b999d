"""Read evidence that `packing` wrote: whoever wrote it may have meant harm.

A few bytes may stand for gigabytes, so what is made is counted before it is made. What is shared names only what stands before it, so there are no circles.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import Any, Final, NoReturn

from hostcheck.model import Json, Why
from hostcheck.parting import DEPTH
from hostcheck.pointer import join

VALUES: Final = 16_000_000
CHARACTERS: Final = 128 << 20
"""How much may be unpacked: as much as a document may hold that is not packed (documents.py)."""
EACH: Final = 7
"""Bytes that count for a value: quotes, a number, what stands between two."""
SCALARS: Final = frozenset({str, int, float, bool, type(None)})


class PackingError(ValueError):
    """What cannot be unpacked; the message says what is wrong with it, and `why` whether it is nonsense or too much."""

    def __init__(self, message: str, why: Why = Why.NONSENSE) -> None:
        """Take both."""
        super().__init__(message)
        self.why = why


def _refuse(text: str) -> NoReturn:
    raise PackingError(text)


class Reader:
    """Unpacks values, and counts what it makes."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._values = self._characters = self._deepest = self._built = 0
        self._shared: list[tuple[Json, int, int, int]] = []

    @property
    def size(self) -> int:
        """Return some bytes more than what was unpacked has, so that what is within a bound of bytes has not too many values to be read again."""
        return self._characters + EACH * self._values

    def share(self, shared: Json) -> None:
        """Take what is shared; raises PackingError."""
        for packed in shared if isinstance(shared, list) else _refuse("what is shared is not a list"):
            values, characters, self._deepest = self._values, self._characters, 0
            value = self.value(packed)
            self._shared.append((value, self._values - values, self._characters - characters, self._deepest))
            self._values, self._characters = values, characters  # it counts where it is named

    def value(self, packed: Json, depth: int = 0) -> Json:
        """Return what `packed` stands for, `depth` levels down; raises PackingError."""
        kind = type(packed)
        if kind is str:
            self._count(0, len(packed))
            return packed
        if kind is not dict and kind is not list:
            return packed
        self._reach(depth + 1)
        if kind is list:
            return self._list(packed, depth)
        if len(packed) == 1 and (name := next(iter(packed))).startswith("$"):
            form = FORMS.get(name) or _refuse(f"{name[:20]!r} is no form of packed facts")
            return form(self, packed[name], depth)
        return self._object(packed, depth)

    def array(self, packed: Json) -> list[Json]:
        """Return the list that `packed` stands for; raises PackingError."""
        return self._array(packed, None, 0)

    def runs(self, packed: Json, sizes: Sequence[int]) -> list[tuple[int, int]]:
        """Return where runs of sources begin and end, given the characters of all sources before each; raises PackingError."""
        found = []
        for run in packed:
            first, last = run if isinstance(run, list) else (run, run)
            if not 0 <= first <= last < len(sizes) - 1:
                _refuse(f"there are no sources {str(run)[:40]}")
            self._count(8 * (last - first + 1), sizes[last + 1] - sizes[first])
            found.append((first, last + 1))
        return found

    def _count(self, values: int, characters: int = 0, *, made: bool = True) -> None:
        """Count what stands in the facts, and what is `made` for it, however often it stands there; raises PackingError before there is too much."""
        self._values += values
        self._characters += characters
        self._built += values * made
        if max(self._values, self._built) > VALUES or self._characters > CHARACTERS:
            text = f"holds more than {VALUES // 1_000_000} million values or {CHARACTERS >> 20} MiB once it is unpacked; is this the right file?"
            raise PackingError(text, Why.LIMIT)

    def _reach(self, depth: int) -> None:
        self._deepest = max(self._deepest, depth)
        if depth > DEPTH:
            _refuse(f"nested more than {DEPTH} levels deep once it is unpacked")

    def _object(self, packed: Mapping[str, Json], depth: int) -> Json:
        self._count(3 + len(packed), sum(map(len, packed)))
        return {name: self.value(item, depth + 1) for name, item in packed.items()}

    def _list(self, packed: list[Json], depth: int) -> list[Json]:
        kinds = set(map(type, packed))
        if kinds <= SCALARS:
            self._count(len(packed) or 1, sum(map(len, packed)) if kinds == {str} else sum(len(item) for item in packed if type(item) is str))
            return packed
        self._count(len(packed) or 1)
        return [self.value(item, depth + 1) for item in packed]

    def _escaped(self, packed: Json, depth: int) -> Json:
        return self._object(packed, depth) if isinstance(packed, dict) else _refuse("'$object' stands for no object")

    def _named(self, number: Json, depth: int) -> Json:
        if type(number) is not int or not 0 <= number < len(self._shared):
            _refuse(f"what is shared has no number {str(number)[:20]!r}, or comes later")
        value, values, characters, deepest = self._shared[number]
        self._count(values, characters, made=False)
        self._reach(depth + deepest)
        return value

    def _paths(self, packed: Json, depth: int) -> list[str]:
        found: list[str] = []
        for folder, names in map(_pair, packed if isinstance(packed, list) else _refuse("'$paths' is not a list")):
            if type(folder) is not str or type(names) is not list or set(map(type, names)) - {str}:
                _refuse("'$paths' is not a list of directories and names")
            self._count(1 + len(names), len(folder) * len(names) + sum(map(len, names)))
            found += [folder + name for name in names]
        return found

    def _rows(self, packed: Json, depth: int) -> list[Json]:
        count, columns = _members(packed, "count", "columns", "'$list'")
        if type(count) is not int or count < 1:
            _refuse("'$list' has no number of members")
        return self._made(count, columns, depth + 1)

    def _made(self, count: int, columns: Json, depth: int) -> list[Json]:
        """Return `count` objects made of columns; their values are one level below them."""
        if type(columns) is not dict or not columns:
            _refuse("what is packed has no columns")
        self._reach(depth + 1)
        names = sorted(columns)
        self._count(count * (4 + len(columns)), count * sum(map(len, columns)))
        cells = [self._column(columns[name], count, depth) for name in names]
        return [dict(zip(names, row, strict=True)) for row in zip(*cells, strict=True)]

    def _column(self, packed: Json, count: int, depth: int) -> list[Json]:
        if type(packed) is dict and packed.keys() == {"$all"}:
            values, characters = self._values, self._characters
            value = self.value(packed["$all"], depth + 1)
            self._count((count - 1) * (self._values - values), (count - 1) * (self._characters - characters), made=False)
            return [value] * count
        return self._array(packed, count, depth)

    def _array(self, packed: Json, count: int | None, depth: int) -> list[Json]:
        found = self.value(packed, depth)
        if type(found) is not list or count not in (None, len(found)):
            _refuse("a column is not a list, or not as long as the others")
        return found

    def _table(self, packed: Json, depth: int) -> Json:
        if type(packed) is not list or not packed or type(packed[0]) is not dict:
            _refuse("'$table' does not begin with an object")
        found: dict[str, Json] = self._object(packed[0], depth)
        for part in packed[1:]:
            told, columns = _members(part, "names", "columns", "a part of '$table'")
            names = self._array(told, None, depth)
            if set(map(type, names)) != {str}:
                _refuse("the names of a part of '$table' are not texts")
            before = len(found)
            found.update(zip(names, self._made(len(names), columns, depth + 1), strict=True))
            if len(found) < before + len(names):
                _refuse("a name stands twice in '$table'")
        return dict(sorted(found.items())) if len(packed) > 2 or packed[0] else found


def _pair(packed: Json) -> tuple[Json, Json]:
    return (packed[0], packed[1]) if isinstance(packed, list) and len(packed) == 2 else _refuse("not a pair")


def _members(packed: Json, first: str, second: str, name: str) -> tuple[Json, Json]:
    if type(packed) is not dict or packed.keys() != {first, second}:
        _refuse(f"{name} has not {first!r} and {second!r} alone")
    return packed[first], packed[second]


FORMS: Final[Mapping[str, Callable[[Reader, Json, int], Json]]] = {
    "$shared": Reader._named,
    "$table": Reader._table,
    "$list": Reader._rows,
    "$paths": Reader._paths,
    "$object": Reader._escaped,
}


def unpack(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return an evidence document with all facts, holes and sources in their places; raises PackingError, with the place."""
    reader = Reader()
    told("/shared", reader.share, document["shared"])
    sources = [source for number, group in enumerate(document["sources"]) for source in told(f"/sources/{number}", reader.array, group)]
    sizes = [0, *accumulate(len(str(source)) for source in sources)]

    def unpacked(name: str, probe: dict[str, Any]) -> dict[str, Any]:
        place = join("/probes", name)
        facts, holes = (told(f"{place}/{key}", reader.value, probe[key]) for key in ("facts", "holes"))
        runs = told(f"{place}/sources", reader.runs, probe["sources"], sizes)
        return {**probe, "facts": facts, "holes": holes, "sources": [source for first, last in runs for source in sources[first:last]]}

    kept = {key: value for key, value in document.items() if key not in ("shared", "sources")}
    return {**kept, "probes": {name: unpacked(name, probe) for name, probe in document["probes"].items()}}


def unpack_facts(facts: Json, shared: Json) -> tuple[Json, int]:
    """Return facts that were packed alone, and some bytes more than they have when they are not packed; raises PackingError."""
    reader = Reader()
    reader.share(shared)
    return reader.value(facts), reader.size


def told(place: str, read: Callable[..., Any], *packed: Json) -> Any:
    """Return what `read` makes; raises PackingError with the place."""
    try:
        return read(*packed)
    except PackingError as error:
        raise PackingError(f"{place}: {error}", error.why) from None
