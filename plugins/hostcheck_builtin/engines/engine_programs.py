"""Which engines are installed, configured and running, by files that only root can place and by processes whose program the kernel names.

A process counts by the file that it runs, never by its argv or its name alone, which anybody writes; and one whose / is not the host's is an engine
inside a container, which is no engine of this host.
"""

from collections.abc import Callable, Container
from dataclasses import dataclass, field
from typing import Final

from hostcheck.api import ABSENT, Hole, Host, Json, Nonsense, Process, attempt, incomplete, worst_hole
from hostcheck_builtin.dockerd import daemon_json, settings
from hostcheck_builtin.system import bounds
from hostcheck_builtin.system.credentials import hides
from hostcheck_builtin.system.mountinfo import mounts, root_of
from hostcheck_builtin.system.ownership import ownership
from hostcheck_builtin.system.path_walk import LstatCache
from hostcheck_builtin.system.presence import absent_as
from hostcheck_builtin.system.procfs import number
from hostcheck_builtin.system.quota import Quota

BINARIES: Final = {
    "docker": ("dockerd",),
    "containerd": ("containerd",),
    "crio": ("crio",),
    "podman": ("podman",),
    "buildkit": ("buildkitd",),
    "k3s": ("k3s",),
    "rootlesskit": ("rootlesskit",),
}
FOLDERS: Final = ("/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/opt/bin")
ELSEWHERE: Final = {"/snap/docker/current/bin/dockerd": "docker", "/snap/microk8s/current/bin/containerd": "containerd", "/usr/libexec/crio/crio": "crio"}
PROGRAMS: Final = {
    "dockerd": "docker",
    "containerd": "containerd",
    "crio": "crio",
    "podman": "podman",
    "conmon": "podman",
    "buildkitd": "buildkit",
    "k3s": "k3s",
    "rootlesskit": "rootlesskit",
}
"""Which engine a file is, by its name; root's conmon may be CRI-O's, so it is looked for among the processes of users only."""
NAMES: Final = {"k3s-server": "k3s", "k3s-agent": "k3s"}
"""Processes that are not called after their file."""
CONFIGURATIONS: Final = {
    **dict.fromkeys(daemon_json.PLACES, "docker"),
    "/etc/containerd/config.toml": "containerd",
    "/etc/crio/crio.conf": "crio",
    "/etc/crio/crio.conf.d": "crio",
    "/etc/containers/containers.conf": "podman",
    "/etc/containers/containers.conf.d": "podman",
    "/etc/buildkit/buildkitd.toml": "buildkit",
    "/etc/rancher/k3s/config.yaml": "k3s",
}
PIDFILES: Final = {
    "/run/docker.pid": "docker",
    "/run/docker/containerd/containerd.pid": "containerd",
    "/var/snap/docker/current/run/docker.pid": "docker",
}
KEYS: Final = (
    *("authorization-plugins", "bridge", "data-root", "exec-root", "experimental", "group", "hosts", "icc", "insecure-registries", "live-restore"),
    *("no-new-privileges", "seccomp-profile", "selinux-enabled", "storage-driver", "tls", "tlscacert", "tlscert", "tlskey", "tlsverify", "userland-proxy"),
    "userns-remap",
)
"""The keys of daemon.json that are stated; of others some hold passwords (proxies, log-opts)."""
PROGRAM_OF: Final = {"docker": "dockerd", "containerd": "containerd"}
ROOT: Final = (0, 0, 0, 0)


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Running:
    """The engines of one user that run: by program, their pids, and the hole where there may be more; `left` is that of processes past the bound."""

    programs: dict[str, Json] = field(default_factory=dict)
    pids: list[int] = field(default_factory=list)
    unread: Hole | None = None
    left: Hole | None = None

    @property
    def more(self) -> Hole | None:
        """Return the hole where there may be more, for whatever reason."""
        return worst_hole(self.unread, self.left)

    def stated(self) -> Json:
        """Return the programs, incomplete where there may be more; the hole alone where none is known."""
        if self.more is None:
            return self.programs
        return incomplete(self.programs, self.more) if self.programs else self.more


def installed(host: Host, lstats: LstatCache) -> dict[str, Json]:
    """Return the engines' programs that stand at the usual places, by path."""
    places = {f"{folder}/{name}": engine for engine, names in BINARIES.items() for name in names for folder in FOLDERS}
    found = {path: attempt(_binary, host, path, engine, lstats) for path, engine in {**places, **ELSEWHERE}.items()}
    return {path: entry for path, entry in found.items() if entry is not None}


def _binary(host: Host, path: str, engine: str, lstats: LstatCache) -> Json:
    end = ownership(host, path, lstats, follow=True)
    return {"engine": engine, "root_owned": end.root_owned} if end.type == "file" else None


def configured(host: Host) -> dict[str, Json]:
    """Return the configuration files that are there, and of dockerd's what it says of users and sockets."""
    found = {path: attempt(_configuration, host, path, engine) for path, engine in CONFIGURATIONS.items()}
    return {path: entry for path, entry in found.items() if entry is not None}


def _configuration(host: Host, path: str, engine: str) -> Json:
    try:
        if engine != "docker":
            host.stat(path)
            return {"engine": engine}
        found = daemon_json.document(path, host.read_bytes(path))
        return {"engine": engine, "keys": {key: settings.told(key, found[key], path) for key in KEYS if found.get(key) is not None}}
    except ABSENT:
        return None


def pidfiles(host: Host) -> dict[str, Json]:
    """Return what root's pidfiles say: whether the process that they name runs the engine's program."""
    found = {path: attempt(_pidfile, host, path, engine) for path, engine in PIDFILES.items()}
    return {path: entry for path, entry in found.items() if entry is not None}


def _pidfile(host: Host, path: str, engine: str) -> Json:
    try:
        pid = number(host.read_text(path, follow=False, limit=bounds.PID_FILE_BYTES).strip())
    except ABSENT:
        return None
    if pid is None or pid <= 0:
        raise Nonsense(f"{path}: holds no process id")
    process = absent_as(None, host.process, pid)
    if process is None:
        return {"engine": engine, "running": False}
    return {"engine": engine, "running": _program(process.exe) == PROGRAM_OF[engine], "exe": process.exe}


def _program(exe: str) -> str:
    return exe.removesuffix(" (deleted)").rpartition("/")[2]


def of_root(host: Host, lstats: LstatCache) -> Running:
    """Return root's engines that run, wherever they listen."""
    named = attempt(_named, host, lambda one: one.uids == ROOT and one.name != "conmon")
    running = Running()
    if isinstance(named, Hole):
        running.unread = named
        return running
    for one in named:
        _look(host, one, running, lstats)
    running.unread = worst_hole(running.unread, attempt(hides, host))
    return running


def of_users(host: Host, lstats: LstatCache) -> tuple[dict[int, Running], Hole | None]:
    """Return the engines that run of each user other than root, and the hole where there may be more users."""
    named = attempt(_named, host, lambda one: 0 not in one.uids)
    if isinstance(named, Hole):
        return {}, named
    users: dict[int, Running] = {}
    counted = Quota(host, bounds.PROCESSES_CALLED_LIKE_ENGINES, bounds.PROCESSES_OF_STRANGERS)
    for one in named:
        if counted.takes(one.uids[1]):
            _look(host, one, users.setdefault(one.uids[1], Running()), lstats)
    for uid, hole in counted.left("processes called like an engine").items():
        users.setdefault(uid, Running()).left = hole
    return {uid: one for uid, one in users.items() if one.programs or one.more}, attempt(hides, host)


def _named(host: Host, counts: Callable[[Process], bool]) -> list[Process]:
    return [one for one in host.processes() if (one.name in PROGRAMS or one.name in NAMES) and counts(one)]


def _look(host: Host, one: Process, running: Running, lstats: LstatCache) -> None:
    """Add a process to the engines that run, if it is one of this host's."""
    program = attempt(program_of, host, one.pid, PROGRAMS)
    if isinstance(program, Hole):
        running.unread = worst_hole(running.unread, program)
    elif program:
        name = program.removesuffix(" (deleted)")
        running.pids.append(one.pid)
        running.programs[name] = {"engine": PROGRAMS[_program(name)], "root_owned": attempt(lambda: ownership(host, name, lstats).root_owned)}


def program_of(host: Host, pid: int, names: Container[str]) -> str:
    """Return the program that a process runs, as the kernel tells it; "" where it has none of these names, is in a container or has ended."""
    try:
        seen = host.process(pid)
        if _program(seen.exe) not in names or not seen.exe.startswith("/"):
            return ""
        return seen.exe if seen.host_mounts or root_of(mounts(host, f"/proc/{pid}/mountinfo")) == root_of(mounts(host)) else ""
    except ABSENT:
        return ""
