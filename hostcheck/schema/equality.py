"""When two JSON values are equal, as JSON Schema has it: 1 is 1.0, true is not 1.

Where one of them has holes the answer is in three values; where not, values can be hashed, so that unique items cost no squares.
"""

from collections.abc import Hashable, Iterator
from typing import Any

from hostcheck.model import Hole, Json, OpenArray, OpenObject
from hostcheck.schema.kleene import Ternary, Unknown, every


def equal(expected: Json, found: Json) -> Ternary:
    """Return whether `found`, which may have holes, equals `expected`, which has none."""
    if isinstance(found, Hole):
        return Unknown((found,))
    if isinstance(expected, dict):
        return _equal_objects(expected, found) if isinstance(found, dict) else False
    if isinstance(expected, list):
        return _equal_lists(expected, found) if isinstance(found, list) else False
    if isinstance(found, dict | list) or isinstance(expected, bool) != isinstance(found, bool):
        return False
    return bool(expected == found)


def _equal_objects(expected: dict[str, Any], found: dict[str, Any]) -> Ternary:
    verdicts: list[Ternary] = []
    for key, value in found.items():
        if key in expected:
            verdicts.append(equal(expected[key], value))
        else:
            verdicts.append(Unknown((value,)) if isinstance(value, Hole) else False)
    if any(key not in found for key in expected):
        verdicts.append(Unknown((found.hole,)) if isinstance(found, OpenObject) else False)
    elif isinstance(found, OpenObject):
        verdicts.append(Unknown((found.hole,)))
    return every(verdicts)


def _equal_lists(expected: list[Any], found: list[Any]) -> Ternary:
    if isinstance(found, OpenArray):
        return False if len(found) > len(expected) else Unknown((found.hole,))
    if len(found) != len(expected):
        return False
    return every(equal(a, b) for a, b in zip(expected, found, strict=True))


def holes_in(value: Json) -> Iterator[Hole]:
    """Yield every hole in `value`, those on membership too."""
    if isinstance(value, Hole):
        yield value
    elif isinstance(value, dict | list):
        if isinstance(value, OpenObject | OpenArray):
            yield value.hole
        for item in value.values() if isinstance(value, dict) else value:
            yield from holes_in(item)


def identity(value: Json) -> Hashable:
    """Return a key that is the same for two values without holes just where JSON Schema calls them equal."""
    if isinstance(value, bool) or value is None:
        return (type(value).__name__, value)
    if isinstance(value, dict):
        return ("object", frozenset((key, identity(item)) for key, item in value.items()))
    if isinstance(value, list):
        return ("list", tuple(identity(item) for item in value))
    return value if isinstance(value, str) else ("number", value)
