"""The credentials of living processes whose real user is not root, each set once, and those of a user with very many of them together.

A session keeps the groups that it began with, whatever the files say by now, in a program that is setuid root too. Uids inside a container are those
of the host, so that a process counts where it sees the host's own / and /run, or lives where a user may have hidden them from it and can show them again.
"""

from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import Final

from hostcheck.api import ABSENT, Hole, Host, Json, Process, Why, attempt, incomplete, worst_hole
from hostcheck_builtin.system import procfs
from hostcheck_builtin.system.bounds import PROCESSES_NAMED as NAMED
from hostcheck_builtin.system.control_groups import Owners, container_of, text_of
from hostcheck_builtin.system.credential_sets import Alike, Ids, alike, few
from hostcheck_builtin.system.fact_members import sure
from hostcheck_builtin.system.later_processes import LaterProcesses
from hostcheck_builtin.system.mount_views import MountView, MountViews, collect_views, together, view_of
from hostcheck_builtin.system.mountinfo import mounts, mounts_at, narrowed
from hostcheck_builtin.system.ownership import ownership
from hostcheck_builtin.system.path_walk import LstatCache
from hostcheck_builtin.system.presence import absent_as
from hostcheck_builtin.system.tracing import traceable

Inside = Mapping[int, str | Hole]
"""By pid of those that may be in one: the container of root's in which a process is, "" for none."""
DAC_OVERRIDE: Final = 1 << 1
DAC_READ_SEARCH: Final = 1 << 2
SYS_PTRACE: Final = 1 << 19
"""By bit (include/uapi/linux/capability.h)."""
POWERS: Final = {
    0: "cap_chown",
    3: "cap_fowner",
    6: "cap_setgid",
    7: "cap_setuid",
    16: "cap_sys_module",
    17: "cap_sys_rawio",
    19: "cap_sys_ptrace",
    21: "cap_sys_admin",
    27: "cap_mknod",
    31: "cap_setfcap",
}
"""Capabilities by which one gets at any file that exists in one's user namespace, if not at once (capabilities(7))."""


def credentials(host: Host) -> Json:
    """Return each set of credentials with what is common to its processes; incomplete where processes are hidden from the scanner, or from any."""
    everyone = host.processes()
    lstats: LstatCache = {}
    users = [process for process in everyone if process.uids[0] != 0 and not process.lost]
    su = {process.pid: told for process in users if (told := _is_su(host, process, lstats)) is not False}
    users = [process for process in users if process.pid not in su]
    views = collect_views(host, everyone)
    later = LaterProcesses(host=host, listed=frozenset(process.pid for process in everyone))
    owners = attempt(lambda: Owners(host, mounts(host)))
    read = [one for one in users if not one.unread]
    inside = {one.pid: attempt(_container, host, one.pid, owners) for one in read if not one.host_mounts}
    found = {one.key: _stated(host, one, inside, views, later) for one in alike(host, read, _caps)}
    for uid in sorted({one.uids[0] for one in users if one.unread}):
        many = Hole(why=Why.LIMIT, message=f"processes of uid {uid} in user namespaces have too many groups to be read", owners=(uid,))
        found[f"{uid}:not read"] = _unread([one for one in users if one.unread and one.uids[0] == uid], many)
    for uid in sorted({one.uids[0] for one in everyone if isinstance(su.get(one.pid), Hole)}):
        members = [one for one in everyone if one.uids[0] == uid and isinstance(su.get(one.pid), Hole)]
        may_be_su = f"/proc/{members[0].pid}/exe: whether it is su(1), which gives no group, is hidden"
        found[f"{uid}:su"] = _unread(members, Hole(why=Why.DENIED, message=may_be_su, owners=(uid,)))
    hidden = attempt(hides, host)
    hole = worst_hole(hidden, *(_ended(process) for process in everyone if process.lost))
    return incomplete(found, hole)


def _is_su(host: Host, process: Process, lstats: LstatCache) -> bool | Hole:
    """Say whether a process is su(1), which waits with the groups of whom it became, and gives its user none of those it was started with."""
    if process.name != "su" or process.uids[1] != 0 or process.host_mounts is False:
        return False
    program = absent_as(None, attempt, lambda: ownership(host, host.process(process.pid).exe.removesuffix(" (deleted)"), lstats))
    if program is None:
        return False
    if isinstance(program, Hole) or not process.host_mounts:
        return program if isinstance(program, Hole) else Hole(why=Why.DENIED, message=f"/proc/{process.pid}/ns/mnt: hidden")
    return program.root_owned and program.place.endswith("/su")


def _unread(members: list[Process], hole: Hole) -> Json:
    """State of processes that were not read, or may be su(1), that they may have any group of their user's."""
    first, pids = members[0], sorted({process.pid for process in members})
    stated: dict[str, Json] = {"uids": list(first.uids), "gids": hole, "groups": hole, "count": len(members), "pids": pids[:NAMED]}
    return {
        **stated,
        "host_mounts": hole,
        "host_paths": hole,
        "traceable": hole,
        "user_mounts": True,
        "containers": {},
        **dict.fromkeys(("dac_override", "dac_read_search"), False),
        "powers": [],
    }


def _ended(process: Process) -> Hole:
    return Hole(why=Why.LIMIT, message=f"/proc/{process.pid}: ended before it could be read, and others whenever all were listed again")


def all_seeing(host: Host) -> bool:
    """Say whether the scanner may search any directory; to others many are closed, and a hole for each path behind them would tell nothing more."""
    capable = attempt(lambda: int(procfs.field(procfs.status(host), "CapEff"), 16))
    return not isinstance(capable, Hole) and bool(capable & (DAC_OVERRIDE | DAC_READ_SEARCH))


def hides(host: Host) -> Hole | None:
    """Return the hole that hidepid leaves, or a pid namespace inside of the host's; None where every process is shown (proc(5)), as to who may trace them."""
    table = mounts_at(mounts(host), "/proc")
    if narrowed(host, table):
        return Hole(why=Why.DENIED, message="/proc: shows a pid namespace of its own, mounted over the processes of the host")
    hidepid = table[-1].settings().get("hidepid", "off") if table else "off"
    if hidepid in ("off", "0"):
        return None
    if int(procfs.field(procfs.status(host), "CapEff"), 16) & SYS_PTRACE:
        return None
    return Hole(why=Why.DENIED, message=f"/proc: hidepid={hidepid} hides the processes of others")


def _caps(process: Process) -> tuple[str, ...]:
    files = [word for bit, word in ((DAC_OVERRIDE, "dac_override"), (DAC_READ_SEARCH, "dac_read_search")) if _capable(process) & bit]
    return (*files, *_words(_capable(process)))


def _capable(process: Process) -> int:
    """Return what is in force or can be put in force (capset(2)); what a program may do as root is not its user's."""
    return 0 if 0 in process.uids else process.cap_effective | process.cap_permitted


def _words(able: int) -> list[str]:
    return [word for bit, word in POWERS.items() if able >> bit & 1]


def _stated(host: Host, one: Alike, inside: Inside, views: MountViews, later: LaterProcesses) -> Json:
    """State the processes with one set of credentials: those in containers of root's by container, and all others together."""
    members, first = one.members, one.members[0]
    able = reduce(or_, map(_capable, members))
    override, search, powers = bool(able & DAC_OVERRIDE), bool(able & DAC_READ_SEARCH), _words(able)
    others = [process for process in members if not inside.get(process.pid)]
    host_mounts, host_paths = _shares(others, views)
    apart: dict[str, Json] = {}
    if host_mounts is not True:
        beside = (process for process in others if process.user_view is not True)
        apart["traceable"] = host_mounts if isinstance(host_mounts, Hole) else traceable(host, beside)
    stated: dict[str, Json] = {
        "uids": list(first.uids) if one.some is None else [first.uids[0]] * 3 + [first.uids[3] or first.uids[0]],
        "gids": list(first.gids) if one.some is None else [first.gids[0]] * 4,
        "groups": sorted(first.groups if one.shared is None else one.shared),
        **_numbers(others),
        "host_mounts": host_mounts,
        "host_paths": host_paths,
        "user_mounts": _made_by_users(others),
        **apart,
        **_contained(host, members, inside, views),
        "dac_override": override,
        "dac_read_search": search,
        "powers": powers,
    }
    if one.some is not None:
        stated.update(some_groups=one.some, users=one.users)
    if override or search or powers:
        for name in ("uid_map", "gid_map"):
            ids = attempt(_ranges, later, members, name)
            stated[f"mapped_{name[:3]}s"] = ids if isinstance(ids, Hole) or one.some is None else few(ids)
    return stated


def _numbers(members: list[Process]) -> dict[str, Json]:
    return {"count": len(members), "pids": sorted({process.pid for process in members})[:NAMED]}


def _contained(host: Host, members: list[Process], inside: Inside, views: MountViews) -> dict[str, Json]:
    """State by container of root's the processes in it, with what they see of the host; where one may be in one, nothing is known of the others together."""
    unsure = worst_hole(*(inside.get(process.pid) for process in members))
    found: dict[str, list[Process]] = {}
    for process in members:
        if isinstance(key := inside.get(process.pid), str) and key:
            found.setdefault(key, []).append(process)
    told = {key: _in_container(host, each, views) for key, each in sorted(found.items())}
    return {
        "containers": incomplete(told, unsure),
        **({} if unsure is None else dict.fromkeys(("count", "pids", "host_paths", "host_mounts", "traceable", "user_mounts"), unsure)),
    }


def _in_container(host: Host, members: list[Process], views: MountViews) -> Json:
    seen = together(view_of(views, process) for process in members)
    return {**_numbers(members), "host_paths": seen, "traceable": traceable(host, members)}


def _shares(members: list[Process], views: MountViews) -> tuple[bool | Hole, list[str] | Hole]:
    """Say whether one of these processes sees the / and the /run that the scanner sees, else what it sees of the host.

    A service in a mount namespace of its own usually does; and who lives in the host's does, whatever he changed his root to: that is no wall.
    """
    if any(process.host_mounts for process in members):
        return True, []
    own = views.own
    if isinstance(own, Hole):
        return own, own
    seen_by_each = []
    for process in members:
        seen = view_of(views, process)
        if isinstance(seen, MountView) and seen.like(own):
            return True, []
        seen_by_each.append(seen)
    shown = together(seen_by_each)
    return (shown, shown) if isinstance(shown, Hole) else (False, shown)


def _container(host: Host, pid: int, owners: Owners | Hole) -> str:
    """Return the container of a process as its control group names it, "" where that is none, or somebody but root made the group."""
    text = text_of(host, pid)
    group = None if text is None else container_of(text)
    if group is None:
        return ""
    return group.key if sure(owners).is_roots(group) else ""


def _made_by_users(members: list[Process]) -> bool | Hole:
    stated = [process.user_view for process in members]
    if True in stated:
        return True
    pid = next((process.pid for process in members if process.user_view is None), None)
    return False if pid is None else Hole(why=Why.DENIED, message=f"/proc/{pid}: whether a user made what it sees cannot be told by its uid_map and loginuid")


def _ranges(later: LaterProcesses, members: list[Process], name: str) -> Ids:
    """Return the ids, as ranges [first, count], that exist in the user namespaces of these processes: a capability reaches no others (user_namespaces(7)).

    For one that has ended stand those of the same user that came after it.
    """
    found: set[tuple[int, int]] = set()
    for process in members:
        try:
            texts = [later.host.read_text(f"/proc/{process.pid}/{name}")]
        except ABSENT:
            texts = later.maps_of(process.pid, process.uids[0], _capable(process), name)
        found.update((int(fields[1]), int(fields[2])) for text in texts for line in text.split("\n") if len(fields := line.split()) == 3)
    return [list(ids) for ids in sorted(found)]
