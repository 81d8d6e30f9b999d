"""Keywords that look into a list: at each element, at whether some fit, at how many there are, and whether two are the same."""

from math import inf

from hostcheck.model import Json
from hostcheck.schema.equality import holes_in, identity
from hostcheck.schema.kleene import Ternary, Unknown, every, within
from hostcheck.schema.leaves import Predicate
from hostcheck.schema.named import Named, Schemas
from hostcheck.schema.objects import opening_of


def count_items(value: Json, schema: Schemas, named: Named, *, least: bool) -> Predicate:
    """Return the predicate of `minItems`, where that is the `least`, or of `maxItems`."""
    low, high = (value, inf) if least else (0, value)

    def judge(found: Json) -> Ternary:
        if not isinstance(found, list):
            return True
        opening = opening_of(found)
        return within(len(found), inf if opening else len(found), low, high, opening)

    return judge


def items(value: Json, schema: Schemas, named: Named) -> Predicate:
    """Return the predicate of `items`."""
    test = named.compiled(value)
    return lambda found: every(map(test, (*found, *opening_of(found)))) if isinstance(found, list) else True


def contains(value: Json, schema: Schemas, named: Named) -> Predicate:
    """Return the predicate of `contains`, with `minContains` and `maxContains`."""
    test = named.compiled(value)
    least, most = schema.get("minContains", 1), schema.get("maxContains", inf)
    if value is False or (isinstance(value, dict) and value.get("enum") == []):
        return lambda found: least <= 0 if isinstance(found, list) else True  # no element fits, whatever is not known of it

    def judge(found: Json) -> Ternary:
        if not isinstance(found, list):
            return True
        verdicts = [test(item) for item in found]
        sure = sum(verdict is True for verdict in verdicts)
        holes = [hole for verdict in verdicts if isinstance(verdict, Unknown) for hole in verdict.holes]
        unsure = sum(isinstance(verdict, Unknown) for verdict in verdicts)
        opening = opening_of(found)
        return within(sure, inf if opening else sure + unsure, least, most, [*holes, *opening])

    return judge


def unique(value: bool, schema: Schemas, named: Named) -> Predicate:
    """Return the predicate of `uniqueItems`."""
    return _judge_unique


def _judge_unique(found: Json) -> Ternary:
    if not isinstance(found, list):
        return True
    holes = [list(holes_in(item)) for item in found]
    whole = [identity(item) for item, inside in zip(found, holes, strict=True) if not inside]
    if len(set(whole)) < len(whole):
        return False
    unsure = [hole for inside in holes for hole in inside] if len(found) > 1 else []
    unsure.extend(opening_of(found))
    return Unknown(tuple(dict.fromkeys(unsure))) if unsure else True
