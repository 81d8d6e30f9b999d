"""Ways to root that facts make together: each is walked, and then a scan must say by whom and by which steps; one fact less, and there is none.

Edges are written by hand, in the order in which the walk takes them. In the group docker is nobody where a row does not say so.
"""

import re
import shutil
from pathlib import Path

from hosts import speaking
from hosts.planting import PYTHON, D, Plant, all_of, can, edit, engine, lines, members, over, ready, session, shell, stopped, without_alice, without_bob
from hosts.rows_files import CNI, JSON, LOCAL, file
from hosts.rows_grants import PASSWORD
from hosts.rows_listeners import RELAY, relay
from hosts.rows_sockets import CONTAINERD, FRANK, INNER, PODMAN
from hosts.standin import read
from hosts.walking import ASKS, PROVES, Way, asks, changes, cleaned, kept, logs_in, mapped, root_by, step, then
from real_engines.rootless_world import RootlessWorld
from real_engines.world import DOCKER_GID

G = DOCKER_GID
ALICE, CAROL, DAVE = 4001, 4003, 4004
CONNECTS = "connects controls"
EVERYONE = "every local user"
NETWORK = "whoever reaches this host over the network"
ASK = ("/usr/bin/python3", "-I", "-c", ASKS, D)
CLOSED = all_of(engine(), without_alice, without_bob)
EMPTIED = all_of(engine(mode=0o660, group=G), without_alice, without_bob)
ALICE_IN = all_of(engine(mode=0o660, group=G), without_bob)
IN_DOCKER = "docker:x:{}:{}"
DROP_IN = "/etc/systemd/system/docker.service.d/own.conf"
STARTS = f"sed -n s/^ExecStartPre=//p {DROP_IN} | sh -e"
"""What systemd runs as root before the engine, by a drop-in of its unit (systemd.service(5))."""
VARIABLES = "/etc/default/docker"
WITH_VARIABLES = f"env -i PATH=/usr/sbin:/usr/bin $(grep -v ^# {VARIABLES}) /usr/bin/env runc"
"""What an engine does that systemd starts with the variables of this file: it looks for runc (systemd.exec(5), EnvironmentFile=)."""
OWN = "/run/user/4005/podman/podman.sock"
PLUGINS = "/usr/local/lib/docker/cli-plugins"
SHARED = "mount --no-mtab -t tmpfs -o mode=0755 tmpfs /usr/local/lib; mkdir -p {0}; chgrp carol {0}; chmod 2775 {0}"
"""A directory that carol's group may write to, over one of the machine's."""
SCRIPT = f"#!/bin/sh\n{PROVES}\n"
OBEYS = (
    "import grp, json, os, subprocess; subprocess.run(['dockerd', '--validate'], check=True)\n"
    f"os.chown('{D}', 0, grp.getgrnam(json.load(open('{JSON}'))['group']).gr_gid); os.chmod('{D}', 0o660)"
)
"""What dockerd does with the group of its configuration when it starts (moby, daemon/listeners)."""
SERVES = """
import socket, sys
server = socket.create_server((sys.argv[2].removeprefix("tcp://").rpartition(":")[0], 2375))
print("ready", flush=True)
while True:
    line = server.accept()[0]
    line.settimeout(2)
    try:
        if line.recv(4096):
            line.sendall(b"HTTP/1.1 200 OK\\r\\nServer: Docker/26.1.5 (linux)\\r\\nConnection: close\\r\\nContent-Length: 2\\r\\n\\r\\nOK")
    except OSError:
        pass
    line.close()
"""
WITH_PLUGINS = '"Plugins": {"Authorization": []}, "Warnings": None'
"""What dockerd says where it has no authorization plugin."""
SWAPS = f"""
import os, socket, struct, subprocess, sys
os.rename("{INNER}", "{INNER}~")
mine = socket.socket(socket.AF_UNIX); mine.bind("{INNER}"); os.chmod("{INNER}", 0o666); mine.listen()
print("ready", flush=True)
mine.settimeout(20)
line = mine.accept()[0]
root = struct.unpack("3i", line.getsockopt(1, 17, 12))[1] == 0
os.rename("{INNER}~", "{INNER}")
sys.exit(not root)
"""
SAYS = """
import os, pty, select, sys, time
pid, terminal = pty.fork()
if not pid:
    os.execvp(sys.argv[1], sys.argv[1:])
told, last = b"", time.monotonic() + 20
while time.monotonic() < last and select.select([terminal], [], [], 20)[0]:
    try:
        told += os.read(terminal, 1024)
    except OSError:
        break
    if b"assword" in told:
        os.write(terminal, b"open sesame\\n")
        told = b""
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""
PERMITS = over("/etc/pam.d/su", "auth required pam_unix.so\naccount required pam_permit.so\nsession required pam_permit.so\n")
ROOT_HAS_PASSWORD = edit("shadow", lambda text: re.sub(r"(?m)^root:[^:]*", lambda _: f"root:{PASSWORD}", text))
GUESSES = "grep -qF \"root:$(openssl passwd -5 -salt hostcheck 'open sesame'):\" {}"
CABLE = "ip netns add neighbour; ip link add cable0 type veth peer name cable1 netns neighbour; ip addr add 10.9.0.1/24 dev cable0; ip link set cable0 up"
NEIGHBOUR = "ip -n neighbour addr add 10.9.0.2/24 dev cable1; ip -n neighbour link set cable1 up"
DISK = "mkdir -p /run/image/root; echo secret > /run/image/root/key; chmod 0400 /run/image/root/key; mkfs.ext4 -q -d /run/image /run/disk 1M; rm -r /run/image"


def docker(*names: str) -> Plant:
    """Return the planting of exactly these members into the group docker."""
    return edit(
        "group", lambda text: "".join(IN_DOCKER.format(G, ",".join(names)) + "\n" if one.startswith("docker:") else one + "\n" for one in text.splitlines())
    )


def without(name: str, line: str) -> Plant:
    """Return the planting of a file of the user database without a line."""
    return edit(name, lambda text: text.replace(f"{line}\n", ""))


def tcp(address: str) -> Plant:
    """Return the planting of a dockerd of root's that listens on TCP: a copy of Python under its name, as the program that a process runs is what counts."""

    def plant(world: RootlessWorld) -> None:
        says = Path(speaking.__file__).read_text(encoding="utf-8").replace('"Warnings": None', WITH_PLUGINS)
        world.run("sh", "-ec", "ip link set lo up; mkdir /run/bin; cp /usr/bin/python3 /run/bin/dockerd")
        for name, code, told in (("says", says, (D,)), ("serves", SERVES, ("-H", f"tcp://{address}:2375"))):
            world.run("sh", "-c", f'printf %s "$1" > /run/bin/{name}', "sh", code)
            ready(world, "/run/bin/dockerd", f"/run/bin/{name}", *told)
        world.run("chmod", "0600", D)

    return plant


def own(world: RootlessWorld) -> None:
    """Let erin have an engine of her own, in a user namespace."""
    world.run("install", "-d", "-o", "erin", "-g", "erin", OWN.rpartition("/")[0])
    shutil.copy(speaking.__file__, world.base / "own.py")
    ready(world, "unshare", "--user", "--map-current-user", "/usr/bin/python3", "-I", str(world.base / "own.py"), OWN, "podman", user="erin")


def in_session(world: RootlessWorld) -> bool:
    """Let frank ask with the groups of the session that he has, where he has one."""
    told = [read(f"/proc/{process.pid}/status") for process in world.processes]
    return any("\nUid:\t4006\t" in one and f"\nGroups:\t{G} \n" in one for one in told) and "frank" in world.able(D, FRANK)


def swaps(world: RootlessWorld) -> bool:
    """Let somebody put a socket in the place of root's engine; root's docker then asks there."""
    try:
        ready(world, *PYTHON, SWAPS, user="nobody")
    except AssertionError:
        world.processes.pop()
        return False
    thief = world.processes.pop()
    can(world, "root", "timeout", "10", "docker", "-H", f"unix://{INNER}", "version")
    return thief.wait(30) == 0


def mine(path: str, text: str) -> Plant:
    """Return the planting of a file of root's that carol's group may write to."""
    return file(path, text, f"chgrp carol {path}; chmod 0664 {path}")


def named_in(path: str) -> str:
    """Return the command of the program that a file names, as who makes a container runs it."""
    return f'$(sed -nE \'s/.*"path": "([^"]+)".*/\\1/p\' {path})'


LOCKED = "chgrp root {0}; chmod 0644 {0}"
WRITES = {"user:carol": ("writes runs",)}
OWN_HOOK = "mount --no-mtab -t tmpfs -o mode=0755 tmpfs /opt; mkdir /opt/own; cp /bin/true /opt/own/hook; chown dave /opt/own/hook"
HOOK = "/etc/containers/oci/hooks.d/own.json"
IS_READ = file("/etc/containers/containers.conf", '[engine]\nhooks_dir = ["/etc/containers/oci/hooks.d"]')
"""Without it podman reads hooks of /usr/share alone (ran on 5.4.2)."""
READ_HOOK = f"$(sed -nE 's/^hooks_dir = .\"(.*)\".$/\\1/p' /etc/containers/containers.conf)/{HOOK.rpartition('/')[2]}"
HOOKED = '{{"version": "1.0.0", "hook": {{"path": "/opt/own/hook"}}, "when": {}, "stages": ["createRuntime"]}}'
DEVICE = "/etc/cdi/own.json"
EDITS = '{"hooks": [{"hookName": "createRuntime", "path": "/opt/own/hook"}]}'
DEVICES = f'{{"cdiVersion": "0.6.0", "kind": "own.example/x", "devices": [{{"name": "0", "containerEdits": {EDITS}}}]}}'
DAVES = f"ln -sfn {{home}}/dave/docker.json {JSON}"

WAYS = [
    Way(
        name="a gid range with docker's",
        plant=all_of(EMPTIED, lines("subgid", f"frank:{G}:1")),
        walk=mapped("frank", G, *ASK, program="newgidmap"),
        certain={"user:frank": ("maps may-write controls",)},
        twin=edit("subgid", lambda text: text.replace(f"frank:{G}:1", f"frank:{G + 1}:1")),
    ),
    Way(
        name="a gid range with docker's, where the socket is root's group's",
        plant=all_of(CLOSED, shell(f"chmod 0660 {D}"), lines("subgid", "frank:0:1")),
        walk=mapped("frank", 0, *ASK, program="newgidmap"),
        certain={"user:frank": ("maps may-write controls",)},
        twin=shell(f"chmod 0600 {D}"),
    ),
    Way(
        name="a uid range with a member of docker",
        plant=all_of(ALICE_IN, lines("subuid", f"frank:{ALICE}:1")),
        walk=cleaned(
            then(
                mapped("frank", ALICE, "/bin/sh", "-ec", f"echo '/usr/bin/python3 -I /run/asks {D} && touch ~/asked' > {{home}}/alice/.profile"),
                logs_in("alice"),
                step("alice", "test -e {home}/alice/asked"),
            ),
            "{home}/alice/.profile",
            "{home}/alice/asked",
        ),
        certain={"user:alice": (CONNECTS,), "user:frank": (f"maps {CONNECTS}",)},
        twin=without_alice,
        values=("approved_users=alice",),
    ),
    Way(
        name="a uid range with root",
        plant=lines("subuid", "frank:0:1"),
        walk=root_by(mapped("frank", 0, "/bin/sh", "-c", PROVES)),
        certain={"user:frank": ("maps",)},
        twin=edit("subuid", lambda text: text.replace("frank:0:1", "frank:4444:1")),
    ),
    Way(
        name="a uid range with root, and newuidmap without its bit",
        plant=lines("subuid", "frank:0:1"),
        walk=root_by(mapped("frank", 0, "/bin/sh", "-c", PROVES)),
        certain={"user:frank": ("maps",)},
        twin=shell("mount --no-mtab --bind /usr/bin/newuidmap /usr/bin/newuidmap; mount --no-mtab -o remount,bind,nosuid /usr/bin/newuidmap"),
    ),
    Way(
        name="a uid range with somebody whose range has root",
        plant=lines("subuid", f"frank:{DAVE}:1", "dave:0:1"),
        walk=cleaned(
            root_by(
                mapped("frank", DAVE, "/bin/sh", "-ec", f"echo '/usr/bin/python3 -I /run/mapped newuidmap 0 /bin/sh -c \"{PROVES}\"' > {{home}}/dave/.profile"),
                logs_in("dave"),
            ),
            "{home}/dave/.profile",
        ),
        certain={"user:frank": ("maps maps",), "user:dave": ("maps",)},
        twin=without("subuid", "dave:0:1"),
    ),
    Way(
        name="a gid range with a group that an ACL names",
        plant=all_of(CLOSED, shell(f"setfacl -m g:carol:rw {D}"), lines("subgid", f"frank:{CAROL}:1")),
        walk=mapped("frank", CAROL, *ASK, program="newgidmap"),
        certain={"user:frank": ("maps may-write controls",), "user:carol": (CONNECTS,)},
        twin=shell(f"setfacl -m m::r {D}"),
    ),
    Way(
        name="a socket for everybody",
        plant=all_of(CLOSED, shell(f"chmod 0666 {D}")),
        walk=asks("nobody"),
        certain={EVERYONE: (CONNECTS,)},
        twin=shell(f"chmod 0660 {D}"),
    ),
    Way(
        name="a socket for everybody behind a directory that one may search",
        plant=all_of(engine(INNER, mode=0o666, folder=0o700), shell("setfacl -m u:frank:x /run/docker"), without_alice, without_bob),
        walk=asks("frank", INNER),
        certain={"user:frank": (CONNECTS,)},
        twin=shell("setfacl -b /run/docker"),
    ),
    Way(
        name="a socket with an ACL",
        plant=all_of(CLOSED, shell(f"setfacl -m u:frank:rw {D}")),
        walk=asks("frank"),
        certain={"user:frank": (CONNECTS,)},
        twin=shell(f"setfacl -m m::r {D}"),
    ),
    Way(
        name="a member of docker, and another who is approved",
        plant=all_of(EMPTIED, docker("alice", "carol")),
        walk=asks("carol"),
        certain={"user:alice": (CONNECTS,), "user:carol": (CONNECTS,)},
        twin=docker("alice"),
        left={"user:alice": (CONNECTS,)},
        values=("approved_users=alice",),
    ),
    Way(
        name="another group with docker's gid",
        plant=all_of(EMPTIED, lines("group", f"runners:x:{G}:carol")),
        walk=asks("carol"),
        certain={"user:carol": (CONNECTS,)},
        twin=edit("group", lambda text: text.replace(f"runners:x:{G}:", f"runners:x:{G + 1}:")),
    ),
    Way(
        name="a session that kept docker's group",
        plant=all_of(EMPTIED, session),
        walk=in_session,
        certain={"user:frank": (CONNECTS,)},
        twin=stopped,
    ),
    Way(
        name="a socket of containerd's with a group",
        plant=all_of(without_alice, without_bob, engine(CONTAINERD, mode=0o660, group=CAROL)),
        walk=asks("carol", CONTAINERD),
        certain={"user:carol": (CONNECTS,)},
        twin=shell(f"chgrp root {CONTAINERD}"),
    ),
    Way(
        name="a socket of root's podman with an ACL",
        plant=all_of(without_alice, without_bob, engine(PODMAN, mode=0o600), shell(f"setfacl -m u:frank:rw {PODMAN}")),
        walk=asks("frank", PODMAN),
        certain={"user:frank": (CONNECTS,)},
        twin=shell(f"setfacl -x u:frank {PODMAN}"),
    ),
    Way(
        name="a member of docker, whose containers have other ids",
        plant=all_of(
            EMPTIED,
            docker("carol"),
            lines("subuid", "dockremap:3000000:65536"),
            lines("subgid", "dockremap:3000000:65536"),
            file(JSON, '{"userns-remap": "default"}'),
        ),
        walk=asks("carol"),
        certain={"user:carol": (CONNECTS,)},
        twin=docker(),
    ),
    Way(
        name="a user's own engine, whose user is in docker",
        plant=all_of(EMPTIED, own, docker("erin")),
        walk=then(asks("erin", OWN), asks("erin")),
        certain={"user:erin": (CONNECTS,)},
        twin=docker(),
        rootless={"erin": ("fail", "pass")},
    ),
    Way(
        name="a user's own engine that another may use, whose user is in docker",
        plant=all_of(EMPTIED, own, docker("erin"), shell(f"setfacl -m u:carol:rw {OWN}; setfacl -m u:carol:x /run/user/4005")),
        walk=then(asks("carol", OWN), asks("erin")),
        certain={"user:erin": (CONNECTS,), "user:carol": (f"{CONNECTS} {CONNECTS}",)},
        twin=shell(f"setfacl -x u:carol {OWN}"),
        left={"user:erin": (CONNECTS,)},
        rootless={"erin": ("fail", "fail")},
    ),
    Way(
        name="an engine on TCP, on loopback",
        plant=all_of(without_alice, without_bob, tcp("127.0.0.1")),
        walk=asks("nobody", "127.0.0.1:2375"),
        certain={EVERYONE: (CONNECTS,)},
        twin=stopped,
    ),
    Way(
        name="an engine on TCP, on every address",
        plant=all_of(without_alice, without_bob, shell(CABLE, NEIGHBOUR), tcp("0.0.0.0")),
        walk=lambda world: can(world, "root", "ip", "netns", "exec", "neighbour", *PYTHON, ASKS, "10.9.0.1:2375"),
        certain={EVERYONE: (CONNECTS,), NETWORK: (CONNECTS,)},
        twin=stopped,
    ),
    Way(
        name="a relay of root's at a path that all may open",
        plant=all_of(without_alice, without_bob, relay(RELAY, "0666")),
        walk=asks("nobody", RELAY),
        certain={EVERYONE: ("connects hands-on controls",)},
        twin=shell(f"chmod 0600 {RELAY}"),
    ),
    Way(
        name="a relay of root's on loopback",
        plant=all_of(without_alice, without_bob, relay("24000")),
        walk=asks("nobody", "127.0.0.1:24000"),
        certain={EVERYONE: ("connects hands-on controls",)},
        twin=stopped,
    ),
    Way(
        name="a drop-in of docker.service",
        plant=mine(DROP_IN, "[Service]"),
        walk=kept(root_by(changes("carol", DROP_IN, f"[Service]\nExecStartPre={PROVES}\n"), step("root", STARTS)), DROP_IN),
        certain=WRITES,
        twin=shell(LOCKED.format(DROP_IN)),
    ),
    Way(
        name="a uid range with the owner of a drop-in",
        plant=all_of(file(DROP_IN, "[Service]", f"chown dave {DROP_IN}"), lines("subuid", f"frank:{DAVE}:1")),
        walk=kept(
            root_by(mapped("frank", DAVE, "/bin/sh", "-ec", f"printf '[Service]\\nExecStartPre={PROVES}\\n' > {DROP_IN}"), step("root", STARTS)), DROP_IN
        ),
        certain={"user:frank": ("maps writes runs",), "user:dave": ("writes runs",)},
        twin=shell(f"chown root {DROP_IN}"),
    ),
    Way(
        name="the variables of docker.service",
        plant=mine(VARIABLES, "# none"),
        walk=kept(
            cleaned(
                root_by(changes("carol", "{home}/carol/runc", SCRIPT), changes("carol", VARIABLES, "PATH={home}/carol\n"), step("root", WITH_VARIABLES)),
                "{home}/carol/runc",
            ),
            VARIABLES,
        ),
        certain=WRITES,
        twin=shell(LOCKED.format(VARIABLES)),
    ),
    Way(
        name="dockerd's configuration",
        plant=all_of(CLOSED, mine(JSON, "{}")),
        walk=kept(
            then(
                changes("carol", JSON, '{"group": "carol"}'), step("root", f'/usr/bin/python3 -I -c "{OBEYS}"'), asks("carol"), step("root", f"chmod 0600 {D}")
            ),
            JSON,
        ),
        certain=WRITES,
        twin=shell(LOCKED.format(JSON)),
    ),
    Way(
        name="dockerd's configuration, which leads into a home",
        plant=all_of(CLOSED, shell(f"mkdir -p /etc/docker; echo '{{}}' > {{home}}/dave/docker.json; chown dave {{home}}/dave/docker.json; {DAVES}")),
        walk=then(
            changes("dave", "{home}/dave/docker.json", '{"group": "dave"}'),
            step("root", f'/usr/bin/python3 -I -c "{OBEYS}"'),
            asks("dave"),
            step("root", f"chmod 0600 {D}"),
        ),
        certain={"user:dave": ("writes runs",)},
        twin=shell(f'rm {JSON}; echo \'{{"group": "root"}}\' > {JSON}'),
    ),
    Way(
        name="a directory of plugins of root's docker command",
        plant=shell(SHARED.format(PLUGINS)),
        walk=cleaned(root_by(changes("carol", f"{PLUGINS}/docker-own", SCRIPT), step("root", "docker --help")), f"{PLUGINS}/docker-own"),
        certain=WRITES,
        twin=shell(f"chmod 0755 {PLUGINS}"),
    ),
    Way(
        name="a plugin of networks that a user owns",
        plant=shell(CNI, "chown dave /opt/cni/bin/bridge"),
        walk=root_by(changes("dave", "/opt/cni/bin/bridge", SCRIPT), step("root", "/opt/cni/bin/bridge")),
        certain={"user:dave": ("writes runs",)},
        twin=shell("chown root /opt/cni/bin/bridge"),
    ),
    Way(
        name="a program that every container's hook runs",
        plant=all_of(IS_READ, file(HOOK, HOOKED.format('{"always": true}')), shell(OWN_HOOK)),
        walk=root_by(changes("dave", "/opt/own/hook", SCRIPT), step("root", named_in(READ_HOOK))),
        certain={"user:dave": ("writes runs",)},
        twin=shell("chown root /opt/own/hook"),
    ),
    Way(
        name="a program that every container's hook runs, where hooks are read",
        plant=all_of(IS_READ, file(HOOK, HOOKED.format('{"always": true}')), shell(OWN_HOOK)),
        walk=root_by(changes("dave", "/opt/own/hook", SCRIPT), step("root", named_in(READ_HOOK))),
        certain={"user:dave": ("writes runs",)},
        twin=shell("rm /etc/containers/containers.conf"),
        left={"user:dave": ("likely nothing: writes runs",)},
    ),
    Way(
        name="a program that the hook of some containers runs",
        plant=all_of(IS_READ, file(HOOK, HOOKED.format('{"annotations": {"own": "yes"}}')), shell(OWN_HOOK)),
        walk=root_by(changes("dave", "/opt/own/hook", SCRIPT), step("root", named_in(READ_HOOK))),
        other={"user:dave": ("likely nothing: writes runs",)},
        twin=shell("chown root /opt/own/hook"),
    ),
    Way(
        name="a program that the description of a device runs",
        plant=all_of(file(DEVICE, DEVICES), shell(OWN_HOOK)),
        walk=root_by(changes("dave", "/opt/own/hook", SCRIPT), step("root", named_in(DEVICE))),
        other={"user:dave": ("likely nothing: writes runs",)},
        twin=shell("chown root /opt/own/hook"),
    ),
    Way(
        name="a directory that is searched for root's programs first",
        plant=shell(LOCAL.format(mode="2775", gid=CAROL)),
        walk=cleaned(
            root_by(changes("carol", "/usr/local/bin/runc", SCRIPT), step("root", "PATH=/usr/local/bin:/usr/sbin:/usr/bin; runc")), "/usr/local/bin/runc"
        ),
        certain=WRITES,
        twin=shell("chmod 0755 /usr/local/bin"),
    ),
    Way(
        name="a socket in a directory that all may write",
        plant=all_of(without_alice, without_bob, engine(INNER), shell("chmod 0777 /run/docker")),
        walk=swaps,
        other={EVERYONE: ("likely nothing: replaces trusts", "likely nothing: writes runs")},
        twin=shell("chmod 0755 /run/docker"),
    ),
    Way(
        name="another account with uid 0",
        plant=all_of(PERMITS, lines("passwd", "toor:x:0:0::/:/bin/sh"), lines("shadow", f"toor:{PASSWORD}:19000:0:99999:7:::")),
        walk=root_by(lambda world: can(world, "frank", *PYTHON, SAYS, "su", "toor", "-c", PROVES)),
        other={"user:toor": ("certain own-password: is",)},
        twin=edit("passwd", lambda text: text.replace("toor:x:0:0:", "toor:x:4040:4040:")),
    ),
    Way(
        name="hashes that everybody reads",
        plant=all_of(CLOSED, ROOT_HAS_PASSWORD, shell("chmod 0644 /etc/shadow")),
        walk=step("dave", GUESSES.format("/etc/shadow")),
        other={EVERYONE: ("likely nothing: reads guesses",)},
        twin=shell("chown root:shadow /etc/shadow; chmod 0640 /etc/shadow"),
    ),
    Way(
        name="a copy of the hashes that everybody reads",
        plant=all_of(CLOSED, ROOT_HAS_PASSWORD, shell("cp /etc/shadow /etc/shadow-; chmod 0644 /etc/shadow-; chmod 0600 /etc/shadow")),
        walk=step("dave", GUESSES.format("/etc/shadow-")),
        other={EVERYONE: ("likely nothing: reads guesses",)},
        twin=shell("sed -i 's/^root:/root:!/' /etc/shadow-"),
    ),
    Way(
        name="a copy of the hashes under another name",
        plant=all_of(CLOSED, ROOT_HAS_PASSWORD, shell("cp /etc/shadow /etc/shadow.save; chmod 0644 /etc/shadow.save; chmod 0600 /etc/shadow")),
        walk=step("dave", GUESSES.format("/etc/shadow.save")),
        other={EVERYONE: ("likely nothing: reads guesses",)},
        twin=shell("chmod 0600 /etc/shadow.save"),
    ),
    Way(
        name="a member of disk",
        plant=all_of(members("disk", ["dave"]), shell(DISK, "chown root:disk /run/disk; chmod 0660 /run/disk")),
        walk=step("dave", 'test "$(debugfs -R "cat /root/key" /run/disk 2>/dev/null)" = secret'),
        other={"user:dave": ("likely nothing: member-of opens",)},
        twin=edit("group", lambda text: "".join(one.removesuffix("dave") + "\n" if one.startswith("disk:") else one + "\n" for one in text.splitlines())),
    ),
]
