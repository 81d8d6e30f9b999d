"""The published schemas of documents, and what is wrong with a document by one of them.

Whether a document is valid our own predicates say, which look at each value once; what is wrong is said by jsonschema, of the one place that breaks.
"""

import json
import os
from collections.abc import Iterator
from functools import cache
from typing import Any

from hostcheck.model import Json
from hostcheck.pointer import join
from hostcheck.schema import Predicate, compile_schema


def published(name: str) -> dict[str, Any]:
    """Return the published JSON Schema `name`, such as ``evidence-1``."""
    path = os.path.join(os.path.dirname(__file__), "schemas", f"{name}.json")
    with open(path, "rb") as file:
        schema: dict[str, Any] = json.load(file)
    return schema


def problem_of(document: Json, name: str) -> str:
    """Return how `document` breaks the published schema `name`, with the place; "" where it does not."""
    if _judge(name)(document) is True:
        return ""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match
    from referencing import Registry

    schema = published(name)
    at, broken, value = _narrowed(schema, document)
    error = best_match(Draft202012Validator({**broken, "$defs": schema.get("$defs", {})}, registry=Registry()).iter_errors(value))
    place = at + "".join(join("", token) for token in error.absolute_path)
    return f"{place or '/'}: {error.message[:200]}"


@cache
def _judge(name: str) -> Predicate:
    return compile_schema(published(name))


def _narrowed(schema: dict[str, Any], value: Json) -> tuple[str, dict[str, Any], Json]:
    """Return the deepest place that breaks the schema, as far as properties and items lead, with what is asked of it itself: what is below it is valid."""
    at, here = "", schema
    while True:
        here = _resolved(here, schema)
        judges: dict[int, Predicate] = {}
        for token, item, inner in _members(here, value):
            judge = judges.get(id(inner)) or judges.setdefault(id(inner), compile_schema({**inner, "$defs": schema.get("$defs", {})}))
            if judge(item) is False:
                at, here, value = join(at, token), inner, item
                break
        else:
            return at, _alone(here), value


def _resolved(here: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while here.keys() == {"$ref"}:
        here = schema["$defs"][here["$ref"].rpartition("/")[2]]
    return here


def _members(here: dict[str, Any], value: Json) -> Iterator[tuple[str | int, Json, dict[str, Any]]]:
    """Yield each member with the schema that describes it."""
    if isinstance(value, dict):
        found = ((token, item, here.get("properties", {}).get(token, here.get("additionalProperties"))) for token, item in value.items())
        yield from (one for one in found if isinstance(one[2], dict))
    elif isinstance(value, list) and isinstance(here.get("items"), dict):
        yield from ((index, item, here["items"]) for index, item in enumerate(value))


def _alone(here: dict[str, Any]) -> dict[str, Any]:
    """Return a schema that asks nothing of the members."""
    kept = {**here, **({"properties": dict.fromkeys(here["properties"], True)} if "properties" in here else {})}
    return {key: True if key in ("items", "additionalProperties") and isinstance(item, dict) else item for key, item in kept.items()}
