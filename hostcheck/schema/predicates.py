"""Compile a schema of the dialect into a predicate over facts with holes.

One small function a keyword; each says true or false only if that holds whatever the holes hide. A predicate is made of its schema when it first looks at a
value, and so are those inside it: most of what schemas describe is on no host.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from hostcheck.model import Hole, Json
from hostcheck.schema import arrays, objects
from hostcheck.schema.kleene import Ternary, Unknown, all_hold, every, negate, one, some
from hostcheck.schema.leaves import EXACT, LEAVES, Predicate, exactly
from hostcheck.schema.named import Named, Schemas


def compile_schema(schema: Json, definitions: Named | None = None) -> Predicate:
    """Return the predicate of `schema`, which must have passed `check`; `definitions` are the $defs of the schema that it stands in."""
    if schema is True:
        return _accept
    if schema is False:
        return _reject
    asking = [keyword for keyword, value in schema.items() if keyword in COMPILERS and not (keyword == "uniqueItems" and value is False)]
    if not asking:
        return _accept
    named = Named(schema.get("$defs", {}), compile_schema) if definitions is None else definitions
    kind = schema.get("type")
    if isinstance(kind, str):
        if asking == ["type"] and kind in EXACT:
            return exactly(kind)
        if kind == "object" and schema.get("additionalProperties") is False and RECORD >= set(asking):
            return _record(schema, named)
        if set(asking) == {"type", MEMBERS.get(kind)}:
            return _collection(kind, named.compiled(schema[MEMBERS[kind]]))
    tests: list[Predicate] = []

    def judge(value: Json) -> Ternary:
        if isinstance(value, Hole):
            return Unknown((value,))
        if not tests:
            tests.extend(COMPILERS[keyword](schema[keyword], schema, named) for keyword in asking)
        return tests[0](value) if len(tests) == 1 else all_hold(tests, value)

    return judge


def _record(schema: Schemas, named: Named) -> Predicate:
    """Return the predicate of an object of known properties, which is what most facts are: each of its keywords in one go."""
    properties: Schemas = schema.get("properties", {})
    tests, required = named.within(properties), objects.required(schema.get("required", []), schema, named)
    apart = (objects.properties(properties, schema, named), required, objects.additional(False, schema, named))

    def judge(found: Json) -> Ternary:
        if type(found) is not dict:
            return _apart(found)
        seen, holes = 0, dict[Hole, None]()
        for name in properties:
            if name in found:
                seen += 1
                verdict = tests[name](found[name])
                if verdict is False:
                    return False
                if verdict is not True:
                    holes.update(dict.fromkeys(verdict.holes))
        if seen < len(found):
            return False
        lacking = required(found)
        if lacking is False or not holes:
            return lacking
        return Unknown(tuple(holes)) if lacking is True else Unknown(tuple(dict.fromkeys((*holes, *lacking.holes))))

    def _apart(found: Json) -> Ternary:
        if isinstance(found, Hole):
            return Unknown((found,))
        return isinstance(found, dict) and every(test(found) for test in apart)

    return judge


def _collection(kind: str, test: Predicate) -> Predicate:
    """Return the predicate of an object or list of members that are all alike."""
    exact: Any = EXACT[kind]

    def judge(found: Any) -> Ternary:
        if not isinstance(found, exact):
            return Unknown((found,)) if isinstance(found, Hole) else False
        members = found.values() if isinstance(found, dict) else found
        return every(map(test, members)) if type(found) is exact else every(map(test, (*members, *objects.opening_of(found))))

    return judge


def _accept(value: Json) -> Ternary:
    return True


def _reject(value: Json) -> Ternary:
    return Unknown((value,)) if isinstance(value, Hole) else False


MEMBERS: Final[Mapping[str, str]] = {"object": "additionalProperties", "array": "items"}
"""The keyword that describes all members of a collection."""
RECORD: Final = frozenset({"type", "properties", "required", "additionalProperties"})
"""The keywords of an object of known properties."""


def _all_of(value: list[Json], schema: Schemas, named: Named) -> Predicate:
    return partial(all_hold, [named.compiled(inner) for inner in value])


def _combined(combine: Callable[[Iterator[Ternary]], Ternary]) -> Callable[[Json, Schemas, Named], Predicate]:
    def build(value: list[Json], schema: Schemas, named: Named) -> Predicate:
        tests = [named.compiled(inner) for inner in value]
        return lambda found: combine(test(found) for test in tests)

    return build


def _not(value: Json, schema: Schemas, named: Named) -> Predicate:
    test = named.compiled(value)
    return lambda found: negate(test(found))


def _if(value: Json, schema: Schemas, named: Named) -> Predicate:
    condition = named.compiled(value)
    then, other = named.compiled(schema.get("then", True)), named.compiled(schema.get("else", True))

    def judge(found: Json) -> Ternary:
        verdict = condition(found)
        if not isinstance(verdict, Unknown):
            return then(found) if verdict else other(found)
        both = (then(found), other(found))
        if both[0] is both[1] is True or both[0] is both[1] is False:
            return both[0]
        return Unknown(tuple(dict.fromkeys((*verdict.holes, *_holes_of(both)))))

    return judge


def _holes_of(verdicts: tuple[Ternary, ...]) -> Iterator[Hole]:
    for verdict in verdicts:
        if isinstance(verdict, Unknown):
            yield from verdict.holes


def _apart_from_schema(make: Callable[[Any], Predicate]) -> Callable[[Any, Schemas, Named], Predicate]:
    return lambda value, schema, named: make(value)


COMPILERS: Final[Mapping[str, Callable[[Any, Schemas, Named], Predicate]]] = {
    **{keyword: _apart_from_schema(make) for keyword, make in LEAVES.items()},
    "properties": objects.properties,
    "required": objects.required,
    "additionalProperties": objects.additional,
    "propertyNames": objects.property_names,
    "minProperties": partial(objects.count_properties, least=True),
    "maxProperties": partial(objects.count_properties, least=False),
    "dependentRequired": objects.dependents,
    "items": arrays.items,
    "contains": arrays.contains,
    "minItems": partial(arrays.count_items, least=True),
    "maxItems": partial(arrays.count_items, least=False),
    "uniqueItems": arrays.unique,
    "allOf": _all_of,
    "anyOf": _combined(some),
    "oneOf": _combined(one),
    "not": _not,
    "if": _if,
    "$ref": lambda value, schema, named: named[value[8:]],
}
