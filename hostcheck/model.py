"""The words that every other module speaks, as frozen values.

What a probe could not determine is a value too, a `Hole`: it travels inside the facts, so that no consumer can forget it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

Json = Any
"""A JSON value: dict with str keys, list, str, int, finite float, bool or None."""


class HostcheckError(Exception):
    """Something the user can fix: shown as one line, without a traceback; `exit_code` says how the command ends."""

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


UNREAD: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    Why.DENIED: ("access denied", ("denied", "permitted", "not allowed")),
    Why.TIMEOUT: ("too late", ("time", "late", "deadline")),
    Why.CRASHED: ("the probe failed", ("crash", "failed", "ended")),
    Why.NONSENSE: ("which makes no sense", ("sense",)),
}
"""What is said of why something could not be read, unless its message has one of the words that say as much."""


def unread(why: str, message: str) -> str:
    """Return in words why something could not be read."""
    said, enough = UNREAD.get(why, ("", ()))
    if not message:
        return said or why
    return message if not said or any(word in message for word in enough) else f"{message}: {said}"


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
    """A fact that could not be determined; `at` (``probe/pointer``) says where it was found, and is not part of its identity.

    `owners` are the uids of the accounts behind it, where it is about nothing but what these have laid; empty where it may be about anybody's things.
    """

    why: Why
    message: str
    at: str = field(default="", compare=False)
    owners: tuple[int, ...] = ()

    @property
    def owner(self) -> int:
        """Return whose things alone it is about, 0 where that is not one account."""
        return self.owners[0] if len(self.owners) == 1 else 0

    def of(self, uid: int) -> "Hole":
        """Return the same hole about nothing but what a uid has laid, unless it says already whose it is; 0 stands for anybody."""
        return replace(self, owners=(uid,)) if uid and not self.owners else self


WEIGHT = {Why.UNSUPPORTED: 0, Why.NONSENSE: 1}
"""A denial outranks nonsense, and both outrank what is not supported: that a question cannot be answered must not hide that somebody was refused."""

OWNERS = 1000
"""Users that one hole names; one that is about more is about anybody."""


def worst_of(holes: Iterable[Hole]) -> Hole | None:
    """Return the worst of `holes`, of equal ones the first, None where there is none; it is about the owners of all, and about anybody if one of them is."""
    found = tuple(holes)
    if len(found) < 2:
        return found[0] if found else None
    worst = max(found, key=lambda hole: WEIGHT.get(hole.why, 2))
    owners = tuple(sorted({uid for hole in found for uid in hole.owners})) if all(hole.owners for hole in found) else ()
    owners = owners if len(owners) <= OWNERS else ()
    return worst if owners == worst.owners else replace(worst, owners=owners)


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
    if isinstance(members, OpenObject | OpenArray):
        hole = worst_of((members.hole, hole)) or hole
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One named source of facts about a host.

    `facts_schema` is the path of a JSON file; `collect` takes a `Host` and returns the facts; `version` counts incompatible changes of the facts. With `alone`
    it runs in a child of its own, because it loads code of others, such as modules of the name service. With `deep` it takes long: it runs only where a scan
    is asked to look deep (`--deep`), and an analysis that reads it is given None where it was not. What users lay may cost it `share` of the `SHARES` that
    each account has of looks and of facts; `owners` names the collections of its facts, by JSON Pointer, whose members say by a key whose they are. With
    `users` it walks what users lay: it has its turn after those that do not. `leads` is the path of a JSON file with what it looks for, which
    `hostcheck list leads` shows: ``{places: [{place, what, gives, source}]}`` or ``{programs: [{program, how, gives, source}]}``; `place` and `program` are
    lists of those of which the same is true.
    """

    id: str
    title: str
    facts_schema: str
    collect: Callable[[Any], Json]
    version: int = 1
    alone: bool = False
    deep: bool = False
    share: int = 10
    owners: Mapping[str, str] = field(default_factory=dict)
    users: bool = False
    leads: str = ""


SHARES = 1000
"""What each account has in all; the shares of hostcheck's own probes together are no more."""

SECTIONS = ("access", "containers", "cut", "network", "not_examined", "not_judged", "paths", "reach", "restart", "role", "scope")
"""The parts of a report that an analysis may fill: who can connect to which socket, which containers reach the host, the changes that close the ways to
root, those ways, what the host is there for, what was examined or was not, and what was seen and is not judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """New facts out of those of several probes: `derive(facts, values)` is pure, and `reads` names the probes and analyses it is given.

    `fills` names the sections of a report that it fills, each with the JSON Pointer of its facts that go there ("" for all of them). With `edges` its facts
    have a member `edges`, steps by which somebody comes nearer to root, in the shape of the published schema `edges-1`: paths to root go over these too.
    """

    id: str
    title: str
    reads: tuple[str, ...]
    facts_schema: str
    derive: Callable[[Mapping[str, Any], Mapping[str, Json]], Json]
    fills: Mapping[str, str] = field(default_factory=dict)
    edges: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One way to write a report: `render` takes the report document (a dict) and returns the text."""

    name: str
    media_type: str
    render: Callable[[dict[str, Any]], str]


def step_text(step: Mapping[str, str]) -> str:
    """Return one step of a fix as text: the command, or the note."""
    return step["run"] if "run" in step else step["note"]


def cite(reference: Mapping[str, str]) -> str:
    """Return a reference as people cite it: source, edition and section."""
    return " ".join(reference[key] for key in ("source", "edition", "section") if reference.get(key))
