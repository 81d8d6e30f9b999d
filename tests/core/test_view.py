"""What an analysis may read, and what raises instead."""

from typing import Any

import pytest

from hostcheck.api import Hole, HoleError, View, Why, attempt, incomplete, known, opening

HOLE = Hole(why=Why.DENIED, message="no")
FACTS: dict[str, Any] = {
    "whole": {"a": 1, "list": [1, 2]},
    "hole": HOLE,
    "open": incomplete({"a": 1, "b": HOLE}, HOLE),
    "open_list": incomplete([1, 2], HOLE),
    "list": [1, HOLE],
}


def test_what_is_known_is_read_as_it_is() -> None:
    view = View(FACTS)
    assert dict(view["whole"])["a"] == 1
    assert list(view["whole"]["list"]) == [1, 2] and view["whole"]["list"] == [1, 2] and view["whole"] == {"a": 1, "list": [1, 2]}
    assert "a" in view["open"] and view["open"]["a"] == 1
    assert known(view["open"]) == ["a", "b"] and opening(view["open"]) == HOLE
    assert known(view["list"]) == [1] and opening(view["list"]) == HOLE
    assert 2 in view["open_list"]
    assert opening(view["whole"]) is None


@pytest.mark.parametrize(
    "read",
    [
        lambda view: view["hole"],
        lambda view: "hole" in view,
        lambda view: view.get("hole"),
        lambda view: view["open"]["c"],
        lambda view: view["open"].get("c"),
        lambda view: "c" in view["open"],
        lambda view: list(view["open"]),
        lambda view: len(view["open"]),
        lambda view: bool(view["open"]),
        lambda view: view["open"].items(),
        lambda view: view["open"]["b"],
        lambda view: list(view["open_list"]),
        lambda view: view["open_list"][0],
        lambda view: len(view["open_list"]),
        lambda view: 3 in view["open_list"],
        lambda view: list(view["list"]),
        lambda view: 3 in view["list"],
        lambda view: dict(view["open"]),
        lambda view: view["open"] == {"a": 1},
        lambda view: view["open_list"] == [1, 2],
    ],
)
def test_what_is_not_known_raises(read: Any) -> None:
    def reading() -> None:
        found = read(View(FACTS))
        if not isinstance(found, bool):
            list(found)

    with pytest.raises(HoleError) as caught:
        reading()
    assert caught.value.hole == HOLE
    assert attempt(reading) == HOLE


def test_two_views_of_the_same_facts_are_the_same_and_equal_ones_are_not() -> None:
    facts: dict[str, Any] = {"users": {"ann": {}}}
    view = View(facts)
    assert view["users"].is_same(View(facts)["users"]) and not view["users"].is_same(View({"users": {"ann": {}}})["users"])
    assert not view.is_same(facts)
