from typing import Any

import pytest
from hiding import hide_each
from subids.coverage import DENIED, GROUPS, LDAP, SCHEMA, USERS, derive, facts, group, one, ranges, user
from subids.test_userns_remap import DOCKREMAP, remapped

from hostcheck.model import Hole, OpenArray, OpenObject, Why, incomplete
from hostcheck.schema import check
from hostcheck.view import View
from hostcheck_builtin.subids import ANALYSES, analysis_subid_coverage
from hostcheck_builtin.subids.range_traits import WORST


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
    told |= {"overlaps": [], "shares": [], "overlap_count": 0, "repeats": 0, "meets": [], "reserved": {}, "accounts": []}
    told |= {"line_key": "ann:100000", "who": "ann", "text": "ann:100000:65536", "account": "ann", "remove_by": "usermod", "moves": False}
    told |= {"offered": False, "docker": "none", "lingers": False}
    uids, gids = ({"ids": f"{kind}s 100000-165535", "place": f"line 1 of /etc/sub{kind}"} for kind in ("uid", "gid"))
    assert found == {
        "subuid:ann:100000": {**told, **uids, "file": "subuid", "includes_own_uid": False, "users": []},
        "subgid:ann:100000": {**told, **gids, "file": "subgid", "groups": []},
    }
    assert not isinstance(found, OpenObject)


def test_no_ranges() -> None:
    nothing: dict[str, Any] = {"repairs": {"/etc/subuid": {}, "/etc/subgid": {}}}
    assert derive(facts()) == {**nothing, **dict.fromkeys(("ranges", "holders", "owners", "users", "beside", "remap_users"), {})}


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


def test_more_overlaps_than_are_told() -> None:
    found = ranges("ann:100:9\nbob:100:1\ngone:101:1\ndaemon:102:1\n")["subuid:ann:100"]
    assert found["overlap_count"] == 3 and isinstance(found["overlaps"], OpenArray) and found["overlaps"].hole.why == Why.LIMIT


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


@pytest.mark.laws
def test_twenty_thousand_lines_that_all_overlap_and_cover_everybody() -> None:
    """Whoever compared each with each would compare 200 million."""
    users = {f"u{index}": user(f"u{index}", index) for index in range(20_000)}
    told = facts("".join(f"u{index}:{index % 7}:4000000000\n" for index in range(20_000)), users=users, nss={"users": {}, "groups": {}})
    found = analysis_subid_coverage.derive(View(told), {})
    assert sum(one["stands_for"] for one in found["ranges"].values()) == 20_000 and len(found["ranges"]) == WORST + 2
    sample = found["ranges"]["subuid:u21:0"]
    assert sample["overlap_count"] == 19_999 and len(sample["overlaps"]) <= 2 and len(sample["users"]) == 20


def test_of_very_many_ranges_that_give_something_away_the_worst_stand_alone_and_the_rest_is_judged_with_them() -> None:
    lines = [f"u{index}:{1_000_000 + index * 10}:20\n" for index in range(1500)]
    found = derive(facts("".join([*lines, "late:500:501\n", "last:0:1\n"])))["ranges"]
    assert len(found) == WORST + 1 and {"subuid:late:500", "subuid:last:0"} <= found.keys()
    name = "subuid: all others that share ids with ranges of other owners and share ids with systemd-nspawn"
    rest = found[name]
    assert (rest["stands_for"], rest["includes_0"], rest["users"], rest["overlap_count"], "owner" in rest) == (1302, False, [], 2, False)
    assert rest["place"] == "1302 other ranges of /etc/subuid" and len(rest["shares"]) == 2
    uncertain = derive(facts("".join([*lines, "last:0:1\n"]), nss=DENIED))["ranges"]
    assert isinstance(uncertain, OpenObject) and "subuid:last:0" in uncertain and len(uncertain) == WORST
    assert all(isinstance(one["overlaps"], OpenArray) or one["overlaps"] for one in uncertain.values() if one["first"])


def test_of_very_many_groups_in_ranges_that_stand_together_those_that_are_told_are_judged() -> None:
    groups = {f"g{index}": group(f"g{index}", 3000 + index) for index in range(1500)}
    found = ranges("", "".join(f"u{index}:{3000 + index}:1\n" for index in range(1500)), groups=groups)
    rest = next(one for key, one in found.items() if key.startswith("subgid: all others"))
    assert rest["stands_for"] == 1300 and rest["groups"] == [f"g{index}" for index in range(200, 300)] and rest["groups"].hole.why == Why.LIMIT


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
@pytest.mark.laws
def test_hiding_any_fact_only_makes_holes(told: dict[str, Any]) -> None:
    (analysis,) = ANALYSES
    assert hide_each(analysis, told) > 90
