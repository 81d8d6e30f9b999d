"""Hosts on which a connection to root's engine was made in a network of a user's, and on which a user keeps a group in a file; each with its twin."""

from hosts.planting import PYTHON, D, Host, Plant, both, can, connects, ready
from hosts.rows_reach import closed
from hosts.rows_sockets import PASSES
from real_engines.rootless_world import RootlessWorld

MAKES = """
import ctypes, os, socket, sys, time
assert not ctypes.CDLL(None).unshare(FLAGS)
line = socket.socket(socket.AF_UNIX); line.connect(sys.argv[1])
"""
OWN = MAKES.replace("FLAGS", "0x50000000")
ROOTS = MAKES.replace("FLAGS", "0x40000000")
STAYS = "print('ready', flush=True); time.sleep(600)"
HANDED = (
    """
import os, socket, subprocess, sys, time
here, there = socket.socketpair()
maker = subprocess.Popen(["/usr/bin/python3", "-I", "-c", sys.argv[2], sys.argv[1], str(there.fileno())], pass_fds=[there.fileno()])
_, (got,), _, _ = socket.recv_fds(here, 9, 1); maker.wait()
line = socket.socket(fileno=got)
"""
    + "print('ready', flush=True)\nwhile not os.path.exists('ask'): time.sleep(0.05)\n"
    + "line.sendall(b'GET /_ping HTTP/1.1\\r\\nHost: engine\\r\\n\\r\\n'); line.settimeout(20)\n"
    + "told = line.recv(99); open('told', 'wb').write(told); time.sleep(600)"
)
HANDS = OWN + "socket.send_fds(socket.socket(fileno=int(sys.argv[2])), [b'x'], [line.fileno()])"
ON_ITS_WAY = OWN + "here, there = socket.socketpair(); socket.send_fds(here, [b'x'], [line.fileno()]); line.close()\n" + STAYS


def closed_later(*programs: str, user: str = "dave") -> Plant:
    """Return the planting of an engine whose socket was open when a user's program connected, and is closed now."""

    def plant(world: RootlessWorld) -> None:
        closed(world)
        world.run("chmod", "0666", D)
        world.run("mkdir", "-p", "/run/note")
        world.run("chmod", "0777", "/run/note")
        ready(world, "env", "-C", "/run/note", *PYTHON, programs[0], D, *programs[1:], user=user)
        world.run("chmod", "0600", D)

    return plant


def still_answered(world: RootlessWorld) -> bool:
    """Say whether the engine answers on the connection that was handed on."""
    world.run("touch", "/run/note/ask")
    world.wait(lambda: can(world, "root", "test", "-s", "/run/note/told"))
    return can(world, "root", "grep", "-q", "200", "/run/note/told")


UNKNOWN = {f"HC-ACC-03 {D}": "error", f"HC-ACC-04 {D}": "error", **{f"HC-RTL-{number} *": "error" for number in ("02", "03", "05")}}
"""Who has root by an engine is then not known, and so not of whom else a rule about users speaks."""
HOSTS = [
    Host(
        name="a connection made in a user's network and handed on",
        plant=closed_later(HANDED, HANDS),
        proof=both(connects(), still_answered),
        also=UNKNOWN,
        twin="a connection made in root's network",
    ),
    Host(name="a connection of who stays in a user's network", plant=closed_later(OWN + STAYS), proof=connects(), also=UNKNOWN, twin="docker closed"),
    Host(name="a connection made in a user's network, in a message", plant=closed_later(ON_ITS_WAY), proof=connects(), also=UNKNOWN, twin="docker closed"),
    Host(name="a connection made in root's network", plant=closed_later(ROOTS + STAYS, user="root"), proof=connects(), also=PASSES),
]
