"""The user of userns-remap as dockerd looks for it: account, group and ranges (compared with dockerd --validate in tests/real_engines)."""

import json
from typing import Any

import pytest
from daemon.daemon_host import DOCKER, JSON, roots
from daemon.test_analysis_daemon_config import derive
from sockets import access

from hostcheck.model import Hole, OpenArray, Why, incomplete
from hostcheck_builtin.daemon import named_accounts

DENIED = Hole(why=Why.DENIED, message="Permission denied")
USERS = [access.user("root", 0), access.user("ann", 1000), access.user("bob", 1001), access.user("eve", 1004), access.user("web", 33)]
GROUPS = [access.group(name, gid) for name, gid in (("root", 0), ("ann", 1000), ("bob", 1001), ("crew", 2000), ("eve", 1004))]


def ranges(*owners: str, irregular: Any = (), hole: Hole | None = None) -> Any:
    lines = {f"{owner}:100000": {"line": 1, "owner": owner, "start": 100000, "count": 65536} for owner in owners}
    return {"lines": incomplete(lines, hole), "irregular": {one: {"line": 2, "excerpt": one, "problems": ["x"]} for one in irregular}}


SUBIDS = {"files": {"/etc/subuid": ranges("ann", "1001", "web"), "/etc/subgid": ranges("ann", "1001", "web")}}


def refuses(value: str, subids: Any = SUBIDS, key: str = "userns-remap", **more: Any) -> Any:
    people = {name: one for name, one in access.facts(users=USERS, groups=GROUPS).items() if name in ("nss", "principals")}
    given = roots(files={JSON: json.dumps({key: value})})
    return derive(given, **{**people, "subids": subids, **more})["daemons"][DOCKER]["refuses"]


@pytest.mark.parametrize("value", ["", "default", "ann", "1000", "ann:ann", "ann:crew", "ann:2000", "1000:crew", "bob", "root", "0", "root:root", "web:crew"])
def test_who_is_found(value: str) -> None:
    found = refuses(value)
    assert found == [] and not isinstance(found, OpenArray), getattr(found, "hole", "")


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("nosuchuser", named_accounts.NOBODY),
        ("4000", named_accounts.NOBODY),
        ("ann:nosuchgroup", named_accounts.NO_GROUP),
        ("ann:4000", named_accounts.NO_GROUP),
        ("web", named_accounts.NO_GROUP),
        ("33", named_accounts.NO_GROUP),
        ("eve", f"{named_accounts.NO_RANGE}/etc/subuid"),
    ],
)
def test_who_is_not(value: str, why: str) -> None:
    assert refuses(value) == [why]


def test_a_range_of_groups_is_needed_too() -> None:
    assert refuses("ann", {"files": {**SUBIDS["files"], "/etc/subgid": ranges("bob")}}) == [f"{named_accounts.NO_RANGE}/etc/subgid"]


@pytest.mark.parametrize("subids", [DENIED, {"files": DENIED}, {"files": {path: ranges("bob", irregular=("ann:x:1",)) for path in named_accounts.FILES}}])
def test_ranges_that_are_not_known(subids: Any) -> None:
    assert isinstance(refuses("ann", subids), OpenArray) and refuses("ann", subids) == []
    assert not isinstance(refuses("default", subids), OpenArray)


def test_accounts_that_are_not_known() -> None:
    found = refuses("nosuchuser", nss={"users": DENIED, "groups": DENIED})
    assert isinstance(found, OpenArray) and found == []
    assert not isinstance(refuses("ann", nss={"users": DENIED, "groups": DENIED}), OpenArray)


@pytest.mark.parametrize("value", ["", "docker", "crew", "99999"])
def test_groups_of_the_socket(value: str) -> None:
    assert not isinstance(refuses(value, key="group"), OpenArray)


def test_a_group_of_the_socket_that_is_not_there() -> None:
    found = refuses("gone", key="group")
    assert isinstance(found, OpenArray) and found == [] and "gone" not in found.hole.message


@pytest.mark.parametrize("settings", [incomplete({}, DENIED), {"group": incomplete({"running": "x"}, DENIED)}, {"userns-remap": incomplete({}, DENIED)}])
def test_what_a_restart_would_give_is_not_known(settings: Any) -> None:
    found = named_accounts.refuses({}, {"refuses": [], "settings": settings})
    assert isinstance(found, OpenArray) and found == []
    assert named_accounts.refuses({}, {"refuses": DENIED, "settings": settings}) is DENIED
