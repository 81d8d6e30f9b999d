"""Conditions of rules over who asks: any of these terms, in each of which all of these hold.

What holds or does not is ``group:NAME``, ``netgroup:NAME``, ``user:NAME``, ``program:PATH`` (of pkexec), ``local``, ``active``, or ``unknown`` for what is not
worked out; with ``!`` before it that it does not.
"""

from typing import Final

from hostcheck.api import LimitExceeded
from hostcheck_builtin.system.bounds import POLKIT_NAME as NAME
from hostcheck_builtin.system.bounds import POLKIT_TERMS as TERMS

Term = frozenset[str]
Condition = frozenset[Term]
ALWAYS: Final[Condition] = frozenset({frozenset()})
NEVER: Final[Condition] = frozenset()
MAYBE: Final[Condition] = frozenset({frozenset({"unknown"})})


def atom(kind: str, name: str = "") -> Condition:
    """Return the condition that this holds; a name that is none is not worked out."""
    plain = len(name) <= NAME and name.isprintable()
    return frozenset({frozenset({f"{kind}:{name}" if name else kind})}) if plain else MAYBE


def any_of(*conditions: Condition) -> Condition:
    """Return that one of these holds."""
    terms = frozenset[Term]().union(*conditions)
    if len(terms) > TERMS:
        raise LimitExceeded(f"a rule of polkit has a condition of more than {TERMS} terms")
    shortest: list[Term] = []
    for term in sorted(terms, key=len):
        if not any(one <= term for one in shortest):
            shortest.append(term)
    return frozenset(shortest)


def all_of(*conditions: Condition) -> Condition:
    """Return that all of these hold."""
    found = ALWAYS
    for condition in conditions:
        if len(found) * len(condition) > 10 * TERMS:
            raise LimitExceeded(f"a rule of polkit has a condition of more than {TERMS} terms")
        terms = (one | other for one in found for other in condition)
        found = any_of(frozenset(term for term in terms if not any(_opposite(one) in term for one in term if one != "unknown")))
    return found


def opposite(condition: Condition) -> Condition:
    """Return that it does not hold."""
    return all_of(*(frozenset(frozenset({_opposite(one)}) for one in term) for term in sorted(condition, key=sorted)))


def _opposite(one: str) -> str:
    return one if one == "unknown" else one[1:] if one.startswith("!") else f"!{one}"
