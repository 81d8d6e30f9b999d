"""Throwaway hosts: on each the fault is first proved by who suffers it, and then a scan must say exactly what was written down before.

Root's findings are compared as a whole, those of others by the law that who sees less never reports better.
"""

import json
import os
import re
from collections.abc import Iterator

import pytest
from hosts import (
    rows_abroad,
    rows_audit,
    rows_clients,
    rows_clusters,
    rows_daemon,
    rows_files,
    rows_grants,
    rows_kernel,
    rows_listeners,
    rows_machines,
    rows_networks,
    rows_people,
    rows_podman,
    rows_privileged,
    rows_reach,
    rows_roles,
    rows_rootless,
    rows_runtimes,
    rows_setuid,
    rows_sockets,
    rows_storage,
    rows_subids,
    rows_units,
)
from hosts.conftest import POSTURES, Scans
from hosts.planting import Host, end, told
from real_engines.rootless_world import RootlessWorld
from real_engines.scans import Scan, Scanner

from hostcheck import registry
from hostcheck.benchmark import load, selection
from hostcheck.derive import derive
from hostcheck.testing.laws import worse

TABLES = (
    rows_sockets,
    rows_people,
    rows_reach,
    rows_abroad,
    rows_grants,
    rows_setuid,
    rows_subids,
    rows_rootless,
    rows_clients,
    rows_clusters,
    rows_daemon,
    rows_machines,
    rows_networks,
    rows_roles,
    rows_kernel,
    rows_units,
    rows_runtimes,
    rows_podman,
    rows_privileged,
    rows_storage,
    rows_audit,
    rows_files,
    rows_listeners,
)
ROWS = [host for rows in TABLES for host in rows.HOSTS]
HOSTS = {host.name: host for host in ROWS}
HIDES = {
    "hidepid": "mount --no-mtab -t proc -o hidepid=2 proc /proc",
    "a /proc of processes alone": "mount --no-mtab -t proc -o subset=pid proc /proc",
    "no /proc": "mount --no-mtab -t tmpfs tmpfs /proc",
    "no /sys": "mount --no-mtab -t tmpfs tmpfs /sys",
}
"""What hides the host from the scanner (edge cases 70 and 76)."""
JUDGED = {text.split()[0] for host in HOSTS.values() if not host.alone for text in (*host.fails, *host.also)}
"""The rules that all of these hosts are about; of others no findings are written here."""
BENCHMARK = load(next(iter(registry.load().benchmarks)), shipped=True)
SELECTED = {profile: selection(BENCHMARK, profile)[0] for profile in ("level1", "level2")}
LIMIT = 25
"""Seconds for one of three scans side by side; how soon a scan ends is asserted where nothing else runs, in test_attacks.py."""
OPEN = ("error", "unknown", "notchecked")


@pytest.fixture(params=ROWS, ids=lambda host: host.title)
def host(request: pytest.FixtureRequest) -> Iterator[tuple[Host, RootlessWorld]]:
    world = RootlessWorld()
    try:
        request.param.plant(world)
        yield request.param, world
    finally:
        end(world)


def test_what_is_planted_is_true_and_found(host: tuple[Host, RootlessWorld], scans: Scans) -> None:
    row, world = host
    assert row.proof(world), "the host is not as it was to be"
    number = ROWS.index(row)
    lesser = POSTURES[1 + number // 3 % 2 : 2 + number // 3 % 2] if number % 3 == 0 else ()  # tests/views scans each host from all lesser postures
    judging = () if row.alone or row.whole else sorted(JUDGED & SELECTED[row.profile])
    seen = scans(world, *row.options(), *(word for rule in judging for word in ("--rule", rule)), users=("root", *lesser))
    home = f"{world.base}/home"
    judged = {text.split()[0] for text in (*row.fails, *row.also)} if row.alone else JUDGED
    root = {key: result for key, result in seen["root"].results().items() if key[0] in judged}
    assert told(root, home, "fail") == set(row.fails)
    assert row.detects in ("", seen["root"].report["host"]["role"]), seen["root"].report["host"]
    tolerant = row.opens or (row.moved and is_closed("/proc/1/fd/0"))
    unseen = {key: result for key, result in named(root, home).items() if result in OPEN and not (tolerant and key not in row.also)}
    assert unseen == {key: result for key, result in row.also.items() if result in OPEN}, seen["root"].report["holes"]
    assert {key: named(root, home).get(key) for key in row.also} == row.also
    because = {f"{one['rule']} {one['subject']}".replace(home, "{home}"): one["because"] for one in seen["root"].report["findings"]}
    assert [key for key, words in row.says.items() if words not in because[key]] == []
    for user in lesser:
        assert not list(worse(seen["root"].report["findings"], seen[user].report["findings"])), user
    assert all(one.seconds < LIMIT for one in seen.values())
    assert not row.users or described(seen["root"], row, home) == row.users


def described(scanned: Scan, row: Host, home: str) -> dict[str, dict[str, object]]:
    """Return what engine-scope makes of the users whom a host names, of the facts that it names."""
    registered = registry.load()
    scope = derive(scanned.evidence, registered.probes, registered.analyses, {}).document["engine-scope"]
    text = json.dumps({user: {fact: scope["users"][user][fact] for fact in wanted} for user, wanted in row.users.items()})
    found: dict[str, dict[str, object]] = json.loads(text.replace(home, "{home}"))
    return found


@pytest.mark.parametrize("hides", HIDES)
def test_hiding_makes_nothing_better(hides: str, scans: Scans) -> None:
    world = RootlessWorld()
    try:
        HOSTS["a session that kept the group"].plant(world)
        options = ("--role", "workstation", "--profile", "level2")
        before = scans(world, *options)
        world.run("sh", "-ec", HIDES[hides])
        after = scans(world, *options)
    finally:
        end(world)
    for user, one in after.items():
        assert not list(worse(before[user].report["findings"], one.report["findings"])), user
        assert one.seconds < LIMIT


@pytest.mark.parametrize("user", ["root", "alice", "erin", "nobody"])
def test_edge_case_82_from_inside_a_user_namespace_nothing_looks_better(user: str, scan: Scanner) -> None:
    """Ids and id maps are shown there relative to who reads them: root's engine is one of 65534's, and outside of the namespace means inside of one."""
    world = RootlessWorld()
    try:
        HOSTS["erin's podman beside root's docker"].plant(world)
        options = ("--role", "workstation", "--profile", "level2")
        seen, inside = scan(world, *options), scan(world, *options, user=user, through=("unshare", "--user", "--map-root-user"))
    finally:
        end(world)
    assert seen.results()["HC-RTL-02", "erin"] == "fail"
    assert not list(worse(seen.report["findings"], inside.report["findings"]))
    judged = {result for (rule, _), result in inside.results().items() if rule in ("HC-RTL-01", "HC-RTL-02", "HC-ACC-04")}
    assert judged == {"error"}


def is_closed(path: str) -> bool:
    """Say whether even root may not look at something."""
    try:
        os.readlink(path)
    except PermissionError:
        return True
    return False


def named(results: dict[tuple[str, str], str], home: str) -> dict[str, str]:
    """Return results by rule and subject in one text."""
    return {f"{rule} {subject.replace(home, '{home}')}".strip(): result for (rule, subject), result in results.items()}


def test_there_are_enough_and_every_fault_has_a_twin() -> None:
    faults = [host for host in HOSTS.values() if host.fails]
    assert len(HOSTS) == len(ROWS) >= 60 and len(faults) >= 30
    for host in faults:
        assert host.twin not in HOSTS or set(HOSTS[host.twin].fails) != set(host.fails), host.name
    named_ids = {re.match(r"HC-[A-Z0-9]{3}", text)[0] for host in HOSTS.values() for text in (*host.fails, *host.also)}  # type: ignore[index]
    assert named_ids == {
        "HC-ACC",
        "HC-API",
        "HC-AUD",
        "HC-CTD",
        "HC-DKD",
        "HC-FIL",
        "HC-K8N",
        "HC-KRN",
        "HC-NTW",
        "HC-POD",
        "HC-RTL",
        "HC-STO",
        "HC-SUB",
        "HC-VMX",
    }
