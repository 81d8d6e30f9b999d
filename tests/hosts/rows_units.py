"""Hosts whose sockets are closed now and open after the next boot, by what a unit says, each with its twin.

systemd itself proves what it would make: `systemd --test` says the mode, owner and group of the socket, and that a boot starts it.
"""

from collections.abc import Callable

from hosts.planting import D, Host, Plant, all_of, configured, connects, engine, shell, without_alice, without_bob
from real_engines.rootless_world import RootlessWorld
from real_engines.world import DOCKER_GID

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
]
