"""How much of what users make is looked at: so many of each, by count and not by time, so that the same host gives the same facts.

Users whom /etc/passwd does not have share what one of them would have alone or more: a range of subordinate ids has 65536 of them in one user's hands.
"""

from collections import Counter
from collections.abc import Collection
from typing import Final

from hostcheck.api import Hole, Host, Why, attempt
from hostcheck_builtin.system import account_files

SHARED: Final = -1


class Quota:
    """Counts what each user has, and says what is not looked at any more."""

    def __init__(self, accounts: Collection[int] | Hole, each: int, shared: int) -> None:
        """Take whom /etc/passwd has, how many are looked at of one user, and of all users together whom it does not have."""
        self.accounts, self.each, self.shared = accounts, each, shared
        self.counted: Counter[int] = Counter()
        self.first: dict[int, int] = {}

    def shares(self, uid: int) -> bool:
        """Say whether a user is none of /etc/passwd, and shares with others."""
        return uid != 0 and not isinstance(self.accounts, Hole) and uid not in self.accounts

    def takes(self, uid: int) -> bool:
        """Count one more of a user's, and say whether it is to be looked at; what is root's always is."""
        if uid == 0:
            return True
        shares = self.shares(uid)
        self.counted[uid] += 1
        self.counted[SHARED] += shares
        taken = self.counted[uid] <= self.each and not (shares and self.counted[SHARED] > self.shared)
        if not taken:
            self.first.setdefault(SHARED if shares else uid, uid)
        return taken

    def left(self, what: str) -> dict[int, Hole]:
        """Return by user the hole that all leave that were not to be looked at; it names the user, or stands under the first of those who share."""
        return {uid: self._hole(who, what) for who, uid in self.first.items()}

    def _hole(self, who: int, what: str) -> Hole:
        whose = "users who are not in /etc/passwd have" if who == SHARED else f"uid {who} has"
        return Hole(why=Why.LIMIT, message=f"{whose} {self.counted[who]} {what}, and not all of them are looked at")


def accounts(host: Host) -> frozenset[int] | Hole:
    """Return the uids of /etc/passwd."""
    people = attempt(lambda: account_files.users(account_files.text_of(host, "/etc/passwd"))[0])
    return people if isinstance(people, Hole) else frozenset(user["uid"] for user in people.values())
