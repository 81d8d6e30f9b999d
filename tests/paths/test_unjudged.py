"""Entries are made of what is known alone: what is not stays a hole, and may be another who has the same thing run."""

from collections.abc import Iterator
from typing import Any

import pytest

from hostcheck.model import Hole, HoleError, OpenArray, Why, incomplete
from hostcheck.view import View
from hostcheck_builtin.paths import unjudged
from hostcheck_builtin.paths.unjudged import Unjudged

DENIED = Hole(why=Why.DENIED, message="no")


def entry(key: str = "a", *by_whom: str) -> Unjudged:
    return Unjudged(key, 0, {"what": key}, by_whom)


def of_one(collection: View, key: str) -> Iterator[Unjudged]:
    if collection[key]["tell"]:
        yield entry(key)


def test_each_member_is_told_and_each_hole() -> None:
    members = {"a": {"tell": True}, "b": {"tell": False}, "c": DENIED, "d": {"tell": DENIED}}
    assert list(unjudged.each(View(members), of_one)) == [entry(), DENIED, DENIED]
    assert list(unjudged.each(View(incomplete({"a": {"tell": True}}, DENIED)), of_one)) == [entry(), DENIED]
    assert list(unjudged.each(DENIED, of_one)) == [DENIED]


def test_entries_of_one_key_are_one_had_by_all() -> None:
    (one,) = unjudged.together(iter([entry("a", "bob"), entry("a", "ann"), entry("a", "bob")]))
    assert isinstance(one, Unjudged) and one.facts == {"what": "a", "by_whom": ["ann", "bob"]} and not isinstance(one.facts["by_whom"], OpenArray)
    one, hole = unjudged.together(iter([entry("a", "bob"), DENIED]))
    assert isinstance(one, Unjudged) and one.facts["by_whom"].hole == DENIED and hole == DENIED


def test_of_many_who_have_it_some_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unjudged, "NAMED", 2)
    names = entry("a", "cat", "ann", "bob", "dan").stated().facts["by_whom"]
    assert names == ["ann", "bob"] and names.hole.message == "2 more"


def test_evidence_of_another_version_may_lack_a_part() -> None:
    facts: Any = View({"root-programs": {"cron": {"files": {"a": 1}}}, "other": DENIED})
    told = unjudged.part(facts, "root-programs", "cron", "files")
    assert isinstance(told, View) and list(told) == ["a"]
    assert unjudged.part(facts, "root-programs", "cron", "places") == {}
    assert unjudged.part(facts, "other", "x") == DENIED


@pytest.mark.parametrize(("way", "has"), [("without_password", True), ("with_password", True), ("likely", True), ("", False)])
def test_a_way_to_root_is_one_that_is_certain_or_likely(way: str, has: bool) -> None:
    facts = View({"access-paths": {"principals": {"bob": {**dict.fromkeys(unjudged.WAYS, False), **({way: True} if way else {})}}}})
    assert unjudged.has_way(facts, "bob") is has and unjudged.has_way(facts, "root") and not unjudged.has_way(facts, "ann")


@pytest.mark.parametrize("principals", [DENIED, {"bob": DENIED}, incomplete({}, DENIED), {"bob": {"without_password": DENIED}}])
def test_whether_somebody_has_one_may_not_be_known(principals: Any) -> None:
    with pytest.raises(HoleError):
        unjudged.has_way(View({"access-paths": {"principals": principals}}), "bob")
