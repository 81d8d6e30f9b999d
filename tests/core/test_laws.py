"""What hiding may do to facts and to findings: nothing but holes, and nothing better."""

from typing import Any

import pytest

from hostcheck.model import Hole, Why, incomplete
from hostcheck.testing.laws import breaches, differences, judged, worse

HOLE = Hole(why=Why.DENIED, message="no")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (1, 1),
        (1, HOLE),
        (HOLE, HOLE),
        ({"a": 1, "b": 2}, {"a": 1, "b": HOLE}),
        ({"a": 1, "b": 2}, incomplete({"a": 1}, HOLE)),
        ({"a": 1, "b": 2}, incomplete({}, HOLE)),
        ({"a": 1}, {"a": 1, "b": HOLE}),
        ({"a": 1, "b": HOLE}, {"a": 1}),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, HOLE]}}),
        (incomplete({"a": 1}, HOLE), incomplete({"b": 2}, HOLE)),
        ({"/a/b": 1}, {"/a": HOLE}),
        ({}, {"a": {"uid": 1, "b": HOLE, "c": HOLE}}),
        ({"a": 1}, {"others": {"uid": 1, "b": HOLE}}),
        ({"a": 1, "others": {"uid": 1, "b": HOLE}}, {"others": {"uid": 1, "b": HOLE}}),
        ([1, 2, 3], incomplete([1, 3], HOLE)),
        ([1, 2], incomplete([2, HOLE], HOLE)),
        ([], incomplete([HOLE], HOLE)),
        ([{"a": 1, "b": 2}, {"a": 3}], incomplete([{"a": 1, "b": HOLE}], HOLE)),
        (incomplete([1], HOLE), incomplete([2], HOLE)),
    ],
)
def test_less_may_be_known(before: Any, after: Any) -> None:
    assert list(breaches(before, after)) == []


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (1, 2, ": 1 became 2"),
        (1, True, ": 1 became True"),
        (1, 1.0, ": 1 became 1.0"),
        (1, None, ": 1 became None"),
        (HOLE, 1, ": was not known, and is 1"),
        ({"a": 1}, [], "became []"),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, "/a/b: 1 became 2"),
        ({"a": 1}, {}, "/a: is gone without a hole"),
        ({"a": 1}, {"a": 1, "b": 2}, "/b: is new: 2"),
        ({"/ab": 1}, {"/a": HOLE}, "//ab: is gone without a hole"),
        ({"a": 1, "b": {"uid": 1, "c": 2}}, {"b": {"uid": 1, "c": HOLE}}, "/a: is gone without a hole"),
        ({"a": 1}, {"b": HOLE}, "/a: is gone without a hole"),
        ({}, {"a": {"uid": 1}}, "/a: is new: {"),
        ({}, {"a": {"uid": 1, "b": 2, "c": HOLE}}, "/a: is new: {"),
        ({"a": 1}, incomplete({"b": 2}, HOLE), "/b: is new: 2"),
        ({"a": 1}, incomplete({"a": 2}, HOLE), "/a: 1 became 2"),
        (incomplete({"a": 1}, HOLE), {"a": 1}, ": was incomplete, and is complete"),
        (incomplete({"a": 1}, HOLE), incomplete({"a": 2}, HOLE), "/a: 1 became 2"),
        ([1, 2], [1], ": [1, 2] became [1]"),
        ([1, 2], [2, 1], "/0: 1 became 2"),
        ([1], incomplete([1, 2], HOLE), ": has new elements [2]"),
        ([], incomplete([1], HOLE), ": has new elements [1]"),
        ([{"a": 1, "b": 2}], incomplete([{"a": 2, "b": HOLE}], HOLE), ": has new elements [{'a': 2"),
        (incomplete([1], HOLE), [1], ": was incomplete, and is complete"),
    ],
)
def test_nothing_else_may_change(before: Any, after: Any, words: str) -> None:
    (told, *_) = breaches(before, after)
    assert words in told


@pytest.mark.parametrize(("after", "breached"), [(["b", "a"], 0), (["b", "c"], 2), (["a"], 1)])
def test_texts_that_are_a_set_may_come_in_another_order(after: list[str], breached: int) -> None:
    schema = {"properties": {"ways": {"type": "array", "uniqueItems": True}}}
    assert len([*breaches(judged(schema, {"ways": ["a", "b"]}), judged(schema, {"ways": after}))]) == breached
    assert [*breaches(judged({}, {"ways": ["a", "b"]}), judged({}, {"ways": after}))]


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        (1, HOLE, "was not known"),
        ([1], incomplete([1], HOLE), "was incomplete"),
        ({"a": HOLE}, {"a": Hole(why=Why.DENIED, message="never")}, "/a: not known because 'no', only once"),
        ({"a": HOLE}, {}, "/a: not known because 'no', only once"),
    ],
)
def test_two_statements_may_differ_in_what_is_not_known(one: Any, other: Any, words: str) -> None:
    assert list(differences(one, one)) == list(differences(other, other)) == []
    for told in (list(differences(one, other)), list(differences(other, one))):
        assert any(words in each for each in told), told


def findings(**results: str) -> list[dict[str, Any]]:
    """Return findings of the rule R by subject; `all` is the subject *, `host` the host."""
    names = {"all": "*", "host": ""}
    return [{"rule": "R", "subject": names.get(subject, subject), "result": result} for subject, result in results.items()]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (findings(a="pass", b="fail"), findings(a="pass", b="fail")),
        (findings(a="pass", b="fail"), findings(a="fail", b="error")),
        (findings(a="pass", b="fail"), findings(all="error")),
        (findings(a="pass"), findings(a="pass", all="unknown")),
        (findings(all="error"), findings(a="pass", all="error")),
        (findings(host="notapplicable"), findings(host="error")),
        (findings(host="notapplicable"), findings(host="notapplicable")),
    ],
)
def test_findings_may_get_worse(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
    assert list(worse(before, after)) == []


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (findings(a="fail"), findings(a="pass"), "R a: fail became pass"),
        (findings(a="error"), findings(a="pass"), "R a: error became pass"),
        (findings(b="pass"), findings(a="pass", b="pass"), "R a: None became pass"),
        (findings(host="fail"), findings(host="notapplicable"), "fail became notapplicable"),
        (findings(host="pass"), findings(host="notapplicable"), "pass became notapplicable"),
        (findings(host="fail"), findings(host="notchecked"), "fail became notchecked"),
        (findings(host="fail"), findings(host="informational"), "fail became informational"),
        (findings(a="fail", b="pass"), findings(b="pass"), "R a: fail became nothing"),
        (findings(a="fail"), findings(all="notchecked"), "R a: fail became nothing"),
    ],
)
def test_findings_may_not_get_better(before: list[dict[str, Any]], after: list[dict[str, Any]], words: str) -> None:
    assert any(words in told for told in worse(before, after))


def test_what_only_explains_is_found_behind_a_reference() -> None:
    one = {"type": "object", "properties": {"can": {"type": "boolean"}, "rests_on": {"type": "string", "x-explains": True}}}
    schema = {"additionalProperties": {"$ref": "#/$defs/one"}, "$defs": {"one": one}}
    assert judged(schema, {"ann": {"can": True, "rests_on": "/a"}}) == {"ann": {"can": True}}
