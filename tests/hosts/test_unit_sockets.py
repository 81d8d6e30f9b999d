"""A scan starts nothing: what a unit of systemd's listens on is not connected to, whatever a user does to hide who holds it.

Process 1 of each host stands for systemd: it holds a listening socket and would start a service when somebody connects, so that it tells whether anybody did.
"""

import json
import subprocess
from pathlib import Path

import pytest
from hosts.planting import PYTHON, D, end, shell
from real_engines.rootless_world import RootlessWorld

MANAGER = """
import json, os, select, socket, subprocess, sys
told, bound, arrange, attack, *scan = sys.argv[1:]
server = socket.socket(socket.AF_UNIX); server.bind(bound); os.chmod(bound, 0o666); server.listen()
subprocess.run(["sh", "-ec", arrange], check=True)
inode = str(os.fstat(server.fileno()).st_ino)
dave = subprocess.Popen(["setpriv", "--reuid=4004", "--regid=4004", "--clear-groups", "/usr/bin/python3", "-I", "-c", attack, inode], stdout=subprocess.PIPE)
assert dave.stdout.readline() == b"ready\\n"
before = bool(select.select([server], [], [], 0)[0])
scanned = subprocess.run(scan, capture_output=True, text=True)
after = bool(select.select([server], [], [], 0)[0])
open(told, "w").write(json.dumps([before, scanned.returncode, after, scanned.stderr]))
"""
WAIT = "print('ready', flush=True); import time; time.sleep(600)"
ROW = "0000000000000000: 00000002 00000000 00010000 0001 01 "
BINDS = """
import socket, sys
kept = []
def listen(name):
    server = socket.socket(socket.AF_UNIX); server.bind(name); server.listen(1); kept.append(server)
"""
ABSTRACT = BINDS + f"listen('\\0x\\n{ROW}%s /run/other' % sys.argv[1])\n" + WAIT
SPACES = BINDS + f"listen('\\0x\\n\\n{ROW}%s   {D} ' % sys.argv[1])\nlisten('\\0y\\n{ROW}%s' % sys.argv[1])\n" + WAIT
LONG = BINDS + f"name = '\\0x\\n{ROW}%s /run/' % sys.argv[1]\nlisten(name + 'd' * (107 - len(name)))\nlisten('\\0y\\n{ROW}1 {D}')\n" + WAIT
SQUATS = (
    BINDS
    + f"""
import ctypes, os
uid, gid, libc = os.getuid(), os.getgid(), ctypes.CDLL(None)
assert not libc.unshare(0x10020000)
for name, line in (("setgroups", "deny"), ("uid_map", f"0 {{uid}} 1"), ("gid_map", f"0 {{gid}} 1")): open(f"/proc/self/{{name}}", "w").write(line)
assert not libc.mount(b"tmpfs", b"/run", b"tmpfs", 0, None)
listen("{D}"); listen('\\0x\\n{ROW}%s @gone' % sys.argv[1])
"""
    + WAIT
)
UNIT = "/run/systemd/system/docker.socket"


def unit(path: str) -> str:
    """Return the command that writes a unit which listens on a path."""
    return f"mkdir -p /run/systemd/system; printf '[Socket]\\nListenStream={path}\\n' > {UNIT}"


@pytest.mark.parametrize(
    ("listens", "bound", "arrange", "attack"),
    [
        pytest.param(D, D, ":", WAIT, id="nobody's attack"),
        pytest.param(D, D, ":", ABSTRACT, id="a row in an abstract name"),
        pytest.param(D, D, ":", SPACES, id="rows with spaces and without a name"),
        pytest.param(D, D, ":", LONG, id="a row that is cut off with its name"),
        pytest.param(D, D, ":", SQUATS, id="the same name in mounts of the user's, and a row"),
        pytest.param(f"/var{D}", f"/var{D}", ":", ABSTRACT, id="a unit that says /var/run"),
        pytest.param(D, "/run/new.sock", f"mv /run/new.sock {D}", ABSTRACT, id="a socket that was renamed"),
        pytest.param(D, "/run/a/docker.sock", f"touch {D}; mount --no-mtab --bind /run/a/docker.sock {D}", ABSTRACT, id="a socket that is mounted"),
        pytest.param("/run/b/docker.sock", "/run/b/docker.sock", f"ln -s /run/a/docker.sock {D}", ABSTRACT, id="a unit that goes by a link"),
    ],
)
def test_nobody_connects_to_what_systemd_holds(listens: str, bound: str, arrange: str, attack: str, installed: Path) -> None:
    world = RootlessWorld()
    try:
        shell("mkdir /run/a; ln -s a /run/b", unit(listens))(world)
        told = world.base / "told"
        scan = (str(installed / "python"), "-I", "-m", "hostcheck", "scan", "--profile", "level2", "--format", f"json={world.base}/report")
        inside = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc", *PYTHON, MANAGER, str(told), bound, arrange, attack, *scan)
        subprocess.run(world.inside(*inside), stdin=subprocess.DEVNULL, check=True, timeout=60, cwd="/")
        before, code, after, said = json.loads(told.read_text())
        report = json.loads((world.base / "report").read_bytes())
    finally:
        end(world)
    assert (before, after) == (False, False), "somebody connected"
    assert code in (1, 3), said
    results = {one["subject"]: one["result"] for one in report["findings"] if one["rule"] == "HC-ACC-01"}
    assert set(results.values()) <= {"fail", "error"} and D in results
