"""Walking a path to root in a throwaway host, step by step and by the programs that whoever takes it would use.

At its end stands a file that only root can make, or an answer of root's engine: for whoever gets that, the engine starts a container with the host's /. What
an engine or systemd would do when it starts again is done by a command of root's, which reads what they read.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from hosts.planting import PYTHON, D, Plant, can
from real_engines.rootless_world import RootlessWorld

Walk = Callable[[RootlessWorld], bool]
Ways = dict[str, tuple[str, ...]]
"""By principal, as a report names it, each path as the kinds of its steps; before them how sure it is and what it needs, where it is less than certain or needs
something."""
PROOF = "/run/proof"
PROVES = f"/usr/bin/install -m 0600 /dev/null {PROOF}"
ASKS = """
import socket, sys
where = sys.argv[1]
line = socket.socket(socket.AF_UNIX if where.startswith("/") else socket.AF_INET)
line.settimeout(5)
line.connect(where if where.startswith("/") else (where.rpartition(":")[0], int(where.rpartition(":")[2])))
line.sendall(b"GET /_ping HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
sys.exit(not line.recv(64).startswith(b"HTTP/1.1 200 "))
"""
MAPPED = """
import ctypes, os, subprocess, sys
program, first, argv = sys.argv[1], sys.argv[2], sys.argv[3:]
told, go = os.pipe(), os.pipe()
child = os.fork()
if not child:
    os.close(go[1])
    os.write(told[1], b"ok" if ctypes.CDLL(None).unshare(0x10000000) == 0 else b"no")  # CLONE_NEWUSER
    if os.read(go[0], 2) != b"ok":
        os._exit(1)
    (os.setgid if program == "newgidmap" else os.setuid)(0)
    os.execv(argv[0], argv)
mapped = os.read(told[0], 2) == b"ok" and not subprocess.run([program, str(child), "0", first, "1"], stderr=subprocess.DEVNULL).returncode
os.write(go[1], b"ok" if mapped else b"no")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
"""Maps one id of somebody else to 0 in a user namespace of one's own, and runs a command there with it."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """One throwaway host with a way to root that several facts make together, and what takes one of them away.

    `certain` are the paths that are certain and need nothing, `other` those that are less. `left` is what is left of both once `twin` is planted, after which
    the walk comes to nothing.
    `rootless` is the result of HC-RTL-11 for users with engines of their own, before and after.
    """

    name: str
    plant: Plant
    walk: Walk
    twin: Plant
    certain: Ways = field(default_factory=dict)
    other: Ways = field(default_factory=dict)
    left: Ways = field(default_factory=dict)
    rootless: dict[str, tuple[str, str]] = field(default_factory=dict)
    values: tuple[str, ...] = ()


def at_home(world: RootlessWorld, *words: str) -> list[str]:
    """Return words with ``{home}`` as where homes are."""
    return [word.replace("{home}", f"{world.base}/home") for word in words]


def asks(user: str, where: str = D) -> Walk:
    """Return the walk of a user who is answered at a socket or an address."""
    return lambda world: can(world, user, *PYTHON, ASKS, *at_home(world, where))


def root_by(*steps: Walk) -> Walk:
    """Return the walk by some steps, one after the other, after which the file of root's must be there; it is taken away again."""

    def walk(world: RootlessWorld) -> bool:
        done = all(step(world) for step in steps) and can(world, "root", "sh", "-c", f'test "$(stat -c %u:%a {PROOF})" = 0:600')
        world.run("rm", "-f", PROOF)
        return done

    return walk


def then(*steps: Walk) -> Walk:
    """Return the walk by some steps, one after the other."""
    return lambda world: all(step(world) for step in steps)


def step(user: str, command: str) -> Walk:
    """Return the step of a user who runs a command of the shell."""
    return lambda world: can(world, user, "sh", "-ec", *at_home(world, command))


def mapped(user: str, first: int, *argv: str, program: str = "newuidmap") -> Walk:
    """Return the step of a user who runs a command with somebody else's uid, or group, in a user namespace."""
    return lambda world: can(world, user, *PYTHON, MAPPED, program, str(first), *at_home(world, *argv))


def logs_in(user: str) -> Walk:
    """Return the step that a user logs in, as at any time, by a shell that reads the user's profile."""
    return lambda world: can(world, user, *world.login(user, "/bin/bash", "-l", "-c", "true"))


def cleaned(walk: Walk, *paths: str) -> Walk:
    """Return a walk after which what it made is taken away."""

    def run(world: RootlessWorld) -> bool:
        try:
            return walk(world)
        finally:
            world.run("rm", "-rf", *at_home(world, *paths))

    return run


def kept(walk: Walk, path: str) -> Walk:
    """Return a walk after which a file is as it was before, with its owner and mode."""

    def run(world: RootlessWorld) -> bool:
        (place,) = at_home(world, path)
        before = world.run("cat", place)
        try:
            return walk(world)
        finally:
            world.run("sh", "-ec", 'printf %s "$1" > "$2"', "sh", before, place)

    return run


def changes(user: str, path: str, text: str) -> Walk:
    """Return the step of a user who writes a file; where it begins as a program does, and is the user's, it becomes one."""
    more = f"; chmod 0755 {path} 2>/dev/null || :" if text.startswith("#!") else ""
    return step(user, f"printf '%s' '{text}' > {path}{more}")
