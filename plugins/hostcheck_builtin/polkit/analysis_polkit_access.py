"""Which users polkit lets do something that makes them root: by which rule or default, with which password, and whether a local session is needed.

Whoever has to know an administrator's password is told of as that administrator alone. What comes after a rule that is not known is not told.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby, product
from typing import Any, Final, NamedTuple

from hostcheck.api import Hole, Json, View, Why, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.accounts.gather import gather
from hostcheck_builtin.polkit import pkla_files, rules_places
from hostcheck_builtin.polkit.known_actions import ACTIONS, PROGRAM, UNKNOWN, KnownAction
from hostcheck_builtin.polkit.rules_files import ADMINISTRATORS, EXEC, NOT_HANDLED
from hostcheck_builtin.polkit.rules_places import is_own
from hostcheck_builtin.polkit.who_asks import SESSIONS, Askers, AskingSession, Held, some
from hostcheck_builtin.privileged_programs.command_table import of_program
from hostcheck_builtin.system.bounds import POLKIT_WAYS as TOLD

EVERYBODY: Final = "every local user"
NAMING: Final = (ADMINISTRATORS, "unknown-administrators")
NEEDS: Final = ("nothing", "own-password")
"""What is needed, from the least."""
NEED_WORDS: Final = {"nothing": "without a password", "own-password": "with the user's own password"}
SAID: Final = ("gives", "program", "session", "certain", "does", "waits")
NOT_GRANTED: Final = len(NEEDS)
UNREAD: Final = Hole(why=Why.LIMIT, message="a rule of polkit returns what is not worked out here")


Outcomes = list[tuple[list[list[str]], str, list[str]]]
"""What one rule says: under which terms which result, and who the administrators are."""


Key = tuple[str, str, str]
"""What makes a grant another one: its place, what it needs, and the program that it runs where that gives no more, or the action that is not known."""


class Granted(NamedTuple):
    """One way in which an action is granted: by which rule, "" for the default, and by which of administrators where it takes the password of one."""

    needs: int
    rule: str
    administrators: str


@dataclass(slots=True, kw_only=True)
class PolkitAction:
    """An action with what is said of it by rules, in order, each with its place; a hole where that is not known."""

    name: str
    known: KnownAction
    file: str
    program: str
    default: dict[str, str]
    rules: list[tuple[str, Outcomes | Hole]]

    def programs(self) -> list[str]:
        """Return the programs for which rules make a difference; "" stands for any that none names."""
        return ["", *sorted({name for kind, name in self._named() if kind == "program"})]

    def names(self) -> Iterator[tuple[str, str]]:
        """Yield the users and groups that rules name."""
        return ((kind, name) for kind, name in self._named() if kind != "program")

    def _named(self) -> Iterator[tuple[str, str]]:
        return (one for _, told in self.rules if not isinstance(told, Hole) for one in _named(told))


def derive(facts: Mapping[str, Any], values: Mapping[str, Json]) -> Json:
    """State each grant by its words; incomplete where a rule, an action, or who is in a group is not known."""
    if facts["host"]["scan"]["init_userns"] is False:
        return Hole(why=Why.DENIED, message="the scanner is in a user namespace, where ids are not the host's")
    polkit: View = facts["polkit"]
    if not polkit["reads"]:
        return {"grants": {}}
    access = PolkitAccess(Askers(gather(facts, list)))
    access.lack(access.askers.people.unknown.users, opening(polkit["actions"]))
    works, actions = attempt(_pkexec, polkit), list[PolkitAction]()
    for name in sorted(known(polkit["actions"]), key=lambda one: list(ACTIONS).index(one) if one in ACTIONS else len(ACTIONS)):
        action = attempt(_action, polkit, name)
        usable = action if isinstance(action, Hole) else works if name == EXEC or action.program else True
        access.lack(usable)
        if usable is True and not isinstance(action, Hole):
            actions.append(action)
    access.take(actions)
    return {"grants": access.told()}


def _pkexec(polkit: View) -> bool | Hole:
    """Say whether pkexec is there and is root whoever starts it."""
    works = [attempt(_fact, polkit["pkexec"], path, "setuid_root") for path in known(polkit["pkexec"])]
    return True if True in works else worst_hole(opening(polkit["pkexec"]), *works) or False


def _fact(members: View, key: str, fact: str) -> bool:
    return bool(members[key][fact])


def _action(polkit: View, name: str) -> PolkitAction:
    """Return an action with its rules in the order in which polkit asks."""
    facts = polkit["actions"][name]
    implied = next((one for one in ACTIONS if one in list(facts["implies"])), "")
    return PolkitAction(
        name=name,
        known=ACTIONS.get(name) or (ACTIONS[implied] if implied else PROGRAM if facts["program"] else UNKNOWN),
        file=facts["file"],
        program=facts["program"],
        default={one: facts[one] for one in ("any", "inactive", "active")},
        rules=_in_order(polkit, facts),
    )


def _in_order(polkit: View, facts: View) -> list[tuple[str, Outcomes | Hole]]:
    older = _said(facts["older_rules"], pkla_files.order)[::-1]
    if polkit["reads"] == "pkla":
        return older
    rules = {path: list(found) for path, found in groupby(_said(facts["rules"], rules_places.order), lambda one: one[0].rpartition(":")[0])}
    ordered = rules.pop("", [])
    for path in sorted({*rules, *known(polkit["files"])}, key=rules_places.order):
        asks = attempt(_fact, polkit["files"], path, "older")
        ordered += [*rules.get(path, []), *(older if asks is True else [])]
    return ordered


def _said(rules: View, order: Callable[[str, str], Any]) -> list[tuple[str, Outcomes | Hole]]:
    """Return what rules say in order, each with its place; first of all the hole where there may be others."""
    hole = opening(rules)
    found: list[tuple[Any, tuple[str, Outcomes | Hole]]] = []
    for path in known(rules):
        lines = attempt(rules.__getitem__, path)
        for line in ["0"] if isinstance(lines, Hole) else known(lines):
            told = lines if isinstance(lines, Hole) else attempt(_outcomes, lines, line)
            found.append((order(path, line), (f"{path}:{line}", told)))
    ordered = [one for _, one in sorted(found, key=lambda one: one[0])]
    return ordered if hole is None else [(":", hole), *ordered]


def _outcomes(lines: View, line: str) -> Outcomes:
    return [([list(term) for term in one["when"]], one["result"], list(one["identities"]) if "identities" in one else []) for one in lines[line]]


@dataclass(slots=True)
class PolkitAccess:
    """Works out who is granted what; whoever the same holds of is worked out once, and `alike` are all whom no rule names."""

    askers: Askers
    rows: dict[str, dict[Key, dict[str, Json]]] = field(default_factory=dict)
    alike: list[str] = field(default_factory=list)
    unsure: set[str] = field(default_factory=set)
    lost: bool = False
    hole: Hole | None = None

    def lack(self, *holes: object) -> None:
        """Note that more may be granted."""
        self.hole = worst_hole(self.hole, *holes)

    def take(self, actions: list[PolkitAction]) -> None:
        """Take what actions are granted for: of all whom no rule names what one of them is granted."""
        names = {action.name: list(dict.fromkeys(action.names())) for action in actions}
        special = {key for listed in names.values() for kind, name in listed for key in self.askers.named(kind, name)}
        self.alike = [key for key in self.askers.people.persons if key not in special]
        for action in actions:
            same: dict[tuple[Held, ...], tuple[list[tuple[Key, dict[str, Json]]], bool]] = {}
            for who in ("", *sorted(special), *self.alike[:1]):
                meant = (bool(who), *(self.askers.is_one(kind, name, who) for kind, name in names[action.name]))
                if meant not in same:
                    before, self.lost = self.lost, False
                    same[meant] = list(self._rows(action, who)), self.lost
                    self.lost = before
                rows, lost = same[meant]
                self.unsure |= {who} if lost else set()
                self._add(action, self.rows.setdefault(who, {}), rows)

    def _add(self, action: PolkitAction, mine: dict[Key, dict[str, Json]], rows: list[tuple[Key, dict[str, Json]]]) -> None:
        """Add what an action is granted by to what somebody is; of several actions the first that is certain says how."""
        for key, row in rows:
            other = mine.get(key)
            named = [one for one in other["actions"] if one != action.name] if other else []
            if other is None or (row["certain"] and not other["certain"]):
                mine[key] = {**row, "actions": [action.name, *named]}
            elif action.name not in other["actions"]:
                other["actions"].append(action.name)

    def _rows(self, action: PolkitAction, who: str) -> Iterator[tuple[Key, dict[str, Json]]]:
        """Yield the ways in which somebody is granted an action, each with what makes it another way; of more than one session the first is told."""
        floor = NOT_GRANTED
        for program in action.programs():
            best = floor
            for session, where in SESSIONS.items():
                grants = self._grants(action, who, where, program)
                if isinstance(grants, Hole):
                    self.lack(grants)
                    self.lost = True
                    continue
                sure = max(grants)
                if not session and not program:
                    floor = sure.needs
                for grant in dict.fromkeys((min(grants), sure)):
                    if grant.needs < best or (grant is sure and not session and not program and grant.needs < NOT_GRANTED):
                        best = min(best, grant.needs)
                        yield from self._row(action, grant, session, program, certain=not session and grant.needs == sure.needs)

    def _row(self, action: PolkitAction, grant: Granted, session: str, program: str, *, certain: bool) -> Iterator[tuple[Key, dict[str, Json]]]:
        runs, unknown = program or action.program, action.known is UNKNOWN
        gives = of_program(runs) if runs else None
        place = grant.administrators or grant.rule or action.file
        by = "administrator" if grant.administrators else "rule" if grant.rule else "default"
        if (unknown or (runs and gives is None)) and by == "administrator":  # who is one can run any program in the same way
            return
        if unknown and not is_own(place):  # a package means it
            return
        does = f"run {runs} as root by pkexec" if runs else f"do {action.name}" if unknown else action.known.does
        row: dict[str, Json] = {
            **{"needs": NEEDS[grant.needs], "gives": gives.gives if gives else "limited" if runs else "unknown" if unknown else "any-command"},
            **{"program": runs, "session": session, "certain": certain and action.known.sure, "by": by, "place": place},
            **{"does": does, "waits": action.known.waits, "actions": []},
        }
        yield (place, NEEDS[grant.needs], action.name if unknown else runs if gives is None else ""), row

    def _grants(self, action: PolkitAction, who: str, session: AskingSession, program: str) -> list[Granted] | Hole:
        """Return what may hold for somebody: one thing, or several where conditions are not worked out."""
        found: list[Granted] = []
        for place, result, _ in self._asked(action, who, session, program, names=False):
            granted = result if isinstance(result, Hole) else self._granted(action, who, session, program, result, place)
            if isinstance(granted, Hole):
                return granted
            found.append(granted)
        return found

    def _granted(self, action: PolkitAction, who: str, session: AskingSession, program: str, result: str, place: str) -> Granted | Hole:
        if not result.startswith("auth_admin"):
            return Granted(0 if result == "yes" else 1 if result.startswith("auth_self") else NOT_GRANTED, place, "")
        found: list[Granted] = []
        for named, told, identities in self._asked(action, who, session, program, names=True):
            if isinstance(told, Hole):
                return told
            held = some(self.askers.is_one(kind.removeprefix("unix-"), name, who) for kind, _, name in (one.partition(":") for one in identities))
            if isinstance(held, Hole):
                return held
            found.append(Granted(1 if held else NOT_GRANTED, place, named if held else ""))
        return max(found) if len({one.needs for one in found}) == 1 else UNREAD

    def _asked(self, action: PolkitAction, who: str, session: AskingSession, program: str, *, names: bool) -> Iterator[tuple[str, str | Hole, list[str]]]:
        """Yield what polkit may get for an answer, from rules or of who the administrators are, up to the one that is certain."""
        for place, told in action.rules:
            if isinstance(told, Hole):
                yield place, told, []
                return
            if (told[-1][1] in NAMING) is not names:
                continue
            sure = True
            for terms, result, identities in told:
                held = self.askers.holds(terms, who, session, program)
                if held is False:
                    continue
                if isinstance(held, Hole) or "unknown" in result:
                    yield place, held if isinstance(held, Hole) else UNREAD, []
                    return
                if result != NOT_HANDLED:
                    yield place, result, identities
                    if held and sure:
                        return
                if held:
                    break
                sure = sure and result != NOT_HANDLED
        yield ("", "", ["unix-user:0"]) if names else ("", action.default["any" if not session.local else "active" if session.active else "inactive"], [])

    def told(self) -> Json:
        """Return the grants by their words: of everybody at once where each has one; none where it is not known who does not."""
        found: dict[str, Json] = {}
        unsure = self.hole
        lacking = {key: [who for who, rows in self.rows.items() if key not in rows] for key in self.rows.get("", {})}
        alike = {key for key, row in self.rows.get("", {}).items() if all(rows.get(key) == row for rows in self.rows.values())}
        for who, rows in self.rows.items():
            names = self.alike if who in self.alike[:1] else [who or EVERYBODY]
            for name, key in product(names, rows):
                if bool(who) is (key in alike):
                    continue
                if not self.unsure.isdisjoint(lacking.get(key, ())):
                    continue
                if len(found) >= TOLD:
                    self.lack(Hole(why=Why.LIMIT, message=f"polkit grants more than {TOLD} ways, of which these are told"))
                    break
                place, needs, program = key
                stated = {**_unless(unsure, rows[key]), "name": name, "everyone": not who}
                found[f"{name}: {program or 'root'} by {place}, {NEED_WORDS[needs]}"] = stated
        return incomplete(dict(sorted(found.items())), self.hole)


def _unless(hole: Hole | None, row: dict[str, Json]) -> dict[str, Json]:
    """Return a grant; where an action or a rule is not known, another may say how it is granted, but nothing more than any program for certain."""
    if hole is None:
        return {**row, "actions": list(row["actions"])}
    best = row["actions"][0] == EXEC and row["certain"]
    told = {**row, "actions": incomplete(list(row["actions"]), hole)}
    return told if best else {**told, **dict.fromkeys(SAID, hole)}


def _named(told: Outcomes) -> Iterator[tuple[str, str]]:
    """Yield the users, groups and programs that a rule names."""
    for terms, _, identities in told:
        for one in (*(one.lstrip("!") for term in terms for one in term), *(one.removeprefix("unix-") for one in identities)):
            kind, _, name = one.partition(":")
            if name:
                yield kind, name
