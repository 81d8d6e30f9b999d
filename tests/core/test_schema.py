"""The three-valued predicates: equal to jsonschema without holes, sound with them, and only ever less sure with more of them."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry
from schema_cases import complete, documents, hole, pierce, schemas

from hostcheck.model import Hole, incomplete
from hostcheck.schema import DialectError, Unknown, bind, check, compile_schema, inline

MANY = settings(max_examples=settings.default.max_examples * 4)  # each of them is small


def reference(schema: Any, document: Any) -> bool:
    return bool(Draft202012Validator(schema, registry=Registry()).is_valid(document))


@MANY
@given(schemas(), documents())
def test_without_holes_a_verdict_is_that_of_jsonschema(schema: Any, document: Any) -> None:
    check(schema, "random schema")
    assert compile_schema(schema)(document) is reference(schema, document)


@MANY
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


@MANY
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
        ({"minProperties": 0}, OPEN, True),
        ({"maxProperties": 1}, {"a": hole(1)}, True),
        ({"maxProperties": 0}, {"a": hole(1), "b": 1}, False),
        ({"minProperties": 2}, {"a": hole(1)}, False),
        ({"maxItems": 0}, OPEN_LIST, False),
        ({"minItems": 2}, [hole(1)], False),
        ({"maxItems": 1}, [hole(1)], True),
        ({"items": {"const": 2}}, OPEN_LIST, False),
        ({"items": True}, OPEN_LIST, True),
        ({"maxItems": 1}, OPEN_LIST, UNKNOWN),
        ({"minItems": 1}, [hole(1)], True),
        ({"contains": {"const": 1}}, OPEN_LIST, True),
        ({"contains": {"const": 2}}, OPEN_LIST, UNKNOWN),
        ({"contains": {"enum": []}}, incomplete([hole(1)], hole(2)), False),
        ({"contains": False}, incomplete([hole(1)], hole(2)), False),
        ({"contains": False, "minContains": 0}, incomplete([hole(1)], hole(2)), True),
        ({"contains": {"const": 1}, "maxContains": 1}, [1, 1, hole(1)], False),
        ({"contains": {"const": 1}, "minContains": 2}, [1, hole(1)], UNKNOWN),
        ({"contains": {"const": 1}, "minContains": 3}, [1, hole(1)], False),
        ({"contains": {"const": 1}, "maxContains": 2}, [1, hole(1)], True),
        ({"contains": {"const": 1}, "maxContains": 2}, OPEN_LIST, UNKNOWN),
        ({"uniqueItems": True}, [1, 1.0, hole(1)], False),
        ({"uniqueItems": True}, [1, True, hole(1)], UNKNOWN),
        ({"uniqueItems": True}, [hole(1)], True),
        ({"uniqueItems": True}, [hole(1), 1], UNKNOWN),
        ({"uniqueItems": True}, [{"a": hole(1)}, {"b": 1}], UNKNOWN),
        ({"uniqueItems": True}, incomplete([], hole(1)), UNKNOWN),
        ({"const": {"a": 1, "b": 2}}, {"a": 3, "b": hole(1)}, False),
        ({"const": {"a": 1, "b": 2}}, {"a": 1, "b": hole(1)}, UNKNOWN),
        ({"dependentRequired": {"a": ["b"]}}, {"a": hole(1)}, UNKNOWN),
        ({"dependentRequired": {"a": ["b"]}}, {"a": hole(1), "b": 1}, True),
        ({"oneOf": [{"type": "integer"}, {"minimum": 0}, {"const": 5}]}, 5, False),
        ({"if": {"required": ["a"]}, "then": True, "else": True}, {"a": hole(1)}, True),
        ({"if": {"required": ["a"]}, "then": False}, {"a": hole(1)}, UNKNOWN),
        ({"if": {"required": ["a"]}, "then": False, "else": False}, {"a": hole(1)}, False),
        ({"if": {"required": ["a"]}, "then": False, "else": {"required": ["b"]}}, {"a": hole(1)}, False),
        ({"oneOf": [True, True, {"required": ["a"]}]}, {"a": hole(1)}, False),
        ({"oneOf": [True, {"required": ["a"]}]}, {"a": hole(1)}, UNKNOWN),
        ({"anyOf": [True, {"required": ["a"]}]}, {"a": hole(1)}, True),
        ({"anyOf": [False, {"required": ["a"]}]}, {"a": hole(1)}, UNKNOWN),
        ({"allOf": [False, {"required": ["a"]}]}, {"a": hole(1)}, False),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1, "b": hole(1)}, UNKNOWN),
        ({"dependentRequired": {"a": ["b"]}}, incomplete({"a": 1}, hole(1)), UNKNOWN),
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
    ("schema", "fitting", "others"),
    [
        (True, [1], []),
        (False, [], [1, None]),
        ({}, [1], []),
        ({"title": "a"}, [1], []),
        ({"type": "null"}, [None], [0, False, ""]),
        ({"type": "boolean"}, [True, False], [0, None]),
        ({"type": "object"}, [{}], [[], None]),
        ({"type": "array"}, [[]], [{}, ""]),
        ({"type": "string"}, [""], [0, []]),
        ({"type": "number"}, [0, 0.5], [True, "0"]),
        ({"type": "integer"}, [0, 2.0], [0.5, True, "0"]),
        ({"type": ["string", "null"]}, ["", None], [0]),
        ({"const": {"a": [1]}}, [{"a": [1.0]}], [{"a": [True]}, {"a": []}]),
        ({"enum": ["a", 1]}, ["a", 1, 1.0], ["b", True, None]),
        ({"properties": {"a": {"const": 1}, "b": {"const": 2}}}, [{}, {"a": 1}, {"c": 3}, [], "a"], [{"a": 2}, {"a": 1, "b": 1}]),
        ({"required": ["a", "b"]}, [{"a": 1, "b": None}, ["a"], "a"], [{}, {"a": 1}, {"b": 1}]),
        ({"properties": {"a": True}, "additionalProperties": {"const": 1}}, [{}, {"a": 2}, {"b": 1}, [2]], [{"b": 2}, {"a": 1, "b": 2, "c": 1}]),
        ({"additionalProperties": False}, [{}, []], [{"a": 1}]),
        ({"propertyNames": {"maxLength": 1}}, [{}, {"a": 1}, ["ab"]], [{"ab": 1}, {"a": 1, "ab": 1}]),
        ({"minProperties": 1}, [{"a": 1}, {"a": 1, "b": 1}, []], [{}]),
        ({"maxProperties": 1}, [{}, {"a": 1}, [1, 2]], [{"a": 1, "b": 1}]),
        ({"dependentRequired": {"a": ["b", "c"], "d": ["a"]}}, [{}, {"b": 1}, {"a": 1, "b": 1, "c": 1}, ["a"]], [{"a": 1}, {"a": 1, "b": 1}, {"d": 1}]),
        ({"items": {"const": 1}}, [[], [1, 1], {"a": 2}], [[2], [1, 2]]),
        ({"contains": {"const": 1}}, [[1], [2, 1, 1], "a"], [[], [2]]),
        ({"contains": {"const": 1}, "minContains": 2}, [[1, 1], [1, 2, 1]], [[1], [1, 2]]),
        ({"contains": {"const": 1}, "maxContains": 1}, [[1], [1, 2]], [[], [1, 1]]),
        ({"contains": {"const": 1}, "minContains": 0}, [[], [1]], []),
        ({"contains": True}, [[1], "a"], [[]]),
        ({"contains": False}, ["a", {}], [[], [1]]),
        ({"contains": False, "minContains": 0}, [[], [1], "a"], []),
        ({"contains": {"enum": []}}, ["a"], [[], [1]]),
        ({"minItems": 1}, [[1], {}], [[]]),
        ({"maxItems": 1}, [[], [1], {"a": 1, "b": 1}], [[1, 2]]),
        ({"uniqueItems": True}, [[], [1, 2], [1, True], "aa"], [[1, 2, 1], [{"a": 1}, {"a": 1.0}]]),
        ({"uniqueItems": False}, [[1, 1]], []),
        ({"minimum": 1}, [1, 2, "0", True, False], [0, 0.5]),
        ({"maximum": 1}, [1, 0, "2", True], [2, 1.5]),
        ({"exclusiveMinimum": 1}, [2, 1.5], [1, 0]),
        ({"exclusiveMaximum": 1}, [0, 0.5], [1, 2]),
        ({"minLength": 1}, ["a", "ab", 0, []], [""]),
        ({"maxLength": 1}, ["", "a", [1, 2]], ["ab"]),
        ({"allOf": [{"minimum": 1}, {"maximum": 2}]}, [1, 2], [0, 3]),
        ({"anyOf": [{"const": 1}, {"const": 2}]}, [1, 2], [3]),
        ({"oneOf": [{"minimum": 1}, {"maximum": 2}]}, [0, 3], [1, 2]),
        ({"oneOf": [{"const": 1}, {"const": 2}]}, [1, 2], [3]),
        ({"not": {"const": 1}}, [2], [1]),
        ({"if": {"const": 1}, "then": False}, [2], [1]),
        ({"if": {"const": 1}, "else": {"const": 2}}, [1, 2], [3]),
        ({"then": False, "else": False}, [1], []),
    ],
)
def test_each_keyword_of_what_is_known(schema: Any, fitting: list[Any], others: list[Any]) -> None:
    judge = compile_schema(schema)
    assert [judge(document) for document in (*fitting, *others)] == [True] * len(fitting) + [False] * len(others)
    assert all(reference(schema, document) for document in fitting) and not any(reference(schema, document) for document in others)


ONE = {"$ref": "#/$defs/one"}


@pytest.mark.parametrize(
    ("schema", "fitting", "other"),
    [
        ({"properties": {"a": ONE}}, {"a": 1}, {"a": 2}),
        ({"additionalProperties": ONE}, {"a": 1}, {"a": 2}),
        ({"propertyNames": {"not": ONE}}, {"a": 1}, None),
        ({"items": ONE}, [1], [2]),
        ({"contains": ONE}, [1], [2]),
        ({"allOf": [ONE]}, 1, 2),
        ({"anyOf": [ONE]}, 1, 2),
        ({"oneOf": [ONE]}, 1, 2),
        ({"not": ONE}, 2, 1),
        ({"if": ONE, "else": False}, 1, 2),
        ({"if": False, "else": ONE}, 1, 2),
        ({"if": True, "then": ONE}, 1, 2),
    ],
)
def test_a_definition_can_be_referred_to_from_everywhere(schema: Any, fitting: Any, other: Any) -> None:
    judge = compile_schema({**schema, "$defs": {"one": {"const": 1}}})
    assert judge(fitting) is True
    assert other is None or judge(other) is False


@pytest.mark.parametrize(
    ("schema", "document", "numbers"),
    [
        (False, hole(1), [1]),
        ({"type": "null"}, hole(1), [1]),
        ({"type": "null", "const": None}, hole(1), [1]),
        ({"const": {"a": 1, "b": 1}}, {"a": hole(1), "b": hole(2)}, [1, 2]),
        ({"enum": [{"a": 1}, "a"]}, {"a": hole(1)}, [1]),
        ({"properties": {"a": {"const": 1}, "b": {"const": 1}}}, {"a": hole(1), "b": hole(2)}, [1, 2]),
        ({"properties": {"a": {"const": 1}, "b": {"const": 1}}}, incomplete({"a": hole(1)}, hole(2)), [1, 2]),
        ({"required": ["a", "b"]}, incomplete({"a": hole(1)}, hole(2)), [1, 2]),
        ({"additionalProperties": {"const": 1}}, incomplete({"a": hole(1), "b": 1}, hole(2)), [1, 2]),
        ({"propertyNames": {"const": "b"}}, incomplete({"a": hole(1), "b": hole(3)}, hole(2)), [1, 2]),
        ({"required": ["a"], "properties": {"b": {"const": 1}}}, {"a": hole(1), "b": hole(2)}, [1, 2]),
        ({"allOf": [{"required": ["a"]}, {"required": ["b"]}]}, {"a": hole(1), "b": hole(2)}, [1, 2]),
        ({"minProperties": 2}, incomplete({"a": hole(1), "b": 1}, hole(2)), [1, 2]),
        ({"maxProperties": 2}, {"a": hole(1), "b": hole(2), "c": 1}, [1, 2]),
        ({"minItems": 2}, OPEN_LIST, [1]),
        ({"maxItems": 2}, OPEN_LIST, [1]),
        ({"items": {"const": 1}}, incomplete([1, hole(1)], hole(2)), [1, 2]),
        ({"contains": {"const": 1}}, incomplete([2, hole(1)], hole(2)), [1, 2]),
        ({"contains": {"const": 1}, "maxContains": 1}, [1, hole(1)], [1]),
        ({"uniqueItems": True}, incomplete([hole(1), hole(1), {"a": hole(2)}], hole(3)), [1, 2, 3]),
        ({"uniqueItems": True}, incomplete([hole(1)], hole(2)), [2]),
        ({"dependentRequired": {"a": ["b"]}}, {"a": hole(1), "b": hole(2)}, [1, 2]),
        ({"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, {"a": hole(1), "b": hole(2)}, [1, 2]),
        ({"oneOf": [{"required": ["a"]}, {"required": ["a"]}, {"required": ["b"]}]}, {"a": hole(1), "b": hole(2)}, [1, 2]),
        ({"oneOf": [True, {"required": ["a"]}]}, {"a": hole(1)}, [1]),
        ({"not": {"required": ["a"]}}, {"a": hole(1)}, [1]),
        ({"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {"required": ["a"]}}, {"a": hole(1), "b": hole(2)}, [1, 2]),
        ({"if": {"required": ["a"]}, "then": True, "else": False}, {"a": hole(1)}, [1]),
        ({"if": {"required": ["a"]}, "then": False, "else": True}, {"a": hole(1)}, [1]),
    ],
)
def test_what_stands_in_the_way_is_named_each_once(schema: Any, document: Any, numbers: list[int]) -> None:
    verdict = compile_schema(schema)(document)
    assert isinstance(verdict, Unknown) and [one.message for one in verdict.holes] == [str(number) for number in numbers]
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(verdict)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"minimun": 1}, "did you mean 'minimum'"),
        ({"pattern": "^a"}, "unknown keyword 'pattern'"),
        ({"format": "ipv4"}, "unknown keyword 'format'"),
        ({"$ref": "http://example.org/x"}, "#/$defs/NAME"),
        ({"$ref": "#/$defs/x"}, "not in $defs"),
        ({"$ref": "#/$defs/x", "$defs": {"x": {"$ref": "#/$defs/x"}}}, "recursive"),
        ({"$ref": "#/$defs/x", "$defs": {"x": {"items": {"$ref": "#/$defs/y"}}, "y": {"not": {"$ref": "#/$defs/x"}}}}, "recursive"),
        ({"properties": {"a": {"minimum": "0"}}}, "/properties/a/minimum must be a number"),
        ({"properties": {"a": {"minLength": -1}}}, "/properties/a/minLength"),
        ({"required": ["a", "a"]}, "each once"),
        ({"type": "int"}, "must be one of"),
        ({"allOf": []}, "one or more schemas"),
        ({"items": {"$defs": {}}}, "top of the schema"),
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
    with pytest.raises(DialectError, match="nested more than"):
        check(schema, "the rule")


@MANY
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
