"""A host in memory with runtimes on it: their programs, files, units and processes, and what the probe says of it."""

from typing import Any

from engines import engine_host

from hostcheck.host.answers import Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole
from hostcheck_builtin.runtimes import command_options
from hostcheck_builtin.runtimes.probe_runtimes import collect

MAIN = "/etc/containerd/config.toml"
UNIT = "/usr/lib/systemd/system/containerd.service"
STOCK_UNIT = "[Service]\nExecStartPre=-/sbin/modprobe overlay\nExecStart=/usr/bin/containerd\n"
CONTAINERD: dict[str, Any] = {"/usr/bin/containerd": "", UNIT: STOCK_UNIT}
CRI = "io.containerd.grpc.v1.cri"
FIRST = {"/proc/self/ns/user": "user:[4026531837]"}
ROOTS = Stat(type="dir", uid=0, gid=0, mode=0o755)


def argv(*words: str) -> bytes:
    return b"".join(word.encode() + b"\0" for word in words)


def host(files: dict[str, Any] | None = None, *commands: tuple[str, ...], links: dict[str, str] | None = None, **more: Any) -> MemoryHost:
    """Return a host on which root runs these commands, the first of each its program."""
    known = {}
    processes = []
    for pid, command in enumerate(commands, 100):
        name = command[0].rpartition("/")[2]
        processes.append(engine_host.process(pid, name=name, exe=command[0]))
        known |= {f"/proc/{pid}/cmdline": argv(*command), command[0]: ""}
    found = engine_host.host({**known, **(files or {})}, processes=processes, links={**FIRST, **(links or {})}, **more)
    assert isinstance(found, MemoryHost)
    return found


def tellers(host: MemoryHost) -> dict[str, command_options.Tellers]:
    return command_options.tellers(host, {})


def facts(files: dict[str, Any] | None = None, *commands: tuple[str, ...], **more: Any) -> dict[str, Any]:
    """Return what the probe states."""
    found: dict[str, Any] = collect(host(files, *commands, **more))
    return found


def why(value: Any) -> str:
    """Return what a hole says, why and with which words; "" for what is none."""
    return f"{value.why}: {value.message}" if isinstance(value, Hole) else ""
