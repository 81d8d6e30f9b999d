"""What rules of polkit say of one action: which result under which condition, in order, as far as the conditions are about who asks.

A rule is a function that polkit calls until one returns something (polkit(8); init.js of polkit). Here it is worked through once for each action: what
depends on who asks stays a condition, and what is not worked out is a condition that may hold.
"""

from dataclasses import dataclass, field
from operator import ge, gt, le, lt
from typing import Any, Final, NamedTuple

from hostcheck.api import LimitExceeded, Nonsense
from hostcheck_builtin.polkit.conditions import ALWAYS, MAYBE, NEVER, Condition, all_of, any_of, atom, opposite
from hostcheck_builtin.polkit.javascript import Node, ScriptParser
from hostcheck_builtin.polkit.javascript_tokens import NotPlainError
from hostcheck_builtin.polkit.script_values import UNKNOWN, ScriptFunction, ScriptRegex, ScriptSymbol, constant, either, truth_of
from hostcheck_builtin.system.bounds import POLKIT_NAME, POLKIT_TEXT
from hostcheck_builtin.system.bounds import POLKIT_WORK as WORK

UNKNOWN_RESULT: Final = "unknown"
NOT_HANDLED: Final = "not-handled"
ADMINISTRATORS: Final = "administrators"
RESULTS: Final = ("no", "yes", "auth_self", "auth_self_keep", "auth_admin", "auth_admin_keep")
RESULT: Final[dict[str, Any]] = {**{name.upper(): name for name in RESULTS}, "NOT_HANDLED": None}
EXEC: Final = "org.freedesktop.policykit.exec"
COMPATIBLE: Final = ("-pkla-compat.rules", "/pkla-check-authorization")
"""How the file ends by which the older rules of /etc/polkit-1/localauthority are asked, and the program that it starts for that (polkit-pkla-compat)."""


class RuleOutcome(NamedTuple):
    """What is returned under a condition: one of the results, or who the administrators are."""

    when: Condition
    result: str
    identities: tuple[str, ...] = ()


@dataclass(slots=True)
class RulesFile:
    """The rules of one file, each with whether it names administrators; raises Nonsense where it is not read."""

    path: str
    text: str
    rules: list[tuple[bool, ScriptFunction]] = field(default_factory=list)
    pkla: bool = False
    action: str = ""
    work: int = WORK
    calls: int = 0

    def __post_init__(self) -> None:
        """Read the file, and run what stands outside of functions."""
        self.pkla = self.path.endswith(COMPATIBLE[0]) and COMPATIBLE[1] in self.text
        if self.pkla:
            return
        try:
            program = ScriptParser(self.text).program()
            self._run(("block", program), {}, ALWAYS, [])
        except NotPlainError as error:
            raise Nonsense(f"{self.path}: what stands at line {error.args[0]} is not read here") from error
        except RecursionError as error:
            raise LimitExceeded(f"{self.path}: nests too deeply") from error

    def of(self, action: str) -> dict[str, list[RuleOutcome]]:
        """Return by line what each rule says of an action, in order; without those that say nothing."""
        self.action, found = action, dict[str, list[RuleOutcome]]()
        for names, function in self.rules:
            outcomes = self._outcomes(function, names)
            if any(one.result != NOT_HANDLED for one in outcomes):
                line = str(function.line) if str(function.line) not in found else f"{function.line}.{len(found)}"
                found[line] = outcomes
        return found

    def _outcomes(self, function: ScriptFunction, names: bool) -> list[RuleOutcome]:
        returned: list[tuple[Condition, Any]] = []
        self.work, self.calls = WORK, 0
        try:
            self._call(function, [ScriptSymbol("action"), ScriptSymbol("subject")], returned)
        except (LimitExceeded, RecursionError):
            returned.append((ALWAYS, UNKNOWN))
        told: list[RuleOutcome] = []
        for when, value in returned:
            if when:
                told.append(RuleOutcome(when, *(_administrators(value) if names else _result(value))))
            if when == ALWAYS:
                break
        while told and told[-1].result == NOT_HANDLED:
            told.pop()
        return told

    def _call(self, function: ScriptFunction, given: list[Any], returned: list[tuple[Condition, Any]]) -> None:
        if self.calls > 10:
            raise LimitExceeded("functions of a rule call one another")
        self.calls += 1
        seen = {**function.seen, **dict.fromkeys(function.names), **dict(zip(function.names, given, strict=False))}
        if function.body[0] == "return":
            self._return(function.body[1], seen, ALWAYS, returned)
        else:
            self._run(function.body, seen, ALWAYS, returned)
        self.calls -= 1

    def _run(self, node: Node, seen: dict[str, Any], when: Condition, returned: list[tuple[Condition, Any]]) -> bool:
        """Run a statement, and say whether nothing behind it is run."""
        self._count()
        kind = node[0]
        if not when:
            return False
        if kind == "block":
            return any(self._run(one, seen, when, returned) for one in node[1])
        if kind == "var":
            seen.update((name, self.value(value, seen)) for name, value in node[1])
        elif kind == "expr":
            self.value(node[1], seen)
        elif kind == "if":
            return self._if(node, seen, when, returned)
        elif kind == "return":
            self._return(node[1], seen, when, returned)
            return True
        return False

    def _if(self, node: Node, seen: dict[str, Any], when: Condition, returned: list[tuple[Condition, Any]]) -> bool:
        condition = self.truth(node[1], seen)
        if condition in (ALWAYS, NEVER):
            return self._run(node[2] if condition else node[3], seen, when, returned)
        then, other = dict(seen), dict(seen)
        ends = self._run(node[2], then, all_of(when, condition), returned)
        other_ends = self._run(node[3], other, all_of(when, opposite(condition)), returned)
        for name in then.keys() | other.keys():
            one, two = then.get(name), other.get(name)
            seen[name] = two if ends else one if other_ends or one is two else either(condition, one, two)
        return ends and other_ends

    def _return(self, node: Node, seen: dict[str, Any], when: Condition, returned: list[tuple[Condition, Any]]) -> None:
        if node[0] == "cond":
            condition = self.truth(node[1], seen)
            for part, holds in ((node[2], condition), (node[3], opposite(condition))):
                if both := all_of(when, holds):
                    self._return(part, seen, both, returned)
        else:
            returned.append((when, self.value(node, seen)))

    def _count(self) -> None:
        self.work -= 1
        if self.work < 0:
            raise LimitExceeded("a rule of polkit is too long to be worked through")

    def truth(self, node: Node, seen: dict[str, Any]) -> Condition:
        """Return when an expression counts as true."""
        return truth_of(self.value(node, seen))

    def value(self, node: Node, seen: dict[str, Any]) -> Any:
        """Return what an expression is."""
        self._count()
        kind = node[0]
        if kind == "const":
            return node[1]
        if kind == "name":
            return seen.get(node[1], UNKNOWN) if node[1] != "polkit" else ScriptSymbol("polkit")
        if kind == "member":
            return self._member(self.value(node[1], seen), self.value(node[2], seen))
        if kind == "call":
            return self._called(node, seen)
        if kind == "list":
            return [self.value(one, seen) for one in node[1]]
        if kind == "object":
            return {name: self.value(one, seen) for name, one in node[1]}
        if kind == "function":
            return ScriptFunction(node[1], node[2], node[3], node[4], seen)
        if kind == "regex":
            return ScriptRegex(node[1])
        if kind == "assign":
            seen[node[1]] = self.value(node[2], seen)
            return seen[node[1]]
        return self._operated(node, seen)

    def _operated(self, node: Node, seen: dict[str, Any]) -> Any:
        kind = node[0]
        if kind in ("&&", "||"):
            met = []
            for one in node[1]:
                met.append(self.truth(one, seen))
                if met[-1] == (NEVER if kind == "&&" else ALWAYS):
                    break
            return all_of(*met) if kind == "&&" else any_of(*met)
        if kind == "cond":
            condition = self.truth(node[1], seen)
            if condition in (ALWAYS, NEVER):
                return self.value(node[2] if condition else node[3], seen)
            return either(condition, self.value(node[2], seen), self.value(node[3], seen))
        if kind == "unary":
            value = self.value(node[2], seen)
            return opposite(truth_of(value)) if node[1] == "!" else -value if node[1] == "-" and type(value) is int else UNKNOWN
        return self._binary(node[1], self.value(node[2], seen), self.value(node[3], seen))

    def _binary(self, operator: str, one: Any, other: Any) -> Any:
        if isinstance(one, ScriptSymbol) and one.kind == "index" and (operator, other) in WITHIN:
            return one.within if WITHIN[operator, other] else opposite(one.within)
        if operator in ("==", "==="):
            return self._equal(one, other)
        if operator in ("!=", "!=="):
            return opposite(self._equal(one, other))
        if operator == "in":
            return constant(one in other) if isinstance(one, str) and isinstance(other, dict) else MAYBE
        if operator == "+" and isinstance(one, str) and isinstance(other, str) and len(one) + len(other) < POLKIT_TEXT:
            return one + other
        return ORDERS[operator](one, other) if operator in ORDERS and type(one) is int and type(other) is int else UNKNOWN

    def _equal(self, one: Any, other: Any) -> Condition:
        one, other = (other, one) if isinstance(other, ScriptSymbol) else (one, other)
        if isinstance(one, ScriptSymbol) and isinstance(other, str):
            if one.kind == "user" and other:
                return atom("user", other)
            if one.kind == "detail" and one.name == "program" and self.action == EXEC and other.startswith("/"):
                return atom("program", other)
            # Who starts a unit of their own gives it no name that a unit has (StartTransientUnit in src/core/dbus-manager.c of systemd).
            return NEVER if one.kind == "detail" and one.name == "unit" else MAYBE
        if isinstance(one, frozenset) and isinstance(other, bool):
            return one if other else opposite(one)
        if isinstance(other, frozenset) and isinstance(one, bool):
            return other if one else opposite(other)
        if isinstance(one, frozenset) or isinstance(other, frozenset):
            return MAYBE  # a value that is true under a condition may be null where that does not hold
        if one is None or other is None:
            return constant(one is other) if not isinstance(one, ScriptSymbol) or one.kind in ("user", "action", "subject") else MAYBE
        return constant(one == other) if type(one) is type(other) and type(one) in (str, int, bool) else MAYBE

    def _member(self, of: Any, key: Any) -> Any:
        if isinstance(of, ScriptSymbol) and isinstance(key, str):
            if of.kind == "action":
                return self.action if key == "id" else UNKNOWN
            if of.kind == "subject":
                return atom(key) if key in ("local", "active") else ScriptSymbol(key) if key in ("user", "groups") else UNKNOWN
            return RESULT if of.kind == "polkit" and key == "Result" else UNKNOWN
        if isinstance(of, dict):
            return of.get(key) if isinstance(key, str) else UNKNOWN
        if isinstance(of, list | str):
            if type(key) is int:
                return of[key] if 0 <= key < len(of) else None
            return len(of) if key == "length" else UNKNOWN
        return UNKNOWN

    def _called(self, node: Node, seen: dict[str, Any]) -> Any:
        given = [self.value(one, seen) for one in node[2]]
        found: Any = UNKNOWN
        called = [one for one in given if isinstance(one, ScriptFunction)]
        if node[1][0] == "member":
            of, name = self.value(node[1][1], seen), self.value(node[1][2], seen)
            if isinstance(of, ScriptSymbol) and of.kind == "polkit":
                if name in ("addRule", "addAdminRule") and called:
                    self.rules.append((name == "addAdminRule", called[0]))
                return UNKNOWN
            found = self._method(of, name, given)
        else:
            function = self.value(node[1], seen)
            if isinstance(function, ScriptFunction):
                called.append(function)
                found = self._applied(function, given)
        for function in called:  # what it sets outside of itself is not followed
            seen.update(dict.fromkeys(function.assigned & seen.keys(), UNKNOWN))
        return found

    def _applied(self, function: ScriptFunction, given: list[Any]) -> Any:
        returned: list[tuple[Condition, Any]] = []
        self._call(function, given, returned)
        found: Any = None
        for when, value in reversed(returned):
            found = value if when == ALWAYS else either(when, value, found)
        return found

    def _method(self, of: Any, name: Any, given: list[Any]) -> Any:
        one = given[0] if given else None
        if isinstance(of, ScriptSymbol) and of.kind in ("action", "subject"):
            if not isinstance(one, str):
                return UNKNOWN
            kinds = {"isInGroup": "group", "isInNetGroup": "netgroup"}
            return ScriptSymbol("detail", one) if name == "lookup" else atom(kinds[name], one) if one and name in kinds else UNKNOWN
        listed = self._listed(of, one)
        if listed is not None and name in ("indexOf", "includes"):
            return listed if name == "includes" else ScriptSymbol("index", within=listed)
        if isinstance(of, list) and name in ("some", "every") and isinstance(one, ScriptFunction):
            met = [truth_of(self._applied(one, [each])) for each in of]
            return any_of(*met) if name == "some" else all_of(*met)
        if isinstance(of, str) and isinstance(one, str) and name in TEXTS and len(given) == 1:
            return TEXTS[name](of, one)
        if isinstance(one, ScriptRegex) and name in ("match", "search"):
            found = one.finds(of)
            return found if found == UNKNOWN or name == "search" else True if found >= 0 else None
        if isinstance(of, ScriptRegex) and name == "test":
            found = of.finds(one)
            return found if found == UNKNOWN else found >= 0
        return UNKNOWN

    def _listed(self, of: Any, one: Any) -> Condition | None:
        """Return when a value is in a list; None where that is no list."""
        if isinstance(of, ScriptSymbol) and of.kind == "groups":
            return atom("group", one) if isinstance(one, str) and one else MAYBE
        return any_of(*(self._equal(each, one) for each in of)) if isinstance(of, list) else None


WITHIN: Final = {(">=", 0): True, (">", -1): True, ("!=", -1): True, ("!==", -1): True, ("<", 0): False, ("==", -1): False, ("===", -1): False}
"""Comparisons that say whether something is in a list at all."""
ORDERS: Final[dict[str, Any]] = {"<": lt, ">": gt, "<=": le, ">=": ge}
TEXTS: Final[dict[str, Any]] = {"indexOf": str.find, "startsWith": str.startswith, "endsWith": str.endswith, "includes": str.__contains__}


def _result(value: Any) -> tuple[str]:
    """Return the result that a value is; polkit takes what is no result for a no."""
    if isinstance(value, ScriptSymbol | frozenset):
        return (NOT_HANDLED if value == NEVER else UNKNOWN_RESULT,)
    return (NOT_HANDLED if not value else value if value in RESULTS else "no",)


def _administrators(value: Any) -> tuple[str, tuple[str, ...]]:
    if isinstance(value, list) and all(isinstance(one, str) and len(one) < POLKIT_NAME and one.isprintable() for one in value):
        return ADMINISTRATORS, tuple(value)
    return "unknown-administrators" if value else NOT_HANDLED, ()
