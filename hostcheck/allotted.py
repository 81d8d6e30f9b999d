"""Each account has a bound of facts in one probe. Where it is reached, the collection is left open: it may have more of that account's.

What a member adds to the evidence is counted, where a value that repeats is stored once. Members are taken in the order of their names, so that the same host
gives the same facts.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from hostcheck.host.accounts import COMMON
from hostcheck.model import Hole, Json, OpenObject, Why, incomplete, worst_of
from hostcheck.parting import PlainLists, part
from hostcheck.pointer import tokens

BYTES: Final = 250_000
"""Of facts that one account has, for all probes together."""
AGAIN: Final = 4
"""Bytes of a number, a truth value, a key or what stands elsewhere already."""


class Allotment:
    """What is left of one probe's facts to each account: `room` bytes; `account` says whose a uid is (0 the system's, COMMON nobody's who is known)."""

    def __init__(self, room: int, account: Callable[[int], int]) -> None:
        """Begin with all of it."""
        self._room, self.account = room, account
        self._spent: dict[int, int] = {}
        self._numbers: dict[tuple[object, ...], int] = {}
        self._seen: set[tuple[int, int]] = set()
        self._plain: PlainLists = {}
        self._lists: dict[int, int] = {}

    def bounded(self, facts: Json, owners: Mapping[str, str]) -> Json:
        """Return the facts of a probe, with no more of each account's than it has room for; `owners` are those of `Probe`."""
        for pointer, key in sorted(owners.items()):
            facts = self._below(facts, tokens(pointer), key)
        return facts

    def _below(self, facts: Json, path: list[str], key: str) -> Json:
        if not isinstance(facts, dict):
            return facts
        if not path:
            return self._collection(facts, key)
        names = list(facts) if path[0] == "*" else [path[0]] if path[0] in facts else []
        inner = {name: self._below(facts[name], path[1:], key) for name in names}
        if all(inner[name] is facts[name] for name in names):
            return facts
        return _like(facts, {**facts, **inner})

    def _collection(self, members: dict[str, Json], key: str) -> Json:
        """Return the members for which their owners have room; the collection is open for what is left out."""
        over = dict[int, int]()
        kept = {name: members[name] for name in sorted(members, key=str) if self._takes(name, members[name], key, over)}
        if not over:
            return members
        return incomplete(_like(members, {name: member for name, member in members.items() if name in kept}), worst_of(_left_out(over)))

    def _takes(self, name: str, member: Json, key: str, over: dict[int, int]) -> bool:
        account = self._owner(member, key)
        if account == 0:
            return True
        facts, holes = part(member, plain=self._plain)
        spent = self._spent.get(account, 0) + len(name) * (1 + len(holes)) + self._added(account, [facts, holes])[1]  # each hole names its place
        if spent > self._room:
            over[account] = over.get(account, 0) + 1
            return False
        self._spent[account] = spent
        return True

    def _added(self, account: int, value: Json) -> tuple[object, int]:
        """Return what a value is compared by, of a list or object its number, and how many bytes it adds to those that an account has already."""
        if isinstance(value, str):
            return value, len(value)
        if not isinstance(value, dict | list):
            return (type(value), value), AGAIN
        number = self._lists.get(id(value), 0)
        if (account, number) in self._seen:
            return number, AGAIN
        names, items = (tuple(value), value.values()) if isinstance(value, dict) else ((), value)
        parts, added = zip(*(self._added(account, item) for item in items), strict=True) if items else ((), ())
        number = self._numbers.setdefault((type(value), names, parts), len(self._numbers) + 1)
        if id(value) in self._plain:
            self._lists[id(value)] = number
        if (account, number) in self._seen:
            return number, AGAIN
        self._seen.add((account, number))
        return number, sum(added) + AGAIN * len(names)

    def _owner(self, member: Json, key: str) -> int:
        """Return whose account a member is charged to: of what is not known the one that it is about, if that is one."""
        if isinstance(member, Hole):
            return member.owner
        uid = member.get(key) if isinstance(member, dict) else None
        if isinstance(uid, Hole):
            return self._owner(uid, key)
        return self.account(uid) if type(uid) is int and uid > 0 else 0


def _left_out(over: Mapping[int, int]) -> Iterator[Hole]:
    for account, count in sorted(over.items()):
        whose = "users whom nobody knows have" if account == COMMON else f"uid {account} has"
        message = f"{whose} more than is told of one account: {count} are left out"
        yield Hole(why=Why.LIMIT, message=message, owners=() if account == COMMON else (account,))


def _like(members: dict[str, Json], others: dict[str, Json]) -> Json:
    return incomplete(others, members.hole) if isinstance(members, OpenObject) else others
