"""Tells the rights of users: of everybody at once where a rule means all and nobody has it otherwise, else one by one.

Whoever the same rules mean is worked out once. A rule of which it is not known whether it means somebody gives nothing, and nothing is told that it may decide.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from hostcheck.api import Hole, Json, View, Why, attempt, worst_hole
from hostcheck_builtin.accounts.people import People, Person
from hostcheck_builtin.privileged_programs.sudo_people import Match, Meant, Members
from hostcheck_builtin.privileged_programs.sudo_policy import PolicyRule
from hostcheck_builtin.privileged_programs.sudo_rows import NOTHING, Row, Rows
from hostcheck_builtin.privileged_programs.sudo_targets import SELF

EVERYBODY: Final = "every local user"
TOLD: Final = 10_000
"""How many rights are told in all."""
WORK: Final = 300_000
"""How many commands of rules are looked at, for all users together."""
TOO_MANY: Final = "there are too many rules of {} to work them out for every user"


@dataclass(slots=True)
class Told:
    """What is told so far, by words, and the hole where there may be more; `unsure` is the one where what is told may be otherwise."""

    people: People
    tool: str
    files: View | Hole | None = None
    grants: dict[str, Json] = field(default_factory=dict)
    hole: Hole | None = None
    unsure: Hole | None = None
    work: int = field(default_factory=lambda: WORK)


Signature = tuple[tuple[tuple[int, bool], ...], frozenset[int]]


@dataclass(slots=True)
class Crowd:
    """Tells the rights of everybody at once where that can be, and of each where it cannot; whoever the same rules mean is worked out once."""

    told: Told
    members: Members
    rules: list[PolicyRule]
    listed: list[Meant]
    bound: dict[int, Meant]
    rows: Rows
    known: dict[Signature | None, list[Row]] = field(default_factory=dict)
    own_settings: dict[str, list[int]] = field(default_factory=dict)
    any_settings: list[int] = field(default_factory=list)
    meaning: dict[int, Meant] = field(default_factory=dict)
    maybe: set[int] = field(default_factory=set)

    def tell(self) -> None:
        """Tell all."""
        self.meaning = {id(rule): one for rule, one in zip(self.rules, self.listed, strict=True)}
        own: dict[str, list[int]] = {}
        for number, one in enumerate(self.listed):
            for key in one.persons:
                own.setdefault(key, []).append(number)
        self.any_settings = [number for number, one in self.bound.items() if one.everybody.meant]
        for number, setting in self.bound.items():
            for key in setting.persons:
                own.setdefault(key, [])
                self.own_settings.setdefault(key, list(self.any_settings)).append(number)
        base = [number for number, one in enumerate(self.listed) if one.everybody.meant is not False]
        anybody = self._of((tuple((number, self._is_unsure(number, self.listed[number].everybody)) for number in base), frozenset(self.any_settings))) or []
        shared = dict.fromkeys(anybody)
        apart = {key: self._of(self._signature(key, numbers, base)) for key, numbers in sorted(own.items())}
        lacking = self._lacking(shared, apart)
        for row in anybody:
            if not lacking[row]:
                self._add(row, None)
        for key, rows in apart.items():
            if not all(self._add(row, key) for row in rows or () if lacking.get(row, True)):
                break
        self._one_by_one([row for row in anybody if lacking[row]], apart)

    def _signature(self, key: str, numbers: list[int], base: list[int]) -> Signature | None:
        """Return which rules mean a person, and which settings; None where that is too much work."""
        self.told.work -= len(numbers) + len(base)
        if self.told.work < 0:
            return None
        matches = ((number, self.listed[number].of(key)) for number in sorted({*numbers, *base}))
        applies = tuple((number, self._is_unsure(number, match)) for number, match in matches if match.meant is not False)
        return applies, frozenset(number for number in self.own_settings.get(key, self.any_settings) if self.bound[number].of(key).meant)

    def _is_unsure(self, number: int, match: Match) -> bool:
        """Say whether it is not known that a rule applies."""
        return number in self.maybe or match.meant is None

    def _of(self, signature: Signature | None) -> list[Row] | None:
        """Return the rows of whoever is meant so, None where that is too much work."""
        if signature in self.known:
            return self.known[signature]
        if signature is not None:
            rules = [(self.rules[number], maybe) for number, maybe in signature[0]]
            self.told.work -= 1 + sum(len(spec.commands) for rule, _ in rules for spec in rule.specs)
        if signature is None or self.told.work < 0:
            self._too_many()
            return None
        self.known[signature] = found = self.rows.of(rules, signature[1])
        return found

    def _lacking(self, shared: dict[Row, None], apart: dict[str, list[Row] | None]) -> dict[Row, bool]:
        """Say of each right of everybody whether somebody does not have it just so, or whether it depends on groups."""
        lacking = {row: bool(row.exempt) for row in shared}
        for rows in {id(rows): rows for rows in apart.values() if rows is not None}.values():
            self.told.work -= len(shared)
            if self.told.work < 0:
                self._too_many()
                return lacking
            having = set(rows)
            lacking |= {row: True for row in shared if row not in having}
        return lacking

    def _one_by_one(self, rows: list[Row], apart: dict[str, list[Row] | None]) -> None:
        """Tell a right that not everybody has for each of the others."""
        if rows:
            self.told.hole = worst_hole(self.told.hole, self.told.people.unknown.users)
        for row in rows:
            for key in self.told.people.persons:
                if key not in apart and not self._add(row, key):
                    return

    def _limit(self, message: str) -> None:
        self.told.hole = worst_hole(self.told.hole, Hole(why=Why.LIMIT, message=message))

    def _too_many(self) -> None:
        """Note that not everybody was looked at, so that a right of everybody may not be one of each."""
        hole = Hole(why=Why.LIMIT, message=TOO_MANY.format(self.told.tool))
        self.told.hole, self.told.unsure = worst_hole(self.told.hole, hole), worst_hole(self.told.unsure, hole)

    def _add(self, row: Row, key: str | None) -> bool:
        """Tell a right of a person, or of everybody; say whether there is room for more."""
        if len(self.told.grants) >= TOLD:
            self._limit(f"sudo and doas give more than {TOLD} rights, and not all are listed")
            return False
        person = None if key is None else self.members.person(key)
        if person is not None and not row.group and row.uid == person.uid:
            return True
        match = Match(meant=True) if key is None else self.meaning[id(row.rule)].of(key)
        stated = self._stated(row, person, match)
        words, count = _words(stated, key or EVERYBODY), 1
        while (words if count == 1 else f"{words}#{count}") in self.told.grants:
            count += 1
        self.told.grants[words if count == 1 else f"{words}#{count}"] = stated
        return True

    def _stated(self, row: Row, person: Person | None, match: Match) -> dict[str, Json]:
        name: Json = EVERYBODY if person is None else person.name
        uid = row.uid if row.uid != SELF else person.uid if person else SELF
        certain: Json = self.told.unsure or (row.effect.certain and match.certain)
        return {
            **{"name": name, "everyone": person is None, "group": match.group},
            **({} if person is None else {"uid": person.uid}),
            **({} if uid == SELF else {"as_uid": uid}),
            **{"as_name": "themselves" if uid == SELF else self.told.people.owner(uid), "as_group": row.group, "tool": self.told.tool},
            **{"needs": self.told.unsure or self._needs(row, person), "command": row.command, "gives": row.effect.gives, "engine": row.effect.engine},
            **{"how": row.effect.how, "certain": certain, "place": row.rule.place, "unasked_by": self._unasked_by(row, person)},
            **{"file": row.rule.path, "line": row.rule.line, "root_only": self._root_only(row.rule.path)},
            **({"runs": list(row.runs)} if row.runs else {}),
        }

    def _unasked_by(self, row: Row, person: Person | None) -> Json:
        """Return why no password is asked for: the rule, or settings; "" where one is."""
        if self.told.unsure:
            return self.told.unsure
        needs = self._needs(row, person)
        return needs if isinstance(needs, Hole) else "" if needs != NOTHING else "rule" if row.tagged else "setting"

    def _root_only(self, path: str) -> Json:
        files = self.told.files
        return files if isinstance(files, Hole) else files is not None and attempt(_is_roots, files, path)

    def _needs(self, row: Row, person: Person | None) -> Json:
        """Return which password is needed: none of the members of the group that is exempt."""
        if not row.exempt or person is None:
            return row.needs
        keys, hole = self.members.in_group(row.exempt)
        return NOTHING if person.key in keys else hole or row.needs


def _is_roots(files: View, path: str) -> bool:
    return bool(files[path]["root_only"])


def _words(stated: dict[str, Any], key: str) -> str:
    """Return a right in words: who by which group may run what as whom, and where that stands."""
    who = f"{key} by %{stated['group']}" if stated["group"] else key
    whom = f"{stated['as_name']} with group {stated['as_group']}" if stated["as_group"] else stated["as_name"]
    return f"{who}: {stated['command']} as {whom} ({stated['place']})"
