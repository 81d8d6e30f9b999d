"""The closed dialect of JSON Schema (draft 2020-12) in which facts are described and judged.

What a plain validator passes over in silence, a misspelt keyword or a format nobody asserts, is an error here at load time.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from hostcheck.model import HostcheckError, Json
from hostcheck.pointer import join
from hostcheck.spelling import near

TYPES: Final = ("null", "boolean", "object", "array", "number", "string", "integer")
DEPTH: Final = 64
NODES: Final = 10_000


class DialectError(HostcheckError):
    """A schema that could not be judged by; the message says where and what to write instead."""


def _is_schema(value: Json) -> str:
    return "" if isinstance(value, bool | dict) else "must be a schema: an object, true or false"


def _is_schemas(value: Json) -> str:
    return "" if isinstance(value, dict) and all(not _is_schema(item) for item in value.values()) else "must be an object of schemas"


def _is_schema_list(value: Json) -> str:
    return "" if isinstance(value, list) and value and all(not _is_schema(item) for item in value) else "must be a list of one or more schemas"


def _is_count(value: Json) -> str:
    return "" if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else "must be a whole number, 0 or more"


def _is_number(value: Json) -> str:
    return "" if isinstance(value, int | float) and not isinstance(value, bool) else "must be a number"


def _is_names(value: Json) -> str:
    if isinstance(value, list) and all(isinstance(item, str) for item in value) and len(set(value)) == len(value):
        return ""
    return "must be a list of names, each once"


def _is_dependents(value: Json) -> str:
    return "" if isinstance(value, dict) and all(not _is_names(item) for item in value.values()) else "must be an object of lists of names"


def _is_type(value: Json) -> str:
    names = value if isinstance(value, list) and value else [value]
    return "" if not _is_names(names) and all(name in TYPES for name in names) else f"must be one of {', '.join(TYPES)}, or a list of them"


def _is_list(value: Json) -> str:
    return "" if isinstance(value, list) else "must be a list"


def _is_text(value: Json) -> str:
    return "" if isinstance(value, str) else "must be text"


def _is_boolean(value: Json) -> str:
    return "" if isinstance(value, bool) else "must be true or false"


def _is_reference(value: Json) -> str:
    return "" if isinstance(value, str) and value.startswith("#/$defs/") and "/" not in value[8:] else "must be '#/$defs/NAME'"


def _is_anything(value: Json) -> str:
    return ""


KEYWORDS: Final[Mapping[str, Callable[[Json], str]]] = {
    "type": _is_type,
    "const": _is_anything,
    "enum": _is_list,
    "properties": _is_schemas,
    "required": _is_names,
    "additionalProperties": _is_schema,
    "propertyNames": _is_schema,
    "minProperties": _is_count,
    "maxProperties": _is_count,
    "dependentRequired": _is_dependents,
    "items": _is_schema,
    "contains": _is_schema,
    "minContains": _is_count,
    "maxContains": _is_count,
    "minItems": _is_count,
    "maxItems": _is_count,
    "uniqueItems": _is_boolean,
    "minimum": _is_number,
    "maximum": _is_number,
    "exclusiveMinimum": _is_number,
    "exclusiveMaximum": _is_number,
    "minLength": _is_count,
    "maxLength": _is_count,
    "allOf": _is_schema_list,
    "anyOf": _is_schema_list,
    "oneOf": _is_schema_list,
    "not": _is_schema,
    "if": _is_schema,
    "then": _is_schema,
    "else": _is_schema,
    "$defs": _is_schemas,
    "$ref": _is_reference,
    "title": _is_text,
    "description": _is_text,
    "$comment": _is_text,
    "x-source": _is_text,
    "x-needs": _is_text,
    "x-absent": _is_text,
    "x-unit": _is_text,
    "x-explains": _is_boolean,
    "x-from": _is_names,
}
"""Every keyword, and what its value must be: the check returns what is wrong, or nothing. Those with an x are hostcheck's own, and change no verdict."""


SAME_PLACE: Final = frozenset({"allOf", "anyOf", "oneOf", "not", "if", "then", "else"})


def subschemas(schema: Json, at: str = "") -> Iterator[tuple[str, Json]]:
    """Yield each schema that stands directly inside `schema` with its JSON Pointer."""
    if not isinstance(schema, dict):
        return
    for keyword, value in schema.items():
        check = KEYWORDS.get(keyword)
        if check is _is_schema:
            yield join(at, keyword), value
        elif check is _is_schemas:
            yield from ((join(join(at, keyword), name), item) for name, item in value.items())
        elif check is _is_schema_list:
            yield from ((join(join(at, keyword), index), item) for index, item in enumerate(value))


def same_place(schema: Json) -> Iterator[tuple[str, Json]]:
    """Yield each schema in `schema` that looks at the same value as it, with its keyword."""
    for keyword, value in schema.items() if isinstance(schema, dict) else ():
        if keyword in SAME_PLACE:
            yield from ((keyword, inner) for inner in (value if isinstance(value, list) else (value,)))


def check(schema: Json, what: str) -> None:
    """Raise DialectError where `schema` is not in the dialect; `what` names it in the message."""
    definitions = schema.get("$defs", {}) if isinstance(schema, dict) else {}
    _check(schema, what, "", definitions, 0)
    done: set[str] = set()
    for name in definitions:
        _check_cycle(name, definitions, (name,), done, what)


def _check(schema: Json, what: str, at: str, definitions: Mapping[str, Json], depth: int) -> None:
    if problem := _is_schema(schema):
        raise DialectError(f"{what}: {at or '/'} {problem}")
    if depth > DEPTH:
        raise DialectError(f"{what}: {at[:80]}… is nested more than {DEPTH} levels deep")
    if isinstance(schema, bool):
        return
    for keyword, value in schema.items():
        _check_keyword(keyword, value, what, at, definitions)
    for place, inner in subschemas(schema, at):
        _check(inner, what, place, definitions, depth + 1)


def _check_keyword(keyword: str, value: Json, what: str, at: str, definitions: Mapping[str, Json]) -> None:
    place = join(at, keyword)
    if keyword not in KEYWORDS:
        raise DialectError(f"{what}: {place}: unknown keyword {keyword!r}{_suggest(keyword)}")
    if problem := KEYWORDS[keyword](value):
        raise DialectError(f"{what}: {place} {problem}")
    if keyword == "$ref" and value[8:] not in definitions:
        raise DialectError(f"{what}: {place}: {value} is not in $defs")
    if keyword == "$defs" and at:
        raise DialectError(f"{what}: {place}: $defs must be at the top of the schema")


def _suggest(keyword: str) -> str:
    return near(keyword, KEYWORDS) or f"; there are {', '.join(sorted(KEYWORDS))}"


def _check_cycle(name: str, definitions: Mapping[str, Json], path: tuple[str, ...], done: set[str], what: str) -> None:
    if name in done:
        return
    for target in set(_references(definitions[name])):
        if target in path:
            raise DialectError(f"{what}: /$defs/{name} refers to itself ({' -> '.join((*path, target))}); recursive schemas are not in the dialect")
        if len(path) >= DEPTH:
            raise DialectError(f"{what}: /$defs/{name} is reached through more than {DEPTH} others")
        _check_cycle(target, definitions, (*path, target), done, what)
    done.add(name)


def _references(schema: Json) -> Iterator[str]:
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"][8:]
        for _, inner in subschemas(schema):
            yield from _references(inner)


def inline(schema: Json, what: str) -> Json:
    """Return `schema`, which must have passed `check`, with each $ref replaced by what it refers to; raises DialectError where that is too much."""
    if not isinstance(schema, dict) or "$defs" not in schema:  # it refers to nothing
        return schema
    definitions = schema["$defs"]
    left = [NODES]

    def whole(part: Json) -> Json:
        left[0] -= 1
        if left[0] < 0:
            raise DialectError(f"{what}: its references expand to more than {NODES} schemas; use fewer")
        if not isinstance(part, dict):
            return part
        kept = {keyword: _mapped(keyword, value, whole) for keyword, value in part.items() if keyword not in ("$defs", "$ref")}
        if "$ref" in part:
            kept["allOf"] = [*kept.get("allOf", ()), whole(definitions[part["$ref"][8:]])]
        return kept

    return whole(schema)


def _mapped(keyword: str, value: Json, whole: Callable[[Json], Json]) -> Json:
    """Return the value of a keyword with `whole` applied to the schemas that stand directly in it."""
    kind = KEYWORDS[keyword]
    if kind is _is_schema:
        return whole(value)
    if kind is _is_schemas:
        return {name: whole(item) for name, item in value.items()}
    return [whole(item) for item in value] if kind is _is_schema_list else value


def bind(schema: Json, values: Mapping[str, Json], what: str) -> Json:
    """Return `schema` with each ``{"$value": name}`` replaced by that value; raises DialectError where there is no such value."""
    if isinstance(schema, dict):
        if "$value" in schema:
            return _bound(schema, values, what)
        return {key: bind(item, values, what) for key, item in schema.items()}
    if isinstance(schema, list):
        return [bind(item, values, what) for item in schema]
    return schema


def _bound(schema: dict[str, Any], values: Mapping[str, Json], what: str) -> Json:
    name = schema["$value"]
    if len(schema) != 1 or not isinstance(name, str):
        raise DialectError(f'{what}: write a value as {{"$value": "name"}}, with nothing else in the object')
    if name not in values:
        raise DialectError(f"{what}: no value is called {name!r}; declare it under `values`")
    return values[name]
