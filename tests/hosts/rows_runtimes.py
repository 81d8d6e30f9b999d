"""Hosts for the rules about containerd: a real one that is told to give itself away, each with its hardened twin.

Proofs are those of users who connect, of a program of a user's that containerd runs as root, and of a server that hears whether TLS is spoken.
"""

import subprocess
from collections.abc import Callable

from hosts.planting import PYTHON, Host, all_of, as_user, connects, many, ready, shell
from real_engines.rootless_world import RootlessWorld
from real_engines.world import DOCKER_GID

CONFIG = "/etc/containerd/config.toml"
SOCKET = "/run/containerd/containerd.sock"
NEXT = "/run/next.sock"
PORT = 7777
PLUGINS = "/run/plugins"
CERTS = "/etc/containerd/certs.d/registry.example"
REGISTRY = """
import socket, sys
server = socket.create_server(("127.0.0.1", 5000))
print("ready", flush=True)
while True:
    client, _ = server.accept()
    with open("/run/heard", "ab") as heard:
        heard.write(client.recv(4)[:3] + b"\\n")
    client.close()
"""
PLUGIN = "#!/bin/sh\nid -u > /run/plugin-ran\n"
NRI = f"""
[plugins."io.containerd.nri.v1.nri"]
disable = false
plugin_path = "{PLUGINS}"
plugin_config_path = "/run/plugin-settings"
socket_path = "/run/nri.sock"
"""


def containerd(more: str, *, ends: bool = False) -> Callable[[RootlessWorld], None]:
    """Return the planting of a real containerd that reads its usual file; it `ends` where a plugin is none."""

    def plant(world: RootlessWorld) -> None:
        (world.etc / "containerd").mkdir(exist_ok=True)
        main = f'version = 2\nroot = "{world.base}/containerd"\nstate = "/run/containerd"\n'
        (world.etc / "containerd/config.toml").write_text(main + more)
        started = world.start("containerd")
        if ends:
            started.wait(many(90, 30))
            world.processes.remove(started)
        else:
            world.wait(lambda: world.reachable(SOCKET), many(90, 30))

    return plant


def later(more: str) -> Callable[[RootlessWorld], None]:
    """Return the planting of what its usual file says from the next start on."""

    def plant(world: RootlessWorld) -> None:
        with (world.etc / "containerd/config.toml").open("a") as file:
            file.write(more)

    return plant


def connects_later(*users: str) -> Callable[[RootlessWorld], bool]:
    """Return the proof that none of the users connects now, and these do to a containerd that starts now."""
    return at_next_start(lambda world: connects(path=SOCKET)(world) and connects(*users, path=NEXT)(world))


def takes_tcp(world: RootlessWorld) -> bool:
    """Say whether dave can connect to containerd on TCP."""
    code = f"import socket; socket.create_connection(('127.0.0.1', {PORT}), 5)"
    return subprocess.run(world.inside(*PYTHON, code, user="dave"), capture_output=True, timeout=30, check=False).returncode == 0


def at_next_start(holds: Callable[[RootlessWorld], bool]) -> Callable[[RootlessWorld], bool]:
    """Return the proof that something holds of a containerd that starts now; it ends with its sockets."""

    def prove(world: RootlessWorld) -> bool:
        started = world.start("containerd", "--address", NEXT, "--root", f"{world.base}/next", "--state", "/run/next")
        world.wait(lambda: world.reachable(NEXT), many(90, 30))
        found = holds(world)
        started.terminate()
        started.wait(30)
        world.processes.remove(started)
        world.run("sh", "-c", f"rm -rf {NEXT} {NEXT}.ttrpc /run/next")
        return found

    return prove


def plugin_ran(world: RootlessWorld) -> bool:
    """Say whether containerd ran dave's program as root."""
    return world.run("sh", "-c", "cat /run/plugin-ran 2>/dev/null || :") == "0\n"


def registry(scheme: str) -> Callable[[RootlessWorld], None]:
    """Return the planting of a registry on this machine that containerd reaches in this way."""

    def plant(world: RootlessWorld) -> None:
        folder = world.etc / CERTS.removeprefix("/etc/")
        folder.mkdir(parents=True)
        (folder / "hosts.toml").write_text(f'[host."{scheme}://127.0.0.1:5000"]\n')
        world.run("ip", "link", "set", "lo", "up")
        ready(world, *PYTHON, REGISTRY)

    return plant


def heard(plain: bool) -> Callable[[RootlessWorld], bool]:
    """Return the proof that containerd's client asks the registry without TLS, or does not."""

    def prove(world: RootlessWorld) -> bool:
        world.run("sh", "-c", f"timeout 20 ctr images pull --hosts-dir {CERTS.rpartition('/')[0]} registry.example/x:1 >/dev/null 2>&1 || :")
        first = world.run("head", "-c", "3", "/run/heard")
        return (first in ("GET", "HEA")) is plain

    return prove


ALONE = {"role": "server", "profile": "level2", "alone": True}


def drop(world: RootlessWorld) -> None:
    """Let dave try to put a program where plugins are."""
    as_user("dave", "sh", "-c", f"printf '%s' '{PLUGIN}' > {PLUGINS}/10-daves && chmod 0755 {PLUGINS}/10-daves")(world)


HOSTS = [
    Host(
        name="a containerd that gives its socket to a group",
        plant=containerd(f"[grpc]\ngid = {DOCKER_GID}\n"),
        proof=connects("alice", "bob", path=SOCKET),
        fails=(f"HC-ACC-13 {SOCKET}", f"HC-ACC-13 {SOCKET}.ttrpc"),
        also={f"HC-CTD-01 {CONFIG}": "pass"},
        twin="a containerd that keeps its socket",
        **ALONE,
    ),
    Host(
        name="a containerd that will give its socket to a group",
        plant=all_of(containerd(""), later(f"[grpc]\ngid = {DOCKER_GID}\n")),
        proof=connects_later("alice", "bob"),
        fails=(f"HC-CTD-01 {CONFIG}",),
        also={f"HC-ACC-13 {SOCKET}": "pass", f"HC-ACC-13 {SOCKET}.ttrpc": "pass"},
        twin="a containerd that keeps its socket",
        says={
            f"HC-CTD-01 {CONFIG}": "after the next restart of containerd, who can connect to it becomes root: "
            f"{SOCKET} is root:docker 0660 by [grpc] in {CONFIG} (users: alice (group docker), bob (primary group docker)), "
            f"{SOCKET}.ttrpc is root:docker 0660 by [grpc] in {CONFIG} (users: alice (group docker), bob (primary group docker))"
        },
        **ALONE,
    ),
    Host(
        name="a containerd that will listen on TCP",
        plant=all_of(shell("ip link set lo up"), containerd(""), later(f'[grpc]\ntcp_address = "127.0.0.1:{PORT}"\n')),
        proof=lambda world: not takes_tcp(world) and at_next_start(takes_tcp)(world),
        fails=(f"HC-API-17 127.0.0.1:{PORT} by {CONFIG} after reboot",),
        twin="a containerd that keeps its socket",
        **ALONE,
    ),
    Host(
        name="a containerd that keeps its socket",
        plant=all_of(containerd(""), later("[grpc]\ngid = 0\n")),
        proof=connects_later(),
        also={f"HC-CTD-01 {CONFIG}": "pass"},
        **ALONE,
    ),
    Host(
        name="a containerd that starts a user's plugin",
        plant=all_of(shell(f"mkdir -p {PLUGINS} /run/plugin-settings; chown dave {PLUGINS}"), drop, containerd(NRI, ends=True)),
        proof=plugin_ran,
        fails=(f"HC-DKD-21 {CONFIG}",),
        twin="a containerd that starts root's plugins",
        says={f"HC-DKD-21 {CONFIG}": f"{PLUGINS} (uid 4004, mode 0755)"},
        **ALONE,
    ),
    Host(
        name="a containerd that starts root's plugins",
        plant=all_of(shell(f"mkdir -p {PLUGINS} /run/plugin-settings"), drop, containerd(NRI)),
        proof=lambda world: not plugin_ran(world),
        also={f"HC-DKD-21 {CONFIG}": "pass"},
        **ALONE,
    ),
    Host(
        name="a registry without TLS",
        plant=all_of(containerd(""), registry("http")),
        proof=heard(True),
        fails=(f"HC-CTD-04 {CERTS}/hosts.toml http://127.0.0.1:5000",),
        twin="a registry with TLS",
        **ALONE,
    ),
    Host(
        name="a registry with TLS",
        plant=all_of(containerd(""), registry("https")),
        proof=heard(False),
        also={f"HC-CTD-04 {CERTS}/hosts.toml 127.0.0.1:5000": "pass"},
        **ALONE,
    ),
]
