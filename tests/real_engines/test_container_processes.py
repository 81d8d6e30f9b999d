"""Containers as the kernel shows them, of real engines: to root and to nobody, beside what docker tells and where nothing tells."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from real_engines.container_ways import GIVEN, HERE, IMAGE, found_without_api, hardened
from real_engines.scans import Scan, Scanner
from real_engines.test_container_rules import DANGEROUS, JOB, Containers

SHORT: Final = 12
UNSEEN: Final = {f"HC-CTR-{number}" for number in (10, 11, 22, 23, 26, 27, 30)}
"""What nobody can look at: namespaces that only root may see, device rules, ports, limits and propagation."""
DROPS: Final = ("/usr/bin/setpriv", "--bounding-set", "-all", "--inh-caps", "-all", "/usr/bin/sleep", "infinity")
HOSTILE: Final = """
import ctypes, os, time
libc = ctypes.CDLL(None, use_errno=True)
os.makedirs("/tmp/canary")
for number in range(300):
    place = f"/tmp/canary/{number}"
    os.mkdir(place)
    libc.mount(b"/data", place.encode(), None, 4096, None)
os.mkfifo("/fifo")
os.symlink("/proc/1/root", "/etc/passwd")
libc.prctl(15, b"hunter2-canary", 0, 0, 0)
print("ready", flush=True)
time.sleep(1000)
"""
"""Mounts all over its root, lays links and a FIFO there, and gives itself a name."""


class Engines(Containers):
    """A host with docker, and with containerd below it, which has containers of its own."""

    def ctr(self, *argv: str) -> str:
        return self.run("ctr", "--address", "/run/containerd/containerd.sock", *argv)

    def make(self, name: str, command: tuple[str, ...], *options: str) -> None:
        without = "--read-only" if name == "hostile" else ""
        self.docker("run", "-d", "--name", name, *GIVEN, *hardened(without), *HERE, *options, self.image, *command)

    def first(self, name: str) -> int:
        return int(self.docker("inspect", "-f", "{{.State.Pid}}", name))


@pytest.fixture(scope="module")
def world() -> Iterator[Engines]:
    made = Engines()
    try:
        made.start_docker()
        made.load()
        made.run("sh", "-ec", "mount -t tmpfs tmpfs /srv; mount --make-shared /srv")
        made.run("sh", "-ec", JOB)
        made.docker("network", "create", "ours")
        for name, (options, _) in DANGEROUS.items():
            made.create(name, *options)
            made.docker("start", name)
        made.make("drops", DROPS, "--privileged", "--user", "0")
        made.make("unreaped", ("/bin/sh", "-c", "/usr/bin/true & exec /usr/bin/sleep infinity"))
        made.make(
            "hostile", ("/usr/bin/python3", "-c", HOSTILE), "--user", "0", "--cap-add", "SYS_ADMIN", "--security-opt", "apparmor=unconfined", "-v", "/srv:/data"
        )
        made.wait(lambda: "ready" in made.docker("logs", "hostile"))
        yield made
    finally:
        made.end()


def ids(world: Engines) -> dict[str, str]:
    """Return the names of containers, by how they are called where no engine tells of them."""
    lines = world.docker("ps", "-a", "--no-trunc", "--format", "{{.ID}} {{.Names}}").splitlines()
    return {f"docker:{line.split()[0][:SHORT]}": line.split()[1] for line in lines}


def failed(found: Scan, names: dict[str, str]) -> dict[str, set[str]]:
    """Return by name of these containers the rules that fail."""
    told: dict[str, set[str]] = {}
    for (rule, subject), result in found.results().items():
        if rule.startswith("HC-CTR") and result == "fail" and subject in names:
            told.setdefault(names[subject], set()).add(rule)
    return told


def test_what_nobody_sees_root_is_told_and_each_way_that_can_be_seen_is(world: Engines, scan: Scanner) -> None:
    names = ids(world)
    nobody = scan(world, "--profile", "level2", user="nobody")
    seen = failed(nobody, names)
    told = failed(scan(world, "--profile", "level2"), {f"docker:{name}": name for name in names.values()})
    assert {name: rules - told.get(name, set()) for name, rules in seen.items() if rules - told.get(name, set())} == {}
    wanted = {name: left for name, (_, rules) in DANGEROUS.items() if (left := found_without_api(rules) - UNSEEN)}
    assert seen == {**wanted, "drops": {"HC-CTR-01", "HC-CTR-20"}, "hostile": {"HC-CTR-06", "HC-CTR-20"}}
    assert told["drops"] == {"HC-CTR-01", "HC-CTR-20"}
    passed = {rule for (rule, subject), result in nobody.results().items() if subject in names and rule.startswith("HC-CTR") and result == "pass"}
    assert passed <= {"HC-CTR-35"}, "a process has the name that it has"


def test_who_dropped_all_of_it_is_given_it_again(world: Engines) -> None:
    status = Path(f"/proc/{world.first('drops')}/status").read_text()
    assert "CapEff:\t0000000000000000\n" in status and "CapBnd:\t0000000000000000\n" in status
    assert world.may("drops", "sh", "-c", "mount -t tmpfs tmpfs /tmp && umount /tmp")


def test_a_process_that_ended_and_that_nobody_waits_for_is_no_container(world: Engines, scan: Scanner) -> None:
    """Where there are control groups of version 1, it is only in that of version 2: elsewhere than the others."""
    first = world.first("unreaped")
    (child,) = Path(f"/proc/{first}/task/{first}/children").read_text().split()
    world.wait(lambda: "State:\tZ" in Path(f"/proc/{child}/status").read_text())
    told = scan(world, "--profile", "level2").evidence["probes"]["container-processes"]
    running = set(world.docker("ps", "--no-trunc", "--format", "{{.ID}}").split())
    assert set(told["facts"]["containers"]) == {f"docker:{ident[:SHORT]}" for ident in running}
    assert not [hole for hole in told["holes"] if hole["pointer"].count("/") < len(("containers", "docker:…", "given"))]


def test_what_a_container_does_to_itself_is_not_followed_and_not_repeated(world: Engines, scan: Scanner) -> None:
    found = scan(world, "--profile", "level2")
    assert "hunter2" not in json.dumps(found.evidence) and "canary" not in json.dumps(found.report)
    facts = found.evidence["probes"]["container-processes"]["facts"]["containers"]
    (mounts,) = (one["mounts"] for key, one in facts.items() if ids(world).get(key) == "hostile")
    assert mounts["/data"] == {"real": "/srv", "writable": True} and set(mounts) == {"/data", "/usr", "/etc/alternatives"}
    assert found.seconds < 15


def test_a_command_with_all_rights_in_a_hardened_container(world: Engines, scan: Scanner) -> None:
    before = scan(world, "--profile", "level2").results()
    assert {before.get((rule, "docker:hardened"), "pass") for rule in ("HC-CTR-35", "HC-CTR-37")} == {"pass"}, "of passes a report has so many and no more"
    world.docker("exec", "-d", "--privileged", "-u", "0", "hardened", "/usr/bin/python3", "-c", SSHD)
    world.wait(lambda: "sshd" in world.docker("top", "hardened", "-eo", "pid,comm"))
    (pid,) = (line.split()[0] for line in world.docker("top", "hardened", "-eo", "pid,comm").splitlines() if "sshd" in line)
    world.docker("pause", "hardened")
    try:
        found = scan(world, "--profile", "level2")
    finally:
        world.docker("unpause", "hardened")
        world.run("kill", pid)
        world.wait(lambda: "sshd" not in world.docker("top", "hardened", "-eo", "pid,comm"))
    told = {one["rule"]: one for one in found.report["findings"] if one["subject"] == "docker:hardened" and one["result"] == "fail"}
    assert set(told) == {"HC-CTR-35", "HC-CTR-37"} and told["HC-CTR-37"]["severity"] == "high"
    assert f"process {pid} (" in told["HC-CTR-37"]["because"] and "SYS_ADMIN" in told["HC-CTR-37"]["because"]
    assert world.may("hardened", "true") and not world.may("hardened", "sh", "-c", "mount -t tmpfs tmpfs /tmp")


def test_a_process_that_made_a_user_namespace_for_itself_is_no_stronger(world: Engines, scan: Scanner) -> None:
    world.docker("exec", "-d", "no-filter", "unshare", "--user", "sleep", "1001")
    world.wait(lambda: "1001" in world.docker("top", "no-filter", "-eo", "pid,args"))
    (pid,) = (line.split()[0] for line in world.docker("top", "no-filter", "-eo", "pid,args").splitlines() if line.endswith("sleep 1001"))
    world.wait(lambda: Path(f"/proc/{pid}/comm").read_text() == "sleep\n")
    assert "CapBnd:\t0000000000000000" not in Path(f"/proc/{pid}/status").read_text()
    facts = scan(world, "--profile", "level2").evidence["probes"]["container-processes"]["facts"]["containers"]
    assert [one["capabilities"]["stronger"] for key, one in facts.items() if ids(world).get(key) == "no-filter"] == [{}]
    world.run("kill", pid)


SSHD: Final = "import ctypes, time; ctypes.CDLL(None).prctl(15, b'sshd', 0, 0, 0); time.sleep(1000)"


def test_where_docker_stands_still_its_containers_are_seen(world: Engines, scan: Scanner) -> None:
    names = ids(world)
    world.dockerd.send_signal(signal.SIGSTOP)
    try:
        found = scan(world, "--profile", "level2")
    finally:
        world.dockerd.send_signal(signal.SIGCONT)
    seen = failed(found, names)
    assert seen["privileged"] == {"HC-CTR-01"} and seen["host-ipc"] == {"HC-CTR-10"} and "hardened" not in seen
    assert found.results()["HC-CTR-01", "*"] == "error"


GROUPS: Final = Path("/sys/fs/cgroup/pids" if Path("/sys/fs/cgroup/pids").is_dir() else "/sys/fs/cgroup")


@pytest.mark.parametrize(("uid", "seen"), [(4001, False), (0, True)])
def test_who_may_make_groups_of_his_own_makes_no_container_of_roots(world: Engines, scan: Scanner, uid: int, seen: bool) -> None:
    """A user's process has no filter and may have every capability as far as its bounding set goes: it looks like one of a privileged container."""
    delegated, ident = GROUPS / f"hostcheck-{world.base.name}", "0f" * 32
    group = delegated / f"docker-{ident}.scope"
    sleeper = world.start("sleep", "1000", user="alice")
    try:
        group.mkdir(parents=True)
        os.chown(delegated, uid, uid)
        world.wait(lambda: Path(f"/proc/{sleeper.pid}/comm").read_text() == "sleep\n")
        (group / "cgroup.procs").write_text(str(sleeper.pid))
        found = scan(world, "--profile", "level2")
    finally:
        sleeper.kill()
        sleeper.wait()
        world.processes.remove(sleeper)
        for folder in (group, delegated):
            folder.rmdir()
    told = found.evidence["probes"]["container-processes"]
    assert f"docker:{ident[:SHORT]}" not in told["facts"]["containers"]
    holes = [hole["message"] for hole in told["holes"] if hole["pointer"] == f"/containers/docker:{ident[:SHORT]}"]
    assert [message.startswith("its first process has the host's own root") for message in holes] == [True] * seen


def test_a_container_that_is_started_again_and_again(world: Engines, scan: Scanner) -> None:
    """It is told of as it is, or as not known, or not at all; and others are told of as ever."""
    again = world.start("sh", "-c", "while :; do docker -H unix:///run/docker.sock restart -t 0 data; done")
    try:
        found = scan(world, "--profile", "level2", user="nobody")
    finally:
        again.kill()
        again.wait()
        world.processes.remove(again)
        world.docker("start", "data")
    names = ids(world)
    seen = failed(found, names)
    assert seen["privileged"] == {"HC-CTR-01"} and "data" not in seen and "hardened" not in seen


CTR: Final[dict[str, tuple[tuple[str, ...], set[str]]]] = {
    "plain": ((), {"HC-CTR-14", "HC-CTR-20"}),
    "filtered": (("--seccomp", "--user", "65534"), set()),
    "privileged": (("--privileged",), {"HC-CTR-01", "HC-CTR-20"}),
    "host": (("--seccomp", "--mount", "type=bind,src=/,dst=/host,options=rbind:rw"), {"HC-CTR-04", "HC-CTR-20"}),
    "network": (("--seccomp", "--net-host"), {"HC-CTR-09", "HC-CTR-20"}),
}
"""What ctr is told, and what is found; that there is no limit only root finds."""


@pytest.fixture
def containerd() -> Iterator[Engines]:
    made = Engines()
    try:
        made.start_containerd()
        made.run("sh", "-ec", f"({IMAGE.format(base=made.base)}) > /dev/null; cd {made.base}/image && mkdir usr host proc sys dev run")
        for name, (options, _) in CTR.items():
            shared = ("--mount", "type=bind,src=/usr,dst=/usr,options=rbind:ro")
            made.ctr("run", "-d", "--rootfs", *shared, *options, f"{made.base}/image", name, "/usr/bin/sleep", "1000")
        yield made
    finally:
        for name in CTR:
            made.run("sh", "-c", f"ctr --address /run/containerd/containerd.sock tasks delete --force {name}; true")
        made.end()


def test_containers_of_containerd_that_no_api_tells_of(containerd: Engines, scan: Scanner) -> None:
    names = {f"containerd/default:{name}": name for name in CTR}
    for user, more in (("root", {"HC-CTR-26", "HC-CTR-27"}), ("nobody", set())):
        found = scan(containerd, "--profile", "level2", user=user)
        assert failed(found, names) == {name: rules | more for name, (_, rules) in CTR.items() if rules | more}, user
        passed = {rule for (rule, subject), result in found.results().items() if subject in names and rule.startswith("HC-CTR") and result == "pass"}
        assert passed <= {"HC-CTR-35"} if user == "nobody" else "HC-CTR-01" in passed
        fixes: list[Any] = [one["fix"] for one in found.report["findings"] if one["subject"] in names and one["result"] == "fail"]
        assert fixes and all(fix for fix in fixes)
