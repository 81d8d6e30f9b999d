"""By which ways a container reaches its host: somebody inside becomes root on it, or reads what only root may.

Most ways are open to root inside alone. Another user can go them only after becoming root by a setuid program, so they are doubtful; where
no-new-privileges forbids that, they are closed. Each way is judged by a rule. If a container has its own user namespace, none of them is open, unless that
namespace maps uid 0 of the host.
"""

from collections.abc import Mapping
from typing import Any, Final

from hostcheck.api import Hole, Json, both, incomplete, map_known, worst_hole
from hostcheck_builtin.containers import runtimes, security_modules
from hostcheck_builtin.containers.acting import Acting
from hostcheck_builtin.containers.ways_out import ALL, CAPABILITIES, WITH_PID, WITH_PROCESSES
from hostcheck_builtin.leads import place_entries as catalogue

WAYS: Final[Mapping[str, str]] = {
    "privileged": "it is privileged",
    "socket_mounts": "it has an engine's socket",
    "host_mounts": "it writes to files of the host",
    "secret_mounts": "it reads files that only root may",
    "capabilities": "it has capabilities that lead to the host",
    "devices": "it has devices that lead to the host",
    "device_rules": "it may use devices that lead to the host",
    "kernel_mounts": "it writes to settings of the kernel",
    "bare": "settings of the kernel are not kept from it",
    "takes_processes": "it has the host's processes by /proc",
}
"""By the fact of a container that is true, or has members; `bare` is one that is not privileged and from which nothing of /proc and /sys is kept."""


MOUNTS: Final = frozenset({"socket_mounts", "host_mounts", "secret_mounts", "kernel_mounts"})
BY: Final[Mapping[str, frozenset[str]]] = {
    "privileged": frozenset({"DAC_OVERRIDE", "DAC_READ_SEARCH", "MKNOD", "SETUID", *CAPABILITIES, *WITH_PID, *WITH_PROCESSES}),
    "device_rules": frozenset({"MKNOD"}),
    "bare": frozenset({"SETUID"}),
    "takes_processes": frozenset({"SYS_PTRACE"}),
}
"""Capabilities in force that open such a way to a user who is not root."""
OBEYED: Final = "whether root obeys what is written there is not certain"
WITH_DEVICES: Final = frozenset({"privileged", "devices"})
"""Ways that are open to whoever may open what is in /dev."""


def reached(container: Mapping[str, Any], acting: Acting) -> dict[str, Json]:
    """Return the ways by which a container reaches its host, whether it runs or not, and which of them are doubtful; incomplete where others may be open."""
    is_hosts = container["root_is_hosts"]
    if is_hosts is False:
        return {"ways": [], "doubts": {}}
    given = {fact: _open(container, fact, acting) for fact in WAYS}
    found = [WAYS[fact] for fact, (is_open, _, _) in given.items() if is_open]
    doubts: dict[str, Json] = {fact: can or _reason(container.get(fact), acting) for fact, (is_open, can, _) in given.items() if is_open and can is not True}
    beside = runtimes.doubts(container.get("sandbox", ""))
    if "socket_mounts" in beside and _are_sockets(_members(container["host_mounts"])):
        beside["host_mounts"] = beside["socket_mounts"]
    beside = security_modules.doubts(container) | beside
    doubts = {fact: why for fact, why in beside.items() if fact in given and given[fact][0]} | doubts
    unsure = worst_hole(*(hole for _, _, hole in given.values()))
    if isinstance(is_hosts, Hole) and (found or unsure):
        return {"ways": is_hosts, "doubts": is_hosts}
    return {"ways": incomplete(found, unsure), "doubts": incomplete(doubts, unsure)}


def _are_sockets(mounts: list[Json]) -> bool:
    """Say whether none of some mounts is anything but a socket, or holds anything else."""
    return all(isinstance(one, dict) and one["place"] in catalogue.of("connect", alone=False) and not one["writable"] for one in mounts)


def _reason(value: Json, acting: Acting) -> str:
    """Return what a way takes that is not its user's: to be root, or that what is written is obeyed."""
    unsure = [one for one in _members(value) if isinstance(one, dict) and "sure" in one and "usable" not in one]
    return OBEYED if unsure else acting.reason


def _open(container: Mapping[str, Any], fact: str, acting: Acting) -> tuple[bool, bool | Hole, Hole | None]:
    """Return whether a way is open to somebody inside, whether it is without becoming root there, and why it may be open where it is not known to be."""
    value = _one_by_one(container, fact)
    members = _members(value)
    unsure = worst_hole(value, getattr(value, "hole", None), *members)
    if value is not True and all(isinstance(one, Hole) for one in members):
        return False, False, unsure
    if fact in MOUNTS:
        each = [both(one.get("usable", True), one.get("sure", True)) for one in members if not isinstance(one, Hole)]
        return True, True in each or worst_hole(*each, unsure) or False, unsure
    given = (*CAPABILITIES, *value) if fact == "capabilities" and ALL in value else value
    names = [name for name in given if name != ALL] if fact == "capabilities" else BY.get(fact, frozenset({"DAC_OVERRIDE"}))
    can = acting.has(names)
    can = acting.opens or False if fact in WITH_DEVICES and can is False else can
    keeps = acting.keeps(can)
    return keeps is True, can, worst_hole(unsure, keeps)


def ways_of_user(reaches_root: Json) -> Json:
    """Return the ways of a container of a user's engine: only a socket of root's at which that user may connect leads further than to that user."""
    if isinstance(reaches_root, Hole):
        return incomplete([], reaches_root)
    return [WAYS["socket_mounts"]] if reaches_root else []


def _one_by_one(container: Mapping[str, Any], fact: str) -> Json:
    """Return a fact; of what every privileged container has only where it is not one."""
    if fact == "bare":
        return both(container["one_by_one"], map_known(container["masked_paths"], lambda paths: bool(paths == "none")))
    return both(container["one_by_one"], container[fact]) if fact == "takes_processes" else container[fact]


def _members(value: Json) -> list[Json]:
    return list(value.values()) if isinstance(value, dict) else []
