"""A name service that never answers (edge case 91): what the files say fails all the same, and nothing that it might add is taken for nobody.

It is a real one: nss-systemd(8) asks every socket in /run/systemd/userdb, and waits for a server that accepts and says nothing.
"""

from collections.abc import Iterator

import pytest
from hosts.planting import PYTHON, D, all_of, end, engine, over, ready
from hosts.rows_grants import EMPTIED, GROUP
from real_engines.rootless_world import RootlessWorld
from real_engines.scans import Scanner

DEADLINE = 8.0
SLACK = 5.0
"""Seconds for nsenter, the interpreter, and the writing of the report, beside other work on the machine."""
SILENT = """
import os, socket
os.makedirs("/run/systemd/userdb")
server = socket.socket(socket.AF_UNIX)
server.bind("/run/systemd/userdb/io.hostcheck.Silent")
server.listen(64)
print("ready", flush=True)
kept = []
while True:
    kept.append(server.accept()[0])
"""
OPTIONS = ("--role", "workstation", "--profile", "level2", "--value", "approved_groups=docker", "--deadline", str(DEADLINE))
ASKS = over("/etc/nsswitch.conf", "passwd: files systemd\ngroup: files systemd\n")


def hangs(world: RootlessWorld) -> None:
    """Plant the name service, last of all: whoever asks it for groups waits from now on."""
    all_of(ASKS, lambda host: ready(host, *PYTHON, SILENT))(world)


@pytest.fixture
def world() -> Iterator[RootlessWorld]:
    host = RootlessWorld()
    yield host
    end(host)


@pytest.mark.parametrize(
    ("plant", "hanging", "results"),
    [
        (EMPTIED, False, {"HC-ACC-03": "pass", "HC-ACC-04": "pass", "HC-ACC-08": "pass", "HC-ACC-09": "pass"}),
        (EMPTIED, True, {"HC-ACC-03": "error", "HC-ACC-04": "error", "HC-ACC-08": "pass", "HC-ACC-09": "error"}),  # no process has the group
        (GROUP, True, {"HC-ACC-03": None, "HC-ACC-04": "fail", "HC-ACC-05": "fail"}),
        (engine(mode=0o666), True, {"HC-ACC-01": "fail", "HC-ACC-03": None}),
        (engine(), True, {"HC-ACC-01": "pass", "HC-ACC-03": "pass"}),
    ],
    ids=["nobody, and it answers", "nobody by the files", "members by the files", "everybody", "root alone"],
)
def test_a_name_service_that_never_answers(world: RootlessWorld, scan: Scanner, plant: object, hanging: bool, results: dict[str, str | None]) -> None:
    all_of(plant, hangs if hanging else ASKS)(world)  # type: ignore[arg-type]
    seen = scan(world, *OPTIONS)
    found = {rule: result for (rule, subject), result in seen.results().items() if subject in (D, "docker")}
    told = [one["because"] for one in seen.report["findings"] if one["result"] == "fail"]
    assert {rule: found.get(rule) for rule in results} == results, told
    assert [hole["why"] for hole in seen.evidence["probes"]["nss"]["holes"]] == (["timeout"] if hanging else [])
    assert seen.seconds < DEADLINE + SLACK
