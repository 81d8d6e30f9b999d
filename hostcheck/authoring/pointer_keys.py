"""Turn the short form of a schema into JSON Schema: a key that is a JSON Pointer stands for the object, the `required` and the `properties` that lead there.

So the `required` that plain JSON Schema lets one forget is always there. ``/a/b: {const: 1}`` and ``/a/c: true`` in one mapping become one object `a`.
"""

from typing import Final

from hostcheck.model import HostcheckError, Json
from hostcheck.pointer import tokens

MAPS: Final = frozenset({"properties", "$defs"})
"""Keywords whose members are schemas by a name that the author chose."""
ONE: Final = frozenset({"additionalProperties", "propertyNames", "items", "contains", "not", "if", "then", "else"})
MANY: Final = frozenset({"allOf", "anyOf", "oneOf"})


def expand(schema: Json) -> Json:
    """Return `schema` with its pointer keys expanded, at every depth; raises HostcheckError where two keys of one mapping contradict each other."""
    if not isinstance(schema, dict):
        return schema
    found: dict[str, Json] = {}
    for key, value in schema.items():
        if key in MAPS and isinstance(value, dict):
            found = _merged(found, {key: {name: expand(inner) for name, inner in value.items()}}, key)
        elif key in ONE:
            found = _merged(found, {key: expand(value)}, key)
        elif key in MANY and isinstance(value, list):
            found = _merged(found, {key: [expand(inner) for inner in value]}, key)
        elif key.startswith("/"):
            if not isinstance(value, dict | bool):
                raise HostcheckError(f"{key}: is {value!r:.60}; write what must hold there, such as {{const: {value!r:.60}}}, or true if it only has to exist")
            found = _merged(found, _nested(tokens(key), expand(value)), key)
        else:
            found = _merged(found, {key: value}, key)
    return found


def _nested(path: list[str], schema: Json) -> Json:
    for name in reversed(path):
        schema = {"type": "object", "required": [name], "properties": {name: schema}}
    return schema


def _merged(one: Json, other: Json, key: str) -> Json:
    """Return both schemas in one, which holds where both hold."""
    if one in (True, {}) or one == other:
        return other
    if other in (True, {}):
        return one
    if not isinstance(one, dict) or not isinstance(other, dict):
        raise HostcheckError(f"{key}: two keys of one mapping contradict each other here; use allOf")
    found = dict(one)
    for word, value in other.items():
        if word not in found or found[word] == value:
            found[word] = value
        elif word == "properties":
            found[word] = {
                **found[word],
                **{name: _merged(found[word].get(name, True), inner, f"{key}: {name}") for name, inner in value.items()},
            }
        elif word == "required":
            found[word] = [*found[word], *(name for name in value if name not in found[word])]
        else:
            raise HostcheckError(f"{key}: two keys of one mapping both set {word!r} here; use allOf")
    return found
