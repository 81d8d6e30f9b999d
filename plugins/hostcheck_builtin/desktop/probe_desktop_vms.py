"""What root has installed and runs of the products that keep virtual machines for users, and what a guest sees of its host.

Of every user's processes it is told which product's program they run, by the file and never by the argv; that says something of that user alone.
The same names in a home are left to the probe user-desktop-vms.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from hostcheck.api import ABSENT, Hole, Host, Json, Process, Why, attempt, incomplete, pattern, worst_hole
from hostcheck_builtin.system import sharing, tcp_listeners
from hostcheck_builtin.system.bounds import FIRMWARE_NAME as LONG
from hostcheck_builtin.system.bounds import PID_FILE_BYTES
from hostcheck_builtin.system.bounds import PROCESSES_CALLED_LIKE_ENGINES as EACH
from hostcheck_builtin.system.credentials import hides
from hostcheck_builtin.system.ownership import ownership
from hostcheck_builtin.system.path_walk import LstatCache
from hostcheck_builtin.system.presence import absent_as
from hostcheck_builtin.system.procfs import demand

FOLDERS: Final = ("/Applications", "/opt", "/usr/libexec/podman", "/usr/lib/podman")
"""Listed, for most hosts have nothing of these in them."""
INSTALLED: Final = {
    "docker-desktop": ("/opt/docker-desktop", "/usr/lib/systemd/user/docker-desktop.service", "/Applications/Docker.app", "/mnt/wsl/docker-desktop"),
    "podman-machine": ("/usr/libexec/podman/gvproxy", "/usr/lib/podman/gvproxy", "/opt/podman", "/Applications/Podman Desktop.app"),
    "orbstack": ("/Applications/OrbStack.app",),
    "colima": ("/usr/bin/colima", "/usr/local/bin/colima"),
    "lima": ("/usr/bin/limactl", "/usr/local/bin/limactl"),
    "rancher-desktop": ("/opt/rancher-desktop", "/Applications/Rancher Desktop.app"),
    "multipass": ("/var/snap/multipass", "/Library/Application Support/com.canonical.multipass"),
}
PROGRAMS: Final = {
    "com.docker.backend": "docker-desktop",
    "gvproxy": "podman-machine",
    "krunkit": "podman-machine",
    "vfkit": "podman-machine",
    "OrbStack": "orbstack",
    "OrbStack Helper": "orbstack",
    "colima": "colima",
    "limactl": "lima",
    "rancher-desktop": "rancher-desktop",
    "multipassd": "multipass",
}
"""By the name of the file. qemu is no sign: it runs anybody's machines, and which one stands in its argv alone."""
COMM: Final = 15
"""What the kernel keeps of a name (TASK_COMM_LEN)."""
NAMES: Final = {program[:COMM] for program in PROGRAMS}
DELETED: Final = " (deleted)"
MARKERS: Final = {
    "/etc/containers/podman-machine": ("podman-machine", ""),
    "/etc/podman-machine": ("podman-machine", ""),
    "/etc/pollinate/add-user-agent": ("multipass", "multipass/version/"),
}
"""Files that a product writes into its guest, and how they begin; others are signs of the host's role, and stated by the probe host."""
SAYS: Final = pattern(r"multipass/version/[0-9.]+|(?:applehv|hyperv|libkrun|qemu|wsl)\b", re.ASCII)
DMI: Final = "/sys/class/dmi/id"
FIRMWARE: Final = ("bios_vendor", "product_name", "sys_vendor")
HYPERVISOR: Final = "/sys/hypervisor/type"


def collect(host: Host) -> Json:
    """State ``{installed, processes, markers, firmware, mounts, listeners}``."""
    lstats: LstatCache = {}
    return {
        "installed": _installed(host, lstats),
        "processes": _processes(host, lstats),
        "markers": _markers(host, lstats),
        "firmware": attempt(_firmware, host),
        "mounts": attempt(sharing.mounted, host),
        "listeners": tcp_listeners.listeners(host),
    }


def _installed(host: Host, lstats: LstatCache) -> Json:
    """Return what is there of the products, by path; what is not there is left out."""
    listed = {folder: attempt(lambda at: frozenset(absent_as([], host.list_dir, at)), folder) for folder in FOLDERS}
    found = {path: _there(host, path, product, listed, lstats) for product, paths in INSTALLED.items() for path in paths}
    return {path: place for path, place in sorted(found.items()) if place is not None}


def _there(host: Host, path: str, product: str, listed: dict[str, frozenset[str] | Hole], lstats: LstatCache) -> Json:
    folder, _, name = path.rpartition("/")
    names = listed.get(folder)
    if isinstance(names, Hole):
        return names
    if names is not None and name not in names:
        return None
    end = attempt(ownership, host, path, lstats)
    return end if isinstance(end, Hole) else {"product": product, "type": end.type, "root_owned": end.root_owned} if end.type else None


def _processes(host: Host, lstats: LstatCache) -> Json:
    """Return the programs of products that users run, by uid; a user of whom too many are called alike is a hole."""
    everyone = attempt(host.processes)
    if isinstance(everyone, Hole):
        return everyone
    named: dict[int, list[Process]] = defaultdict(list)
    for one in everyone:
        if one.name in NAMES:
            named[one.uids[1]].append(one)
    users = {str(uid): found for uid, members in sorted(named.items()) if (found := _programs(host, members, lstats)) != {}}
    lost = next((one.pid for one in everyone if one.lost), None)
    ended = None if lost is None else Hole(why=Why.LIMIT, message=f"/proc/{lost}: ended before it could be read, and others whenever all were listed again")
    hidden = attempt(hides, host)
    unread = worst_hole(hidden, ended)
    return users if unread is None else incomplete(users, unread)


def _programs(host: Host, members: list[Process], lstats: LstatCache) -> Json:
    found: dict[str, Any] = {}
    for one in members[:EACH]:
        try:
            exe = attempt(lambda pid: host.process(pid).exe.removesuffix(DELETED), one.pid)
        except ABSENT:
            continue
        if isinstance(exe, Hole):
            return exe
        product = PROGRAMS.get(exe.rpartition("/")[2]) if exe.startswith("/") else None
        if product:
            found.setdefault(product, {})[exe] = {"root_owned": attempt(lambda path: ownership(host, path, lstats).root_owned, exe)}
    return found if len(members) <= EACH else Hole(why=Why.LIMIT, message=f"more than {EACH} processes called like a product's")


def _markers(host: Host, lstats: LstatCache) -> Json:
    found = {path: attempt(_marker, host, path, *stated, lstats) for path, stated in MARKERS.items()}
    return {path: marker for path, marker in found.items() if marker is not None}


def _marker(host: Host, path: str, product: str, begins: str, lstats: LstatCache) -> Json:
    """State a marker and its first line, which for a podman machine is what runs it; None where there is none."""
    text = absent_as(None, host.read_text, path, limit=PID_FILE_BYTES, follow=False)
    if text is None:
        return None
    root_owned = ownership(host, path, lstats).root_owned
    return {"product": product, "root_owned": root_owned, "text": _known(text)} if text.startswith(begins) else None


def _known(text: str) -> str:
    """Return what a marker says of its product, as far as that is known."""
    found = SAYS.match(text)
    return found[0] if found else ""


def _firmware(host: Host) -> Json:
    """State what the firmware and the hypervisor call the machine; many virtual machines tell neither."""
    try:
        there: Iterable[str] = [name for name in host.list_dir(DMI) if name in FIRMWARE]
    except ABSENT:
        demand(host.stat, "/sys/kernel")
        there = []
    texts = {name: host.read_text(f"{DMI}/{name}", missing="") for name in there} | {"hypervisor": host.read_text(HYPERVISOR, missing="")}
    return {name: stated for name, text in texts.items() if (stated := text.partition("\n")[0].strip()[:LONG])}
