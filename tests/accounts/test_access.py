"""Who passes a route: each user with the way, and where not all is known a hole beside those who are."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.model import Hole, OpenArray, Why
from hostcheck_builtin.accounts.access import Access, Route, access, but, merged, nobody
from hostcheck_builtin.accounts.access_facts import stated, words
from hostcheck_builtin.accounts.dac import WRITE, Ids, Inode, Need
from hostcheck_builtin.accounts.people import People, Person, Session, Unknown
from hostcheck_builtin.accounts.ways import OUT_OF_REACH

DENIED = Hole(why=Why.DENIED, message="no")
KINDS = ("users", "groups", "lines", "names", "sessions", "reach", "grants")


def people(*sessions: Session, **unknown: Hole) -> People:
    """Return ann, whose group is docker (5), bob, who may get it by newgrp, and cat."""
    found = People(sessions=list(sessions), names={5: "docker"}, unknown=Unknown(**unknown))
    for number, name in enumerate(("ann", "bob", "cat")):
        found.add(Person(key=name, name=name, uid=1000 + number, login_capable=True))
    found.join(5, "ann", "group")
    found.stands(5, "ann", "docker")
    found.join(5, "bob", "gshadow member")
    for gid, way in ((1002, "primary group"), (9, "gshadow member"), (8, "group password")):
        found.join(gid, "cat", way)
    return found


def apart(**more: Any) -> Session:
    """Return the session of a process of cat's that sees /run alone of the host."""
    return Session(**{"ids": Ids(uid=1002, may={5}), "reaches": True, "host_paths": ("/run",), "pids": (7,), "count": 1, **more})


def route(mode: int, uid: int = 0, only: set[int] | None = None, named: bool = False) -> Route:
    place = Inode(path="/run/x.sock", uid=uid, gid=5, mode=mode)
    return Route(needs=(Need(place=place, want=WRITE),), only=None if only is None else frozenset(only), named=named)


@pytest.mark.parametrize(
    ("way", "told"),
    [
        (route(0o600), []),
        (route(0o660), ["ann (group docker)", "bob (member of group docker in /etc/gshadow)"]),
        (route(0o660, named=True), ["ann (group docker on /run/x.sock)", "bob (member of group docker in /etc/gshadow on /run/x.sock)"]),
        (route(0o660, only={1001, 1002}), ["bob (member of group docker in /etc/gshadow)"]),
        (route(0o600, uid=1002), ["cat (owner)"]),
        (route(0o600, uid=4000), ["uid 4000 (owner)"]),
        (route(0o606), ["every local user"]),
        (route(0o660, uid=1000), ["ann (owner)", "bob (member of group docker in /etc/gshadow)"]),
    ],
)
def test_who_passes_and_how(way: Route, told: list[str]) -> None:
    found = access(people(), [way])
    assert words(found) == told and not isinstance(words(found), OpenArray)


def test_where_everybody_passes_who_is_in_a_group_that_gives_nothing_does_not() -> None:
    found = access(people(), [route(0o606)])
    assert found.everyone and set(found.users) == {"bob", "cat"}  # ann cannot lay her group down
    assert access(people(), [route(0o606), route(0o660)]).users.keys() == {"ann", "bob", "cat"}


@pytest.mark.parametrize(
    ("session", "told"),
    [
        (Session(ids=Ids(uid=1002, may={5}), reaches=True), ["cat (a process has group docker)"]),
        (apart(), [f"cat (process 7 has group docker{OUT_OF_REACH})"]),
        (apart(gid=1002), ["cat (process 7 has group docker)"]),
        (apart(gid=9), ["cat (process 7 has group docker)"]),
        (apart(gid=8), [f"cat (process 7 has group docker{OUT_OF_REACH})"]),
        (apart(gid=1002, traceable=False), [f"cat (process 7 has group docker{OUT_OF_REACH})"]),
        (apart(gid=-1, host_paths=None, traceable=False), ["cat (process 7 has group docker)"]),
        (Session(ids=Ids(uid=1002, may={5}), reaches=True, host_paths=("/ru", "/srv")), []),
        (Session(ids=Ids(uid=1002, may={6}), reaches=True), []),
    ],
)
def test_a_session_passes_by_the_groups_that_it_kept(session: Session, told: list[str]) -> None:
    assert [one for one in words(access(people(session), [route(0o660)])) if one.startswith("cat")] == told


@pytest.mark.parametrize("more", [{"gid": 1002, "traceable": DENIED}, {"gid": 7}])
def test_whether_a_process_in_a_container_can_be_attached_to_may_not_be_known(more: Any) -> None:
    found = access(people(apart(**more), groups=DENIED), [route(0o660)])
    assert "cat" in found.users and found.users["cat"][1] == {} and found.uncertain == DENIED


def test_a_session_of_which_it_is_not_known_what_it_reaches_is_a_hole_and_nobody() -> None:
    found = access(people(Session(ids=Ids(uid=1002, may={5}), reaches=DENIED)), [route(0o660)])
    assert (found.hole, found.uncertain, set(found.users)) == (None, None, {"ann", "bob"})
    assert {key: hole for key, (_, hole) in found.unsure.items()} == {"cat": DENIED} and found.open == DENIED
    assert access(people(Session(ids=Ids(uid=1002, may={6}), reaches=DENIED)), [route(0o660)]).open is None


@pytest.mark.parametrize(("users", "opens"), [(1, False), (300, True)])
def test_whose_groups_are_not_known_is_told_by_name_and_opens_what_is_known_of_nobody_else(users: int, opens: bool) -> None:
    unread = Session(ids=Ids(uid=1002, more=True), reaches=True, unsure=DENIED, users=users)
    found = access(people(unread), [route(0o660)])
    assert set(found.unsure) == {"cat"} and set(found.users) == {"ann", "bob"} and found.uncertain is None
    assert (found.hole is not None) is opens  # others than the one under whose uid they stand
    told, closed = stated(found), access(people(unread), [route(0o600)])
    assert told["cat"] == DENIED and not isinstance(told["ann"]["why"], OpenArray) and isinstance(words(found), OpenArray)
    assert closed.unsure == {} and nobody(closed) is True and nobody(found) is False
    alone = access(people(Session(ids=Ids(uid=1002, more=True), reaches=True, unsure=DENIED)), [route(0o660, only=frozenset({1002}))])
    assert alone.users == {} and nobody(alone) == DENIED
    assert set(merged([found, Access()]).unsure) == {"cat"} and but(found, 1002).unsure == {} and set(but(found, 1000).unsure) == {"cat"}


@given(st.sets(st.sampled_from(KINDS)), st.integers(0, 0o777), st.sampled_from([0, 1000, 1002]))
def test_what_is_not_known_adds_nobody_and_hides_nobody_without_a_hole(unknown: set[str], mode: int, uid: int) -> None:
    whole, found = (access(people(**dict.fromkeys(kinds, DENIED)), [route(mode, uid)]) for kinds in (set[str](), unknown))
    assert found.everyone == whole.everyone and found.users.keys() <= whole.users.keys()
    assert found.hole is not None or found.users.keys() == whole.users.keys()
    assert whole.hole is None and (found.hole is None) >= (not unknown)


def test_of_whose_capabilities_it_is_not_known_is_told_by_name() -> None:
    unread = people(Session(ids=Ids(uid=1002, may={6}), reaches=True, able=DENIED))
    for one in (0o600, 0o660):
        found = access(unread, [route(one)])
        assert {key: hole for key, (_, hole) in found.unsure.items()} == {"cat": DENIED} and found.hole is None
    assert access(people(Session(ids=Ids(uid=1002, may={6}), reaches=True)), [route(0o600)]).unsure == {}
    assert access(people(Session(ids=Ids(uid=1002, may={6}), reaches=True, able=DENIED, host_paths=("/srv",))), [route(0o600)]).unsure == {}
