"""A socket that says nothing, one that never stops and one that never accepts: each costs at most its own facts, and no time.

A full backlog answers EAGAIN at once to who asks without blocking, and hangs who does not, for ever (unix(7), ran on Linux 6.18).
"""

from collections.abc import Iterator

import pytest
from real_engines.scans import Scan, Scanner
from real_engines.world import World

DOCKER = "/run/docker.sock"
DEADLINE = 10.0
SLACK = 5.0
"""Seconds for nsenter, the interpreter and the writing of the report."""

LISTEN = "import os, socket, time; s = socket.socket(socket.AF_UNIX); s.bind('/run/docker.sock'); os.chmod('/run/docker.sock', 0o600); s.listen({backlog}); "
SERVERS = {
    "silent": LISTEN.format(backlog=16) + "open('/run/ready', 'w'); time.sleep(600)",
    "endless": LISTEN.format(backlog=16) + "open('/run/ready', 'w')\n"
    "import threading\n"
    "def pour(client):\n"
    "    try:\n"
    "        while True: client.sendall(b'x' * 65536)\n"
    "    except OSError: pass\n"
    "while True: threading.Thread(target=pour, args=(s.accept()[0],), daemon=True).start()",
    "full": LISTEN.format(backlog=0) + "kept = []\n"
    "while True:\n"
    "    c = socket.socket(socket.AF_UNIX); c.setblocking(False)\n"
    "    try: c.connect('/run/docker.sock'); kept.append(c)\n"
    "    except BlockingIOError: break\n"
    "open('/run/ready', 'w'); time.sleep(600)",
}


@pytest.fixture(params=sorted(SERVERS))
def hostile(request: pytest.FixtureRequest, empty: World) -> Iterator[tuple[str, World]]:
    empty.start("/usr/bin/python3", "-I", "-c", SERVERS[request.param])
    empty.wait(lambda: "ready" in empty.run("ls", "/run"))
    yield request.param, empty


def check(scanned: Scan, kind: str) -> None:
    assert scanned.seconds < DEADLINE + SLACK
    probe = scanned.evidence["probes"]["sockets"]
    fact = probe["facts"]["sockets"][DOCKER]
    assert (fact["type"], fact["owner_uid"], fact["mode"]) == ("socket", 0, "0600")
    holes = {hole["pointer"] for hole in probe["holes"] if "docker.sock" in hole["pointer"]}
    if kind == "full":
        assert holes and "peer" not in fact
    else:
        assert (fact["listening"], fact["peer"]["uid"], holes) == (True, 0, set())


def test_as_root(hostile: tuple[str, World], scan: Scanner) -> None:
    kind, world = hostile
    scanned = scan(world, "--deadline", str(DEADLINE))
    check(scanned, kind)
    assert scanned.results()["HC-ACC-01", DOCKER] in (("pass",) if kind != "full" else ("pass", "error"))
    assert scanned.code == {"compliant": 0, "noncompliant": 1, "inconclusive": 3}[scanned.report["verdict"]]
    assert not any(hole["why"] in ("crashed", "timeout") for probe in scanned.evidence["probes"].values() for hole in probe["holes"] if hole["pointer"] == "")
