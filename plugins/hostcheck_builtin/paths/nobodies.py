"""Unused accounts. They get no path of their own, but the path of another user may go through them."""

from collections.abc import Mapping
from typing import Any

from hostcheck.api import Hole, View, attempt, known, opening, worst_hole
from hostcheck_builtin.accounts import gather
from hostcheck_builtin.paths.graph import USER, Graph
from hostcheck_builtin.paths.statement import Ways, unlisted


def left_out(facts: Mapping[str, Any], graph: Graph, ways: Ways) -> Ways:
    """Return the ways without those of accounts that nobody can be.

    Nothing runs or starts as such an account, nobody can log in as it, no file is setuid to it, and no step of anybody's leads to it. Where one of this is not
    known, or who else has a path is not, the account counts like any other.
    """
    if unlisted(ways) is not None or attempt(_has_some, facts["principals"]) is not True:
        return ways
    people = attempt(gather.users, facts)
    if isinstance(people, Hole):
        return ways
    owners = attempt(_owners, facts)
    if isinstance(owners, Hole):
        return ways
    spared = {f"{USER}{one.key}" for one in people.persons.values() if one.idle and one.uid not in owners and not graph.into.get(f"{USER}{one.key}")}
    return {node: found for node, found in ways.items() if node not in spared}


def _has_some(files: View) -> bool:
    return "stock_accounts" in files and bool(known(files["stock_accounts"]))


def _owners(facts: Mapping[str, Any]) -> set[int] | Hole:
    """Return whose setuid programs there are."""
    programs = facts["setuid-programs"]["programs"]
    found = [attempt(lambda at: (programs[at]["setuid"], programs[at]["owner_uid"]), path) for path in known(programs)]
    unread = worst_hole(opening(programs), *found)
    return unread or {one[1] for one in found if not isinstance(one, Hole) and one[0]}
