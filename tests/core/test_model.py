"""Facts with holes: parted into plain JSON, united again, and never silently changed."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from schema_cases import documents, pierce

from hostcheck.model import Hole, OpenArray, OpenObject, Why, incomplete, unread
from hostcheck.parting import DEPTH, LONG, FactsError, clean, escape, part, part_by_origin, settle, unite
from hostcheck.pointer import join, tokens
from hostcheck.schema.equality import holes_in


def same(a: Any, b: Any) -> bool:
    """Say whether two facts are equal, holes and openness included; a value hole in an object counts as such."""
    if type(a) is not type(b) or (isinstance(a, OpenObject | OpenArray) and a.hole != b.hole):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    return bool(a == b)


@given(documents(), st.randoms(use_true_random=False))
def test_uniting_undoes_parting(document: Any, rng: Any) -> None:
    pierced = pierce(document, rng)
    plain, holes = part(pierced)
    before = json.dumps([plain, holes])
    again = unite(plain, holes)
    assert json.dumps([plain, holes]) == before
    assert same(again, pierced)


@given(documents())
def test_what_is_plain_is_not_copied_and_nothing_is_changed(document: Any) -> None:
    before = json.dumps(document)
    assert part(document) == (document, []) and part(document)[0] is document
    assert part({"plain": document, "text": b"\xff".decode("utf-8", "surrogateescape"), "none": None})[0]["plain"] is document
    assert json.dumps(document) == before


@given(documents(), st.randoms(use_true_random=False))
def test_facts_that_stay_in_this_process_are_those_that_are_written_and_read(document: Any, rng: Any) -> None:
    pierced = pierce(document, rng)
    settled, read = settle(pierced, "probe"), unite(*part_by_origin(pierced), "probe")
    assert same(settled, read)
    assert sorted(hole.at for hole in holes_in(settled)) == sorted(hole.at for hole in holes_in(read))


@given(st.lists(st.text(max_size=5), max_size=4))
def test_a_pointer_gives_back_its_tokens(path: list[str]) -> None:
    pointer = ""
    for token in path:
        pointer = join(pointer, token)
    assert tokens(pointer) == path


@given(st.binary(max_size=20))
def test_any_bytes_become_text_that_utf8_can_write(raw: bytes) -> None:
    clean(raw.decode("utf-8", "surrogateescape")).encode()


@given(st.text(alphabet=st.characters(categories=["Cs", "Ll"]), max_size=5))
def test_lone_surrogates_become_text_that_utf8_can_write(text: str) -> None:
    clean(text).encode()


ODD = st.text(alphabet=st.sampled_from([*"\\xu5cdf8a", "\udc80", "\udcff", "\udcc3", "\udcbc", "\ud800", "ü"]), max_size=8)


@given(ODD, ODD)
def test_no_two_names_of_a_host_are_written_alike(one: str, other: str) -> None:
    written = [escape(name) for name in (one, other)]
    assert (written[0] == written[1]) == (one == other)
    assert [clean(name) for name in written] == written and [name.encode().decode() for name in written] == written


@pytest.mark.parametrize(
    ("name", "written"),
    [
        (b"\xff", r"\xff"),
        (rb"\xff", r"\x5cxff"),
        (rb"\x5cxff", r"\x5cx5cxff"),
        (rb"CORP\alice", r"CORP\alice"),
        (rb"dev-disk-by\x2duuid.mount", r"dev-disk-by\x2duuid.mount"),
        ("ü\x1b".encode(), "ü\x1b"),
    ],
)
def test_a_name_is_written_as_it_is_unless_it_looks_like_another(name: bytes, written: str) -> None:
    assert escape(name.decode("utf-8", "surrogateescape")) == written


def test_what_a_host_gave_is_parted_without_loss() -> None:
    twins = {"\udcff": "\udcff", "\\xff": Hole(why=Why.DENIED, message="/\\xff: no"), "\\x5cxff": 3}
    plain, holes = part(twins, escape)
    assert plain == {r"\xff": r"\xff", r"\x5cx5cxff": 3} and [(hole["pointer"], hole["message"]) for hole in holes] == [(r"/\x5cxff", r"/\x5cxff: no")]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({1: 2}, "a key that is not text"),
        ({"a": object()}, "/a: object is not JSON"),
        ({"a": float("nan")}, "/a: float is not JSON"),
        ([float("inf")], "/0"),
        ({"a": {"b": b"bytes"}}, "/a/b: bytes"),
        ({"\udcff": 1, "\\xff": 2}, "two keys are the same"),
    ],
)
def test_what_is_not_json_is_named_by_its_place(facts: Any, words: str) -> None:
    with pytest.raises(FactsError, match=r".") as caught:
        part(facts)
    assert words in str(caught.value)


def test_facts_nested_without_end_are_refused() -> None:
    facts: Any = []
    for _ in range(5000):
        facts = [facts]
    with pytest.raises(FactsError, match="nested more than"):
        part(facts)


@pytest.mark.parametrize("pointer", ["/a/b/c", "/list/7", "/list/x", "/text/a"])
def test_a_hole_without_a_place_is_refused(pointer: str) -> None:
    hole = {"pointer": pointer, "kind": "value", "why": "denied", "message": ""}
    with pytest.raises(FactsError, match="has no place"):
        unite({"list": [], "text": "x"}, [hole])


def test_a_hole_tells_where_it_is() -> None:
    facts = unite({"a": {}}, part({"a": {"b": Hole(why=Why.DENIED, message="no")}})[1], "probe")
    assert facts["a"]["b"].at == "probe/a/b"
    assert incomplete({}, facts["a"]["b"]).hole.why is Why.DENIED


def test_what_is_not_known_leaves_no_value_behind() -> None:
    hole = Hole(why=Why.DENIED, message="no")
    plain, holes = part({"a": hole, "list": [hole, 1], "b": incomplete({}, hole)})
    assert plain == {"list": [None, 1], "b": {}}
    assert [(entry["pointer"], entry["kind"]) for entry in holes] == [("/a", "value"), ("/b", "members"), ("/list/0", "value")]


def test_only_what_leads_to_a_hole_is_copied() -> None:
    denied = Hole(why=Why.DENIED, message="no")
    plain, holes = part({"far": {"big": [1, 2]}, "near": {"hole": denied, "far": [3]}, "open": incomplete({"a": {"b": denied}}, denied)})
    before = copy.deepcopy(plain)
    facts = unite(plain, holes)
    assert plain == before and facts["near"] == {"hole": denied, "far": [3]} and facts["open"]["a"] == {"b": denied} and facts["open"].hole == denied
    assert facts["far"] is plain["far"] and facts["near"]["far"] is plain["near"]["far"]
    assert facts["near"] is not plain["near"] and facts["open"]["a"] is not plain["open"]["a"]


def test_a_hole_says_once_whose_things_it_is_about() -> None:
    hole = Hole(why=Why.LIMIT, message="too much")
    assert (hole.owner, hole.of(7).owners, hole.of(7).of(8).owners, hole.of(0)) == (0, (7,), (7,), hole)
    assert Hole(why=Why.LIMIT, message="too much", owners=(7, 8)).owner == 0


def test_a_list_that_was_met_before_may_not_nest_deeper_where_it_stands_again() -> None:
    def nested(value: Any, levels: int) -> Any:
        for _ in range(levels):
            value = [value]
        return value

    long = [nested("x", 20)] * LONG
    assert part({"a": long, "b": nested(long, DEPTH - 24)})[1] == []
    for facts in ({"a": long, "b": nested(long, DEPTH - 20)}, {"b": nested(long, DEPTH - 20)}):
        with pytest.raises(FactsError, match="nested"):
            part(facts)


@pytest.mark.parametrize(
    ("why", "message", "said"),
    [
        ("denied", "/etc/sudoers: Permission denied", "/etc/sudoers: Permission denied"),
        ("denied", "no", "no: access denied"),
        ("denied", "", "access denied"),
        ("timeout", "no answer in time", "no answer in time"),
        ("timeout", "/run/x", "/run/x: too late"),
        ("crashed", "exit code 1", "exit code 1: the probe failed"),
        ("nonsense", "is no number", "is no number: which makes no sense"),
        ("limit", "more than 400", "more than 400"),
        ("unsupported", "", "unsupported"),
        ("else", "x", "x"),
    ],
)
def test_why_something_was_not_read_is_said_in_words(why: str, message: str, said: str) -> None:
    assert unread(why, message) == said
