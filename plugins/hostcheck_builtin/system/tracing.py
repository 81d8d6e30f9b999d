"""Whether another process with the same uid and gid may attach to one, and act with all that it has (ptrace(2), "Ptrace access mode checking").

Its supplementary groups do not matter: who attaches to it gets them. A program that took its uid after it began, or said so itself, is not dumpable, and
then its files in /proc are root's. Run on Linux 6.18: another gid, a capability, another user namespace and a process that is not dumpable each gave EPERM.
"""

from collections.abc import Iterable
from typing import Final

from hostcheck.api import Hole, Host, Process, attempt, worst_hole
from hostcheck_builtin.system.presence import absent_as
from hostcheck_builtin.system.procfs import demand

SETTINGS: Final = "/proc/sys/kernel"
YAMA: Final = "yama"
"""From ptrace_scope 1 on a process attaches to its own children alone (admin-guide/LSM/Yama of the kernel)."""
OWN: Final = "/proc/self/ns/user"


def traceable(host: Host, processes: Iterable[Process]) -> bool | Hole:
    """Say whether there is one among these to which whoever has its uid and gid, and nothing else, may attach."""
    unknown: Hole | None = None
    for process in processes:
        found = attempt(_traceable, host, process)
        if found is True:
            return attempt(_allowed, host)
        unknown = worst_hole(unknown, found)
    return unknown or False


def _traceable(host: Host, process: Process) -> bool:
    if len({*process.uids[:3]}) > 1 or len({*process.gids[:3]}) > 1 or process.cap_permitted:
        return False
    return absent_as(False, lambda: host.stat(f"/proc/{process.pid}/status").uid == process.uids[1] and _shares_namespace(host, process.pid))


def _shares_namespace(host: Host, pid: int) -> bool:
    """Say whether a process is in the user namespace of the scanner; raises an error that stands for absence where it has ended."""
    own = absent_as(None, host.read_link, OWN)  # None: this kernel has no user namespaces
    return own is None or host.read_link(f"/proc/{pid}/ns/user") == own


def _allowed(host: Host) -> bool:
    return YAMA not in demand(host.list_dir, SETTINGS) or demand(host.read_text, f"{SETTINGS}/{YAMA}/ptrace_scope").strip() == "0"
