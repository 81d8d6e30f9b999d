"""Edge cases of the design that take real namespaces and file systems, by their numbers: where a scan is started, and where it writes.

Root's scan of a host with a fault that is in a process alone: whoever sees only some of the processes, or another /etc, must not call it better.
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hosts.planting import end
from hosts.test_hosts import HOSTS
from real_engines.rootless_world import RootlessWorld

from hostcheck.testing.laws import worse

OWN_PIDS = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")
COPIED_UP = """
mount -t tmpfs tmpfs /mnt; cp -r /etc/. /mnt 2>/dev/null; mount --bind /mnt /etc
sed -i 's/^docker:.*/docker:x:4900:/' /etc/group; sed -i /frank/d /etc/passwd; rm -f /etc/subuid /etc/subgid
exec "$@"
"""
"""What rootlesskit does with --copy-up=/etc, and what somebody wrote into the copy then."""


@pytest.fixture
def world() -> Iterator[RootlessWorld]:
    """Yield a host on which a session kept the group docker."""
    made = RootlessWorld()
    try:
        HOSTS["a session that kept the group"].plant(made)
        yield made
    finally:
        end(made)


def scanned(world: RootlessWorld, installed: Path, *prefix: str, user: str = "root", out: str = "-") -> subprocess.CompletedProcess[str]:
    scan = (str(installed / "python"), "-I", "-m", "hostcheck", "scan", "--role", "server", "--profile", "level2", "--format", f"json={out}")
    return subprocess.run(world.inside(*prefix, *scan, user=user), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=90, cwd="/", check=False)


def findings(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert done.returncode in (0, 1, 3), done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)["findings"]
    return found


def result(found: list[dict[str, Any]], rule: str) -> set[str]:
    return {one["result"] for one in found if one["rule"] == rule}


def test_case_77_a_scan_in_a_pid_namespace_of_its_own_passes_nothing_that_it_cannot_see(world: RootlessWorld, installed: Path) -> None:
    before, after = findings(scanned(world, installed)), findings(scanned(world, installed, *OWN_PIDS))
    assert "fail" in result(before, "HC-ACC-04") and result(after, "HC-ACC-04") <= {"fail", "error"}
    assert not list(worse(before, after))


def test_case_28_where_etc_was_replaced_in_a_users_namespace_nothing_is_better(world: RootlessWorld, installed: Path) -> None:
    inside = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", COPIED_UP, "sh")
    before, after = findings(scanned(world, installed, user="alice")), findings(scanned(world, installed, *inside, user="alice"))
    assert "fail" in result(before, "HC-ACC-04") and result(after, "HC-ACC-04") <= {"fail", "error"}
    assert not list(worse(before, after))


@pytest.mark.parametrize(("options", "fill"), [("size=64k,ro", ""), ("size=64k", "head -c 65536 /dev/zero > /out/filled || :")])
def test_case_23_where_nothing_can_be_written_a_scan_says_so_and_leaves_nothing(world: RootlessWorld, installed: Path, options: str, fill: str) -> None:
    world.run("sh", "-ec", f"mkdir /run/out; mount --no-mtab -t tmpfs -o {options} tmpfs /run/out; {fill.replace('/out', '/run/out')}")
    done = scanned(world, installed, out="/run/out/report")
    assert done.returncode == 1, (done.returncode, done.stderr)  # that the host is noncompliant is not hidden by a lost report
    assert "/run/out/report" in done.stderr and "Traceback" not in done.stderr
    assert "report" not in world.run("ls", "-A", "/run/out")
