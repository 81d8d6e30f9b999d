"""Hosts whose dockerd is told what weakens it: by the file that it reads, and by the flags that the script of init gives it.

No dockerd runs on most of them: what is judged is what the next boot would start. No systemd runs here, so that Debian's script of init is what starts it.
"""

import json
from collections.abc import Callable
from typing import Any

from hosts.planting import Host, Plant, all_of, can, nothing, written
from real_engines.rootless_world import RootlessWorld

SCRIPT = "/etc/init.d/docker"
FILE = "/etc/docker/daemon.json"
PROFILE = "/etc/docker/seccomp.json"
FLAGS = "/etc/default/docker"
OF_DEFAULTS = tuple(f"HC-DKD-{number:02d} {SCRIPT}" for number in (1, 6, 7, 9, 10, 11, 12))
HARDENED: dict[str, Any] = {
    **{"icc": False, "live-restore": True, "userland-proxy": False, "no-new-privileges": True, "log-driver": "local", "userns-remap": "dave"},
    "default-ulimits": {"nofile": {"Name": "nofile", "Hard": 64000, "Soft": 64000}},
}
NO_COMMAND = "what fits depends on what runs here, so that no command is given"
PLUGIN = {f"HC-API-12 {SCRIPT}": "a plugin has to be chosen and installed, so that no command is given"}
ULIMITS = {f"HC-DKD-06 {SCRIPT}": NO_COMMAND}


def placed(path: str, text: str) -> Plant:
    """Return the planting of a file of root's in the /etc that the host has of its own."""

    def plant(world: RootlessWorld) -> None:
        place = world.etc / path.removeprefix("/etc/")
        place.parent.mkdir(mode=0o755, exist_ok=True)
        place.write_text(text.replace("{home}", f"{world.base}/home"))
        place.chmod(0o644)

    return plant


def told(settings: object) -> Plant:
    """Return the planting of a daemon.json."""
    return placed(FILE, settings if isinstance(settings, str) else json.dumps(settings))


def flags(line: str) -> Plant:
    """Return the planting of flags for the script of init."""
    return placed(FLAGS, f'DOCKER_OPTS="{line}"\n')


def valid(world: RootlessWorld) -> bool:
    """Say whether dockerd would start with its file."""
    return can(world, "root", "sh", "-c", f"! test -e {FILE} || dockerd --validate --config-file {FILE}")


def invalid(world: RootlessWorld) -> bool:
    """Say whether dockerd would not start with its file."""
    return not valid(world)


def clash(world: RootlessWorld) -> bool:
    """Say whether dockerd refuses what file and flags say together."""
    return not can(world, "root", "dockerd", "--validate", "-H", "unix:///run/docker.sock") and valid(world)


def users_runtime(world: RootlessWorld) -> bool:
    """Say whether alice writes what root's dockerd would start for a container."""
    return can(world, "alice", "sh", "-c", f"echo 'exec id' >> {world.base}/home/alice/runtime") and valid(world)


def host(name: str, plant: Plant, proof: Callable[[RootlessWorld], bool] = valid, **more: Any) -> Host:
    """Return a server that is about these rules alone."""
    return Host(name=name, plant=plant, proof=proof, role="server", profile="level2", values=(), alone=True, **more)


HOSTS = [
    host("a docker as its package installs it", nothing, fails=(*OF_DEFAULTS, *PLUGIN), remains={**PLUGIN, **ULIMITS}, twin="a docker that is told well"),
    host(
        "a docker that is told well",
        told(HARDENED),
        fails=tuple(PLUGIN),
        remains=PLUGIN,
        also={text: "pass" for text in (*OF_DEFAULTS, f"HC-DKD-17 {SCRIPT}", f"HC-DKD-13 {SCRIPT}", f"HC-DKD-16 {SCRIPT}")},
    ),
    host(
        "a docker that is told badly",
        told(
            HARDENED
            | {"seccomp-profile": "unconfined", "log-level": "debug", "debug": True, "iptables": False, "icc": True, "experimental": True}
            | {
                "cgroup-parent": "/hc",
                "exec-opts": ["native.cgroupdriver=cgroupfs"],
                "storage-driver": "vfs",
                "insecure-registries": ["10.0.0.0/8"],
                "registry-mirrors": ["http://mirror.local"],
            }
        ),
        fails=(
            *(f"HC-DKD-{number:02d} {SCRIPT}" for number in (1, 2, 3, 4, 5, 8, 13, 14, 19)),
            *PLUGIN,
        ),
        remains={
            **PLUGIN,
            f"HC-DKD-01 {SCRIPT}": "icc is given with the rules of the packet filter, which HC-DKD-03 brings back first",
            f"HC-DKD-04 {SCRIPT}": "the registry needs a certificate first, so that no command is given",
            f"HC-DKD-19 {SCRIPT}": "the mirror needs a certificate first, so that no command is given",
        },
        also={f"HC-DKD-17 {SCRIPT}": "pass"},
        twin="a docker that is told well",
    ),
    host(
        "a docker whose seccomp profile lets every call through",
        all_of(told({**HARDENED, "seccomp-profile": PROFILE}), placed(PROFILE, "{}")),
        fails=(f"HC-DKD-13 {SCRIPT}", *PLUGIN),
        remains={**PLUGIN, f"HC-DKD-13 {SCRIPT}": "which system calls the containers need is the site's to say"},
        says={f"HC-DKD-13 {SCRIPT}": f"{PROFILE} is an empty profile"},
        twin="a docker whose seccomp profile refuses",
    ),
    host(
        "a docker whose seccomp profile refuses",
        all_of(told({**HARDENED, "seccomp-profile": PROFILE}), placed(PROFILE, '{"defaultAction": "SCMP_ACT_ERRNO"}')),
        fails=tuple(PLUGIN),
        remains=PLUGIN,
        also={f"HC-DKD-13 {SCRIPT}": "pass", f"HC-DKD-17 {SCRIPT}": "pass"},
    ),
    host(
        "a docker whose flags weaken it",
        all_of(told({key: value for key, value in HARDENED.items() if key != "icc"}), flags("--icc=true --seccomp-profile=unconfined")),
        fails=(f"HC-DKD-01 {SCRIPT}", f"HC-DKD-13 {SCRIPT}", *PLUGIN),
        remains={**PLUGIN, **{f"HC-DKD-{rule} {SCRIPT}": "a flag sets it, and which file gives the flag is the site's" for rule in ("01", "13")}},
        twin="a docker that is told well",
    ),
    host(
        "a docker that does not start again",
        all_of(told({**HARDENED, "hosts": ["unix:///run/docker.sock"]}), flags("-H unix:///run/docker.sock")),
        clash,
        fails=(f"HC-DKD-17 {SCRIPT}", *PLUGIN),
        remains={**PLUGIN, f"HC-DKD-17 {SCRIPT}": "which of the two is to go is the site's choice"},
        says={f"HC-DKD-17 {SCRIPT}": f"hosts is set by a flag of {SCRIPT} and in {FILE}"},
        twin="a docker that is told well",
    ),
    host(
        "a docker with a value that it does not start with",
        told({**HARDENED, "log-level": "verbose"}),
        invalid,
        fails=(f"HC-DKD-17 {SCRIPT}", *PLUGIN),
        remains={**PLUGIN, f"HC-DKD-17 {SCRIPT}": "what the value was to be is not known"},
        says={f"HC-DKD-17 {SCRIPT}": "the value of log-level is none that dockerd starts with"},
        twin="a docker that is told well",
    ),
    host(
        "a docker that remaps to a user who is not there",
        told({**HARDENED, "userns-remap": "gone"}),
        invalid,
        fails=(f"HC-DKD-17 {SCRIPT}", *PLUGIN),
        remains={**PLUGIN, f"HC-DKD-17 {SCRIPT}": "who it was to be is not known"},
        says={f"HC-DKD-17 {SCRIPT}": "userns-remap names a user that no account has"},
        twin="a docker that is told well",
    ),
    host(
        "a docker whose file it does not read",
        told('{"icc": false,}'),
        invalid,
        fails=(f"HC-DKD-17 {SCRIPT}",),
        remains={f"HC-DKD-17 {SCRIPT}": "what the line was to say is not known"},
        also={f"HC-DKD-01 {SCRIPT}": "unknown"},
        opens=True,
        twin="a docker that is told well",
    ),
    host(
        "a docker whose runtime is a user's",
        all_of(told({**HARDENED, "runtimes": {"own": {"path": "{home}/alice/runtime"}}}), written("{home}/alice/runtime", "#!/bin/true\n", "alice", 0o755)),
        users_runtime,
        fails=(f"HC-DKD-16 {SCRIPT}", *PLUGIN),
        remains={**PLUGIN, f"HC-DKD-16 {SCRIPT}": "what was put there is not known, so that no command is given"},
        twin="a docker that is told well",
    ),
]
"""What root's dockerd is told."""
