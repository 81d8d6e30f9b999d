"""Which facts a schema of a rule names: those that no probe states, and those whose absence would make a condition true.

A place is described by several schemas at once (`allOf`, references), each with a root of its own.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from hostcheck.model import Json
from hostcheck.origins import alternatives, children
from hostcheck.schema import same_place
from hostcheck.spelling import near

INTO_MEMBERS: Final = ("items", "contains", "additionalProperties")


WHOLE: Final = ("additionalProperties", "const", "enum", "maxProperties", "minProperties", "propertyNames")


Schemas = Mapping[str, Json]


Described = list[tuple[Json, Json]]
"""Schemas that describe one place, each with the root that its references mean."""


def of_the_whole(schema: Json) -> Iterator[str]:
    """Yield the keywords that look at the document without naming what they look at."""
    if isinstance(schema, dict):
        yield from (word for word in WHOLE if word in schema)
        for _, inner in same_place(schema):
            yield from of_the_whole(inner)


def step_to(here: Described, token: str, roots: Schemas) -> Described:
    """Return what describes the member `token` of a place."""
    found: Described = []
    for schema, root in here:
        top = root is schema and isinstance(schema, dict) and schema.get("properties", {}).keys() == roots.keys()
        found += [(inner, roots[token] if top else root) for inner in children(schema, token, root)]
    return found


def leads(here: Described, path: list[str], roots: Schemas) -> bool:
    """Say whether anything describes what is at `path` below a place."""
    for token in path:
        here = step_to(here, token, roots)
    return bool(here)


def unknown_facts(schema: Json, here: Described, key: str, roots: Schemas, at: str = "") -> Iterator[str]:
    """Yield each property that `schema` names and that no facts schema describes."""
    if not isinstance(schema, dict):
        return
    named = {*schema.get("properties", {}), *schema.get("required", ()), *schema.get("dependentRequired", {})}
    for name in sorted(named):
        inner = step_to(here, name, roots)
        if not inner:
            known = {name for described, root in here for view in alternatives(described, root) for name in view.get("properties", {})}
            yield f"`{key}` names {at}/{name}, a fact that no probe states{near(name, known)}"
            continue
        yield from unknown_facts(schema.get("properties", {}).get(name, True), inner, key, roots, f"{at}/{name}")
    for _, inner_schema in same_place(schema):
        yield from unknown_facts(inner_schema, here, key, roots, at)
    for word in INTO_MEMBERS:
        if word in schema:
            yield from unknown_facts(schema[word], members_of(here, word), key, roots, f"{at}/*")


def negated_absences(schema: Json, here: Described, key: str, roots: Schemas, at: str = "", negated: bool = False) -> Iterator[str]:
    """Yield each fact under `not`, or in an `if`, that its facts schema does not require: where it is absent, the condition around it would be true."""
    if not isinstance(schema, dict):
        return
    required = {name for described, root in here for view in alternatives(described, root) for name in view.get("required", ())}
    for name in schema.get("required", ()):
        if negated and name not in required:
            yield f"`{key}` names {at}/{name} under `not` or `if`, and its facts schema does not require it: say what is to hold where it is absent"
    for name, inner in schema.get("properties", {}).items():
        yield from negated_absences(inner, step_to(here, name, roots), key, roots, f"{at}/{name}", negated)
    for word, inner in same_place(schema):
        yield from negated_absences(inner, here, key, roots, at, not negated if word == "not" else negated or word == "if")
    for word in INTO_MEMBERS:
        if word in schema:
            yield from negated_absences(schema[word], members_of(here, word), key, roots, f"{at}/*", negated)


def members_of(here: Described, word: str) -> Described:
    """Return what describes the members of an object, or the elements of a list, at a place."""
    place = "additionalProperties" if word == "additionalProperties" else "items"
    return [(view[place], root) for schema, root in here for view in alternatives(schema, root) if isinstance(view.get(place), dict)]
