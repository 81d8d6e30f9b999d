"""The rules of sudo as facts tell them, with aliases worked out: each list becomes one of members that stand for themselves, the last that matches counts.

An alias in a list means its own list there, turned around where ``!`` stands before it; one that names itself is no alias at that place
(alias_get() in plugins/sudoers/alias.c of sudo).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, NamedTuple

from hostcheck.api import Hole, HoleError, View, Why, attempt, known, opening, worst_hole

WORK: Final = 400_000
"""How many members all lists have together when their aliases are worked out."""
DEPTH: Final = 100
NAMED: Final = {"user": "user", "runas": "user", "host": "host", "group": "group"}
"""What a name is that no alias has."""


class Leaf(NamedTuple):
    """A member of a list that stands for itself; of a command with the kinds of its path and its arguments."""

    kind: str
    name: str
    negated: bool
    path: str = ""
    args: str = ""
    variant: int = 0
    digest: bool = False
    does: str = ""
    runs: tuple[str, ...] = ()


Leaves = tuple[Leaf, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Spec:
    """One command of a rule, or an alias of several, with what it is run as and its tags; None where nothing is said.

    `keeps` says that the rule itself lets variables of the user's environment through, as those of doas may, and
    `placed` that it says in which directory the command is run.
    """

    commands: Leaves
    users: Leaves | None
    groups: Leaves | None
    passwd: bool | None
    setenv: bool | None
    exec: bool | None
    timed: bool
    confined: bool
    keeps: bool = False
    placed: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class PolicyRule:
    """Who may run what on which hosts, and at which line of which file that stands."""

    place: str
    path: str
    line: int
    order: int
    users: Leaves
    hosts: Leaves
    specs: tuple[Spec, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PolicyDefaults:
    """Settings, and to whom they apply; each is a name, a sign and values."""

    place: str
    order: int
    scope: str
    members: Leaves
    settings: tuple[tuple[str, str, tuple[str, ...]], ...]


@dataclass(slots=True)
class Policy:
    """What the files say, in order; `missing` is the hole where there may be more, `unsure` where that may change what the others give."""

    rules: list[PolicyRule] = field(default_factory=list)
    defaults: list[PolicyDefaults] = field(default_factory=list)
    missing: Hole | None = None
    unsure: Hole | None = None


@dataclass(slots=True)
class _Aliases:
    """Lists by kind and name, as facts tell them and worked out, and how much work is left."""

    stated: dict[tuple[str, str], list[Leaf]] = field(default_factory=dict)
    flat: dict[tuple[str, str], Leaves] = field(default_factory=dict)
    using: set[tuple[str, str]] = field(default_factory=set)
    cyclic: bool = False
    left: int = field(default_factory=lambda: WORK)

    def flatten(self, of: str, members: list[Leaf]) -> Leaves:
        """Return the members of a list, in order; of equal ones only the last, since that counts."""
        found: dict[Leaf, bool] = {}
        for one in members:
            for leaf in self._of(of, one):
                self.left -= 1
                if self.left < 0:
                    raise HoleError(Hole(why=Why.LIMIT, message=f"lists in the rules of sudo have more than {WORK} members with their aliases"))
                bare = leaf._replace(negated=False)
                found.pop(bare, None)
                found[bare] = leaf.negated
        return tuple(leaf._replace(negated=negated) for leaf, negated in found.items())

    def _of(self, of: str, one: Leaf) -> Leaves:
        if one.kind != "alias":
            return (one,)
        key = ("runas" if of == "group" else of, one.name)
        self.cyclic |= key in self.using
        if key not in self.stated or key in self.using:
            return () if of == "command" else (Leaf(NAMED[of], one.name, one.negated),)
        flat = self.flat.get((of, one.name))
        return _turned(self._alias(of, key) if flat is None else flat, one.negated)

    def _alias(self, of: str, key: tuple[str, str]) -> Leaves:
        """Work out an alias, and keep that where it does not depend on by which others one came here."""
        if len(self.using) >= DEPTH:
            raise HoleError(Hole(why=Why.LIMIT, message=f"aliases in the rules of sudo name each other more than {DEPTH} deep"))
        before, self.cyclic = self.cyclic, False
        self.using.add(key)
        try:
            flat = self.flatten(of, self.stated[key])
        finally:
            self.using.discard(key)
        if not self.cyclic:
            self.flat[of, key[1]] = flat
        self.cyclic |= before
        return flat


def _turned(leaves: Leaves, negated: bool) -> Leaves:
    return tuple(leaf._replace(negated=not leaf.negated) for leaf in leaves) if negated else leaves


def policy(sudo: View) -> Policy:
    """Return the rules that the probe sudo states; raises HoleError where they were not read."""
    found = Policy()
    aliases = _Aliases()
    parts: dict[str, View] = {name: sudo[name] for name in ("aliases", "defaults", "rules")}
    found.missing = found.unsure = worst_hole(*(opening(part) for part in parts.values()))
    _each(found, parts["aliases"], partial(_alias, aliases))
    _each(found, parts["defaults"], lambda one: found.defaults.append(_defaults(aliases, one)))
    _each(found, parts["rules"], lambda one: found.rules.append(_rule(aliases, one)))
    found.rules.sort(key=lambda one: one.order)
    found.defaults.sort(key=lambda one: one.order)
    return found


def _each(policy: Policy, part: View, take: Any) -> None:
    """Take each entry; one that is not known may say anything."""
    for key in known(part):
        one = attempt(part.__getitem__, key)
        taken = one if isinstance(one, Hole) else attempt(take, one)
        if isinstance(taken, Hole):
            policy.missing, policy.unsure = worst_hole(policy.missing, taken), worst_hole(policy.unsure, taken)


def _alias(aliases: _Aliases, one: View) -> None:
    aliases.stated[one["of"], one["name"]] = _leaves(one["members"])


def _leaves(members: Any) -> list[Leaf]:
    return [_leaf(one) for one in members]


def _leaf(one: Mapping[str, Any]) -> Leaf:
    kind = one["kind"]
    if kind != "command":
        return Leaf(kind, one["name"], one["negated"], digest="digest" in one)
    variant, does, runs = one["variant"] if "variant" in one else 0, one["does"] if "does" in one else "", tuple(one["runs"]) if "runs" in one else ()
    return Leaf(kind, one["name"], one["negated"], one["path"], one["args"], variant, one["digest"], does, runs)


def _defaults(aliases: _Aliases, one: View) -> PolicyDefaults:
    scope = one["scope"]
    members = aliases.flatten(scope, _leaves(one["members"])) if scope else ()
    settings = tuple((each["name"], each["sign"], tuple(each["values"]) if "values" in each else ()) for each in one["settings"])
    return PolicyDefaults(one["place"], one["order"], scope, members, settings)


def _rule(aliases: _Aliases, one: View) -> PolicyRule:
    runas = [
        tuple(aliases.flatten(of, _leaves(lists[kind])) if kind in lists else None for kind, of in (("users", "runas"), ("groups", "group")))
        for lists in one["runas"]
    ]
    specs = tuple(_spec(aliases, spec, runas) for spec in one["commands"])
    users, hosts = (aliases.flatten(of, _leaves(one[kind])) for kind, of in (("users", "user"), ("hosts", "host")))
    return PolicyRule(one["place"], one["path"], one["line"], one["order"], users, hosts, specs)


def _spec(aliases: _Aliases, spec: View, runas: list[tuple[Leaves | None, ...]]) -> Spec:
    users, groups = runas[spec["runas"]] if "runas" in spec else (None, None)
    tags, options = spec["tags"], list(spec["options"])
    passwd, setenv, runs = (tags[tag] if tag in tags else None for tag in ("passwd", "setenv", "exec"))
    timed = any(name in ("NOTBEFORE", "NOTAFTER") for name in options)
    confined = any(name in ("CHROOT", "APPARMOR_PROFILE", "ROLE", "TYPE") for name in options)
    leaves = aliases.flatten("command", [_leaf(spec["command"])])
    return Spec(leaves, users, groups, passwd, setenv, runs, timed, confined, placed="CWD" in options)
