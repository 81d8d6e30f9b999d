"""Which capabilities, devices and rules for devices lead out of a container, each with what else it takes.

What works in a namespace of the container's own alone is not among them: CAP_NET_ADMIN reaches the host's network only where the container is in it.
"""

from collections.abc import Collection, Mapping
from typing import Final

CAPABILITIES: Final[Mapping[str, str]] = {
    "SYS_ADMIN": "it mounts file systems and changes control groups",
    "SYS_MODULE": "it loads modules into the kernel",
    "SYS_RAWIO": "it reads and writes the ports of the machine",
    "DAC_READ_SEARCH": "it opens files of the host by their numbers, whatever directory they are in",
    "BPF": "it loads programs into the kernel",
    "PERFMON": "it watches every process and the kernel",
    "MAC_ADMIN": "it changes the rules of the security module",
}
"""What each gives by itself (capabilities(7))."""
WITH_PROCESSES: Final[Mapping[str, str]] = {"SYS_PTRACE": "it takes over processes of the host, which it sees"}
WITH_PID: Final[Mapping[str, str]] = {"SYS_BOOT": "it restarts the host, whose processes it sees"}
"""Elsewhere reboot(2) ends the PID namespace alone."""
WITH_NETWORK: Final[Mapping[str, str]] = {"NET_ADMIN": "it changes addresses, routes and filters of the host, whose network it has"}
ALL: Final = "ALL"
MEMORY: Final = frozenset({"/dev/mem", "/dev/kmem", "/dev/port"})
STARTS: Final[Mapping[str, str]] = {
    "/dev/uinput": "what types on the host",
    "/dev/sg": "a disk of the host",
    "/dev/bsg": "a disk of the host",
    "/dev/vfio": "the memory of the host, through a device",
}
CHARACTERS: Final = frozenset({"*", "1", "2", "4"})
"""Minor numbers of major 1 that are memory or ports (Documentation/admin-guide/devices.txt of the kernel)."""


def capabilities(added: Collection[str], dropped: Collection[str], *, host_processes: bool, host_pid: bool, host_network: bool) -> dict[str, str]:
    """Return the capabilities that lead to the host, by name, with what each gives; what is dropped matters only to who was given all (moby, caps/utils.go)."""
    gives = {**CAPABILITIES, **(WITH_PROCESSES if host_processes else {}), **(WITH_PID if host_pid else {}), **(WITH_NETWORK if host_network else {})}
    if ALL not in added:
        return {name: gives[name] for name in sorted(added) if name in gives}
    left = sorted(gives.keys() - set(dropped))
    if not left:
        return {}
    return {ALL: "it has every capability"} if len(left) == len(gives) else {name: gives[name] for name in left}


def device(real: str, kind: str) -> str:
    """Return what a device gives of the host, "" where it is nothing that makes one root."""
    if kind == "dir":
        return "every device in that directory"
    if kind == "block":
        return "a disk of the host"
    if real in MEMORY:
        return "the memory and ports of the host"
    return next((what for start, what in STARTS.items() if real.startswith(start)), "")


def rule(text: str) -> str:
    """Return what a rule of the device control group lets a container use that makes one root, "" where it is nothing of the kind; it can make the file."""
    kind, numbers, rights = text.split(" ")
    major, _, minor = numbers.partition(":")
    if not {"r", "w"} & set(rights):
        return ""
    if kind == "a" or major == "*":
        return "all disks and the memory of the host" if kind != "b" else "all disks of the host"
    if kind == "b":
        return "disks of the host"
    return "the memory of the host" if major == "1" and minor in CHARACTERS else ""
