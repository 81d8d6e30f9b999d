"""Examples are patches on base hosts: what an entry says, and nothing else, differs from the host."""

from typing import Any

import pytest

from hostcheck.authoring.examples import applied, documents, merged
from hostcheck.documents import DocumentError
from hostcheck.model import Hole, OpenObject

HOSTS = {"server": {"k": {"sysctl": {"a": {"value": 1, "list": [1, 2]}}}, "s": {"sockets": {}}}, "laptop": {"k": {}, "s": {}}}


def one(entry: Any, at: str = "/k/sysctl/a") -> Any:
    return applied(entry, at, "server", HOSTS, "X")


def test_a_patch_changes_what_it_names_and_a_list_as_a_whole() -> None:
    assert one({"list": [3]})["k"]["sysctl"]["a"] == {"value": 1, "list": [3]}
    assert one({"value": None})["k"]["sysctl"]["a"] == {"list": [1, 2]}
    assert one({}) == HOSTS["server"] and one({"on": "laptop"}) == HOSTS["laptop"]


def test_pointers_lead_from_at_or_from_the_root() -> None:
    assert one({"//s/sockets/~1run": {"mode": 1}})["s"]["sockets"] == {"/run": {"mode": 1}}
    assert one({"/list": [9]})["k"]["sysctl"]["a"]["list"] == [9]
    assert one({"=": {"present": False}})["k"]["sysctl"]["a"] == {"present": False}
    assert one({"=/list": {}})["k"]["sysctl"]["a"] == {"value": 1, "list": {}}
    assert one(5)["k"]["sysctl"]["a"] == 5
    assert one({"whole": {"z": 1}}) == {"z": 1}


def test_holes_stand_where_the_entry_says() -> None:
    found = one({"holes": ["/value", "+//s/sockets"]})
    assert isinstance(found["k"]["sysctl"]["a"]["value"], Hole) and isinstance(found["s"]["sockets"], OpenObject)
    assert HOSTS["server"]["k"]["sysctl"]["a"]["value"] == 1, "the base host is left as it was"


def test_each_result_has_its_documents() -> None:
    written = {"at": "/k/sysctl/a", "pass": {}, "fail": [{"value": 0}, {"on": "laptop"}]}
    assert [(result, number) for result, number, _ in documents(written, HOSTS, "X")] == [("pass", 1), ("fail", 1), ("fail", 2)]


@pytest.mark.parametrize("entry", [{"on": "tablet"}, {"=/value/deep": 1}])
def test_what_cannot_be_applied_is_named(entry: Any) -> None:
    with pytest.raises(DocumentError, match="X"):
        one(entry)


def test_merging_is_that_of_rfc_7396() -> None:
    assert merged({"a": "b", "c": {"d": "e", "f": "g"}}, {"a": "z", "c": {"f": None}}) == {"a": "z", "c": {"d": "e"}}
    assert merged([1], {"a": 1}) == {"a": 1} and merged({"a": 1}, [1]) == [1]
