"""Of a user with very many sets of credentials those stand together that can matter alike, and no group that somebody gave is lost or made up."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from system.process_host import host, process, roots

from hostcheck.host.answers import Process
from hostcheck_builtin.system.credential_sets import NAMELESS, SETS, SPANS, few, held, ranges
from hostcheck_builtin.system.credentials import credentials

GROUP = "docker:x:105:\nstaff:x:50:\ndave:x:1000:\n"
PASSWD = "root:x:0:0::/root:/bin/sh\ndave:x:1000:1000::/home/dave:/bin/sh\n"


def stated(*processes: Process) -> Any:
    return credentials(host({"/etc/group": GROUP, "/etc/passwd": PASSWD}, processes=processes))


def crowd(count: int, *more: int, uid: int = 1000, start: int = 10) -> list[Process]:
    return [process(start + index, uid, 1000, *more, 100_000 + 2 * index, host=False, user_view=True) for index in range(count)]


def test_a_hundred_sets_are_told_as_they_are() -> None:
    told = stated(*crowd(SETS))
    assert len(told) == SETS and not any("some_groups" in one for one in told.values())


def test_of_more_sets_those_with_the_same_groups_of_etc_group_stand_together() -> None:
    told = stated(*crowd(5000), process(7, 1000, 1000, 105), process(8, 1001, 1001, 105))
    assert set(told) == {"1000/1000:many with 1000:elsewhere:own view", "1000/1000:many with 105,1000", "1001:1001:105"}
    many = told["1000/1000:many with 1000:elsewhere:own view"]
    assert (many["uids"], many["groups"], many["count"], many["pids"], many["users"]) == ([1000] * 4, [1000], 5000, list(range(10, 30)), 1)
    assert len(many["some_groups"]) == SPANS and many["some_groups"][0][0] == 100_000 and sum(many["some_groups"][-1]) == 109_999
    with_docker = told["1000/1000:many with 105,1000"]
    assert (with_docker["groups"], with_docker["some_groups"], with_docker["pids"], with_docker["host_mounts"]) == ([105, 1000], [], [7], True)


def test_a_few_sets_of_very_many_groups_stand_together() -> None:
    told = stated(*(process(number, 1000, 1000, *range(100_000 + number, 111_000)) for number in (5, 6)))
    (many,) = told.values()
    assert many["some_groups"] == [[100_005, 1]] and len(many["groups"]) == 10_995


def test_too_many_sets_of_ids_and_capabilities_stand_together_by_what_they_see() -> None:
    caps = [replace(one, cap_effective=bits << 2, uids=(1000, 1000, 1000, 100_000 + bits % 7)) for bits, one in enumerate(crowd(4096))]
    maps = {f"/proc/{one.pid}/{name}": f"0 1000 1\n1 {100_000 + one.pid} 1\n" for one in caps for name in ("uid_map", "gid_map")}
    told = credentials(host({"/etc/group": GROUP, **maps}, processes=[*caps, process(7, 1000, 1000, 105)]))
    assert set(told) == {"1000:many", "1000:many:elsewhere:own view", "1000:many:elsewhere:own view:capable"}
    able = told["1000:many:elsewhere:own view:capable"]
    assert able["dac_override"] is False and able["dac_read_search"] is True and "cap_setuid" in able["powers"]
    assert able["mapped_uids"][0] == [1000, 1] and len(able["mapped_uids"]) <= SPANS
    assert told["1000:many"]["groups"] == [105, 1000]


def test_of_a_thousand_users_without_an_account_the_others_stand_together() -> None:
    told = stated(*(process(100 + index, 100_000 + index, 100_000) for index in range(NAMELESS + 500)), process(5, 1000, 1000, 105))
    assert len(told) == NAMELESS + 2 and told["1000:1000:105"]["pids"] == [5]
    (many,) = [one for one in told.values() if "users" in one]
    assert (many["users"], many["count"], many["uids"]) == (500, 500, [101_000] * 4)


def test_users_of_ones_range_have_no_more_sets_together_than_one_user() -> None:
    files = {"/etc/group": GROUP, "/etc/passwd": "ann:x:1000:1000::/home/ann:/bin/sh\n", "/etc/subuid": "ann:100000:65536\n"}
    range_ = [process(100 + index, 100_000 + index, 100_000) for index in range(SETS + 50)]
    told = credentials(host(files, processes=[*range_, process(5, 1000, 1000, 105), process(6, 300_000, 300_000)]))
    assert sorted(one["count"] for one in told.values()) == [1, 1, SETS + 50]


def test_a_program_that_is_setuid_is_told_apart_in_a_crowd() -> None:
    inside = replace(process(7, 1000, 1000, 105), uids=(1000, 0, 0, 0))
    told = stated(*crowd(SETS + 1), inside)
    assert told["1000/0:many with 105,1000:setuid"]["uids"] == [1000] * 4 and told["1000/0:many with 105,1000:setuid"]["groups"] == [105, 1000]


def test_what_root_made_and_what_a_user_made_is_told_apart_in_a_crowd() -> None:
    told = stated(*crowd(SETS), roots(7, 1000, 1000, 50))
    assert {"1000/1000:many with 1000:elsewhere:own view", "1000/1000:many with 50,1000:elsewhere"} == set(told)


@given(st.sets(st.integers(0, 3000), min_size=1), st.sets(st.integers(0, 3000), max_size=5))
def test_ranges_have_every_id_and_pass_over_nobody(ids: set[int], named: set[int]) -> None:
    told = {number for first, count in ranges(ids, named) for number in range(first, first + count)}
    assert ids <= told and not (told - ids) & named
    assert told == ids or len(ranges(ids)) == SPANS


def test_more_ranges_than_are_told_close_the_smallest_gaps_first() -> None:
    ids = {number for index in range(SPANS) for number in (10_000 + 100 * index, 10_002 + 100 * index)}
    found = ranges(ids)
    assert found == [[10_000 + 100 * index, 3] for index in range(SPANS)]
    assert len(ranges(ids, {10_001})) == SPANS + 1
    assert few([[5, 5], [0, 3], [7, 9], [3, 1]]) == [[0, 4], [5, 11]]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([1000, 1001]), st.sets(st.sampled_from([50, 105, 1000, *range(100_000, 100_200)]), max_size=6)), max_size=40))
def test_whatever_stands_together_no_group_is_lost_and_none_of_etc_group_is_made_up(people: list[tuple[int, set[int]]]) -> None:
    everybody = [process(900 + index, uid, 1000, *sorted(gids)) for index, (uid, gids) in enumerate(people)]
    told = stated(*everybody, *crowd(SETS + 1, uid=1001))
    by_pid = {pid: one for one in told.values() for pid in one["pids"]}
    for one in everybody:
        if one.pid in by_pid:
            entry = by_pid[one.pid]
            groups = {*entry["gids"], *entry["groups"], *(gid for first, count in entry.get("some_groups", ()) for gid in range(first, first + count))}
            assert held(one) <= groups and (groups - held(one)) & {50, 105} == set() and entry["uids"][0] == one.uids[0]
