"""Hosts whose engine is reached by what no mode shows: from another network namespace, by an abstract name, or by a connection that is open already."""

from collections.abc import Callable

from hosts.planting import EVERYONE, PYTHON, D, Host, Plant, all_of, both, can, connects, ready
from hosts.rows_sockets import OPEN, PASSES, REACHED, on
from real_engines.rootless_world import RootlessWorld

AWAY = "/run/away/x.sock"
NAME = "@/run/docker.sock"
ANY = "@given.sock"
PING = r"""
import socket, sys
line = socket.socket(socket.AF_UNIX); line.settimeout(20)
line.connect("\0" + sys.argv[1])
line.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
sys.exit(b"200" not in line.recv(99))
"""
LISTEN = r"import socket, sys, time; s = socket.socket(socket.AF_UNIX); s.bind('\0' + sys.argv[1]); s.listen(); print('ready', flush=True); time.sleep(600)"
FORGED = r"""
import os, socket, sys, time
rows = [line.split() for line in open("/proc/net/unix") if line.strip().endswith(sys.argv[1])]
kept = []
def listen(name):
    server = socket.socket(socket.AF_UNIX); server.bind(name); server.listen(1); kept.append(server)
for number, row in enumerate(rows):
    listen("\0%d\n0000000000000000: 00000002 00000000 00010000 0001 01 %s @/run/podman.sock" % (number, row[6]))
listen("\0/run/containerd/containerd.sock"); listen("\0docker.sock"); listen("\0/containerd-shim/moby/1f/shim.sock\0")
os.chdir(sys.argv[2]); os.makedirs("@/run", exist_ok=True); listen("@/run/crio.sock")
print("ready" if rows else "nothing to forge", flush=True); time.sleep(600)
"""
DROPS = r"""
import os, socket, sys, time
line = socket.socket(socket.AF_UNIX); line.connect(sys.argv[1])
os.setgroups([]); os.setgid(4006); os.setuid(4006)
print("ready", flush=True)
while not os.path.exists(sys.argv[2] + ".ask"): time.sleep(0.05)
line.sendall(b"GET /_ping HTTP/1.1\r\nHost: engine\r\n\r\n"); line.settimeout(20)
open(sys.argv[2] + ".told", "wb").write(line.recv(99))
time.sleep(600)
"""
KEEPS = "import socket, sys, time; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); print('ready', flush=True); time.sleep(600)"
ENDED = "import socket, sys, time; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.close(); print('ready', flush=True); time.sleep(600)"


def flags(world: RootlessWorld) -> tuple[str, ...]:
    """Return what a dockerd is told that runs beside others."""
    (world.base / "daemon.json").write_text("{}")
    files = ("--config-file", f"{world.base}/daemon.json", "--data-root", f"{world.base}/docker", "--exec-root", "/run/docker", "--pidfile", "/run/docker.pid")
    return (*files, "--containerd", "/run/containerd/containerd.sock", "--bridge=none", "--iptables=false", "--ip6tables=false")


def away(group: str, *wrapper: str) -> Plant:
    """Return the planting of a real dockerd, as by `unshare --net` in a namespace of its own, whose socket is where nobody would look, for a group."""

    def plant(world: RootlessWorld) -> None:
        world.start_containerd()
        world.run("install", "-d", "-m", "0755", "/run/away")
        world.start(*wrapper, "dockerd", *flags(world), "--group", group, "-H", f"unix://{AWAY}")
        world.wait(lambda: world.answers(AWAY))

    return plant


def activated(*wrapper: str) -> Plant:
    """Return the planting of a real dockerd that was started because somebody connected to its abstract socket."""

    def plant(world: RootlessWorld) -> None:
        world.start_containerd()
        serve = world.start(*wrapper, "systemd-socket-activate", "-l", ANY, "dockerd", *flags(world), "-H", "fd://")
        inside = ("nsenter", "--net", "--target", str(serve.pid)) if wrapper else ()
        world.wait(lambda: can(world, "root", *inside, *PYTHON, PING, ANY[1:]))

    return plant


def pings(*users: str) -> Callable[[RootlessWorld], bool]:
    """Return the proof that exactly these of three users are answered on the abstract socket."""
    return lambda world: {user for user in ("alice", "frank", "nobody") if can(world, user, *PYTHON, PING, ANY[1:])} == set(users)


def closed(world: RootlessWorld) -> None:
    """Start a real dockerd, to which nobody but root connects."""
    world.start_docker("--group", "root")


def dropped(world: RootlessWorld) -> None:
    """Let root connect to an engine and become frank."""
    ready(world, *PYTHON, DROPS, D, f"{world.base}/home/frank/note")


def gives_orders(world: RootlessWorld) -> bool:
    """Say whether frank, who may not connect, is answered on the connection that he was left."""
    place = world.base / "home/frank"
    (place / "note.ask").touch()
    told = place / "note.told"
    world.wait(lambda: told.exists() and told.read_bytes())
    return told.read_bytes().startswith(b"HTTP/1.1 200 ")


def closed_later(program: str) -> Plant:
    """Return the planting of a dockerd whose socket was open when dave connected, and is closed now."""

    def plant(world: RootlessWorld) -> None:
        closed(world)
        world.run("chmod", "0666", D)
        ready(world, *PYTHON, program, D, user="dave")
        world.run("chmod", "0600", D)

    return plant


def forged(place: str) -> Plant:
    """Return the planting of dave's abstract sockets, with rows in their names about what root bound to a place."""
    return lambda world: ready(world, *PYTHON, FORGED, place, f"{world.base}/home/dave", user="dave")


def opened(world: RootlessWorld) -> None:
    """Open the hidden socket to everybody."""
    world.run("chmod", "0666", AWAY)


HOSTS = [
    Host(
        name="docker in another network namespace",
        plant=away("docker", "unshare", "--net"),
        proof=connects("alice", "bob", path=AWAY),
        fails=(*on(AWAY, *REACHED), "HC-ACC-05 docker"),
        twin="docker in another network namespace, closed",
        cases=(81,),
    ),
    Host(
        name="docker in another network namespace, closed",
        plant=away("root", "unshare", "--net"),
        proof=connects(path=AWAY),
        also={f"HC-ACC-04 {AWAY}": "pass"},
        cases=(81,),
    ),
    Host(
        name="docker at an abstract socket",
        plant=activated(),
        proof=pings("alice", "frank", "nobody"),
        fails=on(ANY, *OPEN),
        twin="a user's abstract sockets",
        cases=(61, 62),
    ),
    Host(
        name="docker at an abstract socket of another network namespace",
        plant=activated("unshare", "--net"),
        proof=pings(),
        also={f"HC-ACC-01 {ANY}": "pass", f"HC-ACC-04 {ANY}": "pass"},
        cases=(61, 81),
    ),
    Host(
        name="a user's abstract sockets",
        plant=all_of(closed, lambda world: ready(world, *PYTHON, LISTEN, NAME[1:], user="dave"), forged(D)),
        proof=both(connects(), lambda world: can(world, "frank", *PYTHON, LISTEN, NAME[1:]) is False),
        also=PASSES,
        cases=(61,),
    ),
    Host(
        name="a row about root's socket in a user's name",
        plant=all_of(away("root"), opened, forged(AWAY)),
        proof=connects(*EVERYONE, path=AWAY),
        fails=on(AWAY, *OPEN),
        twin="docker in another network namespace, closed",
        cases=(61,),
    ),
    Host(
        name="a connection that outlived root",
        plant=all_of(closed, dropped),
        proof=both(connects(), gives_orders),
        fails=on(D, *REACHED),
        twin="a connection that has ended",
    ),
    Host(
        name="a connection that is older than the mode", plant=closed_later(KEEPS), proof=connects(), fails=on(D, *REACHED), twin="a connection that has ended"
    ),
    Host(name="a connection that has ended", plant=closed_later(ENDED), proof=connects(), also=PASSES),
]
