"""The rights of whoever the same rules apply to: what a command gives, as whom, and which password it needs."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

from hostcheck_builtin.privileged_programs.command_effects import ANY, RANKS, Effect, of_command, of_script
from hostcheck_builtin.privileged_programs.command_table import COMMANDS, LIMITED, SHELL, WRITE, known_name
from hostcheck_builtin.privileged_programs.command_words import HERE
from hostcheck_builtin.privileged_programs.rules_in_force import InForce, Step, in_force
from hostcheck_builtin.privileged_programs.rules_people import ROOT, SELF, Members, Targets, groups, targets
from hostcheck_builtin.privileged_programs.rules_policy import Leaf, Leaves, PolicyDefaults, PolicyRule, Spec
from hostcheck_builtin.privileged_programs.rules_settings import NOTHING, BoundSettings, SudoSettings, kept_by_doas
from hostcheck_builtin.system.bounds import GROUPS_ONE_MAY_HAVE as GROUPS
from hostcheck_builtin.system.bounds import PASSWORDLESS_WORK as WORK
from hostcheck_builtin.system.bounds import USERS_ONE_MAY_BECOME as OTHERS

CHOSEN: Final = "*"
"""Stands for any root directory, which the user names (sudoers(5), runchroot)."""
CONFINED: Final = frozenset(("CHROOT", "APPARMOR_PROFILE", "ROLE", "TYPE"))


class Right(NamedTuple):
    """What somebody gets by a rule; `exempt` is the group whose members are not asked for the password that others are asked for.

    `tagged` says that no password is needed because the rule itself says so.
    """

    rule: PolicyRule
    uid: int
    group: str
    command: str
    needs: str
    effect: Effect
    exempt: str
    tagged: bool
    runs: tuple[str, ...] = ()


@dataclass(slots=True)
class Rights:
    """Works out rights, each set of rules once; `cut` says that some were left out, and `work` how much of it may still be done."""

    members: Members
    bound: BoundSettings
    certain: bool = True
    targets: dict[tuple[int, str], Targets] = field(default_factory=dict)
    by_uid: dict[int, list[PolicyDefaults]] = field(default_factory=dict)
    work: int = field(default_factory=lambda: WORK)
    cut: bool = False

    def of(self, rules: Iterable[tuple[PolicyRule, bool]], bound: frozenset[int]) -> list[Right]:
        """Return the rights of whoever these rules apply to, each with whether only maybe, with the settings for users in `bound`."""
        settings = self.bound.for_user(bound)
        default = settings.values.get("runas_default", "root")
        steps = [Step(rule, spec, self._targets(spec.users, default), maybe) for rule, maybe in rules for spec in rule.specs]
        found = self._as(steps, ROOT, settings, set())
        by_root = {(id(one.spec), one.leaf) for one in in_force(steps, ROOT)}
        for uid in self._others(steps):
            found += self._as(steps, uid, settings, by_root)
        return list(dict.fromkeys(found))

    def _targets(self, leaves: Leaves | None, default: str = "") -> Targets:
        key = (id(leaves), default)
        if key not in self.targets:
            self.targets[key] = targets(self.members, (Leaf("user", default, negated=False),) if leaves is None else leaves)
        return self.targets[key]

    def _others(self, steps: list[Step]) -> list[int]:
        """Return those other than root whom a rule names, SELF among them, and where a rule means everybody but root, all who are known."""
        named = dict.fromkeys(uid for step in steps for uid in (SELF, *step.targets.uids) if uid != ROOT and step.targets.has(uid))
        if any(step.targets.any and not step.targets.has(ROOT) for step in steps):
            named |= dict.fromkeys(person.uid for person in self.members.people.persons.values())
        self.cut |= len(named) > OTHERS
        return list(named)[:OTHERS]

    def _as(self, steps: list[Step], uid: int, settings: SudoSettings, by_root: set[tuple[int, Leaf]]) -> list[Right]:
        rights: list[Right] = []
        for one in in_force(steps, uid):
            if (id(one.spec), one.leaf) in by_root:
                continue
            if uid not in self.by_uid:
                self.by_uid[uid] = [one for one in self.bound.runas if self._targets(one.members).has(uid)]
            own = self.bound.for_command(settings, self.by_uid[uid], one.leaf)
            for group in self._groups(one.spec, uid):
                rights.append(self._right(one, own, uid, group))
                if one.leaf.kind == "all" and rights[-1].needs != NOTHING and one.spec.tags.get("passwd") is None:
                    rights += self._unasked(one, settings, uid, group)
        return rights

    def _groups(self, spec: Spec, uid: int) -> list[str]:
        """Return with which groups a command is told of, "" for the user's own; as root a group adds nothing, and as oneself it is all."""
        named = groups(spec.groups) if uid != ROOT else []
        self.cut |= len(named) > GROUPS
        return [*([""] if uid != SELF else []), *named[:GROUPS]]

    def _unasked(self, one: InForce, settings: SudoSettings, uid: int, group: str) -> list[Right]:
        """Return the rights to commands of ALL that need no password, though the others do: a setting is bound to them."""
        self.work -= len(self.bound.unasked)
        if self.work < 0:
            self.cut = True
            return []
        bound = ((leaf, self.bound.for_command(settings, self.by_uid[uid], leaf)) for leaf in self.bound.unasked)
        found = [self._right(one._replace(leaf=leaf), own, uid, group) for leaf, own in bound]
        return [right for right in found if right.needs == NOTHING]

    def _right(self, one: InForce, settings: SudoSettings, uid: int, group: str) -> Right:
        needs = settings.needs(one.spec.tags.get("passwd"))
        effect = _effect(one.leaf, one.spec, settings)
        confined = not CONFINED.isdisjoint(one.spec.options - ({"CHROOT"} if one.spec.root == CHOSEN else set()))
        doubt = one.doubt or ("" if self.certain else "not everybody may execute the program") or ("the rule confines what it runs" if confined else "")
        effect = effect._replace(how=f"{effect.how}; {doubt}", certain=False) if doubt else effect
        command = "ALL" if one.leaf.kind == "all" else one.leaf.name
        exempt = settings.values.get("exempt_group", "").removeprefix("%") if needs != NOTHING else ""
        return Right(
            one.rule,
            uid,
            group,
            command,
            needs,
            effect,
            exempt,
            tagged=one.spec.tags.get("passwd") is False,
            runs=(*one.leaf.runs, *settings.files(one.spec.root)),
        )


def _effect(leaf: Leaf, spec: Spec, settings: SudoSettings) -> Effect:
    """Return what a command gives by itself, or by its environment where that is more."""
    effect = _of_leaf(leaf)
    if effect.gives == ANY:
        return effect
    if settings.root(spec.root) == CHOSEN and leaf.path != "word" and not leaf.digest:
        return Effect(ANY, "", "the user may choose the root directory in which sudo looks for it (sudo -R)", True)
    if effect.gives == SHELL and not spec.tags.get("exec", not settings.has("noexec")):
        effect = _without_exec(effect, leaf)
    if HERE.kind in (leaf.does, leaf.script[1]) and ("CWD" in spec.options or settings.has("runcwd") or "runcwd" in settings.values):
        effect = effect._replace(how=f"{effect.how}, unless that of the rule is another", certain=False)
    if leaf.path == "word":  # sudoedit starts the editor as the user
        return effect
    how, certain = kept_by_doas(spec.kept, leaf.reads) if spec.kept else settings.environment(spec.tags.get("setenv"), leaf.reads)
    if not how or (RANKS.index(effect.gives) < RANKS.index("environment") and (effect.certain or not certain)):
        return effect
    return Effect("environment", "", how, certain)


def _without_exec(effect: Effect, leaf: Leaf) -> Effect:
    """Return what NOEXEC leaves of a program: it starts no other one, and what writes files by itself still does (sudoers(5), "Preventing shell escapes")."""
    found = COMMANDS.get(known_name(leaf.name) or "")
    if effect.certain and found and "writes" in found.setuid and (leaf.args == "any" or (found.fixed and found.bare)):
        return Effect(WRITE, "", f"{leaf.name.rpartition('/')[2]} writes any file, which NOEXEC does not stop", True)
    return effect._replace(how=f"{effect.how}, unless NOEXEC stops that", certain=False)


@lru_cache(maxsize=4096)
def _of_leaf(leaf: Leaf) -> Effect:
    if leaf.digest and (leaf.kind == "all" or leaf.path in ("directory", "wildcard", "regex")):
        return Effect(LIMITED, "", "only programs with the digest in the rule are allowed", True, "digest")
    if leaf.kind == "all":
        return Effect(ANY, "", "any program is allowed", True)
    by_script = of_script(leaf.name, *leaf.script) if leaf.script[0] and leaf.args == "any" else None
    return by_script or of_command(leaf.name, leaf.path, leaf.args, leaf.does)
