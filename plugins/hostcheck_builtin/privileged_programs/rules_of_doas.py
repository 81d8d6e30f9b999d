"""The rules of doas in the form of those of sudo: the last that matches counts in both, and what neither allows is forbidden (doas.conf(5))."""

from hostcheck.api import View
from hostcheck_builtin.privileged_programs.doas_conf import CONF
from hostcheck_builtin.privileged_programs.rules_policy import Leaf, Leaves, Policy, PolicyRule, Spec, command

EVERY: Leaves = (Leaf("all", "", negated=False),)


def policy(doas: View) -> Policy:
    """Return the rules that the probe doas states; raises HoleError where they were not read."""
    found = Policy()
    found.take(doas["rules"], lambda one: found.rules.append(_rule(one)))
    found.rules.sort(key=lambda one: one.order)
    return found


def _rule(one: View) -> PolicyRule:
    """Return a rule; what it lets through of the user's environment it says itself, so that it is tags here and not settings."""
    name, options = _named(one["identity"]), list(one["options"])
    users = Leaf("group", f"%{name}", negated=False) if one["group"] else Leaf("user", name, negated=False)
    # a name without a directory is looked for where doas looks (safepath of doas.c)
    allowed = command(one["command"], one, negated=not one["permit"]) if "command" in one else Leaf("all", "", negated=not one["permit"])
    spec = Spec(
        commands=(allowed,),
        users=(Leaf("user", _named(one["target"]), negated=False),) if "target" in one else EVERY,
        passwd="nopass" not in options,
        keeps="keepenv" in options or bool(list(one["variables"])),
    )
    return PolicyRule(one["place"], CONF, one["line"], one["order"], (users,), EVERY, (spec,))


def _named(name: str) -> str:
    """Return a name as sudo would write it: a number is a uid or a gid."""
    return f"#{name}" if name.isdigit() else name
