"""As whom somebody acts in a container: what is open to root alone there, and what to whoever it runs as."""

from collections.abc import Collection
from typing import Final, NamedTuple

from hostcheck.api import Hole, worst_hole
from hostcheck_builtin.accounts.dac import Ids
from hostcheck_builtin.containers.ways_out import ALL


class Acting(NamedTuple):
    """Whether somebody is root in a container, and whether that one is or can become root there; as whom of the host, and with which capabilities in force.

    `ids` and `able` matter only to who is not root; `unsure` is why there may be more in them, and `opens` why that one may open disks or the memory.
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
        """State whether somebody is root in it or becomes that, and else as whom of the host somebody acts."""
        uid = {} if self.root is True else {"inside_uid": self.ids.uid if self.root is False else self.root}
        return {"root_inside": self.rises, **uid}

    def keeps(self, can: bool | Hole) -> bool | Hole:
        """Say whether something is open to who acts here or to root inside, by whether it is to the first."""
        return True if can is True or self.rises is True else worst_hole(can, self.rises) or False

    def has(self, names: Collection[str]) -> bool | Hole:
        """Say whether one of these capabilities is in force."""
        return self.root if self.root is not False else bool(self.able & {*names, ALL}) or self.unsure or False


ROOT: Final = Acting(root=True, rises=True)
