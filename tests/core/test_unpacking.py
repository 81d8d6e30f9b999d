"""What somebody packed to do harm is refused by name and place, before it takes memory: bombs, circles, wrong numbers and wrong shapes."""

import copy
import json
import resource
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.documents import DocumentError, canonical, compact, parse, read
from hostcheck.parting import DEPTH
from hostcheck.unpacking import PackingError, Reader, unpack, unpack_facts

HASH = "0" * 64
EVIDENCE: dict[str, Any] = {
    **{"schema": "hostcheck.evidence/2", "tool": {"name": "hostcheck", "version": "1"}, "plugins": [], "refused": []},
    **{"target": {"kind": "local", "name": "h"}, "clock": "2026-01-01T00:00:00Z", "euid": 0, "capabilities": "1ff"},
    "probes": {"p": {"version": 1, "schema_sha256": HASH, "facts": {}, "holes": [], "sources": [[0, 1], 3]}},
    "sources": [
        {"$list": {"count": 2, "columns": {"verb": {"$all": "stat"}, "outcome": ["ok", "absent"], "path": {"$paths": [["/etc/", ["a", "b"]]]}}}},
        [{"verb": "users", "outcome": "ok"}, {"verb": "groups", "outcome": "denied"}],
    ],
    "shared": [],
}


def with_facts(facts: Any, *shared: Any) -> dict[str, Any]:
    """Return evidence with these facts."""
    document = copy.deepcopy(EVIDENCE)
    document["probes"]["p"]["facts"], document["shared"] = facts, list(shared)
    return document


def facts_of(facts: Any, *shared: Any) -> Any:
    """Return what these facts stand for."""
    return unpack(with_facts(facts, *shared))["probes"]["p"]["facts"]


def test_each_form_stands_for_what_the_schema_says() -> None:
    assert facts_of({"$shared": 1}, ["a"], [{"$shared": 0}, 1]) == [["a"], 1]
    assert facts_of({"$object": {"$shared": 0}}) == {"$shared": 0}
    assert facts_of({"$shared": 0, "other": 1}) == {"$shared": 0, "other": 1}
    assert facts_of({"$list": {"count": 2, "columns": {"a": [1, 2], "b": {"$all": [3]}}}}) == [{"a": 1, "b": [3]}, {"a": 2, "b": [3]}]
    table = [{"z": 0}, {"names": ["y", "a"], "columns": {"n": [1, 2]}}, {"names": {"$paths": [["/", ["x"]]]}, "columns": {"m": {"$shared": 0}}}]
    assert list(facts_of({"$table": table}, [True]).items()) == [("/x", {"m": True}), ("a", {"n": 2}), ("y", {"n": 1}), ("z", 0)]


def test_sources_are_named_by_number() -> None:
    assert unpack(EVIDENCE)["probes"]["p"]["sources"] == [
        {"verb": "stat", "outcome": "ok", "path": "/etc/a"},
        {"verb": "stat", "outcome": "absent", "path": "/etc/b"},
        {"verb": "groups", "outcome": "denied"},
    ]


def test_what_is_the_same_is_one_object() -> None:
    found = facts_of([{"$shared": 0}, {"$shared": 0}], {"a": 1})
    assert found[0] is found[1]


WIDE = [["x" * 1000] * 1000, *[[{"$shared": number}] * 10 for number in range(12)]]
"""Each has ten times what the one before it has: the last 10 to the power of 18 characters."""
DEEP = [[], *[[{"$shared": number}] for number in range(5000)]]
IN_A_TABLE = {"a": {"$table": [{}, {"names": ["b"], "columns": {"c": [{"$shared": DEPTH - 3}]}}]}}
"""Three levels, and as many below them as make one too many."""
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "itself": (with_facts(1, [{"$shared": 0}]), "/shared: what is shared has no number '0', or comes later"),
    "later": (with_facts(1, [{"$shared": 1}], []), "/shared: what is shared has no number '1'"),
    "missing": (with_facts({"$shared": 1}, []), "/probes/p/facts: what is shared has no number '1'"),
    "negative": (with_facts({"$shared": -1}, []), "no number '-1'"),
    "true": (with_facts({"$shared": True}, [], []), "no number 'True'"),
    "text": (with_facts({"$shared": "0" * 90}, []), "no number '00000000000000000000'"),
    "form": (with_facts({"$": 1}), "'$' is no form of packed facts"),
    "all": (with_facts({"$all": 1}), "'$all' is no form"),
    "object": (with_facts({"$object": 1}), "'$object' stands for no object"),
    "paths": (with_facts({"$paths": {}}), "'$paths' is not a list"),
    "pair": (with_facts({"$paths": [["/"]]}), "not a pair"),
    "directory": (with_facts({"$paths": [[1, []]]}), "not a list of directories and names"),
    "name": (with_facts({"$paths": [["/", [1]]]}), "not a list of directories and names"),
    "list": (with_facts({"$list": {"count": 1}}), "'$list' has not 'count' and 'columns' alone"),
    "count": (with_facts({"$list": {"count": True, "columns": {"a": [1]}}}), "'$list' has no number of members"),
    "none": (with_facts({"$list": {"count": 0, "columns": {"a": []}}}), "'$list' has no number of members"),
    "columns": (with_facts({"$list": {"count": 1, "columns": {}}}), "has no columns"),
    "longer": (with_facts({"$list": {"count": 1, "columns": {"a": [1, 2]}}}), "not as long as the others"),
    "shorter": (with_facts({"$list": {"count": 2, "columns": {"a": {"$shared": 0}}}}, {"a": 1}), "a column is not a list"),
    "table": (with_facts({"$table": []}), "'$table' does not begin with an object"),
    "others": (with_facts({"$table": [1]}), "'$table' does not begin with an object"),
    "part": (with_facts({"$table": [{}, {"names": []}]}), "a part of '$table' has not 'names' and 'columns' alone"),
    "numbers": (with_facts({"$table": [{}, {"names": [1], "columns": {"a": [1]}}]}), "the names of a part of '$table' are not texts"),
    "twice": (with_facts({"$table": [{}, {"names": ["a", "a"], "columns": {"a": [1, 2]}}]}), "a name stands twice"),
    "again": (with_facts({"$table": [{"a": 1}, {"names": ["a"], "columns": {"a": [1]}}]}), "a name stands twice"),
    "wide": (with_facts({"$shared": 12}, *WIDE), "/shared: holds more than 16 million values or 128 MiB once it is unpacked"),
    "rows": (with_facts({"$list": {"count": 10**9, "columns": {"a": {"$all": 1}}}}), "holds more than"),
    "many rows": (with_facts(1, *[{"$list": {"count": 10**6, "columns": {"a": {"$all": 1}}}}] * 100), "holds more than"),
    "names": (with_facts({"$list": {"count": 10**5, "columns": {"a" * 10**5: {"$all": 1}}}}), "holds more than"),
    "prefix": (with_facts({"$paths": [["x" * 10**6, ["a"] * 1000]]}), "holds more than"),
    "cells": (with_facts({"$list": {"count": 10**5, "columns": {"a": {"$all": ["x"] * 10**4}}}}), "holds more than"),
    "deep": (with_facts({"$shared": 5000}, *DEEP), f"nested more than {DEPTH} levels deep"),
    "deep facts": (with_facts(json.loads("[" * (DEPTH + 1) + "]" * (DEPTH + 1))), f"nested more than {DEPTH} levels deep"),
    "in a table": (with_facts(IN_A_TABLE, *DEEP[: DEPTH - 2]), "nested more than"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrongly_packed_is_refused_with_the_place(tmp_path: Path, name: str) -> None:
    document, words = WRONG[name]
    path = tmp_path / name
    path.write_bytes(canonical(document))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(DocumentError) as caught:
        read(str(path), "evidence")
    assert str(caught.value).startswith(f"{path}: /") and words in str(caught.value) and "\n" not in str(caught.value)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1 << 20, "less than 1 GiB"


def test_the_deepest_facts_there_may_be_are_read() -> None:
    assert facts_of({"$shared": DEPTH - 1}, *DEEP[:DEPTH]) == json.loads("[" * DEPTH + "]" * DEPTH)
    assert facts_of({"a": IN_A_TABLE["a"]}, *DEEP[: DEPTH - 3], []) == {"a": {"b": {"c": []}}}


SOURCES = {
    "beyond": ([4], "/probes/p/sources: there are no sources 4"),
    "past the end": ([[2, 4]], "there are no sources [2, 4]"),
    "backwards": ([[2, 1]], "there are no sources [2, 1]"),
    "many": ([[0, 3]] * 10**6, "/probes/p/sources: holds more than"),
    "negative": ([-1], "/probes/p/sources/0: -1 is less than the minimum of 0"),
    "text": (["0"], "/probes/p/sources/0: '0' is not of type 'integer', 'array'"),
    "three": ([[0, 1, 2]], "/probes/p/sources/0:"),
}


@pytest.mark.parametrize("name", SOURCES)
def test_sources_that_are_not_there_are_refused(tmp_path: Path, name: str) -> None:
    document = copy.deepcopy(EVIDENCE)
    document["probes"]["p"]["sources"], words = SOURCES[name]
    (tmp_path / "e").write_bytes(canonical(document))
    with pytest.raises(DocumentError, match="e: /") as caught:
        read(str(tmp_path / "e"), "evidence")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda one: one["probes"]["p"].update(holes={"$shared": 0}), "/probes/p/holes/0: 1 is not of type 'object', once it is unpacked"),
        (lambda one: one["probes"]["p"].update(holes={"a": 1}), "/probes/p/holes: {'a': 1} is not of type 'array', once it is unpacked"),
        (lambda one: one.update(sources=[[1]]), "/probes/p/sources"),
        (lambda one: one.update(sources=[{}]), "/sources/0: a column is not a list"),
        (lambda one: one.update(shared={}), "/shared: {} is not of type 'array'"),
        (lambda one: one.pop("shared"), "'shared' is a required property"),
    ],
)
def test_what_is_unpacked_is_as_valid_as_what_was_never_packed(tmp_path: Path, change: Any, words: str) -> None:
    document = with_facts({}, [1])
    change(document)
    (tmp_path / "e").write_bytes(canonical(document))
    with pytest.raises(DocumentError) as caught:
        read(str(tmp_path / "e"), "evidence")
    assert words in str(caught.value)


FORMS = st.sampled_from(["$shared", "$table", "$list", "$all", "$paths", "$object", "names", "columns", "count", "a"])
PACKED = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | st.sampled_from(["", "a", "/b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FORMS, inner, max_size=2),
    max_leaves=15,
)


@given(PACKED, st.lists(PACKED, max_size=3))
def test_whatever_is_there_is_unpacked_or_refused(facts: Any, shared: list[Any]) -> None:
    try:
        found, size = unpack_facts(facts, shared)
    except PackingError:
        return
    assert parse(canonical(found), "x") == found and size + 7 >= len(compact(found))


def test_a_reader_begins_with_nothing() -> None:
    with pytest.raises(PackingError, match="no number '0'"):
        Reader().value({"$shared": 0})
