"""Hosts for the rules about sockets and groups, each with one way to an engine of root's or of another user's, or its twin without.

Members of the group docker: alice by /etc/group, bob by his primary group.
"""

import shutil

from hosts import speaking
from hosts.planting import (
    ABSTRACT,
    CONNECT,
    EVERYONE,
    PEER,
    PYTHON,
    D,
    Host,
    all_of,
    as_user,
    both,
    configured,
    connects,
    edit,
    engine,
    instead,
    lines,
    members,
    nothing,
    ready,
    replaces,
    session,
    shell,
    stopped,
    without_alice,
    without_bob,
)
from real_engines.rootless_world import RootlessWorld
from real_engines.world import DOCKER_GID

G = DOCKER_GID
INNER = "/run/docker/docker.sock"
JAILED = "/run/jail/docker.sock"
PODMAN = "/run/podman/podman.sock"
CONTAINERD = "/run/containerd/containerd.sock"
CRIO = "/run/crio/crio.sock"
BUILDKIT = "/run/buildkit/buildkitd.sock"
ERINS = "/run/user/4005/docker.sock"
TWINS = ("/run/user/4005/\udcff/docker.sock", r"/run/user/4005/\xff/docker.sock")
TMP = "/tmp/podman-run-4005/podman/podman.sock"
ELSEWHERE = "/run/elsewhere.sock"
REACHED = ("HC-ACC-04",)
OPEN = ("HC-ACC-01",)
FRANK = {"frank": (4006, 4006, [G])}


def append(world: RootlessWorld, name: str, content: bytes) -> None:
    """Put bytes at the end of a file of the user database."""
    path = world.etc / name
    path.write_bytes(path.read_bytes() + content)


def on(path: str, *rules: str) -> tuple[str, ...]:
    """Return the failures of these rules on one subject."""
    return tuple(f"{rule} {path}" for rule in rules)


def twins(world: RootlessWorld) -> None:
    """Let erin listen below a directory called by a byte that is no text, and below one called by the four characters that stand for it."""
    world.run("chmod", "0755", "/run/user/4005")
    shutil.copy(speaking.__file__, world.base / "engine.py")
    for path in TWINS:
        world.run("install", "-d", "-m", "0755", "-o", "erin", "-g", "erin", path.rpartition("/")[0])
        ready(world, "/usr/bin/python3", "-I", str(world.base / "engine.py"), path, user="erin")
        world.run("chmod", "0666", path)


LISTENS = "import socket, sys, time; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(); print('ready', flush=True); time.sleep(600)"
GROUP = engine(mode=0o660, group=G)
EMPTIED = all_of(GROUP, without_alice, without_bob)


def hidepid(world: RootlessWorld) -> None:
    """Mount /proc anew, where process 1 still has the mounts and the network of this host."""
    binds = " && ".join(f"mount --no-mtab --bind /proc/{world.holder.pid}/{name} /proc/1/{name}" for name in ("mountinfo", "net"))
    world.run("sh", "-ec", f"mount --no-mtab -t proc -o hidepid=2 proc /proc && {binds}")


def bound_elsewhere(world: RootlessWorld) -> None:
    """Let erin listen at the path of root's engine in mounts of her own: the name stands in the table of the network that she shares with root."""
    ready(world, "unshare", "-Urm", "sh", "-ec", 'mount --no-mtab -t tmpfs tmpfs /run; exec "$@"', "sh", *PYTHON, LISTENS, D, user="erin")


OWN_TMP = shell("mount --no-mtab -t tmpfs -o mode=1777 tmpfs /tmp")
FORKS = """
import os, socket, sys
s = socket.socket(socket.AF_UNIX); os.umask(0o177); s.bind(sys.argv[1]); s.listen()
if os.fork(): os._exit(0)
print("ready", flush=True)
while True: s.accept()[0].close()
"""
PASSES = {f"HC-ACC-0{number} {D}": "pass" for number in (1, 2, 4, 6, 7)}

HOSTS = [
    Host(name="docker closed", plant=engine(), proof=connects(), also=PASSES, cases=(59,)),
    Host(
        name="a listener that forked after it listened",
        plant=lambda world: ready(world, *PYTHON, FORKS, D),
        proof=connects(),
        also={f"HC-ACC-01 {D}": "pass", f"HC-ACC-04 {D}": "pass"},
        alone=True,
    ),
    Host(name="docker open", plant=engine(mode=0o666), proof=connects(*EVERYONE), fails=on(D, *OPEN), twin="docker closed"),
    Host(name="docker without a listener", plant=all_of(engine(mode=0o666), stopped), proof=connects(), cases=(56,)),
    Host(
        name="a dead docker.sock whose name a user binds elsewhere",
        plant=all_of(EMPTIED, stopped, bound_elsewhere),
        proof=connects(),
        twin="docker to its group",
    ),
    Host(name="a file named docker.sock", plant=shell(f"touch {D}; chmod 0666 {D}"), proof=connects(), cases=(57,)),
    Host(
        name="an abstract docker.sock",
        plant=lambda world: ready(world, *PYTHON, ABSTRACT),
        proof=as_user("nobody", *PYTHON, CONNECT, D),
        fails=on(f"@{D}", *OPEN),
        twin="a user's abstract docker.sock",
        cases=(61,),
    ),
    Host(
        name="a user's abstract docker.sock",
        plant=lambda world: ready(world, *PYTHON, ABSTRACT, user="dave"),
        proof=as_user("nobody", *PYTHON, CONNECT, D),
        cases=(61,),
    ),
    Host(
        name="docker to its group", plant=GROUP, proof=connects("alice", "bob"), fails=(*on(D, *REACHED), "HC-ACC-05 docker"), twin="group empty", cases=(59,)
    ),
    Host(name="a member in the group file", plant=all_of(GROUP, without_bob), proof=connects("alice"), fails=on(D, *REACHED), twin="group empty"),
    Host(
        name="a member by primary group",
        plant=all_of(GROUP, without_alice),
        proof=connects("bob"),
        fails=(*on(D, *REACHED), "HC-ACC-05 docker"),
        twin="group empty",
    ),
    Host(name="group empty", plant=EMPTIED, proof=connects(), also={**PASSES, "HC-ACC-05 docker": "pass"}),
    Host(
        name="a session that kept the group",
        plant=all_of(EMPTIED, session),
        proof=connects("frank", sessions=FRANK),
        fails=on(D, *REACHED),
        twin="group empty",
        cases=(93,),
    ),
    Host(
        name="a session that kept the group, under hidepid",
        plant=all_of(EMPTIED, session, hidepid),
        proof=connects("frank", sessions=FRANK),
        fails=on(D, *REACHED),
        twin="group empty",
        cases=(70, 93),
    ),
    Host(
        name="members who are approved",
        plant=all_of(GROUP, without_bob),
        proof=connects("alice"),
        twin="a member in the group file",
        values=("approved_users=alice",),
        also={f"HC-ACC-04 {D}": "pass", "HC-ACC-03": "notselected", "HC-RTL-01": "notselected"},
    ),
    Host(
        name="members who are approved, where nobody is to be root by an engine",
        plant=all_of(GROUP, without_bob),
        proof=connects("alice"),
        fails=on(D, "HC-ACC-03"),
        twin="a member in the group file",
        values=("approved_users=alice",),
        profile="level2",
        also={f"HC-ACC-04 {D}": "pass", "HC-RTL-01 alice": "pass"},
    ),
    Host(
        name="one of two members is approved",
        plant=all_of(GROUP, edit("group", lambda text: text.replace(f"docker:x:{G}:alice", f"docker:x:{G}:alice,dave"))),
        proof=connects("alice", "bob", "dave"),
        fails=(*on(D, *REACHED), "HC-ACC-05 docker", "HC-RTL-01 dave"),
        twin="members who are approved",
        values=("approved_users=alice,bob",),
        profile="level2",
        also={"HC-ACC-03": "notapplicable", "HC-RTL-01 alice": "pass", "HC-RTL-01 bob": "pass"},
        says={f"HC-ACC-04 {D}": "dave (group docker)"},
    ),
    Host(
        name="docker open, and members of its group",
        plant=engine(mode=0o666, group=G),
        proof=connects(*EVERYONE),
        fails=(*on(D, *OPEN, *REACHED), "HC-ACC-05 docker"),
        twin="docker open",
        says={f"HC-ACC-04 {D}": "bob (primary group docker)"},
    ),
    Host(
        name="members who are not approved", plant=nothing, proof=as_user("alice", "sh", "-c", f"id -G | grep -qw {G}"), fails=("HC-ACC-17 docker",), values=()
    ),
    Host(
        name="no members",
        plant=all_of(without_alice, without_bob),
        proof=as_user("alice", "sh", "-c", f"id -G | grep -qw {G}", does=False),
        values=(),
        also={"HC-ACC-17 docker": "pass"},
        twin="members who are not approved",
    ),
    Host(
        name="a member of disk",
        plant=members("disk", ["dave"]),
        proof=as_user("dave", "sh", "-c", "id -Gn | grep -qw disk"),
        fails=("HC-ACC-17 disk",),
        twin="docker closed",
    ),
    Host(
        name="an ACL for a user",
        plant=all_of(engine(), shell(f"setfacl -m u:carol:rw {D}")),
        proof=connects("carol"),
        fails=on(D, *REACHED, "HC-ACC-06"),
        twin="an ACL that the mask takes back",
    ),
    Host(
        name="an ACL that the mask takes back",
        plant=all_of(engine(), shell(f"setfacl -m u:carol:rw,m::r {D}")),
        proof=connects(),
        also=PASSES,
    ),
    Host(
        name="an ACL for a group",
        plant=all_of(engine(), shell(f"setfacl -m g:carol:rw {D}")),
        proof=connects("carol"),
        fails=(*on(D, *REACHED, "HC-ACC-06"), "HC-ACC-05 carol"),
        twin="an ACL that the mask takes back",
    ),
    Host(name="open behind a closed directory", plant=engine(INNER, mode=0o666, folder=0o700), proof=connects(path=INNER), also={f"HC-ACC-01 {INNER}": "pass"}),
    Host(
        name="open behind an open directory",
        plant=engine(INNER, mode=0o666),
        proof=connects(*EVERYONE, path=INNER),
        fails=on(INNER, *OPEN),
        twin="open behind a closed directory",
    ),
    Host(
        name="its file mounted elsewhere",
        plant=all_of(engine(INNER, mode=0o666, folder=0o700), shell(f"mkdir /run/jail; touch {JAILED}; mount --no-mtab --bind {INNER} {JAILED}")),
        proof=both(connects(path=INNER), connects(*EVERYONE, path=JAILED)),
        fails=on(JAILED, *OPEN),
        also={f"HC-ACC-01 {INNER}": "pass"},
        twin="its closed directory mounted elsewhere",
    ),
    Host(
        name="its closed directory mounted elsewhere",
        plant=all_of(engine(INNER, mode=0o666, folder=0o700), shell("mkdir /run/jail; mount --no-mtab --bind /run/docker /run/jail")),
        proof=both(connects(path=INNER), connects(path=JAILED)),
        also={f"HC-ACC-01 {path}": "pass" for path in (INNER, JAILED)},
    ),
    Host(
        name="a directory inside the closed one mounted elsewhere",
        plant=all_of(
            shell("mkdir -m 0700 /run/docker"),
            engine("/run/docker/api/docker.sock", mode=0o666),
            configured(b'{"hosts": ["unix:///run/docker/api/docker.sock"]}'),
            shell("mkdir /run/jail; mount --no-mtab --bind /run/docker/api /run/jail"),
        ),
        proof=both(connects(path="/run/docker/api/docker.sock"), connects(*EVERYONE, path=JAILED)),
        fails=on(JAILED, *OPEN),
        twin="its closed directory mounted elsewhere",
    ),
    Host(
        name="a hard link to its file",
        plant=all_of(engine(INNER, mode=0o666, folder=0o700), shell(f"mkdir /run/jail; ln {INNER} {JAILED}")),
        proof=both(connects(path=INNER), connects(*EVERYONE, path=JAILED)),
        also={f"HC-ACC-01 {INNER}": "pass", "HC-ACC-01 *": "error", "HC-ACC-04 *": "error"},
        opens=True,
        twin="open behind a closed directory",
    ),
    Host(
        name="an ACL on the directory",
        plant=all_of(engine(INNER, mode=0o666, folder=0o700), shell("setfacl -m u:carol:x /run/docker")),
        proof=connects("carol", path=INNER),
        fails=on(INNER, *REACHED, "HC-ACC-06"),
        twin="open behind a closed directory",
    ),
    Host(
        name="a directory in which everybody may write",
        plant=all_of(engine(INNER), shell("chmod 0777 /run/docker")),
        proof=both(replaces("nobody", INNER), connects(path=INNER)),
        fails=on(INNER, "HC-ACC-07"),
        twin="the same with the sticky bit",
    ),
    Host(
        name="the same with the sticky bit",
        plant=all_of(engine(INNER), shell("chmod 1777 /run/docker")),
        proof=replaces("nobody", INNER, does=False),
        also={f"HC-ACC-07 {INNER}": "pass"},
    ),
    Host(
        name="a directory in which a group may write",
        plant=all_of(engine(INNER), shell(f"chown root:{G} /run/docker; chmod 0775 /run/docker")),
        proof=both(replaces("alice", INNER), replaces("nobody", INNER, does=False)),
        fails=on(INNER, "HC-ACC-07"),
        twin="the same with the sticky bit",
    ),
    Host(
        name="a user's directory",
        plant=all_of(engine(INNER), shell("chown dave /run/docker")),
        proof=replaces("dave", INNER),
        fails=on(INNER, "HC-ACC-07"),
        twin="the same with the sticky bit",
    ),
    Host(
        name="a user's listener at root's place",
        plant=all_of(shell("mkdir -m 1777 /run/docker"), engine(INNER, user="dave")),
        proof=both(connects("dave", path=INNER), replaces("dave", INNER)),
        fails=on(INNER, "HC-ACC-02", "HC-ACC-07"),
        twin="the same with the sticky bit",
        cases=(64,),
        moved=True,
    ),
    Host(
        name="root's socket is a user's",
        plant=engine(owner="dave"),
        proof=connects("dave"),
        fails=on(D, "HC-ACC-02", *REACHED),
        twin="docker closed",
        cases=(63,),
    ),
    Host(name="podman closed", plant=engine(PODMAN), proof=connects(path=PODMAN), also={f"HC-ACC-16 {PODMAN}": "pass"}),
    Host(
        name="podman to a group",
        plant=engine(PODMAN, mode=0o660, group=G),
        proof=connects("alice", "bob", path=PODMAN),
        fails=(*on(PODMAN, "HC-ACC-16"), "HC-ACC-05 docker"),
        twin="podman closed",
    ),
    Host(
        name="docker.sock is a link to podman.sock",
        plant=all_of(engine(PODMAN, mode=0o660, group=G), shell(f"ln -s {PODMAN} {D}")),
        proof=connects("alice", "bob"),
        fails=(*on(PODMAN, "HC-ACC-16"), "HC-ACC-05 docker"),
        twin="podman closed",
        cases=(58,),
    ),
    Host(name="containerd closed", plant=engine(CONTAINERD), proof=connects(path=CONTAINERD), also={f"HC-ACC-13 {CONTAINERD}": "pass"}),
    Host(
        name="containerd to a group",
        plant=engine(CONTAINERD, mode=0o660, group=G),
        proof=connects("alice", "bob", path=CONTAINERD),
        fails=(*on(CONTAINERD, "HC-ACC-13"), "HC-ACC-05 docker"),
        twin="containerd closed",
    ),
    Host(
        name="containerd open",
        plant=engine(CONTAINERD, mode=0o666),
        proof=connects(*EVERYONE, path=CONTAINERD),
        fails=on(CONTAINERD, *OPEN),
        twin="containerd closed",
    ),
    Host(name="crio closed", plant=engine(CRIO), proof=connects(path=CRIO), also={f"HC-ACC-14 {CRIO}": "pass"}, role="server"),
    Host(
        name="crio to a group",
        plant=engine(CRIO, mode=0o660, group=G),
        proof=connects("alice", "bob", path=CRIO),
        fails=(*on(CRIO, "HC-ACC-14"), "HC-ACC-05 docker"),
        twin="crio closed",
        role="server",
    ),
    Host(name="buildkit closed", plant=engine(BUILDKIT), proof=connects(path=BUILDKIT), also={f"HC-ACC-15 {BUILDKIT}": "pass"}),
    Host(
        name="buildkit to a group",
        plant=engine(BUILDKIT, mode=0o660, group=G),
        proof=connects("alice", "bob", path=BUILDKIT),
        fails=(*on(BUILDKIT, "HC-ACC-15"), "HC-ACC-05 docker"),
        twin="buildkit closed",
    ),
    Host(
        name="buildkit open",
        plant=engine(BUILDKIT, mode=0o666),
        proof=connects(*EVERYONE, path=BUILDKIT),
        fails=on(BUILDKIT, *OPEN),
        twin="buildkit closed",
    ),
    Host(
        name="two groups with one gid",
        plant=all_of(EMPTIED, lines("group", f"containers:x:{G}:dave")),
        proof=connects("dave"),
        fails=on(D, *REACHED),
        twin="group empty",
        cases=(92,),
    ),
    Host(
        name="a gid without a name",
        plant=engine(mode=0o660, group=4888),
        proof=connects(),
        also={**PASSES, "HC-ACC-05 gid 4888": "pass"},
        cases=(92,),
    ),
    Host(
        name="a primary gid without a name",
        plant=all_of(engine(mode=0o660, group=4888), lines("passwd", "heidi:x:4020:4888::/:/bin/sh")),
        proof=lambda world: "heidi" in world.able(D),
        fails=(*on(D, *REACHED), "HC-ACC-05 gid 4888"),
        twin="a gid without a name",
        cases=(92,),
    ),
    Host(
        name="a second name for root",
        plant=all_of(engine(), lines("passwd", "toor:x:0:0::/root:/bin/sh")),
        proof=lambda world: "toor" in world.able(D),
        also=PASSES,
        cases=(90,),
    ),
    Host(
        name="dockerd's configuration in UTF-16",
        plant=all_of(configured(b"\xff\xfe" + '{"hosts": ["unix:///run/elsewhere.sock"]}'.encode("utf-16-le")), engine(ELSEWHERE, mode=0o666)),
        proof=connects(*EVERYONE, path=ELSEWHERE),
        fails=on(ELSEWHERE, *OPEN),
        twin="dockerd's configuration in UTF-16, closed",
        cases=(14,),
    ),
    Host(
        name="dockerd's configuration in UTF-16, closed",
        plant=all_of(configured(b"\xff\xfe" + '{"hosts": ["unix:///run/elsewhere.sock"]}'.encode("utf-16-le")), engine(ELSEWHERE)),
        proof=connects(path=ELSEWHERE),
        also={f"HC-ACC-04 {ELSEWHERE}": "pass"},
        cases=(14,),
    ),
    Host(
        name="dockerd's configuration names a socket twice",
        plant=all_of(configured(b'{"hosts": ["unix:///run/other.sock"], "hosts": ["unix:///run/elsewhere.sock"]}'), engine(ELSEWHERE, mode=0o666)),
        proof=connects(*EVERYONE, path=ELSEWHERE),
        fails=on(ELSEWHERE, *OPEN),
        twin="dockerd's configuration in UTF-16, closed",
        cases=(16,),
    ),
    Host(
        name="an empty configuration",
        plant=all_of(configured(b""), engine()),
        proof=connects(),
        also=PASSES,
        cases=(15,),
    ),
    Host(
        name="erin's engine is hers",
        plant=engine(ERINS, user="erin"),
        proof=connects("erin", path=ERINS),
        also=dict.fromkeys(on(ERINS, "HC-ACC-18", "HC-ACC-19"), "pass"),
    ),
    Host(
        name="erin's engine is everybody's",
        plant=all_of(engine(ERINS, mode=0o666, user="erin"), shell("chmod 0755 /run/user/4005")),
        proof=connects(*EVERYONE, path=ERINS),
        fails=on(ERINS, "HC-ACC-18", "HC-ACC-19"),
        twin="erin's engine is hers",
    ),
    Host(
        name="erin's engines have names that are written alike",
        plant=twins,
        proof=both(*(connects(*EVERYONE, path=path) for path in TWINS)),
        fails=(*on(r"/run/user/4005/\xff/docker.sock", "HC-ACC-18", "HC-ACC-19"), *on(r"/run/user/4005/\x5cxff/docker.sock", "HC-ACC-18", "HC-ACC-19")),
        remains=dict.fromkeys(
            (*on(r"/run/user/4005/\xff/docker.sock", "HC-ACC-18", "HC-ACC-19"), *on(r"/run/user/4005/\x5cxff/docker.sock", "HC-ACC-18", "HC-ACC-19")),
            "no command is given for a name that is not what it looks like",
        ),
        twin="erin's engine is hers",
        cases=(24,),
    ),
    Host(
        name="erin's socket can be replaced",
        plant=all_of(engine(ERINS, user="erin"), shell("chmod 0777 /run/user/4005")),
        proof=replaces("nobody", ERINS),
        fails=on(ERINS, "HC-ACC-18", "HC-ACC-19"),
        twin="erin's engine is hers",
    ),
    Host(
        name="erin's engine below /tmp",
        plant=all_of(OWN_TMP, shell("install -d -m 0700 -o erin -g erin /tmp/podman-run-4005"), engine(TMP, user="erin", folder=0o700)),
        proof=connects("erin", path=TMP),
        fails=on(TMP, "HC-ACC-19"),
        twin="erin's engine is hers",
    ),
    Host(
        name="root listens at erin's place",
        plant=engine(ERINS, owner="erin"),
        proof=both(connects("erin", path=ERINS), lambda world: world.run(*PYTHON, PEER, ERINS, user="erin").strip() == "0"),
        fails=on(ERINS, "HC-ACC-18"),
        twin="erin's engine is hers",
    ),
    Host(
        name="a group file that is not UTF-8",
        plant=all_of(GROUP, lambda world: append(world, "group", b"caf\xe9:x:4777:dave\n")),
        proof=connects("alice", "bob"),
        fails=(*on(D, *REACHED), "HC-ACC-05 docker"),
        twin="group empty",
        cases=(11,),
    ),
    Host(
        name="dockerd's configuration with a mark",
        plant=all_of(configured(b'\xef\xbb\xbf{"hosts": ["unix:///run/elsewhere.sock"]}'), engine(ELSEWHERE, mode=0o666)),
        proof=connects(*EVERYONE, path=ELSEWHERE),
        fails=on(ELSEWHERE, *OPEN),
        twin="dockerd's configuration in UTF-16, closed",
        cases=(14,),
    ),
    Host(name="null as configuration", plant=all_of(configured(b"null"), engine()), proof=connects(), also=PASSES, cases=(15,)),
    Host(name="a link to nothing as configuration", plant=all_of(instead("ln -s /nowhere $at"), engine()), proof=connects(), also=PASSES, cases=(4,)),
    *(
        Host(
            name=f"{name} as configuration", plant=all_of(plant, engine()), proof=connects(), also={**PASSES, "HC-ACC-04 *": result}, cases=(case,), opens=True
        )
        for name, plant, result, case in (
            ("a pipe", instead("mkfifo $at"), "unknown", 1),
            ("a device without end", instead("ln -s /dev/zero $at"), "unknown", 2),
            ("a directory", instead("mkdir $at"), "unknown", 3),
            ("a loop of links", instead("ln -s daemon.json $at"), "unknown", 5),
            ("a list", configured(b"[]"), "unknown", 15),
            ("a key in capitals", configured(b'{"ICC": false}'), "unknown", 17),
            ("a comma too many", configured(b'{"icc": false,}'), "unknown", 18),
        )
    ),
]
