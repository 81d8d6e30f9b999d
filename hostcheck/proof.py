"""Which facts a verdict stands on: the places that a rule's schema looks at, with what stands there and where it came from.

The source of a fact is told by the probe's own facts schema, in the nearest `$comment` above the place.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hostcheck.because import find
from hostcheck.model import Hole, Json, OpenArray, OpenObject
from hostcheck.pointer import join, tokens
from hostcheck.schema import subschemas

ITEMS: Final = 12
"""Most places that one finding shows."""
MEMBERS: Final = 20
"""Most members of a collection that one place shows."""
TEXT: Final = 4096
SAME_PLACE: Final = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else")


def places(schema: Json, facts: Json, at: str = "") -> Iterator[str]:
    """Yield the pointers of the facts that `schema` looks at, the deepest that it names."""
    if not isinstance(schema, dict):
        return
    named = {*schema.get("properties", {}), *schema.get("required", ())}
    for name in sorted(named):
        inner = schema.get("properties", {}).get(name, True)
        deeper = list(places(inner, find(facts, join("", name)), join(at, name)))
        yield from deeper or [join(at, name)]
    for place, inner in subschemas(schema):
        if tokens(place)[0] in SAME_PLACE:
            yield from places(inner, facts, at)
    if not named and any(keyword in schema for keyword in ("items", "contains", "additionalProperties", "propertyNames")):
        yield at


def evidence(schema: Json, facts: Json, base: str, sources: Mapping[str, Json]) -> list[dict[str, Any]]:
    """Return ``{probe, pointer, value, source}`` for the facts at `base` that `schema` looks at; what is not known has no value but a hole."""
    found: dict[str, dict[str, Any]] = {}
    for place in places(schema, facts):
        if place not in found and len(found) < ITEMS:
            found[place] = _item(base + place, find(facts, place), sources)
    return list(found.values())


def _item(pointer: str, value: Json, sources: Mapping[str, Json]) -> dict[str, Any]:
    probe, *path = tokens(pointer) or [""]
    item: dict[str, Any] = {"probe": probe, "pointer": "".join(join("", token) for token in path), "source": source_of(sources.get(probe), path) or probe}
    if isinstance(value, Hole):
        return {**item, "value": None, "hole": {"why": str(value.why), "message": value.message}}
    if isinstance(value, OpenObject | OpenArray):
        item["hole"] = {"why": str(value.hole.why), "message": value.hole.message}
    return {**item, "value": excerpt(value)}


def excerpt(value: Json, depth: int = 4) -> Json:
    """Return `value` small enough for a report; what is left out is said."""
    if isinstance(value, Hole):
        return f"(not known: {value.why})"
    if isinstance(value, str):
        return value if len(value) <= TEXT else f"{value[:TEXT]}… ({len(value)} characters)"
    if not isinstance(value, dict | list):
        return value
    if depth == 0:
        return f"({len(value)} members)"
    if isinstance(value, dict):
        shown: dict[str, Json] = {key: excerpt(value[key], depth - 1) for key in sorted(value)[:MEMBERS]}
        return {**shown, "…": f"{len(value) - MEMBERS} more"} if len(value) > MEMBERS else shown
    items = [excerpt(item, depth - 1) for item in value[:MEMBERS]]
    return [*items, f"… {len(value) - MEMBERS} more"] if len(value) > MEMBERS else items


@dataclass(slots=True, kw_only=True)
class Spot:
    """A place in a facts schema: what describes it, what that says of the origin, the names that are described each for itself, and the places below."""

    schemas: list[Json]
    told: str
    named: frozenset[str]
    below: dict[str, "Spot"] = field(default_factory=dict)


def _spot(schemas: list[Json], root: Json) -> Spot:
    named = frozenset(name for schema in schemas for view in alternatives(schema, root) for name in view.get("properties", ()))
    return Spot(schemas=schemas, told=next((text for schema in schemas if (text := _told(schema))), ""), named=named)


SPOTS: Final[dict[int, Spot]] = {}
"""By the identity of a facts schema, which its spot keeps alive: a host has thousands of subjects, and a schema the same places for all."""


def source_of(facts_schema: Json, path: list[str]) -> str:
    """Return what the facts schema says of the origin of the fact at `path`: the nearest word above it, with ``{key}`` for the member below that."""
    stated = ""
    here = SPOTS.get(id(facts_schema)) or SPOTS.setdefault(id(facts_schema), _spot([facts_schema], facts_schema))
    for token in [*path, "…"]:
        stated = here.told.replace("{key}", token) or stated
        kind = token if token in here.named else "0" if token.isdigit() else "*"
        below = here.below.get(kind)
        if below is None:
            below = here.below[kind] = _spot([inner for schema in here.schemas for inner in children(schema, token, facts_schema)], facts_schema)
        here = below
    return stated


def _told(schema: Json) -> str:
    comment = schema.get("$comment", "") if isinstance(schema, dict) else ""
    return comment.removeprefix("source: ").partition("; ")[0] if comment.startswith("source: ") else ""


def children(schema: Json, token: str, root: Json) -> list[Json]:
    """Return the schemas that describe the member `token` of what `schema` describes."""
    found: list[Json] = []
    for view in alternatives(schema, root):
        if token in view.get("properties", {}):
            found.append(view["properties"][token])
        elif isinstance(view.get("additionalProperties"), dict) or view.get("additionalProperties") is True:
            found.append(view["additionalProperties"])
        elif "items" in view and token.isdigit():
            found.append(view["items"])
    return found


def alternatives(schema: Json, root: Json) -> Iterator[dict[str, Any]]:
    """Yield `schema` and every schema that describes the same place: by reference, or as one of several."""
    if not isinstance(schema, dict):
        return
    yield schema
    if "$ref" in schema:
        yield from alternatives(root.get("$defs", {}).get(schema["$ref"][8:]), root)
    for place, inner in subschemas(schema):
        if tokens(place)[0] in SAME_PLACE:
            yield from alternatives(inner, root)
