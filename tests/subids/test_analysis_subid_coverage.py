import json
from pathlib import Path
from typing import Any

import pytest
from hiding import hide_each
from hypothesis import example, given
from hypothesis import strategies as st

from hostcheck.model import Hole, HoleError, OpenArray, OpenObject, Why, incomplete, part, unite
from hostcheck.schema import check, compile_schema
from hostcheck.view import View
from hostcheck_builtin.accounts.id_index import numeric
from hostcheck_builtin.subids import ANALYSES, analysis_subid_coverage
from hostcheck_builtin.subids.overlaps import Span, overlaps
from hostcheck_builtin.subids.probe_subids import lines
from hostcheck_builtin.subids.subid_ranges import LAST, go_ids, shadow_ids

SCHEMA = json.loads((Path(analysis_subid_coverage.__file__).parent / "analysis_subid_coverage.facts.json").read_text(encoding="utf-8"))
OBEYS = compile_schema(SCHEMA)
DENIED = Hole(why=Why.DENIED, message="Permission denied")
LDAP = Hole(why=Why.LIMIT, message="ldap lists nobody")


def user(name: str, uid: int) -> dict[str, Any]:
    return {"name": name, "uid": uid, "gid": uid, "home": f"/home/{name}", "shell": "/bin/sh"}


def group(name: str, gid: int) -> dict[str, Any]:
    return {"name": name, "gid": gid, "members": [], "password": False}


USERS = {one["name"]: one for one in (user("root", 0), user("daemon", 1), user("ann", 1000), user("bob", 1001), user("bobby", 1001))}
GROUPS = {one["name"]: one for one in (group("root", 0), group("docker", 105), group("ann", 1000), group("staff", 50))}


def facts(
    subuid: str | bytes = "",
    subgid: str | bytes = "",
    *,
    users: Any = USERS,
    groups: Any = GROUPS,
    nss: Any = None,
    files: Any = True,
    sockets: Any = None,
    rootless: Any = None,
) -> dict[str, Any]:
    def file(kind: str, content: str) -> dict[str, Any]:
        plain, irregular = lines(content.encode())
        return {"kind": kind, "lines": plain, "irregular": irregular}

    return {
        "principals": {"users": users, "groups": groups},
        "nss": {"users": users, "groups": groups} if nss is None else nss,
        "subids": {
            "files": {"/etc/subuid": file("subuid", subuid), "/etc/subgid": file("subgid", subgid)},
            "source": {"configured": "sss", "files": files},
        },
        "engines": {"sockets": {} if sockets is None else sockets},
        "engine-scope": {"rootless_users": {} if rootless is None else rootless},
        "host": {"scan": {"init_userns": True}},
    }


def derive(told: dict[str, Any]) -> Any:
    """Derive as `evaluate` does, from facts that went through evidence."""
    view = View({name: value if isinstance(value, Hole) else unite(*part(value), name) for name, value in told.items()})
    try:
        derived = unite(*part(analysis_subid_coverage.derive(view, {})), "subid-coverage")
    except HoleError as error:
        return error.hole
    assert OBEYS(derived) is not False, derived
    return derived


def ranges(*args: Any, **more: Any) -> Any:
    return derive(facts(*args, **more))["ranges"]


def one(line: str, **more: Any) -> Any:
    (found,) = ranges(line + "\n", **more).values()
    return found


def test_the_schema_is_in_the_dialect() -> None:
    check(SCHEMA, "analysis_subid_coverage.facts.json")


def test_from_inside_of_a_user_namespace_nothing_is_told() -> None:
    told = {**facts("ann:0:65536\n"), "host": {"scan": {"init_userns": False}}}
    assert isinstance(derive(told), Hole)
    told["host"]["scan"]["init_userns"] = Hole(why=Why.DENIED, message="no")
    assert isinstance(derive(told), Hole)


def test_a_range_as_useradd_makes_it() -> None:
    found = ranges("ann:100000:65536\n", "ann:100000:65536\n")
    told = {"stands_for": 1, "line": 1, "owner": "ann", "exists": True, "owner_uid": 1000, "first": 100000, "last": 165535, "size": 65536}
    told |= {"by": ["shadow", "go", "idtools"], "portable": True, "wraps": False, "includes_0": False}
    told |= {"overlaps": [], "overlap_count": 0, "repeats": 0, "meets": []}
    assert found == {
        "subuid:ann:100000": {**told, "file": "subuid", "includes_own_uid": False, "users": []},
        "subgid:ann:100000": {**told, "file": "subgid", "groups": []},
    }
    assert not isinstance(found, OpenObject)


def test_no_ranges() -> None:
    assert derive(facts()) == {"ranges": {}, "holders": {}, "users": {}, "remap_users": {}}


@pytest.mark.parametrize(
    ("line", "zero", "users", "own"),
    [
        ("bob:0:1", True, [], False),
        ("bob:0:65536", True, ["daemon", "ann"], True),
        ("bob:1000:1", False, ["ann"], False),
        ("ann:1001:1", False, ["bob", "bobby"], False),
        ("bob:1001:1", False, [], True),
        ("1001:1000:2", False, ["ann"], True),
        ("nobody:1000:2", False, ["ann", "bob", "bobby"], False),
        ("root:0:65536", True, ["daemon", "ann", "bob", "bobby"], True),
    ],
)
def test_whose_uids_a_range_has(line: str, zero: bool, users: list[str], own: bool) -> None:
    found = one(line)
    assert (found["includes_0"], found["users"], found["includes_own_uid"]) == (zero, users, own)


def test_the_owner() -> None:
    assert [one(f"{name}:9999:1").get("owner_uid") for name in ("bob", "1001", "4242", "gone")] == [1001, 1001, 4242, None]
    assert [one(f"{name}:9999:1")["exists"] for name in ("bob", "1001", "4242", "gone")] == [True, True, False, False]


def test_numbers_of_owners() -> None:
    assert [numeric(text) for text in ("1001", "01001", "+5", " 5", "5 ", "-5", "a1", "", "4294967294", "4294967295", "99999999999")] == [
        *(1001, 1001, 5, 5, None, None, None, None, LAST, None, None)
    ]


def test_groups_in_a_range() -> None:
    found = ranges("", "bob:50:56\nbob:0:1\n")
    assert found["subgid:bob:50"]["groups"] == ["staff", "docker"]
    assert (found["subgid:bob:0"]["groups"], found["subgid:bob:0"]["includes_0"]) == (["root"], True)
    assert "users" not in found["subgid:bob:0"] and "includes_own_uid" not in found["subgid:bob:0"]


def test_names_are_capped_and_say_so() -> None:
    many = {f"u{index}": user(f"u{index}", 2000 + index) for index in range(50)}
    users = one("bob:2000:50", users={**USERS, **many})["users"]
    assert isinstance(users, OpenArray) and users == [f"u{index}" for index in range(20)] and users.hole.why == Why.LIMIT
    groups = {f"g{index}": group(f"g{index}", 2000 + index) for index in range(100)}
    assert not isinstance(ranges("", "bob:2000:100\n", groups=groups)["subgid:bob:2000"]["groups"], OpenArray)
    assert isinstance(ranges("", "bob:2000:101\n", groups={**groups, "x": group("x", 2100)})["subgid:bob:2000"]["groups"], OpenArray)


def test_readers_that_differ_make_ranges_of_their_own() -> None:
    found = ranges("bob:0200000:65536\nbob:0x1000:10\n")
    assert {key: (one["first"], one["last"], one["by"]) for key, one in found.items()} == {
        "subuid:bob:0200000:65536": (65536, 131071, ["shadow"]),
        "subuid:bob:0200000:65536 (as go and idtools read it)": (200000, 265535, ["go", "idtools"]),
        "subuid:bob:0x1000:10": (4096, 4105, ["shadow"]),
        "subuid:bob:0x1000:10 (as go read it)": (0, 9, ["go"]),
    }
    assert not any(one["portable"] or one["overlaps"] for one in found.values())


def test_the_empty_range_that_is_everything() -> None:
    found = one("bob:0:0")
    assert (found["first"], found["last"], found["by"], found["includes_0"], found["users"]) == (0, LAST, ["shadow"], True, ["daemon", "ann"])
    assert ranges("bob:1:0\n") == {}


@pytest.mark.parametrize(
    ("start", "count", "ids"),
    [
        (100000, 65536, (100000, 165535)),
        (0, 0, (0, LAST)),
        (5, 0, None),
        (LAST, 1, (LAST, LAST)),
        (LAST + 1, 1, None),
        (LAST, 99999999999, (LAST, LAST)),
        (100000, (1 << 64) - 1, None),
        ((1 << 64) - 1, 100, None),
    ],
)
def test_what_newuidmap_lets_through(start: int, count: int, ids: Any) -> None:
    assert shadow_ids(start, count) == ids


@pytest.mark.parametrize(
    ("start", "count", "ids"),
    [
        (100000, 65536, (100000, 165535)),
        (0, 0, None),
        (-5, 10, None),
        (5, -1, None),
        (1 << 32, 10, (0, 9)),
        ((1 << 32) + 100, (1 << 32) + 10, (100, 109)),
        (LAST, 1, (LAST, LAST)),
        (LAST, 2, None),
        ((1 << 63) - 1, 1, None),
    ],
)
def test_what_the_kernel_makes_of_the_numbers_of_go(start: int, count: int, ids: Any) -> None:
    assert go_ids(start, count) == ids


def test_ranges_that_overlap() -> None:
    found = ranges("ann:100000:65536\nbob:165535:10\nbob:300000:10\n1001:300005:1\nbobby:300006:1\ngone:165544:1\n")
    assert {key: (one["overlap_count"], one["overlaps"], one["repeats"]) for key, one in found.items()} == {
        "subuid:ann:100000": (1, ["subuid:bob:165535"], 0),
        "subuid:bob:165535": (2, ["subuid:ann:100000", "subuid:gone:165544"], 0),
        "subuid:bob:300000": (0, [], 2),
        "subuid:1001:300005": (0, [], 1),
        "subuid:bobby:300006": (0, [], 1),
        "subuid:gone:165544": (1, ["subuid:bob:165535"], 0),
    }


def test_the_two_files_do_not_overlap_each_other() -> None:
    assert all(one["overlap_count"] == 0 for one in ranges("ann:100000:10\n", "bob:100000:10\n").values())


def span(first: int, size: int, who: str) -> Span:
    return Span(first=first, last=first + size, who=who)


SPANS = st.lists(st.builds(span, st.integers(0, 30), st.integers(0, 12), st.sampled_from("abc")), max_size=20)


@given(SPANS)
@example([span(0, 9, "a")] * 3)
def test_overlaps_are_those_that_looking_at_every_pair_finds(spans: list[Span]) -> None:
    for place, (span, found) in enumerate(zip(spans, overlaps(spans), strict=True)):
        meeting = {other for other, one in enumerate(spans) if other != place and one.first <= span.last and one.last >= span.first}
        others = {other for other in meeting if spans[other].who != span.who}
        assert (found.others, found.own) == (len(others), len(meeting) - len(others))
        assert set(found.examples) <= others and bool(found.examples) == bool(others) and len(set(found.examples)) == len(found.examples)


def test_more_overlaps_than_are_told() -> None:
    found = ranges("ann:100:9\nbob:100:1\ngone:101:1\ndaemon:102:1\n")["subuid:ann:100"]
    assert found["overlap_count"] == 3 and isinstance(found["overlaps"], OpenArray) and found["overlaps"].hole.why == Why.LIMIT


def test_what_each_owner_has() -> None:
    found = derive(facts("ann:100:10\nann:105:10\n1000:200:5\nbob:0x10:1\ngone:1:1\n", "ann:1:3\n"))["holders"]
    assert found == {
        "ann": {"names": ["ann"], "exists": True, "subuid_total": 20, "subgid_total": 3},
        "1000": {"names": ["1000"], "exists": True, "subuid_total": 20, "subgid_total": 3},
        "bob": {"names": ["bob"], "exists": True, "subuid_total": 1, "subgid_total": 0},
        "gone": {"names": ["gone"], "exists": False, "subuid_total": 1, "subgid_total": 0},
    }


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 20)), min_size=1, max_size=12))
def test_ids_are_counted_once(told: list[tuple[int, int]]) -> None:
    content = "".join(f"ann:{start}:{count}\n" for start, count in told)
    ids = {number for start, count in told for number in range(start, start + count)}
    assert derive(facts(content))["holders"]["ann"]["subuid_total"] == len(ids)


@pytest.mark.parametrize(
    ("line", "meets"),
    [
        ("ann:100000:65536", []),
        ("ann:458752:65536", []),
        ("ann:458753:65536", ["systemd-nspawn"]),
        ("ann:1879048191:1", ["systemd-nspawn"]),
        ("ann:1879048192:1", []),
        ("ann:60000:1", []),
        ("ann:60001:1", ["systemd-homed"]),
        ("ann:61183:1", []),
        ("ann:61184:1", ["DynamicUser"]),
        ("ann:65519:1", ["DynamicUser"]),
        ("ann:65520:1", []),
        ("ann:2147418111:1", ["foreign"]),
        ("ann:1000:4000000000", ["systemd-homed", "DynamicUser", "systemd-nspawn", "foreign"]),
    ],
)
def test_whether_systemd_gives_the_same_ids_to_others(line: str, meets: list[str]) -> None:
    assert one(line)["meets"] == meets


def test_a_user_of_an_engine_without_a_range_is_told_with_none() -> None:
    rootless = {"ann": {"uid": 1000, "engines": ["docker"]}, "bob": {"uid": 1001, "engines": ["podman"]}}
    told = derive(facts("bobby:100000:65536\n", rootless=rootless))
    bobby = {"names": ["bobby"], "exists": True, "subuid_total": 65536, "subgid_total": 0}
    assert told["holders"] == {"bobby": bobby}  # bob's uid is bobby's, and so are the ranges
    assert told["users"] == {"bobby": bobby, "ann": {"names": ["ann"], "exists": True, "subuid_total": 0, "subgid_total": 0}}
    assert set(derive(facts("1000:100000:65536\n", rootless=rootless))["users"]) == {"1000", "bob"}


def test_a_user_of_whom_it_is_not_known_whether_they_run_an_engine_costs_nobody_else() -> None:
    told = derive(facts("bob:100000:65536\n", rootless={"ann": DENIED, "bob": DENIED}))["users"]
    assert isinstance(told["ann"], Hole) and told["bob"]["subuid_total"] == 65536 and not isinstance(told, OpenObject)
    for rootless in (DENIED, incomplete({}, DENIED)):
        told = derive(facts("bob:100000:65536\n", rootless=rootless))["users"]
        assert isinstance(told, OpenObject) and set(told) == {"bob"}


def test_a_range_of_somebody_not_known_may_be_that_of_a_user_without_one() -> None:
    listed = {"users": incomplete(USERS, LDAP), "groups": GROUPS}
    told = derive(facts("carol:100000:65536\n", nss=listed, rootless={"ann": {"uid": 1000, "engines": ["docker"]}}))["users"]
    assert isinstance(told["ann"]["subuid_total"], Hole) and told["ann"]["subgid_total"] == 0


def remapped(root: str = "/var/lib/docker/100000.100000", *options: str, **more: Any) -> dict[str, Any]:
    info = {"security_options": list(options or ("name=userns",)), "root_dir": root}
    return {"named": "docker", "engine": "docker", "listening": True, "served": True, "uid": 0, "owner_uid": 0, "info": info, **more}


DOCKREMAP = {**USERS, "dockremap": {**user("dockremap", 990), "shell": "/bin/false"}}
BARRED = {"root_is_uid": 100000, "sockets": ["/d"], "login_capable": False, "rootless": []}


def remaps(subuid: str = "dockremap:100000:65536\nann:300000:65536\n", socket: Any = None, **more: Any) -> Any:
    return derive(facts(subuid, **{"users": DOCKREMAP, "sockets": {"/d": socket or remapped()}, **more}))["remap_users"]


@pytest.mark.parametrize(
    "socket",
    [
        remapped("/var/lib/docker", "name=seccomp"),
        remapped(uid=1000),
        remapped(engine="podman"),
        remapped(named="containerd"),
        remapped(served=False),
        remapped(listening=False),
    ],
)
def test_only_a_docker_of_roots_that_remaps_has_a_user_for_it(socket: Any) -> None:
    assert remaps(socket=socket) == {}


def test_whose_ids_docker_remaps_to() -> None:
    assert remaps() == {"dockremap": BARRED}
    assert remaps(socket=remapped("/var/lib/docker/300000.300000")) == {"ann": {**BARRED, "root_is_uid": 300000, "login_capable": True}}
    rootless = {"ann": {"uid": 1000, "engines": ["docker"]}}
    assert remaps("1000:100000:9\n", rootless=rootless) == {"1000": {**BARRED, "login_capable": True, "rootless": ["docker"]}}
    assert remaps("gone:100000:9\n") == {"gone": BARRED}


def test_everybody_whose_range_begins_there_counts() -> None:
    assert set(remaps("dockremap:100000:65536\nann:100000:1\n")) == {"dockremap", "ann"}
    assert set(remaps("dockremap:100000:65536\nann:50000:65536\n")) == {"dockremap"}  # that these overlap is told of the ranges
    assert set(remaps("dockremap:100000:65536\nann:0303240:1\n")) == {"dockremap", "ann"}  # shadow takes it for octal


def test_where_no_range_begins_there_it_is_not_known_whose_it_is() -> None:
    told = remaps("dockremap:200000:65536\n")
    assert set(told) == {"uid 100000"} and told["uid 100000"].why is Why.NONSENSE
    told = remaps("dockremap:200000:65536\n", files=False)
    assert told["uid 100000"].why is Why.LIMIT and isinstance(told, OpenObject)


def test_what_is_not_known_of_a_remapping_docker_is_never_taken_for_good() -> None:
    assert isinstance(derive({**facts(), "engines": DENIED})["remap_users"], Hole)
    told = remaps(socket={**remapped(), "info": DENIED})
    assert isinstance(told, OpenObject) and told == {}
    assert isinstance(remaps(nss=DENIED)["dockremap"]["login_capable"], Hole)
    assert isinstance(remaps(rootless=DENIED)["dockremap"]["rootless"], Hole)
    assert isinstance(remaps(rootless={"ann": DENIED})["dockremap"]["rootless"], OpenArray)
    assert remaps("ann:100000:1\n", nss=DENIED)["ann"]["login_capable"] is True
    listed = {"users": {"dockremap": {**DOCKREMAP["dockremap"], "shell": "/bin/bash"}}, "groups": {}}
    assert remaps(nss=listed)["dockremap"]["login_capable"] is True


def test_another_source_leaves_the_ranges_open() -> None:
    found = derive(facts("ann:100000:65536\n", files=False))
    assert isinstance(found["ranges"], OpenObject) and found["ranges"].hole.why == Why.LIMIT and "sss" in found["ranges"].hole.message
    assert isinstance(found["holders"], OpenObject) and isinstance(found["holders"]["ann"].get("subuid_total"), Hole)
    assert isinstance(found["ranges"]["subuid:ann:100000"]["overlaps"], OpenArray)


def test_a_file_that_was_not_read_costs_its_own_ranges() -> None:
    told = facts("bob:0:1\n", "bob:105:1\n")
    told["subids"]["files"]["/etc/subgid"]["lines"] = DENIED
    found = derive(told)
    assert isinstance(found["ranges"], OpenObject) and found["ranges"]["subuid:bob:0"]["includes_0"] is True
    assert found["ranges"]["subuid:bob:0"]["overlaps"] == [] and not isinstance(found["ranges"]["subuid:bob:0"]["overlaps"], OpenArray)
    assert isinstance(derive({**facts(), "subids": DENIED}), Hole)


def test_a_name_service_that_does_not_list_all_leaves_open_who_else_is_covered() -> None:
    for nss in (DENIED, {"users": incomplete(USERS, LDAP), "groups": incomplete(GROUPS, LDAP)}):
        found = ranges("bob:1000:1\ncarol:100000:10\nbob:0:1\n", "bob:105:1\n", nss=nss)
        assert found["subuid:bob:1000"]["users"] == ["ann"] and isinstance(found["subuid:bob:1000"]["users"], OpenArray)
        assert found["subgid:bob:105"]["groups"] == ["docker"] and isinstance(found["subgid:bob:105"]["groups"], OpenArray)
        assert isinstance(found["subuid:carol:100000"]["exists"], Hole) and isinstance(found["subuid:carol:100000"]["users"], Hole)
        assert found["subuid:bob:0"]["includes_0"] is True and found["subuid:carol:100000"]["overlap_count"] == 0


def test_an_overlap_of_somebody_not_known_may_be_the_same_owners() -> None:
    found = ranges("bob:100:10\ncarol:100:10\nann:105:1\n", nss={"users": incomplete(USERS, LDAP), "groups": GROUPS})
    assert isinstance(found["subuid:carol:100"]["overlap_count"], Hole) and found["subuid:carol:100"]["overlaps"] == []
    bob = found["subuid:bob:100"]
    assert isinstance(bob["overlap_count"], Hole) and bob["overlaps"] == ["subuid:ann:105"] and isinstance(bob["overlaps"], OpenArray)


def test_of_very_many_ranges_only_those_with_something_to_tell_stand_alone() -> None:
    plain = "".join(f"u{index}:{100_000 + index * 10}:10\n" for index in range(2000))
    told = facts(plain + "bob:0:1\nbob:0x10:1\n")
    found = derive(told)
    assert set(found["ranges"]) == {"subuid:bob:0", "subuid:bob:0x10:1", "subuid:bob:0x10:1 (as go read it)", "subuid: all others"}
    others = found["ranges"]["subuid: all others"]
    assert (others["stands_for"], others["users"], others["overlaps"], "owner" in others) == (2000, [], [], False)
    assert (others["first"], others["last"], others["meets"]) == (100_000, 119_999, [])
    assert set(found["holders"]) == {"all with 10 subuids and 0 subgids, and no account", "all with 2 subuids and 0 subgids"}
    assert len(found["holders"]["all with 10 subuids and 0 subgids, and no account"]["names"]) == 2000
    for hidden in (facts(plain + "bob:0:1\n", nss=DENIED), facts(plain + "bob:0:1\n", files=False)):
        found = derive(hidden)
        assert isinstance(found["ranges"], OpenObject) and "subuid:bob:0" in found["ranges"] and "subuid: all others" not in found["ranges"]
        assert isinstance(derive(hidden).get("holders"), Hole)


def test_of_very_many_ranges_those_that_share_ids_with_systemd_stand_together() -> None:
    found = derive(facts("".join(f"u{index}:{100_000 + index * 1000}:1000\n" for index in range(1200))))["ranges"]
    assert {key: (one["stands_for"], one["first"], one["last"]) for key, one in found.items()} == {
        "subuid: all others": (424, 100_000, 523_999),
        "subuid: all others that share ids with systemd-nspawn": (776, 524_000, 1_299_999),
    }


def test_twenty_thousand_lines_that_all_overlap_and_cover_everybody() -> None:
    """Whoever compared each with each would compare 200 million."""
    users = {f"u{index}": user(f"u{index}", index) for index in range(20_000)}
    told = facts("".join(f"u{index}:{index % 7}:4000000000\n" for index in range(20_000)), users=users, nss={"users": {}, "groups": {}})
    found = analysis_subid_coverage.derive(View(told), {})
    assert len(found["ranges"]) == 20_000
    sample = found["ranges"]["subuid:u19999:0"]
    assert sample["overlap_count"] == 19_999 and len(sample["overlaps"]) <= 2 and len(sample["users"]) == 20


RICH = (
    "ann:100000:65536\nann:100:1\nbob:1000:1\nbob:0x10:0x10\n1001:16:3\nbobby:17:1\nroot:0:0\n1000:1:2000\n"
    "carol:1:1\n01000:5000:1\njunk\nbob:4294967296:1\n4242:7000:1\n"
)
LISTED = {**USERS, "carol": user("carol", 5000), "dora": user("dora", 16)}


@pytest.mark.parametrize(
    "told",
    [
        facts(RICH, RICH),
        facts(RICH, "bob:0:106\n", nss={"users": LISTED, "groups": {**GROUPS, "ldap": group("ldap", 100)}}),
        facts(RICH, RICH, nss={"users": incomplete(LISTED, LDAP), "groups": incomplete(GROUPS, LDAP)}),
        facts(RICH, RICH, nss=DENIED, files=False),
        facts(RICH, RICH, nss={"users": {**LISTED, "bob": user("bob", 1002), "ann": user("ann", 1001)}, "groups": {"docker": group("docker", 106)}}),
        facts("ann:100:10\n1000:105:10\nbob:100:1\n", "ann:1:1\ncarol:1:1\n", nss={"users": incomplete(LISTED, LDAP), "groups": GROUPS}),
        facts(
            "dockremap:100000:65536\nann:300000:9\n1001:100000:9\n",
            users=DOCKREMAP,
            sockets={"/d": remapped(), "/e": remapped("/x/300000.300000"), "/f": remapped("/x/7.7"), "/g": remapped("/x", "name=rootless")},
            rootless={"ann": {"uid": 1000, "engines": ["docker"]}, "daemon": {"uid": 1, "engines": ["podman"]}, "bob": DENIED},
        ),
    ],
    ids=["files", "listed", "open", "elsewhere", "differing", "small", "remapped"],
)
def test_hiding_any_fact_only_makes_holes(told: dict[str, Any]) -> None:
    (analysis,) = ANALYSES
    assert hide_each(analysis, told) > 90
