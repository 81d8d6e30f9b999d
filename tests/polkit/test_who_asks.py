from typing import Any

import pytest
from privileged_programs.rights import facts

from hostcheck.model import Hole, Why, incomplete
from hostcheck.view import View
from hostcheck_builtin.accounts.gather import gather
from hostcheck_builtin.polkit.who_asks import ANYWHERE, NETGROUP, SESSIONS, Askers, every, some

DENIED = Hole(why=Why.DENIED, message="no")


def askers(**more: Any) -> Askers:
    return Askers(gather(View(facts(**more)), list))


def test_what_decides_and_what_is_not_known() -> None:
    assert every([True, None, DENIED, False]) is False and every([True, None, DENIED]) == DENIED and every([True, None]) is None and every([]) is True
    assert some([False, None, DENIED, True]) is True and some([False, None, DENIED]) == DENIED and some([False, None]) is None and some([]) is False


@pytest.mark.parametrize(
    ("one", "who", "held"),
    [
        ("user:ann", "ann", True),
        ("user:1000", "ann", True),
        ("user:ann", "bob", False),
        ("!user:ann", "", True),
        ("group:wheel", "bob", True),
        ("group:50", "bob", True),
        ("group:nowhere", "bob", False),
        ("group:wheel", "", False),
        ("netgroup:n", "bob", NETGROUP),
        ("!netgroup:n", "bob", NETGROUP),
        ("netgroup:n", "", False),
        ("unknown", "bob", None),
        ("!unknown", "bob", None),
        ("local", "bob", False),
        ("!active", "bob", True),
        ("program:/x", "bob", True),
        ("program:/y", "bob", False),
    ],
)
def test_what_holds_for_somebody(one: str, who: str, held: object) -> None:
    assert askers().holds([[one]], who, ANYWHERE, "/x") == held


def test_sessions() -> None:
    assert {name: askers().holds([["local", "active"]], "ann", one, "") for name, one in SESSIONS.items()} == {
        **{"": False, "a session": False, "a session in the background of the console": False, "a session at the console": True}
    }


def test_groups_that_are_not_all_known() -> None:
    found = facts()
    found["nss"] = {"users": {}, "groups": {}, "memberships": incomplete({}, DENIED)}
    who = Askers(gather(View(found), list))
    assert who.is_one("group", "wheel", "bob") is True and who.is_one("group", "wheel", "ann") == DENIED
