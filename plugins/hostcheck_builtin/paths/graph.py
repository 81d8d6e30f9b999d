"""The graph of who can become root: nodes, and edges from one to the next that say why, how sure that is, and what it takes.

A node is a name with its kind before it: ``user:bob``, ``socket:/run/docker.sock``, ``root``. Whoever is at the beginning of an edge can get to its end.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final

from hostcheck.api import Hole

ROOT: Final = "root"
EVERYONE: Final = "everyone"
"""Every local user, whatever ids and groups."""
NETWORK: Final = "network"
"""Whoever reaches an address of this host."""
LOOPBACK: Final = "loopback"
"""Whoever has the network of this host, as some containers have."""
OTHERS: Final = "others"
"""Users who could not be listed: what leads on from them is not known, and never certain."""
UNOWNED: Final = "ids"
"""Whoever is given an id that an ACL entry names and no account is known to have."""
UNLISTED: Final = "container:"
"""Root in containers that could not be listed; a container's name follows it."""
RUNNER: Final = "runner:"
"""Whoever may push a job to a CI runner, whose unit or file follows it; without one, to runners that could not be listed."""
OF: Final = " of "
"""What follows on UNLISTED or RUNNER where all that could not be listed is one user's; the user's name follows it."""
LET_IN: Final = "let-in:"
"""Whoever a user lets in behind what that user has laid, and nobody else has looked at; the user's name follows it."""
DIRECTORY: Final = "directory:"
"""Users whom a source of the name service knows and does not list; the name of the source follows it."""
USER: Final = "user:"
GUESSES: Final = "guesses"
"""The kind of an edge by which somebody learns the password of the user at its end."""
SOMEBODY: Final = (USER, UNLISTED, RUNNER, LET_IN, DIRECTORY)
"""How names begin of those who may use an edge; files, sockets and groups only stand between."""


class Degree(IntEnum):
    """A degree, of which less is better."""

    @property
    def word(self) -> str:
        """Return the word for it in facts."""
        return self.name.lower().replace("_", "-")


class Strength(Degree):
    """How sure an edge is: likely where it takes something that is not known to be given, potential where it could not be read whether it is there."""

    CERTAIN = 0
    LIKELY = 1
    POTENTIAL = 2


class Needs(Degree):
    """What whoever uses an edge has to know."""

    NOTHING = 0
    OWN_PASSWORD = 1
    OTHER_SECRET = 2


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One change that closes edges: its name, what to do in words, and of what kind it is, by which rules say that their fix makes it (`closes`).

    What commands need has fields: a user, a group, and a path, which is `root_only` where nobody else can put another file there; of a right the `line` of that
    file, the `tool` that gives it, and what has it given without a password (`unasked_by`). A plugin names `rules`.
    """

    key: str
    what: str
    kind: str = ""
    user: str = ""
    group: str = ""
    path: str = ""
    root_only: bool = False
    line: int = 0
    tool: str = ""
    unasked_by: str = ""
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One step. `kind` says of what kind, `waits` for what its effect waits, and each of `changes` would close it.

    `evidence` are places in the facts; `technique` is what MITRE ATT&CK calls it; `hole` says of an edge that may be there why that is not known. `entry` is
    what an ACL entry lets somebody do of whom only the id is known, "" where it is no such edge. `pid` is the one process whose credentials it takes, if any.
    """

    kind: str
    origin: str
    to: str
    because: str
    evidence: tuple[str, ...] = ()
    strength: Strength = Strength.CERTAIN
    needs: Needs = Needs.NOTHING
    waits: str = "nothing"
    technique: str = ""
    changes: tuple[Change, ...] = ()
    hole: Hole | None = None
    entry: str = ""
    pid: int = 0

    @property
    def order(self) -> tuple[Any, ...]:
        """Return by what edges are put into order: what the facts say, and not how they were found."""
        words = (self.to, self.kind, self.because, self.origin, self.waits, self.technique)
        return (self.strength, self.needs, *words, self.changes, self.evidence)


@dataclass(slots=True)
class Graph:
    """All edges, by where they end and where they begin."""

    edges: tuple[Edge, ...]
    into: dict[str, list[Edge]] = field(default_factory=lambda: defaultdict(list))
    out_of: dict[str, list[Edge]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, edges: Iterable[Edge]) -> "Graph":
        """Return the graph of these edges; the same edge counts once, in whatever order they come. Whoever becomes a user can do what every user can."""
        given = list(edges)
        reached = {edge.to for edge in given if edge.to.startswith(USER)}
        given += [Edge(kind="is", origin=node, to=EVERYONE, because=f"{node.removeprefix(USER)} is a local user") for node in reached]
        made = cls(tuple(sorted(dict.fromkeys(given), key=lambda edge: edge.order)))
        for edge in made.edges:
            made.into[edge.to].append(edge)
            made.out_of[edge.origin].append(edge)
        return made

    def principals(self) -> list[str]:
        """Return whoever may be at the beginning of a path, sorted."""
        return sorted(node for node in self.out_of if node in (EVERYONE, NETWORK, OTHERS, UNOWNED) or node.startswith(SOMEBODY))
