"""Print how the time of a scan grows with what a host has: users, groups, lines of subordinate ids, sockets, processes, TCP listeners, units.

Hosts are made in memory, so that only hostcheck's own work is measured; the exponent is the slope between the logarithms of size and time: 1 is linear.
"""

import argparse
import gc
import math
import time
from collections.abc import Callable

from hostcheck import registry
from hostcheck.benchmark import load
from hostcheck.collect import assemble
from hostcheck.derive import derive
from hostcheck.host.answers import Group, Peer, Process, Stat, TcpSocket, UnixSocket, User
from hostcheck.host.memory import MemoryHost
from hostcheck.invoke import state
from hostcheck.report import judge
from hostcheck.shares import cut

LIMIT = 1.3
"""The steepest slope that is taken for n log n: log n itself adds some 0.1 in this range."""
DOCKER = 105
MOUNTS = "20 1 0:20 / / rw - ext4 /dev/vda1 rw\n21 20 0:21 / /proc rw - proc proc rw\n"


def passwd(users: list[User]) -> str:
    """Return /etc/passwd with these users."""
    return "".join(f"{one.name}:x:{one.uid}:{one.gid}::{one.home}:{one.shell}\n" for one in users)


def group(groups: list[Group]) -> str:
    """Return /etc/group with these groups."""
    return "".join(f"{one.name}:x:{one.gid}:{','.join(one.members)}\n" for one in groups)


def host(
    users: int = 10,
    groups: int = 10,
    subids: int = 10,
    sockets: int = 1,
    processes: int = 10,
    *,
    step: int = 65_536,
    names: int = 0,
    planted: int = 0,
    tcp: int = 0,
    uid: int = 0,
    units: int = 0,
) -> MemoryHost:
    """Return a host with so many of each; every tenth user has the group docker.

    Ranges of sub-ids begin `step` ids apart. Of the unix sockets `sockets` are engines of root's, `names` are others, and `planted` have an engine's name and
    are those of one user, who has as many processes with groups of their own. A dockerd of `uid` listens on `tcp` ports; each of `units` starts one, and
    has a drop-in.
    """
    people = [User(name="root", uid=0, gid=0, home="/root", shell="/bin/sh")]
    people += [User(name=f"u{number}", uid=1000 + number, gid=1000 + number, home=f"/home/u{number}", shell="/bin/sh") for number in range(users)]
    teams = [Group(name="root", gid=0, members=()), Group(name="docker", gid=DOCKER, members=tuple(one.name for one in people[1::10]))]
    teams += [Group(name=f"g{number}", gid=200_000 + number, members=(f"u{number % max(users, 1)}",)) for number in range(groups)]
    ranges = "".join(f"u{number % max(users, 1)}:{1_000_000 + step * (number % 60_000)}:65536\n" for number in range(subids))
    paths = ["/run/docker.sock", *(f"/run/s{number}/docker.sock" for number in range(1, sockets))]
    theirs = [f"/home/u0/{number}/docker.sock" for number in range(planted)]
    bound = [*paths, *(f"/run/service/{number}" for number in range(names)), *theirs]
    table = "Num RefCount Protocol Flags Type St Inode Path\n" + "".join(
        f"0000000000000000: 00000002 00000000 00010000 0001 01 {5000 + number} {path}\n" for number, path in enumerate(bound)
    )
    listed = [
        UnixSocket(inode=5000 + number, name=path, listening=True, uid=1000 if number >= len(bound) - planted else 0) for number, path in enumerate(bound)
    ]
    running = [Process(pid=1, ppid=0, name="init", uids=(0,) * 4, gids=(0,) * 4, groups=(), cap_effective=(1 << 41) - 1, exe="/sbin/init", host_mounts=True)]
    running += [
        Process(
            pid=100 + one,
            ppid=1,
            name="sh",
            uids=(1000 + one % max(users, 1),) * 4,
            gids=(1000,) * 4,
            groups=(DOCKER,),
            cap_effective=0,
            host_mounts=True,
            user_view=False,
        )
        for one in range(processes)
    ]
    running += [
        Process(
            **{"pid": 2_000_000 + one, "ppid": 1, "name": "sh", "uids": (1000,) * 4, "gids": (1000,) * 4, "groups": (100_000 + one, 200_000 + one)},
            **{"cap_effective": 0, "host_mounts": False, "user_view": True},
        )
        for one in range(planted)
    ]
    running += [
        Process(
            **{"pid": 90, "ppid": 1, "name": "dockerd", "uids": (uid,) * 4, "gids": (uid,) * 4, "groups": (), "cap_effective": 0, "exe": "/usr/bin/dockerd"},
            **{"host_mounts": True, "user_view": False},
        )
    ]
    system = "/etc/systemd/system"
    files = {
        **{f"{system}/s{number}.service": "[Service]\nExecStart=/usr/bin/dockerd -H unix:///run/s{number}.sock\n" for number in range(units)},
        **{f"{system}/s{number}.service.d/1.conf": "[Service]\nUMask=0077\n" for number in range(units)},
        "/usr/bin/dockerd": "",
        "/proc/90/cmdline": "/usr/bin/dockerd\0",
        "/etc/passwd": passwd(people),
        "/etc/group": group(teams),
        "/etc/nsswitch.conf": "passwd: files\ngroup: files\n",
        "/etc/subuid": ranges,
        "/etc/subgid": ranges,
        "/proc/net/unix": table,
        "/proc/self/mountinfo": MOUNTS,
        "/proc/1/mountinfo": MOUNTS,
        **dict.fromkeys(("/proc/sys/kernel/osrelease", "/proc/sys/kernel/version"), "6.12.0\n"),
        "/proc/sys/kernel/hostname": "bench\n",
        "/proc/cmdline": "quiet\n",
        "/proc/1/cgroup": "0::/init.scope\n",
        "/sys/kernel/mm": "",
        "/proc/self/status": "Uid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\nNoNewPrivs:\t0\n",
    }
    links = {"/proc/self/ns/user": "user:[4026531837]", "/proc/self/ns/pid": "pid:[4026531836]", "/proc/self/ns/mnt": "mnt:[4026531841]"}
    links |= {f"/proc/90/fd/{number}": f"socket:[{900_000 + number}]" for number in range(tcp)}
    return MemoryHost(
        files,
        stats={
            **{path: Stat(type="socket", uid=0, gid=DOCKER, mode=0o660) for path in paths},
            **{path: Stat(type="socket", uid=1000, gid=1000, mode=0o660) for path in theirs},
            **({"/home/u0": Stat(type="dir", uid=1000, gid=1000, mode=0o755)} if theirs else {}),
        },
        links=links,
        peers={**dict.fromkeys(paths, Peer(pid=1, uid=0, gid=0)), **dict.fromkeys(theirs, Peer(pid=100, uid=1000, gid=1000))},
        unix_sockets=listed,
        tcp_sockets=[TcpSocket(address="0.0.0.0", port=number % 60_000 + 1024, uid=uid, inode=900_000 + number) for number in range(tcp)],
        users=people,
        groups=teams,
        processes=running,
    )


def scanned(made: MemoryHost, found: registry.Registry, benchmark: object) -> float:
    """Return the processor seconds that stating, joining and judging take on a host."""
    started = time.process_time()
    stated = {name: dict(zip(("facts", "holes"), state(probe, made), strict=True), sources=[]) for name, probe in found.probes.items()}
    about = {"plugins": [], "schemas": dict.fromkeys(stated, "0" * 64)}
    target = {"kind": "memory", "name": "bench"}
    evidence = assemble(stated, about, found, target=target, clock="2026-01-01T00:00:00Z", euid=0, capabilities="")
    cut(judge([benchmark], derive(evidence, found.probes, found.analyses, {}), "level2", {}))  # type: ignore[arg-type]
    return time.process_time() - started


CROWDS: dict[str, Callable[[int], MemoryHost]] = {
    "users": lambda size: host(users=size),
    "groups": lambda size: host(groups=size),
    "subids": lambda size: host(users=1, subids=size),
    "overlapping": lambda size: host(subids=size, step=1000),
    "with ranges": lambda size: host(users=size // 2, subids=size // 2),
    "processes": lambda size: host(processes=size),
    "sockets": lambda size: host(names=size, sockets=size // 250),
    "planted": lambda size: host(planted=size),
    "listeners": lambda size: host(tcp=size),
    "of a user": lambda size: host(tcp=size, uid=1000),
    "units": lambda size: host(units=size // 10),
}
"""Hosts by what they have very many of; of users with ranges there are half as many, of units a tenth, and of the sockets one in 250 is an engine's."""


def growth(name: str, sizes: list[int], found: registry.Registry, benchmark: object) -> float:
    """Print the times for these sizes, and return the steepest slope between the last two thirds of them."""
    times = [min(scanned(CROWDS[name](size), found, benchmark) for _ in range(2)) for size in sizes]
    slope = math.log(times[-1] / times[-3]) / math.log(sizes[-1] / sizes[-3])
    print(f"{name:12} " + "  ".join(f"{size}: {seconds:.2f} s" for size, seconds in zip(sizes, times, strict=True)) + f"  exponent {slope:.2f}", flush=True)
    return slope


def main() -> None:
    """Measure, print, and fail where something grows faster than n log n."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--most", type=int, default=100_000, help="the largest size (default: 100000)")
    parser.add_argument("names", nargs="*", default=list(CROWDS), help=f"what there is very much of (default: all of {', '.join(CROWDS)})")
    options = parser.parse_args()
    gc.disable()  # as a scan does
    found = registry.load()
    benchmark = load(found.benchmarks[0], shipped=True)
    sizes = [options.most // 8, options.most // 4, options.most // 2, options.most]
    slopes = {name: growth(name, sizes, found, benchmark) for name in options.names}
    if steep := [name for name, slope in slopes.items() if slope > LIMIT]:
        raise SystemExit(f"grows faster than n log n: {', '.join(steep)}")


if __name__ == "__main__":
    main()
