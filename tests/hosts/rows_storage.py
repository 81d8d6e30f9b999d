"""Hosts for the rules about storage: what a real Podman or dockerd does with its directories, and who changes what it runs.

Every one of these hosts is about these rules alone. Each has a /tmp and a /srv of its own.
"""

import subprocess
from collections.abc import Callable
from typing import Any

from hosts.planting import Host, Plant, all_of, both, shell
from hosts.rows_podman import ANYTHING, POLICY, bare, holding
from real_engines.rootless_world import RootlessWorld
from real_engines.world import USERS

CONF = "/etc/containers/storage.conf"
OWN = "~/.config/containers/storage.conf"
ALICES = "{home}/alice/.local/share/containers/storage"
STORE = "/srv/store"
GRAPH = "/var/lib/containers/storage"
RUN = "/run/containers/storage"
DRIVER = 'driver="vfs"\n'
Proof = Callable[[RootlessWorld], bool]
AT = "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"


def podman(world: RootlessWorld, *argv: str, user: str = "root", session: bool = True) -> str:
    """Run a podman as it is without options, in a session or as after su(1); return what it prints."""
    if user == "root":
        return world.run("env", "-i", AT, "HOME=/root", "PODMAN_IGNORE_CGROUPSV1_WARNING=1", "podman", *argv)
    env = [word for word in world.login(user) if session or not word.startswith("XDG_RUNTIME_DIR=")]
    told = world.run(*env, "podman", *argv, user=user)
    world.run(*env, "podman", "system", "migrate", user=user)  # what keeps a user's namespace would also keep the mounts of before
    return told


def ground(world: RootlessWorld) -> None:
    """Give the host a /tmp and a /srv of its own, and no files of this machine's Podman."""
    bare(world)
    holding(POLICY, ANYTHING)(world)
    covered = "for one in /var/lib/docker /var/lib/containerd; do test ! -d $one || mount --no-mtab -t tmpfs -o mode=0710 tmpfs $one; done"
    shell("mount --no-mtab -t tmpfs -o mode=1777 tmpfs /tmp", "mount --no-mtab -t tmpfs -o mode=0755 tmpfs /srv", covered)(world)


def first_used(user: str, *, session: bool) -> Plant:
    """Return that a user runs Podman for the first time: where there is no session, there is no runtime directory either."""

    def plant(world: RootlessWorld) -> None:
        uid, gid = USERS[user]
        if not session:
            world.run("rmdir", f"/run/user/{uid}")
        podman(world, "info", user=user, session=session)
        world.run("install", "-d", "-m", "0700", "-o", str(uid), "-g", str(gid), f"/run/user/{uid}")

    return plant


def runs_in(place: str, user: str = "alice") -> Proof:
    """Return the proof of where a user's Podman keeps what runs, in a session like any other."""
    return lambda world: podman(world, "info", "--format", "{{.Store.RunRoot}}", user=user).strip() == place


def can_be_taken(place: str, user: str) -> Proof:
    """Return the proof that after a boot another user makes this directory first, and its owner's Podman does not start."""

    def proof(world: RootlessWorld) -> bool:
        world.run("sh", "-c", "rm -rf /tmp/storage-run-*")
        world.run("mkdir", "-p", place, user=user)
        try:
            podman(world, "info", user="alice")
        except subprocess.CalledProcessError:
            return True
        finally:
            world.run("sh", "-c", "rm -rf /tmp/storage-run-*")
        return False

    return proof


def stored(world: RootlessWorld, place: str) -> None:
    """Put an image with one file into a store."""
    script = "mkdir -p /run/image; echo good > /run/image/program; tar -C /run/image -cf /run/image.tar ."
    world.run("sh", "-ec", script)
    kept = ("--root", place, "--runroot", "/run/maker", "--tmpdir", "/run/maker-tmp", "--storage-driver", "vfs")
    world.run("env", "-i", AT, "HOME=/root", "PODMAN_IGNORE_CGROUPSV1_WARNING=1", "podman", *kept, "import", "/run/image.tar", "localhost/shared")
    world.run("sh", "-ec", f"chmod -R go+rX {place}")


def storing(*commands: str) -> Plant:
    """Return an additional image store with an image in it, and what is done to it then."""
    return all_of(lambda world: stored(world, STORE), shell(*commands))


def runs(content: str, user: str = "root") -> Proof:
    """Return the proof of what the program of that image is to a container."""

    def proof(world: RootlessWorld) -> bool:
        podman(world, "create", "--name", "c", "localhost/shared", "/program", user=user)
        podman(world, "export", "-o", "/tmp/c.tar", "c", user=user)
        podman(world, "rm", "c", user=user)
        return world.run("tar", "-xOf", "/tmp/c.tar", "program").strip() == content

    return proof


def written_by(user: str, *, does: bool) -> Proof:
    """Return the proof that a user changes the program in the store, or cannot."""

    def proof(world: RootlessWorld) -> bool:
        try:
            world.run("sh", "-c", f"for one in {STORE}/vfs/dir/*; do rm -f $one/program; echo evil > $one/program; done", user=user)
        except subprocess.CalledProcessError:
            return not does
        return does

    return proof


def same_images(world: RootlessWorld) -> bool:
    """Say whether what alice imports is an image of root's too."""
    world.run("sh", "-ec", "mkdir -p /run/image; echo hers > /run/image/x; tar -C /run/image -cf /tmp/hers.tar .; chmod 0644 /tmp/hers.tar")
    podman(world, "import", "/tmp/hers.tar", "localhost/hers", user="alice")
    return "localhost/hers" in podman(world, "images")


def one_for_all(*, does: bool) -> Proof:
    """Return the proof that alice's Podman has the directory that dave's is told of too, so that his does not start; or that each has another one."""

    def proof(world: RootlessWorld) -> bool:
        hers = podman(world, "info", "--format", "{{.Store.GraphRoot}}", user="alice").strip()
        try:
            his = podman(world, "info", "--format", "{{.Store.GraphRoot}}", user="dave").strip()
        except subprocess.CalledProcessError:
            return does and hers == "/srv/users"
        return not does and (hers, his) == ("/srv/users/alice", "/srv/users/dave")

    return proof


def shares_room(path: str, *, does: bool) -> Proof:
    """Return the proof that a directory takes its room from where / does."""

    def proof(world: RootlessWorld) -> bool:
        here, root = (world.run("stat", "-f", "-c", "%i", place).strip() for place in (path.replace("{home}", f"{world.base}/home"), "/"))
        return (here == root) is does

    return proof


def images_in(path: str) -> Plant:
    """Return a root's podman that keeps an image there."""

    def plant(world: RootlessWorld) -> None:
        place = path.replace("{home}", f"{world.base}/home")
        holding(CONF, f'[storage]\n{DRIVER}graphroot="{place}"\nrunroot="{RUN}"\n')(world)
        world.run("sh", "-ec", "mkdir -p /run/image; echo x > /run/image/x; tar -C /run/image -cf /run/image.tar .")
        podman(world, "import", "/run/image.tar", "localhost/image")

    return plant


def host(name: str, plant: Plant, proof: Proof, *fails: str, twin: str = "", role: str = "workstation", **more: Any) -> Host:
    """Return a host that is about the rules alone that it names."""
    return Host(name=name, plant=plant, proof=proof, fails=fails, twin=twin, alone=True, role=role, profile="level2", **more)


ALICE = USERS["alice"][0]
IN_TMP = f"/tmp/storage-run-{ALICE}/containers"
ROOTS = ("/etc/containers/storage.conf", f'[storage]\n{DRIVER}graphroot="{GRAPH}"\nrunroot="{RUN}"\n')
WITH_STORE = (CONF, f'{ROOTS[1]}[storage.options]\nadditionalimagestores=["{STORE}"]\n')
HERS = (OWN, f'[storage]\n{DRIVER}[storage.options]\nadditionalimagestores=["{STORE}"]\n')
PLAIN_RUN, PLAIN_STORE, PLAIN_ALICE, PLAIN_ROOT, PLAIN_USERS, PLAIN_DISK = (
    "alice's podman, first run in a session",
    "an image store that is root's alone",
    "alice's own image store",
    "root's podman and alice's",
    "a directory for each user's images",
    "images on a file system of their own",
)
STORES = {"HC-STO-04 /srv/store": "pass"}
HOSTS = [
    host(
        "alice's podman, first run without a session",
        all_of(ground, first_used("alice", session=False)),
        both(runs_in(IN_TMP), can_be_taken(IN_TMP, "dave")),
        "HC-POD-08 {home}/alice",
        twin=PLAIN_RUN,
    ),
    host(PLAIN_RUN, all_of(ground, first_used("alice", session=True)), runs_in(f"/run/user/{ALICE}/containers"), also={"HC-POD-08 {home}/alice": "pass"}),
    host(
        "an image store that dave can write to",
        all_of(ground, holding(*WITH_STORE), storing(f"chown -R dave {STORE}")),
        both(runs("good"), written_by("dave", does=True), runs("evil")),
        f"HC-STO-04 {STORE}",
        twin=PLAIN_STORE,
    ),
    host(
        "an image store with layers that everybody can write to",
        all_of(ground, holding(*WITH_STORE), storing(f"chmod -R a+w {STORE}/vfs")),
        both(written_by("dave", does=True), runs("evil")),
        f"HC-STO-04 {STORE}",
        twin=PLAIN_STORE,
    ),
    host(PLAIN_STORE, all_of(ground, holding(*WITH_STORE), storing()), both(written_by("dave", does=False), runs("good")), also=STORES),
    host(
        "alice's image store is dave's",
        all_of(ground, holding(*HERS, user="alice"), storing(f"chown -R dave {STORE}")),
        both(written_by("dave", does=True), runs("evil", "alice")),
        f"HC-STO-04 {{home}}/alice/: {STORE}",
        twin=PLAIN_ALICE,
    ),
    host(
        PLAIN_ALICE,
        all_of(ground, holding(*HERS, user="alice"), storing(f"chown -R alice {STORE}")),
        both(written_by("dave", does=False), runs("good", "alice")),
        also={f"HC-STO-04 {{home}}/alice/: {STORE}": "pass"},
    ),
    host(
        "root's podman keeps images where alice's does",
        all_of(
            ground,
            holding(OWN, f"[storage]\n{DRIVER}", user="alice"),
            lambda world: holding(CONF, f'[storage]\n{DRIVER}graphroot="{ALICES}"\nrunroot="{RUN}"\n'.replace("{home}", f"{world.base}/home"))(world),
            first_used("alice", session=True),
        ),
        same_images,
        f"HC-STO-01 {ALICES}",
        twin=PLAIN_ROOT,
    ),
    host(
        PLAIN_ROOT,
        all_of(ground, holding(*ROOTS), holding(OWN, f"[storage]\n{DRIVER}", user="alice"), first_used("alice", session=True)),
        lambda world: not same_images(world),
        also={f"HC-STO-01 {ALICES}": "pass"},
    ),
    host(
        "one directory for all users' images",
        all_of(ground, holding(CONF, f'[storage]\n{DRIVER}rootless_storage_path="/srv/users"\n'), shell("mkdir -m 1777 /srv/users")),
        one_for_all(does=True),
        f"HC-STO-01 {CONF}",
        twin=PLAIN_USERS,
    ),
    host(
        PLAIN_USERS,
        all_of(ground, holding(CONF, f'[storage]\n{DRIVER}rootless_storage_path="/srv/users/$USER"\n'), shell("mkdir -m 1777 /srv/users")),
        one_for_all(does=False),
        also={"HC-STO-01 {home}/alice/: /srv/users/alice": "pass", "HC-STO-01 {home}/dave/: /srv/users/dave": "pass"},
    ),
    host(
        "images beside the homes",
        all_of(ground, images_in("{home}/images")),
        shares_room("{home}/images", does=True),
        "HC-STO-02 {home}/images",
        twin=PLAIN_DISK,
        role="server",
    ),
    host(PLAIN_DISK, all_of(ground, images_in("/srv/images")), shares_room("/srv/images", does=False), role="server", also={"HC-STO-02 /srv/images": "pass"}),
]
