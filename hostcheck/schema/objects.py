"""Keywords that look into an object: its members by name, those that are not named, how many there are."""

from collections.abc import Iterator, Mapping
from math import inf
from typing import Any

from hostcheck.model import Hole, Json, OpenArray, OpenObject
from hostcheck.schema.kleene import Ternary, Unknown, every, negate, some, within
from hostcheck.schema.leaves import Predicate
from hostcheck.schema.named import Named, Schemas


def opening_of(found: Json) -> tuple[Hole, ...]:
    """Return the hole of a collection that may have more members than it shows."""
    return (found.hole,) if isinstance(found, OpenObject | OpenArray) else ()


def properties(value: Schemas, schema: Schemas, named: Named) -> Predicate:
    """Return the predicate of `properties`."""
    tests = named.within(value)

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


def required(value: list[str], schema: Schemas, named: Named) -> Predicate:
    """Return the predicate of `required`."""
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


def additional(value: Json, schema: Schemas, named: Named) -> Predicate:
    """Return the predicate of `additionalProperties`."""
    declared = frozenset(schema.get("properties", {}))
    test = named.compiled(value)

    def judge(found: Json) -> Ternary:
        if not isinstance(found, dict):
            return True
        others = [] if declared and found.keys() <= declared else [item for name, item in found.items() if name not in declared]
        return every(map(test, (*others, *opening_of(found))))

    return judge


def property_names(value: Json, schema: Schemas, named: Named) -> Predicate:
    """Return the predicate of `propertyNames`."""
    test = named.compiled(value)

    def judge(found: Json) -> Ternary:
        return every(_judge_names(found, test)) if isinstance(found, dict) else True

    return judge


def _judge_names(found: dict[str, Any], test: Predicate) -> Iterator[Ternary]:
    for name, item in found.items():
        yield test(name) if not isinstance(item, Hole) or test(name) is True else Unknown((item,))
    yield from (test(hole) for hole in opening_of(found))


def count_properties(value: Json, schema: Schemas, named: Named, *, least: bool) -> Predicate:
    """Return the predicate of `minProperties`, where that is the `least`, or of `maxProperties`."""
    low, high = (value, inf) if least else (0, value)

    def judge(found: Json) -> Ternary:
        if not isinstance(found, dict):
            return True
        holes = [item for item in found.values() if isinstance(item, Hole)]
        opening = opening_of(found)
        return within(len(found) - len(holes), inf if opening else len(found), low, high, [*holes, *opening])

    return judge


def dependents(value: Mapping[str, list[str]], schema: Schemas, named: Named) -> Predicate:
    """Return the predicate of `dependentRequired`."""

    def judge(found: Json) -> Ternary:
        if not isinstance(found, dict):
            return True
        return every(some((negate(_has(found, trigger)), every(_has(found, name) for name in names))) for trigger, names in value.items())

    return judge
