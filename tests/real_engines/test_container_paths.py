"""Ways from a container to root on the host with a real dockerd that maps ids, or starts it as a user of the host: each is walked first.

Ranges of subordinate ids that begin at 0, or have somebody's uid or docker's gid in them, beside free ones; the machine's own files stay as they are.
"""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from hosts.rows_paths_by_containers import SCOPE, TAKES
from hosts.walking import ASKS
from real_engines.container_ways import COMMAND, GIVEN, IMAGE
from real_engines.rootless_world import RootlessWorld
from real_engines.scans import Scan, Scanner
from real_engines.world import DOCKER_GID, USERS

SOCKET: Final = "/run/docker.sock"
FREE: Final = "erin:1000000:65536\n"
BEYOND: Final = "65536"
"""In a container the first id of a second range."""
OPTIONS: Final[dict[str, tuple[str, ...]]] = {
    "jobs": ("-v", "/etc/cron.d:/jobs"),
    "homes": ("-v", "{home}:/homes"),
    "socket": ("-v", f"{SOCKET}:/s"),
}
CONTROLS: Final = ("connects", "controls")


class Mapping(RootlessWorld):
    """A host with a dockerd, in which one container is started for each of some options."""

    def start_mapping(self, subuid: str, subgid: str) -> None:
        """Start a dockerd that maps ids. A second /proc that nothing covers lets the kernel mount others in user namespaces (mount_too_revealing)."""
        (self.etc / "subuid").write_text(subuid)
        (self.etc / "subgid").write_text(subgid)
        self.run("sh", "-ec", "mkdir /run/whole; mount --no-mtab -t proc proc /run/whole")
        self.start_docker("--userns-remap=erin", "--group=docker")
        self.create(OPTIONS)

    def create(self, given: dict[str, tuple[str, ...]]) -> None:
        self.run("sh", "-ec", f"({IMAGE.format(base=self.base)}) | docker -H unix://{SOCKET} import - empty; mkdir -p /etc/cron.d")
        for name, options in given.items():
            told = [word.replace("{home}", f"{self.base}/home") for word in options]
            self.run("docker", "-H", f"unix://{SOCKET}", "run", "--detach", "--network=none", "--name", name, *GIVEN, *told, "empty", *COMMAND)

    def does(self, name: str, *argv: str) -> bool:
        """Say whether a command of root's in a container succeeds."""
        try:
            self.run("docker", "-H", f"unix://{SOCKET}", "exec", "--user", "0:0", name, *argv)
        except subprocess.CalledProcessError:
            return False
        return True

    def exists(self, path: str, owner: str) -> bool:
        """Say whether a file is there and somebody's, and take it away."""
        return self.run("sh", "-c", f"stat -c %u {path} 2> /dev/null; rm -f {path}").strip() == owner


def writes(world: Mapping) -> bool:
    """Let root in a container put a job of root's into /etc/cron.d (cron(8) wants it to be root's)."""
    return world.does("jobs", "install", "-m", "0600", "/dev/null", "/jobs/proof") and world.exists("/etc/cron.d/proof", "0")


def writes_as_another(world: Mapping) -> bool:
    """Let root in a container take the id of the second range, and do the same."""
    world.does("jobs", "setpriv", f"--reuid={BEYOND}", "--clear-groups", "install", "-m", "0600", "/dev/null", "/jobs/proof")
    return world.exists("/etc/cron.d/proof", "0")


def logs_in(world: Mapping) -> bool:
    """Let root in a container write bob's profile, which asks at docker's socket when bob logs in."""
    home = f"{world.base}/home/bob"
    world.run("sh", "-c", f'printf %s "$1" > {world.base}/home/asks; chmod 0644 {world.base}/home/asks', "sh", ASKS)
    asks = f"/usr/bin/python3 -I {world.base}/home/asks {SOCKET} && touch ~/proof"
    if not world.does("homes", "sh", "-c", f"echo '{asks}' > /homes/bob/.profile"):
        return False
    world.run(*world.login("bob", "/bin/bash", "-l", "-c", "true"), user="bob")
    return world.exists(f"{home}/proof", str(USERS["bob"][0]))


def connects(world: Mapping) -> bool:
    """Let root in a container take the gid of the second range, and ask at the socket."""
    return world.does("socket", "setpriv", f"--regid={BEYOND}", "--clear-groups", "/usr/bin/python3", "-I", "-c", ASKS, "/s")


def connects_and_writes_not(world: Mapping) -> bool:
    """Let root in a container with gid 0 of the host fail to write a job of root's, and ask at the socket with the gid of docker, which its range has too."""
    gid = f"--regid={DOCKER_GID}"
    return not writes(world) and world.does("socket", "setpriv", gid, "--clear-groups", "/usr/bin/python3", "-I", "-c", ASKS, "/s")


@dataclass(frozen=True, kw_only=True)
class Ranges:
    """Ranges of ids, what they let a container do, and by which steps that container then leads to root."""

    subuid: str = FREE
    subgid: str = FREE
    walk: Callable[[Mapping], bool]
    found: dict[str, set[tuple[str, ...]]]


OF_ROOT: Final = {"jobs": {("escapes",)}, "homes": {("escapes", *CONTROLS), ("escapes", "maps")}, "socket": {("escapes",)}}
"""Root in the container with the homes becomes members of docker, and erin, who may map root's id herself."""
RANGES: Final = {
    "at 0": Ranges(subuid="erin:0:65536\n", subgid="erin:0:65536\n", walk=writes, found=OF_ROOT),
    "0 in the second": Ranges(subuid=f"{FREE}erin:0:1\n", walk=writes_as_another, found=OF_ROOT),
    "bob's uid": Ranges(subuid=f"erin:{USERS['bob'][0]}:1\nerin:2000000:65536\n", walk=logs_in, found={"homes": {("escapes", *CONTROLS)}}),
    "gid 0, and no uid of anybody's": Ranges(subgid="erin:0:65536\n", walk=connects_and_writes_not, found={"socket": {CONTROLS}}),
    "docker's gid": Ranges(subgid=f"{FREE}erin:{DOCKER_GID}:1\n", walk=connects, found={"socket": {CONTROLS}}),
}
CAROL: Final = USERS["carol"][0]
WITH_SOCKET: Final = ("--group-add", str(DOCKER_GID), "-v", f"{SOCKET}:/s")
AS_CAROL: Final = {"hers": ("--user", f"{CAROL}:{CAROL}"), "with-root-s-group": ("--user", str(CAROL))}
"""Which containers run as carol: a uid alone gives the gid 0, which she has not."""
ATTACHED: Final = '/usr/bin/python3 -I -c "$0" /s && : > /marks/answered; exec /usr/bin/sleep infinity'


def paths(scanned: Scan, strength: str = "certain") -> dict[str, set[tuple[str, ...]]]:
    """Return by container the paths to root that are so sure, as the kinds of their steps."""
    told: dict[str, set[tuple[str, ...]]] = {}
    for path in scanned.report["paths"]:
        kind, _, name = path["principal"].partition(":docker:")
        if kind == "container" and path["strength"] == strength:
            told.setdefault(name, set()).add(tuple(step["edge"] for step in path["steps"]))
    return told


@pytest.fixture(scope="module")
def free() -> Iterator[Mapping]:
    made = Mapping()
    try:
        made.start_mapping(FREE, FREE)
        yield made
    finally:
        made.end()


@pytest.mark.parametrize("name", RANGES)
def test_what_is_in_a_range_leads_where_it_leads(name: str, scan: Scanner) -> None:
    ranges, world = RANGES[name], Mapping()
    try:
        world.start_mapping(ranges.subuid, ranges.subgid)
        assert ranges.walk(world)
        assert paths(scan(world)) == ranges.found
    finally:
        world.end()


def test_a_free_range_leads_nowhere(free: Mapping, scan: Scanner) -> None:
    assert not any(ranges.walk(free) for ranges in RANGES.values())
    assert paths(scan(free)) == {}


def attaches(world: Mapping, name: str) -> bool:
    """Let carol make the program of a container ask at the socket; the mark that it was answered is in a directory that both see."""
    pid = world.run("docker", "-H", f"unix://{SOCKET}", "inspect", "--format", "{{.State.Pid}}", name).strip()
    # runc and a shell were the same process before, and it is to have begun to sleep: until then its libraries are loaded.
    world.wait(lambda: (status := Path(f"/proc/{pid}/status").read_text()).startswith("Name:\tsleep\n") and "\nState:\tS" in status)
    argv = ("/usr/bin/python3", "-I", "-c", TAKES, pid, "/usr/bin/sh", "-c", ATTACHED, ASKS)
    try:
        world.run(*argv, user="carol")
        world.wait(lambda: world.exists(f"{world.base}/marks/answered", str(CAROL)))
    except subprocess.CalledProcessError:
        return False
    return True


SEES: Final = {"sees": ("--pid=host",), "sees-its-own": (), "settings": ("-v", "/proc:/settings"), "settings-read": ("-v", "/proc:/settings:ro")}
TAKEN: Final = "/usr/bin/id -G > {home}/alice/proof; exec /usr/bin/sleep infinity"
OPENS: Final = "open('/settings/sys/kernel/core_pattern', 'ab').close()"


def takes_over(world: Mapping, name: str, pid: int) -> bool:
    """Let root in a container take alice's ids, and attach to her session, which then says what groups it has."""
    argv = ("/usr/bin/python3", "-I", "-c", TAKES, str(pid), "/usr/bin/sh", "-c", TAKEN.replace("{home}", f"{world.base}/home"))
    return world.does(name, "setpriv", f"--reuid={USERS['alice'][0]}", f"--regid={USERS['alice'][1]}", "--clear-groups", *argv)


BORROWS: Final = """
import os, sys
place, uid, gid = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
os.setegid(gid); os.seteuid(uid)
root = os.open(f"{place}/root", os.O_PATH | os.O_DIRECTORY)
os.seteuid(0); os.setegid(0)
os.close(os.open("run/proof", os.O_CREAT | os.O_WRONLY, 0o600, dir_fd=root))
"""
"""Opens the root directory of a process with its ids, and writes there as root: no system call beyond those that everybody makes."""


def borrows(world: Mapping, name: str, pid: int) -> bool:
    """Let root in a container write a file of root's on the host by alice's session."""
    where = f"/{'settings' if name.startswith('settings') else 'proc'}/{pid}"
    world.does(name, "/usr/bin/python3", "-I", "-c", BORROWS, where, *map(str, USERS["alice"][:2]))
    return world.exists("/run/proof", "0")


def test_who_sees_the_hosts_processes_or_writes_its_settings_gets_further(scan: Scanner) -> None:
    """No capability beside the usual ones is needed: whoever has a user's ids attaches to that user's processes."""
    world = Mapping()
    try:
        world.start_docker("--group=docker")
        world.create(SEES)
        session = world.start("sleep", "infinity", user="alice")
        world.wait(lambda: f"{DOCKER_GID}" in Path(f"/proc/{session.pid}/status").read_text())
        if not SCOPE.exists() or SCOPE.read_text() == "0\n":
            assert not takes_over(world, "sees-its-own", session.pid) and takes_over(world, "sees", session.pid)
            world.wait(lambda: str(DOCKER_GID) in world.run("cat", f"{world.base}/home/alice/proof"))
        reached = {name for name in SEES if borrows(world, name, session.pid)}
        assert {name for name in SEES if world.does(name, "/usr/bin/python3", "-c", OPENS)} == {"settings"}
        found = scan(world)
    finally:
        world.end()
    users = ("escapes", *CONTROLS)
    assert paths(found, "likely") == {"sees": {users}, "settings": {("escapes",), users}, "settings-read": {users}}
    assert paths(found) == {name: {("escapes",)} for name in reached}


def test_who_attaches_to_a_program_in_a_container_has_its_groups(scan: Scanner) -> None:
    world = Mapping()
    try:
        world.start_docker("--group=docker")
        world.run("sh", "-ec", f"mkdir -m 1777 {world.base}/marks")
        world.create({name: (*options, *WITH_SOCKET, "-v", f"{world.base}/marks:/marks") for name, options in AS_CAROL.items()})
        taken = {name for name in AS_CAROL if attaches(world, name)}
        found = scan(world)
    finally:
        world.end()
    lets = not SCOPE.exists() or SCOPE.read_text() == "0\n"
    assert taken == ({"hers"} if lets else set())
    told = {(path["strength"], *(step["edge"] for step in path["steps"])) for path in found.report["paths"] if path["principal"] == "user:carol"}
    attached = {("likely", "attaches", "escapes")} if lets else set()
    assert told == {("certain" if lets else "likely", *CONTROLS), ("likely", *CONTROLS), *attached}, found.report["paths"]
