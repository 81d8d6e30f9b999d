"""Whether a container sees the processes of the host: it has the host's PID namespace, or the host's /proc is mounted in it, read-only or not.

Through /proc/PID/root and /proc/PID/cwd of a process that one may trace, files are reached as that process sees them, past the mounts of the container and
whether they are read-only (proc_pid_root(5), proc_pid_cwd(5)). That takes CAP_SYS_PTRACE, or the ids of the process and at least its capabilities (ptrace(2),
Ptrace access mode checking). Root that may take ids opens the directory of a user's process as that user, is root again, and writes there what it likes: tried
with docker's usual capabilities and seccomp profile, without AppArmor.
"""

from collections.abc import Iterable
from typing import Final

from hostcheck.api import Hole, Json, View, attempt, known, opening, worst_hole
from hostcheck_builtin.containers.ways_out import ALL

HOLDS: Final = ("/", "/proc")
"""A mount of / also has what is mounted below it, as /proc (mount(2), MS_REC): engines mount in that way by default."""
TRACES: Final = frozenset({ALL, "SYS_PTRACE"})


IDS: Final = frozenset({"SETUID", "SETGID", "DAC_OVERRIDE"})
"""What root takes to be a user and root again, and to pass over permissions. Engines give it where nothing else is said."""


def takes_ids(added: Iterable[str], dropped: Iterable[str]) -> bool:
    """Say whether root in a container has these, by what was added to the usual capabilities and dropped from them."""
    more, less = set(added), set(dropped)
    return all(name in more or (name not in less and (ALL in more or ALL not in less)) for name in IDS)


def sees(pid: Json, *mounts: View | Hole) -> bool | Hole:
    """Say whether a container sees them, by whose its PID namespace is, and by its mounts."""
    each = [_holds(told) for told in mounts]
    if pid == "host" or True in each:
        return True
    return worst_hole(pid, *each) or False


def _holds(mounts: View | Hole) -> bool | Hole:
    if isinstance(mounts, Hole):
        return mounts
    each: Iterable[bool | Hole] = [attempt(lambda at: mounts[at]["real"] in HOLDS if "real" in mounts[at] else False, place) for place in known(mounts)]
    return True in each or worst_hole(*each, opening(mounts)) or False


def takes(seen: bool | Hole, capabilities: Json) -> bool | Hole:
    """Say whether root in a container that sees them traces all of them, by the capabilities that lead to the host."""
    if seen is False or isinstance(capabilities, Hole):
        return False if seen is False else capabilities
    if not TRACES & capabilities.keys():
        return getattr(capabilities, "hole", None) or False
    return seen
