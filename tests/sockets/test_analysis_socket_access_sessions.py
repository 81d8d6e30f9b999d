"""Which living processes socket-access counts, by what they see and what they may do."""

from typing import Any

import pytest
from laws import breaches
from sockets.access import DENIED, DOCKER, derive, facts, group, place, reached, route, session, user, whys

from hostcheck.model import Hole, OpenArray, OpenObject, incomplete
from hostcheck.testing.analyses import hide as changed
from hostcheck.testing.analyses import leaves
from hostcheck_builtin.accounts.ways import OUT_OF_REACH

CAT = {"groups": [group("docker", 999)], "users": [user("cat", 1002)]}
EVERYTHING = [[0, 4294967295]]
FOUND = {"cat": ["process 77 has group docker"]}

HAS = "process 77 has capability"


def test_a_session_counts_where_a_user_may_have_made_what_it_sees() -> None:
    assert whys(reached(route(), **CAT, processes=[session(1002, 999, host=False, user_mounts=True)])) == FOUND
    assert whys(reached(route(), **CAT, processes=[session(1002, 999, host=DENIED, user_mounts=True)])) == FOUND
    assert whys(reached(route(), **CAT, processes=[session(1002, 999, host=False)])) == {}
    assert not isinstance(reached(route(), **CAT, processes=[session(1002, 999, host=False)])["users"], OpenObject)


@pytest.mark.parametrize("more", [{"user_mounts": DENIED}, {"host": DENIED}, {"host_paths": DENIED}])
def test_what_a_session_sees_may_not_be_known(more: Any) -> None:
    found = reached(route(), **CAT, processes=[session(1002, 999, **{"host": False, **more})])["users"]
    assert set(found) == {"cat"} and isinstance(found["cat"], Hole) and not isinstance(found, OpenObject)


@pytest.mark.parametrize(
    ("paths", "counts"), [(["/run/docker.sock"], True), (["/run"], True), (["/"], True), (["/run/docker.sock.d", "/srv", "/run/docker"], False), ([], False)]
)
def test_a_container_counts_where_a_socket_is_mounted(paths: list[str], counts: bool) -> None:
    assert whys(reached(route(), **CAT, processes=[session(1002, 999, host=False, host_paths=paths)])) == (FOUND if counts else {})


def test_a_socket_that_is_mounted_is_got_past_its_directories() -> None:
    told = route()
    told["parents"]["/run"] = place("0700")
    assert whys(reached(told, **CAT, processes=[session(1002, 999)])) == {}
    assert whys(reached(told, **CAT, processes=[session(1002, 999, host=False, host_paths=[DOCKER])])) == FOUND


CONTAINERD = "/run/containerd/containerd.sock"


def both(**more: Any) -> Any:
    """Derive who reaches two sockets of root's group, of which one is in a directory that any group 0 may change."""
    below = route(CONTAINERD, gid=0)
    below["parents"]["/run/containerd"] = place("0770")
    return derive(facts(route(gid=0), below, users=[], groups=[group("root", 0)], processes=[session(1001, gid=0, host=False, **more)]))["sockets"]


@pytest.mark.parametrize(
    ("paths", "docker", "containerd", "replaced"),
    [
        ([DOCKER], True, False, False),
        ([CONTAINERD], False, True, False),
        ([DOCKER, CONTAINERD], True, True, False),
        (["/run/containerd"], False, True, True),
        (["/run"], True, True, True),
        (["/"], True, True, True),
        (["/srv"], False, False, False),
    ],
)
def test_a_container_gets_at_the_sockets_that_are_mounted_in_it_and_at_no_other(paths: list[str], docker: bool, containerd: bool, replaced: bool) -> None:
    told = both(host_paths=paths)
    way = {"uid 1001": [f"process 77 has group root{OUT_OF_REACH}"]}  # who has this uid has no group
    assert (whys(told[DOCKER]), whys(told[CONTAINERD])) == (way if docker else {}, way if containerd else {})
    assert list(told[CONTAINERD]["replaceable_by"]["users"]) == (["uid 1001"] if replaced else [])
    assert not any(isinstance(one["users"], OpenObject) for one in told.values())


@pytest.mark.parametrize("more", [{"host_paths": DENIED}, {"host_paths": [DOCKER], "user_mounts": DENIED}, {"host_paths": incomplete([DOCKER], DENIED)}])
def test_where_it_is_not_known_what_is_mounted_none_of_them_is_known(more: Any) -> None:
    for one in both(**more).values():
        assert set(one["users"]) == {"uid 1001"} and isinstance(one["users"]["uid 1001"], Hole) and not isinstance(one["users"], OpenObject)


def test_a_user_who_can_change_what_is_mounted_gets_at_all_of_them() -> None:
    assert all(set(one["users"]) == {"uid 1001"} for one in both(host_paths=[DOCKER], user_mounts=True).values())


def test_a_capability_in_a_container_reaches_only_what_is_mounted() -> None:
    told = both(host_paths=[DOCKER], dac_override=True, mapped_uids=EVERYTHING, mapped_gids=EVERYTHING)
    assert list(told[DOCKER]["users"]) == ["uid 1001"] and told[CONTAINERD]["users"] == {}
    assert told[DOCKER]["replaceable_by"]["users"] == told[CONTAINERD]["replaceable_by"]["users"] == {}


def test_what_is_mounted_is_compared_with_all_sockets_that_are_known() -> None:
    told = facts(route(), **CAT, processes=[session(1002, 999, host=False, host_paths=["/srv"])])
    told["sockets"]["sockets"] = incomplete(told["sockets"]["sockets"], DENIED)
    found = derive(told)
    assert isinstance(found["engine_groups"]["docker"]["members"], OpenArray)
    assert found["sockets"][DOCKER]["users"] == {} and not isinstance(found["sockets"][DOCKER]["users"], OpenObject)


def powerful(uids: Any = EVERYTHING, gids: Any = EVERYTHING, *powers: str) -> dict[str, Any]:
    return session(1002, powers=list(powers or ("cap_setgid",)), mapped_uids=uids, mapped_gids=gids)


@pytest.mark.parametrize(
    ("uids", "gids", "counts"),
    [
        (EVERYTHING, EVERYTHING, True),
        ([[0, 1]], [[0, 1], [999, 1]], True),
        ([[0, 1]], [[0, 1]], False),
        ([[1000, 1], [100000, 65536]], [[1000, 1], [100000, 65536]], False),
        ([[1000, 65536]], EVERYTHING, False),
    ],
)
def test_a_power_counts_where_root_and_the_socket_are_mapped(uids: Any, gids: Any, counts: bool) -> None:
    assert whys(reached(route(mode="0000"), users=[user("cat", 1002)], processes=[powerful(uids, gids)])) == ({"cat": [f"{HAS} cap_setgid"]} if counts else {})


def test_powers_are_named_and_open_what_is_not_open_anyway() -> None:
    told = reached(route(), **CAT, processes=[powerful(EVERYTHING, EVERYTHING, "cap_chown", "cap_setuid")])
    assert whys(told) == {"cat": [f"{HAS} cap_chown", f"{HAS} cap_setuid"]}
    assert list(told["replaceable_by"]["users"]) == ["cat"]
    assert whys(reached(route(), **CAT, processes=[{**powerful(), "groups": [999]}])) == FOUND


def test_a_power_that_reaches_only_a_users_own_ids_counts_for_nothing_of_roots() -> None:
    own = session(5001, 999, gid=999, powers=["cap_setuid"], mapped_uids=[[5001, 1]], mapped_gids=[[5001, 1]])
    assert whys(reached(route(mode="0600"), processes=[own])) == {}


@pytest.mark.laws
def test_hiding_any_fact_of_a_process_only_makes_holes() -> None:
    private = route("/srv/x/d.sock")
    private["parents"]["/srv/x"] = place("0700")
    sessions = [
        session(1002, 999, host=False, user_mounts=True),
        session(5001, 999, host=False, host_paths=["/srv", "/data"]),
        session(5002, 999, host=False, host_paths=["/data"]),
        session(5005, 999, host=False, host_paths=[DOCKER]),
        session(5003, 999, host=False, user_mounts=DENIED),
        powerful(EVERYTHING, EVERYTHING, "cap_setgid", "cap_setuid"),
        session(5004, 999, host=False, user_mounts=True, dac_read_search=True, powers=["cap_chown"], mapped_uids=[[5004, 1]], mapped_gids=[[5004, 1]]),
    ]
    told = facts(route(), private, **CAT, processes=sessions)
    before = derive(told)
    for at in leaves(told):
        if at[:2] not in (("principals", "users"), ("principals", "groups")):
            for how in ("hidden", "opened", "shortened"):
                broken = list(breaches(before, derive(changed(told, at, how))))
                assert not broken, f"{how} {at}: {broken[:5]}"


def crowd(*ranges: list[int], **more: Any) -> Any:
    """Return the sessions of a user with very many sets of groups, which stand together."""
    return session(1002, some_groups=[list(one) for one in ranges], users=1, **more)


def test_who_gave_oneself_very_many_groups_has_those_of_the_ranges_and_is_refused_by_none() -> None:
    assert whys(reached(route(), **CAT, processes=[crowd([900, 100])])) == FOUND
    assert whys(reached(route(), **CAT, processes=[crowd([900, 99], [1000, 9])])) == {}
    refusing = route(mode="0606")
    assert "cat" in whys(reached(refusing, **CAT, processes=[crowd([999, 1])]))
    assert whys(reached(route(), **CAT, processes=[{**crowd([5000, 1]), "groups": [999]}])) == FOUND


def test_a_stale_session_among_very_many_is_found() -> None:
    told = derive(facts(route(), **CAT, processes=[crowd([900, 100])]))["engine_groups"]["docker"]
    assert set(told["stale_processes"]) == {"cat"} and not isinstance(told["stale_processes"], OpenObject)
    assert derive(facts(route(), **CAT, processes=[crowd([1000, 100])]))["engine_groups"]["docker"]["stale_processes"] == {}


def test_whose_groups_were_not_read_may_have_any_and_nobody_else() -> None:
    unread = session(1002, user_mounts=True, host=DENIED)
    unread |= dict.fromkeys(("gids", "groups", "host_paths"), DENIED)
    found = reached(route(), **CAT, processes=[unread])["users"]
    assert set(found) == {"cat"} and isinstance(found["cat"], Hole) and not isinstance(found, OpenObject)
    assert not isinstance(reached(route(mode="0600"), **CAT, processes=[unread])["users"], OpenObject)
    assert isinstance(derive(facts(route(), **CAT, processes=[unread]))["engine_groups"]["docker"]["stale_processes"], OpenObject)


def test_where_a_socket_of_roots_is_not_known_a_process_in_a_container_may_see_it() -> None:
    """A socket of a user's leaves nothing open but that user's things; this one is no user's."""
    told = facts(route(), processes=[session(5005, 999, host=False, host_paths=[DOCKER])])
    assert derive(told)["groups"]["docker"]["members"]["uid 5005"] == {"uid": 5005, "name": "uid 5005"}
    hidden = derive(changed(told, ("sockets", "sockets", DOCKER, "realpath"), "hidden"))
    assert isinstance(hidden["groups"]["docker"]["members"]["uid 5005"], Hole)
