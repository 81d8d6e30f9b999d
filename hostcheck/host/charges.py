"""What the answers of a host have cost each account, counted and never timed, so that the same host gives the same answers.

Each probe has a slice for each account, and begins with all of it: what one probe was told costs another nothing. The system's own things are free.
"""

import math
from typing import Final

from hostcheck.host import LimitExceeded, owned
from hostcheck.host.accounts import COMMON, Accounts

WORK: Final = 100_000
"""Units that one account has for all probes together. A unit is about half a microsecond of a machine of 2024: 50 ms."""
LOOKUP: Final = 12
"""A directory on the way is opened in the one above it."""
LOOK: Final = 20
"""What stands at a path is looked at, or a link is read."""
OPEN: Final = 30
"""A file or a directory is opened."""
NAME: Final = 2
"""A name in a directory, or an entry of an ACL."""
BYTES: Final = 10
"""Bytes for a unit: what is read of a file is taken apart by the probe."""
PLAIN_BYTES: Final = 1000
"""Bytes for a unit of what is only searched or hashed, and of files in /proc and /sys. Of these only the reading is charged: a user with 200 containers has
200 tables of mounts."""


class Charges:
    """What one probe may still cost each account: `room` units."""

    def __init__(self, accounts: Accounts, room: float = math.inf) -> None:
        """Begin with all of it."""
        self.accounts, self.room = accounts, room
        self.spent: dict[int, int] = {}

    def left(self, uid: int) -> float:
        """Return the units that are left to whom a uid belongs."""
        account = self.accounts.of(uid) if uid else 0
        return math.inf if account == 0 else max(0, self.room - self.spent.get(account, 0))

    def charge(self, uid: int, units: int, place: str) -> None:
        """Charge for what a uid has laid; raises LimitExceeded, which names the account, where it had nothing left."""
        account = self.accounts.of(uid) if uid else 0
        if account == 0:
            return
        spent = self.spent.get(account, 0)
        if spent >= self.room:
            raise self.used_up(uid, place)
        self.spent[account] = spent + units

    def used_up(self, uid: int, place: str) -> LimitExceeded:
        """Return the error for what an account has no room left for."""
        account = self.accounts.of(uid)
        whose = "users whom nobody knows have" if account == COMMON else f"uid {account} has"
        error = LimitExceeded(f"{place}: {whose} laid more than is looked at of one account")
        self.blame(error, uid)
        return error

    def blame(self, error: BaseException, uid: int) -> None:
        """Note whose place an error is about, where it is known to be an account's."""
        if (account := self.accounts.of(uid)) > 0:
            owned(error, account)
