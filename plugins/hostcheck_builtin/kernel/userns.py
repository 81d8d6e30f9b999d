"""Whether the kernel lets users make user namespaces, by the switch that each distribution has for it.

Ubuntu's lets everybody make one and takes the capabilities away in it, but for programs with a profile; without a second switch any user can step
into such a profile with aa-exec(1), so that the first alone keeps nobody out.
"""

from collections.abc import Mapping
from typing import Any, Final

from hostcheck.api import Hole, Host, Json, attempt, both, incomplete, map_known, worst_hole
from hostcheck_builtin.system.presence import is_there
from hostcheck_builtin.system.procfs import demand

OFF: Final = ("kernel.unprivileged_userns_clone", "user.max_user_namespaces")
"""Debian's and Arch's patch, and the limit of the kernel itself, which RHEL's guides set to 0 (namespaces(7)): 0 is off, absent is no limit."""
RESTRICT: Final = "kernel.apparmor_restrict_unprivileged_userns"
COMPLAIN: Final = "kernel.apparmor_restrict_unprivileged_userns_complain"
UNCONFINED: Final = "kernel.apparmor_restrict_unprivileged_unconfined"


def user_namespaces(host: Host, sysctl: Mapping[str, Any], apparmor: bool | Hole) -> Json:
    """State whether there are user namespaces, who may use them, and every switch that keeps users from it."""
    supported = attempt(_supported, host)
    states = {"CONFIG_USER_NS": map_known(supported, lambda known: not known), **{name: _is(sysctl[name], 0) for name in OFF}}
    return {"supported": supported, "unprivileged": _unprivileged(states, sysctl, apparmor), "closed_by": _known(states)}


def _supported(host: Host) -> bool:
    """Say whether the kernel has them: only then a process has a map of ids (user_namespaces(7))."""
    there = is_there(host, "/proc/self/uid_map")
    if not there:
        demand(host.stat, "/proc/self/status")
    return there


def _is(setting: Any, value: int) -> bool | Hole:
    return map_known(setting, lambda one: bool(one["present"]) and one["value"] == value)


def _known(states: Mapping[str, bool | Hole]) -> Json:
    names = [name for name, state in states.items() if state is True]
    unread = worst_hole(*states.values())
    return incomplete(names, unread)


def _unprivileged(states: Mapping[str, bool | Hole], sysctl: Mapping[str, Any], apparmor: bool | Hole) -> Json:
    if True in states.values():
        return "no"
    unread = worst_hole(*states.values())
    if unread is not None:
        return unread
    enforced = both(both(_is(sysctl[RESTRICT], 1), apparmor), map_known(_is(sysctl[COMPLAIN], 1), lambda complains: not complains))
    if enforced is not True:
        return enforced if isinstance(enforced, Hole) else "yes"
    kept = _is(sysctl[UNCONFINED], 1)
    return map_known(kept, lambda shut: "confined" if shut else "by profile")
