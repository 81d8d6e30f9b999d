"""Free ranges: of no account, of no group, of no other range, and not two the same."""

from hypothesis import given
from hypothesis import strategies as st

from hostcheck_builtin.subids.spare_ranges import RESERVED, SIZE, spares


def firsts(accounts: list[str], taken: list[tuple[int, int]], whole: list[tuple[int, int]] | None = None, **settings: int) -> list[int]:
    return [one["first"] for one in spares(accounts, taken, whole or [], settings).values()]


def test_they_begin_where_useradd_begins_and_pass_over_what_is_taken() -> None:
    assert spares(["ann"], [], [], {}) == {"ann": {"first": 100000, "last": 165535, "meets": []}}
    assert firsts(["ann", "bob"], [(100000, 165535)]) == [165536, 231072]
    assert firsts(["ann", "bob"], [(120000, 120000), (190000, 190009)]) == [120001, 190010]
    assert firsts(["ann"], [(0, 99999), (100010, 100020)]) == [100021]


def test_login_defs_says_where_they_may_be() -> None:
    assert firsts(["ann"], [], SUB_UID_MIN=200000) == firsts(["ann"], [], SUB_GID_MIN=200000) == [200000]
    assert firsts(["ann", "bob"], [], SUB_GID_MAX=165535) == [100000]
    assert firsts(["ann"], [], SUB_UID_MIN=1, SUB_GID_MIN=1) == [65536]
    assert firsts(["ann"], [], SUB_UID_MAX=5) == []


def test_ids_that_systemd_gives_to_its_containers_come_last() -> None:
    names = [f"u{number}" for number in range(8)]
    found = spares(names, [], [], {})
    assert [one["first"] for one in found.values()] == [100000 + SIZE * number for number in range(6)] + [524288, 589824]
    assert [one["meets"] for one in found.values()] == [[]] * 6 + [["systemd-nspawn"]] * 2
    assert firsts(names, [(100000, 524287)], SUB_UID_MAX=4294967294, SUB_GID_MAX=4294967294)[0] == 1879048192


def test_a_range_with_every_id_there_is_takes_nothing_from_the_others() -> None:
    assert firsts(["ann"], [(100000, 165535)], [(0, 4294967294)]) == [165536]
    assert firsts(["ann"], [], [(0, 100005)]) == [100006]


@given(st.lists(st.tuples(st.integers(0, 1 << 21), st.integers(1, 200_000)), max_size=20), st.integers(1, 12))
def test_nobody_else_has_an_id_of_them(used: list[tuple[int, int]], count: int) -> None:
    taken = [(first, first + size - 1) for first, size in used]
    found = spares([f"u{number}" for number in range(count)], taken, [], {})
    spans = [(one["first"], one["last"]) for one in found.values()]
    hard = [ids for name, ids in RESERVED.items() if name != "systemd-nspawn"]
    for place, (first, last) in enumerate(spans):
        assert last - first + 1 == SIZE and 100000 <= first and last <= 600100000
        assert not any(first <= end and last >= start for start, end in [*taken, *hard, *spans[place + 1 :]])
    assert len(found) == count
