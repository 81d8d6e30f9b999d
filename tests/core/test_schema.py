"""The three-valued predicates: equal to jsonschema without holes, sound with them, and only ever less sure with more of them."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry
from schema_cases import complete, documents, hole, pierce, schemas

from hostcheck.model import Hole, incomplete
from hostcheck.schema import DialectError, Unknown, bind, check, compile_schema, inline


def reference(schema: Any, document: Any) -> bool:
    return bool(Draft202012Validator(schema, registry=Registry()).is_valid(document))


@given(schemas(), documents())
def test_without_holes_a_verdict_is_that_of_jsonschema(schema: Any, document: Any) -> None:
    check(schema, "random schema")
    assert compile_schema(schema)(document) is reference(schema, document)


@given(schemas(), documents(), st.randoms(use_true_random=False))
def test_a_verdict_holds_in_every_completion_of_the_holes(schema: Any, document: Any, rng: random.Random) -> None:
    pierced = pierce(document, rng)
    verdict = compile_schema(schema)(pierced)
    if isinstance(verdict, Unknown):
        assert verdict.holes
        return
    if isinstance(pierced, Hole):
        assert schema in (True, {}) or verdict is True
    for _ in range(20):
        whole = complete(pierced, rng)
        assert reference(schema, whole) is verdict, whole


@given(schemas(), documents(), st.randoms(use_true_random=False))
def test_another_hole_moves_a_verdict_only_to_cannot_know(schema: Any, document: Any, rng: random.Random) -> None:
    judge = compile_schema(schema)
    once = pierce(document, rng)
    before = judge(once)
    after = judge(pierce_more(once, rng))
    if isinstance(before, Unknown):
        assert isinstance(after, Unknown)
    else:
        assert isinstance(after, Unknown) or after is before


def pierce_more(document: Any, rng: random.Random) -> Any:
    """Add holes to a document, keeping those it has."""
    if isinstance(document, Hole) or rng.random() < 0.1:
        return document if isinstance(document, Hole) else hole(7)
    if isinstance(document, dict):
        members: Any = {key: pierce_more(item, rng) for key, item in document.items()}
    elif isinstance(document, list):
        members = [pierce_more(item, rng) for item in document]
    else:
        return document
    opened = getattr(document, "hole", None) or (hole(8) if rng.random() < 0.1 else None)
    return incomplete(members, opened) if opened else members


UNKNOWN = "cannot know"
OPEN = incomplete({"a": 1}, hole(1))
OPEN_LIST = incomplete([1], hole(1))


@pytest.mark.parametrize(
    ("schema", "document", "expected"),
    [
        (True, hole(1), True),
        ({}, hole(1), True),
        (False, hole(1), UNKNOWN),
        ({"type": "integer"}, hole(1), UNKNOWN),
        ({"required": ["a"]}, {"a": hole(1)}, UNKNOWN),
        ({"required": ["a"]}, incomplete({}, hole(1)), UNKNOWN),
        ({"required": ["a"]}, OPEN, True),
        ({"properties": {"a": {"const": 2}}}, OPEN, False),
        ({"properties": {"b": {"const": 2}}}, OPEN, UNKNOWN),
        ({"properties": {"b": {"const": 2}}}, {"a": hole(1)}, True),
        ({"additionalProperties": {"const": 2}}, OPEN, False),
        ({"additionalProperties": {"const": 1}}, OPEN, UNKNOWN),
        ({"additionalProperties": False}, {"a": hole(1)}, UNKNOWN),
        ({"propertyNames": {"enum": ["b"]}}, OPEN, False),
        ({"propertyNames": {"enum": ["b"]}}, {"a": hole(1)}, UNKNOWN),
        ({"propertyNames": {"enum": ["a"]}}, {"a": hole(1)}, True),
        ({"propertyNames": {"enum": ["a"]}}, OPEN, UNKNOWN),
        ({"minProperties": 1}, OPEN, True),
        ({"minProperties": 2}, OPEN, UNKNOWN),
        ({"maxProperties": 0}, OPEN, False),
        ({"maxProperties": 1}, OPEN, UNKNOWN),
        ({"maxProperties": 0}, {"a": hole(1)}, UNKNOWN),
        ({"minProperties": 1}, {"a": hole(1)}, UNKNOWN),
        ({"maxItems": 0}, OPEN_LIST, False),
        ({"maxItems": 1}, OPEN_LIST, UNKNOWN),
        ({"minItems": 1}, [hole(1)], True),
        ({"contains": {"const": 1}}, OPEN_LIST, True),
        ({"contains": {"const": 2}}, OPEN_LIST, UNKNOWN),
        ({"contains": {"enum": []}}, incomplete([hole(1)], hole(2)), False),
        ({"contains": False, "minContains": 0}, incomplete([hole(1)], hole(2)), True),
        ({"contains": {"const": 1}, "maxContains": 1}, [1, 1, hole(1)], False),
        ({"contains": {"const": 1}, "minContains": 2}, [1, hole(1)], UNKNOWN),
        ({"uniqueItems": True}, [1, 1.0, hole(1)], False),
        ({"uniqueItems": True}, [1, True, hole(1)], UNKNOWN),
        ({"uniqueItems": True}, [hole(1)], True),
        ({"const": {"a": 1, "b": 2}}, {"a": 3, "b": hole(1)}, False),
        ({"const": {"a": 1, "b": 2}}, {"a": 1, "b": hole(1)}, UNKNOWN),
        ({"dependentRequired": {"a": ["b"]}}, {"a": hole(1)}, UNKNOWN),
        ({"dependentRequired": {"a": ["b"]}}, {"a": hole(1), "b": 1}, True),
        ({"oneOf": [{"type": "integer"}, {"minimum": 0}, {"const": 5}]}, 5, False),
        ({"if": {"required": ["a"]}, "then": True, "else": True}, {"a": hole(1)}, True),
        ({"if": {"required": ["a"]}, "then": False}, {"a": hole(1)}, UNKNOWN),
        ({"const": True}, 1, False),
        ({"const": 1}, 1.0, True),
        ({"type": "integer"}, 1.0, True),
        ({"enum": []}, 1, False),
    ],
)
def test_the_table_of_holes(schema: Any, document: Any, expected: Any) -> None:
    verdict = compile_schema(schema)(document)
    assert (UNKNOWN if isinstance(verdict, Unknown) else verdict) == expected


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"minimun": 1}, "did you mean 'minimum'"),
        ({"pattern": "^a"}, "unknown keyword 'pattern'"),
        ({"format": "ipv4"}, "unknown keyword 'format'"),
        ({"$ref": "http://example.org/x"}, "#/$defs/NAME"),
        ({"$ref": "#/$defs/x"}, "not among the $defs"),
        ({"$ref": "#/$defs/x", "$defs": {"x": {"$ref": "#/$defs/x"}}}, "recursive"),
        ({"$ref": "#/$defs/x", "$defs": {"x": {"items": {"$ref": "#/$defs/y"}}, "y": {"not": {"$ref": "#/$defs/x"}}}}, "recursive"),
        ({"properties": {"a": {"minimum": "0"}}}, "/properties/a/minimum must be a number"),
        ({"properties": {"a": {"minLength": -1}}}, "/properties/a/minLength"),
        ({"required": ["a", "a"]}, "each once"),
        ({"type": "int"}, "must be one of"),
        ({"allOf": []}, "one or more schemas"),
        ({"items": {"$defs": {}}}, "top of a schema"),
        ([], "must be a schema"),
    ],
)
def test_what_is_not_in_the_dialect_is_refused_by_name(schema: Any, words: str) -> None:
    with pytest.raises(DialectError, match=r"the rule") as caught:
        check(schema, "the rule")
    assert words in str(caught.value)


def test_a_schema_nested_without_end_is_refused() -> None:
    schema: Any = {}
    for _ in range(500):
        schema = {"not": schema}
    with pytest.raises(DialectError, match="nested deeper"):
        check(schema, "the rule")


@given(schemas(), documents(), st.randoms(use_true_random=False))
def test_references_replaced_by_what_they_mean_judge_the_same(schema: Any, document: Any, rng: random.Random) -> None:
    whole = inline(schema, "random schema")
    assert "$ref" not in repr(whole) and "$defs" not in repr(whole)
    pierced = pierce(document, rng)
    before, after = compile_schema(schema)(pierced), compile_schema(whole)(pierced)
    assert isinstance(after, Unknown) if isinstance(before, Unknown) else after is before


def test_values_are_bound_by_name() -> None:
    bound = bind({"items": {"enum": {"$value": "approved"}}}, {"approved": ["ann"]}, "the rule")
    assert bound == {"items": {"enum": ["ann"]}}
    with pytest.raises(DialectError, match="no value is called 'other'"):
        bind({"const": {"$value": "other"}}, {}, "the rule")
