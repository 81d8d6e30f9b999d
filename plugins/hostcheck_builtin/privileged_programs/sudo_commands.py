"""The programs that rules of sudo name: whoever may write to one decides what sudo runs, whatever the rule allows.

Only paths without wildcards and without a digest are looked at: sudo runs nothing whose digest is another than the rule's.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from hostcheck.api import Hole, Json, Why, attempt, incomplete, worst_hole
from hostcheck_builtin.privileged_programs.sudoers_facts import StatedSudoers
from hostcheck_builtin.privileged_programs.sudoers_files import Reader
from hostcheck_builtin.system.path_walk import refusing, roots_alone, roots_way, slow_mounts, stated, until_slow, walk

COMMANDS: Final = 1000
LONG: Final = 4096


def commands(reader: Reader, told: StatedSudoers, unread: Hole | None) -> Json:
    """State the way to each program that rules name and that the modes do not leave to root alone; `unread` is what of the rules is not known."""
    names = sorted(set(_named(told)))
    slow = attempt(slow_mounts, reader.host)
    ways = {path: attempt(_way, reader, slow, path) for path in names[:COMMANDS]}
    limit = Hole(why=Why.LIMIT, message=f"the rules of sudo name more than {COMMANDS} programs") if len(names) > COMMANDS else None
    return incomplete({path: way for path, way in ways.items() if way is not None}, worst_hole(limit, unread))


def _named(told: StatedSudoers) -> Iterator[str]:
    lists: list[Iterable[Any]] = [alias["members"] for alias in told.aliases.values()]
    lists += [[spec["command"] for spec in rule["commands"]] for rule in told.rules.values()]
    for one in (member for members in lists for member in members):
        if one["kind"] == "command" and one["path"] == "plain" and not one["digest"] and len(one["name"]) < LONG and "\0" not in one["name"]:
            yield one["name"]


def _way(reader: Reader, slow: frozenset[str] | Hole, path: str) -> Json:
    """State a way that others may be able to change, None for another; one that a user's file system stops is that user's as far as it goes."""
    way = attempt(walk, reader.host, path, reader.lstats, avoid=refusing(slow, roots_too=False))
    if isinstance(way, Hole):
        way = until_slow(reader.host, path, reader.lstats, slow) or way
    return way if isinstance(way, Hole) else None if roots_way(way) and roots_alone(way.end) else stated(way)
