"""Edges of subids: whose ids somebody may map, and what lets nobody; one fact away there is no path."""

from typing import Any

import pytest
from paths.path_facts import CONNECT, GROUP, NOTHING, SURE, covered, derived, grant, host, people, socket, told

from hostcheck.api import Hole, Why

STRANGERS = ("certain", "other-secret", ("maps", "runs-as"))


@pytest.mark.parametrize(
    ("added", "found"),
    [
        ((covered(includes_0=True),), {"bob": [(*SURE, ("maps",))]}),
        ((covered(includes_0=True, by=["go"]),), NOTHING),
        ((covered(users=["ann"]), socket(**people(ann="group docker"))), {"ann": [(*SURE, CONNECT)], "bob": [(*SURE, ("maps", *CONNECT))]}),
        ((covered("subgid", groups=["docker"]), GROUP, socket()), {"bob": [(*SURE, ("maps", "may-write", "controls"))]}),
        ((covered("subgid", groups=["docker"]), socket()), NOTHING),
        ((covered(users=["ann"]), grant(name="ann", needs="own-password")), {"ann": [("certain", "own-password", ("runs-as",))], "bob": [STRANGERS]}),
    ],
)
def test_who_can_become_root(added: tuple[Any, ...], found: dict[str, Any]) -> None:
    assert told(*added) == found


@pytest.mark.parametrize(
    ("made", "strengths"),
    [("no", []), ("confined", ["likely"]), ("by profile", ["likely"]), ("yes", ["certain"]), (Hole(why=Why.DENIED, message="no"), ["potential"])],
)
def test_ids_are_mapped_where_users_can_make_a_user_namespace(made: str | Hole, strengths: list[str]) -> None:
    facts = host(covered(includes_0=True))
    facts["kernel"] = {"userns": {"unprivileged": made}}
    assert [path["strength"] for path in derived(facts)["paths"]] == strengths


def test_the_cut_takes_the_range_and_not_what_a_group_is_for() -> None:
    """The group docker is meant to open the socket; another that may write to it opens it by mistake, and that one change closes both ways."""
    (change,) = derived(host(covered("subgid", groups=["docker"]), GROUP, socket()))["cut"]
    assert (change["kind"], change["change"]) == ("range", "take the ids of others out of line 1 of /etc/subgid")
    other = (*GROUP[:2], "staff", {**GROUP[3], "for_engines": False})
    (change,) = derived(host(covered("subgid", groups=["staff"]), other, socket(**people(ann="group staff"))))["cut"]
    assert (change["kind"], change["closes"]) == ("socket", ["ann", "bob"])
