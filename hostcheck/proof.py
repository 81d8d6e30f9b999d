"""Which facts a verdict stands on: the places that a rule's schema looks at, with what stands there and where it came from.

What an analysis states rests on other facts: `x-from` of its facts schema names them, and they are shown below it; of a whole collection, those of each member.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, product
from typing import Any, Final

from hostcheck.because import find, follow
from hostcheck.deferred import pattern
from hostcheck.model import Hole, Json, OpenArray, OpenObject
from hostcheck.origins import Origin, origin_of
from hostcheck.pointer import join, tokens
from hostcheck.schema import same_place

ITEMS: Final = 12
"""Most places that one finding shows."""
MEMBERS: Final = 20
"""Most members of a collection that one place shows."""
TEXT: Final = 4096
VALUE: Final = 4096
"""Most characters that one value shows, as JSON."""
ALL: Final = 16_384
"""Most characters that all values of one finding show."""
DEPTH: Final = 3
"""How far an analysis that rests on an analysis is followed."""
WRITTEN: Final = json.JSONEncoder(ensure_ascii=False).encode
LEVELS: Final = 4
"""How deep a value is shown."""
NAME: Final = pattern(r"\{(key|/[^{}]*)\}")


def places(schema: Json, at: str = "") -> Iterator[str]:
    """Yield the pointers of the facts that `schema` looks at, the deepest that it names."""
    if not isinstance(schema, dict):
        return
    named = {*schema.get("properties", {}), *schema.get("required", ())}
    for name in sorted(named):
        deeper = list(places(schema.get("properties", {}).get(name, True), join(at, name)))
        yield from deeper or [join(at, name)]
    for _, inner in same_place(schema):
        yield from places(inner, at)
    if not named and any(keyword in schema for keyword in ("items", "contains", "additionalProperties", "propertyNames")):
        yield at


Place = tuple[str, list[str]]
"""A JSON Pointer, and its tokens."""


class Proof:
    """The evidence of findings about one host: what was found out for one of them is kept for the others, of which there may be thousands."""

    def __init__(self, sources: Mapping[str, Json], document: Json) -> None:
        """Take the facts of the host and their schemas, by probe and analysis."""
        self._sources, self._document = sources, document
        self._places: dict[int, tuple[Json, list[Place]]] = {}
        self._origins: dict[str, tuple[list[str], Origin]] = {}
        self._below: dict[tuple[Any, ...], list[str]] = {}
        self._items: dict[str, tuple[Json, dict[str, Any]]] = {}

    def evidence(self, schema: Json, facts: Json, base: str) -> list[dict[str, Any]]:
        """Return ``{probe, pointer, value, source}`` for the facts at `base` that `schema` looks at, then for those of the host that they rest on.

        What is not known has no value but a hole.
        """
        shown = {base + place: follow(facts, path) for place, path in self._looked_at(schema)}
        below = dict.fromkeys(under for pointer in shown for under in self._rests_on(pointer))
        shown |= {pointer: find(self._document, pointer) for pointer in [one for one in below if one not in shown][:ITEMS]}
        return [self._item(pointer, value) for pointer, value in shown.items()]

    def _looked_at(self, schema: Json) -> list[Place]:
        if id(schema) not in self._places:  # the schema is kept, so that its identity stays its own
            self._places[id(schema)] = (schema, [(place, tokens(place)) for place in islice(places(schema), ITEMS)])
        return self._places[id(schema)][1]

    def _origin(self, pointer: str) -> tuple[list[str], Origin]:
        """Return the names that lead to a fact, and what is said of its origin."""
        if pointer not in self._origins:
            path = tokens(pointer) or [""]
            self._origins[pointer] = (path, origin_of(self._sources.get(path[0]), path[1:]))
        return self._origins[pointer]

    def _rests_on(self, pointer: str, depth: int = DEPTH) -> list[str]:
        """Return the places that a fact rests on, and what those rest on in turn: by the nearest `x-from` above it of whose places one is there."""
        path, said = self._origin(pointer)
        if said.above is None or not depth:
            return []
        same = (depth, *path[: said.above.depth + 2])
        if same not in self._below:
            found = self._found(path, said.above)
            self._below[same] = list(islice((one for under in found for one in self._rests_on(under, depth - 1) or [under]), MEMBERS * ITEMS))
        return self._below[same]

    def _found(self, path: list[str], origin: Origin | None) -> list[str]:
        found: list[str] = []
        while origin is not None and not found:
            above = "".join(join("", token) for token in path[: origin.depth + 1])
            keys = [origin.key] if origin.depth + 1 < len(path) else _keys(find(self._document, above))
            filled = [one for template, key in product(origin.rests_on, keys) for one in _filled(template, key, above, self._document)]
            found = [under for under in dict.fromkeys(filled) if under and find(self._document, under) is not None]
            origin = origin.above
        return found

    def _item(self, pointer: str, value: Json) -> dict[str, Any]:
        known = self._items.get(pointer)
        if known is None or known[0] is not value:
            known = self._items[pointer] = (value, _item(*self._origin(pointer), value))
        return known[1]


def _keys(collection: Json) -> list[str]:
    """Return the names of the members of a whole collection: its keys, or the texts of a list."""
    names = [name for name in collection if isinstance(name, str)] if isinstance(collection, dict | list) else []
    return names[:MEMBERS] or [""]


def _filled(template: str, key: str, above: str, document: Json) -> list[str]:
    """Return a pointer of `x-from` with its names put in: ``{key}`` is the member below the place, ``{/p}`` a fact of it; none where one is not known.

    A template that is nothing but a fact is all pointers of that fact, a list.
    """
    values = {name: key if name == "key" else find(document, f"{above}{join('', key)}{name}") for name in NAME.findall(template)}
    if isinstance(listed := values.get(template[1:-1]), list):
        return [one for one in listed if isinstance(one, str) and one.startswith("/")]
    if not all(isinstance(value, str | int) for value in values.values()):
        return []
    return [NAME.sub(lambda match: join("", str(values[match[1]]))[1:], template)]


def bounded(items: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return as many of the first items as one finding shows."""
    found = list(islice(items, 2 * ITEMS))
    if _size(found) <= ALL:
        return found
    kept: list[dict[str, Any]] = []
    left = ALL
    for item in found:
        left -= _size(item)
        if kept and left < 0:
            break
        kept.append(item)
    return kept


def _size(value: Json) -> int:
    return len(WRITTEN(value))


def _item(path: list[str], origin: Origin, value: Json) -> dict[str, Any]:
    item: dict[str, Any] = {"probe": path[0], "pointer": "".join(join("", token) for token in path[1:]), "source": origin.source or path[0]}
    if isinstance(value, Hole):
        return {**item, "value": None, "hole": {"why": str(value.why), "message": value.message}}
    if isinstance(value, OpenObject | OpenArray):
        item["hole"] = {"why": str(value.hole.why), "message": value.hole.message}
    return {**item, "value": excerpt(value)}


def excerpt(value: Json) -> Json:
    """Return `value` small enough for a report, as deep as it fits; what is left out is said."""
    shown = _excerpt(value, 0)
    if not isinstance(value, dict | list):
        return shown
    for depth in range(1, LEVELS + 1):
        deeper = _excerpt(value, depth)
        if deeper == shown or (depth > 1 and _size(deeper) > VALUE):
            break
        shown = deeper
    return shown


def _excerpt(value: Json, depth: int) -> Json:
    if isinstance(value, Hole):
        return f"(not known: {value.why})"
    if isinstance(value, str):
        return value if len(value) <= TEXT else f"{value[:TEXT]}… ({len(value)} characters)"
    if not isinstance(value, dict | list):
        return value
    if depth == 0:
        return f"({len(value)} members)"
    if isinstance(value, dict):
        shown: dict[str, Json] = {key: _excerpt(value[key], depth - 1) for key in sorted(value)[:MEMBERS]}
        return {**shown, "…": f"{len(value) - MEMBERS} more"} if len(value) > MEMBERS else shown
    items = [_excerpt(item, depth - 1) for item in value[:MEMBERS]]
    return [*items, f"… {len(value) - MEMBERS} more"] if len(value) > MEMBERS else items
