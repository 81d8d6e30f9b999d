"""Whether the kernel lets a user's engine make user namespaces and enforce limits, and what is in the way.

An engine that says that it enforces limits proves nothing; one that says that it does not is believed.
"""

from collections.abc import Iterable
from typing import Final

from hostcheck.api import Hole, HoleError, Json, View, Why, attempt, incomplete, worst_hole
from hostcheck_builtin.engines import scopes

NEEDED: Final = frozenset({"memory", "pids"})
"""Controllers without which a rootless container can use up the memory and the processes of the host."""
MODES: Final = {
    "v1": "this host uses control groups v1",
    "hybrid": "this host uses control groups v1 beside v2",
    "none": "no control groups are mounted on this host",
}
SWITCHES: Final = ("user.max_user_namespaces", "kernel.unprivileged_userns_clone", "kernel.apparmor_restrict_unprivileged_userns")


def usable(kernel: View, sockets: Iterable[View]) -> bool:
    """Say whether the kernel lets the user make user namespaces (user_namespaces(7)); what AppArmor lets through is proved by an engine in one."""
    sysctl = kernel["sysctl"]
    most, clone, confined = (sysctl[name] for name in SWITCHES)
    if not most["present"] or most["value"] == 0 or (clone["present"] and clone["value"] == 0):
        return False
    if not confined["present"] or confined["value"] == 0:
        return True
    if any("process" in socket and not scopes.is_hosts(socket["process"]["uid_map"]) for socket in sockets):
        return True
    message = "AppArmor restricts user namespaces, and whether a profile lets this user's engine through is not known while none is seen in one"
    raise HoleError(Hole(why=Why.UNSUPPORTED, message=message))


def closed_by(kernel: View) -> Json:
    """Return the settings that let nobody make a user namespace, each with its value and, where a file sets it, that file."""
    closed: dict[str, Json] = {}
    for name in SWITCHES[:2]:
        setting = kernel["sysctl"][name]
        if setting["present"] and setting["value"] == 0:
            source = attempt(lambda at: _set_in(kernel, at), name)
            closed[name] = {"raw": setting["raw"], "set_in": source}
    return closed


def _set_in(kernel: View, name: str) -> str:
    settings = kernel["persisted"]["settings"]
    return str(settings[name]["source"]) if name in settings and str(settings[name]["raw"]).strip() == "0" else ""


def limits(kernel: View | Hole, uid: int, sockets: Iterable[View], unsure: Hole | None) -> dict[str, Json]:
    """Say whether limits hold, v2 alone with its controllers given to the user's manager and an engine that uses them; and all that keeps them from it.

    `sockets` are those of the user's engines, and `unsure` says why there may be more.
    """
    given = kernel if isinstance(kernel, Hole) else attempt(_given, kernel, uid)
    signs = [kernel if isinstance(kernel, Hole) else attempt(_ungiven, kernel, uid)]
    signs += [attempt(_unused, socket) for socket in sockets]
    lacking: dict[str, str] = {sign: cause for stated in signs if not isinstance(stated, Hole) for sign, cause in stated.items()}
    unknown = worst_hole(unsure, *signs)
    return {
        "limits_enforced": False if lacking else unknown or True,
        "limits_lack": incomplete(list(lacking), unknown),
        "limits_causes": incomplete(sorted(set(lacking.values())), unknown),
        "controllers": given,
    }


def _given(kernel: View, uid: int) -> Json:
    delegated = kernel["cgroup"]["delegated"]
    return list(delegated[str(uid)]) if str(uid) in delegated else []


def _ungiven(kernel: View, uid: int) -> dict[str, str]:
    """Return what the kernel does not give a user's manager of what limits need, each with its cause."""
    groups = kernel["cgroup"]
    if groups["mode"] != "v2":
        return {MODES[str(groups["mode"])]: "nothing mounted" if groups["mode"] == "none" else "v1"}
    if str(uid) not in groups["delegated"]:
        return {f"user@{uid}.service, which would give the engine control groups, does not run": "no manager"}
    lacking = sorted(NEEDED.difference(groups["delegated"][str(uid)]))
    return {f"systemd does not give the controller {name} to user@{uid}.service": "not given" for name in lacking}


def _unused(socket: View) -> dict[str, str]:
    """Return what an engine says itself that it does not enforce; one that says it enforces everything proves nothing."""
    kind = scopes.engine(socket)
    if kind == "podman":
        given = set(socket["libpod"]["cgroup_controllers"])
        return {f"podman says that it has no controller {name}": "engine" for name in sorted(NEEDED - given)}
    if kind != "docker":
        return {}
    info = scopes.information(socket)
    stated = {"CgroupDriver: none": info["cgroup_driver"] == "none", "MemoryLimit: false": not info["memory_limit"], "PidsLimit: false": not info["pids_limit"]}
    return {f"docker says {words}": "engine" for words, found in stated.items() if found}
