"""Edges of ids that ACL entries name and no account is known to have, told as those of one node: whoever is given such an id.

An ACL of one file holds thousands of entries, and setfacl(1) takes any number. As nodes of their own they would be a finding each, and hide all others.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any

from hostcheck_builtin.accounts.ways import UNOWNED as NAMED
from hostcheck_builtin.accounts.ways import several
from hostcheck_builtin.paths.graph import UNOWNED, USER, Change, Edge
from hostcheck_builtin.system.bounds import WAYS_NAMED as EXAMPLES


def together(edges: Iterable[Edge], apart: Collection[str]) -> Iterator[Edge]:
    """Yield the edges with those of such ids as one each; somebody who has another way, or to whom one leads, or whom `apart` names, stays as found."""
    given = list(edges)
    others = {edge.origin for edge in given if not edge.entry and edge.hole is None} | {edge.to for edge in given} | {f"{USER}{name}" for name in apart}
    ids = {edge.origin for edge in given if edge.entry} - others
    alike: dict[tuple[Any, ...], list[Edge]] = {}
    for edge in given:
        if edge.origin in ids:
            alike.setdefault((edge.to, edge.kind, edge.entry, edge.strength, edge.needs, edge.waits, edge.technique, edge.hole), []).append(edge)
        else:
            yield edge
    for found in alike.values():
        yield _one(sorted(found, key=_number))


def _number(edge: Edge) -> tuple[int, str]:
    """Return by what ids are put into order; a second entry of one has a mark behind its number."""
    return int(edge.origin.removeprefix(f"{USER}uid ").partition("#")[0]), edge.because


def _one(edges: list[Edge]) -> Edge:
    """Return one edge for several that are alike but for their ids; what is not known, or is of one id alone, is said as it was."""
    first, names = edges[0], list(dict.fromkeys(edge.origin.removeprefix(USER) for edge in edges))
    mine = replace(first, origin=UNOWNED, evidence=tuple(place for edge in edges[:EXAMPLES] for place in edge.evidence))
    if first.hole is not None or len(names) == 1:
        return mine
    because = f"{len(names)} of them can {first.entry} (ACL entries for {several(names)})"
    common = tuple(change for change in first.changes if all(change in edge.changes for edge in edges))
    return replace(mine, because=because, changes=(Change(f"entries {first.to}", f"remove the ACL entries that let {NAMED} {first.entry}"), *common))
