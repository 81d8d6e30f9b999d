"""The whole analysis: hiding a fact takes no path away, the cut leaves who is approved, and users of rootless engines are told apart."""

from collections.abc import Iterator
from typing import Any

import pytest
from paths.path_facts import GROUP, SOCKET, api, changed, covered, derived, grant, host, job, people, person, program, socket

from hostcheck.model import Hole, OpenObject, Why, incomplete

DENIED = Hole(why=Why.DENIED, message="no")


def _hidden(facts: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the facts with each value, and what else each collection may have, hidden in turn, after the place of that."""

    def variants(value: Any, at: str) -> Iterator[tuple[str, Any]]:
        yield at, DENIED
        if isinstance(value, dict):
            yield f"{at} and more", incomplete(dict(value), DENIED)
            yield from ((place, {**value, key: other}) for key, item in value.items() for place, other in variants(item, f"{at}/{key}"))

    yield from variants(facts, "")


@pytest.mark.parametrize(
    ("added", "who"),
    [
        ((socket(**people(bob="group docker")),), "bob"),
        ((covered("subgid", groups=["docker"]), GROUP, socket()), "bob"),
        ((covered(users=["ann"]), socket(**people(ann="group docker"))), "bob"),
        ((grant(),), "bob"),
        ((job(),), "bob"),
        ((program(),), "every local user"),
        ((api(),), "every local user"),
        ((changed("programs", "/usr/bin", members={"docker": people(bob="owner")}),), "bob"),
    ],
)
def test_hiding_a_fact_never_takes_a_certain_path_away_without_one_that_may_be_there(added: tuple[Any, ...], who: str) -> None:
    facts = host(*added)
    assert derived(facts)["principals"][who]["without_password"] is True
    for place, hidden in _hidden(facts):
        found = Hole(why=Why.DENIED, message="all") if isinstance(hidden, Hole) else derived(hidden)
        if isinstance(found, Hole):
            continue
        principals = found["principals"]
        told = principals.get(who, found["principals"])
        assert isinstance(told, Hole | OpenObject) or told["without_password"] is not False, place
        if isinstance(principals, OpenObject):
            assert all(isinstance(one, Hole) or one["without_password"] is not False for one in principals.values()), place


POLKIT = {
    **{"place": "/etc/x", "by": "rule", "gives": "any-command", "session": "", "everyone": False, "name": "bob", "does": "run any command"},
    **{"certain": True, "needs": "nothing", "waits": "nothing", "actions": ["a"]},
}
PROFILE = {"as_uid": 1000, "of_whom": "ann", "kind": "profile", "run_by": "x", "interaction": "login", "certain": True, "changed_by": people(bob="owner")}
NAMED: list[tuple[Any, str, list[str]]] = [
    (socket(**people(bob="group docker")), "users/bob", ["", "/ways", "/ways/group docker", "/ways/group docker/kind", "/ways/group docker/group"]),
    (covered(includes_0=True), "ranges/subuid:bob:1", ["/file", "/by", "/place", "/users"]),
    (grant(), "grants/bob: ALL (/etc/sudoers:3)", ["/as_uid", "/needs", "/how", "/certain", "/as_group", "/place"]),
    (("polkit-access", "grants", "bob: x", POLKIT), "grants/bob: x", ["/place", "/by", "/gives", "/does", "/certain", "/needs", "/waits", "/actions"]),
    (("socket-access", "groups", "disk", {"gid": 6, "members": {"bob": {"uid": 1001}}}), "members/bob", ["", "/uid"]),
    (job(), "files//opt/job", ["/as_uid", "/certain", "/run_by", "/interaction"]),
    (changed("programs", "/usr/bin/dockerd", changed_by=people(bob="owner")), "programs//usr/bin/dockerd", ["/of", " and more"]),
]


@pytest.mark.parametrize(("added", "at", "places"), NAMED, ids=[at for _, at, _ in NAMED])
def test_whoever_can_be_named_is_told_by_name_and_leaves_open_nothing_of_others(added: Any, at: str, places: list[str]) -> None:
    hidden = {place.partition(at)[2]: facts for place, facts in _hidden(host(added)) if at in place}
    assert hidden.keys() >= set(places)
    for place in places:
        found = derived(hidden[place])
        assert "bob" in found["principals"] and not isinstance(found["principals"], OpenObject), place
        assert found["principals"]["every local user"]["without_password"] is False
        assert "user:bob" in {path["principal"] for path in found["paths"]}
        assert found["reach"]["unsure"] == []


def test_what_is_not_known_of_a_file_of_a_users_leads_to_that_user() -> None:
    facts = host(("root-program-access", "user_files", "ann", {"/home/ann/.profile": {**PROFILE, "as_uid": DENIED}}))
    assert set(derived(facts)["principals"]) == {"every local user"}
    command = changed("commands", "/home/ann/bin/docker", of=DENIED, changed_by=people(bob="owner"))
    assert set(derived(host(command))["principals"]) == {"every local user"}


def test_the_cut_names_changes_and_leaves_who_is_approved() -> None:
    facts = host(socket(**people(ann="group docker", bob="ACL entry user:bob")), grant(name="ann"))
    assert [one["change"] for one in derived(facts, approved_users=["ann"])["cut"]] == [f"remove what lets bob connect to {SOCKET} (ACL entry user:bob)"]
    both = derived(facts)
    assert [(one["change"], one["closes"]) for one in both["cut"]] == [
        (f"let only root connect to {SOCKET}", ["ann", "bob"]),
        ("take the line /etc/sudoers:3 out, or let it ask for a password", ["ann"]),
    ]
    assert both["reach"]["smallest"] and both["reach"]["users"] == 2


def test_a_rootless_user_who_can_become_root_is_told() -> None:
    facts = host(socket(**people(bob="group docker")), ("engine-scope", "rootless_users", "bob", {}), ("engine-scope", "rootless_users", "ann", {}))
    assert derived(facts)["rootless_users"] == {
        "bob": {"reaches_root": True, "ways": [f"bob can connect to {SOCKET} (group docker)"]},
        "ann": {"reaches_root": False, "ways": []},
    }


def test_who_may_be_there_is_no_principal_but_leaves_the_list_open() -> None:
    found = derived(host(socket(everyone=False, users=incomplete({}, DENIED))))
    assert isinstance(found["principals"], OpenObject) and set(found["principals"]) == {"every local user"}
    assert found["principals"].hole.why is Why.DENIED and found["principals"]["every local user"]["without_password"] == found["principals"].hole
    assert found["reach"]["unsure"] == [found["principals"].hole.message]


def test_who_a_user_lets_in_is_one_subject_and_nobody_elses_result_is_open() -> None:
    hole = Hole(why=Why.LIMIT, message="70 directories", owners=(1001,))
    analysis, collection, key, told_ = job()
    changed_by = {"everyone": False, "users": incomplete({"bob": person("owner of /home/bob")}, hole)}
    files = [(analysis, collection, f"{key}{name}", {**told_, "changed_by": changed_by}) for name in "ab"]
    told = derived(host(*files, grant(name="ann", needs="own-password")))["principals"]
    assert told.keys() == {"every local user", "ann", "bob", "whoever bob lets in"} and not isinstance(told, OpenObject)
    assert told["whoever bob lets in"].owners == (1001,) and "70 directories" in told["whoever bob lets in"].message
    assert told["bob"]["without_password"] is True and told["every local user"]["without_password"] is False
