"""The rules of containers on containers of users, which real rootless engines run: each posture alone, and what somebody inside reaches.

What is expected was written down before anything ran. Users are those of World: bob has the group docker as his primary one, alice as a further one.
"""

import json
from collections.abc import Iterator
from typing import Final

import pytest
from real_engines.container_ways import COMMAND, GIVEN, HERE, IMAGE, SECRET, fails, hardened
from real_engines.rootless_world import RootlessWorld
from real_engines.scans import Scan, Scanner
from real_engines.world import USERS

ROOTS: Final = "/run/docker.sock"
PODMAN: Final = f"/run/user/{USERS['bob'][0]}/podman/podman.sock"
ALICES: Final = f"/run/user/{USERS['alice'][0]}/podman/podman.sock"
DOCKER: Final = f"/run/user/{USERS['erin'][0]}/docker.sock"
UNLIMITED: Final = {"HC-CTR-26", "HC-CTR-27"}
OF_BOB: Final[dict[str, tuple[tuple[str, ...], set[str]]]] = {
    "hardened": ((), set()),
    "privileged": (("--privileged",), {"HC-CTR-01"}),
    "socket-of-root": (("-v", f"{ROOTS}:/s"), {"HC-CTR-03"}),
    "socket-of-bob": (("-v", f"{PODMAN}:/s"), {"HC-CTR-03"}),
    "runtime-directory": (("-v", f"/run/user/{USERS['bob'][0]}:/s:ro"), {"HC-CTR-03"}),
    "home": (("-v", "{home}:/h"), {"HC-CTR-04"}),
    "home-read": (("-v", "{home}:/h:ro"), {"HC-CTR-05"}),
    "keys": (("-v", "{home}/.ssh:/k:ro"), {"HC-CTR-05"}),
    "link": (("-v", "{home}/link:/k:ro"), {"HC-CTR-05"}),
    "work": (("-v", "{home}/work:/w"), set()),
    "etc": (("-v", "/etc:/e"), set()),
    "kernel": (("-v", "/sys:/y"), set()),
    "capability": (("--cap-add", "SYS_ADMIN"), {"HC-CTR-06"}),
    "capability-of-the-host": (("--cap-add", "SYS_MODULE"), set()),
    "host-processes": (("--pid", "host"), {"HC-CTR-08"}),
    "host-network": (("--network", "host"), {"HC-CTR-09"}),
    "port": (("--network", "slirp4netns", "-p", "18080:80"), {"HC-CTR-23"}),
    "port-of-loopback": (("--network", "slirp4netns", "-p", "127.0.0.1:18081:80"), set()),
    "no-filter": (("--security-opt", "seccomp=unconfined"), {"HC-CTR-14"}),
    "nothing-hidden": (("--security-opt", "unmask=ALL"), set()),
    "as-bob": (("--userns", "keep-id", "-v", f"{PODMAN}:/s"), {"HC-CTR-03"}),
    "not-as-bob": (("--userns", "nomap", "-v", f"{PODMAN}:/s", "-v", "{home}:/h"), set()),
}
OF_ERIN: Final[dict[str, tuple[tuple[str, ...], set[str]]]] = {
    "hardened": ((), set()),
    "privileged": (("--privileged",), {"HC-CTR-01"}),
    "socket-of-erin": (("-v", f"{DOCKER}:/s"), {"HC-CTR-03"}),
    "network-of-the-engine": (("--network", "host"), set()),
    "capability": (("--cap-add", "ALL"), {"HC-CTR-06"}),
    "no-filter": (("--security-opt", "seccomp=unconfined"), {"HC-CTR-14"}),
    "unlimited": (("--memory", "0", "--pids-limit", "-1"), set()),
}
HIGH: Final = {("HC-CTR-03", "podman(bob):socket-of-root")}
ACTING: Final = {"socket-of-root": "0", "socket-of-bob": "0", "as-bob": str(USERS["bob"][0]), "not-as-bob": "0"}
"""As whom somebody inside tries."""
REACHES: Final = """
import socket, sys
with socket.socket(socket.AF_UNIX) as line:
    try:
        line.connect(sys.argv[1])
        print("connected", end="")
    except OSError as error:
        print(error.strerror, end="")
"""


class Users(RootlessWorld):
    """A host with root's docker, and with engines of users, each of which serves its API."""

    def podman(self, user: str, *argv: str) -> str:
        return self.run(*self.login(user, "podman", "--remote", "--url", f"unix:///run/user/{USERS[user][0]}/podman/podman.sock", *argv), user=user)

    def enter(self, user: str, *argv: str) -> str:
        """Run something in a container, without the service: through that, a monitor stays for five minutes after the command has ended."""
        return self.run(*self.login(user, "podman", "--runtime", "runc", "--cgroup-manager", "cgroupfs", "exec", *argv), user=user)

    def docker(self, *argv: str) -> str:
        return self.run(*self.login("erin", "docker", "-H", f"unix://{DOCKER}", *argv), user="erin")

    def begin(self) -> None:
        """Start the engines. A second /proc that nothing covers lets the kernel mount others in user namespaces (mount_too_revealing)."""
        self.run("sh", "-ec", f"mkdir {self.base}/proc && mount --no-mtab -t proc proc {self.base}/proc")
        self.run("sh", "-ec", f"({IMAGE.format(base=self.base)}) > {self.base}/image.tar && chmod 644 {self.base}/image.tar")
        for user in ("alice", "bob"):
            self.run("sh", "-ec", f"cd {self.base}/home/{user} && install -d -m 0700 .ssh work && ln -s .ssh link", user=user)
        self.start_docker()
        for user in ("alice", "bob"):
            self.served, _ = self.start_podman(user)
            self.podman(user, "import", f"{self.base}/image.tar", "local/empty")
        self.start_rootless_docker("erin", "slirp4netns")
        self.docker("import", f"{self.base}/image.tar", "local/empty")

    def fill(self) -> None:
        """Start a container in each posture."""
        for name, (options, _) in OF_BOB.items():
            self.podman("bob", "run", "-d", "--name", name, *self.given(name, options), "local/empty", *COMMAND)
        for name, (options, _) in OF_ERIN.items():
            self.docker("run", "-d", "--name", name, *self.given(name, options), "local/empty", *COMMAND)
        self.podman("alice", "run", "-d", "--name", "socket-of-root", *self.given("", ("-v", f"{ROOTS}:/s")), "local/empty", *COMMAND)

    def given(self, name: str, options: tuple[str, ...]) -> list[str]:
        network = () if "--network" in options else HERE
        return [*GIVEN, *hardened(), *network, *(word.format(home=f"{self.base}/home/bob") for word in options)]

    def stop(self) -> None:
        """End the containers, whose monitors are nobody's children."""
        for user in ("alice", "bob"):
            self.podman(user, "rm", "--all", "--force", "--time", "0")
        for name in OF_ERIN:
            self.run("sh", "-c", f"docker -H unix://{DOCKER} rm -f {name} || true")


@pytest.fixture(scope="module")
def users() -> Iterator[Users]:
    made = Users()
    try:
        made.begin()
        made.fill()
        yield made
    finally:
        made.stop()
        made.end()


@pytest.fixture(scope="module")
def found(users: Users, scan: Scanner) -> Scan:
    return scan(users, "--profile", "level2")


def test_the_findings(found: Scan) -> None:
    wanted = {f"podman(bob):{name}": rules for name, (_, rules) in OF_BOB.items()} | {f"docker(erin):{name}": rules for name, (_, rules) in OF_ERIN.items()}
    wanted["podman(alice):socket-of-root"] = set()
    told = fails(found)
    assert {subject: told.get(subject, set()) - UNLIMITED for subject in {*wanted, *told}} == wanted
    assert SECRET not in json.dumps(found.evidence) and SECRET not in json.dumps(found.report)


def test_how_severe_they_are(found: Scan) -> None:
    of_users = {(one["rule"], one["subject"]): one for one in found.report["findings"] if "(" in one["subject"] and one["result"] == "fail"}
    of_users = {key: one for key, one in of_users.items() if key[0].startswith("HC-CTR")}
    assert {key for key, one in of_users.items() if one["severity"] in ("high", "critical")} == HIGH
    assert {one["uid"] for one in of_users.values()} == {USERS[name][0] for name in ("bob", "erin")} | (
        {USERS["alice"][0]} if UNLIMITED & {key[0] for key in of_users} else set()
    )
    assert "root in it is bob on the host" in of_users["HC-CTR-01", "podman(bob):privileged"]["because"]


def test_what_is_told_is_what_somebody_inside_reaches(users: Users) -> None:
    python = ("/usr/bin/python3", "-I", "-c", REACHES)
    bob = {name: users.enter("bob", "-u", uid, name, *python, "/s") for name, uid in ACTING.items()}
    assert bob == {name: "Permission denied" if name == "not-as-bob" else "connected" for name in ACTING}
    assert users.enter("alice", "-u", "0", "socket-of-root", *python, "/s") == "Permission denied"
    assert users.docker("exec", "-u", "0", "socket-of-erin", *python, "/s") == "connected"
    assert users.enter("bob", "-u", "0", "home", "/usr/bin/sh", "-c", "echo x > /h/.bashrc; cat /h/.bashrc; ls /h/.ssh") == "x\n"
    tries = f"kill -0 {users.dockerd.pid} 2>/dev/null || echo refused; kill -0 {users.served.pid} && echo may kill"
    assert users.enter("bob", "-u", "0", "host-processes", "/usr/bin/sh", "-c", tries) == "refused\nmay kill\n"


@pytest.mark.parametrize("subject", ["podman(bob):hardened", "docker(erin):unlimited"])
def test_the_command_of_a_fix_reaches_the_engine_of_the_user(users: Users, found: Scan, subject: str) -> None:
    """Pasted as root. What the engine makes of it depends on the control groups that it has, of which another rule tells."""
    for rule in sorted(UNLIMITED):
        (finding,) = [one for one in found.report["findings"] if (one["rule"], one["subject"]) == (rule, subject)]
        (command,) = [step["run"] for step in finding["fix"] if "run" in step]
        said = users.run("sh", "-c", command)
        assert "Error" not in said or "runc update" in said or "Cannot update container" in said, (command, said)
