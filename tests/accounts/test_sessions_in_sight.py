"""Processes count for their users where they see what is asked about, each container's by itself; what is not known of one opens only what it could tell."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from accounts.test_gather import DENIED, opened, session

from hostcheck.model import Hole
from hostcheck.view import View
from hostcheck_builtin.accounts.sessions_in_sight import all_sockets, sessions

SOCKET = {"/run/docker.sock": {"realpath": "/run/docker.sock", "owner_uid": 0}}
SEEN = {"host_mounts": False, "user_mounts": False, "host_paths": ["/run"], "traceable": False}


def ends(members: Any = None) -> Callable[[], Iterable[Any]]:
    return lambda: [DENIED if isinstance(members, Hole) else View(SOCKET if members is None else members)]


def found(*processes: Any, of: Any = None) -> list[tuple[int, Any, str]]:
    told, _ = sessions(View({"processes": {str(number): one for number, one in enumerate(processes)}}), ends(of))
    return [(one.ids.uid, one.reaches, one.container) for one in told]


@pytest.mark.parametrize(
    ("process", "told"),
    [
        (session(1000), [(1000, True, "")]),
        (session(0), []),
        (session(0, uids=[0, 0, 0, 1000]), []),
        (session(1000, uids=[1000, 0, 0, 0]), [(1000, True, "")]),
        (session(1000, uids=[1000, 1001, 1001, 1001]), [(1000, True, ""), (1001, True, "")]),
        (session(1000, count=0), []),
        (session(1000, **SEEN), [(1000, True, "")]),
        (session(1000, **{**SEEN, "host_paths": ["/srv"]}), []),
        (session(1000, **{**SEEN, "host_paths": []}), []),
        (session(1000, count=0, containers={"docker:x": {"count": 1, "pids": [9], "host_paths": ["/run"], "traceable": False}}), [(1000, True, "docker:x")]),
        (session(1000, count=0, containers={"docker:x": {"count": 1, "pids": [9], "host_paths": ["/srv"], "traceable": False}}), []),
        (session(1000, host_mounts=DENIED), [(1000, DENIED, "")]),
        (session(1000, user_mounts=True, host_mounts=False), [(1000, True, "")]),
    ],
)
def test_whose_processes_count(process: Any, told: list[Any]) -> None:
    assert found(process) == told


def test_a_collection_that_is_not_known_may_hold_what_is_seen() -> None:
    assert found(session(1000, **SEEN), of=DENIED) == [(1000, DENIED, "")] and found(session(1000, **SEEN), of=opened({})) == [(1000, DENIED, "")]
    ownerless = {"/run/x": {"realpath": DENIED, "owner_uid": DENIED}}
    assert found(session(1000, **SEEN), of=ownerless) == [(1000, DENIED, "")]
    assert found(session(1000, **SEEN), of={"/run/x": {"realpath": DENIED, "owner_uid": 1001}}) == []  # nothing of others follows from a user's


@pytest.mark.parametrize("processes", [DENIED, opened({})])
def test_processes_that_are_not_known_may_be_anybodys(processes: Any) -> None:
    told, hole = sessions(View({"processes": processes}), ends())
    assert told == [] and hole == DENIED


def test_a_setuid_program_of_roots_gives_nobody_its_groups() -> None:
    told, _ = sessions(View({"processes": {"x": session(1000, uids=[1000, 0, 0, 0], gids=[1000, 0, 0, 0], groups=[50])}}), ends())
    assert [one.ids.may for one in told] == [frozenset({1000, 50})]


def test_all_sockets_are_those_of_two_probes() -> None:
    told = list(all_sockets(View({"sockets": {"sockets": SOCKET}, "user-sockets": DENIED})))
    assert [isinstance(one, Hole) for one in told] == [False, True]


@pytest.mark.parametrize("hidden", ["dac_override", "powers", "mapped_uids", "mapped_gids"])
def test_of_whose_capabilities_it_is_not_known_the_groups_are(hidden: str) -> None:
    able = {"dac_override": True, "mapped_uids": [[0, 1]], "mapped_gids": [[0, 1]]}
    (whole,), _ = sessions(View({"processes": {"1": session(1000, groups=[5], **able)}}), ends())
    (told,), hole = sessions(View({"processes": {"1": session(1000, groups=[5], **{**able, hidden: DENIED})}}), ends())
    assert hole is None and told.able == DENIED and not told.ids.capable and 5 in told.ids.may
    assert whole.able is None and whole.ids.override and whole.ids.uids == ((0, 1),)


def test_ids_that_nobody_has_capabilities_over_need_not_be_known() -> None:
    (told,), _ = sessions(View({"processes": {"1": session(1000, groups=[5], mapped_uids=DENIED, mapped_gids=DENIED)}}), ends())
    assert told.able is None
