"""Say in words what a rule asks: how its schemas judge, and what else is to be known of it, for `explain` and the pages of the rules.

JSON Schema is for machines: a reader is told "everyone is no", and at which fact, never which keyword says so.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from hostcheck.because import PLACEHOLDER
from hostcheck.model import Json
from hostcheck.pointer import tokens

VERIFY: Final = {"running now": "the running system", "after reboot": "the system after a reboot", "both": "the running system, also after a reboot"}
KINDS: Final = {"string": "text", "integer": "a whole number", "number": "a number", "boolean": "yes or no", "array": "a list", "null": "nothing"}
COUNTS: Final = (("minItems", "at least"), ("maxItems", "at most"), ("minProperties", "at least"), ("maxProperties", "at most"))
NUMBERS: Final = (("minimum", "at least"), ("maximum", "at most"), ("exclusiveMinimum", "more than"), ("exclusiveMaximum", "less than"))


def conditions(schema: Json, at: tuple[str, ...] = ()) -> list[str]:
    """Return what `schema` asks, a sentence for each fact; ``a > b`` is the member b of a."""
    return list(_conditions(schema, at))


def _conditions(schema: Json, at: tuple[str, ...]) -> Iterator[str]:
    if not isinstance(schema, dict):
        yield f"{_name(at)} may be anything" if schema else f"{_name(at)} cannot be"
        return
    required = schema.get("required", ())
    if isinstance(required, dict):
        yield f"{_name(at)} has all members that the value {required['$value']} names"
        required = ()
    for name in (*required, *(name for name in schema.get("properties", {}) if name not in required)):
        inner = schema.get("properties", {}).get(name, True)
        found = [] if inner in (True, {}) else list(_conditions(inner, (*at, name)))
        if found and name not in required:
            found = [f"if there is {_name((*at, name))}: {'; '.join(found)}"]
        yield from found or [f"{_name((*at, name))} is known"]
    yield from (f"{_name(at)} {text}" for text in _own(schema))
    for word, joint in (("allOf", "; and "), ("anyOf", "; or "), ("oneOf", "; or else ")):
        if word in schema:
            parts = ["; ".join(_conditions(inner, at)) for inner in schema[word]]
            yield from parts if word == "allOf" else [f"either {joint.join(parts)}"]
    if "not" in schema:
        yield _negated(schema["not"], at)
    if "if" in schema:
        yield f"where {' and '.join(_conditions(schema['if'], at))}: {' and '.join(_conditions(schema.get('then', True), at))}"
        if "else" in schema:
            yield f"else {' and '.join(_conditions(schema['else'], at))}"


def _negated(schema: Json, at: tuple[str, ...]) -> str:
    """Return what must not be so; of one value, or of several, simply that it is another."""
    if isinstance(schema, dict) and len(schema) == 1 and schema.keys() <= {"const", "enum"}:
        return f"{_name(at)} is not {next(iter(_own(schema))).removeprefix('is ')}"
    return f"it is not true that {' and '.join(_conditions(schema, at))}"


def _own(schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the keywords of one place ask of it, without its name."""
    if "const" in schema:
        yield f"is {_value(schema['const'])}"
    if "enum" in schema:
        yield f"is {_one_of(schema['enum'])}"
    numbers = [f"{words} {_value(schema[word])}" for word, words in NUMBERS if word in schema]
    if numbers:
        yield f"is {' and '.join(numbers)}"
    elif isinstance(schema.get("type"), str) and schema["type"] != "object" and "const" not in schema and "enum" not in schema:
        yield f"is {KINDS[schema['type']]}"
    for word, words in COUNTS:
        if word in schema:
            yield "is empty" if words == "at most" and schema[word] == 0 else f"has {words} {_value(schema[word])} members"
    for word, text in (("items", "each element"), ("additionalProperties", "each other member" if "properties" in schema else "each member")):
        if isinstance(schema.get(word), dict):
            yield f"has in {text}: {'; '.join(_conditions(schema[word], ()))}"
    if schema.get("additionalProperties") is False:
        yield "has no other members"
    if "propertyNames" in schema:
        yield f"has only names that {_of_it(schema['propertyNames'])}"
    if "contains" in schema:
        yield f"has an element that {_of_it(schema['contains'])}"


def _of_it(schema: Json) -> str:
    if isinstance(schema, dict) and set(schema) == {"not"}:
        return f"is not such that it {_of_it(schema['not'])}"
    return " and ".join(text.removeprefix("it ") for text in _conditions(schema, ()))


def _name(at: tuple[str, ...]) -> str:
    return " > ".join(at) or "it"


def _one_of(values: Json) -> str:
    if isinstance(values, dict):
        return f"one of {_value(values)}"
    return _value(values[0]) if len(values) == 1 else f"one of {', '.join(map(_value, values))}" if values else "nothing that exists"


def _value(value: Json) -> str:
    if isinstance(value, dict) and "$value" in value:
        return f"`{value['$value']}` (a value that can be set)"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "nothing"
    return str(value) if value != "" else "empty"


def judged(rule: Mapping[str, Any]) -> list[str]:
    """Return how a rule is judged, in words: on what, when it does not apply, and what must hold."""
    return list(_judged(rule))


def _judged(rule: Mapping[str, Any]) -> Iterator[str]:
    if rule.get("manual"):
        yield "A person must judge this: it never passes or fails, and does not count for the exit code."
        return
    if "each" in rule:
        chosen = f", of which {'; '.join(conditions(rule['where']))}" if "where" in rule else ""
        yield f"Judged on each member of {' > '.join(tokens(rule['each']))}{chosen}."
    yield f"Passes if {'; '.join(conditions(rule['expect']))}."
    for case in rule.get("notapplicable", ()):
        if "when" in case:
            yield f"Does not apply if {'; '.join(conditions(case['when']))}: {plain(case['is'])}."
        else:
            yield f"Does not apply where there is nothing to judge: {plain(case['is'])}."
    if "unscored" in rule:
        yield f"A pass does not count if {'; '.join(conditions(rule['unscored']))}."
    if "verify" in rule:
        yield f"A pass is about {VERIFY[rule['verify']]}."


def plain(text: str) -> str:
    """Return a sentence of a rule with the name of each fact in the place where a finding would have the fact: ``<role>``."""
    return PLACEHOLDER.sub(lambda match: f"<{(match[1].rpartition('/')[2] or match[1] or 'name').replace('~1', '/').replace('~0', '~')}>", text)


def severity(rule: Mapping[str, Any]) -> str:
    """Return how bad a failure is, in words."""
    written = rule["severity"]
    if isinstance(written, str):
        return written
    cases = [f"{case['is']} if {'; '.join(conditions(case['when']))}" for case in written[:-1]]
    return f"{', '.join(cases)}, else {written[-1]}"
