from typing import Any

import pytest

from hostcheck.model import Hole, HoleError, Why, incomplete
from hostcheck.view import View
from hostcheck_builtin.system.fact_members import by_value, collection, each_known, each_stated, opened, part_of_each, sure

DENIED, LATE = Hole(why=Why.DENIED, message="closed"), Hole(why=Why.TIMEOUT, message="late")
SOME = View({"of": {"a": {"uid": 1}, "b": {"uid": LATE}, "c": LATE, "d": {"uid": 4}}})
OPEN = View({"of": incomplete({"a": {"uid": 1}}, DENIED)})
HIDDEN = View({"of": DENIED})


def uid(one: Any) -> int:
    return int(one["uid"])


def test_a_collection_that_is_not_known_has_no_members_that_are() -> None:
    assert list(opened(DENIED)[0]) == [] and opened(DENIED)[1] == DENIED
    found, hole = collection(lambda: HIDDEN["of"])
    assert (list(found), hole) == ([], DENIED)
    assert each_known(lambda: HIDDEN["of"], uid) == ({}, DENIED)
    assert each_stated(lambda: HIDDEN["of"], lambda one, _: uid(one)) == DENIED


def test_what_leaves_a_collection_open_is_told() -> None:
    assert collection(lambda: OPEN["of"])[1] == DENIED and collection(lambda: SOME["of"])[1] is None
    assert each_known(lambda: OPEN["of"], uid) == ({"a": 1}, DENIED)
    assert each_stated(lambda: OPEN["of"], lambda one, _: uid(one)).hole == DENIED


def test_a_member_that_is_not_known_costs_itself() -> None:
    assert each_known(lambda: SOME["of"], uid) == ({"a": 1, "d": 4}, LATE)
    assert each_stated(lambda: SOME["of"], lambda one, key: f"{key}{uid(one)}") == {"a": "a1", "b": LATE, "c": LATE, "d": "d4"}


def test_a_mistake_is_no_hole() -> None:
    with pytest.raises(ZeroDivisionError):
        each_known(lambda: SOME["of"], lambda one: 1 // 0)
    with pytest.raises(HoleError):
        HIDDEN["of"]


def test_keys_by_their_value() -> None:
    assert by_value({"b": 1, "a": 1, "c": 2}) == {1: ["a", "b"], 2: ["c"]}


def test_what_is_known_is_sure() -> None:
    assert sure(3) == 3 and sure(None) is None
    with pytest.raises(HoleError) as caught:
        sure(DENIED)
    assert caught.value.hole == DENIED


def test_parts_of_each_member_are_yielded_with_holes_in_their_places() -> None:
    assert list(part_of_each(lambda: SOME["of"], "uid")) == [1, LATE, LATE, 4]
    assert list(part_of_each(lambda: HIDDEN["of"], "uid")) == [DENIED]


def test_a_member_of_which_nothing_is_stated_is_left_out() -> None:
    assert each_stated(lambda: SOME["of"], lambda one, key: None if key == "a" else uid(one)) == {"b": LATE, "c": LATE, "d": 4}
