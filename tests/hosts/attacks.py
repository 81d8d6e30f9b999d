"""What a user without privileges can do to talk a scan of root's out of a verdict: one function each, which runs as dave.

The programs are dave's from the first to the last line; where root has to lend a hand, as for a link that this kernel refuses, it is said.
"""

from collections.abc import Callable
from dataclasses import dataclass

from hosts import crowds as many_of
from hosts.planting import PYTHON, engine, lines, many, over, ready, shell, titled
from real_engines.rootless_world import RootlessWorld

SECRET = "hostcheck-secret-7b1f"
"""What stands in a file of root's, and must not be found in anything that a scan writes."""
WAIT = "print('ready', flush=True); import time; time.sleep(600)"
ARGV = (
    """
import ctypes, os, sys
if len(sys.argv) < 3:
    code = open("/proc/self/cmdline").read().split("\\0")[3]
    os.execv("/usr/bin/python3", ["dockerd --userns-remap=default --icc=false", "-I", "-c", code, "x", "x"])
ctypes.CDLL(None).prctl(15, b"dockerd", 0, 0, 0)
"""
    + WAIT
)
NAMED = (
    """
import os, shutil, signal
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for name in ("dockerd", "kubelet", "containerd", "limactl", "com.docker.backend"):
    shutil.copy("/usr/bin/sleep", name)
    os.spawnl(os.P_NOWAIT, name, name, "600")
"""
    + WAIT
)
IMPOSTORS = """
import json, os, socket, threading
from contextlib import suppress
CLAIMS = {"SecurityOptions": ["name=rootless", "name=userns"], "DockerRootDir": "/var/lib/docker/9.9", "host": {"security": {"rootless": True}}}
INFO = json.dumps(CLAIMS).encode()
def serve(server):
    while True:
        with server.accept()[0] as line, suppress(OSError):
            line.recv(65536)
            line.sendall(b"HTTP/1.0 200 OK\\r\\nServer: Docker/26 (linux)\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(INFO) + INFO)
for path in PATHS:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    server = socket.socket(socket.AF_UNIX); server.bind(path); server.listen(64)
    threading.Thread(target=serve, args=(server,), daemon=True).start()
"""
AT_HOME = "PATHS = [f'/run/user/4004/{name}' for name in ('docker.sock', 'podman/podman.sock', 'containerd/containerd.sock', 'buildkit/buildkitd.sock')]\n"
IN_TMP = "PATHS = [f'/tmp/{name}' for name in ('docker.sock', 'containerd.sock', 'podman-run-4004/podman/podman.sock', 'crio.sock')]\n"
NAMES = "PATHS = ['/run/docker.sock', '/run/crio/crio.sock', '/run/podman/podman.sock', '/run/nri/nri.sock']\n"
HOSTILE = (
    r"""
import ctypes, os, socket
ctypes.CDLL(None).prctl(15, b") (\n 0 0 (d", 0, 0, 0)
kept = []
YAML = 'mounts:\n- location: "~"\n  writable: true\n'
odd = ["a\nb", "\x1b]0;pwned\x07\x1b[31mred", "\u202etxt.exe", "</script><script>alert(1)</script>"[:40].replace("/", "\\"), "'\";$(id)`id`", "\udcff\udcfe"]
odd += ["&amp;<b>", "=cmd|x!A0"]
row = "\n0000000000000000: 00000002 00000000 00010000 0001 01 "
rows = [f"x{row}4711 /run/crio/crio.sock", f"y{row}1 /run/docker.sock"]
def listen(name):
    server = socket.socket(socket.AF_UNIX); server.bind(name); server.listen(1); kept.append(server)
for number, name in enumerate(odd):
    
    os.makedirs(os.fsencode(name), exist_ok=True)
    here = os.open(".", os.O_RDONLY)
    os.chdir(os.fsencode(name)); listen("docker.sock"); os.fchdir(here)
for row in rows: listen("\0" + row)
for name in ("\0/run/containerd/containerd.sock", "\0\n\n/run/docker.sock"): listen(name)
os.makedirs(".lima", exist_ok=True)
for name in odd:
    os.makedirs(os.fsencode(f".lima/{name}"), exist_ok=True)
    open(os.fsencode(f".lima/{name}/lima.yaml"), "w").write(YAML)
for _ in range(16): os.makedirs("n" * 255, exist_ok=True); os.chdir("n" * 255)
listen("docker.sock")
"""
    + WAIT
)
TWINS = (
    r"""
import os, socket
kept = []
for name in (b"\xff", rb"\xff"):
    for folder in (b"t" + name, b".lima/" + name): os.makedirs(folder, exist_ok=True)
    open(b".lima/" + name + b"/lima.yaml", "w").write('mounts:\n- location: "~"\n  writable: true\n')
    for place in (b"t" + name + b"/docker.sock", b"/tmp/" + name + b".podman.sock", b"\0" + name + b"/docker.sock"):
        server = socket.socket(socket.AF_UNIX); server.bind(place); server.listen(1); kept.append(server)
"""
    + WAIT
)
"""What differs before it is written only: a byte that is no text, and the characters that stand for it."""
LINKS = """
import os
os.makedirs(".docker/contexts", exist_ok=True); os.makedirs(".lima/default", exist_ok=True); os.makedirs(".config/containers", exist_ok=True)
for name in (".docker/config.json", ".lima/default/lima.yaml", ".docker/desktop", ".config/containers/podman"):
    os.path.lexists(name) or os.symlink(SECRET, name)
os.symlink("/run/docker.sock", "/run/user/4004/docker.sock")
os.symlink("/run", "/run/user/4004/podman"); os.symlink("loop", "loop"); os.symlink("/dev/zero", ".colima")
"""
PLANTED = """
import json, os
os.makedirs(".docker/contexts/meta/ab", exist_ok=True); os.makedirs(".config/docker", exist_ok=True)
json.dump({"currentContext": "safe"}, open(".docker/config.json", "w"))
json.dump({"Name": "safe", "Endpoints": {"docker": {"Host": "tcp://192.0.2.1:2375"}}}, open(".docker/contexts/meta/ab/meta.json", "w"))
json.dump({"userns-remap": "default", "hosts": ["unix:///run/docker.sock"]}, open(".config/docker/daemon.json", "w"))
open("/tmp/daemon.json", "w").write('{"userns-remap": "default"}'); open("/tmp/docker.pid", "w").write("1"); os.mkfifo("/tmp/containerd.toml")
"""
MACHINES = """
import json, os
lima = (".lima/default", ".colima/_lima/colima", ".local/share/rancher-desktop/lima/0")
for folder in (*lima, ".rd", ".orbstack/run", ".docker/desktop", ".config/containers/podman/machine/qemu"): os.makedirs(folder, exist_ok=True)
for folder in lima: open(f"{folder}/lima.yaml", "w").write("mounts: []\\n")
json.dump({"FilesharingDirectories": []}, open(".docker/desktop/settings-store.json", "w"))
json.dump({"HostUser": {"Rootful": False}, "Mounts": []}, open(".config/containers/podman/machine/qemu/m.json", "w"))
"""
FUSE = """
import os, socket, struct, subprocess, sys
mode, place = sys.argv[1:3]
os.makedirs(place, exist_ok=True)
ours, theirs = socket.socketpair()
options = "nosuid" if mode == "denies" else "allow_other"
environment = {"PATH": "/usr/bin:/bin", "_FUSE_COMMFD": str(theirs.fileno())}
subprocess.run(["fusermount3", "-o", options, "--", place], env=environment, pass_fds=[theirs.fileno()], check=True)
fuse = socket.recv_fds(ours, 1, 1)[1][0]
while True:
    asked = os.read(fuse, 1 << 20)
    length, opcode, unique = struct.unpack_from("=IIQ", asked)
    if opcode == 26:  # FUSE_INIT
        told = struct.pack("=IIIIHHIIHHI7I", 7, 31, 65536, 0, 12, 10, 65536, 1, 0, 0, 0, *[0] * 7)
        os.write(fuse, struct.pack("=IiQ", 16 + len(told), 0, unique) + told)
        print("ready", flush=True)
    elif opcode in (2, 42):  # FUSE_FORGET, FUSE_BATCH_FORGET
        pass
    elif mode == "denies":
        os.write(fuse, struct.pack("=IiQ", 16, -13, unique))
    elif mode == "forges":  # at each name a file of root's with the setuid and setgid bits
        inner = opcode == 1 or struct.unpack_from("=Q", asked, 16)[0] == 2
        attributes = struct.pack("=6Q10I", 1 + inner, *[0] * 8, 0o106755 if inner else 0o40755, 1, *[0] * 5)
        node = struct.pack("=4Q2I", 2, *[0] * 5) + attributes
        names = b"" if len(asked) < 56 or struct.unpack_from("=Q", asked, 48)[0] else struct.pack("=2Q2I8s", 2, 1, 2, 8, b"sh")
        answer = {1: node, 3: bytes(16) + attributes, 27: bytes(16), 28: names}.get(opcode, b"")  # LOOKUP, GETATTR, OPENDIR, READDIR
        os.write(fuse, struct.pack("=IiQ", 16 + len(answer), 0, unique) + answer)
"""
SOCKETS = (
    """
import os, resource, socket, sys
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]; resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
kept = []; os.makedirs(f"s{sys.argv[2]}", exist_ok=True); os.chdir(f"s{sys.argv[2]}")
for number in range(int(sys.argv[1])):
    if number % 2: os.mkdir(f"{number}")
    server = socket.socket(socket.AF_UNIX); server.bind(f"{number}/docker.sock" if number % 2 else f"{number}.sock"); server.listen(1); kept.append(server)
"""
    + WAIT
)
PROCESSES = """
import os, sys, time
waits, _ = os.pipe()
for _ in range(int(sys.argv[1])):
    argv = ["dockerd", "--", "-", "--userns-remap=default", "x" * 100000]
    os.posix_spawn("/bin/cat", argv, {}, file_actions=[(os.POSIX_SPAWN_DUP2, waits, 0)])
print("ready", flush=True); time.sleep(600)
"""
SWAPS = (
    """
import os, socket, threading
os.makedirs(".lima/default", exist_ok=True)
server = socket.socket(socket.AF_UNIX); server.bind("/run/user/4004/real"); server.listen(64)
pairs = [(".lima/default/lima.yaml", lambda path: open(path, "w").write("mounts: []"), lambda path: os.symlink(SECRET, path)),
         (".lima/default/lima.yaml", lambda path: open(path, "w").close(), lambda path: os.mkfifo(path)),
         ("/run/user/4004/docker.sock", lambda path: os.link("/run/user/4004/real", path), lambda path: os.symlink("/run/docker.sock", path))]
def forever(here, one, other):
    name = f"{here}.{threading.get_ident()}"
    while True:
        for make in (one, other):
            try: make(name); os.rename(name, here)
            except OSError: pass
for pair in pairs: threading.Thread(target=forever, args=pair, daemon=True).start()
"""
    + WAIT
)
DAVE = "dave"


@dataclass(frozen=True, kw_only=True)
class Attack:
    """One attack: what dave does, what a scan says of it, and whether it takes something from the host that others need.

    `reports` are findings that name it; `exhausts` allows errors, but nothing better; `moved` is a name of root's under which dave listens.
    """

    name: str
    does: Callable[[RootlessWorld], None]
    reports: dict[str, str] | None = None
    exhausts: bool = False
    moved: bool = False
    cases: tuple[int, ...] = ()

    @property
    def title(self) -> str:
        """Return the name with the numbers of its edge cases."""
        return titled(self.name, self.cases)


def runs(code: str, *argv: str, waits: bool = True, prefix: tuple[str, ...] = ()) -> Callable[[RootlessWorld], None]:
    """Return a program of dave's that runs in his home; one that `waits` goes on until the host ends."""

    def does(world: RootlessWorld) -> None:
        code_ = code.replace("SECRET", repr(f"{world.base}/secret")) if "SECRET" in code else code
        words = tuple(word.replace("{home}", f"{world.base}/home/dave") for word in argv)
        command = ("env", "-C", f"{world.base}/home/dave", *prefix, *PYTHON, code_, *words)
        if waits:
            ready(world, *command, user=DAVE)
        else:
            world.run(*command, user=DAVE)

    return does


def linked(world: RootlessWorld) -> None:
    """Make hard links to a file of root's, which root does for dave where fs.protected_hardlinks is on."""
    shell("install -d -o dave -g dave {home}/dave/.lima {home}/dave/.lima/default {home}/dave/.docker")(world)
    for name in (".lima/default/lima.yaml", ".docker/config.json"):
        world.run("ln", f"{world.base}/secret", f"{world.base}/home/dave/{name}")


def crowds(world: RootlessWorld) -> None:
    """Listen on very many sockets, half of them with an engine's name."""
    total = many(50_000, 2_000)
    for number in range(3):
        runs(SOCKETS, str(total // 3), str(number))(world)


DENIED = ("{home}/.lima", "{home}/.docker", "{home}", "/run/user/4004")
RANGE = ("unshare", "--user", "--map-root-user", "--map-auto")
"""As root of a user namespace of dave's with the ids of his range, which newuidmap and newgidmap map."""


def crowd(code: str, full: int, usual: int, *argv: str, prefix: tuple[str, ...] = ()) -> Callable[[RootlessWorld], None]:
    """Return a program of dave's that makes very many of something."""
    return lambda world: runs(code, str(many(full, usual)), *argv, prefix=prefix)(world)


def hangs(world: RootlessWorld) -> None:
    """Mount over ~/.lima what never answers, for root too, where root has allowed that in /etc/fuse.conf."""
    over("/etc/fuse.conf", "user_allow_other\n")(world)
    runs(FUSE, "hang", "{home}/.lima")(world)


def squats(world: RootlessWorld) -> None:
    """Bind the names of root's sockets, in a mount namespace where /run is dave's."""
    unshared = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", 'mount -t tmpfs tmpfs /run && exec "$@"', "sh")
    runs(NAMES + IMPOSTORS + WAIT, prefix=unshared)(world)


FORKS = """
import os, time
while True:
    try: child = os.fork()
    except OSError: break
    if not child: time.sleep(600); os._exit(0)
print("ready", flush=True); time.sleep(600)
"""
FULL = """
import os, sys, time
engine, forks, *scan = sys.argv[1:]
open("/proc/sys/kernel/pid_max", "w").write("320")
def start(said, uid, *argv):
    if not os.fork():
        os.dup2(os.open(said, os.O_CREAT | os.O_WRONLY, 0o600), 1)
        if uid: os.setgroups([]); os.setgid(uid); os.setuid(uid)
        os.execv("/usr/bin/python3", ["python3", "-I", *argv])
    while "ready" not in open(said, "a+").read() + open(said).read(): time.sleep(0.05)
start("/run/engine", 0, engine, "/run/docker/docker.sock")
os.chmod("/run/docker/docker.sock", 0o666)
start("/run/forks", 4004, "-c", forks)
os.execv(scan[0], scan)
"""
"""A host of one's own in a pid namespace, whose table dave fills; the last process becomes the scan, which cannot fork."""
ATTACKS = [
    Attack(name="argv of a remapped dockerd", does=runs(ARGV), cases=(74, 75)),
    Attack(name="programs called dockerd and kubelet", does=runs(NAMED), reports={"HC-RTL-02 dave": "fail"}),
    Attack(name="impostors in the runtime directory", does=runs(AT_HOME + IMPOSTORS + WAIT), cases=(64,)),
    Attack(name="impostors in /tmp", does=runs(IN_TMP + IMPOSTORS + WAIT), cases=(64,)),
    Attack(name="the names of root's sockets", does=squats, moved=True, cases=(63, 64)),
    Attack(name="contexts, configurations and files in /tmp", does=runs(PLANTED, waits=False), cases=(65,)),
    Attack(name="signs of virtual machines", does=runs(MACHINES, waits=False), reports={"HC-VMX-01 dave": "fail"}),
    Attack(name="hostile names", does=runs(HOSTILE), moved=True, cases=(11, 24, 60, 61, 73, 104)),
    Attack(name="names that are written alike", does=runs(TWINS), reports={"HC-VMX-02 dave": "fail"}, cases=(24,)),
    Attack(name="links to what is root's", does=runs(LINKS, waits=False), cases=(4, 5, 6)),
    Attack(name="hard links to what is root's", does=linked, cases=(7,)),
    *(Attack(name=f"a mount that denies: {place}", does=runs(FUSE, "denies", place), cases=(20, 21)) for place in DENIED),
    Attack(name="a mount that hangs", does=hangs, exhausts=True, cases=(27,)),
    Attack(name="very many sockets", does=crowds, exhausts=True),
    Attack(name="very many processes", does=lambda world: runs(PROCESSES, str(many(20_000, 2000)))(world), exhausts=True, cases=(75,)),
    Attack(name="very many sets of credentials", does=crowd(many_of.SETS, 8000, 1500, prefix=RANGE)),
    Attack(
        name="sets of as many groups as there can be",
        does=crowd(many_of.WIDE, 60, 20, prefix=RANGE),
        exhausts=True,
        reports={"HC-ACC-20 dave": "error", "HC-ACC-20 every local user": "pass", "HC-RTL-01 dave": "error"},
    ),
    Attack(name="very many users of a range", does=crowd(many_of.PEOPLE, 4000, 1200, prefix=RANGE)),
    Attack(name="very many sets of capabilities", does=crowd(many_of.ABLE, 4000, 600)),
    Attack(name="very many mounts", does=crowd(many_of.MOUNTED, 200, 60, "1000")),
    Attack(name="very deep directories", does=runs(many_of.DEEP)),
    Attack(name="very many files in a home", does=crowd(many_of.FILES, 5000, 1000)),
    Attack(name="files that are swapped", does=runs(SWAPS), cases=(19, 63)),
]


def victim(world: RootlessWorld) -> None:
    """Plant what root's scan fails: docker for a group, a range with root in it; a secret of root's; and a /tmp of this host's own."""
    shell("mount --no-mtab -t tmpfs -o mode=1777 tmpfs /tmp", "ip link set lo up")(world)
    engine(mode=0o660, group=4900)(world)
    engine("/run/containerd/containerd.sock")(world)
    lines("subuid", "bob:0:1")(world)
    secret = world.base / "secret"
    secret.write_text(f'mounts:\n- location: "{SECRET}"\n  writable: true\n')
    secret.chmod(0o600)
