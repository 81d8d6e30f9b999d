"""Whose account a uid is charged to: what somebody lays costs that account, and no other.

A range of subordinate ids puts 65,536 uids into one user's hands, so that these are the user's; all uids that are nobody's share one account.
"""

import os
import pwd
import re
import select
from bisect import bisect_right
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property, partial
from itertools import accumulate
from signal import SIGKILL
from typing import Final

from hostcheck.deferred import pattern
from hostcheck.host import Host, attempt
from hostcheck.model import Hole

COMMON: Final = -1
"""The account that all uids share of which nobody knows whose they are."""
SIZE: Final = 64 << 20
"""Bytes of a file of accounts: a million have less."""
RANGE: Final = pattern(rb"^([^:\n]+):(\d{1,10}):(\d{1,10})\s*$", re.M)
NAMED: Final = pattern(rb"^([^:\n]*):[^:\n]*:(\d{1,10}):", re.M)
SERVICES: Final = pattern(rb"^\s*passwd:(.*)$", re.M)
FILES: Final = frozenset((b"files", b"compat"))
"""Services that tell of nobody but whom /etc/passwd has (nsswitch.conf(5))."""
ASKED: Final = 100
"""Uids that the name service is asked for: each takes a process, since it loads code of others."""
PATIENCE: Final = 0.5
"""Seconds that it has for each; a service that was late once is not asked again."""


def read(path: str) -> bytes:
    """Return the content of a file of accounts, nothing where it cannot be read."""
    with suppress(OSError), open(path, "rb") as file:
        return file.read(SIZE)
    return b""


def tells(uid: int) -> bool | None:
    """Ask the name service in a process of its own whether there is an account of this number; None where it is too late."""
    child = os.fork()
    if not child:
        try:
            pwd.getpwuid(uid)
            os._exit(0)
        finally:
            os._exit(1)
    handle = os.pidfd_open(child)
    try:
        in_time = bool(select.select([handle], [], [], PATIENCE)[0])
    finally:
        os.close(handle)
        os.kill(child, SIGKILL)
    ended = os.waitpid(child, 0)[1]
    return ended == 0 if in_time else None


class Accounts:
    """The accounts of a machine, which are read when somebody but root is charged for the first time."""

    def __init__(self, read: Callable[[str], bytes] = read, tells: Callable[[int], bool | None] = tells) -> None:
        """Know nobody yet; `read` gives the content of a file, and `tells` says of a uid whether the name service has it."""
        self._read, self._tells, self._left = read, tells, ASKED
        self._of: dict[int, int] = {0: 0}

    def of(self, uid: int) -> int:
        """Return the account that a uid is charged to: 0 for the system, COMMON where nobody knows whose it is."""
        account = self._of.get(uid)
        if account is None:
            account = self._of[uid] = self._find(uid)
        return account

    def _find(self, uid: int) -> int:
        if uid in self._uids:
            return uid
        owners = self._ranges.owners(uid)
        if len(owners) == 1:
            return owners.pop()
        return uid if not owners and self._is_served and self._ask(uid) else COMMON

    def _ask(self, uid: int) -> bool:
        if not self._left:
            return False
        told = self._tells(uid)
        self._left = 0 if told is None else self._left - 1
        return bool(told)

    @cached_property
    def _listed(self) -> list[tuple[bytes, int]]:
        return [(name, int(uid)) for name, uid in NAMED.findall(self._read("/etc/passwd"))]

    @cached_property
    def _uids(self) -> frozenset[int]:
        return frozenset(uid for _, uid in self._listed)

    @cached_property
    def _is_served(self) -> bool:
        line = SERVICES.search(self._read("/etc/nsswitch.conf"))
        return line is not None and not {word for word in line[1].partition(b"#")[0].split() if not word.startswith(b"[")} <= FILES

    @cached_property
    def _ranges(self) -> "Ranges":
        names = dict(reversed(self._listed))  # of a name that stands twice the first line counts (getpwnam(3))
        lines: list[tuple[bytes, bytes, bytes]] = RANGE.findall(self._read("/etc/subuid"))
        owned = ((names.get(owner, int(owner) if owner.isdigit() else 0), int(first), int(count)) for owner, first, count in lines)
        return Ranges([(first, first + count, owner) for owner, first, count in owned if owner])


def accounts_in(host: Host) -> Accounts:
    """Return the accounts of a host that is no machine, by its files; every uid is one where it does not tell them."""

    def content(path: str) -> bytes:
        found = attempt(partial(host.read_bytes, path, missing=b""))
        return b"" if isinstance(found, Hole) else found

    known = Accounts(content, lambda uid: None)
    return known if content("/etc/passwd") else Unlisted()


class Unlisted(Accounts):
    """Accounts where none are known: each uid is its own."""

    def of(self, uid: int) -> int:
        """Return the uid."""
        return uid


class Ranges:
    """Ranges of subordinate uids with their owners; those of root's are nobody's who is charged."""

    def __init__(self, ranges: list[tuple[int, int, int]]) -> None:
        """Take `(first, end, owner)` of each."""
        self._ranges = sorted(ranges)
        self._firsts = [first for first, _, _ in self._ranges]
        self._ends = list(accumulate((end for _, end, _ in self._ranges), max))

    def owners(self, uid: int) -> set[int]:
        """Return who has a range with this uid in it."""
        owners, index = set[int](), bisect_right(self._firsts, uid) - 1
        while index >= 0 and self._ends[index] > uid:
            _, end, owner = self._ranges[index]
            if end > uid:
                owners.add(owner)
            index -= 1
        return owners
