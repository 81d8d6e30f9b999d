"""goss, which tests servers and knows nothing of hostcheck, finds true what a scan states of three hosts.

The evidence becomes tests of goss as it stands. goss has none for ACLs, for who listens on a unix socket, nor for other network namespaces, and knows a
process by its name alone. Left out is what socket-units states of directories: how they will be after the next boot.
"""

import json
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import Any

import pytest
from real_engines.rootless_world import ENGINES, FIRST_SUBID, RootlessWorld
from real_engines.scans import Scan, Scanner
from real_engines.world import DOCKER_GID, USERS

DOCKER = "/run/docker.sock"
ERINS = f"/run/user/{USERS['erin'][0]}/docker.sock"
GOSS = {"gid": "gid", "mode": "mode", "owner_gid": "gid", "owner_uid": "uid", "target": "linked-to", "type": "filetype", "uid": "uid"}
TYPES = {"block": "block-device", "char": "character-device", "dir": "directory", "fifo": "pipe", "link": "symlink"}
"""What goss calls the attributes and types of a file."""

Stated = Iterator[tuple[str, str, dict[str, Any]]]
"""Tests of goss: the kind, the name and the attributes of a resource."""


def weak(world: RootlessWorld) -> None:
    world.start_docker("-H", "tcp://0.0.0.0:2375", "--tls=false")
    world.run("chmod", "0666", DOCKER, f"{world.base}/daemon.json")
    world.start("socat", "TCP-LISTEN:2376,bind=127.0.0.1,fork", f"UNIX-CONNECT:{DOCKER}")
    world.wait(lambda: ":0948 " in world.run("cat", "/proc/net/tcp"))


# How a host is set up, and some of what goss must have been asked about it.
POSTURES: dict[str, tuple[Callable[[RootlessWorld], Any], dict[tuple[str, str, str], Any]]] = {
    "a plain dockerd": (
        lambda world: world.start_docker(),
        {
            **{("file", DOCKER, key): value for key, value in {"mode": "0660", "uid": 0, "gid": DOCKER_GID, "filetype": "socket"}.items()},
            ("file", "{base}/daemon.json", "mode"): "0644",
            ("user", "alice", "groups"): {"consist-of": ["alice", "docker"]},
            ("group", "docker", "gid"): DOCKER_GID,
            ("port", "tcp6:2375", "listening"): False,
            ("process", "dockerd", "running"): True,
        },
    ),
    "a weak dockerd": (
        weak,
        {
            ("file", DOCKER, "mode"): "0666",
            ("file", "{base}/daemon.json", "mode"): "0666",
            ("port", "tcp6:2375", "ip"): {"consist-of": ["::"]},
            ("port", "tcp:2376", "ip"): {"consist-of": ["127.0.0.1"]},
        },
    ),
    "a rootless dockerd": (
        lambda world: world.start_rootless_docker("erin", "slirp4netns"),
        {
            ("file", DOCKER, "exists"): False,
            **{("file", ERINS, key): value for key, value in {"mode": "1660", "uid": USERS["erin"][0], "gid": FIRST_SUBID["erin"] + DOCKER_GID - 1}.items()},
            ("process", "rootlesskit", "running"): True,
        },
    ),
}


def named(facts: Any, name: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every object among facts, with its name."""
    if isinstance(facts, dict):
        yield name, facts
        for key, value in facts.items():
            yield from named(value, key)


def files(facts: dict[str, Any]) -> Stated:
    """Yield files and directories, the links on the way to them, and what is not there."""
    for name, fact in named({probe: told for probe, told in facts.items() if probe != "socket-units"}):
        path = fact.get("realpath", fact.get("path", name))
        if path.startswith("/") and path not in facts["host"]["signals"]["mounts"] and fact.keys() & {"mode", "present", "target"}:
            exists = fact.get("present", True) and fact.get("type") != "absent"
            yield "file", path, {"exists": exists, **{GOSS[key]: TYPES.get(value, value) for key, value in fact.items() if exists and key in GOSS}}
    yield from (("file", path, {"exists": True}) for path in facts["engines"]["installed"])


def parameters(facts: dict[str, Any]) -> Stated:
    host = facts["host"]
    yield "kernel-param", "kernel.hostname", {"value": host["hostname"]}
    yield "kernel-param", "kernel.osrelease", {"value": host["kernel"]["release"]}
    for name, fact in facts["kernel"]["sysctl"].items():
        if fact["present"]:
            yield "kernel-param", name, {"value": fact["raw"]}
        else:  # that there is none, goss can only say of its file
            yield "file", f"/proc/sys/{name.replace('.', '/')}", {"exists": False}


def accounts(facts: dict[str, Any]) -> Stated:
    groups = facts["principals"]["groups"].values()
    for name, one in facts["principals"]["users"].items():
        theirs = sorted({group["name"] for group in groups if name in group["members"] or group["gid"] == one["gid"]})
        yield "user", name, {"exists": True, "groups": {"consist-of": theirs}, **{key: one[key] for key in ("uid", "gid", "home", "shell")}}
    yield from (("group", group["name"], {"exists": True, "gid": group["gid"]}) for group in groups)


def ports(facts: dict[str, Any]) -> Stated:
    """Yield what listens in the network of the host; a socket of IPv6 is tcp6 to goss, also where it takes IPv4 as well."""
    addresses: dict[str, list[str]] = {"tcp:2375": [], "tcp6:2375": [], "tcp:2376": [], "tcp6:2376": []}
    for one in (*facts["listeners"]["engines"].values(), *facts["listeners"]["relays"]["tcp"].values()):
        if one["network"] == 0:
            addresses.setdefault(f"tcp{6 if ':' in one['address'] else ''}:{one['port']}", []).append(one["address"])
    for port, bound in addresses.items():
        yield "port", port, {"listening": True, "ip": {"consist-of": bound}} if bound else {"listening": False}


def processes(facts: dict[str, Any]) -> Stated:
    """Yield the programs that run, root's or a user's; not that an engine does not, as all hosts of tests share the processes of the machine."""
    theirs = (path for programs in facts["user-engines"]["programs"].values() for path in programs)
    signs = facts["host"]["signals"]["processes"]
    running = {PurePath(path).name for path in (*facts["engines"]["processes"], *theirs)} | {name for name, programs in signs.items() if programs}
    yield from (("process", name, {"running": name in running}) for name in running | (set(signs) - set(ENGINES)))


def mounts(facts: dict[str, Any]) -> Stated:
    cgroup = facts["kernel"]["cgroup"]
    points = dict.fromkeys(cgroup["v1_release_agent"], "cgroup") | ({"/sys/fs/cgroup": "cgroup2"} if cgroup["mode"] == "v2" else {})
    yield from (("mount", point, {"exists": True, "filesystem": kind}) for point, kind in {**points, "/proc": "proc"}.items())


def as_tests(scanned: Scan) -> dict[str, dict[str, dict[str, Any]]]:
    """Return what is stated as a goss file; no two probes may say different things of one."""
    facts = {name: probe["facts"] for name, probe in scanned.evidence["probes"].items()}
    tests: dict[str, dict[str, dict[str, Any]]] = defaultdict(lambda: defaultdict(dict))
    for kind, name, stated in (one for each in (files, parameters, accounts, ports, processes, mounts) for one in each(facts)):
        known = tests[kind][name]
        assert {key: known.get(key, value) for key, value in stated.items()} == stated, (kind, name)
        known.update(stated)
    return tests


def goss(world: RootlessWorld, tests: dict[str, Any]) -> tuple[int, set[tuple[str, str, str]]]:
    """Return how many tests goss has done, and those that failed or were skipped."""
    (world.base / "goss.json").write_text(json.dumps(tests))
    argv = world.inside("goss", "--gossfile", f"{world.base}/goss.json", "validate", "--format", "json")
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False, cwd="/")
    assert done.returncode in (0, 1), done.stderr
    results = json.loads(done.stdout)["results"]
    return len(results), {(one["resource-type"], one["resource-id"], one["property"]) for one in results if one["result"] != 0}


@contextmanager
def standing(start: Callable[[RootlessWorld], Any]) -> Iterator[RootlessWorld]:
    missing = [name for name in ("goss", "rootlesskit", "slirp4netns", "socat") if shutil.which(name) is None]
    assert not missing, f"install goss, rootlesskit, slirp4netns and socat: {missing} not found"
    world = RootlessWorld()
    try:
        world.run("ip", "link", "set", "lo", "up")
        start(world)
        yield world
    finally:
        world.end()


@pytest.mark.parametrize("name", POSTURES)
def test_goss_finds_true_what_is_stated(name: str, scan: Scanner) -> None:
    start, asked = POSTURES[name]
    with standing(start) as world:
        tests = as_tests(scan(world))
        done, differ = goss(world, tests)
    assert differ == set()
    assert done == sum(len(stated) for resources in tests.values() for stated in resources.values())
    assert {key: tests[key[0]][key[1].format(base=world.base)].get(key[2]) for key in asked} == asked


def test_goss_says_what_has_changed_since(scan: Scanner) -> None:
    with standing(weak) as world:
        tests = as_tests(scan(world))
        group = world.etc / "group"
        group.write_text(group.read_text().replace(f"docker:x:{DOCKER_GID}:alice\n", f"docker:x:{DOCKER_GID}:erin\n"))
        world.run("sh", "-ec", f"chmod 0600 {DOCKER}; chown erin {world.base}/daemon.json; install -D /dev/null /run/crio/crio.sock")
        world.run("sh", "-ec", "echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start")  # of the host's own network
        world.processes[-1].terminate()
        world.processes[-1].wait()
        _, differ = goss(world, tests)
    assert differ == {
        *(("File", DOCKER, "mode"), ("File", f"{world.base}/daemon.json", "uid"), ("File", "/run/crio/crio.sock", "exists")),
        *(("User", "alice", "groups"), ("User", "erin", "groups")),
        *(("Port", "tcp:2376", "listening"), ("Port", "tcp:2376", "ip")),
        ("KernelParam", "net.ipv4.ip_unprivileged_port_start", "value"),
    }
