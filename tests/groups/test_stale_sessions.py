"""Whose processes still have a group that nothing gives them any more, from facts written by hand."""

from typing import Any

import pytest
from groups.test_grants import engine_group, unit
from sockets.access import DENIED, DOCKER, LIMIT, group, logins, rule, session, user

from hostcheck.model import Hole, OpenObject, incomplete


def stale(*processes: Any, **more: Any) -> Any:
    return engine_group(processes=processes, **more)["stale_processes"]


def test_a_process_that_kept_the_group_is_left_over() -> None:
    told = stale(session(1002, 999, pids=[9, 7], count=2), session(1002, 27, 999, pids=[8]), session(1002, 27), session(0, 999))
    assert told == {"cat": {"uid": 1002, "name": "cat", "count": 3, "pids": [7, 8, 9]}}


def test_that_of_a_user_who_is_no_more_is_left_over() -> None:
    assert stale(session(4321, 999)) == {"uid 4321": {"uid": 4321, "name": "uid 4321", "count": 1, "pids": [77]}}


@pytest.mark.parametrize(
    "more",
    [
        {"groups": [group("docker", 999, "cat")]},
        {"groups": [group("docker", 999), group("containers", 999, "cat")]},
        {"users": [user("cat", 1002, 999)]},
        {"users": [user("tom", 1002, 999), user("cat", 1002)]},
        {"groups": [group("docker", 999, password=True)]},
        {"gshadow": {"docker": {"name": "docker", "password": False, "administrators": ["cat"], "members": []}}},
        {"grants": logins(rule())},
        {"grants": unit()},
    ],
)
def test_what_explains_that_a_process_has_the_group(more: Any) -> None:
    assert stale(session(1002, 999), **more) == {}


def test_a_user_whom_systemd_makes_for_a_service_is_explained_by_it() -> None:
    assert stale(session(61500, 999), grants=unit("", dynamic=True)) == {}
    assert set(stale(session(61500, 999))) == {"uid 61500"}
    assert set(stale(session(1500, 999), grants=unit("", dynamic=True))) == {"uid 1500"}


def test_what_a_container_was_given_is_not_left_over() -> None:
    assert stale(session(1002, 999, host=False, host_paths=[DOCKER])) == {}
    assert set(stale(session(1002, 999, host=False, user_mounts=True))) == {"cat"}


@pytest.mark.parametrize("more", [{"gshadow": DENIED}, {"grants": {"units": DENIED}}, {"grants": logins(rule(users="@net"))}, {"grants": DENIED}])
def test_what_may_explain_it_leaves_open_whether_it_is_left_over(more: Any) -> None:
    told = stale(session(1002, 999), **more)
    assert told == {} and isinstance(told, OpenObject)


def test_a_process_of_which_little_is_known() -> None:
    assert isinstance(stale(session(1002, 999, host=DENIED)), OpenObject)
    told = stale(session(1002, 999, pids=DENIED))
    assert isinstance(told["cat"]["pids"], Hole) and told["cat"]["count"] == 1
    assert isinstance(engine_group(processes=incomplete({}, LIMIT))["stale_processes"], OpenObject)
