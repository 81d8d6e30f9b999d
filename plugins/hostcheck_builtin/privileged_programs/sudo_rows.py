"""The rights of a user as rows: what a command gives as whom, and which password it needs."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

from hostcheck_builtin.privileged_programs.command_effects import ANY, LIMITED, RANKS, Effect, of_command
from hostcheck_builtin.privileged_programs.command_table import SHELL
from hostcheck_builtin.privileged_programs.command_words import HERE
from hostcheck_builtin.privileged_programs.sudo_people import Members
from hostcheck_builtin.privileged_programs.sudo_policy import Leaf, Policy, PolicyDefaults, PolicyRule, Spec
from hostcheck_builtin.privileged_programs.sudo_rights import Right, Step, rights
from hostcheck_builtin.privileged_programs.sudo_settings import SudoSettings
from hostcheck_builtin.privileged_programs.sudo_targets import ROOT, SELF, Targets, groups, targets

OTHERS: Final = 50
"""How many users other than root are told of whom one may become by one set of rules."""
GROUPS: Final = 20
NOTHING: Final = "nothing"
WORK: Final = 100_000
"""How many commands of ALL are looked at to which a setting is bound by which they need no password, for all users together."""


class Row(NamedTuple):
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
class SudoLimit:
    """The settings of a policy by whom they are for, so that those that do not apply are not looked at: `general` are those for all and for this host."""

    general: list[int] = field(default_factory=list)
    runas: list[PolicyDefaults] = field(default_factory=list)
    command: dict[str, list[int]] = field(default_factory=dict)
    unasked: dict[Leaf, None] = field(default_factory=dict)

    @classmethod
    def of(cls, policy: Policy, hosts: dict[int, bool]) -> "SudoLimit":
        """Return those of a policy; of hosts it is said by number whether they mean this one."""
        found = cls()
        for number, one in enumerate(policy.defaults):
            if one.scope == "" or (one.scope == "host" and hosts[number]):
                found.general.append(number)
            elif one.scope == "runas":
                found.runas.append(one)
            elif one.scope == "command":
                found._command(number, one)
        return found

    def _command(self, number: int, one: PolicyDefaults) -> None:
        frees = any(name == "authenticate" and sign == "!" for name, sign, _ in one.settings)
        for leaf in one.members:
            numbers = self.command.setdefault("" if leaf.kind == "all" else _merged(leaf.name), [])
            if numbers[-1:] != [number]:
                numbers.append(number)
            if frees and leaf.kind == "command" and not leaf.negated:
                self.unasked[leaf] = None

    def for_command(self, leaf: Leaf) -> list[int]:
        """Return the settings that may be for a command, in order."""
        every = self.command.get("", [])
        own = self.command.get(_merged(leaf.name), []) if leaf.kind == "command" else []
        return sorted({*every, *own})


@dataclass(slots=True)
class Rows:
    """Works out rows, each set of rules once; `cut` says that some were left out, and `work` how much of it may still be done."""

    members: Members
    policy: Policy
    bound: SudoLimit
    certain: bool = True
    runas: dict[tuple[int, str], Targets] = field(default_factory=dict)
    by_uid: dict[int, list[PolicyDefaults]] = field(default_factory=dict)
    work: int = field(default_factory=lambda: WORK)
    cut: bool = False

    def of(self, rules: Iterable[tuple[PolicyRule, bool]], bound: frozenset[int]) -> list[Row]:
        """Return the rows of whoever these rules apply to, each with whether only maybe, with the settings for users in `bound`."""
        settings = self._settings(bound)
        default = settings.values.get("runas_default", "root")
        steps = [self._step(rule, spec, default)._replace(maybe=maybe) for rule, maybe in rules for spec in rule.specs]
        found = self._as(steps, ROOT, settings, set())
        by_root = {(id(right.spec), right.leaf) for right in rights(steps, ROOT)}
        for uid in self._others(steps):
            found += self._as(steps, uid, settings, by_root)
        return list(dict.fromkeys(found))

    def _step(self, rule: PolicyRule, spec: Spec, default: str) -> Step:
        key = (id(spec.users), default)
        if key not in self.runas:
            self.runas[key] = targets(self.members, (Leaf("user", default, negated=False),) if spec.users is None else spec.users)
        found = self.runas[key]
        return Step(rule, spec, {SELF: found.has(SELF), **found.uids}, found.any)

    def _others(self, steps: list[Step]) -> list[int]:
        """Return those other than root whom a rule names, SELF among them, and where a rule means everybody but root, all who are known."""
        named = dict.fromkeys(uid for step in steps for uid, given in step.uids.items() if given and uid != ROOT)
        if any(step.any and not step.uids.get(ROOT, True) for step in steps):
            named |= dict.fromkeys(person.uid for person in self.members.people.persons.values())
        self.cut |= len(named) > OTHERS
        return list(named)[:OTHERS]

    def _settings(self, bound: frozenset[int]) -> SudoSettings:
        """Return what is set for all, for this host, and for a user, in order."""
        settings = SudoSettings()
        for number in sorted((*self.bound.general, *bound)) if bound else self.bound.general:
            settings.take(self.policy.defaults[number].settings)
        return settings

    def _as(self, steps: list[Step], uid: int, settings: SudoSettings, by_root: set[tuple[int, Leaf]]) -> list[Row]:
        rows: list[Row] = []
        for right in rights(steps, uid):
            if (id(right.spec), right.leaf) in by_root:
                continue
            own = self._bound(settings, uid, right.leaf)
            for group in self._groups(right.spec, uid):
                row = self._row(right, own, group)
                rows.append(row)
                rows += self._bound_rows(right, row, settings, group)
        return rows

    def _groups(self, spec: Spec, uid: int) -> list[str]:
        """Return with which groups a command is told of, "" for the user's own; as root a group adds nothing, and as oneself it is all."""
        named = groups(spec.groups) if uid != ROOT else []
        self.cut |= len(named) > GROUPS
        return [*([""] if uid != SELF else []), *named[:GROUPS]]

    def _bound(self, settings: SudoSettings, uid: int, leaf: Leaf) -> SudoSettings:
        """Return the settings with those for whom the command is run as, and then those for the command."""
        if uid not in self.by_uid:
            self.by_uid[uid] = [one for one in self.bound.runas if self._runs_as(one, uid)]
        numbers = self.bound.for_command(leaf)
        applies = [*self.by_uid[uid], *(one for one in map(self.policy.defaults.__getitem__, numbers) if _means(one, leaf))]
        if not applies:
            return settings
        found = settings.copy()
        for one in applies:
            found.take(one.settings)
        return found

    def _runs_as(self, one: PolicyDefaults, uid: int) -> bool:
        key = (id(one.members), "")
        if key not in self.runas:
            self.runas[key] = targets(self.members, one.members)
        return self.runas[key].has(uid)

    def _bound_rows(self, right: Right, row: Row, settings: SudoSettings, group: str) -> list[Row]:
        """Return rows for commands of ALL that need no password, though the others do: a setting is bound to them."""
        if right.leaf.kind != "all" or row.needs == NOTHING or right.spec.passwd is not None:
            return []
        self.work -= len(self.bound.unasked)
        if self.work < 0:
            self.cut = True
            return []
        found = [self._row(right._replace(leaf=leaf), self._bound(settings, right.uid, leaf), group) for leaf in self.bound.unasked]
        return [one for one in found if one.needs == NOTHING]

    def _row(self, right: Right, settings: SudoSettings, group: str) -> Row:
        asks = settings.asks if right.spec.passwd is None else right.spec.passwd
        needs = NOTHING if not asks else "other-secret" if settings.others else "own-password"
        effect = _effect(right, settings)
        effect = effect if self.certain and right.certain and not right.spec.confined else effect._replace(certain=False)
        command = "ALL" if right.leaf.kind == "all" else right.leaf.name
        exempt = settings.values.get("exempt_group", "").removeprefix("%") if asks else ""
        return Row(right.rule, right.uid, group, command, needs, effect, exempt, tagged=right.spec.passwd is False, runs=right.leaf.runs)


def _means(one: PolicyDefaults, leaf: Leaf) -> bool:
    """Say whether settings that are bound to commands hold for all that a command of a rule allows."""
    for member in reversed(one.members):
        if member.kind == "all" or (member.kind == leaf.kind and _merged(member.name) == _merged(leaf.name)):
            return not member.negated
    return False


def _merged(path: str) -> str:
    """Return a path as it is where /bin and /sbin are links to those of /usr: sudo compares files, not names."""
    return f"/usr{path}" if path.startswith(("/bin/", "/sbin/")) else path


def _effect(right: Right, settings: SudoSettings) -> Effect:
    """Return what a command gives by itself, or by its environment where that is more."""
    leaf, spec = right.leaf, right.spec
    effect = _of_leaf(leaf)
    if effect.gives == ANY:
        return effect
    if effect.gives == SHELL and (settings.flags.get("noexec", False) if spec.exec is None else not spec.exec):
        effect = effect._replace(how=f"{effect.how}, unless NOEXEC stops that", certain=False)
    if leaf.does == HERE.kind and (spec.placed or settings.flags.get("runcwd", False) or "runcwd" in settings.values):
        effect = effect._replace(how=f"{effect.how}, unless that of the rule is another", certain=False)
    if leaf.path == "word":  # sudoedit starts the editor as the user
        return effect
    allowed = settings.copy()
    if spec.setenv is not None:
        allowed.flags["setenv"] = spec.setenv
    how, certain = ("the rule keeps variables of the user's environment", False) if spec.keeps else allowed.environment()
    if not how or (RANKS.index(effect.gives) < RANKS.index("environment") and (effect.certain or not certain)):
        return effect
    return Effect("environment", "", how, certain)


@lru_cache(maxsize=4096)
def _of_leaf(leaf: Leaf) -> Effect:
    if leaf.kind == "all":
        return (
            Effect(LIMITED, "", "only programs with the digest in the rule are allowed", True)
            if leaf.digest
            else Effect(ANY, "", "any program is allowed", True)
        )
    return of_command(leaf.name, leaf.path, leaf.args, leaf.does)
