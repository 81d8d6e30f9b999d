"""What a dockerd that runs says of its settings over its socket (/info): the truth of now, whatever its files have become.

Most settings it does not tell. Those that it tells in another form than daemon.json has are brought into that form here.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from hostcheck.api import Json, Nonsense, View, ViewList, pattern

SECCOMP: Final = "name=seccomp,profile="
ALWAYS: Final = frozenset(("127.0.0.0/8", "::1/128"))
"""What dockerd takes for insecure by itself: its own host."""
OWN_RUNTIMES: Final = ("io.containerd.", "runc")
"""How the runtimes are called that every dockerd has."""
TELLS_PRIVILEGES: Final = 23
"""The first version that says whether no-new-privileges is on."""
RANGE: Final = pattern(r"(.*)/[0-9]{1,10}\.[0-9]{1,10}", re.DOTALL)
"""How the data directory of a dockerd with userns-remap ends (setupDaemonRoot of moby)."""
USERNS: Final = "name=userns"


def plain(value: Any) -> Json:
    """Return what a view shows as plain values; raises HoleError where some of it is not known."""
    if isinstance(value, View):
        return {key: plain(value[key]) for key in value}
    return [plain(one) for one in value] if isinstance(value, ViewList) else value


def _seccomp(info: View) -> Json:
    """Return the profile, "disabled" where no system call is filtered because the kernel cannot."""
    profile = next((one.removeprefix(SECCOMP) for one in info["security_options"] if one.startswith(SECCOMP)), "disabled")
    return "builtin" if profile == "default" else profile


def _has(option: str) -> Callable[[View], Json]:
    return lambda info: option in info["security_options"]


def _data_root(info: View) -> Json:
    place = str(info["root_dir"])
    found = RANGE.fullmatch(place) if USERNS in info["security_options"] else None
    return found[1] if found else place


def _insecure(info: View) -> Json:
    return sorted(({*plain(info["insecure_registries"])} - ALWAYS) | {*plain(info["insecure_hosts"])})


def _runtimes(info: View) -> Json:
    return {name: path for name, path in plain(info["runtimes"]).items() if not _is_own(name)}


def _is_own(name: str) -> bool:
    return name == OWN_RUNTIMES[1] or name.startswith(OWN_RUNTIMES[0])


def _privileges(info: View) -> Json:
    """Return whether no-new-privileges is on, None where this version does not say."""
    if "name=no-new-privileges" in info["security_options"]:
        return True
    return False if major(info) >= TELLS_PRIVILEGES else None


def major(info: View) -> int:
    """Return the first number of the version; raises Nonsense."""
    number = str(info["server_version"]).partition(".")[0]
    if not (number.isascii() and number.isdigit() and len(number) < 6):
        raise Nonsense("dockerd says no version that begins with a number")
    return int(number)


def _told(fact: str) -> Callable[[View], Json]:
    return lambda info: plain(info[fact])


TOLD: Final[Mapping[str, tuple[str, Callable[[View], Json]]]] = {
    "authorization-plugins": ("authorization_plugins", _told("authorization_plugins")),
    "data-root": ("root_dir", _data_root),
    "debug": ("debug", _told("debug")),
    "default-runtime": ("default_runtime", _told("default_runtime")),
    "experimental": ("experimental", _told("experimental")),
    "insecure-registries": ("insecure_hosts", _insecure),
    "live-restore": ("live_restore", _told("live_restore")),
    "log-driver": ("log_driver", _told("log_driver")),
    "no-new-privileges": ("security_options", _privileges),
    "registry-mirrors": ("mirrors", _told("mirrors")),
    "runtimes": ("runtimes", _runtimes),
    "seccomp-profile": ("security_options", _seccomp),
    "selinux-enabled": ("security_options", _has("name=selinux")),
    "storage-driver": ("storage_driver", _told("storage_driver")),
}
"""By setting, the fact without which it is not told, and how it is read."""


def same(key: str, running: Json, after: Json) -> bool:
    """Say whether a setting that runs is what a restart would give, as far as the two can be compared."""
    if key == "data-root" or (key == "storage-driver" and after == "") or (key == "selinux-enabled" and after is True):
        return True  # told without links; chosen by the daemon; asked for on a kernel without SELinux
    if key == "seccomp-profile":
        return bool(running == "disabled" or running == (after if after not in ("", "default") else "builtin"))
    if key == "insecure-registries":
        return {_network(one) for one in running} == {_network(one) for one in after} - ALWAYS
    if key == "registry-mirrors":
        return {one.rstrip("/") for one in running} == {one.rstrip("/") for one in after}
    if key == "runtimes":
        return set(running) == {name for name in after if not _is_own(name)}
    return bool(running == after)


def _network(text: str) -> str:
    from ipaddress import ip_network  # for dockerd that runs

    try:
        return str(ip_network(text, strict=False)) if "/" in text else text
    except ValueError:
        return text
