"""As whom a command of a rule may be run: as which users, by number, and with which groups."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from hostcheck.api import Hole, Why, worst_hole
from hostcheck_builtin.privileged_programs.sudo_people import Members
from hostcheck_builtin.privileged_programs.sudo_policy import Leaf, Leaves

ROOT: Final = 0
SELF: Final = -1
"""Stands for whoever runs the command: a rule with a group alone runs it as themselves."""


@dataclass(slots=True)
class Targets:
    """The users by number, whether any other too, and the hole where there may be others."""

    uids: dict[int, bool] = field(default_factory=dict)
    any: bool = False
    hole: Hole | None = None

    def has(self, uid: int) -> bool:
        """Say whether a command may be run as a user."""
        return self.uids.get(uid, self.any and uid != SELF)


def targets(members: Members, leaves: Leaves) -> Targets:
    """Return as whom a list lets a command be run; of its members the last that matches counts."""
    found = Targets()
    for leaf in leaves:
        if leaf.kind == "all":
            found = Targets(any=not leaf.negated, hole=found.hole)
        elif leaf.kind == "myself":
            found.uids[SELF] = not leaf.negated
        elif leaf.kind == "user":
            _user(members, found, leaf)
        elif leaf.kind == "group" and not leaf.name.startswith("%:"):
            keys, hole = members.in_group(leaf.name.removeprefix("%"))
            _named(members, found, leaf, keys, hole)
        else:
            found.hole = worst_hole(found.hole, Hole(why=Why.LIMIT, message="the rules of sudo name a netgroup, and hostcheck does not look up who is in it"))
    return found


def _user(members: Members, found: Targets, leaf: Leaf) -> None:
    if leaf.name in ("root", "#0") or leaf.name in members.people.roots:
        found.uids[ROOT] = not leaf.negated
        return
    keys, hole = members.users(leaf.name)
    _named(members, found, leaf, keys, hole)


def _named(members: Members, found: Targets, leaf: Leaf, keys: Iterable[str], hole: Hole | None) -> None:
    found.uids |= {members.person(key).uid: not leaf.negated for key in keys}
    found.hole = worst_hole(found.hole, hole)


def groups(leaves: Leaves | None) -> list[str]:
    """Return the groups with which a command may be run, "ALL" for any."""
    found: dict[str, bool] = {}
    for leaf in leaves or ():
        if leaf.kind == "all":
            found = {"ALL": True} if not leaf.negated else {}
        else:
            found[leaf.name] = not leaf.negated
    return [name for name, given in found.items() if given]
