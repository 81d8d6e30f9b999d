"""What stands for a process that ended before it was read: those that came after it."""

import pytest

from hostcheck.host import LimitExceeded
from hostcheck.host.memory import MemoryHost
from hostcheck_builtin.system.later_processes import LaterProcesses

FIRST = "         0          0 4294967295\n"
OWN = "         0       4005          1\n"


def process(pid: int, uid: int, able: int, ids: str) -> dict[str, str]:
    status = f"Name:\tsh\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\nCapPrm:\t{able:016x}\nCapEff:\t0000000000000000\n"
    return {f"/proc/{pid}/status": status, f"/proc/{pid}/uid_map": ids, f"/proc/{pid}/gid_map": ids}


def test_those_of_the_same_user_with_one_of_its_capabilities_stand_for_it() -> None:
    files = {**process(5, 4005, 2, FIRST), **process(8, 4005, 2, OWN), **process(9, 4005, 4, FIRST), **process(10, 4006, 2, FIRST)}
    later = LaterProcesses(host=MemoryHost(files), listed=frozenset({5, 7}))
    assert later.maps_of(7, 4005, 3, "uid_map") == [OWN]


def test_where_nobody_came_nothing_stands_for_it() -> None:
    later = LaterProcesses(host=MemoryHost(process(5, 4005, 2, FIRST)), listed=frozenset({5, 7}))
    assert later.maps_of(7, 4005, 2, "gid_map") == []


def test_one_that_lives_has_not_ended() -> None:
    later = LaterProcesses(host=MemoryHost(process(7, 4005, 2, FIRST)), listed=frozenset({7}))
    with pytest.raises(LimitExceeded, match="/proc/7/uid_map"):
        later.maps_of(7, 4005, 2, "uid_map")
