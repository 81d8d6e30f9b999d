"""What a user mounts after the table of mounts was read: its owners and modes are the user's word, so that no program there gives anything."""

import json
import sys
from collections.abc import Iterator

import pytest
from hosts.attacks import DAVE, FUSE, runs
from hosts.planting import end, over, shell
from real_engines.rootless_world import RootlessWorld

SEARCH = """
import json, sys
from hostcheck.host.local import LocalHost
def told(place, rights):
    found = LocalHost().privileged_programs(place, rights, depth=2)
    return [list(found), str(getattr(found, "hole", ""))]
print(json.dumps([told(place, rights) for place in sys.argv[1:] for rights in ("owner", "group", "writers")]))
"""
"""A search that was not told to spare the place, as where it was mounted on since."""


@pytest.fixture
def world() -> Iterator[RootlessWorld]:
    world = RootlessWorld()
    try:
        over("/etc/fuse.conf", "user_allow_other\n")(world)
        shell("install -m 6755 /usr/bin/true {home}/dave/own")(world)
        yield world
    finally:
        end(world)


def searched(world: RootlessWorld, *places: str) -> list[list[str]]:
    return json.loads(world.run(sys.executable, "-I", "-c", SEARCH, *(f"{world.base}/home/{place}" for place in places)))


def test_what_a_users_file_system_says_of_programs_is_not_believed(world: RootlessWorld) -> None:
    before = searched(world, "dave")
    assert ["own" in names for names, _ in before] == [True, True, False]
    runs(FUSE, "forges", "{home}/m")(world)
    assert "-rwsr-sr-x" in world.run("ls", "-l", f"{world.base}/home/dave/m/sh", user=DAVE)
    assert searched(world, "dave", "dave/m") == [*before, [[], ""], [[], ""], [[], ""]]


def test_a_users_file_system_that_keeps_root_out_leaves_nothing_open(world: RootlessWorld) -> None:
    before = searched(world, "dave")
    runs(FUSE, "denies", "{home}/m")(world)
    assert searched(world, "dave") == before
