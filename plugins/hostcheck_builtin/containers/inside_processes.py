"""What the kernel says of one process in a container: its capabilities, its filter, its namespaces and when it began (proc_pid_status(5)).

Its arguments and its environment are its own to write, and are not read; of its name only some words are known.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from hostcheck.api import Hole, Host, Json, Nonsense, Unsupported, attempt
from hostcheck_builtin.host.probe_host import CAPABILITIES
from hostcheck_builtin.system.bounds import STATUS_BYTES as LIMIT
from hostcheck_builtin.system.presence import absent_as
from hostcheck_builtin.system.procfs import INIT_PIDNS, demand, number, whole

PROGRAMS: Final = frozenset({"containerd", "crio", "dockerd", "sshd"})
"""Programs that let others in, or start containers."""
STARTERS: Final = ("runc:[", "youki:[", "crun")
"""How the first process of a container is called before it becomes the container's program; until then it may have more rights than that one."""
RECENT: Final = 500
"""Ticks, of which there are a hundred a second (proc_pid_stat(5)), within which a runtime has started a program; a process can take any name later."""
FIRST: Final = "/proc/1/status"
NAMESPACES: Final = ("cgroup", "ipc", "uts")
"""What only root and the owner of a process may look at."""
ENDED: Final = frozenset("XZ")


class Inside(NamedTuple):
    """One process: `able` are its effective and permitted capabilities; `depth` says in how many pid namespaces it has a number, and `number` the innermost."""

    pid: int
    uid: int
    able: int
    bounding: int
    filtered: int | None
    no_new_privileges: int | None
    depth: int
    number: int
    name: str
    starter: bool


def look(host: Host, pid: int) -> Inside | None:
    """Return what is told of a process, None where it has ended."""
    text = absent_as(None, lambda path: whole(path, host.read_text(path, limit=LIMIT)), f"/proc/{pid}/status")
    if text is None:
        return None
    fields = {key: value.strip() for key, _, value in (line.partition(":") for line in text.split("\n"))}
    if fields.get("State", "")[:1] in ENDED:
        return None
    try:
        return _told(pid, fields)
    except (KeyError, ValueError, IndexError):
        raise Nonsense(f"/proc/{pid}/status: does not say what the kernel says of every process") from None


def _told(pid: int, fields: dict[str, str]) -> Inside:
    numbers = [int(one) for one in fields["NSpid"].split()]
    masks = {name: int(fields[name], 16) for name in ("CapEff", "CapPrm", "CapBnd")}
    flags = {name: int(fields[name]) if name in fields else None for name in ("Seccomp", "NoNewPrivs")}
    return Inside(
        pid=pid,
        uid=int(fields["Uid"].split()[1]),
        able=masks["CapEff"] | masks["CapPrm"],
        bounding=masks["CapBnd"],
        filtered=flags["Seccomp"],
        no_new_privileges=flags["NoNewPrivs"],
        depth=len(numbers),
        number=numbers[-1],
        name=fields["Name"] if fields["Name"] in PROGRAMS else "",
        starter=fields["Name"].startswith(STARTERS),
    )


def started(host: Host, path: str) -> int:
    """Return when a process began, in ticks since boot; its name, in brackets, may hold brackets and spaces too."""
    fields = whole(path, host.read_text(path, limit=LIMIT)).rpartition(")")[2].split()
    began = number(fields[19]) if len(fields) > 19 else None
    if began is None:
        raise Nonsense(f"{path}: does not say when the process began")
    return began


def is_being_started(host: Host, first: Inside, began: int) -> bool:
    """Say whether a process is still the runtime's, which gives up rights before it becomes the program of a container."""
    if not first.starter:
        return False
    try:
        return float(demand(host.read_text, "/proc/uptime").split()[0]) * 100 - began < RECENT
    except (IndexError, ValueError):
        raise Nonsense("/proc/uptime: does not say how long the host has been up") from None


def first_of(host: Host, inside: list[Inside]) -> tuple[Inside, int] | None:
    """Return the process that began first, and when; None where all have ended. It has number 1 in a pid namespace that is not within another of theirs."""
    outermost = min((one.depth for one in inside), default=0)
    ones = [one for one in inside if one.number == 1 and one.depth == outermost]
    began = [(when, one.pid, one) for one in ones or inside if (when := absent_as(None, started, host, f"/proc/{one.pid}/stat")) is not None]
    return (min(began)[2], min(began)[0]) if began else None


def names(mask: int) -> list[str]:
    """Return the names of capabilities by their bits, sorted."""
    return sorted(CAPABILITIES[bit] if bit < len(CAPABILITIES) else str(bit) for bit in range(mask.bit_length()) if mask >> bit & 1)


def every(host: Host) -> int:
    """Return the mask of all capabilities that there are on this host: what its first process may have, and all that it starts."""
    lines = whole(FIRST, demand(host.read_text, FIRST)).split("\n")
    masks = [line.partition(":")[2].strip() for line in lines if line.startswith("CapBnd:")]
    try:
        return int(masks[0], 16)
    except (IndexError, ValueError):
        raise Nonsense(f"{FIRST}: does not say what process 1 may have") from None


def stronger(host: Host, inside: Iterable[Inside], first: Inside) -> dict[str, Json]:
    """Return the processes that have capabilities which the first one could not have given them, by pid.

    In a user namespace that a process made itself it has all of them, over what that namespace owns (user_namespaces(7)): such a process is left out.
    """
    more = {one.pid: (one.able | one.bounding) & ~first.bounding for one in inside}
    found: dict[str, Json] = {}
    own = _user_namespace(host, first.pid) if any(more.values()) else ""
    for pid, mask in sorted(more.items()):
        theirs = _user_namespace(host, pid) if mask else own
        if mask and (isinstance(theirs, Hole) or isinstance(own, Hole)):
            found[str(pid)] = theirs if isinstance(theirs, Hole) else own
        elif mask and theirs == own:
            found[str(pid)] = {"capabilities": names(mask)}
    return found


def _user_namespace(host: Host, pid: int) -> str | Hole:
    """Return the user namespace of a process, "" where it has ended, or the kernel has none."""
    return absent_as("", attempt, host.read_link, f"/proc/{pid}/ns/user")


def namespaces(host: Host, first: Inside, other: str) -> dict[str, Json]:
    """Return for each namespace whether it is the host's, which the process `other` has, as far as this scan may look at it."""
    return {
        "pid": attempt(_pid, host, first),
        "net": attempt(lambda: _told_apart(host.stat(f"/proc/{first.pid}/net/unix").ino, host.stat(f"/proc/{other}/net/unix").ino)),
        **{kind: attempt(_linked, host, first.pid, other, kind) for kind in NAMESPACES},
        "user": attempt(_user, host, first.pid),
    }


def _pid(host: Host, first: Inside) -> str:
    if demand(host.read_link, "/proc/self/ns/pid") != INIT_PIDNS:
        raise Unsupported("/proc/self/ns/pid: the scanner is in a pid namespace of its own")
    return "host" if first.depth == 1 else "private"


def _linked(host: Host, pid: int, other: str, kind: str) -> str:
    return _told_apart(host.read_link(f"/proc/{pid}/ns/{kind}"), demand(host.read_link, f"/proc/{other}/ns/{kind}"))


def _told_apart(one: object, own: object) -> str:
    return "host" if one == own else "private"


def _user(host: Host, pid: int) -> str:
    """Return host where root in the container is root of the host, by the ids that are mapped."""
    return "host" if any(int(outside) == 0 and int(count) > 0 for _, outside, count in _map(host, pid)) else "private"


def ids(host: Host, pid: int) -> dict[str, Json]:
    """Say whether every id is mapped to itself, as in the first user namespace, so that capabilities are those of the host; else which ids are mapped."""
    whole = attempt(lambda: _map(host, pid) == [["0", "0", "4294967295"]])
    if whole is True:
        return {"all_ids": True}
    return {"all_ids": whole, "mapped": {kind: attempt(_ranges, host, pid, name) for kind, name in (("uids", "uid_map"), ("gids", "gid_map"))}}


def _ranges(host: Host, pid: int, name: str) -> Json:
    """Return the ids of the host, as ranges [first, count]."""
    return [[int(outside), int(count)] for _, outside, count in _map(host, pid, name)]


def _map(host: Host, pid: int, name: str = "uid_map") -> list[list[str]]:
    path = f"/proc/{pid}/{name}"
    lines = [line.split() for line in whole(path, host.read_text(path, limit=LIMIT)).split("\n")[:-1]]
    if not all(len(line) == 3 and all(one.isdecimal() for one in line) for line in lines):
        raise Nonsense(f"{path}: not a map of ids")
    return lines
