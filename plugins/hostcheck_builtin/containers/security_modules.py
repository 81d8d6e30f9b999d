"""What AppArmor and SELinux keep a container from that the permissions of files would let it do, if it runs under the usual rules for containers.

SELinux lets a container use only files that are labelled for containers, as engines label mounts with the option z or Z, and connect to no engine
(container_selinux(8); podman-run(1), --volume; container-selinux issue 366). AppArmor's profile of docker has no rule for D-Bus, so a bus refuses its
messages where the kernel and dbus-daemon ask AppArmor, as on Ubuntu (dbus-daemon(1), APPARMOR MEDIATION; moby issue 38442). Under both, a container
traces only what is in one.
"""

from collections.abc import Mapping
from typing import Any, Final

from hostcheck.api import Hole, Json, attempt, both, map_known, worst_hole

Modules = Mapping[str, bool | Hole]
"""By `apparmor` and `selinux`."""
MODULES: Final = ("apparmor", "selinux")
BUS: Final = "/run/dbus/system_bus_socket"
FILES: Final = ("socket_mounts", "host_mounts", "secret_mounts", "kernel_mounts", "becomes", "connects")
LABELS: Final = "SELinux confines it, and usually allows only files that are labelled for containers, and no connection to an engine"
NO_BUS: Final = "AppArmor confines it, whose profile for containers allows no messages on D-Bus where the kernel can forbid them"
UNTRACED: Final = "AppArmor or SELinux confines it, whose usual rules let no container trace what is not in one"


def on_host(facts: Mapping[str, Any]) -> Modules:
    """Return which modules of this kernel confine whatever has a profile or label."""
    return {
        "apparmor": attempt(lambda: bool(facts["kernel"]["lsm"]["apparmor"]["enabled"])),
        "selinux": attempt(lambda: facts["kernel"]["lsm"]["selinux"]["mode"] == "enforcing"),
    }


def confined(container: Mapping[str, Any], host: Modules) -> dict[str, bool | Hole]:
    """Say by which modules a container is confined."""
    return {module: both(host[module], map_known(container[module], lambda how: bool(how == "applied"))) for module in MODULES}


def doubts(container: Mapping[str, Any]) -> dict[str, str | Hole]:
    """Return which ways to the host take that a module allows them, and what it usually allows; nothing of a container whose modules are not told."""
    by: Modules = container.get("confined", dict.fromkeys(MODULES, False))
    found = dict.fromkeys(FILES, (by["selinux"], LABELS)) | {"takes_processes": (True in by.values() or worst_hole(*by.values()) or False, UNTRACED)}
    if by["selinux"] is False and by["apparmor"] is not False and _only_bus(container["host_mounts"]):
        found["host_mounts"] = (by["apparmor"], NO_BUS)
    return {fact: keeps if isinstance(keeps, Hole) else reason for fact, (keeps, reason) in found.items() if keeps is not False}


def _only_bus(mounts: Json) -> bool:
    """Say whether none of some mounts leads to the host but by the socket of the system bus."""
    return isinstance(mounts, dict) and all(isinstance(one, dict) and one["place"] == BUS and not one["writable"] for one in mounts.values())
