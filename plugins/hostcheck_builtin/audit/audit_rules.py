"""One audit rule, whether it was read from the kernel or from a file: which changes of which files it records, or keeps from being recorded.

Of perm only w and a are of interest: changes of what a file says, and of whose it is. The kernel knows these by the system calls that make them.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from hostcheck.api import Json

CHANGES: Final = "wa"
ALL_BITS: Final = (32, 64)
WRITES: Final = frozenset("rename unlink unlinkat renameat link linkat symlink symlinkat renameat2 creat truncate open openat".split())
ATTRIBUTES: Final = frozenset("chmod chown lchown setxattr fchownat fchmodat".split())
CALLS: Final = {"w": WRITES, "a": ATTRIBUTES}
"""System calls by which a file that is named is changed, of those that auditctl takes for a perm (lib/permtab.h of audit)."""
NUMBERS: Final = {
    0xC000003E: {"w": (2, 76, 82, 85, 86, 87, 88, 257, 263, 264, 265, 266, 316), "a": (90, 92, 94, 188, 260, 268)},
    0x40000003: {"w": (5, 8, 9, 10, 38, 83, 92, 295, 301, 302, 303, 304, 353), "a": (15, 16, 182, 226, 298, 306)},
    0xC00000B7: {"w": (35, 36, 37, 38, 45, 56, 276), "a": (5, 53, 54)},
}
"""Their numbers on x86-64, i386 and arm64, by AUDIT_ARCH of linux/audit.h."""
UNSEEN: Final = frozenset({"1300", "1302", "SYSCALL", "PATH"})
"""Records without which nobody learns who changed which file."""
DEBUG: Final = frozenset({"tracefs", "debugfs", str(0x74726163), str(0x64626720), "0x74726163", "0x64626720"})
"""File systems of the kernel's that hold nothing of an engine's (linux/magic.h)."""


class AuditRule(NamedTuple):
    """One rule: its list and action (auditctl(8)), the path that it is about, "" for all; `tree` with what is below it, None where that is not said.

    `perms` are those of `CHANGES` that it is about, all of them for `never`, and only those that it leaves no way around for `always`; `only` names
    what else must be so.
    """

    filter: str
    action: str
    path: str = ""
    tree: bool | None = None
    perms: str = CHANGES
    bits: tuple[int, ...] = ALL_BITS
    only: tuple[str, ...] = ()
    at: str = ""

    @property
    def counts(self) -> bool:
        """Say whether it records changes of files, or keeps some from being recorded."""
        if self.filter == "exit":
            return bool(self.perms) and (self.action == "never" or bool(self.path))
        return self.filter == "exclude" or (self.filter in ("task", "filesystem") and self.action == "never")

    def stated(self) -> dict[str, Json]:
        """State it."""
        path = {"path": self.path, "tree": bool(self.tree)} if self.path else {}
        return {"list": self.filter, "action": self.action, **path, "perms": self.perms, "bits": list(self.bits), "only": list(self.only), "at": self.at}


def met(perms: str, calls: Iterable[str] | None, action: str) -> str:
    """Return which changes a rule is about that names system calls, None for all."""
    if calls is None:
        return perms
    named = frozenset(calls)
    return "".join(perm for perm in perms if (CALLS[perm] & named if action == "never" else named >= CALLS[perm]))


def is_harmless(filter_: str, fields: Iterable[tuple[str, str, str]]) -> bool:
    """Say whether what a list keeps from being recorded is nothing of files, by names, operators and values of its fields."""
    wanted = {"exclude": ("msgtype", UNSEEN, False), "filesystem": ("fstype", DEBUG, True)}.get(filter_)
    if wanted is None:
        return False
    name, values, among = wanted
    return any(field == name and operator == "=" and (value in values) is among for field, operator, value in fields)
