"""What holds of a container only together with what its engine says of itself: what that does for whoever asks for nothing, and which limits it enforces."""

from collections.abc import Mapping
from typing import Any, Final

from hostcheck.api import Hole, HoleError, Json, View, Why, attempt

NONE: Final = "engine-none"
UNCONFINED: Final = "name=seccomp,profile=unconfined"
NOT_CONFINED: Final = frozenset({"container_runtime_t", "spc_t", "unconfined_t"})
"""Types of SELinux under which everything is allowed (container_selinux(8), unconfined_selinux(8)); an engine has the first."""
ENFORCES: Final = {"memory": "memory_limit", "pids": "pids_limit", "quota": "cpu_quota", "weight": "cpu_shares"}
CONTROLLERS: Final = {"memory": "memory", "pids": "pids", "quota": "cpu", "weight": "cpu"}
"""Which fact of docker, and which controller of podman's, says that a limit is enforced."""


def of(facts: Mapping[str, Any], container: View) -> dict[str, Json]:
    """State what a container has by itself or by its engine."""
    return {
        "seccomp": attempt(_seccomp, facts, container),
        "no_new_privileges": attempt(_no_new_privileges, facts, container),
        "apparmor": attempt(_apparmor, container),
        "selinux": attempt(_selinux, facts, container),
        "drops_all": attempt(_drops_all, facts, container),
        "enforced": {limit: attempt(_enforced, facts, container, limit) for limit in ("memory", "pids", "cpu")},
    }


def _engine(facts: Mapping[str, Any], container: View, part: str) -> View:
    """Return what the engine of a container says of itself."""
    engines: View = facts["engines"]["sockets"]
    socket = container["socket"]
    if socket not in engines or part not in engines[socket]:
        raise HoleError(Hole(why=Why.NONSENSE, message=f"{socket}: the engine did not say what it does unasked"))
    told: View = engines[socket][part]
    return told


def _seccomp(facts: Mapping[str, Any], container: View) -> str:
    """Return the filter of system calls, with what the engine does unasked where the container says nothing."""
    told = str(container["seccomp"])
    if told != "default":
        return told
    if container["engine"] == "podman":
        return told if _engine(facts, container, "libpod")["seccomp"] else NONE
    filters = [option for option in _engine(facts, container, "info")["security_options"] if option.startswith("name=seccomp")]
    return told if filters and UNCONFINED not in filters else NONE


def _no_new_privileges(facts: Mapping[str, Any], container: View) -> bool:
    """Say whether programs inside can gain no rights by setuid: what the engine does unasked holds where the container says nothing."""
    told = container["no_new_privileges"]
    if told != "default" or container["engine"] != "docker":
        return bool(told == "on")
    return "name=no-new-privileges" in _engine(facts, container, "info")["security_options"]


def _apparmor(container: View) -> str:
    """Return whether a profile was applied when it was started; an engine that has none to apply names none."""
    if container["apparmor"] == "unconfined":
        return "unconfined"
    profile = container["apparmor_profile"]
    return NONE if profile == "" else "unconfined" if profile == "unconfined" else "applied"


def _selinux(facts: Mapping[str, Any], container: View) -> str:
    """Return whether it has a label that confines it; where it has none, the engine says whether it gives any."""
    if container["selinux"] == "disabled" or container["selinux_type"] in NOT_CONFINED:
        return "disabled"
    if container["selinux_type"] != "":
        return "applied"
    if container["engine"] == "podman":
        gives = _engine(facts, container, "libpod")["selinux"]
    else:
        gives = any(option.startswith("name=selinux") for option in _engine(facts, container, "info")["security_options"])
    return "disabled" if gives else NONE


def _drops_all(facts: Mapping[str, Any], container: View) -> bool:
    """Say whether it was given only the capabilities that it named; podman tells which of its own a container lost, and not whether it asked for ALL."""
    dropped = set(container["capabilities"]["dropped"])
    if container["engine"] != "podman" or "ALL" in dropped:
        return "ALL" in dropped
    usual = {name.removeprefix("CAP_") for name in _engine(facts, container, "libpod")["capabilities"]}
    if dropped and usual - dropped:
        message = "podman tells which capabilities a container lost, and not whether it was to lose all and was given some again"
        raise HoleError(Hole(why=Why.UNSUPPORTED, message=message))
    return not usual - dropped


def _enforced(facts: Mapping[str, Any], container: View, limit: str) -> bool:
    """Say whether an engine enforces limits of that kind, and not only accepts them; of those on CPU time that the container has, one is enough."""
    ways = list(container["limits"]["cpu"]) or ["quota", "weight"] if limit == "cpu" else [limit]
    if container["engine"] == "podman":
        controllers = set(_engine(facts, container, "libpod")["cgroup_controllers"])
        return any(CONTROLLERS[way] in controllers for way in ways)
    info = _engine(facts, container, "info")
    return info["cgroup_driver"] != "none" and any(_says(info, ENFORCES[way]) for way in ways)


def _says(info: View, fact: str) -> bool:
    if fact not in info:
        raise HoleError(Hole(why=Why.UNSUPPORTED, message="an earlier version of hostcheck collected this, and did not ask whether the engine enforces it"))
    return bool(info[fact])
