"""Hosts on which a connection to root's engine was made in a network of a user's, and on which a user keeps a group in a file; each with its twin."""

from collections.abc import Callable

from hosts.planting import NAMES, PYTHON, D, Host, Plant, all_of, as_user, both, can, connects, ready, shell, without_alice, without_bob
from hosts.rows_reach import closed
from hosts.rows_sockets import GROUP, PASSES
from real_engines.rootless_world import RootlessWorld
from real_engines.world import DOCKER_GID

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


OWN_PLACES = shell("mount --no-mtab -t tmpfs -o mode=0755 tmpfs /opt", "mount --no-mtab -t tmpfs -o mode=0755,nosuid tmpfs /srv")
RUNS = f"import os, sys; sys.exit({DOCKER_GID} not in (os.getegid(), *os.getgroups()))"


def made(path: str, user: str, mode: int) -> Plant:
    """Return the planting of a copy of Python that a member made with the set-group-ID bit of docker, as it is possible while one is a member."""
    place = f"install -m 0755 -o {NAMES[user][0]} -g {DOCKER_GID} /usr/bin/python3 {path}; chmod {mode:o} {path}"
    return all_of(OWN_PLACES, shell(place))


def on_nosuid(path: str) -> Plant:
    """Return the planting of such a copy where a mount keeps it from giving its group."""
    return shell(f"install -m 2755 -o {NAMES['alice'][0]} -g {DOCKER_GID} /usr/bin/python3 {path}; chmod 2755 {path}")


def runs(user: str, path: str, *, does: bool = True) -> Callable[[RootlessWorld], bool]:
    """Return the proof that a program gives a user the group, or does not."""
    return as_user(user, "env", path, "-I", "-c", RUNS, does=does)  # setpriv(1) has root's capabilities until it runs something


FOUND = (f"HC-ACC-04 {D}",)
LEFT = dict.fromkeys(FOUND, "the file is a user's, who could put another in its place while a command runs, so that no command is given")
UNKNOWN = {f"HC-ACC-04 {D}": "error", **{f"HC-RTL-{number} *": "error" for number in ("02", "03", "05")}}
"""Who has root by an engine is then not known, and so not of whom else a rule about users speaks."""
UPLOAD = shell("chown root:root {home}/dave", "chmod 0755 {home}/dave", "install -d -o dave -g dave {home}/dave/upload")
ELSEWHERE = shell("mkdir {home}/dave/.local", "ln -s {home}/carol {home}/dave/bin", "ln -s {home}/carol {home}/dave/.local/bin", "chown -hR dave {home}/dave")
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
    Host(
        name="a setgid program that a member made in her home",
        plant=all_of(GROUP, made("{home}/alice/dg", "alice", mode=0o2755), without_alice, without_bob, shell("chmod 0755 {home}/alice")),
        proof=both(connects(), runs("alice", "{home}/alice/dg"), runs("dave", "{home}/alice/dg")),
        fails=FOUND,
        remains=LEFT,
        says={f"HC-ACC-04 {D}": "group docker from setgid file"},
        twin="a setgid program that gives nothing",
    ),
    Host(
        name="a setgid program in a closed home",
        plant=all_of(GROUP, made("{home}/alice/dg", "alice", mode=0o2755), without_alice, without_bob),
        proof=both(connects(), runs("alice", "{home}/alice/dg"), runs("dave", "{home}/alice/dg", does=False)),
        fails=FOUND,
        remains=LEFT,
        twin="a setgid program that gives nothing",
    ),
    Host(
        name="a setgid program for another user by an ACL",
        plant=all_of(GROUP, made("/opt/dg", "alice", mode=0o2710), shell("setfacl -m u:dave:x /opt/dg"), without_alice, without_bob),
        proof=both(connects(), runs("dave", "/opt/dg"), runs("erin", "/opt/dg", does=False)),
        fails=FOUND,
        twin="a setgid program that gives nothing",
    ),
    Host(
        name="a setgid program in a directory of a user's in a home that is root's",
        plant=all_of(GROUP, UPLOAD, made("{home}/dave/upload/dg", "dave", mode=0o2755), without_alice, without_bob),
        proof=both(connects(), runs("dave", "{home}/dave/upload/dg")),
        fails=FOUND,
        remains=LEFT,
        twin="a setgid program that gives nothing",
    ),
    Host(
        name="a link of a user's to another's home, where programs are looked for",
        plant=all_of(GROUP, ELSEWHERE, without_alice, without_bob),
        proof=connects(),
        also=PASSES,
        twin="a setgid program that a member made in her home",
    ),
    Host(
        name="a setgid program that gives nothing",
        plant=all_of(GROUP, made("/opt/other", "alice", mode=0o2745), on_nosuid("/srv/dg"), without_alice, without_bob),
        proof=both(connects(), runs("dave", "/opt/other", does=False), runs("alice", "/srv/dg", does=False)),
        also=PASSES,
    ),
]
