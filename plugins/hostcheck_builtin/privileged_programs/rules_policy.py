"""The rules of sudo and doas as facts tell them, with aliases worked out: each list is one of members that stand for themselves, and the last match counts.

An alias in a list means its own list there, turned around where ``!`` stands before it; one that names itself is no alias at that place
(alias_get() in plugins/sudoers/alias.c of sudo).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from hostcheck.api import Hole, HoleError, View, Why, attempt, known, opening, worst_hole
from hostcheck_builtin.sudo_doas.doas_conf import CONF
from hostcheck_builtin.system.bounds import SUDO_ALIAS_MEMBERS as WORK
from hostcheck_builtin.system.bounds import SUDO_ALIASES as DEPTH

NAMED: Final = {"user": "user", "runas": "user", "host": "host", "group": "group"}
"""What a name is that no alias has."""


class Leaf(NamedTuple):
    """A member of a list that stands for itself; of a command with the kinds of its path and its arguments.

    `reads` are the variables of the environment by which a script surely runs other code; `fits` says whether it has a digest that the rule asks for;
    `script` is the program that a script calls with what its caller says, and what that does.
    """

    kind: str
    name: str
    negated: bool
    path: str = ""
    args: str = ""
    variant: int = 0
    digest: bool = False
    does: str = ""
    runs: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    fits: bool | None = True
    script: tuple[str, str] = ("", "")


Leaves = tuple[Leaf, ...]
EVERY: Leaves = (Leaf("all", "", negated=False),)


@dataclass(frozen=True, slots=True, eq=False)
class Spec:
    """One command of a rule, or an alias of several, with what it is run as, None where nothing is said, and its tags where any are.

    `options` are those of sudoers(5), such as NOTBEFORE, or of doas.conf(5), such as keepenv; `root` is the root directory, "*" for any that the user names.
    `kept` are the variables of the user's environment that doas keeps, "*" for all.
    """

    commands: Leaves
    users: Leaves | None = None
    groups: Leaves | None = None
    tags: Mapping[str, bool] = field(default_factory=dict)
    options: frozenset[str] = frozenset()
    root: str = ""
    kept: frozenset[str] = frozenset()


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

    order: int
    scope: str
    members: Leaves
    settings: tuple[tuple[str, str, tuple[str, ...]], ...]


@dataclass(slots=True)
class Policy:
    """What the files say, in order; `hole` where there may be more, which may change what the others give; `netgroups` says whether there may be any."""

    rules: list[PolicyRule] = field(default_factory=list)
    defaults: list[PolicyDefaults] = field(default_factory=list)
    hole: Hole | None = None
    netgroups: bool = True

    def take(self, part: View, take: Callable[[View], None]) -> None:
        """Take each entry of a part; one that is not known may say anything."""
        self.hole = worst_hole(self.hole, opening(part), *(attempt(lambda key: take(part[key]), key) for key in known(part)))


@dataclass(slots=True)
class _Aliases:
    """Lists by kind and name, as facts tell them and worked out, and how much work is left."""

    stated: dict[tuple[str, str], list[Leaf]] = field(default_factory=dict)
    flat: dict[tuple[str, str], Leaves] = field(default_factory=dict)
    using: set[tuple[str, str]] = field(default_factory=set)
    cyclic: bool = False
    left: int = field(default_factory=lambda: WORK)

    def take(self, one: View) -> None:
        """Take an alias as it is stated."""
        self.stated[one["of"], one["name"]] = list(map(_leaf, one["members"]))

    def flatten(self, of: str, members: Iterable[Leaf]) -> Leaves:
        """Return the members of a list, in order; of equal ones only the last, since that counts."""
        found: dict[Leaf, bool] = {}
        for leaf in (leaf for one in members for leaf in self._of(of, one)):
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
        flat = self._alias(of, key) if flat is None else flat
        return tuple(leaf._replace(negated=not leaf.negated) for leaf in flat) if one.negated else flat

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


def policy_of_sudo(sudo: View) -> Policy:
    """Return the rules that the probe sudo states; raises HoleError where they were not read."""
    found, aliases = Policy(netgroups="netgroups" not in sudo or attempt(_may_be, sudo) is not False), _Aliases()
    found.take(sudo["aliases"], aliases.take)
    found.take(sudo["defaults"], lambda one: found.defaults.append(_defaults(aliases, one)))
    found.take(sudo["rules"], lambda one: found.rules.append(_rule(aliases, one)))
    found.rules.sort(key=lambda one: one.order)
    found.defaults.sort(key=lambda one: one.order)
    return found


def _may_be(sudo: View) -> bool:
    """Say whether there may be netgroups."""
    return bool(list(sudo["netgroups"]))


def _leaf(one: Mapping[str, Any]) -> Leaf:
    if one["kind"] != "command":
        return Leaf(one["kind"], one["name"], one["negated"], digest="digest" in one)
    return command(one["name"], one, negated=one["negated"], path=one["path"], digest=one["digest"])


def command(name: str, one: Mapping[str, Any], *, negated: bool, path: str = "plain", digest: bool = False) -> Leaf:
    """Return a command with what is stated of its arguments."""
    fits = attempt(lambda: bool(one["fits"]) if "fits" in one else True)
    found = Leaf("command", name, negated, path, one["args"], one.get("variant", 0), digest, one.get("does", ""), tuple(one.get("runs", ())))
    calls = attempt(lambda: (str(one["script"]["program"]), str(one["script"]["does"])) if "script" in one else ("", ""))
    script = ("", "") if isinstance(calls, Hole) else calls
    return found._replace(reads=tuple(one.get("reads", ())), fits=None if isinstance(fits, Hole) else fits, script=script)


def _defaults(aliases: _Aliases, one: View) -> PolicyDefaults:
    scope = one["scope"]
    settings = tuple((each["name"], each["sign"], tuple(each.get("values", ()))) for each in one["settings"])
    return PolicyDefaults(one["order"], scope, aliases.flatten(scope, map(_leaf, one["members"])) if scope else (), settings)


def _rule(aliases: _Aliases, one: View) -> PolicyRule:
    def flat(of: str, lists: View, kind: str) -> Leaves | None:
        return aliases.flatten(of, map(_leaf, lists[kind])) if kind in lists else None

    runas = [(flat("runas", lists, "users"), flat("group", lists, "groups")) for lists in one["runas"]]
    specs = tuple(_spec(aliases, spec, *(runas[spec["runas"]] if "runas" in spec else (None, None))) for spec in one["commands"])
    users, hosts = (aliases.flatten(of, map(_leaf, one[kind])) for kind, of in (("users", "user"), ("hosts", "host")))
    return PolicyRule(one["place"], one["path"], one["line"], one["order"], users, hosts, specs)


def _spec(aliases: _Aliases, spec: View, users: Leaves | None, groups: Leaves | None) -> Spec:
    allowed, root = aliases.flatten("command", [_leaf(spec["command"])]), str(spec["root"]) if "root" in spec else ""
    return Spec(allowed, users, groups, dict(spec["tags"]), frozenset(spec["options"]), root)


def policy_of_doas(doas: View) -> Policy:
    """Return the rules that the probe doas states: the last that matches counts too, and what none allows is forbidden (doas.conf(5))."""
    found = Policy()
    found.take(doas["rules"], lambda one: found.rules.append(_rule_of_doas(one)))
    found.rules.sort(key=lambda one: one.order)
    return found


def _rule_of_doas(one: View) -> PolicyRule:
    """Return a rule; it says itself what it keeps of the user's environment."""
    name, negated = _named(one["identity"]), not one["permit"]
    users = Leaf("group", f"%{name}", negated=False) if one["group"] else Leaf("user", name, negated=False)
    # a name without a directory is looked for where doas looks (safepath of doas.c)
    allowed = command(one["command"], one, negated=negated) if "command" in one else Leaf("all", "", negated)
    target = (Leaf("user", _named(one["target"]), negated=False),) if "target" in one else EVERY
    options = frozenset(one["options"])
    kept = frozenset("*" if "keepenv" in options else list(one["variables"]))
    spec = Spec((allowed,), target, tags={"passwd": "nopass" not in options}, options=options, kept=kept)
    return PolicyRule(one["place"], CONF, one["line"], one["order"], (users,), EVERY, (spec,))


def _named(name: str) -> str:
    """Return a name as sudo would write it: a number is a uid or a gid."""
    return f"#{name}" if name.isdigit() else name
