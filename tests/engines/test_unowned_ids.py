"""Ids that only ACL entries know are one user of root's engines; whoever is more than that stays a user of their own."""

from typing import Any

from engines.scope_facts import DENIED, DOCKER, derive, docker, facts, reach

from hostcheck.model import Hole, OpenObject
from hostcheck_builtin.accounts.ways import UNOWNED
from hostcheck_builtin.engines import unowned_ids


def reached(*uids: int, **more: Any) -> Any:
    """Return a socket that these reach, each by an entry of its ACL."""
    told = reach(*uids)
    users = {
        f"uid {uid}": {"uid": uid, "name": f"uid {uid}", "why": [f"ACL entry user:uid {uid}"], "ways": {"x": {"kind": "acl", "entry": f"u:{uid}"}}, "via": []}
        for uid in uids
    }
    return {**told, "users": {**users, **more}}


def test_they_are_one_user_with_a_count() -> None:
    told = derive(facts({DOCKER: docker()}, reached={DOCKER: reached(70000, 70001, 70002, 70003)}))["users"]
    assert set(told) == {UNOWNED}
    assert told[UNOWNED]["who"] == f"4 {UNOWNED} (uid 70000, uid 70001, uid 70002 and 1 more)" and told[UNOWNED]["login"] == ""
    assert told[UNOWNED]["rootful_sockets"] == [DOCKER] and told[UNOWNED]["rootful_access"][DOCKER]["why"][3] == "ACL entry user:uid 70003"
    assert unowned_ids.named([70000]) == "uid 70000"


def test_who_has_another_way_or_an_account_or_of_whom_the_ways_are_not_known_is_none_of_them() -> None:
    others = {
        "ann": {"uid": 1000, "name": "ann", "why": ["ACL entry user:ann"], "ways": {"x": {"kind": "acl", "entry": "u:ann"}}, "via": []},
        "uid 70009": {
            "uid": 70009,
            "name": "uid 70009",
            "why": ["process 9 has group docker"],
            "ways": {"x": {"kind": "process", "pid": 9}},
            "via": ["docker"],
        },
        "uid 70008": {"uid": 70008, "name": "uid 70008", "why": DENIED, "ways": DENIED, "via": []},
    }
    told = derive(facts({DOCKER: docker()}, reached={DOCKER: reached(70000, **others)}))["users"]
    assert set(told) == {*others, UNOWNED} and told[UNOWNED]["who"] == "uid 70000"


def test_where_accounts_are_not_all_known_they_are_one_all_the_same() -> None:
    hidden = {**facts({DOCKER: docker()}, reached={DOCKER: reached(70000, 70001)}), "nss": DENIED}
    told = derive(hidden)["users"]
    assert isinstance(told, OpenObject | dict) and set(told) == {UNOWNED} and not isinstance(told[UNOWNED], Hole)
