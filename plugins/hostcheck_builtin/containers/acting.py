"""The user whose rights a process in a container has: root, or another user, who may be able to become root there."""

from collections.abc import Collection
from typing import Final, NamedTuple

from hostcheck.api import Hole, worst_hole
from hostcheck_builtin.accounts.dac import Ids
from hostcheck_builtin.containers.ways_out import ALL


class Acting(NamedTuple):
    """The user of a container: `root` says whether it is root, and `rises` whether it is root or can become root there.

    `ids` are its ids on the host, and `able` its capabilities in force; both count only if it is not root. `unsure` is why it may have more of them, and
    `opens` why it may open disks or the memory.
    """

    root: bool | Hole
    rises: bool | Hole
    ids: Ids = Ids(more=True)  # noqa: RUF009 - it is frozen
    able: frozenset[str] = frozenset()
    unsure: Hole | None = None
    opens: Hole | None = None

    @property
    def reason(self) -> str:
        """Say what it takes to use what is root's."""
        return f"its user is uid {self.ids.uid}, who can become root in it only by a setuid program of its image"

    def stated(self) -> dict[str, bool | int | Hole]:
        """State whether the user is root in it or can become root, and the uid on the host if it is not root."""
        uid = {} if self.root is True else {"inside_uid": self.ids.uid if self.root is False else self.root}
        return {"root_inside": self.rises, **uid}

    def keeps(self, can: bool | Hole) -> bool | Hole:
        """Say whether something is open to who acts here or to root inside, by whether it is to the first."""
        return True if can is True or self.rises is True else worst_hole(can, self.rises) or False

    def has(self, names: Collection[str]) -> bool | Hole:
        """Say whether one of these capabilities is in force."""
        return self.root if self.root is not False else bool(self.able & {*names, ALL}) or self.unsure or False


ROOT: Final = Acting(root=True, rises=True)
