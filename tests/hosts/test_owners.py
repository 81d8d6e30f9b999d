"""What a user lays costs that user alone: whatever the attackers do, what is told of everybody else is what was told of the untouched host.

The paths of the attackers' own that are certain are told as well, and a scan ends within its default deadline.
"""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hosts.attacks import Attack
from hosts.owners_attacks import BEHIND, MOVED, PLANS
from hosts.owners_compare import fresh, lost, told
from hosts.owners_crews import Crew, by, first
from hosts.owners_places import PLACES
from hosts.owners_red import RED
from hosts.owners_victims import FAILS, accounts, programs, victim
from hosts.planting import end
from real_engines.rootless_world import RootlessWorld
from real_engines.scans import Scan, Scanner

DEADLINE = 10.0
SLACK = 5.0
"""Seconds for nsenter, the interpreter, and the writing of the report, beside other work on the machine."""
OPTIONS = ("--role", "workstation", "--profile", "level2")
CRON = PLACES["a program of cron"]
BUSY = "sockets behind directories with ACLs in /tmp, by one user"


def marked(name: str, *values: Any) -> Any:
    """Return a parameter, of which it is expected that it fails where the attack succeeds as yet."""
    return pytest.param(*values, id=name, marks=[pytest.mark.xfail(strict=True, reason=RED[name])] if name in RED else [])


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


@pytest.mark.parametrize(("crew", "attack"), [marked(attack.name, crew, attack) for plan in PLANS for crew, attack in plan.attacks()])
def test_what_is_told_of_others_stays_and_the_attackers_own_paths_are_told(
    crew: Crew, attack: Attack, world: RootlessWorld, scan: Scanner, untouched: Scan
) -> None:
    attack.does(world)
    after = told(scan(world, *OPTIONS), world)
    assert lost(untouched, after, crew) == {}, "\n".join(fresh(untouched, after))
    assert {name for name in crew.accounts if after.report["told"].get(f"HC-ACC-20 {name}") != "fail"} == set()
    assert after.seconds < DEADLINE + SLACK


@pytest.mark.parametrize("crew, attack", [marked(f"beside two busy loops: {BUSY}", *one) for one in PLANS[0].attacks()[:1]])
def test_beside_two_busy_loops(crew: Crew, attack: Attack, world: RootlessWorld, scan: Scanner, untouched: Scan) -> None:
    loops = [subprocess.Popen([sys.executable, "-I", "-c", "while True: pass"]) for _ in range(2)]
    try:
        test_what_is_told_of_others_stays_and_the_attackers_own_paths_are_told(crew, attack, world, scan, untouched)
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def laid(scan: Scanner, places: dict[str, Any], behind: dict[str, str]) -> dict[str, tuple[str | None, str | None]]:
    """Return by name whether the path of its user is told, before and after.

    Each name has a user of its own, a place by which root runs that user's file, and what the user then puts behind it.
    """
    users = dict(zip(places, first(len(places)), strict=True))
    made = RootlessWorld()
    try:
        accounts(made)
        programs(made, first(len(places)))
        for number, (name, plant) in enumerate(places.items()):
            plant(f"{{home}}/{users[name]}/job", f"p{number}")(made)
        before = scan(made, "--rule", "HC-ACC-20").results()
        codes = {users[name]: behind[name] for name in places}
        by(Crew(name="", accounts=first(len(places))), f"{MOVED}\nexec(GIVEN[0][NAME])", codes)(made)
        after = scan(made, "--rule", "HC-ACC-20").results()
    finally:
        end(made)
    return {name: (before.get(("HC-ACC-20", user)), after.get(("HC-ACC-20", user))) for name, user in users.items()}


@pytest.fixture(scope="module")
def by_place(scan: Scanner) -> dict[str, tuple[str | None, str | None]]:
    return laid(scan, PLACES, dict.fromkeys(PLACES, BEHIND["70 directories"]))


@pytest.mark.parametrize("place", [marked(f"in the place of {place}", place) for place in PLACES])
def test_a_certain_path_by_any_place_stays_certain_behind_70_directories(place: str, by_place: dict[str, tuple[str | None, str | None]]) -> None:
    assert by_place[place] == ("fail", "fail")


@pytest.mark.parametrize("kind", [marked(f"behind it {kind}", kind) for kind in BEHIND])
def test_a_certain_path_stays_certain_whatever_its_user_puts_behind_it(kind: str, scan: Scanner) -> None:
    """Each has a host of its own: what one user puts there is not to be what another one's path is lost by."""
    assert laid(scan, {kind: CRON}, BEHIND) == {kind: ("fail", "fail")}
