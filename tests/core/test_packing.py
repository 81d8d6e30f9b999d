"""What is packed comes back as it was, whatever it is called; what repeats is there once, and few bytes are few bytes however many members there are."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hostcheck.documents import canonical, compact, parse, recognise, written
from hostcheck.packing import MANY, SHORT, pack, pack_facts
from hostcheck.parting import FactsError, part
from hostcheck.unpacking import unpack_facts

NAMES = st.sampled_from(["a", "b", "", "$", "$shared", "$table", "$list", "$all", "$paths", "$object", "names", "columns", "count", "/etc/passwd"]) | st.text()
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | NAMES
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner), max_leaves=20)
LONG = "x" * SHORT
"""A text that is not short where something repeats."""


def again(facts: Any) -> Any:
    """Return facts as they come back from a file."""
    return unpack_facts(**parse(compact(pack_facts(facts, small=-1)), "x"))[0]


def same(one: Any, other: Any) -> bool:
    """Say whether two values are written alike: True is not 1, nor 1.0."""
    return compact(one) == compact(other)


@st.composite
def crowds(draw: st.DrawFn) -> Any:
    """Return a collection with many members, some of which are alike, in one of the forms."""
    kinds = draw(st.lists(VALUES | st.dictionaries(NAMES, VALUES, min_size=1, max_size=3), min_size=1, max_size=3))
    keys = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    members = [draw(st.sampled_from(kinds)) if number % 7 == 0 else {key: draw(SCALARS) for key in keys} for number in range(MANY + 10)]
    members = draw(st.sampled_from([members, [one for one in members if isinstance(one, dict) and one.keys() == set(keys)], [*map(str, members)]]))
    if draw(st.booleans()):
        return members
    return {draw(NAMES) + str(number): member for number, member in enumerate(members)}


@given(VALUES | crowds() | st.tuples(crowds(), crowds(), VALUES).map(list))
@example([{"$shared": 0}, {"$object": {"$all": 1}}, {"$table": [{}]}])
@example([[LONG, 1], [LONG, True], [LONG, 1.0], [LONG, 1], [LONG, -0.0], [LONG, 0.0]])
@example([{LONG: number} for number in (1, True, 1.0, 0, False) * MANY])
def test_what_is_packed_comes_back_as_it_was(facts: Any) -> None:
    before = compact(facts)
    assert same(again(facts), json.loads(before))
    assert compact(facts) == before, "what is packed is not changed"


HASH = "0" * 64
OK = {"verb": "stat", "outcome": "ok", "path": "/"}


def evidence(**probes: dict[str, Any]) -> dict[str, Any]:
    """Return an evidence document, as it is in memory, with these probes."""
    about = {"tool": {"name": "hostcheck", "version": "1"}, "plugins": [], "refused": [], "target": {"kind": "local", "name": "h"}}
    about |= {"schema": "hostcheck.evidence/2", "clock": "2026-01-01T00:00:00Z", "euid": 0, "capabilities": "1ff"}
    stated = {"version": 1, "schema_sha256": HASH, "facts": {}, "holes": [], "sources": []}
    return {**about, "probes": {name: {**stated, **probe} for name, probe in probes.items()}}


def users(count: int, shell: str = "/bin/sh") -> dict[str, Any]:
    """Return the facts of so many accounts."""
    return {
        f"u{number}": {"name": f"u{number}", "uid": number, "gid": number, "home": f"/home/u{number}", "shell": shell} for number in range(1000, 1000 + count)
    }


def lines(count: int) -> dict[str, Any]:
    """Return the facts of so many lines of subordinate ids."""
    return {f"u{n}:{n * 65536}": {"line": n, "owner": f"u{n}", "start": n * 65536, "count": 65536} for n in range(100_000, 100_000 + count)}


SOURCES = st.lists(st.dictionaries(st.sampled_from(["path", "size", "volatile", "x"]), SCALARS | st.lists(SCALARS, max_size=2)).map(lambda more: OK | more))
ALIKE = [{**OK, "x": one} for one in (0, False, 0.0, -0.0, [0], [False], 0.0, -0.0, [0], None, "0")]
HOLES = st.lists(
    st.builds(
        lambda pointer, owners: {"pointer": pointer, "kind": "value", "why": "denied", "message": "no", **({"owners": owners} if owners else {})},
        st.text(),
        st.lists(st.integers(0, 9)),
    )
)


@given(st.dictionaries(st.text(min_size=1), st.fixed_dictionaries({"facts": VALUES | crowds(), "holes": HOLES, "sources": SOURCES}), max_size=3))
@example({"p": {"facts": {}, "holes": [], "sources": ALIKE}, "q": {"facts": {}, "holes": [], "sources": ALIKE[::-1]}})
@example({"p": {"facts": {}, "holes": [], "sources": [OK | {"size": 0, "x": None}, OK | {"x": None, "size": 0}]}})
def test_evidence_is_read_as_it_was_before_it_was_written(probes: dict[str, Any]) -> None:
    sized = {name: {**probe, "sources": [one for one in probe["sources"] if _is_valid(one)]} for name, probe in probes.items()}
    before = evidence(**sized)
    content = written(before)
    found = recognise(parse(content, "x"), "evidence", "x")
    assert same(found, before) and written(found) == content, "and is written again in the same bytes"


def _is_valid(source: dict[str, Any]) -> bool:
    """Say whether evidence may have this source."""
    size = source.get("size", 0)
    return isinstance(source["path"], str) and type(size) is int and size >= 0 and type(source.get("volatile", True)) is bool


CROWD = {f"m{number}": {"a": number} for number in range(MANY)}
NESTS: dict[str, Callable[[Any], Any]] = {
    "in an object": lambda inner: {"a": inner, "b": 1},
    "in what looks like a form": lambda inner: {"$shared": inner},
    "in a list": lambda inner: [inner, 1],
    "beside a crowd": lambda inner: {"a": inner, **CROWD},
    "in a crowd": lambda inner: {**CROWD, "m0": {"a": inner}},
    "in a list of many": lambda inner: [{"a": inner}, *CROWD.values()],
}


@pytest.mark.parametrize("name", NESTS)
def test_facts_as_deep_as_there_may_be_are_read_again(name: str) -> None:
    facts: Any = {}
    with suppress(FactsError):
        while True:
            facts = part(NESTS[name](facts))[0]
    before = evidence(p={"facts": facts})
    assert recognise(parse(written(before), "x"), "evidence", "x") == before


def test_version_1_is_written_as_it_is() -> None:
    one = {**evidence(p={"facts": {"$shared": 0}, "sources": [OK]}), "schema": "hostcheck.evidence/1"}
    assert written(one) == canonical(one) and recognise(json.loads(written(one)), "evidence", "x") == one


def test_few_members_are_left_as_people_read_them() -> None:
    facts = {**users(MANY - 1), "list": [{"a": number} for number in range(MANY - 1)]}
    assert pack(evidence(p={"facts": facts}))["probes"]["p"]["facts"] == facts


def test_what_stands_in_two_places_stands_once_however_deep_it_is() -> None:
    entry = {"acl": [{"tag": "user", "id": 1000, "perms": "rwx"}], "text": LONG}
    packed = pack(evidence(p={"facts": {"a": {"x": entry}, "b": [entry]}}, q={"facts": {"c": {"x": entry}}}))
    assert packed["shared"] == [entry] and packed["probes"]["q"]["facts"] == {"c": {"x": {"$shared": 0}}}
    assert compact(packed).count(LONG.encode()) == 1


def test_each_source_stands_once_in_the_order_of_the_first() -> None:
    several = [{**OK, "path": f"/etc/{number}"} for number in range(5)]
    packed = pack(evidence(p={"sources": several}, q={"sources": [several[4], *several[1:3], {**OK, "outcome": "absent"}]}))
    assert [packed["probes"][name]["sources"] for name in "pq"] == [[[0, 4]], [4, [1, 2], 5]]


def test_an_account_costs_less_than_100_bytes_although_the_name_service_says_other_things_of_some() -> None:
    def size(count: int) -> int:
        groups = {f"u{number}": {"name": f"u{number}", "gid": number, "members": [], "password": False} for number in range(1000, 1000 + count)}
        named = {name: {key: item for key, item in one.items() if key != "password"} for name, one in groups.items()}
        files, service = users(count), {**users(count), "ldap": {"name": "ldap", "uid": 7, "gid": 7, "home": "/", "shell": "/bin/bash"}}
        return len(written(evidence(principals={"facts": {"users": files, "groups": groups}}, nss={"facts": {"users": service, "groups": named}})))

    assert (size(20_000) - size(10_000)) / 10_000 < 100


def test_a_line_of_subordinate_ids_costs_less_than_60_bytes_in_both_files_together() -> None:
    def size(count: int) -> int:
        return len(written(evidence(subids={"facts": {"files": {"/etc/subuid": {"lines": lines(count)}, "/etc/subgid": {"lines": lines(count)}}}})))

    assert (size(20_000) - size(10_000)) / 10_000 < 60


def test_facts_of_a_crowd_are_sent_packed_and_those_of_a_usual_host_as_they_are() -> None:
    assert pack_facts(users(100)) == {"facts": users(100)}
    assert len(compact(pack_facts(users(10_000)))) < len(compact(users(10_000))) / 2
