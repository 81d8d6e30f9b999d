"""Keywords that look at a value by itself and at nothing inside of it: its type, what it equals, how large, long or formed it is."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from hostcheck.model import Hole, Json
from hostcheck.schema.equality import equal
from hostcheck.schema.kleene import Ternary, Unknown, some

Predicate = Callable[[Json], Ternary]


def _type(value: Json) -> Predicate:
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


EXACT: Final[Mapping[str, type]] = {"null": type(None), "boolean": bool, "object": dict, "array": list, "string": str, "integer": int}
"""The class that a value of a type nearly always has."""


def exactly(kind: str) -> Predicate:
    """Return the predicate of a value of one type, of which nothing else is asked."""
    return partial(_is_exactly, EXACT[kind], IS_TYPE[kind])


def _is_exactly(exact: type, is_type: Predicate, value: Json) -> Ternary:
    """Say whether a value is of a type; nearly always it is of the very class that JSON has for it."""
    if type(value) is exact:
        return True
    return Unknown((value,)) if isinstance(value, Hole) else is_type(value)


def _const(value: Json) -> Predicate:
    return lambda found: equal(value, found)


def _enum(value: list[Json]) -> Predicate:
    texts = frozenset(item for item in value if isinstance(item, str))

    def judge(found: Json) -> Ternary:
        return found in texts if isinstance(found, str) else some(equal(item, found) for item in value)

    return judge


def _bound(compare: Callable[[float, float], bool]) -> Callable[[Any], Predicate]:
    return lambda value: lambda found: compare(found, value) if _is_number(found) else True


def _length(compare: Callable[[int, int], bool]) -> Callable[[Any], Predicate]:
    return lambda value: lambda found: compare(len(found), value) if isinstance(found, str) else True


def _pattern(value: str) -> Predicate:
    """Return the test of a pattern, which only the published schemas of documents have: it is no keyword of the dialect."""
    search = re.compile(value).search
    return lambda found: search(found) is not None if isinstance(found, str) else True


LEAVES: Final[Mapping[str, Callable[[Any], Predicate]]] = {
    "type": _type,
    "const": _const,
    "enum": _enum,
    "minimum": _bound(lambda found, bound: found >= bound),
    "maximum": _bound(lambda found, bound: found <= bound),
    "exclusiveMinimum": _bound(lambda found, bound: found > bound),
    "exclusiveMaximum": _bound(lambda found, bound: found < bound),
    "minLength": _length(lambda length, bound: length >= bound),
    "maxLength": _length(lambda length, bound: length <= bound),
    "pattern": _pattern,
}
