"""Real engines in every posture: which engines, whose, in what scope, and what that makes of each user.

What is expected was written down before anything ran. Users are those of World: alice and bob have the group docker, erin has no way to root.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from real_engines.rootless_world import FIRST_SUBID, RootlessWorld
from real_engines.scans import Scan, Scanner
from real_engines.world import USERS

from hostcheck import registry
from hostcheck.derive import derive

DOCKER = "/run/docker.sock"
PODMAN = "/run/podman/podman.sock"
CONTAINERD = "/run/containerd/containerd.sock"
TTRPC = f"{CONTAINERD}.ttrpc"
ERIN = USERS["erin"][0]
ERINS = f"/run/user/{ERIN}/docker.sock"
ERINS_PODMAN = f"/run/user/{ERIN}/podman/podman.sock"
ERINS_CONTAINERD = f"/run/user/{ERIN}/docker/containerd/containerd.sock"
ALICES = f"/run/user/{USERS['alice'][0]}/docker.sock"
OPTIONS = ("--role", "workstation", "--profile", "level2")
MEMBERS = {("HC-RTL-01", "alice"): "fail", ("HC-RTL-01", "bob"): "fail"}
NOBODYS = {(f"HC-RTL-0{number}", ""): "notapplicable" for number in (2, 3, 5, 6, 7, 9)}
FORGED = """
import ctypes, json, os, socket, sys
ctypes.CDLL(None).prctl(15, b"dockerd", 0, 0, 0)
folder = "/run/user/%d" % os.getuid()
os.makedirs(os.environ["HOME"] + "/.lima/default", exist_ok=True)
server = socket.socket(socket.AF_UNIX); server.bind(folder + "/docker.sock"); server.listen(64)
info = json.dumps({"SecurityOptions": ["name=userns"], "DockerRootDir": "/var/lib/docker/9.9"}).encode()
while True:
    line = server.accept()[0]
    with line:
        if line.recv(65536):
            line.sendall(b"HTTP/1.1 200 OK\\r\\nServer: Docker/26 (linux)\\r\\nConnection: close\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(info) + info)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posture:
    """How a host is set up, and what must be said of it; each socket by ``(engine, owner, scope, root's uid in a container)``."""

    start: Callable[[RootlessWorld], Any]
    zero: bool = False
    sockets: dict[str, tuple[str, str, str, int]]
    user_sockets: dict[str, tuple[str, str, str, int]]
    rootful_docker: tuple[str, ...] = ()
    users: dict[str, list[str]]
    findings: dict[tuple[str, str], str]
    holes: tuple[str, ...] = ()


CONTAINERDS = {path: ("containerd", "root", "rootful", 0) for path in (CONTAINERD, TTRPC)}
ROOTS_DOCKER = (DOCKER, "/usr/sbin/dockerd", "/run/docker.pid")
REMAPPED = FIRST_SUBID["erin"]


def rootful(scope: str, root: int, *flags: str, zero: bool = False) -> Posture:
    return Posture(
        start=lambda world: world.start_docker(*flags),
        zero=zero,
        sockets={DOCKER: ("docker", "root", scope, root), **CONTAINERDS},
        user_sockets={},
        rootful_docker=ROOTS_DOCKER,
        users={"alice": [], "bob": []},
        findings={**MEMBERS, **NOBODYS},
    )


def rootless(network: str) -> Posture:
    shared = network == "host"
    theirs = {ERINS: ("docker", "erin", "rootless", ERIN)}
    # Its containerd is seen only where the network namespace is shared: /proc/net/unix has the sockets of one.
    more = {ERINS_CONTAINERD: ("containerd", "erin", "rootless", ERIN)} if shared else {}
    sound = {(f"HC-RTL-0{number}", "erin"): "pass" for number in (1, 2, 3)}
    started = {("HC-RTL-06", ERINS): "fail" if shared else "pass", ("HC-RTL-09", ERINS): "pass", ("HC-SUB-05", "erin"): "pass"}
    return Posture(
        start=lambda world: world.start_rootless_docker("erin", network),
        sockets={},
        user_sockets={**theirs, **more},
        users={"erin": ["containerd", "docker"]},
        findings={**sound, ("HC-RTL-05", "erin"): "fail", ("HC-RTL-07", ERINS): "fail" if shared else "pass", **started},
        holes=(f"/sockets/~1run~1user~1{ERIN}~1docker.sock/version",) if shared else (),
    )


POSTURES = {
    "rootful dockerd": rootful("rootful", 0),
    "userns-remap": rootful("remapped", REMAPPED, "--userns-remap=erin"),
    "userns-remap onto 0": rootful("rootful", 0, "--userns-remap=erin", zero=True),
    "rootless over slirp4netns": rootless("slirp4netns"),
    "rootless over pasta": rootless("pasta"),
    "rootless in the host's network": rootless("host"),
    "rootless podman": Posture(
        start=lambda world: world.start_podman("erin"),
        sockets={},
        user_sockets={ERINS_PODMAN: ("podman", "erin", "rootless", ERIN)},
        users={"erin": ["podman"]},
        findings={**{(f"HC-RTL-0{number}", "erin"): "pass" for number in (1, 2, 3)}, ("HC-RTL-05", "erin"): "fail", ("HC-RTL-07", ""): "notapplicable"},
    ),
    "rootful podman": Posture(
        start=lambda world: world.start_podman("root"),
        sockets={PODMAN: ("podman", "root", "rootful", 0)},
        user_sockets={},
        users={},
        findings={("HC-RTL-01", ""): "notapplicable", **NOBODYS},
    ),
    "containerd alone": Posture(
        start=lambda world: world.start_containerd(),
        sockets=CONTAINERDS,
        user_sockets={},
        users={},
        findings={("HC-RTL-01", ""): "notapplicable", **NOBODYS},
    ),
    "rootful beside rootless": Posture(
        start=lambda world: (world.start_docker(), world.start_rootless_docker("alice", "slirp4netns"), world.start_podman("erin")),
        sockets={DOCKER: ("docker", "root", "rootful", 0), **CONTAINERDS},
        user_sockets={ALICES: ("docker", "alice", "rootless", USERS["alice"][0]), ERINS_PODMAN: ("podman", "erin", "rootless", ERIN)},
        rootful_docker=ROOTS_DOCKER,
        users={"alice": ["containerd", "docker"], "bob": [], "erin": ["podman"]},
        findings={
            **MEMBERS,
            ("HC-ACC-04", DOCKER): "fail",
            ("HC-RTL-01", "erin"): "pass",
            ("HC-RTL-02", "alice"): "fail",
            ("HC-RTL-02", "erin"): "fail",
            ("HC-RTL-03", "alice"): "pass",
            ("HC-RTL-05", "alice"): "fail",
            **{(f"HC-RTL-0{number}", ALICES): "pass" for number in (6, 7, 9)},
        },
    ),
    "a forged engine": Posture(
        start=lambda world: (world.start_docker(), forge(world, "dave")),
        sockets={DOCKER: ("docker", "root", "rootful", 0), **CONTAINERDS},
        user_sockets={f"/run/user/{USERS['dave'][0]}/docker.sock": ("docker", "dave", "rootful", 0)},
        rootful_docker=ROOTS_DOCKER,
        users={"alice": [], "bob": []},
        findings={**MEMBERS, **NOBODYS},
    ),
}


def forge(world: RootlessWorld, user: str) -> None:
    """Let a user claim to be root's remapped dockerd, and to have a virtual machine."""
    world.start(*world.login(user, "/usr/bin/python3", "-I", "-c", FORGED), user=user)
    world.wait(lambda: world.answers(f"/run/user/{USERS[user][0]}/docker.sock"))


@contextmanager
def standing(posture: Posture) -> Iterator[RootlessWorld]:
    world = RootlessWorld(**({"subuid": "erin", "subgid": "erin"} if posture.zero else {}))
    try:
        posture.start(world)
        yield world
    finally:
        world.end()


@pytest.fixture(scope="module", params=sorted(POSTURES))
def seen(request: pytest.FixtureRequest, scan: Scanner) -> Iterator[tuple[Posture, Scan, RootlessWorld]]:
    posture = POSTURES[request.param]
    with standing(posture) as world:
        yield posture, scan(world, *OPTIONS), world


def scope_of(scanned: Scan) -> Any:
    """Return what engine-scope makes of the evidence of a scan."""
    found = registry.load()
    return derive(scanned.evidence, found.probes, found.analyses, {}).document["engine-scope"]


def told(sockets: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
    return {path: tuple(one[key] for key in ("engine", "owner", "scope", "root_is_uid")) for path, one in sockets.items() if one["running"]}


def test_which_engines_run_and_for_whom(seen: tuple[Posture, Scan, RootlessWorld]) -> None:
    posture, scanned, _ = seen
    scope = scope_of(scanned)
    assert isinstance(scope, dict), scope
    assert told(scope["sockets"]) == posture.sockets
    assert told(scope["user_sockets"]) == posture.user_sockets
    assert tuple(scope["rootful_docker"]) == posture.rootful_docker
    assert {name: sorted(one["rootless"]) for name, one in scope["users"].items()} == posture.users


def test_only_what_broke_is_a_hole(seen: tuple[Posture, Scan, RootlessWorld]) -> None:
    posture, scanned, _ = seen
    holes = [hole["pointer"] for probe in ("engines", "user-engines") for hole in scanned.evidence["probes"][probe]["holes"]]
    planted = [pointer for pointer in holes if f"~1{USERS['dave'][0]}~1" in pointer]
    assert [pointer for pointer in holes if pointer not in planted] == list(posture.holes)


def test_the_findings(seen: tuple[Posture, Scan, RootlessWorld]) -> None:
    posture, scanned, _ = seen
    results = scanned.results()
    assert {key: results.get(key) for key in posture.findings} == posture.findings
    subjects = {key for key, result in results.items() if key[0] in ("HC-RTL-01", "HC-RTL-02", "HC-RTL-07") and result != "notapplicable"}
    assert subjects <= set(posture.findings), subjects - set(posture.findings)


def test_nothing_was_started_by_looking(seen: tuple[Posture, Scan, RootlessWorld]) -> None:
    posture, scanned, world = seen
    for path in (*posture.sockets, *posture.user_sockets):
        assert world.reachable(path)
    for process in world.processes:
        assert process.poll() is None


@pytest.fixture(scope="module")
def both(scan: Scanner) -> Iterator[RootlessWorld]:
    with standing(POSTURES["rootful beside rootless"]) as world:
        yield world


def test_who_is_rootless_and_in_the_group_is_told_what_that_protects(both: RootlessWorld, scan: Scanner) -> None:
    report = scan(both, *OPTIONS).report
    because = {finding["rule"]: finding["because"] for finding in report["findings"] if finding["subject"] == "alice"}
    assert "alice" in because["HC-RTL-01"] and DOCKER in because["HC-RTL-01"]
    assert DOCKER in because["HC-RTL-02"] and "Docker runs as root" in because["HC-RTL-02"]


def test_what_the_engine_and_the_kernel_say_of_limits_stands_in_the_finding(both: RootlessWorld, scan: Scanner) -> None:
    because = {(one["rule"], one["subject"]): one["because"] for one in scan(both, *OPTIONS).report["findings"]}
    assert "docker says CgroupDriver: none" in because["HC-RTL-05", "alice"] and "control groups v1" in because["HC-RTL-05", "alice"]


def test_root_of_containers_that_are_remapped_to_a_person_is_told(scan: Scanner) -> None:
    with standing(POSTURES["userns-remap"]) as world:
        scanned = scan(world, "--role", "server", "--profile", "level2")
    found = {one["subject"]: one for one in scanned.report["findings"] if one["rule"] == "HC-SUB-12"}
    assert {subject: one["result"] for subject, one in found.items()} == {"erin": "fail"}
    assert DOCKER in found["erin"]["because"] and str(REMAPPED) in found["erin"]["because"]


def test_on_a_cluster_node_rootless_engines_are_not_asked_for(both: RootlessWorld, scan: Scanner) -> None:
    report = scan(both, "--role", "cluster-node", "--profile", "level2").report
    found = {finding["rule"]: finding for finding in report["findings"] if finding["rule"].startswith("HC-RTL")}
    for number in (1, 2, 3, 5, 6, 7, 8, 9):
        assert found[f"HC-RTL-0{number}"]["result"] == "notapplicable"
        assert "cluster-node" in found[f"HC-RTL-0{number}"]["because"]
    assert found["HC-RTL-04"]["result"] in ("pass", "fail")


@pytest.mark.parametrize("user", ["alice", "erin", "nobody"])
def test_seeing_less_never_looks_better(both: RootlessWorld, scan: Scanner, user: str) -> None:
    """Laws 2 and 3: what root fails no one passes, and what another passes root passes."""
    root, theirs = scan(both, *OPTIONS).results(), scan(both, *OPTIONS, user=user).results()
    unseen = {rule for (rule, subject), result in theirs.items() if subject == "*" and result in ("error", "unknown")}
    for key, result in root.items():
        if result == "fail":
            other = theirs.get(key)
            assert other in ("fail", "error", "unknown") or (other is None and key[0] in unseen), (key, other)
    assert {key: root.get(key) for key, result in theirs.items() if result == "pass" and root.get(key) != "pass"} == {}


def test_a_user_sees_the_engine_that_is_theirs(both: RootlessWorld, scan: Scanner) -> None:
    scope = scope_of(scan(both, *OPTIONS, user="alice"))
    assert scope["user_sockets"][ALICES]["scope"] == "rootless"
    assert (scope["sockets"][DOCKER]["scope"], scope["users"]["alice"]["rootful_sockets"]) == ("rootful", [DOCKER])
