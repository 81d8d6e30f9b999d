"""Ways to root, each walked to its end before the scanner is asked, and each once more with one fact less."""

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hosts import rows_paths, rows_paths_by_containers, rows_paths_by_credentials, rows_paths_by_programs, rows_paths_by_ssh
from hosts.planting import end
from hosts.rows_paths import EVERYONE
from hosts.walking import ASKS, MAPPED, Way, Ways
from real_engines.rootless_world import RootlessWorld
from real_engines.scans import Scan, Scanner

WAYS = [*rows_paths.WAYS, *rows_paths_by_programs.WAYS, *rows_paths_by_credentials.WAYS, *rows_paths_by_containers.WAYS, *rows_paths_by_ssh.WAYS]
RULES = ("--rule", "HC-ACC-20", "--rule", "HC-RTL-11")
SURE = "certain nothing: "
Paths = set[tuple[str, str]]


@pytest.fixture
def world() -> Iterator[RootlessWorld]:
    made = RootlessWorld()
    try:
        for name, code in (("asks", ASKS), ("mapped", MAPPED)):
            made.run("sh", "-c", f'printf %s "$1" > /run/{name}', "sh", code)
        yield made
    finally:
        end(made)


@pytest.fixture(scope="module")
def machine(scan: Scanner) -> Paths:
    """Return the paths that the machine has itself: by its sudoers and its programs, which a throwaway host has too."""
    made = RootlessWorld()
    try:
        return paths(scan(made, *RULES), made)
    finally:
        end(made)


def paths(scanned: Scan, world: RootlessWorld) -> Paths:
    """Return the paths of a report: whose, and how sure they are, what they need, and by which steps they go."""
    mine = [path for path in scanned.report["paths"] if not is_abroad(path, world)]
    return {(path["principal"], f"{path['strength']} {path['needs']}: {' '.join(step['edge'] for step in path['steps'])}") for path in mine}


def is_abroad(path: dict[str, Any], world: RootlessWorld) -> bool:
    """Say whether a path begins with a process that is none of this host's: a group is one by its number, and other tests run beside."""
    pids = re.findall(r"\(process ([0-9]+) has ", path["steps"][0]["because"])
    return any(network(int(pid)) != network(world.holder.pid) for pid in pids)


def network(pid: int) -> str:
    """Return whose network a process has, which containers of this host have too; "" for one that has ended."""
    try:
        return os.readlink(f"/proc/{pid}/ns/net")
    except OSError:
        return ""


def written(told: Ways) -> Paths:
    """Return the paths that a row says."""
    return {(who, way if ": " in way else f"{SURE}{way}") for who, ways in told.items() for way in ways}


def failing(found: Paths, way: Way) -> set[str]:
    """Return for whom HC-ACC-20 must fail where these are the paths."""
    approved = {name for value in way.values for name in value.partition("=")[2].split(",")}
    sure = {who.removeprefix("user:") for who, path in found if path.startswith(SURE)}
    users = {who.removeprefix("user:") for who, _ in found if who.startswith("user:")} if EVERYONE in sure else set()
    return {who for who in (sure | users) - approved if not who.startswith("container:")}  # which rules about containers judge


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_a_way_that_is_walked_is_told_and_with_one_fact_less_there_is_none(way: Way, world: RootlessWorld, scan: Scanner, machine: Paths) -> None:
    way.plant(world)
    for twin in (False, True):
        if twin:
            way.twin(world)
        assert way.walk(world) is not twin, "the host is not as it was to be"
        seen = scan(world, *RULES, *(word for value in way.values for word in ("--value", value)))
        told, found, results = written(way.left) if twin else written(way.certain) | written(way.other), paths(seen, world), seen.results()
        assert found - machine == told, twin
        fails = {subject for (rule, subject), result in results.items() if (rule, result) == ("HC-ACC-20", "fail")}
        assert fails & {who.removeprefix("user:") for who, _ in found} == failing(told | machine, way), twin
        assert {user: results.get(("HC-RTL-11", user)) for user in way.rootless} == {user: both[twin] for user, both in way.rootless.items()}, twin


def test_there_are_enough_and_each_leads_somebody_to_root() -> None:
    assert len({way.name for way in WAYS}) == len(WAYS) >= 60
    assert all(way.certain or way.other for way in WAYS)
    assert all(not written(way.left) >= written(way.certain) | written(way.other) for way in WAYS)
