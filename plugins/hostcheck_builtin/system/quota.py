"""How much of what users make is looked at: so many of each, by count and not by time, so that the same host gives the same facts.

Counted are accounts: the subordinate ids of a user are that user's, and all users whom nobody knows share what one of them would have alone or more.
"""

from collections import Counter
from typing import Final

from hostcheck.api import Hole, Host, Why

SHARED: Final = -1


class Quota:
    """Counts what each account has, and says what is not looked at any more."""

    def __init__(self, host: Host, each: int, shared: int) -> None:
        """Take how many are looked at of one account, and of all users together who have none."""
        self.host, self.each, self.shared = host, each, shared
        self.counted: Counter[int] = Counter()
        self.first: dict[int, int] = {}

    def takes(self, uid: int) -> bool:
        """Count one more of a user's, and say whether it is to be looked at; what is root's always is."""
        account = self.host.account(uid) if uid else 0
        if account == 0:
            return True
        self.counted[account] += 1
        taken = self.counted[account] <= (self.shared if account == SHARED else self.each)
        if not taken:
            self.first.setdefault(account, uid)
        return taken

    def left(self, what: str) -> dict[int, Hole]:
        """Return by user the hole that all leave that were not to be looked at; it names the account, or stands under the first of those who share."""
        return {uid: self._hole(account, what) for account, uid in self.first.items()}

    def _hole(self, account: int, what: str) -> Hole:
        whose = "users who have no account have" if account == SHARED else f"uid {account} has"
        owners = () if account == SHARED else (account,)
        return Hole(why=Why.LIMIT, message=f"{whose} {self.counted[account]} {what}, and not all of them are looked at", owners=owners)
