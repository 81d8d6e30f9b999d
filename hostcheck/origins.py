"""Where a fact comes from, by the words of its facts schema: the source that it was read from, or the facts that it rests on.

A place is described by the nearest `x-source` and `x-from` at it or above it, and by several schemas at once, by reference or as one of several.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hostcheck.model import Json
from hostcheck.schema import same_place


@dataclass(slots=True, kw_only=True)
class Spot:
    """A place in a facts schema: what describes it, what that says of the origin, the names that are described each for itself, and the places below."""

    schemas: list[Json]
    source: str
    rests_on: tuple[str, ...]
    named: frozenset[str]
    below: dict[str, "Spot"] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Origin:
    """What a facts schema says of the origin of a fact: its source, and in `above`, the nearest first, what it rests on.

    That is written `depth` names down, above `key`.
    """

    source: str = ""
    rests_on: tuple[str, ...] = ()
    depth: int = 0
    key: str = ""
    above: "Origin | None" = None


def _spot(schemas: list[Json], root: Json) -> Spot:
    views = [view for schema in schemas for view in alternatives(schema, root)]
    source = next((text for view in views if (text := source_in(view))), "")
    rests_on = next((tuple(view["x-from"]) for view in views if "x-from" in view), ())
    return Spot(schemas=schemas, source=source, rests_on=rests_on, named=frozenset(name for view in views for name in view.get("properties", ())))


SPOTS: Final[dict[int, Spot]] = {}
"""By the identity of a facts schema, which its spot keeps alive: a host has thousands of subjects, and a schema the same places for all."""


def origin_of(facts_schema: Json, path: list[str]) -> Origin:
    """Return what the facts schema says of the origin of the fact at `path`: the nearest words above it, in the source with ``{key}`` for the member below."""
    source, above = "", None
    here = SPOTS.get(id(facts_schema)) or SPOTS.setdefault(id(facts_schema), _spot([facts_schema], facts_schema))
    for depth, token in enumerate([*path, "…"]):
        if here.source:
            source = here.source.replace("{key}", token)
        if here.rests_on:
            above = Origin(rests_on=here.rests_on, depth=depth, key=token, above=above)
        kind = token if token in here.named else "0" if token.isdigit() else "*"
        below = here.below.get(kind)
        if below is None:
            below = here.below[kind] = _spot([inner for schema in here.schemas for inner in children(schema, token, facts_schema)], facts_schema)
        here = below
    return Origin(source=source, above=above)


def source_in(schema: Mapping[str, Any]) -> str:
    """Return what one schema says of the origin: `x-source`, or the older `$comment` that begins with ``source:``."""
    comment: str = schema.get("$comment", "")
    older = comment.removeprefix("source: ").partition("; ")[0] if comment.startswith("source: ") else ""
    source: str = schema.get("x-source", older)
    return source


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
    for _, inner in same_place(schema):
        yield from alternatives(inner, root)
