"""What a user lays costs that user alone: whatever the attackers do, what is told of everybody else is what was told of the untouched host.

The paths of the attackers' own that are certain are told as well, and a scan ends within its default deadline.
"""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator

import pytest
from hosts.attacks import Attack
from hosts.owners_attacks import CROWDS, PLANS
from hosts.owners_compare import fresh, lost, told
from hosts.owners_crews import DAVE, STRANGERS, Crew
from hosts.owners_victims import FAILS, victim
from hosts.planting import end
from real_engines.rootless_world import RootlessWorld
from real_engines.scans import Scan, Scanner

DEADLINE = 10.0
SLACK = 5.0
"""Seconds for nsenter, the interpreter, and the writing of the report, beside other work on the machine."""
OPTIONS = ("--role", "workstation", "--profile", "level2")
BUSY = "sockets behind directories with ACLs in /tmp, by one user"


@pytest.fixture(scope="module")
def untouched(scan: Scanner) -> Scan:
    """Return the scan of the host before anybody did anything; how often it is made anew changes nothing of what is told."""
    world = RootlessWorld()
    try:
        victim(world)
        before = told(scan(world, *OPTIONS), world)
    finally:
        end(world)
    assert {text: before.report["told"].get(text) for text in FAILS} == dict.fromkeys(FAILS, "fail")
    return before


@pytest.fixture
def world() -> Iterator[RootlessWorld]:
    made = RootlessWorld()
    try:
        victim(made)
        yield made
    finally:
        end(made)


MADE = [*(one for plan in PLANS for one in plan.attacks()), *((DAVE, attack) for attack in CROWDS)]


@pytest.mark.parametrize(("crew", "attack"), [pytest.param(crew, attack, id=attack.name) for crew, attack in MADE])
def test_what_is_told_of_others_stays_and_the_attackers_own_paths_are_told(
    crew: Crew, attack: Attack, world: RootlessWorld, scan: Scanner, untouched: Scan
) -> None:
    attack.does(world)
    after = told(scan(world, *OPTIONS), world)
    assert lost(untouched, after, crew) == {}, "\n".join(fresh(untouched, after))
    assert {name for name in crew.accounts if after.report["told"].get(f"HC-ACC-20 {name}") != "fail"} == set()
    strangers = Counter(text.split()[0] for text in after.report["told"] if (uid := re.search(" uid ([0-9]+)$", text)) and int(uid[1]) in STRANGERS)
    assert [rule for rule, count in strangers.items() if count > 1] == []
    assert after.seconds < DEADLINE + SLACK


@pytest.mark.parametrize(("crew", "attack"), [pytest.param(*one, id=BUSY) for one in PLANS[0].attacks()[:1]])
def test_beside_two_busy_loops(crew: Crew, attack: Attack, world: RootlessWorld, scan: Scanner, untouched: Scan) -> None:
    loops = [subprocess.Popen([sys.executable, "-I", "-c", "while True: pass"]) for _ in range(2)]
    try:
        test_what_is_told_of_others_stays_and_the_attackers_own_paths_are_told(crew, attack, world, scan, untouched)
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()
