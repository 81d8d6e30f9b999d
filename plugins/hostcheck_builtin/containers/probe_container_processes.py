"""Containers as the kernel shows them: by the control groups of the processes that run, whatever engine has them, and whether or not it can be asked.

A container may be told of that no API tells of, and what its processes have may be more than what it was given. They show what is there, and prove nothing
that is not: a process can give up at any time what `exec` gives again.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final, NamedTuple

from hostcheck.api import Hole, HoleError, Host, Json, Why, attempt, incomplete, worst_hole
from hostcheck_builtin.containers import inside_processes, secret_files, seen_mounts
from hostcheck_builtin.containers.inside_processes import Inside
from hostcheck_builtin.containers.seen_mounts import HostTable
from hostcheck_builtin.containers.state_files import StateFiles
from hostcheck_builtin.system import control_groups
from hostcheck_builtin.system.bounds import CONTAINERS_LOOKED_AT as MANY
from hostcheck_builtin.system.bounds import PROCESSES_OF_A_CONTAINER as EACH
from hostcheck_builtin.system.bounds import PROCESSES_OF_CONTAINERS as ALL
from hostcheck_builtin.system.bounds import PROCESSES_OF_EACH_CONTAINER as AT_LEAST
from hostcheck_builtin.system.control_groups import Group, Owners
from hostcheck_builtin.system.mountinfo import Mount
from hostcheck_builtin.system.presence import absent_as
from hostcheck_builtin.system.procfs import INIT_PIDNS, demand, is_mac, number
from hostcheck_builtin.system.procfs import OWN as STATUS

ON_HOST: Final = Hole(why=Why.UNSUPPORTED, message="its first process has the host's own root directory, as one has that runs a virtual machine for it (Kata)")
Found = dict[Group, list[int]]


class Around(NamedTuple):
    """What every container is compared with: the mounts of the scanner, whose groups are, files of runtimes, and all capabilities.

    `other` is a process that has the namespaces of the host: the scanner itself, and where that is in a container process 1.
    """

    mounts: HostTable
    owners: Owners
    files: StateFiles
    every: int | Hole
    other: str


def collect(host: Host) -> Json:
    """State ``{containers, secrets}``: by engine and id, incomplete where there are more than are looked at; and what those of others than root may read."""
    seen, around = attempt(_found, host), attempt(_around, host)
    if seen is None or isinstance(seen, Hole):
        return dict.fromkeys(("containers", "secrets"), {} if seen is None else seen)
    found, unread = seen
    told: dict[str, Json] = {}
    left = ALL
    for group, pids in sorted(found.items())[:MANY]:
        some = pids[: min(EACH, max(left, AT_LEAST))]
        left -= len(some)
        one = around if isinstance(around, Hole) else attempt(_looked_at, host, group, pids, len(some), around)
        if one is not None:
            told[group.key if group.key not in told else f"{group.key.partition(':')[0]}:{group.id}"] = one
    many = Hole(why=Why.LIMIT, message=f"/proc: processes of {len(found)} containers, of which {MANY} are looked at") if len(found) > MANY else None
    more = worst_hole(many, unread, attempt(_unseen, host))
    return {"containers": incomplete(told, more), "secrets": _secrets(host, told, more)}


def _secrets(host: Host, told: Mapping[str, Json], more: Hole | None) -> Json:
    """State what root alone is to read where a container has it whose first process is not root's; incomplete where others may have more."""
    shown = [one if isinstance(one, Hole) else one["mounts"] for one in told.values() if isinstance(one, Hole) or one["first"]["uid"]]
    mounts = {mount["real"] for each in shown if not isinstance(each, Hole) for mount in each.values()}
    found = secret_files.stated(host, mounts)
    return incomplete(found, worst_hole(more, getattr(found, "hole", None), *shown))


def _around(host: Host) -> Around:
    mounts, every = HostTable(host), attempt(inside_processes.every, host)
    other = "1" if control_groups.container_of(control_groups.text_of(host, "self") or "") else "self"
    return Around(mounts, Owners(host, mounts.mounts), StateFiles(host, every), every, other)


def _unseen(host: Host) -> Hole | None:
    """Return why there may be processes of the host that /proc does not show, as with hidepid or in a pid namespace."""
    if demand(host.read_link, "/proc/self/ns/pid") != INIT_PIDNS:
        return Hole(why=Why.UNSUPPORTED, message="/proc/self/ns/pid: the scanner is in a pid namespace, in which it does not see the host's processes")
    demand(host.read_text, "/proc/1/cgroup")
    return None


def _found(host: Host) -> tuple[Found, Hole | None] | None:
    """Return the processes of each container, but for the one in which this scan runs; None where there are no control groups.

    Beside them stands why containers of some users may be missing: whoever nests groups deeply enough keeps the kernel from telling of them.
    """
    own = control_groups.text_of(host, "self")
    if own is None:
        if not is_mac(host):
            demand(host.read_text, STATUS)
        return None
    mine = control_groups.container_of(own)
    groups: dict[str, Group | None] = {}
    found: Found = defaultdict(list)
    unread: Hole | None = None
    for pid in sorted(pid for name in demand(host.list_dir, "/proc") if (pid := number(name)) is not None):
        text = attempt(control_groups.text_of, host, pid)
        if isinstance(text, Hole):
            unread = worst_hole(unread, _of_users(text))
        if text is None or isinstance(text, Hole):
            continue
        if text not in groups:
            groups[text] = control_groups.container_of(text)
        if (group := groups[text]) and group != mine:
            found[group].append(pid)
    return found, unread


def _of_users(unread: Hole) -> Hole:
    """Return why the groups of a user's process are not known; raises HoleError where it may be anybody's."""
    if not unread.owners:
        raise HoleError(unread)
    return unread


def _looked_at(host: Host, group: Group, pids: list[int], count: int, around: Around) -> Json:
    """Return what the processes of a container show; None where it has ended, or somebody but root made its group.

    Where its first process is another one by now, what was read may be of two containers. A process that has ended and is not waited for keeps its group of
    version 2 alone, and is no container.
    """
    if not around.owners.is_roots(group):
        return None
    told = absent_as(None, _container, host, group, pids, count, around)
    if told is None and any(inside_processes.look(host, pid) is not None and _is_in(host, group, pid) for pid in pids):
        raise HoleError(Hole(why=Why.LIMIT, message="its first process ended, or another took its place, while it was looked at"))
    return told


def _container(host: Host, group: Group, pids: list[int], count: int, around: Around) -> Json:
    """Return what the processes of a container show; None where its first process has ended meanwhile."""
    inside = [one for pid in pids[:count] if (one := inside_processes.look(host, pid)) is not None]
    found = inside_processes.first_of(host, inside)
    if found is None:
        return None
    (first, began), more = found, _left_out(pids, count)
    if inside_processes.is_being_started(host, first, began):
        raise HoleError(Hole(why=Why.LIMIT, message="it was being started while it was looked at"))
    table = attempt(around.mounts.of, first.pid)
    if more is not None and first.number != 1:
        raise HoleError(more)
    if not isinstance(table, Hole) and around.mounts.is_root_of(table):
        raise HoleError(ON_HOST)
    told = {
        "id": group.id,
        "first": {"pid": first.pid, "uid": first.uid, **inside_processes.ids(host, first.pid)},
        "namespaces": inside_processes.namespaces(host, first, around.other),
        "capabilities": _capabilities(host, inside, first, around.every, more),
        **_flags(first),
        **_mounts(around.mounts, table),
        "programs": incomplete(sorted({one.name for one in inside if one.name}), more),
        "given": attempt(around.files.of, group),
    }
    same = _is_in(host, group, first.pid) and inside_processes.started(host, f"/proc/{first.pid}/stat") == began
    return told if same else None


def _left_out(pids: list[int], count: int) -> Hole | None:
    if count >= len(pids):
        return None
    return Hole(why=Why.LIMIT, message=f"/proc: a container with {len(pids)} processes, of which {count} are looked at")


def _capabilities(host: Host, inside: list[Inside], first: Inside, every: int | Hole, more: Hole | None) -> dict[str, Json]:
    return {
        "bounding": inside_processes.names(first.bounding),
        "all": every if isinstance(every, Hole) else first.bounding & every == every,
        "stronger": incomplete(inside_processes.stronger(host, inside, first), more),
    }


def _flags(first: Inside) -> dict[str, Json]:
    """Return whether it has a filter and may gain no rights; a kernel that has no such thing says nothing of it."""
    none = Hole(why=Why.UNSUPPORTED, message=f"/proc/{first.pid}/status: this kernel does not say it")
    return {
        "filter": none if first.filtered is None else first.filtered != 0,
        "no_new_privileges": none if first.no_new_privileges is None else first.no_new_privileges != 0,
    }


def _mounts(hosts: HostTable, table: list[Mount] | Hole) -> Mapping[str, Json]:
    if isinstance(table, Hole):
        return dict.fromkeys(("mounts", "hidden", "sysfs_writable"), table)
    return {
        "mounts": attempt(seen_mounts.shown, table, hosts),
        "hidden": seen_mounts.hides(table),
        "sysfs_writable": seen_mounts.sysfs_writable(table),
    }


def _is_in(host: Host, group: Group, pid: int) -> bool:
    text = control_groups.text_of(host, pid)
    return text is not None and control_groups.container_of(text) == group
