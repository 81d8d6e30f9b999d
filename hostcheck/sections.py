"""The parts of a report that analyses fill: facts in the shape that the published schema of a report gives a section.

An analysis says which section it fills, and with which of its facts; what the section has no place for stays out, and what is not known is listed.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from hostcheck.because import find
from hostcheck.model import Hole, Json, OpenArray, OpenObject, Why
from hostcheck.pointer import join
from hostcheck.published import published

REPORT: Final = "report-2"
TYPES: Final[Mapping[str, type | tuple[type, ...]]] = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float)}


def fill(name: str, facts: Json, pointer: str) -> Json:
    """Return the section `name`, filled with what `facts` say at `pointer`; where the section is an object its `holes` say what is not known."""
    holes: list[dict[str, str]] = []
    filled = _shaped(_schema(name), find(facts, pointer), "", holes)
    if not isinstance(filled, dict):
        filled = {} if _schema(name).get("type") == "object" else filled or []
    return {**filled, "holes": holes} if isinstance(filled, dict) else filled


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


def _shaped(schema: Json, value: Json, at: str, holes: list[dict[str, str]]) -> Json:
    """Return as much of `value` as `schema` has a place for; None where it is not known, or is of another type."""
    schema = _resolved(schema)
    if isinstance(value, Hole):
        return _note(holes, at, "value", value)
    if not isinstance(value, TYPES.get(schema.get("type", ""), object)):
        return None if value is None else _note(holes, at, "value", Hole(why=Why.NONSENSE, message=f"is no {schema['type']}"))
    if isinstance(value, OpenObject | OpenArray):
        _note(holes, at, "members", value.hole)
    if isinstance(value, dict):
        return _object(schema, value, at, holes)
    if isinstance(value, list):
        shaped = (_shaped(schema.get("items", {}), item, join(at, index), holes) for index, item in enumerate(value))
        return [item for item in shaped if item is not None]
    return value


def _object(schema: dict[str, Any], value: Mapping[str, Json], at: str, holes: list[dict[str, str]]) -> Json:
    named, other = schema.get("properties", {}), schema.get("additionalProperties", True)
    found = {}
    for key, item in sorted(value.items()):
        inner = named.get(key, other)
        if inner is not False and key != "holes":
            shaped = _shaped({} if inner is True else inner, item, join(at, key), holes)
            if shaped is not None:
                found[key] = shaped
    return found


def _note(holes: list[dict[str, str]], at: str, kind: str, hole: Hole) -> None:
    holes.append({"pointer": at, "kind": kind, "why": str(hole.why), "message": hole.message})
