"""Whether the scanner is in a container, by what only root or the engine that made it can have put there, and by which kind of engine.

A pid namespace, an overlay as root or a mount namespace alone is none: systems, units and tests live in those too. What process 1 was started with
(container= in its environment) would tell as well, and is not read, because secrets stand beside it.
"""

from typing import Final

from hostcheck.api import Hole, Host, Json, attempt, incomplete, map_known, pattern
from hostcheck_builtin.system.mountinfo import Mount, mounts_at
from hostcheck_builtin.system.ownership import ownership, put_by_root
from hostcheck_builtin.system.path_walk import LstatCache
from hostcheck_builtin.system.procfs import demand

GROUPS: Final = (
    *(("docker", "docker"), ("libpod", "podman"), ("lxc", "lxc")),
    *(("kubepods", "kubernetes"), ("cri-containerd", "kubernetes"), ("crio", "kubernetes")),
)
"""How the names of the groups begin that process 1 of a container is in, where it has no cgroup namespace of its own."""
OVERLAYS: Final = ("aufs", "fuse.fuse-overlayfs", "overlay")
LAYERS: Final = (
    (pattern(r"/overlay2/(l/[A-Z0-9]{26}|[0-9a-f]{64}(-init)?/)"), "docker"),
    (pattern(r"/overlay/(l/[A-Z0-9]{26}|[0-9a-f]{64}/)"), "podman"),
    (pattern(r"/io\.containerd\.snapshotter\.v1\.[a-z-]+/snapshots/[0-9]+/"), "containerd"),
)
"""Where engines keep the layers of images (containers/storage, moby and containerd), as the options of an overlay name them."""
FILES: Final = ("/etc/hosts", "/etc/hostname", "/etc/resolv.conf")
"""What an engine mounts over the files of an image."""
OF_ENGINES: Final = (
    (pattern(r"/pods/[0-9a-f-]{36}/etc-hosts$"), "kubernetes"),
    (pattern(r"/sandboxes/[0-9a-f]{64}/"), "kubernetes"),
    (pattern(r"/overlay-containers/[0-9a-f]{64}/"), "podman"),
    (pattern(r"/containers/[0-9a-f]{64}/"), "docker"),
    (pattern(r"/[0-9a-f]{64}/"), "containerd"),
)
"""Where engines keep them: in a directory of the pod, or of the container."""
LXC: Final = ("/dev/.incus-mounts", "/dev/.lxd-mounts", "/dev/incus", "/dev/lxd")
"""What Incus and LXD mount in each container."""
LXCFS: Final = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/uptime")
"""Over which LXC mounts files of lxcfs(1), so that they tell of the container."""
MANAGERS: Final = ("/run/systemd/container", "/run/host/container-manager")
"""The manager of the container as systemd in it has noted it, and as systemd-nspawn does (Container Interface of systemd)."""

Told = str | Hole


def container(host: Host, mounted: list[Mount] | Hole, init_pidns: bool | Hole, lstats: LstatCache) -> Json:
    """State ``{inside, kind, evidence}``: each piece of evidence by the place where it was found, of which the first tells the kind."""
    found: list[tuple[str, Told]] = [
        *((path, attempt(_manager, host, path, lstats)) for path in MANAGERS),
        ("/run/.containerenv", map_known(attempt(put_by_root, host, "/run/.containerenv", lstats), lambda there: "podman" if there else "")),
        ("/proc/self/mountinfo", map_known(mounted, _mounts)),
        ("/.dockerenv", map_known(attempt(put_by_root, host, "/.dockerenv", lstats), lambda there: map_known(mounted, _overlay) if there else "")),
        ("/proc/1/cgroup", map_known(init_pidns, lambda outermost: "" if outermost else _member(host))),
    ]
    evidence = [source for source, kind in found if isinstance(kind, str) and kind]
    unread = [kind for _, kind in found if isinstance(kind, Hole)]
    kind = next((kind for _, kind in found if kind), "none")
    return {
        "inside": True if evidence else unread[0] if unread else False,
        "kind": kind,
        "evidence": incomplete(evidence, unread[0]) if unread else evidence,
    }


def _manager(host: Host, path: str, lstats: LstatCache) -> str:
    """Return the manager that a file of root's names; WSL is a virtual machine, whatever systemd calls it."""
    end = ownership(host, path, lstats)
    kind = host.read_text(path, missing="").strip() if end.type and end.root_owned else ""
    return "" if kind == "wsl" else kind


def _mounts(table: list[Mount]) -> str:
    """Return the kind of engine whose mounts these are, "" for none: nobody but root can mount at these places."""
    files = [mount.root for path in FILES for mount in mounts_at(table, path)[-1:]]
    layers = [mount.super_options for mount in mounts_at(table, "/")[-1:] if mount.fstype in OVERLAYS]
    kinds = [kind for beginning, kind in OF_ENGINES if any(map(beginning.search, files))] + [kind for form, kind in LAYERS if any(map(form.search, layers))]
    system = any(mount.point in LXC or (mount.fstype == "fuse.lxcfs" and mount.point in LXCFS) for mount in table)
    return kinds[0] if kinds else "lxc" if system else ""


def _overlay(table: list[Mount]) -> str:
    """Return docker where the root directory is an overlay: a machine whose disk was made of an image keeps the file that docker put there."""
    return "docker" if any(mount.fstype in OVERLAYS for mount in mounts_at(table, "/")[-1:]) else ""


def _member(host: Host) -> str:
    """Return the kind of engine whose control group process 1 is in; with the host's own process 1 that would say nothing of the scanner."""
    groups = [segment for line in demand(host.read_text, "/proc/1/cgroup").split("\n") for segment in line.partition("/")[2].split("/")]
    return next((kind for beginning, kind in GROUPS if any(group.startswith(beginning) for group in groups)), "")
