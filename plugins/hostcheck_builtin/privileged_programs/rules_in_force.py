"""What the rules of sudo come to for a user: which commands, as whom, with which password; the last rule that matches a command counts.

A rule is left out where a later one decides about all that it allows, whether it allows or forbids. A command that is forbidden out of ALL leaves ALL as it
is: a copy of the program has another name (sudoers(5), "Security notes").
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

from hostcheck_builtin.privileged_programs.rules_people import Targets
from hostcheck_builtin.privileged_programs.rules_policy import Leaf, PolicyRule, Spec
from hostcheck_builtin.privileged_programs.sudoers_facts import OVER
from hostcheck_builtin.system.bounds import SUDO_LATER_PATTERNS as PATTERNS

TIMED: Final = frozenset(("NOTBEFORE", "NOTAFTER"))
"""What says when a rule counts, where it is not known whether that is now."""


class Step(NamedTuple):
    """One command of a rule that applies, in order, with as whom it may be run.

    With `maybe` it is not known whether it applies: then it allows nothing, and what it would decide is not told either.
    """

    rule: PolicyRule
    spec: Spec
    targets: Targets
    maybe: bool = False


class InForce(NamedTuple):
    """One command that somebody may run: the rule, what it says, and why it may give nothing, "" where it does for certain."""

    rule: PolicyRule
    spec: Spec
    leaf: Leaf
    doubt: str


@dataclass(slots=True)
class _Later:
    """What later rules decide: about every command, about those of a path with any arguments, with certain ones, and by patterns."""

    all: bool = False
    paths: set[str] = field(default_factory=set)
    variants: set[tuple[str, str, int]] = field(default_factory=set)
    patterns: list[Leaf] = field(default_factory=list)
    unsure: bool = False

    def decides(self, leaf: Leaf) -> bool:
        """Say whether all that a command of a rule allows is decided later."""
        if self.all:
            return True
        if leaf.kind == "all":
            return False
        if leaf.name in self.paths or (leaf.name, leaf.args, leaf.variant) in self.variants:
            return True
        return leaf.path == "plain" and any(_covers(one, leaf.name) for one in self.patterns)

    def take(self, leaf: Leaf) -> None:
        """Note what a rule decides; one that asks for a digest decides about some files only, and so about the one that it names if that has it."""
        if leaf.digest and (leaf.path != "plain" or leaf.fits is None):
            self.unsure |= leaf.negated
            return
        if leaf.kind == "all":
            self.all = True
        elif leaf.path == "regex" or (leaf.path in ("directory", "wildcard") and len(self.patterns) >= PATTERNS):
            self.unsure |= leaf.negated
        elif leaf.args == "any" and leaf.path in ("directory", "wildcard"):
            self.patterns.append(leaf)
        if leaf.kind == "command":
            self.variants.add((leaf.name, leaf.args, leaf.variant))
            if leaf.args == "any":
                self.paths.add(leaf.name)


def _covers(leaf: Leaf, path: str) -> bool:
    """Say whether a directory or a wildcard means a program; a star matches no slash."""
    if leaf.path == "directory":
        return path.startswith(leaf.name) and "/" not in path[len(leaf.name) :]
    return path.count("/") == leaf.name.count("/") and fnmatchcase(path, leaf.name)


def in_force(steps: list[Step], uid: int) -> Iterator[InForce]:
    """Yield what the rules that apply to somebody allow as a user, from the last one on."""
    later = _Later()
    for step in reversed(steps):
        if OVER in step.spec.options:
            continue
        timed = not TIMED.isdisjoint(step.spec.options)
        for leaf in reversed(step.spec.commands) if step.targets.has(uid) else ():
            if leaf.fits is False:  # sudo goes by it as if it were not there
                continue
            if not leaf.negated and not step.maybe and not later.decides(leaf):
                yield InForce(step.rule, step.spec, leaf, _doubt(step.spec, leaf, unsure=later.unsure))
            if not timed:
                later.take(leaf)


def _doubt(spec: Spec, leaf: Leaf, *, unsure: bool) -> str:
    """Return why a command may not be allowed, "" where it is."""
    if timed := sorted(TIMED & spec.options):
        return f"it is not known whether the rule counts now ({' and '.join(timed)})"
    if leaf.fits is None:
        return "it is not known whether the program has the digest that the rule asks for"
    return "a later rule may forbid it" if unsure and leaf.kind != "all" else ""
