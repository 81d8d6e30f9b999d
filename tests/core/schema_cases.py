"""Random schemas of the dialect, random documents, and random completions of their holes."""

import copy
import random
from typing import Any

from hypothesis import strategies as st

from hostcheck.model import Hole, OpenArray, OpenObject, Why, incomplete

NAMES = ["a", "b", "c", "d"]
SCALARS: list[Any] = [None, True, False, 0, 1, 2, 1.0, 0.5, -1, "", "a", "b", "root", "root\n"]


def documents() -> st.SearchStrategy[Any]:
    """Return JSON values, small enough that schemas hit them."""
    return st.recursive(
        st.sampled_from(SCALARS),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
        max_leaves=10,
    )


def _keywords(inner: st.SearchStrategy[Any]) -> dict[str, st.SearchStrategy[Any]]:
    counts = st.integers(0, 3)
    numbers = st.sampled_from([0, 1, 1.0, 0.5, 2, -1])
    names = st.lists(st.sampled_from(NAMES), max_size=3, unique=True)
    types = st.sampled_from(["null", "boolean", "object", "array", "number", "string", "integer"])
    schemas = st.lists(inner, min_size=1, max_size=3)
    members = st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)
    return {
        "type": types | st.lists(types, min_size=1, max_size=3, unique=True),
        "const": documents(),
        "enum": st.lists(documents(), max_size=4),
        "properties": members,
        "required": names,
        "additionalProperties": inner,
        "propertyNames": inner,
        "minProperties": counts,
        "maxProperties": counts,
        "dependentRequired": st.dictionaries(st.sampled_from(NAMES), names, max_size=2),
        "items": inner,
        "contains": inner,
        "minContains": counts,
        "maxContains": counts,
        "minItems": counts,
        "maxItems": counts,
        "uniqueItems": st.booleans(),
        "minimum": numbers,
        "maximum": numbers,
        "exclusiveMinimum": numbers,
        "exclusiveMaximum": numbers,
        "minLength": counts,
        "maxLength": counts,
        "allOf": schemas,
        "anyOf": schemas,
        "oneOf": schemas,
        "not": inner,
        "if": inner,
        "then": inner,
        "else": inner,
        "title": st.just("a title"),
    }


def _thinned(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return schemas with three keywords, and a condition in half of them: with all keywords at once nearly everything is false."""
    keywords = _keywords(inner)
    names = st.lists(st.sampled_from(sorted(keywords)), min_size=3, max_size=3, unique=True)
    chosen = st.tuples(names, st.lists(st.sampled_from(["then", "else"]), unique=True).map(lambda more: ["if", *more]) | st.just([]))
    return chosen.flatmap(lambda both: st.fixed_dictionaries({name: keywords[name] for name in dict.fromkeys([*both[0], *both[1]])}))


BASE = st.booleans() | st.just({}) | _thinned(st.booleans() | st.just({"type": "integer"}) | st.just({"const": "a"}))
PLAIN = _thinned(_thinned(BASE)) | _thinned(BASE)


@st.composite
def schemas(draw: st.DrawFn) -> Any:
    """Return a schema of the dialect, sometimes with $defs and references into them."""
    whole = draw(PLAIN)
    if draw(st.booleans()):
        whole = {"allOf": [whole, {"$ref": "#/$defs/x"}], "$defs": {"x": draw(BASE)}}
    return whole


def hole(number: int) -> Hole:
    """Return the hole of that number."""
    return Hole(why=Why.DENIED, message=str(number))


def pierce(document: Any, rng: random.Random, chance: float = 0.3) -> Any:
    """Return `document` with some values turned into holes and some collections left open."""
    if rng.random() < chance / 2:
        return hole(rng.randrange(100))
    if isinstance(document, dict):
        members: Any = {key: pierce(item, rng, chance) for key, item in document.items()}
    elif isinstance(document, list):
        members = [pierce(item, rng, chance) for item in document]
    else:
        return copy.copy(document)
    return incomplete(members, hole(rng.randrange(100))) if rng.random() < chance / 2 else members


def some_value(rng: random.Random, depth: int = 2) -> Any:
    """Return a random JSON value."""
    kind = rng.random()
    if depth and kind < 0.2:
        return [some_value(rng, depth - 1) for _ in range(rng.randrange(3))]
    if depth and kind < 0.4:
        return {rng.choice(NAMES): some_value(rng, depth - 1) for _ in range(rng.randrange(3))}
    return rng.choice(SCALARS)


def complete(document: Any, rng: random.Random) -> Any:
    """Return one of the whole documents that `document` with its holes may stand for."""
    if isinstance(document, Hole):
        return some_value(rng)
    if isinstance(document, dict):
        whole = {key: complete(item, rng) for key, item in document.items() if not isinstance(item, Hole) or rng.random() < 0.7}
        while isinstance(document, OpenObject) and rng.random() < 0.5:
            name = rng.choice([*NAMES, "e"])
            if name not in document:
                whole[name] = some_value(rng)
        return whole
    if isinstance(document, list):
        elements = [complete(item, rng) for item in document]
        while isinstance(document, OpenArray) and rng.random() < 0.5:
            elements.insert(rng.randrange(len(elements) + 1), some_value(rng))
        return elements
    return document
