"""Edges that plugins state are steps like any other, shown as what the plugin says; what breaks their shape is not known, and breaks nothing else."""

from typing import Any

import pytest
from paths.path_facts import SURE, derived, docker, host, person

from hostcheck.model import Hole, OpenObject, Why, incomplete

DENIED = Hole(why=Why.DENIED, message="no")
STEP = {"kind": "unseals", "from": "user:bob", "to": "root", "because": "bob may unseal the vault, which has root's key"}


def with_edges(edges: Any, *added: Any, name: str = "acme.vault") -> dict[str, Any]:
    facts = host(*added)
    facts["principals"]["groups"] = {"vault": {"gid": 70, "members": ["ann"]}, "docker": {"gid": 71, "members": []}}
    facts["principals"]["users"] = {key: {**one, "gid": 70 if key == "bob" else one["uid"]} for key, one in facts["principals"]["users"].items()}
    facts[name] = edges if isinstance(edges, Hole) else {"edges": edges}
    return facts


def told(*args: Any, **more: Any) -> dict[str, list[tuple[str, str, tuple[str, ...]]]]:
    found: dict[str, list[tuple[str, str, tuple[str, ...]]]] = {}
    for path in derived(with_edges(*args, **more))["paths"]:
        found.setdefault(path["principal"].removeprefix("user:"), []).append((path["strength"], path["needs"], tuple(step["edge"] for step in path["steps"])))
    return found


def test_a_step_of_a_kind_that_nobody_knows_is_kept_and_told_as_the_plugins() -> None:
    facts = derived(with_edges({"main": {**STEP, "technique": "T1555", "changes": [{"what": "seal the vault", "rules": ["ACME-1"]}]}}))
    (path,) = facts["paths"]
    (step,) = path["steps"]
    assert (path["principal"], path["strength"], step["edge"], step["technique"]) == ("user:bob", "certain", "acme.vault:unseals", "T1555")
    assert step["because"] == "bob may unseal the vault, which has root's key (acme.vault)" and step["evidence"] == ["/acme.vault/edges/main"]
    assert facts["cut"] == [{"change": "seal the vault", "rules": ["ACME-1"], "closes": ["bob"], "rests_on": ["/acme.vault/edges/main"], "root_only": False}]
    assert facts["principals"]["bob"]["without_password"] is True


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, {"bob": [(*SURE, ("acme.vault:unseals",))]}),
        ({"strength": "likely"}, {"bob": [("likely", "nothing", ("acme.vault:unseals",))]}),
        ({"needs": "own-password"}, {"bob": [("certain", "own-password", ("acme.vault:unseals",))]}),
        ({"from": "everyone"}, {"every local user": [(*SURE, ("acme.vault:unseals",))]}),
        ({"from": "group:docker"}, {}),
        ({"from": "group:none"}, {}),
        (
            {"from": "group:vault"},
            {"ann": [(*SURE, ("member-of", "acme.vault:unseals"))], "bob": [(*SURE, ("member-of", "acme.vault:unseals"))]},
        ),
        ({"to": "acme-vault:main"}, {}),
        ({"to": "user:ann"}, {}),
    ],
)
def test_who_can_become_root(changes: dict[str, Any], found: dict[str, Any]) -> None:
    assert told({"main": {**STEP, **changes}}) == found


def test_a_group_whose_number_is_not_known_leaves_open_who_is_in_it() -> None:
    facts = with_edges({"main": {**STEP, "from": "group:vault"}})
    facts["principals"]["groups"]["vault"]["gid"] = DENIED
    found = derived(facts)["principals"]
    assert found["ann"]["without_password"] is True and isinstance(found, OpenObject)


def test_steps_of_plugins_and_of_ours_make_one_path() -> None:
    socket = ("socket-access", "sockets", "/run/docker.sock", docker(users={"ann": person("group docker")}))
    edges = {"in": {**STEP, "to": "acme-vault:main"}, "out": {**STEP, "kind": "lends", "from": "acme-vault:main", "to": "socket:/run/docker.sock"}}
    assert told(edges, socket)["bob"] == [(*SURE, ("acme.vault:unseals", "acme.vault:lends", "controls"))]


@pytest.mark.parametrize(
    "edge",
    [
        "bob",
        {},
        {**STEP, "kind": "Un seals"},
        {**STEP, "from": "others"},
        {**STEP, "to": "host"},
        {**STEP, "from": "user:a\nb"},
        {**STEP, "because": ["so"]},
        {**STEP, "because": "x" * 501},
        {**STEP, "strength": "potential"},
        {**STEP, "needs": 1},
        {**STEP, "waits": {}},
        {**STEP, "changes": "seal"},
        {**STEP, "changes": ["seal"]},
        {**STEP, "changes": [{"what": ""}]},
        {**STEP, "changes": [{"what": "seal"}] * 21},
        {**STEP, "changes": [{"what": "seal", "rules": [1]}]},
        {**STEP, "changes": {"what": "seal"}},
        DENIED,
    ],
)
def test_what_breaks_the_shape_or_is_not_known_may_be_a_step_of_anybodys_and_hides_no_other(edge: Any) -> None:
    facts = derived(with_edges({"bad": edge, "good": STEP}))
    assert facts["principals"]["bob"]["without_password"] is True and isinstance(facts["principals"], OpenObject)
    unsure = [path for path in facts["paths"] if path["strength"] == "potential"]
    assert [path["principal"] for path in unsure] == ["users who could not be listed"] or unsure == []


@pytest.mark.parametrize("edges", [DENIED, [], "x", {str(number): STEP for number in range(10_001)}, incomplete({}, DENIED)])
def test_edges_that_are_not_known_or_too_many_leave_open_who_can(edges: Any) -> None:
    facts = derived(with_edges(edges))
    assert isinstance(facts["principals"], OpenObject) and isinstance(facts["principals"]["every local user"]["without_password"], Hole)


@pytest.mark.parametrize("stated", [{}, [], "x", None])
def test_a_plugin_that_states_no_edges_at_all_is_not_known(stated: Any) -> None:
    facts = host()
    facts["acme.vault"] = stated
    assert isinstance(derived(facts)["principals"], OpenObject)


def test_two_plugins_are_both_heard() -> None:
    facts = with_edges({"main": STEP})
    facts["acme.other"] = {"edges": {"main": {**STEP, "from": "user:ann"}}}
    assert set(derived(facts)["principals"]) == {"every local user", "bob", "ann"}
