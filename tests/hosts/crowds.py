"""What dave makes in crowds, to keep root's scan busy or to have it give up: every program here is his, and runs with what any user has."""

WAIT = "print('ready', flush=True); import time; time.sleep(600)"
FORKED = """
import ctypes, os, random, socket, sys, time
libc = ctypes.CDLL(None, use_errno=True)
def each(does):
    for number in range(int(sys.argv[1])):
        if not os.fork():
            does(number)
            os.write(1, b".")
            time.sleep(600)
            os._exit(0)
    time.sleep(1)
"""
SETS = (
    FORKED
    + """
def does(number):
    random.seed(number)
    os.setgroups(sorted(random.sample(range(1, 65536), 60)))
    ids = [random.randrange(1, 65536) for _ in range(3)]
    os.setresgid(*ids) if number % 3 else None
    os.setresuid(0, number + 1, 0) if number % 2 else None
each(does)
"""
    + WAIT
)
"""As root of a user namespace with a range: each process has groups of its own, and other ids beside its real one."""
WIDE = (
    FORKED
    + """
os.setgroups(range(1, 65500))
each(lambda number: os.setgroups(range(1 + number, 65500)))
"""
    + WAIT
)
"""The same, with as many groups as a process can have (setgroups(2), NGROUPS_MAX)."""
PEOPLE = (
    FORKED
    + """
def does(number):
    os.setresgid(*[number + 1] * 3); os.setresuid(*[number + 1] * 3)
    os.mkdir(f"/tmp/of-{number}"); os.chdir(f"/tmp/of-{number}")
    server = socket.socket(socket.AF_UNIX); server.bind(f"/tmp/of-{number}/docker.sock"); server.listen(1)
    libc.prctl(15, b"podman", 0, 0, 0)
    globals()["kept"] = server
each(does)
"""
    + WAIT
)
"""The same, as so many users, each with a socket that never answers and a process called like an engine."""
ABLE = (
    FORKED
    + """
class Header(ctypes.Structure): _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]
class Data(ctypes.Structure): _fields_ = [("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32)]
def does(number):
    assert libc.unshare(0x10000000) == 0
    open("/proc/self/uid_map", "w").write(f"{number} 4004 1")
    caps = (Data * 2)(Data(number * 7919 % 2**31 | 4, number * 7919 % 2**31 | 4, 0), Data(0, 0, 0))
    libc.capset(ctypes.byref(Header(0x20080522, 0)), caps)
each(does)
"""
    + WAIT
)
"""In a user namespace of its own each, with capabilities of its own choice."""
MOUNTED = (
    FORKED
    + """
def does(number):
    assert libc.unshare(0x10000000 | 0x00020000) == 0
    open("/proc/self/setgroups", "w").write("deny"); open("/proc/self/uid_map", "w").write("0 4004 1"); open("/proc/self/gid_map", "w").write("0 4004 1")
    libc.mount(b"none", b"/", None, 0x4000 | 0x40000, None)
    for _ in range(int(sys.argv[2])): libc.mount(b"/tmp", b"/tmp", None, 0x1000, None)
each(does)
"""
    + WAIT
)
"""In a mount namespace of its own each, with very many mounts."""
DEEP = (
    """
import os, socket
kept = []
home = os.getcwd()
for place in ("docker.sock", "podman/podman.sock", "containerd/containerd.sock", "buildkit/buildkitd.sock"):
    os.chdir(home); top = place.replace("/", "-"); os.mkdir(top); os.chdir(top)
    for level in range(1900): os.mkdir("d"); os.chdir("d")
    server = socket.socket(socket.AF_UNIX); server.bind("docker.sock"); server.listen(1); kept.append(server)
    for level in range(3000): os.mkdir("e"); os.chdir("e")
    server = socket.socket(socket.AF_UNIX); server.bind("docker.sock"); server.listen(1); kept.append(server)
    os.makedirs(os.path.dirname(f"/run/user/4004/{place}"), exist_ok=True)
    os.symlink(f"{home}/{top}/" + "d/" * 1900 + "docker.sock", f"/run/user/4004/{place}")
"""
    + WAIT
)
"""Sockets at the end of thousands of directories, some of them deeper than any path, and links of his that lead there."""
FILES = (
    """
import json, os, sys, time
count = int(sys.argv[1])
def put(path, text):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    open(path, "w").write(text)
for number in range(count):
    put(f".lima/m{number}/lima.yaml", "mounts:\\n" + "".join(f"- location: /srv/{number}/{one}\\n  writable: true\\n" for one in range(50)))
    put(f".docker/contexts/meta/{number:064x}/meta.json", json.dumps({"Name": f"c{number}", "Endpoints": {"docker": {"Host": f"tcp://192.0.2.1:{number}"}}}))
    put(f".config/environment.d/{number}.conf", f"DOCKER_CONTEXT=c{number}\\n")
    put(f".config/systemd/user/default.target.wants/podman{number}.socket", "[Socket]\\n")
    put(f".config/containers/podman/machine/qemu/m{number}.json", '{"HostUser": {"Rootful": true}, "Mounts": []}')
for name in (".profile", ".bashrc", ".bash_profile", ".zshenv"):
    put(name, "".join(f"[ -n x{one} ] && export DOCKER_HOST=tcp://192.0.2.1:{one} DOCKER_CONTEXT=c{one}\\n" for one in range(4000)))
"""
    + WAIT
)
"""Machines, contexts, settings and units in his home, and profiles that are long to read."""
