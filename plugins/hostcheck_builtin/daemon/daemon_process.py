"""What a dockerd that runs was told: the flags of its command line, whether its environment turns TLS on, and the sockets that it holds.

A process is known by the file that it runs, and by the kernel's list of what it holds; its command line is believed because only whoever the daemon
belongs to can write over it. Of its environment only three names are looked at, and no value is stated.
"""

from typing import Final, NamedTuple

from hostcheck.api import ABSENT, Hole, Host, Json, Process, Unsupported, attempt
from hostcheck_builtin.dockerd import flags
from hostcheck_builtin.dockerd.flags import Flags
from hostcheck_builtin.sockets import fd_owners
from hostcheck_builtin.system import bounds, candidates, procfs
from hostcheck_builtin.system.listeners import opened
from hostcheck_builtin.system.presence import absent_as
from hostcheck_builtin.system.proc_net_unix import Table, visible
from hostcheck_builtin.system.procfs import whole

PROGRAM: Final = "dockerd"
OF_ROOT: Final = (bounds.UNIX_SOCKETS_BYTES, 100_000)
OF_A_USER: Final = (1 << 20, 5000)
"""How many bytes of the sockets of a network namespace are read, and how many descriptors looked at: a user makes as many as he likes of both."""
HELPERS: Final = ("metrics.sock", "libnetwork")
"""dockerd's sockets for its own helpers: the name of one, the directory of the other; neither is its API."""
FIRST: Final = "/run/docker.sock"
Environment = dict[str, str]


class Daemon(NamedTuple):
    """A dockerd that runs: whose, what it runs, what it was told, and where it listens."""

    pid: int
    uid: int
    exe: str
    flags: Flags | Hole
    environment: Environment | Hole
    sockets: list[str]

    @property
    def name(self) -> str:
        """Return what the daemon is called: its first socket, or the process where it has none."""
        found = self.sockets
        return FIRST if FIRST in found else found[0] if found else f"{PROGRAM}, process {self.pid}"


def daemon(host: Host, pid: int) -> Daemon | None:
    """Return the dockerd that a process is, None where it is none or has ended meanwhile; raises where that, or what to call it, is not known."""
    try:
        before = host.process(pid)
        if before.exe.removesuffix(" (deleted)").rpartition("/")[2] != PROGRAM:
            return None
        found = Daemon(
            pid=pid,
            uid=before.uids[1],
            exe=before.exe,
            flags=attempt(lambda: flags.parse(procfs.command(host, pid, bounds.ARGUMENTS_OF_DOCKERD)[1:])),
            environment=attempt(_environment, host, pid),
            sockets=_sockets(host, before),
        )
        after = host.process(pid)
    except ABSENT as error:
        if absent_as(None, host.process, pid):
            raise Unsupported(f"/proc/{pid}: dockerd runs, and what the kernel says of it is not there") from error
        return None
    return found if (before.started, before.exe, before.uids) == (after.started, after.exe, after.uids) else None


def _environment(host: Host, pid: int) -> Environment:
    """Return the variables that say where dockerd looks for its files, and whether it uses TLS."""
    pairs = (word.partition("=") for word in procfs.words(host, f"/proc/{pid}/environ", bounds.ARGUMENTS_OF_DOCKERD))
    return {name: value for name, _, value in pairs if name in ("DOCKER_TLS_VERIFY", "HOME", "XDG_CONFIG_HOME")}


def _sockets(host: Host, process: Process) -> list[str]:
    """Return the paths that a process listens on, those at the usual places as they are called without links.

    A path in mounts of its own may be another place to root's daemon than to the scanner: then it is none of its names here. A user's daemon, which
    rootlesskit has given mounts of its own, has the same runtime directory there.
    """
    root = process.uids[1] == 0
    size, many = OF_ROOT if root else OF_A_USER
    table, path = Table(), f"/proc/{process.pid}/net/unix"
    table.add(whole(path, visible(lambda place: host.read_text(place, limit=size), path)))
    visible(lambda place: host.list_dir(place, limit=many), f"/proc/{process.pid}/fd")
    held = opened(host, process.pid)
    names = {candidates.canonical(name) for name, inodes in table.inodes.items() if name.startswith("/") and any(map(table.trusts, inodes & held))}
    return sorted(name for name in names if not _helps(name) and (not root or fd_owners.at_home(host, process, name)))


def _helps(path: str) -> bool:
    folder, _, name = path.rpartition("/")
    return name in HELPERS or folder.rpartition("/")[2] in HELPERS


def stated(one: Daemon) -> dict[str, Json]:
    """State what is known of a daemon from its process."""
    known = one.flags
    return {
        "running": True,
        "uid": one.uid,
        "exe": one.exe,
        "sockets": one.sockets,
        "flags": known if isinstance(known, Hole) else known.settings,
        "given": known if isinstance(known, Hole) else known.given,
        "tls_by_environment": one.environment if isinstance(one.environment, Hole) else bool(one.environment.get("DOCKER_TLS_VERIFY")),
    }
