"""Hosts with very many people who do nothing wrong: all verdicts on others stay what they are without the crowd, and nothing of theirs is undetermined.

Nobody lays anything here, so that nothing may be not known: what costs a scan most must be bounded by what somebody lays, never by how many there are.
"""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from containers.container_host import inspected
from hosts.owners_compare import UNKNOWN, fresh, lost, told
from hosts.owners_crews import Crew
from hosts.owners_victims import FAILS, victim
from hosts.planting import edit, end, lines, many, ready
from real_engines.rootless_world import RootlessWorld
from real_engines.scans import Scan, Scanner

from hostcheck_builtin.containers import inspection

DEADLINE = 100.0
"""Seconds: with 20,000 accounts a scan takes more than the usual ten (docs/running.md, Bounds)."""
OPTIONS = ("--role", "workstation", "--profile", "level2", "--deadline", str(DEADLINE))
FIRST = 300_000
ENGINE = """
import ctypes, json, os, socket, sys, threading
from contextlib import suppress
uid, gid = os.getuid(), os.getgid()
ctypes.CDLL(None).unshare(0x10000000)  # CLONE_NEWUSER: a rootless engine is root there
for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")): open(f"/proc/self/{name}", "w").write(text)
told = json.load(open(sys.argv[2]))
server = socket.socket(socket.AF_UNIX); server.bind(sys.argv[1]); server.listen(64)
print("ready", flush=True)
def serve(line):
    with line, suppress(OSError):
        asked = line.recv(65536).split(b" ")[1].decode()
        known = "_ping" in asked or asked in told
        body = b"OK" if "_ping" in asked else json.dumps(told.get(asked, {})).encode()
        head = f"HTTP/1.1 {200 if known else 404} X\\r\\nServer: Libpod/5.4.2 (linux)\\r\\nContent-Type: application/json"
        line.sendall(head.encode() + b"\\r\\nConnection: close\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body) + body)
while True: threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
"""
"""An engine that has an answer to each question, from a file."""


def called(count: int, word: str) -> Crew:
    """Return so many people."""
    return Crew(name=word, accounts={f"{word}{number}": FIRST + number for number in range(count)})


def listed(crew: Crew, home: str) -> Callable[[RootlessWorld], None]:
    """Return the planting of the accounts of a crew, whose homes are at a place."""

    def plant(world: RootlessWorld) -> None:
        lines("passwd", *(f"{name}:x:{uid}:{uid}::{home}/{name}:/bin/bash" for name, uid in crew.accounts.items()))(world)
        lines("group", *(f"{name}:x:{uid}:" for name, uid in crew.accounts.items()))(world)

    return plant


def in_group(crew: Crew, group: str) -> Callable[[RootlessWorld], None]:
    """Return the planting of a crew into a group, which may be new; their homes are not there."""

    def plant(world: RootlessWorld) -> None:
        listed(crew, "/net/home")(world)
        names = ",".join(crew.accounts)

        def change(text: str) -> str:
            known = [line for line in text.splitlines() if line.startswith(f"{group}:")]
            one = known[0] if known else f"{group}:x:299999:"
            return "".join(f"{line}\n" for line in text.splitlines() if line not in known) + f"{one}{'' if one.endswith(':') else ','}{names}\n"

        edit("group", change)(world)

    return plant


def rootless(world: RootlessWorld) -> None:
    """Let frank have an engine with 200 containers, each with a directory of his home."""
    home = f"{world.base}/home/frank"
    mounts = [{"Type": "bind", "Source": f"{home}/data", "Destination": "/data", "Mode": "", "RW": True, "Propagation": "rprivate"}]
    made = [{**inspected(1, f"c{number}", "podman", Mounts=mounts), "Id": f"{number:064x}"} for number in range(200)]
    told = {inspection.LIST: [{"Id": one["Id"], "Names": [f"/{one['Name']}"]} for one in made], inspection.VOLUMES: {"Volumes": []}}
    told |= {inspection.INSPECT["podman"].format(one["Id"]): one for one in made}
    answers = json.loads(Path(__file__).parents[1].joinpath("fakes/engines/podman-rootless-libpod.json").read_text(encoding="utf-8"))
    told |= {path: answers for path in ("/v4.0.0/libpod/info", "/libpod/info")}
    place = world.base / "answers.json"
    place.write_text(json.dumps(told))
    os.mkdir(f"{home}/data")
    os.chown(f"{home}/data", 4006, 4006)
    world.run("install", "-d", "-m", "0700", "-o", "frank", "-g", "frank", "/run/user/4006/podman")
    ready(world, "/usr/bin/python3", "-I", "-c", ENGINE, "/run/user/4006/podman/podman.sock", str(place), user="frank")


NOBODY = Crew(name="nobody", accounts={})
ABSENT, LISTED, GROUP = called(3000, "away"), called(many(50_000, 20_000), "one"), called(20_000, "member")
CROWDS: dict[str, tuple[Crew, Callable[[RootlessWorld], None]]] = {
    "3,000 accounts whose homes do not exist": (ABSENT, listed(ABSENT, "/net/home")),
    "50,000 accounts": (LISTED, listed(LISTED, "/home")),
    "a group of 20,000": (GROUP, in_group(GROUP, "everybody")),
    "a group docker of 20,000": (GROUP, in_group(GROUP, "docker")),
    "200 rootless containers": (Crew(name="frank", accounts={"frank": 4006}), rootless),
}


@pytest.fixture(scope="module")
def untouched(scan: Scanner) -> Iterator[Scan]:
    """Return the scan of the host without a crowd."""
    world = RootlessWorld()
    try:
        victim(world)
        yield told(scan(world, *OPTIONS), world)
    finally:
        end(world)


@pytest.mark.parametrize("name", CROWDS)
def test_all_verdicts_stay_and_nothing_is_undetermined(name: str, scan: Scanner, untouched: Scan) -> None:
    crew, plant = CROWDS[name]
    world = RootlessWorld()
    try:
        victim(world)
        plant(world)
        after = told(scan(world, *OPTIONS), world)
    finally:
        end(world)
    assert {text: after.report["told"].get(text) for text in FAILS} == dict.fromkeys(FAILS, "fail")
    assert lost(untouched, after, crew) == {}, "\n".join(fresh(untouched, after))
    assert {text for text, result in after.report["told"].items() if result in UNKNOWN} <= {text for text in untouched.report["told"]}
