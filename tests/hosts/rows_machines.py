"""Hosts for the rules about virtual machines of desktops, by the files and sockets that their products leave in a home.

There is no virtual machine here: that the products read these files as hostcheck does is known from their sources, and the listeners are fakes. What is
proved is the part of the host: who connects, who may write what is shared.
"""

import shutil
from pathlib import Path

from hosts.planting import (
    CONNECT_TCP,
    EVERYONE,
    PYTHON,
    TCP,
    TCP_ANY,
    Host,
    Plant,
    all_of,
    as_json,
    as_user,
    both,
    connects,
    engine,
    nothing,
    ready,
    shell,
    written,
)
from real_engines.rootless_world import RootlessWorld

LEVEL2 = {"profile": "level2"}
YAML = "{home}/alice/.lima/default/lima.yaml"
SOCK = "{home}/alice/.lima/default/sock/docker.sock"
DESKTOP = "{home}/alice/.docker/desktop/settings-store.json"
PODMAN = "{home}/alice/.config/containers/podman/machine/qemu/podman-machine-default.json"
OWN_HOME = as_user("alice", "sh", "-c", "echo x > {home}/alice/file && rm {home}/alice/file")
WRITABLE = 'mounts:\n- location: "~"\n  writable: true\n'
READABLE = 'mounts:\n- location: "~"\n  writable: false\n'
PART = 'mounts:\n- location: "~/src"\n  writable: true\n'
BRACKETS = '{"mounts": [{"location":"~","writable": true}]}\n'
CIDATA = ("mount --no-mtab -t tmpfs -o mode=0755 tmpfs /mnt && mkdir /mnt/lima-cidata", "mount --no-mtab -t tmpfs -o mode=0755 tmpfs /mnt/lima-cidata")
"""The disk by which Lima brings its instructions into a guest."""
LAUGHS = "a: &a [x, x]\nb: &b [*a, *a]\nmounts: *b\n"


def lima(text: str, name: str, **more: object) -> Host:
    """Return a host on which alice has a machine of Lima's."""
    return Host(name=name, plant=written(YAML, text, "alice"), proof=both(OWN_HOME, as_user("alice", "cat", YAML)), **{**LEVEL2, **more})  # type: ignore[arg-type]


def podman(name: str, *, read_only: bool, **more: object) -> Host:
    """Return a host on which alice has a machine of podman's that is given her home."""
    document = as_json({"HostUser": {"Rootful": False}, "Mounts": [{"Source": "{home}/alice", "Target": "/home", "ReadOnly": read_only}]})
    return Host(name=name, plant=written(PODMAN, document, "alice"), proof=both(OWN_HOME, as_user("alice", "cat", PODMAN)), **{**LEVEL2, **more})  # type: ignore[arg-type]


def desktop(name: str, shared: str, *, exposes: bool, listens: bool, **more: object) -> Host:
    """Return a host on which alice has Docker Desktop, and a listener of hers where its setting would put one."""
    document = as_json({"FilesharingDirectories": [shared], "ExposeDockerAPIOnTCP2375": exposes})
    program = shell("mount --no-mtab -t tmpfs -o mode=0755 tmpfs /opt && install -d /opt/docker-desktop/bin")
    plants = [program, written(DESKTOP, document, "alice"), shell("ip link set lo up")]
    if listens:
        plants.append(lambda world: ready(world, *PYTHON, TCP, "2375", user="alice"))
    reached = as_user("nobody", *PYTHON, CONNECT_TCP, "2375", does=listens)
    return Host(name=name, plant=all_of(*plants), proof=both(OWN_HOME, reached), **{**LEVEL2, **more})  # type: ignore[arg-type]


def opened(*commands: str) -> object:
    """Return the planting of a running machine of Lima's, with commands of root's after it."""
    folder = "install -d -m 0755 -o alice -g alice {home}/alice/.lima/default/sock"
    return all_of(written(YAML, READABLE, "alice"), shell(folder), engine(SOCK, user="alice"), shell(*commands))


def listens(code: str, port: int, program: str, user: str) -> Plant:
    """Return the planting of a listener; where `program` is given it is a copy of Python's called like this, so that the kernel names it."""

    def plant(world: RootlessWorld) -> None:
        place = world.base / "bin" / program if program else Path(PYTHON[0])
        if program:
            place.parent.mkdir()
            shutil.copy(PYTHON[0], place)
        ready(world, str(place), *PYTHON[1:], code, str(port), user=user)

    return plant


def guest(name: str, port: int, *, code: str = TCP_ANY, program: str = "", user: str = "root", **more: object) -> Host:
    """Return the inside of a machine of Lima's in which somebody listens on a port, nobody where there is no `code`."""
    plant = all_of(shell("ip link set lo up", *CIDATA), listens(code, port, program, user) if code else nothing)
    return Host(name=name, plant=plant, proof=as_user("nobody", *PYTHON, CONNECT_TCP, str(port), does=bool(code)), **{**LEVEL2, **more})  # type: ignore[arg-type]


HOSTS = [
    lima(WRITABLE, "a machine that writes to the home", fails=("HC-VMX-02 alice",), twin="a machine that reads the home"),
    lima(BRACKETS, "a machine that writes to the home, in brackets", fails=("HC-VMX-02 alice",), twin="a machine that reads the home"),
    lima(READABLE, "a machine that reads the home", also={"HC-VMX-02 alice": "pass", "HC-VMX-01 alice": "pass", "HC-VMX-04 alice": "pass"}),
    lima(PART, "a machine that writes to a part", also={"HC-VMX-02 alice": "pass"}, twin="a machine that writes to the home"),
    lima(LAUGHS, "a machine that laughs", also={"HC-VMX-02 alice": "notchecked"}, twin="a machine that reads the home", cases=(25,)),
    Host(
        name="a machine beside root's docker",
        plant=all_of(written(YAML, READABLE, "alice"), engine()),
        proof=both(connects(), as_user("alice", "cat", YAML)),
        fails=("HC-VMX-01 alice",),
        twin="a machine that reads the home",
        **LEVEL2,
    ),
    Host(
        name="a machine's socket that is open",
        plant=opened("chmod 0711 {home}/alice", f"chmod 0666 {SOCK}"),  # type: ignore[arg-type]
        proof=connects(*EVERYONE, path=SOCK),
        fails=("HC-VMX-03 alice", f"HC-ACC-18 {SOCK}"),
        twin="a machine's socket that is closed",
        **LEVEL2,
    ),
    Host(
        name="a machine's socket that is closed",
        plant=opened("chmod 0711 {home}/alice"),  # type: ignore[arg-type]
        proof=connects("alice", path=SOCK),
        also={"HC-VMX-03 alice": "pass", f"HC-ACC-18 {SOCK}": "pass"},
        **LEVEL2,
    ),
    podman("podman's machine writes to the home", read_only=False, fails=("HC-VMX-02 alice",), twin="podman's machine reads the home"),
    podman("podman's machine reads the home", read_only=True, also={"HC-VMX-02 alice": "pass"}),
    desktop(
        "Docker Desktop over TCP",
        "{home}/alice/src",
        exposes=True,
        listens=True,
        fails=("HC-VMX-04 alice",),
        twin="Docker Desktop",
        remains={"HC-VMX-04 alice": "what listens here is no Docker Desktop that could be quit, as the note before the command asks"},
    ),
    desktop("Docker Desktop over TCP by its settings", "{home}/alice/src", exposes=True, listens=False, fails=("HC-VMX-04 alice",), twin="Docker Desktop"),
    desktop("Docker Desktop", "{home}/alice/src", exposes=False, listens=False, also={"HC-VMX-04 alice": "pass", "HC-VMX-02 alice": "pass"}),
    desktop("Docker Desktop with all homes", "{home}", exposes=False, listens=False, fails=("HC-VMX-02 alice",), twin="Docker Desktop"),
    guest(
        "a guest whose port of docker is open to the network",
        2375,
        fails=("HC-VMX-06 0.0.0.0:2375",),
        says={"HC-VMX-06 0.0.0.0:2375": " of uid 0 (/usr/bin/python3"},
        twin="a guest whose port of docker is its own",
    ),
    guest("a guest whose port of docker is its own", 2375, code=TCP, also={"HC-VMX-06 127.0.0.1:2375": "pass"}),
    guest(
        "a guest whose LXD is open to the network",
        8443,
        program="lxd",
        fails=("HC-VMX-06 0.0.0.0:8443",),
        says={"HC-VMX-06 0.0.0.0:8443": "/bin/lxd) listens on 0.0.0.0:8443, "},
        refuses={"lxc config unset": "there is no LXD here, only a listener of this name"},
        remains={"HC-VMX-06 0.0.0.0:8443": "there is no LXD here whose setting could be taken back"},
        twin="a guest whose web server is open to the network",
    ),
    guest("a guest whose web server is open to the network", 8443, program="server", user="alice", also={"HC-VMX-06": "notapplicable"}),
    guest("a guest in which nobody listens", 2375, code="", also={"HC-VMX-06": "notapplicable"}),
]
