"""What this host is there for, by what root runs or has enabled there: a directory that a package left behind relaxes nothing (decision 0021).

A server has no sign of its own: the host is one when every other role is known to be absent, and where one of them cannot be known, neither can the role.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from hostcheck.api import Hole, HoleError, Json, View, Why, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.host import role_markers
from hostcheck_builtin.system.fact_members import sure
from hostcheck_builtin.system.products_by_path import product_of

State = bool | Hole

GUESTS: Final = ("orbstack", "podman-machine", "lima", "wsl", "docker-desktop")
"""In the order in which one is named: a podman machine may run on the kernel of WSL, and Lima is what Colima and Rancher Desktop run."""
GUEST_MOUNTS: Final = {"lima": ("/mnt/lima-cidata",), "wsl": ("/mnt/wsl",)}
GUEST_KERNELS: Final[dict[str, Callable[[str], bool]]] = {
    "orbstack": lambda release: "-orbstack-" in release,
    "wsl": lambda release: "-microsoft-standard" in release or release.endswith("-Microsoft"),
    "docker-desktop": lambda release: release.endswith("-linuxkit"),
}
PODMAN_MACHINE: Final = ("/etc/containers/podman-machine", "/etc/podman-machine")
"""What a podman machine is given; a file may be left over, so that it counts where the machine's unit is enabled, or in WSL."""
ENGINES: Final = (
    *("/run/buildkit/buildkitd.sock", "/run/containerd/containerd.sock", "/run/crio/crio.sock", "/run/docker", "/run/docker.sock"),
    *("/run/incus/unix.socket", "/run/k3s/containerd/containerd.sock", "/run/podman/podman.sock"),
    *("/var/lib/incus/unix.socket", "/var/lib/lxd/unix.socket", "/var/snap/lxd/common/lxd/unix.socket"),
)
ENGINE_PROCESSES: Final = ("buildkitd", "containerd", "crio", "dockerd", "incusd", "lxd")
CLUSTER_PROCESSES: Final = ("k0s", "k3s-agent", "k3s-server", "kubelet", "kubelite", "rke2")
PROGRAMS: Final = {"k3s-agent": "k3s", "k3s-server": "k3s"}
"""The file of a program whose processes are called otherwise."""
RUNNER_PROCESSES: Final = ("gitlab-runner",)
DESKTOP_PROCESSES: Final = ("multipassd",)
DEFAULT_TARGET: Final = "/etc/systemd/system/default.target"
TEXT_TARGETS: Final = ("multi-user.target", "runlevel3.target")
PORTABLE: Final = frozenset({8, 9, 10, 14, 30, 31, 32})
"""Portable, laptop, notebook, sub notebook, tablet, convertible, detachable (SMBIOS 7.4.1); a desktop case or a tower is many a server's."""
MASKED: Final = "/dev/null"
"""Where the link of a masked unit points (systemctl(1))."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One thing that may tell a role: how the evidence calls it, and whether it is there."""

    name: str
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A role, its signs, and whether they suffice."""

    role: str
    signs: list[Sign]
    state: State


def derive(facts: Mapping[str, Any], values: Mapping[str, Json]) -> Json:
    """Say what the host is: ``{role, source, detected, evidence, guest, container}``; the value `role` overrides what is detected."""
    stated = attempt(_detect, facts)
    detected, evidence, guest = (stated, incomplete([], stated), stated) if isinstance(stated, Hole) else stated
    known_of = {"detected": detected, "evidence": evidence, "guest": {"kind": guest}, "container": attempt(_inside, facts)}
    role = values.get("role")
    if role is None:
        return {"role": detected, "source": "detected", **known_of}
    evidence[:0] = ["--role"]
    return {"role": role, "source": "override", **known_of}


def _inside(facts: Mapping[str, Any]) -> bool:
    return bool(facts["host"]["scan"]["container"]["inside"])


def _detect(facts: Mapping[str, Any]) -> tuple[Json, Json, Json]:
    host: View = facts["host"]
    if _inside(facts):
        message = "this is a container, and what tells the role of its host is outside of it"
        raise HoleError(Hole(why=Why.UNSUPPORTED, message=message, at="host/scan/container/inside"))
    if not host["scan"]["init_userns"]:
        message = "owners are not the host's as a user namespace shows them, so that no sign can be believed; say --role"
        raise HoleError(Hole(why=Why.DENIED, message=message, at="host/scan/init_userns"))
    users = _engines_of_users(facts)
    guests = {kind: _guest(host, kind) for kind in GUESTS}
    role, evidence = _first(_claims(host, list(chain.from_iterable(guests.values())), users))
    return role, evidence, _kind(guests)


def _claims(host: View, guest: list[Sign], users: list[Sign]) -> list[Claim]:
    """Return the roles in the order in which they are tried: those that relax most come first, and so cannot be passed over unknown.

    What `users` run on this kernel keeps a host from being one whose containers are all in virtual machines; more than that no user does.
    """
    desktop = [*_enabled(host, role_markers.DESKTOPS), *_running(host, DESKTOP_PROCESSES)]
    engines = [*_places(host, ENGINES, _is_engines), *_enabled(host, role_markers.ENGINES), *_quadlets(host), *_running(host, ENGINE_PROCESSES)]
    cluster = [*_enabled(host, role_markers.NODES), *_running(host, CLUSTER_PROCESSES)]
    runner = [*_enabled(host, role_markers.RUNNERS), *_running(host, RUNNER_PROCESSES)]
    workstation = [*_displays(host), _chassis(host)]
    return [
        Claim(role="desktop-vm-guest", signs=guest, state=_either(guest)),
        Claim(role="desktop-vm-host", signs=desktop, state=_both(_either(desktop), _not(_either([*engines, *users])))),
        Claim(role="cluster-node", signs=cluster, state=_either(cluster)),
        Claim(role="ci-runner", signs=runner, state=_either(runner)),
        Claim(role="workstation", signs=workstation, state=_either(workstation)),
    ]


def _first(claims: list[Claim]) -> tuple[Json, Json]:
    """Return the first role that the host has, with the evidence for it; none after one that cannot be known."""
    for claim in claims:
        if isinstance(claim.state, Hole):
            return claim.state, incomplete([], claim.state)
        if claim.state:
            evidence = sorted(sign.name for sign in claim.signs if sign.state is True)
            unread = worst_hole(*(sign.state for sign in claim.signs))
            return claim.role, incomplete(evidence, unread)
    return "server", ["no sign of another role"]


def _kind(guests: dict[str, list[Sign]]) -> str | Hole:
    for kind, signs in guests.items():
        state = _either(signs)
        if isinstance(state, Hole):
            return state
        if state:
            return kind
    return "none"


def _guest(host: View, kind: str) -> list[Sign]:
    """Return the signs that this is a guest of one product: its kernel, its mount, its unit."""
    if kind == "podman-machine":
        live = _either([*_enabled(host, role_markers.PODMAN), *_guest(host, "wsl")])
        return [Sign(name=sign.name, state=_both(sign.state, live)) for sign in _places(host, PODMAN_MACHINE)]
    signs = [_mounted(host, point) for point in GUEST_MOUNTS.get(kind, ())]
    if kind == "lima":
        signs += _enabled(host, role_markers.LIMA)
    if kind in GUEST_KERNELS:
        release = attempt(lambda: str(host["kernel"]["release"]))
        signs.append(Sign(name=f"kernel {release}", state=release if isinstance(release, Hole) else GUEST_KERNELS[kind](release)))
    return signs


def _mounted(host: View, point: str) -> Sign:
    return Sign(name=f"mount {point}", state=attempt(lambda: bool(host["signals"]["mounts"][point]["present"])))


def _is_engines(place: View) -> bool:
    """Say whether something is there that may be an engine's: anything but a link that root made to the socket of a user's virtual machine."""
    if not place["present"]:
        return False
    return not (place["type"] == "link" and place["root_owned"] and product_of(place["target"]) != "none")


def _is_roots(place: View) -> bool:
    """Say whether root has put something there that counts."""
    return bool(place["present"]) and bool(place["root_owned"]) and not (place["type"] == "link" and place["target"] == MASKED)


def _places(host: View, paths: Iterable[str], counts: Callable[[View], bool] = _is_roots) -> list[Sign]:
    return [Sign(name=path, state=attempt(lambda at: counts(host["signals"]["paths"][at]), path)) for path in paths]


def _enabled(host: View, names: tuple[str, ...]) -> list[Sign]:
    """Return a sign for each unit that root has enabled whose name begins so, and that is there to be started."""
    enabled = attempt(lambda: host["signals"]["enabled"])
    if isinstance(enabled, Hole):
        return [Sign(name="enabled units", state=enabled)]
    ours = [path for path in known(enabled) if f"{path.rpartition('/')[2]}.".startswith(names)]
    signs = [Sign(name=f"enabled {path}", state=attempt(lambda at: _starts(enabled[at]), path)) for path in ours]
    unread = opening(enabled)
    return signs if unread is None else [*signs, Sign(name="enabled units", state=unread)]


def _quadlets(host: View) -> list[Sign]:
    return [Sign(name=folder, state=attempt(lambda at: bool(host["signals"]["quadlets"][at]), folder)) for folder in role_markers.QUADLETS]


def _engines_of_users(facts: Mapping[str, Any]) -> list[Sign]:
    """Return a sign for each user whose processes run an engine, and for each socket of a user's at which one listens, but for those of virtual machines."""
    programs = [Sign(name=f"engine of uid {uid}", state=True) for uid in _members(facts, "programs")]
    sockets = [path for path in _members(facts, "sockets") if product_of(path) == "none"]
    listening = [Sign(name=path, state=attempt(lambda at: bool(facts["user-engines"]["sockets"][at]["listening"]), path)) for path in sockets]
    unread = worst_hole(*(attempt(lambda at: opening(facts["user-engines"][at]), part) for part in ("programs", "sockets")))
    return [*programs, *listening, *([] if unread is None else [Sign(name="engines of users", state=unread)])]


def _members(facts: Mapping[str, Any], part: str) -> list[str]:
    members = attempt(lambda: list(known(facts["user-engines"][part])))
    return [] if isinstance(members, Hole) else members


def _starts(one: View) -> bool:
    return bool(one["root_owned"]) and _is_roots(one["unit"])


def _running(host: View, names: Iterable[str]) -> list[Sign]:
    return [Sign(name=f"process {name}", state=attempt(_runs, host, name)) for name in names]


def _runs(host: View, name: str) -> bool:
    """Say whether a process of root's runs the program that it is called after, and only root can change that."""
    programs: View = host["signals"]["processes"][name]
    ours = [path for path in known(programs) if path.rpartition("/")[2] == PROGRAMS.get(name, name)]
    states = [attempt(lambda at: bool(programs[at]["root_owned"]), path) for path in ours]
    unread = opening(programs)
    return sure(_either_of([*states, *([] if unread is None else [unread])]))


def _displays(host: View) -> list[Sign]:
    """Return the display managers that start at boot; systemd starts none where its default target is one without."""
    text = attempt(lambda: _is_text(host["signals"]["paths"][DEFAULT_TARGET]))
    return [Sign(name=sign.name, state=_both(sign.state, _not(text))) for sign in _enabled(host, role_markers.DISPLAYS)]


def _is_text(target: View) -> bool:
    return _is_roots(target) and target["type"] == "link" and str(target["target"]).rpartition("/")[2] in TEXT_TARGETS


def _chassis(host: View) -> Sign:
    kind = attempt(lambda: host["hardware"].get("chassis_type", 0))
    return Sign(name=f"chassis {kind}", state=kind if isinstance(kind, Hole) else kind in PORTABLE)


def _either(signs: list[Sign]) -> State:
    return _either_of([sign.state for sign in signs])


def _either_of(states: list[State]) -> State:
    return True if True in states else worst_hole(*states) or False


def _both(one: State, other: State) -> State:
    if one is False or other is False:
        return False
    return one if isinstance(one, Hole) else other


def _not(state: State) -> State:
    return state if isinstance(state, Hole) else not state
