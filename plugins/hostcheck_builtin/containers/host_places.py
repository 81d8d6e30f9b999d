"""Which places of a host make one root there, or tell what root alone is to know: to write there, to read there, or to connect.

A mount has such a place where it is the place itself or a directory above it, and of some places also where it is anything below.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

KERNEL: Final = {"/proc": "settings of the kernel and what it tells of all processes", "/sys": "settings of the kernel, its devices and control groups"}
JOBS: Final = "jobs that root runs"
UNITS: Final = "units that systemd starts"
LOGIN: Final = "who may log in and become root"
RUN: Final = "what root runs"
ENGINES: Final = "settings of engines"
BOOT: Final = "what the system does at boot, or as soon as something changes"
PACKAGES: Final = "what package managers run as root"
PROGRAMS: Final = "programs that root runs"
BUS: Final = "a socket at which root tells systemd what to start, whatever the mount allows"
KEYS: Final = "keys and passwords of root"
DATA: Final = "the files of every container and image"
CLUSTER: Final = "keys of the cluster"

WITH_ALL_BELOW: Final[Mapping[str, str]] = {
    **dict.fromkeys((f"/etc/cron.{name}" for name in ("d", "daily", "hourly", "weekly", "monthly")), JOBS),
    **dict.fromkeys(("/etc/crontab", "/etc/anacrontab", "/var/spool/cron"), JOBS),
    **dict.fromkeys(("/etc/systemd", "/usr/local/lib/systemd", "/run/systemd/system"), UNITS),
    **dict.fromkeys((f"/etc/{name}" for name in ("passwd", "shadow", "group", "gshadow", "sudoers", "sudoers.d", "pam.d", "security")), LOGIN),
    **dict.fromkeys((f"/etc/ld.so.{name}" for name in ("preload", "conf", "conf.d")), RUN),
    **dict.fromkeys((f"/etc/{name}" for name in ("profile", "profile.d", "bash.bashrc", "environment", "rc.local", "init.d", "udev", "modprobe.d")), RUN),
    **dict.fromkeys((f"/etc/{name}" for name in ("docker", "containerd", "containers", "crio", "cni", "cdi", "kubernetes")), ENGINES),
    **dict.fromkeys((f"/root/{name}" for name in (".bashrc", ".profile", ".bash_profile", ".config", ".docker")), RUN),
    "/root/.ssh": LOGIN,
    **dict.fromkeys((f"/usr/{name}" for name in ("bin", "sbin", "lib", "lib64", "libexec", "local/bin", "local/sbin", "local/lib")), PROGRAMS),
    **dict.fromkeys(("/bin", "/sbin", "/lib", "/lib64", "/opt/cni/bin"), PROGRAMS),
    **dict.fromkeys(("/etc/subuid", "/etc/subgid"), "which ids users may take, of root's too (subuid(5))"),
    **dict.fromkeys((f"/etc/{name}" for name in ("sudo.conf", "doas.conf", "polkit-1", "nsswitch.conf")), LOGIN),
    **dict.fromkeys(
        (f"/etc/{name}" for name in ("fstab", "crypttab", "tmpfiles.d", "sysusers.d", "sysctl.d", "sysctl.conf", "modules-load.d", "binfmt.d")), BOOT
    ),
    **dict.fromkeys((f"/run/{name}" for name in ("udev/rules.d", "tmpfiles.d", "sysusers.d", "sysctl.d", "modprobe.d", "systemd/transient")), BOOT),
    **dict.fromkeys(("/etc/apt/apt.conf.d", "/etc/dpkg/dpkg.cfg.d", "/var/lib/dpkg/info"), PACKAGES),
    **dict.fromkeys(("/etc/logrotate.d", "/etc/logrotate.conf"), JOBS),
    **dict.fromkeys(("/etc/update-motd.d", "/etc/network", "/etc/NetworkManager/dispatcher.d", "/etc/kernel", "/etc/dbus-1"), RUN),
    "/boot": "the kernel that is started",
    **dict.fromkeys(("/run/dbus/system_bus_socket", "/run/systemd/private"), BUS),
    "/var/lib/kubelet/pki": CLUSTER,
}
"""Whoever writes to one of these, or to anything below it, is root soon."""
ALONE: Final[Mapping[str, str]] = {
    "/": "everything",
    "/etc": "settings of the host",
    "/root": "the home of root",
    "/home": "the homes of all users",
    "/usr": PROGRAMS,
    "/dev": "the devices of the host",
    "/var/lib/kubelet": CLUSTER,
}
"""The same, but not what is below."""
SOCKETS: Final = ("/run/dbus/system_bus_socket", "/run/systemd/private")
"""To connect takes no right to write to the mount."""
SECRET_BELOW: Final[Mapping[str, str]] = {
    **dict.fromkeys(("/etc/shadow", "/etc/gshadow"), "the hashes of all passwords"),
    **dict.fromkeys((f"/root/{name}" for name in (".ssh", ".docker", ".kube", ".aws", ".gnupg")), KEYS),
    **dict.fromkeys(("/etc/kubernetes/pki", "/var/lib/kubelet/pki"), CLUSTER),
}
SECRET_ALONE: Final[Mapping[str, str]] = {
    "/": "everything that root can read",
    "/etc": "the hashes of all passwords",
    "/etc/ssh": "the keys by which this host shows who it is",
    "/root": "the home of root",
    "/home": "the homes of all users",
    "/etc/kubernetes": CLUSTER,
}
DATA_ROOTS: Final = ("/var/lib/docker", "/var/lib/containerd", "/var/lib/containers/storage")
VOLUMES: Final = "volumes"


class HostPlace(NamedTuple):
    """A place of the host, and what it is."""

    path: str
    what: str


def below(path: str, place: str) -> bool:
    """Say whether a path is a place or something below it."""
    return f"{path}/".startswith(f"{place.rstrip('/')}/")


def kernel(path: str) -> HostPlace | None:
    """Return the file system of the kernel that a path is in."""
    return next((HostPlace(place, what) for place, what in KERNEL.items() if below(path, place)), None)


def is_usual(path: str) -> bool:
    """Say whether a path is in a place that makes root of whoever can write there, on every host."""
    return any(below(path, place) for place in WITH_ALL_BELOW)


def writable(path: str, places: Mapping[str, str]) -> HostPlace | None:
    """Return what makes root of whoever can write to a path; `places` are the directories of engines (DATA), and what root runs or obeys on this host."""
    data = _data(places)
    known = nearest(path, {**ALONE, **dict.fromkeys(data, DATA)}, WITH_ALL_BELOW) or _inside(path, data)
    return known or next((HostPlace(one, what) for one, what in sorted(places.items()) if what != DATA and below(one, path)), None)


def secret(path: str, places: Mapping[str, str]) -> HostPlace | None:
    """Return what is to be read at a path that root alone should know."""
    return nearest(path, {**SECRET_ALONE, **dict.fromkeys(_data(places), DATA)}, SECRET_BELOW)


def _data(places: Mapping[str, str]) -> list[str]:
    return [place for place, what in places.items() if what == DATA]


def socket(path: str, sockets: Iterable[str]) -> str | None:
    """Return the engine's socket that a path is, or has below it."""
    return next((one for one in sorted(sockets) if below(one, path)), None)


def bus(path: str) -> HostPlace | None:
    """Return the socket of systemd that a path is, or has below it; of the whole host more is to be told than that."""
    return next((HostPlace(one, BUS) for one in SOCKETS if below(one, path) and path != "/"), None)


def nearest(path: str, alone: Mapping[str, str], with_below: Mapping[str, str]) -> HostPlace | None:
    """Return the place that a path is, else the one that it is in, else the first that it holds."""
    for places in (alone, with_below):
        if path in places:
            return HostPlace(path, places[path])
    inside = [place for place in with_below if below(path, place)]
    held = sorted(place for place in (*alone, *with_below) if below(place, path))
    found = max(inside, key=len) if inside else held[0] if held else None
    return None if found is None else HostPlace(found, {**alone, **with_below}[found])


def _inside(path: str, data: Iterable[str]) -> HostPlace | None:
    """Return the directory of an engine that a path is in; a volume in it belongs to those who use it."""
    for place in sorted(data):
        if below(path, place):
            first, _, volume = path[len(place.rstrip("/")) + 1 :].partition("/")
            return None if first == VOLUMES and volume else HostPlace(place, DATA)
    return None
