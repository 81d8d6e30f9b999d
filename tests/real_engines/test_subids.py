"""What newuidmap, newgidmap and dockerd really do with planted files is what the facts say, id by id.

Seen with shadow 4.17.4 and dockerd 26.1.5. A version of shadow that no longer takes NAME:0:0 for every id there is fails here: then it is time to say
in the facts which version is installed.
"""

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from real_engines.scans import Scanner
from real_engines.world import DOCKER_GID, USERS, World

ALICE = USERS["alice"][0]
TOP = 4294967294
"""The highest id that can be mapped."""
EVERYWHERE = (0, 1, 9, 10, ALICE - 1, ALICE, ALICE + 1, DOCKER_GID, 8191, 65536, 100000, 200000, 300000, 300009, TOP - 1, TOP)

# What newuidmap and newgidmap must let alice map, and where dockerd must put the root of her containers (None: it must refuse), written by hand.
FILES: dict[str, tuple[bytes, list[tuple[int, int]], int | None]] = {
    "decimal": (b"alice:100000:65536\n", [(100000, 165535)], 100000),
    "hex": (b"alice:0x30D40:65536\n", [(200000, 265535)], None),
    "octal": (b"alice:0200000:65536\n", [(65536, 131071)], 200000),
    "carriage return": (b"alice:300000:65536\r\n", [], 300000),
    "covers 0": (b"alice:0:1\n", [(0, 0)], 0),
    "covers docker": (f"alice:{DOCKER_GID}:1\n".encode(), [(DOCKER_GID, DOCKER_GID)], DOCKER_GID),
    "overlap": (b"bob:100000:65536\nalice:165535:10\n", [(165535, 165544)], 165535),
    "too small": (b"alice:100000:10\n", [(100000, 100009)], 100000),
    "no newline at the end": (b"bob:1:1\nalice:100000:65536", [(100000, 165535)], 100000),
    "blank before the name": (b" alice:100000:65536\n", [], 100000),
    "blank before the number": (b"alice: 300000:10\n", [(300000, 300009)], None),
    "blank at the end": (b"alice:300000:10 \n", [], 300000),
    "by number": (f"{ALICE}:300000:10\n".encode(), [(300000, 300009)], 300000),
    "by name and by number": (f"alice:300000:5\n{ALICE}:300005:5\n".encode(), [(300000, 300009)], 300005),
    "a fourth field": (b"alice:300000:10:\n", [(300000, 300009)], None),
    "two fields": (b"bob:1\nalice:300000:10\n", [(300000, 300009)], None),
    "junk for another": (b"bob:x:y\nalice:300000:10\n", [(300000, 300009)], 300000),
    "the empty range that is everything": (b"alice:0:0\n", [(0, TOP)], None),
    "an empty range": (b"alice:300000:0\n", [], None),
    "negative": (b"alice:-1:10\n", [], None),
    "beyond 32 bits": (b"alice:300000:99999999999\n", [(300000, TOP)], None),
    "the highest id": (b"alice:4294967294:1\n", [(TOP, TOP)], None),
    "no id": (b"alice:4294967295:1\n", [], None),
    "for NIS": (b"+alice:300000:10\n", [], None),
    "commented out": (b"#alice:300000:10\n", [], None),
    "1024 bytes": (b"alice:300000:" + b"0" * 1009 + b"12\n", [], None),
}
# Where its number makes the map useless, dockerd fails later than at reading it: that is not its reading, and not asked.
NOT_ASKED = {"the empty range that is everything", "an empty range", "negative", "beyond 32 bits", "the highest id", "no id", "1024 bytes"}

MAP = """
import ctypes, json, os, subprocess, sys
libc = ctypes.CDLL(None, use_errno=True)
def allowed(program, first, count):
    told, ending = os.pipe(), os.pipe()
    child = os.fork()
    if not child:
        os.close(ending[1])
        os.write(told[1], b"ok" if libc.unshare(0x10000000) == 0 else b"no")  # CLONE_NEWUSER
        os.read(ending[0], 1)
        os._exit(0)
    os.close(ending[0])
    assert os.read(told[0], 2) == b"ok"
    done = subprocess.run([program, str(child), "0", str(first), str(count)], capture_output=True)
    for fd in (*told, ending[1]):
        os.close(fd)
    os.waitpid(child, 0)
    return done.returncode == 0
print(json.dumps([allowed(sys.argv[1], *one) for one in json.loads(sys.argv[2])]))
"""

BECOME = """
import ctypes, os, subprocess, sys
libc = ctypes.CDLL(None, use_errno=True)
told, mapped = os.pipe(), os.pipe()
child = os.fork()
if not child:
    assert libc.unshare(0x10000000) == 0
    os.write(told[1], b"ok")
    assert os.read(mapped[0], 2) == b"ok"
    os.setresuid(0, 0, 0)
    open(sys.argv[1], "w").close()
    os._exit(0)
assert os.read(told[0], 2) == b"ok"
subprocess.run(["newuidmap", str(child), "0", "0", "1"], check=True)
os.write(mapped[1], b"ok")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""

COLLECT = Path(__file__).with_name("collect_subids.py").read_text(encoding="utf-8")

Facts = Callable[[bytes], dict[str, Any]]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Yield a host whose /etc/subuid and /etc/subgid the tests write."""
    missing = [name for name in ("newuidmap", "newgidmap", "dockerd") if shutil.which(name) is None]
    assert not missing, f"install uidmap and docker.io: {missing} not found"
    made = World()
    try:
        for kind in ("subuid", "subgid"):
            (made.etc / kind).touch(0o644)
        yield made
    finally:
        made.end()


@pytest.fixture(scope="module")
def facts(world: World, installed: Path) -> Facts:
    """Plant both files and return what is stated of them."""

    def plant(content: bytes) -> dict[str, Any]:
        for kind in ("subuid", "subgid"):
            (world.etc / kind).write_bytes(content)
        told: dict[str, Any] = json.loads(world.run(str(installed / "python"), "-I", "-c", COLLECT))
        return told

    return plant


def stated(told: dict[str, Any], kind: str) -> list[tuple[int, int]]:
    """Return the ranges that alice has by the facts, those that touch joined."""
    mine = [one for one in told["coverage"]["ranges"].values() if one["file"] == kind and "shadow" in one["by"] and one.get("owner_uid") == ALICE]
    joined: list[tuple[int, int]] = []
    for first, last in sorted((one["first"], one["last"]) for one in mine):
        if joined and joined[-1][1] >= first - 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined


@pytest.mark.parametrize("name", FILES)
def test_newuidmap_and_newgidmap_do_what_the_facts_say(world: World, facts: Facts, name: str) -> None:
    content, wanted, _ = FILES[name]
    told = facts(content)
    assert all(hole["pointer"].endswith(("/users", "/groups", "/accounts")) and hole["why"] == "limit" for hole in told["holes"])
    edges = {edge for first, last in wanted for edge in (first - 1, first, last, last + 1) if 0 <= edge <= TOP}
    ids = sorted(edges | set(EVERYWHERE))
    for kind, program in (("subuid", "newuidmap"), ("subgid", "newgidmap")):
        assert stated(told, kind) == wanted
        asked = [(number, 1) for number in ids] + [(first, last - first + 1) for first, last in wanted]
        answers = json.loads(world.run("/usr/bin/python3", "-I", "-c", MAP, program, json.dumps(asked), user="alice"))
        really = {number for (number, count), allowed in zip(asked, answers, strict=True) if allowed and count == 1}
        assert really == {number for number in ids if number == ALICE or any(first <= number <= last for first, last in wanted)}
        assert all(answers[len(ids) :])


@pytest.mark.parametrize("name", [name for name in FILES if name not in NOT_ASKED])
def test_dockerd_does_what_the_facts_say(world: World, facts: Facts, name: str, tmp_path: Path) -> None:
    content, _, wanted = FILES[name]
    told = facts(content)
    assert by_idtools(told) == wanted
    assert remapped(world, tmp_path) == wanted


def by_idtools(told: dict[str, Any]) -> int | None:
    """Return the first id that pkg/idtools finds for alice by the facts, None where it gives up or finds nothing: by number first, by name only then."""
    file = told["subids"]["files"]["/etc/subuid"]
    odd = file["irregular"].values()
    if any("not three fields" in one["problems"] for one in odd) or any("idtools" not in one["readings"] and one["excerpt"].startswith("alice") for one in odd):
        return None
    taken = [(one["line"], one) for one in file["lines"].values()] + [(one["line"], one["readings"]["idtools"]) for one in odd if "idtools" in one["readings"]]
    starts = [(one["owner"] == "alice", line, one["start"]) for line, one in taken if one["owner"] in ("alice", str(ALICE))]
    return min(starts)[2] if starts else None


def remapped(world: World, place: Path) -> int | None:
    """Start dockerd with alice remapped, for as long as it takes to see to which id; it names its data root by it before it looks for containerd."""
    root, log = place / "docker", place / "log"
    with log.open("wb") as out:
        daemon = subprocess.Popen(
            world.inside(
                *("dockerd", "--userns-remap", "alice", "--data-root", str(root), "--exec-root", "/run/d", "--pidfile", "/run/d.pid"),
                *("--containerd", "/run/nothing.sock", "--bridge=none", "--iptables=false", "-H", "unix:///run/d.sock"),
            ),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
        end = time.monotonic() + 20
        found: list[str] = []
        while not found and daemon.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
            found = [path.name for path in root.glob("*.*")] if root.exists() else []
        daemon.kill()
        daemon.wait()
        world.run("rm", "-f", "/run/d.pid")
    if not found:
        assert "Can't create ID mappings" in (said := log.read_text()) or "no subuid ranges found" in said.lower(), said
        return None
    return int(found[0].partition(".")[0])


def test_a_range_with_0_makes_root_of_its_owner(world: World, facts: Facts) -> None:
    roots = world.base / "roots"
    roots.mkdir(mode=0o700)
    facts(b"alice:0:0\n")
    world.run("/usr/bin/python3", "-I", "-c", BECOME, str(roots / "alice"), user="alice")
    assert (roots / "alice").stat().st_uid == 0


def test_the_findings(world: World, facts: Facts, scan: Scanner) -> None:
    facts(b"alice:0:1\nbob:4001:1\ncarol:100000:65536\ndave:100000:65536\nerin:0200000:65536\nfrank:400000:65536\nroot:0:65536\n")
    (world.etc / "subgid").write_bytes(f"bob:{DOCKER_GID}:1\ncarol:100000:65536\nfrank:400000:65536\n".encode())
    (world.etc / "subgid").chmod(0o666)
    results = scan(world, "--profile", "level2").results()
    (world.etc / "subgid").chmod(0o644)
    fails = {(rule, subject) for (rule, subject), result in results.items() if rule.startswith("HC-SUB") and result == "fail"}
    octal, as_go = "subuid:erin:0200000:65536", "subuid:erin:0200000:65536 (as go and idtools read it)"
    assert fails == {
        ("HC-SUB-01", "subuid:alice:0"),
        ("HC-SUB-02", "subuid:bob:4001"),
        ("HC-SUB-03", f"subgid:bob:{DOCKER_GID}"),
        *(("HC-SUB-04", f"subuid:{name}") for name in ("alice:0", "root:0", "bob:4001", "carol:100000", "dave:100000")),
        *(("HC-SUB-04", subject) for subject in (octal, "subuid:carol:100000", "subuid:dave:100000")),
        *(("HC-SUB-05", name) for name in ("alice", "bob", "dave", "erin", "root")),
        ("HC-SUB-06", "/etc/subuid"),
        ("HC-SUB-07", "/etc/subgid"),
        ("HC-SUB-10", "subuid:root:0"),
        *(("HC-SUB-14", name) for name in ("alice", "bob", "dave", "default ranges", "erin", "root")),  # carol and frank have what useradd gives
    }
    assert results["HC-SUB-01", as_go] == results["HC-SUB-02", as_go] == results["HC-SUB-04", as_go] == "pass"
    assert results["HC-SUB-07", "/etc/subuid"] == results["HC-SUB-05", "frank"] == results["HC-SUB-09", "/usr/bin/newuidmap"] == "pass"
    assert ("HC-SUB-01", "subuid:root:0") not in results
