"""Scans inside of real containers of podman and docker, and out of one: a container is named first, no rule judges it, and its host can be scanned from it."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from real_engines.rootless_world import RootlessWorld
from real_engines.world import USERS

TO_HOST = ("--privileged", "--pid", "host", "--network", "host", "-v", "/:/host")
IMAGE = "mkdir -p {base}/image/etc {base}/image/tmp && for name in bin lib lib64 sbin; do ln -s usr/$name {base}/image/$name; done; tar -C {base}/image -c ."


@pytest.fixture
def world() -> Iterator[RootlessWorld]:
    made = RootlessWorld()
    try:
        made.run("sh", "-ec", "mkdir /run/root /run/layers && mount --no-mtab -t tmpfs tmpfs /run/layers && mkdir /run/layers/upper /run/layers/work")
        made.run("mount", "--no-mtab", "-t", "overlay", "-o", "lowerdir=/,upperdir=/run/layers/upper,workdir=/run/layers/work", "overlay", "/run/root")
        yield made
    finally:
        made.end()


def podman(world: RootlessWorld, *options: str) -> tuple[str, ...]:
    """Return the beginning of a command in a container of root's podman whose root directory is a copy of the machine's."""
    place = ("--root", f"{world.base}/podman", "--runroot", "/run/containers", "--tmpdir", "/run/libpod", "--cgroup-manager", "cgroupfs", "--runtime", "runc")
    return ("env", "PODMAN_IGNORE_CGROUPSV1_WARNING=1", "podman", *place, "run", "--rm", *(options or ("--network", "none")), "--rootfs", "/run/root")


def docker(world: RootlessWorld, installed: Path) -> tuple[str, ...]:
    """Return the same of root's docker, with an image that has no more than the directories of the machine that it is given."""
    world.start_docker()
    world.run("sh", "-ec", f"({IMAGE.format(base=world.base)}) | docker -H unix:///run/docker.sock import - empty")
    given = ("/usr", "/etc/alternatives", str(installed.parent.parent))
    volumes = [word for path in given for word in ("-v", f"{path}:{path}:ro")]
    return ("docker", "-H", "unix:///run/docker.sock", "run", "--rm", "--network", "none", *volumes, "empty")


def scan(world: RootlessWorld, installed: Path, *before: str, form: str = "json", user: str = "root") -> tuple[int, str]:
    """Scan by a command that begins as `before` says, and return its exit code and output."""
    argv = (*before, str(installed / "python"), "-I", "-m", "hostcheck", "scan", "--profile", "level2", "--format", form)
    done = subprocess.run(world.inside(*argv, user=user), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, cwd="/", check=False)
    assert done.stdout, done.stderr
    return done.returncode, done.stdout


def require_container(code: int, report: dict[str, Any], kind: str) -> None:
    """Require that nothing is said of a host."""
    assert (code, report["verdict"], report["host"]["container"], report["host"]["role"]) == (3, "inconclusive", True, None)
    assert {one["result"] for one in report["findings"]} <= {"notchecked", "notselected"}
    assert {one["because"] for one in report["findings"] if one["result"] == "notchecked" and not one["manual"]} == {
        f"This is a container ({kind}), not its host: its users, files and settings say nothing of who can become root outside"
    }


def test_in_a_container_of_podman(world: RootlessWorld, installed: Path) -> None:
    code, out = scan(world, installed, *podman(world))
    require_container(code, json.loads(out), "podman")
    code, text = scan(world, installed, *podman(world), form="text")
    assert code == 3 and text.startswith("This is a container, not its host")


def test_in_a_container_of_docker(world: RootlessWorld, installed: Path) -> None:
    code, out = scan(world, installed, *docker(world, installed))
    require_container(code, json.loads(out), "docker")


def test_in_a_container_that_has_all_of_its_host_but_is_not_it(world: RootlessWorld, installed: Path) -> None:
    code, out = scan(world, installed, *podman(world, *TO_HOST))
    require_container(code, json.loads(out), "podman")


def test_out_of_a_container_its_host_is_scanned_as_from_outside(world: RootlessWorld, installed: Path) -> None:
    """The container is podman's, which runs meanwhile: its programs and its data are judged with the rest."""
    world.start_docker()
    direct = json.loads(scan(world, installed)[1])
    code, out = scan(world, installed, *podman(world, *TO_HOST), "chroot", "/host")
    report = json.loads(out)
    assert direct["host"]["container"] is report["host"]["container"] is False
    assert (code, report["host"]["role"], report["verdict"]) == (1, "server", "noncompliant")
    own = {("HC-AUD-03", f"/usr/bin/{name}"): "pass" for name in ("conmon", "podman")}
    own |= {("HC-FIL-07", f"{world.base}/podman"): "pass", ("HC-STO-02", f"{world.base}/podman"): "fail"}
    outside = results(direct)
    assert outside.pop(("HC-POD-03", "")) == "notapplicable"  # root's Podman has not been used yet
    assert results(report) == outside | own | {("HC-POD-03", "root"): "fail"}


def results(report: dict[str, Any]) -> dict[tuple[str, str], str]:
    return {(one["rule"], one["subject"]): one["result"] for one in report["findings"]}


@pytest.mark.parametrize(
    "through",
    [
        ("unshare", "--mount", "--uts", "--ipc", "--cgroup"),
        ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc"),
        ("unshare", "--mount", "chroot", "/run/root"),
    ],
)
def test_in_namespaces_alone_it_is_no_container(world: RootlessWorld, installed: Path, through: tuple[str, ...]) -> None:
    if "chroot" in through:
        world.run("sh", "-ec", "mount --no-mtab --rbind /proc /run/root/proc && mount --no-mtab --rbind /dev /run/root/dev")
    other = "chroot" in through  # its /etc and /run are not those of process 1, so that nothing there is believed
    assert json.loads(scan(world, installed, *through)[1])["host"]["container"] is (None if other else False)


@pytest.mark.parametrize("user", ["alice", "root"])
def test_in_a_user_namespace_it_is_not_known_whose_files_are(world: RootlessWorld, installed: Path, user: str) -> None:
    """Root's files are nobody's to alice there, and hers are shown as root's: neither a failure nor a pass would be true."""
    os.chown(world.etc / "subgid", *USERS["alice"])
    outside = results(json.loads(scan(world, installed)[1]))
    assert (outside["HC-SUB-07", "/etc/subuid"], outside["HC-SUB-07", "/etc/subgid"]) == ("pass", "fail")
    inside = json.loads(scan(world, installed, "unshare", "--user", "--map-root-user", user=user)[1])
    told = results(inside)
    assert inside["host"]["container"] is False
    assert {told["HC-SUB-07", path] for path in ("/etc/subuid", "/etc/subgid")} == {"error"}
    assert {result for (rule, _), result in told.items() if rule == "HC-SUB-09"} == {"error"}
