"""Real engines keep what they have where the facts say: Podman by each of the files that it may read, and by its database; dockerd on disks of its own.

Seen with Podman 5.4.2 and Docker 26.1.5. A home on NFS is not made here: MemoryHost has one in tests/storage.
"""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from real_engines.rootless_world import RootlessWorld
from real_engines.scans import Scanner
from real_engines.world import USERS

COLLECT = Path(__file__).with_name("collect_storage.py").read_text(encoding="utf-8")
ALICE, ALICES_GID = USERS["alice"]
TOLD = "{{.Store.GraphRoot}} {{.Store.RunRoot}} {{.Store.GraphOptions}}"
USUAL = ".local/share/containers/storage"
DRIVER = '[storage]\ndriver="vfs"\n'
STORE = '[storage.options]\nadditionalimagestores=["/srv/store"]\n'


class Case(NamedTuple):
    """The storage.conf of the system and alice's, and by hand where her Podman then keeps images, and what she has an image store of."""

    system: str
    own: str
    graph_root: str
    store: bool = False


CASES = {
    "no file": Case("", "", f"{{home}}/{USUAL}"),
    "the system's graphroot is root's": Case(f'{DRIVER}graphroot="/srv/root"\nrunroot="/run/x"\n', "", f"{{home}}/{USUAL}"),
    "the system's path for users": Case(f'{DRIVER}rootless_storage_path="/srv/users/$USER-$UID"\n', "", f"/srv/users/alice-{ALICE}"),
    "her own file in its place": Case(f'{DRIVER}rootless_storage_path="/srv/users/$USER"\n', DRIVER, f"{{home}}/{USUAL}"),
    "her own graphroot": Case("", f'{DRIVER}graphroot="$HOME/images"\n', "{home}/images"),
    "her own path for users": Case("", f'{DRIVER}rootless_storage_path="${{HOME}}/mine"\n', "{home}/mine"),
    "graphroot before the path for users": Case("", f'{DRIVER}graphroot="/srv/users/g"\nrootless_storage_path="$HOME/mine"\n', "/srv/users/g"),
    "in other letters": Case("", '[Storage]\nDriver="vfs"\nGraphRoot="$HOME/images"\n', "{home}/images"),
    "the system's store": Case(DRIVER + STORE, "", f"{{home}}/{USUAL}"),
    "her own store": Case("", DRIVER + STORE, f"{{home}}/{USUAL}", store=True),
}


@pytest.fixture(scope="module")
def world() -> Iterator[RootlessWorld]:
    """Yield a host with a /srv of its own, in which is an empty image store."""
    missing = [name for name in ("podman", "runc", "newuidmap", "mkfs.ext4") if shutil.which(name) is None]
    assert not missing, f"install podman, runc, uidmap and e2fsprogs: {missing} not found"
    made = RootlessWorld()
    try:
        store = "mkdir -p store/vfs-images store/vfs-layers; touch store/vfs-images/images.lock store/vfs-layers/layers.lock"
        made.run("sh", "-ec", f"mount --no-mtab -t tmpfs -o mode=0755 tmpfs /srv; mkdir -m 1777 /srv/users; cd /srv; {store}")
        made.run("sh", "-ec", "mount --no-mtab -t tmpfs -o mode=0755 tmpfs /etc/containers; mount --no-mtab -t tmpfs -o mode=1777 tmpfs /tmp")
        yield made
    finally:
        made.end()


Facts = Callable[[], dict[str, Any]]


@pytest.fixture
def facts(world: RootlessWorld, installed: Path) -> Facts:
    """Return what is stated, without holes."""

    def collect() -> dict[str, Any]:
        told = json.loads(world.run(str(installed / "python"), "-I", "-c", COLLECT))
        assert [part[1] for part in told.values()] == [[], []]
        return {name: part[0] for name, part in told.items()}

    return collect


def podman(world: RootlessWorld, *argv: str, session: bool = True) -> str:
    env = [word for word in world.login("alice") if session or not word.startswith("XDG_RUNTIME_DIR=")]
    told = world.run(*env, "podman", *argv, user="alice")
    world.run(*env, "podman", "system", "migrate", user="alice")
    return told.strip()


def write(world: RootlessWorld, system: str, own: str) -> None:
    """Leave these files alone, and nothing that a Podman kept."""
    home, conf = f"{world.base}/home/alice", world.etc / "containers/storage.conf"
    world.run("sh", "-ec", f"rm -rf {home}/.config {home}/.local {home}/images {home}/mine /srv/users/* /tmp/storage-run-*")
    conf.unlink(missing_ok=True)
    if system:
        conf.write_text(system)
    if own:
        script = f"mkdir -p {home}/.config/containers; cat > {home}/.config/containers/storage.conf"
        subprocess.run(world.inside("sh", "-ec", script, user="alice"), check=True, input=own, text=True, timeout=60, cwd="/")


@pytest.mark.parametrize("name", CASES)
def test_where_podman_keeps_what_it_has(name: str, world: RootlessWorld, facts: Facts) -> None:
    case = CASES[name]
    write(world, case.system, case.own)
    home = f"{world.base}/home/alice"
    graph_root = case.graph_root.replace("{home}", home)
    really = podman(world, "info", "--format", TOLD).split(maxsplit=2)
    assert (really[0], "/srv/store" in really[2]) == (graph_root, case.store)
    told = facts()["user-storage"]["homes"][home]
    assert {path: one["engines"] for path, one in told["data"].items()} == {graph_root: ["podman"]}
    assert told["data"][graph_root]["realpath"] == graph_root and told["data"][graph_root]["owner_uid"] == ALICE
    assert list(told["stores"]) == (["/srv/store"] if case.store else [])
    assert told["run_root"] == {"path": really[1], "set_in": f"{graph_root}/db.sql", "pinned": True}


def test_the_database_stays_with_what_it_was_made_with(world: RootlessWorld, facts: Facts) -> None:
    """Also where a file says otherwise afterwards, and where a session has come to be."""
    write(world, "", "")
    world.run("sh", "-ec", f"rm -rf /run/user/{ALICE}")
    first = podman(world, "info", "--format", "{{.Store.RunRoot}}", session=False)
    world.run("install", "-d", "-m", "0700", "-o", str(ALICE), "-g", str(ALICES_GID), f"/run/user/{ALICE}")
    script = 'mkdir -p ~/.config/containers; printf \'[storage]\\ndriver="overlay"\\nrunroot="/srv/users/run"\\n\' > ~/.config/containers/storage.conf'
    world.run(*world.login("alice", "sh", "-ec", script), user="alice")
    assert first == podman(world, "info", "--format", "{{.Store.RunRoot}}") == f"/tmp/storage-run-{ALICE}/containers"
    assert facts()["user-storage"]["homes"][f"{world.base}/home/alice"]["run_root"]["path"] == first


@pytest.mark.parametrize("disk", ["a disk of its own", "a directory of the host's", "a disk of the host's, mounted again"])
def test_on_what_dockerd_keeps_what_it_has(disk: str, scan: Scanner) -> None:
    host = RootlessWorld()
    try:
        place = f"{host.base}/data"
        host.run("mkdir", place)
        if disk == "a disk of its own":
            host.run("sh", "-ec", f"truncate -s 64M {host.base}/disk; mkfs.ext4 -q {host.base}/disk; mount --no-mtab -o loop,nosuid {host.base}/disk {place}")
        elif "again" in disk:
            host.run("sh", "-ec", f"mkdir {host.base}/other; mount --no-mtab --bind {host.base}/other {place}")
        host.start_docker("--data-root", place)
        assert host.run("docker", "-H", "unix:///run/docker.sock", "info", "--format", "{{.DockerRootDir}}").strip() == place
        scanned = scan(host, "--role", "server", "--profile", "level2")
        found = scanned.results()["HC-STO-02", place]
        assert found == ("pass" if disk == "a disk of its own" else "fail")
        stated = scanned.evidence["probes"]["storage"]["facts"]["data"][place]["filesystem"]
        assert stated["point"] == place, "dockerd mounts the directory on itself where it is not shared"
        assert ("nosuid" in stated["options"], stated["shares"] == []) == ((True, True) if disk == "a disk of its own" else (False, False))
        host.dockerd.terminate()
        host.dockerd.wait(20)
        host.run("sh", "-c", f"umount {place} || true")
    finally:
        host.end()


def test_a_users_own_dockerd(scan: Scanner) -> None:
    """Its usual directory, and one that root's dockerd has too."""
    host = RootlessWorld()
    try:
        host.start_rootless_docker("alice", "host")
        place = f"{host.base}/home/alice/.local/share/docker"
        before = scan(host, "--role", "workstation", "--profile", "level2").results()
        assert (before["HC-STO-01", place], before["HC-STO-03", place]) == ("pass", "pass")
        host.start_docker("--data-root", f"{place}/rootful")
        after = scan(host, "--role", "workstation", "--profile", "level2")
        assert after.results()["HC-STO-01", place] == "fail"
        because = next(one["because"] for one in after.report["findings"] if (one["rule"], one["subject"]) == ("HC-STO-01", place))
        assert because == f"{place} of alice (uid {ALICE}) holds a data directory of another engine: {place}/rootful of root"
    finally:
        host.end()
