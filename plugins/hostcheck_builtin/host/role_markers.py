"""What a host has that may tell what it is there for: what is enabled, mounts, root's processes, the places of engines and the marks of guests.

No fact here can be made by another user than root: of paths it is told who owns the way to them, and a process counts only if all its uids
and gids are 0 and its program is known, for a setuid program keeps the name of the link that a user starts it by. A directory that a package left
behind is no sign, so none is looked for.
"""

from typing import Final

from hostcheck.api import Hole, Host, Json, Process, Why, attempt, incomplete, map_known
from hostcheck_builtin.system.mountinfo import Mount
from hostcheck_builtin.system.ownership import ownership
from hostcheck_builtin.system.path_walk import LstatCache
from hostcheck_builtin.system.presence import absent_as

PATHS: Final = (
    # what a podman machine is given at its first boot (pkg/machine of podman)
    "/etc/containers/podman-machine",
    "/etc/podman-machine",
    # where engines of root's listen
    "/run/buildkit/buildkitd.sock",
    "/run/containerd/containerd.sock",
    "/run/crio/crio.sock",
    "/run/docker",
    "/run/docker.sock",
    "/run/incus/unix.socket",
    "/run/k3s/containerd/containerd.sock",
    "/run/podman/podman.sock",
    "/var/lib/incus/unix.socket",
    "/var/lib/lxd/unix.socket",
    "/var/snap/lxd/common/lxd/unix.socket",
    # whether systemd starts a display manager
    "/etc/systemd/system/default.target",
)
SYSTEM: Final = ("/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system")
USER: Final = ("/etc/systemd/user", "/run/systemd/user", "/usr/local/lib/systemd/user", "/usr/lib/systemd/user", "/lib/systemd/user")
OPENRC: Final = ("/etc/init.d",)
STARTS: Final = {
    **{f"/etc/systemd/system/{target}.target.{kind}": SYSTEM for target in ("default", "graphical", "multi-user", "sockets") for kind in ("requires", "wants")},
    **{f"/usr/lib/systemd/system/{target}.target.wants": SYSTEM for target in ("multi-user", "sockets")},
    **{f"/etc/systemd/user/{target}.target.wants": USER for target in ("default", "graphical-session")},
    "/etc/runlevels/default": OPENRC,
}
"""Where links say what is started at boot, or when anybody logs in, and where the units are that these name (systemd.unit(5), rc-update(8))."""
RUNNERS: Final = ("act_runner", "actions.runner.", "buildkite-agent", "concourse-worker", "forgejo-runner", "gitlab-runner", "jenkins", "woodpecker-agent")
"""How the names of the units begin that run other people's jobs."""
NODES: Final = (
    *("k0scontroller.", "k0sworker.", "k3s-agent.", "k3s.", "kubelet.", "rke2-agent.", "rke2-server."),
    *("snap.k8s.kubelet.", "snap.kubelet-eks.", "snap.microk8s.daemon-kubelet.", "snap.microk8s.daemon-kubelite."),
)
DESKTOPS: Final = ("docker-desktop.", "multipassd.", "snap.multipass.multipassd.")
ENGINES: Final = (
    *("buildkit.", "buildkitd.", "containerd.", "cri-docker.", "crio.", "docker.", "incus.", "incusd.", "lxd.", "podman."),
    *("snap.docker.", "snap.lxd."),
)
LIMA: Final = ("lima-guestagent.",)
PODMAN: Final = ("ready.",)
"""The unit by which a podman machine tells its host that it has booted (pkg/machine/ignition of podman)."""
DISPLAYS: Final = ("display-manager.", "xdm.")
STARTED: Final = (*RUNNERS, *NODES, *DESKTOPS, *ENGINES, *LIMA, *PODMAN, *DISPLAYS)
DISPLAY: Final = "/etc/systemd/system/display-manager.service"
"""The name by which graphical.target wants whichever display manager is enabled (systemd.special(7)): a link to its unit."""
MOUNTS: Final = ("/mnt/lima-cidata", "/mnt/wsl")
"""Looked up in the list of mounts: what hangs under /mnt is not touched."""
QUADLETS: Final = ("/etc/containers/systemd", "/run/containers/systemd", "/usr/share/containers/systemd")
"""Where root says which containers podman starts at boot, those of users among them, which no link enables (podman-systemd.unit(5))."""
USERS: Final = "users"
PROCESSES: Final = (
    *("k0s", "k3s-agent", "k3s-server", "kubelet", "kubelite", "rke2", "gitlab-runner", "multipassd"),
    *("buildkitd", "containerd", "crio", "dockerd", "incusd", "lxd"),
)
ROOT: Final = (0, 0, 0, 0)


def role_markers(host: Host, mounted: list[Mount] | Hole, sees_all: bool | Hole, lstats: LstatCache) -> Json:
    """Return ``{paths, enabled, quadlets, mounts, processes}``; `sees_all` says whether the processes of others are shown to the scanner."""
    return {
        "paths": {path: attempt(_place, host, path, lstats) for path in PATHS},
        "enabled": _enabled(host, lstats),
        "quadlets": {folder: attempt(_quadlets, host, folder) for folder in QUADLETS},
        "mounts": {point: map_known(mounted, lambda table, at=point: _mounted(table, at)) for point in MOUNTS},  # type: ignore[misc]
        "processes": _processes(host, sees_all, lstats),
    }


def _place(host: Host, path: str, lstats: LstatCache) -> Json:
    end = ownership(host, path, lstats)
    if not end.type:
        return {"present": False}
    target = {"target": end.target} if end.type == "link" else {}
    return {"present": True, "type": end.type, "root_owned": end.root_owned, **target}


def _enabled(host: Host, lstats: LstatCache) -> Json:
    """Return what is started unasked, by the path that says so: whose that is, and the unit that it means."""
    found: dict[str, Json] = {}
    unread: Hole | None = None
    for folder, units in STARTS.items():
        names = absent_as([], attempt, host.list_dir, folder)
        if isinstance(names, Hole):
            unread = names
            continue
        found |= {f"{folder}/{name}": attempt(_start, host, f"{folder}/{name}", name, units, lstats) for name in names if f"{name}.".startswith(STARTED)}
    display = attempt(_display, host, lstats)
    return incomplete(found if display is None else {**found, DISPLAY: display}, unread)


def _quadlets(host: Host, folder: str) -> bool:
    """Say whether anything is there; packages leave the directory, and the one for users in it, empty."""
    names = absent_as([], host.list_dir, folder)
    return any(name != USERS for name in names) or (USERS in names and bool(absent_as([], host.list_dir, f"{folder}/{USERS}")))


def _start(host: Host, path: str, name: str, units: tuple[str, ...], lstats: LstatCache) -> Json:
    """State whose the link is that starts a unit, and the unit, which may have gone: dpkg leaves the link of a package that is removed."""
    return {"root_owned": ownership(host, path, lstats).root_owned, "unit": _unit(host, name, units, lstats)}


def _unit(host: Host, name: str, folders: tuple[str, ...], lstats: LstatCache) -> Json:
    """Return the first file on the load path that has this name, or that of its template."""
    stem, at, _ = name.partition("@")
    names = (name, f"{stem}@.{name.rpartition('.')[2]}") if at else (name,)
    for path in (f"{folder}/{one}" for one in names for folder in folders):
        place = _place(host, path, lstats)
        if place["present"]:
            return place
    return {"present": False}


def _display(host: Host, lstats: LstatCache) -> Json:
    """State the display manager that is enabled, None where there is none."""
    alias = ownership(host, DISPLAY, lstats)
    if not alias.type:
        return None
    name = alias.target.rpartition("/")[2] if alias.type == "link" and alias.target != "/dev/null" else DISPLAY.rpartition("/")[2]
    return {"root_owned": alias.root_owned, "unit": _unit(host, name, SYSTEM, lstats)}


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
        seen = absent_as(None, attempt, host.process, one.pid) if one.uids == one.gids == ROOT else None
        if seen is None:
            continue
        if isinstance(seen, Hole) or (seen.exe and seen.host_mounts is None):
            hidden = seen if isinstance(seen, Hole) else Hole(why=Why.DENIED, message=f"/proc/{one.pid}/ns/mnt: cannot be compared with that of process 1")
        elif seen.exe.startswith("/") and seen.host_mounts:
            exe = seen.exe.removesuffix(" (deleted)")
            programs[exe] = {"root_owned": attempt(lambda path: ownership(host, path, lstats).root_owned, exe)}
    return incomplete(programs, hidden)
