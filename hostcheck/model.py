"""The words that every other module speaks, as frozen values.

What a probe could not determine is a value too, a `Hole`: it travels inside the facts, so that no consumer can forget it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Json = Any
"""A JSON value: dict with str keys, list, str, int, finite float, bool or None."""

MESSAGE = 500
"""How long the message of a hole may be, in characters."""

DEPTH = 64
"""How deep facts may nest; deeper is nonsense, and a recursion hazard for whoever reads them."""


SHORT = 1 << 16
"""Up to how many characters a text is not copied to clean it; a long one is, so that a limit of memory is met here and not later."""


class HostcheckError(Exception):
    """Something the user can mend: shown as one line, without a traceback; `exit_code` says how the command ends."""

    exit_code = 2


class TrustError(HostcheckError):
    """A file or plugin that root must not believe."""

    exit_code = 5


class LockedError(HostcheckError):
    """Another scan is running."""

    exit_code = 75


class FormatError(HostcheckError):
    """A format that could not write a report: a defect of whoever made it."""

    exit_code = 70


class Why(StrEnum):
    """Why a fact could not be determined."""

    DENIED = "denied"
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    LIMIT = "limit"
    UNSUPPORTED = "unsupported"
    NONSENSE = "nonsense"


class Result(StrEnum):
    """What a rule says of a subject, in the words of XCCDF 1.2."""

    PASS = "pass"
    FAIL = "fail"
    ERROR = "error"
    UNKNOWN = "unknown"
    NOTAPPLICABLE = "notapplicable"
    NOTCHECKED = "notchecked"
    NOTSELECTED = "notselected"
    INFORMATIONAL = "informational"


class Verdict(StrEnum):
    """What a run says of a host."""

    COMPLIANT = "compliant"
    NONCOMPLIANT = "noncompliant"
    INCONCLUSIVE = "inconclusive"


SEVERITIES = ("low", "medium", "high", "critical")
"""From the least to the worst."""

ROLES = ("workstation", "server", "ci-runner", "cluster-node", "desktop-vm-host", "desktop-vm-guest")
"""What a host may be there for; the analysis `host-role` says which, `--role` overrides it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """A fact that could not be determined; `at` (``probe/pointer``) says where it was found, and is not part of its identity."""

    why: Why
    message: str
    at: str = field(default="", compare=False)


class OpenObject(dict[str, Any]):
    """An object that may have more members than these; `hole` says why they are not known."""

    hole: Hole


class OpenArray(list[Any]):
    """A list that may have more elements than these; `hole` says why they are not known."""

    hole: Hole


def incomplete(members: Json, hole: Hole | None) -> Json:
    """Return `members` (a dict or a list) marked as perhaps not all there are, because of `hole`; as they are where that is None."""
    if hole is None:
        return members
    if isinstance(members, Mapping):
        opened: OpenObject | OpenArray = OpenObject(members)
    else:
        opened = OpenArray(members)
    opened.hole = hole
    return opened


class HoleError(Exception):
    """Raised where an analysis reads what is not known; carries the `Hole`."""

    def __init__(self, hole: Hole) -> None:
        """Carry `hole`."""
        super().__init__(f"{hole.at or 'a fact'}: {hole.why}: {hole.message}")
        self.hole = hole


class FactsError(Exception):
    """Facts that are not JSON; the message names the place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One named source of facts about a host.

    `facts_schema` is the path of a JSON file; `collect` takes a `Host` and returns the facts; `version` counts incompatible changes of the facts.
    """

    id: str
    title: str
    facts_schema: str
    collect: Callable[[Any], Json]
    version: int = 1


SECTIONS = ("access", "cut", "paths", "role", "scope")
"""The parts of a report that an analysis may fill: who can connect to which socket, the changes that close the ways to root, those ways, what the host is
there for, and what was examined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """New facts out of those of several probes: `derive(facts, values)` is pure, and `reads` names the probes and analyses it is given.

    `fills` names the sections of a report that it fills, each with the JSON Pointer of its facts that go there ("" for all of them).
    """

    id: str
    title: str
    reads: tuple[str, ...]
    facts_schema: str
    derive: Callable[[Mapping[str, Any], Mapping[str, Json]], Json]
    fills: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One way to write a report: `render` takes the report document (a dict) and returns the text."""

    name: str
    media_type: str
    render: Callable[[dict[str, Any]], str]


def join(pointer: str, key: str | int) -> str:
    """Append one reference token to a JSON Pointer (RFC 6901)."""
    return f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"


def place(at: str) -> str:
    """Return a place as people read it: probe and JSON Pointer (``sockets/sockets/~1run~1docker.sock``) as names with arrows between."""
    probe, slash, pointer = at.partition("/")
    return " > ".join([probe, *tokens(slash + pointer)])


def step_text(step: Mapping[str, str]) -> str:
    """Return one step of a fix as text: the command, or the note."""
    return step["run"] if "run" in step else step["note"]


def cite(reference: Mapping[str, str]) -> str:
    """Return a reference as people cite it: source, edition and section."""
    return " ".join(reference[key] for key in ("source", "edition", "section") if reference.get(key))


def tokens(pointer: str) -> list[str]:
    """Split a JSON Pointer (RFC 6901) into its reference tokens."""
    if not pointer:
        return []
    if not pointer.startswith("/"):
        raise HostcheckError(f"{pointer!r} is not a JSON Pointer: it starts with '/', or is empty")
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer[1:].split("/")]


def clean(text: str) -> str:
    r"""Return `text` as valid UTF-8: a byte that was not is shown as ``\xNN``, a lone surrogate as ``\udNNN``."""
    if type(text) is str and len(text) < SHORT and text.isascii():
        return text
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()


def part(facts: Json) -> tuple[Json, list[dict[str, str]]]:
    """Part facts with holes in them into plain JSON and a list of holes ``{pointer, kind, why, message}``, in order of place.

    Where a value is not known its key is left out of an object, and `null` stands for it in a list. Raises FactsError.
    """
    plain, noted = part_by_origin(facts)
    return plain, [{key: hole[key] for key in ("pointer", "kind", "why", "message")} for hole in noted]


def part_by_origin(facts: Json) -> tuple[Json, list[dict[str, str]]]:
    """Part facts as `part` does; each hole also has `at`, where it was first found: what an analysis does not know, a probe did not."""
    holes: list[dict[str, str]] = []
    plain = _part(facts, None, holes, DEPTH)
    return plain, sorted(holes, key=lambda hole: (hole["pointer"], hole["kind"]))


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


def _note(holes: list[dict[str, str]], spot: Spot, kind: str, hole: Hole) -> None:
    holes.append({"pointer": _pointer(spot), "kind": kind, "why": str(hole.why), "message": clean(hole.message)[:MESSAGE], "at": hole.at})


def _part(value: Json, spot: Spot, holes: list[dict[str, str]], depth: int) -> Json:
    kind = type(value)
    if kind is str:
        return clean(value)
    if value is None or value is True or value is False or kind is int:
        return value
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Hole):
        _note(holes, spot, "value", value)
        return None
    if depth == 0:
        raise FactsError(f"{_pointer(spot)}: nested deeper than {DEPTH}")
    if kind is dict or isinstance(value, Mapping):
        return _part_object(value, spot, holes, depth)
    if isinstance(value, list | tuple):
        if isinstance(value, OpenArray):
            _note(holes, spot, "members", value.hole)
        return [_part(item, (spot, index), holes, depth - 1) for index, item in enumerate(value)]
    if kind is float and value == value and abs(value) != float("inf"):
        return value
    raise FactsError(f"{_pointer(spot) or '/'}: {kind.__name__} is not JSON; facts are objects with text keys, lists, text, finite numbers, booleans and null")


def _part_object(value: Mapping[Any, Json], spot: Spot, holes: list[dict[str, str]], depth: int) -> Json:
    plain: dict[str, Json] = {}
    if isinstance(value, OpenObject):
        _note(holes, spot, "members", value.hole)
    for key, item in value.items():
        if not isinstance(key, str):
            raise FactsError(f"{_pointer(spot) or '/'}: the key {key!r} is not text")
        name = clean(key)
        if name in plain:
            raise FactsError(f"{_pointer((spot, name))}: two keys are the same once written as UTF-8")
        member = _part(item, (spot, name), holes, depth - 1)
        if not isinstance(item, Hole):
            plain[name] = member
    return plain


def unite(plain: Json, holes: list[dict[str, str]], probe: str = "") -> Json:
    """Put holes back into plain facts: the inverse of `part`; each hole's `at` is its origin if it has one, else ``probe/pointer``.

    Changes nothing that it is given. Raises FactsError where a hole has no place.
    """
    if not holes:
        return plain
    box = {"": _cloned(plain)}
    for entry in sorted(holes, key=lambda hole: (len(tokens(hole["pointer"])), hole["kind"])):
        hole = Hole(why=Why(entry["why"]), message=entry["message"], at=entry.get("at") or probe + entry["pointer"])
        parent: Json = box
        path = ["", *tokens(entry["pointer"])]
        for token in path[:-1]:
            parent = _child(parent, token, entry["pointer"])
        _place(parent, path[-1], hole, entry)
    return box[""]


def _cloned(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _cloned(item) for key, item in value.items()}
    return [_cloned(item) for item in value] if isinstance(value, list) else value


def _child(parent: Json, token: str, pointer: str) -> Json:
    try:
        return parent[int(token)] if isinstance(parent, list) else parent[token]
    except (KeyError, IndexError, ValueError, TypeError) as error:
        raise FactsError(f"a hole at {pointer!r} has no place in the facts") from error


def _place(parent: Json, token: str, hole: Hole, entry: dict[str, str]) -> None:
    if entry["kind"] == "members":
        members = _child(parent, token, entry["pointer"])
        if not isinstance(members, dict | list):
            raise FactsError(f"a members hole at {entry['pointer']!r} is neither on an object nor on a list")
        value: Json = incomplete(members, hole)
    else:
        value = hole
    if isinstance(parent, list):
        _child(parent, token, entry["pointer"])
        parent[int(token)] = value
    elif isinstance(parent, dict):
        parent[token] = value
    else:
        raise FactsError(f"a hole at {entry['pointer']!r} has no place in the facts")
