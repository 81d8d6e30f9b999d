"""What is not known of people is one value that nobody changes, and of several holes the worst stands for all."""

from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.api import worst_hole
from hostcheck.model import Hole, Why
from hostcheck_builtin.accounts.people import People, Person, Unknown

DENIED, LIMIT, NONSENSE = (Hole(why=why, message=why) for why in (Why.DENIED, Why.LIMIT, Why.NONSENSE))
HOLES = st.sampled_from([None, DENIED, LIMIT, NONSENSE])
ANN = Person(key="ann", name="ann", uid=1000, login_capable=True)


def test_nothing_is_unknown_until_something_says_so() -> None:
    assert Unknown().of_known() is None and Unknown().missing([5]) is None
    with pytest.raises(FrozenInstanceError):
        Unknown().users = DENIED  # type: ignore[misc]


@given(st.lists(st.tuples(st.integers(0, 2), HOLES), max_size=6), HOLES, HOLES)
def test_who_has_a_group_is_unknown_by_what_is_worst(lacks: list[tuple[int, Hole | None]], groups: Hole | None, sessions: Hole | None) -> None:
    people = People(unknown=Unknown(groups=groups, sessions=sessions))
    before = people.unknown
    for gid, hole in lacks:
        people.lack(gid, hole)
    for gid in range(3):
        assert people.unknown.missing([gid]) == worst_hole(groups, *(hole for other, hole in lacks if other == gid))
    assert before == Unknown(groups=groups, sessions=sessions) and people.unknown.users is None
    assert people.unknown.of_known() == worst_hole(groups, sessions)


def test_a_denial_outranks_nonsense_of_one_group() -> None:
    unknown = Unknown().lacking(5, NONSENSE).lacking(5, DENIED).lacking(5, NONSENSE).lacking(6, NONSENSE)
    assert [unknown.missing([gid]) for gid in (5, 6, 7)] == [DENIED, NONSENSE, None]
    assert unknown.missing([6, 5]) == DENIED


def test_who_is_not_listed_may_have_any_name() -> None:
    people = People(unknown=Unknown(users=DENIED))
    people.add(ANN)
    assert people.named(1000) == [ANN]
    (stranger,) = people.named(1001)
    assert (stranger.key, stranger.name, stranger.login_capable) == ("uid 1001", DENIED, DENIED)
    assert people.ids_of(ANN, [5]).more is False
    assert People(unknown=Unknown(groups=DENIED)).ids_of(ANN, [5]).more is True


def test_a_key_of_facts_leads_to_a_uid() -> None:
    known = People()
    known.add(Person(key="ann", name="ann", uid=1000, login_capable=True))
    assert (known.uid_of("ann"), known.uid_of("uid 77"), known.uid_of("uid 77#2")) == (1000, 77, 77)
    assert known.uid_of("bob") is known.uid_of("uid x") is None
