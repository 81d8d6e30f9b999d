"""Edges of subids: whose ids somebody may map, and what lets nobody; one fact away there is no path."""

from typing import Any

import pytest
from paths.path_facts import CONNECT, GROUP, NOTHING, SURE, covered, derived, grant, host, people, socket, told

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


@pytest.mark.parametrize("closed", [{"user.max_user_namespaces": 0}, {"kernel.unprivileged_userns_clone": 0}])
def test_where_nobody_can_make_a_user_namespace_no_id_is_mapped(closed: dict[str, int]) -> None:
    facts = host(covered(includes_0=True))
    facts["kernel"]["sysctl"] = {**facts["kernel"]["sysctl"], **{name: {"present": True, "value": value} for name, value in closed.items()}}
    assert derived(facts)["paths"] == [] and set(derived(facts)["principals"]) == {"every local user"}


def test_where_apparmor_restricts_user_namespaces_a_mapping_is_likely() -> None:
    facts = host(covered(includes_0=True))
    facts["kernel"]["sysctl"] = {**facts["kernel"]["sysctl"], "kernel.apparmor_restrict_unprivileged_userns": {"present": True, "value": 1}}
    assert [path["strength"] for path in derived(facts)["paths"]] == ["likely"]
