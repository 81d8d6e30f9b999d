"""Part facts with holes in them into plain JSON and a list of holes, as a document holds them, and put the holes back.

What cannot be written as JSON is refused here, with its place: a plugin may state anything.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from operator import is_
from typing import Any, Final

from hostcheck.deferred import pattern
from hostcheck.model import Hole, Json, OpenArray, OpenObject, Why, incomplete
from hostcheck.pointer import join, tokens

MESSAGE = 500
"""How long the message of a hole may be, in characters."""


DEPTH = 64
"""How deep facts may nest; deeper is nonsense, and a recursion hazard for whoever reads them."""


SHORT = 1 << 16
"""Up to how many characters a text is not copied to clean it; a long one is, so that a limit of memory is met here and not later."""


ESCAPED: Final = pattern(r"[\ud800-\udfff]|\\(?=x(?:[89a-f][0-9a-f]|5c)|ud[89a-f][0-9a-f]{2})")
"""What `escape` writes otherwise: what is no UTF-8, and a backslash with which something would look as if it had been."""


LONG: Final = 16
"""Members from which on a list that was plain is known as it is met again: the ACL of a directory stands at each file below."""


LEAVES: Final = frozenset({bool, int})
"""Types whose values are written as they are."""


PlainLists = dict[int, tuple[Json, int]]
"""Long lists that are plain, by their id, each with how deep it may still be there; being kept, they keep their ids."""


class FactsError(Exception):
    """Facts that are not JSON; the message names the place."""


def clean(text: str) -> str:
    r"""Return `text` as valid UTF-8: a byte that was not is shown as ``\xNN``, a lone surrogate as ``\udNNN``."""
    if type(text) is str and len(text) < SHORT and text.isascii():
        return text
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()


def escape(text: str) -> str:
    r"""Return `text` that a host gave as valid UTF-8, and no two texts alike: ``\xNN`` is a byte that was not, ``\x5cxNN`` the characters that look so.

    Once only: what stands in a document already is left to `clean`, which changes nothing there.
    """
    return clean(text if text.isascii() and "\\" not in text else ESCAPED.sub(_as_escape, text))


def _as_escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}" if code > 0xFF else "\\x5c"


def part(
    facts: Json, write: Callable[[str], str] = clean, account: Callable[[int], int] = int, plain: PlainLists | None = None
) -> tuple[Json, list[dict[str, Json]]]:
    """Part facts with holes in them into plain JSON and a list of holes ``{pointer, kind, why, message}`` and perhaps `owners`, in order of place.

    Where a value is not known its key is left out of an object, and `null` stands for it in a list. What is plain already is not copied. `write` makes UTF-8
    of each text: `escape` of what a host gave. Who parts several that share lists gives `plain` to each. Raises FactsError.
    """
    parted, noted = part_by_origin(facts, write, account, plain)
    return parted, [{key: item for key, item in hole.items() if key != "at"} for hole in noted]


def part_by_origin(
    facts: Json, write: Callable[[str], str] = clean, account: Callable[[int], int] = int, plain: PlainLists | None = None
) -> tuple[Json, list[dict[str, Json]]]:
    """Part facts as `part` does; each hole also has `at`, where it was first found: what an analysis does not know, a probe did not."""
    noted = _Noted(write, account, plain={} if plain is None else plain)
    parted = _part(facts, None, noted, DEPTH)
    return parted, sorted(noted.holes, key=lambda hole: (hole["pointer"], hole["kind"]))


def settle(facts: Json, name: str) -> Json:
    """Return facts in plain JSON with the holes in their places, as `unite` puts them back into what `part_by_origin` parts; raises FactsError."""
    return _part(facts, None, _Kept(clean, name), DEPTH)


@dataclass(slots=True)
class _Noted:
    """How each text is written, with the keys that were, and the holes so far: they are written down, and nothing stands for them."""

    write: Callable[[str], str]
    account: Callable[[int], int]
    holes: list[dict[str, Json]] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    plain: PlainLists = field(default_factory=dict)

    def value(self, spot: "Spot", hole: Hole) -> Json:
        return self._note(spot, "value", hole)

    def members(self, spot: "Spot", known: Json, hole: Hole) -> Json:
        self._note(spot, "members", hole)
        return known

    def _note(self, spot: "Spot", kind: str, hole: Hole) -> None:
        message = self.write(hole.message)[:MESSAGE]
        noted: dict[str, Json] = {"pointer": _pointer(spot), "kind": kind, "why": str(hole.why), "message": message, "at": hole.at}
        owners = sorted({self.account(uid) for uid in hole.owners})
        if owners and owners[0] > 0:
            noted["owners"] = owners
        self.holes.append(noted)


@dataclass(slots=True)
class _Kept:
    """How each text is written, with the keys that were, and whose facts they are: each hole stays in its place, and says where it was found."""

    write: Callable[[str], str]
    name: str
    names: dict[str, str] = field(default_factory=dict)
    plain: PlainLists = field(default_factory=dict)

    def value(self, spot: "Spot", hole: Hole) -> Json:
        message = self.write(hole.message)[:MESSAGE]
        if hole.at and message == hole.message:
            return hole
        return Hole(why=Why(hole.why), message=message, at=hole.at or self.name + _pointer(spot), owners=hole.owners)

    def members(self, spot: "Spot", known: Json, hole: Hole) -> Json:
        return incomplete(known, self.value(spot, hole))


Spot = tuple["Spot", str | int] | None
"""A place on the way down, as a chain: it is written as a JSON Pointer only where something is said of it."""


def _pointer(spot: Spot) -> str:
    keys: list[str | int] = []
    while spot is not None:
        spot, key = spot
        keys.append(key)
    pointer = ""
    for key in reversed(keys):
        pointer = join(pointer, key)
    return pointer


def _part(value: Json, spot: Spot, holes: _Noted | _Kept, depth: int) -> Json:
    kind = type(value)
    if kind is str:
        return holes.write(value)
    if value is None or value is True or value is False or kind is int:
        return value
    if isinstance(value, str):
        return holes.write(value)
    if isinstance(value, Hole):
        return holes.value(spot, value)
    if depth == 0:
        raise FactsError(f"{_pointer(spot)}: nested more than {DEPTH} levels deep")
    if kind is dict or isinstance(value, Mapping):
        return _part_object(value, spot, holes, depth)
    if isinstance(value, list | tuple):
        if kind is list and id(value) in holes.plain and depth >= holes.plain[id(value)][1]:
            return value
        plain = [_part(item, (spot, index), holes, depth - 1) for index, item in enumerate(value)]
        if kind is list and _is_same(plain, value):
            if len(value) >= LONG:
                holes.plain[id(value)] = value, depth
            return value
        return holes.members(spot, plain, value.hole) if isinstance(value, OpenArray) else plain
    if kind is float and value == value and abs(value) != float("inf"):
        return value
    raise FactsError(f"{_pointer(spot) or '/'}: {kind.__name__} is not JSON; facts are objects with text keys, lists, text, finite numbers, booleans and null")


def _part_object(value: Mapping[Any, Json], spot: Spot, holes: _Noted | _Kept, depth: int) -> Json:
    plain: dict[str, Json] = {}
    write, names = holes.write, holes.names
    for key, item in value.items():
        name = names.get(key)
        if name is None:
            if not isinstance(key, str):
                raise FactsError(f"{_pointer(spot) or '/'}: a key that is not text ({type(key).__name__})")
            name = names[key] = write(key)
        if name in plain:
            raise FactsError(f"{_pointer((spot, name))}: two keys are the same once written as UTF-8")
        kind = type(item)
        if kind is str:
            plain[name] = write(item)
            continue
        if item is None or kind in LEAVES:
            plain[name] = item
            continue
        member = _part(item, (spot, name), holes, depth - 1)
        if member is not None:  # for what is noted nothing stands
            plain[name] = member
    if type(value) is dict and _is_same(plain, value) and _is_same(plain.values(), value.values()):
        return value
    return holes.members(spot, plain, value.hole) if isinstance(value, OpenObject) else plain


def _is_same(plain: Collection[Json], value: Collection[Json]) -> bool:
    """Say whether what was parted was plain already: then it is kept and not its copy, since facts may be most of the memory that a scan needs."""
    return len(plain) == len(value) and all(map(is_, plain, value))


def entry_of(stated: Mapping[str, Any]) -> dict[str, Json]:
    """Return what somebody wrote of a hole in the form that `unite` takes; raises KeyError or TypeError where that cannot be done."""
    entry: dict[str, Json] = {key: str(stated[key]) for key in ("pointer", "kind", "why", "message")}
    owners = [uid for uid in stated.get("owners", ()) if type(uid) is int]
    return {**entry, "owners": owners} if owners else entry


def unite(plain: Json, holes: list[dict[str, Json]], probe: str = "") -> Json:
    """Put holes back into plain facts: the inverse of `part`; each hole's `at` is its origin if it has one, else ``probe/pointer``.

    Changes nothing that it is given. Raises FactsError where a hole has no place.
    """
    if not holes:
        return plain
    box = {"": plain}
    ours = {id(box)}
    placed = [(["", *tokens(entry["pointer"])], entry) for entry in holes]
    for path, entry in sorted(placed, key=lambda one: (len(one[0]), one[1]["kind"])):
        owners = tuple(entry.get("owners", ()))
        hole = Hole(why=Why(entry["why"]), message=entry["message"], at=entry.get("at") or probe + entry["pointer"], owners=owners)
        parent: Json = box
        for token in path[:-1]:
            parent = _own_child(parent, token, entry["pointer"], ours)
        _place(parent, path[-1], hole, entry, ours)
    return box[""]


def _own_child(parent: Json, token: str, pointer: str, ours: set[int]) -> Json:
    """Return a member of `parent`, as a copy in its place where it is not among `ours`, the objects and lists that were made here."""
    child = _child(parent, token, pointer)
    if isinstance(child, dict | list) and id(child) not in ours:
        child = dict(child) if isinstance(child, dict) else list(child)
        ours.add(id(child))
        parent[int(token) if isinstance(parent, list) else token] = child
    return child


def _child(parent: Json, token: str, pointer: str) -> Json:
    try:
        return parent[int(token)] if isinstance(parent, list) else parent[token]
    except (KeyError, IndexError, ValueError, TypeError) as error:
        raise FactsError(f"a hole at {pointer!r} has no place in the facts") from error


def _place(parent: Json, token: str, hole: Hole, entry: dict[str, Json], ours: set[int]) -> None:
    if entry["kind"] == "members":
        members = _child(parent, token, entry["pointer"])
        if not isinstance(members, dict | list):
            raise FactsError(f"a members hole at {entry['pointer']!r} is neither on an object nor on a list")
        value: Json = incomplete(members, hole)
        ours.add(id(value))
    else:
        value = hole
    if isinstance(parent, list):
        _child(parent, token, entry["pointer"])
        parent[int(token)] = value
    elif isinstance(parent, dict):
        parent[token] = value
    else:
        raise FactsError(f"a hole at {entry['pointer']!r} has no place in the facts")
