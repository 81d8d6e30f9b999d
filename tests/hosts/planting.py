"""Planting one thing in a throwaway host, and proving as the user whom it serves that it is really so.

Proofs use system calls and programs of the system, nothing of hostcheck: what a scan says is compared with them. Settings of the kernel are planted by a
mount over /proc/sys, since a real change would be one of the machine; their proofs count only where the machine has the planted value itself.
"""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from hosts import speaking
from real_engines.rootless_world import RootlessWorld
from real_engines.world import DOCKER_GID, USERS

D = "/run/docker.sock"
Plant = Callable[[RootlessWorld], None]
NAMES = {**USERS, "nobody": (65534, 65534), "root": (0, 0)}
PYTHON = ("/usr/bin/python3", "-I", "-c")

ABSTRACT = "import socket, time; s = socket.socket(socket.AF_UNIX); s.bind('\\0/run/docker.sock'); s.listen(); print('ready', flush=True); time.sleep(600)"
TCP = "import socket, sys, time; s = socket.create_server(('127.0.0.1', int(sys.argv[1]))); print('ready', flush=True); time.sleep(600)"
TCP_ANY = TCP.replace("127.0.0.1", "0.0.0.0")
BIND = "import socket, sys; s = socket.create_server(('127.0.0.1', int(sys.argv[1])))"
CONNECT = "import socket, sys; socket.socket(socket.AF_UNIX).connect('\\0' + sys.argv[1])"
CONNECT_TCP = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 2)"
PEER = "import socket, struct, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); print(struct.unpack('3i', s.getsockopt(1, 17, 12))[1])"
RENAME = "import os, sys; os.rename(sys.argv[1], sys.argv[1] + '~'); os.rename(sys.argv[1] + '~', sys.argv[1])"
APPEND = "import sys; open(sys.argv[1], 'ab').close()"
MAP = """
import ctypes, os, subprocess, sys
told, ending = os.pipe(), os.pipe()
child = os.fork()
if not child:
    os.close(ending[1])
    os.write(told[1], b"ok" if ctypes.CDLL(None).unshare(0x10000000) == 0 else b"no")  # CLONE_NEWUSER
    os.read(ending[0], 1)
    os._exit(0)
if os.read(told[0], 2) != b"ok":
    sys.exit(2)
done = subprocess.run([sys.argv[1], str(child), "0", sys.argv[2], sys.argv[3]], stderr=subprocess.DEVNULL)
os.close(ending[1])
sys.exit(done.returncode)
"""


COPY = """
import os, sys
for place, _, names in os.walk("/proc/sys"):
    copy = sys.argv[1] + place.removeprefix("/proc/sys")
    os.makedirs(copy, exist_ok=True)
    for name in names:
        try:
            with open(place + "/" + name, "rb") as told, open(copy + "/" + name, "wb") as kept:
                kept.write(told.read())
            os.chmod(copy + "/" + name, os.stat(place + "/" + name).st_mode & 0o777 | 0o600)
        except OSError:
            pass
"""


@dataclass(frozen=True, kw_only=True)
class Host:
    """One throwaway host: what is planted, what proves that it is so, and every failed finding of the rules that hosts are about, written by hand.

    `fails` are written ``"HC-ACC-03 /run/docker.sock"``, with ``{home}`` for where homes are; `also` are other results that must be there.
    `moved` says that somebody listens under a name of root's, so that root's own processes have to be looked through: where root may not do that, as in
    a container whose first process has more capabilities, what is not known stays open.
    `alone` says that the host is about the rules alone that it names, and the others are not about these: what the rest of a host would fail is not written.
    `opens` says that there may be more than is listed, so that findings on ``*`` are open; `also` says of one of them how.
    `detects` is the role that a scan finds where it is told none.
    `users` are facts of the analysis engine-scope about users, by name: what stands there is compared, and what does not is not.
    `says` is a part of the sentence of each of some findings, as root is told it.
    `remains` are failed findings that what is pasted as their fix cannot clear on this host, and `refuses` parts of commands that end with an error here, each
    with the reason; `loses` are users whom no fixed finding names and who lose access all the same, with the reason.
    `twin` names the host that differs in the one thing, `cases` the edge cases of the design that this host is.
    """

    name: str
    plant: Plant
    proof: Callable[[RootlessWorld], bool]
    fails: tuple[str, ...] = ()
    also: dict[str, str] = field(default_factory=dict)
    twin: str = ""
    cases: tuple[int, ...] = ()
    role: str = "workstation"
    detects: str = ""
    profile: str = "level1"
    values: tuple[str, ...] = ("approved_groups=docker",)
    alone: bool = False
    moved: bool = False
    opens: bool = False
    users: dict[str, dict[str, object]] = field(default_factory=dict)
    says: dict[str, str] = field(default_factory=dict)
    remains: dict[str, str] = field(default_factory=dict)
    refuses: dict[str, str] = field(default_factory=dict)
    loses: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Return the name with the numbers of its edge cases."""
        return titled(self.name, self.cases)

    @property
    def whole(self) -> bool:
        """Say whether all is to be read: where facts are compared, or that a profile leaves a rule out."""
        return bool(self.users) or "notselected" in self.also.values()

    def options(self) -> list[str]:
        """Return what the scans of this host are told: where a host is about some rules alone, only what these read is read."""
        values = [word for value in self.values for word in ("--value", value)]
        rules = sorted({text.split()[0] for text in (*self.fails, *self.also)}) if self.alone and not self.whole else ()
        return ["--role", self.role, "--profile", self.profile, *values, *(word for rule in rules for word in ("--rule", rule))]


def titled(name: str, cases: tuple[int, ...]) -> str:
    """Return the name of a host or an attack with the numbers of its edge cases."""
    return f"{name} (edge case {', '.join(map(str, cases))})" if cases else name


def all_of(*plants: Plant) -> Plant:
    """Return the planting of several things, one after the other."""

    def plant(world: RootlessWorld) -> None:
        for one in plants:
            one(world)

    return plant


def nothing(_: RootlessWorld) -> None:
    """Plant nothing."""


def shell(*commands: str) -> Plant:
    """Return the planting by commands of root's; ``{home}`` stands for where homes are."""
    return lambda world: [world.run("sh", "-ec", command.replace("{home}", f"{world.base}/home")) for command in commands] and None


def ready(world: RootlessWorld, *argv: str, user: str = "root") -> None:
    """Start a process and wait until it says that it is ready."""
    before = world.log.seek(0, 2)
    world.start(*argv, user=user)
    world.wait(lambda: b"ready" in (world.base / "log").read_bytes()[before:], many(90, 30))


def engine(path: str = D, mode: int = 0o600, owner: str = "root", group: int = 0, *, user: str = "root", folder: int = 0o755) -> Plant:
    """Return the planting of an engine of `user` that answers at `path`, whose socket and new directories then get these owners and modes."""

    def plant(world: RootlessWorld) -> None:
        place = path.replace("{home}", f"{world.base}/home")
        program = world.base / "engine.py"
        shutil.copy(speaking.__file__, program)
        above, uid = os.path.dirname(place), NAMES[user][0]
        if world.run("sh", "-c", f"test -d {above} || echo new"):
            world.run("install", "-d", "-m", f"{folder:o}", "-o", str(uid), "-g", str(NAMES[user][1]), above)
        ready(world, "/usr/bin/python3", "-I", str(program), place, *(("podman",) if place.endswith("podman.sock") else ()), user=user)
        gid = group or NAMES[owner if owner != "root" else user][1]
        world.run("chown", f"{NAMES[owner][0] if owner != 'root' else uid}:{gid}", place)
        world.run("chmod", f"{mode:o}", place)

    return plant


def edit(name: str, change: Callable[[str], str]) -> Plant:
    """Return the planting of a change to passwd, group, gshadow, subuid or subgid."""

    def plant(world: RootlessWorld) -> None:
        path = world.etc / name
        path.write_text(change(path.read_text()))

    return plant


def lines(name: str, *more: str) -> Plant:
    """Return the planting of more lines at the end of one of these files."""
    return edit(name, lambda text: text + "".join(f"{line}\n" for line in more))


def stopped(world: RootlessWorld) -> None:
    """End what was started last, and leave its socket."""
    process = world.processes.pop()
    process.kill()
    process.wait()


def without_alice(world: RootlessWorld) -> None:
    """Take alice out of the group docker."""
    edit("group", lambda text: text.replace(f"docker:x:{DOCKER_GID}:alice", f"docker:x:{DOCKER_GID}:"))(world)
    edit("gshadow", lambda text: text.replace("docker:!::alice", "docker:!::"))(world)


def without_bob(world: RootlessWorld) -> None:
    """Give bob a primary group of his own."""
    edit("passwd", lambda text: text.replace(f"bob:x:4002:{DOCKER_GID}:", "bob:x:4002:4002:"))(world)


def session(world: RootlessWorld) -> None:
    """Let frank be logged in since before he lost the group docker."""
    process = world.start("sleep", "infinity", user="frank", groups=(DOCKER_GID,))
    world.wait(lambda: f"\nGroups:\t{DOCKER_GID} \n" in Path(f"/proc/{process.pid}/status").read_text())


def written(path: str, content: str | bytes, owner: str = "root", mode: int = 0o644) -> Plant:
    """Return the planting of a file in a home, with its directories, all of `owner`'s."""

    def plant(world: RootlessWorld) -> None:
        place = Path(path.replace("{home}", f"{world.base}/home"))
        missing = [above for above in reversed(place.parents) if not above.exists()]
        for above in missing:
            above.mkdir(mode=0o755)
        home = f"{world.base}/home"
        place.write_bytes(content if isinstance(content, bytes) else content.replace("{home}", home).encode())
        place.chmod(mode)
        for one in (*missing, place):
            os.chown(one, *NAMES[owner])

    return plant


def over(path: str, content: str | bytes) -> Plant:
    """Return the planting of a file in the host's own /etc, or elsewhere over one that the machine has, by a mount that only this host sees."""

    def plant(world: RootlessWorld) -> None:
        own = path.startswith("/etc/")
        source = world.etc / path[5:] if own else world.base / f"over{path.replace('/', '-')}"
        source.write_bytes(content if isinstance(content, bytes) else content.encode())
        source.chmod(0o644)
        if not own:
            world.run("mount", "--no-mtab", "--bind", str(source), path)

    return plant


def own_settings(**values: str) -> Plant:
    """Return the planting of a copy of all settings of the kernel in plain files, which only this host sees and can change; `values` are more of them."""

    def plant(world: RootlessWorld) -> None:
        copy = Path(tempfile.mkdtemp(prefix="settings-", dir=world.base))
        copy.chmod(0o755)
        world.run("/usr/bin/python3", "-I", "-c", COPY, str(copy))
        for name, value in values.items():
            (copy / name).parent.mkdir(exist_ok=True)
            (copy / name).write_text(value)
        world.run("mount", "--no-mtab", "--bind", str(copy), "/proc/sys")

    return plant


def setting(name: str, value: str) -> Plant:
    """Return the planting of a setting of the kernel, one too that the kernel does not have or does not show here."""
    place = name.replace(".", "/")

    def plant(world: RootlessWorld) -> None:
        known = can(world, "root", "test", "-e", f"/proc/sys/{place}")
        (over(f"/proc/sys/{place}", f"{value}\n") if known else own_settings(**{place: f"{value}\n"}))(world)

    return plant


def configured(content: bytes) -> Plant:
    """Return the planting of dockerd's configuration."""

    def plant(world: RootlessWorld) -> None:
        folder = world.etc / "docker"
        folder.mkdir(mode=0o755, exist_ok=True)
        (folder / "daemon.json").write_bytes(content)

    return plant


def instead(command: str) -> Plant:
    """Return the planting of something that is no file at the place of dockerd's configuration; ``$at`` is that place."""
    return all_of(configured(b""), lambda world: world.run("sh", "-ec", f"at=/etc/docker/daemon.json; rm $at; {command}") and None)


def can(world: RootlessWorld, user: str, *argv: str) -> bool:
    """Say whether a command succeeds as a user."""
    return subprocess.run(world.inside(*argv, user=user), stdin=subprocess.DEVNULL, capture_output=True, timeout=30, cwd="/", check=False).returncode == 0


def connects(*users: str, path: str = D, sessions: dict[str, tuple[int, int, list[int]]] | None = None) -> Callable[[RootlessWorld], bool]:
    """Return the proof that exactly these of the users (root aside) do connect to a socket."""

    def proof(world: RootlessWorld) -> bool:
        able = world.able(path.replace("{home}", f"{world.base}/home"), sessions)
        return able & {*USERS, "nobody"} == set(users)

    return proof


EVERYONE = (*USERS, "nobody")


def as_user(user: str, *argv: str, does: bool = True) -> Callable[[RootlessWorld], bool]:
    """Return the proof that a command of a user's succeeds, or does not."""
    return lambda world: can(world, user, *(word.replace("{home}", f"{world.base}/home") for word in argv)) is does


def replaces(user: str, path: str, *, does: bool = True) -> Callable[[RootlessWorld], bool]:
    """Return the proof that a user can move a socket away, and back."""
    return as_user(user, *PYTHON, RENAME, path, does=does)


def maps(user: str, first: int, count: int = 1, *, program: str = "newuidmap", does: bool = True) -> Callable[[RootlessWorld], bool]:
    """Return the proof that newuidmap or newgidmap maps ids for a user, or does not."""
    return as_user(user, *PYTHON, MAP, program, str(first), str(count), does=does)


def both(*proofs: Callable[[RootlessWorld], bool]) -> Callable[[RootlessWorld], bool]:
    """Return the proof of several things at once."""
    return lambda world: all(proof(world) for proof in proofs)


def told(results: dict[tuple[str, str], str], home: str, *wanted: str) -> set[str]:
    """Return the findings with one of these results as texts, without those of the kernel."""
    return {f"{rule} {subject.replace(home, '{home}')}".strip() for (rule, subject), result in results.items() if result in wanted}


def many(full: int, usual: int) -> int:
    """Return how many of a thing to plant: `full` where HOSTCHECK_TEST_FULL is set, as for a release, else as many as a small machine bears beside others."""
    return full if os.environ.get("HOSTCHECK_TEST_FULL") else usual


def end(world: RootlessWorld) -> None:
    """End a host with all that runs in it: what was forked is not the child of who started it, and no pid namespace ends with the host.

    Its mounts and its network are held meanwhile: the number of one that has ended is given to the next, which may be another host's.
    """
    held = [os.open(f"/proc/{world.holder.pid}/ns/{kind}", os.O_RDONLY) for kind in ("mnt", "net")]
    try:
        _end(world)
    finally:
        for one in held:
            os.close(one)


def _end(world: RootlessWorld) -> None:
    mine = {_own(str(world.holder.pid), kind) for kind in ("mnt", "net")} - {_own("self", kind) for kind in ("mnt", "net")} - {""}
    known = {str(child.pid) for child in world.processes}
    seen = _strays(mine) - known
    _kill(seen)
    world.end()
    last = time.monotonic() + 20
    while time.monotonic() < last:  # until process 1 has taken them: one that has ended and is called dockerd is still there for the next host to see
        forked = _strays(mine)
        _kill(forked)
        seen |= forked
        _reap(seen)
        if not any(os.path.exists(f"/proc/{pid}") for pid in seen):
            break
        time.sleep(0.1)


def _strays(mine: set[str]) -> set[str]:
    """Return the processes in the mounts or the network of a host: an attacker may leave one of them."""
    return {pid for pid in os.listdir("/proc") if pid.isdigit() and mine & {_own(pid, "mnt"), _own(pid, "net")}}


def _kill(pids: set[str]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)


def _reap(pids: set[str]) -> None:
    for pid in pids:
        with suppress(ChildProcessError):
            os.waitpid(int(pid), os.WNOHANG)


def _own(pid: str, kind: str) -> str:
    try:
        return os.readlink(f"/proc/{pid}/ns/{kind}")
    except OSError:
        return ""


def members(group: str, names: Iterable[str]) -> Plant:
    """Return the planting of members into a group of the machine's."""

    def change(text: str) -> str:
        return "".join(line + (",".join(names)) + "\n" if line.startswith(f"{group}:") else line + "\n" for line in text.splitlines())

    return edit("group", change)


def as_json(document: object) -> str:
    """Return a document of JSON."""
    return json.dumps(document)
