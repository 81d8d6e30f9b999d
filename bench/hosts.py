"""Print what a scan costs on hosts that are larger or busier than most, each real: with mounts and a network of its own, and processes that end with it.

As root, from an environment in which hostcheck is installed; `--beside VENV` measures another installed version in the same run. Only the engine needs anything
but util-linux: docker.io and containerd. The processes of the machine are seen too: in a pid namespace a scan knows that it sees only some, and judges little.
"""

import argparse
import atexit
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from measure import HEAD, Command, Installed, bare, beside, in_turn, line

APART = "unshare --mount --net --propagation private".split()
"""With a network of its own: a second dockerd in the machine's deletes the first one's bridge (moby, daemon_unix.go, removeDefaultBridgeInterface)."""
MOUNTS = """
mount --no-mtab -t tmpfs -o mode=0755 tmpfs /run
mkdir -m 0755 /run/etc /run/home /run/bench
cp --archive /etc/. /run/etc
mount --no-mtab --bind /run/etc /etc
mount --no-mtab --bind /proc/{own}/mountinfo /proc/1/mountinfo
mount --no-mtab --bind /proc/{own}/net /proc/1/net
"""
"""The mounts and the network of process 1 are those of this host, as they are where it has a process 1 of its own."""
PDEATHSIG = 1
FIRST = 20_000
"""The id of the first user."""
IMAGE = "cd /run/bench && mkdir image && for name in bin lib lib64 sbin; do ln -s usr/$name image/$name; done && tar -C image -c . | docker import - empty"
NICE = ["/usr/bin/nice", "-n", "19"]
PATIENCE = ["--deadline", "600"]
"""For a scan that has a hundredth of each processor, which is not done in the ten seconds that it has otherwise, and then judges nothing."""


def append(path: str, lines: Iterable[str]) -> None:
    """Add lines to a file of /etc, which is this host's own."""
    with open(path, "a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


def people(count: int) -> None:
    """Add users, each with a home and a range of subordinate ids; every tenth has the group docker."""
    names = [f"bench{number}" for number in range(count)]
    groups = Path("/etc/group").read_text().splitlines(keepends=True)
    Path("/etc/group").write_text("".join(line for line in groups if not line.startswith("docker:")))
    append("/etc/group", [f"docker:x:{FIRST - 1}:{','.join(names[::10])}", *(f"{name}:x:{FIRST + number}:" for number, name in enumerate(names))])
    append("/etc/passwd", (f"{name}:x:{FIRST + number}:{FIRST + number}::/run/home/{name}:/bin/sh" for number, name in enumerate(names)))
    for file in ("/etc/subuid", "/etc/subgid"):
        Path(file).write_text("".join(f"{name}:{1_000_000 + 65_536 * number}:65536\n" for number, name in enumerate(names)))
    for number, name in enumerate(names):
        home = Path("/run/home", name)
        (home / ".docker").mkdir(parents=True)
        (home / ".docker/config.json").write_text("{}")
        (home / ".profile").write_text("umask 027\n")
        for path in (home, *home.rglob("*")):
            os.chown(path, FIRST + number, FIRST + number)


def start(work: Callable[[], object], own: int = 0) -> None:
    """Start a process of the user with this id that does `work`, and ends with the bench at the latest (prctl(2))."""
    pid = os.fork()
    if pid:
        atexit.register(end, pid)
        return
    try:
        os.setgroups([own])
        os.setresgid(own, own, own)
        os.setresuid(own, own, own)
        ctypes.CDLL(None).prctl(PDEATHSIG, signal.SIGKILL)
        while True:
            work()
    finally:
        os._exit(1)


def end(pid: int) -> None:
    """End a process that was started here."""
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def sleeping(count: int, users: int) -> None:
    """Start processes of the users that sleep."""
    for number in range(count):
        start(lambda: os.execv("/usr/bin/sleep", ["sleep", "infinity"]), FIRST + number % users)


def crowd() -> None:
    """300 users, 250 processes and about 2,000 findings."""
    people(300)
    sleeping(250, 300)


def processes() -> None:
    """300 users and 5,000 processes."""
    people(300)
    sleeping(5000, 300)


def churn() -> None:
    """250 processes, and one that starts others which end at once."""
    people(10)
    sleeping(250, 10)
    start(lambda: os.waitpid(os.fork() or os._exit(0), 0))


def busy() -> None:
    """A loop on each processor; the scan, and the bare start, are as nice as can be."""
    for _ in os.sched_getaffinity(0):
        start(lambda: None)


def engine() -> None:
    """A dockerd with 50 containers."""
    (Path("/run/bench/daemon.json")).write_text("{}")
    places = [part for name in ("data-root", "exec-root") for part in (f"--{name}", f"/run/bench/{name}")]
    argv = [
        "setpriv",
        "--pdeathsig",
        "TERM",
        "dockerd",
        "--config-file",
        "/run/bench/daemon.json",
        *places,
        "--pidfile",
        "/run/docker.pid",
        "-H",
        "unix:///run/docker.sock",
    ]
    with open("/run/bench/log", "wb") as log:
        daemon = subprocess.Popen([*argv, "--bridge=none", "--iptables=false", "--ip6tables=false"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    atexit.register(lambda: (daemon.terminate(), daemon.wait()))
    end = time.monotonic() + 60
    while subprocess.run(["docker", "version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode:
        if daemon.poll() is not None or time.monotonic() > end:
            raise SystemExit(f"dockerd does not answer:\n{Path('/run/bench/log').read_text(errors='replace')[-2000:]}")
        time.sleep(0.1)
    subprocess.run(["sh", "-ec", IMAGE], check=True, stdout=subprocess.DEVNULL)
    atexit.register(lambda: subprocess.run("docker rm -f $(docker ps -aq)", shell=True, stdout=subprocess.DEVNULL, check=False))
    for _ in range(50):
        subprocess.run(
            ["docker", "run", "-d", "--network", "none", "-v", "/usr:/usr:ro", "empty", "/usr/bin/sleep", "infinity"], check=True, stdout=subprocess.DEVNULL
        )


def small() -> None:
    """Nothing but what the machine has in /etc."""


HOSTS = {make.__name__: make for make in (small, crowd, processes, churn, busy, engine)}


def measured(name: str, runs: int, versions: list[Installed]) -> None:
    """Make a host and print what a scan of it costs."""
    subprocess.run(["sh", "-ec", MOUNTS.format(own=os.getpid())], check=True)
    HOSTS[name]()
    usual = bare(versions[0])
    scans = [Command(name=name, argv=[*version.hostcheck(), "scan", "--format", f"json=/run/bench/{number}.json"]) for number, version in enumerate(versions)]
    for command in [usual, *scans] if name == "busy" else ():
        command.argv = NICE + command.argv + (PATIENCE if command in scans else [])
    in_turn([usual, *scans], runs)
    for command in (usual, *scans):
        print(line(command, usual), flush=True)
    for other in scans[1:]:
        print(f"beside {versions[1].prefix}: {beside(scans[0], other)}")
    report = json.loads(Path("/run/bench/0.json").read_text())
    count = sum(entry.isdecimal() for entry in os.listdir("/proc"))
    found = sum(report["counts"].values())
    print(f"{'':34}{found} findings ({report['counts']['error']} error), {count} processes; it ended {scans[0].codes()}")


def main() -> None:
    """Measure the scan of each host, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--beside", type=Path, metavar="VENV", help="the environment of another version, to measure both in pairs")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*", metavar="NAME", default=list(HOSTS), help=f"which hosts (default: all of {', '.join(HOSTS)})")
    options = parser.parse_args()
    versions = [Installed(Path(prefix)) for prefix in (sys.prefix, *filter(None, [options.beside and options.beside.resolve()]))]
    os.chdir("/")
    if options.inside:
        measured(options.names[0], options.runs, versions)
        return
    for version in versions:
        version.require()
    print(f"Python {sys.version.split()[0]}, {options.runs} runs in turn\n{HEAD}")
    given = ["--runs", str(options.runs), *(["--beside", str(versions[1].prefix)] if versions[1:] else [])]
    for name in options.names:
        print(f"{name}: {HOSTS[name].__doc__}", flush=True)
        subprocess.run([*APART, sys.executable, os.path.abspath(__file__), "--inside", *given, name], check=True)


if __name__ == "__main__":
    main()
