"""Which control-group hierarchies the host has, and whose they are.

The list of mounts is that of process 1, readable by everybody: the scanner's own may be another's view, as under a sandboxed unit (systemd.exec(5)).
"""

from typing import Final

from hostcheck.api import Host, Json, attempt, map_known
from hostcheck_builtin.system.mountinfo import Mount, mounts
from hostcheck_builtin.system.presence import absent_as
from hostcheck_builtin.system.procfs import demand, number

CONTROLLERS: Final = frozenset("blkio cpu cpuacct cpuset debug devices dmem freezer hugetlb io memory misc net_cls net_prio perf_event pids rdma".split())
"""What may stand among the options of a v1 mount (cgroups(7)); the other options are no controllers."""
MODES: Final = {(False, False): "none", (True, False): "v1", (False, True): "v2", (True, True): "hybrid"}
PLACES: Final = ("/sys/fs/cgroup", "/sys/fs/cgroup/unified")
"""Where systemd mounts the unified hierarchy; elsewhere the first mount counts."""


def cgroups(host: Host) -> Json:
    """State the hierarchies, their controllers, what is delegated to users' managers, and who is called when a v1 group empties."""
    table = attempt(mounts, host, "/proc/1/mountinfo")
    unified = map_known(table, _unified)
    legacy = map_known(table, lambda lines: [line for line in lines if line.fstype == "cgroup"])
    offered = map_known(unified, lambda root: _listed(demand(host.read_text, f"{root}/cgroup.controllers")) if root else [])
    return {
        "mode": map_known(table, lambda lines: MODES["cgroup" in (kinds := {line.fstype for line in lines}), "cgroup2" in kinds]),
        "controllers": {"v1": map_known(legacy, _controllers), "v2": offered},
        "delegated": map_known(unified, lambda root: map_known(offered, lambda _: _delegated(host, root))),
        "v1_release_agent": map_known(legacy, lambda lines: {line.point: attempt(_release_agent, host, line.point) for line in lines}),
    }


def _unified(table: list[Mount]) -> str:
    points = [mount.point for mount in table if mount.fstype == "cgroup2"]
    return next((place for place in (*PLACES, *points) if place in points), "")


def _controllers(lines: list[Mount]) -> list[str]:
    return sorted({option for line in lines for option in line.settings()} & CONTROLLERS)


def _listed(text: str) -> list[str]:
    return sorted(text.split())


def _delegated(host: Host, root: str) -> Json:
    """Return, by uid, the controllers that the manager of a user's units was given; without a unified hierarchy nobody was."""
    slices = absent_as([], host.list_dir, f"{root}/user.slice") if root else []
    found: dict[str, Json] = {}
    for name in slices:
        uid = name.removeprefix("user-").removesuffix(".slice")
        if name != f"user-{uid}.slice" or number(uid) is None:
            continue
        given_to = absent_as(None, attempt, host.read_text, f"{root}/user.slice/{name}/user@{uid}.service/cgroup.controllers")
        if given_to is not None:
            found[uid] = map_known(given_to, _listed)
    return found


def _release_agent(host: Host, point: str) -> str:
    """Return the program that the kernel runs as root when a group empties (cgroups(7)), "" for none; only the root of a hierarchy has the file."""
    return demand(host.read_text, f"{point}/release_agent").removesuffix("\n")
