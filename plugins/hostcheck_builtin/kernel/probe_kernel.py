"""What the running kernel allows: its settings, security modules, filters and control groups.

A setting that is absent is a fact, but only while its neighbours can be listed: where /proc/sys is hidden, every setting is a hole.
"""

from dataclasses import replace
from itertools import takewhile
from typing import Final

from hostcheck.api import ABSENT, Hole, Host, Json, Nonsense, Unsupported, attempt, map_known, worst_hole
from hostcheck_builtin.kernel import core_pattern
from hostcheck_builtin.kernel.boot_settings import boot_settings
from hostcheck_builtin.kernel.cgroups import cgroups
from hostcheck_builtin.kernel.core_pattern import CoreHandler
from hostcheck_builtin.kernel.kernel_config import kernel_config
from hostcheck_builtin.kernel.sysctls import SYSCTLS, read_sysctl
from hostcheck_builtin.kernel.userns import user_namespaces
from hostcheck_builtin.system.ownership import Ownership, foreign_ids, of_walked, stated_others
from hostcheck_builtin.system.path_walk import OTHERS_WRITE, walk
from hostcheck_builtin.system.procfs import away_from_init, demand, number, status

SELINUX: Final = {"0": "permissive", "1": "enforcing"}


def collect(host: Host) -> Json:
    """State the settings of the running kernel, and what confines programs under it."""
    listed = attempt(_listed, host)
    release = attempt(demand, host.read_text, "/proc/sys/kernel/osrelease")
    sysctl = _settings(host, listed)
    apparmor = attempt(_apparmor, host)
    return {
        "version": map_known(release, _version),
        "config": kernel_config(host, release),
        "sysctl": sysctl,
        "persisted": boot_settings(host, sysctl),
        "userns": user_namespaces(host, sysctl, apparmor),
        "core_pattern": map_known(sysctl["kernel.core_pattern"], lambda setting: _core_pattern(host, setting)),
        "lsm": {"active": attempt(_active, host), "apparmor": {"enabled": apparmor}, "selinux": {"mode": attempt(_selinux, host)}},
        "seccomp": _seccomp(host, listed),
        "cgroup": cgroups(host),
    }


def _listed(host: Host) -> list[str]:
    names = demand(host.list_dir, "/proc/sys/kernel")
    if "osrelease" not in names:
        raise Unsupported("/proc/sys/kernel: not the settings of a kernel")
    return names


def _settings(host: Host, listed: list[str] | Hole) -> dict[str, Json]:
    """Return each setting; those of the network are of a namespace (network_namespaces(7)), and the host's is that of process 1."""
    if isinstance(listed, Hole):
        return dict.fromkeys(SYSCTLS, listed)
    away = away_from_init(host)
    return {name: away if away and name.startswith("net.") else attempt(read_sysctl, host, name) for name in SYSCTLS}


def _version(release: str) -> Json:
    """Return the first two numbers of a release: they tell what a kernel may not have yet."""
    numbers = [number("".join(takewhile(str.isdecimal, text))) for text in release.split(".")[:2]]
    if len(numbers) < 2 or None in numbers:
        raise Nonsense("/proc/sys/kernel/osrelease: not a version")
    return {"major": numbers[0], "minor": numbers[1]}


def _core_pattern(host: Host, setting: Json) -> Json:
    """Tell where dumps go (core(5)): the kernel runs a handler as root in the first namespaces, whatever container the process died in."""
    if not setting["present"]:
        return {"kind": "none"}
    handler = core_pattern.handler(setting["raw"])
    return {"kind": "file"} if handler is None else {"kind": handler.kind, "handler": _handler(host, handler)}


def _handler(host: Host, handler: CoreHandler) -> Json:
    """Describe who can change the handler; "%" in its path lets the dying process choose it, and below /proc others do."""
    # A path that is not absolute starts at the root directory too: the kernel's threads stand there.
    end = attempt(_end, host, f"/{handler.path}", handler.kind)
    whose = end if isinstance(end, Hole) else foreign_ids(host) or end
    return {
        "path": handler.written,
        "absolute": handler.written.startswith("/"),
        "templated": handler.chosen != "",
        "in_proc": handler.path.startswith("/proc/") or map_known(end, lambda found: found.place.startswith("/proc/")),
        "exists": map_known(end, lambda found: found.type != ""),
        "root_owned": map_known(whose, lambda found: found.root_owned),
        "others_can_change": map_known(whose, lambda found: stated_others(found.others)),
    }


def _end(host: Host, path: str, kind: str) -> Ownership:
    """Return whose a handler is; who may write to a socket may connect to it, and that changes nothing of who gets the dumps."""
    walked = walk(host, path, {})
    if kind == walked.type == "socket":
        walked.end = replace(walked.end, mode=walked.end.mode & ~OTHERS_WRITE)
    return of_walked(path, walked)


def _active(host: Host) -> list[str]:
    return demand(host.read_text, "/sys/kernel/security/lsm").strip().split(",")


def _apparmor(host: Host) -> bool:
    try:
        return host.read_text("/sys/module/apparmor/parameters/enabled").strip() == "Y"
    except ABSENT:
        demand(host.stat, "/sys/module")
        return False


def _selinux(host: Host) -> str:
    """Return the mode; without selinuxfs the kernel has no SELinux, or none that was started."""
    try:
        enforce = host.read_text("/sys/fs/selinux/enforce").strip()
    except ABSENT:
        if "selinuxfs" in demand(host.read_text, "/proc/filesystems").split():
            raise Unsupported("/sys/fs/selinux: selinuxfs is not mounted") from None
        return "disabled"
    if enforce not in SELINUX:
        raise Nonsense("/sys/fs/selinux/enforce: neither 0 nor 1")
    return SELINUX[enforce]


def _seccomp(host: Host, listed: list[str] | Hole) -> Json:
    """Tell whether filters can be set: the kernel lists their actions since 4.14, and counts them in every status since 5.9."""
    actions = map_known(listed, lambda _: host.read_text("/proc/sys/kernel/seccomp/actions_avail", missing="").split())
    counted = map_known(attempt(status, host), lambda fields: "Seccomp_filters" in fields)
    stated = next((state for state in (actions, counted) if state and not isinstance(state, Hole)), None)
    unread = worst_hole(*(actions, counted)) or False
    return {"filter": unread if stated is None else True, "actions": actions}
