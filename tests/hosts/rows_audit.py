"""Hosts for versions and restarts: an engine that runs an old program, a kernel that waits for a reboot, and a dockerd that no package holds.

That changes are recorded (HC-AUD-01) has no host: the audit rules are those of the machine's kernel, which all hosts share.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hosts.planting import Host, Plant, all_of, as_user, ready, shell
from real_engines.rootless_world import RootlessWorld

PLACE = "/usr/local/bin"
DOCKERD = f"{PLACE}/dockerd"
OWN_PLACE = shell(f"mount --no-mtab -t tmpfs -o mode=0755 tmpfs {PLACE}")
"""A /usr/local/bin of the host's own."""
SPEAKS = r"""
import contextlib, json, os, socket, sys
told = {"ServerVersion": sys.argv[2], "SecurityOptions": [], "DockerRootDir": "/var/lib/docker", "Warnings": None}
told |= {"Version": sys.argv[2], "ApiVersion": "1.43", "MinAPIVersion": "1.12", "Components": [{"Name": "Engine", "Version": sys.argv[2]}]}
server = socket.socket(socket.AF_UNIX); server.bind(sys.argv[1]); os.chmod(sys.argv[1], 0o600); server.listen(64)
print("ready", flush=True)
head = "HTTP/1.1 200 OK\r\nServer: Docker/x (linux)\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
while True:
    line = server.accept()[0]
    line.settimeout(2)
    with contextlib.suppress(OSError), line:
        if asked := line.recv(65536):
            body = b"OK" if b"/_ping" in asked else b"[]" if b"/containers/json" in asked else json.dumps(told).encode()
            line.sendall((head % len(body)).encode() + body)
"""
RELEASE = os.uname().release
NEWER = re.sub("[0-9]+", lambda found: str(int(found[0]) + 1), RELEASE, count=1)
OLDER = re.sub("[0-9]+", lambda found: str(int(found[0]) - 1), RELEASE, count=1)
OWN_LIB = shell("mkdir /run/upper /run/work && mount --no-mtab -t overlay -o lowerdir=/usr/lib,upperdir=/run/upper,workdir=/run/work overlay /usr/lib")
SERVER: dict[str, Any] = {"role": "server", "alone": True}
BY_HAND = "a note says what to restart: what that stops is for the administrator to decide"


def runs(world: RootlessWorld) -> None:
    """Let a program run that is called dockerd."""
    world.run("cp", "/usr/bin/sleep", DOCKERD)
    process = world.start(DOCKERD, "infinity")
    world.wait(lambda: os.readlink(f"/proc/{process.pid}/exe").endswith("/dockerd"))


def updated(world: RootlessWorld) -> None:
    """Replace it, as dpkg does: by a rename."""
    world.run("sh", "-ec", f"cp /usr/bin/sleep {DOCKERD}.new && mv {DOCKERD}.new {DOCKERD}")


def is_old(old: bool) -> Callable[[RootlessWorld], bool]:
    """Return the proof that what runs is, or is not, another file than that on disk, by the names that the kernel has for it."""
    return lambda world: os.readlink(f"/proc/{world.processes[-1].pid}/exe").endswith(" (deleted)") is old


def kernels(*releases: str) -> Plant:
    """Return the planting of kernels that are installed."""
    boot = "mount --no-mtab -t tmpfs -o mode=0755 tmpfs /boot"
    return all_of(OWN_LIB, shell(boot, *(f"touch /boot/vmlinuz-{one} && mkdir -p /usr/lib/modules/{one}" for one in releases)))


def static(version: str) -> Plant:
    """Return the planting of a dockerd that no package holds, and that says that it is of this version."""

    def plant(world: RootlessWorld) -> None:
        (world.base / "speaks.py").write_text(SPEAKS)
        world.run("cp", "--dereference", "/usr/bin/python3", DOCKERD)
        ready(world, "env", "PYTHONHOME=/usr", DOCKERD, "-E", str(world.base / "speaks.py"), "/run/docker.sock", version)

    return all_of(OWN_PLACE, plant)


def is_static(world: RootlessWorld) -> bool:
    """Prove that it is this program that runs, and that dpkg knows of no package that has it."""
    serves = any(os.readlink(f"/proc/{child.pid}/exe") == DOCKERD for child in world.processes if Path(f"/proc/{child.pid}").exists())
    return serves and as_user("root", "sh", "-c", f"! dpkg -S {DOCKERD}")(world)


HOSTS = [
    Host(
        name="a dockerd that was updated and not restarted",
        plant=all_of(OWN_PLACE, runs, updated),
        proof=is_old(True),
        fails=(f"HC-AUD-03 {DOCKERD}",),
        remains={f"HC-AUD-03 {DOCKERD}": BY_HAND},
        twin="a dockerd that runs as it is on disk",
        **SERVER,
    ),
    Host(
        name="a dockerd that runs as it is on disk",
        plant=all_of(OWN_PLACE, runs),
        proof=is_old(False),
        also={f"HC-AUD-03 {DOCKERD}": "pass"},
        **SERVER,
    ),
    Host(
        name="a kernel that waits for a reboot",
        plant=kernels(RELEASE, NEWER),
        proof=as_user("nobody", "test", "-e", f"/boot/vmlinuz-{NEWER}"),
        fails=("HC-AUD-03 Linux",),
        says={"HC-AUD-03 Linux": f"Linux {RELEASE} runs, and {NEWER} is installed"},
        remains={"HC-AUD-03 Linux": "a note says to reboot"},
        twin="the newest kernel of those that are installed",
        **SERVER,
    ),
    Host(
        name="the newest kernel of those that are installed",
        plant=kernels(RELEASE, OLDER, f"{NEWER}-other"),
        proof=as_user("nobody", "test", "-e", f"/boot/vmlinuz-{NEWER}", does=False),
        also={"HC-AUD-03 Linux": "pass"},
        **SERVER,
    ),
    Host(
        name="a dockerd of no package that gets no fixes",
        plant=static("24.0.7"),
        proof=is_static,
        fails=(f"HC-AUD-02 {DOCKERD}",),
        says={f"HC-AUD-02 {DOCKERD}": f"{DOCKERD} is docker 24.0.7, which its project no longer fixes"},
        remains={f"HC-AUD-02 {DOCKERD}": "a note says to put another release in its place: which one is for the administrator to decide"},
        twin="a dockerd of no package that gets fixes",
        opens=True,
        **SERVER,
    ),
    Host(
        name="a dockerd of no package that gets fixes",
        plant=static("28.5.1"),
        proof=is_static,
        also={f"HC-AUD-02 {DOCKERD}": "informational"},
        opens=True,
        **SERVER,
    ),
]
