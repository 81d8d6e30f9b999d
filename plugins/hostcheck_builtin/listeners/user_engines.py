"""What users' processes that are called like engines listen on, by user: nobody is connected to there, and it says something of that user alone.

A user may call any program dockerd, and listen wherever nobody else does. Of RootlessKit only those ports count that its own command line publishes, since it
forwards those of containers as well.
"""

import re
from collections import defaultdict
from typing import Final

from hostcheck.api import ABSENT, Hole, Host, Json, Process, TcpSocket, Why, attempt, incomplete, pattern, worst_hole
from hostcheck_builtin.sockets.fd_owners import DELETED
from hostcheck_builtin.system import bounds, procfs
from hostcheck_builtin.system.account_files import keep
from hostcheck_builtin.system.credentials import hides
from hostcheck_builtin.system.procfs import away_from_init
from hostcheck_builtin.system.quota import Quota
from hostcheck_builtin.system.tcp_listeners import named, of_user

ENGINES: Final = {"buildkitd": "buildkit", "containerd": "containerd", "dockerd": "docker", "podman": "podman", "rootlesskit": "docker"}
NAMES: Final = frozenset({*ENGINES, "exe"})
"""What their processes are called; podman starts itself again by /proc/self/exe, to be root in its user namespace."""
PUBLISHED: Final = pattern(r"(?:\S*:)?([0-9]{1,5}):[0-9]{1,5}/tcp", re.ASCII)


def of_users(host: Host) -> Json:
    """State by uid what the engines of users listen on in the scanner's network namespace, each with the holes of its own."""
    processes = attempt(host.processes)
    if isinstance(processes, Hole):
        return processes
    candidates = [one for one in processes if one.name in NAMES and 0 not in one.uids and not one.lost]
    quota = Quota(host, bounds.PROCESSES_CALLED_LIKE_ENGINES, bounds.PROCESSES_OF_STRANGERS)
    theirs: dict[int, list[Process]] = defaultdict(list)
    for one in candidates:
        if quota.takes(one.uids[1]):
            theirs[one.uids[1]].append(one)
    left = quota.left("processes called like an engine")
    late: list[int] = []
    unknown = worst_hole(attempt(hides, host), attempt(away_from_init, host))
    stated = {str(uid): _of_one(host, uid, theirs.get(uid, []), left.get(uid), late) for uid in sorted({*theirs, *left})}
    return incomplete({uid: one for uid, one in stated.items() if one or hasattr(one, "hole")}, unknown)


def _of_one(host: Host, uid: int, processes: list[Process], unknown: Hole | None, late: list[int]) -> Json:
    sockets = of_user(host, uid)
    if isinstance(sockets, Hole):
        return sockets
    if len(sockets) > bounds.LISTENERS_OF_A_USER:
        many = f"uid {uid} listens on {len(sockets)} sockets, and not all of them are looked at"
        unknown = worst_hole(unknown, Hole(why=Why.LIMIT, message=many, owners=(uid,)))
    found: dict[str, Json] = {}
    for process in processes if sockets else ():
        if len(late) >= bounds.SLOW_PROCESSES_OF_A_USER or uid in late:
            slow = f"/proc/{process.pid}/fd: not looked through, after others that took too long"
            unknown = worst_hole(unknown, Hole(why=Why.LIMIT, message=slow, owners=(uid,)))
            continue
        held = attempt(_held, host, process, sorted(sockets, key=lambda one: (one.port, one.address))[: bounds.LISTENERS_OF_A_USER])
        if isinstance(held, Hole):
            unknown = worst_hole(unknown, held)
            late += [uid] if held.why is Why.TIMEOUT else []
            continue
        for socket, engine, exe in held:
            keep(found, named(socket), {"engine": engine, "address": socket.address, "port": socket.port, "process": {"pid": process.pid, "exe": exe}})
    return incomplete(found, unknown)


def _held(host: Host, process: Process, sockets: list[TcpSocket]) -> list[tuple[TcpSocket, str, str]]:
    """Return the sockets that a process listens on with its engine and program, none where it is no engine or has ended."""
    if not host.holders([one.inode for one in sockets], [process.pid]):
        return []
    try:
        seen = host.process(process.pid)
        program = seen.exe.removesuffix(DELETED).rpartition("/")[2]
        if program not in ENGINES or seen.uids != process.uids:
            return []
        ports = _published(procfs.command(host, process.pid, bounds.ARGUMENTS_OF_A_LISTENER)) if program == "rootlesskit" else None
    except ABSENT:
        return []
    mine = [one for one in sockets if (ports is None or one.port in ports) and host.holders([one.inode], [process.pid])]
    return [(one, ENGINES[program], seen.exe) for one in mine]


def _published(argv: list[str]) -> set[int]:
    """Return the ports that a RootlessKit was told to publish (rootlesskit(1), -p)."""
    return {int(found[1]) for word in argv[1:] if (found := PUBLISHED.fullmatch(word.partition("=")[2] if word.startswith("--publish=") else word))}
