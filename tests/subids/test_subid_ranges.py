"""Which ranges the lines amount to for each reader, and which ids the kernel makes of the numbers."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from subids.coverage import DENIED, one, ranges

from hostcheck.model import incomplete
from hostcheck.view import View
from hostcheck_builtin.subids.subid_ranges import LAST, READERS, go_ids, shadow_ids
from hostcheck_builtin.subids.subid_ranges import ranges as read


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


def line(number: int, **more: Any) -> dict[str, Any]:
    return {"line": number, "owner": "bob", "start": 5, "count": 2, **more}


def test_a_line_that_is_not_known_costs_itself_and_is_never_no_line() -> None:
    wild = {"line": 9, "excerpt": "w", "readings": {"go": {"owner": "bob", "start": 1 << 32, "count": 3}, "shadow": {"owner": "bob", "start": 5, "count": 0}}}
    parts: dict[str, Any] = {"lines": {"a": line(1), "b": line(2, start=DENIED)}, "irregular": {"w": wild}}
    found = read(View(parts), "subuid")
    assert [(one.key, one.line, one.first, one.last, one.by, one.wraps) for one in found.found] == [
        ("subuid:a", 1, 5, 6, READERS, False),
        ("subuid:w (as go read it)", 9, 0, 2, ("go",), True),
    ]
    assert found.unknown == DENIED
    for part in ("lines", "irregular"):
        for hole in (DENIED, incomplete(parts[part], DENIED)):
            assert read(View({"lines": {"a": line(1)}, "irregular": {"w": wild}, part: hole}), "subuid").unknown == DENIED
    assert read(View({"lines": {}, "irregular": {"w": wild}}), "subuid").unknown is None


@given(st.integers(-5, 1 << 65), st.integers(-5, 1 << 65))
def test_no_numbers_give_ids_that_cannot_be_mapped(start: int, count: int) -> None:
    for ids in (go_ids(start, count), shadow_ids(abs(start), abs(count))):
        assert ids is None or 0 <= ids[0] <= ids[1] <= LAST
