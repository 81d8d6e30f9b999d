"""What a user exchanges as fast as the machine lets him, while root scans: nothing of another user's is told as his, and nobody else is spoken to."""

import json

from hosts.attacks import WAIT, runs
from hosts.planting import end, shell, written
from real_engines.rootless_world import RootlessWorld
from real_engines.scans import Scanner

ROUNDS = 3
HERS = "alices-own-7b1f"
"""Stands in every file of hers."""
OPTIONS = ("--role", "workstation", "--profile", "level2", "--deadline", "20")
SERVER = """
import os, socket, sys
os.chdir(os.path.dirname(sys.argv[1]))  # so that no name of an engine is in the list of the kernel, by which a scan would look at it as hers
server = socket.socket(socket.AF_UNIX); server.bind(os.path.basename(sys.argv[1])); server.listen(64)
print("ready", flush=True)
while True:
    server.accept()[0].close()
    open(sys.argv[2], "a").write("x")
"""
EXCHANGES = (
    """
import ctypes, os, socket, threading
libc, home = ctypes.CDLL(None), os.path.dirname(os.getcwd()) + "/alice"
mine = socket.socket(socket.AF_UNIX); mine.bind("/run/user/4004/docker.sock"); mine.listen(64)
os.mkdir("/run/user/4004/podman"); other = socket.socket(socket.AF_UNIX); other.bind("/run/user/4004/podman/podman.sock"); other.listen(64)
os.makedirs(".docker/desktop", exist_ok=True); os.makedirs(".lima/default", exist_ok=True); os.makedirs(".config/environment.d", exist_ok=True)
open(".docker/config.json", "w").write('{"currentContext": "mine"}'); open(".lima/default/lima.yaml", "w").write("mounts: []\\n")
open(".config/environment.d/a.conf", "w").write("DOCKER_CONTEXT=mine\\n"); open(".profile", "w").write("export DOCKER_CONTEXT=mine\\n")
PAIRS = [(name, f"{home}/{name}") for name in (".docker", ".docker/config.json", ".lima", ".lima/default", ".lima/default/lima.yaml", ".config", ".profile")]
PAIRS += [("/run/user/4004/docker.sock", f"{home}/own/own.sock"), ("/run/user/4004/podman", f"{home}/own")]
PAIRS += [("/run/user/4004/podman/podman.sock", f"{home}/own/podman.sock")]
def forever(number, name, target):
    link = f"x{number}" if not name.startswith("/") else f"/run/user/4004/x{number}"
    os.symlink(target, link)
    while True:
        libc.renameat2(-100, os.fsencode(link), -100, os.fsencode(name), 2)
for number, pair in enumerate(PAIRS): threading.Thread(target=forever, args=(number, *pair), daemon=True).start()
"""
    + WAIT
)


def test_nothing_of_another_user_is_told_however_fast_names_are_exchanged(scan: Scanner) -> None:
    world = RootlessWorld()
    said = f"{world.base}/home/alice/said"
    try:
        for path, text in {
            ".docker/config.json": json.dumps({"currentContext": HERS}),
            ".docker/desktop/settings-store.json": json.dumps({"filesharingDirectories": [f"/{HERS}"]}),
            ".lima/default/lima.yaml": f"mounts:\n- location: /{HERS}\n  writable: true\n",
            ".config/environment.d/a.conf": f"DOCKER_CONTEXT={HERS}\n",
            ".profile": f"export DOCKER_CONTEXT={HERS}\n",
        }.items():
            written(f"{{home}}/alice/{path}", text, owner="alice")(world)
        shell("install -d -o alice -g alice {home}/alice/own")(world)
        for name in ("own.sock", "podman.sock"):
            before = world.log.seek(0, 2)
            world.start("/usr/bin/python3", "-I", "-c", SERVER, f"{world.base}/home/alice/own/{name}", said, user="alice")
            world.wait(lambda before=before: b"ready" in (world.base / "log").read_bytes()[before:])
        runs(EXCHANGES)(world)
        scanned = [scan(world, *OPTIONS) for _ in range(ROUNDS)]
        spoken = world.run("sh", "-c", f"cat {said} 2>/dev/null || true")
    finally:
        end(world)
    assert spoken == ""
    looked = 0
    for one in scanned:
        for probe in ("user-clients", "user-desktop-vms"):
            users = one.evidence["probes"][probe]["facts"].get("users", {})
            assert HERS not in json.dumps(users.get("4004", {})), probe
            assert HERS in json.dumps(users["4001"]), probe
            looked += "4004" in users
        for path, socket in one.evidence["probes"]["user-sockets"]["facts"].get("sockets", {}).items():
            if path.startswith("/run/user/4004/"):  # where a link of his points to is his own word; what stands there is not
                assert socket.get("owner_uid", 4004) == 4004 and "/home/alice/" not in socket.get("realpath", "")
                assert socket.get("peer", {"uid": 4004})["uid"] == 4004
    assert looked
