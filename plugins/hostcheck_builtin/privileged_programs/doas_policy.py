"""The rules of doas in the form of those of sudo: the last that matches counts in both, and what neither allows is forbidden (doas.conf(5))."""

from hostcheck.api import Hole, View, attempt, known, opening, worst_hole
from hostcheck_builtin.privileged_programs.doas_conf import CONF
from hostcheck_builtin.privileged_programs.sudo_policy import Leaf, Leaves, Policy, PolicyRule, Spec

EVERY: Leaves = (Leaf("all", "", negated=False),)


def policy(doas: View) -> Policy:
    """Return the rules that the probe doas states; raises HoleError where they were not read."""
    rules: View = doas["rules"]
    found = Policy(missing=opening(rules), unsure=opening(rules))
    for key in known(rules):
        taken = attempt(_take, found, rules, key)
        if isinstance(taken, Hole):
            found.missing, found.unsure = worst_hole(found.missing, taken), worst_hole(found.unsure, taken)
    found.rules.sort(key=lambda one: one.order)
    return found


def _take(policy: Policy, rules: View, key: str) -> None:
    """Take a rule; what it lets through of the user's environment it says itself, so that it is tags here and not settings."""
    one = rules[key]
    policy.rules.append(PolicyRule(one["place"], CONF, one["line"], one["order"], _users(one), EVERY, (_spec(one),)))


def _users(one: View) -> Leaves:
    identity = one["identity"]
    return (Leaf("group", f"%{_named(identity)}", negated=False),) if one["group"] else _user(identity)


def _user(name: str) -> Leaves:
    return (Leaf("user", _named(name), negated=False),)


def _named(name: str) -> str:
    """Return a name as sudo would write it: a number is a uid or a gid."""
    return f"#{name}" if name.isdigit() else name


def _spec(one: View) -> Spec:
    options = list(one["options"])
    keeps = "keepenv" in options or bool(list(one["variables"]))
    return Spec(
        commands=(_command(one),),
        users=_user(one["target"]) if "target" in one else EVERY,
        groups=None,
        passwd="nopass" not in options,
        setenv=None,
        exec=None,
        timed=False,
        confined=False,
        keeps=keeps,
    )


def _command(one: View) -> Leaf:
    """Return the command of a rule; a name without a directory is looked for where doas looks (safepath of doas.c)."""
    if "command" not in one:
        return Leaf("all", "", negated=not one["permit"])
    variant, does, runs = one["variant"] if "variant" in one else 0, one["does"] if "does" in one else "", tuple(one["runs"]) if "runs" in one else ()
    return Leaf("command", one["command"], not one["permit"], "plain", one["args"], variant, does=does, runs=runs)
