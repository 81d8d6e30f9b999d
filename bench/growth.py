"""Print how the time of a scan grows with what a host has: users, groups, lines of subordinate ids, sockets, processes, TCP listeners, units.

Some hosts have a product of several things, such as sockets x directories x entries of ACLs: their size is the product, of which each has an equal part.
Hosts are made in memory, so that only hostcheck's own work is measured; the exponent is the slope between the logarithms of size and time: 1 is linear.
"""

import argparse
import gc
import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from hostcheck import registry
from hostcheck.benchmark import load
from hostcheck.collect import assemble
from hostcheck.derive import derive
from hostcheck.host.answers import AclEntry, Group, Peer, Process, Stat, TcpSocket, UnixSocket, User
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


@dataclass(frozen=True, kw_only=True)
class Laid:
    """What users have laid: files with their text, what stands where, and sockets that they listen on, with whose each is."""

    files: dict[str, str] = field(default_factory=dict)
    stats: dict[str, Stat] = field(default_factory=dict)
    sockets: dict[str, int] = field(default_factory=dict)


NOTHING = Laid()


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
    laid: Laid = NOTHING,
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
    owners = dict.fromkeys((*paths, *(f"/run/service/{number}" for number in range(names))), 0) | dict.fromkeys(theirs, 1000) | laid.sockets
    bound = list(owners)
    table = "Num RefCount Protocol Flags Type St Inode Path\n" + "".join(
        f"0000000000000000: 00000002 00000000 00010000 0001 01 {5000 + number} {path}\n" for number, path in enumerate(bound)
    )
    listed = [UnixSocket(inode=5000 + number, name=path, listening=True, uid=uid) for number, (path, uid) in enumerate(owners.items())]
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
        "/usr/sbin/cron": "",
        **laid.files,
    }
    links = {"/proc/self/ns/user": "user:[4026531837]", "/proc/self/ns/pid": "pid:[4026531836]", "/proc/self/ns/mnt": "mnt:[4026531841]"}
    links |= {f"/proc/90/fd/{number}": f"socket:[{900_000 + number}]" for number in range(tcp)}
    return MemoryHost(
        files,
        stats={
            **{path: Stat(type="socket", uid=0, gid=DOCKER, mode=0o660) for path in paths},
            **{path: Stat(type="socket", uid=1000, gid=1000, mode=0o660) for path in theirs},
            **({"/home/u0": Stat(type="dir", uid=1000, gid=1000, mode=0o755)} if theirs else {}),
            **laid.stats,
        },
        links=links,
        peers={
            **dict.fromkeys(paths, Peer(pid=1, uid=0, gid=0)),
            **{path: Peer(pid=100, uid=uid, gid=uid) for path, uid in {**dict.fromkeys(theirs, 1000), **laid.sockets}.items()},
        },
        unix_sockets=listed,
        tcp_sockets=[TcpSocket(address="0.0.0.0", port=number % 60_000 + 1024, uid=uid, inode=900_000 + number) for number in range(tcp)],
        users=people,
        groups=teams,
        processes=running,
    )


def root(size: int, of: int) -> int:
    """Return the length of which so many make a product of this size."""
    return max(1, round(size ** (1 / of)))


def opened(count: int) -> tuple[AclEntry, ...]:
    """Return an ACL that lets so many numbers in that nobody has."""
    ids = [("user_obj", -1), *(("user", 300_000 + number) for number in range(count)), ("group_obj", -1), ("mask", -1), ("other", -1)]
    return tuple(AclEntry(tag=tag, id=number, perms=5) for tag, number in ids)


def deep(place: str, depth: int, acl: tuple[AclEntry, ...], uid: int) -> tuple[str, dict[str, Stat]]:
    """Return directories of a user's, one in the other: the last, and what each is."""
    folders = [place]
    for _ in range(depth):
        folders.append(f"{folders[-1]}/d")
    return folders[-1], dict.fromkeys(folders, Stat(type="dir", uid=uid, gid=uid, mode=0o755, acl=acl))


def sockets_deep(users: int, count: int, depth: int, entries: int) -> MemoryHost:
    """Return a host on which users have so many sockets each, behind so many directories, each with an ACL of so many entries."""
    laid, acl = Laid(), opened(entries)
    for uid in range(1000, 1000 + users):
        for number in range(count):
            last, stats = deep(f"/tmp/{uid}/{number}", depth, acl, uid)
            laid.stats.update(stats)
            laid.stats[f"{last}/docker.sock"] = Stat(type="socket", uid=uid, gid=uid, mode=0o660)
            laid.sockets[f"{last}/docker.sock"] = uid
    return host(users=max(users, 10), laid=laid)


def jobs_deep(users: int, count: int, depth: int, entries: int) -> MemoryHost:
    """Return a host on which users' cron has so many lines, each with a file behind such directories."""
    laid, acl = Laid(), opened(entries)
    for number in range(users):
        uid, table = 1000 + number, f"/var/spool/cron/crontabs/u{number}"
        laid.stats[table] = Stat(type="file", uid=uid, gid=uid, mode=0o600)
        laid.files[table] = ""
        for line in range(count):
            last, stats = deep(f"/tmp/{uid}/{line}", depth, acl, uid)
            laid.stats.update(stats)
            laid.files[f"{last}/job"] = ""
            laid.stats[f"{last}/job"] = Stat(type="file", uid=uid, gid=uid, mode=0o755)
            laid.files[table] += f"* * * * * {last}/job\n"
    return host(users=max(users, 10), laid=laid)


def machines(users: int, count: int, lines: int) -> MemoryHost:
    """Return a host on which users have so many of Lima's machines, each with so many lines."""
    laid, text = Laid(), "mounts:\n" + "".join(f"- location: /srv/{number}\n" for number in range(lines))
    for user in range(users):
        home = f"/home/u{user}"
        folders = [home, f"{home}/.lima", *(f"{home}/.lima/m{number}" for number in range(count))]
        laid.stats.update(dict.fromkeys(folders, Stat(type="dir", uid=1000 + user, gid=1000 + user, mode=0o700)))
        for folder in folders[2:]:
            laid.files[f"{folder}/lima.yaml"] = text
            laid.stats[f"{folder}/lima.yaml"] = Stat(type="file", uid=1000 + user, gid=1000 + user, mode=0o600, size=len(text))
    return host(users=max(users, 10), laid=laid)


def scanned(made: MemoryHost, found: registry.Registry, benchmark: object) -> tuple[float, int]:
    """Return the processor seconds that stating, joining and judging take on a host, and the bytes of what is stated."""
    started = time.process_time()
    stated = {name: dict(zip(("facts", "holes"), state(probe, made), strict=True), sources=[]) for name, probe in found.probes.items()}
    about = {"plugins": [], "schemas": dict.fromkeys(stated, "0" * 64)}
    target = {"kind": "memory", "name": "bench"}
    evidence = assemble(stated, about, found, target=target, clock="2026-01-01T00:00:00Z", euid=0, capabilities="")
    cut(judge([benchmark], derive(evidence, found.probes, found.analyses, {}), "level2", {}))  # type: ignore[arg-type]
    return time.process_time() - started, len(json.dumps(evidence))


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
    "sockets x directories": lambda size: sockets_deep(1, root(size, 2), min(root(size, 2), 60), 0),
    "sockets x directories x entries": lambda size: sockets_deep(1, root(size, 3), min(root(size, 3), 60), root(size, 3)),
    "jobs x directories x entries": lambda size: jobs_deep(1, root(size, 3), min(root(size, 3), 60), root(size, 3)),
    "files x lines": lambda size: machines(1, root(size, 2), root(size, 2)),
    "users x sockets": lambda size: sockets_deep(root(size, 2), root(size, 2), 1, 0),
    "users x jobs": lambda size: jobs_deep(root(size, 2), root(size, 2), 1, 0),
    "users x files x lines": lambda size: machines(root(size, 3), root(size, 3), root(size, 3)),
}
"""Hosts by what they have very many of; of users with ranges there are half as many, of units a tenth, and of the sockets one in 250 is an engine's.

Those with a product are one user's, unless they are of users; no way is deeper than is looked at in any case.
"""


def growth(name: str, sizes: list[int], found: registry.Registry, benchmark: object) -> float:
    """Print the times and the evidence for these sizes, and return the steepest slope between the last two thirds of the times."""
    costs = [min(scanned(CROWDS[name](size), found, benchmark) for _ in range(2)) for size in sizes]
    slope = math.log(costs[-1][0] / costs[-3][0]) / math.log(sizes[-1] / sizes[-3])
    told = (f"{size}: {seconds:.2f} s, {stated / 1e6:.1f} MB" for size, (seconds, stated) in zip(sizes, costs, strict=True))
    print(f"{name:32} " + "  ".join(told) + f"  exponent {slope:.2f}", flush=True)
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
