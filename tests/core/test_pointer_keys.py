"""A pointer key stands for the object, the `required` and the `properties` that lead to a fact."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.authoring.pointer_keys import expand
from hostcheck.model import HostcheckError
from hostcheck.pointer import join
from hostcheck.schema import compile_schema

NAMES = st.text(st.sampled_from("ab/~1"), min_size=1, max_size=3)


def test_a_pointer_leads_to_its_fact_through_objects_that_must_be_there() -> None:
    wanted = {"type": "object", "required": ["a"], "properties": {"a": {"type": "object", "required": ["b/c"], "properties": {"b/c": {"const": 1}}}}}
    assert expand({"/a/b~1c": {"const": 1}}) == wanted


def test_the_keys_of_one_mapping_merge() -> None:
    found = expand({"/a/b": {"const": 1}, "/a/c": True, "maxProperties": 2})
    assert found["required"] == ["a"] and found["maxProperties"] == 2
    assert found["properties"]["a"]["required"] == ["b", "c"]


@pytest.mark.parametrize("word", ["not", "items", "contains", "additionalProperties", "propertyNames", "if", "then", "else"])
def test_they_are_expanded_below_every_keyword(word: str) -> None:
    assert expand({word: {"/a": True}}) == {word: {"type": "object", "required": ["a"], "properties": {"a": True}}}
    assert expand({"anyOf": [{"/a": True}]})["anyOf"][0]["required"] == ["a"]
    assert expand({"properties": {"/run": {"/a": True}}})["properties"]["/run"]["required"] == ["a"], "the name of a member is no pointer"


@pytest.mark.parametrize(
    "schema",
    [
        {"/a": {"const": 1}, "properties": {"a": {"const": 2}}},
        {"type": "array", "/a": True},
        {"/a": {"const": 1}, "/a/b": {"const": 2}, "properties": {"a": False}},
    ],
)
def test_two_keys_that_contradict_each_other_are_refused(schema: object) -> None:
    with pytest.raises(HostcheckError, match="allOf"):
        expand(schema)


@given(st.lists(NAMES, min_size=1, max_size=4), st.booleans())
def test_an_absent_fact_is_never_accepted(path: list[str], present: bool) -> None:
    pointer = "".join(join("", name) for name in path)
    document: dict[str, object] = {}
    here = document
    for name in path[:-1]:
        here = here.setdefault(name, {})  # type: ignore[assignment]
    if present:
        here[path[-1]] = 7
    assert compile_schema(expand({pointer: {"const": 7}}))(document) is present
