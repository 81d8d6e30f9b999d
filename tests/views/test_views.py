"""Who sees less of a host never sees a better one: each host of tests/hosts, and pairs of them in one, is scanned by root and from eleven lesser views.

A true failure is one that root sees before the other scans and after them: the machine's processes are those of all hosts on it. `tox -e views` runs this,
side by side with nothing else: more than 2,000 scans take half an hour on 2 idle cores.
"""

import random
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from threading import Lock
from typing import Any

import pytest
from hosts import rows_clients, rows_kernel, rows_sockets, rows_subids
from hosts.planting import ABSTRACT, PYTHON, Host, all_of, end, ready
from hosts.test_hosts import ROWS
from real_engines.rootless_world import RootlessWorld
from real_engines.scans import Scan, Scanner
from views.views import VIEWS, View

from hostcheck.testing.laws import worse

SEED = 12
SIDE_BY_SIDE = 4
LINK = "docker.sock is a link to podman.sock"
"""A host that has a link where those of rows_clients have root's engine, so that it is no pair with one of them."""
ROOTS = Lock()
"""Root's scans exclude each other, but where their view has a /run/hostcheck of its own."""
ANSWERS = {"fail": "still failed", "error": "undetermined", "unknown": "undetermined", None: "undetermined"}


def pairs() -> list[Host]:
    """Return hosts with the faults of two others: always the same, by a fixed seed."""
    chosen = random.Random(SEED)
    rows = (*rows_subids.HOSTS, *rows_clients.HOSTS, *rows_kernel.HOSTS)
    others = [row for row in rows if row.fails and not row.alone and "default socket" not in row.name]  # which makes a link where the first has its socket
    first = chosen.sample([row for row in rows_sockets.HOSTS if row.fails and not row.alone], 20)
    return [paired(one, other) for one, other in zip(first, chosen.sample(others, 20), strict=True) if one.name != LINK or other not in rows_clients.HOSTS]


def paired(one: Host, other: Host) -> Host:
    """Return the host with the faults of both; what it would fail is not written down, as root's scan says it."""
    return Host(
        name=f"{one.name}; and {other.name}", plant=all_of(one.plant, other.plant), proof=lambda _: True, role=one.role, values=(*one.values, *other.values)
    )


HOSTS = [*ROWS, *pairs()]


@pytest.fixture(params=HOSTS, ids=lambda host: host.title)
def host(request: pytest.FixtureRequest) -> Iterator[tuple[Host, RootlessWorld]]:
    world = RootlessWorld()
    try:
        request.param.plant(world)
        yield request.param, world
    finally:
        end(world)


def entered(world: RootlessWorld, view: View) -> tuple[str, ...]:
    """Return the command that enters a view of a host."""
    return tuple(word.replace("{homes}", f"{world.base}/home") for word in view.through)


def scanned(scan: Scanner, world: RootlessWorld, view: View, options: tuple[str, ...]) -> Scan:
    """Scan a host from a view."""
    with nullcontext() if view.user != "root" or view.own_run else ROOTS:
        return scan(world, *options, user=view.user, through=entered(world, view))


def test_no_true_failure_gets_better(host: tuple[Host, RootlessWorld], scan: Scanner, record_property: Callable[[str, Any], None]) -> None:
    row, world = host
    options = (*row.options(), "--profile", "level2")
    before = scan(world, *options)
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        started = {name: pool.submit(scanned, scan, world, view, options) for name, view in VIEWS.items()}
    after = scan(world, *options)
    better = {name: breaches(before, after, one.result()) for name, one in started.items()}
    for name, one in started.items():
        record_property(name, compared(before, after, one.result(), better[name]))
    assert {name: found for name, found in better.items() if found} == {}


def breaches(before: Scan, after: Scan, seen: Scan) -> list[str]:
    """Return the failures of both scans of root's that look better in a view; what else differs may be of a process of another host of this machine."""
    again = set(worse(after.report["findings"], seen.report["findings"]))
    found = [text for text in worse(before.report["findings"], seen.report["findings"]) if text in again]
    return [text for text in dict.fromkeys(found) if ": fail became " in text]


def compared(before: Scan, after: Scan, seen: Scan, better: list[str]) -> dict[str, int]:
    """Return how many true failures there are, and what became of them."""
    old, new, now = before.results(), after.results(), seen.results()
    true = [key for key, result in old.items() if result == "fail" == new.get(key)]
    counts = {"hosts": 1, "true failures": len(true), "better": len(better)}
    for key in true:
        answer = ANSWERS.get(now.get(key), "better")
        counts[answer] = counts.get(answer, 0) + (answer != "better")
    return counts


def test_each_view_is_what_it_says() -> None:
    world = RootlessWorld()
    try:
        world.run("install", "-d", "-m", "0700", "/run/hostcheck")
        ready(world, *PYTHON, ABSTRACT)
        for name, view in VIEWS.items():
            proof = ("sh", "-c", view.proof.replace("{homes}", f"{world.base}/home"))
            assert runs(world, view.user, *entered(world, view), *proof), name
            assert not runs(world, "root", *proof), f"{name}: root sees that too"
    finally:
        end(world)


def runs(world: RootlessWorld, user: str, *argv: str) -> bool:
    """Say whether a command succeeds."""
    done = subprocess.run(world.inside(*argv, user=user), stdin=subprocess.DEVNULL, capture_output=True, timeout=30, cwd="/", check=False)
    return done.returncode == 0


def test_there_are_enough() -> None:
    assert len({host.name for host in HOSTS}) == len(HOSTS) >= 200
    assert len(VIEWS) == 11
