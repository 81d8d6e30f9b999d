"""Edges of containers: whoever is root in one that reaches the host is root on the host. Of a container of a user's engine only what leads to root counts."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from hostcheck.api import Hole, View, ViewList, attempt, known, opening
from hostcheck_builtin.containers.reaching import WAYS
from hostcheck_builtin.paths import who
from hostcheck_builtin.paths.graph import ROOT, UNLISTED, Change, Edge, Strength

ESCAPE: Final = Edge(kind="escapes", origin="", to=ROOT, because="reach the host from a container", technique="T1611")
RULES: Final = tuple(f"HC-CTR-{number:02}" for number in (1, 3, 4, 5, 6, 21, 22))
PART_OF_IT: Final = frozenset({WAYS["secret_mounts"], WAYS["capabilities"]})
"""What leads to root by what else is found there, such as a key, or on this kernel."""


def edges(facts: Mapping[str, Any]) -> Iterator[Edge]:
    """Yield the edges of all containers that run."""
    yield from who.each(facts, "container-escape", "containers", replace(ESCAPE, origin=UNLISTED), _of_one)


def _of_one(one: View, name: str, pointer: str) -> Iterator[Edge]:
    if not one["runs"]:
        return
    edge = replace(ESCAPE, origin=f"container:{name}", evidence=(f"{pointer}/ways",))
    ways: ViewList | Hole = attempt(one.__getitem__, "ways")
    for way in () if isinstance(ways, Hole) else known(ways):
        change = Change(f"container {name} {way}", f"recreate container {name} without this: {way}", RULES)
        sure = Strength.LIKELY if way in PART_OF_IT else Strength.CERTAIN
        yield replace(edge, because=f"root in {name} reaches the host: {way}", strength=sure, changes=(change,))
    if (hole := ways if isinstance(ways, Hole) else opening(ways)) is not None:
        yield who.unseen(edge, hole, pointer)
