"""Whom others become by su(1) without a secret: an account whose password is empty, or anybody where PAM lets them in by itself, as pam_wheel with trust does.

Of a stack that tells users apart each of whom it speaks is worked out, and all others together.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from hostcheck.api import Hole, Json, View, Why, attempt, both, incomplete, known, opening, worst_hole
from hostcheck_builtin.accounts import pam_people
from hostcheck_builtin.accounts.pam_people import Lines
from hostcheck_builtin.accounts.pam_verdict import PamRequest, lets_in
from hostcheck_builtin.accounts.people import People
from hostcheck_builtin.system.bounds import SU_CALLERS as CALLERS
from hostcheck_builtin.system.bounds import SU_TARGETS as TARGETS
from hostcheck_builtin.system.pam_service import LISTFILE
from hostcheck_builtin.system.passwords import EMPTY, SET

ROOT: Final = "root"
STRANGER: Final = ""
"""Stands for whoever no line of the stack speaks of."""
UNKNOWN: Final = Hole(why=Why.UNSUPPORTED, message="whether su asks for a password is decided by modules of PAM that hostcheck does not know")


@dataclass(slots=True, kw_only=True)
class Su:
    """What is known of su: whether it runs as root for everybody, and the stacks of auth and account of each service of its."""

    people: People
    runs: bool | Hole
    stacks: list[tuple[Lines, Lines]] = field(default_factory=list)
    hole: Hole | None = None
    apart: list[str] = field(default_factory=list)

    def lets(self, target: tuple[str, int] | None, password: str, caller: str | None = None) -> bool | None:
        """Say whether somebody becomes the target, by name and uid; None where that is not known. `caller` is a key, None for anybody at all."""
        people, person = self.people, self.people.persons.get(caller or "")
        name, uid = target or (None, None)
        key = None if name is None else next(iter(people.by_name.get(name, ())), STRANGER)
        whom = (caller, None) if person is None else (str(person.name), person.uid)
        local = True if name else None
        asked = PamRequest(
            password=password, target=name, target_uid=uid, caller=whom[0], caller_uid=whom[1], belongs=pam_people.belongs(people, caller, key), local=local
        )
        told = [_both(lets_in(auth, asked), lets_in(account, asked, "account")) for auth, account in self.stacks]
        return True if True in told else None if None in told or self.hole else False


def _both(one: bool | None, other: bool | None) -> bool | None:
    return False if False in (one, other) else None if None in (one, other) else True


def becomes(facts: Mapping[str, Any], people: People) -> Json:
    """State whom others become, by name: every local user, or these."""
    accounts: View | Hole = attempt(lambda: facts["root-programs"]["open_accounts"])
    known_su = attempt(_su, facts, people)
    if isinstance(known_su, Hole) or isinstance(accounts, Hole):
        return worst_hole(known_su, accounts)
    found: dict[str, Json] = {name: attempt(_open, known_su, accounts, name) for name in known(accounts)}
    hole = opening(accounts)
    if known_su.runs is not False and known_su.lets(None, SET) is not False:
        for (name, uid), told in _by_pam(known_su):
            found.setdefault(name, attempt(lambda uid, told: _stated(known_su, uid, told, "pam"), uid, told))
        hole = worst_hole(hole, known_su.hole)
    return incomplete(found, hole)


def _su(facts: Mapping[str, Any], people: People) -> Su:
    su: View = facts["root-programs"]["su"]
    services: View = su["services"]
    read = [attempt(lambda name: (pam_people.stack(services, name, "auth"), pam_people.stack(services, name, "account")), name) for name in known(services)]
    stacks = [one for one in read if not isinstance(one, Hole)]
    apart = pam_people.told_apart(people, (auth for auth, _ in stacks))
    unlisted = people.unknown.users if any(line["module"] in (LISTFILE, "pam_wheel.so", "pam_succeed_if.so") for auth, _ in stacks for line in auth) else None
    more = Hole(why=Why.LIMIT, message=f"su tells more than {CALLERS} users apart") if len(apart) > CALLERS else None
    return Su(people=people, runs=attempt(lambda: su["runs"]), stacks=stacks, hole=worst_hole(*read, unlisted, more), apart=apart[:CALLERS])


def _open(su: Su, accounts: View, name: str) -> Json:
    """State of an account with an empty password who becomes it: where that is not certain, every local user may."""
    one = accounts[name]
    told = _callers(su, (name, one["uid"]), EMPTY) if one["enters"] else Callers()
    return _stated(su, one["uid"], told if told.everyone or told.callers else Callers(everyone=True), "password")


@dataclass(frozen=True, slots=True, kw_only=True)
class Callers:
    """Who becomes somebody: everybody, for certain or but for some, or these; `unsure` where it is not known of everybody."""

    everyone: bool = False
    certain: bool = False
    callers: tuple[str, ...] = ()
    unsure: bool = False


def _callers(su: Su, target: tuple[str, int], password: str) -> Callers:
    anybody = su.lets(target, password)
    if anybody is not None:
        return Callers(everyone=anybody, certain=anybody)
    each = {key: su.lets(target, password, key) for key in su.apart}
    stranger = su.lets(target, password, STRANGER)
    callers = tuple(key for key, lets in each.items() if lets)
    return Callers(everyone=bool(stranger), certain=bool(callers) and not stranger, callers=callers, unsure=stranger is None)


def _by_pam(su: Su) -> Iterator[tuple[tuple[str, int], Callers]]:
    """Yield root, and others whom somebody becomes by what PAM is told, without a password."""
    persons = [(str(person.name), person.uid) for person in su.people.persons.values() if person.login_capable is True and not isinstance(person.name, Hole)]
    for target in ((ROOT, 0), *persons[:TARGETS]):
        told = _callers(su, target, SET)
        told = replace(told, callers=tuple(key for key in told.callers if su.people.persons[key].uid != target[1]))
        if told.everyone or told.callers or (told.unsure and target[1] == 0 and not su.hole):
            yield target, told


def _stated(su: Su, uid: int, told: Callers, by: str) -> dict[str, Json]:
    if told.unsure and by == "pam" and not told.callers:
        return {"as_uid": uid, "by": by, "everyone": UNKNOWN, "callers": [], "certain": UNKNOWN}
    return {"as_uid": uid, "by": by, "everyone": told.everyone, "callers": list(told.callers), "certain": both(su.runs, told.certain)}
