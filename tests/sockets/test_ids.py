"""What names stand for that a unit or a command says."""

import pytest
from sockets.access import DENIED, facts

from hostcheck.model import HoleError
from hostcheck.view import View
from hostcheck_builtin.accounts.gather import gather
from hostcheck_builtin.sockets import ids


def test_names_and_numbers() -> None:
    people = gather(View(facts()))
    assert [ids.uid(people, name) for name in ("", "root", "ann", "1002", "77")] == [0, 0, 1000, 1002, 77]
    assert [ids.gid(people, name) for name in ("", "root", "docker", "50")] == [0, 0, 999, 50]
    assert ids.gid(people, "docker", otherwise=0) == 999


def test_a_name_that_nobody_has() -> None:
    people = gather(View(facts(groups=[])))
    for find in (ids.uid, ids.gid):
        with pytest.raises(ids.NoSuchName):
            find(people, "nosuch")
    assert ids.gid(people, "docker", otherwise=0) == 0
    with pytest.raises(ids.NoSuchName):
        ids.gid(people, "other", otherwise=0)


def test_where_names_may_be_missing_it_is_not_known() -> None:
    people = gather(View(facts(nss={"users": DENIED, "groups": DENIED, "memberships": DENIED})))
    for find in (ids.uid, ids.gid):
        with pytest.raises(HoleError):
            find(people, "nosuch")
