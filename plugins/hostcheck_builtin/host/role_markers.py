"""What a host has that may tell what it is there for: paths, units, mounts and root's processes.

No fact here can be made by another user than root: of paths it is told who owns the way to them, and a process counts only if all its uids
and gids are 0 and its program is known, for a setuid program keeps the name of the link that a user starts it by.
"""

from typing import Final

from hostcheck.api import ABSENT, Hole, Host, Json, Process, Why, attempt, incomplete, map_known
from hostcheck_builtin.system.mountinfo import Mount
from hostcheck_builtin.system.ownership import ownership
from hostcheck_builtin.system.path_walk import LstatCache

PATHS: Final = (
    # guests of desktop products; not binfmt_misc/WSLInterop: to look there lets systemd mount it
    "/etc/containers/podman-machine",
    "/etc/podman-machine",
    "/opt/orbstack-guest",
    "/run/WSL",
    "/run/host-services",
    "/run/lima-boot-done",
    # hosts of their VMs, and the engines that root may run beside them
    "/opt/docker-desktop",
    "/opt/rancher-desktop",
    "/usr/lib/systemd/user/docker-desktop.service",
    "/var/snap/multipass",
    "/run/buildkit/buildkitd.sock",
    "/run/containerd/containerd.sock",
    "/run/crio/crio.sock",
    "/run/docker",
    "/run/docker.sock",
    "/run/k3s/containerd/containerd.sock",
    "/run/podman/podman.sock",
    # nodes of clusters, runners, desktops
    "/etc/kubernetes",
    "/etc/rancher",
    "/var/lib/k0s",
    "/var/lib/kubelet",
    "/var/lib/rancher",
    "/var/snap/microk8s",
    "/etc/buildkite-agent",
    "/etc/gitlab-runner",
    "/etc/runlevels/default/display-manager",
    "/etc/runlevels/default/xdm",
    "/etc/systemd/system/default.target",
    "/etc/systemd/system/display-manager.service",
)
UNIT_FOLDERS: Final = ("/etc/systemd/system", "/usr/lib/systemd/system")
UNITS: Final = ("act_runner", "actions.runner.", "buildkite-agent", "concourse-worker", "forgejo-runner", "gitlab-runner", "jenkins", "woodpecker-agent")
"""How the names of the units begin that run other people's jobs."""
MOUNTS: Final = ("/mnt/lima-cidata", "/mnt/wsl")
"""Looked up in the list of mounts: what hangs under /mnt is not touched."""
PROCESSES: Final = (
    *("k0s", "k3s-agent", "k3s-server", "kubelet", "kubelite", "rke2", "gitlab-runner"),
    *("buildkitd", "containerd", "crio", "dockerd"),
)
ROOT: Final = (0, 0, 0, 0)


def role_markers(host: Host, mounted: list[Mount] | Hole, sees_all: bool | Hole, lstats: LstatCache) -> Json:
    """Return ``{paths, units, mounts, processes}``; `sees_all` says whether the processes of others are shown to the scanner."""
    return {
        "paths": {path: attempt(_place, host, path, lstats) for path in PATHS},
        "units": _units(host, lstats),
        "mounts": {point: map_known(mounted, lambda table, at=point: _mounted(table, at)) for point in MOUNTS},  # type: ignore[misc]
        "processes": _processes(host, sees_all, lstats),
    }


def _place(host: Host, path: str, lstats: LstatCache) -> Json:
    end = ownership(host, path, lstats)
    if not end.type:
        return {"present": False}
    target = {"target": end.target} if end.type == "link" else {}
    return {"present": True, "type": end.type, "root_owned": end.root_owned, **target}


def _units(host: Host, lstats: LstatCache) -> Json:
    units: dict[str, Json] = {}
    unread: Hole | None = None
    for folder in UNIT_FOLDERS:
        try:
            names = attempt(host.list_dir, folder)
        except ABSENT:
            continue
        if isinstance(names, Hole):
            unread = names
            continue
        found = [f"{folder}/{name}" for name in names if name.startswith(UNITS) and name.endswith(".service")]
        units |= {path: attempt(_place, host, path, lstats) for path in found}
    return incomplete(units, unread)


def _mounted(table: list[Mount], point: str) -> Json:
    """Return the topmost mount at `point`; one by FUSE is none, for users may make those."""
    kinds = [mount.fstype for mount in table if mount.point == point and not mount.fstype.startswith("fuse")]
    return {"present": True, "fstype": kinds[-1]} if kinds else {"present": False}


def _processes(host: Host, sees_all: bool | Hole, lstats: LstatCache) -> Json:
    everyone = attempt(host.processes)
    if isinstance(everyone, Hole):
        return everyone
    hidden = _hidden(everyone, sees_all)
    return {name: _programs(host, [one for one in everyone if one.name == name], hidden, lstats) for name in PROCESSES}


def _hidden(everyone: list[Process], sees_all: bool | Hole) -> Hole | None:
    if isinstance(sees_all, Hole):
        return sees_all
    if sees_all and any(one.pid == 1 for one in everyone):
        return None
    return Hole(why=Why.DENIED, message="/proc: the processes of others are hidden (hidepid, or a pid namespace inside of the host's)")


def _programs(host: Host, named: list[Process], hidden: Hole | None, lstats: LstatCache) -> Json:
    """Return the programs that root's processes of one name run, in the mount namespace of process 1."""
    programs: dict[str, Json] = {}
    for one in named:
        if one.uids != ROOT or one.gids != ROOT:
            continue
        try:
            seen = attempt(host.process, one.pid)
        except ABSENT:
            continue
        if isinstance(seen, Hole) or (seen.exe and seen.host_mounts is None):
            hidden = seen if isinstance(seen, Hole) else Hole(why=Why.DENIED, message=f"/proc/{one.pid}/ns/mnt: cannot be compared with that of process 1")
        elif seen.exe.startswith("/") and seen.host_mounts:
            exe = seen.exe.removesuffix(" (deleted)")
            programs[exe] = {"root_owned": attempt(lambda path: ownership(host, path, lstats).root_owned, exe)}
    return incomplete(programs, hidden)
