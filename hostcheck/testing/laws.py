"""What hiding something may do to facts and to findings: the laws, as functions of what came out before and after.

A fact may become a hole and a collection may be left open; a hole at a directory's path stands for the paths below it, and a member that says
nothing but whose it is, and said no more before, for members that are gone. An element of an open list is known by what it says, as its place may have moved.
"""

from collections.abc import Iterator
from typing import Any

from hostcheck.model import Hole, Json, OpenArray, OpenObject, incomplete
from hostcheck.parting import part

NEVER_AFTER_FAIL = {"pass", "notapplicable", "notchecked", "notselected", "informational"}


def breaches(before: Any, after: Any, at: str = "") -> Iterator[str]:
    """Yield where facts stated with less to see are neither those of before nor holes."""
    if isinstance(after, Hole):
        return
    if isinstance(before, Hole):
        yield f"{at}: was not known, and is {after!r:.80} now that less can be seen"
    elif type(before) in (dict, OpenObject) and isinstance(after, dict):
        yield from _object(before, after, at)
    elif type(before) in (list, OpenArray) and isinstance(after, list):
        yield from _array(before, after, at)
    elif type(before) is not type(after) or before != after:
        yield f"{at}: {before!r:.80} became {after!r:.80}"


def judged(schema: Json, facts: Any, root: Json = None) -> Any:
    """Return facts without those that only explain (`x-explains`), which may be others where less is known; sets of texts (`uniqueItems`) are sorted.

    A `$ref` leads into the `$defs` of `root`, which is the schema itself where none is given.
    """
    root = schema if root is None else root
    schema = _resolved(schema, root)
    if type(facts) is list and isinstance(schema, dict) and schema.get("uniqueItems") and all(isinstance(one, str) for one in facts):
        return sorted(facts)
    if type(facts) not in (dict, OpenObject) or not isinstance(schema, dict):
        return facts
    named, other = schema.get("properties", {}), schema.get("additionalProperties", {})
    schemas = {key: _resolved(named.get(key, other), root) for key in facts}
    kept = {key: judged(schemas[key], value, root) for key, value in facts.items() if not (isinstance(schemas[key], dict) and schemas[key].get("x-explains"))}
    return incomplete(kept, facts.hole) if isinstance(facts, OpenObject) else kept


def _resolved(schema: Json, root: Json) -> Json:
    name = schema.get("$ref", "") if isinstance(schema, dict) and isinstance(root, dict) else ""
    return root["$defs"][name.removeprefix("#/$defs/")] if name.startswith("#/$defs/") else schema


def differences(one: Any, other: Any) -> Iterator[str]:
    """Yield where two statements are not the same, holes and their reasons among it; `==` would take an open collection for a closed one."""
    yield from breaches(one, other)
    yield from breaches(other, one)
    holes, others = part(one)[1], part(other)[1]
    yield from (f"{hole['pointer']}: not known because {hole['message']!r}, only once" for hole in holes + others if hole not in holes or hole not in others)


def _object(before: dict[str, Any], after: dict[str, Any], at: str) -> Iterator[str]:
    opened = isinstance(after, OpenObject)
    stands_for_others = any(isinstance(one, dict) and _says_nothing(one) and _says_nothing(before.get(key, one)) for key, one in after.items())
    if isinstance(before, OpenObject) and not opened:
        yield f"{at}: was incomplete, and is complete now that less can be seen"
    for key in sorted(before.keys() | after.keys()):
        if key not in after:
            if not (opened or stands_for_others) and not isinstance(before[key], Hole) and not _is_below_a_hole(key, after):
                yield f"{at}/{key}: is gone without a hole"
        elif key not in before:
            if not isinstance(before, OpenObject) and not _says_nothing(after[key]):
                yield f"{at}/{key}: is new: {after[key]!r:.80}"
        else:
            yield from breaches(before[key], after[key], f"{at}/{key}")


def _is_below_a_hole(path: str, members: dict[str, Any]) -> bool:
    """Say whether a directory above a path is a hole, which stands for all that was in it."""
    return any(isinstance(members.get(path[:end]), Hole) for end, mark in enumerate(path) if mark == "/")


def _says_nothing(member: Any) -> bool:
    """Say whether a member is a hole, or has nothing but holes and one fact: whose it is, so that nothing is left open about others."""
    return isinstance(member, Hole) or (isinstance(member, dict) and sum(not isinstance(fact, Hole) for fact in member.values()) <= 1 < len(member))


def _array(before: list[Any], after: list[Any], at: str) -> Iterator[str]:
    if isinstance(after, OpenArray):
        new = [item for item in after if not isinstance(item, Hole) and item not in before and all(any(breaches(one, item)) for one in before)]
        if new and not isinstance(before, OpenArray):
            yield f"{at}: has new elements {new!r:.80}"
        return
    if isinstance(before, OpenArray):
        yield f"{at}: was incomplete, and is complete now that less can be seen"
    elif len(before) != len(after):
        yield f"{at}: {before!r:.80} became {after!r:.80}"
    else:
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from breaches(one, other, f"{at}/{index}")


def worse(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Iterator[str]:
    """Yield where findings made with less to see break law 2 or 3: a pass that was none, a failure that is no more."""
    found = {(finding["rule"], finding["subject"]): finding["result"] for finding in after}
    known = {(finding["rule"], finding["subject"]): finding["result"] for finding in before}
    open_rules = {rule for (rule, _), result in found.items() if result in ("error", "unknown")}
    may_have_more = {rule for rule, subject in known if subject == "*" or subject.startswith("* of uid ")}
    for (rule, subject), result in found.items():
        was = known.get((rule, subject))
        if result == "pass" and was != "pass" and not (was is None and rule in may_have_more):
            yield f"{rule} {subject}: {was} became pass"
        if result == "notapplicable" and was not in ("notapplicable", None):
            yield f"{rule} {subject}: {was} became notapplicable"
    for (rule, subject), result in known.items():
        now = found.get((rule, subject))
        if result == "fail" and (now in NEVER_AFTER_FAIL or (now is None and rule not in open_rules)):
            yield f"{rule} {subject}: fail became {now or 'nothing'}"
