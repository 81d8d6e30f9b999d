"""Whether the password that sudo or doas asks for can be given: PAM may ask for none, an account may have none, and then nobody can give it.

Whoever has none may yet be let in by another module of the stack, or by having been asked before: then it is not certain what is asked for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hostcheck.api import Hole, View, Why, attempt, known, opening, worst_hole
from hostcheck_builtin.accounts import pam_people
from hostcheck_builtin.accounts.pam_people import Lines
from hostcheck_builtin.accounts.pam_verdict import PamRequest, lets_in
from hostcheck_builtin.accounts.people import People, Person
from hostcheck_builtin.system.fact_members import collection
from hostcheck_builtin.system.passwords import EMPTY, NONE, SET

NOTHING: Final = "nothing"
OWN: Final = "own-password"
MISSING: Final = "missing-password"
"""What is needed of somebody who has none and is asked for it."""
UNKNOWN: Final = Hole(why=Why.UNSUPPORTED, message="whether a password is asked for is decided by modules of PAM that hostcheck does not know")


@dataclass(slots=True, kw_only=True)
class Passwords:
    """What a tool asks of whom: the stacks of its services, the accounts that have no password, and whom it has asked before."""

    people: People
    stacks: list[Lines] = field(default_factory=list)
    hole: Hole | None = None
    states: Mapping[str, str] = field(default_factory=dict)
    unread: Hole | None = None
    let_in_before: Callable[[Person], bool | Hole] = lambda _: False
    found: dict[str, tuple[str | Hole, bool]] = field(default_factory=dict)

    @property
    def differ(self) -> bool:
        """Say whether of a rule for everybody each has to be told apart: some are asked for nothing."""
        return EMPTY in self.states.values() or self._lets(PamRequest(password=SET)) is None

    def of(self, needs: str, person: Person | None) -> tuple[str | Hole, bool]:
        """Return what somebody needs where the rules ask for `needs`, None for everybody, and whether that is certain."""
        if needs == NOTHING:
            return needs, True
        if person is None or needs != OWN:
            free = self._lets(PamRequest(password=SET))
            return self.hole or (NOTHING if free else needs), True
        if person.key not in self.found:
            self.found[person.key] = self._of(person)
        return self.found[person.key]

    def by_empty(self, person: Person | None) -> bool:
        """Say whether somebody's password is empty."""
        return person is not None and self.states.get(person.key) == EMPTY

    def _of(self, person: Person) -> tuple[str | Hole, bool]:
        local = person.key == person.name
        state = self.states.get(person.key, SET) if local else SET
        unread = self.unread if local and person.key not in self.states else None
        free = self._lets(self._asked(person, state))
        if free or self.hole or unread:
            return (NOTHING if free else worst_hole(self.hole, unread) or OWN), True
        if free is None:
            return UNKNOWN, True
        if state == SET:
            return OWN, True
        before = self.let_in_before(person)
        if isinstance(before, Hole):
            return before, True
        return (OWN, False) if before or self._lets(self._asked(person, NONE, secret=True)) is not False else (MISSING, True)

    def _asked(self, person: Person, password: str, *, secret: bool = False) -> PamRequest:
        name = person.name if isinstance(person.name, str) else None
        belongs = pam_people.belongs(self.people, person.key, person.key)
        return PamRequest(password=password, secret=secret, local=person.key == name, target=name, target_uid=person.uid, caller=name, belongs=belongs)

    def _lets(self, asked: PamRequest) -> bool | None:
        told = [lets_in(lines, asked) for lines in self.stacks]
        return True if True in told else None if None in told else False


def passwords(people: People, tool: View) -> Passwords:
    """Return what a tool asks of whom, by its facts."""
    told: View | Hole = attempt(lambda: tool["authentication"])
    if isinstance(told, Hole):
        return Passwords(people=people, hole=told, unread=told)
    services, unknown = collection(lambda: told["services"])
    read: list[Any] = [attempt(lambda name: pam_people.stack(services, name, "auth"), name) for name in known(services)]
    accounts: View | Hole = attempt(lambda: told["passwords"])
    states = {} if isinstance(accounts, Hole) else {name: attempt(lambda one: str(accounts[one]["password"]), name) for name in known(accounts)}
    return Passwords(
        people=people,
        stacks=[lines for lines in read if not isinstance(lines, Hole)],
        hole=worst_hole(unknown, *read),
        states={name: state for name, state in states.items() if not isinstance(state, Hole)},
        unread=accounts if isinstance(accounts, Hole) else worst_hole(opening(accounts), *states.values()),
        let_in_before=lambda one: attempt(lambda: one.key in told["let_in_before"]),
    )
