"""What is judged of a range, and which ranges of very many stand alone: those with the lowest ids of others, then those that meet most."""

from typing import Any

from subids.coverage import derive, facts

from hostcheck_builtin.accounts.id_index import IdIndex
from hostcheck_builtin.subids.probe_subids import lines
from hostcheck_builtin.subids.range_traits import MANY, WORST, lowest, parted
from hostcheck_builtin.subids.subid_files import File, sorted_out
from hostcheck_builtin.subids.subid_ranges import LAST, ranges

USERS = IdIndex(names={1: ["daemon"], 1000: ["ann"], 1001: ["bob"]}, numbers={"daemon": 1, "ann": 1000, "bob": 1001}, ordered=[1, 1000, 1001])


def file(text: str, kind: str = "subuid") -> File:
    plain, irregular = lines(text.encode())
    told: Any = {"lines": plain, "irregular": irregular}
    return sorted_out(ranges(told, kind), kind, None, USERS)


def test_what_a_range_has_to_tell() -> None:
    traits = parted(file("ann:0:1\nann:1000:1\nbob:1000:1\nann:200000:9\nann:200000:5\n0x1:70000:1\n"), USERS).traits
    told = {key: (one.zero, one.accounts, one.others, one.repeats, one.portable) for key, one in traits.items()}
    assert told == {
        "subuid:ann:0": (True, False, False, False, True),
        "subuid:ann:1000": (False, False, True, False, True),
        "subuid:bob:1000": (False, True, True, False, True),
        "subuid:ann:200000": (False, False, False, True, True),
        "subuid:ann:200000#2": (False, False, False, True, True),
        "subuid:0x1:70000": (False, False, False, False, True),
    }


def test_the_lowest_id_of_somebody_else() -> None:
    found = file("ann:0:2000\nann:1000:9\nann:1001:1\nann:1002:1\n")
    assert [lowest(one, found, USERS) for one in found.ranges] == [1, 1001, 1001, LAST + 1]


def test_up_to_many_each_stands_alone() -> None:
    part = parted(file("".join(f"u{index}:{100_000 + index}:2\n" for index in range(MANY))), USERS)
    assert part.alone == list(range(MANY)) and not part.together


def test_of_more_the_worst_stand_alone_in_their_order() -> None:
    text = "".join(f"u{index}:{100_000 + index}:2\n" for index in range(MANY)) + "x:1000:1\ny:0:1\nz:1:1\nw:100500:400\n"
    found = file(text)
    part = parted(found, USERS)
    assert len(part.alone) == WORST and part.alone == sorted(part.alone)
    assert {"subuid:x:1000", "subuid:y:0", "subuid:z:1", "subuid:w:100500"} <= {found.ranges[place].key for place in part.alone}
    assert sum(len(places) for places in part.together.values()) == MANY + 4 - WORST


def test_what_they_have_in_common_in_words() -> None:
    found = derive(facts("".join(f"u{index}:{100_000 + index * 10}:10\n" for index in range(MANY + 1)) + "u0:50000:1\nu0:50000:1\n"))["ranges"]
    assert set(found) == {"subuid: all others", "subuid:u0:50000", "subuid:u0:50000#2"}
