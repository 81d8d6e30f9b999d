"""Who may become whom by sudo and doas: the rules of both, for each user whom they mean, with the password that is needed and what the command gives.

Rules that mean everybody are told once, unless something else holds for somebody. A command for which no way to more is known is told as limited: what
its program does, and who may write to that, is for others to say.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hostcheck.api import Hole, Json, View, Why, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.accounts.gather import gather
from hostcheck_builtin.accounts.people import People, Person
from hostcheck_builtin.groups import grants
from hostcheck_builtin.privileged_programs import doas_policy, sudo_policy
from hostcheck_builtin.privileged_programs.sudo_people import Match, Meant, Members, here, holes, meant
from hostcheck_builtin.privileged_programs.sudo_policy import Policy, Rule
from hostcheck_builtin.privileged_programs.sudo_rows import NOTHING, Bound, Row, Rows
from hostcheck_builtin.privileged_programs.sudo_targets import SELF

EVERYBODY: Final = "every local user"
TOLD: Final = 10_000
"""How many rights are told in all."""
WORK: Final = 300_000
"""How many commands of rules are looked at, for all users together."""
TOO_MANY: Final = "the rules of {} are too many to be worked out for all users"
SILENT: Final = {"ldap": "LDAP", "sss": "SSSD"}


@dataclass(slots=True)
class _Told:
    """What is told so far, by words, and the hole where there may be more; `unsure` is the one where what is told may be otherwise."""

    people: People
    tool: str
    files: View | Hole | None = None
    grants: dict[str, Json] = field(default_factory=dict)
    hole: Hole | None = None
    unsure: Hole | None = None
    work: int = WORK


def derive(facts: Mapping[str, Any], values: Mapping[str, Json]) -> Json:
    """State each right by its words; incomplete where rules, or who is in a group that they name, are not known."""
    if facts["host"]["scan"]["init_userns"] is False:
        return Hole(why=Why.DENIED, message="the scanner is in a user namespace, where ids are not the host's")
    people = gather(facts, lambda: [attempt(_programs, facts, probe) for probe in ("sudo", "doas")])
    grants.take(people, facts)
    found: dict[str, Json] = {}
    hole: Hole | None = None
    for tool, told in (("sudo", _sudo), ("doas", _doas)):
        stated = _Told(people, tool, grants=found)
        failed = attempt(told, stated, facts)
        hole = worst_hole(hole, stated.hole, failed)
    return {"grants": incomplete(found, hole), "installed": {tool: attempt(_is_there, facts, tool) for tool in ("sudo", "doas")}}


def _programs(facts: Mapping[str, Any], probe: str) -> View:
    programs: View = facts[probe]["programs"]
    return programs


def _is_there(facts: Mapping[str, Any], probe: str) -> bool | Hole:
    """Say whether such a program runs as root on a usual path."""
    programs = _programs(facts, probe)
    works = [attempt(_works, programs, path) for path in known(programs)]
    return True if True in works else worst_hole(opening(programs), *works) or False


def _works(programs: View, path: str) -> bool:
    return bool(programs[path]["setuid_root"])


def _for_all(facts: Mapping[str, Any], probe: str) -> bool:
    """Say whether one of these programs may be executed by everybody."""
    programs = _programs(facts, probe)
    return any(_works(programs, path) and int(programs[path]["mode"], 8) & 1 for path in known(programs))


def _sudo(told: _Told, facts: Mapping[str, Any]) -> None:
    there = _is_there(facts, "sudo")
    if there is not True:
        told.hole = worst_hole(told.hole, there)
        return
    sudo: View = facts["sudo"]
    told.hole = worst_hole(told.hole, attempt(_elsewhere, sudo))
    asked = attempt(lambda: "files" in list(sudo["sources"]["services"]))
    told.hole = worst_hole(told.hole, asked)
    if asked is False:
        return
    files: View | Hole = attempt(sudo.__getitem__, "files")
    told.files = files
    policy = sudo_policy.policy(sudo)
    policy.unsure = worst_hole(policy.unsure, attempt(_other_plugin, sudo))
    _take(told, policy, attempt(lambda: str(sudo["hostname"])), attempt(_for_all, facts, "sudo") is True)


def _elsewhere(sudo: View) -> Hole | None:
    """Return the hole that rules from elsewhere leave."""
    sources = sudo["sources"]
    services = list(sources["services"])
    for name in services:
        if name == "ldap" or (name == "sss" and sources["sss_answers"]):
            return Hole(why=Why.LIMIT, message=f"sudo asks {SILENT[name]} for rules as well, which is not asked here")
    if not sources["named"] and sources["ldap_conf"]:
        return Hole(why=Why.LIMIT, message="there is a /etc/sudo-ldap.conf, so that sudo may ask LDAP for rules as well, which is not asked here")
    if sudo["elsewhere"]:
        return Hole(why=Why.UNSUPPORTED, message="sudo-rs reads /etc/sudoers-rs, which is not read here")
    return None


def _other_plugin(sudo: View) -> Hole | None:
    plugin = sudo["plugin"]
    if plugin["own"] and not list(plugin["options"]):
        return None
    return Hole(why=Why.UNSUPPORTED, message="/etc/sudo.conf loads a plugin or sets options that are not worked out here")


def _doas(told: _Told, facts: Mapping[str, Any]) -> None:
    there = _is_there(facts, "doas")
    if there is not True:
        told.hole = worst_hole(told.hole, there)
        return
    _take(told, doas_policy.policy(facts["doas"]), "", attempt(_for_all, facts, "doas") is True)


def _take(told: _Told, policy: Policy, hostname: str | Hole, certain: bool) -> None:
    """Tell the rights that rules give to everybody, and to each whom they name."""
    members = Members(told.people)
    on_hosts = [(rule, here(rule.hosts, hostname)) for rule in policy.rules]
    hosts = {number: here(one.members, hostname) for number, one in enumerate(policy.defaults) if one.scope == "host"}
    undecided = worst_hole(*(found for _, found in on_hosts), *hosts.values())
    rules = [rule for rule, found in on_hosts if found is True]
    listed = [meant(members, rule.users) for rule in rules]
    bound = {number: meant(members, one.members) for number, one in enumerate(policy.defaults) if one.scope == "user"}
    told.unsure = worst_hole(policy.unsure, undecided, holes(bound.values()))
    told.hole = worst_hole(told.hole, policy.missing, undecided, holes(listed))
    rows = Rows(members, policy, Bound.of(policy, {number: found is True for number, found in hosts.items()}), certain)
    _Crowd(told, members, rules, listed, bound, rows).tell()
    told.hole = worst_hole(told.hole, *(one.hole for one in rows.runas.values()))
    if rows.cut:
        told.hole = worst_hole(told.hole, Hole(why=Why.LIMIT, message=f"the rules of {told.tool} allow more than is told of"))


Signature = tuple[tuple[int, ...], frozenset[int]]


@dataclass(slots=True)
class _Crowd:
    """Tells the rights of everybody at once where that can be, and of each where it cannot; whoever the same rules mean is worked out once."""

    told: _Told
    members: Members
    rules: list[Rule]
    listed: list[Meant]
    bound: dict[int, Meant]
    rows: Rows
    known: dict[Signature | None, list[Row]] = field(default_factory=dict)
    own_settings: dict[str, list[int]] = field(default_factory=dict)
    any_settings: list[int] = field(default_factory=list)
    meaning: dict[int, Meant] = field(default_factory=dict)

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
        base = [number for number, one in enumerate(self.listed) if one.everybody.meant]
        anybody = self._of((tuple(base), frozenset(self.any_settings))) or []
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
        applies = tuple(number for number in sorted({*numbers, *base}) if self.listed[number].of(key).meant)
        return applies, frozenset(number for number in self.own_settings.get(key, self.any_settings) if self.bound[number].of(key).meant)

    def _of(self, signature: Signature | None) -> list[Row] | None:
        """Return the rows of whoever is meant so, None where that is too much work."""
        if signature in self.known:
            return self.known[signature]
        if signature is not None:
            rules = [self.rules[number] for number in signature[0]]
            self.told.work -= 1 + sum(len(spec.commands) for rule in rules for spec in rule.specs)
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
            self._limit(f"sudo and doas give more than {TOLD} rights, and not all are told")
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
            **{"name": name, "everyone": person is None, "group": match.group, "approved_key": name},
            **({} if person is None else {"uid": person.uid}),
            **({} if uid == SELF else {"as_uid": uid}),
            **{"as_name": "themselves" if uid == SELF else self.told.people.owner(uid), "as_group": row.group, "tool": self.told.tool},
            **{"needs": self.told.unsure or self._needs(row, person), "command": row.command, "gives": row.effect.gives, "engine": row.effect.engine},
            **{"how": row.effect.how, "certain": certain, "place": row.rule.place, "unasked_by": self._unasked_by(row, person)},
            **{"file": row.rule.path, "line": row.rule.line, "root_only": self._root_only(row.rule.path)},
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
        gids, hole = self.members.gids(row.exempt)
        having = [self.members.of(gid) for gid in gids]
        if any(person.key in keys for keys, _ in having):
            return NOTHING
        return worst_hole(hole, *(unknown for _, unknown in having)) or row.needs


def _is_roots(files: View, path: str) -> bool:
    return bool(files[path]["root_only"])


def _words(stated: dict[str, Any], key: str) -> str:
    """Return a right in words: who by which group may run what as whom, and where that stands."""
    who = f"{key} by %{stated['group']}" if stated["group"] else key
    whom = f"{stated['as_name']} with group {stated['as_group']}" if stated["as_group"] else stated["as_name"]
    return f"{who}: {stated['command']} as {whom} ({stated['place']})"
