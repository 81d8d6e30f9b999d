"""Which accounts have a number: the files come first, and an account that is not known takes nothing from the others."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.model import Hole, OpenObject, Why, incomplete
from hostcheck.view import View
from hostcheck_builtin.accounts.id_index import ID_MAX, IdIndex, id_index, numeric

DENIED = Hole(why=Why.DENIED, message="no")
LISTS = st.dictionaries(st.sampled_from(["ann", "bob", "cat"]), st.integers(0, 3) | st.just(DENIED))


def of(numbers: dict[str, Any]) -> dict[str, Any]:
    found = {name: {"uid": number} for name, number in numbers.items()}
    return incomplete(found, numbers.hole) if isinstance(numbers, OpenObject) else found


def index(files: Any, service: Any) -> IdIndex:
    sources = (("principals", files), ("nss", service))
    return id_index(View({name: told if isinstance(told, Hole) else {"users": of(told)} for name, told in sources}), "users", "uid")


def test_numbers_of_owners() -> None:
    assert [numeric(text) for text in ("1001", "01001", "+5", " 5", "5 ", "-5", "a1", "", "4294967294", "4294967295", "99999999999")] == [
        *(1001, 1001, 5, 5, None, None, None, None, ID_MAX, None, None)
    ]
    assert [numeric(text) for text in ("\u0665", "+ 5", "++5", "5\n", "\v5")] == [None, None, None, None, 5]


def test_a_name_is_what_the_files_say_and_two_of_one_number_are_told_in_order() -> None:
    found = index({"ann": 1000, "toor": 0, "root": 0}, {"ann": 2000, "bob": 1000})
    assert (found.numbers, found.unknown, found.unsure) == ({"ann": 1000, "toor": 0, "root": 0, "bob": 1000}, None, set())
    assert list(found.within(0, 1000)) == ["toor", "root", "ann", "bob"]
    assert list(found.within(0, 2000, without=1000)) == ["toor", "root", "ann"] and list(found.within(1, 999)) == []
    assert [found.number_of(owner) for owner in ("ann", "gone", "77")] == [1000, None, 77]
    assert [found.has(number) for number in (1000, 2000, 3)] == [True, True, False]


@pytest.mark.parametrize("files", [DENIED, incomplete({"bob": 5}, DENIED)])
def test_where_the_files_are_not_known_a_name_of_the_service_means_no_number_for_certain(files: Any) -> None:
    found = index(files, {"ann": 1000})
    assert found.number_of("ann") == found.number_of("gone") == found.has(3) == DENIED
    assert (found.has(1000), found.number_of("7")) == (True, 7)
    assert found.number_of("bob") == (DENIED if files is DENIED else 5)


@given(LISTS, LISTS, st.booleans())
def test_a_hole_takes_nothing_away_and_no_absence_is_told_beside_one(files: dict[str, Any], service: dict[str, Any], more: bool) -> None:
    found = index(incomplete(files, DENIED) if more else files, service)
    holes = more or DENIED in files.values() or DENIED in service.values()
    assert found.unknown == (DENIED if holes else None)
    of_others = dict.fromkeys(service, DENIED) if more or DENIED in files.values() else service
    for name in ("ann", "bob", "cat", "dan"):
        hidden = DENIED in (files.get(name), service.get(name))  # it may have another number as well, of which a range has more than is seen
        assert found.number_of(name) == (DENIED if hidden else {**of_others, **files}.get(name, found.unknown))
    for told in (files, service):
        assert all(found.has(number) is True for number in told.values() if isinstance(number, int))
    assert list(found.within(0, 3)) == [name for number in sorted(found.names) for name in found.names[number]]
