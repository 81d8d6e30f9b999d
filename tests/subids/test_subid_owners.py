"""How many ids each owner has by name, other name and number, and who runs an engine with none."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from subids.coverage import DENIED, GROUPS, LDAP, USERS, derive, facts

from hostcheck.model import Hole, OpenObject, incomplete

TOLD = ("names", "exists", "subuid_total", "subgid_total")


def totals(held: dict[str, Any]) -> dict[str, Any]:
    return {name: {key: member[key] for key in TOLD} for name, member in held.items()}


def test_what_each_owner_has() -> None:
    found = derive(facts("ann:100:10\nann:105:10\n1000:200:5\nbob:0x10:1\ngone:1:1\n", "ann:1:3\n"))["holders"]
    assert totals(found) == {
        "ann": {"names": ["ann"], "exists": True, "subuid_total": 20, "subgid_total": 3},
        "1000": {"names": ["1000"], "exists": True, "subuid_total": 20, "subgid_total": 3},
        "bob": {"names": ["bob"], "exists": True, "subuid_total": 1, "subgid_total": 0},
        "gone": {"names": ["gone"], "exists": False, "subuid_total": 1, "subgid_total": 0},
    }


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 20)), min_size=1, max_size=12))
def test_ids_are_counted_once(told: list[tuple[int, int]]) -> None:
    content = "".join(f"ann:{start}:{count}\n" for start, count in told)
    ids = {number for start, count in told for number in range(start, start + count)}
    assert derive(facts(content))["holders"]["ann"]["subuid_total"] == len(ids)


def test_a_user_of_an_engine_without_a_range_is_told_with_none() -> None:
    rootless = {"ann": {"uid": 1000, "engines": ["docker"]}, "bob": {"uid": 1001, "engines": ["podman"]}}
    told = derive(facts("bobby:100000:65536\n", rootless=rootless))
    bobby = {"names": ["bobby"], "exists": True, "subuid_total": 65536, "subgid_total": 0}
    assert totals(told["holders"]) == {"bobby": bobby}  # bob's uid is bobby's, and so are the ranges
    assert totals(told["users"]) == {"bobby": bobby, "ann": {"names": ["ann"], "exists": True, "subuid_total": 0, "subgid_total": 0}}
    assert set(derive(facts("1000:100000:65536\n", rootless=rootless))["users"]) == {"1000", "bob"}


def test_a_user_of_whom_it_is_not_known_whether_they_run_an_engine_costs_nobody_else() -> None:
    told = derive(facts("bob:100000:65536\n", rootless={"ann": DENIED, "bob": DENIED}))["users"]
    assert isinstance(told["ann"], Hole) and told["bob"]["subuid_total"] == 65536 and not isinstance(told, OpenObject)
    for rootless in (DENIED, incomplete({}, DENIED)):
        told = derive(facts("bob:100000:65536\n", rootless=rootless))["users"]
        assert isinstance(told, OpenObject) and set(told) == {"bob"}


def test_a_range_of_somebody_not_known_may_be_that_of_a_user_without_one() -> None:
    listed = {"users": incomplete(USERS, LDAP), "groups": GROUPS}
    told = derive(facts("carol:100000:65536\n", nss=listed, rootless={"ann": {"uid": 1000, "engines": ["docker"]}}))["users"]
    assert isinstance(told["ann"]["subuid_total"], Hole) and told["ann"]["subgid_total"] == 0
