"""What is about a user in facts and findings, and what that user may change there."""

from typing import Any

import pytest

from hostcheck.host.answers import Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, Why, incomplete
from hostcheck.testing.theirs import Theirs
from hostcheck.testing.whose import Whose

ANN = 1001
HOST = MemoryHost({"/etc/passwd": f"ann:x:{ANN}:{ANN}::/home/ann:/bin/sh\n"}, stats={"/home/ann": Stat(type="dir", uid=ANN, gid=ANN, mode=0o755)})
THEIRS = Theirs([ANN], Whose([HOST]))
HERS = Hole(why=Why.LIMIT, message="hers", owners=(ANN,))
ANYBODYS = Hole(why=Why.LIMIT, message="anybody's")
OTHERS = Hole(why=Why.LIMIT, message="another's", owners=(ANN, 7))
SCHEMA = {"type": "object", "properties": {"on": {"type": "boolean"}, "all": {"type": "object", "additionalProperties": {"type": "object"}}}}


@pytest.mark.parametrize(("text", "hers"), [("ann", True), ("/home/ann/x", True), ("unix:///home/ann/s", True), ("* of uid 1001", True), ("1001", True)])
def test_a_text_that_names_a_user_is_about_that_user(text: str, hers: bool) -> None:
    assert THEIRS.text(text) is hers
    assert not any(map(THEIRS.text, ("joann", "ann-marie", "/home/anna", "uid 10011", "10011", "/srv/ann")))


def facts(**members: Any) -> dict[str, Any]:
    return {"on": True, "all": {"/srv/x": {"mode": 1}, "/home/ann/x": {"mode": 2}, "y": {"mode": 3, "owner_uid": ANN}, **members}}


@pytest.mark.parametrize(
    "after",
    [
        facts(),
        facts(**{"/home/ann/x": HERS}),
        facts(**{"/home/ann/x": ANYBODYS}),
        facts(y=HERS),
        facts(**{"/home/ann/new": {"mode": 4}}),
        {"on": True, "all": incomplete({"/srv/x": {"mode": 1}}, HERS)},
        facts(z=HERS),
    ],
)
def test_what_is_hers_may_change(after: Any) -> None:
    assert [*THEIRS.facts(facts(), after, SCHEMA)] == []


@pytest.mark.parametrize(
    ("after", "words"),
    [
        ({**facts(), "on": False}, "/on: True became False"),
        ({**facts(), "on": HERS}, "/on: True became limit"),
        (facts(**{"/srv/x": HERS}), "/all//srv/x: {'mode': 1} became limit"),
        (facts(**{"/srv/x": {"mode": 2}}), "/all//srv/x/mode: 1 became 2"),
        (facts(z={"mode": 1}), "/all/z: is new"),
        ({"on": True, "all": {}}, "/all//srv/x: is gone"),
        ({"on": True, "all": HERS}, "/all: {"),
        ({"on": True, "all": incomplete(facts()["all"], ANYBODYS)}, "/all: is open for limit (anybody's) of anybody"),
        ({"on": True, "all": incomplete(facts()["all"], OTHERS)}, "/all: is open for limit (another's) of (1001, 7)"),
        (HERS, "/: {'on': True"),
    ],
)
def test_what_is_anothers_may_not(after: Any, words: str) -> None:
    found = [*THEIRS.facts(facts(), after, SCHEMA)]
    assert len(found) == 1 and found[0].startswith(words)


EXPLAINS = {"type": "object", "properties": {"words": {"x-explains": True, "type": "array"}}}


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [(["ann", "bob"], ["bob", "eve"], 0), (["ann", "bob"], ["ann"], 1), ([{"change": "a"}], [{"change": "b"}], 0), (["bob"], ANYBODYS, 1)],
)
def test_a_list_that_only_explains_loses_no_word_about_others(before: Any, after: Any, changes: int) -> None:
    assert len([*THEIRS.facts({"words": before}, {"words": after}, EXPLAINS)]) == changes


def test_a_member_that_leads_through_her_place_may_be_less_known() -> None:
    before, after = ({"on": True, "all": {"job": {"mode": mode, "runs": {"at": "/home/ann/x"}}}} for mode in (1, HERS))
    assert [*THEIRS.facts(before, after, SCHEMA)] == []


def finding(subject: str, result: str, because: str = "", **more: Any) -> dict[str, Any]:
    return {"rule": "R", "subject": subject, "result": result, "because": because, **more}


def test_who_is_behind_a_place_may_become_whoever_they_let_in() -> None:
    was, now = [finding("bob", "fail", "a")], [finding("whoever ann lets in", "error")]
    assert [*THEIRS.findings(was, now, behind=("bob",))] == []
    assert len([*THEIRS.findings(was, now)]) == len([*THEIRS.findings(was, [], behind=("bob",))]) == 1
    assert [*THEIRS.findings([finding("bob", "notchecked")], now, behind=("bob",))] == []
    assert len([*THEIRS.findings([finding("bob", "pass")], now, behind=("bob",))]) == 1


@pytest.mark.parametrize(("principal", "behind"), [("every local user", {"every local user", "bob", "carol"}), ("user:bob", {"bob"})])
def test_where_a_place_lets_everybody_in_all_users_are_behind_it(principal: str, behind: set[str]) -> None:
    steps = [{"to": "file:/home/ann/x", "because": "all may write"}]
    assert THEIRS.behind({"paths": [{"principal": principal, "steps": steps}], "principals": {"bob": {}, "carol": {}}}) == behind
    assert THEIRS.behind({"paths": [{"principal": principal, "steps": []}], "principals": {"bob": {}}}) == set()
    assert THEIRS.behind(ANYBODYS) == set()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([finding("ann", "fail")], [finding("ann", "error")]),
        ([finding("ann", "pass")], []),
        ([finding("x", "fail", uid=ANN)], [finding("* of uid 1001", "error")]),
        ([finding("", "notapplicable")], [finding("* of uid 1001", "error")]),
        ([finding("bob", "fail", "bob can change /home/ann/x")], [finding("bob", "error")]),
        ([finding("*", "notchecked")], [finding("*", "error")]),
        ([], [finding("other places", "error", "home of uid 1001: late")]),
    ],
)
def test_what_may_become_of_findings(before: Any, after: Any) -> None:
    assert [*THEIRS.findings(before, after)] == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([finding("ann", "fail")], [finding("ann", "pass")]),
        ([finding("ann", "fail")], []),
        ([finding("bob", "fail")], [finding("bob", "error")]),
        ([finding("bob", "fail", "bob can change /home/ann/x")], [finding("bob", "pass")]),
        ([finding("bob", "fail", "a")], [finding("bob", "fail", "b")]),
        ([finding("bob", "pass")], [finding("bob", "error")]),
        ([], [finding("*", "error")]),
        ([], [finding("*", "error", "home of uid 1001: late")]),
        ([], [finding("other places", "error", "home of uid 1002: late")]),
        ([], [finding("other places", "fail", "home of uid 1001: late")]),
        ([finding("", "notapplicable")], []),
    ],
)
def test_what_may_not(before: Any, after: Any) -> None:
    assert len([*THEIRS.findings(before, after)]) == 1
