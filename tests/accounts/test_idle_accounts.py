"""As whom nobody acts: of Red Hat's four accounts it needs every sign, and one that is hidden leaves open who has root's group."""

from typing import Any

import pytest
from accounts.test_gather import DENIED, opened, session

from hostcheck.model import Hole
from hostcheck.view import View
from hostcheck_builtin.accounts.gather import gather

NOTHING = {"password": False, "crontab": False, "key": False, "rule": False, "unit": False}
OPERATOR = {"name": "operator", "uid": 11, "gid": 0, "home": "/root", "shell": "/sbin/nologin"}
ANN = {"name": "ann", "uid": 1000, "gid": 0, "home": "/home/ann", "shell": "/bin/sh"}
ROOT = {"name": "root", "gid": 0, "members": [], "password": False}
HOLDS: dict[str, dict[str, None]] = {"ann": {"primary group": None}}


def people(nss: Any = None, root: Any = ROOT, operator: Any = OPERATOR, **principals: Any) -> Any:
    users = {"operator": operator, "ann": ANN}
    files = {"users": users, "groups": {"root": root}, "gshadow": {}, "processes": {}, "stock_accounts": {"operator": NOTHING}, **principals}
    listed = {"users": users, "groups": {}, "memberships": {"operator": {"name": "operator", "gids": [0]}}}
    return gather(View({"principals": files, "nss": listed if nss is None else nss}))


def test_an_account_that_cannot_act_has_not_the_group_it_was_shipped_with() -> None:
    found = people()
    assert found.ways[0] == HOLDS and found.unknown.of == {}
    assert "operator" in found.persons  # what is open to everybody is open to it


@pytest.mark.parametrize("fact", list(NOTHING))
def test_one_sign_is_enough_for_an_account_to_count(fact: str) -> None:
    found = people(stock_accounts={"operator": {**NOTHING, fact: True}})
    assert set(found.ways[0]) == {"ann", "operator"} and found.unknown.of == {}


@pytest.mark.parametrize("uids", [[11] * 4, [1000, 11, 11, 11], [11, 0, 0, 0]])
def test_a_process_is_such_a_sign(uids: list[int]) -> None:
    assert set(people(processes={"x": session(1000, uids=uids)}).ways[0]) >= {"operator"}


@pytest.mark.parametrize(
    "hidden",
    [
        *({"stock_accounts": {"operator": {**NOTHING, fact: DENIED}}} for fact in NOTHING),
        {"stock_accounts": DENIED},
        {"stock_accounts": opened({})},
        {"stock_accounts": {"operator": DENIED}},
        {"processes": DENIED},
        {"processes": opened({})},
        {"processes": {"x": session(1000, uids=DENIED)}},
    ],
)
def test_what_is_hidden_acquits_nobody(hidden: dict[str, Any]) -> None:
    found = people(**hidden)
    assert found.ways[0] == HOLDS
    assert isinstance(found.unknown.missing([0]), Hole) and found.unknown.missing([999]) is None


def test_what_is_hidden_beside_a_sign_changes_nothing() -> None:
    found = people(stock_accounts={"operator": {**NOTHING, "key": True, "password": DENIED}})
    assert set(found.ways[0]) == {"ann", "operator"} and found.unknown.of == {}
    assert set(people(stock_accounts=DENIED, processes={"x": session(11)}).ways[0]) == {"ann", "operator"}


def test_who_was_added_to_the_group_by_hand_has_it() -> None:
    assert set(people(root={**ROOT, "members": ["operator"]}).ways[0]) == {"ann", "operator"}


def test_where_it_was_not_looked_at_or_is_another_account_it_counts() -> None:
    other = {**OPERATOR, "shell": "/bin/sh"}
    assert set(people(operator=other).ways[0]) == {"ann", "operator"}
    users = {"operator": OPERATOR}
    old = {"users": users, "groups": {"root": ROOT}, "gshadow": {}, "processes": {}}
    assert set(gather(View({"principals": old, "nss": {"users": users, "groups": {}, "memberships": {}}})).ways[0]) == {"operator"}
