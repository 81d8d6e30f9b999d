"""Setuid programs of root's whose content nobody knows: each makes its caller root, and a scan does not say that nobody is.

A shell with one byte more at its end is no copy of the shell any more, and does all the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hosts.planting import can, end, shell
from hosts.test_setuid_shells import DONE, OPT, RUN
from real_engines.rootless_world import RootlessWorld
from real_engines.scans import Scan, Scanner

SHELL = ("-p", "-c", "exec " + " ".join(RUN))
ROOTS = "install -d -m 0755 /run/roots /run/caller; echo \"import os; os.setuid(0); open('" + DONE + f"', 'w').close()\" > {RUN[-1]}"
MORE = "cp -L /usr/bin/bash {0}; printf x >> {0}; chown root:root {0}; chmod 4755 {0}"
LOCAL = "mount --no-mtab -t tmpfs -o mode=0755,suid tmpfs /usr/local/bin; "


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """A program that is planted: who becomes root by it, and what is said of its content and of each of these users."""

    name: str
    path: str
    plant: str
    roots: tuple[str, ...]
    content: str
    likely: bool = False
    tell: tuple[str, ...] = SHELL


EVERY = ("alice", "nobody")
PLANTED = [
    Unknown(
        name="in a directory for an administrator's programs",
        path="/usr/local/bin/x",
        plant=LOCAL + MORE.format("/usr/local/bin/x"),
        roots=EVERY,
        content="of-no-package",
    ),
    Unknown(
        name="in a directory for software", path="/opt/x", plant=f"{OPT.format(options='suid')}; {MORE.format('/opt/x')}", roots=EVERY, content="of-no-package"
    ),
    Unknown(
        name="in place of a program of a package",
        path="/usr/bin/passwd",
        plant=f"{OPT.format(options='suid')}; {MORE.format('/opt/x')}; mount --bind /opt/x /usr/bin/passwd; {OPT.format(options='nosuid')}",
        roots=EVERY,
        content="changed",
    ),
    Unknown(
        name="for one group alone",
        path="/opt/x",
        plant=f"{OPT.format(options='suid')}; {MORE.format('/opt/x')}; chgrp carol /opt/x; chmod 4750 /opt/x",
        roots=("carol",),
        content="of-no-package",
    ),
    Unknown(
        name="in a user's home",
        path="{home}/alice/.x",
        plant="chmod 0755 {home}/alice; " + MORE.format("{home}/alice/.x"),
        roots=EVERY,
        content="of-no-package",
        likely=True,
    ),
    Unknown(
        name="where all may put something",
        path="/tmp/x",
        plant="mount --no-mtab -t tmpfs -o mode=1777,suid tmpfs /tmp; " + MORE.format("/tmp/x"),
        roots=EVERY,
        content="of-no-package",
        likely=True,
    ),
    Unknown(
        name="an interpreter with a capability",
        path="/opt/x",
        plant=f"{OPT.format(options='suid')}; cp -L /usr/bin/python3 /opt/x; printf x >> /opt/x; setcap cap_setuid=ep /opt/x",
        roots=EVERY,
        content="of-no-package",
        tell=("-I", "-c", f"import os; os.setuid(0); open('{DONE}', 'w').close()"),
    ),
]


@pytest.mark.parametrize("planted", PLANTED, ids=lambda one: one.name)
def test_a_program_of_unknown_content_leaves_open_who_becomes_root(planted: Unknown, scan: Scanner) -> None:
    world = RootlessWorld()
    home = f"{world.base}/home"
    path = planted.path.replace("{home}", home)
    try:
        shell(ROOTS, planted.plant.replace("{home}", home))(world)
        becomes = {user for user in ("alice", "carol", "nobody") if _becomes(world, user, path, planted.tell)}
        told = scan(world, "--rule", "HC-ACC-20", "--rule", "HC-ACC-22")
    finally:
        end(world)
    assert becomes >= set(planted.roots) and ("carol" in becomes or "carol" not in planted.roots)
    results = told.results()
    if "nobody" in becomes:
        assert results["HC-ACC-20", "every local user"] == "error"
    else:
        assert {user: results.get(("HC-ACC-20", user)) for user in ("carol", "alice")} == {"carol": "error", "alice": None}
        assert results["HC-ACC-20", "every local user"] == "pass"
    assert told.code == 3 and path in _because(told)
    assert any(one["strength"] == "likely" and path in str(one) for one in told.report["paths"]) is planted.likely


def _becomes(world: RootlessWorld, user: str, path: str, told: tuple[str, ...]) -> bool:
    world.run("rm", "-f", DONE)
    can(world, user, "env", path, *told)
    return can(world, "root", "test", "-e", DONE)


def _because(told: Scan) -> str:
    return " ".join(one["because"] for one in told.report["findings"] if one["rule"] == "HC-ACC-20" and one["result"] == "error")


@pytest.fixture
def plain() -> Iterator[RootlessWorld]:
    world = RootlessWorld()
    try:
        yield world
    finally:
        end(world)


def test_what_packages_brought_leaves_nothing_open(plain: RootlessWorld, scan: Scanner) -> None:
    """A script with the setuid bit gives nobody more."""
    script = "printf '#!/bin/sh\\nid\\n' > /usr/local/bin/x; chmod 4755 /usr/local/bin/x"
    shell(LOCAL + script)(plain)
    assert scan(plain, "--rule", "HC-ACC-20").results() == {("HC-ACC-20", "every local user"): "pass"}


def test_a_database_that_cannot_be_read_is_one_finding(plain: RootlessWorld, scan: Scanner) -> None:
    """That is not open which was not before, and what lies where no package puts anything is."""
    shell("mount --no-mtab -t tmpfs -o mode=0755 tmpfs /var/lib/dpkg; mkdir -p /var/lib/dpkg/info; truncate -s 40M /var/lib/dpkg/diversions")(plain)
    told = scan(plain, "--rule", "HC-ACC-20", "--rule", "HC-ACC-22")
    assert told.results() == {("HC-ACC-20", "every local user"): "pass", ("HC-ACC-22", "/var/lib/dpkg/info"): "error"}
    shell(LOCAL + MORE.format("/usr/local/bin/x"))(plain)
    assert scan(plain, "--rule", "HC-ACC-20").results()["HC-ACC-20", "every local user"] == "error"


def test_a_database_that_others_may_write_says_nothing(plain: RootlessWorld, scan: Scanner) -> None:
    shell("mount --no-mtab -t tmpfs -o mode=0777 tmpfs /var/lib/dpkg/info")(plain)
    told = scan(plain, "--rule", "HC-ACC-22")
    assert told.results() == {("HC-ACC-22", "/var/lib/dpkg/info"): "fail"}
