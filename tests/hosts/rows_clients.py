"""Hosts on which users have engines of their own beside root's: which one the docker command of each talks to, by running it as that user.

An engine is known by its ID, which the command prints; what a profile sets is set by a real bash that reads it.
"""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from hosts.attacks import FUSE, runs
from hosts.planting import D as DOCKER
from hosts.planting import Host, Plant, all_of, as_user, both, connects, engine, over, shell, written
from real_engines.rootless_world import RootlessWorld
from real_engines.world import DOCKER_GID, USERS

CLI = "/usr/bin/docker"
ID = "{{.ID}}"
OWN = {name: f"/run/user/{uid}/docker.sock" for name, (uid, _) in USERS.items()}
LEVEL2 = {"profile": "level2"}
EXPORT = "export DOCKER_HOST=unix://$XDG_RUNTIME_DIR/docker.sock\n"
MEMBERS = ("HC-RTL-01 alice", "HC-RTL-01 bob", f"HC-ACC-04 {DOCKER}", "HC-ACC-05 docker")
ROOTS = "root's engine at unix:///var/run/docker.sock"
CHOSEN = "{home}/alice/.docker/config.json"
COLIMA = "{home}/alice/.colima/default/docker.sock"
SOCKET = "{home}/alice/.docker/desktop/docker.sock"


def own(user: str) -> str:
    """Return what is said of a user whose docker talks to an engine of their own."""
    return f"an engine of their own at unix://{OWN[user]}"


def docker(user: str, network: str = "slirp4netns") -> Plant:
    """Return the planting of a real rootless dockerd."""
    return lambda world: world.start_rootless_docker(user, network) and None


def root_docker(*flags: str) -> Plant:
    """Return the planting of root's own dockerd, for the group docker."""
    return lambda world: world.start_docker(*flags)


def podman(user: str) -> Plant:
    """Return the planting of a real rootless podman."""
    return lambda world: world.start_podman(user) and None


def context(user: str, name: str, path: str) -> Plant:
    """Return the planting of a context that docker itself makes and chooses."""

    def plant(world: RootlessWorld) -> None:
        place = path.replace("{home}", f"{world.base}/home")
        for words in (("create", name, "--docker", f"host=unix://{place}"), ("use", name)):
            world.run(*world.login(user, CLI, "context", *words), user=user)

    return plant


def engine_of(world: RootlessWorld, user: str, kind: str) -> str:
    """Return the ID of the engine that answers a command of a user's, run by an interactive (-i) or a login shell (-l); "" where none does."""
    inside = world.inside(*world.login(user, "bash", kind, "-c", f"echo; {CLI} info --format '{ID}'"), user=user)
    done = subprocess.run(inside, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, cwd="/", check=False)
    return done.stdout.strip().rpartition("\n")[2] if done.returncode == 0 else ""


def talks_to(user: str, path: str, kind: str = "-i") -> Callable[[RootlessWorld], bool]:
    """Return the proof that the docker command of a user reaches the very engine that listens at a path."""

    def proof(world: RootlessWorld) -> bool:
        return engine_of(world, user, kind) == world.run(CLI, "-H", f"unix://{path}", "info", "--format", ID).strip()

    return proof


def lingers(user: str) -> Plant:
    """Return the planting of what loginctl enable-linger leaves, in a directory that only this host sees."""
    return shell(
        "mkdir -p /var/lib/systemd && mount --no-mtab -t tmpfs -o mode=0755 tmpfs /var/lib/systemd",
        f"mkdir /var/lib/systemd/linger && touch /var/lib/systemd/linger/{user}",
    )


def traps(user: str) -> Plant:
    """Return the planting of a home that is hostile to whoever reads it, by its user."""
    commands = "cd; mkdir -p .docker .config/systemd/user; ln -s /etc/shadow .docker/config.json; mkfifo .bashrc; ln -s /dev/zero .profile"
    return lambda world: world.run(*world.login(user, "sh", "-ec", commands), user=user) and None


def hangs(world: RootlessWorld) -> bool:
    """Prove that dave's mount is there, without a look into it: who looks is not seen again until it ends."""
    return f" {world.base}/home/dave/.config/environment.d rw" in world.run("cat", "/proc/self/mountinfo")


def is_root(world: RootlessWorld) -> bool:
    """Prove that what alice reaches by her docker command is an engine whose containers' root is the host's."""
    place = Path(f"/proc/{world.dockerd.pid}")
    return place.stat().st_uid == 0 and (place / "uid_map").read_text().split() == ["0", "0", "4294967295"]


def nested(world: RootlessWorld) -> None:
    """Start a podman of erin's inside a user and mount namespace of hers, where she is root, so that it does not call itself rootless."""
    uid, gid = map(str, USERS["erin"])
    path = f"/run/user/{uid}/podman"
    world.run("install", "-d", "-m", "0700", "-o", uid, "-g", gid, path)
    world.run("install", "-d", "-m", "1777", "/run/lock")
    places = f"--root {world.base}/home/erin/nested --runroot /tmp/run --tmpdir /tmp/libpod --storage-driver vfs"
    serve = f"mount -t tmpfs tmpfs /tmp; mount -t tmpfs tmpfs /dev/shm; exec podman --runtime runc {places} system service --time=0 unix://{path}/podman.sock"
    world.start(*world.login("erin", "unshare", "--user", "--map-root-user", "--mount", "sh", "-c", serve), user="erin")
    world.wait(lambda: world.answers(f"{path}/podman.sock"))


def is_nested(world: RootlessWorld) -> bool:
    """Prove that the process that serves erin's socket is in a user namespace of her own."""
    mine = os.readlink("/proc/self/ns/user")
    serving = [place for place in Path("/proc").glob("[0-9]*") if (place / "comm").exists() and (place / "comm").read_text() == "podman\n"]
    return any(os.stat(place).st_uid == USERS["erin"][0] and os.readlink(place / "ns/user") != mine for place in serving)


DESKTOP = written("{home}/alice/.docker/desktop/settings-store.json", '{"FilesharingDirectories": ["{home}/alice/src"]}', "alice")
LIMITS = ("HC-RTL-05 alice", "HC-RTL-05 dave", "HC-RTL-05 erin")
BESIDE = ("HC-RTL-02 alice", "HC-RTL-02 dave", "HC-RTL-02 erin")
SEVERAL = (docker("alice"), docker("erin"), podman("dave"))

HOSTS = [
    Host(
        name="three users with engines of their own",
        plant=all_of(
            *SEVERAL,
            written("{home}/erin/.bashrc", EXPORT, "erin"),
            lingers("erin"),
            written("{home}/erin/.config/systemd/user/default.target.wants/docker.service", "", "erin"),
        ),
        proof=both(connects("erin", path=OWN["erin"]), connects("alice", path=OWN["alice"]), talks_to("erin", OWN["erin"])),
        fails=LIMITS,
        also={"HC-RTL-02 erin": "pass", "HC-RTL-02 alice": "pass", "HC-RTL-02 dave": "pass"},
        users={
            "erin": {"talks_to": [own("erin")], "starts": ["docker.service"], "lingers": True},
            "alice": {"talks_to": ["nothing that listens at unix:///var/run/docker.sock"], "starts": [], "lingers": False},
            "dave": {"talks_to": ["nothing that listens at unix:///var/run/docker.sock"]},
        },
        cases=(101,),
        **LEVEL2,
    ),
    Host(
        name="three users with engines of their own beside root's",
        plant=all_of(root_docker("--group=docker"), *SEVERAL, written("{home}/erin/.bashrc", EXPORT, "erin")),
        proof=both(talks_to("alice", DOCKER), talks_to("erin", OWN["erin"]), is_root),
        fails=(*LIMITS, *BESIDE, *MEMBERS),
        users={
            "alice": {"talks_to": [ROOTS], "client": {"unix:///var/run/docker.sock": {"by": ["default"], "leads_to": "root's engine"}}},
            "bob": {"talks_to": [ROOTS]},
            "erin": {"talks_to": [own("erin")]},
            "dave": {"talks_to": [ROOTS]},
        },
        twin="three users with engines of their own",
        cases=(101,),
        **LEVEL2,
    ),
    Host(
        name="a context to the user's own engine beside root's",
        plant=all_of(root_docker("--group=docker"), docker("alice"), context("alice", "rootless", OWN["alice"])),
        proof=both(talks_to("alice", OWN["alice"]), connects("alice", "bob")),
        fails=("HC-RTL-05 alice", "HC-RTL-02 alice", *MEMBERS),
        users={"alice": {"talks_to": [own("alice")], "client": {f"unix://{OWN['alice']}": {"by": [CHOSEN], "leads_to": "an engine of their own"}}}},
        **LEVEL2,
    ),
    Host(
        name="root's remapped engine",
        plant=all_of(root_docker("--group=docker", "--userns-remap=erin"), written("{home}/alice/.profile", f"export DOCKER_HOST=unix://{DOCKER}\n", "alice")),
        proof=both(talks_to("alice", DOCKER, "-l"), connects("alice", "bob")),
        fails=MEMBERS,
        users={"alice": {"talks_to": [f"root's engine at unix://{DOCKER}"]}, "bob": {"talks_to": [ROOTS]}},
        **LEVEL2,
    ),
    Host(
        name="a home full of traps beside root's engine",
        plant=all_of(engine(mode=0o660, group=DOCKER_GID), traps("frank"), traps("bob")),
        proof=both(connects("alice", "bob"), as_user("frank", "test", "-p", "{home}/frank/.bashrc")),
        fails=MEMBERS,
        users={"alice": {"talks_to": [ROOTS], "lingers": False}, "bob": {"lingers": False}},
        cases=(6,),
        **LEVEL2,
    ),
    Host(
        name="a home with a mount that never answers beside root's engine",
        plant=all_of(engine(mode=0o660, group=DOCKER_GID), over("/etc/fuse.conf", "user_allow_other\n"), runs(FUSE, "hang", "{home}/.config/environment.d")),
        proof=both(connects("alice", "bob"), hangs),
        fails=MEMBERS,
        users={"alice": {"talks_to": [ROOTS], "lingers": False}, "bob": {"talks_to": [ROOTS], "lingers": False}},
        cases=(27,),
        **LEVEL2,
    ),
    Host(
        name="an engine in a user namespace of its user's",
        plant=nested,
        proof=both(connects("erin", path="/run/user/4005/podman/podman.sock"), is_nested),
        fails=("HC-RTL-05 erin",),
        also={"HC-RTL-01 erin": "pass", "HC-RTL-02 erin": "pass"},
        users={
            "erin": {"rootless": {"podman": ["/usr/bin/podman"]}, "rootful_sockets": [], "talks_to": ["nothing that listens at unix:///var/run/docker.sock"]}
        },
        **LEVEL2,
    ),
    Host(
        name="the default socket leads to a desktop's machine",
        plant=all_of(DESKTOP, engine(SOCKET, user="alice"), shell(f"ln -s {SOCKET} {DOCKER}")),
        proof=connects("alice"),
        also={f"HC-VMX-05 {DOCKER}": "pass"},
        role="desktop-vm-host",
        **LEVEL2,
    ),
    Host(
        name="the default socket leads to nothing",
        plant=all_of(DESKTOP, shell(f"ln -s {SOCKET} {DOCKER}")),
        proof=connects(),
        fails=(f"HC-VMX-05 {DOCKER}", f"HC-ACC-07 {DOCKER}"),
        twin="the default socket leads to a desktop's machine",
        role="desktop-vm-host",
        **LEVEL2,
    ),
    Host(
        name="the default socket leads away from the context of its user",
        plant=all_of(
            DESKTOP, engine(SOCKET, user="alice"), engine(COLIMA, user="alice"), shell(f"ln -s {SOCKET} {DOCKER}"), context("alice", "colima", COLIMA)
        ),
        proof=both(connects("alice"), as_user("alice", "test", "-e", CHOSEN)),
        fails=(f"HC-VMX-05 {DOCKER}",),
        twin="the default socket leads to a desktop's machine",
        role="desktop-vm-host",
        **LEVEL2,
    ),
]
