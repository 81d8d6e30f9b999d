"""Hosts for the role that a host is judged by, for machines of a desktop beside root's engine, and for engines whose group is not docker.

What packages leave when they are removed is planted as they leave it: directories, settings, links of units whose file has gone. The names of units and
sockets are those of the packages: multipass and LXD by snap, Docker Desktop for Linux, kubeadm, k3s, GitLab Runner, Lima 1.x, podman 5, Incus of Debian 13.
"""

from collections.abc import Callable
from typing import Any

from hosts.planting import (
    Host,
    Plant,
    all_of,
    as_json,
    as_user,
    both,
    connects,
    engine,
    lines,
    nothing,
    shell,
    without_alice,
    without_bob,
    written,
)
from real_engines.rootless_world import RootlessWorld

GID = 4950
WANTS = "/etc/systemd/system/multi-user.target.wants"
OWN_VAR = shell(
    "mkdir /run/keep /run/upper /run/work && mount --no-mtab --bind {home}/.. /run/keep",
    "mount --no-mtab -t overlay -o lowerdir=/var,upperdir=/run/upper,workdir=/run/work overlay /var",
    "mount --no-mtab --bind /run/keep {home}/.. && umount /run/keep && rmdir /run/keep",
)
"""A /var to which this host can add: of the machine's own nothing is written."""
OWN_OPT = shell("mount --no-mtab -t tmpfs -o mode=0755 tmpfs /opt")
NO_ENGINES = shell("rm -f /etc/systemd/system/*.wants/docker.* /etc/systemd/system/*.wants/containerd.* /etc/systemd/system/*.wants/podman.*")
"""Engines that this machine starts at boot are no part of these hosts."""
IN_LXD = as_user("erin", "sh", "-c", "id -nG | grep -qw lxd")
ERIN = ("HC-ACC-17 lxd",)
"""What is about people, and so holds in every role: erin is in the group of LXD, which could be started at any time."""


def group(name: str, *names: str, gid: int = GID) -> Plant:
    """Return the planting of a group of the machine's and its members."""
    return all_of(lines("group", f"{name}:x:{gid}:{','.join(names)}"), lines("gshadow", f"{name}:!::{','.join(names)}"))


def unit(name: str, *, enabled: bool = True, there: bool = True, folder: str = WANTS) -> Plant:
    """Return the planting of a unit of the system, as its package installs, enables or leaves it."""
    file = f"/etc/systemd/system/{name}"
    made = [f"printf '[Service]\\nExecStart=/usr/bin/true\\n' > {file}"] if there else []
    return shell(*made, *([f"mkdir -p {folder} && ln -sf {file} {folder}/{name}"] if enabled else []))


def role(name: str, plant: Plant, detects: str, proof: Callable[[RootlessWorld], bool] = IN_LXD, **more: Any) -> Host:
    """Return a host on which erin is in the group lxd, and the role is told by what is planted."""
    planted = all_of(NO_ENGINES, group("lxd", "erin"), plant)
    return Host(name=name, plant=planted, proof=both(IN_LXD, proof), fails=ERIN, twin="nobody in the group lxd", role="", detects=detects, alone=True, **more)


def there(path: str) -> Callable[[RootlessWorld], bool]:
    """Return the proof that something is there for everybody to see."""
    return as_user("nobody", "test", "-e", path)


def left(name: str, *folders: str, own: Plant = nothing) -> Host:
    """Return a host with directories that a product left behind."""
    return role(f"{name} that was removed", all_of(own, shell(*(f"install -d {folder}" for folder in folders))), "server", both(*map(there, folders)))


MULTIPASSD = unit("snap.multipass.multipassd.service")
ROLES = [
    Host(
        name="nobody in the group lxd",
        plant=all_of(NO_ENGINES, group("lxd")),
        proof=as_user("erin", "sh", "-c", "! id -nG | grep -qw lxd"),
        also={"HC-ACC-17 lxd": "pass"},
        role="",
        detects="server",
        alone=True,
    ),
    left("multipass", "/var/snap/multipass/common", own=OWN_VAR),
    left("Docker Desktop", "/opt/docker-desktop/bin", own=OWN_OPT),
    left("Rancher Desktop", "/opt/rancher-desktop/resources", own=OWN_OPT),
    left("OrbStack's guest", "/opt/orbstack-guest", own=OWN_OPT),
    left("a guest of Docker Desktop or WSL", "/run/host-services", "/run/WSL"),
    left("kubeadm", "/etc/kubernetes/manifests", "/var/lib/kubelet/pods", own=OWN_VAR),
    left("k3s", "/etc/rancher/k3s", "/var/lib/rancher/k3s", own=OWN_VAR),
    left("GitLab Runner", "/etc/gitlab-runner"),
    role("Lima's mark without Lima", shell("touch /run/lima-boot-done"), "server", there("/run/lima-boot-done")),
    role("podman's mark without a machine", shell("echo qemu > /etc/podman-machine"), "server", there("/etc/podman-machine")),
    role("multipass that starts at boot", MULTIPASSD, "desktop-vm-host"),
    role("multipass beside a docker that starts at boot", all_of(MULTIPASSD, unit("docker.service")), "server"),
    role(
        "multipass beside a container that podman starts at boot",
        all_of(MULTIPASSD, shell("mkdir -p /etc/containers/systemd && printf '[Container]\\nImage=x\\n' > /etc/containers/systemd/web.container")),
        "server",
    ),
    role("multipass beside a user's engine", all_of(MULTIPASSD, lambda world: world.start_rootless_docker("erin", "slirp4netns") and None), "server"),
    role("multipass of which only the link is left", unit("snap.multipass.multipassd.service", there=False), "server"),
    role("a node whose kubelet is enabled and stopped", unit("kubelet.service"), "cluster-node"),
    role("a node of k3s", unit("k3s.service"), "cluster-node"),
    role("a kubelet that is installed and not enabled", unit("kubelet.service", enabled=False), "server"),
    role("a kubelet that was removed", unit("kubelet.service", there=False), "server"),
    role("a kubelet that is masked", all_of(unit("kubelet.service"), shell("ln -sf /dev/null /etc/systemd/system/kubelet.service")), "server"),
    role("a runner of GitLab's", unit("gitlab-runner.service"), "ci-runner"),
    role("a runner of GitHub's", unit("actions.runner.site-app.web1.service"), "ci-runner"),
    role("a runner that is installed and not enabled", unit("gitlab-runner.service", enabled=False), "server"),
    role(
        "a workstation by its display manager",
        all_of(unit("gdm.service", enabled=False), shell("ln -s gdm.service /etc/systemd/system/display-manager.service")),
        "workstation",
    ),
    role("a display manager that was removed", shell("ln -s /usr/lib/systemd/system/gdm.service /etc/systemd/system/display-manager.service"), "server"),
    role(
        "a guest of Lima's",
        shell(
            "mount --no-mtab -t tmpfs -o mode=0755 tmpfs /mnt && mkdir /mnt/lima-cidata",
            "mount --no-mtab -t tmpfs -o mode=0755 tmpfs /mnt/lima-cidata",
        ),
        "desktop-vm-guest",
    ),
    role(
        "a guest of podman's",
        all_of(shell("echo qemu > /etc/podman-machine"), unit("ready.service", folder="/etc/systemd/system/default.target.requires")),
        "desktop-vm-guest",
    ),
]

SETTINGS = "{home}/alice/.docker/desktop/settings-store.json"
HAS_DESKTOP = all_of(
    OWN_OPT, shell("install -d /opt/docker-desktop/bin"), written(SETTINGS, as_json({"FilesharingDirectories": ["{home}/alice/src"]}), "alice")
)
WITH_DESKTOP = both(as_user("alice", "cat", SETTINGS), there("/opt/docker-desktop/bin"))
DESKTOPS = [
    Host(
        name="Docker Desktop beside root's docker on a server",
        plant=all_of(HAS_DESKTOP, engine()),
        proof=both(connects(), WITH_DESKTOP),
        fails=("HC-VMX-01 alice",),
        twin="Docker Desktop that was removed beside root's docker",
        role="",
        detects="server",
        alone=True,
    ),
    Host(
        name="Docker Desktop beside root's docker on a cluster node",
        plant=all_of(HAS_DESKTOP, engine(), unit("kubelet.service")),
        proof=both(connects(), WITH_DESKTOP),
        fails=("HC-VMX-01 alice",),
        twin="Docker Desktop that was removed beside root's docker",
        role="",
        detects="cluster-node",
        alone=True,
    ),
    Host(
        name="Docker Desktop that was removed beside root's docker",
        plant=all_of(written(SETTINGS, as_json({"FilesharingDirectories": ["{home}/alice"]}), "alice"), engine()),
        proof=both(connects(), as_user("alice", "cat", SETTINGS)),
        also={"HC-VMX-01": "notapplicable", "HC-VMX-02": "notapplicable"},
        role="",
        detects="server",
        profile="level2",
        alone=True,
    ),
]

SNAP = "/var/snap/lxd/common/lxd/unix.socket"
LXD = "/var/lib/lxd/unix.socket"
INCUS = "/var/lib/incus/unix.socket"
USERS_INCUS = "/var/lib/incus/unix.socket.user"


def socket(name: str, path: str, owner: str, *names: str, more: Plant = nothing, twin: str = "") -> Host:
    """Return a host with a socket of LXD's or Incus', the group `owner` that may write to it, and this group's members."""
    planted = all_of(without_alice, without_bob, OWN_VAR, group(owner, *names), engine(path, 0o660, group=GID), more)
    about = f"HC-ACC-04 {path}"
    told: dict[str, Any] = {"fails": (about,), "says": {about: f"{names[0]} (group {owner})"}} if names else {"also": {about: "pass"}}
    return Host(name=name, plant=planted, proof=connects(*names, path=path), alone=True, twin=twin, **told)


SOCKETS = [
    socket("LXD by snap", SNAP, "lxd", "erin", twin="LXD by snap for root"),
    socket("LXD by snap for root", SNAP, "lxd"),
    socket("LXD of Debian", LXD, "lxd", "erin", "dave", twin="LXD by snap for root"),
    socket("LXD by snap for a group of the site", SNAP, "builders", "dave", twin="LXD by snap for root"),
    socket("Incus", INCUS, "incus-admin", "erin", twin="Incus for users of a project"),
    socket("Incus in /run", "/run/incus/unix.socket", "incus-admin", "erin", twin="Incus for users of a project"),
]
INCUS_FOR_USERS = Host(
    name="Incus for users of a project",
    plant=all_of(
        *(without_alice, without_bob, OWN_VAR, group("incus-admin"), group("incus", "erin", gid=GID + 1)),
        *(engine(INCUS, 0o660, group=GID), engine(USERS_INCUS, 0o660, group=GID + 1)),
    ),
    proof=both(connects(path=INCUS), connects("erin", path=USERS_INCUS)),
    also={f"HC-ACC-04 {INCUS}": "pass", "HC-ACC-17 disk": "pass"},
    alone=True,
)
"""incus-user, which gives each member of incus a confined project, serves a socket of its own: who reaches that is not root."""
HOSTS = [*ROLES, *DESKTOPS, *SOCKETS, INCUS_FOR_USERS]
