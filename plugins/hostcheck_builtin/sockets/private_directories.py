"""Which directories users live in: their homes and the runtime directories of their sessions. Root takes none of them, only the way to a socket there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hostcheck.api import Hole, View, attempt, known, opening, worst_hole

SESSIONS: Final = "/run/user/"
"""Where pam_systemd makes the runtime directory of each user (pam_systemd(8))."""
NOBODY_LIVES: Final = {"/bin", "/dev", "/sbin", "/usr/bin", "/usr/sbin"}
"""The homes of daemon, bin and sys, which a distribution names because it has to name some."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Homes:
    """The homes of /etc/passwd other than root's, and the hole where there may be others."""

    paths: frozenset[str]
    hole: Hole | None = None

    def personal(self, path: str, uid: int, names: Iterable[str]) -> bool | Hole:
        """Say whether a directory is a user's: a home or below one, a runtime directory, or below a directory named after its owner.

        A home of /etc/passwd may be a link, or below one; by the name of its owner it is told all the same.
        """
        if uid == 0:
            return False
        parts = path.split("/")
        if f"{path}/".startswith(SESSIONS) or set(parts) & set(names) or any("/".join(parts[:count]) in self.paths for count in range(2, len(parts) + 1)):
            return True
        return self.hole or False


def of(facts: Mapping[str, Any]) -> Homes:
    """Return the homes of users, by what the probe principals states."""
    users: View = facts["principals"]["users"]
    found = [attempt(_home, users, key) for key in known(users)]
    paths = frozenset(home for home in found if isinstance(home, str) and home) - NOBODY_LIVES
    return Homes(paths=paths, hole=worst_hole(opening(users), *(home for home in found if isinstance(home, Hole))))


def _home(users: View, key: str) -> str:
    user = users[key]
    return "" if user["uid"] == 0 else str(user["home"]).rstrip("/")
