"""Compile a schema of the dialect into a predicate over facts with holes.

One small function a keyword; each says true or false only if that holds whatever the holes hide. A predicate is made of its schema when it first looks at a
value, and so are those inside it: most of what schemas describe is on no host.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from math import inf
from typing import Any, Final

from hostcheck.model import Hole, Json, OpenArray, OpenObject
from hostcheck.schema.equality import holes_in, identity
from hostcheck.schema.kleene import Ternary, Unknown, all_hold, every, negate, one, some, within
from hostcheck.schema.leaves import EXACT, LEAVES, Predicate, exactly

Schemas = Mapping[str, Json]


class Named(dict[str, Predicate]):
    """Schemas by name, each compiled once, when it is first asked for: the $defs of a schema, or the properties of an object."""

    def __init__(self, schemas: Schemas, definitions: "Named | None" = None) -> None:
        """Take the schemas by name, and the $defs that they refer to where they are not these themselves."""
        super().__init__()
        self._schemas = schemas
        self._definitions = definitions

    def __missing__(self, name: str) -> Predicate:
        """Compile the schema called `name`."""
        self[name] = compile_schema(self._schemas[name], self if self._definitions is None else self._definitions)
        return self[name]


def compile_schema(schema: Json, definitions: Named | None = None) -> Predicate:
    """Return the predicate of `schema`, which must have passed `check`; `definitions` are the $defs of the schema that it stands in."""
    if schema is True:
        return _accept
    if schema is False:
        return _reject
    asking = [keyword for keyword, value in schema.items() if keyword in COMPILERS and not (keyword == "uniqueItems" and value is False)]
    if not asking:
        return _accept
    named = Named(schema.get("$defs", {})) if definitions is None else definitions
    kind = schema.get("type")
    if isinstance(kind, str):
        if asking == ["type"] and kind in EXACT:
            return exactly(kind)
        if kind == "object" and schema.get("additionalProperties") is False and RECORD >= set(asking):
            return _record(schema, named)
        if set(asking) == {"type", MEMBERS.get(kind)}:
            return _collection(kind, compile_schema(schema[MEMBERS[kind]], named))
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
    tests, required = Named(properties, named), _required(schema.get("required", []), schema, named)
    apart = (_properties(properties, schema, named), required, _additional(False, schema, named))

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
        return every(map(test, members)) if type(found) is exact else every(map(test, (*members, *_opening(found))))

    return judge


def _accept(value: Json) -> Ternary:
    return True


def _reject(value: Json) -> Ternary:
    return Unknown((value,)) if isinstance(value, Hole) else False


MEMBERS: Final[Mapping[str, str]] = {"object": "additionalProperties", "array": "items"}
"""The keyword that describes all members of a collection."""
RECORD: Final = frozenset({"type", "properties", "required", "additionalProperties"})
"""The keywords of an object of known properties."""


def _opening(found: Json) -> tuple[Hole, ...]:
    return (found.hole,) if isinstance(found, OpenObject | OpenArray) else ()


def _properties(value: Schemas, schema: Schemas, named: Named) -> Predicate:
    tests = Named(value, named)

    def judge(found: Json) -> Ternary:
        if not isinstance(found, dict):
            return True
        absent = found.hole if isinstance(found, OpenObject) else None
        holes: dict[Hole, None] = {}
        for name in value:
            item = found.get(name, absent)
            if item is None and name not in found:
                continue
            verdict = tests[name](item)
            if verdict is False:
                return False
            if verdict is not True:
                holes.update(dict.fromkeys(verdict.holes))
        return Unknown(tuple(holes)) if holes else True

    return judge


def _required(value: list[str], schema: Schemas, named: Named) -> Predicate:
    names = frozenset(value)

    def judge(found: Json) -> Ternary:
        if not isinstance(found, dict):
            return True
        if isinstance(found, OpenObject):
            return every(_has(found, name) for name in value)
        if not names <= found.keys():
            return False
        holes = [item for name in value if isinstance(item := found[name], Hole)]
        return Unknown(tuple(dict.fromkeys(holes))) if holes else True

    return judge


def _has(found: dict[str, Any], name: str) -> Ternary:
    if name in found:
        return Unknown((found[name],)) if isinstance(found[name], Hole) else True
    return Unknown((found.hole,)) if isinstance(found, OpenObject) else False


def _additional(value: Json, schema: Schemas, named: Named) -> Predicate:
    declared = frozenset(schema.get("properties", {}))
    test = compile_schema(value, named)

    def judge(found: Json) -> Ternary:
        if not isinstance(found, dict):
            return True
        others = [] if declared and found.keys() <= declared else [item for name, item in found.items() if name not in declared]
        return every(map(test, (*others, *_opening(found))))

    return judge


def _names(value: Json, schema: Schemas, named: Named) -> Predicate:
    test = compile_schema(value, named)

    def judge(found: Json) -> Ternary:
        return every(_judge_names(found, test)) if isinstance(found, dict) else True

    return judge


def _judge_names(found: dict[str, Any], test: Predicate) -> Iterator[Ternary]:
    for name, item in found.items():
        yield test(name) if not isinstance(item, Hole) or test(name) is True else Unknown((item,))
    yield from (test(hole) for hole in _opening(found))


def _count_properties(value: Json, schema: Schemas, named: Named, *, least: bool) -> Predicate:
    low, high = (value, inf) if least else (0, value)

    def judge(found: Json) -> Ternary:
        if not isinstance(found, dict):
            return True
        holes = [item for item in found.values() if isinstance(item, Hole)]
        opening = _opening(found)
        return within(len(found) - len(holes), inf if opening else len(found), low, high, [*holes, *opening])

    return judge


def _count_items(value: Json, schema: Schemas, named: Named, *, least: bool) -> Predicate:
    low, high = (value, inf) if least else (0, value)

    def judge(found: Json) -> Ternary:
        if not isinstance(found, list):
            return True
        opening = _opening(found)
        return within(len(found), inf if opening else len(found), low, high, opening)

    return judge


def _dependents(value: Mapping[str, list[str]], schema: Schemas, named: Named) -> Predicate:
    def judge(found: Json) -> Ternary:
        if not isinstance(found, dict):
            return True
        return every(some((negate(_has(found, trigger)), every(_has(found, name) for name in names))) for trigger, names in value.items())

    return judge


def _items(value: Json, schema: Schemas, named: Named) -> Predicate:
    test = compile_schema(value, named)
    return lambda found: every(map(test, (*found, *_opening(found)))) if isinstance(found, list) else True


def _contains(value: Json, schema: Schemas, named: Named) -> Predicate:
    test = compile_schema(value, named)
    least, most = schema.get("minContains", 1), schema.get("maxContains", inf)
    if value is False or (isinstance(value, dict) and value.get("enum") == []):
        return lambda found: least <= 0 if isinstance(found, list) else True  # no element fits, whatever is not known of it

    def judge(found: Json) -> Ternary:
        if not isinstance(found, list):
            return True
        verdicts = [test(item) for item in found]
        sure = sum(verdict is True for verdict in verdicts)
        holes = [hole for verdict in verdicts if isinstance(verdict, Unknown) for hole in verdict.holes]
        unsure = sum(isinstance(verdict, Unknown) for verdict in verdicts)
        opening = _opening(found)
        return within(sure, inf if opening else sure + unsure, least, most, [*holes, *opening])

    return judge


def _unique(value: bool, schema: Schemas, named: Named) -> Predicate:
    return _judge_unique


def _judge_unique(found: Json) -> Ternary:
    if not isinstance(found, list):
        return True
    holes = [list(holes_in(item)) for item in found]
    whole = [identity(item) for item, inside in zip(found, holes, strict=True) if not inside]
    if len(set(whole)) < len(whole):
        return False
    unsure = [hole for inside in holes for hole in inside] if len(found) > 1 else []
    unsure.extend(_opening(found))
    return Unknown(tuple(dict.fromkeys(unsure))) if unsure else True


def _all_of(value: list[Json], schema: Schemas, named: Named) -> Predicate:
    return partial(all_hold, [compile_schema(inner, named) for inner in value])


def _combined(combine: Callable[[Iterator[Ternary]], Ternary]) -> Callable[[Json, Schemas, Named], Predicate]:
    def build(value: list[Json], schema: Schemas, named: Named) -> Predicate:
        tests = [compile_schema(inner, named) for inner in value]
        return lambda found: combine(test(found) for test in tests)

    return build


def _not(value: Json, schema: Schemas, named: Named) -> Predicate:
    test = compile_schema(value, named)
    return lambda found: negate(test(found))


def _if(value: Json, schema: Schemas, named: Named) -> Predicate:
    condition = compile_schema(value, named)
    then, other = compile_schema(schema.get("then", True), named), compile_schema(schema.get("else", True), named)

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
    "properties": _properties,
    "required": _required,
    "additionalProperties": _additional,
    "propertyNames": _names,
    "minProperties": partial(_count_properties, least=True),
    "maxProperties": partial(_count_properties, least=False),
    "dependentRequired": _dependents,
    "items": _items,
    "contains": _contains,
    "minItems": partial(_count_items, least=True),
    "maxItems": partial(_count_items, least=False),
    "uniqueItems": _unique,
    "allOf": _all_of,
    "anyOf": _combined(some),
    "oneOf": _combined(one),
    "not": _not,
    "if": _if,
    "$ref": lambda value, schema, named: named[value[8:]],
}
