"""By which ways a container reaches its host: somebody who is root inside becomes root on it, or reads what only root may.

Each way is judged by a rule. If a container has its own user namespace, none of them is open, unless that namespace maps uid 0 of the host.
"""

from collections.abc import Mapping
from typing import Any, Final

from hostcheck.api import Hole, Json, both, incomplete, map_known, worst_hole

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
}
"""By the fact of a container that is true, or has members; `bare` is one that is not privileged and from which nothing of /proc and /sys is kept."""


def ways(container: Mapping[str, Any]) -> Json:
    """Return the ways by which a container reaches its host, whether it runs or not; incomplete where others may be open."""
    is_hosts, given = container["root_is_hosts"], [_bare(container) if fact == "bare" else container[fact] for fact in WAYS]
    if is_hosts is False:
        return []
    found = [way for way, value in zip(WAYS.values(), given, strict=True) if value is True or any(not isinstance(one, Hole) for one in _members(value))]
    unsure = worst_hole(*given, *(hole for value in given for hole in (getattr(value, "hole", None), *_members(value))))
    return is_hosts if isinstance(is_hosts, Hole) and (found or unsure) else incomplete(found, unsure)


def ways_of_user(reaches_root: Json) -> Json:
    """Return the ways of a container of a user's engine: only a socket of root's at which that user may connect leads further than to that user."""
    if isinstance(reaches_root, Hole):
        return incomplete([], reaches_root)
    return [WAYS["socket_mounts"]] if reaches_root else []


def _bare(container: Mapping[str, Any]) -> Json:
    return both(container["one_by_one"], map_known(container["masked_paths"], lambda paths: bool(paths == "none")))


def _members(value: Json) -> list[Json]:
    return list(value.values()) if isinstance(value, dict) else []
