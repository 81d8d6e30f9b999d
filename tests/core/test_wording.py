"""How a rule is judged is said in words: every part of it, and no keyword of JSON Schema."""

from typing import Any

import pytest
from hypothesis import given
from schema_cases import schemas

from hostcheck import registry
from hostcheck.authoring.pointer_keys import expand
from hostcheck.benchmark import load
from hostcheck.wording import conditions, judged, plain, severity

BENCHMARK = load(registry.load().benchmarks[0], shipped=True)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"/a/b": {"const": False}}, ["a > b is no"]),
        ({"/a": {"type": "integer", "minimum": 1, "maximum": 3}}, ["a is at least 1 and at most 3"]),
        ({"/a": {"enum": ["x"]}, "/b": {"enum": ["y", "z"]}}, ["a is x", "b is one of y, z"]),
        ({"/a": {"maxItems": 0}}, ["a is empty"]),
        ({"/a": {"enum": {"$value": "approved"}}}, ["a is one of `approved` (a value that can be set)"]),
        ({"/a": True}, ["a is known"]),
        ({"properties": {"a": {"const": 1}}}, ["if there is a: a is 1"]),
        ({"anyOf": [{"/a": {"const": 1}}, {"/b": {"type": "string"}}]}, ["either a is 1; or b is text"]),
        ({"not": {"/a": {"const": 1}}}, ["it is not true that a is 1"]),
        ({"/a": {"items": {"/b": {"const": 1}}}}, ["a has in each element: b is 1"]),
    ],
)
def test_a_condition_is_a_sentence_for_each_fact(schema: Any, words: list[str]) -> None:
    assert conditions(expand(schema)) == words


@given(schemas())
def test_every_schema_has_words(schema: Any) -> None:
    assert all(isinstance(text, str) for text in conditions(schema))


@pytest.mark.parametrize("name", sorted(BENCHMARK.rules))
def test_every_rule_is_said_without_a_keyword(name: str) -> None:
    rule = BENCHMARK.rules[name]
    text = " ".join(judged(rule)) + severity(rule)
    for word in ("anyOf", "allOf", "const", "enum", "additionalProperties", "propertyNames", "minItems", "$value", "required"):
        assert word not in text
    assert all(plain(case["is"]) in text for case in rule.get("notapplicable", ()))
