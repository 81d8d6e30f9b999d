"""Containers of real engines, each dangerous in one way, and a hardened twin: what is found of each, and that root inside of it does reach the host."""

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from typing import Final

import pytest
from real_engines.container_ways import COMMAND, GIVEN, HERE, IMAGE, LESS, SECRET, SETTINGS, fails, hardened
from real_engines.rootless_world import RootlessWorld
from real_engines.scans import Scanner

SOCKET: Final = "/run/docker.sock"
HEALTH: Final = ("--health-interval", "1h")
NODES: Final = ("--tmpfs", "/nodes:dev")
"""A place for files of devices."""
JOB: Final = """
mount -t tmpfs tmpfs /opt
mkdir /opt/app /opt/data
printf '#!/bin/sh\\n' > /opt/app/job.sh
chmod 755 /opt/app/job.sh
printf '[Service]\\nExecStart=/opt/app/job.sh\\n' > /etc/systemd/system/app.service
mkdir -p /etc/systemd/system/multi-user.target.wants
ln -s ../app.service /etc/systemd/system/multi-user.target.wants/app.service
"""
"""What root runs at boot, and only root may change."""
ROOT: Final = ("--user", "0")
"""Without it the hardened twin's user may not use what is root's, and nobody becomes root there."""
REACH: Final = "/root/hostcheck-secret"
"""A file of the host that only root may read."""

DANGEROUS: Final[dict[str, tuple[tuple[str, ...], set[str]]]] = {
    "hardened": ((), set()),
    "privileged": (("--privileged",), {"HC-CTR-01"}),
    "privileged-as-root": ((*ROOT, "--privileged"), {"HC-CTR-01", "HC-CTR-20"}),
    "socket-of-another-user": (("--user", "65534:65534", "-v", f"{SOCKET}:/s:ro"), set()),
    "socket": ((*ROOT, "-v", f"{SOCKET}:/s:ro"), {"HC-CTR-03", "HC-CTR-20"}),
    "socket-directory": ((*ROOT, "-v", "/run:/host/run:ro"), {"HC-CTR-03", "HC-CTR-20"}),
    "whole-host": ((*ROOT, "-v", "/:/host"), {"HC-CTR-04", "HC-CTR-20"}),
    "whole-host-read-only": ((*ROOT, "-v", "/:/host:ro"), {"HC-CTR-03", "HC-CTR-20"}),
    "cron": ((*ROOT, "-v", "/etc/cron.d:/cron"), {"HC-CTR-04", "HC-CTR-20"}),
    "volume-of-etc": (
        (*ROOT, "--mount", "type=volume,src=sly,dst=/host-etc,volume-driver=local,volume-opt=type=none,volume-opt=o=bind,volume-opt=device=/etc"),
        {"HC-CTR-04", "HC-CTR-20"},
    ),
    "etc-read-only": ((*ROOT, "-v", "/etc:/host-etc:ro"), {"HC-CTR-05", "HC-CTR-20"}),
    "all-capabilities": (("--cap-add", "ALL"), {"HC-CTR-06"}),
    "open-by-number": (("--cap-add", "DAC_READ_SEARCH"), {"HC-CTR-06"}),
    "ptrace-of-its-own": (("--cap-add", "SYS_PTRACE"), set()),
    "host-processes": (("--pid", "host"), {"HC-CTR-08"}),
    "host-processes-and-ptrace": (("--pid", "host", "--cap-add", "SYS_PTRACE"), {"HC-CTR-08", "HC-CTR-06"}),
    "host-network": (("--network", "host"), {"HC-CTR-09"}),
    "network-handed-on": (("--network", "container:host-network"), {"HC-CTR-09"}),
    "processes-handed-on": (("--pid", "container:host-processes"), {"HC-CTR-08"}),
    "host-ipc": (("--ipc", "host"), {"HC-CTR-10"}),
    "host-name": (("--uts", "host"), {"HC-CTR-11"}),
    "no-filter": (("--security-opt", "seccomp=unconfined"), {"HC-CTR-14"}),
    "setuid-works": (("--security-opt", "no-new-privileges=false"), {"HC-CTR-17"}),
    "nothing-hidden": (("--security-opt", "systempaths=unconfined"), {"HC-CTR-19"}),
    "as-root": (("--user", "0"), {"HC-CTR-20"}),
    "all-block-devices": (("--device-cgroup-rule", "b *:* rwm", "--cap-add", "MKNOD", *NODES), {"HC-CTR-22"}),
    "all-character-devices": (("--device-cgroup-rule", "c *:* rwm", "--cap-add", "MKNOD", *NODES), {"HC-CTR-22"}),
    "a-harmless-device": (("--device", "/dev/null:/dev/nothing"), set()),
    "served-everywhere": (("--network", "ours", "-p", "8080:80", "-p", "127.0.0.1:8082:80"), {"HC-CTR-23"}),
    "served-here": (("--network", "ours", "-p", "127.0.0.1:8081:80"), set()),
    "without-a-network-to-serve": (("-p", "8080:80"), set()),
    "shared-mounts": (("-v", "/srv:/data:shared"), {"HC-CTR-30"}),
    "kernel": ((*ROOT, "-v", "/proc:/host-proc"), {"HC-CTR-32", "HC-CTR-20"}),
    "kernel-read-only": (("-v", "/sys:/host-sys:ro"), set()),
    "cgroups": ((*ROOT, "-v", "/sys/fs/cgroup:/host-cgroup"), {"HC-CTR-32", "HC-CTR-20"}),
    "data": (("-v", "/srv:/data"), set()),
    "what-root-runs": ((*ROOT, "-v", "/opt/app:/app"), {"HC-CTR-04", "HC-CTR-20"}),
    "beside-what-root-runs": (("-v", "/opt/data:/app"), set()),
    "as-much-memory-as-there-is": (("--memory", "0"), {"HC-CTR-26"}),
    "as-many-processes-as-there-can-be": (("--pids-limit", "-1"), {"HC-CTR-27"}),
    **SETTINGS,
    "one-capability-again": (("--cap-add", "NET_BIND_SERVICE"), set()),
    "cgroups-of-the-host-by-default": (("--cgroupns", "host"), set()),
    **{name: ((), rules) for name, (_, rules) in LESS.items()},
    "image-by-its-name": ((), {"HC-CTR-34"}),
}
"""Each way by its name: the options beside those of the hardened twin, the later of two counting, and what is to be found."""
IN_ITS_ENVIRONMENT: Final = re.compile(r" in its environment \(([^)]*)\)")
OPEN: Final = "open(__import__('sys').argv[1], 'ab').close()"
"""Opens a file to write to it, and writes nothing."""
BY_NUMBER: Final = """
import ctypes, os, sys
class Handle(ctypes.Structure):
    _fields_ = [("bytes", ctypes.c_uint), ("type", ctypes.c_int), ("data", ctypes.c_char * 128)]
libc = ctypes.CDLL(None, use_errno=True)
def fail(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "handle")
    return result
if sys.argv[1] == "name":
    handle, mount = Handle(128), ctypes.c_int()
    fail(libc.name_to_handle_at(-100, sys.argv[2].encode(), ctypes.byref(handle), ctypes.byref(mount), 0))
    print(handle.type, bytes(handle)[8:8 + handle.bytes].hex())
else:
    data = bytes.fromhex(sys.argv[3])
    handle = Handle(len(data), int(sys.argv[2]))
    ctypes.memmove(ctypes.addressof(handle) + 8, data, len(data))
    print(os.read(fail(libc.open_by_handle_at(os.open("/etc/hosts", 0), ctypes.byref(handle), 0)), 100).decode())
"""
"""Prints the number of a file, or what stands in the file that has it (open_by_handle_at(2))."""


class Containers(RootlessWorld):
    """A host with docker, and the containers that were started there; `image` is the id of what they are made from."""

    image: str

    def docker(self, *argv: str) -> str:
        return self.run("docker", "-H", f"unix://{SOCKET}", *argv)

    def load(self) -> None:
        """Make the image; its id is what containers are made from."""
        self.run("sh", "-ec", f"({IMAGE.format(base=self.base)}) | docker -H unix://{SOCKET} import - empty")
        self.image = self.docker("images", "--quiet", "--no-trunc", "empty").strip()

    def stop_docker(self) -> None:
        """Stop the engine, as before it is started again."""
        for process in (self.dockerd, self.containerd):
            process.terminate()
            process.wait()
            self.processes.remove(process)

    def create(self, name: str, *options: str) -> None:
        network = () if "--network" in options else HERE
        image = "empty" if name == "image-by-its-name" else self.image
        without = LESS[name][0] if name in LESS else ""
        self.docker("create", "--name", name, *GIVEN, *HEALTH, *hardened(without), *network, *options, image, *COMMAND)

    def as_root_in(self, name: str, *argv: str) -> str:
        """Run a command in a container as root, as anybody who gets in as another user and up may."""
        return self.docker("exec", "-u", "0", name, *argv).strip()

    def may(self, name: str, *argv: str) -> bool:
        """Say whether a command of root's in a container succeeds."""
        try:
            self.as_root_in(name, *argv)
        except subprocess.CalledProcessError:
            return False
        return True


@pytest.fixture(scope="module")
def world() -> Iterator[Containers]:
    made = Containers()
    try:
        made.start_docker()
        made.load()
        made.run("sh", "-ec", f"umask 077; mount -t tmpfs tmpfs /root; echo {SECRET} | tee {REACH} > {made.base}/secret")
        made.run("sh", "-ec", "mount -t tmpfs tmpfs /srv; mount --make-shared /srv")
        made.run("sh", "-ec", JOB)
        made.run("ip", "link", "set", "lo", "up")
        made.docker("network", "create", "ours")
        for name, (options, _) in DANGEROUS.items():
            made.create(name, *options)
            made.docker("start", name)
        made.create("never-started", "--privileged")
        yield made
    finally:
        made.end()


def test_each_way_is_found_and_no_other(world: Containers, scan: Scanner) -> None:
    found = scan(world, "--profile", "level2")
    wanted = {f"docker:{name}": rules for name, (_, rules) in DANGEROUS.items() if rules} | {"docker:never-started": {"HC-CTR-02"}}
    assert fails(found) == wanted
    assert set(found.evidence["probes"]["containers"]["facts"]["containers"]) == {f"docker:{name}" for name in (*DANGEROUS, "never-started")}
    assert SECRET not in json.dumps(found.evidence) and SECRET not in json.dumps(found.report)
    named = {one["subject"]: one["because"] for one in found.report["findings"] if (one["rule"], one["result"]) == ("HC-CTR-33", "fail")}
    assert {subject: IN_ITS_ENVIRONMENT.findall(text) for subject, text in named.items()} == {
        "docker:secret-by-its-name": ["DB_PASSWORD"],
        "docker:secret-by-its-value": ["DATABASE"],
    }
    severities = {one["subject"]: one["severity"] for one in found.report["findings"] if (one["rule"], one["result"]) == ("HC-CTR-01", "fail")}
    assert severities == {"docker:privileged": "medium", "docker:privileged-as-root": "critical"}


def test_those_that_do_not_run_are_counted(world: Containers, scan: Scanner) -> None:
    for most, result in (("0", "fail"), ("1", "pass")):
        found = scan(world, "--profile", "level2", "--rule", "HC-AUD-05", "--value", f"most_stopped={most}")
        assert found.results() == {("HC-AUD-05", "docker"): result}
        listed = [step["run"] for step in found.report["findings"][0].get("fix", []) if " ps " in step.get("run", "")]
        assert all("never-started" in world.run("sh", "-c", command) and "hardened" not in world.run("sh", "-c", command) for command in listed)
        assert len(listed) == (result == "fail")


def test_what_is_set_holds(world: Containers) -> None:
    """A bound of CPU time is that of the control group; a root file system that is not read-only is written to; capabilities are had."""
    status = {name: dict(line.split(":\t", 1) for line in world.as_root_in(name, "cat", "/proc/self/status").splitlines()) for name in ("hardened", *LESS)}
    assert {name for name, told in status.items() if int(told["CapBnd"], 16)} == {"usual-capabilities"}
    assert {name for name in status if world.may(name, "touch", "/new")} == {"may-write-to-its-own"}
    assert world.docker("exec", "secret-by-its-name", "printenv", "DB_PASSWORD").strip() == SECRET


@pytest.mark.parametrize("name", ["socket", "socket-directory", "whole-host-read-only"])
def test_who_has_the_socket_lists_containers(world: Containers, name: str) -> None:
    place = {"socket": "/s", "socket-directory": "/host/run/docker.sock", "whole-host-read-only": "/host/run/docker.sock"}[name]
    assert "hardened" in world.as_root_in(name, "docker", "-H", f"unix://{place}", "ps", "--format", "{{.Names}}").split()


def test_a_user_who_is_not_root_has_not_what_is_roots(world: Containers) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        world.docker("exec", "socket-of-another-user", "docker", "-H", "unix:///s", "ps")
    assert world.docker("exec", "-u", "0", "socket-of-another-user", "docker", "-H", "unix:///s", "ps")


def test_who_has_the_host_reads_and_writes_what_is_roots(world: Containers) -> None:
    holder = f"/proc/{world.holder.pid}"
    assert world.as_root_in("whole-host", "cat", f"/host{REACH}") == SECRET
    assert world.as_root_in("host-processes-and-ptrace", "cat", f"{holder}/root{REACH}") == SECRET
    assert "root:" in world.as_root_in("etc-read-only", "cat", "/host-etc/shadow")
    for name, place in (("cron", "/cron/job"), ("volume-of-etc", "/host-etc/profile.d/job.sh"), ("what-root-runs", "/app/job.sh")):
        world.as_root_in(name, "touch", place)
    assert (world.etc / "cron.d/job").exists() and (world.etc / "profile.d/job.sh").exists()
    assert not world.may("host-processes", "cat", f"{holder}/root{REACH}") and not world.may("ptrace-of-its-own", "ls", holder)
    assert world.may("host-processes", "kill", "-0", str(world.holder.pid)) and not world.may("hardened", "kill", "-0", str(world.holder.pid))


def test_who_has_the_kernel_sets_what_it_runs(world: Containers) -> None:
    for name, place, able in (
        ("privileged", "/proc", True),
        ("nothing-hidden", "/proc", True),
        ("kernel", "/host-proc", True),
        ("hardened", "/proc", False),
        ("all-capabilities", "/proc", False),
    ):
        assert world.may(name, "python3", "-c", OPEN, f"{place}/sys/kernel/core_pattern") is able, name
    assert world.may(
        "cgroups",
        "sh",
        "-c",
        "mkdir /host-cgroup/$0 2>/dev/null || mkdir /host-cgroup/pids/$0; rmdir /host-cgroup/$0 /host-cgroup/pids/$0 2>/dev/null; true",
        "hc-test",
    )


def test_who_opens_by_number_reads_what_is_roots(world: Containers) -> None:
    number = world.run("python3", "-c", BY_NUMBER, "name", f"{world.base}/secret").split()
    assert world.as_root_in("open-by-number", "python3", "-c", BY_NUMBER, "open", *number) == SECRET
    assert not world.may("hardened", "python3", "-c", BY_NUMBER, "open", *number)


def test_what_else_is_shared_is_shared(world: Containers) -> None:
    for name, kind in (
        ("host-network", "net"),
        ("network-handed-on", "net"),
        ("processes-handed-on", "pid"),
        ("host-ipc", "ipc"),
        ("host-name", "uts"),
        ("host-processes", "pid"),
    ):
        assert world.as_root_in(name, "readlink", f"/proc/self/ns/{kind}") == world.run("readlink", f"/proc/self/ns/{kind}").strip(), name
        assert world.as_root_in("hardened", "readlink", f"/proc/self/ns/{kind}") != world.run("readlink", f"/proc/self/ns/{kind}").strip()
    told = {
        name: dict(line.split(":\t", 1) for line in world.as_root_in(name, "cat", "/proc/self/status").splitlines())
        for name in ("hardened", "no-filter", "setuid-works")
    }
    assert [told[name]["Seccomp"] for name in ("hardened", "no-filter")] == ["2", "0"]
    assert [told[name]["NoNewPrivs"] for name in ("hardened", "setuid-works")] == ["1", "0"]
    opens = "mknod /nodes/fuse c 10 229 && dd if=/nodes/fuse of=/dev/null bs=1 count=0"
    assert world.may("all-character-devices", "sh", "-c", opens) and not world.may("all-block-devices", "sh", "-c", opens)


def test_an_engine_that_stands_still_costs_what_it_would_have_told(world: Containers, scan: Scanner) -> None:
    world.dockerd.send_signal(signal.SIGSTOP)
    try:
        found = scan(world, "--profile", "level2")
    finally:
        world.dockerd.send_signal(signal.SIGCONT)
    told = fails(found)
    assert set(told) == {"*"} and {one.partition(": ")[2] for one in told["*"]} == {"error"}
    assert found.seconds < 15
    assert any(one["rule"].startswith("HC-ACC") and one["result"] == "pass" for one in found.report["findings"])


def test_what_is_to_be_pasted_works(world: Containers, scan: Scanner) -> None:
    pasted = {"HC-CTR-02", "HC-CTR-26", "HC-CTR-27", "HC-CTR-28", "HC-CTR-29"}
    failed = [one for one in scan(world, "--profile", "level2").report["findings"] if one["result"] == "fail" and one["rule"] in pasted]
    assert {one["rule"] for one in failed} == pasted
    for one in failed:
        for step in one["fix"]:
            if "run" in step:
                world.run("sh", "-ec", step["run"])
    assert not pasted & {rule for rules in fails(scan(world, "--profile", "level2")).values() for rule in rules}


def test_where_docker_maps_ids_a_container_may_leave_that(scan: Scanner) -> None:
    """Who asks for the host's ids is as dangerous as elsewhere; who does not cannot be privileged at all."""
    made = Containers()
    try:
        made.start_docker("--userns-remap=erin")
        made.load()
        made.create("mapped")
        for name, options in (("leaves", ("--userns", "host")), ("leaves-with-all", (*ROOT, "--userns", "host", "--privileged"))):
            made.create(name, *options)
            made.docker("start", name)
        found = scan(made, "--profile", "level2")
        assert fails(found) == {"docker:leaves": {"HC-CTR-12"}, "docker:leaves-with-all": {"HC-CTR-01", "HC-CTR-12", "HC-CTR-20"}}
        assert {one["severity"] for one in found.report["findings"] if one["rule"] == "HC-CTR-01" and one["result"] == "fail"} == {"critical"}
        assert made.as_root_in("leaves", "cat", "/proc/self/uid_map").split() == ["0", "0", "4294967295"]
    finally:
        made.end()


def test_a_limit_that_docker_says_it_cannot_enforce_is_none(scan: Scanner) -> None:
    """It takes the limit, warns, and starts the container without it; a quota of CPU time it refuses."""
    made = Containers()
    try:
        made.start_docker()
        made.load()
        made.stop_docker()
        made.run("umount", *(f"/sys/fs/cgroup/{name}" for name in ("memory", "pids", "cpu")))
        made.start_docker()
        made.create("limited", "--cpus", "0")
        made.docker("start", "limited")
        assert not [line for line in made.as_root_in("limited", "cat", "/proc/1/cgroup").splitlines() if ":memory:" in line and "docker" in line]
        found = scan(made, "--profile", "level2")
        assert fails(found) == {"docker:limited": {"HC-CTR-26", "HC-CTR-27", "HC-CTR-28"}}
        told = {
            one["rule"]: one["because"].partition(" says that it ")[2]
            for one in found.report["findings"]
            if one["result"] == "fail" and one["subject"] == "docker:limited"
        }
        assert {text.partition(",")[0] for text in told.values()} == {
            "enforces no memory limit",
            "enforces no limit on the number of processes",
            "does not enforce limits of CPU time",
        }
    finally:
        made.end()
