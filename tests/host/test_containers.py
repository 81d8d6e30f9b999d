"""Containers as their engines make them, by the lines of mountinfo that were seen in real ones; and what only looks like one."""

from typing import Any

import pytest
from host.server import MOUNTINFO, facts

from hostcheck.host.answers import Stat
from hostcheck.model import Hole, OpenArray

ID = "4f8b8ab6d9a6fbb3c9f3d9b6f0d5a1f6a2cbb7b4f5b7c0c0a6a2f7de3f6f1a9c"
POD = "8f0f2b5e-3a52-4e3c-9a64-2f1f1f0c7a11"
LAYER = "/var/lib/docker/overlay2/l/OZXCVBNMASDFGHJKLQWERTYUIO"
INNER = {"/proc/self/ns/pid": "pid:[4026532000]"}
"""A pid namespace of its own."""


def table(*lines: str) -> dict[str, str]:
    """Return the mounts of the scanner: those of the server without its root directory where the first line is another."""
    base = MOUNTINFO if not lines or " / / " not in lines[0] else MOUNTINFO.replace("27 1 254:0 / / rw", "27 1 254:0 / /old rw")
    return {"/proc/self/mountinfo": base + "".join(f"{90 + number} 27 0:{90 + number} {line}\n" for number, line in enumerate(lines))}


def overlay(options: str, fstype: str = "overlay") -> str:
    return f"/ / rw,relatime - {fstype} overlay rw,{options}"


DOCKER = overlay(f"lowerdir={LAYER}:/x,upperdir=/var/lib/docker/overlay2/{ID}/diff,workdir=/w")
CASES: list[tuple[dict[str, str], dict[str, str], str, list[str]]] = [
    ({"/run/systemd/container": "lxc\n"}, {}, "lxc", ["/run/systemd/container"]),
    ({"/run/systemd/container": "systemd-nspawn\n"}, {}, "systemd-nspawn", ["/run/systemd/container"]),
    ({"/run/host/container-manager": "systemd-nspawn\n"}, {}, "systemd-nspawn", ["/run/host/container-manager"]),
    ({"/run/.containerenv": ""}, {}, "podman", ["/run/.containerenv"]),
    ({"/.dockerenv": "", **table(DOCKER)}, {}, "docker", ["/proc/self/mountinfo", "/.dockerenv"]),
    ({"/.dockerenv": "", **table(overlay("upperdir=/data/u"))}, {}, "docker", ["/.dockerenv"]),
    (table(overlay(f"upperdir=/srv/d/overlay2/{ID}/diff")), {}, "docker", ["/proc/self/mountinfo"]),
    (table(f"/var/lib/docker/containers/{ID}/resolv.conf /etc/resolv.conf rw - ext4 /dev/vda rw"), {}, "docker", ["/proc/self/mountinfo"]),
    (table(overlay(f"lowerdir=/var/lib/containers/storage/overlay/l/{'A' * 26}")), {}, "podman", ["/proc/self/mountinfo"]),
    (table(overlay(f"upperdir=/home/ann/.local/share/containers/storage/overlay/{ID}/diff")), {}, "podman", ["/proc/self/mountinfo"]),
    (table(f"/containers/storage/overlay-containers/{ID}/userdata/hosts /etc/hosts rw - tmpfs tmpfs rw"), {}, "podman", ["/proc/self/mountinfo"]),
    (
        table(overlay("upperdir=/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/12/fs")),
        {},
        "containerd",
        ["/proc/self/mountinfo"],
    ),
    (
        table(
            overlay("upperdir=/var/lib/rancher/k3s/agent/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/12/fs"),
            f"/var/lib/kubelet/pods/{POD}/etc-hosts /etc/hosts rw - ext4 /dev/vda rw",
        ),
        {},
        "kubernetes",
        ["/proc/self/mountinfo"],
    ),
    (
        table(f"/run/containerd/io.containerd.grpc.v1.cri/sandboxes/{ID}/hostname /etc/hostname rw - ext4 /dev/vda rw"),
        {},
        "kubernetes",
        ["/proc/self/mountinfo"],
    ),
    (table("/proc/cpuinfo /proc/cpuinfo rw - fuse.lxcfs lxcfs rw,user_id=0"), {}, "lxc", ["/proc/self/mountinfo"]),
    (table("/ /dev/.incus-mounts rw - tmpfs tmpfs rw"), {}, "lxc", ["/proc/self/mountinfo"]),
    ({"/proc/1/cgroup": "12:cpu:/docker/0123\n0::/\n"}, INNER, "docker", ["/proc/1/cgroup"]),
    ({"/proc/1/cgroup": "0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-1.scope\n"}, INNER, "kubernetes", ["/proc/1/cgroup"]),
    ({"/proc/1/cgroup": "0::/machine.slice/libpod-1.scope/container\n"}, INNER, "podman", ["/proc/1/cgroup"]),
    ({"/proc/1/cgroup": "0::/lxc.payload.web\n"}, INNER, "lxc", ["/proc/1/cgroup"]),
]


@pytest.mark.parametrize(("files", "links", "kind", "evidence"), CASES)
def test_a_container_is_told_by_positive_evidence(files: dict[str, str], links: dict[str, str], kind: str, evidence: list[str]) -> None:
    assert facts(files, links=links)["scan"]["container"] == {"inside": True, "kind": kind, "evidence": evidence}


NO_CONTAINERS: list[tuple[str, dict[str, Any]]] = [
    ("a disk that was made of an image", {"files": {"/.dockerenv": ""}}),
    ("WSL", {"files": {"/run/systemd/container": "wsl\n"}}),
    ("a pid namespace", {"links": INNER}),
    ("a mount namespace with an overlay as root", {"files": table(overlay("lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work")), "links": INNER}),
    ("a live system", {"files": table(overlay("lowerdir=/run/rootfsbase,upperdir=/run/overlayfs"))}),
    ("ostree", {"files": table(overlay("lowerdir=/run/ostree/.private/cfsroot-lower::/sysroot/ostree/repo/objects"))}),
    ("a host with containers", {"files": table(f"/ /var/lib/docker/overlay2/{ID}/merged rw - overlay overlay rw,lowerdir={LAYER}")}),
    ("a host with lxcfs", {"files": table("/ /var/lib/lxcfs rw - fuse.lxcfs lxcfs rw,user_id=0")}),
    ("a container in the pid namespace of its host, after chroot to the host's root", {"files": {"/proc/1/cgroup": "0::/init.scope\n"}}),
    ("a unit of a runner in a group called docker", {"files": {"/proc/1/cgroup": "0::/docker/0123\n"}}),
    ("resolv.conf by systemd-resolved", {"files": table("/systemd/resolve/stub-resolv.conf /etc/resolv.conf rw - tmpfs tmpfs rw")}),
]


@pytest.mark.parametrize(("name", "host"), NO_CONTAINERS)
def test_what_only_looks_like_a_container_is_none(name: str, host: dict[str, Any]) -> None:
    assert facts(host.get("files"), links=host.get("links", {}))["scan"]["container"] == {"inside": False, "kind": "none", "evidence": []}, name


@pytest.mark.parametrize("path", ["/.dockerenv", "/run/.containerenv", "/run/systemd/container", "/run/host/container-manager"])
def test_a_file_that_a_user_made_tells_nothing(path: str) -> None:
    anns = {path: Stat(type="file", uid=1000, gid=0, mode=0o644)}
    files = {path: "docker\n", **table(overlay("upperdir=/data/u"))}
    assert facts(files, stats=anns)["scan"]["container"]["inside"] is False


def test_evidence_outranks_what_cannot_be_read() -> None:
    denied = {"/run/.containerenv": "", "/proc/self/mountinfo": PermissionError(13, "denied")}
    told = facts(denied)["scan"]["container"]
    assert (told["inside"], told["kind"], isinstance(told["evidence"], OpenArray)) == (True, "podman", True)


def test_a_control_group_is_asked_only_inside_of_a_pid_namespace() -> None:
    assert facts(without=("/proc/1/cgroup",))["scan"]["container"]["inside"] is False
    assert isinstance(facts(without=("/proc/1/cgroup",), links=INNER)["scan"]["container"]["inside"], Hole)
