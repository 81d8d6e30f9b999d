"""As whom a command of a rule may be run: as which users, by number, and with which groups."""

from dataclasses import dataclass, field
from typing import Final

from hostcheck.api import Hole, Why, worst_hole
from hostcheck_builtin.privileged_programs.sudo_people import Members
from hostcheck_builtin.privileged_programs.sudo_policy import Leaf, Leaves, Spec

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


def targets(members: Members, spec: Spec, default: str) -> Targets:
    """Return as whom a command may be run; `default` is whom it is run as where the rule does not say (runas_default)."""
    leaves = spec.users if spec.users is not None else (Leaf("user", default, negated=False),)
    return _of_list(members, leaves)


def _of_list(members: Members, leaves: Leaves) -> Targets:
    found = Targets()
    for leaf in leaves:
        if leaf.kind == "all":
            found = Targets(any=not leaf.negated, hole=found.hole)
        elif leaf.kind == "myself":
            found.uids[SELF] = not leaf.negated
        elif leaf.kind == "user":
            _users(members, found, leaf)
        elif leaf.kind == "group" and not leaf.name.startswith("%:"):
            gids, hole = members.gids(leaf.name.removeprefix("%"))
            having = [members.of(gid) for gid in gids]
            found.uids |= {members.person(key).uid: not leaf.negated for keys, _ in having for key in keys}
            found.hole = worst_hole(found.hole, hole, *(unknown for _, unknown in having))
        else:
            found.hole = worst_hole(found.hole, Hole(why=Why.LIMIT, message="who is in a netgroup that the rules of sudo name is not asked for"))
    return found


def _users(members: Members, found: Targets, leaf: Leaf) -> None:
    if leaf.name in ("root", "#0") or leaf.name in members.people.roots:
        found.uids[ROOT] = not leaf.negated
        return
    keys, hole = members.users(leaf.name)
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
