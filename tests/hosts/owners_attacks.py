"""What a user without a right can lay on a host, so that a scan has too much to look at to see what others have: products of many things, each of them bounded.

Every program runs as its attackers alone, in their homes, /tmp, /dev/shm and runtime directories; `GIVEN` are the sizes that it is given.
"""

from dataclasses import dataclass

from hosts.attacks import ATTACKS, FUSE, Attack
from hosts.owners_crews import CONTAINER, DAVE, FIFTY, TWO, Crew, by
from hosts.planting import many

SOCKETS = """
place, count, depth, entries = GIVEN
place = place.format(name=NAME, uid=UID); kept = []
for number in range(count):
    folder = f"{place}/s{number}"; made = [folder]
    for _ in range(depth): made.append(made[-1] + "/d")
    os.makedirs(made[-1])
    server = socket.socket(socket.AF_UNIX); server.bind(made[-1] + "/docker.sock"); server.listen(1); kept.append(server)
    for one in made: own(one, number); entries and acl(one, entries)
    own(made[-1] + "/docker.sock", number)
"""
"""Sockets with an engine's name at the end of directories, each directory with an ACL."""
RUNTIME = """
entries, = GIVEN; kept = []
for name in ("docker.sock", "podman/podman.sock", "containerd/containerd.sock", "buildkit/buildkitd.sock"):
    target, real = f"/run/user/{UID}/{name}", HOME
    os.makedirs(os.path.dirname(target), exist_ok=True)
    place = f"/dev/shm/{NAME}/{os.path.basename(name)}"; made = [place]
    for _ in range(30): made.append(made[-1] + "/d")
    os.makedirs(made[-1]); os.chdir(made[-1])
    server = socket.socket(socket.AF_UNIX); server.bind("engine.sock"); server.listen(1); kept.append(server)
    for one in (*made, os.path.dirname(target)): acl(one, entries)
    os.symlink(made[-1] + "/engine.sock", target)
"""
"""The sockets that each user has at fixed places, as links to such."""
SETUID = """
place, count, entries, big = GIVEN
place = place.format(name=NAME, uid=UID, home=HOME); os.makedirs(place, exist_ok=True)
text = open("/bin/bash", "rb").read() + b"x" if big else b""
for number in range(count):
    folder = f"{place}/{number // 10}"; os.makedirs(folder, exist_ok=True)
    path = f"{folder}/{'bash' if big else 'p'}{number}"
    if entries: open(path, "w").close(); acl(path, entries); acl(folder, entries)
    with open(path, "wb") as file: file.write(text + b"%d" % number)
    own(path, number); os.chmod(path, 0o6755)
entries and acl(place, entries)
"""
TABLE = """
lines, entries, form = GIVEN
made = [f"/dev/shm/{NAME}-t"]
for _ in range(40): made.append(made[-1] + "/d")
os.makedirs(made[-1], exist_ok=True)
for one in made if entries else (): acl(one, entries)
for number in range(lines): put(f"{made[-1]}/{number}", "#!/bin/sh\\n", 0o755); acl(f"{made[-1]}/{number}", 1, 7)
text = "".join(form.format(path=f"{made[-1]}/{number}", number=number) for number in range(lines))
os.write(TABLE_FD, text.encode())
"""
"""Lines of a table of cron, each with a file of its own below directories with ACLs."""
INSTALLS = """
path = f"/var/spool/cron/crontabs/{NAME}"
TABLE_FD = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
os.set_inheritable(TABLE_FD, True); os.chown(path, UID, UID)
"""
"""What crontab(1), which is setgid, does for anybody."""
QUEUES = """
for number in range(GIVEN_JOBS):
    path = f"/var/spool/cron/atjobs/a{number:05x}01bd5f1a"; open(path, "w").write("#!/bin/sh\\n/dev/shm/x\\n"); os.chmod(path, 0o700); os.chown(path, UID, UID)
"""
"""What at(1), which is setuid, does for anybody, in the queue before that of root's job."""
LIMA = """
count, size = GIVEN
line = "- location: /srv/{one:06}\\n  writable: true\\n"
text = "mounts:\\n" + "".join(line.format(one=one) for one in range(size // len(line.format(one=0)) - 2))
for base in (".lima/m{}", ".colima/_lima/colima-m{}", ".local/share/rancher-desktop/lima/{}"):
    for number in range(count): put(base.format(number) + "/lima.yaml", text)
    for name in ("default", "override"): put(os.path.dirname(base) + f"/_config/{name}.yaml", text)
"""
FLOW = LIMA.replace('"- location: /srv/{one:06}\\\\n  writable: true\\\\n"', '"- {{location: /s{one:06}, writable: true}}\\\\n"')
PODMANS = """
count, size = GIVEN
mounts = [{"Source": f"/srv/{one}", "Target": f"/srv/{one}", "ReadOnly": False} for one in range(size // 70)]
for number in range(count): put(f".config/containers/podman/machine/qemu/m{number}.json", json.dumps({"HostUser": {"Rootful": True}, "Mounts": mounts}))
for number in range(count): put(f".config/containers/podman/machine/p{number}/m.json", json.dumps({"Mounts": mounts}))
put(".docker/desktop/settings-store.json", json.dumps({"FilesharingDirectories": [f"/srv/{one}" for one in range(size // 16)]}))
"""
CONTEXTS = """
count, size = GIVEN
for number in range(count):
    meta = {"Name": f"c{number}", "Endpoints": {"docker": {"Host": f"tcp://192.0.2.1:{number}"}}, "Metadata": {"x": ["y" * 50] * (size // 54)}}
    put(f".docker/contexts/meta/{number:064x}/meta.json", json.dumps(meta))
    for name in range(count): put(f".docker/contexts/tls/{number}/{name}/key.pem", "x" * 4000)
    put(f".config/environment.d/{number}.conf", "".join(f"DOCKER_HOST=tcp://192.0.2.1:{one}\\n" for one in range(size // 30)))
put(".docker/config.json", json.dumps({"auths": {f"r{one}.example": {"auth": "eDp5"} for one in range(size // 30)}}))
for name in (".profile", ".bashrc", ".bash_profile", ".bash_login", ".zshenv", ".zprofile", ".zshrc"):
    put(name, "".join(f"[ -n x{one} ] && export DOCKER_HOST=tcp://192.0.2.1:{one}\\n" for one in range(size // 55)))
"""
KUBECONFIGS = """
size, = GIVEN
import base64
text = base64.b64encode(b"-----BEGIN CERTIFICATE-----\\n" + base64.b64encode(os.urandom(1500)) + b"\\n-----END CERTIFICATE-----\\n").decode()
users = "".join(f"- {{name: u{one}, user: {{client-certificate-data: {text}, client-key-data: {text}}}}}\\n" for one in range(size // len(text) // 2 - 2))
count = users.count("- {")
rest = "".join(f"- {{name: x{one}, context: {{cluster: c, user: u{one % count}}}}}\\n" for one in range(100))
head = "apiVersion: v1\\nkind: Config\\nclusters:\\n- {name: c, cluster: {server: 'https://127.0.0.1:6443'}}\\nusers:\\n"
put(".kube/config", head + users + "contexts:\\n" + rest)
"""
PODMAN_FILES = """
count, size = GIVEN
for number in range(count):
    put(f".config/containers/containers.conf.d/{number:03}.conf", "[containers]\\nenv = [" + ", ".join(f'"A{one}=b"' for one in range(size // 10)) + "]\\n")
    registries = "".join(f'[[registry]]\\nlocation = "r{one}"\\ninsecure = true\\n' for one in range(size // 45))
    put(f".config/containers/registries.conf.d/{number:03}.conf", registries)
    put(f".config/containers/systemd/{number:03}.container", "[Container]\\nImage=x\\n" + "".join(f"Volume=/srv/{one}:/srv\\n" for one in range(size // 24)))
put(".config/containers/storage.conf", "[storage]\\ndriver = 'overlay'\\n" + "".join(f"# {one}\\n" for one in range(size // 8)))
rejects = [{"type": "reject"}]
put(".config/containers/policy.json", json.dumps({"default": rejects, "transports": {"docker": {f"r{one}": rejects for one in range(size // 35)}}}))
for name in ("overlay-containers/containers.json", "overlay-images/images.json", "overlay-layers/layers.json"):
    put(f".local/share/containers/storage/{name}", json.dumps([{"id": f"{one:064x}", "names": ["x" * 20]} for one in range(size * 20 // 110)]))
"""
UNITS = """
count, = GIVEN
for number in range(count):
    for place in (f".config/systemd/user/u{number}.service", f".config/autostart/a{number}.desktop", f".config/environment.d/{number}.conf"):
        put(place, "[Service]\\nExecStart=/usr/bin/dockerd\\n")
    put(f".config/systemd/user/default.target.wants/podman{number}.socket", "[Socket]\\nListenStream=%t/podman/podman.sock\\n")
    put(f".config/systemd/user/podman{number}.service.d/a.conf", "[Service]\\nExecStart=/usr/bin/podman\\n")
os.chmod(HOME, 0o711) if not INSIDE else None
"""
KEYS = """
count, = GIVEN
for number in range(count): put(f".ssh/k{number}", "-----BEGIN OPENSSH PRIVATE KEY-----\\n" + "A" * 32000)
put(".ssh/config", "".join(f"IdentityFile ~/.ssh/k{number}\\n" for number in range(count)) * 3)
place = f"/dev/shm/{NAME}-k"; made = [place]
for _ in range(40): made.append(made[-1] + "/d")
os.makedirs(made[-1])
for one in made: acl(one, 3000)
for name in ("authorized_keys", "rc"): put(f"{made[-1]}/{name}", ""); acl(f"{made[-1]}/{name}", 1, 7)
for name in ("authorized_keys", "authorized_keys2", "rc"): os.symlink(f"{made[-1]}/{name.removesuffix('2')}", f".ssh/{name}")
for name in (".profile", ".bash_profile", ".bash_login", ".bashrc", ".bash_aliases", ".xprofile", ".xsessionrc", ".pam_environment"):
    put(f"{made[-1]}/{name}", ""); acl(f"{made[-1]}/{name}", 1, 7); os.symlink(f"{made[-1]}/{name}", name)
not INSIDE and os.chmod(HOME, 0o755)
"""
"""Keys and profiles behind links to directories with ACLs, in a home that is open, so that each is looked at."""
JOBS = """
count, entries = GIVEN
os.rename("jobs", "jobs~"); real = f"/dev/shm/{NAME}-j"; made = [real]
if entries:
    for _ in range(40): made.append(made[-1] + "/d")
os.makedirs(made[-1]); os.symlink(made[-1], "jobs")
for one in made if entries else (): acl(one, entries)
for number in range(count): put(f"{made[-1]}/a{number:05}", "#!/bin/sh\\n", 0o755)
own(real, 1)
"""
NAMES = """
count, folder = GIVEN
for number in range(count): put(f"{folder}/a{number:05}", "#!/bin/sh\\n", 0o755)
"""
LINKS = """
count, = GIVEN
for number in range(count): os.symlink(f"/usr/bin/../lib/../bin/../share/../bin/env{number}", f"jobs/a{number:05}")
"""
ENGINES = """
import threading
from contextlib import suppress
size, more = GIVEN
HEAD = b"HTTP/1.0 200 OK\\r\\nServer: Docker/26 (linux)\\r\\nApi-Version: 1.45\\r\\nContent-Type: application/json\\r\\nContent-Length: %d\\r\\n\\r\\n"
one = {"Id": "%064x", "Names": ["/c"], "Image": "x" * 100, "State": "running", "Labels": {str(n): "y" * 100 for n in range(20)}, "Mounts": []}
whole = json.dumps([{**one, "Id": f"{n:064x}", "Names": [f"/c{n}"]} for n in range(size // 2700)]).encode()
def serve(server):
    while True:
        line = server.accept()[0]; line.settimeout(5)
        with line, suppress(OSError):
            asked = line.recv(65536)
            body = b"OK" if b"_ping" in asked else whole
            line.sendall(HEAD % len(body) + body)
places = [f"/run/user/{UID}/{name}" for name in ("docker.sock", "podman/podman.sock", "containerd/containerd.sock", "buildkit/buildkitd.sock")]
for path in places + [f"/tmp/{NAME}/{number}/docker.sock" for number in range(more)]:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    server = socket.socket(socket.AF_UNIX); server.bind(path); server.listen(64)
    threading.Thread(target=serve, args=(server,), daemon=True).start()
"""
PROCESSES = """
import ctypes
count, = GIVEN
waits, _ = os.pipe()
names = ("dockerd", "podman", "containerd", "crio", "buildkitd", "kubelet", "limactl", "sshd", "cron")
for name in names: os.path.lexists(name) or (open(name, "wb").write(open("/bin/cat", "rb").read()), os.chmod(name, 0o755))
for number in range(count):
    name = names[number % len(names)]
    argv = [name, "--config-file", f"/tmp/{NAME}/c{number}.json", f"--data-root=/tmp/{NAME}/{number}", "-H", f"unix:///tmp/{NAME}/{number}.sock", "x" * 60000]
    os.posix_spawn(name, argv, {"DOCKER_HOST": "x" * 60000}, file_actions=[(os.POSIX_SPAWN_DUP2, waits, 0)])
"""
"""Processes called like engines, each with arguments and an environment of its own."""
MOUNTS = """
import subprocess
count, mode = GIVEN
for number in range(count):
    place = [".config", ".docker", ".kube", ".lima", ".ssh", "bin", "jobs/m"][number] if number < 7 else f"m{number}"
    os.makedirs(place, exist_ok=True)
    child = subprocess.Popen(["/usr/bin/python3", "-I", "-c", FUSE, mode, place], stdout=subprocess.PIPE)
    assert mode == "denies" or b"ready" in child.stdout.readline()
time.sleep(1)
""".replace("FUSE", repr(FUSE))
"""File systems that their own processes answer for."""
JOB = """
depth, entries = GIVEN
made = ["n"]
for _ in range(depth): made.append(made[-1] + "/d")
put(made[-1] + "/x", "", 0o755); os.rename("job", ".job"); os.symlink(made[-1] + "/x", "job")
for one in made if entries else (): acl(one, entries)
"""
"""In the place of a job of root's a link behind directories with ACLs, each of which fits into a block of an ext4."""
DIRECTORIES = """
place, wide, entries = GIVEN
place = place.format(name=NAME, uid=UID, home=HOME)
for one in range(wide):
    for two in range(wide):
        folder = f"{place}/{one}/{two}"; os.makedirs(folder)
        for three in range(wide): open(f"{folder}/{three}", "w").close(); os.chmod(f"{folder}/{three}", 0o2755 if three % 2 else 0o4755)
        own(folder, one * wide + two)
"""
"""Directories of directories of programs that are setuid or setgid."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """An attack that anybody may make: what its program is `given`, and what a setuid program of the system does before at its `hand`.

    `crews` are those who make it, and `fifty` what it is given by 50 users, where as much of each would take the test too long.
    """

    name: str
    code: str
    given: tuple[object, ...] = ()
    fifty: tuple[object, ...] = ()
    hand: str = ""
    keeps: bool = False
    crews: tuple[Crew, ...] = (DAVE,)

    def attacks(self) -> list[tuple[Crew, Attack]]:
        """Return the attack by each crew."""
        return [(crew, Attack(name=f"{self.name}, by {crew.name}", does=self._by(crew))) for crew in self.crews]

    def _by(self, crew: Crew):  # type: ignore[no-untyped-def]
        given = self.fifty if self.fifty and crew is FIFTY else self.given
        return by(crew, self.code, *given, hand=self.hand, keeps=self.keeps)


ALL = (DAVE, TWO, FIFTY, CONTAINER)
IN_CONTAINER = (DAVE, CONTAINER)
CRON = "* * * * * {path}\n"
PLANS = [
    Plan(name="sockets behind directories with ACLs in /tmp", code=SOCKETS, given=("/tmp/{name}", 20, 29, 500), keeps=True, crews=ALL),
    Plan(
        name="sockets behind directories with the longest ACLs in /dev/shm",
        code=SOCKETS,
        given=("/dev/shm/{name}", 20, 29, 3000),
        keeps=True,
        crews=IN_CONTAINER,
    ),
    Plan(name="sockets behind directories with ACLs in the runtime directory", code=SOCKETS, given=("/run/user/{uid}/x", 20, 25, 3000), keeps=True),
    Plan(name="links from the runtime directory to directories with ACLs", code=RUNTIME, given=(8000,), fifty=(800,), keeps=True, crews=(DAVE, FIFTY)),
    Plan(name="setuid files", code=SETUID, given=("{home}", many(500, 150), 0, False), crews=ALL),
    Plan(name="setuid files with ACLs in /tmp", code=SETUID, given=("/tmp/{name}", 110, 8000, False), crews=IN_CONTAINER),
    Plan(name="setuid files with ACLs in /dev/shm", code=SETUID, given=("/dev/shm/{name}", 110, 3000, False), crews=(TWO,)),
    Plan(name="setuid files in another user's directory", code=SETUID, given=("{home}/../alice/shared/{name}", 150, 0, False), crews=(DAVE, FIFTY)),
    Plan(name="setuid copies of bash with a byte more", code=SETUID, given=("{home}", 100, 0, True), crews=IN_CONTAINER),
    Plan(name="directories of setuid and setgid programs", code=DIRECTORIES, given=("/tmp/{name}", many(40, 20), 0), crews=(DAVE,)),
    Plan(name="lines of a table of cron", code=TABLE, given=(100, 0, CRON), hand=INSTALLS, crews=(DAVE,)),
    Plan(name="lines of a table of cron to directories with ACLs", code=TABLE, given=(100, 500, CRON), hand=INSTALLS, crews=ALL),
    Plan(
        name="one line of cron with very many files",
        code=TABLE,
        given=(80, 3000, ". {path}; "),
        hand=INSTALLS.replace("0o600)", "0o600); os.write(TABLE_FD, b'* * * * * :; ')"),
    ),
    Plan(name="jobs of at", code="pass", hand=QUEUES.replace("GIVEN_JOBS", "2500")),
    Plan(name="Lima's, Colima's and Rancher Desktop's machines", code=LIMA, given=(20, 262000), fifty=(10, 60000), crews=ALL),
    Plan(name="podman's machines and Docker Desktop's settings", code=PODMANS, given=(20, 262000)),
    Plan(name="contexts, settings and profiles", code=CONTEXTS, given=(20, 250000), fifty=(10, 40000), crews=(DAVE, FIFTY)),
    Plan(name="a kubeconfig with certificates", code=KUBECONFIGS, given=(250000,), crews=(DAVE, FIFTY)),
    Plan(name="files of podman's, Quadlets and databases", code=PODMAN_FILES, given=(20, 60000), fifty=(10, 20000), crews=(DAVE, FIFTY)),
    Plan(name="units of a user", code=UNITS, given=(many(10000, 2000),)),
    Plan(name="keys and profiles behind directories with ACLs", code=KEYS, given=(20,), crews=(DAVE, FIFTY)),
    Plan(name="1500 names in a directory that root runs", code=NAMES, given=(1500, "jobs"), crews=(DAVE, TWO, CONTAINER)),
    Plan(name="11000 names in a directory that root runs", code=NAMES, given=(11000, "jobs")),
    Plan(name="links in a directory that root runs", code=LINKS, given=(1500,)),
    Plan(name="jobs of root's behind directories with ACLs", code=JOBS, given=(1500, 3000), crews=(DAVE, FIFTY)),
    Plan(name="a job of root's behind 50 directories with ACLs", code=JOB, given=(50, 400), crews=(DAVE, FIFTY)),
    Plan(name="a job of root's behind 70 directories", code=JOB, given=(70, 0), crews=(DAVE, FIFTY)),
    Plan(name="names in a directory that root's cron searches", code=NAMES, given=(6000, "bin")),
    Plan(name="engines that answer 32 MB", code=ENGINES, given=(32 << 20, 10), keeps=True, crews=(DAVE, TWO)),
    Plan(name="engines that answer 1 MB", code=ENGINES, given=(1 << 20, 20), keeps=True, crews=(DAVE, FIFTY)),
    Plan(name="processes called like engines", code=PROCESSES, given=(many(3000, 400),), keeps=True, crews=IN_CONTAINER),
    Plan(name="file systems of a user's that deny", code=MOUNTS, given=(20, "denies"), keeps=True),
    Plan(
        name="file systems of a user's that hang", code=MOUNTS, given=(10, "hang"), hand="open('/etc/fuse.conf', 'w').write('user_allow_other\\n')", keeps=True
    ),
]
CROWDS = [attack for attack in ATTACKS if attack.exhausts or attack.name.startswith("very")]
"""What was made before to use something up, and was allowed to leave errors."""
