"""Of ranges that overlap those move that have to anyway, then those on later lines; all others stay."""

from typing import Any

import pytest
from subids.coverage import derive, facts


def ranges(*args: Any, **more: Any) -> Any:
    return derive(facts(*args, **more))["ranges"]


def test_of_those_that_overlap_the_earlier_line_stays() -> None:
    found = ranges("ann:100000:65536\nbob:165535:9\ngone:165540:9\n1000:100005:9\n")
    assert [one["moves"] for one in found.values()] == [False, True, False, False]
    found = ranges("ann:1000000:10\nbob:2000000:10\ngone:1000000:2000000\n")
    assert [one["moves"] for one in found.values()] == [False, False, True]
    assert found["subuid:gone:1000000"]["shares"][0] == "ann (line 1 of /etc/subuid: uids 1000000-1000009)"


def test_a_range_that_goes_anyway_is_in_nobodys_way() -> None:
    found = ranges("ann:0:200000\nbob:100000:65536\n")
    assert [one["moves"] for one in found.values()] == [True, False]
    found = ranges("", "ann:50:100000\nbob:100000:65536\n")
    assert [one["moves"] for one in found.values()] == [True, False]


@pytest.mark.parametrize("line", ["ann:0:200000", "ann:1000:200000", "ann:61184:200000"])
def test_what_has_to_move_anyway_is_never_kept(line: str) -> None:
    """Not even the first of two such."""
    found = ranges(f"{line}\nbob:1000:100000\ngone:100000:65536\n")
    assert [one["moves"] for one in found.values()] == [True, True, False]


def test_of_very_many_that_overlap_all_move() -> None:
    found = ranges("".join(f"u{index}:{100_000 + index}:2\n" for index in range(1001)))
    assert all(one["moves"] for one in found.values() if one["stands_for"] == 1)
