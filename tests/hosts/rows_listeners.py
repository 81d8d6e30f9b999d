"""Hosts on which a program of root's hands an engine on, and clients that verify nobody: each proved by who gets an answer.

The program is systemd-socket-proxyd, which gets its listening socket as systemd would give it.
"""

from hosts.planting import PYTHON, Host, Plant, all_of, as_user, both, connects, engine, ready, shell, written
from real_engines.rootless_world import RootlessWorld

PROXYD = "/usr/lib/systemd/systemd-socket-proxyd"
DOCKER = "/run/docker.sock"
RELAY = "/run/relay.sock"
GIVES = """
import os, socket, sys
where, mode = sys.argv[1:3]
if where.startswith("/"):
    server = socket.socket(socket.AF_UNIX)
    server.bind(where)
    os.chmod(where, int(mode, 8))
    server.listen()
else:
    server = socket.create_server(("127.0.0.1", int(where)))
os.dup2(server.fileno(), 3)
os.set_inheritable(3, True)
os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
print("ready", flush=True)
os.execv(sys.argv[3], sys.argv[3:])
"""
ASKS = """
import socket, sys
where = sys.argv[1]
line = socket.socket(socket.AF_UNIX if where.startswith("/") else socket.AF_INET)
line.settimeout(5)
line.connect(where if where.startswith("/") else ("127.0.0.1", int(where)))
line.sendall(b"GET /_ping HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
sys.exit(not line.recv(64).startswith(b"HTTP/1.1 200 "))
"""
READS = "bash -lc 'test \"$DOCKER_HOST\" = tcp://engine.example.org:2375'"


def relay(where: str, mode: str = "0600") -> Plant:
    """Return the planting of a relay of root's to root's engine, which nobody else can connect to."""

    def plant(world: RootlessWorld) -> None:
        ready(world, *PYTHON, GIVES, where, mode, PROXYD, DOCKER)

    return all_of(shell("ip link set lo up"), engine(), plant)


HOSTS = [
    Host(
        name="a relay of root's on loopback",
        plant=relay("24000"),
        proof=both(connects(), as_user("dave", *PYTHON, ASKS, "24000")),
        fails=("HC-API-15 127.0.0.1:24000",),
        says={"HC-API-15 127.0.0.1:24000": f"hands {DOCKER} on, so every local user can become root"},
        remains={"HC-API-15 127.0.0.1:24000": "what starts a relay is not known, so no command is given"},
        twin="a relay of root's at a path that is root's alone",
        alone=True,
    ),
    Host(
        name="a relay of root's at a path that all may open",
        plant=relay(RELAY, "0666"),
        proof=both(connects(), as_user("dave", *PYTHON, ASKS, RELAY)),
        fails=(f"HC-API-15 {RELAY}",),
        says={f"HC-API-15 {RELAY}": "0666"},
        twin="a relay of root's at a path that is root's alone",
        alone=True,
    ),
    Host(
        name="a relay of root's at a path that is root's alone",
        plant=relay(RELAY),
        proof=both(connects(), as_user("dave", *PYTHON, ASKS, RELAY, does=False)),
        also={f"HC-API-15 {RELAY}": "pass"},
        alone=True,
    ),
    Host(
        name="a profile that sends docker to another host over tcp",
        plant=written("{home}/alice/.profile", "export DOCKER_HOST=tcp://engine.example.org:2375\n", "alice"),
        proof=as_user("alice", "env", "-i", "HOME={home}/alice", "sh", "-c", READS),
        fails=("HC-API-09 alice",),
        remains={"HC-API-09 alice": "a line of a user's profile is that user's to change, so no command is given"},
        profile="level2",
        twin="a profile that has docker verify who answers",
        alone=True,
    ),
    Host(
        name="a profile that has docker verify who answers",
        plant=written("{home}/alice/.profile", "export DOCKER_HOST=tcp://engine.example.org:2375\nexport DOCKER_TLS_VERIFY=1\n", "alice"),
        proof=as_user("alice", "env", "-i", "HOME={home}/alice", "sh", "-c", READS),
        also={"HC-API-09 alice": "pass"},
        profile="level2",
        alone=True,
    ),
]
