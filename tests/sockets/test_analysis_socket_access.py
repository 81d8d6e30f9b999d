import itertools
import sys
from typing import Any

import pytest
from laws import breaches
from sockets.access import (
    DENIED,
    DOCKER,
    GROUPS,
    LIMIT,
    NO_GRANTS,
    SCHEMA,
    USERS,
    acl,
    derive,
    facts,
    group,
    logins,
    place,
    reached,
    rootless,
    route,
    rule,
    session,
    socket_unit,
    user,
    whys,
)

from hostcheck.model import Hole, OpenArray, OpenObject, Why, incomplete
from hostcheck.schema import check
from hostcheck.view import View
from hostcheck_builtin.sockets import analysis_socket_access


def test_the_schema_is_in_the_dialect() -> None:
    check(SCHEMA, "analysis_socket_access.facts.json")


def test_members_by_group_and_by_primary_group() -> None:
    access = reached(route())
    assert whys(access) == {"ann": ["group docker"], "bob": ["primary group docker"], "svc": ["group docker"]}
    ways = {"group docker": {"kind": "member", "group": "docker"}}
    assert access["users"]["ann"] == {"uid": 1000, "name": "ann", "why": [*ways], "ways": ways, "via": ["docker"], "login_capable": True}
    assert access["users"]["svc"]["login_capable"] is False
    assert access["reached_by"] == ["ann (group docker)", "bob (primary group docker)", "svc (group docker)"]
    assert (access["everyone"], access["scope"], access["owner"], access["listening"]) == (False, "rootful", "root", True)
    assert access["users_other_than_owner"] == access["users"]
    assert not isinstance(access["users"], OpenObject)


def test_everyone() -> None:
    access = reached(route(mode="0666"))
    assert access["everyone"] is True
    assert set(access["users"]) == {"ann", "bob", "cat", "svc"}
    assert access["users"]["cat"]["why"] == ["any user"]
    assert access["reached_by"][0] == "every local user"
    assert "cat (any user)" not in access["reached_by"]


def test_who_could_still_connect_when_a_socket_is_closed_to_everyone() -> None:
    access = reached(route(mode="0666"))
    assert set(access["granted"]) == {"ann", "bob", "svc"} and not isinstance(access["granted"], OpenObject)
    assert reached(route(mode="0666", gid=0))["granted"] == {}
    assert reached(route())["granted"] == reached(route())["users"]
    hidden = reached(route(mode="0666", gid=0), nss={"users": {}, "groups": DENIED, "memberships": {}})
    assert not isinstance(hidden["users"], OpenObject) and isinstance(hidden["granted"], OpenObject)  # cat may be in a group that is not known


@pytest.mark.parametrize("mode", ["0604", "0640", "0600"])
def test_nobody(mode: str) -> None:
    access = reached(route(mode=mode))
    assert (access["users"], access["everyone"], access["reached_by"]) == ({}, False, [])


def test_group_root_is_a_group() -> None:
    access = reached(route(gid=0), users=[*USERS, user("operator", 11, 0)])
    assert whys(access) == {"operator": ["primary group gid 0"]}


def test_a_directory_that_nobody_may_search_hides_an_open_socket() -> None:
    path = "/run/podman/podman.sock"
    told = route(path, "0666")
    told["parents"]["/run/podman"] = place("0700")
    assert derive(facts(told))["sockets"][path]["users"] == {}


def test_ways_through_directories_are_told() -> None:
    path = "/run/x/d.sock"
    told = route(path, "0666")
    told["parents"]["/run/x"] = place("0750", 1002, 999)
    access = derive(facts(told))["sockets"][path]
    assert whys(access) == {"cat": ["owner of /run/x"], "ann": ["group docker"], "bob": ["primary group docker"], "svc": ["group docker"]}
    assert access["everyone"] is False


def test_users_and_groups_named_by_an_acl() -> None:
    entries = acl(6, 6, 6, 0, ("user", 1002, "rw-"), ("user", 4444, "rw-"), ("group", 50, "rw-"))
    access = reached(route(gid=0, acl=entries), groups=[*GROUPS[:1], group("staff", 50, "ann")])
    assert whys(access) == {"cat": ["ACL entry user:cat"], "uid 4444": ["ACL entry user:uid 4444"], "ann": ["ACL entry group:staff"]}
    assert access["users"]["uid 4444"]["name"] == "uid 4444"
    assert access["acl_grants"] == [f"user:cat:rw- on {DOCKER}", f"user:uid 4444:rw- on {DOCKER}", f"group:staff:rw- on {DOCKER}"]


def test_an_acl_grants_what_other_has_not_after_the_mask() -> None:
    assert reached(route(acl=acl(6, 6, 4, 0, ("user", 1002, "rw-")), mode="0640"))["acl_grants"] == []
    assert reached(route(acl=acl(6, 6, 6, 6, ("user", 1002, "rw-")), mode="0666"))["acl_grants"] == []
    assert reached(route(acl=acl(6, 6, 6, 0, ("user", 0, "rw-"))))["acl_grants"] == []
    told = route()
    told["parents"]["/run"] = place("0775", acl=acl(7, 5, 7, 5, ("user", 1002, "rwx")))
    assert reached(told)["acl_grants"] == ["user:cat:rwx on /run"]


def test_a_session_keeps_a_group_that_was_taken_away() -> None:
    access = reached(route(), groups=[group("docker", 999)], processes=[session(1002, 999), session(1002, 27), session(1000, 999, host=False)])
    assert whys(access) == {"bob": ["primary group docker"], "cat": ["process 77 has group docker"]}
    assert access["reached_by"] == ["bob (primary group docker)", "cat (process 77 has group docker)"]


def test_a_session_without_a_name_is_somebody() -> None:
    access = reached(route(), groups=[group("docker", 999)], users=[], processes=[session(5001, 999)])
    ways = {"process 77 has group docker": {"kind": "process", "group": "docker", "pid": 77}}
    assert access["users"] == {"uid 5001": {"uid": 5001, "name": "uid 5001", "why": [*ways], "ways": ways, "via": ["docker"], "login_capable": False}}


def test_a_session_without_a_name_is_never_taken_for_a_user_who_is_called_so() -> None:
    access = reached(route(), groups=[group("docker", 999)], users=[user("uid 5001", 7, 999)], processes=[session(5001, 999)])
    assert {key: one["uid"] for key, one in access["users"].items()} == {"uid 5001": 7, "uid 5001#2": 5001}


def test_a_session_that_began_before_the_membership_is_not_refused_by_it() -> None:
    access = reached(route(mode="0606"), processes=[session(1000, 27)])
    assert whys(access) == {"cat": ["any user"], "ann": ["any user"]}
    assert access["everyone"] is True


def test_a_setgid_program_gives_its_group() -> None:
    told = session(1002)
    told["gids"] = [1002, 999, 999, 999]
    assert whys(reached(route(), groups=[], users=[user("cat", 1002)], processes=[told])) == {"cat": ["process 77 has group gid 999"]}


@pytest.mark.parametrize(
    ("ranges", "passes"),
    [([[0, 4294967295]], True), ([[1000, 1], [100000, 65536]], False), ([[0, 1], [1, 1]], False), ([[0, 1], [999, 1]], True), ([[0, 1], [998, 1]], False)],
)
def test_a_capability_reaches_what_is_mapped(ranges: Any, passes: bool) -> None:
    process = session(1002, dac_override=True, mapped_uids=ranges, mapped_gids=ranges)
    assert ("cat" in reached(route(mode="0000"), processes=[process])["users"]) is passes


def test_a_capability_to_search_opens_directories_only() -> None:
    everything = [[0, 4294967295]]
    told = route(mode="0666")
    told["parents"]["/run"] = place("0700")
    process = session(1002, dac_read_search=True, mapped_uids=everything, mapped_gids=everything)
    assert whys(reached(told, processes=[process])) == {"cat": ["process 77 has capability cap_dac_override"]}
    assert reached({**told, "mode": "0600"}, processes=[process])["users"] == {}


@pytest.mark.parametrize(
    ("uids", "who"),
    [
        ([1000, 1002, 1002, 1002], {"ann", "cat"}),
        ([1000, 0, 0, 0], {"ann"}),
        ([1000, 1000, 0, 1000], {"ann"}),
        ([1000, 1000, 1000, 0], {"ann"}),
        ([0, 1002, 0, 1002], set()),
    ],
)
def test_a_process_is_of_who_started_it_and_of_who_acts(uids: list[int], who: set[str]) -> None:
    told = {**session(1000, 999), "uids": uids}
    found = reached(route(), groups=[group("docker", 999)], users=[user("ann", 1000), user("cat", 1002)], processes=[told])
    assert whys(found) == dict.fromkeys(who, ["process 77 has group docker"])


def test_roots_group_that_a_program_has_beside_root_is_the_programs() -> None:
    """As that of Xorg.wrap(1) is; what the session began with is not."""
    users, program = [user("ann", 1000)], {**session(1000, 1000), "uids": [1000, 0, 0, 0], "gids": [1000, 0, 0, 0]}
    assert whys(reached(route(gid=0), users=users, processes=[program])) == {}
    for held in ({"groups": [0]}, {"gids": [0, 1000, 1000, 1000]}, {"uids": [1000] * 4}):
        assert set(whys(reached(route(gid=0), users=users, processes=[{**program, **held}]))) == {"ann"}
    assert set(whys(reached(route(), users=users, groups=[group("docker", 999)], processes=[{**program, "gids": [1000, 999, 999, 999]}]))) == {"ann"}


def test_who_may_join_by_newgrp() -> None:
    record = {"name": "docker", "password": False, "administrators": ["cat"], "members": ["ann", "svc", "cat"]}
    access = reached(route(), gshadow={"docker": record}, groups=[group("docker", 999, "ann")])
    assert whys(access) == {
        "ann": ["group docker"],
        "bob": ["primary group docker"],
        "svc": ["member of group docker in /etc/gshadow"],
        "cat": ["administrator of group docker", "member of group docker in /etc/gshadow"],
    }


def test_who_may_join_is_not_refused_by_the_group() -> None:
    record = {"name": "docker", "password": False, "administrators": ["cat"], "members": []}
    assert reached(route(mode="0606"), gshadow={"docker": record}, users=[user("cat", 1002)])["users"]["cat"]["why"] == ["any user"]


@pytest.mark.parametrize(("own", "record", "opens"), [(False, None, False), (True, None, True), (True, False, False), (False, True, True)])
def test_a_group_password_lets_everybody_in(own: bool, record: bool | None, opens: bool) -> None:
    shadow = {} if record is None else {"docker": {"name": "docker", "password": record, "administrators": [], "members": []}}
    access = reached(route(), gshadow=shadow, groups=[group("docker", 999, password=own)], users=[user("cat", 1002)])
    assert whys(access) == ({"cat": ["password of group docker"]} if opens else {})
    assert access["everyone"] is False


def test_two_names_of_one_uid_and_two_entries_of_one_name() -> None:
    access = reached(
        route(), users=[user("ann", 1000), user("ann", 1010, 999), user("bea", 1000)], groups=[group("docker", 999, "bea")], processes=[session(1000, 999)]
    )
    assert whys(access) == {"ann": ["process 77 has group docker"], "bea": ["group docker", "process 77 has group docker"], "ann1": ["primary group docker"]}


def test_two_groups_with_one_gid_are_one_door() -> None:
    derived = derive(facts(route(), groups=[group("docker", 999), group("dkr", 999, "cat")]))
    assert whys(derived["sockets"][DOCKER]) == {"bob": ["primary group docker"], "cat": ["group dkr, same gid as docker"]}
    assert set(derived["groups"]["docker"]["members"]) == set(derived["groups"]["dkr"]["members"]) == {"bob", "cat"}


def test_a_group_without_a_name_works_by_its_gid() -> None:
    derived = derive(facts(route(gid=165640), processes=[session(1002, 165640)]))
    assert whys(derived["sockets"][DOCKER]) == {"cat": ["process 77 has group gid 165640"]}
    assert set(derived["engine_groups"]) == {"gid 165640"}


def test_names_that_nobody_has_are_nobody() -> None:
    assert whys(reached(route(), users=[], groups=[group("docker", 999, "ghost", "root")])) == {}


def test_users_whom_only_the_name_service_lists() -> None:
    nss = {
        "users": {"eve": user("eve", 5001), "ann": user("ann", 5002), "max": user("max", 5003, 999)},
        "groups": {"team": {"name": "team", "gid": 999, "members": ["eve"]}},
        "memberships": {},
    }
    access = reached(route(), nss=nss, users=[user("ann", 1000)], groups=[group("docker", 999, "ann")])
    assert {key: (one["name"], one["why"]) for key, one in access["users"].items()} == {
        "ann": ("ann", ["group docker"]),
        "uid 5001": ("eve", ["group docker of the name service"]),
        "uid 5002": ("ann", ["group docker"]),
        "uid 5003": ("max", ["primary group docker"]),
    }


def test_groups_asked_for_one_by_one() -> None:
    nss = {
        "users": incomplete({}, LIMIT),
        "groups": incomplete({}, LIMIT),
        "memberships": {"cat": {"name": "cat", "gids": [1002, 999]}, "bob": {"name": "bob", "gids": DENIED}},
    }
    access = reached(route(), nss=nss)
    assert set(access["users"]) == {"ann", "bob", "cat", "svc"}
    assert isinstance(access["users"], OpenObject)


@pytest.mark.parametrize(
    "change",
    [
        {"nss": DENIED},
        {"nss": {"users": incomplete({}, LIMIT), "groups": {}, "memberships": {}}},
        {"nss": {"users": {}, "groups": incomplete({}, LIMIT), "memberships": {}}},
    ]
    + [{"nss": {"users": {}, "groups": {}, "memberships": {"ann": {"name": "ann", "gids": DENIED}}}}, {"gshadow": DENIED}, {"processes": DENIED}]
    + [{"processes": incomplete({}, DENIED)}],
)
def test_what_is_not_known_leaves_a_door_of_a_group_open_and_keeps_who_is_known(change: dict[str, Any]) -> None:
    access = reached(route(), **change)
    assert set(access["users"]) == {"ann", "bob", "svc"}
    assert isinstance(access["users"], OpenObject)
    assert access["everyone"] is False


@pytest.mark.parametrize(
    "change", [{"nss": DENIED}, {"gshadow": DENIED}, {"nss": {"users": incomplete({}, LIMIT), "groups": incomplete({}, LIMIT), "memberships": {}}}]
)
def test_a_door_that_no_group_opens_is_closed_whoever_is_not_known(change: dict[str, Any]) -> None:
    access = reached(route(mode="0600"), **change)
    assert access["users"] == {} and not isinstance(access["users"], OpenObject)


def test_a_door_for_everyone_is_open_to_users_who_are_not_known() -> None:
    for change in ({"nss": DENIED}, {"processes": [session(5001, host=DENIED)]}):
        access = reached(route(mode="0666"), **change)
        assert access["everyone"] is True and isinstance(access["users"], OpenObject)


def test_a_group_that_the_name_service_hides_may_be_what_lets_in_or_what_refuses() -> None:
    folder = route("/srv/d.sock", "0606")
    folder["parents"]["/srv"] = place("0710", 0, 50)
    nss = {"users": {}, "groups": {"docker": {"name": "docker", "gid": 999, "members": ["cat"]}}, "memberships": {}}
    told = facts(route(mode="0666"), folder, nss=nss, groups=[group("docker", 999), group("staff", 50, "cat", "ann")])
    before = derive(told)
    assert before["sockets"][DOCKER]["users"]["cat"]["why"] == ["group docker of the name service"]
    assert set(before["sockets"]["/srv/d.sock"]["users"]) == {"ann"}
    assert list(breaches(before, derive({**told, "nss": DENIED}))) == []


def test_a_session_elsewhere_that_could_not_pass_anyway_opens_nothing() -> None:
    assert not isinstance(reached(route(), processes=[session(1002, 27, host=DENIED)])["users"], OpenObject)


@pytest.mark.parametrize(
    ("owner", "peer", "scope"),
    [
        (0, {"uid": 0}, "rootful"),
        (0, {"uid": 1000}, "rootful"),
        (0, DENIED, "rootful"),
        (0, None, "rootful"),
        (1000, {"uid": 0}, "rootful"),
        (1000, {"uid": 1000}, "rootless"),
    ]
    + [(1000, {"uid": 1001}, "rootless"), (1000, None, "rootless"), (1000, DENIED, DENIED)],
)
def test_whose_engine_it_is(owner: int, peer: Any, scope: Any) -> None:
    told = {**route(uid=owner), "peer": peer if isinstance(peer, Hole) else peer and {"pid": 7, "gid": 0, **peer}}
    if peer is None:
        del told["peer"]
        told["listening"] = False
    found = reached(told)
    assert isinstance(found.get("scope"), Hole) if scope is DENIED else found["scope"] == scope


def test_a_link_to_another_of_these_sockets_is_no_socket_of_its_own() -> None:
    path = "/run/podman.sock"
    alias = route(links={path: {"target": DOCKER, "uid": 0}})
    told = facts(route())
    told["sockets"]["sockets"][path] = alias
    assert set(derive(told)["sockets"]) == {DOCKER}
    alias["parents"]["/srv"] = place("0755", 1002)
    assert derive(told)["sockets"][path]["replaceable_by"]["ways"] == ["cat (owner of /srv)"]
    del told["sockets"]["sockets"][DOCKER]
    assert set(derive(told)["sockets"]) == {path}


@pytest.mark.parametrize("kind", ["file", "dir", "dangling", "loop"])
def test_what_is_no_socket_lets_nobody_in(kind: str) -> None:
    told = route(type=kind, mode="0666", listening=False)
    del told["peer"]
    access = reached(told)
    assert (access["users"], access["everyone"], access["listening"], access["type"]) == ({}, False, False, kind)


def test_a_rootless_socket_in_a_private_directory() -> None:
    derived = derive(facts(homes=[rootless()]))
    access = derived["user_sockets"]["/run/user/1000/docker.sock"]
    assert (access["scope"], access["owner"], access["everyone"], whys(access), access["users_other_than_owner"]) == (
        "rootless",
        "ann",
        False,
        {"ann": ["owner of /run/user/1000", "owner"]},
        {},
    )
    assert access["runtime_dir"] == {"path": "/run/user/1000", "mode": "0700", "under_tmp": False}
    assert (derived["sockets"], derived["engine_groups"]) == ({}, {})


def test_a_rootless_socket_that_others_reach() -> None:
    told = {**rootless(folder="0755"), "mode": "0666"}
    access = derive(facts(homes=[told]))["user_sockets"]["/run/user/1000/docker.sock"]
    assert set(access["users_other_than_owner"]) == {"bob", "cat", "svc"}
    assert access["everyone"] is True


def test_a_runtime_directory_below_a_shared_one() -> None:
    told = {**rootless("/tmp/podman-run-1000/podman/podman.sock"), "runtime_dir": "/tmp/podman-run-1000"}
    del told["parents"]["/run/user/1000"]
    assert derive(facts(homes=[told]))["user_sockets"]["/tmp/podman-run-1000/podman/podman.sock"]["runtime_dir"]["under_tmp"] is True


def test_homes_that_hang_cost_nothing_of_the_system() -> None:
    told = facts(route())
    whole = derive(told)
    told["user-sockets"] = Hole(why=Why.TIMEOUT, message="too slow")
    hung = derive(told)
    assert isinstance(hung.pop("user_sockets"), Hole)
    del whole["user_sockets"]
    assert hung == whole


def test_users_of_the_name_service_that_no_file_has_count_whoever_hides_them() -> None:
    nss = {"users": {"eve": user("eve", 5001)}, "groups": {}, "memberships": {}}
    told = facts(route(), nss=nss, processes=[session(5001, 999)])
    assert derive(told)["sockets"][DOCKER]["users"]["uid 5001"]["name"] == "eve"
    told["nss"] = DENIED
    hidden = derive(told)["sockets"][DOCKER]["users"]["uid 5001"]
    assert isinstance(hidden.get("name"), Hole) and hidden["uid"] == 5001


def test_nothing_is_known_without_the_files() -> None:
    for part_of in ("users", "groups"):
        told = facts(route())
        told["principals"][part_of] = DENIED
        assert isinstance(derive(told), Hole)


def test_four_times_the_users_are_four_times_the_work() -> None:
    """The work is counted in calls; bench/growth.py has the time, which depends on what else the machine does."""

    def calls(count: int) -> int:
        users = [user(f"u{index}", 1000 + index) for index in range(count)]
        principals = {
            "users": {one["name"]: one for one in users},
            "groups": {"docker": group("docker", 999, *(one["name"] for one in users))},
            "gshadow": {},
            "processes": {},
        }
        view = View(
            {
                "containers": {"containers": {}},
                "host": {"scan": {"init_userns": True}},
                "principals": principals,
                "nss": {"users": principals["users"], "groups": {}, "memberships": {}},
                "group-grants": {**NO_GRANTS, **logins(rule(users="*"), rule(users="u*&!u1"))},
                "sockets": {"sockets": {DOCKER: route()}, "abstract": {}},
                "socket-units": {"units": {"docker.socket": socket_unit(mode="0666")}},
                "root-programs": {"sockets": {}},
                "user-sockets": {"sockets": {}},
            }
        )
        made = itertools.count()
        sys.setprofile(lambda *_: next(made))
        found = analysis_socket_access.derive(view, {})["sockets"][DOCKER]["users"]
        sys.setprofile(None)
        assert len(found) == count
        return next(made)

    assert calls(4_000) < 5 * calls(1_000)


def test_of_several_holes_the_gravest_is_named() -> None:
    unable = Hole(why=Why.UNSUPPORTED, message="not on this kind of host")
    access = reached(route(), nss=unable, gshadow=DENIED)
    assert access["users"].hole.why == access["users"]["ann"]["why"].hole.why == Why.DENIED
    assert reached(route(), processes=unable, gshadow=DENIED)["users"].hole.why == Why.DENIED
    assert reached(route(), processes=unable)["users"].hole.why == Why.UNSUPPORTED


def test_lists_that_may_be_longer_say_so() -> None:
    access = reached(route(), gshadow=DENIED)
    assert isinstance(access["users"]["ann"]["why"], OpenArray)
    assert isinstance(access["reached_by"], OpenArray)


def test_inside_a_user_namespace_nothing_is_known_of_ids() -> None:
    told = facts(route(mode="0666"))
    told["host"] = {"scan": {"init_userns": False}}
    assert derive(told).why is Why.DENIED
    told["host"] = {"scan": {"init_userns": DENIED}}
    assert derive(told) == DENIED


def missing(path: str = "/run/eng/docker.sock", folder: Any = None, **more: Any) -> dict[str, Any]:
    told = route(path, "0755", gid=0, type="absent", listening=False, expected=True, **more)
    del told["peer"]
    if folder:
        told["parents"]["/run/eng"] = folder
    return told


def test_a_path_from_which_the_socket_was_taken_away_is_judged_by_its_directories() -> None:
    def taking(folder: Any) -> Any:
        told = derive(facts(missing(folder=folder)))["sockets"]["/run/eng/docker.sock"]
        assert (told["scope"], told["expected"], told["users"], told["acl_grants"]) == ("rootful", True, {}, [])
        return told["replaceable_by"]

    assert taking(place("0777"))["everyone"] is True
    assert taking(place("1777"))["everyone"] is True  # where nothing is there the sticky bit keeps nobody out
    assert set(taking(place("0755", 1002))["users"]) == {"cat"}
    assert taking(place())["users"] == {} and taking(place())["everyone"] is False


def test_of_a_link_to_nothing_the_missing_place_may_be_taken_by_whoever_may_write_there() -> None:
    told = route(type="dangling", listening=False, links={DOCKER: {"target": "/tmp/d.sock", "uid": 0}})
    del told["peer"]
    told["parents"]["/tmp"] = place("1777")
    moved = {**told, "realpath": "/tmp/d.sock"}
    made = facts()
    made["sockets"]["sockets"] = {DOCKER: moved}
    assert derive(made)["sockets"][DOCKER]["replaceable_by"]["everyone"] is True


def test_a_directory_of_the_way_that_is_missing_too() -> None:
    told = missing("/run/a/b/docker.sock")
    for path in ("/run/a", "/run/a/b"):
        del told["parents"][path]
    told["parents"]["/run"] = place("1777")
    assert derive(facts(told))["sockets"]["/run/a/b/docker.sock"]["replaceable_by"]["everyone"] is True


def test_somebody_else_at_a_path_of_the_system_is_stated_as_what_it_is() -> None:
    told = route(uid=1000, expected=True, peer={"pid": 7, "uid": 1000, "gid": 1000})
    one = reached(told)
    assert (one["scope"], one["owner"], one["listening"], one["expected"]) == ("rootless", "ann", True, True)


def users_socket(**more: Any) -> Any:
    told = {**rootless(**more), "mode": "0600"}
    return derive(facts(homes=[told]))["user_sockets"]["/run/user/1000/docker.sock"]


def test_an_owner_who_does_not_listen_is_another_user() -> None:
    assert users_socket()["users_other_than_owner"] == {}
    assert set(users_socket(peer={"pid": 9, "uid": 1001, "gid": 1001})["users_other_than_owner"]) == {"ann"}


def test_a_socket_in_another_users_directory_can_be_replaced() -> None:
    assert users_socket()["replaceable_by"] == {"everyone": False, "users": {}, "ways": []}
    told = users_socket(owner_uid=1001, peer={"pid": 9, "uid": 1001, "gid": 1001})
    assert told["replaceable_by"]["ways"] == ["ann (owner of /run/user/1000)"]


def test_not_to_know_who_listens_on_a_users_socket_is_not_to_know_whom_it_obeys() -> None:
    told = users_socket(peer=DENIED)
    assert told["users_other_than_owner"] == told["replaceable_by"] == DENIED
