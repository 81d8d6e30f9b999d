"""Which settings of containers.conf take away what Podman gives every container without them, and what follows.

A setting that only repeats Podman's default takes nothing away: `userns = "host"` for root, or cgroupns where there are control groups v1. Nor does one about
AppArmor or SELinux on a kernel that does not use them.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from hostcheck.api import Hole, Json, View, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.podman.containers_conf import BUILT_IN

OTHERS_WRITE: Final = 0o002
CAPABILITIES: Final = "containers.default_capabilities"
DOCKERS: Final = frozenset({"CAP_AUDIT_WRITE", "CAP_MKNOD", "CAP_NET_RAW"})
"""What Docker gives every container, and Podman does not."""


class Loosens(NamedTuple):
    """When a setting takes something away, what follows, and whether a container may get out by it; `matters` looks at the kernel's facts."""

    when: Callable[[Any], bool]
    does: str
    escape: bool
    matters: Callable[[View], bool] = lambda _: True


def _host(value: Any) -> bool:
    return bool(value == "host")


def _unconfined(value: Any) -> bool:
    return bool(value == "unconfined")


def _apparmor(kernel: View) -> bool:
    return bool(kernel["lsm"]["apparmor"]["enabled"])


def _selinux(kernel: View) -> bool:
    return bool(kernel["lsm"]["selinux"]["mode"] != "disabled")


def _cgroup_v2(kernel: View) -> bool:
    return bool(kernel["cgroup"]["mode"] == "v2")


def _opens(umask: Any) -> bool:
    """Say whether a umask leaves others the right to write; Podman refuses one that is not octal."""
    return all(digit in "01234567" for digit in umask) and 0 < len(umask) <= 4 and not int(umask, 8) & OTHERS_WRITE


SETTINGS: Final[Mapping[str, Loosens]] = {
    "containers.apparmor_profile": Loosens(_unconfined, "AppArmor confines no container", True, _apparmor),
    "containers.cgroupns": Loosens(_host, "containers see the host's control groups", False, _cgroup_v2),
    "containers.cgroups": Loosens(lambda value: bool(value == "disabled"), "limits on containers are not enforced", False),
    "containers.env_host": Loosens(bool, "each container is given the environment of whoever starts it, passwords in it too", False),
    "containers.ipcns": Loosens(_host, "containers share the host's shared memory", False),
    "containers.keyring": Loosens(lambda value: not value, "containers use the keyring of whoever starts them", False),
    "containers.label": Loosens(lambda value: not value, "SELinux keeps no container from the host's files", True, _selinux),
    "containers.netns": Loosens(_host, "containers are in the host's network, with its loopback addresses and abstract sockets", True),
    "containers.pidns": Loosens(_host, "containers see the host's processes, and can signal and trace them", True),
    "containers.pids_limit": Loosens(lambda value: value <= 0, "one container can use up the processes of the host", False),
    "containers.privileged": Loosens(bool, "each container has all capabilities and the host's devices, and no seccomp filter", True),
    "containers.seccomp_profile": Loosens(_unconfined, "containers can make every system call", True),
    "containers.umask": Loosens(_opens, "everybody can write to what containers create", False),
    "containers.utsns": Loosens(_host, "containers share the host's name", False),
    "engine.no_pivot_root": Loosens(bool, "the runtime does not use pivot_root, so a container with CAP_SYS_ADMIN gets to the host's files", True),
}


def loosened(containers: View, kernel: Callable[[], View]) -> Json:
    """Return what takes something away, by setting, each with its value, its file and what follows; first what a container may get out by."""
    set_here = sorted(SETTINGS.keys() & set(known(containers["settings"])), key=lambda name: (not SETTINGS[name].escape, name))
    found = {name: attempt(_one, containers["settings"][name], name, kernel) for name in set_here}
    certain = {name: one for name, one in found.items() if one is not None and not isinstance(one, Hole)}
    return incomplete(certain, worst_hole(opening(containers["settings"]), *found.values()))


def _one(setting: View, name: str, kernel: Callable[[], View]) -> Json:
    loosens, value = SETTINGS[name], setting["value"]
    if not loosens.when(value) or not loosens.matters(kernel()):
        return None
    return {"value": str(value).lower() if isinstance(value, bool) else str(value), "file": setting["file"], "does": loosens.does, "escape": loosens.escape}


def capabilities(containers: View) -> dict[str, Json]:
    """Return the capabilities that files give beyond those that Podman itself gives, each with its file."""
    return {value: {"file": file} for value, file in _listed(containers, CAPABILITIES) if value not in BUILT_IN[CAPABILITIES]}


def gets_out(loosened: Json, capabilities: Json) -> bool | Hole:
    """Say whether one of these lets root in a container get at the host."""
    parts = [{} if isinstance(part, Hole) else part for part in (loosened, capabilities)]
    if any(one["escape"] for one in parts[0].values()) or not set(parts[1]) <= DOCKERS:
        return True
    return worst_hole(loosened, capabilities, getattr(loosened, "hole", None)) or False


ADDITIONS: Final = {"containers.devices": "device", "containers.mounts": "mount", "containers.volumes": "volume", "engine.hooks_dir": "hooks"}


def added(containers: View) -> Json:
    """Return what containers.conf adds to every container, by its kind and what it is, with its file."""
    found: dict[str, Json] = {}
    unread: Hole | None = None
    for name, kind in ADDITIONS.items():
        listed = attempt(lambda one: list(_listed(containers, one)), name)
        unread = worst_hole(unread, listed)
        found |= {} if isinstance(listed, Hole) else {f"{kind} {value}": _addition(kind, value, file) for value, file in listed}
    return incomplete(found, unread)


def copied(mounts: View) -> Json:
    """Return the same of what mounts.conf has copied into every container."""
    found = {f"copy {one}": _addition("copy", one, mounts["file"]) for one in known(mounts["directories"])}
    return incomplete(found, opening(mounts["directories"]))


def _addition(kind: str, value: str, file: str) -> Json:
    return {"name": f"{kind} {value}", "kind": kind, "file": file}


def _listed(containers: View, name: str) -> Iterator[tuple[str, str]]:
    """Yield the members of a list that a file added."""
    if name in containers["lists"]:
        yield from ((one["value"], one["file"]) for one in containers["lists"][name] if one["file"])
