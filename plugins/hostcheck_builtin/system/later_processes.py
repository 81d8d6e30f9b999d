"""The processes that came after all were listed: what stands for one that ended before it was read.

Who starts a process again and again would never be seen in one list, and a process that has ended can do nothing any more. So where one has ended, the
list is looked at again for those that came after it.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from hostcheck.api import ABSENT, Hole, Host, LimitExceeded, attempt
from hostcheck_builtin.system import procfs
from hostcheck_builtin.system.bounds import ROUNDS_OF_NEW_PROCESSES as ROUNDS
from hostcheck_builtin.system.fact_members import sure
from hostcheck_builtin.system.presence import absent_as

MAPS: Final = ("uid_map", "gid_map")


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """One process: its real user, the mask of its capabilities, and the ids of its user namespace, by map."""

    uid: int
    able: int
    maps: dict[str, str]


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class LaterProcesses:
    """Those that are not among the `listed`, looked at once, when they are first asked for."""

    host: Host
    listed: frozenset[int]
    found: list[Later] | Hole | None = field(default=None)

    def maps_of(self, ended: int, uid: int, able: int, name: str) -> list[str]:
        """Return a map of each that came after one that ended, of the same user and with one of its capabilities; raises LimitExceeded or HoleError."""
        if absent_as(None, self.host.read_text, f"/proc/{ended}/status") is not None:
            raise LimitExceeded(f"/proc/{ended}/{name}: is not there, as where /proc hides it")
        if self.found is None:
            self.found = attempt(_look, self.host, self.listed)
        return [one.maps[name] for one in sure(self.found) if one.uid == uid and one.able & able]


def _look(host: Host, listed: Collection[int]) -> list[Later]:
    found: list[Later] = []
    seen = set(listed)
    for _ in range(ROUNDS):
        lost = False
        for pid in sorted({pid for name in host.list_dir("/proc") if (pid := procfs.number(name)) is not None} - seen):
            seen.add(pid)
            try:
                found.append(_later(host, pid))
            except ABSENT:
                lost = True
        if not lost:
            return found
    raise LimitExceeded("/proc: processes ended before they were read, and others whenever all were listed again")


def _later(host: Host, pid: int) -> Later:
    fields = dict(line.split(":", 1) for line in host.read_text(f"/proc/{pid}/status").split("\n") if ":" in line)
    able = 0
    for name in ("CapEff", "CapPrm"):
        able |= int(procfs.field(fields, name), 16)
    return Later(uid=int(procfs.field(fields, "Uid").split()[0]), able=able, maps={name: host.read_text(f"/proc/{pid}/{name}") for name in MAPS})
