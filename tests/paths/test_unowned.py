"""Ids in ACL entries that no account is known to have are one principal with a count, and nobody else becomes part of it."""

from typing import Any

import pytest
from paths.path_facts import NOTHING, SOCKET, changed, derived, host, people, person, socket

from hostcheck.model import Hole, Why
from hostcheck_builtin.accounts.ways import UNOWNED

DENIED = Hole(why=Why.DENIED, message="no")
CHANGES = "of them can change /usr/bin/dockerd"


def entry(uid: int, **more: Any) -> dict[str, Any]:
    return {"name": f"uid {uid}", "uid": uid, **person(f"ACL entry user:uid {uid}"), **more}


def entries(*uids: int) -> dict[str, Any]:
    return {f"uid {uid}": entry(uid) for uid in uids}


def reached(users: dict[str, Any], *more: Any, **values: Any) -> Any:
    """Return what is said where these users can connect to root's docker."""
    return derived(host(socket(everyone=False, users=users), *more), **values)


def test_many_ids_are_one_principal_whose_sentence_counts_them() -> None:
    found = reached({**entries(*range(70000, 70500)), **people(ann="ACL entry user:ann")["users"]})
    assert set(found["principals"]) == {"every local user", "ann", UNOWNED}
    assert found["principals"]["ann"]["ways"] == [f"ann can connect to {SOCKET} (ACL entry user:ann)"]
    (way,) = found["principals"][UNOWNED]["ways"]
    assert way == f"500 of them can connect to {SOCKET} (ACL entries for uid 70000, uid 70001, uid 70002 and 497 more)"
    rests_on = found["principals"][UNOWNED]["rests_on"]
    assert len(rests_on) == 4 and rests_on[0].endswith("/users/uid 70000")
    assert found["principals"][UNOWNED] == {**found["principals"]["ann"], "kind": "ids", "name": UNOWNED, "ways": [way], "rests_on": rests_on}
    assert (found["reach"]["users"], found["reach"]["ids"]) == (1, True)
    assert [path["principal"] for path in found["paths"]] == [UNOWNED, "user:ann"]


def test_one_id_is_told_as_it_was() -> None:
    assert reached(entries(70000))["principals"][UNOWNED]["ways"] == [f"uid 70000 can connect to {SOCKET} (ACL entry user:uid 70000)"]


def test_the_cut_has_one_change_for_all_of_them() -> None:
    program = changed("programs", "/usr/bin/dockerd", changed_by={"everyone": False, "users": entries(70000, 70001)})
    found = derived(host(program))
    assert found["principals"][UNOWNED]["ways"] == [f"2 {CHANGES} (ACL entries for uid 70000, uid 70001)"]
    assert [one["closes"] for one in found["cut"]] == [[UNOWNED]] and found["reach"]["smallest"]
    others = changed("programs", "/usr/bin/containerd", changed_by={"everyone": False, "users": entries(70000)})
    assert len(derived(host(program, others))["cut"]) == 2


@pytest.mark.parametrize(
    ("users", "more", "values"),
    [
        ({"uid 70000": entry(70000, **person("ACL entry user:uid 70000", "process 9 has group docker"))}, (), {}),
        ({"uid 70000": entry(70000, name="ldap-ann")}, (), {}),
        (entries(70000), (), {"approved_users": ["uid 70000"]}),
        (entries(70000), (("engine-scope", "rootless_users", "uid 70000", NOTHING),), {}),
    ],
)
def test_who_is_more_than_an_id_stays_one(users: dict[str, Any], more: Any, values: Any) -> None:
    found = reached({**users, **entries(70001)}, *more, **values)
    who = users["uid 70000"]["name"]  # who has a name is told by it
    assert set(found["principals"]) == {"every local user", who if isinstance(who, str) else "uid 70000", UNOWNED}
    assert [one["without_password"] for name, one in found["principals"].items() if name in ("uid 70000", "ldap-ann")] == [True]
    assert all(told["reaches_root"] for told in found["rootless_users"].values())


def test_what_is_not_known_of_an_id_takes_no_failure_away() -> None:
    for hidden in (entry(70000, name=DENIED), entry(70000, ways=DENIED), DENIED):
        found = reached({"uid 70000": hidden, **entries(70001)})["principals"]
        assert found[UNOWNED]["without_password"] is True
        assert "uid 70000" not in found or isinstance(found["uid 70000"], Hole)
