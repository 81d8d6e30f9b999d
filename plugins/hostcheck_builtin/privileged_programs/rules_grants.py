"""Who has which right by the rules of sudo and doas: everybody at once where a rule means all and nobody has it otherwise, else one by one.

Whoever the same rules mean is worked out once. A rule of which it is not known whether it means somebody gives nothing, and nothing is told that it may decide.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hostcheck.api import Hole, Json, View, Why, attempt, worst_hole
from hostcheck_builtin.accounts.people import People, Person
from hostcheck_builtin.privileged_programs.rules_passwords import OWN, Passwords
from hostcheck_builtin.privileged_programs.rules_people import SELF, Match, Meant, Members
from hostcheck_builtin.privileged_programs.rules_policy import PolicyRule
from hostcheck_builtin.privileged_programs.rules_rights import Right, Rights
from hostcheck_builtin.privileged_programs.rules_settings import NOTHING
from hostcheck_builtin.system.bounds import RIGHTS_TOLD as TOLD
from hostcheck_builtin.system.bounds import RIGHTS_WORK as WORK

EVERYBODY: Final = "every local user"


@dataclass(slots=True)
class Told:
    """What is told so far, by words, and the hole where there may be more; `unsure` is the one where what is told may be otherwise."""

    people: People
    tool: str
    files: View | Mapping[str, View] | Hole = field(default_factory=dict)
    grants: dict[str, Json] = field(default_factory=dict)
    hole: Hole | None = None
    unsure: Hole | None = None
    work: int = field(default_factory=lambda: WORK)
    passwords: Passwords | None = None

    def lack(self, *holes: Hole | bool | None, unsure: Hole | None = None) -> None:
        """Note that there may be more, and that what is told may be otherwise."""
        self.hole, self.unsure = worst_hole(self.hole, *holes, unsure), worst_hole(self.unsure, unsure)


class Lists:
    """Several lists of users, by number, so that those that do not mean somebody are not looked at."""

    def __init__(self, lists: Mapping[int, Meant]) -> None:
        """Note who is named where."""
        self.lists = lists
        self.of_all = [number for number, one in lists.items() if one.everybody.meant is not False]
        self.named: defaultdict[str, list[int]] = defaultdict(list)
        for number, one in lists.items():
            for key in one.persons:
                self.named[key].append(number)

    def of(self, key: str | None) -> Iterator[tuple[int, Match]]:
        """Yield the lists that mean a person, or may, by number; with None those that mean whoever stands in none."""
        for number in sorted({*self.of_all, *(self.named.get(key, ()) if key else ())}):
            match = self.lists[number].everybody if key is None else self.lists[number].of(key)
            if match.meant is not False:
                yield number, match


Signature = tuple[tuple[tuple[int, bool], ...], frozenset[int]]
"""The rules that mean somebody, each with whether only maybe, and the settings."""


@dataclass(slots=True)
class Grants:
    """Tells the rights of everybody at once where that can be, and of each where it cannot; whoever the same rules mean is worked out once."""

    told: Told
    members: Members
    rules: list[tuple[PolicyRule, bool]]
    """Each with whether it is only maybe about this host."""
    users: Lists
    settings: Lists
    rights: Rights
    known: dict[Signature | None, list[Right]] = field(default_factory=dict)
    meaning: dict[int, Meant] = field(default_factory=dict)

    def tell(self) -> None:
        """Tell all."""
        self.meaning = {id(rule): self.users.lists[number] for number, (rule, _) in enumerate(self.rules)}
        shared = dict.fromkeys(self._of(self._signature(None)) or [])
        apart = {key: self._of(self._signature(key)) for key in sorted({*self.users.named, *self.settings.named})}
        lacking = self._lacking(shared, apart)
        for right in shared:
            if not lacking[right]:
                self._add(right, None)
        for key, rights in apart.items():
            if not all(self._add(right, key) for right in rights or () if lacking.get(right, True)):
                break
        self._one_by_one([right for right in shared if lacking[right]], apart)

    def _signature(self, key: str | None) -> Signature | None:
        """Return which rules mean a person, and which settings; None where that is too much work."""
        if key is not None:
            self.told.work -= len(self.users.named.get(key, ())) + len(self.users.of_all)
        if self.told.work < 0:
            return None
        applies = tuple((number, match.meant is None or self.rules[number][1]) for number, match in self.users.of(key))
        return applies, frozenset(number for number, match in self.settings.of(key) if match.meant)

    def _of(self, signature: Signature | None) -> list[Right] | None:
        """Return the rights of whoever is meant so, None where that is too much work."""
        if signature in self.known:
            return self.known[signature]
        if signature is not None:
            rules = [(self.rules[number][0], maybe) for number, maybe in signature[0]]
            self.told.work -= 1 + sum(len(spec.commands) for rule, _ in rules for spec in rule.specs)
        if signature is None or self.told.work < 0:
            self._too_many()
            return None
        self.known[signature] = found = self.rights.of(rules, signature[1])
        return found

    def _lacking(self, shared: dict[Right, None], apart: dict[str, list[Right] | None]) -> dict[Right, bool]:
        """Say of each right of everybody whether somebody does not have it just so, or whether it depends on groups."""
        passwords = self.told.passwords
        differ = passwords is not None and passwords.differ
        lacking = {right: bool(right.exempt) or (differ and right.needs == OWN) for right in shared}
        for rights in {id(rights): rights for rights in apart.values() if rights is not None}.values():
            self.told.work -= len(shared)
            if self.told.work < 0:
                self._too_many()
                return lacking
            having = set(rights)
            lacking |= {right: True for right in shared if right not in having}
        return lacking

    def _one_by_one(self, rights: list[Right], apart: dict[str, list[Right] | None]) -> None:
        """Tell a right that not everybody has for each of the others."""
        if rights:
            self.told.lack(self.told.people.unknown.users)
        for right in rights:
            for key in self.told.people.persons:
                if key not in apart and not self._add(right, key):
                    return

    def _too_many(self) -> None:
        """Note that not everybody was looked at, so that a right of everybody may not be one of each."""
        self.told.lack(unsure=Hole(why=Why.LIMIT, message=f"there are too many rules of {self.told.tool} to work them out for every user"))

    def _add(self, right: Right, key: str | None) -> bool:
        """Tell a right of a person, or of everybody; say whether there is room for more."""
        if len(self.told.grants) >= TOLD:
            self.told.lack(Hole(why=Why.LIMIT, message=f"sudo and doas give more than {TOLD} rights, and not all are listed"))
            return False
        person = None if key is None else self.members.person(key)
        if person is not None and not right.group and right.uid == person.uid:
            return True
        stated = self._stated(right, person, Match(meant=True) if key is None else self.meaning[id(right.rule)].of(key))
        words = name = _words(stated, EVERYBODY if person is None else person.known_as)
        count = 1
        while name in self.told.grants:
            count += 1
            name = f"{words}#{count}"
        self.told.grants[name] = stated
        return True

    def _stated(self, right: Right, person: Person | None, match: Match) -> dict[str, Json]:
        name: Json = EVERYBODY if person is None else person.name
        uid = right.uid if right.uid != SELF else person.uid if person else SELF
        asked, sure = self._needs(right, person)
        needs = self.told.unsure or asked
        unasked = needs if isinstance(needs, Hole) else "" if needs != NOTHING else self._unasked_by(right, person)
        path = right.rule.path
        return {
            **{"name": name, "everyone": person is None, "group": match.group},
            **({} if person is None else {"uid": person.uid}),
            **({} if uid == SELF else {"as_uid": uid}),
            **{"as_name": "themselves" if uid == SELF else self.told.people.owner(uid), "as_group": right.group, "tool": self.told.tool},
            **{"needs": needs, "command": right.command, "gives": right.effect.gives, "engine": right.effect.engine, "how": right.effect.how},
            **{"certain": self.told.unsure or (right.effect.certain and match.certain and sure), "place": right.rule.place, "unasked_by": unasked},
            **{"file": path, "line": right.rule.line},
            "root_only": self._root_only(path),
            **({"runs": list(right.runs)} if right.runs else {}),
            **({"unknown": right.effect.unknown} if right.effect.unknown else {}),
        }

    def _root_only(self, path: str) -> bool | Hole:
        """Say whether only root can put another file in the place of one with rules."""
        files = self.told.files
        return files if isinstance(files, Hole) else attempt(lambda: bool(files[path]["root_only"]))

    def _needs(self, right: Right, person: Person | None) -> tuple[str | Hole, bool]:
        """Return what is needed, and whether that is certain: nothing of the members of the group that is exempt."""
        if right.exempt and person is not None:
            keys, hole = self.members.in_group(right.exempt)
            if person.key in keys or hole:
                return (NOTHING if person.key in keys else hole or right.needs), True
        passwords = self.told.passwords
        return (right.needs, True) if passwords is None else passwords.of(right.needs, person)

    def _unasked_by(self, right: Right, person: Person | None) -> str:
        """Return why no password is asked for of somebody."""
        passwords = self.told.passwords
        if right.needs != NOTHING and passwords is not None and passwords.of(right.needs, person)[0] == NOTHING:
            return "password" if passwords.by_empty(person) else "pam"
        return "rule" if right.tagged else "setting"


def _words(stated: Mapping[str, Any], key: str) -> str:
    """Return a right in words: who by which group may run what as whom, and where that stands."""
    who = f"{key} by %{stated['group']}" if stated["group"] else key
    whom = f"{stated['as_name']} with group {stated['as_group']}" if stated["as_group"] else stated["as_name"]
    return f"{who}: {stated['command']} as {whom} ({stated['place']})"
