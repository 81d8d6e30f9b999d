"""Who is on a host is gathered from several sources, and what one of them does not tell leaves open just what it could have told."""

from typing import Any

import pytest

from hostcheck.model import Hole, HoleError, OpenObject, Why
from hostcheck.view import View
from hostcheck_builtin.accounts.gather import MANY, gather, lets_in, users
from hostcheck_builtin.accounts.people import Unknown

DENIED = Hole(why=Why.DENIED, message="no")


def opened(members: dict[str, Any]) -> OpenObject:
    found = OpenObject(members)
    found.hole = DENIED
    return found


def session(uid: int, **more: Any) -> dict[str, Any]:
    common = {"gids": [uid] * 4, "groups": [], "count": 1, "pids": [7], "host_mounts": True, "host_paths": [], "user_mounts": False, "containers": {}}
    return {"uids": [uid] * 4, **common, "dac_override": False, "dac_read_search": False, "powers": [], **more}


def facts(nss: Any = None, **principals: Any) -> View:
    user = {"name": "ann", "uid": 1000, "gid": 1000, "home": "/home/ann", "shell": "/bin/sh"}
    group = {"name": "docker", "gid": 999, "members": ["ann"], "password": False}
    files = {"users": {"ann": user}, "groups": {"docker": group}, "gshadow": {}, "processes": {}, **principals}
    return View({"principals": files, "nss": {"users": {}, "groups": {}, "memberships": {}} if nss is None else nss})


def test_where_all_is_told_nothing_is_unknown() -> None:
    people = gather(facts())
    assert people.unknown == Unknown()
    assert people.ways[999] == {"ann": {"group": None}} and people.ways[1000] == {"ann": {"primary group": None}}


@pytest.mark.parametrize(
    ("told", "unknown"),
    [
        ({"users": opened({})}, {"users", "groups", "lines"}),
        ({"groups": opened({})}, {"names", "groups", "lines"}),
        ({"gshadow": DENIED}, {"groups"}),
        ({"processes": DENIED}, {"sessions"}),
        ({"processes": opened({})}, {"sessions"}),
        ({"processes": {"x": session(1000, gids=DENIED)}}, {"kept"}),
        ({"processes": {"x": session(1000, host_mounts=DENIED)}}, {"reach"}),
        ({"nss": DENIED}, {"users", "names", "groups", "lines"}),
        ({"nss": {"users": opened({}), "groups": {}, "memberships": {}}}, {"users", "groups", "lines"}),
        ({"nss": {"users": {}, "groups": opened({}), "memberships": {}}}, {"names", "groups", "lines"}),
        ({"nss": {"users": {}, "groups": {}, "memberships": DENIED}}, {"groups", "lines"}),
        ({"nss": {"users": {}, "groups": {}, "memberships": {"ann": {"name": "ann", "gids": DENIED}}}}, {"groups", "lines"}),
    ],
)
def test_what_one_source_does_not_tell_is_unknown(told: dict[str, Any], unknown: set[str]) -> None:
    found = gather(facts(**told)).unknown
    assert {name for name in ("users", "names", "groups", "lines", "sessions", "kept", "reach", "grants") if getattr(found, name) is not None} == unknown
    assert found.of == {}


def test_without_the_files_nobody_is_known() -> None:
    for part in ("users", "groups"):
        with pytest.raises(HoleError):
            gather(facts(**{part: DENIED}))


def test_somebody_with_a_process_is_somebody() -> None:
    people = gather(facts(processes={"a": session(1001), "b": session(1001), "c": session(1002, host_mounts=False), "d": session(1003, host_mounts=DENIED)}))
    assert set(people.persons) == {"ann", "uid 1001"} and len(people.sessions) == 3


@pytest.mark.parametrize(("shell", "lets"), [("/bin/sh", True), ("", True), ("/usr/sbin/nologin", False), ("/bin/false", False)])
def test_a_shell_lets_in_or_does_not(shell: str, lets: bool) -> None:
    assert lets_in(shell) is lets


def test_a_line_behind_a_sign_gives_its_group() -> None:
    line = {"line 3": {"gid": 998, "members": ["ann", "nobody-here"]}}
    people = gather(facts(commented_groups=line))
    assert people.ways[998] == {"ann": {"group": None}} and people.commented == {998: {"ann": ["line 3"]}} and people.unknown == Unknown()
    assert people.label(998) == "gid 998"
    assert gather(facts(commented_groups=DENIED)).unknown.groups == DENIED


def crowd(**more: Any) -> View:
    """Return facts on so many users that what is made of them is kept."""
    people = {f"u{uid}": {"name": f"u{uid}", "uid": uid, "gid": uid, "home": f"/home/u{uid}", "shell": "/bin/sh"} for uid in range(2000, 2000 + MANY)}
    groups = {"docker": {"name": "docker", "gid": 999, "members": list(people), "password": False}}
    return facts(users=people, groups=groups, **more)


def test_what_one_analysis_adds_to_very_many_users_the_next_does_not_see() -> None:
    told = crowd()
    first, named = gather(told), users(told)
    first.join(999, "u2001", "other")
    first.join(7, "u2001", "other")
    first.add(first.nameless(77))
    named.add(named.nameless(77))
    second = gather(View(dict(told)))
    assert second.ways[999]["u2001"] == {"group": None} and 7 not in second.ways and 77 not in second.by_uid
    assert 77 not in users(told).by_uid and second.persons == users(told).persons and len(second.persons) == MANY
    assert second == gather(crowd()), "what is made of other facts that say the same"


def test_very_many_users_of_another_host_are_others() -> None:
    gather(crowd())
    processes = {"x": session(5)}
    there = gather(crowd(processes=processes, gshadow={"docker": {"administrators": ["u2000"], "members": [], "password": False}}))
    assert 5 in there.by_uid and there.ways[999]["u2000"] == {"group": None, "group administrator": None}
    assert gather(crowd(gshadow=DENIED)).unknown.groups == DENIED
