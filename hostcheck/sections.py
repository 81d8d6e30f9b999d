"""The parts of a report that analyses fill: facts in the shape that the published schema of a report gives a section.

An analysis says which section it fills, and with which of its facts; what the section has no place for stays out, and what is not known is listed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from hostcheck.because import find
from hostcheck.model import Hole, Json, OpenArray, OpenObject, Why
from hostcheck.pointer import join
from hostcheck.published import published

REPORT: Final = "report-2"
ALL: Final = 10_000
"""How many values a section has room for: users of a host can make thousands of sockets."""
LEAST: Final = 20
"""For how many values a member of a collection has room; where that is too much for all of them, some are left out."""
HOLES: Final = 200
"""How many places a section names that are not known."""
TYPES: Final[Mapping[str, type | tuple[type, ...]]] = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float)}
Member = tuple[Any, Json]


@dataclass(slots=True)
class Made:
    """The holes of a section so far, and the sizes of its collections by their identity: each is counted once, and not again for each level above it."""

    holes: list[dict[str, str]] = field(default_factory=list)
    sizes: dict[int, int] = field(default_factory=dict)

    def note(self, at: str, kind: str, hole: Hole) -> None:
        """Add a hole."""
        self.holes.append({"pointer": at, "kind": kind, "why": str(hole.why), "message": hole.message})

    def size(self, value: Json) -> int:
        """Count the values in a value, itself among them."""
        if not isinstance(value, dict | list):
            return 1
        if id(value) not in self.sizes:
            self.sizes[id(value)] = 1 + sum(map(self.size, value.values() if isinstance(value, dict) else value))
        return self.sizes[id(value)]


def fill(name: str, facts: Json, pointer: str) -> Json:
    """Return the section `name`, filled with what `facts` say at `pointer`; where the section is an object its `holes` say what is not known."""
    made = Made()
    filled = _shaped(_schema(name), find(facts, pointer), "", made, ALL)
    if not isinstance(filled, dict):
        filled = {} if _schema(name).get("type") == "object" else filled or []
    if len(made.holes) > HOLES:
        more = Hole(why=Why.LIMIT, message=f"{len(made.holes) - HOLES} more places are not known; the evidence names them")
        made.holes[HOLES:] = []
        made.note("", "members", more)
    return {**filled, "holes": made.holes} if isinstance(filled, dict) else filled


@cache
def _published() -> dict[str, Any]:
    return published(REPORT)


def _schema(name: str) -> dict[str, Any]:
    return _resolved({"$ref": f"#/$defs/{name}"})


def _resolved(schema: Json) -> dict[str, Any]:
    while "$ref" in schema:
        schema = _published()["$defs"][schema["$ref"].rpartition("/")[2]]
    found: dict[str, Any] = schema
    return found


def _shaped(schema: Json, value: Json, at: str, made: Made, room: int) -> Json:
    """Return as much of `value` as `schema` has a place for, and as there is `room` for; None where it is not known, or is of another type."""
    schema = _resolved(schema)
    if isinstance(value, Hole):
        return made.note(at, "value", value)
    if not isinstance(value, TYPES.get(schema.get("type", ""), object)):
        return None if value is None else made.note(at, "value", Hole(why=Why.NONSENSE, message=f"is no {schema['type']}"))
    if isinstance(value, OpenObject | OpenArray):
        made.note(at, "members", value.hole)
    if isinstance(value, dict):
        return _object(schema, value, at, made, room)
    if isinstance(value, list):
        kept = _share(list(enumerate(value)), at, made, room)
        shaped = (_shaped(schema.get("items", {}), item, join(at, index), made, left) for index, item, left in kept)
        return [item for item in shaped if item is not None]
    return value


def _object(schema: dict[str, Any], value: Mapping[str, Json], at: str, made: Made, room: int) -> Json:
    named, other = schema.get("properties", {}), schema.get("additionalProperties", True)
    known = [(key, value[key]) for key in sorted(value.keys() & named.keys()) if key != "holes"]
    others = sorted((key, item) for key, item in value.items() if key not in named and key != "holes") if other is not False else []
    *own, rest = _shares([made.size(item) for _, item in known] + [sum(made.size(item) for _, item in others)], room)
    found = {}
    for key, item, left in [*((key, item, left) for (key, item), left in zip(known, own, strict=True)), *_share(others, at, made, rest)]:
        inner = named.get(key, other)
        shaped = _shaped({} if inner is True else inner, item, join(at, key), made, left)
        if shaped is not None:
            found[key] = shaped
    return {key: found[key] for key in sorted(found)}


def _share(members: list[Member], at: str, made: Made, room: int) -> list[tuple[Any, Json, int]]:
    """Return the members of a collection that there is room for, each with its room; what is left out is counted."""
    sizes = [made.size(item) for _, item in members]
    if sum(sizes) > room and len(members) > max(1, room // LEAST):
        left_out = len(members) - max(1, room // LEAST)
        message = f"{left_out} more are left out of the report so that it stays small; the evidence has them"
        made.note(at, "members", Hole(why=Why.LIMIT, message=message))
        members, sizes = members[:-left_out], sizes[:-left_out]
    return [(key, item, left) for (key, item), left in zip(members, _shares(sizes, room), strict=True)]


def _shares(sizes: list[int], room: int) -> list[int]:
    """Return the room that each of some values gets: as much as it needs, while there is enough; who needs most gets what others leave."""
    shares = [0] * len(sizes)
    for done, index in enumerate(sorted(range(len(sizes)), key=sizes.__getitem__)):
        shares[index] = min(sizes[index], room // (len(sizes) - done))
        room -= shares[index]
    return shares
