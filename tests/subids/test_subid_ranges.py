"""Which ranges the lines amount to for each reader, and which ids the kernel makes of the numbers."""

from typing import Any

import pytest
from subids.coverage import one, ranges

from hostcheck_builtin.subids.subid_ranges import LAST, go_ids, shadow_ids


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
