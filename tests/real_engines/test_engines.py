"""Real engines, real users: what hostcheck says of a socket is what connecting to it shows.

Every user of the host's database tries, so that a user too many is found as surely as one too few.
"""

from collections.abc import Callable
from typing import Any

import pytest
from real_engines.scans import Scan, Scanner
from real_engines.world import DOCKER_GID, USERS, World

DOCKER = "/run/docker.sock"
CONTAINERD = "/run/containerd/containerd.sock"
FRANK = {"frank": (*USERS["frank"], [DOCKER_GID])}

Derive = Callable[[Scan], dict[str, Any]]


@pytest.fixture(scope="module")
def as_root(faulty: World, scan: Scanner) -> Scan:
    return scan(faulty)


@pytest.fixture(scope="module")
def as_member(faulty: World, scan: Scanner) -> Scan:
    return scan(faulty, user="alice")


@pytest.fixture(scope="module")
def as_nobody(faulty: World, scan: Scanner) -> Scan:
    return scan(faulty, user="nobody")


def sockets(scanned: Scan) -> dict[str, Any]:
    found: dict[str, Any] = scanned.evidence["probes"]["sockets"]["facts"]["sockets"]
    return found


@pytest.mark.parametrize(("path", "gid", "engine"), [(DOCKER, DOCKER_GID, "docker"), (CONTAINERD, 0, "containerd")])
def test_owner_mode_and_engine(as_root: Scan, path: str, gid: int, engine: str) -> None:
    fact = sockets(as_root)[path]
    assert (fact["type"], fact["owner_uid"], fact["owner_gid"], fact["engine"]) == ("socket", 0, gid, engine)
    assert fact["mode"] == ("0660" if path == DOCKER else "0640")  # the group bits are the ACL's mask, acl(5)


def test_who_listens(faulty: World, as_root: Scan) -> None:
    for path, daemon in ((DOCKER, faulty.dockerd), (CONTAINERD, faulty.containerd)):
        fact = sockets(as_root)[path]
        assert fact["listening"] is True
        assert (fact["peer"]["pid"], fact["peer"]["uid"]) == (daemon.pid, 0)
        assert fact["peer"]["exe"] == f"/usr/{'sbin/dockerd' if path == DOCKER else 'bin/containerd'}"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (DOCKER, {"alice": "group docker", "bob": "primary group docker", "carol": "ACL entry user:carol", "frank": "process {frank} has group docker"}),
        (CONTAINERD, {}),
    ],
)
def test_who_can_connect_is_who_does(faulty: World, as_root: Scan, derive_access: Derive, path: str, expected: dict[str, str]) -> None:
    derived = derive_access(as_root)
    access = derived["facts"]["sockets"][path]
    assert faulty.able(path, FRANK) == {"root", *expected}
    assert set(access["users"]) == set(expected)
    frank = faulty.processes[-1].pid
    assert {name: user["why"] for name, user in access["users"].items()} == {name: [why.format(frank=frank)] for name, why in expected.items()}
    assert access["everyone"] is False
    assert [hole for hole in derived["holes"] if hole["pointer"].startswith("/sockets/" + path.replace("/", "~1"))] == []


def test_the_mask_is_what_stops_dave(faulty: World, scan: Scanner, derive_access: Derive) -> None:
    faulty.run("setfacl", "-m", "m::rw", CONTAINERD)
    try:
        assert faulty.able(CONTAINERD) == {"root", "dave"}
        open_mask = scan(faulty)
    finally:
        faulty.run("setfacl", "-m", "m::r", CONTAINERD)
    assert set(derive_access(open_mask)["facts"]["sockets"][CONTAINERD]["users"]) == {"dave"}
    assert open_mask.results()["HC-ACC-13", CONTAINERD] == "fail"


def test_findings_of_root(as_root: Scan) -> None:
    """Written by hand from what was planted."""
    expected = {
        ("HC-ACC-01", DOCKER): "pass",
        ("HC-ACC-01", CONTAINERD): "pass",
        ("HC-ACC-02", DOCKER): "pass",
        ("HC-ACC-04", DOCKER): "fail",
        ("HC-ACC-05", "docker"): "fail",
        ("HC-ACC-06", DOCKER): "fail",
        ("HC-ACC-06", CONTAINERD): "pass",
        ("HC-ACC-07", DOCKER): "pass",
        ("HC-ACC-07", CONTAINERD): "pass",
        ("HC-ACC-13", CONTAINERD): "pass",
        ("HC-ACC-16", ""): "notapplicable",
    }
    results = as_root.results()
    assert {key: results.get(key) for key in expected} == expected
    assert (as_root.code, as_root.report["verdict"]) == (1, "noncompliant")


def test_why_names_who(as_root: Scan) -> None:
    (finding,) = (finding for finding in as_root.report["findings"] if (finding["rule"], finding["subject"]) == ("HC-ACC-04", DOCKER))
    for name in ("alice", "bob", "carol", "frank"):
        assert name in finding["because"]
    assert DOCKER in finding["because"]
    assert finding["evidence"]


@pytest.mark.parametrize("who", ["as_member", "as_nobody"])
def test_seeing_less_never_looks_better(as_root: Scan, who: str, request: pytest.FixtureRequest) -> None:
    """Laws 2 and 3: what root fails no one passes, and what another passes root passes."""
    other: Scan = request.getfixturevalue(who)
    root, theirs = as_root.results(), other.results()
    unseen = {rule for (rule, subject), result in theirs.items() if subject == "*" and result in ("error", "unknown")}
    better = {key: theirs.get(key) for key, result in root.items() if result == "fail" and not _admits(theirs.get(key), key[0] in unseen)}
    assert better == {}
    assert {key: root.get(key) for key, result in theirs.items() if result == "pass" and root.get(key) != "pass"} == {}
    assert {rule for rule, _ in root} == {rule for rule, _ in theirs}


def _admits(result: str | None, unseen: bool) -> bool:
    return result in ("fail", "error", "unknown") or (result is None and unseen)


def test_a_member_and_a_stranger_still_see_the_open_door(as_member: Scan, as_nobody: Scan) -> None:
    for scanned in (as_member, as_nobody):
        assert scanned.results()["HC-ACC-04", DOCKER] == "fail"
        assert scanned.code == 1
        assert scanned.report["holes"]


def test_a_twin_without_faults_is_not_accused(empty: World, scan: Scanner, derive_access: Derive) -> None:
    # A gid of its own: frank of the other host has a living session with the usual one, and sees the same / as this host.
    edit(empty, "group", f"docker:x:{DOCKER_GID}:alice", f"docker:x:{DOCKER_GID + 1}:")
    edit(empty, "gshadow", "docker:!::alice", "docker:!::")  # newgrp(1) would still let her in by this one
    edit(empty, "passwd", f"bob:x:4002:{DOCKER_GID}:", "bob:x:4002:4002:")
    empty.start_engines()
    sound = scan(empty)
    assert empty.able(DOCKER) == {"root"}
    assert derive_access(sound)["facts"]["sockets"][DOCKER]["users"] == {}
    results = sound.results()
    said = {key: result for key, result in results.items() if key[0].startswith("HC-ACC") and key[0] != "HC-ACC-22"}  # an image may lack digests
    accused = [key for key, result in said.items() if result not in ("pass", "notapplicable", "notselected")]
    assert accused == []
    assert (results["HC-ACC-04", DOCKER], results["HC-ACC-05", "docker"]) == ("pass", "pass")


def edit(world: World, file: str, old: str, new: str) -> None:
    path = world.etc / file
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))
