"""Compile a schema of the dialect into a predicate over facts with holes.

One small function a keyword; each says true or false only if that holds whatever the holes hide.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from math import inf
from typing import Any, Final

from hostcheck.model import Hole, Json, OpenArray, OpenObject
from hostcheck.schema.equality import equal, holes_in, identity
from hostcheck.schema.kleene import Ternary, Unknown, every, negate, one, some, within

Predicate = Callable[[Json], Ternary]
Schemas = Mapping[str, Json]


class Named(dict[str, Predicate]):
    """The $defs of one schema, each compiled once, when it is first referred to."""

    def __init__(self, schemas: Schemas) -> None:
        """Take the schemas by name."""
        super().__init__()
        self._schemas = schemas

    def __missing__(self, name: str) -> Predicate:
        """Compile the schema called `name`."""
        self[name] = compile_schema(self._schemas[name], self)
        return self[name]


def compile_schema(schema: Json, definitions: Named | None = None) -> Predicate:
    """Return the predicate of `schema`, which must have passed `check`; `definitions` are the $defs of the schema that it stands in."""
    if schema is True:
        return _accept
    if schema is False:
        return _reject
    named = Named(schema.get("$defs", {})) if definitions is None else definitions
    tests = [test for keyword, value in schema.items() if (test := _compile_keyword(keyword, value, schema, named)) is not None]
    if not tests:
        return _accept
    return _single(tests[0]) if len(tests) == 1 else _conjunction(tests)


def _accept(value: Json) -> Ternary:
    return True


def _reject(value: Json) -> Ternary:
    return Unknown((value,)) if isinstance(value, Hole) else False


def _single(test: Predicate) -> Predicate:
    def judge(value: Json) -> Ternary:
        return Unknown((value,)) if isinstance(value, Hole) else test(value)

    return judge


def _conjunction(tests: list[Predicate]) -> Predicate:
    def judge(value: Json) -> Ternary:
        return Unknown((value,)) if isinstance(value, Hole) else every(test(value) for test in tests)

    return judge


def _compile_keyword(keyword: str, value: Json, schema: Schemas, named: Named) -> Predicate | None:
    """Return the test of one keyword, or None where it only annotates or is read by its neighbour."""
    return COMPILERS[keyword](value, schema, named) if keyword in COMPILERS else None


def _type(value: Json, schema: Schemas, named: Named) -> Predicate:
    checks = [IS_TYPE[name] for name in (value if isinstance(value, list) else [value])]
    return checks[0] if len(checks) == 1 else lambda found: any(is_type(found) for is_type in checks)


def _is_integer(found: Json) -> bool:
    return (isinstance(found, int) and not isinstance(found, bool)) or (isinstance(found, float) and found.is_integer())


def _is_number(found: Json) -> bool:
    return isinstance(found, int | float) and not isinstance(found, bool)


IS_TYPE: Final[Mapping[str, Callable[[Json], bool]]] = {
    "null": lambda found: found is None,
    "boolean": lambda found: isinstance(found, bool),
    "object": lambda found: isinstance(found, dict),
    "array": lambda found: isinstance(found, list),
    "string": lambda found: isinstance(found, str),
    "number": _is_number,
    "integer": _is_integer,
}


def _const(value: Json, schema: Schemas, named: Named) -> Predicate:
    return lambda found: equal(value, found)


def _enum(value: list[Json], schema: Schemas, named: Named) -> Predicate:
    texts = frozenset(item for item in value if isinstance(item, str))

    def judge(found: Json) -> Ternary:
        return found in texts if isinstance(found, str) else some(equal(item, found) for item in value)

    return judge


def _opening(found: Json) -> tuple[Hole, ...]:
    return (found.hole,) if isinstance(found, OpenObject | OpenArray) else ()


def _properties(value: Schemas, schema: Schemas, named: Named) -> Predicate:
    tests = {name: compile_schema(inner, named) for name, inner in value.items()}

    def judge(found: Json) -> Ternary:
        if not isinstance(found, dict):
            return True
        return every(_member(found, name, test) for name, test in tests.items())

    return judge


def _member(found: dict[str, Any], name: str, test: Predicate) -> Ternary:
    if name in found:
        return test(found[name])
    if isinstance(found, OpenObject):
        return test(found.hole)
    return True


def _required(value: list[str], schema: Schemas, named: Named) -> Predicate:
    return lambda found: every(_has(found, name) for name in value) if isinstance(found, dict) else True


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
        return every(_all_members((item for name, item in found.items() if name not in declared), found, test))

    return judge


def _all_members(members: Iterator[Json], found: Json, test: Predicate) -> Iterator[Ternary]:
    yield from (test(item) for item in members)
    yield from (test(hole) for hole in _opening(found))


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
    return lambda found: every(_all_members(iter(found), found, test)) if isinstance(found, list) else True


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


def _unique(value: bool, schema: Schemas, named: Named) -> Predicate | None:
    return _judge_unique if value else None


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


def _bound(compare: Callable[[float, float], bool]) -> Callable[[Json, Schemas, Named], Predicate]:
    return lambda value, schema, named: lambda found: compare(found, value) if _is_number(found) else True


def _length(compare: Callable[[int, int], bool]) -> Callable[[Json, Schemas, Named], Predicate]:
    return lambda value, schema, named: lambda found: compare(len(found), value) if isinstance(found, str) else True


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


def _pattern(value: str, schema: Schemas, named: Named) -> Predicate:
    """Return the test of a pattern, which only the published schemas of documents have: it is no keyword of the dialect."""
    search = re.compile(value).search
    return lambda found: search(found) is not None if isinstance(found, str) else True


COMPILERS: Final[Mapping[str, Callable[[Any, Schemas, Named], Predicate | None]]] = {
    "type": _type,
    "const": _const,
    "enum": _enum,
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
    "minimum": _bound(lambda found, bound: found >= bound),
    "maximum": _bound(lambda found, bound: found <= bound),
    "exclusiveMinimum": _bound(lambda found, bound: found > bound),
    "exclusiveMaximum": _bound(lambda found, bound: found < bound),
    "minLength": _length(lambda length, bound: length >= bound),
    "maxLength": _length(lambda length, bound: length <= bound),
    "pattern": _pattern,
    "allOf": _combined(every),
    "anyOf": _combined(some),
    "oneOf": _combined(one),
    "not": _not,
    "if": _if,
    "$ref": lambda value, schema, named: named[value[8:]],
}
