"""What dave serves at his engines' sockets to keep root's scan from what it looks for: it costs what is known of dave, and nobody else.

Root's docker is real, and has one container with a fault and one without.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from real_engines.container_ways import COMMAND, GIVEN, HERE, IMAGE, OF_SETTINGS, fails, hardened
from real_engines.rootless_world import RootlessWorld
from real_engines.scans import Scanner
from real_engines.world import USERS

from hostcheck_builtin.system.bounds import ANSWERS_AT_ONCE as AT_ONCE

DAVE: Final = USERS["dave"][0]
DEADLINE: Final = 20.0
ROOTS: Final = {"docker:faulty": {"HC-CTR-14"}}
OF_ROOT_ALONE: Final = OF_SETTINGS | {f"HC-CTR-{number}" for number in ("02", "11", "12", "17", "19", "20", "21", "22", "30", "32", "35", "37")}
THEIRS: Final = f"containers of uid {DAVE}"
INFO: Final = Path(__file__).parents[1] / "fakes/engines/docker-rootless-slirp4netns-info.json"
SERVER: Final = """
import json, os, socket, sys, threading, time
kind, info = sys.argv[1], open(sys.argv[2]).read()
folder = sys.argv[3]
os.makedirs(folder + "/podman", exist_ok=True)
ids = ["%064x" % number for number in range(5000)]
def told(path):
    one = path.split("/")[-2]
    body = {"Id": one if kind != "liar" else ids[0], "Name": "/c" + one[-4:], "State": {"Status": "running"}, "Config": {"Image": "app", "User": ""},
        "Mounts": [{"Type": "bind", "Source": "/etc" + "/x" * number, "Destination": "/m%d" % number, "RW": True} for number in range(500)],
        "HostConfig": {"Privileged": True, "NetworkMode": "host", "PidMode": "host", "SecurityOpt": None, "CapAdd": None, "CapDrop": None}}
    return json.dumps(body)
def answer(path):
    if path.startswith("/info"):
        return info
    if path.startswith("/containers/json"):
        return json.dumps([{"Id": one, "Names": ["/c" + one[-4:]]} for one in ids])
    if path.startswith("/containers/"):
        time.sleep(0.05 if kind == "slow" else 0)
        return told(path)
    return "{}"
def serve(line):
    try:
        while kind == "silent":
            time.sleep(1)
        if kind == "endless":
            line.sendall(b"HTTP/1.1 200 OK\\r\\nServer: Docker/26 (linux)\\r\\n\\r\\n[")
            while True:
                line.sendall(b" " * 65536)
        path = line.recv(65536).split(b" ")[1].decode()
        body = answer(path).encode()
        line.sendall(b"HTTP/1.1 200 OK\\r\\nServer: Docker/26 (linux)\\r\\nConnection: close\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body) + body)
        line.close()
    except (OSError, IndexError):
        pass
def listen(place):
    server = socket.socket(socket.AF_UNIX); server.bind(place); server.listen(64)
    while True:
        threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
threading.Thread(target=listen, args=(folder + "/podman/podman.sock",), daemon=True).start()
listen(folder + "/docker.sock")
"""


class Attacked(RootlessWorld):
    """A host with root's docker."""

    def begin(self) -> None:
        self.run("sh", "-ec", f"({IMAGE.format(base=self.base)}) > {self.base}/image.tar")
        self.start_docker()
        image = self.run("docker", "import", f"{self.base}/image.tar", "local/empty").strip()
        for name, options in (("good", ()), ("faulty", ("--security-opt", "seccomp=unconfined"))):
            self.run("docker", "run", "-d", "--name", name, *GIVEN, *hardened(), *HERE, *options, image, *COMMAND)


@pytest.fixture(scope="module")
def attacked() -> Iterator[Attacked]:
    made = Attacked()
    try:
        made.begin()
        yield made
    finally:
        made.run("sh", "-c", "docker rm -f good faulty || true")
        made.end()


@pytest.mark.parametrize("kind", ["silent", "endless", "slow", "liar", "many"])
def test_it_costs_nobody_else(attacked: Attacked, scan: Scanner, kind: str) -> None:
    sockets = [f"/run/user/{DAVE}/docker.sock", f"/run/user/{DAVE}/podman/podman.sock"]
    attacked.run("rm", "-f", *sockets)
    namespace = ("unshare", "--user", "--map-root-user")  # else it is an engine elsewhere, and what it says is nobody's
    server = attacked.start(*namespace, "/usr/bin/python3", "-I", "-c", SERVER, kind, str(INFO), f"/run/user/{DAVE}", user="dave")
    attacked.wait(lambda: all(path in attacked.run("cat", "/proc/net/unix") for path in sockets))
    try:
        found = scan(attacked, "--profile", "level2", "--deadline", str(DEADLINE))
    finally:
        server.kill()
        server.wait()
        attacked.processes.remove(server)
    told = fails(found)
    assert {subject: rules for subject, rules in told.items() if not subject.startswith(("docker(dave)", THEIRS))} == ROOTS
    assert not {rule.partition(":")[0] for subject, rules in told.items() if subject not in ROOTS for rule in rules} & OF_ROOT_ALONE
    assert ("HC-CTR-14", "docker:good") in {key for key, result in found.results().items() if result == "pass"}
    probe = found.evidence["probes"]["user-containers"]
    assert not [hole for hole in probe["holes"] if hole["pointer"] == ""] and found.seconds < DEADLINE
    assert str(DAVE) in json.dumps(probe["holes"]), "what is not known is told of dave"
    assert {one["uid"] for one in found.report.get("omitted", [])} <= {DAVE, None}
    theirs = {subject for subject in told if subject.startswith("docker(dave)")}
    # each answer is longer than one may be, so that only the first are asked for
    assert len(theirs) == {"silent": 0, "endless": 0, "many": AT_ONCE, "liar": AT_ONCE}.get(kind, len(theirs)) and (kind != "slow" or theirs)
