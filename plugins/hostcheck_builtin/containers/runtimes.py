"""What the OCI runtime of a container puts between it and the kernel of the host, by its name or its program: what is given of the kernel is another's then.

Under Kata that is the kernel of a virtual machine, under gVisor a program, and Sysbox gives each container a user namespace. Files of the host that are mounted
are the host's under each of them. Connecting to a socket of the host works under Sysbox alone, unless gVisor is told to let it (runsc, --host-uds; Kata's
files are shared by virtio-fs, over which a connection is refused: kata-containers issue 8024).
"""

from collections.abc import Mapping
from typing import Any, Final

from hostcheck.api import Hole, HoleError, Json, View, Why, pattern
from hostcheck_builtin.engines.api_answers import take, text

NAME: Final = pattern(r"[A-Za-z0-9_./+-]{1,200}")
KINDS: Final[Mapping[str, str]] = {"kata": "Kata", "runsc": "gVisor", "gvisor": "gVisor", "sysbox": "Sysbox"}
"""By a part of what runtimes and their programs are called: kata-runtime, io.containerd.kata.v2, kata-qemu, runsc, sysbox-runc."""
USUAL: Final = frozenset({"", "oci", "runc", "crun", "youki", "io.containerd.runc.v1", "io.containerd.runc.v2", "io.containerd.runtime.v1.linux"})
KERNELS: Final = ("privileged", "capabilities", "devices", "device_rules", "kernel_mounts", "bare", "takes_processes")
CONNECTS: Final = ("socket_mounts", "connects")
REASONS: Final[Mapping[str, tuple[tuple[str, ...], str]]] = {
    "Kata": ((*KERNELS, *CONNECTS), "Kata runs it in a virtual machine, which has a kernel of its own and connects to no socket of the host"),
    "gVisor": ((*KERNELS, *CONNECTS), "gVisor is its kernel, which keeps it from the host's and, unless it is told otherwise, from sockets of the host"),
    "Sysbox": (KERNELS, "Sysbox gives it a user namespace, in which it is root over less than the host has"),
}


def told(document: Mapping[str, Any], engine: str) -> dict[str, Json]:
    """Return the name of the runtime that an inspect answer tells; nothing where it tells none, as engines long ago."""
    config = document.get("HostConfig")
    keys = ("OCIRuntime",) if engine == "podman" else ("HostConfig", "Runtime")
    tells = keys[0] in document and (len(keys) == 1 or (isinstance(config, dict) and keys[1] in config))
    return {"runtime": take(document, keys, _name)} if tells else {}


def _name(value: Json) -> str:
    name: str = text(value)
    if name and not NAME.fullmatch(name):
        raise TypeError
    return name


def kind(facts: Mapping[str, Any], container: View) -> str:
    """Return what stands between a container and the host's kernel, "" where nothing does; an engine says which program a name stands for."""
    name = str(container["runtime"]) if "runtime" in container else ""
    if name in USUAL or _by(name):
        return _by(name)
    engines, socket = facts["engines"]["sockets"], container["socket"]
    info: View = engines[socket]["info"] if socket in engines and "info" in engines[socket] else View({})
    if "runtimes" not in info or name not in info["runtimes"]:
        raise HoleError(Hole(why=Why.UNSUPPORTED, message=f"the engine does not tell which program its runtime {name} is"))
    return _by(str(info["runtimes"][name]))


def _by(name: str) -> str:
    return next((found for part, found in KINDS.items() if part in name.lower()), "")


def doubts(found: str | Hole) -> dict[str, str | Hole]:
    """Return which ways to the host take more under that, and what."""
    if isinstance(found, Hole):
        return dict.fromkeys((*KERNELS, *CONNECTS), found)
    facts, reason = REASONS.get(found, ((), ""))
    return dict.fromkeys(facts, reason)
