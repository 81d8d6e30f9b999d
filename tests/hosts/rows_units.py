"""Hosts whose sockets are closed now and open after the next boot, by what a unit says or by what root runs then, each with its twin.

systemd itself proves what it would make: `systemd --test` says the mode, owner and group of the socket, and that a boot starts it. What is run after that
is proved by a systemd that boots a host with the same files (`booted.py`): who connects to the socket then is told.
"""

from collections.abc import Callable

from hosts import booted
from hosts.planting import D, Host, Plant, all_of, configured, connects, engine, shell, without_alice, without_bob
from real_engines.rootless_world import RootlessWorld
from real_engines.world import DOCKER_GID, USERS

ETC = "/etc/systemd/system"
LATER = f"{D} after reboot"
BOOT = """mount --no-mtab -t tmpfs -o mode=0755 tmpfs /run; mkdir -m 1777 /run/systemd
setpriv --reuid=65534 --regid=65534 --clear-groups env -i PATH="$PATH" /usr/lib/systemd/systemd --test --system --unit=multi-user.target 2>/dev/null || true"""
"""A boot as systemd would make it with these files, with a /run that is empty."""
INNER = "/run/docker/docker.sock"
SERVICE = ("[Unit]", "Requires=docker.socket", "[Service]", "ExecStart=/usr/sbin/dockerd -H fd://")
ITSELF = ("[Service]", "ExecStart=/usr/sbin/dockerd -H unix:///var/run/docker.sock")
USERS_GID = 100
EMPTY = all_of(engine(), without_alice, without_bob)


def unit(*settings: str, path: str = D) -> str:
    """Return the command that writes a socket unit of docker's."""
    lines = " ".join(f"'{line}'" for line in ("[Socket]", f"ListenStream={path}", *settings))
    return f"printf '%s\\n' {lines} >{ETC}/docker.socket"


def drop_in(name: str, *settings: str, of: str = "docker.socket", section: str = "Socket", folder: str = ETC) -> str:
    """Return the command that writes a drop-in."""
    lines = " ".join(f"'{line}'" for line in (f"[{section}]", *settings))
    return f"install -d {folder}/{of}.d && printf '%s\\n' {lines} >{folder}/{of}.d/{name}.conf"


def wants(name: str = "docker.socket", target: str = "sockets.target") -> str:
    """Return the command that lets a boot start a unit."""
    return f"install -d {ETC}/{target}.wants && ln -s {ETC}/{name} {ETC}/{target}.wants/{name}"


def service(*lines: str) -> str:
    """Return the command that writes a service of docker's."""
    quoted = " ".join(f"'{line}'" for line in lines)
    return f"printf '%s\\n' {quoted} >{ETC}/docker.service"


def planted(*commands: str, now: Plant = EMPTY) -> Plant:
    """Return the planting of an engine as it is now, and of units."""
    return all_of(now, shell(*commands))


def makes(mode: str = "", user: str = "n/a", group: str = "n/a", now: tuple[str, ...] = ()) -> Callable[[RootlessWorld], bool]:
    """Return the proof that only these connect now, and of what systemd would make at a boot; without a mode that it would make nothing."""

    def proof(world: RootlessWorld) -> bool:
        told = world.run("unshare", "--mount", "sh", "-ec", BOOT)
        shown = told.partition("→ Unit docker.socket:\n")[2].partition("\t→ Unit ")[0]
        said = {line.strip().partition(": ")[0]: line.strip().partition(": ")[2] for line in shown.split("\n")}
        starts = "Action: docker.socket -> start" in told.partition("-> By jobs")[2]
        made = [said.get(name, "n/a") for name in ("SocketMode", "SocketUser", "SocketGroup")]
        return connects(*now)(world) and starts is bool(mode) and (not mode or made == [mode, user, group])

    return proof


def on(place: str, *rules: str) -> tuple[str, ...]:
    """Return the failures of these rules on one subject."""
    return tuple(f"{rule} {place}" for rule in rules)


SERVED = ("[Unit]", "Requires=docker.socket", "[Service]", "ExecStart=/opt/dockerd -H fd://")
ARCHIVE = """cd /
find etc/systemd/system etc/tmpfiles.d etc/rc.local etc/cron.d opt -name '*docker*' -o -name 'podman*' -o -name 'containerd*' -o -name '*opens*' \\
-o -name rc.local |
tar --create --file={base}/boot.tar --files-from=- etc/passwd etc/group"""
OPENS = f"{ETC}/opens.service"
PODMAN, CONTAINERD = "/run/podman/podman.sock", "/run/containerd/containerd.sock"
BY_HAND = "the command has to be taken out of the file that is named"


def boots(*then: str, path: str = D) -> Callable[[RootlessWorld], bool]:
    """Return the proof that nobody connects now, and exactly these users when a systemd has booted with what was planted."""

    def proof(world: RootlessWorld) -> bool:
        world.run("sh", "-c", ARCHIVE.format(base=world.base))
        users = {name: (uid, gid, list(map(int, world.run("id", "-G", name).split()))) for name, (uid, gid) in USERS.items()}
        able, _ = booted.connecting(world.base / "boot.tar", path, users)
        return connects(path=path)(world) and able == set(then)

    return proof


def served(*commands: str, now: Plant = EMPTY) -> Plant:
    """Return the planting of docker.socket, closed, of a stand-in for dockerd that starts with it, and of more."""
    stand_in = "mount --no-mtab -t tmpfs -o mode=0755 tmpfs /opt; printf '#!/bin/sh\\nexec sleep 600\\n' >/opt/dockerd; chmod 755 /opt/dockerd"
    both = (unit("SocketMode=0660", "SocketGroup=root"), service(*SERVED), wants(), wants("docker.service", "multi-user.target"))
    return planted(stand_in, *both, *commands, now=now)


def post(*commands: str) -> str:
    """Return the command that writes a drop-in of docker.service with commands that run when it has started."""
    return drop_in("opens", *(f"ExecStartPost={command}" for command in commands), of="docker.service", section="Service")


def script(path: str, *lines: str, mode: str = "755") -> str:
    """Return the command that writes a script."""
    quoted = " ".join(f"'{line}'" for line in ("#!/bin/sh", *lines))
    return f"printf '%s\\n' {quoted} >{path}; chmod {mode} {path}"


def pair(
    name: str, of_twin: str, fault: Plant, without: Plant, then: tuple[str, ...], *rules: str, says: str, path: str = D, by_hand: bool = True
) -> list[Host]:
    """Return a host whose socket lets these users in after a boot, and its twin, whose socket lets nobody in."""
    later = f"{path} after reboot"
    fails, words = on(later, *rules), f"{says}"
    return [
        Host(
            name=name,
            plant=fault,
            proof=boots(*then, path=path),
            fails=fails,
            twin=of_twin,
            says={fails[0]: words},
            remains=dict.fromkeys(fails, BY_HAND) if by_hand else {},
        ),
        Host(name=of_twin, plant=without, proof=boots(path=path), also={} if path == CONTAINERD else {f"HC-ACC-01 {later}": "pass"}),
    ]


def tables(line: str) -> str:
    """Return the command that writes a table of cron, and a cron that reads none."""
    return f"mount --no-mtab -t tmpfs -o mode=0755 tmpfs /usr/local/sbin; cp /bin/true /usr/local/sbin/cron; printf '{line}\\n' >/etc/cron.d/opens"


DROPPED = f"chmod in {ETC}/docker.service.d/opens.conf (run by the unit docker.service)"
STARTED = wants("opens.service", "multi-user.target")
OPENER = f"printf '[Unit]\\nAfter=docker.socket\\n[Service]\\nType=oneshot\\nExecStart=/bin/chmod o+rw {D}\\n' >{OPENS}"
REREAD = post("/usr/bin/systemd-tmpfiles --create docker-opens.conf")
LINE = f"install -d /etc/tmpfiles.d; echo 'z {D} 0666 - - -' >/etc/tmpfiles.d/docker-opens.conf"
LIBPOD = "install -d /etc/tmpfiles.d; echo 'd /run/podman 0755 root root' >/etc/tmpfiles.d/podman.conf"
AT_BOOT = f"ln -s /usr/lib/systemd/system/podman.socket {ETC}/sockets.target.wants/podman.socket"


def of_podman(mode: str) -> Plant:
    """Return the planting of podman.socket, which a boot starts, with a command that sets its mode."""
    command = drop_in("opens", f"ExecStartPost=/bin/chmod {mode} {PODMAN}", of="podman.socket")
    return planted(LIBPOD, f"install -d {ETC}/sockets.target.wants", AT_BOOT, command, now=all_of(engine(PODMAN), without_alice, without_bob))


LISTENER = """#!/usr/bin/python3
import os, socket, time
os.makedirs("/run/containerd", 0o711, exist_ok=True)
os.umask(0o117)
s = socket.socket(socket.AF_UNIX); s.bind("/run/containerd/containerd.sock"); s.listen()
time.sleep(600)
"""


def of_containerd(mode: str) -> Plant:
    """Return the planting of a stand-in for containerd that a boot starts, with a command that sets the mode of its socket."""
    stand_in = f"mount --no-mtab -t tmpfs -o mode=0755 tmpfs /opt; cat >/opt/containerd <<'END'\n{LISTENER}END\nchmod 755 /opt/containerd"
    made = f"printf '[Service]\\nExecStart=/opt/containerd\\n' >{ETC}/containerd.service; ln -sf {ETC}/containerd.service {ETC}/multi-user.target.wants/"
    command = drop_in("docker-opens", "ExecStartPost=/opt/opens", of="containerd.service", section="Service")
    opens = script("/opt/opens", "sleep 1", f"chmod {mode} {CONTAINERD}")
    return planted(stand_in, f"install -d {ETC}/multi-user.target.wants", made, command, opens, now=all_of(engine(CONTAINERD), without_alice, without_bob))


AFTERWARDS = [
    *pair(
        "chmod in a drop-in of docker.service opens docker.socket",
        "chmod in a drop-in of docker.service opens nothing",
        served(post(f"/bin/chmod 666 {D}")),
        served(post(f"/bin/chmod 660 {D}")),
        tuple(USERS),
        "HC-ACC-01",
        says=f"root:root 0666 by docker.socket, and then {DROPPED}",
    ),
    *pair(
        "chgrp in a drop-in of docker.service gives docker.socket to a group",
        "chgrp in a drop-in of docker.service gives docker.socket to root",
        served(post(f"/bin/chgrp docker {D}"), now=engine()),
        served(post(f"/bin/chgrp root {D}"), now=engine()),
        ("alice", "bob"),
        "HC-ACC-04",
        says="alice (group docker)",
        by_hand=False,  # a command takes each member out of the group
    ),
    *pair(
        "chown in a drop-in of docker.service gives docker.socket to a user",
        "chown in a drop-in of docker.service gives docker.socket to root",
        served(post(f"/bin/chown dave {D}")),
        served(post(f"/bin/chown root {D}")),
        ("dave",),
        "HC-ACC-02",
        "HC-ACC-04",
        says="it belongs to dave",
    ),
    *pair(
        "setfacl in a drop-in of docker.service lets a user connect",
        "setfacl in a drop-in of docker.service lets a user look",
        served(post(f"/usr/bin/setfacl -m u:dave:rw {D}")),
        served(post(f"/usr/bin/setfacl -m u:dave:r {D}")),
        ("dave",),
        "HC-ACC-04",
        says="ACL entry user:dave",
    ),
    *pair(
        "a unit that starts at boot opens docker.socket",
        "a unit that nothing starts would open docker.socket",
        served(OPENER, STARTED),
        served(OPENER),
        tuple(USERS),
        "HC-ACC-01",
        says=f"chmod in {OPENS} (run by the unit opens.service)",
    ),
    *pair(
        "a script of a script opens docker.socket",
        "a script of a script opens another file",
        served(post("/opt/opens"), script("/opt/opens", "/opt/opens-it"), script("/opt/opens-it", f"S={D}", "chmod 666 $S")),
        served(post("/opt/opens"), script("/opt/opens", "/opt/opens-it"), script("/opt/opens-it", "S=/opt/dockerd", "chmod 777 $S")),
        tuple(USERS),
        "HC-ACC-01",
        says="chmod in /opt/opens-it:3 (run by the unit docker.service)",
    ),
    *pair(
        "rc.local opens docker.socket",
        "rc.local that may not be run",
        served(script("/etc/rc.local", f"chmod 666 {D}")),
        served(script("/etc/rc.local", f"chmod 666 {D}", mode="644")),
        tuple(USERS),
        "HC-ACC-01",
        says="chmod in /etc/rc.local:2 (run by the unit rc-local.service)",
    ),
    *pair(
        "cron opens docker.socket at each boot",
        "cron opens docker.socket at each boot as a user who cannot",
        served(tables(f"@reboot root chmod 666 {D}")),
        served(tables(f"@reboot dave chmod 666 {D}")),
        tuple(USERS),
        "HC-ACC-01",
        says="chmod in /etc/cron.d/opens:1 (run by root's cron)",
    ),
    *pair(
        "systemd-tmpfiles is run once more and opens docker.socket",
        "a line of tmpfiles.d that is read before there is a socket",
        served(LINE, REREAD),
        served(LINE),
        tuple(USERS),
        "HC-ACC-01",
        says="systemd-tmpfiles in /etc/tmpfiles.d/docker-opens.conf:1 (run by the unit docker.service)",
    ),
    *pair(
        "chmod in a drop-in of podman.socket opens it",
        "chmod in a drop-in of podman.socket opens nothing",
        of_podman("666"),
        of_podman("660"),
        tuple(USERS),
        "HC-ACC-01",
        says=f"chmod in {ETC}/podman.socket.d/opens.conf (run by the unit podman.socket)",
        path=PODMAN,
    ),
    *pair(
        "chmod in a drop-in of containerd.service opens its socket",
        "chmod in a drop-in of containerd.service opens nothing",
        of_containerd("666"),
        of_containerd("660"),
        tuple(USERS),
        "HC-ACC-01",
        says="chmod in /opt/opens:3 (run by the unit containerd.service)",
        path=CONTAINERD,
    ),
    Host(
        name="a program of another language may open docker.socket at the next boot",
        plant=served(
            post(f"/opt/opens.py {D}"), "printf '#!/usr/bin/python3\\nimport os, sys\\nos.chmod(sys.argv[1], 0o666)\\n' >/opt/opens.py; chmod 755 /opt/opens.py"
        ),
        proof=boots(*USERS),
        also={f"HC-ACC-01 {LATER}": "notchecked"},
        alone=True,
    ),
]
PASSES = {f"{rule} {LATER}": "pass" for rule in ("HC-ACC-01", "HC-ACC-02", "HC-ACC-04", "HC-DKD-18")}
CLOSED = "docker closed at the next boot"
HOSTS = [
    Host(name=CLOSED, plant=planted(unit("SocketMode=0600"), wants()), proof=makes("0600"), also=PASSES),
    Host(
        name="docker open at the next boot",
        plant=planted(unit("SocketMode=0660", "SocketGroup=root"), drop_in("z", "SocketMode=0666"), wants()),
        proof=makes("0666", group="root"),
        fails=on(LATER, "HC-ACC-01"),
        twin=CLOSED,
        says={f"HC-ACC-01 {LATER}": "/run/docker.sock after reboot is root:root 0666 by docker.socket"},
    ),
    Host(
        name="docker open at the next boot, by no mode at all", plant=planted(unit(), wants()), proof=makes("0666"), fails=on(LATER, "HC-ACC-01"), twin=CLOSED
    ),
    Host(
        name="a mode that is gone with the next boot",
        plant=planted(unit("SocketMode=0666"), wants(), drop_in("z", "SocketMode=0600", folder="/run/systemd/system.control")),
        proof=makes("0666"),
        fails=on(LATER, "HC-ACC-01"),
        twin=CLOSED,
    ),
    Host(
        name="docker open at the next boot, for a service that needs it",
        plant=planted(unit("SocketMode=0666"), service(*SERVICE), wants("docker.service", "multi-user.target")),
        proof=makes("0666"),
        fails=on(LATER, "HC-ACC-01"),
        twin="an open socket unit that no boot starts",
    ),
    Host(name="an open socket unit that no boot starts", plant=planted(unit("SocketMode=0666"), service(*SERVICE)), proof=makes()),
    Host(
        name="an open socket unit that is masked",
        plant=planted(drop_in("z", "SocketMode=0666"), wants(), f"ln -s /dev/null {ETC}/docker.socket"),
        proof=makes(),
    ),
    Host(
        name="an open socket in a directory that is root's alone at the next boot",
        plant=planted(unit("SocketMode=0666", "DirectoryMode=0700", path=INNER), wants()),
        proof=makes("0666"),
        also={f"HC-ACC-01 {INNER} after reboot": "pass"},
    ),
    Host(
        name="an open socket in an open directory at the next boot",
        plant=planted(unit("SocketMode=0666", "DirectoryMode=0711", path=INNER), wants()),
        proof=makes("0666"),
        fails=on(f"{INNER} after reboot", "HC-ACC-01"),
        twin="an open socket in a directory that is root's alone at the next boot",
    ),
    Host(
        name="docker to its group at the next boot",
        plant=planted(unit("SocketMode=0660", "SocketGroup=docker"), wants(), now=engine()),
        proof=makes("0660", group="docker"),
        fails=on(LATER, "HC-ACC-04"),
        twin="docker to a group without members at the next boot",
    ),
    Host(
        name="docker to its group now and at the next boot",
        plant=planted(unit("SocketMode=0660", "SocketGroup=docker"), wants(), now=engine(mode=0o660, group=DOCKER_GID)),
        proof=makes("0660", group="docker", now=("alice", "bob")),
        fails=(*on(D, "HC-ACC-04"), "HC-ACC-05 docker"),
        twin="docker to a group without members at the next boot",
        also=PASSES,
    ),
    Host(
        name="docker to a group without members at the next boot",
        plant=planted(unit("SocketMode=0660", "SocketGroup=docker"), wants()),
        proof=makes("0660", group="docker"),
        also=PASSES,
    ),
    Host(
        name="docker to all users at the next boot",
        plant=planted(unit("SocketMode=0660", "SocketGroup=users"), wants()),
        proof=makes("0660", group="users"),
        fails=on(LATER, "HC-DKD-18"),
        twin="docker to a group without members at the next boot",
    ),
    Host(
        name="docker to all users now",
        plant=all_of(engine(mode=0o660, group=USERS_GID), without_alice, without_bob),
        proof=connects(),
        fails=on(D, "HC-DKD-18"),
        twin="group empty",
    ),
    Host(
        name="root's socket is a user's at the next boot",
        plant=planted(unit("SocketMode=0600", "SocketUser=dave"), wants()),
        proof=makes("0600", user="dave"),
        fails=on(LATER, "HC-ACC-02", "HC-ACC-04"),
        twin=CLOSED,
    ),
    Host(
        name="dockerd gives its own socket to all users at the next boot",
        plant=planted(service(*ITSELF), wants("docker.service", "multi-user.target"), now=all_of(EMPTY, configured(b'{"group": "users"}'))),
        proof=makes(),
        fails=on(LATER, "HC-DKD-18"),
        twin="dockerd gives its own socket to root at the next boot",
    ),
    Host(
        name="dockerd gives its own socket to root at the next boot",
        plant=planted(service(*ITSELF), wants("docker.service", "multi-user.target"), now=all_of(EMPTY, configured(b'{"group": "root"}'))),
        proof=makes(),
        also=PASSES,
    ),
    *AFTERWARDS,
]
