"""What linux-smart-enumeration newly names on a host with a way to root is in our report; then the way is taken away, and what both still say is counted.

It is run as the user who has the way, on each host of tests/hosts/test_paths.py. `tox -e beside` runs this: half an hour on 2 idle cores.
"""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from beside import lse, outcomes, told
from beside.told import Ours
from hosts.planting import end
from hosts.test_paths import WAYS, written
from hosts.walking import ASKS, MAPPED, Way
from real_engines.rootless_world import RootlessWorld
from real_engines.scans import Scanner
from real_engines.world import USERS

Said = tuple[lse.Named, Ours]
OWN_TMP = ("mount", "--no-mtab", "-t", "tmpfs", "-o", "mode=1777", "tmpfs", "/tmp")
"""Programs that it calls leave something in /tmp."""


@pytest.fixture(scope="module")
def script() -> Path:
    place = os.environ.get(lse.VARIABLE)
    if not place:
        pytest.fail(f"set {lse.VARIABLE} to the path of the script lse.sh of linux-smart-enumeration: the comparison needs it, and the project has no copy")
    return Path(place)


def made() -> RootlessWorld:
    world = RootlessWorld()
    world.run(*OWN_TMP)
    for name, code in (("asks", ASKS), ("mapped", MAPPED)):
        world.run("sh", "-c", f'printf %s "$1" > /run/{name}', "sh", code)
    return world


@pytest.fixture
def world(script: Path) -> Iterator[RootlessWorld]:
    host = made()
    try:
        yield host
    finally:
        end(host)


@pytest.fixture(scope="module")
def untouched(script: Path, scan: Scanner) -> Callable[[str], Said]:
    """Return what both say of a host on which nothing was planted, to each user once."""
    said: dict[str, Said] = {}

    def of(user: str) -> Said:
        if user not in said:
            host = made()
            try:
                said[user] = lse.names(host, user, script), told.ours(scan(host), host)
            finally:
                end(host)
        return said[user]

    return of


def user_of(way: Way) -> str:
    """Return who has a way: a user who is named, else one of all users."""
    names = [who.removeprefix("user:") for who in (*way.certain, *way.other)]
    return next((name for name in names if name in USERS), "nobody")


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_what_is_named_is_told(
    way: Way, world: RootlessWorld, scan: Scanner, script: Path, untouched: Callable[[str], Said], record_property: Callable[[str, Any], None]
) -> None:
    user = user_of(way)
    before, ours_before = untouched(user)
    named: list[lse.Named] = []
    said: list[Ours] = []
    for plant in (way.plant, way.twin):
        plant(world)
        named.append(lse.names(world, user, script) - before)
        said.append(told.ours(scan(world, *(word for value in way.values for word in ("--value", value))), world))
    left = {f"{who}: {path}" for who, path in written(way.left)}
    found = outcomes.outcome(way.name, user, (named[0], named[1]), (said[0], said[1].more_than(ours_before)), left)
    record_property("outcome", json.dumps(found))
    if folder := os.environ.get(outcomes.VARIABLE):
        Path(folder, f"{way.name.replace('/', '-')}.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
    assert told.untold(named[0], said[0], user) == []


def test_what_it_prints_is_read_without_what_differs_from_run_to_run(world: RootlessWorld) -> None:
    printed = f"""
=====( file system )=====
[*] fst000 Some title... yes!
---
/opt/own
/tmp/tmp.0123456789
{world.base}/home/ann/x
---
[!] fst180 Another...... nope
[*] fst070 Of root...... yes!
---
total 8.0K
drwxr-xr-x 1 root root   60 Dec  1 11:20 ..
-rw-rw-r-- 1 root carol  60 Dec  1 11:20 .profile
---
[!] fst020 A third...... yes!
---
-rwsr-xr-x 1 root root 1265648 Dec  1 11:20 /opt/own
drwxr-xr-x 2 root root 4.0K Apr 18  2025 /opt/new
---
=====( processes )=====
[*] pro020 A fourth..... yes!
---
START      PID     USER COMMAND
11:20  {world.holder.pid}  root sleep infinity
11:20      1  root init
---
"""
    assert lse.read(printed, world) == {
        ("*fst000", "/opt/own"),
        ("*fst000", "{home}/ann/x"),
        ("!fst020", "-rwsr-xr-x root:root /opt/own"),
        ("*fst070", "-rw-rw-r-- root:carol /root/.profile"),
        ("!fst020", "drwxr-xr-x root:root /opt/new"),
        ("*pro020", "root sleep infinity"),
    }
